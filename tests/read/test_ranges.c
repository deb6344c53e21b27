// SPDX-License-Identifier: Apache-2.0
//
// Range tables: start,end,economy.

#include "../rounds.h"
#include "support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a)  (sizeof(a) / sizeof *(a))
#define STARTED   "file table 2024-01-05 claims 0 version \"\"\n"
#define BAD_INPUT "refused, bad input: "
#define GOOD      "192.0.2.0,192.0.2.255,KE\n"
#define GOOD_1    "1: table KE 192.0.2.0/24 - allocated \n"
#define ON                                                                                         \
    {                                                                                              \
        .date = 19727                                                                              \
    } // 2024-01-05

static void test_taken(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {"IPv4 ranges as they are, IPv6 ranges as prefixes",
         "start,end,economy\n192.0.2.1,192.0.2.130,KE\n2001:db8::,2001:db8::2,UG\n"
         "3fff::,3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff,TZ\nAS64496,AS64511,RW\n",
         STARTED "2: table KE 192.0.2.1 - 192.0.2.130 - allocated \n"
                 "3: table UG 2001:db8::/127 - allocated \n"
                 "3: table UG 2001:db8::2/128 - allocated \n"
                 "4: table TZ 3fff::/20 - allocated \n"
                 "5: table RW AS64496 - AS64511 - allocated \n"
                 "lines 5: used 4, version line or heading 1; plain, ipv6, ipv4, asn\n",
         ON},
        {"quotes, blanks, CRLF, comments, more columns",
         "# made by hand\r\n\"start\",\"end\",\"economy\",\"x\"\r\n \r\n"
         "\"192.0.2.0\", \"192.0.2.255\" ,\"KE\",\"more\"\r\n",
         STARTED "4: table KE 192.0.2.0/24 - allocated \n"
                 "lines 4: used 1, blank 1, comment 1, version line or heading 1; plain, ipv4\n",
         ON},
        {"without a heading and the last line's end", "192.0.2.0,192.0.2.255,KE",
         STARTED GOOD_1 "lines 1: used 1; plain, ipv4\n", ON},
        {"everything there is",
         "0.0.0.0,255.255.255.255,KE\n"
         "::,ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff,KE\n",
         STARTED "1: table KE 0.0.0.0/0 - allocated \n2: table KE ::/0 - allocated \n"
                 "lines 2: used 2; plain, ipv6, ipv4\n",
         ON},
        {"odd country codes",
         "192.0.2.0,192.0.2.255,ke\n192.0.2.0,192.0.2.255,\n192.0.2.0,192.0.2.255,None\n",
         STARTED "1? odd country code: country code \"ke\"\n" GOOD_1
                 "2: table none 192.0.2.0/24 - allocated \n"
                 "3? odd country code: country code \"None\"\n"
                 "3: table ?? 192.0.2.0/24 - allocated \nlines 3: used 3; plain, ipv4\n",
         ON},
        {"rejected",
         GOOD GOOD GOOD GOOD "192.0.2.0,KE\n192.0.2.9,192.0.2.8,KE\n192.0.2.0,2001:db8::,KE\n"
                             "192.0.2.0/24,192.0.2.255,KE\n",
         STARTED GOOD_1 "2: table KE 192.0.2.0/24 - allocated \n"
                        "3: table KE 192.0.2.0/24 - allocated \n"
                        "4: table KE 192.0.2.0/24 - allocated \n"
                        "5? line rejected: too few fields: \"192.0.2.0,KE\"\n"
                        "6? line rejected: not a range: \"192.0.2.9,192.0.2.8,KE\"\n"
                        "7? line rejected: not a range: \"192.0.2.0,2001:db8::,KE\"\n"
                        "8? line rejected: not an address or AS number: "
                        "\"192.0.2.0/24,192.0.2.255,KE\"\n"
                        "lines 8: used 4, too few fields 1, not an address or AS number 1, "
                        "not a range 2; plain, ipv4\n",
         ON},
    };
    samples_check(samples, COUNT(samples));
}

static void test_refused(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {"no date", GOOD, BAD_INPUT "text: a range table states no date; give --date\n"},
        {"heading only", "start,end,economy\n",
         STARTED BAD_INPUT "text: 0 of 1 lines are ranges; wanted start,end,economy\n", ON},
        {"cut in an address", GOOD "192.0.2.0,192.0.2.",
         STARTED GOOD_1 "2? line rejected: too few fields: \"192.0.2.0,192.0.2.\"\n" BAD_INPUT
                        "text:2: the file is cut in the middle of a line\n",
         ON},
        {"cut in the code", GOOD "192.0.2.0,192.0.2.255,\"K",
         STARTED GOOD_1 "2? odd country code: country code \"\"K\"\n"
                        "2: table ?? 192.0.2.0/24 - allocated \n" BAD_INPUT
                        "text:2: the file is cut in the middle of a line\n",
         ON},
        {"more rejected than used", GOOD "x,y,z\nx,y,z\n",
         STARTED GOOD_1 "2? line rejected: not an address or AS number: \"x,y,z\"\n"
                        "3? line rejected: not an address or AS number: \"x,y,z\"\n" BAD_INPUT
                        "text: 1 of 3 lines are ranges; wanted start,end,economy\n",
         ON},
    };
    samples_check(samples, COUNT(samples));
}

static void test_too_long(void **state)
{
    (void)state;
    struct buffer text = {0};
    struct log log = {0};
    struct read_options options = ON;
    buffer_text(&text, GOOD);
    for (unsigned i = 0; i < 200000; i++)
        buffer_char(&text, ',');
    buffer_text(&text, "\n" GOOD);
    log_read(&log, text.at, text.length, &options);
    assert_string_equal(log.text.at, STARTED GOOD_1
                        "2? line rejected: line too long\n3: table KE 192.0.2.0/24 - allocated \n"
                        "lines 3: used 2, line too long 1; plain, ipv4\n");
    log_done(&log);
    buffer_done(&text);
}

static void test_altered(void **state)
{
    (void)state;
    static const char base[] = "start,end,economy\n" GOOD GOOD
                               "2001:db8::1,2001:db8:ffff::2,UG\n\"3fff::\",\"3fff::ff\",\"TZ\"\n"
                               "AS64496,AS64511,RW\n" GOOD GOOD;
    struct chance chance = {5};
    struct buffer text = {0};
    struct read_options options = ON;
    const unsigned rounds = ROUNDS_OF(10000);
    unsigned taken = 0;
    for (unsigned round = 0; round < rounds; round++) {
        struct log log = {0};
        text.length = 0;
        buffer_text(&text, base);
        chance_alter(&chance, &text);
        log_read(&log, text.at, text.length, &options);
        taken += log.code == 0;
        log_done(&log);
    }
    buffer_done(&text);
    assert_true(taken > rounds / 2 && taken < rounds);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_taken),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_too_long),
        cmocka_unit_test(test_altered),
    };
    return cmocka_run_group_tests_name("ranges", tests, NULL, NULL);
}
