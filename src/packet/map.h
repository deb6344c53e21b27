// SPDX-License-Identifier: Apache-2.0
//
// Mapping of address and port (RFC 7597 5, RFC 7599): which IPv6 address stands for an IPv4 address
// and port, by rules that all members of a domain share.

#ifndef PACKET_MAP_H
#define PACKET_MAP_H

#include "base/err.h"
#include "packet/napt.h"

struct map_rule {
    u128 prefix6;
    uint32_t prefix4;
    uint8_t length6, length4;
    uint8_t ea_length; // embedded address bits: the rest of the IPv4 address, then the PSID
    uint8_t offset;    // of the PSID in a port; 6 is usual
    // The PSID does not stand in the prefix but is given, by DHCP or by hand: then the rule is one
    // customer's, of a whole IPv4 address (RFC 7597, 5.2 and example 5). Length 0: it is not.
    uint8_t psid_length;
    uint16_t psid;
};

// ERR_USAGE: lengths that cannot go together, bits beyond a prefix.
int map_rule_check(const struct map_rule *r, struct err *e);

static inline unsigned map_psid_length(const struct map_rule *r)
{
    unsigned suffix = 32u - r->length4;
    if (r->psid_length)
        return r->psid_length;
    return r->ea_length > suffix ? r->ea_length - suffix : 0;
}

// What a customer edge has from its delegated prefix: address, port set, and its own IPv6 address.
struct map_customer {
    uint32_t address;
    struct port_set ports; // length 0: all ports
    u128 address6;
    unsigned prefix4_length; // below 32: a whole IPv4 prefix is delegated
};

// False where the prefix is not inside the rule's, or too short to hold the embedded bits.
bool map_customer(const struct map_rule *r, u128 delegated, unsigned length,
                  struct map_customer *ret);

// The IPv6 address for an IPv4 address and port. False: not inside the rule, or a port that is
// nobody's (RFC 7597, 5.1: "A > 0").
bool map_address6(const struct map_rule *r, uint32_t address, uint16_t port, u128 *ret);

// Is `address6` what this rule makes of that address and port? Against forged sources.
bool map_consistent(const struct map_rule *r, u128 address6, uint32_t address, uint16_t port);

#endif
