// SPDX-License-Identifier: Apache-2.0
//
// 6LoWPAN against bytes laid out by hand from the standards, and random packets there and back: the
// length of compressed addresses against an oracle that tries every mode, fragments in any order
// and with losses against one that only adds up.

#include "packet/lowpan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define EUI_ONE UINT64_C(0x0200000000000001)
#define EUI_TWO UINT64_C(0x0200000000000002)
#define LOCAL   ((u128)0xfe80 << 112)
#define DOC     ((u128)0x20010db8 << 96)

static uint64_t chance = 1;

static uint64_t any(uint64_t below)
{
    chance = chance * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (chance >> 33) % below;
}

// ---- frames

static void test_frame_as_the_standard_lays_it_out(void **state)
{
    (void)state;
    // 7.2.1: data, acknowledgement wanted, one PAN, both addresses extended; octets from the last
    // on.
    static const uint8_t wanted[] = {0x61, 0xcc, 7, 0xcd, 0xab, 2, 0, 0, 0, 0, 0,
                                     0,    2,    1, 0,    0,    0, 0, 0, 0, 2, 'x'};
    uint8_t at[WPAN_FRAME_MAX];
    struct wpan_frame f = {.type = WPAN_DATA,
                           .wants_ack = true,
                           .sequence = 7,
                           .pan = 0xabcd,
                           .source = wpan_extended(EUI_ONE),
                           .destination = wpan_extended(EUI_TWO)},
                      back;
    size_t length = wpan_write(&f, (const uint8_t *)"x", 1, at);
    assert_int_equal(length, sizeof wanted + WPAN_FCS);
    assert_memory_equal(at, wanted, sizeof wanted);
    assert_int_equal(wpan_read(at, length, &back), WPAN_FINE);
    assert_true(back.type == WPAN_DATA && back.wants_ack && back.sequence == 7 &&
                back.pan == 0xabcd && wpan_same(&back.source, &f.source) &&
                wpan_same(&back.destination, &f.destination));
    assert_true(back.payload == 21 && back.end == 22);
    for (size_t i = 0; i < length; i++) {
        at[i] ^= 0x10;
        assert_int_equal(wpan_read(at, length, &back), WPAN_CHECKSUM);
        at[i] ^= 0x10;
    }
    assert_int_equal(wpan_read(at, 4, &back), WPAN_SHORT);
    assert_int_equal(wpan_room(&f.source, &f.destination), 104);
}

static void test_acknowledgement(void **state)
{
    (void)state;
    // The example of the standard (7.2.1.9): an acknowledgement, whose octets are in order of time
    // 0100 0000 0000 0000 0101 0110, has the FCS 0010 0111 1001 1110.
    static const uint8_t wanted[] = {0x02, 0x00, 0x6a, 0xe4, 0x79};
    uint8_t at[WPAN_FRAME_MAX];
    struct wpan_frame f = {.type = WPAN_ACKNOWLEDGEMENT, .sequence = 0x6a}, back;
    assert_int_equal(wpan_write(&f, NULL, 0, at), WPAN_ACK);
    assert_memory_equal(at, wanted, WPAN_ACK);
    assert_int_equal(wpan_read(at, WPAN_ACK, &back), WPAN_FINE);
    assert_true(back.type == WPAN_ACKNOWLEDGEMENT && back.sequence == 0x6a);
}

static void sealed(uint8_t *at, size_t length)
{
    uint16_t sum = wpan_checksum(at, length);
    at[length] = (uint8_t)sum;
    at[length + 1] = (uint8_t)(sum >> 8);
}

