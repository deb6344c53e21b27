// SPDX-License-Identifier: Apache-2.0
//
// Headers, checksums, pieces and ICMP errors: against sums written down plainly, against the bytes
// of known packets, and against putting the pieces together again.

#include "packet/packet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BUFFER 4096

static uint64_t random_state = 1;

static uint32_t below(uint32_t limit)
{
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(random_state >> 33) % limit;
}

static uint16_t plain_sum(const uint8_t *at, size_t length)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < length; i++)
        sum += i % 2 ? at[i] : (uint32_t)at[i] << 8;
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)sum;
}

static void test_checksum_is_the_plain_sum(void **state)
{
    (void)state;
    uint8_t bytes[300];
    for (unsigned round = 0; round < 2000; round++) {
        size_t length = below(sizeof bytes);
        for (size_t i = 0; i < length; i++)
            bytes[i] = (uint8_t)below(256);
        uint16_t got = sum_bytes(bytes, length, 0), want = plain_sum(bytes, length);
        assert_true(got == want || (got % 0xffff == 0 && want % 0xffff == 0));
    }
}

static void test_changed_checksum_is_that_of_the_changed_packet(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 2000; round++) {
        uint8_t bytes[40];
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = (uint8_t)below(256);
        store16(bytes, 0);
        store16(bytes, (uint16_t)~sum_bytes(bytes, sizeof bytes, 0));
        uint32_t old = sum_bytes(bytes + 8, 16, 0);
        for (size_t i = 8; i < 24; i++)
            bytes[i] = (uint8_t)below(256);
        checksum_change(bytes, old, sum_bytes(bytes + 8, 16, 0));
        assert_int_equal(plain_sum(bytes, sizeof bytes), 0xffff);
    }
}

// RFC 1071's example of 8 bytes.
static void test_sum_of_rfc_1071(void **state)
{
    (void)state;
    static const uint8_t bytes[] = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};
    assert_int_equal(sum_bytes(bytes, sizeof bytes, 0), 0xddf2);
}

static struct ip sample(enum family f)
{
    struct ip ip = {.family = f, .traffic_class = 0xb8, .hop_limit = 61, .protocol = PROTOCOL_UDP};
    ip.source = f == FAMILY_IPV6 ? ((u128)0x20010db8 << 96) + 1 : 0xc0000201;
    ip.destination = f == FAMILY_IPV6 ? ((u128)0x20010db8 << 96) + 2 : 0xc6336402;
    return ip;
}

// A packet of `payload` counting bytes.
static void fill(struct packet *p, uint8_t *buffer, struct ip ip, size_t payload)
{
    packet_init(p, buffer, BUFFER);
    size_t header = IPV4_HEADER;
    if (ip.family == FAMILY_IPV6)
        header = ipv6_write(p->at, &ip, payload);
    else
        ipv4_write(p->at, &ip, header + payload);
    for (size_t i = 0; i < payload; i++)
        p->at[header + i] = (uint8_t)(i * 7 + i / 256);
    p->length = header + payload;
}

static void test_written_header_reads_back(void **state)
{
    (void)state;
    uint8_t buffer[BUFFER];
    for (unsigned six = 0; six < 2; six++) {
        struct ip ip = sample(six ? FAMILY_IPV6 : FAMILY_IPV4), got;
        struct packet p;
        ip.fragment = ip.more = true;
        ip.offset = 1024;
        ip.identification = 0xbeef;
        fill(&p, buffer, ip, 64);
        assert_int_equal(ip_read(p.at, p.length, 0, &got), IP_FINE);
        assert_true(got.source == ip.source && got.destination == ip.destination);
        assert_int_equal(got.traffic_class, 0xb8);
        assert_int_equal(got.hop_limit, 61);
        assert_int_equal(got.protocol, PROTOCOL_UDP);
        assert_int_equal(got.offset, 1024);
        assert_int_equal(got.identification, 0xbeef);
        assert_true(got.fragment && got.more);
        assert_int_equal(got.end - got.upper, 64);
    }
}

static enum ip_fault fault_of(struct packet *p, size_t place, uint8_t byte)
{
    struct ip ip;
    uint8_t before = p->at[place];
    p->at[place] = byte;
    enum ip_fault f = ip_read(p->at, p->length, 0, &ip);
    p->at[place] = before;
    return f;
}

