// SPDX-License-Identifier: Apache-2.0
//
// The API: each measure and each table of the archive under /api/v1/, with the parameters of the
// command line.
//
// An endpoint is a row of a table: a measure of measure_at(), or one of the archive's own (lookup,
// snapshots, inputs). The index and the OpenAPI description are made from the same rows.

#ifndef SITE_API_H
#define SITE_API_H

#include "site/site.h"

visit_handler api_index;    // /api/v1/
visit_handler api_describe; // /api/v1/openapi.json
visit_handler api_answer;   // /api/v1/*

// A parameter of an endpoint.
struct api_parameter {
    const char *name, *value, *help;
    const char *const *choices; // ended with NULL; NULL: open
    bool required;
};

#define API_PARAMETERS_MAX 24

struct api_endpoint {
    const char *name, *summary;
    const char *example; // query string that shows it, "by=region"; ""
    struct api_parameter parameters[API_PARAMETERS_MAX];
    size_t parameter_count;
};

size_t api_endpoint_count(void);
void api_endpoint_at(size_t i, struct api_endpoint *ret);

#endif