static void test_frames_that_are_not_taken(void **state)
{
    (void)state;
    uint8_t at[WPAN_FRAME_MAX + 8] = {0};
    struct wpan_frame f = {.sequence = 77};
    static const struct {
        uint8_t low, high;
        enum wpan_fault fault;
    } rows[] = {{0x00, 0, WPAN_KIND},     {0x03, 0, WPAN_KIND},     {0x09, 0x88, WPAN_SECURED},
                {0x01, 0x20, WPAN_KIND},  {0x01, 0x04, WPAN_KIND},  {0x01, 0x40, WPAN_KIND},
                {0x41, 0xcc, WPAN_SHORT}, {0x41, 0x88, WPAN_SHORT}, {0x01, 0x88, WPAN_SHORT}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        at[0] = rows[i].low;
        at[1] = rows[i].high;
        sealed(at, 7);
        assert_int_equal(wpan_read(at, 9, &f), rows[i].fault);
        assert_int_equal(f.sequence, 77);
    }
    assert_int_equal(wpan_read(at, WPAN_FRAME_MAX + 1, &f), WPAN_SHORT);
    assert_int_equal(wpan_write(&(struct wpan_frame){.type = WPAN_DATA,
                                                     .source = wpan_short(1),
                                                     .destination = wpan_short(2)},
                                at, 117, at),
                     0);
}

static void test_interface_identifiers(void **state)
{
    (void)state;
    struct wpan_address e = wpan_extended(UINT64_C(0x0211223344556677)), s = wpan_short(0x1234);
    assert_true(wpan_iid(&e) == UINT64_C(0x0011223344556677));
    assert_true(wpan_iid(&s) == UINT64_C(0x000000fffe001234));
    assert_true(wpan_iid_in_pan(0xffff, 0x1234) == UINT64_C(0xfdff00fffe001234));
    struct wpan_address back = wpan_of_iid(wpan_iid(&e));
    assert_true(wpan_same(&back, &e));
    back = wpan_of_iid(wpan_iid(&s));
    assert_true(wpan_same(&back, &s));
}

// ---- compressed headers

static void head(uint8_t *p, u128 source, u128 destination, uint8_t protocol, uint8_t limit,
                 size_t payload)
{
    memset(p, 0, IPV6_HEADER);
    p[0] = 0x60;
    store16(p + 4, (uint16_t)payload);
    p[6] = protocol;
    p[7] = limit;
    store128(p + 8, source);
    store128(p + 24, destination);
}

static void expect_compressed(const struct iphc *c, const uint8_t *packet, size_t length,
                              const uint8_t *wanted, size_t wanted_length)
{
    struct iphc_head h;
    struct iphc_restored r;
    struct wpan_address one = wpan_extended(EUI_ONE), two = wpan_extended(EUI_TWO);
    uint8_t frame[2048];
    assert_true(iphc_compress(c, &one, &two, packet, length, &h));
    assert_int_equal(h.length, wanted_length);
    assert_memory_equal(h.at, wanted, wanted_length);
    memcpy(frame, h.at, h.length);
    memcpy(frame + h.length, packet + h.taken, length - h.taken);
    assert_int_equal(iphc_restore(c, &one, &two, frame, h.length + length - h.taken, 0, &r),
                     IPHC_FINE);
    assert_true(r.length == h.taken && r.taken == h.length);
    assert_memory_equal(r.at, packet, r.length);
}

static void test_link_local_udp_in_six_octets(void **state)
{
    (void)state;
    // The best case: 48 octets of headers become 6: IPHC 2, NHC 1, ports 1,
    // checksum 2.
    static const uint8_t wanted[] = {0x7e, 0x33, 0xf3, 0x12, 0xaa, 0xbb};
    struct iphc none = {0};
    uint8_t p[IPV6_HEADER + 8 + 4];
    head(p, LOCAL | 1, LOCAL | 2, PROTOCOL_UDP, 64, 12);
    static const uint8_t udp[] = {0xf0, 0xb1, 0xf0, 0xb2, 0, 12, 0xaa, 0xbb, 1, 2, 3, 4};
    memcpy(p + IPV6_HEADER, udp, sizeof udp);
    expect_compressed(&none, p, sizeof p, wanted, sizeof wanted);
}

