// SPDX-License-Identifier: Apache-2.0
//
// JSON as it is written, to the byte.

#include "base/json.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void write_sample(struct json *j)
{
    json_open(j, NULL, '{');
    json_text(j, "name", "K\"en\\ya\n\x01\x7f");
    json_text(j, "none", NULL);
    json_open(j, "list", '[');
    json_integer(j, NULL, INT64_MIN);
    json_real(j, NULL, 0.1);
    json_real(j, NULL, NAN);
    json_real(j, NULL, -INFINITY);
    json_bool(j, NULL, true);
    json_null(j, NULL);
    json_raw(j, NULL, "340282366920938463463374607431768211455");
    json_close(j);
    json_open(j, "empty", '{');
    json_close(j);
    json_close(j);
}

static void test_one_line(void **state)
{
    (void)state;
    struct buffer b = {0};
    struct json j = {.out = &b};
    write_sample(&j);
    assert_string_equal(b.at, "{\"name\": \"K\\\"en\\\\ya\\n\\u0001\\u007f\", \"none\": null, "
                              "\"list\": [-9223372036854775808, 0.1, null, null, true, null, "
                              "340282366920938463463374607431768211455], \"empty\": {}}");
    assert_int_equal(j.depth, 0);
    buffer_done(&b);
}

static void test_indented(void **state)
{
    (void)state;
    struct buffer b = {0};
    struct json j = {.out = &b, .indent = 2};
    json_open(&j, NULL, '[');
    json_open(&j, NULL, '{');
    json_integer(&j, "a", 1);
    json_integer(&j, "b", 2);
    json_close(&j);
    json_close(&j);
    assert_string_equal(b.at, "[\n  {\n    \"a\": 1,\n    \"b\": 2\n  }\n]");
    buffer_done(&b);
}

static void test_bad_text(void **state)
{
    (void)state;
    struct buffer b = {0};
    struct json j = {.out = &b};
    json_text(&j, NULL, "\xFF\xC0\x80 \xED\xA0\x80 \xC2\x9B é 中 \U0001F600 \xE4\xB8");
    assert_string_equal(b.at, "\"\uFFFD\uFFFD\uFFFD \uFFFD\uFFFD\uFFFD \\u009b é 中 \U0001F600 "
                              "\uFFFD\uFFFD\"");
    buffer_done(&b);
}

static void test_depth(void **state)
{
    (void)state;
    struct buffer b = {0};
    struct json j = {.out = &b};
    for (int i = 0; i < JSON_DEPTH_MAX; i++)
        json_open(&j, NULL, '[');
    assert_false(b.failed);
    json_open(&j, NULL, '[');
    assert_true(b.failed);
    buffer_done(&b);
    struct json closed = {.out = &b};
    json_close(&closed);
    assert_true(b.failed);
    buffer_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_line),
        cmocka_unit_test(test_indented),
        cmocka_unit_test(test_bad_text),
        cmocka_unit_test(test_depth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
