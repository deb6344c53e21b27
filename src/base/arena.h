// SPDX-License-Identifier: Apache-2.0
//
// An arena: memory for one unit of work (a file, a request), freed all at once.
//
//     struct arena a = {0};
//     char *name = arena_text(&a, "KE", 2);
//     ...
//     arena_done(&a);

#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

struct arena_block;

struct arena {
    struct arena_block *newest;
    size_t total; // bytes taken from the system
};

// Frees everything; the arena is empty and can be used again. Accepts a zeroed arena.
void arena_done(struct arena *a);

// Zeroed memory, aligned for any type; NULL when there is none.
void *arena_alloc(struct arena *a, size_t size);

// A NUL-terminated copy of `length` bytes; NULL when out of memory.
char *arena_text(struct arena *a, const char *text, size_t length);

// A formatted text; NULL when out of memory.
char *arena_format(struct arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
