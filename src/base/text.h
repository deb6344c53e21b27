// SPDX-License-Identifier: Apache-2.0
//
// Text from strangers: a slice carries its own end, and a parse function takes the whole slice or
// fails. Nothing here needs a NUL.

#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct slice {
    const char *at;
    size_t length;
};

// For printf("%.*s", SLICE_ARG(s)).
#define SLICE_ARG(s) (int)(s).length, (s).at

static inline struct slice slice_of(const char *text)
{
    return (struct slice){text, strlen(text)};
}

static inline bool slice_is(struct slice s, const char *text)
{
    return s.length == strlen(text) && memcmp(s.at, text, s.length) == 0;
}

// ASCII case is ignored.
bool slice_is_nocase(struct slice s, const char *text);

// Without ASCII blanks (space, tab, CR) at either end.
struct slice slice_trim(struct slice s);

// Cuts the part before the next `separator` off the front of *rest and returns it; the separator is
// dropped. Without a separator the part is everything and *rest->at becomes NULL.
struct slice slice_cut(struct slice *rest, char separator);

// Decimal digits only, 1 to 20 of them, at most `max`. *ret is untouched on failure.
bool slice_u64(struct slice s, uint64_t max, uint64_t *ret);

// The shortest decimal number that reads back as the same double: "0.1", "1e+300". Returns `text`.
#define REAL_TEXT_MAX 32
char *real_text(double value, char text[REAL_TEXT_MAX]);

// Two small hexadecimal digits a byte, and a NUL: 2 * length + 1 bytes. Returns `text`.
char *hex_text(const void *bytes, size_t length, char *text);

// One line of CSV (RFC 4180), cut field by field: a quoted field loses its quotes, "" becomes ".
// The result lives in `line`, which is changed. False at the end of the line.
bool csv_field(char **line, char *end, struct slice *ret);

#endif
