// SPDX-License-Identifier: Apache-2.0
//
// Targets of requests, good and hostile; what Accept headers choose; kept answers in their bounds.

#include "site/cache.h"
#include "site/coding.h"
#include "site/negotiate.h"
#include "site/response.h"
#include "site/site.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int parse(struct request *r, const char *target)
{
    struct err e = {0};
    *r = (struct request){.method = "GET", .target = target};
    int code = request_parse(r, &e);
    assert_int_equal(code, e.code);
    return code;
}

static void expect_code(const char *target, int code)
{
    struct request r;
    assert_int_equal(parse(&r, target), code);
    request_done(&r);
}

static void test_parts_are_decoded(void **state)
{
    (void)state;
    struct request r;
    assert_int_equal(parse(&r, "/en/address/2001:db8::%2F32?a=1+2&b=%C3%A9&&c&a=3%2b"), 0);
    assert_string_equal(r.path, "/en/address/2001:db8::/32");
    assert_int_equal(r.parameter_count, 4);
    assert_string_equal(r.parameters[0].value, "1 2");
    assert_string_equal(request_value(&r, "a"), "3+"); // the last one
    assert_string_equal(request_value(&r, "b"), "\xC3\xA9");
    assert_string_equal(request_value(&r, "c"), "");
    assert_null(request_value(&r, "d"));
    request_done(&r);
    assert_int_equal(parse(&r, "/a+b?x=y=z"), 0);
    assert_string_equal(r.path, "/a+b");
    assert_string_equal(request_value(&r, "x"), "y=z");
    request_done(&r);
}

static void test_broken_targets(void **state)
{
    (void)state;
    static const char *const broken[] = {
        "",        "a",         "?a=b",   "/%",      "/%4",     "/%zz",
        "/a%00b",  "/%0a",      "/%7f",   "/%ff",    "/%c0%af", "/%ed%a0%80",
        "/?a=%",   "/?%=a",     "/?a=%0", "/?a=%00", "/?a=%fe", "/?a=%f5%80%80%80",
        "/%c2%85", "http://a/", "*",
    };
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++)
        expect_code(broken[i], ERR_INPUT);
}

static void repeat(char *ret, const char *head, char c, size_t count)
{
    size_t length = strlen(head);
    memcpy(ret, head, length);
    memset(ret + length, c, count);
    ret[length + count] = '\0';
}

static void test_limits(void **state)
{
    (void)state;
    static char text[REQUEST_TARGET_MAX + 100];
    repeat(text, "/", 'a', REQUEST_PATH_MAX - 2);
    expect_code(text, 0);
    repeat(text, "/", 'a', REQUEST_PATH_MAX - 1);
    expect_code(text, ERR_LIMIT);
    repeat(text, "/?a=", 'b', REQUEST_VALUE_MAX);
    expect_code(text, 0);
    repeat(text, "/?a=", 'b', REQUEST_VALUE_MAX + 1);
    expect_code(text, ERR_LIMIT);
    repeat(text, "/?", '&', REQUEST_TARGET_MAX - 2);
    expect_code(text, 0);
    repeat(text, "/?", '&', REQUEST_TARGET_MAX);
    expect_code(text, ERR_LIMIT);
    size_t used = 0;
    for (int i = 0; i < REQUEST_PARAMETERS_MAX; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%sa=1", i ? "&" : "/?");
    expect_code(text, 0);
    snprintf(text + used, sizeof text - used, "&a=1");
    expect_code(text, ERR_LIMIT);
}

static void test_codings(void **state)
{
    (void)state;
    enum coding first = coding_built_in(CODING_BROTLI) ? CODING_BROTLI : CODING_ZSTD;
    assert_int_equal(coding_choose(""), CODING_NONE);
    assert_int_equal(coding_choose("identity"), CODING_NONE);
    assert_int_equal(coding_choose("deflate, gzip;q=0.5"), CODING_GZIP);
    assert_int_equal(coding_choose("gzip, deflate, br, zstd"), first);
    assert_int_equal(coding_choose("*"), first);
    assert_int_equal(coding_choose("zstd, gzip"), CODING_ZSTD);
    assert_int_equal(coding_choose("br;q=0.2, zstd;q=0.3, gzip;q=0.9"), CODING_GZIP);
    assert_int_equal(coding_choose("br;q=0, zstd;q=0, gzip;q=0"), CODING_NONE);
    assert_int_equal(coding_choose("br;q=0, zstd;q=0, *"), CODING_GZIP);
    assert_int_equal(coding_choose("GZIP"), CODING_GZIP);
    assert_int_equal(coding_choose(",;q=,;;=,"), CODING_NONE);
}

static void test_dates_read(void **state)
{
    (void)state;
    static const char *const same[] = {"Sun, 06 Nov 1994 08:49:37 GMT",
                                       "Sunday, 06-Nov-94 08:49:37 GMT",
                                       "Sun Nov  6 08:49:37 1994"};
    static const char *const wrong[] = {"",
                                        "0",
                                        "yesterday",
                                        "1994-11-06T08:49:37Z",
                                        "Sun, 06 Nov 1994 08:49:37 GMT;x",
                                        "Sun, 46 Nov 1994 08:49:37 GMT",
                                        "Sun, 06 Nov 1994 08:49:37"};
    char text[HTTP_DATE_MAX];
    int64_t got;
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        assert_true(http_date_parse(same[i], &got));
        assert_int_equal(got, 784111777);
    }
    http_date(784111777, text);
    assert_string_equal(text, same[0]);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(http_date_parse(wrong[i], &got));
}

