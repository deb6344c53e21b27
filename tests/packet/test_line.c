// SPDX-License-Identifier: Apache-2.0
//
// A wire's direction against a list that is searched from end to end, and against sums: how many
// are lost, how far apart a rate sets frames, how far jitter moves them.

#include "packet/line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FRAMES 5000

static struct line *line_of(const struct line_way *w, uint64_t seed)
{
    struct line *l = NULL;
    assert_int_equal(line_new(w, seed, &l, NULL), 0);
    return l;
}

static void put(struct line *l, uint32_t number, size_t length, int64_t now)
{
    uint8_t frame[2000] = {0};
    memcpy(frame, &number, sizeof number);
    line_put(l, frame, 0, length, now);
}

// The number of the next frame and when it comes out; false: none is left.
static bool next(struct line *l, uint32_t *ret, int64_t *ret_when, size_t *ret_length)
{
    *ret_when = line_due(l);
    if (*ret_when == INT64_MAX)
        return false;
    assert_null(line_next(l, *ret_when - 1, ret_length));
    const uint8_t *frame = line_next(l, *ret_when, ret_length);
    assert_non_null(frame);
    memcpy(ret, frame, sizeof *ret);
    line_drop(l);
    return true;
}

static void test_nothing_asked_is_first_in_first_out(void **state)
{
    (void)state;
    struct line *l = line_of(&(struct line_way){0}, 1);
    uint32_t number;
    int64_t when;
    size_t length;
    for (uint32_t i = 0; i < FRAMES; i++)
        put(l, i, 60 + i % 1400, i / 10);
    for (uint32_t i = 0; i < FRAMES; i++) {
        assert_true(next(l, &number, &when, &length));
        assert_int_equal(number, i);
        assert_int_equal(when, i / 10);
        assert_int_equal(length, 60 + i % 1400);
    }
    assert_false(next(l, &number, &when, &length));
    line_drop(l);
    line_free(&l);
}

// Due times are read off a line that has one frame at a time; the heap must bring out the same
// frames by time, then in the order in which they came in.
static void test_order_is_that_of_a_plain_search(void **state)
{
    (void)state;
    const struct line_way w = {
        .delay_us = 5000, .jitter_us = 5000, .reorder_ppm = 100000, .loss_ppm = 50000};
    struct line *l = line_of(&w, 7), *single = line_of(&w, 7);
    static int64_t due[FRAMES];
    uint32_t number, last = 0;
    int64_t when, before = 0;
    size_t length, left = 0;
    for (uint32_t i = 0; i < FRAMES; i++) {
        put(l, i, 100, i * 3);
        put(single, i, 100, i * 3);
        due[i] = next(single, &number, &when, &length) ? when : -1;
        left += due[i] >= 0;
    }
    for (; next(l, &number, &when, &length); left--, before = when, last = number) {
        assert_int_equal(when, due[number]);
        assert_true(when > before || (when == before && number > last) || last == 0);
        due[number] = -1;
    }
    assert_int_equal(left, 0);
    line_free(&l);
    line_free(&single);
}

static void test_shares(void **state)
{
    (void)state;
    const struct line_way w = {.loss_ppm = 100000, .duplicate_ppm = 50000, .reorder_ppm = 20000};
    struct line *l = line_of(&w, 42);
    uint32_t number;
    int64_t when;
    size_t length, out = 0;
    for (uint32_t i = 0; i < 100000; i++) {
        put(l, i, 60, i);
        while (line_due(l) <= i)
            out += next(l, &number, &when, &length);
    }
    struct line_counts c = line_counts(l);
    assert_in_range(c.lost, 9600, 10400);
    assert_in_range(c.doubled, 4200, 4800);
    assert_in_range(c.overtaking, 1600, 2000);
    assert_int_equal(out, c.taken - c.lost + c.doubled);
    line_free(&l);
}

static void test_rate(void **state)
{
    (void)state;
    struct line *l = line_of(&(struct line_way){.rate_bps = 1000000, .delay_us = 1000}, 1);
    uint32_t number;
    int64_t when;
    size_t length;
    uint8_t frame[135] = {0};
    for (uint32_t i = 0; i < 400; i++) { // 1,000 bits each: a millisecond
        memcpy(frame, &i, sizeof i);
        line_put(l, frame, 10, 135, 0);
    }
    struct line_counts c = line_counts(l);
    assert_int_equal(c.full, 400 - 201); // what would wait longer than 0.2 s
    for (uint32_t i = 0; i < 201; i++) {
        assert_true(next(l, &number, &when, &length));
        assert_int_equal(when, 1000 + (i + 1) * 1000);
    }
    line_free(&l);
}

