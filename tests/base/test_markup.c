// SPDX-License-Identifier: Apache-2.0

#include "base/markup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void becomes(const char *text, const char *wanted)
{
    struct buffer b = {0};
    markup_text(&b, text);
    assert_string_equal(b.at ? b.at : "", wanted);
    buffer_done(&b);
}

static void test_markup_is_escaped(void **state)
{
    (void)state;
    becomes("", "");
    becomes("plain text", "plain text");
    becomes("<a href=\"x\">Fish & 'chips'</a>",
            "&lt;a href=&quot;x&quot;&gt;Fish &amp; &#39;chips&#39;&lt;/a&gt;");
    becomes("é – 中", "é – 中");
}

static void test_what_no_document_holds(void **state)
{
    (void)state;
    becomes("a\x01\x7F\tb\nc", "a\uFFFD\uFFFD\tb\nc");
    becomes("\xC2\x85", "\uFFFD");                       // U+0085
    becomes("\xEF\xBF\xBE\xEF\xBF\xBF", "\uFFFD\uFFFD"); // U+FFFE, U+FFFF
    becomes("\xFF\xC3", "\uFFFD\uFFFD");
    becomes("\xC0\xBC", "\uFFFD\uFFFD"); // an overlong <
}

static void test_a_slice_ends_where_it_ends(void **state)
{
    struct buffer b = {0};
    (void)state;
    markup_slice(&b, (struct slice){"a<\xC3\xA9", 3});
    assert_string_equal(b.at, "a&lt;\uFFFD");
    buffer_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_markup_is_escaped),
        cmocka_unit_test(test_what_no_document_holds),
        cmocka_unit_test(test_a_slice_ends_where_it_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
