// SPDX-License-Identifier: Apache-2.0
//
// Router advertisements against bytes laid out by hand from the standards, and solicitations: every
// one that RFC 4861 6.1.1 tells to ignore beside the one that it does not.

#include "packet/advert.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define DOC ((u128)0x20010db8 << 96)

static void test_advertisement_is_as_the_standards_lay_it_out(void **state)
{
    (void)state;
    static const uint8_t wanted[] = {
        134,  0,    0,    0,    64,  0xc8, 0x07, 0x08,
        0,    0,    0x75, 0x30, 0,   0,    0x03, 0xe8, // RFC 4861, 4.2
        1,    1,    2,    0,    0,   0,    0,    1,    // 4.6.1
        5,    1,    0,    0,    0,   0,    0x05, 0xdc, // 4.6.4
        3,    4,    64,   0xc0, 0,   0x27, 0x8d, 0,
        0,    0x09, 0x3a, 0x80, 0,   0,    0,    0, // 4.6.2
        0x20, 0x01, 0x0d, 0xb8, 0,   1,    0,    0,
        0,    0,    0,    0,    0,   0,    0,    0,    //
        24,   1,    0,    0x18, 0,   0,    0x07, 0x08, // RFC 4191, 2.3
        24,   2,    48,   0x18, 0,   0,    0x07, 0x08,
        0x20, 0x01, 0x0d, 0xb8, 0,   2,    0,    0,    //
        25,   3,    0,    0,    0,   0,    0x0e, 0x10, // RFC 8106, 5.1
        0x20, 0x01, 0x0d, 0xb8, 0,   0,    0,    0,
        0,    0,    0,    0,    0,   0,    0,    0x53, //
        31,   3,    0,    0,    0,   0,    0x0e, 0x10, // 5.2
        7,    'e',  'x',  'a',  'm', 'p',  'l',  'e',
        3,    'c',  'o',  'm',  0,   0,    0,    0, //
        38,   2,    0x07, 0x08, 0,   0x64, 0xff, 0x9b,
        0,    0,    0,    0,    0,   0,    0,    0, // RFC 8781, 4
    };
    const struct advert a = {.hop_limit = 64,
                             .managed = true,
                             .other = true,
                             .preference = ADVERT_HIGH,
                             .lifetime = 1800,
                             .reachable = 30000,
                             .retrans = 1000,
                             .mtu = 1500,
                             .has_mac = true,
                             .mac = {2, 0, 0, 0, 0, 1},
                             .prefixes = {{DOC | (u128)1 << 80, 64, true, true, 2592000, 604800}},
                             .prefix_count = 1,
                             .routes = {{0, 0}, {DOC | (u128)2 << 80, 48}},
                             .route_count = 2,
                             .route_preference = ADVERT_LOW,
                             .route_lifetime = 1800,
                             .resolvers = {DOC | 0x53},
                             .resolver_count = 1,
                             .resolver_lifetime = 3600,
                             .search = {slice_of("example.com")},
                             .search_count = 1,
                             .pref64 = {{(u128)0x0064ff9b << 96, 96}},
                             .pref64_count = 1,
                             .pref64_lifetime = 1800};
    uint8_t got[sizeof wanted];
    assert_int_equal(advert_write(&a, got, sizeof got), sizeof wanted);
    assert_memory_equal(got, wanted, sizeof wanted);
    for (size_t room = 0; room < sizeof wanted; room++)
        assert_int_equal(advert_write(&a, got, room), 0);
}

// RFC 4191, 2.2: who is no default router prefers nothing.
static void test_no_preference_of_none(void **state)
{
    (void)state;
    struct advert a = {.other = true, .preference = ADVERT_LOW, .lifetime = 1};
    uint8_t got[ADVERT_HEADER];
    assert_int_equal(advert_write(&a, got, sizeof got), sizeof got);
    assert_int_equal(got[5], 0x58);
    a.lifetime = 0;
    assert_int_equal(advert_write(&a, got, sizeof got), sizeof got);
    assert_int_equal(got[5], 0x40);
}