static void test_accept(void **state)
{
    (void)state;
    assert_int_equal(accept_choose_language("de, fr;q=0.8, zh-Hans-CN;q=0.9"), LANGUAGE_ZH);
    assert_int_equal(accept_choose_language("ar-EG"), LANGUAGE_AR);
    assert_int_equal(accept_choose_language("de;q=1, *;q=0.5"), LANGUAGE_EN);
    assert_int_equal(accept_choose_language(",;,;q=,ru;q=0.1"), LANGUAGE_RU);
    assert_int_equal(accept_choose_format("text/csv, application/json;q=0.5"), API_CSV);
    assert_int_equal(accept_choose_format("*/*"), API_JSON);
    assert_int_equal(accept_choose_format("application/vnd.sdmx.data+csv; version=2.0.0"),
                     API_SDMX_CSV);
    assert_int_equal(accept_choose_format("text/html"), API_JSON);
}

static void test_etags(void **state)
{
    (void)state;
    assert_true(etag_matches("\"a\", W/\"b\"", "\"b\""));
    assert_true(etag_matches("*", "\"b\""));
    assert_false(etag_matches("\"a\"", "\"b\""));
    assert_false(etag_matches("*", ""));
    assert_false(etag_matches("", "\"b\""));
}

static struct answer *answer_of(size_t length)
{
    struct response r = {.status = 200, .content_type = "text/plain"};
    for (size_t i = 0; i < length; i++)
        buffer_char(&r.body, 'x');
    struct answer *a = answer_new(&r);
    assert_non_null(a);
    return a;
}

static void test_the_cache_is_bounded(void **state)
{
    (void)state;
    struct cache *c = NULL;
    char key[32];
    assert_int_equal(cache_new(100000, &c), 0);
    struct answer *first = answer_of(1000);
    cache_put(c, "first", first);
    for (int i = 0; i < 500; i++) {
        struct answer *a = answer_of(1000);
        snprintf(key, sizeof key, "key %d", i);
        cache_put(c, key, a);
        answer_unref(&a);
        assert_ptr_equal(cache_find(c, "first"), first); // what is used stays
        assert_true(cache_bytes(c) <= 100000);
    }
    assert_null(cache_find(c, "key 0"));
    assert_non_null(cache_find(c, "key 499"));
    struct answer *large = answer_of(90000);
    cache_put(c, "large", large);
    assert_null(cache_find(c, "large"));
    answer_unref(&large);
    cache_clear(c);
    assert_int_equal(cache_bytes(c), 0);
    assert_int_equal(first->length, 1000); // it outlives the cache
    cache_free(&c);
    answer_unref(&first);
    assert_null(first);
}

static void test_dates(void **state)
{
    (void)state;
    char text[HTTP_DATE_MAX];
    http_date(784111777, text);
    assert_string_equal(text, "Sun, 06 Nov 1994 08:49:37 GMT");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parts_are_decoded),
        cmocka_unit_test(test_broken_targets),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_codings),
        cmocka_unit_test(test_dates_read),
        cmocka_unit_test(test_accept),
        cmocka_unit_test(test_etags),
        cmocka_unit_test(test_the_cache_is_bounded),
        cmocka_unit_test(test_dates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
