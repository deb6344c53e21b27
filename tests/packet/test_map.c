// SPDX-License-Identifier: Apache-2.0
//
// MAP-E and MAP-T with both ends in one test: the examples of RFC 7597, appendix A, ports that are
// forwarded or nobody's, customers who meet.

#include "softwire_ends.h"

static void test_map_examples(void **state)
{
    (void)state;
    struct map_customer ce;
    struct err e;
    u128 prefix, want, got;
    assert_true(ipv6_parse(slice_of("2001:db8:12:3400::"), &prefix));
    assert_true(ipv6_parse(slice_of("2001:db8:12:3400:0:c000:212:34"), &want));
    assert_int_equal(map_rule_check(&rule, &e), 0);
    assert_true(map_customer(&rule, prefix, 56, &ce));
    assert_int_equal(ce.address, PUBLIC);
    assert_int_equal(ce.ports.psid, 0x34);
    assert_int_equal(ce.ports.length, 8);
    assert_true(ce.address6 == want);
    assert_true(map_address6(&rule, PUBLIC, 1232, &got) && got == want);
    assert_true(map_consistent(&rule, want, PUBLIC, 64723));
    assert_false(map_consistent(&rule, want, PUBLIC, 64724));
    assert_false(map_address6(&rule, SERVER, 1232, &got));
    struct map_rule whole = {prefix, PUBLIC, 56, 32, 0, 6}; // example 4
    assert_true(ipv6_parse(slice_of("2001:db8:12:3400:0:c000:212:0"), &want));
    assert_true(map_customer(&whole, prefix, 56, &ce) && ce.address6 == want);
    assert_int_equal(ce.ports.length, 0);
    assert_false(map_customer(&rule, prefix, 48, &ce));
}

// RFC 7597, 5.1 and 8.1: ports below those that the offset begins with are nobody's.
static void test_map_excluded_ports(void **state)
{
    (void)state;
    u128 got;
    for (unsigned offset = 0; offset < 7; offset++) {
        const struct map_rule r = {DOC, UINT32_C(0xc0000200), 40, 24, 16, (uint8_t)offset};
        for (unsigned port = 0; port < 65536; port += 13) {
            bool open = offset == 0 || port >> (16 - offset) != 0;
            assert_int_equal(map_address6(&r, PUBLIC, (uint16_t)port, &got), open);
            assert_int_equal(open && map_consistent(&r, got, PUBLIC, (uint16_t)port), open);
        }
    }
    for (unsigned t = 0; t < 2; t++) {
        struct sent sent;
        struct map_customer ce;
        const u128 dmr = DOC | (u128)0xffff << 80, far = dmr | (u128)SERVER << 24;
        assert_true(map_customer(&rule, DOC | (u128)0x1234 << 72, 56, &ce));
        struct softwire *br =
            make((struct softwire_config){.kind = t ? SOFTWIRE_MAP_T_BR : SOFTWIRE_MAP_E_BR,
                                          .own6 = BR6,
                                          .peer6 = t ? dmr : BR6,
                                          .dmr_length = 64,
                                          .rules = &rule,
                                          .rule_count = 1},
                 &sent);
        const uint16_t low = 0x34 << 2 | 1; // the PSID's bits, and nothing before them
        for (unsigned fine = 0; fine < 2; fine++) {
            uint8_t packet[BUFFER];
            uint16_t port = fine ? 1024 | low : low;
            size_t length;
            sent.count = 0;
            if (t) {
                length = write_udp(packet, ce.address6, port, far, 53, 9, false);
            } else {
                struct ip outer = {.family = FAMILY_IPV6,
                                   .source = ce.address6,
                                   .destination = BR6,
                                   .hop_limit = 9,
                                   .protocol = PROTOCOL_IPV4};
                length = write_udp(packet + IPV6_HEADER, PUBLIC, port, SERVER, 53, 9, true);
                length += ipv6_write(packet, &outer, length);
            }
            give(br, packet, length, 0);
            assert_int_equal(sent.count, fine);
            assert_int_equal(softwire_counts(br).forged, 1);
            sent.count = 0;
            give(br, packet, write_udp(packet, SERVER, 53, PUBLIC, port, 9, true), 0);
            assert_int_equal(sent.count, fine);
        }
        softwire_free(&br);
    }
}

