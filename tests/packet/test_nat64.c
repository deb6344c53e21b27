// SPDX-License-Identifier: Apache-2.0
//
// NAT64 as a client, a server and a router on the path see it; explicit mappings with the examples
// of RFC 7757.

#include "packet/nat64.h"
#include "packet/siit.h"
#include "packet/syns.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BUFFER 4096
#define PREFIX (((u128)0x20010db800640000) << 64)
#define CLIENT ((((u128)0x20010db800010000) << 64) + 5)
#define OTHER  ((((u128)0x20010db800010000) << 64) + 6)
#define OWN6   ((((u128)0x20010db800010000) << 64) + 1)
#define SERVER UINT32_C(0xc6336402)
#define POOL   UINT32_C(0xc0000201)

struct sent {
    uint8_t bytes[8][BUFFER];
    size_t length[8];
    unsigned count;
};

static void send(void *arg, struct packet *p)
{
    struct sent *s = arg;
    assert_true(s->count < 8);
    memcpy(s->bytes[s->count], p->at, p->length);
    s->length[s->count++] = p->length;
}

static struct nat64 *make_with(struct sent *s, bool filter, bool outbound_only)
{
    struct nat64 *n = NULL;
    struct err e;
    memset(s, 0, sizeof *s);
    struct nat64_config c = {.prefix = PREFIX,
                             .prefix_length = 96,
                             .napt = {.pool_first = POOL,
                                      .pool_last = POOL,
                                      .seed = 1,
                                      .address_dependent = filter,
                                      .outbound_only = outbound_only},
                             .own6 = OWN6,
                             .zero_checksum = true,
                             .send = send,
                             .arg = s};
    assert_int_equal(nat64_new(&c, &n, &e), 0);
    return n;
}

static struct nat64 *make(struct sent *s)
{
    return make_with(s, false, false);
}

struct wanted {
    u128 source, destination;
    uint16_t source_port, destination_port;
    uint8_t protocol, flags;
    size_t payload;
    uint16_t offset;
    bool more, no_sum;
};

static size_t upper_size(uint8_t protocol)
{
    return protocol == PROTOCOL_TCP ? 20 : 8;
}

static void write_upper(uint8_t *upper, const struct wanted *w, bool six, size_t length)
{
    memset(upper, 0, length);
    for (size_t i = upper_size(w->protocol); i < length; i++)
        upper[i] = (uint8_t)(i * 3);
    if (w->protocol == PROTOCOL_ICMP) {
        upper[0] = six ? (w->flags ? 129 : 128) : (w->flags ? 0 : 8);
        store16(upper + 4, w->source_port);
        return;
    }
    store16(upper, w->source_port);
    store16(upper + 2, w->destination_port);
    if (w->protocol == PROTOCOL_UDP)
        store16(upper + 4, (uint16_t)length);
    else
        upper[13] = w->flags;
}

// A whole packet, or with `offset` and `more` the piece of one, whose checksum is of the whole.
static size_t write_packet(uint8_t *at, const struct wanted *w)
{
    bool six = w->source >> 32 != 0;
    uint8_t upper[BUFFER];
    size_t length = upper_size(w->protocol) + w->payload, checksum = w->protocol == 17 ? 6 : 2;
    struct ip ip = {.family = six ? FAMILY_IPV6 : FAMILY_IPV4,
                    .source = w->source,
                    .destination = w->destination,
                    .hop_limit = 64,
                    .protocol = six && w->protocol == 1 ? 58 : w->protocol,
                    .fragment = w->offset || w->more,
                    .more = w->more,
                    .offset = w->offset,
                    .identification = 4711};
    write_upper(upper, w, six, length);
    checksum = w->protocol == PROTOCOL_TCP ? 16 : checksum;
    uint32_t pseudo = ip.protocol == 1 ? 0
                                       : sum_pseudo(ip.family, ip.source, ip.destination,
                                                    ip.protocol, (uint32_t)length);
    if (!w->no_sum)
        store16(upper + checksum, (uint16_t)~sum_bytes(upper, length, pseudo));
    size_t from = w->offset, size = w->more ? 64 : length - from;
    size_t header = IPV4_HEADER;
    if (six)
        header = ipv6_write(at, &ip, size);
    else
        ipv4_write(at, &ip, header + size);
    memcpy(at + header, upper + from, size);
    return header + size;
}

