// SPDX-License-Identifier: Apache-2.0
//
// Slices and numbers against the C library; text for terminals against its multibyte functions.

#include "base/terminal.h"
#include "base/text.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

static void test_slices(void **state)
{
    (void)state;
    struct slice rest = slice_of("ripencc||20240105|");
    assert_true(slice_is(slice_cut(&rest, '|'), "ripencc"));
    assert_true(slice_is(slice_cut(&rest, '|'), ""));
    assert_true(slice_is(slice_cut(&rest, '|'), "20240105"));
    assert_non_null(rest.at);
    assert_true(slice_is(slice_cut(&rest, '|'), ""));
    assert_null(rest.at);
    assert_true(slice_is(slice_trim(slice_of(" \tKE \r")), "KE"));
    assert_true(slice_is(slice_trim(slice_of(" \t\r")), ""));
    assert_true(slice_is_nocase(slice_of("ARIN"), "arin"));
    assert_false(slice_is_nocase(slice_of("ARINX"), "arin"));
}

static void test_numbers(void **state)
{
    (void)state;
    static const char *const words[] = {"",
                                        "0",
                                        "007",
                                        "18446744073709551615",
                                        "18446744073709551616",
                                        "99999999999999999999",
                                        "-1",
                                        "+1",
                                        " 1",
                                        "1 ",
                                        "1e3",
                                        "0x1",
                                        "12345678901234567890"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        bool digits = words[i][0] && strspn(words[i], "0123456789") == strlen(words[i]);
        errno = 0;
        unsigned long long wanted = strtoull(words[i], NULL, 10);
        uint64_t seen = 1;
        bool ok = slice_u64(slice_of(words[i]), UINT64_MAX, &seen);
        assert_int_equal(ok, digits && errno == 0);
        assert_true(seen == (ok ? wanted : 1));
    }
    uint64_t seen = 5;
    assert_false(slice_u64(slice_of("129"), 128, &seen));
    assert_true(slice_u64(slice_of("128"), 128, &seen) && seen == 128);
}

static void test_reals(void **state)
{
    (void)state;
    char text[REAL_TEXT_MAX];
    assert_string_equal(real_text(0.1, text), "0.1");
    assert_string_equal(real_text(12, text), "12");
    assert_string_equal(real_text(-1.5, text), "-1.5");
    uint64_t bits = 88172645463325252u;
    for (int i = 0; i < 100000; i++) {
        bits ^= bits << 13;
        bits ^= bits >> 7;
        bits ^= bits << 17;
        double value;
        memcpy(&value, &bits, sizeof value);
        if (isfinite(value) && strtod(real_text(value, text), NULL) != value)
            fail_msg("%a was written as %s", value, text);
    }
}

static void test_csv_fields(void **state)
{
    (void)state;
    char line[] = "a,\"b,\"\"c\"\"\",,\"d\"";
    static const char *const wanted[] = {"a", "b,\"c\"", "", "d"};
    char *at = line;
    struct slice field;
    for (size_t i = 0; i < 4; i++) {
        assert_true(csv_field(&at, line + sizeof line - 1, &field));
        assert_true(slice_is(field, wanted[i]));
    }
    assert_false(csv_field(&at, line + sizeof line - 1, &field));
}

// Bytes that are likely to come near to UTF-8.
static size_t random_bytes(char *bytes, size_t max)
{
    static const unsigned char odd[] = {0x7F, 0x80, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xED,
                                        0xEF, 0xF0, 0xF4, 0xF5, 0xFF, 0x1B, 0x0A, 0x9F, 0xA0};
    size_t length = (size_t)rand() % max;
    for (size_t i = 0; i < length; i++)
        bytes[i] = (char)(rand() % 3 == 0 ? rand() % 256 : odd[(size_t)rand() % sizeof odd]);
    return length;
}

static void test_utf8(void **state)
{
    (void)state;
    locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    assert_true(utf8 != (locale_t)0);
    uselocale(utf8);
    srand(4);
    for (int i = 0; i < 200000; i++) {
        char bytes[12];
        struct slice rest = {bytes, random_bytes(bytes, sizeof bytes)};
        while (rest.length > 0) {
            wchar_t c = 0;
            mbstate_t s = {0};
            size_t n = mbrtowc(&c, rest.at, rest.length, &s);
            bool bad = n == (size_t)-1 || n == (size_t)-2 || c > 0x10FFFF ||
                       (c >= 0xD800 && c <= 0xDFFF); // the C library knows no such limits
            uint32_t wanted = bad ? UTF8_BAD : (uint32_t)c;
            const char *end = rest.at + (bad || n == 0 ? 1 : n);
            uint32_t seen = utf8_next(&rest);
            assert_int_equal(seen, wanted);
            assert_ptr_equal(rest.at, end);
        }
    }
    uselocale(LC_GLOBAL_LOCALE);
    freelocale(utf8);
}

