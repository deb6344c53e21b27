// SPDX-License-Identifier: Apache-2.0
//
// Tables of announced prefixes in text form.

#include "kinds.h"

#include "read/announced.h"
#include "support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a)  (sizeof(a) / sizeof *(a))
#define BAD_INPUT "refused, bad input: "
#define RIS_DAY   "% This file was generated at Mon Mar  4 10:06:01 UTC 2019.\n"
#define RIS_HEAD  "ris-whois-dump 2019-03-04 ris\n"

static const char ris[] =
    "%\n" RIS_DAY "\n% \n% Format:  <origin> <tab> <prefix> <tab> <seen by #rispeers>\n"
    "64496\t::/0\t1\n"
    "64496\t2001:db8::/32\t211\n"
    "{64496,64497}\t2001:db8:1::/48\t3\n"
    "{64496}\t3fff::/20\t12\n"
    "65551\t3fff::1/128\t1\n"
    "64499\t192.0.2.0/24\t7\n";

static void test_ris(void **state)
{
    (void)state;
    static const struct kinds_sample samples[] = {
        {"everything a dump has", ris,
         RIS_HEAD "6: ::/0 64496 by 1\n7: 2001:db8::/32 64496 by 211\n"
                  "8: 2001:db8:1::/48 set by 3\n9: 3fff::/20 set by 12\n"
                  "10: 3fff::1/128 65551 by 1\n11: 192.0.2.0/24 64499 by 7\npeers 211 7\n"
                  "lines 11: used 6, blank 1, comment 4\n"},
        {"without a date", "64496\t2001:db8::/32\t1\n",
         "ris-whois-dump - ris\n1: 2001:db8::/32 64496 by 1\npeers 1 0\nlines 1: used 1\n"},
        {"--date where the dump says none", "64496\t2001:db8::/32\t1\n",
         "ris-whois-dump 2024-01-05 ris\n1: 2001:db8::/32 64496 by 1\npeers 1 0\nlines 1: used 1\n",
         "riswhoisdump-20190304.IPv6", 19727},
        {"the day in the name", "64496\t2001:db8::/32\t1\n",
         "ris-whois-dump 2019-03-04 ris\n1: 2001:db8::/32 64496 by 1\npeers 1 0\nlines 1: used 1\n",
         "a/20240105/riswhoisdump-20190304.IPv6"},
        {"the dump's own day before the others", RIS_DAY "64496\t2001:db8::/32\t1\n",
         RIS_HEAD "2: 2001:db8::/32 64496 by 1\npeers 1 0\nlines 2: used 1, comment 1\n",
         "riswhoisdump-20200101", 19727},
        {"what cannot be is rejected",
         RIS_DAY "1\t2001:db8::/32\t1\n2\t2001:db8::/32\t1\n3\t2001:db8::/32\t1\n4\t2001:db8::/32\t"
                 "1\n5\t2001:db8::/32\t1\n6\t2001:db8::/32\t1\n7\t2001:db8::/32\t1\n"
                 "0\t2001:db8::/32\t1\nx\t2001:db8::/32\t1\n1\t2001:db8::/28\t1\n"
                 "1\t2001:db8::/129\t1\n1\tx/32\t1\n1\t2001:db8::/32\t-1\n1\t2001:db8::/32\n",
         RIS_HEAD "2: 2001:db8::/32 1 by 1\n3: 2001:db8::/32 2 by 1\n4: 2001:db8::/32 3 by 1\n"
                  "5: 2001:db8::/32 4 by 1\n6: 2001:db8::/32 5 by 1\n7: 2001:db8::/32 6 by 1\n"
                  "8: 2001:db8::/32 7 by 1\n"
                  "9? line rejected: not an origin: \"0\"\n"
                  "10? line rejected: not an origin: \"x\"\n"
                  "11? line rejected: start not on a boundary of its prefix length: "
                  "\"1\t2001:db8::/28\t1\"\n"
                  "12? line rejected: impossible prefix length or count: "
                  "\"1\t2001:db8::/129\t1\"\n"
                  "13? line rejected: not an address or AS number: \"x\"\n"
                  "14? line rejected: not a possible number: \"-1\"\n"
                  "15? line rejected: too few fields: \"1\t2001:db8::/32\"\n"
                  "peers 1 0\nlines 15: used 7, comment 1, too few fields 1, "
                  "not an address or AS number 1, impossible prefix length or count 1, "
                  "start not on a boundary of its prefix length 1, not an origin 2, "
                  "not a possible number 1\n"},
        {"cut", RIS_DAY "64496\t2001:db8::/32\t1\n64496\t3fff::/20\t10",
         RIS_HEAD "2: 2001:db8::/32 64496 by 1\n3: 3fff::/20 64496 by 10\n" BAD_INPUT
                  "text:3: the last line has no end; wanted a whole file\n"},
        {"more rejected than used", "1\t2001:db8::/32\t1\n1\tx/1\t1\n1\tx/1\t1\n",
         "ris-whois-dump - ris\n1: 2001:db8::/32 1 by 1\n"
         "2? line rejected: not an address or AS number: \"x\"\n"
         "3? line rejected: not an address or AS number: \"x\"\n" BAD_INPUT
         "text: 1 lines used, 2 rejected; wanted origin, prefix and peers, with tabs between\n"},
    };
    kinds_check(samples, COUNT(samples));
}

