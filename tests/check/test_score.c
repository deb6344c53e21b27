// SPDX-License-Identifier: Apache-2.0
//
// The published scores on results whose score was worked out by hand from the definitions, and the
// stages: nothing that is missing, broken or untried lets a domain be complete.

#include "check/check.h"
#include "check/score.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

static struct result whole(void)
{
    struct result r = {.domain = "example.org", .level = LEVEL_FULL, .ipv6_here = true};
    static const enum test_kind apex[] = {TEST_WEB_AAAA,    TEST_WEB_ADDRESSES, TEST_WEB_TCP80,
                                          TEST_WEB_TCP443,  TEST_WEB_HTTP,      TEST_WEB_SAME,
                                          TEST_WEB_REPEATED};
    for (size_t i = 0; i < sizeof apex / sizeof *apex; i++)
        test_decide(&r, result_test(&r, apex[i], "example.org"), VERDICT_PASS, NULL, NULL, NULL);
    static const enum test_kind others[] = {TEST_NAMES_DELEGATION, TEST_NAMES_AAAA, TEST_MAIL_MX,
                                            TEST_MAIL_AAAA, TEST_MAIL_GREETING};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        test_decide(&r, result_test(&r, others[i], "example.org"), VERDICT_PASS, NULL, NULL, NULL);
    r.scores.dns = (struct nist_count){2, 2, 2, 2, true};
    r.scores.mail = (struct nist_count){1, 1, 1, 1, true};
    return r;
}

static void set(struct result *r, enum test_kind k, enum verdict v)
{
    result_find(r, k, NULL)->verdict = v;
}

static void all_well_is_everything(void **state)
{
    (void)state;
    struct result r = whole();
    scores_compute(&r);
    assert_int_equal((int)r.scores.internetnl_web, 100);
    assert_int_equal((int)r.scores.internetnl_mail, 100);
    assert_int_equal((int)r.scores.china, 100);
    assert_int_equal(r.scores.stage, STAGE_COMPLETE);
    result_done(&r);
}

// int(100/22 * (ns + web + same)), int(100/20 * (ns + mx)).
static void internetnl_counts_as_it_is_defined(void **state)
{
    (void)state;
    struct result r = whole();
    set(&r, TEST_WEB_TCP443, VERDICT_FAIL); // web 2
    scores_compute(&r);
    assert_int_equal((int)r.scores.internetnl_web, 63);   // 100/22 * 14 = 63.6
    r.scores.dns = (struct nist_count){1, 1, 1, 1, true}; // a single server: 5
    scores_compute(&r);
    assert_int_equal((int)r.scores.internetnl_web, 40); // 100/22 * 9 = 40.9
    assert_int_equal((int)r.scores.internetnl_mail, 75);
    r.scores.dns = (struct nist_count){3, 1, 1, 1, true}; // one of three: int(10/3)
    scores_compute(&r);
    assert_int_equal((int)r.scores.internetnl_mail, 65); // 100/20 * 13
    r.scores.dns =
        (struct nist_count){2, 2, 2, 1, true, 1}; // one with a dead address: (10 + 2) / 2
    scores_compute(&r);
    assert_int_equal((int)r.scores.internetnl_mail, 80);
    r.scores.dns = (struct nist_count){1, 1, 1, 0, true, 1}; // alone, with a dead address: 2
    scores_compute(&r);
    assert_int_equal((int)r.scores.internetnl_mail, 60);
    r.scores.dns = (struct nist_count){4, 2, 2, 2, true}; // those without are left out
    set(&r, TEST_WEB_AAAA, VERDICT_NONE);
    set(&r, TEST_WEB_SAME, VERDICT_NOT_TESTABLE);
    scores_compute(&r);
    assert_int_equal((int)r.scores.internetnl_web, 45); // 100/22 * 10 = 45.4
    set(&r, TEST_WEB_AAAA, VERDICT_NOT_APPLICABLE);     // no web, nothing to score
    scores_compute(&r);
    assert_true(isnan(r.scores.internetnl_web) && isnan(r.scores.china));
    set(&r, TEST_WEB_AAAA, VERDICT_PASS);
    r.ipv6_here = false;
    scores_compute(&r);
    assert_true(isnan(r.scores.internetnl_web));
    result_done(&r);
}

