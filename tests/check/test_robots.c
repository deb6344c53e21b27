// SPDX-License-Identifier: Apache-2.0
//
// The examples of RFC 9309, and what it says in words.

#include "check/robots.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

static bool lets(const char *robots, const char *path)
{
    return robots_lets(slice_of(robots), slice_of(path));
}

// 2.2.2: the table of octets, and 2.2.3: special characters.
static void test_matching(void **state)
{
    (void)state;
    static const struct {
        const char *rule, *path;
        bool matches;
    } cases[] = {
        {"/foo/bar?baz=quz", "/foo/bar?baz=quz", true},
        {"/foo/bar?baz=https://foo.bar", "/foo/bar?baz=https%3A%2F%2Ffoo.bar", false},
        {"/foo/bar/\xe3\x83\x84", "/foo/bar/%E3%83%84", true},
        {"/foo/bar/%E3%83%84", "/foo/bar/%E3%83%84", true},
        {"/foo/bar/%62%61%7A", "/foo/bar/baz", true},
        {"/path/file-with-a-%2A.html", "/path/file-with-a-%2A.html", true},
        {"/path/foo-%24", "/path/foo-%24", true},
        {"/path/foo-%24", "/path/foo-", false},
        {"/this/*/exactly", "/this/path/exactly", true},
        {"/this/*/exactly", "/this/path/and/exactly/this", true},
        {"/this/path/exactly$", "/this/path/exactly", true},
        {"/this/path/exactly$", "/this/path/exactly/not", false},
        {"*.gif$", "/a/b.gif", true},
        {"*.gif$", "/a/b.gif?x", false},
        {"*.gif$", "/a.gif.gif", true},
        {"/*a*b*c", "/xxaxxbxxc", true},
        {"/*a*b*c", "/xxaxxcxxb", false},
        {"/", "/", true},
        {"/p", "/", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[128];
        snprintf(text, sizeof text, "User-agent: *\nDisallow: %s\n", cases[i].rule);
        if (lets(text, cases[i].path) == cases[i].matches)
            fail_msg("%s against %s", cases[i].rule, cases[i].path);
    }
}

// 5.1, with this program among the robots.
static void test_groups(void **state)
{
    (void)state;
    static const char robots[] = "User-Agent: *\nDisallow: *.gif$\nDisallow: /example/\n"
                                 "Allow: /publications/\n\n"
                                 "User-Agent: foobot\nUser-Agent: Sextant/1.0 (x)\nDisallow: /\n"
                                 "Allow: /example/page.html\nAllow: /example/allowed.gif\n\n"
                                 "User-Agent: barbot\nUser-Agent: bazbot\n"
                                 "Disallow: /example/page.html\n";
    assert_true(lets(robots, "/example/page.html"));
    assert_true(lets(robots, "/example/allowed.gif"));
    assert_false(lets(robots, "/publications/"));
    // 5.2: the longest match
    static const char longest[] = "User-Agent: sextant\nAllow: /example/page/\n"
                                  "Disallow: /example/page/disallowed.gif\n";
    assert_true(lets(longest, "/example/page/"));
    assert_false(lets(longest, "/example/page/disallowed.gif"));
}

static void test_words(void **state)
{
    (void)state;
    assert_true(lets("", "/x"));
    assert_true(lets("Disallow: /", "/x")); // of no group
    assert_true(lets("User-agent: other\nDisallow: /", "/x"));
    assert_false(lets("user-agent: *\r\ndisallow: / # all\r\n", "/x"));
    assert_true(lets("User-agent: *\nDisallow:\n", "/x"));               // nothing is forbidden
    assert_true(lets("User-agent: *\nAllow: /p\nDisallow: /p\n", "/p")); // as long: allowed
    assert_true(lets("User-agent: *\nDisallow: /p\nAllow: /p\n", "/p"));
    // groups of one agent are one
    assert_false(lets("User-agent: sextant\nDisallow: /a\nUser-agent: x\nDisallow: /\n"
                      "User-agent: sextant\nDisallow: /b\n",
                      "/b/1"));
    assert_true(lets("User-agent: sextantbot\nDisallow: /\n", "/x"));
    assert_false(lets("\xef\xbb\xbfUser-agent: *\nDisallow: /\n", "/x"));
    // other records do not end a group's beginning
    assert_false(
        lets("User-agent: sextant\nSitemap: https://www.example.org/s\nDisallow: /\n", "/x"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_matching),
                                       cmocka_unit_test(test_groups), cmocka_unit_test(test_words)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
