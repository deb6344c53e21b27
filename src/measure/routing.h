// SPDX-License-Identifier: Apache-2.0
//
// A routing table as the measures use it: each prefix once, with its origins, in order. Tests build
// one route by route; routing_load.c takes it from the archive.

#ifndef MEASURE_ROUTING_H
#define MEASURE_ROUTING_H

#include "base/array.h"
#include "measure/measure.h"
#include "read/announced.h"
#include "store/routes.h"

struct prefix {
    u128 start;
    uint32_t origins; // the first of its origins; the last is before the next prefix's first
    uint8_t length;
};

struct origin {
    uint32_t as; // ORIGIN_SET: an AS_SET
    uint8_t level;
};

struct routing {
    enum family family;
    uint32_t peers;          // announcements that fewer peers see are left out
    unsigned level;          // the same as a level of the archive
    uint64_t few;            // announcements left out because few peers see them
    uint64_t whole;          // announcements of the whole number line (::/0), left out
    size_t prefixes;         // how many there are
    ARRAY(struct prefix) at; // and one more that closes the last one's origins
    ARRAY(struct origin) origins;
};

void routing_init(struct routing *r, enum family f, uint32_t peers);
void routing_done(struct routing *r);

// Routes must come by start, length, origin. Whoever states no count of peers is not left out; with
// `peers` 0 nothing is.
bool routing_add(struct routing *r, const struct route *route); // false: out of memory
bool routing_end(struct routing *r);                            // after the last one

static inline u128 prefix_last(enum family f, u128 start, unsigned length)
{
    unsigned bits = f == FAMILY_IPV4 ? 32 : 128;
    return length == 0 && bits == 128 ? U128_MAX : start + (((u128)1 << (bits - length)) - 1);
}

#endif
