// SPDX-License-Identifier: Apache-2.0

#include "read/lines.h"

#include "read/read.h"

#include <stdlib.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#define CHUNK 65536u // fits the second-level cache together with the places found in it
_Static_assert(CHUNK > 2 * LINE_MAX_BYTES, "a whole line must fit beside another");

struct lines {
    struct source *source;
    char separator;
    bool finished; // the source is at its end
    bool skipping; // inside a line that is too long
    uint64_t number;
    uint32_t begin, filled; // the unread part of `bytes`
    uint32_t place, places; // the unread part of `ends`
    uint32_t ends[CHUNK];   // separators and line ends in bytes[0 .. filled)
    char bytes[CHUNK + 64]; // padded for whole vectors
};

int lines_new(struct source *s, char separator, struct lines **ret, struct err *e)
{
    struct lines *l = malloc(sizeof *l);
    if (!l)
        return err_memory(e);
    memset(l, 0, offsetof(struct lines, ends));
    memset(l->bytes + CHUNK, 0, sizeof l->bytes - CHUNK);
    l->source = s;
    l->separator = separator;
    *ret = l;
    return 0;
}

void lines_free(struct lines **l)
{
    free(*l);
    *l = NULL;
}

#if defined(__SSE2__)
static uint64_t find_in_64(const char *at, __m128i separator, __m128i newline)
{
    uint64_t mask = 0;
    for (unsigned i = 0; i < 4; i++) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(at + 16 * i));
        __m128i hit =
            _mm_or_si128(_mm_cmpeq_epi8(bytes, separator), _mm_cmpeq_epi8(bytes, newline));
        mask |= (uint64_t)(unsigned)_mm_movemask_epi8(hit) << (16 * i);
    }
    return mask;
}

// The places of separators and line ends in bytes[from .. to), appended to `ends`.
static uint32_t find_places(const struct lines *l, uint32_t from, uint32_t to, uint32_t *ends)
{
    const __m128i separator = _mm_set1_epi8(l->separator), newline = _mm_set1_epi8('\n');
    uint32_t count = 0;
    for (uint32_t i = from; i < to; i += 64) {
        uint64_t mask = find_in_64(l->bytes + i, separator, newline);
        if (to - i < 64)
            mask &= ((uint64_t)1 << (to - i)) - 1;
        for (; mask; mask &= mask - 1)
            ends[count++] = i + (uint32_t)__builtin_ctzll(mask);
    }
    return count;
}
#else
static uint32_t find_places(const struct lines *l, uint32_t from, uint32_t to, uint32_t *ends)
{
    uint32_t count = 0;
    for (uint32_t i = from; i < to; i++)
        if (l->bytes[i] == l->separator || l->bytes[i] == '\n')
            ends[count++] = i;
    return count;
}
#endif

// Moves the rest of the last line to the front and reads more behind it.
static int fill(struct lines *l, struct err *e)
{
    uint32_t rest = l->filled - l->begin;
    if (rest > LINE_MAX_BYTES) {
        l->skipping = true;
        rest = 0;
    }
    memmove(l->bytes, l->bytes + l->filled - rest, rest);
    l->places = find_places(l, 0, rest, l->ends);
    l->place = l->begin = 0;
    l->filled = rest;
    size_t got;
    int code = source_read(l->source, l->bytes + rest, CHUNK - rest, &got, e);
    if (code)
        return code;
    l->finished = got == 0;
    l->filled += (uint32_t)got;
    if (memchr(l->bytes + rest, '\0', got))
        return err_set(e, ERR_INPUT, "%s:%llu: a NUL byte: not a text file", source_name(l->source),
                       (unsigned long long)l->number + 1);
    l->places += find_places(l, rest, l->filled, l->ends + l->places);
    return 0;
}

// Takes the line whose last field ends at ends[last].
static void take(struct lines *l, uint32_t last, uint32_t end, bool ended, struct line *ret)
{
    uint32_t length = end - l->begin;
    ret->at = l->bytes + l->begin;
    ret->ended = ended;
    ret->too_long = l->skipping || length > LINE_MAX_BYTES;
    ret->length = length > 0 && ret->at[length - 1] == '\r' ? length - 1 : length;
    ret->number = ++l->number;
    ret->ends = l->ends + l->place;
    ret->fields = last - l->place + 1;
    ret->origin = l->bytes;
    l->skipping = false;
    l->begin = end + ended;
    l->place = last + ended;
}

int lines_next(struct lines *l, struct line *ret, bool *ret_got, struct err *e)
{
    for (;;) {
        for (uint32_t i = l->place; i < l->places; i++)
            if (l->bytes[l->ends[i]] == '\n') {
                take(l, i, l->ends[i], true, ret);
                *ret_got = true;
                return 0;
            }
        if (l->finished)
            break;
        int code = fill(l, e);
        if (code)
            return code;
    }
    *ret_got = l->begin < l->filled || l->skipping;
    if (*ret_got)
        take(l, l->places, l->filled, false, ret);
    return 0;
}
