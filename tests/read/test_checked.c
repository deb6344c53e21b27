// SPDX-License-Identifier: Apache-2.0
//
// Journals of campaigns: results of checks.

#include "kinds.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "read/checked.h"

#define COUNT(a)  (sizeof(a) / sizeof *(a))
#define HASH      "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define BAD_INPUT "refused, bad input: "
#define HEAD                                                                                       \
    "{\"journal\":1,\"campaign\":\"q1\",\"vantage\":\"here\",\"list\":\"" HASH                     \
    "\",\"options\":\"level 31\",\"version\":\"0.1\",\"began\":1704067200000,\"later\":\"x\"}\n"
#define SAID       "campaign q1 from \"here\", list 01234567, level 31, 0.1, 1704067200000\n"
#define PLAIN(d)   "{\"result\":{\"format\":1,\"domain\":\"" d "\",\"stage\":\"none\"}}\n"
#define PLAIN_SAID "example.org (none, , ) none web 0/0/0/0 not intended, nan\n"

static const char full[] = HEAD
    "{\"economy\":\"KE\",\"organisation\":\"A \\\"B\\\" "
    "\\u00e9\",\"sector\":\"health\",\"result\":{"
    "\"format\":1,\"domain\":\"example.org\",\"vantage\":\"here\",\"version\":\"0.1\",\"began\":"
    "1704067201000,\"took\":1200,\"level\":31,\"ipv4\":true,\"ipv6\":true,\"stage\":\"reachable\","
    "\"scores\":{\"internetnl-web\":62.5,\"web\":{\"interfaces\":2,\"with-aaaa\":1,\"reached\":1,"
    "\"operational\":0,\"intended\":true}},\"tests\":[{\"test\":\"web-aaaa\",\"subject\":"
    "\"example.org\",\"verdict\":\"pass\",\"evidence\":[{\"family\":\"ipv6\",\"asked\":\"x\"}]},"
    "{\"test\":\"web-tls\",\"subject\":\"www.example.org\",\"verdict\":\"fail\",\"reason\":"
    "\"web-tls-name\",\"details\":[\"a\"],\"evidence\":[]},{\"test\":\"mail-mx\",\"subject\":"
    "\"mx.example.net\",\"verdict\":\"not-applicable\",\"evidence\":[]}]}}\n"
    "{\"ended\":1704067300000}\n";

static void test_results(void **state)
{
    (void)state;
    static const struct kinds_sample samples[] = {
        {"whole", full,
         SAID "2: example.org (KE, A \"B\" \xc3\xa9, health) reachable web-aaaa/0=pass "
              "web-tls/1=fail:web-tls-name mail-mx/2=not-applicable web 2/1/1/0, 62.5\n"
              "lines 3: used 1, version line or heading 1, summary 1\n"},
        {"twice, and what a kill left",
         HEAD PLAIN("example.org") PLAIN("twice.example") PLAIN("example.org") "{\"result\":{\"fo",
         SAID "2: " PLAIN_SAID "3: twice.example (none, , ) none web 0/0/0/0 not intended, nan\n"
              "3? line rejected: the same again: \"twice.example\"\n4: " PLAIN_SAID
              "5? no end of the last line: the last line has no end\n5? line rejected: damaged\n"
              "lines 5: used 2, version line or heading 1, the same again 1, damaged 1\n"},
        {"no domain, no JSON, a later format",
         HEAD PLAIN("example.org") PLAIN("Example.org") PLAIN("example.org")
             PLAIN("example.org") "{\"result\":{\"format\":2,\"domain\":\"example.net\"}}\n{]"
                                  "\n\n" PLAIN("example.org"),
         SAID "2: " PLAIN_SAID
              "3? line rejected: not an address or AS number: \"Example.org\"\n4: " PLAIN_SAID
              "5: " PLAIN_SAID "6? line rejected: damaged: \"example.net\"\n"
              "7? line rejected: damaged\n9: " PLAIN_SAID
              "lines 9: used 4, blank 1, version line or heading 1, not an address or AS number 1, "
              "damaged 2\n"},
        {"the result is the last member, and the first of its name",
         HEAD PLAIN("example.org")
             PLAIN("example.org") "{\"x\":{\"result\":1},\"result\":{\"format\":1,\"domain\":"
                                  "\"example.net\"}}\n"
                                  "{\"result\":{\"format\":1,\"domain\":\"example.net\"},"
                                  "\"sector\":\"x\"}\n",
         SAID "2: " PLAIN_SAID "3: " PLAIN_SAID "4? line rejected: damaged: \"example.net\"\n"
              "5? line rejected: damaged: \"example.net\"\n"
              "lines 5: used 2, version line or heading 1, damaged 2\n"},
        {"nothing in it", HEAD, SAID "lines 1: used 0, version line or heading 1\n"},
        {"more rejected than used", HEAD PLAIN("example.org") "x\nx\n",
         SAID "2: " PLAIN_SAID "3? line rejected: damaged\n4? line rejected: damaged\n" BAD_INPUT
              "text: 1 lines used, 2 rejected; wanted results of sextant check, as its journal has "
              "them\n"},
        {"a later journal", "{\"journal\":2,\"campaign\":\"q1\"}\n" PLAIN("example.org"),
         BAD_INPUT "text:1: a journal without campaign, list (SHA-256) or begin, or of a later "
                   "version\n"},
    };
    kinds_check(samples, COUNT(samples));
}

static void test_altered(void **state)
{
    (void)state;
    kinds_alter(full, sizeof full - 1, 3000, 7);
}

// A line of the greatest length is read, one that is longer is rejected, and the next one read.
static void test_long(void **state)
{
    (void)state;
    struct buffer text = {0};
    struct kinds_log log = {0};
    for (int i = 0; i < 2; i++) {
        static const char begin[] = "{\"x\":\"";
        char *blanks = malloc(CHECKED_LINE_MAX);
        const char *rest = "\",\"result\":{\"format\":1,\"domain\":\"example.org\"}}";
        assert_non_null(blanks);
        memset(blanks, 'x', CHECKED_LINE_MAX);
        if (i == 0)
            buffer_text(&text, HEAD);
        // JSON's own limit of a text is smaller than a line: several of them.
        size_t left = CHECKED_LINE_MAX - 1 - strlen(rest) - (sizeof begin - 1) + (size_t)i;
        buffer_text(&text, begin);
        while (left > 16000) {
            buffer_add(&text, blanks, 15000);
            buffer_text(&text, "\",\"x\":\"");
            left -= 15007;
        }
        buffer_add(&text, blanks, left);
        buffer_format(&text, "%s\n", rest);
        free(blanks);
    }
    buffer_text(&text, PLAIN("example.org"));
    kinds_read(&log, "text", text.at, text.length, NULL);
    assert_non_null(strstr(log.text.at, "2: example.org"));
    assert_null(strstr(log.text.at, "\n3: "));
    assert_non_null(strstr(log.text.at, "3? line rejected: line too long"));
    assert_non_null(strstr(log.text.at, "4: example.org"));
    kinds_done(&log);
    buffer_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_results),
        cmocka_unit_test(test_altered),
        cmocka_unit_test(test_long),
    };
    return cmocka_run_group_tests_name("checked", tests, NULL, NULL);
}
