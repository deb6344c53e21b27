// SPDX-License-Identifier: Apache-2.0
//
// Puts right the sums of a packet of any bytes, and of what is inside, so that more than the look
// at them is tried.

#ifndef FUZZ_REPAIR_H
#define FUZZ_REPAIR_H

#include "packet/packet.h"

#include <stdlib.h>
#include <string.h>

#define REPAIR_DEPTH 3

static inline void repair_icmp(uint8_t *icmp, const struct ip *ip)
{
    uint32_t length = (uint32_t)(ip->end - ip->upper), sum = 0;
    if (length < ICMP_HEADER)
        return;
    if (ip->family == FAMILY_IPV6)
        sum = sum_pseudo(FAMILY_IPV6, ip->source, ip->destination, ip->protocol, length);
    store16(icmp + 2, 0);
    store16(icmp + 2, (uint16_t)~sum_bytes(icmp, length, sum));
}

static inline void repair(uint8_t *at, size_t length)
{
    for (unsigned depth = 0; depth < REPAIR_DEPTH && length >= IPV4_HEADER; depth++) {
        struct ip ip;
        size_t header = (size_t)(at[0] & 15) * 4;
        if (at[0] >> 4 == 4 && header >= IPV4_HEADER && header <= length) {
            store16(at + 10, 0);
            store16(at + 10, (uint16_t)~sum_bytes(at, header, 0));
        }
        if (ip_read(at, length, 0, &ip) != IP_FINE)
            return;
        if (ip.protocol == PROTOCOL_ICMP || ip.protocol == PROTOCOL_ICMPV6)
            repair_icmp(at + ip.upper, &ip);
        if (ip.protocol != PROTOCOL_IPV4 && ip.protocol != PROTOCOL_IPV6)
            return;
        at += ip.upper;
        length = ip.end - ip.upper;
    }
}

// The bytes in a buffer of their own, put right. Returns the buffer, which the caller frees; NULL:
// no memory.
static inline uint8_t *repaired(struct packet *p, const uint8_t *data, size_t size)
{
    const size_t room = PACKET_HEADROOM + size + PACKET_TAILROOM;
    uint8_t *buffer = malloc(room);
    if (!buffer)
        return NULL;
    packet_init(p, buffer, room);
    memcpy(p->at, data, size);
    p->length = size;
    repair(p->at, p->length);
    return buffer;
}

#endif