static void give(struct nat64 *n, const struct wanted *w, int64_t now)
{
    uint8_t buffer[PACKET_HEADROOM + BUFFER];
    struct packet p;
    packet_init(&p, buffer, sizeof buffer);
    p.length = write_packet(p.at, w);
    nat64_packet(n, &p, now);
}

static struct wanted out(uint8_t protocol, uint16_t port)
{
    return (struct wanted){CLIENT, PREFIX | SERVER, port, 80, protocol, 2, 32, 0, false, false};
}

static struct ip last(const struct sent *s)
{
    struct ip ip;
    assert_true(s->count > 0);
    assert_int_equal(ip_read(s->bytes[s->count - 1], s->length[s->count - 1], 0, &ip), IP_FINE);
    return ip;
}

static void expect_sum(const struct sent *s)
{
    struct ip ip = last(s);
    const uint8_t *at = s->bytes[s->count - 1];
    uint32_t length = (uint32_t)(ip.end - ip.upper);
    uint32_t pseudo = ip.protocol == 1
                          ? 0
                          : sum_pseudo(ip.family, ip.source, ip.destination, ip.protocol, length);
    assert_int_equal(sum_bytes(at + ip.upper, length, pseudo), 0xffff);
}

static void test_there_and_back(void **state)
{
    (void)state;
    static const uint8_t protocols[] = {PROTOCOL_TCP, PROTOCOL_UDP, PROTOCOL_ICMP};
    for (size_t i = 0; i < 3; i++) {
        struct sent s;
        struct nat64 *n = make(&s);
        struct wanted w = out(protocols[i], 4000);
        w.flags = w.protocol == PROTOCOL_TCP ? 2 : 0;
        give(n, &w, 0);
        struct ip ip = last(&s);
        expect_sum(&s);
        assert_true(ip.family == FAMILY_IPV4 && ip.source == POOL && ip.destination == SERVER);
        uint16_t port = load16(s.bytes[0] + ip.upper + (i == 2 ? 4 : 0));
        struct wanted back = {SERVER, POOL, 80, port, protocols[i], 18, 100, 0, false, false};
        if (i == 2)
            back.source_port = port;
        give(n, &back, 10);
        ip = last(&s);
        expect_sum(&s);
        assert_true(ip.source == (PREFIX | SERVER) && ip.destination == CLIENT);
        assert_int_equal(load16(s.bytes[1] + ip.upper + (i == 2 ? 4 : 2)), 4000);
        nat64_free(&n);
    }
}

static void test_strangers_do_not_pass(void **state)
{
    (void)state;
    struct sent s;
    struct nat64 *n = make(&s);
    struct wanted w = {SERVER, POOL, 80, 4000, PROTOCOL_TCP, 2, 32, 0, false, false};
    give(n, &w, 0);
    w.destination = POOL + 9;
    give(n, &w, 0);
    w = out(PROTOCOL_UDP, 1);
    w.destination = OTHER;
    give(n, &w, 0);
    w = out(PROTOCOL_UDP, 1);
    w.source = PREFIX | (SERVER + 1); // round in a circle
    give(n, &w, 0);
    assert_int_equal(s.count, 0);
    assert_int_equal(nat64_counts(n).refused[NAPT_NONE], 1);
    assert_int_equal(nat64_counts(n).elsewhere, 3);
    nat64_free(&n);
}

