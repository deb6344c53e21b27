// SPDX-License-Identifier: Apache-2.0
//
// What a client would rather have: language, coding and format, from its Accept headers (RFC 9110).

#ifndef SITE_NEGOTIATE_H
#define SITE_NEGOTIATE_H

#include "base/text.h"
#include "world/world.h"

// The weight, in thousandths, that a header gives to a value; "*" and "type/*" stand for all.
// -1: the header does not name it.
int accept_weight(const char *header, const char *value);

enum language accept_choose_language(const char *accept_language); // English where none fits

enum api_format { API_JSON, API_CSV, API_SDMX_CSV };
#define API_FORMAT_COUNT 3

struct api_format_kind {
    const char *name, *type, *content_type, *description;
};
const struct api_format_kind *api_format_kind(enum api_format f);
bool api_format_parse(struct slice s, enum api_format *ret);
enum api_format accept_choose_format(const char *accept);

// Is one of the entity tags of If-None-Match this one? Compared weakly, as it is to be.
bool etag_matches(const char *if_none_match, const char *etag);

#endif