static void test_faults_are_told_apart(void **state)
{
    (void)state;
    uint8_t buffer[BUFFER];
    struct packet p;
    struct ip ip;
    fill(&p, buffer, sample(FAMILY_IPV4), 16);
    assert_int_equal(ip_read(p.at, 0, 0, &ip), IP_SHORT);
    assert_int_equal(ip_read(p.at, 19, 0, &ip), IP_SHORT);
    assert_int_equal(ip_read(p.at, p.length - 1, 0, &ip), IP_SHORT);
    assert_int_equal(ip_read(p.at, p.length - 1, IP_READ_CUT, &ip), IP_FINE);
    assert_int_equal(fault_of(&p, 0, 0x55), IP_VERSION);
    assert_int_equal(fault_of(&p, 0, 0x44), IP_LENGTH);
    assert_int_equal(fault_of(&p, 3, 19), IP_LENGTH);
    assert_int_equal(fault_of(&p, 8, 60), IP_CHECKSUM);
    fill(&p, buffer, sample(FAMILY_IPV6), 16);
    assert_int_equal(fault_of(&p, 5, 17), IP_SHORT);
    p.at[IPV6_HEADER] = PROTOCOL_UDP;
    p.at[IPV6_HEADER + 1] = 0; // eight bytes of options
    assert_int_equal(fault_of(&p, 6, PROTOCOL_OPTIONS), IP_FINE);
    p.at[IPV6_HEADER + 1] = 3;
    assert_int_equal(fault_of(&p, 6, PROTOCOL_OPTIONS), IP_SHORT);
}

static void test_extension_headers_are_stepped_over(void **state)
{
    (void)state;
    uint8_t buffer[BUFFER];
    struct packet p;
    struct ip ip;
    fill(&p, buffer, sample(FAMILY_IPV6), 40);
    uint8_t *at = p.at + IPV6_HEADER;
    memset(at, 0, 40);
    p.at[6] = PROTOCOL_HOPOPT;
    at[0] = PROTOCOL_ROUTING; // hop-by-hop, 8 bytes
    at[8] = PROTOCOL_FRAGMENT;
    at[8 + 3] = 1; // segments left
    at[16] = PROTOCOL_UDP;
    assert_int_equal(ip_read(p.at, p.length, 0, &ip), IP_FINE);
    assert_int_equal(ip.protocol, PROTOCOL_UDP);
    assert_int_equal(ip.upper, IPV6_HEADER + 24);
    assert_int_equal(ip.segments_left, IPV6_HEADER + 11);
    assert_int_equal(ip.fragment_header, IPV6_HEADER + 16);
    at[16] = PROTOCOL_FRAGMENT; // a second one makes no sense
    assert_int_equal(ip_read(p.at, p.length, 0, &ip), IP_OPTIONS);
}

static void test_source_route(void **state)
{
    (void)state;
    uint8_t packet[28] = {0x47, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0, 192, 0, 2, 1, 198, 51, 100, 2};
    static const uint8_t options[] = {1, 131, 7, 4, 192, 0, 2, 9};
    struct ip ip;
    memcpy(packet + 20, options, sizeof options);
    store16(packet + 10, (uint16_t)~sum_bytes(packet, 28, 0));
    assert_int_equal(ip_read(packet, sizeof packet, 0, &ip), IP_FINE);
    assert_true(ip.source_route);
    packet[23] = 8; // used up
    assert_int_equal(ip_read(packet, sizeof packet, IP_READ_CUT, &ip), IP_FINE);
    assert_false(ip.source_route);
    packet[22] = 30; // longer than the header
    assert_int_equal(ip_read(packet, sizeof packet, IP_READ_CUT, &ip), IP_OPTIONS);
}

struct pieces {
    uint8_t bytes[BUFFER];
    size_t bytes_count, count, mtu;
    bool ended;
};

static void take_piece(void *arg, struct packet *p)
{
    struct pieces *all = arg;
    struct ip ip;
    assert_true(p->length <= all->mtu);
    assert_int_equal(ip_read(p->at, p->length, 0, &ip), IP_FINE);
    assert_int_equal(ip.offset, all->bytes_count);
    assert_false(all->ended);
    assert_true(!ip.more || (ip.end - ip.upper) % 8 == 0);
    memcpy(all->bytes + all->bytes_count, p->at + ip.upper, ip.end - ip.upper);
    all->bytes_count += ip.end - ip.upper;
    all->ended = !ip.more;
    all->count++;
}