static void expect_told(const struct sent *s, uint8_t type, uint8_t code, u128 to)
{
    struct ip ip = last(s);
    const uint8_t *icmp = s->bytes[s->count - 1] + ip.upper;
    expect_sum(s);
    assert_true(ip.destination == to);
    assert_int_equal(icmp[0], type);
    assert_int_equal(icmp[1], code);
}

// RFC 6146, 3.4 and 3.5.1.1.
// What no host sends from, or to, leaves nothing behind.
static void test_addresses_of_no_host(void **state)
{
    (void)state;
    struct sent s;
    struct nat64 *n = make(&s);
    static const uint32_t servers[] = {0, 0x7f000001, 0xe0000001, 0xffffffff};
    struct wanted w = out(PROTOCOL_UDP, 4000);
    for (size_t i = 0; i < 4; i++) {
        w.destination = PREFIX | servers[i];
        give(n, &w, 0);
    }
    w = out(PROTOCOL_UDP, 4000);
    w.source = IPV6_ALL_NODES;
    give(n, &w, 0);
    assert_int_equal(s.count, 0);
    assert_int_equal(nat64_counts(n).napt.bindings, 0);
    nat64_free(&n);
}

static void test_refusals_are_told(void **state)
{
    (void)state;
    struct sent s;
    struct nat64 *n = make(&s);
    struct wanted w = out(132, 1); // SCTP
    give(n, &w, 0);
    expect_told(&s, 1, 4, CLIENT);
    w.source = SERVER;
    w.destination = POOL;
    give(n, &w, 0);
    expect_told(&s, 3, 2, SERVER);
    for (uint16_t port = 1; port <= NAPT_HOST_DEFAULT + 1; port++) {
        s.count = 0;
        w = out(PROTOCOL_UDP, port);
        give(n, &w, 0);
    }
    expect_told(&s, 1, 3, CLIENT);
    nat64_free(&n);
}

// RFC 4443, 2.4 (f).
static void test_errors_are_few(void **state)
{
    (void)state;
    struct sent s;
    struct nat64 *n = make(&s);
    const struct wanted w = out(132, 1);
    unsigned told = 0;
    for (unsigned i = 0; i < 1000; i++) {
        s.count = 0;
        give(n, &w, 500 + i / 2); // in half a second
        told += s.count;
    }
    assert_in_range(told, ICMP_ERRORS + ICMP_ERRORS / 2 - 2, ICMP_ERRORS + ICMP_ERRORS / 2 + 2);
    nat64_free(&n);
}

// A router between the translator and the server says that the packet was too big.
static void test_error_finds_the_client(void **state)
{
    (void)state;
    struct sent s;
    struct nat64 *n = make(&s);
    struct wanted w = out(PROTOCOL_UDP, 4001);
    w.payload = 1300;
    give(n, &w, 0);
    uint8_t buffer[PACKET_HEADROOM + BUFFER];
    struct packet p;
    struct ip about = last(&s), got, inner;
    packet_init(&p, buffer, sizeof buffer);
    memcpy(p.at, s.bytes[0], s.length[0]);
    p.length = s.length[0];
    assert_true(icmp_error(&p, &about, 0xcb007109, 3, 4, 1300));
    nat64_packet(n, &p, 5);
    got = last(&s);
    expect_sum(&s);
    const uint8_t *icmp = s.bytes[1] + got.upper;
    assert_true(got.source == (PREFIX | 0xcb007109) && got.destination == CLIENT);
    assert_int_equal(icmp[0], 2);
    assert_int_equal(load32(icmp + 4), 1320);
    assert_int_equal(ip_read(icmp + 8, 200, IP_READ_CUT, &inner), IP_FINE);
    assert_true(inner.source == CLIENT && inner.destination == (PREFIX | SERVER));
    assert_int_equal(load16(icmp + 8 + inner.upper), 4001);
    assert_int_equal(nat64_counts(n).napt.sessions, 1);
    nat64_free(&n);
}

