// SPDX-License-Identifier: Apache-2.0
//
// The translator with the plainest mapper, one prefix for both sides (RFC 7915, RFC 6052): round
// trips of random packets, every checksum summed up anew, the RFC's tables of ICMP types, codes,
// pointers and MTUs, and the examples of RFC 6052.

#include "packet/translate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BUFFER 4096
#define PREFIX ((u128)0x20010db800640000 << 64)
#define HOST4  UINT32_C(0xc0000201) // 192.0.2.1
#define PEER4  UINT32_C(0xc6336402) // 198.51.100.2
#define OWN4   UINT32_C(0xcb007101) // 203.0.113.1
#define OWN6   (PREFIX | OWN4)

#define EXTENSION (20 + 8 + 128) // where that of an ICMP error stands

struct seen {
    uint8_t bytes[8][BUFFER];
    size_t length[8];
    unsigned forwarded, answered;
};

static uint64_t random_state = 3;

static uint32_t below(uint32_t limit)
{
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(random_state >> 33) % limit;
}

static bool address(enum family from, u128 in, u128 *ret)
{
    uint32_t four;
    if (from == FAMILY_IPV4) {
        *ret = embed_address(PREFIX, 96, (uint32_t)in);
        return true;
    }
    if (!embed_extract(PREFIX, 96, in, &four))
        return false;
    *ret = four;
    return true;
}

static bool map(void *arg, enum family from, const struct flow *in, bool inner, struct flow *ret)
{
    (void)arg;
    (void)inner;
    *ret = *in;
    return address(from, in->source, &ret->source) &&
           address(from, in->destination, &ret->destination);
}

static bool router(void *arg, enum family from, u128 in, u128 *ret)
{
    (void)arg;
    return address(from, in, ret);
}

static void keep(struct seen *s, struct packet *p)
{
    unsigned n = s->forwarded + s->answered;
    assert_true(n < 8);
    memcpy(s->bytes[n], p->at, p->length);
    s->length[n] = p->length;
}

static void forward(void *arg, struct packet *p)
{
    keep(arg, p);
    ((struct seen *)arg)->forwarded++;
}

static void answer(void *arg, struct packet *p)
{
    keep(arg, p);
    ((struct seen *)arg)->answered++;
}

static struct translator translator(struct seen *s)
{
    memset(s, 0, sizeof *s);
    return (struct translator){
        .mapper = {map, router, forward, answer, s}, .own4 = OWN4, .own6 = OWN6};
}

static enum translated run(struct translator *t, const uint8_t *bytes, size_t length)
{
    uint8_t buffer[BUFFER + PACKET_HEADROOM];
    struct packet p;
    packet_init(&p, buffer, sizeof buffer);
    memcpy(p.at, bytes, length);
    p.length = length;
    return translate(t, &p);
}

// The whole packet's checksums, summed up as a host would.
static void expect_sums(const uint8_t *at, size_t length)
{
    struct ip ip;
    assert_int_equal(ip_read(at, length, 0, &ip), IP_FINE);
    assert_int_equal(ip.end, length);
    if (ip.fragment || !checksum_offset(ip.protocol))
        return;
    size_t left = ip.end - ip.upper;
    uint32_t pseudo =
        ip.protocol == PROTOCOL_ICMP
            ? 0
            : sum_pseudo(ip.family, ip.source, ip.destination, ip.protocol, (uint32_t)left);
    assert_int_equal(sum_bytes(at + ip.upper, left, pseudo), 0xffff);
}

static size_t header_size(enum family f)
{
    return f == FAMILY_IPV6 ? IPV6_HEADER : IPV4_HEADER;
}

static size_t write_header(uint8_t *at, const struct ip *ip, size_t payload)
{
    if (ip->family == FAMILY_IPV6)
        return ipv6_write(at, ip, payload);
    ipv4_write(at, ip, IPV4_HEADER + payload);
    return IPV4_HEADER;
}

