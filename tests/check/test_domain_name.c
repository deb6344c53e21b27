// SPDX-License-Identifier: Apache-2.0

#include "check/check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static void what_people_type(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"example.org", "example.org"},
        {" Example.ORG. ", "example.org"},
        {"https://www.example.org:8443/a?b#c", "www.example.org"},
        {"b\xC3\xBC"
         "cher.example",
         "xn--bcher-kva.example"},
        {"\xD9\x85\xD8\xAB\xD8\xA7\xD9\x84.example", "xn--mgbh0fb.example"},
        {"xn--bcher-kva.example", "xn--bcher-kva.example"},
        {"stra\xC3\x9F"
         "e.example",
         "xn--strae-oqa.example"}, // IDNA 2008: not "strasse"
        {"_dmarc.example.org", "_dmarc.example.org"},
        {"test", "test"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char name[CHECK_DOMAIN_MAX + 1];
        struct err e = {0};
        if (check_domain_name(slice_of(cases[i][0]), name, &e))
            fail_msg("%s: %s", cases[i][0], e.text);
        assert_string_equal(name, cases[i][1]);
    }
}

static void what_is_no_domain(void **state)
{
    (void)state;
    char longest[300];
    memset(longest, 'a', sizeof longest);
    longest[sizeof longest - 1] = '\0';
    const char *const cases[] = {"",
                                 " ",
                                 ".",
                                 "a..b",
                                 "-a.example",
                                 "a-.example",
                                 "192.0.2.1",
                                 "[2001:db8::1]",
                                 "exa mple.org",
                                 "a\"b.example",
                                 "\xff\xfe.example",
                                 longest,
                                 "http://",
                                 "a,b"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char name[CHECK_DOMAIN_MAX + 1];
        struct err e = {0};
        if (check_domain_name(slice_of(cases[i]), name, &e) != ERR_USAGE)
            fail_msg("\"%s\" was taken as \"%s\"", cases[i], name);
        assert_true(e.text[0]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_people_type),
        cmocka_unit_test(what_is_no_domain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
