// SPDX-License-Identifier: Apache-2.0
//
// Addresses and blocks against the C library and a recursive oracle, on random and altered texts,
// and at both ends of each number line.

#include "net/net.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TEXT_MAX 64

static uint64_t random_state;

static uint64_t random_next(void)
{
    random_state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t x = random_state;
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

static unsigned below(unsigned limit)
{
    return (unsigned)(random_next() % limit);
}

// Many zero groups, so that there are gaps to write.
static u128 random_address(void)
{
    u128 address = 0;
    for (unsigned i = 0; i < 8; i++) {
        uint16_t group = below(3) ? 0 : (uint16_t)random_next();
        address = address << 16 | (below(8) ? group : group & 0xfu);
    }
    return address;
}

static void address_bytes(u128 address, unsigned char ret[16])
{
    for (unsigned i = 0; i < 16; i++)
        ret[i] = (unsigned char)(address >> (120 - 8 * i));
}

static u128 address_from(const unsigned char *bytes, unsigned count)
{
    u128 address = 0;
    for (unsigned i = 0; i < count; i++)
        address = address << 8 | bytes[i];
    return address;
}

// ---- reading

// A copy of its own, so that a sanitizer sees one byte too far.
static void expect_as_library(const char *text)
{
    unsigned char bytes[16];
    size_t length = strlen(text);
    char *copy = malloc(length + (length == 0));
    assert_non_null(copy);
    memcpy(copy, text, length);
    u128 ipv6 = 7;
    uint32_t ipv4 = 7;
    bool is_ipv6 = ipv6_parse((struct slice){copy, length}, &ipv6);
    bool is_ipv4 = ipv4_parse((struct slice){copy, length}, &ipv4);
    free(copy);
    if (is_ipv6 != (inet_pton(AF_INET6, text, bytes) == 1))
        fail_msg("ipv6 \"%s\": %d", text, is_ipv6);
    assert_true(ipv6 == (is_ipv6 ? address_from(bytes, 16) : 7));
    if (is_ipv4 != (inet_pton(AF_INET, text, bytes) == 1))
        fail_msg("ipv4 \"%s\": %d", text, is_ipv4);
    assert_true(ipv4 == (is_ipv4 ? (uint32_t)address_from(bytes, 4) : 7));
}

static void random_groups(char text[TEXT_MAX])
{
    static const char *const joints[] = {":", ":", ":", ":", ":", ":", "::", "."};
    size_t used = 0;
    unsigned groups = 1 + below(9);
    text[0] = '\0';
    if (below(8) == 0)
        used += (size_t)snprintf(text, TEXT_MAX, "::");
    for (unsigned i = 0; i < groups && used < TEXT_MAX - 8; i++) {
        const char *joint = i + 1 < groups || below(6) == 0 ? joints[below(8)] : "";
        used += (size_t)snprintf(text + used, TEXT_MAX - used, below(2) ? "%x%s" : "%X%s",
                                 (unsigned)random_next() & (0xffffu >> 4 * below(4)), joint);
    }
}

static void random_quad(char text[TEXT_MAX])
{
    static const char *const heads[] = {"", "", "", "::", "::ffff:", "1:2:3:4:5:6:", "1:2:3:4:5:"};
    snprintf(text, TEXT_MAX, "%s%u.%u.%u.%u", heads[below(7)], below(300), below(260), below(256),
             below(400));
}

static void random_written(char text[TEXT_MAX])
{
    unsigned char bytes[16];
    address_bytes(random_address(), bytes);
    if (below(4))
        inet_ntop(AF_INET6, bytes, text, TEXT_MAX);
    else
        inet_ntop(AF_INET, bytes, text, TEXT_MAX);
}

static void alter(char text[TEXT_MAX])
{
    static const char alphabet[] = "0123456789abcdefABCDEFgG:::...%/ -";
    size_t length = strlen(text), at = below((unsigned)length + 1);
    char letter = alphabet[below(sizeof alphabet - 1)];
    switch (below(3)) {
    case 0: // another letter
        if (at < length)
            text[at] = letter;
        break;
    case 1: // one less
        if (at < length)
            memmove(text + at, text + at + 1, length - at);
        break;
    default: // one more
        if (length + 1 < TEXT_MAX) {
            memmove(text + at + 1, text + at, length - at + 1);
            text[at] = letter;
        }
    }
}

static void test_parse_random(void **state)
{
    (void)state;
    static void (*const makers[])(char *) = {random_groups, random_quad, random_written};
    char text[TEXT_MAX];
    random_state = 1;
    for (unsigned i = 0; i < 100000; i++) {
        makers[i % 3](text);
        expect_as_library(text);
        for (unsigned n = below(4); n > 0; n--)
            alter(text);
        expect_as_library(text);
    }
}

static void test_parse_edges(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        ":",
                                        "::",
                                        ":::",
                                        "1",
                                        "1:",
                                        ":1",
                                        "1::",
                                        "::1",
                                        "1::2::3",
                                        "1:2:3:4:5:6:7:8",
                                        "1:2:3:4:5:6:7::",
                                        "::2:3:4:5:6:7:8",
                                        "1:2:3:4:5:6:7:8:",
                                        "1:2:3:4:5:6:7:8::",
                                        "1:2:3:4::5:6:7:8",
                                        "1:2:3:4:5:6:7:8:9",
                                        "12345::",
                                        "00001::",
                                        "0001::",
                                        "::192.0.2.1",
                                        "::192.0.2",
                                        "::192.0.2.1.",
                                        "1:2:3:4:5:6:192.0.2.1",
                                        "1:2:3:4:5:6:7:192.0.2.1",
                                        "1:2:3:4:5::192.0.2.1",
                                        "::ffff:192.0.2.256",
                                        "::192.0.2.01",
                                        "192.0.2.1::",
                                        "fe80::1%eth0",
                                        "192.0.2.1",
                                        "192.0.2",
                                        "192.0.2.1.",
                                        ".192.0.2.1",
                                        "192..2.1",
                                        "192.0.2.1 ",
                                        " 192.0.2.1",
                                        "0.0.0.0",
                                        "255.255.255.255",
                                        "255.255.255.256",
                                        "00.0.0.0",
                                        "1.2.3.4.5",
                                        "+1.2.3.4",
                                        "0x1.2.3.4",
                                        "4294967295",
                                        "2001:db8::g",
                                        "2001:DB8::ABCD",
                                        "-1::"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        expect_as_library(texts[i]);
    u128 ipv6 = 7;
    uint32_t ipv4 = 7;
    assert_false(ipv6_parse((struct slice){"::1\0", 4}, &ipv6)); // a NUL is a byte like another
    assert_false(ipv4_parse((struct slice){"1.2.3.4\0", 8}, &ipv4));
    assert_true(ipv6 == 7 && ipv4 == 7);
}

// ---- writing

// RFC 5952, section by section.
static void test_format_examples(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"2001:0db8:0000:0000:0001:0000:0000:0001", "2001:db8::1:0:0:1"},
        {"2001:db8:aaaa:bbbb:cccc:dddd:eeee:0001", "2001:db8:aaaa:bbbb:cccc:dddd:eeee:1"},
        {"2001:db8::0:1", "2001:db8::1"},
        {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
        {"2001:db8:0:0:1:0:0:0", "2001:db8:0:0:1::"},
        {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},
        {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
        {"2001:DB8::ABCD", "2001:db8::abcd"},
        {"::ffff:c000:0201", "::ffff:192.0.2.1"},
        {"0:0:0:0:0:0:0:0", "::"},
        {"0:0:0:0:0:0:0:1", "::1"},
        {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"}};
    char text[ADDRESS_TEXT_MAX];
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        u128 address;
        assert_true(ipv6_parse(slice_of(pairs[i][0]), &address));
        assert_string_equal(address_format(FAMILY_IPV6, address, text), pairs[i][1]);
    }
    assert_string_equal(address_format(FAMILY_IPV4, 0xc0000201, text), "192.0.2.1");
    assert_string_equal(address_format(FAMILY_IPV4, UINT32_MAX, text), "255.255.255.255");
    assert_string_equal(address_format(FAMILY_ASN, 0, text), "0");
    assert_string_equal(address_format(FAMILY_ASN, UINT32_MAX, text), "4294967295");
}

static void test_format_random(void **state)
{
    (void)state;
    char text[ADDRESS_TEXT_MAX], library[ADDRESS_TEXT_MAX];
    unsigned char bytes[16];
    random_state = 2;
    for (unsigned i = 0; i < 100000; i++) {
        u128 address = random_address(), again;
        uint32_t ipv4;
        address_bytes(address, bytes);
        inet_ntop(AF_INET6, bytes, library, sizeof library);
        assert_string_equal(address_format(FAMILY_IPV6, address, text), library);
        assert_true(ipv6_parse(slice_of(text), &again) && again == address);
        inet_ntop(AF_INET, bytes, library, sizeof library);
        uint32_t high = (uint32_t)(address >> 96);
        assert_string_equal(address_format(FAMILY_IPV4, high, text), library);
        assert_true(ipv4_parse(slice_of(text), &ipv4) && ipv4 == high);
    }
}

// ---- blocks and ranges

static void test_families(void **state)
{
    (void)state;
    enum family family = FAMILY_ASN;
    for (unsigned f = 0; f < FAMILY_COUNT; f++) {
        assert_true(family_parse(slice_of(family_name((enum family)f)), &family));
        assert_int_equal(family, f);
    }
    family = FAMILY_IPV4;
    assert_false(family_parse(slice_of("IPV6"), &family));
    assert_false(family_parse(slice_of("ipv"), &family));
    assert_false(family_parse(slice_of(""), &family));
    assert_int_equal(family, FAMILY_IPV4);
}

static void test_block_limits(void **state)
{
    (void)state;
    static const struct {
        struct block block;
        bool valid;
    } cases[] = {
        {{FAMILY_IPV6, 0, 0}, true},
        {{FAMILY_IPV6, 0, 128}, true},
        {{FAMILY_IPV6, 0, 129}, false},
        {{FAMILY_IPV6, 0, UINT64_MAX}, false},
        {{FAMILY_IPV4, 0, 0}, false},
        {{FAMILY_IPV4, 0, 1}, true},
        {{FAMILY_IPV4, 0, UINT64_C(1) << 32}, true},
        {{FAMILY_IPV4, 0, (UINT64_C(1) << 32) + 1}, false},
        {{FAMILY_IPV4, 1, UINT64_C(1) << 32}, false},
        {{FAMILY_IPV4, UINT32_MAX, 1}, true},
        {{FAMILY_IPV4, UINT32_MAX, 2}, false},
        {{FAMILY_IPV4, UINT32_MAX, UINT64_MAX}, false},
        {{FAMILY_IPV4, (u128)1 << 32, 1}, false},
        {{FAMILY_ASN, UINT32_MAX, 1}, true},
        {{FAMILY_ASN, UINT32_MAX, 2}, false},
        {{FAMILY_ASN, 64496, 16}, true},
        {{FAMILY_ASN, 64496, 0}, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (block_valid(&cases[i].block) != cases[i].valid)
            fail_msg("case %zu", i);
    assert_true(block_count(&(struct block){FAMILY_IPV6, 0, 0}) == U128_MAX);
    assert_true(block_count(&(struct block){FAMILY_IPV6, 0, 1}) == (u128)1 << 127);
    assert_true(block_count(&(struct block){FAMILY_IPV6, 0, 128}) == 1);
    assert_true(block_count(&(struct block){FAMILY_IPV4, 0, 131}) == 131);
}

static void test_block_alignment(void **state)
{
    (void)state;
    random_state = 3;
    for (unsigned i = 0; i < 20000; i++) {
        struct block b = {FAMILY_IPV6, random_address(), below(129)};
        bool aligned = true;
        for (unsigned bit = 0; bit < 128 - b.value; bit++)
            aligned = aligned && (b.start >> bit & 1) == 0;
        assert_int_equal(block_aligned(&b), aligned);
        if (!aligned)
            continue;
        struct range r = block_range(&b);
        assert_true(r.first == b.start && r.last >= r.first);
        assert_true(r.last - r.first == block_count(&b) - (b.value == 0 ? 0 : 1));
    }
    assert_true(block_aligned(&(struct block){FAMILY_IPV4, 0xc0000201, 77}));
}

static void expect_range(const char *text, const char *first, const char *last, const char *written)
{
    struct range r = {FAMILY_ASN, 5, 4};
    char out[BLOCK_TEXT_MAX];
    if (!range_parse(slice_of(text), &r))
        fail_msg("\"%s\" is refused", text);
    assert_string_equal(address_format(r.family, r.first, out), first);
    assert_string_equal(address_format(r.family, r.last, out), last);
    assert_string_equal(range_format(&r, out), written);
}

static void test_range_texts(void **state)
{
    (void)state;
    expect_range("2001:db8::/32", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
                 "2001:db8::/32");
    expect_range(" 2001:DB8::1 ", "2001:db8::1", "2001:db8::1", "2001:db8::1/128");
    expect_range("192.0.2.0/24", "192.0.2.0", "192.0.2.255", "192.0.2.0/24");
    expect_range("192.0.2.0 - 192.0.2.130", "192.0.2.0", "192.0.2.130", "192.0.2.0 - 192.0.2.130");
    expect_range("192.0.2.0-192.0.2.127", "192.0.2.0", "192.0.2.127", "192.0.2.0/25");
    expect_range("AS64496", "64496", "64496", "AS64496");
    expect_range("as64496-AS64511", "64496", "64511", "AS64496 - AS64511");
    expect_range("AS4294967295", "4294967295", "4294967295", "AS4294967295");
    expect_range("AS0 - AS4294967295", "0", "4294967295", "AS0 - AS4294967295");
    expect_range("::/0", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::/0");
    expect_range("0.0.0.0/0", "0.0.0.0", "255.255.255.255", "0.0.0.0/0");
    expect_range("255.255.255.255/32", "255.255.255.255", "255.255.255.255", "255.255.255.255/32");
}

static void test_range_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        " ",
                                        "-",
                                        "/",
                                        "2001:db8::/129",
                                        "2001:db8::/31x",
                                        "2001:db8::/",
                                        "2001:db8::1/32",
                                        "192.0.2.0/33",
                                        "192.0.2.1/24",
                                        "192.0.2.0/-1",
                                        "192.0.2.9 - 192.0.2.8",
                                        "192.0.2.0 -",
                                        "- 192.0.2.0",
                                        "192.0.2.0 - 2001:db8::",
                                        "AS64496/24",
                                        "AS",
                                        "AS4294967296",
                                        "AS-1",
                                        "64496",
                                        "AS64496 - 64500",
                                        "AS64497-AS64496",
                                        "2001:db8::/32 - 2001:db8::",
                                        "AS 64496",
                                        "192.0.2.0 - 192.0.2.1 - 192.0.2.2",
                                        "2001:db8::/99999999999999999999999"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct range r = {FAMILY_ASN, 5, 4};
        if (range_parse(slice_of(texts[i]), &r))
            fail_msg("\"%s\" is taken", texts[i]);
        assert_true(r.family == FAMILY_ASN && r.first == 5 && r.last == 4);
    }
}

static struct range random_range(void)
{
    enum family family = (enum family)below(FAMILY_COUNT);
    u128 ends[2];
    ends[0] = random_address();
    ends[1] = below(2) ? random_address() : ends[0] + (random_next() >> below(64));
    for (unsigned i = 0; i < 2; i++) {
        if (below(16) == 0)
            ends[i] = below(2) ? U128_MAX : 0;
        if (family != FAMILY_IPV6)
            ends[i] = (uint32_t)(ends[i] ^ ends[i] >> 64);
    }
    bool ordered = ends[0] <= ends[1];
    return (struct range){family, ends[!ordered], ends[ordered]};
}

static void test_range_round_trip(void **state)
{
    (void)state;
    char text[BLOCK_TEXT_MAX], again[BLOCK_TEXT_MAX];
    random_state = 4;
    for (unsigned i = 0; i < 50000; i++) {
        struct range r = random_range(), back;
        assert_true(range_parse(slice_of(range_format(&r, text)), &back));
        assert_true(back.family == r.family && back.first == r.first && back.last == r.last);
        struct block b;
        struct range rest = r;
        assert_true(range_next_block(&rest, &b) && block_valid(&b));
        struct range piece = block_range(&b);
        assert_string_equal(block_format(&b, text), range_format(&piece, again));
        assert_true(range_parse(slice_of(text), &back) && back.last == piece.last);
    }
}

static void test_range_overlap(void **state)
{
    (void)state;
    random_state = 5;
    for (unsigned i = 0; i < 20000; i++) {
        struct range a = {FAMILY_ASN, below(20), 0}, b = {FAMILY_ASN, below(20), 0};
        a.last = a.first + below(10);
        b.last = b.first + below(10);
        bool shared = false;
        for (u128 p = a.first; p <= a.last; p++)
            shared = shared || (p >= b.first && p <= b.last);
        assert_int_equal(range_overlaps(&a, &b), shared);
    }
}

// ---- cutting into prefixes

// The fewest aligned blocks: the largest ones of the binary tree that lie within.
static unsigned cover(u128 first, u128 last, u128 low, u128 high)
{
    if (last < low || high < first)
        return 0;
    if (first <= low && high <= last)
        return 1;
    u128 middle = low + (high - low) / 2;
    return cover(first, last, low, middle) + cover(first, last, middle + 1, high);
}

static void expect_fewest(struct range r)
{
    struct range rest = r;
    struct block b;
    u128 next = r.first;
    unsigned count = 0;
    bool done = false;
    while (range_next_block(&rest, &b)) {
        assert_false(done);
        assert_true(b.family == r.family && block_valid(&b));
        struct range piece = block_range(&b);
        u128 mask = piece.last - piece.first;
        assert_true((mask & (mask + 1)) == 0 && (piece.first & mask) == 0);
        assert_true(piece.first == next && piece.last <= r.last);
        done = piece.last == r.last;
        next = piece.last + 1;
        count++;
    }
    assert_true(done);
    assert_false(range_next_block(&rest, &b));
    u128 end = r.family == FAMILY_IPV6 ? U128_MAX : UINT32_MAX;
    assert_int_equal(count, cover(r.first, r.last, 0, end));
}

static void test_next_block(void **state)
{
    (void)state;
    random_state = 6;
    for (unsigned i = 0; i < 20000; i++)
        expect_fewest(random_range());
    for (unsigned f = 0; f < FAMILY_COUNT; f++) {
        u128 end = f == FAMILY_IPV6 ? U128_MAX : UINT32_MAX;
        for (unsigned a = 0; a < 20; a++)
            for (unsigned b = a; b < 20; b++) {
                expect_fewest((struct range){(enum family)f, a, b});
                expect_fewest((struct range){(enum family)f, end - b, end - a});
                expect_fewest((struct range){(enum family)f, a, end - b});
            }
    }
    struct range empty = {FAMILY_IPV6, 2, 1};
    struct block untouched = {FAMILY_ASN, 3, 4};
    assert_false(range_next_block(&empty, &untouched));
    assert_true(untouched.family == FAMILY_ASN && untouched.start == 3 && untouched.value == 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse_random),    cmocka_unit_test(test_parse_edges),
        cmocka_unit_test(test_format_examples), cmocka_unit_test(test_format_random),
        cmocka_unit_test(test_families),        cmocka_unit_test(test_block_limits),
        cmocka_unit_test(test_block_alignment), cmocka_unit_test(test_range_texts),
        cmocka_unit_test(test_range_refused),   cmocka_unit_test(test_range_round_trip),
        cmocka_unit_test(test_range_overlap),   cmocka_unit_test(test_next_block),
    };
    return cmocka_run_group_tests_name("net", tests, NULL, NULL);
}
