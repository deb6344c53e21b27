// SPDX-License-Identifier: Apache-2.0
//
// Reading and writing network headers.
//
// Of an IPv6 packet's extension headers, those that RFC 8200 puts before the upper layer are
// stepped over; an authentication header is an upper layer here, as it is to a translator.

#include "packet/packet.h"

#define OPTION_END   0
#define OPTION_NOP   1
#define OPTION_LSRR  131
#define OPTION_SSRR  137
#define HEADERS_MAX  16 // extension headers; a sane packet has two or three
#define FLAG_DF      0x4000
#define FLAG_MF      0x2000
#define OFFSET_MASK  0x1fff
#define FRAGMENT_BIT 1

const char *ip_fault_name(enum ip_fault f)
{
    static const char *const names[IP_FAULT_COUNT] = {
        [IP_FINE] = "fine",
        [IP_SHORT] = "shorter than its headers say",
        [IP_VERSION] = "neither IPv4 nor IPv6",
        [IP_LENGTH] = "impossible length",
        [IP_CHECKSUM] = "wrong header checksum",
        [IP_OPTIONS] = "impossible options or extension headers",
    };
    return names[f];
}

// RFC 791, 3.1: a source route whose pointer is not behind its end still has a hop to go.
static bool read_ipv4_options(const uint8_t *at, size_t length, bool *source_route)
{
    for (size_t i = 0; i < length && at[i] != OPTION_END;) {
        if (at[i] == OPTION_NOP) {
            i++;
            continue;
        }
        if (length - i < 2 || at[i + 1] < 2 || at[i + 1] > length - i)
            return false;
        bool routed = at[i] == OPTION_LSRR || at[i] == OPTION_SSRR;
        if (routed && at[i + 1] >= 3 && at[i + 2] <= at[i + 1])
            *source_route = true;
        i += at[i + 1];
    }
    return true;
}

static enum ip_fault read_ipv4(const uint8_t *at, size_t length, bool cut, struct ip *ret)
{
    if (length < IPV4_HEADER)
        return IP_SHORT;
    size_t header = (size_t)(at[0] & 15) * 4, total = load16(at + 2);
    if (header < IPV4_HEADER || total < header)
        return IP_LENGTH;
    if (header > length || (total > length && !cut))
        return IP_SHORT;
    if (!cut && sum_bytes(at, header, 0) != 0xffff)
        return IP_CHECKSUM;
    unsigned flags = load16(at + 6);
    struct ip ip = {
        .family = FAMILY_IPV4,
        .source = load32(at + 12),
        .destination = load32(at + 16),
        .traffic_class = at[1],
        .hop_limit = at[8],
        .protocol = at[9],
        .fragment = flags & (FLAG_MF | OFFSET_MASK),
        .more = flags & FLAG_MF,
        .dont_fragment = flags & FLAG_DF,
        .offset = (uint16_t)((flags & OFFSET_MASK) * 8),
        .identification = load16(at + 4),
        .upper = header,
        .end = total < length ? total : length,
    };
    if (!read_ipv4_options(at + IPV4_HEADER, header - IPV4_HEADER, &ip.source_route))
        return IP_OPTIONS;
    *ret = ip;
    return IP_FINE;
}

static void read_fragment(const uint8_t *at, size_t place, struct ip *ip)
{
    unsigned field = load16(at + place + 2);
    ip->fragment = true;
    ip->fragment_header = place;
    ip->offset = field & ~7u;
    ip->more = field & FRAGMENT_BIT;
    ip->identification = load32(at + place + 4);
}

