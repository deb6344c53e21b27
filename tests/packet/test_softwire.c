// SPDX-License-Identifier: Apache-2.0
//
// Softwires with both ends in one test: what goes in at a customer's comes out at the other end as
// it was, answers find the way back, forged packets do not. MAP is in test_map.c.

#include "softwire_ends.h"

#include "packet/reassembly.h"

static void test_6in4_carries_what_it_got(void **state)
{
    (void)state;
    struct sent at_a, at_b;
    struct softwire_config c = {.kind = SOFTWIRE_6IN4, .own4 = CE4, .peer4 = BR4};
    struct softwire *a = make(c, &at_a), *b;
    c.own4 = BR4;
    c.peer4 = CE4;
    b = make(c, &at_b);
    for (unsigned round = 0; round < 300; round++) {
        uint8_t packet[BUFFER];
        size_t length = write_udp(packet, CE6, 1000, BR6, 2000, below(1400), false);
        at_b.count = 0;
        give(a, packet, length, 0);
        carry(&at_a, b);
        if (length > 1480)
            continue; // told to the sender, if there were an address to tell it from
        assert_int_equal(at_b.count, 1);
        assert_int_equal(at_b.length[0], length);
        assert_memory_equal(at_b.bytes[0], packet, length);
    }
    uint8_t packet[BUFFER];
    size_t length = write_udp(packet, CE6, 1, BR6, 2, 10, false);
    at_b.count = 0;
    give(a, packet, length, 0);
    store32(at_a.bytes[0] + 12, CE4 + 1); // from elsewhere
    store16(at_a.bytes[0] + 10, 0);
    store16(at_a.bytes[0] + 10, (uint16_t)~sum_bytes(at_a.bytes[0], 20, 0));
    carry(&at_a, b);
    assert_int_equal(at_b.count, 0);
    assert_int_equal(softwire_counts(b).forged, 1);
    end(&a, &b);
}

// 6in4 with a packet for it as a raw socket gives it; UDP of 400 octets with its whole checksum.
static struct softwire *from_raw_socket(struct packet *p, uint8_t *buffer, size_t size,
                                        struct sent *sent)
{
    struct softwire_config c = {.kind = SOFTWIRE_6IN4, .own4 = CE4, .peer4 = BR4};
    const struct ip outer = {.family = FAMILY_IPV4,
                             .source = BR4,
                             .destination = CE4,
                             .hop_limit = 9,
                             .protocol = PROTOCOL_IPV6};
    packet_init(p, buffer, size);
    size_t length = write_udp(p->at + IPV4_HEADER, BR6, 1, CE6, 2, 400, false);
    write_outer(p->at, &outer, length);
    p->length = IPV4_HEADER + length;
    return make(c, sent);
}

// A checksum that a device was to make, alone or of several segments.
static void test_what_was_left_to_a_device_stays_so(void **state)
{
    (void)state;
    for (uint16_t segment = 0; segment <= 100; segment += 100) {
        struct sent sent;
        uint8_t buffer[PACKET_HEADROOM + BUFFER];
        struct packet p;
        struct ip ip;
        struct softwire *s = from_raw_socket(&p, buffer, sizeof buffer, &sent);
        size_t length = p.length - IPV4_HEADER;
        store16(p.at + IPV4_HEADER + IPV6_HEADER + 6,
                sum_fold(sum_pseudo(FAMILY_IPV6, BR6, CE6, PROTOCOL_UDP, 408)));
        p.segment = segment;
        p.partial = segment > 0;
        softwire_packet(s, &p, 0);
        assert_int_equal(sent.count, 1);
        assert_int_equal(sent.segment[0], segment);
        assert_true(sent.partial[0]);
        struct packet whole = {.at = sent.bytes[0], .length = length, .partial = true};
        assert_int_equal(ip_read(whole.at, length, 0, &ip), IP_FINE);
        checksum_complete(&whole, &ip);
        assert_true(checksum_holds(whole.at + IPV6_HEADER, &ip));
        softwire_free(&s);
    }
}

// It may be taken for several segments by another packet's note; nobody has left the checksum of
// this one to a device.
static void test_what_is_whole_is_not_cut(void **state)
{
    (void)state;
    struct sent sent;
    uint8_t buffer[PACKET_HEADROOM + BUFFER];
    struct packet p;
    struct softwire *s = from_raw_socket(&p, buffer, sizeof buffer, &sent);
    const uint8_t *inner = p.at + IPV4_HEADER;
    size_t length = p.length - IPV4_HEADER;
    p.segment = 100;
    p.partial = true;
    softwire_packet(s, &p, 0);
    assert_int_equal(sent.count, 1);
    assert_int_equal(sent.segment[0], 0);
    assert_false(sent.partial[0]);
    assert_memory_equal(sent.bytes[0], inner, length);
    softwire_free(&s);
}

