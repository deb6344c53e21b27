// SPDX-License-Identifier: Apache-2.0
//
// Lines of text out of a source, cut into fields at one separator. Memory is constant: one buffer.
//
// The buffer is searched once for separators and line ends together, many bytes at a time; the
// places found are all that the readers need, so that no byte is looked at twice to be cut.

#ifndef READ_LINES_H
#define READ_LINES_H

#include "base/err.h"
#include "base/text.h"
#include "read/source.h"

#include <stdbool.h>
#include <stdint.h>

struct line {
    const char *at;
    uint32_t length;      // without LF and CR
    uint64_t number;      // from 1
    bool ended;           // false: the input ends in the middle of it
    bool too_long;        // only its number is valid
    const uint32_t *ends; // where each field ends, from the buffer's begin
    uint32_t fields;      // at least 1
    const char *origin;   // what `ends` counts from
};

static inline struct slice line_field(const struct line *l, unsigned i)
{
    const char *from = i == 0 ? l->at : l->origin + l->ends[i - 1] + 1;
    const char *to = i + 1 == l->fields ? l->at + l->length : l->origin + l->ends[i];
    return (struct slice){from, (size_t)(to - from)};
}

struct lines;

int lines_new(struct source *s, char separator, struct lines **ret, struct err *e);
void lines_free(struct lines **l);

// *ret_got false at the end of the input. ERR_INPUT: a NUL byte (binary), or what source_read says.
int lines_next(struct lines *l, struct line *ret, bool *ret_got, struct err *e);

#endif
