// SPDX-License-Identifier: Apache-2.0
//
// Router advertisements and solicitations (RFC 4861 4.1, 4.2, 6.1.1): routes and preference
// (RFC 4191), resolvers and search names (RFC 8106), the prefix of a NAT64 (RFC 8781).

#ifndef PACKET_ADVERT_H
#define PACKET_ADVERT_H

#include "base/cursor.h"
#include "packet/packet.h"

#define ADVERT_LIST_MAX 16 // of each: what fits into 1,280 bytes bounds them anyway

#define NDP_HOP_LIMIT  255
#define NDP_SOLICIT    133
#define NDP_ADVERT     134
#define ADVERT_HEADER  16
#define SOLICIT_HEADER 8

#define NDP_FOREVER UINT32_MAX // as a lifetime

#define ADVERT_OPTION_PREFIX 3
#define ADVERT_OPTION_MTU    5
#define ADVERT_OPTION_PREF64 38

enum advert_preference { ADVERT_MEDIUM = 0, ADVERT_HIGH = 1, ADVERT_LOW = 3 }; // as in the packet

struct advert_prefix {
    u128 prefix;
    uint8_t length;
    bool on_link, autonomous;
    uint32_t valid, preferred; // seconds
};

struct advert_route {
    u128 prefix;
    uint8_t length;
};

struct advert {
    uint8_t hop_limit; // 0: not said, as with the other numbers
    bool managed, other;
    enum advert_preference preference;
    uint16_t lifetime;           // seconds as a default router; 0: it is none
    uint32_t reachable, retrans; // milliseconds
    uint32_t mtu;
    bool has_mac;
    uint8_t mac[6];
    struct advert_prefix prefixes[ADVERT_LIST_MAX];
    struct advert_route routes[ADVERT_LIST_MAX], pref64[ADVERT_LIST_MAX];
    u128 resolvers[ADVERT_LIST_MAX];
    struct slice search[ADVERT_LIST_MAX]; // "example.com"; borrowed
    size_t prefix_count, route_count, pref64_count, resolver_count, search_count;
    enum advert_preference route_preference;
    uint32_t route_lifetime, resolver_lifetime, pref64_lifetime; // seconds
};

// Of an IPv6 prefix of 32, 40, 48, 56, 64 or 96 bits.
bool advert_pref64_valid(unsigned length);

// By its code in the option; 0: there is none.
uint8_t advert_pref64_length(unsigned code);

// Letters, digits, "-" and "_" in labels of 1 to 63, at most 253 together.
bool advert_name_valid(struct slice name);

// The message, from its type on, without its checksum. 0: there is not enough room.
size_t advert_write(const struct advert *a, uint8_t *at, size_t room);

// Puts an IPv6 header before an ICMPv6 message that stands at at + IPV6_HEADER, and its checksum
// into it; returns the length of all.
size_t ndp_finish(uint8_t *at, u128 source, u128 destination, size_t length);
// Is it a message of neighbour discovery that nobody beyond the link has sent, and undamaged? The
// cursor stands at its type.
bool ndp_read(const uint8_t *at, size_t length, struct ip *ret, struct cursor *ret_message);

// Is this packet a solicitation that a router has to answer? False for whatever RFC 4861 6.1.1
// tells to ignore.
bool solicit_read(const uint8_t *at, size_t length, u128 *ret_source);

// What another router says, as far as routers compare it. False for whatever RFC 4861 6.1.2 tells
// to ignore.
bool advert_read(const uint8_t *at, size_t length, struct advert *ret, u128 *ret_source);

// In what two contradict each other (RFC 4861, 6.2.7; RFC 8781, 5.2): a bit each, with a name.
#define ADVERT_DIFFERENCES 8
unsigned advert_differences(const struct advert *a, const struct advert *b);
const char *advert_difference_name(unsigned which);

#endif