static void test_pieces_follow_the_first(void **state)
{
    (void)state;
    for (unsigned early = 0; early < 2; early++) {
        struct sent s;
        struct nat64 *n = make(&s);
        struct wanted first = out(PROTOCOL_UDP, 4002), later = first;
        first.more = true;
        later.offset = 64;
        later.payload = first.payload = 100;
        give(n, early ? &later : &first, 0);
        assert_int_equal(s.count, early ? 0 : 1);
        give(n, early ? &first : &later, 1);
        assert_int_equal(s.count, 2);
        struct ip ip = last(&s);
        assert_true(ip.source == POOL && ip.destination == SERVER);
        assert_int_equal(ip.offset, 64);
        assert_int_equal(ip.identification, 4711);
        give(n, &later, 5000); // long after: forgotten
        assert_int_equal(s.count, 2);
        assert_int_equal(nat64_counts(n).pieces_early, early + 1);
        nat64_free(&n);
    }
}

// A sum over all pieces must be made anew: of ICMP, and of UDP from IPv4 that has none (RFC 6146,
// 3.4).
static void test_pieces_without_a_sum(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 6; i++) {
        struct sent s;
        struct nat64 *n = make(&s);
        bool icmp = i / 2 != 0, from6 = i / 2 == 1;
        struct wanted w = out(icmp ? PROTOCOL_ICMP : PROTOCOL_UDP, 4003);
        give(n, &w, 0);
        uint16_t port = load16(s.bytes[0] + 20 + (icmp ? 4 : 0));
        if (!from6)
            w = (struct wanted){SERVER, POOL, icmp ? port : 80, port, w.protocol, 0, 0, 0,
                                false,  false};
        w.payload = 100;
        w.no_sum = !icmp;
        struct wanted first = w, later = w;
        first.more = true;
        later.offset = 64;
        s.count = 0;
        give(n, i % 2 ? &first : &later, 1);
        assert_int_equal(s.count, 0);
        give(n, i % 2 ? &later : &first, 2);
        assert_int_equal(s.count, 1);
        expect_sum(&s);
        struct ip ip = last(&s);
        assert_int_equal(ip.end - ip.upper, 108);
        assert_true(ip.destination == (from6 ? SERVER : CLIENT));
        nat64_free(&n);
    }
}

// RFC 6146 3.5.2.2, ESTABLISHED.
static void test_still_connection_is_asked(void **state)
{
    (void)state;
    struct sent s;
    struct nat64 *n = make(&s);
    struct wanted w = out(PROTOCOL_TCP, 4000);
    give(n, &w, 0);
    uint16_t port = load16(s.bytes[0] + 20);
    const struct wanted back = {SERVER, POOL, 80, port, PROTOCOL_TCP, 18, 0, 0, false, false};
    give(n, &back, 1);
    s.count = 0;
    nat64_tick(n, 7200 * 1000);
    assert_int_equal(s.count, 0);
    nat64_tick(n, 7201 * 1000);
    assert_int_equal(s.count, 1);
    struct ip ip = last(&s);
    expect_sum(&s);
    const uint8_t *tcp = s.bytes[0] + ip.upper;
    assert_true(ip.source == (PREFIX | SERVER) && ip.destination == CLIENT);
    assert_int_equal(load32(tcp), 80 << 16 | 4000);
    assert_int_equal(tcp[13], 16);
    w.flags = 16;
    give(n, &w, 7202 * 1000); // it lives
    nat64_tick(n, 10000 * 1000);
    assert_int_equal(nat64_counts(n).napt.sessions, 1);
    nat64_free(&n);
}

static void test_two_hosts_behind_it_meet(void **state)
{
    (void)state;
    struct sent s;
    struct nat64 *n = make(&s);
    struct wanted w = out(PROTOCOL_UDP, 5000);
    give(n, &w, 0); // the first host gets a binding
    struct ip ip = last(&s);
    uint16_t port = load16(s.bytes[0] + ip.upper);
    struct wanted meet = {OTHER, PREFIX | POOL, 6000, port, PROTOCOL_UDP, 0, 32, 0, false, false};
    give(n, &meet, 1);
    ip = last(&s);
    expect_sum(&s);
    assert_true(ip.family == FAMILY_IPV6 && ip.destination == CLIENT);
    assert_true(ip.source == (PREFIX | POOL));
    assert_int_equal(load16(s.bytes[1] + ip.upper + 2), 5000);
    nat64_free(&n);
}

