// SPDX-License-Identifier: Apache-2.0
//
//     |     n bits         |  o bits   | s bits  |   128-n-o-s bits      |
//     +--------------------+-----------+---------+-----------------------+
//     |  Rule IPv6 prefix  |  EA bits  |subnet ID|     interface ID      |
//     +--------------------+-----------+---------+-----------------------+
//
// The interface identifier (RFC 7597, 6) is 16 zero bits, the IPv4 address, and the PSID to the
// right; of an IPv4 prefix, the address is filled up with zeros.

#include "packet/map.h"

static uint32_t mask4(unsigned length)
{
    return length == 0 ? 0 : UINT32_MAX << (32 - length);
}

static u128 mask6(unsigned length)
{
    return length == 0 ? 0 : U128_MAX << (128 - length);
}

int map_rule_check(const struct map_rule *r, struct err *e)
{
    if (r->length4 > 32 || r->length6 == 0 || r->length6 > 64 || r->ea_length > 48 ||
        r->length6 + r->ea_length > 64)
        return err_set(e, ERR_USAGE,
                       "a rule of /%u and /%u with %u embedded bits; the IPv6 prefix and they have "
                       "64 bits at most",
                       r->length6, r->length4, r->ea_length);
    if (r->psid_length &&
        (r->length4 + r->ea_length != 32 || r->psid_length > 16 || r->psid >> r->psid_length != 0))
        return err_set(
            e, ERR_USAGE,
            "PSID %u of %u bits: it must have no more bits, and the rule must lead to one "
            "whole IPv4 address",
            r->psid, r->psid_length);
    if (r->offset + map_psid_length(r) > 16)
        return err_set(e, ERR_USAGE, "a PSID of %u bits behind %u; a port has 16",
                       map_psid_length(r), r->offset);
    if (r->prefix4 & ~mask4(r->length4) || r->prefix6 & ~mask6(r->length6))
        return err_set(e, ERR_USAGE, "bits are set beyond a rule's prefix");
    return 0;
}

static u128 interface_id(uint32_t address, uint16_t psid)
{
    return (u128)address << 16 | psid;
}

bool map_customer(const struct map_rule *r, u128 delegated, unsigned length,
                  struct map_customer *ret)
{
    if (length < (unsigned)r->length6 + r->ea_length || length > 64 ||
        (delegated ^ r->prefix6) & mask6(r->length6))
        return false;
    unsigned suffix = 32u - r->length4, psid_length = map_psid_length(r);
    uint64_t ea = (uint64_t)(delegated >> (128 - r->length6 - r->ea_length)) &
                  ((UINT64_C(1) << r->ea_length) - 1);
    unsigned kept = r->ea_length < suffix ? r->ea_length : suffix; // bits of the IPv4 address
    unsigned embedded = r->psid_length ? 0 : psid_length;
    uint32_t host = (uint32_t)(ea >> embedded << (suffix - kept));
    uint16_t psid = r->psid_length ? r->psid : (uint16_t)(ea & ((1u << psid_length) - 1));
    *ret = (struct map_customer){
        .address = r->prefix4 | host,
        .ports = {psid_length ? r->offset : 0, (uint8_t)psid_length, psid},
        .prefix4_length = (unsigned)r->length4 + kept,
    };
    ret->address6 = (delegated & mask6(length)) | interface_id(ret->address, psid);
    return true;
}

bool map_address6(const struct map_rule *r, uint32_t address, uint16_t port, u128 *ret)
{
    if ((address ^ r->prefix4) & mask4(r->length4))
        return false;
    unsigned suffix = 32u - r->length4, psid_length = map_psid_length(r);
    unsigned kept = r->ea_length < suffix ? r->ea_length : suffix;
    uint16_t psid =
        r->psid_length
            ? r->psid
            : (uint16_t)((port >> (16 - r->offset - psid_length)) & ((1u << psid_length) - 1));
    if (psid_length &&
        !port_set_has(&(struct port_set){r->offset, (uint8_t)psid_length, psid}, port))
        return false;
    uint32_t known = address & (kept + r->length4 == 32 ? UINT32_MAX : mask4(kept + r->length4));
    uint64_t ea = (uint64_t)(known & ~mask4(r->length4)) >> (suffix - kept);
    if (!r->psid_length)
        ea = ea << psid_length | psid;
    *ret = r->prefix6 | (u128)ea << (128 - r->length6 - r->ea_length) | interface_id(known, psid);
    return true;
}

// The subnet identifier between the embedded bits and bit 64 is the provider's to choose.
bool map_consistent(const struct map_rule *r, u128 address6, uint32_t address, uint16_t port)
{
    u128 wanted;
    if (!map_address6(r, address, port, &wanted))
        return false;
    u128 subnet = mask6(64) & ~mask6((unsigned)r->length6 + r->ea_length);
    return ((address6 ^ wanted) & ~subnet) == 0;
}