// With name servers at 10: int(100/20 * (10 + the mean over the MX hosts)).
static void internetnl_takes_the_mean_of_mail_servers(void **state)
{
    (void)state;
    static const struct {
        struct nist_count mail;
        int score;
    } cases[] = {
        {{2, 2, 2, 2, true}, 100},                  // (10 + 10) / 2
        {{2, 1, 1, 1, true}, 75},                   // (10 + 0) / 2
        {{2, 2, 2, 2, true, .partly = 1}, 80},      // (10 + 2) / 2
        {{1, 1, 1, 1, true, .partly = 1}, 60},      // 2
        {{1, 1, 1, 0, true}, 100},                  // it opens, what it says is not asked
        {{3, 1, 1, 1, true}, 65},                   // int(10 / 3)
        {{3, 3, 3, 3, true, .partly = 2}, 70},      // int((10 + 2 + 2) / 3)
        {{2, 2, 0, 0, true}, 50},                   // none opens
        {{0, 0, 0, 0, true}, 50},                   // no MX host has an address
        {{1, 1, 0, 0, true, .implied = true}, 100}, // no MX record
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct result r = whole();
        r.scores.mail = cases[i].mail;
        scores_compute(&r);
        assert_int_equal((int)r.scores.internetnl_mail, cases[i].score);
        result_done(&r);
    }
    struct result r = whole(); // a null MX; the name servers count all the same
    r.scores.mail = (struct nist_count){0};
    r.scores.dns = (struct nist_count){1, 1, 1, 1, true};
    set(&r, TEST_MAIL_MX, VERDICT_NOT_APPLICABLE);
    scores_compute(&r);
    assert_int_equal((int)r.scores.internetnl_mail, 75);
    test_decide(&r, result_test(&r, TEST_NAMES_RESOLVES, "example.org"), VERDICT_FAIL, NULL, NULL,
                NULL);
    scores_compute(&r);
    assert_true(isnan(r.scores.internetnl_mail));
    result_done(&r);
}

static void links_count_for_the_seven_items(void **state)
{
    (void)state;
    struct result r = whole();
    set(&r, TEST_WEB_SAME, VERDICT_FAIL);
    struct test *t = result_test(&r, TEST_WEB_LINKS, "example.org level 2");
    t->value = 0.5;
    scores_compute(&r);
    // address, home page, success, chain: 1; same: 0; links of the second level: 0.5
    assert_true(fabs(r.scores.china - 100 * 4.5 / 6) < 1e-9);
    result_done(&r);
}

static void nothing_but_everything_is_complete(void **state)
{
    (void)state;
    for (enum test_kind k = 0; k < TEST_KIND_COUNT; k++)
        for (enum verdict v = 0; v < VERDICT_COUNT; v++) {
            struct result r = whole();
            struct test *t = result_find(&r, k, NULL);
            if (!t)
                t = result_test(&r, k, "example.org");
            t->verdict = v;
            scores_compute(&r);
            bool well = v == VERDICT_PASS || v == VERDICT_NOT_APPLICABLE;
            assert_int_equal(r.scores.stage == STAGE_COMPLETE, well);
            result_done(&r);
        }
    struct result r = whole();
    r.level = LEVEL_QUICK;
    scores_compute(&r);
    assert_int_equal(r.scores.stage, STAGE_WORKING);
    result_done(&r);
}

static void the_stages_in_their_order(void **state)
{
    (void)state;
    struct result r = whole();
    set(&r, TEST_WEB_SAME, VERDICT_FAIL);
    scores_compute(&r);
    assert_int_equal(r.scores.stage, STAGE_REACHABLE);
    set(&r, TEST_WEB_TCP80, VERDICT_FAIL);
    set(&r, TEST_WEB_TCP443, VERDICT_FAIL);
    set(&r, TEST_MAIL_GREETING, VERDICT_FAIL);
    scores_compute(&r);
    assert_int_equal(r.scores.stage, STAGE_NAMED);
    set(&r, TEST_WEB_AAAA, VERDICT_NONE);
    set(&r, TEST_MAIL_AAAA, VERDICT_NONE);
    scores_compute(&r);
    assert_int_equal(r.scores.stage, STAGE_NONE);
    r.ipv6_here = false;
    scores_compute(&r);
    assert_int_equal(r.scores.stage, STAGE_UNKNOWN);
    result_done(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_well_is_everything),
        cmocka_unit_test(internetnl_counts_as_it_is_defined),
        cmocka_unit_test(internetnl_takes_the_mean_of_mail_servers),
        cmocka_unit_test(links_count_for_the_seven_items),
        cmocka_unit_test(nothing_but_everything_is_complete),
        cmocka_unit_test(the_stages_in_their_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
