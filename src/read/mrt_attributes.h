// SPDX-License-Identifier: Apache-2.0
//
// The attributes of a route (RFC 4271, 4760, 6793): where each stands in its bytes, the AS path
// with its two halves joined, next hops in both encodings that tables have.

#ifndef READ_MRT_ATTRIBUTES_H
#define READ_MRT_ATTRIBUTES_H

#include "base/cursor.h"
#include "read/mrt.h"

enum attribute {
    ATTRIBUTE_ORIGIN = 1,
    ATTRIBUTE_AS_PATH = 2,
    ATTRIBUTE_NEXT_HOP = 3,
    ATTRIBUTE_MED = 4,
    ATTRIBUTE_LOCAL_PREF = 5,
    ATTRIBUTE_ATOMIC_AGGREGATE = 6,
    ATTRIBUTE_AGGREGATOR = 7,
    ATTRIBUTE_COMMUNITIES = 8,
    ATTRIBUTE_MP_REACH = 14,
    ATTRIBUTE_MP_UNREACH = 15,
    ATTRIBUTE_AS4_PATH = 17,
    ATTRIBUTE_AS4_AGGREGATOR = 18,
    ATTRIBUTE_LARGE_COMMUNITIES = 32,
};

// The AS that stands for one that needs four octets, where there are but two (RFC 6793).
#define AS_TRANS 23456

enum segment { SEGMENT_SET = 1, SEGMENT_SEQUENCE, SEGMENT_CONFED_SEQUENCE, SEGMENT_CONFED_SET };

// An AS path: its segments, of which the first `head` AS numbers stand in `path` (all of them where
// there is no `tail`), the rest in `tail`, always with four octets.
struct as_path {
    struct cursor path, tail;
    unsigned asn_bytes; // of `path`
    unsigned head;      // AS numbers taken from `path`; a set counts as one
};

struct as_segment {
    enum segment type;
    unsigned count, asn_bytes;
    const uint8_t *at;
};

static inline uint32_t as_segment_at(const struct as_segment *s, unsigned i)
{
    const uint8_t *b = s->at + (size_t)i * s->asn_bytes;
    uint32_t high = (uint32_t)b[0] << 8 | b[1];
    return s->asn_bytes == 2 ? high : high << 16 | (uint32_t)b[2] << 8 | b[3];
}

// The next segment of the joined path. False at the end. The path was checked when it was decoded.
bool as_path_next(struct as_path *p, struct as_segment *ret);

// Who originates: the last AS; ORIGIN_SET for an AS_SET; for an empty path and for one that ends
// in a confederation the peer itself (RFC 6811).
uint32_t as_path_origin(struct as_path p, uint32_t peer);

struct reach {
    uint16_t afi; // 0: the abbreviated form of tables, a next hop only
    uint8_t safi, next_hop_length;
    enum family next_hop_family;
    u128 next_hop; // the global one of two
    struct cursor prefixes;
};

struct mrt_attributes {
    uint64_t present; // bits (1 << enum attribute)
    uint8_t origin;   // 0 IGP, 1 EGP, 2 incomplete
    uint32_t next_hop, med, local_pref;
    uint32_t aggregator_asn, aggregator;
    struct as_path path;
    struct cursor communities, large_communities;
    struct reach reach, unreach;
};

static inline bool attribute_has(const struct mrt_attributes *a, enum attribute which)
{
    return a->present >> which & 1;
}

// NULL, or what is wrong. Of an attribute that comes twice the first counts (RFC 7606).
const char *mrt_attributes_decode(struct cursor bytes, unsigned asn_bytes,
                                  struct mrt_attributes *ret);

// The origin alone, without a look at what stands behind the AS path. NULL, or what is wrong.
const char *mrt_attributes_origin(struct cursor bytes, unsigned asn_bytes, uint32_t peer,
                                  uint32_t *ret);

#endif