// RFC 4213, 3.6.
static void test_sources_that_no_packet_has(void **state)
{
    (void)state;
    struct sent at_a, at_b;
    struct softwire_config c = {.kind = SOFTWIRE_6IN4, .own4 = CE4, .peer4 = BR4};
    struct softwire *a = make(c, &at_a), *b;
    c.own4 = BR4;
    c.peer4 = CE4;
    b = make(c, &at_b);
    static const char *const sources[] = {"ff02::1", "::1", "::192.0.2.1", "::ffff:192.0.2.1"};
    for (size_t i = 0; i <= sizeof sources / sizeof *sources; i++) {
        uint8_t packet[BUFFER];
        u128 source = 0; // looking for a duplicate of its own address
        size_t length = write_udp(packet, CE6, 1, BR6, 2, 10, false);
        assert_true(i == 4 || ipv6_parse(slice_of(sources[i]), &source));
        store128(packet + 8, source);
        give(a, packet, length, 0);
        carry(&at_a, b);
    }
    assert_int_equal(at_b.count, 1);
    assert_int_equal(softwire_counts(b).forged, 4);
    end(&a, &b);
}

// RFC 6040, figure 4: rows are what is inside, columns what is outside.
static void test_congestion_marks_leave_the_tunnel(void **state)
{
    (void)state;
    static const int table[4][4] = {{0, 0, 0, -1}, {1, 1, 1, 3}, {2, 1, 2, 3}, {3, 3, 3, 3}};
    for (unsigned kind = 0; kind < 2; kind++)
        for (unsigned i = 0; i < 16; i++) {
            struct sent sent;
            struct softwire_config c = {.kind = kind ? SOFTWIRE_B4 : SOFTWIRE_6IN4,
                                        .own4 = CE4,
                                        .peer4 = BR4,
                                        .own6 = CE6,
                                        .peer6 = BR6};
            struct softwire *s = make(c, &sent);
            uint8_t packet[BUFFER], *inner = packet + (kind ? IPV6_HEADER : IPV4_HEADER);
            struct ip ip = {.family = kind ? FAMILY_IPV6 : FAMILY_IPV4,
                            .source = kind ? BR6 : BR4,
                            .destination = kind ? CE6 : CE4,
                            .traffic_class = 0xa8 | i % 4,
                            .hop_limit = 9,
                            .protocol = kind ? PROTOCOL_IPV4 : PROTOCOL_IPV6};
            size_t length = write_udp(inner, kind ? SERVER : BR6, 1, kind ? HOST : CE6, 2, 9, true);
            struct ip about;
            assert_int_equal(ip_read(inner, length, 0, &about), IP_FINE);
            about.traffic_class = 0x68 | i / 4;
            if (kind)
                ipv4_write(inner, &about, length);
            else
                ipv6_write(inner, &about, length - IPV6_HEADER);
            write_outer(packet, &ip, length);
            give(s, packet, (size_t)(inner - packet) + length, 0);
            assert_int_equal(sent.count, table[i / 4][i % 4] >= 0);
            if (sent.count)
                assert_int_equal(only(&sent).traffic_class, 0x68 | table[i / 4][i % 4]);
            softwire_free(&s);
        }
}

// RFC 5969, 4: 2001:db8::/32 and 10.0.0.0/8: 10.1.1.1 has 2001:db8:101:100::/56... here with the
// documentation's 203.0.113.0/24 and 8 bits behind it.
static void test_6rd_finds_the_end_in_the_address(void **state)
{
    (void)state;
    struct sent at_a, at_b, at_br;
    struct softwire_config c = {
        .kind = SOFTWIRE_6RD, .own4 = CE4, .peer4 = BR4, .sixrd = {DOC, 32, 24}};
    struct softwire *a = make(c, &at_a), *b, *br;
    c.own4 = CE4 + 1;
    b = make(c, &at_b);
    c.own4 = BR4;
    br = make(c, &at_br);
    u128 host_a = DOC | (u128)5 << 88 | 1, host_b = DOC | (u128)6 << 88 | 1;
    u128 far = ((u128)0x3fff << 112) | 9;
    uint8_t packet[BUFFER];
    size_t length = write_udp(packet, host_a, 1, host_b, 2, 99, false);
    give(a, packet, length, 0);
    assert_int_equal(load32(at_a.bytes[0] + 16), CE4 + 1);
    carry(&at_a, b);
    assert_int_equal(at_b.count, 1);
    assert_memory_equal(at_b.bytes[0], packet, length);
    length = write_udp(packet, host_a, 1, far, 2, 99, false);
    give(a, packet, length, 0);
    assert_int_equal(load32(at_a.bytes[0] + 16), BR4);
    carry(&at_a, br);
    assert_int_equal(at_br.count, 1);
    at_br.count = 0;
    length = write_udp(packet, far, 1, host_a, 2, 99, false); // and back
    give(br, packet, length, 0);
    assert_int_equal(load32(at_br.bytes[0] + 16), CE4);
    carry(&at_br, a);
    assert_int_equal(at_a.count, 1);
    at_a.count = 0;
    length = write_udp(packet, far, 1, host_b, 2, 99, false); // another's
    give(br, packet, length, 0);
    store32(at_br.bytes[0] + 16, CE4);
    store16(at_br.bytes[0] + 10, 0);
    store16(at_br.bytes[0] + 10, (uint16_t)~sum_bytes(at_br.bytes[0], 20, 0));
    carry(&at_br, a);
    assert_int_equal(at_a.count, 0);
    assert_int_equal(softwire_counts(a).elsewhere, 1);
    length = write_udp(packet, host_b, 1, far, 2, 99, false); // in another's name
    give(a, packet, length, 0);
    carry(&at_a, br);
    assert_int_equal(at_br.count, 0);
    assert_int_equal(softwire_counts(br).forged, 1);
    end(&a, &b);
    softwire_free(&br);
}

