// SPDX-License-Identifier: Apache-2.0
//
// JSON (RFC 8259), written as a stream into a buffer. Commas and nesting are kept by the writer;
// text is escaped, bytes that are not UTF-8 become U+FFFD.
//
//     struct json j = {.out = &buffer, .indent = 2};
//     json_open(&j, NULL, '{');
//     json_text(&j, "economy", "KE");
//     json_close(&j);
//
// `key` is NULL inside an array and at the top.

#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stdint.h>

#define JSON_DEPTH_MAX 16

struct json {
    struct buffer *out;
    unsigned indent; // blanks a level; 0: everything on one line
    unsigned depth;
    char closing[JSON_DEPTH_MAX];
    bool filled[JSON_DEPTH_MAX];
};

void json_open(struct json *j, const char *key, char bracket); // '{' or '['
void json_close(struct json *j);
void json_text(struct json *j, const char *key, const char *text); // NULL writes null
void json_integer(struct json *j, const char *key, int64_t value);
void json_real(struct json *j, const char *key, double value); // NaN and infinities write null
void json_bool(struct json *j, const char *key, bool value);
void json_null(struct json *j, const char *key);
void json_raw(struct json *j, const char *key, const char *literal); // a number already in digits

#endif
