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

uint64_t hash_bytes(const void *bytes, size_t length)
{
    const char *at = bytes;
    uint64_t hash = secret(), word;
    for (; length >= 8; at += 8, length -= 8) {
        memcpy(&word, at, 8);
        hash = mix(hash ^ word, UINT64_C(0x9E3779B97F4A7C15));
    }
    word = length;
    memcpy(&word, at, length);
    return mix(hash ^ word, UINT64_C(0xD6E8FEB86659FD93) ^ length);
}

uint64_t hash_pair(uint64_t a, uint64_t b)
{
    return mix(mix(a ^ secret(), UINT64_C(0x9E3779B97F4A7C15)) ^ b, UINT64_C(0xD6E8FEB86659FD93));
}

bool names_init(struct names *n)
{
    *n = (struct names){0};
    struct name *none = ARRAY_ADD(&n->all);
    if (none)
        *none = (struct name){"", 0, 0};
    n->stored = 1;
    return none != NULL;
}

void names_done(struct names *n)
{
    arena_done(&n->arena);
    free(n->all.at);
    slots_drop(&n->index);
    *n = (struct names){0};
}

struct wanted_name {
    const struct names *names;
    struct slice text;
};

static bool is_name(size_t element, const void *arg)
{
    const struct wanted_name *w = arg;
    const struct name *name = &w->names->all.at[element];
    return name->length == w->text.length && memcmp(name->at, w->text.at, name->length) == 0;
}

static size_t place_of(const struct names *n, struct slice text, uint64_t hash)
{
    return slots_find(&n->index, hash, is_name, &(struct wanted_name){n, text});
}

static bool index_rebuild(struct names *n)
{
    if (!slots_make(&n->index, n->all.count))
        return false;
    for (size_t i = 1; i < n->all.count; i++) {
        struct slice text = {n->all.at[i].at, n->all.at[i].length};
        uint64_t hash = hash_bytes(text.at, text.length);
        slots_set(&n->index, place_of(n, text, hash), hash, i);
    }
    return true;
}

bool names_load(struct names *n, struct slice text, int64_t id)
{
    char *copy = arena_text(&n->arena, text.at, text.length);
    struct name *name = copy ? ARRAY_ADD(&n->all) : NULL;
    if (!name)
        return false;
    *name = (struct name){copy, (uint32_t)text.length, id};
    return true;
}

uint32_t names_find(struct names *n, struct slice text)
{
    if (text.length == 0)
        return 0;
    if (!n->index.at && !index_rebuild(n))
        return UINT32_MAX;
    uint64_t hash = hash_bytes(text.at, text.length);
    size_t place = place_of(n, text, hash);
    if (slots_used(&n->index, place))
        return (uint32_t)slots_element(&n->index, place);
    if (!names_load(n, text, -1))
        return UINT32_MAX;
    slots_set(&n->index, place, hash, n->all.count - 1);
    if (!slots_hold(&n->index, n->all.count) && !index_rebuild(n))
        return UINT32_MAX;
    return (uint32_t)n->all.count - 1;
}
