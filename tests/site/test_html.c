// SPDX-License-Identifier: Apache-2.0
//
// Nothing that comes from outside leaves the writer as markup.

#include "site/html.h"

#include "site/words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void expect(struct buffer *b, const char *wanted)
{
    assert_false(b->failed);
    assert_string_equal(b->at, wanted);
    buffer_done(b);
}

static void text_is_escaped(void **state)
{
    struct buffer b = {0};
    struct html h = {.out = &b};
    (void)state;
    html_text(&h, "<script>alert('x') & \"y\"</script>");
    expect(&b, "&lt;script&gt;alert(&#39;x&#39;) &amp; &quot;y&quot;&lt;/script&gt;");
}

static void attributes_are_escaped(void **state)
{
    struct buffer b = {0};
    struct html h = {.out = &b};
    (void)state;
    html_void(&h, "input", "value", "\" onfocus=\"x", "disabled", NULL, NULL);
    expect(&b, "<input value=\"&quot; onfocus=&quot;x\" disabled>");
}

static void odd_bytes_are_replaced(void **state)
{
    struct buffer b = {0};
    struct html h = {.out = &b};
    (void)state;
    html_text(&h, "a\x01\xFF\n\xC3\xA9\xC0\x80");
    expect(&b, "a\xEF\xBF\xBD\xEF\xBF\xBD\n\xC3\xA9\xEF\xBF\xBD\xEF\xBF\xBD");
}

static void isolates(const char *text, const char *wanted)
{
    struct buffer b = {0};
    struct html h = {.out = &b};
    html_open(&h, "html", "dir", "rtl", NULL);
    b.length = 0;
    html_element(&h, "p", text, NULL);
    char whole[256];
    snprintf(whole, sizeof whole, "<p>%s</p>\n", wanted);
    expect(&b, whole);
}

static void signs_keep_their_order(void **state)
{
    (void)state;
    isolates("إلى 2001:db8:64::/96.", "إلى <bdi dir=\"ltr\">2001:db8:64::/96</bdi>.");
    isolates("(2001:db8::) ثم ::1",
             "(<bdi dir=\"ltr\">2001:db8::</bdi>) ثم <bdi dir=\"ltr\">::1</bdi>");
    isolates("شغّل \"ip -6 route\": نعم", "شغّل &quot;<bdi dir=\"ltr\">ip -6 route</bdi>&quot;: نعم");
    isolates("في 2024-12-31", "في <bdi dir=\"ltr\">2024-12-31</bdi>");
    isolates("&a=1", "<bdi dir=\"ltr\">&amp;a=1</bdi>");
}

static void words_and_numbers_are_left_alone(void **state)
{
    (void)state;
    isolates("", "");
    isolates("NAT64 و DNS64", "NAT64 و DNS64");
    isolates("12,345 أو 93.4 %", "12,345 أو 93.4 %");
    isolates(" .\"", " .&quot;");
}

static void isolation_is_for_prose_from_right_to_left(void **state)
{
    struct buffer b = {0};
    struct html h = {.out = &b};
    (void)state;
    html_open(&h, "html", "dir", "rtl", NULL);
    html_element(&h, "title", "::1", NULL);
    html_open(&h, "div", "dir", "ltr", NULL);
    html_element(&h, "p", "::1", NULL);
    html_close(&h);
    html_element(&h, "p", "::1", NULL);
    html_close(&h);
    expect(&b, "<html dir=\"rtl\"><title>::1</title>\n<div dir=\"ltr\"><p>::1</p>\n</div>"
               "<p><bdi dir=\"ltr\">::1</bdi></p>\n</html>");
}

static void only_safe_addresses_pass(void **state)
{
    static const char *const bad[] = {"javascript:alert(1)", " javascript:alert(1)",
                                      "JaVaScRiPt:x",        "//evil.example/",
                                      "data:text/html,x",    "\\\\evil",
                                      "java\nscript:x",      "vbscript:x"};
    static const char *const good[] = {"/en/address/2001:db8::/32", "?with=group:ldc", "#a:b",
                                       "https://example.org/", "/api/v1/pace?a=b"};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct buffer b = {0};
        html_void(&(struct html){.out = &b}, "a", "href", bad[i], NULL);
        expect(&b, "<a href=\"#\">");
    }
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct buffer b = {0}, wanted = {0};
        html_void(&(struct html){.out = &b}, "a", "href", good[i], NULL);
        buffer_format(&wanted, "<a href=\"%s\">", good[i]);
        expect(&b, wanted.at);
        buffer_done(&wanted);
    }
}

static void elements_close_in_order(void **state)
{
    struct buffer b = {0};
    struct html h = {.out = &b};
    (void)state;
    html_open(&h, "div", "class", "a", NULL);
    html_element(&h, "b", "1 < 2", NULL);
    html_isolated(&h, "2001:db8::/32");
    html_close(&h);
    assert_int_equal(h.depth, 0);
    expect(&b, "<div class=\"a\"><b>1 &lt; 2</b><bdi>2001:db8::/32</bdi></div>");
}

static void a_close_too_many_fails(void **state)
{
    struct buffer b = {0};
    struct html h = {.out = &b};
    (void)state;
    html_close(&h);
    assert_true(b.failed);
    buffer_done(&b);
}

static void depth_has_a_limit(void **state)
{
    struct buffer b = {0};
    struct html h = {.out = &b};
    (void)state;
    for (int i = 0; i <= HTML_DEPTH_MAX; i++)
        html_open(&h, "i", NULL);
    assert_true(b.failed);
    buffer_done(&b);
}

static void sentences_isolate_their_arguments(void **state)
{
    struct buffer b = {0};
    struct html h = {.out = &b};
    struct words *w;
    (void)state;
    assert_int_equal(words_load(LANGUAGE_EN, &w, NULL), 0);
    html_say(&h, w, "{1} <of> {2} {3} {x {", "<a>", "b", NULL);
    words_free(&w);
    expect(&b, "<bdi>&lt;a&gt;</bdi> &lt;of&gt; <bdi>b</bdi> {3} {x {");
}

static void addresses_are_encoded(void **state)
{
    struct buffer b = {0};
    (void)state;
    url_add(&b, "2001:db8::/32 &?#%<\xC3\xA9");
    expect(&b, "2001:db8::/32%20%26%3F%23%25%3C%C3%A9");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_escaped),
        cmocka_unit_test(attributes_are_escaped),
        cmocka_unit_test(odd_bytes_are_replaced),
        cmocka_unit_test(signs_keep_their_order),
        cmocka_unit_test(words_and_numbers_are_left_alone),
        cmocka_unit_test(isolation_is_for_prose_from_right_to_left),
        cmocka_unit_test(only_safe_addresses_pass),
        cmocka_unit_test(elements_close_in_order),
        cmocka_unit_test(a_close_too_many_fails),
        cmocka_unit_test(depth_has_a_limit),
        cmocka_unit_test(sentences_isolate_their_arguments),
        cmocka_unit_test(addresses_are_encoded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