// What the relay forwards comes from the domain too: RFC 5969, 9.2, and a customer's packet to
// itself that shows that the relay is there (8). Only a customer has a relay that it believes.
static void test_6rd_believes_its_relay(void **state)
{
    (void)state;
    struct sent at_ce, at_br;
    struct softwire_config c = {
        .kind = SOFTWIRE_6RD, .own4 = CE4, .peer4 = BR4, .sixrd = {DOC, 32, 24}};
    struct softwire *ce = make(c, &at_ce), *br;
    c.own4 = BR4;
    br = make(c, &at_br);
    const u128 own = DOC | (u128)5 << 88 | 1;
    const u128 inside[] = {own, DOC | (u128)6 << 88 | 1, ((u128)0x3fff << 112) | 9};
    for (unsigned i = 0; i < 3; i++) {
        uint8_t packet[BUFFER], *inner = packet + IPV4_HEADER;
        struct ip outer = {.family = FAMILY_IPV4,
                           .source = BR4,
                           .destination = CE4,
                           .hop_limit = 9,
                           .protocol = PROTOCOL_IPV6};
        size_t length = write_udp(inner, inside[i], 1, own, 2, 9, false);
        write_outer(packet, &outer, length);
        at_ce.count = 0;
        give(ce, packet, IPV4_HEADER + length, 0);
        assert_true(only(&at_ce).source == inside[i]);
        outer.destination = BR4; // to the relay, as from itself
        write_outer(packet, &outer, length);
        give(br, packet, IPV4_HEADER + length, 0);
    }
    assert_int_equal(at_br.count, 0);
    assert_int_equal(softwire_counts(br).forged, 3);
    end(&ce, &br);
}

static void test_6rd_sends_to_hosts_alone(void **state)
{
    (void)state;
    static const uint32_t ends[] = {0, 0x7f000001, 0xe0000001, 0xffffffff};
    struct sent sent;
    struct softwire *s = make(
        (struct softwire_config){
            .kind = SOFTWIRE_6RD, .own4 = CE4, .peer4 = BR4, .sixrd = {DOC, 32, 0}},
        &sent);
    for (size_t i = 0; i < 4; i++) {
        uint8_t packet[BUFFER];
        u128 host = DOC | (u128)ends[i] << 64 | 1;
        give(s, packet, write_udp(packet, CE6, 1, host, 2, 9, false), 0);
    }
    assert_int_equal(sent.count, 0);
    softwire_free(&s);
}

static void test_ds_lite_keeps_customers_apart(void **state)
{
    (void)state;
    struct sent at_b4[2], at_aftr;
    struct softwire *b4[2], *aftr;
    for (unsigned i = 0; i < 2; i++)
        b4[i] = make((struct softwire_config){.kind = SOFTWIRE_B4, .own6 = CE6 + i, .peer6 = BR6},
                     at_b4 + i);
    aftr = make((struct softwire_config){.kind = SOFTWIRE_AFTR,
                                         .own6 = BR6,
                                         .napt = {.pool_first = PUBLIC, .pool_last = PUBLIC}},
                &at_aftr);
    uint16_t ports[2];
    for (unsigned i = 0; i < 2; i++) {
        uint8_t packet[BUFFER];
        size_t length = write_udp(packet, HOST, 5000, SERVER, 53, 40, false);
        give(b4[i], packet, length, 0);
        at_aftr.count = 0;
        carry(at_b4 + i, aftr);
        struct ip ip = only(&at_aftr);
        assert_true(ip.source == PUBLIC && ip.destination == SERVER);
        ports[i] = load16(at_aftr.bytes[0] + ip.upper);
    }
    assert_int_not_equal(ports[0], ports[1]);
    for (unsigned i = 0; i < 2; i++) {
        uint8_t packet[BUFFER];
        size_t length = write_udp(packet, SERVER, 53, PUBLIC, ports[i], 60, false);
        at_aftr.count = 0;
        give(aftr, packet, length, 2);
        assert_int_equal(at_aftr.count, 1);
        assert_true(load128(at_aftr.bytes[0] + 24) == CE6 + i);
        carry(&at_aftr, b4[i]);
        struct ip ip = only(at_b4 + i);
        assert_true(ip.source == SERVER && ip.destination == HOST);
        assert_int_equal(load16(at_b4[i].bytes[0] + ip.upper + 2), 5000);
        at_b4[i].count = 0;
    }
    end(b4, b4 + 1);
    softwire_free(&aftr);
}

