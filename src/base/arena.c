// SPDX-License-Identifier: Apache-2.0

#include "base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Blocks grow with the arena: thousands of small ones may be there at a time.
#define BLOCK_SMALLEST ((size_t)4 * 1024)
#define BLOCK_LARGEST  ((size_t)64 * 1024)

struct arena_block {
    struct arena_block *older;
    size_t used, size;
    alignas(max_align_t) char bytes[];
};

void arena_done(struct arena *a)
{
    struct arena_block *block = a->newest;
    while (block) {
        struct arena_block *older = block->older;
        free(block);
        block = older;
    }
    *a = (struct arena){0};
}

static struct arena_block *block_add(struct arena *a, size_t at_least)
{
    size_t size = a->total < BLOCK_SMALLEST  ? BLOCK_SMALLEST
                  : a->total > BLOCK_LARGEST ? BLOCK_LARGEST
                                             : a->total;
    size = at_least > size ? at_least : size;
    struct arena_block *block = calloc(1, sizeof *block + size);
    if (!block)
        return NULL;
    block->size = size;
    block->older = a->newest;
    a->newest = block;
    a->total += sizeof *block + size;
    return block;
}

void *arena_alloc(struct arena *a, size_t size)
{
    const size_t unit = alignof(max_align_t);
    if (size > SIZE_MAX / 2)
        return NULL;
    size = (size + unit - 1) / unit * unit;
    struct arena_block *block = a->newest;
    if (!block || block->size - block->used < size)
        block = block_add(a, size);
    if (!block)
        return NULL;
    void *memory = block->bytes + block->used;
    block->used += size;
    return memory;
}

char *arena_text(struct arena *a, const char *text, size_t length)
{
    char *copy = arena_alloc(a, length + 1);
    if (copy)
        memcpy(copy, text, length);
    return copy;
}

char *arena_format(struct arena *a, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    char *text = length < 0 ? NULL : arena_alloc(a, (size_t)length + 1);
    if (text)
        vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    va_end(args);
    return text;
}
