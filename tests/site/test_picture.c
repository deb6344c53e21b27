// SPDX-License-Identifier: Apache-2.0
//
// Pictures of charts: axes against a naive count, marks as SVG, and PNG of the size that is stated.

#include "site/axis.h"
#include "site/picture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static double random_between(double low, double high)
{
    return low + (high - low) * rand() / RAND_MAX;
}

// Marks are whole multiples of one step that is 1, 2 or 5 times a power of ten, within the bounds,
// few, and the bounds hold the values.
static void linear_axes_are_round(void **state)
{
    (void)state;
    srand(11);
    for (int i = 0; i < 20000; i++) {
        double size = pow(10, random_between(-5, 9));
        struct axis a = {.low = rand() % 3 ? 0 : -random_between(0, size), .end = 100};
        a.high = a.low + random_between(size / 10, size);
        struct axis before = a;
        axis_round(&a, 5);
        double step = a.marks[1] - a.marks[0], power = pow(10, floor(log10(step) + 1e-9));
        double times = step / power;
        assert_true(fabs(times - 1) < 1e-6 || fabs(times - 2) < 1e-6 || fabs(times - 5) < 1e-6);
        assert_in_range(a.mark_count, 3, 9);
        assert_true(a.low <= before.low + step * 1e-6 && a.high >= before.high - step * 1e-6);
        for (size_t k = 0; k < a.mark_count; k++) {
            char text[64];
            assert_true(fabs(a.marks[k] / step - round(a.marks[k] / step)) < 1e-4);
            snprintf(text, sizeof text, "%.*f", (int)a.decimals, a.marks[k]);
            assert_true(fabs(atof(text) - a.marks[k]) < step / 100);
        }
        double value = random_between(a.low, a.high);
        assert_true(fabs(axis_place(&a, value) - 100 * (value - a.low) / (a.high - a.low)) < 1e-6);
    }
}

static void logarithmic_axes_have_powers_of_ten(void **state)
{
    (void)state;
    srand(12);
    for (int i = 0; i < 5000; i++) {
        double low = pow(10, random_between(-3, 6)), high = low * pow(10, random_between(0, 8));
        struct axis a = {.low = low, .high = high, .start = 300, .logarithmic = true};
        axis_round(&a, 5);
        assert_true(a.low <= low * 1.0001 && a.high >= high * 0.9999);
        assert_in_range(a.mark_count, 2, 8);
        for (size_t k = 0; k < a.mark_count; k++)
            assert_true(fabs(log10(a.marks[k]) - round(log10(a.marks[k]))) < 1e-9);
        assert_true(axis_place(&a, low) >= axis_place(&a, high));
    }
}

static void draw(struct picture *p)
{
    const struct ink ink = {.fill = "#0b5c9e", .stroke = "#1d2124", .width = 1};
    const struct point at[] = {{10, 10}, {20.25, 30}, {40, 5}};
    picture_line(p, at, 3, &(struct ink){.stroke = "#b8500c", .width = 2, .dashed = true});
    picture_area(p, at, 3, &(struct ink){.fill = "#b8500c", .opacity = 0.25});
    picture_rectangle(p, at[0], 12, 5, &ink, "a <bar> & \"more\"");
    picture_circle(p, at[1], 3, &ink, NULL);
    picture_path(p, "M10 10l5 0 0 5z", (struct point){1, 2}, 0.5, &ink, "KE");
    picture_text(
        p, &(struct lettering){
               .x = 5, .y = 90, .size = 13, .text = "\xD8\xB9 2024", .rtl = true, .bold = true});
}

static void marks_become_svg(void **state)
{
    (void)state;
    struct arena a = {0};
    struct buffer b = {0};
    struct picture p = {.arena = &a,
                        .width = 200,
                        .height = 100,
                        .title = "A & B",
                        .description = "d",
                        .language = LANGUAGE_AR};
    draw(&p);
    picture_write_svg(&p, &b);
    assert_false(b.failed);
    assert_non_null(strstr(b.at, "<title id=\"title\">A &amp; B</title>"));
    assert_non_null(strstr(b.at, "points=\"10.0,10.0 20.2,30.0 40.0,5.0\""));
    assert_non_null(strstr(b.at, "stroke-dasharray=\"3 4\""));
    assert_non_null(strstr(b.at, "<title>a &lt;bar&gt; &amp; &quot;more&quot;</title>"));
    assert_non_null(strstr(b.at, "transform=\"translate(1 2) scale(0.50000)\""));
    assert_non_null(strstr(b.at, "text-anchor=\"end\" fill=\"#1d2124\" direction=\"rtl\""));
    assert_non_null(strstr(b.at, "viewBox=\"0 0 200 100\""));
    buffer_done(&b);
    arena_done(&a);
}

static uint32_t big_endian(const char *at)
{
    const unsigned char *b = (const unsigned char *)at;
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static void marks_become_png(void **state)
{
    (void)state;
    struct arena a = {0};
    struct buffer b = {0}, empty = {0};
    struct err e;
    struct picture p = {.arena = &a, .width = 200, .height = 100, .title = "", .description = ""};
    int code = picture_write_png(&p, &empty, &e);
    if (code == ERR_NOT_FOUND)
        skip();
    assert_int_equal(code, 0);
    draw(&p);
    assert_int_equal(picture_write_png(&p, &b, &e), 0);
    assert_memory_equal(b.at, "\x89PNG\r\n\x1a\n", 8);
    assert_int_equal(big_endian(b.at + 16), 400);
    assert_int_equal(big_endian(b.at + 20), 200);
    assert_true(b.length > empty.length);
    buffer_done(&b);
    buffer_done(&empty);
    arena_done(&a);
}

static void too_many_marks_are_refused(void **state)
{
    (void)state;
    struct arena a = {0};
    struct picture p = {.arena = &a, .width = 10, .height = 10, .title = "", .description = ""};
    for (int i = 0; i <= PICTURE_MARKS_MAX; i++) {
        assert_false(p.failed);
        picture_circle(&p, (struct point){1, 1}, 1, &(struct ink){0}, NULL);
    }
    assert_true(p.failed);
    arena_done(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(linear_axes_are_round),
        cmocka_unit_test(logarithmic_axes_have_powers_of_ten),
        cmocka_unit_test(marks_become_svg),
        cmocka_unit_test(marks_become_png),
        cmocka_unit_test(too_many_marks_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