// RFC 6333, 11: private addresses, those of the softwire itself, and what is told beside.
static void test_addresses_of_ds_lite_customers(void **state)
{
    (void)state;
    static const struct {
        uint32_t address;
        unsigned passes; // bits: as it is; with 100.64.0.0/10 besides
    } table[] = {{UINT32_C(0x0a000001), 3},
                 {UINT32_C(0x0b000001), 0},
                 {UINT32_C(0xac100001), 3},
                 {UINT32_C(0xac1fffff), 3},
                 {UINT32_C(0xac200000), 0},
                 {HOST, 3},
                 {UINT32_C(0xc0a90000), 0},
                 {UINT32_C(0xc0000002), 3},
                 {UINT32_C(0xc0000008), 0},
                 {UINT32_C(0x64400001), 2},
                 {SERVER, 0}};
    for (unsigned more = 0; more < 2; more++) {
        struct sent sent;
        struct softwire_config c = {.kind = SOFTWIRE_AFTR,
                                    .own6 = BR6,
                                    .napt = {.pool_first = PUBLIC, .pool_last = PUBLIC}};
        if (more)
            c.inside = (struct range){FAMILY_IPV4, UINT32_C(0x64400000), UINT32_C(0x647fffff)};
        struct softwire *aftr = make(c, &sent);
        unsigned refused = 0;
        for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
            uint8_t packet[BUFFER];
            struct ip outer = {.family = FAMILY_IPV6,
                               .source = CE6,
                               .destination = BR6,
                               .hop_limit = 9,
                               .protocol = PROTOCOL_IPV4};
            size_t length =
                write_udp(packet + IPV6_HEADER, table[i].address, 9, SERVER, 9, 9, true);
            length += ipv6_write(packet, &outer, length);
            sent.count = 0;
            give(aftr, packet, length, 0);
            assert_int_equal(sent.count, table[i].passes >> more & 1);
            refused += !sent.count;
            assert_int_equal(softwire_counts(aftr).forged, refused);
        }
        softwire_free(&aftr);
    }
}

// RFC 1812, 5.3.7: what no host sends from, or to, goes through no IPv4 softwire.
static void test_four_between_hosts_alone(void **state)
{
    (void)state;
    static const uint32_t ends[][2] = {
        {HOST, UINT32_C(0xe00000fb)},   {HOST, UINT32_C(0xffffffff)},
        {HOST, UINT32_C(0x7f000001)},   {UINT32_C(0x7f000001), SERVER},
        {UINT32_C(0xe00000fb), SERVER}, {HOST, SERVER}};
    struct sent at_b4, at_aftr;
    struct softwire *b4, *aftr;
    b4 = make((struct softwire_config){.kind = SOFTWIRE_B4, .own6 = CE6, .peer6 = BR6}, &at_b4);
    aftr = make((struct softwire_config){.kind = SOFTWIRE_AFTR,
                                         .own6 = BR6,
                                         .napt = {.pool_first = PUBLIC, .pool_last = PUBLIC}},
                &at_aftr);
    for (unsigned i = 0; i < 6; i++) {
        uint8_t packet[BUFFER];
        struct ip outer = {.family = FAMILY_IPV6,
                           .source = CE6,
                           .destination = BR6,
                           .hop_limit = 9,
                           .protocol = PROTOCOL_IPV4};
        size_t length = write_udp(packet + IPV6_HEADER, ends[i][0], 9, ends[i][1], 9, 9, true);
        give(b4, packet + IPV6_HEADER, length, 0);
        length += ipv6_write(packet, &outer, length);
        give(aftr, packet, length, 0);
        assert_int_equal(at_b4.count, i / 5);
        assert_int_equal(at_aftr.count, i / 5);
    }
    assert_int_equal(softwire_counts(b4).malformed, 5);
    assert_int_equal(softwire_counts(aftr).malformed, 5);
    end(&b4, &aftr);
}

