// SPDX-License-Identifier: Apache-2.0

#include "read/mrt_attributes.h"

#define FLAG_LONG 0x10 // the attribute's length takes two octets

struct attribute_bytes {
    uint8_t type;
    struct cursor value;
};

static inline bool attribute_next(struct cursor *c, struct attribute_bytes *ret)
{
    if (c->left == 0)
        return false;
    unsigned flags = cursor_u8(c);
    ret->type = cursor_u8(c);
    ret->value = cursor_cut(c, flags & FLAG_LONG ? cursor_u16(c) : cursor_u8(c));
    return !c->failed;
}

// ---- AS paths

static inline bool segment_next(struct cursor *c, unsigned asn_bytes, struct as_segment *ret)
{
    if (c->left == 0)
        return false;
    ret->type = cursor_u8(c);
    ret->count = cursor_u8(c);
    ret->asn_bytes = asn_bytes;
    ret->at = cursor_take(c, (size_t)ret->count * asn_bytes);
    return !c->failed && ret->type >= SEGMENT_SET && ret->type <= SEGMENT_CONFED_SET;
}

static bool segment_is_confed(const struct as_segment *s)
{
    return s->type == SEGMENT_CONFED_SEQUENCE || s->type == SEGMENT_CONFED_SET;
}

// What a segment counts in a path's length: a set one, a confederation nothing (RFC 5065).
static unsigned segment_length(const struct as_segment *s)
{
    if (segment_is_confed(s))
        return 0;
    return s->type == SEGMENT_SET ? 1 : s->count;
}

// False where it is no path.
static bool path_length(struct cursor c, unsigned asn_bytes, unsigned *ret)
{
    struct as_segment s;
    unsigned length = 0;
    while (c.left > 0) {
        if (!segment_next(&c, asn_bytes, &s))
            return false;
        length += segment_length(&s);
    }
    *ret = length;
    return true;
}

bool as_path_next(struct as_path *p, struct as_segment *ret)
{
    bool joined = p->tail.left > 0;
    while (segment_next(&p->path, p->asn_bytes, ret)) {
        if (!joined)
            return true;
        unsigned length = segment_length(ret);
        if (length > 0 && p->head == 0)
            break;
        if (ret->type == SEGMENT_SEQUENCE && length > p->head)
            ret->count = length = p->head;
        p->head -= length;
        return true;
    }
    p->path.left = 0;
    while (segment_next(&p->tail, 4, ret)) {
        if (segment_is_confed(ret))
            continue;
        p->path = p->tail; // from now on it is a path like any other
        p->asn_bytes = 4;
        p->tail.left = 0;
        return true;
    }
    return false;
}

static inline uint32_t segment_origin(const struct as_segment *s, uint32_t peer)
{
    if (s->type == SEGMENT_SEQUENCE)
        return as_segment_at(s, s->count - 1);
    return s->type == SEGMENT_SET ? ORIGIN_SET : peer;
}

uint32_t as_path_origin(struct as_path p, uint32_t peer)
{
    struct as_segment s;
    uint32_t origin = peer;
    while (as_path_next(&p, &s))
        if (s.count > 0)
            origin = segment_origin(&s, peer);
    return origin;
}

const char *mrt_attributes_origin(struct cursor bytes, unsigned asn_bytes, uint32_t peer,
                                  uint32_t *ret)
{
    if (asn_bytes == 2) {
        struct mrt_attributes a;
        const char *wrong = mrt_attributes_decode(bytes, asn_bytes, &a);
        if (!wrong)
            *ret = as_path_origin(a.path, peer);
        return wrong;
    }
    struct attribute_bytes a;
    uint32_t origin = peer;
    while (attribute_next(&bytes, &a)) {
        if (a.type != ATTRIBUTE_AS_PATH)
            continue;
        struct as_segment s;
        while (a.value.left > 0) {
            if (!segment_next(&a.value, 4, &s))
                return "an AS path that is none";
            if (s.count > 0)
                origin = segment_origin(&s, peer);
        }
        break;
    }
    if (bytes.failed)
        return "an attribute goes beyond the end of its route";
    *ret = origin;
    return NULL;
}

// ---- all of them

// A global address, and perhaps one of the link behind it.
static void decode_next_hop(struct cursor c, struct reach *ret)
{
    ret->next_hop_length = (uint8_t)c.left;
    ret->next_hop_family = c.left == 4 ? FAMILY_IPV4 : FAMILY_IPV6;
    if (c.left == 4)
        ret->next_hop = cursor_u32(&c);
    else if (c.left == 16 || c.left == 32)
        ret->next_hop = cursor_u128(&c);
}

// RFC 4760, or what RFC 6396 makes of it in tables: the next hop alone. A family's number begins
// with a zero octet, the length of a next hop does not.
static bool decode_reach(struct cursor c, struct reach *ret)
{
    if (c.left > 0 && c.at[0] != 0) {
        struct cursor hop = cursor_cut(&c, cursor_u8(&c));
        decode_next_hop(hop, ret);
        return !c.failed;
    }
    ret->afi = cursor_u16(&c);
    ret->safi = cursor_u8(&c);
    struct cursor hop = cursor_cut(&c, cursor_u8(&c));
    decode_next_hop(hop, ret);
    for (unsigned count = cursor_u8(&c); count > 0 && !c.failed; count--)
        cursor_take(&c, cursor_u8(&c)); // SNPAs, which nobody has used
    ret->prefixes = c;
    return !c.failed;
}