// Example 5: the PSID does not stand in the prefix. Two customers share the address by two rules.
static void test_map_psid_given(void **state)
{
    (void)state;
    struct map_customer ce;
    struct err e;
    u128 prefix, want, got;
    assert_true(ipv6_parse(slice_of("2001:db8:12:3400::"), &prefix));
    assert_true(ipv6_parse(slice_of("2001:db8:12:3400:0:c000:212:34"), &want));
    struct map_rule r[] = {{prefix, PUBLIC, 56, 32, 0, 6, 8, 0x34},
                           {prefix ^ (u128)1 << 72, PUBLIC, 56, 32, 0, 6, 8, 0x35}};
    assert_int_equal(map_rule_check(r, &e), 0);
    assert_true(map_customer(r, prefix, 56, &ce));
    assert_true(ce.address == PUBLIC && ce.address6 == want);
    unsigned ranges = 0;
    for (unsigned port = 0; port < 65536; port++) {
        bool own = port_set_has(&ce.ports, (uint16_t)port);
        assert_int_equal(own, port >= 1024 && port % 1024 >= 208 && port % 1024 < 212);
        assert_int_equal(map_address6(r, PUBLIC, (uint16_t)port, &got), own);
        assert_true(!own || got == want);
        ranges += own && port % 4 == 0;
    }
    assert_int_equal(ranges, 63);
    assert_true(map_consistent(r, want, PUBLIC, 1232) && !map_consistent(r, want, PUBLIC, 1236));
    r[1].psid = 0x100; // nine bits
    assert_int_equal(map_rule_check(r + 1, &e), ERR_USAGE);
    r[1].psid = 0x35;
    r[1].length4 = 31;
    r[1].prefix4 &= ~1u;
    assert_int_equal(map_rule_check(r + 1, &e), ERR_USAGE);
}

// A port of the customer's own leads home; others, and the well-known ones, are refused.
static void test_forwarded_port(void **state)
{
    (void)state;
    struct softwire_forward f = {PROTOCOL_UDP, 1233, 53, HOST};
    struct softwire_config c = {.kind = SOFTWIRE_MAP_E_CE,
                                .peer6 = BR6,
                                .rules = &rule,
                                .rule_count = 1,
                                .forwards = &f,
                                .forward_count = 1};
    struct sent at_ce, at_br;
    uint8_t packet[BUFFER];
    assert_true(map_customer(&rule, DOC | (u128)0x1234 << 72, 56, &c.customer));
    struct softwire *ce = make(c, &at_ce);
    struct softwire *br = make(
        (struct softwire_config){
            .kind = SOFTWIRE_MAP_E_BR, .own6 = BR6, .peer6 = BR6, .rules = &rule, .rule_count = 1},
        &at_br);
    give(br, packet, write_udp(packet, SERVER, 4000, PUBLIC, 1233, 9, true), 0);
    carry(&at_br, ce);
    struct ip ip = only(&at_ce); // nobody at home has spoken before
    assert_true(ip.source == SERVER && ip.destination == HOST);
    assert_int_equal(load16(at_ce.bytes[0] + ip.upper + 2), 53);
    at_ce.count = 0;
    give(ce, packet, write_udp(packet, HOST, 53, SERVER, 4000, 9, true), 0);
    carry(&at_ce, br);
    ip = only(&at_br); // and the answer leaves by the same port
    assert_int_equal(load16(at_br.bytes[0] + ip.upper), 1233);
    at_br.count = 0;
    give(br, packet, write_udp(packet, SERVER, 4000, PUBLIC, 1234, 9, true), 0);
    carry(&at_br, ce);
    assert_int_equal(at_ce.count, 0); // a port that leads nowhere
    end(&ce, &br);
    static const uint16_t refused[] = {80, 1236, 208}; // well-known, a neighbour's, excluded
    for (size_t i = 0; i < 3; i++) {
        struct softwire *none = NULL;
        struct err e;
        f.outside = refused[i];
        c.mtu = 1500;
        c.send = send;
        assert_int_equal(softwire_new(&c, &none, &e), ERR_USAGE);
        assert_null(none);
        assert_non_null(strstr(e.text, "not among the ports"));
    }
}

static void test_map_psid_given_at_relay(void **state)
{
    (void)state;
    static const struct map_rule r[] = {{DOC | (u128)0x1234 << 72, PUBLIC, 56, 32, 0, 6, 8, 0x34},
                                        {DOC | (u128)0x5678 << 72, PUBLIC, 56, 32, 0, 6, 8, 0x35}};
    struct sent sent;
    uint8_t packet[BUFFER];
    struct softwire *br = make(
        (struct softwire_config){
            .kind = SOFTWIRE_MAP_E_BR, .own6 = BR6, .peer6 = BR6, .rules = r, .rule_count = 2},
        &sent);
    for (unsigned i = 0; i < 2; i++) {
        sent.count = 0;
        give(br, packet, write_udp(packet, SERVER, 53, PUBLIC, (uint16_t)(1232 + 4 * i), 9, true),
             0);
        struct ip ip = only(&sent);
        assert_true(ip.destination >> 72 == r[i].prefix6 >> 72);
        assert_int_equal((uint16_t)ip.destination, r[i].psid);
    }
    sent.count = 0;
    give(br, packet, write_udp(packet, SERVER, 53, PUBLIC, 1240, 9, true), 0); // nobody's
    assert_int_equal(sent.count, 0);
    assert_int_equal(softwire_counts(br).elsewhere, 1);
    softwire_free(&br);
}

