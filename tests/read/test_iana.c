// SPDX-License-Identifier: Apache-2.0
//
// IANA's tables of IPv6 and IPv4 space.

#include "../rounds.h"
#include "support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a)  (sizeof(a) / sizeof *(a))
#define HEAD      "Prefix,Designation,Date,WHOIS,RDAP,Status,Note\n"
#define BAD_INPUT "refused, bad input: "
#define FIRST     "2001:db8::/32,APNIC,1999-07-01,,,ALLOCATED,\n"
#define JANUARY_5 19727 // 2024

static void test_ipv6(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {"comments, statuses, designations",
         "# a comment with \"one quote\n" HEAD "2001:db8::/33,APNIC,1999-07-01,w,r,ALLOCATED,\n"
         "2001:db8:8000::/33,RIPE NCC,2006-10-03,,,allocated,\"x, y\"\n"
         "3fff::/21,IANA,1999-07-01,,,ALLOCATED,\n"
         "3fff:800::/21,6to4,2001-02-01,,,ALLOCATED,\n"
         "2001:db9::/32,Cooperation,,,,RESERVED,\n"
         "2001:dba::/32,,2004-01-01,,,UNALLOCATED,\n"
         "# between\n",
         "file iana 2006-10-03 claims 0 version \"\"\n"
         "3: iana none 2001:db8::/33 1999-07-01 allocated APNIC\n"
         "4: iana none 2001:db8:8000::/33 2006-10-03 allocated RIPE-NCC\n"
         "5: iana none 3fff::/21 1999-07-01 reserved IANA\n"
         "6: iana none 3fff:800::/21 2001-02-01 reserved 6to4\n"
         "7: iana none 2001:db9::/32 - reserved Cooperation\n"
         "8: iana none 2001:dba::/32 2004-01-01 available \n"
         "lines 9: used 6, comment 2, version line or heading 1; extended, ipv6\n"},
        {"CRLF, blank lines before the heading, no last line end",
         "\r\nPrefix,Designation,Date,WHOIS,RDAP,Status,Note\r\n\r\n"
         "2001:db8::/32,APNIC,1999-07-01,,,ALLOCATED,",
         "file iana 1999-07-01 claims 0 version \"\"\n"
         "4: iana none 2001:db8::/32 1999-07-01 allocated APNIC\n"
         "lines 4: used 1, blank 2, version line or heading 1; extended, ipv6\n"},
        {"a note over several lines, with quotes in it",
         HEAD "2001:db8::/33,APNIC,1999-07-01,,,ALLOCATED,\"one\n\ntwo \"\"2001:db8::/33\"\"\n3\"\n"
              "2001:db8:8000::/33,ARIN,1999-07-02,,,ALLOCATED,\n",
         "file iana 1999-07-02 claims 0 version \"\"\n"
         "2: iana none 2001:db8::/33 1999-07-01 allocated APNIC\n"
         "6: iana none 2001:db8:8000::/33 1999-07-02 allocated ARIN\n"
         "lines 6: used 5, version line or heading 1; extended, ipv6\n"},
        {"rejected rows, an unknown status",
         HEAD FIRST FIRST "2001:db8::,APNIC,1999-07-01,,,ALLOCATED,\n"
                          "2001:db8::/16,APNIC,1999-07-01,,,ALLOCATED,\n"
                          "2001:db8::/32,APNIC,1999-13-01,,,ALLOCATED,\n"
                          "2001:db8::/32,APNIC,1999-07-01,,,odd,\"a\nb\"\n"
                          "2001:db8::/32,APNIC\n",
         "4? line rejected: not an address or AS number: \"2001:db8::\"\n"
         "5? line rejected: not an address or AS number: \"2001:db8::/16\"\n"
         "6? line rejected: not a date: \"1999-13-01\"\n"
         "7? unknown status: status \"odd\"\n"
         "9? line rejected: too few fields: \"2001:db8::/32,APNIC\"\n"
         "file iana 1999-07-01 claims 0 version \"\"\n"
         "2: iana none 2001:db8::/32 1999-07-01 allocated APNIC\n"
         "3: iana none 2001:db8::/32 1999-07-01 allocated APNIC\n"
         "7: iana none 2001:db8::/32 1999-07-01 other APNIC\n"
         "lines 9: used 4, version line or heading 1, too few fields 1, not an address or AS "
         "number 2, not a date 1; extended, ipv6\n"},
        {"a supplied date",
         HEAD FIRST,
         "file iana 2024-01-05 claims 0 version \"\"\n"
         "2: iana none 2001:db8::/32 1999-07-01 allocated APNIC\n"
         "lines 2: used 1, version line or heading 1; extended, ipv6\n",
         {.date = JANUARY_5}},
        {"no dates", HEAD "2001:db8::/32,APNIC,,,,ALLOCATED,\n",
         BAD_INPUT "text: no row states a date; give --date\n"},
        {"cut in a row", HEAD FIRST "2001:db8::/32,APN",
         "3? line rejected: too few fields: \"2001:db8::/32,APN\"\n" BAD_INPUT
         "text:3: the file is cut in the middle of a row\n"},
        {"cut in a note", HEAD FIRST "2001:db8::/32,APNIC,1999-07-01,,,ALLOCATED,\"a\nb\n",
         BAD_INPUT "text:4: the file is cut in the middle of a row\n"},
    };
    samples_check(samples, COUNT(samples));
}

