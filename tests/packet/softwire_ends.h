// SPDX-License-Identifier: Apache-2.0
//
// Both ends of a softwire in one test: what one sends is given to the other.

#ifndef TESTS_PACKET_SOFTWIRE_ENDS_H
#define TESTS_PACKET_SOFTWIRE_ENDS_H

#include "packet/softwire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BUFFER 4096
#define DOC    ((u128)0x20010db8 << 96)
#define CE6    (DOC + ((u128)1 << 64) + 1)
#define BR6    (DOC + ((u128)0xffff << 80) + 1)
#define HOST   UINT32_C(0xc0a80105) // 192.168.1.5
#define PUBLIC UINT32_C(0xc0000212) // 192.0.2.18
#define SERVER UINT32_C(0xc6336402)
#define CE4    UINT32_C(0xcb007105)
#define BR4    UINT32_C(0xcb007101)

struct sent {
    uint8_t bytes[16][BUFFER];
    size_t length[16];
    bool partial[16];
    uint16_t segment[16];
    unsigned count;
};

static uint64_t random_state = 9;

static inline uint32_t below(uint32_t limit)
{
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(random_state >> 33) % limit;
}

static inline void send(void *arg, struct packet *p)
{
    struct sent *s = arg;
    assert_true(s->count < 16 && p->length <= BUFFER);
    memcpy(s->bytes[s->count], p->at, p->length);
    s->partial[s->count] = p->partial;
    s->segment[s->count] = p->segment;
    s->length[s->count++] = p->length;
}

static inline void give(struct softwire *s, const uint8_t *bytes, size_t length, int64_t now)
{
    uint8_t buffer[PACKET_HEADROOM + BUFFER];
    struct packet p;
    packet_init(&p, buffer, sizeof buffer);
    memcpy(p.at, bytes, length);
    p.length = length;
    softwire_packet(s, &p, now);
}

// All that one end sent is given to the other; what that sends stays in its `sent`.
static inline void carry(struct sent *from, struct softwire *to)
{
    for (unsigned i = 0; i < from->count; i++)
        give(to, from->bytes[i], from->length[i], 1);
    from->count = 0;
}

static inline struct softwire *make(struct softwire_config c, struct sent *s)
{
    struct softwire *made = NULL;
    struct err e;
    memset(s, 0, sizeof *s);
    c.send = send;
    c.arg = s;
    c.mtu = c.mtu ? c.mtu : 1500;
    c.napt.seed = 7;
    if (softwire_new(&c, &made, &e) != 0)
        fail_msg("%s", e.text);
    return made;
}

static inline size_t write_udp(uint8_t *at, u128 source, uint16_t source_port, u128 destination,
                               uint16_t destination_port, size_t payload, bool cut)
{
    bool six = source >> 32 != 0;
    size_t size = 8 + payload, header = six ? IPV6_HEADER : IPV4_HEADER;
    struct ip ip = {.family = six ? FAMILY_IPV6 : FAMILY_IPV4,
                    .source = source,
                    .destination = destination,
                    .hop_limit = 60,
                    .protocol = PROTOCOL_UDP,
                    .identification = below(65536),
                    .dont_fragment = !cut};
    if (six)
        ipv6_write(at, &ip, size);
    else
        ipv4_write(at, &ip, header + size);
    uint8_t *udp = at + header;
    for (size_t i = 0; i < payload; i++)
        udp[8 + i] = (uint8_t)below(256);
    store16(udp, source_port);
    store16(udp + 2, destination_port);
    store16(udp + 4, (uint16_t)size);
    store16(udp + 6, 0);
    uint32_t sum = sum_pseudo(ip.family, source, destination, PROTOCOL_UDP, (uint32_t)size);
    store16(udp + 6, (uint16_t)~sum_bytes(udp, size, sum));
    return header + size;
}

static inline void write_outer(uint8_t *at, const struct ip *ip, size_t payload)
{
    if (ip->family == FAMILY_IPV6)
        ipv6_write(at, ip, payload);
    else
        ipv4_write(at, ip, IPV4_HEADER + payload);
}

static inline struct ip only(const struct sent *s)
{
    struct ip ip;
    assert_int_equal(s->count, 1);
    assert_int_equal(ip_read(s->bytes[0], s->length[0], 0, &ip), IP_FINE);
    const uint8_t *upper = s->bytes[0] + ip.upper;
    uint32_t length = (uint32_t)(ip.end - ip.upper);
    if (ip.protocol == PROTOCOL_UDP)
        assert_int_equal(
            sum_bytes(upper, length,
                      sum_pseudo(ip.family, ip.source, ip.destination, PROTOCOL_UDP, length)),
            0xffff);
    return ip;
}

static inline void end(struct softwire **a, struct softwire **b)
{
    softwire_free(a);
    softwire_free(b);
}

static const struct map_rule rule = {DOC, UINT32_C(0xc0000200), 40, 24, 16, 6};

#endif