// RFC 7757, 3.2 and appendix.
// RFC 6146, 3.4: pieces in any order, also where the packet is turned back.
static void test_pieces_between_two_hosts(void **state)
{
    (void)state;
    for (unsigned early = 0; early < 2; early++) {
        struct sent s;
        struct nat64 *n = make(&s);
        struct wanted w = out(PROTOCOL_UDP, 5000);
        give(n, &w, 0);
        const uint16_t port = load16(s.bytes[0] + IPV4_HEADER);
        struct wanted first = {OTHER, PREFIX | POOL, 6000, port, PROTOCOL_UDP,
                               0,     100,           0,    true, false},
                      later = first;
        later.offset = 64;
        later.more = false;
        give(n, early ? &later : &first, 1);
        give(n, early ? &first : &later, 2);
        assert_int_equal(s.count, 3);
        struct ip ip = last(&s);
        assert_true(ip.family == FAMILY_IPV6 && ip.destination == CLIENT && ip.offset == 64);
        assert_int_equal(nat64_counts(n).pieces_early, early);
        nat64_free(&n);
    }
}

static void test_explicit_mappings(void **state)
{
    (void)state;
    static const struct {
        const char *prefix4, *prefix6, *address4, *address6;
        uint8_t length4, length6;
    } table[] = {
        {"192.0.2.1", "2001:db8:aaaa::", "192.0.2.1", "2001:db8:aaaa::", 32, 128},
        {"192.0.2.2", "2001:db8:bbbb::b", "192.0.2.2", "2001:db8:bbbb::b", 32, 128},
        {"192.0.2.16", "2001:db8:cccc::", "192.0.2.18", "2001:db8:cccc::2", 28, 124},
        {"192.0.2.128", "2001:db8:dddd::", "192.0.2.152", "2001:db8:dddd:0:6000::", 26, 64},
        {"192.0.2.128", "2001:db8:dddd::", "192.0.2.191", "2001:db8:dddd:0:fc00::", 26, 64},
        {"192.0.2.192", "2001:db8:eeee:8::", "192.0.2.195", "2001:db8:eeee:9:8000::", 29, 62},
        {"192.0.2.224", "64:ff9b::", "192.0.2.225", "64:ff9b::1", 31, 127},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct siit_pair pair = {.length4 = table[i].length4, .length6 = table[i].length6};
        struct siit s = {.pairs = &pair, .pair_count = 1};
        uint32_t four, got4;
        u128 six, got6;
        struct err e;
        assert_true(ipv4_parse(slice_of(table[i].prefix4), &pair.prefix4));
        assert_true(ipv6_parse(slice_of(table[i].prefix6), &pair.prefix6));
        assert_true(ipv4_parse(slice_of(table[i].address4), &four));
        assert_true(ipv6_parse(slice_of(table[i].address6), &six));
        assert_int_equal(siit_check(&s, &e), 0);
        assert_true(siit_to6(&s, four, &got6) && got6 == six);
        assert_true(siit_to4(&s, six, &got4) && got4 == four);
        assert_false(siit_to6(&s, four + 1000, &got6));
    }
}

static struct siit_way way(const struct siit *siit, struct sent *s)
{
    memset(s, 0, sizeof *s);
    struct siit_way w = {.siit = siit, .send = send, .arg = s, .translator = {.own4 = 1}};
    return w;
}

static void give_siit(struct siit_way *w, const struct wanted *wanted)
{
    uint8_t buffer[PACKET_HEADROOM + BUFFER];
    struct packet p;
    packet_init(&p, buffer, sizeof buffer);
    p.length = write_packet(p.at, wanted);
    assert_int_equal(siit_packet(w, &p), TRANSLATED_FORWARD);
}

