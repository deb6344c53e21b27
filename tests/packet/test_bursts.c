// SPDX-License-Identifier: Apache-2.0
//
// TCP packets of several segments, as a device hands them over, through softwires.

#include "softwire_ends.h"

#define SEGMENT 900

// A TCP packet of four segments with a partial checksum, as a device hands it over.
static void give_burst(struct softwire *s, u128 source, uint16_t source_port, u128 destination,
                       uint16_t destination_port, uint8_t flags)
{
    uint8_t buffer[PACKET_HEADROOM + BUFFER];
    struct packet p;
    bool six = source >> 32 != 0;
    struct ip ip = {.family = six ? FAMILY_IPV6 : FAMILY_IPV4,
                    .source = source,
                    .destination = destination,
                    .hop_limit = 60,
                    .protocol = PROTOCOL_TCP,
                    .dont_fragment = true};
    size_t header = six ? IPV6_HEADER : IPV4_HEADER, length = 20 + 3 * SEGMENT + 100;
    packet_init(&p, buffer, sizeof buffer);
    p.length = header + length;
    p.partial = true;
    p.segment = SEGMENT;
    write_outer(p.at, &ip, length);
    uint8_t *tcp = p.at + header;
    memset(tcp, 0, 20);
    for (size_t i = 20; i < length; i++)
        tcp[i] = (uint8_t)(i * 7 / 5);
    store16(tcp, source_port);
    store16(tcp + 2, destination_port);
    store32(tcp + 4, UINT32_MAX - 1000);
    tcp[12] = 5 << 4;
    tcp[13] = flags;
    store16(tcp + 16,
            sum_fold(sum_pseudo(ip.family, source, destination, PROTOCOL_TCP, (uint32_t)length)));
    softwire_packet(s, &p, 1);
}

// What is left to a device, done.
static struct ip complete(struct sent *s, unsigned i)
{
    struct packet p = {.at = s->bytes[i], .length = s->length[i], .partial = s->partial[i]};
    struct ip ip;
    assert_int_equal(ip_read(p.at, p.length, 0, &ip), IP_FINE);
    checksum_complete(&p, &ip);
    assert_true(checksum_holds(p.at + ip.upper, &ip));
    return ip;
}

static void test_burst_through_6in4(void **state)
{
    (void)state;
    static const uint8_t flags[] = {0x90, 0x10, 0x10, 0x19};
    struct sent at_a, at_b;
    struct softwire_config c = {.kind = SOFTWIRE_6IN4, .own4 = CE4, .peer4 = BR4};
    struct softwire *a = make(c, &at_a), *b;
    c.own4 = BR4;
    c.peer4 = CE4;
    b = make(c, &at_b);
    give_burst(a, CE6, 1, BR6, 2, 0x99); // CWR, ACK, PSH, FIN
    assert_int_equal(at_a.count, 4);
    carry(&at_a, b);
    assert_int_equal(at_b.count, 4);
    for (unsigned i = 0; i < 4; i++) {
        struct ip ip = complete(&at_b, i);
        const uint8_t *tcp = at_b.bytes[i] + ip.upper;
        assert_false(at_b.partial[i] || at_b.segment[i]);
        assert_int_equal(ip.end - ip.upper, 20 + (i < 3 ? SEGMENT : 100));
        assert_int_equal(load32(tcp + 4), UINT32_MAX - 1000 + i * SEGMENT);
        assert_int_equal(tcp[13], flags[i]);
        for (size_t k = 20; k < ip.end - ip.upper; k++)
            assert_int_equal(tcp[k], (uint8_t)((k + i * SEGMENT) * 7 / 5));
    }
    end(&a, &b);
}

static void test_burst_through_map_t(void **state)
{
    (void)state;
    struct sent at_ce, at_br;
    struct softwire_config c = {.kind = SOFTWIRE_MAP_T_CE,
                                .peer6 = DOC | (u128)0xffff << 80,
                                .dmr_length = 64,
                                .rules = &rule,
                                .rule_count = 1};
    assert_true(map_customer(&rule, DOC | (u128)0x1234 << 72, 56, &c.customer));
    struct softwire *ce = make(c, &at_ce), *br;
    c.kind = SOFTWIRE_MAP_T_BR;
    c.own6 = c.peer6;
    br = make(c, &at_br);
    give_burst(ce, HOST, 4000, SERVER, 80, 0x02);
    assert_int_equal(at_ce.segment[0], SEGMENT);
    struct ip out = complete(&at_ce, 0);
    uint16_t port = load16(at_ce.bytes[0] + out.upper);
    give_burst(br, out.source, port, out.destination, 80, 0x10);
    assert_int_equal(at_br.segment[0], SEGMENT);
    struct ip ip = complete(&at_br, 0);
    assert_true(ip.source == PUBLIC && ip.destination == SERVER);
    at_br.count = at_ce.count = 0;
    give_burst(br, SERVER, 80, PUBLIC, port, 0x10);
    assert_int_equal(at_br.segment[0], SEGMENT);
    ip = complete(&at_br, 0);
    assert_true(ip.source == out.destination && ip.destination == out.source);
    give_burst(ce, ip.source, 80, ip.destination, port, 0x10);
    assert_int_equal(at_ce.segment[0], SEGMENT);
    ip = complete(&at_ce, 0);
    assert_true(ip.source == SERVER && ip.destination == HOST);
    assert_int_equal(load16(at_ce.bytes[0] + ip.upper + 2), 4000);
    end(&ce, &br);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_burst_through_6in4),
        cmocka_unit_test(test_burst_through_map_t),
    };
    return cmocka_run_group_tests_name("bursts", tests, NULL, NULL);
}