static void assert_clean(const struct buffer *b)
{
    struct slice rest = {b->at, b->length};
    while (rest.length > 0) {
        const char *at = rest.at;
        uint32_t c = utf8_next(&rest);
        assert_false(utf8_is_control(c));
        assert_false(c == UTF8_BAD && rest.at == at + 1);
        assert_false((c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069));
    }
}

static void test_clean(void **state)
{
    (void)state;
    struct buffer b = {0};
    text_clean(slice_of("a\tb\nc\x1b[31md\xE2\x80\xAE"
                        "e\xC2\x9B"
                        "f\xFF"),
               &b);
    assert_string_equal(b.at, "a b c\uFFFD[31md\uFFFDe\uFFFDf\uFFFD");
    for (int i = 0; i < 20000; i++) {
        char bytes[40];
        size_t length = random_bytes(bytes, sizeof bytes);
        b.length = 0;
        text_clean((struct slice){bytes, length}, &b);
        assert_clean(&b);
    }
    buffer_done(&b);
}

static void test_widths(void **state)
{
    (void)state;
    assert_int_equal(text_width(""), 0);
    assert_int_equal(text_width("Kenya"), 5);
    assert_int_equal(text_width("Türkiye"), 7);
    assert_int_equal(text_width("中国"), 4);
    assert_int_equal(text_width("e\u0301"), 1);
    assert_int_equal(text_width("مصر"), 3);
    assert_true(slice_is_rtl(slice_of("a مصر")));
    assert_false(slice_is_rtl(slice_of("中国 Россия")));
    assert_int_equal(slice_widest_word(slice_of(" one three  two")), 5);
    assert_int_equal(slice_widest_word(slice_of("中国人")), 2);
}

// Lines fit, break no word that fits, and hold all words in order.
static void test_lines(void **state)
{
    (void)state;
    static const char *const words[] = {"a",          "IPv6", "address",       "中华人民",
                                        "allocation", "مصر",  "2001:db8::/32", "é"};
    srand(5);
    for (int i = 0; i < 5000; i++) {
        struct buffer text = {0}, joined = {0}, wanted = {0};
        for (int n = rand() % 12; n >= 0; n--) {
            const char *word = words[(size_t)rand() % 8];
            buffer_format(&text, "%s%s", word, rand() % 5 ? " " : "   ");
            buffer_text(&wanted, word);
        }
        unsigned width = 2 + (unsigned)rand() % 30;
        struct slice rest = {text.at, text.length};
        while (rest.length > 0) {
            struct slice line = text_line(&rest, width);
            assert_true(line.length > 0 && slice_width(line) <= width);
            assert_true(line.at[0] != ' ' && line.at[line.length - 1] != ' ');
            for (size_t j = 0; j < line.length; j++)
                if (line.at[j] != ' ')
                    buffer_char(&joined, line.at[j]);
        }
        assert_string_equal(joined.at, wanted.at);
        buffer_done(&text);
        buffer_done(&joined);
        buffer_done(&wanted);
    }
}

static void test_wrap(void **state)
{
    (void)state;
    struct buffer b = {0};
    buffer_text(&b, "--by    ");
    text_wrap("one two three\x1b four", 16, 8, 8, &b);
    text_wrap("", 16, 0, 0, &b);
    text_wrap("abcdefghijklmnopqrst", 16, 0, 2, &b);
    assert_string_equal(b.at, "--by    one two\n        three\uFFFD\n        four\n\n"
                              "abcdefghijklmnop\n  qrst\n");
    buffer_done(&b);
}

static void test_hex(void **state)
{
    char text[9] = "xxxxxxxx";
    (void)state;
    assert_string_equal(hex_text("\x00\x9f\xff\x1a", 4, text), "009fff1a");
    assert_string_equal(hex_text("", 0, text), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hex),        cmocka_unit_test(test_slices),
        cmocka_unit_test(test_numbers),    cmocka_unit_test(test_reals),
        cmocka_unit_test(test_csv_fields), cmocka_unit_test(test_utf8),
        cmocka_unit_test(test_clean),      cmocka_unit_test(test_widths),
        cmocka_unit_test(test_lines),      cmocka_unit_test(test_wrap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