// A packet with right checksums; ICMP is an echo request.
static size_t make(uint8_t *at, enum family f, uint8_t protocol, size_t payload)
{
    bool six = f == FAMILY_IPV6, icmp = protocol == PROTOCOL_ICMP;
    struct ip ip = {.family = f, .traffic_class = 0x28, .hop_limit = 64, .dont_fragment = true};
    ip.protocol = six && icmp ? PROTOCOL_ICMPV6 : protocol;
    ip.source = six ? (PREFIX | HOST4) : HOST4;
    ip.destination = six ? (PREFIX | PEER4) : PEER4;
    size_t header = write_header(at, &ip, payload), offset = checksum_offset(ip.protocol);
    uint8_t *upper = at + header;
    for (size_t i = 0; i < payload; i++)
        upper[i] = (uint8_t)below(256);
    if (icmp) {
        upper[0] = six ? 128 : 8;
        upper[1] = 0;
    }
    if (protocol == PROTOCOL_UDP)
        store16(upper + 4, (uint16_t)payload);
    if (offset) {
        uint32_t pseudo =
            icmp && !six ? 0
                         : sum_pseudo(f, ip.source, ip.destination, ip.protocol, (uint32_t)payload);
        store16(upper + offset, 0);
        store16(upper + offset, (uint16_t)~sum_bytes(upper, payload, pseudo));
    }
    return header + payload;
}

static void test_round_trips(void **state)
{
    (void)state;
    static const uint8_t protocols[] = {PROTOCOL_TCP, PROTOCOL_UDP, PROTOCOL_ICMP, 132};
    struct seen s;
    uint8_t packet[BUFFER];
    for (unsigned round = 0; round < 4000; round++) {
        enum family f = round % 2 ? FAMILY_IPV6 : FAMILY_IPV4;
        size_t payload = 20 + below(1180), header = header_size(f);
        size_t length = make(packet, f, protocols[round / 2 % 4], payload);
        struct translator t = translator(&s);
        assert_int_equal(run(&t, packet, length), TRANSLATED_FORWARD);
        assert_int_equal(s.forwarded, 1);
        assert_int_equal(s.bytes[0][0] >> 4, f == FAMILY_IPV6 ? 4 : 6);
        expect_sums(s.bytes[0], s.length[0]);
        assert_int_equal(run(&t, s.bytes[0], s.length[0]), TRANSLATED_FORWARD);
        expect_sums(s.bytes[1], s.length[1]);
        struct ip before, after;
        assert_int_equal(ip_read(packet, length, 0, &before), IP_FINE);
        assert_int_equal(ip_read(s.bytes[1], s.length[1], 0, &after), IP_FINE);
        assert_true(before.source == after.source && before.destination == after.destination);
        assert_int_equal(before.hop_limit, after.hop_limit + 2);
        assert_int_equal(before.traffic_class, after.traffic_class);
        assert_int_equal(s.length[1], length);
        assert_memory_equal(s.bytes[1] + header, packet + header, payload);
    }
}

// The table of RFC 6052, 2.4.
static void test_embedded_addresses(void **state)
{
    (void)state;
    static const struct {
        const char *prefix;
        unsigned length;
        const char *address;
    } table[] = {
        {"2001:db8::", 32, "2001:db8:c000:221::"},
        {"2001:db8:100::", 40, "2001:db8:1c0:2:21::"},
        {"2001:db8:122::", 48, "2001:db8:122:c000:2:2100::"},
        {"2001:db8:122:300::", 56, "2001:db8:122:3c0:0:221::"},
        {"2001:db8:122:344::", 64, "2001:db8:122:344:c0:2:2100:0"},
        {"2001:db8:122:344::", 96, "2001:db8:122:344::192.0.2.33"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        u128 prefix, want;
        uint32_t got = 0;
        assert_true(ipv6_parse(slice_of(table[i].prefix), &prefix));
        assert_true(ipv6_parse(slice_of(table[i].address), &want));
        assert_true(embed_valid(table[i].length));
        assert_true(embed_address(prefix, table[i].length, 0xc0000221) == want);
        assert_true(embed_extract(prefix, table[i].length, want, &got));
        assert_int_equal(got, 0xc0000221);
        assert_false(embed_extract(prefix, table[i].length, want ^ ((u128)1 << 127), &got));
        assert_false(embed_extract(prefix, table[i].length, want | ((u128)1 << 60), &got));
    }
    assert_false(embed_valid(33) || embed_valid(72) || embed_valid(0) || embed_valid(128));
}

// RFC 6052, 3.1, with the first and last address of each block and their neighbours.
static void test_well_known_prefix_is_for_global_addresses(void **state)
{
    (void)state;
    static const char *const blocks[][2] = {
        {"0.0.0.0", "0.255.255.255"},       {"10.0.0.0", "10.255.255.255"},
        {"100.64.0.0", "100.127.255.255"},  {"127.0.0.0", "127.255.255.255"},
        {"169.254.0.0", "169.254.255.255"}, {"172.16.0.0", "172.31.255.255"},
        {"192.0.0.0", "192.0.0.255"},       {"192.0.2.0", "192.0.2.255"},
        {"192.168.0.0", "192.168.255.255"}, {"198.18.0.0", "198.19.255.255"},
        {"198.51.100.0", "198.51.100.255"}, {"203.0.113.0", "203.0.113.255"},
        {"224.0.0.0", "255.255.255.255"},
    };
    const u128 known = (u128)0x0064ff9b << 96;
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
        uint32_t first, last, got;
        assert_true(ipv4_parse(slice_of(blocks[i][0]), &first));
        assert_true(ipv4_parse(slice_of(blocks[i][1]), &last));
        assert_false(embed_extract(known, 96, known | first, &got));
        assert_false(embed_extract(known, 96, known | last, &got));
        assert_true(first == 0 || embed_extract(known, 96, known | (first - 1), &got));
        assert_true(last == UINT32_MAX || embed_extract(known, 96, known | (last + 1), &got));
        assert_true(embed_allowed(PREFIX, 96, first));
    }
    uint32_t got;
    assert_true(embed_extract(known, 96, known | UINT32_C(0xc0586301), &got));
}