static void test_every_form(void **state)
{
    (void)state;
    struct iphc c = {0};
    c.contexts[0] = (struct iphc_context){DOC, 64, true, true};
    c.contexts[5] = (struct iphc_context){DOC | (u128)0x80 << 64 | 0x80, 128, true, true};
    uint8_t p[IPV6_HEADER + 64];
    // Both of the context's prefix: no address at all, ICMPv6, hop limit 255.
    static const uint8_t both[] = {0x7b, 0x77, 58};
    head(p, DOC | 1, DOC | 2, PROTOCOL_ICMPV6, 255, 4);
    memset(p + IPV6_HEADER, 0, 4);
    expect_compressed(&c, p, IPV6_HEADER + 4, both, sizeof both);
    // Context 5 is the whole address; a hop limit of its own; 16 bits of the source.
    static const uint8_t five[] = {0x78, 0xe7, 0x05, 58, 17, 0x12, 0x34};
    head(p, DOC | UINT64_C(0xfffe001234), c.contexts[5].prefix, PROTOCOL_ICMPV6, 17, 4);
    expect_compressed(&c, p, IPV6_HEADER + 4, five, sizeof five);
    // Unspecified source, all routers.
    static const uint8_t solicit[] = {0x7b, 0x4b, 58, 2};
    head(p, 0, (u128)0xff02 << 112 | 2, PROTOCOL_ICMPV6, 255, 4);
    expect_compressed(&c, p, IPV6_HEADER + 4, solicit, sizeof solicit);
    // Solicited node: 48 bits. Flow label with DSCP 46 and ECN 1.
    static const uint8_t flow[] = {0x61, 0x39, 0x6e, 0x0a, 0xbc, 0xde, 59,
                                   0x02, 0x01, 0xff, 0x00, 0x00, 0x02};
    head(p, LOCAL | 1, (u128)0xff02 << 112 | UINT64_C(0x1ff000002), PROTOCOL_NONE, 1, 0);
    p[0] = 0x6b;
    p[1] = 0x9a;
    p[2] = 0xbc;
    p[3] = 0xde;
    expect_compressed(&c, p, IPV6_HEADER, flow, sizeof flow);
    // ff05::1:3: 32 bits. Traffic class alone.
    static const uint8_t site[] = {0x72, 0x3a, 0x6e, 59, 0x05, 0x01, 0x00, 0x03};
    head(p, LOCAL | 1, (u128)0xff05 << 112 | 0x10003, PROTOCOL_NONE, 64, 0);
    p[0] = 0x6b;
    p[1] = 0x90;
    expect_compressed(&c, p, IPV6_HEADER, site, sizeof site);
    // A multicast address made of the prefix of context 0 (RFC 3306): 48 bits.
    static const uint8_t prefix[] = {0x7a, 0x3c, 59, 0x3e, 0x00, 0x11, 0x22, 0x33, 0x44};
    u128 group = (u128)0xff3e0040 << 96 | DOC >> 32 | 0x11223344;
    head(p, LOCAL | 1, group, PROTOCOL_NONE, 64, 0);
    expect_compressed(&c, p, IPV6_HEADER, prefix, sizeof prefix);
}

static void test_extension_headers(void **state)
{
    (void)state;
    struct iphc c = {0};
    uint8_t p[IPV6_HEADER + 8 + 8 + 8];
    // Hop-by-hop with a router alert and its padding, then UDP: padding and lengths are left out.
    static const uint8_t wanted[] = {0x7f, 0x33, 0xe1, 0x04, 5,    2,    0,
                                     0,    0xf1, 0x12, 0x34, 0x01, 0xaa, 0xbb};
    static const uint8_t rest[] = {PROTOCOL_UDP, 0,    5,    2, 0, 0, 1,    0,
                                   0x12,         0x34, 0xf0, 1, 0, 8, 0xaa, 0xbb};
    head(p, LOCAL | 1, LOCAL | 2, PROTOCOL_HOPOPT, 255, sizeof rest);
    memcpy(p + IPV6_HEADER, rest, sizeof rest);
    expect_compressed(&c, p, IPV6_HEADER + sizeof rest, wanted, sizeof wanted);
    // A fragment header is followed by anything: the UDP header behind it stays as it is.
    static const uint8_t piece[] = {0x7e, 0x33, 0xe4, PROTOCOL_UDP, 0, 0, 1, 1, 2, 3, 4};
    static const uint8_t cut[] = {PROTOCOL_UDP, 0,    0,    1, 1, 2, 3,    4,
                                  0x12,         0x34, 0xf0, 1, 0, 8, 0xaa, 0xbb};
    head(p, LOCAL | 1, LOCAL | 2, PROTOCOL_FRAGMENT, 64, sizeof cut);
    memcpy(p + IPV6_HEADER, cut, sizeof cut);
    expect_compressed(&c, p, IPV6_HEADER + sizeof cut, piece, sizeof piece);
}

