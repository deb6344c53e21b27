// SPDX-License-Identifier: Apache-2.0

#include "base/json.h"
#include "check/reasons.h"
#include "check/result.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>

static void fill(struct result *r)
{
    *r = (struct result){.domain = "www.example", .vantage = "here", .version = "0.1.0"};
    r->began = 1700000000123;
    r->took = 4242;
    r->level = 31;
    r->ipv6_here = true;
    r->scores = (struct scores){NAN, 50, 12.5, {4, 3, 2, 1, true}, {0}, {0}, STAGE_NAMED};
    struct test *t = result_test(r, TEST_WEB_SAME, "www.example");
    test_decide(r, t, VERDICT_FAIL, "any-silent", "one \"thing\"", NULL);
    t->value = 0.25;
    test_evidence(r, t,
                  &(struct evidence){FAMILY_IPV6, 17, 99, "GET /", "[2001:db8::1]:80", "\x01 200"});
    test_decide(r, result_test(r, TEST_NAMES_AAAA, "example"), VERDICT_PASS, NULL, NULL, NULL);
    assert_false(r->failed);
}

static void what_is_written_reads_back(void **state)
{
    (void)state;
    struct result r, back;
    struct err e;
    struct buffer text = {0}, again = {0};
    fill(&r);
    result_write_json(&r, &(struct json){.out = &text});
    assert_int_equal(result_read_json((struct slice){text.at, text.length}, "x", &back, &e), 0);
    result_write_json(&back, &(struct json){.out = &again});
    assert_string_equal(text.at, again.at);
    const struct test *t = result_find(&back, TEST_WEB_SAME, NULL);
    assert_int_equal(t->verdict, VERDICT_FAIL);
    assert_string_equal(t->reason->key, "any-silent");
    assert_string_equal(t->details[0], "one \"thing\"");
    assert_int_equal(t->evidence.at[0].at, 17);
    assert_string_equal(t->evidence.at[0].answer, "  200");
    assert_int_equal(back.began, 1700000000123);
    assert_int_equal(back.scores.dns.reached, 2);
    assert_true(isnan(back.scores.internetnl_web));
    result_done(&r);
    result_done(&back);
    buffer_done(&text);
    buffer_done(&again);
}

static void what_is_no_result_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "", "{", "[]", "{\"format\":2}", "{\"format\":1}", "null", "{\"format\":1,\"domain\":7}"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct result r;
        struct err e = {0};
        assert_int_equal(result_read_json(slice_of(wrong[i]), "x.results:3", &r, &e), ERR_INPUT);
        assert_memory_equal(e.text, "x.results:3: ", 13);
    }
}

static void an_unknown_reason_is_a_fault(void **state)
{
    (void)state;
    struct result r = {0};
    test_decide(&r, result_test(&r, TEST_WEB_TLS, "x"), VERDICT_FAIL, "no-such-reason", NULL, NULL);
    assert_true(r.failed);
    result_done(&r);
}

// Keys are unique and begin with their area, sentences end, and each says how to mend it or is
// nobody's to mend.
static void reasons_are_whole(void **state)
{
    (void)state;
    const struct reason *r = NULL;
    for (size_t i = 0; (r = reason_at(i)); i++) {
        if (reason_find(r->key) != r)
            fail_msg("%s stands twice", r->key);
        const char *texts[] = {r->says, r->harm, r->mend};
        for (size_t t = 0; t < 3; t++) {
            size_t length = strlen(texts[t]);
            if (length > 0 && !strchr(".?}", texts[t][length - 1])) // {2}: a server's own words
                fail_msg("%s: \"%s\" does not end", r->key, texts[t]);
        }
        assert_true(r->says[0]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_reads_back),
        cmocka_unit_test(what_is_no_result_is_refused),
        cmocka_unit_test(an_unknown_reason_is_a_fault),
        cmocka_unit_test(reasons_are_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