// RFC 8781, 4: lengths are codes, lifetimes are rounded up to 8 seconds and end at 65,528.
static void test_pref64(void **state)
{
    (void)state;
    static const struct {
        uint8_t length;
        uint32_t lifetime;
        uint16_t field;
    } rows[] = {{96, 0, 0},       {96, 1, 8},         {64, 8, 9},        {56, 9, 18},
                {48, 1800, 1803}, {40, 65528, 65532}, {32, 90000, 65533}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct advert a = {.pref64 = {{DOC, rows[i].length}},
                           .pref64_count = 1,
                           .pref64_lifetime = rows[i].lifetime};
        uint8_t got[ADVERT_HEADER + 16];
        assert_int_equal(advert_write(&a, got, sizeof got), sizeof got);
        assert_int_equal(load16(got + ADVERT_HEADER + 2), rows[i].field);
    }
    assert_true(advert_pref64_valid(40));
    assert_false(advert_pref64_valid(95));
}

static void test_names(void **state)
{
    (void)state;
    char label[65] = {0};
    memset(label, 'a', 64);
    assert_true(advert_name_valid(slice_of("lab.example.com")));
    assert_false(advert_name_valid(slice_of("")));
    assert_false(advert_name_valid(slice_of("a..b")));
    assert_false(advert_name_valid(slice_of("a b")));
    assert_false(advert_name_valid(slice_of(label)));
    label[63] = '\0';
    assert_true(advert_name_valid(slice_of(label)));
}

struct solicit {
    uint8_t at[IPV6_HEADER + SOLICIT_HEADER + 8];
    size_t length;
};

static struct solicit solicit(u128 source, bool with_mac)
{
    struct solicit s = {.length = SOLICIT_HEADER + (with_mac ? 8 : 0)};
    s.at[IPV6_HEADER] = NDP_SOLICIT;
    s.at[IPV6_HEADER + SOLICIT_HEADER] = 1;
    s.at[IPV6_HEADER + SOLICIT_HEADER + 1] = 1;
    s.length = ndp_finish(s.at, source, ((u128)0xff02 << 112) | 2, s.length);
    return s;
}

static bool heard(struct solicit s)
{
    u128 source = 7;
    bool is = solicit_read(s.at, s.length, &source);
    assert_true(is || source == 7);
    return is;
}

// Changes a byte and makes the checksum good again.
static struct solicit changed(struct solicit s, size_t where, uint8_t to)
{
    s.at[where] = to;
    uint8_t hop_limit = s.at[7];
    ndp_finish(s.at, load128(s.at + 8), load128(s.at + 24), s.length - IPV6_HEADER);
    s.at[7] = hop_limit;
    return s;
}

static void test_solicitations(void **state)
{
    (void)state;
    const u128 host = ((u128)0xfe80 << 112) | 0x77;
    struct solicit good = solicit(host, true), s;
    assert_true(heard(good));
    assert_true(heard(solicit(host, false)));
    assert_true(heard(solicit(0, false)));
    assert_true(heard(changed(good, IPV6_HEADER + 4, 9)));   // reserved: to be ignored
    assert_true(heard(changed(good, IPV6_HEADER + 8, 200))); // an option nobody knows
    assert_false(heard(solicit(0, true)));
    assert_false(heard(changed(good, 7, 254)));             // hop limit
    assert_false(heard(changed(good, IPV6_HEADER, 134)));   // type
    assert_false(heard(changed(good, IPV6_HEADER + 1, 1))); // code
    assert_false(heard(changed(good, IPV6_HEADER + 9, 0))); // an option of length 0
    assert_false(heard(changed(good, IPV6_HEADER + 9, 2))); // and one beyond the end
    s = good;
    s.at[IPV6_HEADER + 3] ^= 1;
    assert_false(heard(s));
    for (s = good; s.length > 0;) {
        s.length--;
        assert_false(heard(s));
    }
}

// An advertisement as a packet from this source.
static size_t advertised(const struct advert *a, u128 source, uint8_t *at, size_t room)
{
    size_t length = advert_write(a, at + IPV6_HEADER, room - IPV6_HEADER);
    assert_int_not_equal(length, 0);
    return ndp_finish(at, source, ((u128)0xff02 << 112) | 1, length);
}