static void test_ipv6_in_ipv6_is_restored(void **state)
{
    (void)state;
    // 4.2: EID 7; the inner addresses are those of the outer header's interface identifiers.
    static const uint8_t frame[] = {0x7e, 0x33, 0xee, 0x7a, 0x33, 59, 'x'};
    struct iphc c = {0};
    struct iphc_restored r;
    struct wpan_address one = wpan_extended(EUI_ONE), two = wpan_extended(EUI_TWO);
    assert_int_equal(iphc_restore(&c, &one, &two, frame, sizeof frame, 0, &r), IPHC_FINE);
    assert_int_equal(r.length, 80);
    uint8_t wanted[80];
    head(wanted, LOCAL | 1, LOCAL | 2, PROTOCOL_IPV6, 64, 41);
    head(wanted + 40, LOCAL | 1, LOCAL | 2, PROTOCOL_NONE, 64, 1);
    assert_memory_equal(r.at, wanted, 80);
    uint8_t deep[40] = {0};
    for (size_t i = 0; i < 39; i += 3)
        memcpy(deep + i, (const uint8_t[]){0x7e, 0x33, 0xee}, 3);
    assert_int_equal(iphc_restore(&c, &one, &two, deep, 39, 0, &r), IPHC_LARGE);
}

static void test_headers_that_are_not_restored(void **state)
{
    (void)state;
    struct iphc c = {0};
    struct iphc_restored r;
    struct wpan_address one = wpan_extended(EUI_ONE), two = wpan_extended(EUI_TWO), no = {0, 0};
    static const struct {
        uint8_t at[8];
        size_t length;
        enum iphc_fault fault;
    } rows[] = {
        {{0x7a, 0x33}, 2, IPHC_SHORT},                      // the next header is missing
        {{0x7a}, 1, IPHC_SHORT},                            //
        {{0x7a, 0x37, 59}, 3, IPHC_CONTEXT},                // context 0 for the destination
        {{0x7a, 0xf3, 0x90, 59}, 4, IPHC_CONTEXT},          // context 9 for the source
        {{0x7a, 0x34, 59}, 3, IPHC_MODE},                   // DAC=1, DAM=0
        {{0x7a, 0x3d, 59}, 3, IPHC_MODE},                   // M=1, DAC=1, DAM=1
        {{0x7e, 0x33, 0xf7, 0x12}, 4, IPHC_UNCHECKED},      // C=1
        {{0x7e, 0x33, 0xea, 0x12}, 4, IPHC_MODE},           // EID 5
        {{0x7e, 0x33, 0xe2, 59, 3, 0, 0, 0}, 8, IPHC_MODE}, // a routing header of five octets
        {{0x7e, 0x33, 0xe5, 0, 0, 0, 0, 0}, 8, IPHC_SHORT},
        {{0x7e, 0x33, 0x80}, 3, IPHC_MODE},
        {{0x41, 0x60}, 2, IPHC_DISPATCH},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(iphc_restore(&c, &one, &two, rows[i].at, rows[i].length, 0, &r),
                         rows[i].fault);
    static const uint8_t elided[] = {0x7a, 0x33, 59};
    assert_int_equal(iphc_restore(&c, &no, &two, elided, 3, 0, &r), IPHC_MODE);
    assert_int_equal(iphc_restore(&c, &one, &two, elided, 3, 39, &r), IPHC_SHORT);
}

// The oracle: every mode that RFC 6282 3.1.1 has for a unicast address, restored bit by bit.
static bool bit_of(u128 v, unsigned i)
{
    return v >> (127 - i) & 1;
}

static u128 oracle_address(const struct iphc_context *c, bool stateful, uint64_t iid)
{
    u128 a = 0;
    for (unsigned i = 0; i < 128; i++) {
        bool covered = stateful ? i < c->length : i < 64;
        bool bit =
            covered ? bit_of(stateful ? c->prefix : LOCAL, i) : i >= 64 && (iid >> (127 - i) & 1);
        a |= (u128)bit << (127 - i);
    }
    return a;
}

static size_t oracle_cost(const struct iphc *c, u128 address, uint64_t link_iid)
{
    static const uint8_t sizes[] = {0, 2, 8};
    size_t best = 16;
    for (int context = -1; context < IPHC_CONTEXTS; context++) {
        if (context >= 0 && (!c->contexts[context].known || !c->contexts[context].compress))
            continue;
        const uint64_t iids[] = {link_iid, UINT64_C(0xfffe000000) | (uint16_t)address,
                                 (uint64_t)address};
        for (unsigned m = 0; m < 3; m++)
            if (oracle_address(c->contexts + (context < 0 ? 0 : context), context >= 0, iids[m]) ==
                    address &&
                sizes[m] + (size_t)(context > 0) < best)
                best = sizes[m] + (size_t)(context > 0);
    }
    return best;
}

static u128 some_address(const struct iphc *c, uint64_t link_iid)
{
    const struct iphc_context *x = c->contexts + any(IPHC_CONTEXTS);
    uint64_t iids[] = {link_iid, UINT64_C(0xfffe000000) | any(65536), any(UINT32_MAX) << 20,
                       (uint64_t)x->prefix};
    u128 high[] = {LOCAL, DOC, x->prefix, (u128)any(UINT32_MAX) << 90 | (u128)1 << 125};
    return (high[any(4)] >> 64 << 64) | iids[any(4)];
}

static void some_contexts(struct iphc *c)
{
    static const uint8_t lengths[] = {0, 32, 48, 60, 64, 64, 80, 112, 128};
    memset(c, 0, sizeof *c);
    for (size_t i = 0; i < IPHC_CONTEXTS; i++)
        c->contexts[i] = (struct iphc_context){DOC | (u128)any(UINT32_MAX) << 40 | any(UINT32_MAX),
                                               lengths[any(9)], any(3) > 0, any(3) > 0};
}

static void test_addresses_as_short_as_can_be(void **state)
{
    (void)state;
    struct iphc c;
    for (unsigned round = 0; round < 20000; round++) {
        if (round % 100 == 0)
            some_contexts(&c);
        struct wpan_address from = any(2) ? wpan_extended(any(UINT64_MAX)) : wpan_short(7);
        struct wpan_address to = any(2) ? wpan_extended(any(UINT64_MAX)) : wpan_short(8);
        u128 a = some_address(&c, wpan_iid(&from)), b = some_address(&c, wpan_iid(&to));
        uint8_t p[IPV6_HEADER];
        struct iphc_head h;
        struct iphc_restored r;
        head(p, a, b, PROTOCOL_NONE, 64, 0);
        assert_true(iphc_compress(&c, &from, &to, p, sizeof p, &h));
        size_t wanted = oracle_cost(&c, a, wpan_iid(&from)) + oracle_cost(&c, b, wpan_iid(&to));
        bool unspecified = a == 0, two = h.at[1] & 0x80 && h.at[2] >> 4 && h.at[2] & 15;
        if (!unspecified && b >> 120 != 0xff)
            assert_int_equal(h.length, 3 + wanted - two);
        assert_int_equal(iphc_restore(&c, &from, &to, h.at, h.length, 0, &r), IPHC_FINE);
        assert_int_equal(r.length, IPV6_HEADER);
        assert_memory_equal(r.at, p, IPV6_HEADER);
    }
}

// ---- random packets

static size_t add_options(uint8_t *at, uint8_t next)
{
    size_t length = 2;
    while (any(3) > 0 && length < 40) {
        size_t size = any(9);
        at[length] = (uint8_t)any(3);
        if (at[length++] == 0)
            continue;
        at[length++] = (uint8_t)size;
        memset(at + length, any(2) ? 0 : 9, size);
        length += size;
    }
    size_t pad = (8 - length % 8) % 8;
    if (pad == 1)
        at[length] = 0;
    if (pad > 1) {
        memset(at + length, 0, pad);
        at[length] = 1;
        at[length + 1] = (uint8_t)(pad - 2);
    }
    length += pad;
    at[0] = next;
    at[1] = (uint8_t)(length / 8 - 1);
    return length;
}

static size_t some_packet(const struct iphc *c, const struct lowpan_link *l, uint8_t *p)
{
    static const uint8_t protocols[] = {PROTOCOL_UDP, PROTOCOL_ICMPV6, PROTOCOL_NONE, PROTOCOL_TCP};
    static const uint8_t limits[] = {1, 64, 255, 0, 17};
    uint8_t last = protocols[any(4)], first = last;
    size_t at = IPV6_HEADER, extra = 0;
    if (any(4) == 0) {
        first = any(2) ? PROTOCOL_HOPOPT : PROTOCOL_OPTIONS;
        extra = add_options(p + at, any(3) ? last : PROTOCOL_FRAGMENT);
        at += extra;
        if (p[IPV6_HEADER] == PROTOCOL_FRAGMENT) {
            for (size_t i = 0; i < 8; i++)
                p[at + i] = (uint8_t)any(256);
            p[at] = last;
            at += 8;
        }
    }
    size_t payload = any(5) == 0 ? any(1400) : any(150);
    for (size_t i = 0; i < payload + 8; i++)
        p[at + i] = (uint8_t)any(256);
    if (last == PROTOCOL_UDP) {
        store16(p + at, any(2) ? (uint16_t)(0xf0b0 | any(16)) : (uint16_t)any(65536));
        store16(p + at + 2, any(2) ? (uint16_t)(0xf000 | any(256)) : (uint16_t)any(65536));
        store16(p + at + 4, (uint16_t)(payload + 8 - (any(9) == 0)));
        at += 8;
    }
    head(p, some_address(c, wpan_iid(&l->source)), some_address(c, wpan_iid(&l->destination)),
         first, limits[any(5)], at - IPV6_HEADER + payload);
    if (any(4) == 0)
        p[1] = (uint8_t)any(256);
    if (any(4) == 0) {
        memset(p + 24, 0, 16);
        p[24] = 0xff;
        p[25] = (uint8_t)any(256);
        for (size_t i = 39; i > 30 + any(9); i--)
            p[i] = (uint8_t)any(256);
    }
    return at + payload;
}

#define FRAMES_MAX 40

struct frames {
    uint8_t at[FRAMES_MAX][WPAN_FRAME_MAX];
    size_t length[FRAMES_MAX], count;
};

static void keep(void *arg, const uint8_t *payload, size_t length)
{
    struct frames *f = arg;
    assert_true(f->count < FRAMES_MAX && length <= WPAN_FRAME_MAX);
    memcpy(f->at[f->count], payload, length);
    f->length[f->count++] = length;
}

static struct lowpan_link some_link(void)
{
    return (struct lowpan_link){any(2) ? wpan_extended(any(UINT64_MAX)) : wpan_short(7),
                                any(2) ? wpan_extended(any(UINT64_MAX)) : wpan_short(8)};
}

static void shuffle(size_t *order, size_t count)
{
    for (size_t i = 0; i < count; i++)
        order[i] = i;
    for (size_t i = count; i > 1; i--) {
        size_t other = any(i), kept = order[other];
        order[other] = order[i - 1];
        order[i - 1] = kept;
    }
}

static void test_packets_there_and_back_in_any_order(void **state)
{
    (void)state;
    static uint8_t packet[4096];
    static struct frames f;
    struct lowpan_joiner *j = lowpan_joiner_new();
    struct iphc c;
    size_t cut = 0;
    struct lowpan_way w = {.iphc = &c, .tag = 65530, .frame = keep, .arg = &f};
    assert_non_null(j);
    for (unsigned round = 0; round < 6000; round++) {
        if (round % 50 == 0)
            some_contexts(&c);
        struct lowpan_link l = some_link();
        size_t length = some_packet(&c, &l, packet), order[FRAMES_MAX];
        f.count = 0;
        w.plain = any(5) == 0;
        size_t said = lowpan_cut(&w, &l, packet, length);
        assert_true(said > 0 && said == f.count);
        cut += f.count > 1;
        shuffle(order, f.count);
        struct packet got;
        enum iphc_fault iphc;
        for (size_t i = 0; i < f.count; i++) {
            assert_true(f.length[order[i]] <= wpan_room(&l.source, &l.destination));
            enum lowpan_fault fault =
                lowpan_join(j, &c, &l, f.at[order[i]], f.length[order[i]], round, &got, &iphc);
            assert_int_equal(fault, i + 1 < f.count ? LOWPAN_WAITING : LOWPAN_FINE);
            if (i + 1 < f.count && any(4) == 0) // twice the same changes nothing
                assert_int_equal(
                    lowpan_join(j, &c, &l, f.at[order[i]], f.length[order[i]], round, &got, &iphc),
                    LOWPAN_WAITING);
        }
        assert_int_equal(got.length, length);
        assert_memory_equal(got.at, packet, length);
    }
    assert_true(cut > 1000);
    assert_int_equal(lowpan_joiner_lost(j), 0);
    lowpan_joiner_free(&j);
}

static enum lowpan_fault further(struct lowpan_joiner *j, const struct lowpan_link *l,
                                 uint16_t size, uint16_t tag, size_t offset, size_t length,
                                 uint8_t fill, int64_t now, struct packet *ret)
{
    static const struct iphc none;
    uint8_t at[WPAN_FRAME_MAX] = {(uint8_t)(0xe0 | size >> 8), (uint8_t)size, (uint8_t)(tag >> 8),
                                  (uint8_t)tag, (uint8_t)(offset / 8)};
    enum iphc_fault iphc;
    memset(at + 5, fill, length);
    return lowpan_join(j, &none, l, at, 5 + length, now, ret, &iphc);
}

static void test_overlaps_limits_and_time(void **state)
{
    (void)state;
    struct lowpan_joiner *j = lowpan_joiner_new();
    struct lowpan_link l = {wpan_extended(EUI_ONE), wpan_extended(EUI_TWO)}, other = l;
    struct packet p;
    // RFC 4944, 5.3: an overlap that differs begins anew, with the fragment that came last.
    assert_int_equal(further(j, &l, 64, 1, 0, 32, 1, 0, &p), LOWPAN_WAITING);
    assert_int_equal(further(j, &l, 64, 1, 24, 16, 2, 0, &p), LOWPAN_WAITING);
    assert_int_equal(lowpan_joiner_lost(j), 1);
    assert_int_equal(further(j, &l, 64, 1, 40, 24, 3, 0, &p), LOWPAN_WAITING);
    assert_int_equal(further(j, &l, 64, 1, 0, 24, 4, 0, &p), LOWPAN_FINE);
    assert_int_equal(p.length, 64);
    assert_true(p.at[0] == 4 && p.at[23] == 4 && p.at[24] == 2 && p.at[40] == 3);
    // Sizes and offsets that cannot be.
    assert_int_equal(further(j, &l, 64, 2, 0, 30, 1, 0, &p), LOWPAN_FRAGMENT);
    assert_int_equal(further(j, &l, 64, 2, 56, 16, 1, 0, &p), LOWPAN_FRAGMENT);
    assert_int_equal(further(j, &l, 64, 2, 8, 0, 1, 0, &p), LOWPAN_FRAGMENT);
    // Others' fragments, sizes and tags are of other packets.
    other.source = wpan_short(9);
    assert_int_equal(further(j, &l, 64, 3, 0, 32, 1, 0, &p), LOWPAN_WAITING);
    assert_int_equal(further(j, &other, 64, 3, 32, 32, 1, 0, &p), LOWPAN_WAITING);
    assert_int_equal(further(j, &l, 65, 3, 32, 33, 1, 0, &p), LOWPAN_WAITING);
    // 60 seconds, and not longer.
    assert_int_equal(further(j, &l, 64, 3, 32, 32, 1, LOWPAN_WAIT - 1, &p), LOWPAN_FINE);
    assert_int_equal(further(j, &other, 64, 3, 0, 32, 1, LOWPAN_WAIT, &p), LOWPAN_WAITING);
    // One sender cannot have all.
    for (uint16_t i = 0; i < LOWPAN_PER_PEER; i++)
        assert_int_equal(further(j, &l, 64, (uint16_t)(100 + i), 0, 32, 1, 200000, &p),
                         LOWPAN_WAITING);
    assert_int_equal(further(j, &l, 64, 200, 0, 32, 1, 200000, &p), LOWPAN_FULL);
    assert_int_equal(further(j, &other, 64, 200, 0, 32, 1, 200000, &p), LOWPAN_WAITING);
    for (uint16_t i = 0; i < 40; i++) {
        other.source = wpan_short((uint16_t)(1000 + i));
        assert_int_equal(further(j, &other, 64, 200, 0, 32, 1, 200000, &p),
                         i < LOWPAN_WHOLES - LOWPAN_PER_PEER - 1 ? LOWPAN_WAITING : LOWPAN_FULL);
    }
    lowpan_joiner_free(&j);
}

static void test_frames_of_other_kinds(void **state)
{
    (void)state;
    struct lowpan_joiner *j = lowpan_joiner_new();
    struct lowpan_link l = {wpan_extended(EUI_ONE), wpan_extended(EUI_TWO)};
    static const uint8_t kinds[] = {0x00, 0x3f, 0x42, 0x50, 0x80, 0xbf, 0xd0, 0xf0, 0x7f & 0x5f};
    struct iphc none = {0};
    struct packet p;
    enum iphc_fault iphc;
    for (size_t i = 0; i < sizeof kinds; i++)
        assert_int_equal(lowpan_join(j, &none, &l, kinds + i, 1, 0, &p, &iphc), LOWPAN_DISPATCH);
    assert_int_equal(lowpan_join(j, &none, &l, kinds, 0, 0, &p, &iphc), LOWPAN_SHORT);
    uint8_t large[LOWPAN_SIZE_MAX + 1];
    static struct frames f;
    struct lowpan_way w = {.iphc = &none, .frame = keep, .arg = &f};
    head(large, 1, 2, PROTOCOL_NONE, 64, sizeof large - IPV6_HEADER);
    assert_int_equal(lowpan_cut(&w, &l, large, sizeof large), 0);
    head(large, 1, 2, PROTOCOL_NONE, 64, LOWPAN_SIZE_MAX - IPV6_HEADER);
    size_t said = lowpan_cut(&w, &l, large, LOWPAN_SIZE_MAX);
    assert_true(said > 20 && said == f.count);
    large[5]++; // not the length that it states
    assert_int_equal(lowpan_cut(&w, &l, large, LOWPAN_SIZE_MAX), 0);
    lowpan_joiner_free(&j);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frame_as_the_standard_lays_it_out),
        cmocka_unit_test(test_acknowledgement),
        cmocka_unit_test(test_frames_that_are_not_taken),
        cmocka_unit_test(test_interface_identifiers),
        cmocka_unit_test(test_link_local_udp_in_six_octets),
        cmocka_unit_test(test_every_form),
        cmocka_unit_test(test_extension_headers),
        cmocka_unit_test(test_ipv6_in_ipv6_is_restored),
        cmocka_unit_test(test_headers_that_are_not_restored),
        cmocka_unit_test(test_addresses_as_short_as_can_be),
        cmocka_unit_test(test_packets_there_and_back_in_any_order),
        cmocka_unit_test(test_overlaps_limits_and_time),
        cmocka_unit_test(test_frames_of_other_kinds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