// Larger than the link: the outer packet is cut, and put together at the other end.
static void test_large_packets_are_cut_outside(void **state)
{
    (void)state;
    struct sent at_b4, at_aftr;
    struct softwire *b4, *aftr;
    b4 = make(
        (struct softwire_config){
            .kind = SOFTWIRE_B4, .own6 = CE6, .peer6 = BR6, .icmp4 = 0xc0000001},
        &at_b4);
    aftr = make((struct softwire_config){.kind = SOFTWIRE_AFTR,
                                         .own6 = BR6,
                                         .napt = {.pool_first = PUBLIC, .pool_last = PUBLIC}},
                &at_aftr);
    uint8_t packet[BUFFER];
    size_t length = write_udp(packet, HOST, 5000, SERVER, 53, 1472, true);
    give(b4, packet, length, 0);
    assert_int_equal(at_b4.count, 2);
    carry(&at_b4, aftr);
    struct ip ip = only(&at_aftr);
    assert_int_equal(ip.end - ip.upper, 1480);
    length = write_udp(packet, HOST, 5000, SERVER, 53, 1472, false);
    give(b4, packet, length, 0);
    ip = only(&at_b4); // told: 1460 would fit
    assert_true(ip.destination == HOST && ip.protocol == PROTOCOL_ICMP);
    assert_int_equal(load16(at_b4.bytes[0] + 26), 1460);
    end(&b4, &aftr);
}

// A router between the ends says something of the only packet that was sent; `source` 0: by us.
static void complain(struct softwire *s, struct sent *sent, const uint32_t words[3], u128 source,
                     int64_t now)
{
    uint8_t buffer[PACKET_HEADROOM + BUFFER];
    struct packet p;
    struct ip about;
    packet_init(&p, buffer, sizeof buffer);
    memcpy(p.at, sent->bytes[0], sent->length[0]);
    p.length = sent->length[0];
    assert_int_equal(ip_read(p.at, p.length, 0, &about), IP_FINE);
    assert_true(icmp_error(&p, &about, DOC | 0x99, (uint8_t)words[0], (uint8_t)words[1], words[2]));
    uint8_t *icmp = p.at + IPV6_HEADER;
    uint32_t old = sum_bytes(icmp + 16, 16, 0);
    if (source)
        store128(icmp + 16, source);
    checksum_change(icmp + 2, old, sum_bytes(icmp + 16, 16, 0));
    sent->count = 0;
    give(s, p.at, p.length, now);
}

// RFC 2473, 7.1 and 8.
static void test_smaller_mtu_between_the_ends(void **state)
{
    (void)state;
    struct sent sent;
    struct softwire *b4 = make(
        (struct softwire_config){
            .kind = SOFTWIRE_B4, .own6 = CE6, .peer6 = BR6, .icmp4 = UINT32_C(0xc0000002)},
        &sent);
    uint8_t packet[BUFFER];
    size_t length = write_udp(packet, HOST, 1, SERVER, 2, 1400, false);
    give(b4, packet, length, 0);
    complain(b4, &sent, (const uint32_t[]){2, 0, 1380}, 0, 0);
    assert_int_equal(sent.count, 0);
    give(b4, packet, length, 1); // may not be cut: its sender is told
    struct ip ip = only(&sent);
    assert_true(ip.destination == HOST && ip.source == UINT32_C(0xc0000002));
    assert_int_equal(load32(sent.bytes[0] + 20) >> 16, 0x0304);
    assert_int_equal(load32(sent.bytes[0] + 24), 1380 - IPV6_HEADER);
    sent.count = 0;
    length = write_udp(packet, HOST, 1, SERVER, 2, 1400, true);
    give(b4, packet, length, 2); // is cut
    assert_int_equal(sent.count, 2);
    assert_true(sent.length[0] <= 1380 && sent.length[1] <= 1380);
    sent.count = 0;
    give(b4, packet, length, 700000); // long after: forgotten
    assert_int_equal(sent.count, 1);
    sent.count = 0;
    give(b4, packet, length, 700001);
    complain(b4, &sent, (const uint32_t[]){2, 0, 1280}, CE6 + 1, 700002); // no packet of ours
    give(b4, packet, length, 700003);
    assert_int_equal(sent.count, 1);
    softwire_free(&b4);
}

// Where the customer's packet was translated, who is told knows it as it was outside; a neighbour's
// end is as far as the relay's.
static void test_smaller_mtu_behind_translation(void **state)
{
    (void)state;
    struct sent sent;
    struct softwire *aftr =
        make((struct softwire_config){.kind = SOFTWIRE_AFTR,
                                      .own6 = BR6,
                                      .icmp4 = UINT32_C(0xc0000001),
                                      .napt = {.pool_first = PUBLIC, .pool_last = PUBLIC}},
             &sent);
    uint8_t packet[BUFFER];
    struct ip outer = {.family = FAMILY_IPV6,
                       .source = CE6,
                       .destination = BR6,
                       .hop_limit = 9,
                       .protocol = PROTOCOL_IPV4};
    size_t length = write_udp(packet + IPV6_HEADER, HOST, 5000, SERVER, 53, 40, true);
    length += ipv6_write(packet, &outer, length);
    give(aftr, packet, length, 0);
    uint16_t port = load16(sent.bytes[0] + 20);
    sent.count = 0;
    length = write_udp(packet, SERVER, 53, PUBLIC, port, 1400, false);
    give(aftr, packet, length, 0);
    complain(aftr, &sent, (const uint32_t[]){2, 0, 1380}, 0, 0);
    give(aftr, packet, length, 1);
    struct ip ip = only(&sent), about;
    assert_true(ip.destination == SERVER && ip.source == PUBLIC);
    assert_int_equal(load16(sent.bytes[0] + 20), 0x0304);
    assert_int_equal(load32(sent.bytes[0] + 24), 1380 - IPV6_HEADER);
    assert_int_equal(sum_bytes(sent.bytes[0] + 20, sent.length[0] - 20, 0), 0xffff);
    assert_int_equal(ip_read(sent.bytes[0] + 28, sent.length[0] - 28, IP_READ_CUT, &about),
                     IP_FINE);
    assert_true(about.source == SERVER && about.destination == PUBLIC);
    assert_memory_equal(sent.bytes[0] + 48, packet + IPV4_HEADER, 8);
    softwire_free(&aftr);
}

