// SPDX-License-Identifier: Apache-2.0

#include "check/dns_cache.h"

#include <stdlib.h>
#include <string.h>

#define ROWS_FIRST 1024

bool dns_cache_make(struct dns_cache *c, size_t limit)
{
    *c = (struct dns_cache){.limit = limit, .row_count = ROWS_FIRST};
    c->rows = calloc(ROWS_FIRST, sizeof *c->rows);
    return c->rows;
}

void dns_cache_drop(struct dns_cache *c)
{
    while (c->oldest)
        dns_cache_remove(c, c->oldest);
    free(c->rows);
    *c = (struct dns_cache){0};
}

static uint64_t key_hash(const uint8_t *key, size_t length)
{
    uint64_t h = 0x9e3779b97f4a7c15u ^ length, word;
    for (; length >= 8; key += 8, length -= 8) {
        memcpy(&word, key, 8);
        h = (h ^ word) * 0xff51afd7ed558ccdu;
        h ^= h >> 32;
    }
    word = 0;
    memcpy(&word, key, length);
    h = (h ^ word) * 0xc4ceb9fe1a85ec53u;
    return h ^ h >> 29;
}

static void age_unlink(struct dns_cache *c, struct dns_entry *e)
{
    *(e->newer ? &e->newer->older : &c->newest) = e->older;
    *(e->older ? &e->older->newer : &c->oldest) = e->newer;
}

static void age_front(struct dns_cache *c, struct dns_entry *e)
{
    e->newer = NULL;
    e->older = c->newest;
    *(c->newest ? &c->newest->newer : &c->oldest) = e;
    c->newest = e;
}

static struct dns_entry **row_find(struct dns_cache *c, const uint8_t *key, size_t length,
                                   uint64_t hash)
{
    struct dns_entry **at = &c->rows[hash & (c->row_count - 1)];
    while (*at && ((*at)->hash != hash || (*at)->key_length != length ||
                   memcmp((*at)->key, key, length) != 0))
        at = &(*at)->row_next;
    return at;
}

struct dns_entry *dns_cache_find(struct dns_cache *c, const uint8_t *key, size_t length)
{
    struct dns_entry *e = *row_find(c, key, length, key_hash(key, length));
    if (e && e != c->newest) {
        age_unlink(c, e);
        age_front(c, e);
    }
    return e;
}

void dns_cache_remove(struct dns_cache *c, struct dns_entry *e)
{
    struct dns_entry **at = &c->rows[e->hash & (c->row_count - 1)];
    while (*at != e)
        at = &(*at)->row_next;
    *at = e->row_next;
    age_unlink(c, e);
    c->bytes -= e->size;
    c->count--;
    e->gone = true;
    if (e->pins == 0)
        free(e);
}

void dns_entry_unpin(struct dns_entry *e)
{
    if (--e->pins == 0 && e->gone)
        free(e);
}

// Without memory for more rows the old ones go on, longer.
static void rows_grow(struct dns_cache *c)
{
    size_t count = c->row_count * 2;
    struct dns_entry **rows = calloc(count, sizeof *rows);
    if (!rows)
        return;
    for (struct dns_entry *e = c->newest; e; e = e->older) {
        e->row_next = rows[e->hash & (count - 1)];
        rows[e->hash & (count - 1)] = e;
    }
    free(c->rows);
    c->rows = rows;
    c->row_count = count;
}

void dns_cache_put(struct dns_cache *c, struct dns_entry *e)
{
    e->hash = key_hash(e->key, e->key_length);
    e->gone = false;
    struct dns_entry *old = *row_find(c, e->key, e->key_length, e->hash);
    if (old)
        dns_cache_remove(c, old);
    if (c->count >= c->row_count)
        rows_grow(c);
    struct dns_entry **row = &c->rows[e->hash & (c->row_count - 1)];
    e->row_next = *row;
    *row = e;
    age_front(c, e);
    c->bytes += e->size;
    c->count++;
    while (c->bytes > c->limit && c->oldest != e)
        dns_cache_remove(c, c->oldest);
}