static struct advert usual(void)
{
    return (struct advert){.hop_limit = 64,
                           .lifetime = 1800,
                           .reachable = 30000,
                           .retrans = 1000,
                           .mtu = 1500,
                           .prefixes = {{DOC, 64, true, true, 2592000, 604800}},
                           .prefix_count = 1,
                           .pref64 = {{(u128)0x0064ff9b << 96, 96}, {DOC, 56}},
                           .pref64_count = 2,
                           .pref64_lifetime = 1800};
}

// RFC 4861, 6.1.2.
static void test_what_other_routers_say(void **state)
{
    (void)state;
    const u128 router = ((u128)0xfe80 << 112) | 2;
    const struct advert a = usual();
    struct advert got = {.mtu = 7};
    uint8_t at[512];
    u128 source = 0;
    size_t length = advertised(&a, router, at, sizeof at);
    assert_true(advert_read(at, length, &got, &source) && source == router);
    assert_int_equal(advert_differences(&a, &got), 0);
    assert_true(got.prefix_count == 1 && got.pref64_count == 2 && got.mtu == 1500);
    got.mtu = 7;
    for (size_t cut = length - 1; cut > 0; cut--)
        assert_false(advert_read(at, cut, &got, &source));
    at[7] = 254;
    assert_false(advert_read(at, length, &got, &source)); // hop limit
    (void)advertised(&a, router, at, sizeof at);
    at[IPV6_HEADER + 3] ^= 1;
    assert_false(advert_read(at, length, &got, &source)); // checksum
    assert_false(advert_read(at, advertised(&a, DOC | 2, at, sizeof at), &got, &source));
    for (size_t where = 0; where < 2; where++) { // type, code
        (void)advertised(&a, router, at, sizeof at);
        at[IPV6_HEADER + where]++;
        ndp_finish(at, router, ((u128)0xff02 << 112) | 1, length - IPV6_HEADER);
        assert_false(advert_read(at, length, &got, &source));
    }
    (void)advertised(&a, router, at, sizeof at);
    at[IPV6_HEADER + ADVERT_HEADER + 1] = 0; // an option of length 0
    ndp_finish(at, router, ((u128)0xff02 << 112) | 1, length - IPV6_HEADER);
    assert_false(advert_read(at, length, &got, &source));
    assert_int_equal(got.mtu, 7);
}

// RFC 4861, 6.2.7: what makes hosts change their minds; what is not said contradicts nobody.
static void test_contradictions(void **state)
{
    (void)state;
    const struct advert a = usual();
    struct advert rows[ADVERT_DIFFERENCES], b = usual();
    for (size_t i = 0; i < ADVERT_DIFFERENCES; i++)
        rows[i] = usual();
    rows[0].hop_limit = 255;
    rows[1].managed = true;
    rows[2].other = true;
    rows[3].reachable = 1;
    rows[4].retrans = 1;
    rows[5].mtu = 1280;
    rows[6].prefixes[0].preferred = 604800 - 11;
    rows[7].pref64[1].length = 48;
    for (unsigned i = 0; i < ADVERT_DIFFERENCES; i++) {
        assert_int_equal(advert_differences(&a, rows + i), 1u << i);
        assert_int_equal(advert_differences(rows + i, &a), 1u << i);
        assert_non_null(advert_difference_name(i));
    }
    b.hop_limit = 0;
    b.reachable = b.retrans = b.mtu = 0;
    b.pref64_count = 0;
    b.preference = ADVERT_HIGH;
    b.lifetime = 0;
    b.prefixes[0].valid -= 10; // counted down
    assert_int_equal(advert_differences(&a, &b), 0);
    b.prefixes[0] = (struct advert_prefix){DOC | (u128)1 << 64, 64, true, true, 1, 1};
    assert_int_equal(advert_differences(&a, &b), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_advertisement_is_as_the_standards_lay_it_out),
        cmocka_unit_test(test_no_preference_of_none),
        cmocka_unit_test(test_pref64),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_solicitations),
        cmocka_unit_test(test_what_other_routers_say),
        cmocka_unit_test(test_contradictions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