static void test_smaller_mtu_to_a_neighbour(void **state)
{
    (void)state;
    struct sent sent;
    struct softwire_config c = {.kind = SOFTWIRE_MAP_E_CE,
                                .peer6 = BR6,
                                .icmp4 = UINT32_C(0xc0000001),
                                .rules = &rule,
                                .rule_count = 1};
    assert_true(map_customer(&rule, DOC | (u128)0x1234 << 72, 56, &c.customer));
    struct softwire *ce = make(c, &sent);
    uint8_t packet[BUFFER];
    size_t length = write_udp(packet, HOST, 5000, PUBLIC + 1, 1232, 1400, false);
    give(ce, packet, length, 0);
    complain(ce, &sent, (const uint32_t[]){2, 0, 1380}, 0, 0);
    give(ce, packet, length, 1);
    struct ip ip = only(&sent);
    assert_true(ip.destination == HOST);
    assert_int_equal(load16(sent.bytes[0] + 20), 0x0304);
    assert_true(load32(sent.bytes[0] + 28 + 12) == HOST);
    assert_int_equal(load16(sent.bytes[0] + 48), 5000);
    softwire_free(&ce);
}

// The host at home hears of it, the customer's translation or not; at an AFTR the host outside
// does.
static void test_lost_between_the_ends(void **state)
{
    (void)state;
    static const enum softwire_kind kinds[] = {SOFTWIRE_B4, SOFTWIRE_LWB4, SOFTWIRE_AFTR};
    for (unsigned i = 0; i < 3; i++) {
        struct sent sent;
        bool aftr = kinds[i] == SOFTWIRE_AFTR;
        struct softwire_config c = {.kind = kinds[i], .icmp4 = UINT32_C(0xc0000002)};
        c.own6 = aftr ? BR6 : CE6;
        c.peer6 = aftr ? 0 : BR6;
        c.napt.pool_first = c.napt.pool_last = PUBLIC;
        struct softwire *s = make(c, &sent);
        uint8_t packet[BUFFER + IPV6_HEADER], *inner = packet + (aftr ? IPV6_HEADER : 0);
        size_t length = write_udp(inner, HOST, 5000, SERVER, 53, 40, true);
        if (aftr) {
            struct ip outer = {.family = FAMILY_IPV6, .source = CE6, .destination = BR6};
            outer.hop_limit = 9;
            outer.protocol = PROTOCOL_IPV4;
            length += ipv6_write(packet, &outer, length);
        }
        give(s, packet, length, 0);
        if (aftr) { // the answer is what is lost
            uint16_t port = load16(sent.bytes[0] + 20);
            sent.count = 0;
            give(s, packet, write_udp(packet, SERVER, 53, PUBLIC, port, 40, true), 0);
        }
        complain(s, &sent, (const uint32_t[]){3, 0, 0}, 0, 1);
        struct ip ip = only(&sent), about;
        assert_true(ip.destination == (aftr ? SERVER : HOST));
        assert_int_equal(load16(sent.bytes[0] + 20), 0x0301);
        assert_int_equal(sum_bytes(sent.bytes[0] + 20, sent.length[0] - 20, 0), 0xffff);
        assert_int_equal(ip_read(sent.bytes[0] + 28, sent.length[0] - 28, IP_READ_CUT, &about),
                         IP_FINE);
        assert_true(aftr ? about.destination == PUBLIC : about.source == HOST);
        if (!aftr)
            assert_int_equal(load16(sent.bytes[0] + 48), 5000);
        softwire_free(&s);
    }
}

