// SPDX-License-Identifier: Apache-2.0

#include "check/guard.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static enum oddity oddity_of(const struct guard *g, const char *text)
{
    struct range r;
    assert_true(range_parse(slice_of(text), &r));
    return guard_oddity(g, r.family, r.first);
}

static void each_kind_has_its_name(void **state)
{
    (void)state;
    static const struct {
        const char *address;
        enum oddity is;
    } cases[] = {
        {"::", ODDITY_UNSPECIFIED},
        {"::1", ODDITY_LOOPBACK},
        {"127.0.0.53", ODDITY_LOOPBACK},
        {"::ffff:192.0.2.1", ODDITY_MAPPED},
        {"::192.0.2.1", ODDITY_COMPATIBLE},
        {"fe80::1", ODDITY_LINK_LOCAL},
        {"169.254.169.254", ODDITY_LINK_LOCAL},
        {"fec0::1", ODDITY_SITE_LOCAL},
        {"fd00::1", ODDITY_UNIQUE_LOCAL},
        {"10.1.2.3", ODDITY_PRIVATE},
        {"172.31.255.255", ODDITY_PRIVATE},
        {"100.64.0.1", ODDITY_PRIVATE},
        {"2001:db8::1", ODDITY_DOCUMENTATION},
        {"3fff:fff::1", ODDITY_DOCUMENTATION},
        {"203.0.113.9", ODDITY_DOCUMENTATION},
        {"64:ff9b::192.0.2.1", ODDITY_TRANSLATION},
        {"64:ff9b:1::1", ODDITY_TRANSLATION},
        {"2002:c000:201::1", ODDITY_6TO4},
        {"2001::1", ODDITY_TEREDO},
        {"ff02::1", ODDITY_MULTICAST},
        {"239.1.1.1", ODDITY_MULTICAST},
        {"100::1", ODDITY_SPECIAL},
        {"5f00::1", ODDITY_SPECIAL},
        {"0.0.0.0", ODDITY_SPECIAL},
        {"4000::1", ODDITY_UNASSIGNED},
        {"172.32.0.1", ODDITY_NONE},
        {"2a00::1", ODDITY_NONE},
        {"2001:db9::1", ODDITY_NONE},
        {"2003::1", ODDITY_NONE},
    };
    struct guard g;
    assert_int_equal(guard_load(&g, NULL), 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (oddity_of(&g, cases[i].address) != cases[i].is)
            fail_msg("%s: %s", cases[i].address, oddity_name(oddity_of(&g, cases[i].address)));
    guard_done(&g);
}

static void what_is_allowed_is_public(void **state)
{
    (void)state;
    struct guard g;
    struct err e;
    assert_int_equal(guard_load(&g, NULL), 0);
    assert_int_equal(guard_allow(&g, "2001:db8:1::/48", &e), 0);
    assert_int_equal(oddity_of(&g, "2001:db8:1::1"), ODDITY_NONE);
    assert_int_equal(oddity_of(&g, "2001:db8:2::1"), ODDITY_DOCUMENTATION);
    assert_int_equal(guard_allow(&g, "AS64496", &e), ERR_USAGE);
    assert_int_equal(guard_allow(&g, "here", &e), ERR_USAGE);
    guard_done(&g);
}

// ---- around what is allowed

static void around(const char *block, const char *const *allowed, const char *pieces)
{
    struct guard g = {0};
    struct range rest;
    struct block b;
    char text[BLOCK_TEXT_MAX], found[4096] = "";
    for (; *allowed; allowed++)
        assert_int_equal(guard_allow(&g, *allowed, NULL), 0);
    assert_true(range_parse(slice_of(block), &rest));
    while (guard_next_piece(&g, &rest, &b)) {
        size_t at = strlen(found);
        snprintf(found + at, sizeof found - at, "%s%s", at ? " " : "", block_format(&b, text));
    }
    assert_string_equal(found, pieces);
}

#define ALLOWED(...) ((const char *const[]){__VA_ARGS__, NULL})

static void what_is_around_the_allowed_stays_guarded(void **state)
{
    (void)state;
    around("10.0.0.0/8", ALLOWED("192.0.2.0/24"), "10.0.0.0/8");
    around("10.0.0.0/8", ALLOWED("2001:db8::/32"), "10.0.0.0/8");
    around("10.0.0.0/8", ALLOWED("10.0.0.0/8"), "");
    around("10.0.0.0/8", ALLOWED("0.0.0.0/0"), "");
    around("fc00::/7", ALLOWED("::/0"), "");
    around("10.0.0.0/8", ALLOWED("10.0.0.0/10"), "10.64.0.0/10 10.128.0.0/9");
    around("10.0.0.0/8", ALLOWED("10.192.0.0/10"), "10.0.0.0/9 10.128.0.0/10");
    around("10.0.0.0/8", ALLOWED("10.96.0.0/11"), "10.0.0.0/10 10.64.0.0/11 10.128.0.0/9");
    around("192.0.2.0/29", ALLOWED("192.0.2.3"), "192.0.2.0/31 192.0.2.2/32 192.0.2.4/30");
    around("192.0.2.0/29", ALLOWED("192.0.2.6", "192.0.2.1 - 192.0.2.2", "192.0.2.3"),
           "192.0.2.0/32 192.0.2.4/31 192.0.2.7/32");
    around("192.0.2.0/29", ALLOWED("192.0.2.0/30", "192.0.2.4/30"), "");
    around("192.0.2.0/29", ALLOWED("192.0.2.4/30", "192.0.2.0/30"), "");
    around("224.0.0.0/4", ALLOWED("239.0.0.0 - 240.0.0.255"),
           "224.0.0.0/5 232.0.0.0/6 236.0.0.0/7 238.0.0.0/8");
    around("2001:db8::/32", ALLOWED("2001:db8::/34", "2001:db8:ffff::/48"),
           "2001:db8:4000::/34 2001:db8:8000::/34 2001:db8:c000::/35 2001:db8:e000::/36 "
           "2001:db8:f000::/37 2001:db8:f800::/38 2001:db8:fc00::/39 2001:db8:fe00::/40 "
           "2001:db8:ff00::/41 2001:db8:ff80::/42 2001:db8:ffc0::/43 2001:db8:ffe0::/44 "
           "2001:db8:fff0::/45 2001:db8:fff8::/46 2001:db8:fffc::/47 2001:db8:fffe::/48");
    around("ff00::/8", ALLOWED("ff00::/9", "fe00::/7"), "");
    around("ff00::/8", ALLOWED("ff00::/9"), "ff80::/9");
}

struct asked {
    enum family family;
    u128 address;
    bool held;
};

static bool is_held(const struct block *b, void *arg)
{
    struct asked *a = arg;
    struct range r = block_range(b);
    a->held |= r.family == a->family && r.first <= a->address && a->address <= r.last;
    return true;
}

// All allowed ends and their neighbours, and addresses all over: held where there is an oddity.
static void pieces_and_oddities_agree(void **state)
{
    (void)state;
    static const char *const allow[] = {"10.0.0.0/24", "198.51.100.7", "2001:db8::/38",
                                        "64:ff9b::/96", "fd00::1 - fd00::9"};
    struct guard g;
    unsigned held = 0, free = 0;
    uint64_t seed = 4711;
    assert_int_equal(guard_load(&g, NULL), 0);
    for (size_t i = 0; i < sizeof allow / sizeof *allow; i++)
        assert_int_equal(guard_allow(&g, allow[i], NULL), 0);
    for (unsigned i = 0; i < 20000; i++) {
        const struct range *near = i % 3 ? &g.allowed[i % g.allowed_count]
                                         : &g.special.list.at[i % g.special.list.count].range;
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        u128 far = (u128)seed << 64 | seed;
        u128 address = (i & 8 ? near->first : near->last) + (i & 16) / 16 - (i & 32) / 32;
        address = i & 64 ? address ^ far >> (64 + i % 64) : address;
        address = near->family == FAMILY_IPV4 ? (uint32_t)address : address;
        struct asked a = {near->family, address, false};
        assert_true(guard_each_piece(&g, is_held, &a));
        assert_int_equal(a.held, guard_oddity(&g, a.family, a.address) != ODDITY_NONE);
        held += a.held;
        free += !a.held;
    }
    assert_true(held > 2000 && free > 2000);
    guard_done(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_has_its_name),
        cmocka_unit_test(what_is_allowed_is_public),
        cmocka_unit_test(what_is_around_the_allowed_stays_guarded),
        cmocka_unit_test(pieces_and_oddities_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