// What no host sends from, or to (RFC 7915, 4.1 and 5.1; RFC 1812, 5.3.7).
static void test_addresses_of_no_host(void **state)
{
    (void)state;
    struct seen s;
    uint8_t packet[BUFFER];
    static const uint32_t addresses[] = {0, 0x7f000001, 0xe0000001, 0xffffffff};
    for (size_t i = 0; i < 16; i++) {
        enum family f = i & 8 ? FAMILY_IPV6 : FAMILY_IPV4;
        struct translator t = translator(&s);
        size_t length = make(packet, f, PROTOCOL_UDP, 64);
        struct ip ip;
        assert_int_equal(ip_read(packet, length, 0, &ip), IP_FINE);
        u128 *end = i & 4 ? &ip.source : &ip.destination;
        *end = (f == FAMILY_IPV6 ? PREFIX : 0) | addresses[i % 4];
        write_header(packet, &ip, 64);
        assert_int_equal(run(&t, packet, length), TRANSLATED_SILENT);
        assert_int_equal(s.forwarded + s.answered, 0);
    }
}

static void test_large_packets_that_may_be_cut(void **state)
{
    (void)state;
    struct seen s;
    uint8_t packet[BUFFER];
    struct translator t = translator(&s);
    size_t length = make(packet, FAMILY_IPV4, PROTOCOL_UDP, 1400);
    struct ip ip;
    ip_read(packet, length, 0, &ip);
    ip.dont_fragment = false;
    ip.identification = 0x1234;
    ipv4_write(packet, &ip, length);
    assert_int_equal(run(&t, packet, length), TRANSLATED_FORWARD);
    assert_int_equal(s.forwarded, 2);
    size_t sum = 0;
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(ip_read(s.bytes[i], s.length[i], 0, &ip), IP_FINE);
        assert_true(s.length[i] <= 1280);
        assert_int_equal(ip.identification, 0x1234);
        assert_int_equal(ip.offset, sum);
        sum += ip.end - ip.upper;
    }
    assert_int_equal(sum, 1400);
}

// RFC 7915, 4.1: what an operator may set.
static void test_lowest_mtu_and_class(void **state)
{
    (void)state;
    struct seen s;
    uint8_t packet[BUFFER];
    for (unsigned i = 0; i < 2; i++) {
        struct translator t = translator(&s);
        struct ip ip;
        size_t length = make(packet, FAMILY_IPV4, PROTOCOL_UDP, 1500 - IPV6_HEADER + i);
        ip_read(packet, length, 0, &ip);
        ip.dont_fragment = false;
        ipv4_write(packet, &ip, length);
        t.mtu6_least = 1500;
        t.traffic_class_0 = true;
        assert_int_equal(run(&t, packet, length), TRANSLATED_FORWARD);
        assert_int_equal(s.forwarded, 1 + i);
        assert_int_equal(ip_read(s.bytes[0], s.length[0], 0, &ip), IP_FINE);
        assert_int_equal(ip.traffic_class, 0);
        assert_int_equal(ip.fragment, i);
    }
}

static void test_too_big_is_answered(void **state)
{
    (void)state;
    struct seen s;
    uint8_t packet[BUFFER];
    struct translator t = translator(&s);
    t.mtu6 = 1400;
    size_t length = make(packet, FAMILY_IPV4, PROTOCOL_TCP, 1380);
    assert_int_equal(run(&t, packet, length), TRANSLATED_TOO_BIG);
    assert_int_equal(s.answered, 1);
    assert_int_equal(s.bytes[0][20], 3);
    assert_int_equal(s.bytes[0][21], 4);
    assert_int_equal(load16(s.bytes[0] + 26), 1380);
    t = translator(&s);
    t.mtu4 = 1300;
    length = make(packet, FAMILY_IPV6, PROTOCOL_TCP, 1340);
    assert_int_equal(run(&t, packet, length), TRANSLATED_TOO_BIG);
    assert_int_equal(s.bytes[0][40], 2);
    assert_int_equal(load32(s.bytes[0] + 44), 1320);
}