// RFC 7757, appendix B.1: two IPv6 hosts that have IPv4 addresses, and an error of the second.
static void test_mapped_hosts_meet(void **state)
{
    (void)state;
    struct sent s;
    const struct siit_pair pairs[] = {{POOL, CLIENT, 32, 128}, {POOL + 1, OTHER, 32, 128}};
    const struct siit siit = {
        .prefix = PREFIX, .prefix_length = 96, .pairs = pairs, .pair_count = 2};
    struct siit_way w = way(&siit, &s);
    siit_begin(&w);
    struct wanted there = {CLIENT, PREFIX | (POOL + 1), 5, 6, PROTOCOL_UDP, 0, 9, 0, false, false};
    give_siit(&w, &there);
    struct ip ip = last(&s);
    expect_sum(&s);
    assert_true(ip.source == (PREFIX | POOL) && ip.destination == OTHER);
    assert_int_equal(ip.hop_limit, 63);
    uint8_t buffer[PACKET_HEADROOM + BUFFER];
    struct packet p;
    packet_init(&p, buffer, sizeof buffer);
    memcpy(p.at, s.bytes[0], s.length[0]);
    p.length = s.length[0];
    assert_true(icmp_error(&p, &ip, OTHER, 1, 4, 0));
    assert_int_equal(siit_packet(&w, &p), TRANSLATED_FORWARD);
    ip = last(&s);
    expect_sum(&s);
    assert_true(ip.source == (PREFIX | (POOL + 1)) && ip.destination == CLIENT);
    struct ip inner;
    assert_int_equal(ip_read(s.bytes[1] + ip.upper + 8, ip.end - ip.upper - 8, IP_READ_CUT, &inner),
                     IP_FINE);
    assert_true(inner.source == CLIENT && inner.destination == (PREFIX | (POOL + 1)));
}

// A mapped host's packet from IPv4 keeps its own address: a CLAT's.
static void test_mapped_source(void **state)
{
    (void)state;
    struct sent s;
    const struct siit_pair pair = {POOL, CLIENT, 32, 128};
    const struct siit siit = {
        .prefix = PREFIX, .prefix_length = 96, .pairs = &pair, .pair_count = 1};
    struct siit_way w = way(&siit, &s);
    siit_begin(&w);
    struct wanted there = {POOL, SERVER, 5, 6, PROTOCOL_UDP, 0, 9, 0, false, false};
    give_siit(&w, &there);
    struct ip ip = last(&s);
    assert_true(ip.source == CLIENT && ip.destination == (PREFIX | SERVER));
    there.source = PREFIX | SERVER;
    there.destination = CLIENT;
    give_siit(&w, &there);
    ip = last(&s);
    assert_true(ip.source == SERVER && ip.destination == POOL);
}

static void test_well_known_prefix_without_private_addresses(void **state)
{
    (void)state;
    const struct siit s = {.prefix = (u128)0x0064ff9b << 96, .prefix_length = 96};
    u128 six;
    uint32_t four;
    assert_true(siit_to6(&s, 0x08080808, &six) && siit_to4(&s, six, &four));
    assert_false(siit_to6(&s, 0x0a000001, &six));
    assert_false(siit_to4(&s, s.prefix | 0x0a000001, &four));
}