// Steps over extension headers until something else begins; a later piece has none that can be
// read.
static enum ip_fault read_chain(const uint8_t *at, struct ip *ip)
{
    for (unsigned i = 0; i < HEADERS_MAX; i++) {
        size_t place = ip->upper, size;
        bool fragment = ip->protocol == PROTOCOL_FRAGMENT;
        if (ip->protocol != PROTOCOL_HOPOPT && ip->protocol != PROTOCOL_OPTIONS &&
            ip->protocol != PROTOCOL_ROUTING && !fragment)
            return IP_FINE;
        if (ip->end - place < 8)
            return IP_SHORT;
        size = fragment ? FRAGMENT_HEADER : ((size_t)at[place + 1] + 1) * 8;
        if (size > ip->end - place)
            return IP_SHORT;
        if (fragment && ip->fragment_header)
            return IP_OPTIONS;
        if (fragment)
            read_fragment(at, place, ip);
        if (ip->protocol == PROTOCOL_ROUTING && at[place + 3] != 0 && !ip->segments_left)
            ip->segments_left = place + 3;
        ip->protocol = at[place];
        ip->upper = place + size;
        if (ip->offset)
            return IP_FINE;
    }
    return IP_OPTIONS;
}

static enum ip_fault read_ipv6(const uint8_t *at, size_t length, bool cut, struct ip *ret)
{
    if (length < IPV6_HEADER)
        return IP_SHORT;
    size_t total = IPV6_HEADER + (size_t)load16(at + 4);
    if (total > length && !cut)
        return IP_SHORT;
    struct ip ip = {
        .family = FAMILY_IPV6,
        .source = load128(at + 8),
        .destination = load128(at + 24),
        .traffic_class = (uint8_t)(at[0] << 4 | at[1] >> 4),
        .hop_limit = at[7],
        .protocol = at[6],
        .dont_fragment = true,
        .upper = IPV6_HEADER,
        .end = total < length ? total : length,
    };
    enum ip_fault fault = read_chain(at, &ip);
    if (fault == IP_FINE)
        *ret = ip;
    return fault;
}

enum ip_fault ip_read(const uint8_t *at, size_t length, unsigned flags, struct ip *ret)
{
    if (length == 0)
        return IP_SHORT;
    switch (at[0] >> 4) {
    case 4:
        return read_ipv4(at, length, flags & IP_READ_CUT, ret);
    case 6:
        return read_ipv6(at, length, flags & IP_READ_CUT, ret);
    default:
        return IP_VERSION;
    }
}

void ipv4_write(uint8_t *at, const struct ip *ip, size_t length)
{
    at[0] = 0x45;
    at[1] = ip->traffic_class;
    store16(at + 2, (uint16_t)length);
    store16(at + 4, (uint16_t)ip->identification);
    store16(at + 6, (uint16_t)((ip->dont_fragment ? FLAG_DF : 0) | (ip->more ? FLAG_MF : 0) |
                               ip->offset / 8));
    at[8] = ip->hop_limit;
    at[9] = ip->protocol;
    store16(at + 10, 0);
    store32(at + 12, (uint32_t)ip->source);
    store32(at + 16, (uint32_t)ip->destination);
    store16(at + 10, (uint16_t)~sum_bytes(at, IPV4_HEADER, 0));
}

size_t ipv6_write(uint8_t *at, const struct ip *ip, size_t payload)
{
    size_t size = IPV6_HEADER + (ip->fragment ? FRAGMENT_HEADER : 0);
    store32(at, 6u << 28 | (uint32_t)ip->traffic_class << 20);
    store16(at + 4, (uint16_t)(payload + size - IPV6_HEADER));
    at[6] = ip->fragment ? PROTOCOL_FRAGMENT : ip->protocol;
    at[7] = ip->hop_limit;
    store128(at + 8, ip->source);
    store128(at + 24, ip->destination);
    if (ip->fragment) {
        at[IPV6_HEADER] = ip->protocol;
        at[IPV6_HEADER + 1] = 0;
        store16(at + IPV6_HEADER + 2, (uint16_t)(ip->offset | (ip->more ? FRAGMENT_BIT : 0)));
        store32(at + IPV6_HEADER + 4, ip->identification);
    }
    return size;
}
