// SPDX-License-Identifier: Apache-2.0

#include "site/cache.h"

#include <stdlib.h>
#include <string.h>

#define BUCKETS 4096

struct entry {
    struct entry *next;          // in its bucket
    struct entry *newer, *older; // in order of use
    struct answer *answer;
    size_t size;
    uint64_t hash;
    char key[];
};

struct cache {
    struct entry *buckets[BUCKETS];
    struct entry *newest, *oldest;
    size_t bytes, bytes_max;
};

// ---- answers

struct answer *answer_new(struct response *r)
{
    struct answer *a = calloc(1, sizeof *a);
    if (!a)
        return NULL;
    a->holders = 1;
    a->status = r->status;
    a->cache_control = r->cache_control;
    a->embeddable = r->embeddable;
    memcpy(a->etag, r->etag, sizeof a->etag);
    a->modified = r->modified;
    size_t type = strnlen(r->content_type, sizeof a->content_type - 1);
    memcpy(a->content_type, r->content_type, type);
    for (size_t i = 0; i < r->header_count; i++) {
        a->headers[i].name = strdup(r->headers[i].name);
        a->headers[i].value = strdup(r->headers[i].value);
        a->header_count++;
        if (!a->headers[i].name || !a->headers[i].value) {
            answer_unref(&a);
            return NULL;
        }
    }
    a->bytes = r->body.at;
    a->length = r->body.length;
    r->body = (struct buffer){0};
    return a;
}

void answer_ref(struct answer *a)
{
    __atomic_fetch_add(&a->holders, 1, __ATOMIC_RELAXED);
}

void answer_unref(struct answer **ret)
{
    struct answer *a = *ret;
    *ret = NULL;
    if (!a || __atomic_sub_fetch(&a->holders, 1, __ATOMIC_ACQ_REL) > 0)
        return;
    for (size_t i = 0; i < a->header_count; i++) {
        free(a->headers[i].name);
        free(a->headers[i].value);
    }
    free(a->bytes);
    free(a);
}

// ---- the cache

int cache_new(size_t bytes_max, struct cache **ret)
{
    struct cache *c = calloc(1, sizeof *c);
    if (!c)
        return ERR_MEMORY;
    c->bytes_max = bytes_max;
    *ret = c;
    return 0;
}

void cache_free(struct cache **c)
{
    if (!*c)
        return;
    cache_clear(*c);
    free(*c);
    *c = NULL;
}

// FNV-1a. A stranger who aims at one bucket makes a list of a few thousand entries at most.
static uint64_t hash_key(const char *key)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (const char *at = key; *at; at++)
        hash = (hash ^ (unsigned char)*at) * 0x100000001b3u;
    return hash ^ hash >> 29;
}

static void link_newest(struct cache *c, struct entry *e)
{
    e->newer = NULL;
    e->older = c->newest;
    if (c->newest)
        c->newest->newer = e;
    else
        c->oldest = e;
    c->newest = e;
}

static void unlink_use(struct cache *c, struct entry *e)
{
    if (e->newer)
        e->newer->older = e->older;
    else
        c->newest = e->older;
    if (e->older)
        e->older->newer = e->newer;
    else
        c->oldest = e->newer;
}

static void drop(struct cache *c, struct entry *e)
{
    struct entry **at = &c->buckets[e->hash % BUCKETS];
    while (*at != e)
        at = &(*at)->next;
    *at = e->next;
    unlink_use(c, e);
    c->bytes -= e->size;
    if (e->answer->prepared)
        e->answer->release(e->answer->prepared);
    e->answer->prepared = NULL;
    answer_unref(&e->answer);
    free(e);
}

void cache_clear(struct cache *c)
{
    while (c->oldest)
        drop(c, c->oldest);
}

static struct entry *find(struct cache *c, const char *key, uint64_t hash)
{
    for (struct entry *e = c->buckets[hash % BUCKETS]; e; e = e->next)
        if (e->hash == hash && strcmp(e->key, key) == 0)
            return e;
    return NULL;
}

struct answer *cache_find(struct cache *c, const char *key)
{
    struct entry *e = find(c, key, hash_key(key));
    if (!e)
        return NULL;
    if (c->newest != e) {
        unlink_use(c, e);
        link_newest(c, e);
    }
    return e->answer;
}

void cache_put(struct cache *c, const char *key, struct answer *a)
{
    size_t length = strlen(key);
    size_t size = sizeof(struct entry) + sizeof *a + length + a->length + 512; // its headers
    uint64_t hash = hash_key(key);
    if (length > CACHE_KEY_MAX || size > c->bytes_max / 4 || find(c, key, hash))
        return;
    struct entry *e = malloc(sizeof *e + length + 1);
    if (!e)
        return;
    while (c->oldest && c->bytes + size > c->bytes_max)
        drop(c, c->oldest);
    *e =
        (struct entry){.next = c->buckets[hash % BUCKETS], .answer = a, .size = size, .hash = hash};
    memcpy(e->key, key, length + 1);
    c->buckets[hash % BUCKETS] = e;
    link_newest(c, e);
    c->bytes += size;
    answer_ref(a);
}

size_t cache_bytes(const struct cache *c)
{
    return c->bytes;
}