static bool decode_unreach(struct cursor c, struct reach *ret)
{
    ret->afi = cursor_u16(&c);
    ret->safi = cursor_u8(&c);
    ret->prefixes = c;
    return !c.failed;
}

// What is gathered on the way: the halves that older and newer speakers wrote.
struct halves {
    struct cursor path4;
    uint32_t aggregator4_asn, aggregator4;
    unsigned length; // of the path
};

static bool decode_aggregator(struct cursor c, uint32_t *asn, uint32_t *address)
{
    size_t length = c.left;
    *asn = length == 8 ? cursor_u32(&c) : cursor_u16(&c);
    *address = cursor_u32(&c);
    return length == 6 || length == 8;
}

static bool decode_number(struct cursor c, uint32_t *ret)
{
    *ret = cursor_u32(&c);
    return !c.failed && c.left == 0;
}

static const char *decode_one(struct attribute_bytes *one, struct mrt_attributes *a,
                              struct halves *h)
{
    unsigned ignored;
    struct cursor c = one->value;
    switch (one->type) {
    case ATTRIBUTE_ORIGIN:
        a->origin = cursor_u8(&c);
        return c.failed ? "an empty origin" : NULL;
    case ATTRIBUTE_AS_PATH:
        a->path.path = c;
        return path_length(c, a->path.asn_bytes, &h->length) ? NULL : "an AS path that is none";
    case ATTRIBUTE_NEXT_HOP:
        return decode_number(c, &a->next_hop) ? NULL : "a next hop that is no address";
    case ATTRIBUTE_MED:
        return decode_number(c, &a->med) ? NULL : "a metric that is no number";
    case ATTRIBUTE_LOCAL_PREF:
        return decode_number(c, &a->local_pref) ? NULL : "a local preference that is no number";
    case ATTRIBUTE_AGGREGATOR:
        return decode_aggregator(c, &a->aggregator_asn, &a->aggregator) ? NULL
                                                                        : "an odd aggregator";
    case ATTRIBUTE_COMMUNITIES:
        a->communities = c;
        return c.left % 4 == 0 ? NULL : "a part of a community";
    case ATTRIBUTE_LARGE_COMMUNITIES:
        a->large_communities = c;
        return c.left % 12 == 0 ? NULL : "a part of a large community";
    case ATTRIBUTE_MP_REACH:
        return decode_reach(c, &a->reach) ? NULL : "a list of reachable prefixes that is cut";
    case ATTRIBUTE_MP_UNREACH:
        return decode_unreach(c, &a->unreach) ? NULL : "a list of withdrawn prefixes that is cut";
    case ATTRIBUTE_AS4_PATH:
        h->path4 = c;
        return path_length(c, 4, &ignored) ? NULL : "an AS4 path that is none";
    case ATTRIBUTE_AS4_AGGREGATOR:
        return decode_aggregator(c, &h->aggregator4_asn, &h->aggregator4) ? NULL
                                                                          : "an odd aggregator";
    default:
        return NULL;
    }
}

// RFC 6793: what a speaker of two octets could not say stands in attributes of their own, which
// are void where another of its kind has taken the aggregator's place.
static void join_halves(struct mrt_attributes *a, const struct halves *h)
{
    unsigned length4 = 0;
    if (a->path.asn_bytes != 2)
        return;
    if (attribute_has(a, ATTRIBUTE_AGGREGATOR) && attribute_has(a, ATTRIBUTE_AS4_AGGREGATOR)) {
        if (a->aggregator_asn != AS_TRANS)
            return;
        a->aggregator_asn = h->aggregator4_asn;
        a->aggregator = h->aggregator4;
    }
    path_length(h->path4, 4, &length4);
    if (h->path4.left == 0 || length4 > h->length || !attribute_has(a, ATTRIBUTE_AS_PATH))
        return;
    a->path.tail = h->path4;
    a->path.head = h->length - length4;
}

const char *mrt_attributes_decode(struct cursor bytes, unsigned asn_bytes,
                                  struct mrt_attributes *ret)
{
    struct attribute_bytes one;
    struct halves halves = {0};
    *ret = (struct mrt_attributes){.origin = 2, .path.asn_bytes = asn_bytes};
    while (attribute_next(&bytes, &one)) {
        uint64_t bit = one.type < 64 ? UINT64_C(1) << one.type : 0;
        if (bit == 0 || (ret->present & bit))
            continue;
        ret->present |= bit;
        const char *wrong = decode_one(&one, ret, &halves);
        if (wrong)
            return wrong;
    }
    if (bytes.failed)
        return "an attribute goes beyond the end of its route";
    join_halves(ret, &halves);
    return NULL;
}
