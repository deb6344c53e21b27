// SPDX-License-Identifier: Apache-2.0

#include "store/names.h"

#include <stdlib.h>
#include <sys/random.h>

static uint64_t secret(void)
{
    static uint64_t key;
    if (key == 0 && getrandom(&key, sizeof key, GRND_NONBLOCK) != sizeof key)
        key = (uint64_t)(uintptr_t)&key;
    return key |= 1;
}

static uint64_t mix(uint64_t a, uint64_t b)
{
    unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

uint64_t hash_bytes(const void *bytes, size_t length, uint64_t seed)
{
    const char *at = bytes;
    uint64_t hash = seed ^ secret(), word;
    for (; length >= 8; at += 8, length -= 8) {
        memcpy(&word, at, 8);
        hash = mix(hash ^ word, UINT64_C(0x9E3779B97F4A7C15));
    }
    word = length;
    memcpy(&word, at, length);
    return mix(hash ^ word, UINT64_C(0xD6E8FEB86659FD93) ^ length);
}

bool names_init(struct names *n)
{
    *n = (struct names){.index_size = 1024};
    n->index = calloc(n->index_size, sizeof *n->index);
    struct name *none = n->index ? ARRAY_ADD(&n->all) : NULL;
    if (none)
        *none = (struct name){"", 0, 0};
    n->stored = 1;
    return none != NULL;
}

void names_done(struct names *n)
{
    arena_done(&n->arena);
    free(n->all.at);
    free(n->index);
    *n = (struct names){0};
}

static size_t place_of(const struct names *n, const char *at, size_t length)
{
    size_t place = hash_bytes(at, length, 0) & (n->index_size - 1);
    for (; n->index[place]; place = (place + 1) & (n->index_size - 1)) {
        const struct name *name = &n->all.at[n->index[place] - 1];
        if (name->length == length && memcmp(name->at, at, length) == 0)
            break;
    }
    return place;
}

static bool grow(struct names *n)
{
    uint32_t *old = n->index;
    size_t size = n->index_size * 2;
    uint32_t *index = calloc(size, sizeof *index);
    if (!index)
        return false;
    n->index = index;
    n->index_size = size;
    for (size_t i = 1; i < n->all.count; i++)
        index[place_of(n, n->all.at[i].at, n->all.at[i].length)] = (uint32_t)i + 1;
    free(old);
    return true;
}

uint32_t names_find(struct names *n, struct slice text)
{
    if (text.length == 0)
        return 0;
    size_t place = place_of(n, text.at, text.length);
    if (n->index[place])
        return n->index[place] - 1;
    char *copy = arena_text(&n->arena, text.at, text.length);
    struct name *name = copy ? ARRAY_ADD(&n->all) : NULL;
    if (!name)
        return UINT32_MAX;
    *name = (struct name){copy, (uint32_t)text.length, -1};
    n->index[place] = (uint32_t)n->all.count;
    if (n->all.count * 2 > n->index_size && !grow(n))
        return UINT32_MAX;
    return (uint32_t)n->all.count - 1;
}
