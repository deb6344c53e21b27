// SPDX-License-Identifier: Apache-2.0
//
// JSON from strangers: events, refusals, and the same judgement as another reader (jansson) on
// random documents.

#include "base/buffer.h"
#include "base/json_read.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

struct bytes {
    const char *at;
    size_t left, step;
};

// At most `step` bytes at a time, so that every token meets the end of the buffer once.
static int fill(void *arg, void *to, size_t size, size_t *ret, struct err *e)
{
    struct bytes *b = arg;
    (void)e;
    *ret = b->left < b->step ? b->left : b->step;
    *ret = *ret < size ? *ret : size;
    memcpy(to, b->at, *ret);
    b->at += *ret;
    b->left -= *ret;
    return 0;
}

static void write_token(struct buffer *out, struct slice s)
{
    buffer_add(out, s.at, s.length);
    buffer_char(out, ' ');
}

// "{ name: 1 }", or the refusal.
static int write_events(const char *text, size_t length, size_t step, bool script,
                        struct buffer *out)
{
    static const char *const words[] = {"",   "{ ", "} ",    "[ ",     "] ",   "",
                                        "\"", "",   "true ", "false ", "null "};
    struct bytes bytes = {text, length, step};
    struct json_reader *r;
    struct err e = {0};
    enum json_event event = JSON_EVENT_NULL;
    assert_int_equal(json_reader_new(fill, &bytes, "text", &r, &e), 0);
    int code = script ? json_seek_arrays(r, &e) : 0;
    while (!code && (code = json_next(r, &event, &e)) == 0 && event != JSON_EVENT_END) {
        buffer_text(out, words[event]);
        if (event == JSON_EVENT_NAME || event == JSON_EVENT_TEXT || event == JSON_EVENT_NUMBER)
            write_token(out, json_token(r));
        assert_true(json_depth(r) <= JSON_NESTING_MAX && json_line(r) > 0);
    }
    if (code)
        buffer_format(out, "! %s", e.text);
    else
        assert_true(json_next(r, &event, &e) == 0 && event == JSON_EVENT_END);
    json_reader_free(&r);
    assert_false(out->failed);
    return code;
}

static void check(const char *text, const char *wanted, bool script)
{
    for (size_t step = 1; step <= 4; step++) {
        struct buffer out = {0};
        buffer_text(&out, "");
        write_events(text, strlen(text), step == 4 ? 1000 : step, script, &out);
        assert_string_equal(out.at, wanted);
        buffer_done(&out);
    }
}

static void test_events(void **state)
{
    (void)state;
    check("{\"a\": [1, -2.5e+3, true, false, null, {}, []], \"b\" :\n\"x\"}",
          "{ a [ 1 -2.5e+3 true false null { } [ ] ] b \"x } ", false);
    check(" 7 ", "7 ", false);
    check("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\u4e2d\\ud83d\\ude00\"",
          "\"\"\\/\b\f\n\r\t\xc3\xa9\xe4\xb8\xad\xf0\x9f\x98\x80 ", false);
    check("\"\\ud83d\"", "\"\xef\xbf\xbd ", false);
    check("\"\\ude00x\"", "\"\xef\xbf\xbdx ", false);
    check("\"\\ud83dx\\ud83d\\n\"", "\"\xef\xbf\xbdx\xef\xbf\xbd\n ", false);
    check("\"\\ud83d\\ud83d\\ude00\"", "\"\xef\xbf\xbd\xf0\x9f\x98\x80 ", false);
}

static void test_refused(void **state)
{
    (void)state;
    check("", "! text:1: the JSON text is cut", false);
    check("[1,\n2", "[ 1 2 ! text:2: the JSON text is cut", false);
    check("[1,]", "[ 1 ! text:1: not a number as JSON has it", false);
    check("[1 2]", "[ 1 ! text:1: no comma between values", false);
    check("{a:1}", "{ ! text:1: not a name in quotes", false);
    check("{\"a\" 1}", "{ ! text:1: no colon behind a name", false);
    check("{\"a\":1,}", "{ a 1 ! text:1: not a name in quotes", false);
    check("[1}", "[ 1 ! text:1: no comma between values", false);
    check("[01]", "[ 0 ! text:1: no comma between values", false);
    check("[1.]", "[ ! text:1: not a number as JSON has it", false);
    check("[+1]", "[ ! text:1: not a number as JSON has it", false);
    check("[nul]", "[ ! text:1: not a value as JSON has it", false);
    check("[\"\\x\"]", "[ ! text:1: an escape that JSON does not have", false);
    check("[\"\\u00g0\"]", "[ ! text:1: not four hexadecimal digits behind \\u", false);
    check("[\"a\nb\"]", "[ ! text:2: a control character in a text", false);
    check("[] []", "[ ] ! text:1: more behind the end of the JSON text", false);
}

