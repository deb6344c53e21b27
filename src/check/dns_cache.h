// SPDX-License-Identifier: Apache-2.0
//
// What was learnt, by key, up to a number of bytes: the least recently used goes first. An entry is
// the first member of what its owner keeps; what is pinned outlives its place in the cache.
//
//     struct dns_cache zones;
//     dns_cache_make(&zones, ZONES_BYTES_MAX);
//     struct zone *z = (struct zone *)dns_cache_find(&zones, key, length);

#ifndef CHECK_DNS_CACHE_H
#define CHECK_DNS_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DNS_CACHE_KEY_MAX 260

struct dns_entry {
    struct dns_entry *row_next;
    struct dns_entry *newer, *older;
    const uint8_t *key; // within the entry
    uint64_t hash;
    uint32_t size; // bytes of all of it
    uint16_t key_length;
    uint16_t pins;
    bool gone; // out of the cache, kept by its pins
};

struct dns_cache {
    struct dns_entry **rows;
    size_t row_count, count; // rows: a power of two
    struct dns_entry *newest, *oldest;
    size_t bytes, limit;
};

bool dns_cache_make(struct dns_cache *c, size_t limit); // false: out of memory
void dns_cache_drop(struct dns_cache *c);               // nothing may be pinned

// Becomes the most recently used. NULL: there is none.
struct dns_entry *dns_cache_find(struct dns_cache *c, const uint8_t *key, size_t length);
// Takes over what malloc gave: `e` with size, key and key_length filled in. Replaces one of the
// same key.
void dns_cache_put(struct dns_cache *c, struct dns_entry *e);
void dns_cache_remove(struct dns_cache *c, struct dns_entry *e);

static inline void dns_entry_pin(struct dns_entry *e)
{
    e->pins++;
}

void dns_entry_unpin(struct dns_entry *e);

#endif
