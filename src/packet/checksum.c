// SPDX-License-Identifier: Apache-2.0
//
// The Internet checksum. Sums are of big-endian words, so that they can be looked at.

#include "packet/packet.h"

uint32_t sum_bytes(const uint8_t *at, size_t length, uint32_t sum)
{
    uint64_t wide = sum;
    for (; length >= 4; at += 4, length -= 4)
        wide += load32(at);
    if (length >= 2) {
        wide += load16(at);
        at += 2;
        length -= 2;
    }
    if (length)
        wide += (uint32_t)at[0] << 8;
    wide = (wide & UINT32_MAX) + (wide >> 32);
    wide = (wide & UINT32_MAX) + (wide >> 32);
    return sum_fold((uint32_t)wide);
}

uint32_t sum_address(enum family f, u128 address)
{
    uint32_t sum = 0;
    unsigned words = f == FAMILY_IPV6 ? 8 : 2;
    for (unsigned i = 0; i < words; i++, address >>= 16)
        sum += (uint16_t)address;
    return sum;
}

uint16_t sum_fold(uint32_t sum)
{
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)sum;
}

uint32_t sum_pseudo(enum family f, u128 source, u128 destination, uint8_t protocol, uint32_t length)
{
    return sum_address(f, source) + sum_address(f, destination) + protocol + (length >> 16) +
           (length & 0xffff);
}

void checksum_change(uint8_t *at, uint32_t old, uint32_t new)
{
    uint32_t sum = (uint16_t)~load16(at);
    sum += (uint16_t)~sum_fold(old);
    sum += sum_fold(new);
    store16(at, (uint16_t)~sum_fold(sum));
}

void checksum_change_partial(uint8_t *at, uint32_t old, uint32_t new)
{
    store16(at, sum_fold((uint32_t)load16(at) + (uint16_t)~sum_fold(old) + sum_fold(new)));
}

size_t checksum_offset(uint8_t protocol)
{
    switch (protocol) {
    case PROTOCOL_TCP:
        return 16;
    case PROTOCOL_UDP:
        return 6;
    case PROTOCOL_ICMP:
    case PROTOCOL_ICMPV6:
        return 2;
    default:
        return 0;
    }
}

bool checksum_holds(const uint8_t *upper, const struct ip *ip)
{
    uint32_t length = (uint32_t)(ip->end - ip->upper), sum = 0;
    if (ip->protocol != PROTOCOL_ICMP)
        sum = sum_pseudo(ip->family, ip->source, ip->destination, ip->protocol, length);
    return sum_fold(sum_bytes(upper, length, sum_fold(sum))) == 0xffff;
}

bool checksum_is_left(const uint8_t *upper, const struct ip *ip)
{
    const size_t offset = checksum_offset(ip->protocol), length = ip->end - ip->upper;
    if (offset == 0 || length < offset + 2 || !ip_first(ip) || ip->more)
        return false;
    uint32_t sum =
        sum_pseudo(ip->family, ip->source, ip->destination, ip->protocol, (uint32_t)length);
    return load16(upper + offset) == sum_fold(sum);
}

void checksum_complete(struct packet *p, const struct ip *ip)
{
    uint8_t *upper = p->at + ip->upper;
    size_t offset = checksum_offset(ip->protocol), length = ip->end - ip->upper;
    if (!p->partial)
        return;
    p->partial = false;
    if (offset == 0 || length < offset + 2)
        return;
    uint16_t sum = (uint16_t)~sum_bytes(upper, length, 0); // the field itself counts: that is the
                                                           // pseudo-header
    store16(upper + offset, sum || ip->protocol != PROTOCOL_UDP ? sum : 0xffff);
}