static void map_there_and_back(enum softwire_kind ce_kind, enum softwire_kind br_kind, u128 br,
                               unsigned dmr, uint32_t most, uint32_t most_back)
{
    struct sent at_ce, at_br;
    struct softwire_config c = {
        .kind = ce_kind, .peer6 = br, .dmr_length = dmr, .rules = &rule, .rule_count = 1};
    u128 prefix = DOC | (u128)0x1234 << 72;
    assert_true(map_customer(&rule, prefix, 56, &c.customer));
    struct softwire *ce = make(c, &at_ce), *far;
    c.kind = br_kind;
    c.own6 = br;
    far = make(c, &at_br);
    for (unsigned round = 0; round < 60; round++) {
        uint8_t packet[BUFFER];
        size_t length =
            write_udp(packet, HOST, (uint16_t)(5000 + round), SERVER, 53, below(most), true);
        at_br.count = 0;
        give(ce, packet, length, 0);
        carry(&at_ce, far);
        struct ip ip = only(&at_br);
        uint16_t port = load16(at_br.bytes[0] + ip.upper);
        assert_true(ip.source == PUBLIC && ip.destination == SERVER);
        assert_true(port_set_has(&c.customer.ports, port));
        if (ce_kind == SOFTWIRE_MAP_E_CE)
            assert_true(port_set_has(&c.customer.ports, (uint16_t)ip.identification));
        assert_memory_equal(at_br.bytes[0] + ip.upper + 8, packet + 28, length - 28);
        length = write_udp(packet, SERVER, 53, PUBLIC, port, below(most_back), true);
        at_br.count = 0;
        give(far, packet, length, 1);
        carry(&at_br, ce);
        ip = only(&at_ce);
        assert_true(ip.destination == HOST);
        assert_int_equal(load16(at_ce.bytes[0] + ip.upper + 2), 5000 + round);
        assert_memory_equal(at_ce.bytes[0] + ip.upper + 8, packet + 28, length - 28);
        at_ce.count = 0;
        give(far, packet, write_udp(packet, SERVER + 1, 53, PUBLIC, port, 9, true), 1);
        carry(&at_br, ce); // a stranger, of whom nothing was asked
        assert_int_equal(at_ce.count, 0);
    }
    end(&ce, &far);
}

static void test_map_e(void **state)
{
    (void)state;
    map_there_and_back(SOFTWIRE_MAP_E_CE, SOFTWIRE_MAP_E_BR, BR6, 0, 1700, 1700);
}

static void test_map_t(void **state)
{
    (void)state;
    map_there_and_back(SOFTWIRE_MAP_T_CE, SOFTWIRE_MAP_T_BR, DOC | (u128)0xffff << 80, 64, 1400,
                       3000);
    map_there_and_back(SOFTWIRE_MAP_T_CE, SOFTWIRE_MAP_T_BR, DOC | (u128)0xffff << 80, 96, 1400,
                       3000);
}