static void test_hop_limit(void **state)
{
    (void)state;
    struct seen s;
    uint8_t packet[BUFFER];
    struct translator t = translator(&s);
    size_t length = make(packet, FAMILY_IPV6, PROTOCOL_UDP, 100);
    packet[7] = 1;
    assert_int_equal(run(&t, packet, length), TRANSLATED_EXPIRED);
    assert_int_equal(s.answered, 1);
    assert_int_equal(s.bytes[0][40], 3);
    length = make(packet, FAMILY_IPV4, PROTOCOL_UDP, 100);
    struct ip ip;
    ip_read(packet, length, 0, &ip);
    ip.hop_limit = 0;
    ipv4_write(packet, &ip, length);
    t = translator(&s);
    assert_int_equal(run(&t, packet, length), TRANSLATED_EXPIRED);
    assert_int_equal(s.bytes[0][20], 11);
}

static void test_udp_without_checksum(void **state)
{
    (void)state;
    struct seen s;
    uint8_t packet[BUFFER];
    struct translator t = translator(&s);
    size_t length = make(packet, FAMILY_IPV4, PROTOCOL_UDP, 100);
    store16(packet + 26, 0);
    assert_int_equal(run(&t, packet, length), TRANSLATED_SILENT);
    t.zero_checksum = true;
    assert_int_equal(run(&t, packet, length), TRANSLATED_FORWARD);
    expect_sums(s.bytes[0], s.length[0]);
}

// An error of a router, about a packet that this translator had sent the other way.
static size_t make_error(uint8_t *at, enum family f, uint8_t type, uint8_t code, uint32_t field,
                         uint8_t protocol)
{
    bool six = f == FAMILY_IPV6;
    uint8_t inside[BUFFER];
    size_t inner = make(inside, f, protocol, 64), header = header_size(f);
    struct ip ip = {.family = f, .hop_limit = 60};
    ip.protocol = six ? PROTOCOL_ICMPV6 : PROTOCOL_ICMP;
    ip.source = six ? (PREFIX | 0xcb007109) : 0xcb007109;
    ip.destination = six ? (PREFIX | HOST4) : HOST4;
    write_header(at, &ip, ICMP_HEADER + inner);
    uint8_t *icmp = at + header;
    icmp[0] = type;
    icmp[1] = code;
    store16(icmp + 2, 0);
    store32(icmp + 4, field);
    memcpy(icmp + ICMP_HEADER, inside, inner);
    uint32_t pseudo =
        six ? sum_pseudo(f, ip.source, ip.destination, 58, (uint32_t)(ICMP_HEADER + inner)) : 0;
    store16(icmp + 2, (uint16_t)~sum_bytes(icmp, ICMP_HEADER + inner, pseudo));
    return header + ICMP_HEADER + inner;
}

static void expect_error(enum family f, const unsigned in[3], const int out[3])
{
    struct seen s;
    uint8_t packet[BUFFER];
    struct translator t = translator(&s);
    enum family to = f == FAMILY_IPV6 ? FAMILY_IPV4 : FAMILY_IPV6;
    size_t length = make_error(packet, f, (uint8_t)in[0], (uint8_t)in[1], in[2], PROTOCOL_TCP);
    enum translated what = run(&t, packet, length);
    if (out[0] < 0) {
        assert_int_equal(what, TRANSLATED_SILENT);
        return;
    }
    assert_int_equal(what, TRANSLATED_FORWARD);
    const uint8_t *icmp = s.bytes[0] + header_size(to);
    expect_sums(s.bytes[0], s.length[0]);
    assert_int_equal(icmp[0], out[0]);
    assert_int_equal(icmp[1], out[1]);
    assert_int_equal(load32(icmp + 4), out[2]);
    expect_sums(icmp + ICMP_HEADER, s.length[0] - header_size(to) - ICMP_HEADER);
    struct ip inner;
    ip_read(icmp + ICMP_HEADER, 1000, IP_READ_CUT, &inner);
    assert_int_equal(inner.hop_limit, 64);
    assert_true(inner.source == (to == FAMILY_IPV6 ? (PREFIX | HOST4) : HOST4));
}

