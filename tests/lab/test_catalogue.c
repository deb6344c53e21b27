// SPDX-License-Identifier: Apache-2.0
//
// Courses are read, and what is wrong with one is told with its line; what comes with the program
// is whole.

#include "base/buffer.h"
#include "lab/catalogue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const char small[] = "title: A course\n"
                            "summary: S\n"
                            "audience: Everybody\n"
                            "prerequisites: [Patience]\n"
                            "parts:\n"
                            "  - title: One\n"
                            "    hours: 2\n"
                            "    labs: [first-hop, firewall]\n"
                            "  - {title: Two, hours: 3}\n";

static void a_course(void **state)
{
    (void)state;
    struct course *c = NULL;
    struct err e = {0};
    if (course_parse("c.yaml", small, strlen(small), &c, &e))
        fail_msg("%s", e.text);
    assert_int_equal(c->parts_count, 2);
    assert_int_equal(course_hours(c), 5);
    assert_true(course_has(c, "firewall"));
    assert_false(course_has(c, "fire"));
    assert_string_equal(c->prerequisites[0], "Patience");
    assert_null(c->parts[1].text);
    course_free(&c);
    assert_null(c);
}

// `from` in the small course becomes `to`; what is said begins with `said`.
static void refused(const char *from, const char *to, const char *said)
{
    struct course *c = NULL;
    struct err e = {0};
    struct buffer text = {0};
    const char *at = strstr(small, from);
    assert_non_null(at);
    buffer_add(&text, small, (size_t)(at - small));
    buffer_text(&text, to);
    buffer_text(&text, at + strlen(from));
    assert_int_equal(course_parse("c.yaml", text.at, text.length, &c, &e), ERR_INPUT);
    assert_null(c);
    if (strncmp(e.text, said, strlen(said)) != 0)
        fail_msg("\"%s\" is said, not \"%s\"", e.text, said);
    buffer_done(&text);
}

static void wrong_ones_are_refused(void **state)
{
    (void)state;
    refused("audience", "audiences", "c.yaml:3: ");
    refused("hours: 2", "hours: 0", "c.yaml:7: hours are 1 to 1000");
    refused("hours: 2", "hours: two", "c.yaml:7: ");
    refused("first-hop", "../first-hop", "c.yaml:8: names of laboratories");
    refused(small, "", "c.yaml:1: no course");
}

static void names_differ_and_are_found(const struct catalogue *c)
{
    for (size_t i = 0; i < c->lab_count; i++)
        assert_ptr_equal(catalogue_lab(c, c->labs[i]->name), c->labs[i]);
    for (size_t i = 0; i < c->course_count; i++)
        assert_ptr_equal(catalogue_course(c, c->courses[i]->name), c->courses[i]);
    assert_null(catalogue_lab(c, "nothing"));
    assert_null(catalogue_course(c, ""));
}

static void what_comes_with_the_program(void **state)
{
    (void)state;
    struct catalogue *c = NULL;
    struct err e = {0};
    if (catalogue_load(&c, &e))
        fail_msg("%s", e.text);
    assert_true(c->lab_count >= 5);
    assert_true(c->course_count >= 4);
    names_differ_and_are_found(c);
    for (size_t i = 0; i < c->course_count; i++) {
        size_t labs = 0;
        for (unsigned k = 0; k < c->courses[i]->parts_count; k++)
            labs += c->courses[i]->parts[k].labs_count;
        assert_true(labs >= 3);
        assert_true(course_hours(c->courses[i]) >= 8);
        assert_true(c->courses[i]->prerequisites_count > 0);
    }
    catalogue_free(&c);
    assert_null(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_course),
        cmocka_unit_test(wrong_ones_are_refused),
        cmocka_unit_test(what_comes_with_the_program),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
