// SPDX-License-Identifier: Apache-2.0

#include "check/guard.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_has_its_name),
        cmocka_unit_test(what_is_allowed_is_public),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
