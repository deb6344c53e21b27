// SPDX-License-Identifier: Apache-2.0
//
// A text that grows up to a limit. After the first failure every call does nothing and `failed`
// stays set, so that a writer checks once at its end.

#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

struct buffer {
    char *at; // NUL-terminated once anything was written
    size_t length, capacity;
    size_t limit; // 0: BUFFER_LIMIT_DEFAULT
    bool failed;  // out of memory, or the limit was reached
};

#define BUFFER_LIMIT_DEFAULT ((size_t)1 << 30) // a table of ten million rows fits

void buffer_done(struct buffer *b);
void buffer_add(struct buffer *b, const char *bytes, size_t length);
void buffer_text(struct buffer *b, const char *text);
// Room for `length` bytes behind the end, NULL where there is none. What is written there counts
// once `length` of the buffer says so.
char *buffer_room(struct buffer *b, size_t length);
void buffer_char(struct buffer *b, char c);
void buffer_format(struct buffer *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