static void test_lw4o6(void **state)
{
    (void)state;
    struct sent at_b4, at_aftr;
    static const struct port_set ports = {6, 8, 0x34};
    struct lw_binding table[] = {{CE6 + 5, PUBLIC, {6, 8, 0x35}}, {CE6, PUBLIC, ports}};
    struct softwire_config c = {.kind = SOFTWIRE_LWB4, .own6 = CE6, .peer6 = BR6};
    c.napt.pool_first = c.napt.pool_last = PUBLIC;
    c.napt.port_set = &ports;
    struct softwire *b4 = make(c, &at_b4), *aftr;
    aftr = make(
        (struct softwire_config){
            .kind = SOFTWIRE_LWAFTR, .own6 = BR6, .bindings = table, .binding_count = 2},
        &at_aftr);
    uint8_t packet[BUFFER];
    size_t length = write_udp(packet, HOST, 5000, SERVER, 53, 300, false);
    give(b4, packet, length, 0);
    carry(&at_b4, aftr);
    struct ip ip = only(&at_aftr);
    uint16_t port = load16(at_aftr.bytes[0] + ip.upper);
    assert_true(ip.source == PUBLIC && port_set_has(&ports, port));
    length = write_udp(packet, SERVER, 53, PUBLIC, port, 30, false);
    at_aftr.count = 0;
    give(aftr, packet, length, 1);
    carry(&at_aftr, b4);
    ip = only(&at_b4);
    assert_true(ip.destination == HOST);
    table[1].b4 = CE6 + 9; // the binding is another's now: its packets are forged
    at_b4.count = 0;
    length = write_udp(packet, HOST, 5000, SERVER, 53, 300, false);
    give(b4, packet, length, 2);
    carry(&at_b4, aftr);
    assert_int_equal(at_aftr.count, 0);
    assert_int_equal(softwire_counts(aftr).forged, 1);
    end(&b4, &aftr);
}

static void test_hairpin_of_lw4o6(void **state)
{
    (void)state;
    for (unsigned off = 0; off < 2; off++) {
        struct sent at_b4, at_aftr;
        static const struct port_set first = {6, 8, 0x34};
        const struct lw_binding table[] = {{CE6 + 5, PUBLIC, {6, 8, 0x35}}, {CE6, PUBLIC, first}};
        struct softwire_config c = {.kind = SOFTWIRE_LWB4, .own6 = CE6, .peer6 = BR6};
        c.napt.pool_first = c.napt.pool_last = PUBLIC;
        c.napt.port_set = &first;
        struct softwire *b4 = make(c, &at_b4), *aftr;
        aftr = make((struct softwire_config){.kind = SOFTWIRE_LWAFTR,
                                             .own6 = BR6,
                                             .bindings = table,
                                             .binding_count = 2,
                                             .no_hairpin = off},
                    &at_aftr);
        uint8_t packet[BUFFER];
        const uint16_t neighbour = 1 << 10 | 0x35 << 2; // a port of the other customer's
        give(b4, packet, write_udp(packet, HOST, 5000, PUBLIC, neighbour, 30, false), 0);
        carry(&at_b4, aftr);
        assert_int_equal(at_aftr.count, off ? 0 : 1);
        assert_int_equal(softwire_counts(aftr).elsewhere, off);
        assert_true(off || only(&at_aftr).destination == CE6 + 5);
        at_b4.count = at_aftr.count = 0;
        give(b4, packet, write_udp(packet, HOST, 5000, SERVER, 53, 30, false), 1);
        carry(&at_b4, aftr);
        assert_true(only(&at_aftr).destination == SERVER); // others are reached either way
        end(&b4, &aftr);
    }
}

static void take_piece(void *arg, struct packet *p)
{
    send(arg, p);
}

static void test_pieces_in_any_order(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 300; round++) {
        static struct sent pieces;
        uint8_t bytes[PACKET_HEADROOM + BUFFER], other[PACKET_HEADROOM + BUFFER];
        struct packet p, scratch, whole = {0};
        bool six = round % 2, made = false;
        pieces.count = 0;
        packet_init(&p, bytes, sizeof bytes);
        packet_init(&scratch, other, sizeof other);
        p.length =
            write_udp(p.at, six ? CE6 : HOST, 1, six ? BR6 : SERVER, 2, 200 + below(1500), true);
        size_t mtu = 300 + below(300);
        assert_true(six ? ipv6_fragment(&p, mtu, 5, &scratch, take_piece, &pieces)
                        : ipv4_fragment(&p, mtu, &scratch, take_piece, &pieces));
        struct reassembly *r = reassembly_new(4, 1000);
        unsigned order[16];
        for (unsigned i = 0; i < pieces.count; i++) {
            unsigned k = below(i + 1);
            order[i] = order[k];
            order[k] = i;
        }
        for (unsigned i = 0; i < pieces.count; i++) {
            struct packet piece = {.at = pieces.bytes[order[i]], .length = pieces.length[order[i]]};
            struct ip ip;
            assert_false(made);
            assert_int_equal(ip_read(piece.at, piece.length, 0, &ip), IP_FINE);
            made = reassembly_add(r, &piece, &ip, 0, 0, &whole);
        }
        assert_true(made);
        size_t header = six ? IPV6_HEADER : IPV4_HEADER, more = six ? FRAGMENT_HEADER : 0;
        assert_int_equal(whole.length, p.length + more);
        assert_memory_equal(whole.at + header + more, p.at + header, p.length - header);
        reassembly_free(&r);
    }
}

