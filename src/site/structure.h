// SPDX-License-Identifier: Apache-2.0
//
// What the columns of SDMX-CSV mean, for statistical software: a dataflow, a data structure and a
// concept scheme for each table (SDMX-JSON structure message 2.0.0).
//
// Columns that name a row are dimensions, other numbers measures, other texts and dates attributes.
// They are those of the tables themselves, of each family that the archive holds.

#ifndef SITE_STRUCTURE_H
#define SITE_STRUCTURE_H

#include "site/site.h"

#define STRUCTURE_TYPE    "application/vnd.sdmx.structure+json"
#define STRUCTURE_AGENCY  "SEXTANT"
#define STRUCTURE_VERSION "1.0"

visit_handler structure_list; // /api/v1/structure: every dataflow
visit_handler structure_one;  // /api/v1/structure/dataflow/SEXTANT/PACE, with or without /1.0

// "CONCENTRATION_LORENZ" for the table "lorenz" of the endpoint "concentration".
#define STRUCTURE_ID_MAX 96
void structure_id(const char *endpoint, const char *table, char ret[STRUCTURE_ID_MAX]);

// "cumulative_slash32" as SDMX names a component: in capitals, without "-".
void structure_component(const char *key, struct buffer *out);

#endif
