// SPDX-License-Identifier: Apache-2.0
//
// Lines and fields against naive splitting, with the finder of this machine and with the one for
// every machine. The room's file is part of this one, so that both can be called.

// clang-format off
#include "read/lines.c"

#include "support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>
// clang-format on

static struct places found[2];
static char bytes[CHUNK + 64];

// Few letters, so that separators stand beside each other and far apart.
static void fill_random(struct chance *c, char *at, size_t length)
{
    unsigned rare = 1 + chance_below(c, 60);
    for (size_t i = 0; i < length; i++)
        at[i] = chance_below(c, rare) == 0 ? "|\n,"[chance_below(c, 3)] : (char)chance_next(c);
}

static void expect_same(void)
{
    assert_int_equal(found[0].count, found[1].count);
    assert_int_equal(found[0].stops, found[1].stops);
    assert_memory_equal(found[0].at, found[1].at, found[0].count * sizeof *found[0].at);
    assert_memory_equal(found[0].stop, found[1].stop, found[0].stops * sizeof *found[0].stop);
}

static void test_finders(void **state)
{
    (void)state;
    struct chance chance = {1};
    for (unsigned round = 0; round < 3000; round++) {
        uint32_t to = chance_below(&chance, round % 100 == 0 ? CHUNK + 1 : 300);
        uint32_t from = chance_below(&chance, to + 1);
        fill_random(&chance, bytes, to + 64);
        found[0].count = found[0].stops = found[1].count = found[1].stops = 0;
        find_each(bytes, '|', from, to, &found[0]);
        choose_finder()(bytes, '|', from, to, &found[1]);
        expect_same();
        uint32_t count = 0, stops = 0;
        for (uint32_t i = from; i < to; i++) {
            if (bytes[i] == '\n')
                assert_int_equal(found[0].stop[stops++], count);
            if (bytes[i] == '|' || bytes[i] == '\n')
                assert_int_equal(found[0].at[count++], i);
        }
        assert_int_equal(count, found[0].count);
        assert_int_equal(stops, found[0].stops);
    }
}

static void test_finders_extremes(void **state)
{
    (void)state;
    static const char fills[] = {'|', '\n', 'x', (char)0x8a, (char)0xfc};
    for (size_t i = 0; i < sizeof fills; i++) {
        memset(bytes, fills[i], sizeof bytes);
        found[0].count = found[0].stops = found[1].count = found[1].stops = 0;
        find_each(bytes, '|', 0, CHUNK, &found[0]);
        choose_finder()(bytes, '|', 0, CHUNK, &found[1]);
        assert_int_equal(found[0].count, i < 2 ? CHUNK : 0);
        expect_same();
    }
}

// ---- whole texts

static void expect_fields(const struct line *l, struct slice rest)
{
    for (uint32_t i = 0; i < l->fields; i++) {
        assert_non_null(rest.at);
        struct slice wanted = slice_cut(&rest, '|'), got = line_field(l, i);
        assert_int_equal(got.length, wanted.length);
        assert_memory_equal(got.at, wanted.at, wanted.length);
    }
    assert_null(rest.at);
}

static void expect_lines(const char *text, size_t length, finder *find)
{
    struct source *source;
    struct lines *lines;
    struct line l;
    bool got;
    uint64_t number = 0;
    struct slice rest = {text, length};
    assert_int_equal(source_open_memory("text", text, length, NULL, &source, NULL), 0);
    assert_int_equal(lines_new(source, '|', &lines, NULL), 0);
    lines->find = find;
    while (rest.at && rest.length > 0) {
        struct slice line = slice_cut(&rest, '\n');
        assert_int_equal(lines_next(lines, &l, &got, NULL), 0);
        assert_true(got);
        assert_int_equal(l.number, ++number);
        assert_int_equal(l.ended, rest.at != NULL);
        assert_int_equal(l.too_long, line.length > LINE_MAX_BYTES);
        if (l.too_long)
            continue;
        if (line.length > 0 && line.at[line.length - 1] == '\r')
            line.length--;
        assert_int_equal(l.length, line.length);
        assert_memory_equal(l.at, line.at, line.length);
        expect_fields(&l, line);
    }
    assert_int_equal(lines_next(lines, &l, &got, NULL), 0);
    assert_false(got);
    lines_free(&lines);
    assert_null(lines);
    source_close(&source);
}

static void make_text(struct chance *c, size_t length, unsigned longest, struct buffer *text)
{
    while (text->length < length) {
        unsigned wanted = chance_below(c, chance_below(c, 40) == 0 ? longest : 120);
        for (unsigned i = 0; i < wanted; i++)
            buffer_char(text, chance_below(c, 8) == 0 ? '|' : (char)('a' + chance_below(c, 26)));
        static const char *const ends[] = {"\n", "\n", "\n", "\r\n", "\n\n", "|\n", "\r\r\n"};
        buffer_text(text, ends[chance_below(c, 7)]);
    }
    text->length = length; // cut anywhere
}

static void test_texts(void **state)
{
    (void)state;
    struct chance chance = {2};
    static const unsigned longest[] = {120, 4096, 5000, 70000, 200000};
    for (unsigned round = 0; round < 150; round++) {
        struct buffer text = {0};
        size_t length = chance_below(&chance, round % 3 ? 3000 : 400000);
        buffer_text(&text, "");
        make_text(&chance, length, longest[round % 5], &text);
        expect_lines(text.at, text.length, find_each);
        expect_lines(text.at, text.length, choose_finder());
        buffer_done(&text);
    }
}

// A line end at, before and behind each place near the end of the buffer.
static void test_ends_of_buffer(void **state)
{
    (void)state;
    for (size_t first = CHUNK - 70; first < CHUNK + 70; first++) {
        struct buffer text = {0};
        while (text.length + 1000 < first)
            buffer_text(&text, "aaa|bbb|ccc\n");
        while (text.length < first)
            buffer_char(&text, text.length % 9 ? 'x' : '|');
        buffer_text(&text, first % 2 ? "\r\n|y|\nz" : "\n|y|\r\n");
        expect_lines(text.at, text.length, find_each);
        expect_lines(text.at, text.length, choose_finder());
        buffer_done(&text);
    }
}

static void test_nul(void **state)
{
    (void)state;
    for (size_t lines_before = 0; lines_before < 12000; lines_before += 1999) {
        struct buffer text = {0};
        struct source *source;
        struct lines *lines;
        struct line l;
        struct err e = {0};
        char wanted[80];
        bool got;
        int code = 0;
        for (size_t i = 0; i < lines_before; i++)
            buffer_text(&text, "a|b|c|d|e\n");
        buffer_add(&text, "x|\0|y\nz\n", 8);
        assert_int_equal(source_open_memory("text", text.at, text.length, NULL, &source, NULL), 0);
        assert_int_equal(lines_new(source, '|', &lines, NULL), 0);
        while ((code = lines_next(lines, &l, &got, &e)) == 0)
            assert_true(got);
        assert_int_equal(code, ERR_INPUT);
        snprintf(wanted, sizeof wanted, "text:%zu: a NUL byte: not a text file", lines_before + 1);
        assert_string_equal(e.text, wanted);
        lines_free(&lines);
        source_close(&source);
        buffer_done(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_finders), cmocka_unit_test(test_finders_extremes),
        cmocka_unit_test(test_texts),   cmocka_unit_test(test_ends_of_buffer),
        cmocka_unit_test(test_nul),
    };
    return cmocka_run_group_tests_name("lines", tests, NULL, NULL);
}