// RFC 7915, 4.4 and 5.4: what has no mapping is told so, but for ICMPv6.
static void test_unmapped_is_told(void **state)
{
    (void)state;
    struct sent s;
    const struct siit_pair pair = {POOL, CLIENT, 32, 128};
    const struct siit siit = {PREFIX, 96, &pair, 1};
    const struct siit strict = {0, 0, &pair, 1};
    for (unsigned i = 0; i < 4; i++) {
        struct siit_way w = way(i < 2 ? &siit : &strict, &s);
        uint8_t buffer[PACKET_HEADROOM + BUFFER];
        struct packet p;
        struct wanted wanted = out(i == 1 ? PROTOCOL_ICMP : PROTOCOL_UDP, 4000);
        wanted.source = OTHER;
        if (i >= 2) {
            wanted.source = SERVER;
            wanted.destination = POOL;
        }
        w.translator.own4 = i == 3 ? 0 : POOL + 9;
        w.translator.own6 = OWN6;
        siit_begin(&w);
        packet_init(&p, buffer, sizeof buffer);
        p.length = write_packet(p.at, &wanted);
        assert_int_equal(siit_packet(&w, &p), TRANSLATED_REFUSED);
        assert_int_equal(s.count, i % 2 == 0);
        if (i == 0)
            expect_told(&s, 1, 1, OTHER);
        if (i == 2)
            expect_told(&s, 3, 13, SERVER);
    }
}

