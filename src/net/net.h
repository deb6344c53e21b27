// SPDX-License-Identifier: Apache-2.0
//
// Internet number resources: IPv6 and IPv4 addresses, AS numbers, and blocks of them.
//
// Every resource is a point on the number line of its family, held in 128 bits: an IPv4 address and
// an AS number take the lowest 32. A block is a start and a value as the RIRs write it: a prefix
// length for IPv6, a count (not necessarily a power of two) for IPv4 and AS numbers. No I/O here.

#ifndef NET_NET_H
#define NET_NET_H

#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

typedef unsigned __int128 u128;

#define U128_MAX (~(u128)0)

enum family { FAMILY_IPV6, FAMILY_IPV4, FAMILY_ASN };
#define FAMILY_COUNT 3

const char *family_name(enum family f); // "ipv6", "ipv4", "asn"
bool family_parse(struct slice s, enum family *ret);

// Addresses that a /64 and a /32 hold, as shifts: 2^64 and 2^96.
#define SLASH64_SHIFT 64
#define SLASH32_SHIFT 96

struct block {
    enum family family;
    u128 start;
    uint64_t value; // prefix length (IPv6), count (IPv4, AS numbers)
};

struct range {
    enum family family;
    u128 first, last; // inclusive
};

// RFC 4291 text without a zone, RFC 5952 not required; dotted quads of four numbers 0..255 without
// leading zeros. The whole slice or failure; *ret is untouched on failure.
bool ipv6_parse(struct slice s, u128 *ret);
bool ipv4_parse(struct slice s, uint32_t *ret);

#define ADDRESS_TEXT_MAX 48
// RFC 5952; dotted quad; "64496" without "AS". Returns `text`.
char *address_format(enum family f, u128 address, char text[ADDRESS_TEXT_MAX]);
// The same without a NUL; returns its end. At most ADDRESS_TEXT_MAX - 1 bytes.
char *address_put(enum family f, u128 address, char *to);
char *decimal_put(uint32_t value, char *to); // at most 10 bytes

#define MAC_TEXT_MAX 18
// "00:00:5e:00:53:01". Returns `text`.
char *mac_format(const uint8_t mac[6], char text[MAC_TEXT_MAX]);

// Is the value possible (prefix length 0..128, count 1.. within the number line), and does an IPv6
// start have no bit set beyond the prefix length?
bool block_valid(const struct block *b);
bool block_aligned(const struct block *b); // IPv6 only; true for the others

// `b` must be valid.
struct range block_range(const struct block *b);
u128 block_count(const struct block *b); // addresses or AS numbers; U128_MAX stands for ::/0

// "2001:db8::/32", "192.0.2.0/24" or "192.0.2.0 - 192.0.2.130", "AS64496" or "AS64496 - AS64511".
#define BLOCK_TEXT_MAX 112
char *block_format(const struct block *b, char text[BLOCK_TEXT_MAX]);
char *range_format(const struct range *r, char text[BLOCK_TEXT_MAX]);

// What a person types: an address, a prefix, "first - last" (blanks optional), "AS64496" or
// "AS64496-AS64511". *ret is untouched on failure.
bool range_parse(struct slice s, struct range *ret);

// Cuts a range into the fewest aligned power-of-two blocks; returns the first and moves r->first
// behind it. False when the range is used up.
bool range_next_block(struct range *r, struct block *ret);

static inline bool range_overlaps(const struct range *a, const struct range *b)
{
    return a->first <= b->last && b->first <= a->last;
}

#endif
