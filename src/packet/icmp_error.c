// SPDX-License-Identifier: Apache-2.0
//
// ICMP errors: to whom they may be sent, and what they carry (RFC 1122 3.2.2, RFC 4443 2.4).

#include "packet/packet.h"

#define ICMP4_ERROR_MOST 576
#define SECOND           1000 // milliseconds

static bool is_icmp_error(const uint8_t *at, const struct ip *ip)
{
    if (ip->upper >= ip->end)
        return true; // no telling what it was
    uint8_t type = at[ip->upper];
    if (ip->family == FAMILY_IPV6)
        return ip->protocol == PROTOCOL_ICMPV6 && (type < 128 || type == 137);
    return ip->protocol == PROTOCOL_ICMP &&
           (type == 3 || type == 4 || type == 5 || type == 11 || type == 12);
}

static bool may_tell(const uint8_t *at, const struct ip *about, uint8_t type, uint8_t code)
{
    // RFC 4443 2.4 (e.3): two errors are sent about multicast too.
    bool multicast_too = about->family == FAMILY_IPV6 && (type == 2 || (type == 4 && code == 2));
    return ip_first(about) && is_unicast(about->family, about->source) &&
           (multicast_too || is_unicast(about->family, about->destination)) &&
           !is_icmp_error(at, about);
}

bool icmp_error(struct packet *p, const struct ip *about, u128 from, uint8_t type, uint8_t code,
                uint32_t field)
{
    bool six = about->family == FAMILY_IPV6;
    size_t header = six ? IPV6_HEADER : IPV4_HEADER;
    size_t most = (six ? IPV6_MTU_LEAST : ICMP4_ERROR_MOST) - header - ICMP_HEADER;
    if (!may_tell(p->at, about, type, code) || !packet_push(p, header + ICMP_HEADER))
        return false;
    size_t inner = p->length - header - ICMP_HEADER, body;
    body = ICMP_HEADER + (inner < most ? inner : most);
    p->length = header + body;
    uint8_t *icmp = p->at + header;
    struct ip ip = {.family = about->family,
                    .source = from,
                    .destination = about->source,
                    .hop_limit = 64,
                    .protocol = six ? PROTOCOL_ICMPV6 : PROTOCOL_ICMP};
    icmp[0] = type;
    icmp[1] = code;
    store16(icmp + 2, 0);
    store32(icmp + 4, field);
    uint32_t sum =
        six ? sum_pseudo(FAMILY_IPV6, from, ip.destination, ip.protocol, (uint32_t)body) : 0;
    store16(icmp + 2, (uint16_t)~sum_bytes(icmp, body, sum));
    if (six)
        ipv6_write(p->at, &ip, body);
    else
        ipv4_write(p->at, &ip, p->length);
    return true;
}

// Each error costs its share of a second; a second may be owed.
bool icmp_limit_allows(struct icmp_limit *l, int64_t now)
{
    const int64_t share = SECOND / (l->most ? l->most : ICMP_ERRORS);
    int64_t from = l->until > now ? l->until : now;
    if (from - now > SECOND - share)
        return false;
    l->until = from + share;
    return true;
}
