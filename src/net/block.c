// SPDX-License-Identifier: Apache-2.0
//
// Blocks and ranges.

#include "net/net.h"

#include <stdio.h>

static const char *const family_names[FAMILY_COUNT] = {"ipv6", "ipv4", "asn"};

const char *family_name(enum family f)
{
    return family_names[f];
}

bool family_parse(struct slice s, enum family *ret)
{
    for (unsigned i = 0; i < FAMILY_COUNT; i++)
        if (slice_is(s, family_names[i])) {
            *ret = (enum family)i;
            return true;
        }
    return false;
}

static u128 family_last(enum family f)
{
    return f == FAMILY_IPV6 ? U128_MAX : UINT32_MAX;
}

static u128 host_mask(uint64_t prefix_length)
{
    return prefix_length == 0 ? U128_MAX : ((u128)1 << (128 - prefix_length)) - 1;
}

bool block_valid(const struct block *b)
{
    if (b->family == FAMILY_IPV6)
        return b->value <= 128;
    return b->start <= UINT32_MAX && b->value >= 1 &&
           b->value - 1 <= UINT32_MAX - (uint64_t)b->start;
}

bool block_aligned(const struct block *b)
{
    return b->family != FAMILY_IPV6 || (b->start & host_mask(b->value)) == 0;
}

struct range block_range(const struct block *b)
{
    u128 last =
        b->family == FAMILY_IPV6 ? (b->start | host_mask(b->value)) : b->start + b->value - 1;
    return (struct range){b->family, b->start, last};
}

u128 block_count(const struct block *b)
{
    if (b->family != FAMILY_IPV6)
        return b->value;
    return b->value == 0 ? U128_MAX : (u128)1 << (128 - b->value);
}

// log2 of the number of points where the range is an aligned power of two, else -1.
static int range_order(const struct range *r)
{
    u128 size_less_one = r->last - r->first;
    if ((size_less_one & (size_less_one + 1)) != 0 || (r->first & size_less_one) != 0)
        return -1;
    int order = 0;
    for (; size_less_one; size_less_one >>= 1)
        order++;
    return order;
}

char *range_format(const struct range *r, char text[BLOCK_TEXT_MAX])
{
    char first[ADDRESS_TEXT_MAX], last[ADDRESS_TEXT_MAX];
    const char *as = r->family == FAMILY_ASN ? "AS" : "";
    int order = range_order(r), bits = r->family == FAMILY_IPV6 ? 128 : 32;
    address_format(r->family, r->first, first);
    address_format(r->family, r->last, last);
    if (r->family == FAMILY_ASN && r->first == r->last)
        snprintf(text, BLOCK_TEXT_MAX, "AS%s", first);
    else if (r->family != FAMILY_ASN && order >= 0)
        snprintf(text, BLOCK_TEXT_MAX, "%s/%d", first, bits - order);
    else
        snprintf(text, BLOCK_TEXT_MAX, "%s%s - %s%s", as, first, as, last);
    return text;
}

char *block_format(const struct block *b, char text[BLOCK_TEXT_MAX])
{
    struct range r = block_range(b);
    return range_format(&r, text);
}

static bool asn_parse(struct slice s, u128 *ret)
{
    uint64_t number;
    if (s.length < 3 || (s.at[0] | 32) != 'a' || (s.at[1] | 32) != 's' ||
        !slice_u64((struct slice){s.at + 2, s.length - 2}, UINT32_MAX, &number))
        return false;
    *ret = number;
    return true;
}

static bool point_parse(struct slice s, enum family *family, u128 *ret)
{
    uint32_t ipv4;
    if (ipv6_parse(s, ret)) {
        *family = FAMILY_IPV6;
    } else if (ipv4_parse(s, &ipv4)) {
        *family = FAMILY_IPV4;
        *ret = ipv4;
    } else if (asn_parse(s, ret)) {
        *family = FAMILY_ASN;
    } else {
        return false;
    }
    return true;
}

static bool prefix_parse(struct slice address, struct slice length, struct range *ret)
{
    struct range r;
    uint64_t bits;
    if (!point_parse(address, &r.family, &r.first) || r.family == FAMILY_ASN ||
        !slice_u64(length, r.family == FAMILY_IPV6 ? 128 : 32, &bits))
        return false;
    u128 mask = r.family == FAMILY_IPV6 ? host_mask(bits) : ((u128)1 << (32 - bits)) - 1;
    if (r.first & mask)
        return false;
    r.last = r.first | mask;
    *ret = r;
    return true;
}

bool range_parse(struct slice s, struct range *ret)
{
    struct slice rest = slice_trim(s), first = slice_cut(&rest, '/');
    if (rest.at)
        return prefix_parse(first, rest, ret);
    rest = slice_trim(s);
    first = slice_trim(slice_cut(&rest, '-'));
    struct range r;
    if (!point_parse(first, &r.family, &r.first))
        return false;
    r.last = r.first;
    enum family family = r.family;
    if (rest.at && !point_parse(slice_trim(rest), &family, &r.last))
        return false;
    if (family != r.family || r.last < r.first)
        return false;
    *ret = r;
    return true;
}

bool range_next_block(struct range *r, struct block *ret)
{
    if (r->first > r->last)
        return false;
    unsigned bits = r->family == FAMILY_IPV6 ? 128 : 32, order = 0;
    while (order < bits) {
        u128 below = order + 1 == 128 ? U128_MAX : ((u128)1 << (order + 1)) - 1;
        if ((r->first & below) != 0 || below > r->last - r->first)
            break;
        order++;
    }
    u128 last = r->first | (order == 128 ? U128_MAX : ((u128)1 << order) - 1);
    *ret = (struct block){r->family, r->first,
                          r->family == FAMILY_IPV6 ? 128 - order : (uint64_t)1 << order};
    if (last == family_last(r->family) || last == r->last)
        *r = (struct range){r->family, 1, 0}; // used up
    else
        r->first = last + 1;
    return true;
}