static void test_pfx2as(void **state)
{
    (void)state;
    static const struct kinds_sample samples[] = {
        {"two origins, a set, and both",
         "192.0.2.0\t24\t64496_64497\n198.51.100.0\t24\t64496,64497\n2001:db8::\t32\t64496_64497,"
         "64498\n3fff::\t20\t64496_64496\n203.0.113.0\t24\t1.10\n",
         "pfx2as 2019-03-04 route-views6\n1: 192.0.2.0/24 64496\n1: 192.0.2.0/24 64497\n"
         "2: 198.51.100.0/24 set\n3: 2001:db8::/32 64496\n3: 2001:db8::/32 set\n"
         "4: 3fff::/20 64496\n5: 203.0.113.0/24 65546\nlines 5: used 5\n",
         "routeviews-rv6-20190304-1200.pfx2as"},
        {"bad ones",
         "192.0.2.0\t24\t64496\n192.0.2.0\t24\t64496_\n192.0.2.0\t33\t1\n192.0.2.0\t24"
         "\t1\n192.0.2.0\t24\t2\n",
         "pfx2as - \n1: 192.0.2.0/24 64496\n2? line rejected: not an origin: \"64496_\"\n"
         "3? line rejected: impossible prefix length or count: \"192.0.2.0\t33\t1\"\n"
         "4: 192.0.2.0/24 1\n5: 192.0.2.0/24 2\nlines 5: used 3, "
         "impossible prefix length or count 1, not an origin 1\n"},
    };
    kinds_check(samples, COUNT(samples));
}

static void test_prefix_origin(void **state)
{
    (void)state;
    static const struct kinds_sample samples[] = {
        {"commas and a heading", "prefix,origin\n2001:db8::/32,AS64496\n\"192.0.2.0/24\",64497\n",
         "prefix-origin - \n2: 2001:db8::/32 64496\n3: 192.0.2.0/24 64497\n"
         "lines 3: used 2, version line or heading 1\n"},
        {"blanks, CRLF and a mark",
         "\xEF\xBB\xBF"
         "2001:db8::/32  64496\r\n3fff::/20 64497\r\n",
         "prefix-origin - \n1: 2001:db8::/32 64496\n2: 3fff::/20 64497\nlines 2: used 2\n"},
        {"with peers", "# mine\n2001:db8::/32,64496,12\n",
         "prefix-origin 2020-02-29 \n2: 2001:db8::/32 64496 by 12\npeers 12 0\n"
         "lines 2: used 1, comment 1\n",
         "mine-20200229.csv"},
        {"made by pyasn: the day of the file that it was made from",
         "; IP-ASN32-DAT file\n; Original file : Downloads/rib_v6v4.20151101.0600.bz2\n"
         "; Converted on  : Thu Nov 19 19:03:21 2015\n2001:db8::/32\t64496\n",
         "prefix-origin 2015-11-01 \n4: 2001:db8::/32 64496\nlines 4: used 1, comment 3\n"},
        {"made by pyasn: the day it was made, where nothing else is known",
         "; IP-ASN32-DAT file\n; Original file : rib.bz2\n; Converted on  : Thu Nov 19 19:03:21 "
         "2015\n2001:db8::/32\t64496\n",
         "prefix-origin 2015-11-19 \n4: 2001:db8::/32 64496\nlines 4: used 1, comment 3\n"},
    };
    kinds_check(samples, COUNT(samples));
}

static void test_prefix(void **state)
{
    (void)state;
    static const char *const good[] = {
        "::/0", "0.0.0.0/0", "2001:db8::/32", "2001:db8::1/128", "192.0.2.1/32", "8000::/1"};
    static const char *const bad[] = {"::1/0",      "::/129", "192.0.2.0/33", "192.0.2.1/31",
                                      "2001:db8::", "/32",    "::/",          "::/+1",
                                      "1/8",        "",       "192.0.2.0/24 "};
    struct announced a = {.length = 77};
    for (size_t i = 0; i < COUNT(good); i++)
        assert_true(announced_prefix(slice_of(good[i]), &a));
    a.length = 77;
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_false(announced_prefix(slice_of(bad[i]), &a));
    assert_int_equal(a.length, 77);
}

// As many records as lines, each with the numbers that were written.
static void test_many(void **state)
{
    (void)state;
    struct chance chance = {4};
    struct buffer text = {0}, wanted = {0};
    uint32_t most = 0;
    buffer_text(&wanted, "ris-whois-dump - ris\n");
    for (unsigned i = 1; i <= 20000; i++) {
        unsigned origin = 1 + chance_below(&chance, UINT32_MAX - 1),
                 site = chance_below(&chance, 65536);
        unsigned peers = 1 + chance_below(&chance, 400);
        buffer_format(&text, "%u\t2001:db8:%x::/48\t%u\n", origin, site | 1, peers);
        buffer_format(&wanted, "%u: 2001:db8:%x::/48 %u by %u\n", i, site | 1, origin, peers);
        most = peers > most ? peers : most;
    }
    buffer_format(&wanted, "peers %u 0\nlines 20000: used 20000\n", most);
    struct kinds_log log = {0};
    kinds_read(&log, "text", text.at, text.length, NULL);
    assert_string_equal(log.text.at, wanted.at);
    kinds_done(&log);
    buffer_done(&text);
    buffer_done(&wanted);
}

static void test_altered(void **state)
{
    (void)state;
    kinds_alter(ris, sizeof ris - 1, 3000, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ris),           cmocka_unit_test(test_pfx2as),
        cmocka_unit_test(test_prefix_origin), cmocka_unit_test(test_prefix),
        cmocka_unit_test(test_many),          cmocka_unit_test(test_altered),
    };
    return cmocka_run_group_tests_name("announced", tests, NULL, NULL);
}