// RFC 4787, REQ-14: each end that has ports to look at, and each customer's pieces for themselves.
static void test_pieces_through_an_aftr(void **state)
{
    (void)state;
    static struct sent pieces, at_aftr;
    struct softwire_config c = {.kind = SOFTWIRE_AFTR, .own6 = BR6};
    c.napt.pool_first = c.napt.pool_last = PUBLIC;
    struct softwire *aftr = make(c, &at_aftr);
    uint8_t bytes[PACKET_HEADROOM + BUFFER], other[PACKET_HEADROOM + BUFFER];
    struct packet p, scratch;
    packet_init(&p, bytes, sizeof bytes);
    packet_init(&scratch, other, sizeof other);
    size_t length = write_udp(p.at, HOST, 5000, SERVER, 53, 900, true);
    p.length = length;
    pieces.count = 0;
    assert_true(ipv4_fragment(&p, 600, &scratch, take_piece, &pieces));
    assert_int_equal(pieces.count, 2);
    for (unsigned i = 0; i < 4; i++) { // the last piece first, of two customers
        struct ip outer = {.family = FAMILY_IPV6,
                           .source = CE6 + i % 2,
                           .destination = BR6,
                           .hop_limit = 9,
                           .protocol = PROTOCOL_IPV4};
        unsigned k = i < 2 ? 1 : 0;
        ipv6_write(other, &outer, pieces.length[k]);
        memcpy(other + IPV6_HEADER, pieces.bytes[k], pieces.length[k]);
        give(aftr, other, IPV6_HEADER + pieces.length[k], 0);
    }
    assert_int_equal(at_aftr.count, 2);
    for (unsigned i = 0; i < 2; i++)
        assert_memory_equal(at_aftr.bytes[i] + 28, p.at + 28, length - 28);
    assert_int_not_equal(load16(at_aftr.bytes[0] + 20), load16(at_aftr.bytes[1] + 20));
    uint16_t port = load16(at_aftr.bytes[1] + 20);
    p.length = write_udp(p.at, SERVER, 53, PUBLIC, port, 900, true);
    pieces.count = at_aftr.count = 0;
    assert_true(ipv4_fragment(&p, 600, &scratch, take_piece, &pieces));
    give(aftr, pieces.bytes[1], pieces.length[1], 1);
    give(aftr, pieces.bytes[0], pieces.length[0], 1);
    struct ip ip = only(&at_aftr);
    assert_true(ip.destination == CE6 + 1);
    softwire_free(&aftr);
}

static void test_impossible_configurations(void **state)
{
    (void)state;
    struct map_rule wide = {DOC, 0, 40, 0, 48, 6};
    struct softwire_config bad[] = {
        {.kind = SOFTWIRE_B4, .mtu = 1000},
        {.kind = SOFTWIRE_6RD, .mtu = 1500, .sixrd = {DOC, 40, 0}},
        {.kind = SOFTWIRE_MAP_E_BR, .mtu = 1500},
        {.kind = SOFTWIRE_MAP_E_BR, .mtu = 1500, .rules = &wide, .rule_count = 1},
        {.kind = SOFTWIRE_MAP_T_BR, .mtu = 1500, .rules = &rule, .rule_count = 1, .dmr_length = 50},
        {.kind = SOFTWIRE_AFTR, .mtu = 1500, .napt = {.pool_first = 5, .pool_last = 1}},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct softwire *s = NULL;
        struct err e;
        assert_int_equal(softwire_new(bad + i, &s, &e), ERR_USAGE);
        assert_null(s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_6in4_carries_what_it_got),
        cmocka_unit_test(test_what_was_left_to_a_device_stays_so),
        cmocka_unit_test(test_what_is_whole_is_not_cut),
        cmocka_unit_test(test_sources_that_no_packet_has),
        cmocka_unit_test(test_congestion_marks_leave_the_tunnel),
        cmocka_unit_test(test_6rd_finds_the_end_in_the_address),
        cmocka_unit_test(test_6rd_believes_its_relay),
        cmocka_unit_test(test_6rd_sends_to_hosts_alone),
        cmocka_unit_test(test_ds_lite_keeps_customers_apart),
        cmocka_unit_test(test_addresses_of_ds_lite_customers),
        cmocka_unit_test(test_four_between_hosts_alone),
        cmocka_unit_test(test_large_packets_are_cut_outside),
        cmocka_unit_test(test_smaller_mtu_between_the_ends),
        cmocka_unit_test(test_smaller_mtu_behind_translation),
        cmocka_unit_test(test_smaller_mtu_to_a_neighbour),
        cmocka_unit_test(test_lost_between_the_ends),
        cmocka_unit_test(test_lw4o6),
        cmocka_unit_test(test_hairpin_of_lw4o6),
        cmocka_unit_test(test_pieces_in_any_order),
        cmocka_unit_test(test_pieces_through_an_aftr),
        cmocka_unit_test(test_impossible_configurations),
    };
    return cmocka_run_group_tests_name("softwire", tests, NULL, NULL);
}
