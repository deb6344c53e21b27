// SPDX-License-Identifier: Apache-2.0

#include "read/lines.h"

#include "read/read.h"

#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define CHUNK 65536u // fits the second-level cache together with the places found in it
_Static_assert(CHUNK > 2 * LINE_MAX_BYTES, "a whole line must fit beside another");

// Where separators and line ends stand in the buffer, and which of them are line ends.
struct places {
    uint32_t count, stops;
    uint32_t at[CHUNK + 64];
    uint32_t stop[CHUNK]; // numbers of elements of `at`
};

typedef void finder(const char *bytes, char separator, uint32_t from, uint32_t to,
                    struct places *found);

struct lines {
    finder *find;
    struct source *source;
    char separator;
    bool finished; // the source is at its end
    bool skipping; // inside a line that is too long
    uint64_t number;
    uint32_t begin, filled; // the unread part of `bytes`
    uint32_t place, stop;   // the unread part of `places`
    struct places places;   // in bytes[0 .. filled)
    char bytes[CHUNK + 64]; // padded for whole vectors
};

// Appends the places in bytes[from .. to). Bytes up to 64 behind `to` may be looked at, and 64
// elements behind the last place be written.
static void find_each(const char *bytes, char separator, uint32_t from, uint32_t to,
                      struct places *found)
{
    for (uint32_t i = from; i < to; i++) {
        if (bytes[i] == '\n')
            found->stop[found->stops++] = found->count;
        if (bytes[i] == separator || bytes[i] == '\n')
            found->at[found->count++] = i;
    }
}

#if defined(__x86_64__)
#define AVX2 __attribute__((target("avx2,bmi,popcnt")))

AVX2 static inline uint64_t find_in_64(const char *at, char wanted)
{
    const __m256i pattern = _mm256_set1_epi8(wanted);
    __m256i low = _mm256_loadu_si256((const __m256i *)(const void *)at);
    __m256i high = _mm256_loadu_si256((const __m256i *)(const void *)(at + 32));
    uint32_t a = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, pattern));
    uint32_t b = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, pattern));
    return (uint64_t)b << 32 | a;
}

// Eight at a time, wanted or not: a loop that ends when the mask is empty would be guessed wrong
// once in every 64 bytes.
AVX2 static inline void write_places(uint64_t mask, uint32_t base, uint32_t count, uint32_t *at)
{
    for (uint32_t n = 0; n < count; n += 8)
        for (uint32_t k = 0; k < 8; k++, mask &= mask - 1)
            at[n + k] = base + (uint32_t)__builtin_ctzll(mask | UINT64_C(1) << 63);
}

AVX2 static void find_avx2(const char *bytes, char separator, uint32_t from, uint32_t to,
                           struct places *found)
{
    uint32_t count = found->count, stops = found->stops;
    for (uint32_t i = from; i < to; i += 64) {
        uint64_t newlines = find_in_64(bytes + i, '\n');
        uint64_t separators = find_in_64(bytes + i, separator);
        if (to - i < 64) {
            newlines &= ((uint64_t)1 << (to - i)) - 1;
            separators &= ((uint64_t)1 << (to - i)) - 1;
        }
        uint64_t mask = newlines | separators;
        for (; newlines; newlines &= newlines - 1) {
            uint64_t before = mask & ((newlines & -newlines) - 1);
            found->stop[stops++] = count + (uint32_t)__builtin_popcountll(before);
        }
        uint32_t here = (uint32_t)__builtin_popcountll(mask);
        write_places(mask, i, here, found->at + count);
        count += here;
    }
    found->count = count;
    found->stops = stops;
}
#endif

static finder *choose_finder(void)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi"))
        return find_avx2;
#endif
    return find_each;
}

int lines_new(struct source *s, char separator, struct lines **ret, struct err *e)
{
    struct lines *l = malloc(sizeof *l);
    if (!l)
        return err_memory(e);
    memset(l, 0, offsetof(struct lines, places));
    l->places.count = l->places.stops = 0;
    memset(l->bytes + CHUNK, 0, sizeof l->bytes - CHUNK);
    l->find = choose_finder();
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

static int refuse_binary(const struct lines *l, const char *from, const char *nul, struct err *e)
{
    uint64_t line = l->number + 1;
    for (; from < nul; from++)
        line += *from == '\n';
    return err_set(e, ERR_INPUT, "%s:%llu: a NUL byte: not a text file", source_name(l->source),
                   (unsigned long long)line);
}

// Moves the rest of the last line to the front and reads more behind it.
static int fill(struct lines *l, struct err *e)
{
    uint32_t rest = l->filled - l->begin;
    if (rest > LINE_MAX_BYTES) {
        l->skipping = true;
        rest = 0;
    }
    memmove(l->bytes, l->bytes + l->filled - rest, rest);
    l->places.count = l->places.stops = 0;
    l->find(l->bytes, l->separator, 0, rest, &l->places);
    l->place = l->stop = l->begin = 0;
    l->filled = rest;
    size_t got;
    int code = source_read(l->source, l->bytes + rest, CHUNK - rest, &got, e);
    if (code)
        return code;
    l->finished = got == 0;
    l->filled += (uint32_t)got;
    const char *nul = memchr(l->bytes + rest, '\0', got);
    if (nul)
        return refuse_binary(l, l->bytes + rest, nul, e);
    l->find(l->bytes, l->separator, rest, l->filled, &l->places);
    return 0;
}

// Takes the line whose last field ends at the place `last`, and at the byte `end`.
static void take(struct lines *l, uint32_t last, uint32_t end, bool ended, struct line *ret)
{
    uint32_t length = end - l->begin;
    ret->at = l->bytes + l->begin;
    ret->ended = ended;
    ret->too_long = l->skipping || length > LINE_MAX_BYTES;
    ret->length = length > 0 && ret->at[length - 1] == '\r' ? length - 1 : length;
    ret->number = ++l->number;
    ret->ends = l->places.at + l->place;
    ret->fields = last - l->place + 1;
    ret->origin = l->bytes;
    l->skipping = false;
    l->begin = end + ended;
    l->place = last + ended;
}

int lines_next(struct lines *l, struct line *ret, bool *ret_got, struct err *e)
{
    while (l->stop == l->places.stops && !l->finished) {
        int code = fill(l, e);
        if (code)
            return code;
    }
    if (l->stop < l->places.stops) {
        uint32_t last = l->places.stop[l->stop++];
        take(l, last, l->places.at[last], true, ret);
        *ret_got = true;
        return 0;
    }
    *ret_got = l->begin < l->filled || l->skipping;
    if (*ret_got)
        take(l, l->places.count, l->filled, false, ret);
    return 0;
}