// Two customers of a domain, without the relay between (RFC 7599, 8.1 and 8.2).
static void test_map_t_mesh(void **state)
{
    (void)state;
    struct sent at_a, at_b;
    struct softwire_config c = {.kind = SOFTWIRE_MAP_T_CE,
                                .peer6 = DOC | (u128)0xffff << 80,
                                .dmr_length = 64,
                                .icmp6 = DOC | 7,
                                .rules = &rule,
                                .rule_count = 1};
    assert_true(map_customer(&rule, DOC | (u128)0x1234 << 72, 56, &c.customer));
    u128 end_a = c.customer.address6;
    struct softwire *a = make(c, &at_a), *b;
    assert_true(map_customer(&rule, DOC | (u128)0x1335 << 72, 56, &c.customer));
    const struct softwire_forward door = {PROTOCOL_UDP, port_set_port(&c.customer.ports, 3), 80,
                                          HOST + 1};
    c.forwards = &door;
    c.forward_count = 1;
    b = make(c, &at_b);
    uint8_t packet[BUFFER];
    size_t length = write_udp(packet, HOST, 5000, c.customer.address, door.outside, 40, true);
    give(a, packet, length, 0);
    struct ip ip = only(&at_a);
    assert_true(ip.source == end_a && ip.destination == c.customer.address6);
    carry(&at_a, b);
    ip = only(&at_b);
    assert_true(ip.source == PUBLIC && ip.destination == HOST + 1);
    uint16_t port = load16(at_b.bytes[0] + 20);
    at_b.count = 0;
    give(b, packet, write_udp(packet, HOST + 1, 80, PUBLIC, port, 30, true), 1);
    carry(&at_b, a);
    ip = only(&at_a);
    assert_true(ip.source == c.customer.address && ip.destination == HOST);
    // in a third one's name
    length = write_udp(packet, end_a + 1, port, c.customer.address6, door.outside, 9, false);
    give(b, packet, length, 2);
    ip = only(&at_b);
    assert_true(ip.destination == end_a + 1 && ip.source == (DOC | 7));
    assert_int_equal(load16(at_b.bytes[0] + IPV6_HEADER), 0x0105);
    assert_int_equal(softwire_counts(b).forged, 1);
    end(&a, &b);
}

// RFC 7597, 5, and RFC 7599, 12.2: without a rule that forwards, by way of the relay, there and
// back; what comes directly is refused.
static void test_map_hub_and_spoke(void **state)
{
    (void)state;
    for (unsigned t = 0; t < 2; t++) {
        struct sent at_a, at_b, at_br;
        struct softwire_config c = {.kind = t ? SOFTWIRE_MAP_T_CE : SOFTWIRE_MAP_E_CE,
                                    .peer6 = t ? DOC | (u128)0xffff << 80 : BR6,
                                    .dmr_length = 64,
                                    .rules = &rule,
                                    .rule_count = 1,
                                    .hub = true};
        assert_true(map_customer(&rule, DOC | (u128)0x1335 << 72, 56, &c.customer));
        const struct map_customer customer_b = c.customer;
        const struct softwire_forward door = {PROTOCOL_UDP, port_set_port(&c.customer.ports, 3), 80,
                                              HOST + 1};
        c.forwards = &door;
        c.forward_count = 1;
        struct softwire *b = make(c, &at_b), *a, *br;
        c.forward_count = 0;
        assert_true(map_customer(&rule, DOC | (u128)0x1234 << 72, 56, &c.customer));
        a = make(c, &at_a);
        c.kind = t ? SOFTWIRE_MAP_T_BR : SOFTWIRE_MAP_E_BR;
        c.own6 = c.peer6;
        c.hub = false;
        br = make(c, &at_br);
        uint8_t packet[BUFFER];
        give(a, packet, write_udp(packet, HOST, 5000, customer_b.address, door.outside, 40, true),
             0);
        struct ip ip = only(&at_a);
        assert_true(ip.destination >> 64 == c.peer6 >> 64);
        const struct sent direct = at_a;
        carry(&at_a, br);
        if (t) { // routed back to the relay's device
            ip = only(&at_br);
            assert_true(ip.destination == customer_b.address);
            struct sent back = at_br;
            at_br.count = 0;
            carry(&back, br);
        }
        assert_true(only(&at_br).destination == customer_b.address6);
        carry(&at_br, b);
        ip = only(&at_b);
        assert_true(ip.source == PUBLIC && ip.destination == HOST + 1);
        const uint16_t port = load16(at_b.bytes[0] + 20);
        at_b.count = 0;
        give(b, packet, write_udp(packet, HOST + 1, 80, PUBLIC, port, 30, true), 1);
        assert_true(only(&at_b).destination >> 64 == c.peer6 >> 64);
        at_b.count = 0;
        memcpy(packet, direct.bytes[0], direct.length[0]); // past the relay
        store128(packet + 24, customer_b.address6);
        give(b, packet, direct.length[0], 2);
        assert_int_equal(at_b.count, 0);
        assert_int_equal(softwire_counts(b).forged, 1);
        end(&a, &b);
        softwire_free(&br);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_map_examples),
        cmocka_unit_test(test_map_excluded_ports),
        cmocka_unit_test(test_map_psid_given),
        cmocka_unit_test(test_forwarded_port),
        cmocka_unit_test(test_map_psid_given_at_relay),
        cmocka_unit_test(test_map_e),
        cmocka_unit_test(test_map_t),
        cmocka_unit_test(test_map_t_mesh),
        cmocka_unit_test(test_map_hub_and_spoke),
    };
    return cmocka_run_group_tests_name("map", tests, NULL, NULL);
}