// Frames that take less than a microsecond, or an odd number of them, add up.
static void test_rate_of_small_frames(void **state)
{
    (void)state;
    static const struct {
        uint64_t rate, microseconds;
        size_t length;
    } rows[] = {{1000000000, 4800, 60}, {100000000, 51200, 64}, {3000000, 160000, 60}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct line *l = line_of(&(struct line_way){.rate_bps = rows[i].rate}, 1);
        uint64_t count = rows[i].microseconds * rows[i].rate / 1000000 / 8 / rows[i].length;
        uint32_t number;
        int64_t when = 0, last = 0;
        size_t length;
        for (uint32_t n = 0; n < count; n++)
            put(l, n, rows[i].length, 0);
        while (next(l, &number, &when, &length))
            last = when;
        assert_int_equal(line_counts(l).full, 0);
        assert_int_equal(last, rows[i].microseconds);
        line_free(&l);
    }
}

// Who overtakes is not faster than the rate: it skips the delay alone.
static void test_overtaking_takes_its_time(void **state)
{
    (void)state;
    const struct line_way w = {.rate_bps = 8000000, .delay_us = 50000, .reorder_ppm = 500000};
    struct line *l = line_of(&w, 3);
    uint32_t number;
    int64_t when;
    size_t length, early = 0;
    for (uint32_t i = 0; i < 100; i++)
        put(l, i, 1000, 0); // a millisecond each
    while (next(l, &number, &when, &length)) {
        int64_t left = (number + 1) * INT64_C(1000);
        assert_true(when == left || when == left + 50000);
        early += when == left;
    }
    assert_int_equal(early, line_counts(l).overtaking);
    assert_in_range(early, 30, 70);
    line_free(&l);
}

// Seeds that are much alike make chances that are not: neither of each other nor of their bits.
static void test_seeds_are_far_apart(void **state)
{
    (void)state;
    const struct line_way w = {.loss_ppm = 500000};
    unsigned same = 0, lost = 0, count = 0;
    for (uint64_t seed = 1; seed <= 2000; seed++) {
        struct line *a = line_of(&w, seed), *b = line_of(&w, seed ^ 2);
        for (uint32_t i = 0; i < 4; i++, count++) {
            uint64_t before_a = line_counts(a).lost, before_b = line_counts(b).lost;
            put(a, i, 60, 0);
            put(b, i, 60, 0);
            bool gone = line_counts(a).lost > before_a;
            lost += gone;
            same += gone == (line_counts(b).lost > before_b);
        }
        line_free(&a);
        line_free(&b);
    }
    assert_in_range(lost, count * 47 / 100, count * 53 / 100);
    assert_in_range(same, count * 47 / 100, count * 53 / 100);
}

static void test_queue_has_an_end(void **state)
{
    (void)state;
    struct line *l = line_of(&(struct line_way){.delay_us = 1000000}, 1);
    for (uint32_t i = 0; i < 20000; i++)
        put(l, i, 1000, 0);
    assert_int_equal(line_counts(l).full, 20000 - LINE_QUEUE_MAX / 1000);
    line_free(&l);
}

static void test_same_seed_same_fate(void **state)
{
    (void)state;
    const struct line_way w = {.loss_ppm = 300000, .jitter_us = 900, .delay_us = 1000};
    struct line *a = line_of(&w, 5), *b = line_of(&w, 5), *c = line_of(&w, 6);
    uint32_t x, y;
    int64_t s, t;
    size_t length;
    for (uint32_t i = 0; i < FRAMES; i++) {
        put(a, i, 60, i);
        put(b, i, 60, i);
        put(c, i, 60, i);
    }
    assert_int_not_equal(line_counts(a).lost, line_counts(c).lost);
    while (next(a, &x, &s, &length)) {
        assert_true(next(b, &y, &t, &length));
        assert_true(x == y && s == t);
    }
    assert_int_equal(line_due(b), INT64_MAX);
    line_free(&a);
    line_free(&b);
    line_free(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_asked_is_first_in_first_out),
        cmocka_unit_test(test_order_is_that_of_a_plain_search),
        cmocka_unit_test(test_shares),
        cmocka_unit_test(test_rate),
        cmocka_unit_test(test_rate_of_small_frames),
        cmocka_unit_test(test_overtaking_takes_its_time),
        cmocka_unit_test(test_seeds_are_far_apart),
        cmocka_unit_test(test_queue_has_an_end),
        cmocka_unit_test(test_same_seed_same_fate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
