// SPDX-License-Identifier: Apache-2.0
//
// Advertisements, right and wrong. What the fields say is made wrong before the packet is written,
// what only bytes can say behind it.

#include "daemon/ra.h"

#define LINK_LOCAL_PREFIX ((u128)0xfe80 << 112)
#define WRONG_SUBNET      ((u128)0xbad << 64)
#define FLOOD_PREFIX      ((u128)0x20010db8 << 96)
#define SHORT_MESSAGE     12
#define NO_LENGTH_OPTION  8

const char *ra_fault_name(enum ra_fault f)
{
    static const char *const names[] = {"",
                                        "zero-lifetime",
                                        "wrong-prefix",
                                        "long-prefix",
                                        "link-local-prefix",
                                        "preferred-over-valid",
                                        "bad-length",
                                        "short",
                                        "checksum",
                                        "hop-limit",
                                        "code",
                                        "global-source",
                                        "flood"};
    return names[f];
}

static void spoil_prefix(struct advert_prefix *p, enum ra_fault fault)
{
    if (fault == RA_WRONG_PREFIX)
        p->prefix ^= WRONG_SUBNET;
    if (fault == RA_LONG_PREFIX)
        p->length = 80;
    if (fault == RA_LINK_LOCAL_PREFIX)
        p->prefix = LINK_LOCAL_PREFIX;
    if (fault == RA_PREFERRED_OVER_VALID) {
        p->valid = 1800;
        p->preferred = 3600;
    }
}

static void spoil(struct advert *a, enum ra_fault fault, uint64_t chance)
{
    if (fault == RA_ZERO_LIFETIME)
        a->lifetime = 0;
    if (fault == RA_FLOOD) {
        a->prefixes[0] = (struct advert_prefix){
            FLOOD_PREFIX | (u128)(uint32_t)chance << 64, 64, true, true, NDP_FOREVER, NDP_FOREVER};
        a->prefix_count = 1;
        a->has_mac = false;
    }
    for (size_t i = 0; i < a->prefix_count; i++)
        spoil_prefix(a->prefixes + i, fault);
}

static void spoil_bytes(uint8_t *at, enum ra_fault fault)
{
    uint8_t *message = at + IPV6_HEADER;
    if (fault == RA_CHECKSUM)
        message[3] ^= 0x55;
    if (fault == RA_HOP_LIMIT)
        at[7] = 64; // as if it had crossed routers
}

size_t ra_packet(const struct ra_options *o, u128 source, u128 destination, uint64_t chance,
                 uint8_t *at, size_t room)
{
    struct advert a = o->advert;
    spoil(&a, o->fault, chance);
    if (room < IPV6_HEADER + NO_LENGTH_OPTION)
        return 0;
    uint8_t *message = at + IPV6_HEADER;
    size_t length = advert_write(&a, message, room - IPV6_HEADER - NO_LENGTH_OPTION);
    if (length == 0)
        return 0;
    if (o->fault == RA_BAD_LENGTH) {
        memset(message + length, 0, NO_LENGTH_OPTION);
        message[length] = 253; // an option for experiments
        length += NO_LENGTH_OPTION;
    }
    if (o->fault == RA_SHORT)
        length = SHORT_MESSAGE;
    if (o->fault == RA_CODE)
        message[1] = 1;
    if (o->fault == RA_GLOBAL_SOURCE)
        source = a.prefix_count ? a.prefixes[0].prefix | 1 : FLOOD_PREFIX | 1;
    if (o->fault == RA_FLOOD)
        source = LINK_LOCAL_PREFIX | chance;
    length = ndp_finish(at, source, destination, length);
    spoil_bytes(at, o->fault);
    return length;
}