static void test_pieces_make_the_packet(void **state)
{
    (void)state;
    uint8_t buffer[BUFFER], other[BUFFER];
    for (unsigned round = 0; round < 400; round++) {
        bool six = round % 2;
        struct packet p, scratch;
        struct pieces all = {.mtu = 100 + below(1400)};
        size_t payload = 1 + below(3000);
        fill(&p, buffer, sample(six ? FAMILY_IPV6 : FAMILY_IPV4), payload);
        packet_init(&scratch, other, sizeof other);
        assert_true(six ? ipv6_fragment(&p, all.mtu, 77, &scratch, take_piece, &all)
                        : ipv4_fragment(&p, all.mtu, &scratch, take_piece, &all));
        assert_true(all.ended);
        assert_int_equal(all.bytes_count, payload);
        assert_memory_equal(all.bytes, p.at + (six ? IPV6_HEADER : IPV4_HEADER), payload);
    }
    struct packet p, scratch;
    fill(&p, buffer, sample(FAMILY_IPV6), 100);
    packet_init(&scratch, other, sizeof other);
    assert_false(ipv6_fragment(&p, 55, 1, &scratch, take_piece, NULL));
}

static void test_piece_of_a_length_that_no_piece_has(void **state)
{
    (void)state;
    uint8_t buffer[BUFFER], other[BUFFER];
    for (unsigned i = 0; i < 2; i++) {
        struct packet p, scratch;
        struct pieces all = {.mtu = 500};
        struct ip ip = sample(FAMILY_IPV4);
        ip.dont_fragment = false;
        ip.more = ip.fragment = true;
        fill(&p, buffer, ip, i ? 1004 : 1000);
        packet_init(&scratch, other, sizeof other);
        assert_int_equal(ipv4_fragment(&p, 500, &scratch, take_piece, &all), i == 0);
        assert_int_equal(all.bytes_count, i ? 0 : 1000);
    }
}

static void test_error_carries_the_packet(void **state)
{
    (void)state;
    uint8_t buffer[BUFFER];
    for (unsigned six = 0; six < 2; six++) {
        struct packet p;
        struct ip about, got;
        size_t header = six ? IPV6_HEADER : IPV4_HEADER;
        fill(&p, buffer, sample(six ? FAMILY_IPV6 : FAMILY_IPV4), 1400);
        assert_int_equal(ip_read(p.at, p.length, 0, &about), IP_FINE);
        u128 own = about.destination + 7;
        assert_true(icmp_error(&p, &about, own, six ? 2 : 3, six ? 0 : 4, 1280));
        assert_int_equal(ip_read(p.at, p.length, 0, &got), IP_FINE);
        assert_true(got.source == own && got.destination == about.source);
        assert_int_equal(p.length, six ? 1280 : 576);
        assert_int_equal(load32(p.at + header + 4), 1280);
        uint32_t pseudo = six ? sum_pseudo(FAMILY_IPV6, got.source, got.destination, 58,
                                           (uint32_t)(p.length - header))
                              : 0;
        assert_int_equal(sum_bytes(p.at + header, p.length - header, pseudo), 0xffff);
        assert_int_equal(ip_read(p.at + header + 8, p.length - header - 8, IP_READ_CUT, &got),
                         IP_FINE);
        assert_true(got.source == about.source);
    }
}

static void test_no_error_about_errors_or_multicast(void **state)
{
    (void)state;
    uint8_t buffer[BUFFER];
    struct packet p;
    struct ip about;
    fill(&p, buffer, sample(FAMILY_IPV6), 100);
    p.at[6] = PROTOCOL_ICMPV6;
    p.at[IPV6_HEADER] = 1;
    assert_int_equal(ip_read(p.at, p.length, 0, &about), IP_FINE);
    assert_false(icmp_error(&p, &about, 5, 3, 0, 0));
    p.at[IPV6_HEADER] = 128;
    p.at[24] = 0xff;
    assert_int_equal(ip_read(p.at, p.length, 0, &about), IP_FINE);
    assert_false(icmp_error(&p, &about, 5, 3, 0, 0));
    assert_true(icmp_error(&p, &about, 5, 2, 0, 1280)); // too big may be told
    struct ip later = sample(FAMILY_IPV4);
    later.offset = 8;
    fill(&p, buffer, later, 100);
    assert_int_equal(ip_read(p.at, p.length, 0, &about), IP_FINE);
    assert_false(icmp_error(&p, &about, 5, 11, 0, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_checksum_is_the_plain_sum),
        cmocka_unit_test(test_changed_checksum_is_that_of_the_changed_packet),
        cmocka_unit_test(test_sum_of_rfc_1071),
        cmocka_unit_test(test_written_header_reads_back),
        cmocka_unit_test(test_faults_are_told_apart),
        cmocka_unit_test(test_extension_headers_are_stepped_over),
        cmocka_unit_test(test_source_route),
        cmocka_unit_test(test_pieces_make_the_packet),
        cmocka_unit_test(test_piece_of_a_length_that_no_piece_has),
        cmocka_unit_test(test_error_carries_the_packet),
        cmocka_unit_test(test_no_error_about_errors_or_multicast),
    };
    return cmocka_run_group_tests_name("packet", tests, NULL, NULL);
}