// RFC 7915, 4.2.
static void test_errors_from_ipv4(void **state)
{
    (void)state;
    static const struct {
        unsigned in[3];
        int out[3];
    } table[] = {
        {{3, 0, 0}, {1, 0, 0}},          {{3, 1, 0}, {1, 0, 0}},
        {{3, 2, 0}, {4, 1, 6}},          {{3, 3, 0}, {1, 4, 0}},
        {{3, 4, 1400}, {2, 0, 1420}},    {{3, 4, 600}, {2, 0, 1280}},
        {{3, 4, 9000}, {2, 0, 1500}},    {{3, 5, 0}, {1, 0, 0}},
        {{3, 8, 0}, {1, 0, 0}},          {{3, 9, 0}, {1, 1, 0}},
        {{3, 10, 0}, {1, 1, 0}},         {{3, 12, 0}, {1, 0, 0}},
        {{3, 13, 0}, {1, 1, 0}},         {{3, 14, 0}, {-1}},
        {{3, 15, 0}, {1, 1, 0}},         {{3, 16, 0}, {-1}},
        {{11, 0, 0}, {3, 0, 0}},         {{11, 1, 0}, {3, 1, 0}},
        {{12, 0, 8u << 24}, {4, 0, 7}},  {{12, 0, 9u << 24}, {4, 0, 6}},
        {{12, 0, 14u << 24}, {4, 0, 8}}, {{12, 0, 19u << 24}, {4, 0, 24}},
        {{12, 0, 5u << 24}, {-1}},       {{12, 1, 0}, {-1}},
        {{12, 2, 2u << 24}, {4, 0, 4}},  {{12, 0, 20u << 24}, {-1}},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        expect_error(FAMILY_IPV4, table[i].in, table[i].out);
}

// RFC 7915, 5.2.
static void test_errors_from_ipv6(void **state)
{
    (void)state;
    static const struct {
        unsigned in[3];
        int out[3];
    } table[] = {
        {{1, 0, 0}, {3, 1, 0}},
        {{1, 1, 0}, {3, 10, 0}},
        {{1, 2, 0}, {3, 1, 0}},
        {{1, 3, 0}, {3, 1, 0}},
        {{1, 4, 0}, {3, 3, 0}},
        {{1, 5, 0}, {-1}},
        {{2, 0, 1400}, {3, 4, 1380}},
        {{2, 0, 9000}, {3, 4, 1480}},
        {{3, 0, 0}, {11, 0, 0}},
        {{3, 1, 0}, {11, 1, 0}},
        {{4, 0, 0}, {12, 0, 0}},
        {{4, 0, 1}, {12, 0, 1 << 24}},
        {{4, 0, 2}, {-1}},
        {{4, 0, 4}, {12, 0, 2 << 24}},
        {{4, 0, 6}, {12, 0, 9 << 24}},
        {{4, 0, 7}, {12, 0, 8 << 24}},
        {{4, 0, 8}, {12, 0, 12 << 24}},
        {{4, 0, 39}, {12, 0, 16 << 24}},
        {{4, 0, 40}, {-1}},
        {{4, 1, 0}, {3, 2, 0}},
        {{4, 2, 0}, {-1}},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        expect_error(FAMILY_IPV6, table[i].in, table[i].out);
}

// Nor do errors come from such addresses, or lead to them.
static void test_errors_of_no_host(void **state)
{
    (void)state;
    static const uint32_t addresses[] = {0, 0x7f000001, 0xe0000001, 0xffffffff};
    for (size_t i = 0; i < 24; i++) {
        struct seen s;
        struct ip ip;
        uint8_t packet[BUFFER];
        enum family f = i < 12 ? FAMILY_IPV6 : FAMILY_IPV4;
        struct translator t = translator(&s);
        size_t length = make_error(packet, f, f == FAMILY_IPV6 ? 1 : 3, 0, 0, PROTOCOL_UDP);
        u128 address = (f == FAMILY_IPV6 ? PREFIX : 0) | addresses[i % 4];
        assert_int_equal(ip_read(packet, length, 0, &ip), IP_FINE);
        size_t header = ip.upper, inside = header + ICMP_HEADER, left = length - header;
        if (i % 12 < 8) {
            *(i % 12 < 4 ? &ip.source : &ip.destination) = address;
            write_header(packet, &ip, left);
        }
        if (i % 12 >= 4) { // and who sent the packet inside
            struct ip about;
            assert_int_equal(ip_read(packet + inside, left - ICMP_HEADER, 0, &about), IP_FINE);
            about.source = address;
            write_header(packet + inside, &about, about.end - about.upper);
        }
        uint32_t pseudo =
            f == FAMILY_IPV6 ? sum_pseudo(f, ip.source, ip.destination, 58, (uint32_t)left) : 0;
        store16(packet + header + 2, 0);
        store16(packet + header + 2, (uint16_t)~sum_bytes(packet + header, left, pseudo));
        assert_int_not_equal(run(&t, packet, length), TRANSLATED_FORWARD);
        assert_int_equal(s.forwarded + s.answered, 0);
    }
}

static void test_error_about_an_error_is_dropped(void **state)
{
    (void)state;
    struct seen s;
    uint8_t packet[BUFFER];
    struct translator t = translator(&s);
    size_t length = make_error(packet, FAMILY_IPV4, 3, 1, 0, PROTOCOL_ICMP);
    assert_int_equal(run(&t, packet, length), TRANSLATED_FORWARD); // about an echo: fine
    packet[20 + 8 + 20] = 3;                                       // inside: itself an error
    store16(packet + 22, 0);
    store16(packet + 22, (uint16_t)~sum_bytes(packet + 20, length - 20, 0));
    assert_int_equal(run(&t, packet, length), TRANSLATED_SILENT);
}

// Its checksum is made anew: damage would no longer be seen.
static void test_damaged_error_is_dropped(void **state)
{
    (void)state;
    struct seen s;
    uint8_t packet[BUFFER];
    for (unsigned six = 0; six < 2; six++) {
        enum family f = six ? FAMILY_IPV6 : FAMILY_IPV4;
        struct translator t = translator(&s);
        size_t length = make_error(packet, f, six ? 1 : 3, 1, 0, PROTOCOL_UDP);
        packet[length - 1] ^= 1;
        assert_int_equal(run(&t, packet, length), TRANSLATED_MALFORMED);
        assert_int_equal(s.forwarded, 0);
    }
}

// What is small enough for every IPv4 link, or a piece, is sent without DF, and so it is inside.
static void test_df_inside_an_error(void **state)
{
    (void)state;
    struct seen s;
    uint8_t packet[BUFFER];
    static const uint16_t sizes[] = {1260 - 20, 1261 - 20};
    for (unsigned i = 0; i < 2; i++) {
        struct translator t = translator(&s);
        size_t length = make_error(packet, FAMILY_IPV6, 3, 0, 0, PROTOCOL_UDP);
        store16(packet + IPV6_HEADER + ICMP_HEADER + 4, sizes[i]);
        struct ip ip;
        assert_int_equal(ip_read(packet, length, 0, &ip), IP_FINE);
        store16(packet + 42, 0);
        uint32_t size = (uint32_t)(length - IPV6_HEADER);
        uint32_t sum = sum_pseudo(FAMILY_IPV6, ip.source, ip.destination, PROTOCOL_ICMPV6, size);
        store16(packet + 42, (uint16_t)~sum_bytes(packet + IPV6_HEADER, size, sum));
        assert_int_equal(run(&t, packet, length), TRANSLATED_FORWARD);
        assert_int_equal(s.bytes[0][IPV4_HEADER + ICMP_HEADER + 6], i ? 0x40 : 0);
    }
}

// Puts an extension behind the datagram of an error from IPv4.
static size_t extend(uint8_t *packet, size_t length)
{
    size_t end = EXTENSION;
    memset(packet + length, 0, end - length);
    memcpy(packet + end,
           "\x20\x00\x00\x00\x00\x08\x01\x01"
           "mpls",
           12);
    packet[25] = 128 / 4;
    struct ip ip;
    assert_int_equal(ip_read(packet, length, 0, &ip), IP_FINE);
    ipv4_write(packet, &ip, end + 12);
    store16(packet + 22, 0);
    store16(packet + 22, (uint16_t)~sum_bytes(packet + 20, end + 12 - 20, 0));
    return end + 12;
}

// RFC 4884: the extension stays behind the datagram, whose length is stated in other words.
static void test_extensions_are_carried(void **state)
{
    (void)state;
    struct seen s;
    uint8_t packet[BUFFER];
    struct translator t = translator(&s);
    size_t length = make_error(packet, FAMILY_IPV4, 11, 0, 0, PROTOCOL_UDP);
    assert_int_equal(run(&t, packet, extend(packet, length)), TRANSLATED_FORWARD);
    const uint8_t *icmp = s.bytes[0] + IPV6_HEADER;
    size_t datagram = (size_t)icmp[4] * 8;
    assert_int_equal(datagram, 128); // 84 + 20, filled up
    assert_memory_equal(icmp + 8 + datagram, packet + EXTENSION, 12);
    expect_sums(s.bytes[0], s.length[0]);
}

// A message that has no place for the length of its datagram loses its extension, not its MTU.
static void test_extensions_without_a_place(void **state)
{
    (void)state;
    struct seen s;
    uint8_t packet[BUFFER];
    static const struct {
        uint8_t type, code, type6;
        uint32_t field, field6;
    } table[] = {{3, 4, 2, 1400, 1420}, {3, 2, 4, 0, 6}, {12, 0, 4, 8u << 24, 7}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct translator t = translator(&s);
        uint32_t field = table[i].field | (128 / 4) << 16;
        size_t length =
            make_error(packet, FAMILY_IPV4, table[i].type, table[i].code, field, PROTOCOL_UDP);
        length = extend(packet, length);
        assert_int_equal(run(&t, packet, length), TRANSLATED_FORWARD);
        const uint8_t *icmp = s.bytes[0] + IPV6_HEADER;
        assert_int_equal(icmp[0], table[i].type6);
        assert_int_equal(load32(icmp + 4), table[i].field6);
        expect_sums(s.bytes[0], s.length[0]);
    }
}

// ---- routers without an IPv4 address (RFC 6791)

#define ROUTER ((u128)0x20010db8ffff0000 << 64 | 1)

// RFC 5837, 4: of the incoming interface, its IPv6 address.
static const uint8_t told[24] = {0,    24, 2,    4,    0,    2,    0,       0,
                                 0x20, 1,  0x0d, 0xb8, 0xff, 0xff, [23] = 1};

// Makes `length` bytes an error from that router.
static void from_router(uint8_t *packet, size_t length)
{
    uint8_t *icmp = packet + IPV6_HEADER;
    uint32_t left = (uint32_t)(length - IPV6_HEADER);
    store16(packet + 4, (uint16_t)left);
    store128(packet + 8, ROUTER);
    store16(icmp + 2, 0);
    uint32_t sum = sum_pseudo(FAMILY_IPV6, ROUTER, load128(packet + 24), PROTOCOL_ICMPV6, left);
    store16(icmp + 2, (uint16_t)~sum_bytes(icmp, left, sum));
}

static void expect_told(const struct seen *s, size_t datagram, const void *before, size_t length)
{
    const uint8_t *icmp = s->bytes[0] + IPV4_HEADER, *at = icmp + ICMP_HEADER + datagram;
    expect_sums(s->bytes[0], s->length[0]);
    assert_int_equal(load32(s->bytes[0] + 12), OWN4);
    assert_int_equal(icmp[5] * 4, datagram);
    assert_ptr_equal(at + 4 + length + sizeof told, s->bytes[0] + s->length[0]);
    assert_int_equal(at[0], 0x20);
    assert_int_equal(sum_fold(sum_bytes(at, 4 + length + sizeof told, 0)), 0xffff);
    assert_memory_equal(at + 4, before, length);
    assert_memory_equal(at + 4 + length, told, sizeof told);
}

static void test_which_router_it_was_is_told(void **state)
{
    (void)state;
    static const uint8_t types[][2] = {{1, 0}, {2, 0}, {3, 0}, {4, 0}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        struct seen s;
        uint8_t packet[BUFFER];
        struct translator t = translator(&s);
        t.tells_routers = true;
        size_t length = make_error(packet, FAMILY_IPV6, types[i][0], types[i][1], 0, PROTOCOL_UDP);
        from_router(packet, length);
        assert_int_equal(run(&t, packet, length), TRANSLATED_FORWARD);
        expect_told(&s, 128, "", 0);
    }
}

// Behind what the router says itself.
static void test_it_is_told_besides(void **state)
{
    (void)state;
    static const uint8_t mpls[8] = {0, 8, 1, 1, 'm', 'p', 'l', 's'};
    const size_t end = IPV6_HEADER + ICMP_HEADER + 128;
    for (unsigned damaged = 0; damaged < 2; damaged++) {
        struct seen s;
        uint8_t packet[BUFFER] = {0};
        struct translator t = translator(&s);
        t.tells_routers = true;
        make_error(packet, FAMILY_IPV6, 3, 0, 128 / 8u << 24, PROTOCOL_UDP);
        packet[end] = 0x20;
        memcpy(packet + end + 4, mpls, sizeof mpls);
        store16(packet + end + 2, (uint16_t)~sum_bytes(packet + end, 12, 0));
        packet[end + 3] ^= damaged;
        from_router(packet, end + 12);
        assert_int_equal(run(&t, packet, end + 12), TRANSLATED_FORWARD);
        if (!damaged)
            expect_told(&s, 128, mpls, sizeof mpls);
        else
            assert_memory_equal(s.bytes[0] + EXTENSION, packet + end, 12);
    }
}

// The length of a datagram is stated in a byte, of four bytes each: a longer one is cut.
static void test_it_is_told_of_long_packets(void **state)
{
    (void)state;
    struct seen s;
    uint8_t packet[BUFFER];
    struct translator t = translator(&s);
    t.tells_routers = true;
    size_t length = make_error(packet, FAMILY_IPV6, 2, 0, 1400, PROTOCOL_UDP);
    memset(packet + length, 0x55, 1280 - length);
    store16(packet + IPV6_HEADER + ICMP_HEADER + 4, 1452);
    from_router(packet, 1280);
    assert_int_equal(run(&t, packet, 1280), TRANSLATED_FORWARD);
    expect_told(&s, 255 * 4, "", 0);
    assert_int_equal(load16(s.bytes[0] + IPV4_HEADER + 6), 1380);
}

static void test_routers_are_told_apart(void **state)
{
    (void)state;
    struct seen s;
    struct translator t = translator(&s);
    unsigned times[4] = {0};
    t.routers4 = OWN4 + 4;
    t.routers4_last = OWN4 + 7;
    for (unsigned round = 0; round < 400; round++) {
        uint8_t packet[BUFFER];
        size_t length = make_error(packet, FAMILY_IPV6, 3, 0, 0, PROTOCOL_TCP);
        from_router(packet, length);
        s.forwarded = 0;
        assert_int_equal(run(&t, packet, length), TRANSLATED_FORWARD);
        uint32_t which = load32(s.bytes[0] + 12) - t.routers4;
        assert_true(which < 4);
        times[which]++;
    }
    for (unsigned i = 0; i < 4; i++)
        assert_true(times[i] > 60);
}

static void test_what_is_dropped_without_a_word(void **state)
{
    (void)state;
    struct seen s;
    uint8_t packet[BUFFER];
    struct translator t = translator(&s);
    static const uint8_t types4[] = {4, 5, 6, 9, 10, 13, 14, 15, 16, 17, 18, 42};
    static const uint8_t types6[] = {0, 5, 130, 131, 132, 133, 134, 135, 136, 137, 200};
    for (size_t i = 0; i < sizeof types4; i++) {
        size_t length = make(packet, FAMILY_IPV4, PROTOCOL_ICMP, 64);
        packet[20] = types4[i];
        assert_int_equal(run(&t, packet, length), TRANSLATED_SILENT);
    }
    for (size_t i = 0; i < sizeof types6; i++) {
        size_t length = make(packet, FAMILY_IPV6, PROTOCOL_ICMP, 64);
        packet[40] = types6[i];
        assert_int_equal(run(&t, packet, length), TRANSLATED_SILENT);
    }
    size_t length = make(packet, FAMILY_IPV4, 2, 64); // IGMP
    assert_int_equal(run(&t, packet, length), TRANSLATED_SILENT);
    assert_int_equal(s.forwarded + s.answered, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trips),
        cmocka_unit_test(test_embedded_addresses),
        cmocka_unit_test(test_well_known_prefix_is_for_global_addresses),
        cmocka_unit_test(test_addresses_of_no_host),
        cmocka_unit_test(test_large_packets_that_may_be_cut),
        cmocka_unit_test(test_lowest_mtu_and_class),
        cmocka_unit_test(test_too_big_is_answered),
        cmocka_unit_test(test_hop_limit),
        cmocka_unit_test(test_udp_without_checksum),
        cmocka_unit_test(test_errors_from_ipv4),
        cmocka_unit_test(test_errors_from_ipv6),
        cmocka_unit_test(test_errors_of_no_host),
        cmocka_unit_test(test_error_about_an_error_is_dropped),
        cmocka_unit_test(test_damaged_error_is_dropped),
        cmocka_unit_test(test_df_inside_an_error),
        cmocka_unit_test(test_extensions_are_carried),
        cmocka_unit_test(test_extensions_without_a_place),
        cmocka_unit_test(test_which_router_it_was_is_told),
        cmocka_unit_test(test_it_is_told_besides),
        cmocka_unit_test(test_it_is_told_of_long_packets),
        cmocka_unit_test(test_routers_are_told_apart),
        cmocka_unit_test(test_what_is_dropped_without_a_word),
    };
    return cmocka_run_group_tests_name("translate", tests, NULL, NULL);
}