static void test_limits(void **state)
{
    (void)state;
    struct buffer text = {0}, out = {0};
    for (unsigned i = 0; i <= JSON_NESTING_MAX; i++)
        buffer_char(&text, '[');
    assert_int_equal(write_events(text.at, text.length, 1000, false, &out), ERR_LIMIT);
    buffer_done(&text);
    buffer_char(&text, '"');
    for (unsigned i = 0; i <= JSON_TOKEN_MAX; i++)
        buffer_char(&text, 'x');
    assert_int_equal(write_events(text.at, text.length, 1000, false, &out), ERR_LIMIT);
    buffer_done(&text);
    buffer_done(&out);
}

static void test_script(void **state)
{
    (void)state;
    check("// [made]\nvar data = [ \n[2008, 8, 4, 0.1],\n[2008, 8, 5, null],\n];\nmore();",
          "[ 2008 8 4 0.1 ] [ 2008 8 5 null ] ] ", true);
    check("google = {data: [[\"KE\", \"Kenya\", 1.5]]};", "[ \"KE \"Kenya 1.5 ] ] ", true);
    check("var x = [1, 2];", "! text: no array of arrays in it", true);
    check("var x = [[1, 2],", "[ 1 2 ] ! text:1: the JSON text is cut", true);
}

static void test_skip(void **state)
{
    (void)state;
    static const char text[] = "[{\"a\": {\"b\": [1, {}]}, \"c\": 3}, 4]";
    struct bytes bytes = {text, sizeof text - 1, 3};
    struct json_reader *r;
    struct err e;
    enum json_event event;
    assert_int_equal(json_reader_new(fill, &bytes, "text", &r, &e), 0);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(json_next(r, &event, &e), 0);
    assert_int_equal(event, JSON_EVENT_NAME);
    assert_int_equal(json_skip(r, event, &e), 0);
    assert_int_equal(json_next(r, &event, &e), 0);
    assert_true(event == JSON_EVENT_NAME && slice_is(json_token(r), "c"));
    assert_int_equal(json_skip(r, event, &e), 0);
    assert_int_equal(json_next(r, &event, &e), 0);
    assert_int_equal(event, JSON_EVENT_OBJECT_END);
    json_reader_free(&r);
}

// What one reader takes the other takes.
static void test_random(void **state)
{
    (void)state;
    static const char *const parts[] = {
        "{",  "}",    "[",   "]",      ",",    ":",  "\"a\"", "\"\\n\"",
        "1",  "-0.5", "1e9", "true",   "null", " ",  "\n",    "\"\\u0041\"",
        "01", "\"",   "x",   "\"b\":", "[1]",  "{}", "1,",    "\"\\ud800\\udc00\""};
    unsigned good = 0;
    srand(7);
    for (unsigned i = 0; i < 300000; i++) {
        struct buffer text = {0}, out = {0};
        bool wrap = i % 2;
        buffer_text(&text, wrap ? "[" : "");
        for (int n = 1 + rand() % 6; n > 0; n--)
            buffer_text(&text, parts[(size_t)rand() % (sizeof parts / sizeof *parts)]);
        buffer_text(&text, wrap ? "]" : "");
        json_error_t why;
        json_t *other = json_loadb(text.at, text.length, JSON_DECODE_ANY | JSON_ALLOW_NUL, &why);
        bool overflow = !other && json_error_code(&why) == json_error_numeric_overflow;
        int code = write_events(text.at, text.length, 7, false, &out);
        if (!overflow && (code == 0) != (other != NULL))
            fail_msg("%s: %s", text.at, out.at);
        good += other != NULL;
        json_decref(other);
        buffer_done(&text);
        buffer_done(&out);
    }
    assert_true(good > 5000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_events), cmocka_unit_test(test_refused),
        cmocka_unit_test(test_limits), cmocka_unit_test(test_script),
        cmocka_unit_test(test_skip),   cmocka_unit_test(test_random),
    };
    return cmocka_run_group_tests_name("json_read", tests, NULL, NULL);
}
