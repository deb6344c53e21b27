// SPDX-License-Identifier: Apache-2.0
//
// Finished answers, kept for those who ask the same again: bounded in bytes, the longest unused
// ones go first. Used by one thread; an answer may outlive the cache that held it.

#ifndef SITE_CACHE_H
#define SITE_CACHE_H

#include "site/metrics.h"
#include "site/site.h"

#include <stdint.h>

#define CACHE_KEY_MAX 1024 // bytes; what has a longer key is not kept

struct answer {
    unsigned holders; // the cache, and responses on their way
    unsigned status;
    char etag[72];
    int64_t modified;
    char content_type[96];
    const char *cache_control; // a literal
    bool embeddable;
    enum route_class class;
    struct {
        char *name, *value;
    } headers[RESPONSE_HEADERS_MAX];
    size_t header_count;
    char *bytes;
    size_t length;
    void *prepared; // what the server made of it, released when the cache drops the answer
    void (*release)(void *prepared);
};

// Takes the body out of the response; NULL when out of memory.
struct answer *answer_new(struct response *r);
void answer_ref(struct answer *a);
void answer_unref(struct answer **a);

struct cache;

int cache_new(size_t bytes_max, struct cache **ret); // ERR_MEMORY
void cache_free(struct cache **c);
void cache_clear(struct cache *c);

struct answer *cache_find(struct cache *c, const char *key); // borrowed; NULL
void cache_put(struct cache *c, const char *key, struct answer *a);

size_t cache_bytes(const struct cache *c);

#endif
