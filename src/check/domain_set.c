// SPDX-License-Identifier: Apache-2.0

#include "check/domain_set.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define SIZE_FIRST 1024 // a power of two

_Static_assert(crypto_shorthash_siphashx24_KEYBYTES == 16, "the key's size");
_Static_assert(crypto_shorthash_siphashx24_BYTES == sizeof(struct domain_mark), "the hash's size");

int domain_set_init(struct domain_set *s, struct err *e)
{
    *s = (struct domain_set){0};
    if (sodium_init() < 0)
        return err_set(e, ERR_SYSTEM, "no random numbers");
    randombytes_buf(s->key, sizeof s->key);
    s->at = calloc(SIZE_FIRST, sizeof *s->at);
    s->size = SIZE_FIRST;
    return s->at ? 0 : err_memory(e);
}

void domain_set_done(struct domain_set *s)
{
    free(s->at);
    *s = (struct domain_set){0};
}

static struct domain_mark mark_of(const struct domain_set *s, const char *domain)
{
    struct domain_mark m;
    crypto_shorthash_siphashx24((unsigned char *)&m, (const unsigned char *)domain, strlen(domain),
                                s->key);
    m.at[1] |= m.at[0] == 0 && m.at[1] == 0; // never the empty one
    return m;
}

static bool is_same(const struct domain_mark *a, const struct domain_mark *b)
{
    return a->at[0] == b->at[0] && a->at[1] == b->at[1];
}

// Its place, or the empty one where it would go.
static struct domain_mark *find(struct domain_mark *at, size_t size, const struct domain_mark *m)
{
    static const struct domain_mark empty = {{0, 0}};
    size_t i = (size_t)m->at[0] & (size - 1);
    while (!is_same(&at[i], &empty) && !is_same(&at[i], m))
        i = (i + 1) & (size - 1);
    return &at[i];
}

static int grow(struct domain_set *s, struct err *e)
{
    static const struct domain_mark empty = {{0, 0}};
    struct domain_mark *wider;
    if (s->count < s->size / 3 * 2)
        return 0;
    if (s->count >= DOMAIN_SET_MAX)
        return err_set(e, ERR_LIMIT, "more than %zu domains in one run", DOMAIN_SET_MAX);
    wider = calloc(2 * s->size, sizeof *wider);
    if (!wider)
        return err_memory(e);
    for (size_t i = 0; i < s->size; i++)
        if (!is_same(&s->at[i], &empty))
            *find(wider, 2 * s->size, &s->at[i]) = s->at[i];
    free(s->at);
    s->at = wider;
    s->size *= 2;
    return 0;
}

int domain_set_add(struct domain_set *s, const char *domain, bool *ret_new, struct err *e)
{
    struct domain_mark m = mark_of(s, domain);
    int code = grow(s, e);
    if (code)
        return code;
    struct domain_mark *at = find(s->at, s->size, &m);
    *ret_new = !is_same(at, &m);
    s->count += *ret_new;
    *at = m;
    return 0;
}

bool domain_set_has(const struct domain_set *s, const char *domain)
{
    struct domain_mark m = mark_of(s, domain);
    return is_same(find(s->at, s->size, &m), &m);
}