static void test_impossible_mappings(void **state)
{
    (void)state;
    struct err e;
    struct siit_pair bad[] = {{SERVER, PREFIX, 24, 105},
                              {SERVER, PREFIX, 24, 64},
                              {SERVER, PREFIX | 1, 32, 120},
                              {SERVER, PREFIX, 33, 128}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(siit_check(&(struct siit){.pairs = bad + i, .pair_count = 1}, &e),
                         ERR_USAGE);
    struct siit_pair twice[] = {{SERVER, PREFIX, 32, 128}, {SERVER, PREFIX + 1, 32, 128}};
    assert_int_equal(siit_check(&(struct siit){.pairs = twice, .pair_count = 2}, &e), ERR_USAGE);
    assert_int_equal(siit_check(&(struct siit){.prefix_length = 33}, &e), ERR_USAGE);
}

#define SYN 2
#define ACK 16

// A SYN that comes in from a stranger: to a bound port, or to none.
static struct wanted knock(uint16_t port)
{
    return (struct wanted){.source = SERVER + 1,
                           .destination = POOL,
                           .source_port = 5555,
                           .destination_port = port,
                           .protocol = PROTOCOL_TCP,
                           .flags = SYN};
}

static uint16_t bound_port(struct nat64 *n, struct sent *s)
{
    struct wanted syn = out(PROTOCOL_TCP, 4000);
    syn.flags = SYN;
    give(n, &syn, 0);
    struct ip ip = last(s);
    s->count = 0;
    return load16(s->bytes[0] + ip.upper);
}

// RFC 6146 3.5.2.2: a SYN that is filtered waits for six seconds, then its sender is told.
static void test_unwanted_syn_is_told_later(void **state)
{
    (void)state;
    struct sent s;
    for (int bound = 0; bound < 2; bound++) {
        struct nat64 *n = make_with(&s, true, false);
        struct wanted syn = knock(bound ? bound_port(n, &s) : 7777);
        give(n, &syn, 1000);
        give(n, &syn, 4000); // again: the first one counts
        nat64_tick(n, 6999);
        assert_int_equal(s.count, 0);
        nat64_tick(n, 7000);
        struct ip ip = last(&s);
        const uint8_t *icmp = s.bytes[0] + ip.upper;
        assert_true(ip.source == POOL && ip.destination == SERVER + 1 && ip.protocol == 1);
        assert_true(icmp[0] == 3 && icmp[1] == 3 && load16(icmp + 8 + 20) == 5555);
        nat64_tick(n, 20000);
        assert_int_equal(s.count, 1);
        nat64_free(&n);
    }
}

// Both open at once: the one from outside is dropped, and the connection stands for hours.
static void test_both_open_at_once(void **state)
{
    (void)state;
    struct sent s;
    struct nat64 *n = make_with(&s, true, false);
    struct wanted syn = knock(bound_port(n, &s)), own = out(PROTOCOL_TCP, 4000);
    own.destination = PREFIX | (SERVER + 1);
    own.destination_port = 5555;
    own.flags = SYN;
    give(n, &syn, 1000);
    give(n, &own, 2000);
    assert_int_equal(s.count, 1); // only what went out
    nat64_tick(n, 10000);
    assert_int_equal(s.count, 1);
    syn.flags = ACK;
    give(n, &syn, 3600000); // an hour later: established, not transitory
    assert_int_equal(s.count, 2);
    nat64_free(&n);
}

static void test_flood_of_syns(void **state)
{
    (void)state;
    static uint8_t buffer[PACKET_HEADROOM + SYNS_BYTES];
    struct syns *s = syns_new();
    struct packet p;
    size_t kept = 0, over = 0;
    packet_init(&p, buffer, sizeof buffer);
    p.length = 40;
    for (uint16_t i = 0; i < 1000; i++)
        kept += syns_keep(s, &(struct syns_key){SERVER, i, {POOL, 80}}, &p, 100 + i);
    assert_int_equal(kept, SYNS_MAX);
    assert_true(syns_met(s, &(struct syns_key){SERVER, 7, {POOL, 80}}, 200));
    assert_false(syns_met(s, &(struct syns_key){SERVER, 7, {POOL, 80}}, 200));  // once
    assert_false(syns_met(s, &(struct syns_key){SERVER, 8, {POOL, 80}}, 9000)); // too late
    while (syns_over(s, 6110, &p))
        over++;
    assert_int_equal(over, 10); // of the first eleven, without the one that was met
    while (syns_over(s, 9999, &p))
        over++;
    assert_int_equal(over, SYNS_MAX - 1);
    assert_int_equal(syns_count(s), 0);
    assert_true(syns_keep(s, &(struct syns_key){SERVER, 1, {POOL, 80}}, &p, 10000));
    syns_free(&s);
}

static void test_syns_that_do_not_wait(void **state)
{
    (void)state;
    struct sent s;
    struct nat64 *n = make_with(&s, true, true); // none may begin outside: silence
    struct wanted syn = knock(7777);
    give(n, &syn, 0);
    nat64_tick(n, 10000);
    assert_int_equal(s.count, 0);
    nat64_free(&n);
    n = make_with(&s, true, false);
    syn.flags = SYN | ACK; // an answer to nothing
    give(n, &syn, 0);
    syn.flags = ACK;
    give(n, &syn, 0);
    nat64_tick(n, 10000);
    assert_int_equal(s.count, 0);
    nat64_free(&n);
    n = make_with(&s, false, false); // without the filter a bound port is anybody's
    syn = knock(bound_port(n, &s));
    give(n, &syn, 0);
    assert_int_equal(s.count, 1);
    nat64_free(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_strangers_do_not_pass),
        cmocka_unit_test(test_addresses_of_no_host),
        cmocka_unit_test(test_refusals_are_told),
        cmocka_unit_test(test_errors_are_few),
        cmocka_unit_test(test_error_finds_the_client),
        cmocka_unit_test(test_pieces_follow_the_first),
        cmocka_unit_test(test_pieces_without_a_sum),
        cmocka_unit_test(test_still_connection_is_asked),
        cmocka_unit_test(test_two_hosts_behind_it_meet),
        cmocka_unit_test(test_pieces_between_two_hosts),
        cmocka_unit_test(test_explicit_mappings),
        cmocka_unit_test(test_mapped_hosts_meet),
        cmocka_unit_test(test_mapped_source),
        cmocka_unit_test(test_well_known_prefix_without_private_addresses),
        cmocka_unit_test(test_unmapped_is_told),
        cmocka_unit_test(test_impossible_mappings),
        cmocka_unit_test(test_unwanted_syn_is_told_later),
        cmocka_unit_test(test_both_open_at_once),
        cmocka_unit_test(test_flood_of_syns),
        cmocka_unit_test(test_syns_that_do_not_wait),
    };
    return cmocka_run_group_tests_name("nat64", tests, NULL, NULL);
}