static void test_ipv4(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {"months, leading zeros, legacy",
         HEAD "000/8,IANA - Local Identification,1981-09,,,RESERVED,[2]\n"
              "003/8,Administered by ARIN,1994-05,whois.arin.net,,LEGACY,\n"
              "192/8,Administered by ARIN,1993-05,,,LEGACY,\"see\nbelow\"\n"
              "203/8,APNIC,1993-05,,,ALLOCATED,\n255/8,Future use,,,,RESERVED,\n",
         "file iana 1994-05-01 claims 0 version \"\"\n"
         "2: iana none 0.0.0.0/8 1981-09-01 reserved IANA---Local-Identification\n"
         "3: iana none 3.0.0.0/8 1994-05-01 assigned Administered-by-ARIN\n"
         "4: iana none 192.0.0.0/8 1993-05-01 assigned Administered-by-ARIN\n"
         "6: iana none 203.0.0.0/8 1993-05-01 allocated APNIC\n"
         "7: iana none 255.0.0.0/8 - reserved Future-use\n"
         "lines 7: used 6, version line or heading 1; extended, ipv4\n"},
        {"no /8", HEAD "192/8,ARIN,1993-05,,,LEGACY,\n203/9,APNIC,1993-05,,,ALLOCATED,\n",
         "3? line rejected: not an address or AS number: \"203/9\"\n"
         "file iana 1993-05-01 claims 0 version \"\"\n"
         "2: iana none 192.0.0.0/8 1993-05-01 assigned ARIN\n"
         "lines 3: used 1, version line or heading 1, not an address or AS number 1; extended, "
         "ipv4\n"},
        {"heading only", HEAD, BAD_INPUT "text: 0 of 1 lines are no assignments\n"},
        {"more rejected than used", HEAD "256/8,X,1993-05,,,LEGACY,\n",
         "2? line rejected: not an address or AS number: \"256/8\"\n" BAD_INPUT
         "text: 1 of 2 lines are no assignments\n"},
    };
    samples_check(samples, COUNT(samples));
}

static void test_too_long(void **state)
{
    (void)state;
    struct buffer text = {0};
    struct log log = {0};
    buffer_text(&text, HEAD);
    while (text.length < (size_t)4200000)
        buffer_text(&text, FIRST);
    log_read(&log, text.at, text.length, NULL);
    assert_int_equal(log.code, ERR_LIMIT);
    assert_string_equal(log.err.text,
                        "text: longer than 4194304 bytes, too long for an IANA table");
    log_done(&log);
    buffer_done(&text);
}

static void test_altered(void **state)
{
    (void)state;
    static const char base[] =
        "# comment\n" HEAD FIRST "2001:db9::/32,RIPE NCC,2006-10,,,ALLOCATED,\"a\nb, \"\"c\"\"\"\n"
        "3fff::/20,IANA,1999-07-01,w,r,RESERVED,n\n" FIRST FIRST FIRST;
    struct chance chance = {4};
    struct buffer text = {0};
    const unsigned rounds = ROUNDS_OF(20000);
    unsigned taken = 0;
    for (unsigned round = 0; round < rounds; round++) {
        struct log log = {0};
        text.length = 0;
        buffer_text(&text, base);
        chance_alter(&chance, &text);
        log_read(&log, text.at, text.length, NULL);
        taken += log.code == 0;
        log_done(&log);
    }
    buffer_done(&text);
    assert_true(taken > rounds / 4 && taken < rounds);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ipv6),
        cmocka_unit_test(test_ipv4),
        cmocka_unit_test(test_too_long),
        cmocka_unit_test(test_altered),
    };
    return cmocka_run_group_tests_name("iana", tests, NULL, NULL);
}
