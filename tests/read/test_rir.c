// SPDX-License-Identifier: Apache-2.0
//
// The RIR statistics exchange format: what becomes of every kind of line, what is told, what is
// refused and with which sentence; random files against a naive reader; altered files.

#include "../rounds.h"
#include "support.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

#define COUNT(a)  (sizeof(a) / sizeof *(a))
#define HEAD      "2|apnic|20240105|0||20240104|+1000\n"
#define STARTED   "file apnic 2024-01-04 claims 0 version \"2\"\n"
#define GOOD      "apnic|JP|ipv6|2001:db8::|32|19990813|allocated\n"
#define GOOD_2    "2: apnic JP 2001:db8::/32 1999-08-13 allocated \n"
#define GOOD_3    "3: apnic JP 2001:db8::/32 1999-08-13 allocated \n"
#define BAD_INPUT "refused, bad input: "
#define REJECTED  "? line rejected: "
#define JANUARY_5 19727 // 2024

// One rejected or odd line between the version line and good ones.
#define BESIDE_GOOD(line)  HEAD line GOOD
#define ONE_REJECTED(text) STARTED "2" REJECTED text "\n" GOOD_3

static void test_versions(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {"version 1, RIPE's old name",
         "1|ripe|20240105|1|19920101|20240105|00000\n"
         "ripe|*|ipv4|*|1|summary\n"
         "ripe|GB|ipv4|192.0.2.0|256|19930901|allocated\n",
         "file ripencc 2024-01-05 claims 1 version \"1\"\n"
         "3: ripencc GB 192.0.2.0/24 1993-09-01 allocated \n"
         "lines 3: used 1, version line or heading 1, summary 1; plain, ipv4\n"},
        {"version 2, plain, all three families",
         "2|apnic|20240105|3||20240104|+1000\n"
         "apnic|*|asn|*|1|summary\n"
         "apnic|*|ipv4|*|1|summary\n"
         "apnic|*|ipv6|*|1|summary\n"
         "apnic|AU|asn|64496|16|20020801|allocated\n"
         "apnic|AU|ipv4|198.51.100.0|131|20110811|assigned\n" GOOD,
         "file apnic 2024-01-04 claims 3 version \"2\"\n"
         "5: apnic AU AS64496 - AS64511 2002-08-01 allocated \n"
         "6: apnic AU 198.51.100.0 - 198.51.100.130 2011-08-11 assigned \n"
         "7: apnic JP 2001:db8::/32 1999-08-13 allocated \n"
         "lines 7: used 3, version line or heading 1, summary 3; plain, ipv6, ipv4, asn\n"},
        {"version 2.3, extended, with an extra column",
         "2.3|arin|1704456000000|3|19700101|20240105|-0500\n"
         "arin|US|ipv6|2001:db8::|32|20240105|allocated|a1b2|e-stats|more\n"
         "arin||ipv6|2001:db9::|32||reserved|\n"
         "arin|ZZ|ipv6|2001:dba::|32|00000000|available\n",
         "file arin 2024-01-05 claims 3 version \"2.3\"\n"
         "2: arin US 2001:db8::/32 2024-01-05 allocated a1b2\n"
         "3: arin none 2001:db9::/32 - reserved \n"
         "4: arin ZZ 2001:dba::/32 - available \n"
         "lines 4: used 3, version line or heading 1; extended, ipv6\n"},
        {"the NRO's combined file",
         "2|nro|20240105|4|19820101|20240105|+0000\n"
         "apnic|JP|ipv6|2001:db8::|32|19990813|allocated|A1\n"
         "ripencc|DE|ipv4|192.0.2.0|256|20100101|assigned|B2\n"
         "iana|ZZ|asn|64496|1||reserved|ietf\n"
         "nro|DE|ipv4|198.51.100.0|256|20100101|assigned\n"
         "table|DE|ipv4|198.51.100.0|256|20100101|assigned\n",
         "file nro 2024-01-05 claims 4 version \"2\"\n"
         "2: apnic JP 2001:db8::/32 1999-08-13 allocated A1\n"
         "3: ripencc DE 192.0.2.0/24 2010-01-01 assigned B2\n"
         "4: iana ZZ AS64496 - reserved ietf\n"
         "5" REJECTED "unknown registry: \"nro\"\n"
         "6" REJECTED "unknown registry: \"table\"\n"
         "0? record count does not fit: the version line says 4 records, the file has 5\n"
         "lines 6: used 3, version line or heading 1, unknown registry 2; extended, ipv6, ipv4, "
         "asn\n"},
        {"IANA's file in the same format",
         "2|iana|20240105|2|19830705|20240105|+0000\n"
         "iana|*|ipv4|*|1|summary\n"
         "iana||ipv4|192.0.2.0|256||reserved|ietf|iana\n"
         "iana||asn|65536|16|20081201|reserved|ietf|iana\n",
         "file iana 2024-01-05 claims 2 version \"2\"\n"
         "3: iana none 192.0.2.0/24 - reserved ietf\n"
         "4: iana none AS65536 - AS65551 2008-12-01 reserved ietf\n"
         "lines 4: used 2, version line or heading 1, summary 1; extended, ipv4, asn\n"},
    };
    samples_check(samples, COUNT(samples));
}

static void test_dates_of_snapshots(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {"no end date: the serial", "2|apnic|20240105|0|||\n" GOOD,
         "file apnic 2024-01-05 claims 0 version \"2\"\n" GOOD_2
         "lines 2: used 1, version line or heading 1; plain, ipv6\n"},
        {"serial in seconds, four fields", "2|apnic|1704412800|0\n" GOOD,
         "file apnic 2024-01-05 claims 0 version \"2\"\n" GOOD_2
         "lines 2: used 1, version line or heading 1; plain, ipv6\n"},
        {"serial in milliseconds", "2|apnic|1704499199999|0||\n" GOOD,
         "file apnic 2024-01-05 claims 0 version \"2\"\n" GOOD_2
         "lines 2: used 1, version line or heading 1; plain, ipv6\n"},
        {"end date with hyphens", "2|apnic|7|0||2024-01-05|\n" GOOD,
         "file apnic 2024-01-05 claims 0 version \"2\"\n" GOOD_2
         "lines 2: used 1, version line or heading 1; plain, ipv6\n"},
        {"no date at all", "2|apnic|20241305|0||20240230|+1000\n" GOOD,
         BAD_INPUT "text:1: the file states no date; give --date\n"},
        {"no date, supplied",
         "2|apnic||0||00000000|+1000\n" GOOD,
         "0? date or registry supplied: supplied by the user: apnic 2024-01-05\n"
         "file apnic 2024-01-05 claims 0 version \"2\"\n" GOOD_2
         "lines 2: used 1, version line or heading 1; plain, ipv6\n",
         {.date = JANUARY_5}},
        {"a stated date is not overruled",
         HEAD GOOD,
         STARTED GOOD_2 "lines 2: used 1, version line or heading 1; plain, ipv6\n",
         {.has_registry = true, .registry = REGISTRY_ARIN, .date = JANUARY_5}},
        {"no version line, supplied",
         "apnic|*|ipv6|*|1|summary\n" GOOD,
         "0? date or registry supplied: supplied by the user: apnic 2024-01-05\n"
         "file apnic 2024-01-05 claims 0 version \"\"\n" GOOD_2
         "lines 2: used 1, summary 1; plain, ipv6\n",
         {.has_registry = true, .registry = REGISTRY_APNIC, .date = JANUARY_5}},
        {"no version line, registry without date",
         GOOD,
         BAD_INPUT "text:1: the file states no date; give --date\n",
         {.has_registry = true, .registry = REGISTRY_APNIC, .date = DATE_NONE}},
        {"no version line, date without registry",
         "\n" GOOD,
         BAD_INPUT "text:2: no version line; wanted \"2|registry|...\", or --registry and --date "
                   "to say what the file is\n",
         {.date = JANUARY_5}},
        {"no version line", "# a comment\n\n" GOOD,
         BAD_INPUT "text:3: no version line; wanted \"2|registry|...\", or --registry and --date "
                   "to say what the file is\n"},
        {"a version line of nobody", "2|example|20240105|0||20240104|+1000\n" GOOD,
         BAD_INPUT "text:1: no version line; wanted \"2|registry|...\", or --registry and --date "
                   "to say what the file is\n"},
        {"a version line of a table", "2|table|20240105|0||20240104|+1000\n" GOOD,
         BAD_INPUT "text:1: no version line; wanted \"2|registry|...\", or --registry and --date "
                   "to say what the file is\n"},
    };
    samples_check(samples, COUNT(samples));
}

static void test_lines_around(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {"CRLF",
         "2|apnic|20240105|1||20240104|+1000\r\n\r\n# x\r\n"
         "apnic|JP|ipv6|2001:db8::|32|19990813|allocated\r\n",
         "file apnic 2024-01-04 claims 1 version \"2\"\n"
         "4: apnic JP 2001:db8::/32 1999-08-13 allocated \n"
         "lines 4: used 1, blank 1, comment 1, version line or heading 1; plain, ipv6\n"},
        {"comments and blank lines before and between", "#\n# x|y|z\n \t\n" HEAD "\n" GOOD "#\n",
         "file apnic 2024-01-04 claims 0 version \"2\"\n"
         "6: apnic JP 2001:db8::/32 1999-08-13 allocated \n"
         "lines 7: used 1, blank 2, comment 3, version line or heading 1; plain, ipv6\n"},
        {"a line that begins with a blank", BESIDE_GOOD(" apnic|JP|ipv6|2001:db8::|32||assigned\n"),
         ONE_REJECTED(
             "unknown registry: \" apnic|JP|ipv6|2001:db8::|32||assigned\"") "lines 3: used 1, "
                                                                             "version line or "
                                                                             "heading 1, unknown "
                                                                             "registry 1; plain, "
                                                                             "ipv6\n"},
        {"a summary for a type that is not known", HEAD "apnic|*|ipv9|*|7|summary\n" GOOD,
         STARTED GOOD_3 "lines 3: used 1, version line or heading 1, summary 1; plain, ipv6\n"},
        {"a summary alone speaks about its family", HEAD "apnic|*|asn|*|0|summary\n" GOOD,
         STARTED GOOD_3
         "lines 3: used 1, version line or heading 1, summary 1; plain, ipv6, asn\n"},
        {"a last good line without its end", HEAD "apnic|JP|ipv6|2001:db8::|32|19990813|allocated",
         STARTED GOOD_2 "2? no end of the last line: the last line has no end\n"
                        "lines 2: used 1, version line or heading 1; plain, ipv6\n"},
        {"a last comment without its end", HEAD GOOD "# end",
         STARTED GOOD_2 "3? no end of the last line: the last line has no end\n"
                        "lines 3: used 1, comment 1, version line or heading 1; plain, ipv6\n"},
        {"no records at all", HEAD, STARTED "lines 1: used 0, version line or heading 1; plain\n"},
    };
    samples_check(samples, COUNT(samples));
}

static void test_rejected(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {"too few fields", BESIDE_GOOD("apnic|JP|ipv6|2001:db8::|32|19990813\n"),
         ONE_REJECTED(
             "too few fields: \"apnic|JP|ipv6|2001:db8::|32|19990813\"") "lines 3: used 1, version "
                                                                         "line or heading 1, too "
                                                                         "few fields 1; plain, "
                                                                         "ipv6\n"},
        {"unknown registry", BESIDE_GOOD("example|JP|ipv6|2001:db8::|32|19990813|allocated\n"),
         ONE_REJECTED("unknown registry: \"example\"") "lines 3: used 1, version line or heading "
                                                       "1, unknown registry 1; plain, ipv6\n"},
        {"no registry", BESIDE_GOOD("|JP|ipv6|2001:db8::|32|19990813|allocated\n"),
         ONE_REJECTED("unknown registry") "lines 3: used 1, version line or heading 1, unknown "
                                          "registry 1; plain, ipv6\n"},
        {"not an address", BESIDE_GOOD("apnic|JP|ipv6|2001:db8:::|32|19990813|allocated\n"),
         ONE_REJECTED(
             "not an address or AS number: \"2001:db8:::\"") "lines 3: used 1, version line or "
                                                             "heading 1, not an address or AS "
                                                             "number 1; plain, ipv6\n"},
        {"an address of the other family", BESIDE_GOOD("apnic|JP|ipv4|2001:db8::|32|2000|x\n"),
         ONE_REJECTED(
             "not an address or AS number: \"2001:db8::\"") "lines 3: used 1, version line or "
                                                            "heading 1, not an address or AS "
                                                            "number 1; plain, ipv6\n"},
        {"an AS number too large", BESIDE_GOOD("apnic|JP|asn|4294967296|1|19990813|allocated\n"),
         ONE_REJECTED(
             "not an address or AS number: \"4294967296\"") "lines 3: used 1, version line or "
                                                            "heading 1, not an address or AS "
                                                            "number 1; plain, ipv6\n"},
        {"a prefix length of 129", BESIDE_GOOD("apnic|JP|ipv6|::|129|19990813|allocated\n"),
         ONE_REJECTED(
             "impossible prefix length or count: \"129\"") "lines 3: used 1, version line or "
                                                           "heading 1, impossible prefix length or "
                                                           "count 1; plain, "
                                                           "ipv6\n"},
        {"no value", BESIDE_GOOD("apnic|JP|ipv6|::||19990813|allocated\n"),
         ONE_REJECTED(
             "impossible prefix length or count") "lines 3: used 1, version line or heading 1, "
                                                  "impossible prefix length or count 1; plain, "
                                                  "ipv6\n"},
        {"a count of 0", BESIDE_GOOD("apnic|JP|ipv4|192.0.2.0|0|19990813|allocated\n"),
         ONE_REJECTED("impossible prefix length or count: \"0\"") "lines 3: used 1, version line "
                                                                  "or heading 1, impossible prefix "
                                                                  "length or count 1; plain, "
                                                                  "ipv6\n"},
        {"a negative count", BESIDE_GOOD("apnic|JP|ipv4|192.0.2.0|-1|19990813|allocated\n"),
         ONE_REJECTED(
             "impossible prefix length or count: \"-1\"") "lines 3: used 1, version line or "
                                                          "heading 1, impossible prefix length or "
                                                          "count 1; plain, "
                                                          "ipv6\n"},
        {"behind the last address", BESIDE_GOOD("apnic|JP|ipv4|255.255.255.0|257|19990813|x\n"),
         ONE_REJECTED(
             "impossible prefix length or count: \"257\"") "lines 3: used 1, version line or "
                                                           "heading 1, impossible prefix length or "
                                                           "count 1; plain, "
                                                           "ipv6\n"},
        {"behind the last AS number", BESIDE_GOOD("apnic|JP|asn|4294967295|2|19990813|x\n"),
         ONE_REJECTED("impossible prefix length or count: \"2\"") "lines 3: used 1, version line "
                                                                  "or heading 1, impossible prefix "
                                                                  "length or count 1; plain, "
                                                                  "ipv6\n"},
        {"bits beyond the prefix", BESIDE_GOOD("apnic|JP|ipv6|2001:db8:1::|32|19990813|assigned\n"),
         ONE_REJECTED(
             "start not on a boundary of its prefix length: \"2001:db8:1::\"") "lines 3: used 1, "
                                                                               "version line or "
                                                                               "heading 1, start "
                                                                               "not on a boundary "
                                                                               "of its prefix "
                                                                               "length "
                                                                               "1; plain, ipv6\n"},
        {"not a date", BESIDE_GOOD("apnic|JP|ipv6|2001:db8::|32|19990230|allocated\n"),
         ONE_REJECTED("not a date: \"19990230\"") "lines 3: used 1, version line or heading 1, not "
                                                  "a date 1; plain, ipv6\n"},
        {"a date cut short", BESIDE_GOOD("apnic|JP|ipv6|2001:db8::|32|1999|allocated\n"),
         ONE_REJECTED("not a date: \"1999\"") "lines 3: used 1, version line or heading 1, not a "
                                              "date 1; plain, ipv6\n"},
        {"a holder with a blank", BESIDE_GOOD("apnic|JP|ipv6|::|32|19990813|allocated|a b\n"),
         ONE_REJECTED(
             "opaque-id too long or not printable") "lines 3: used 1, version line or heading 1, "
                                                    "opaque-id too long or not printable 1; "
                                                    "plain, ipv6\n"},
        {"a holder in UTF-8", BESIDE_GOOD("apnic|JP|ipv6|::|32||allocated|12345678\xc3\xa9\n"),
         ONE_REJECTED(
             "opaque-id too long or not printable") "lines 3: used 1, version line or heading 1, "
                                                    "opaque-id too long or not printable 1; "
                                                    "plain, ipv6\n"},
    };
    samples_check(samples, COUNT(samples));
}

static void test_limits_taken(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {"the ends of the number lines",
         HEAD "apnic|JP|ipv6|::|0|19990813|allocated\n"
              "apnic|JP|ipv6|ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff|128|19990813|allocated\n"
              "apnic|JP|ipv4|255.255.255.255|1|19990813|allocated\n"
              "apnic|JP|ipv4|0.0.0.1|4294967295|19990813|allocated\n"
              "apnic|JP|asn|4294967295|1|99991231|allocated\n"
              "apnic|JP|asn|0|4294967295|00010101|allocated\n",
         STARTED "2: apnic JP ::/0 1999-08-13 allocated \n"
                 "3: apnic JP ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128 1999-08-13 allocated \n"
                 "4: apnic JP 255.255.255.255/32 1999-08-13 allocated \n"
                 "5: apnic JP 0.0.0.1 - 255.255.255.255 1999-08-13 allocated \n"
                 "6: apnic JP AS4294967295 9999-12-31 allocated \n"
                 "7: apnic JP AS0 - AS4294967294 0001-01-01 allocated \n"
                 "lines 7: used 6, version line or heading 1; plain, ipv6, ipv4, asn\n"},
    };
    samples_check(samples, COUNT(samples));
}

static void test_findings(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {"odd country codes",
         HEAD "apnic|jp|asn|64496|1|19990813|allocated\n"
              "apnic|JPN|asn|64497|1|19990813|allocated\n"
              "apnic|J1|asn|64498|1|19990813|allocated\n"
              "apnic|EU|asn|64499|1|19990813|allocated\n"
              "apnic||asn|64500|1|19990813|allocated\n",
         STARTED "2? odd country code: country code \"jp\"\n"
                 "2: apnic JP AS64496 1999-08-13 allocated \n"
                 "3? odd country code: country code \"JPN\"\n"
                 "3: apnic ?? AS64497 1999-08-13 allocated \n"
                 "4? odd country code: country code \"J1\"\n"
                 "4: apnic ?? AS64498 1999-08-13 allocated \n"
                 "5: apnic EU AS64499 1999-08-13 allocated \n"
                 "6: apnic none AS64500 1999-08-13 allocated \n"
                 "lines 6: used 5, version line or heading 1; plain, asn\n"},
        {"unknown status and type, capitals",
         HEAD "apnic|JP|asn|64496|1|19990813|legacy\n"
              "apnic|JP|domain|example|1|19990813|allocated\n"
              "apnic|JP|asn|64497|1|19990813|ALLOCATED\n"
              "APNIC|JP|asn|64498|1|19990813|\n",
         STARTED "2? unknown status: status \"legacy\"\n"
                 "2: apnic JP AS64496 1999-08-13 other \n"
                 "3? unknown type: type \"domain\"\n"
                 "4: apnic JP AS64497 1999-08-13 allocated \n"
                 "5? unknown status: status \"\"\n"
                 "5: apnic JP AS64498 1999-08-13 other \n"
                 "lines 5: used 3, version line or heading 1, unknown type of resource 1; plain, "
                 "asn\n"},
        {"a delegation without a date",
         HEAD "apnic|JP|asn|64496|1||allocated\n"
              "apnic|JP|asn|64497|1|00000000|assigned\n"
              "apnic||asn|64498|1||available\n",
         STARTED "2? delegation without date: delegation without a date\n"
                 "2: apnic JP AS64496 - allocated \n"
                 "3? delegation without date: delegation without a date\n"
                 "3: apnic JP AS64497 - assigned \n"
                 "4: apnic none AS64498 - available \n"
                 "lines 4: used 3, version line or heading 1; extended, asn\n"},
        {"a record that names another registry",
         HEAD "ripencc|DE|asn|64496|1|19990813|allocated\n" GOOD,
         STARTED "2? record of another registry: the record names ripencc\n"
                 "2: apnic DE AS64496 1999-08-13 allocated \n" GOOD_3
                 "lines 3: used 2, version line or heading 1; plain, ipv6, asn\n"},
    };
    samples_check(samples, COUNT(samples));
}

static void test_counts(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {"fewer records than claimed", "2|apnic|20240105|2||20240104|+1000\n" GOOD,
         "file apnic 2024-01-04 claims 2 version \"2\"\n" GOOD_2 BAD_INPUT
         "text:2: the file is cut: 1 records, the version line says 2\n"},
        {"more records than claimed", "2|apnic|20240105|1||20240104|+1000\n" GOOD GOOD,
         "file apnic 2024-01-04 claims 1 version \"2\"\n" GOOD_2 GOOD_3
         "0? record count does not fit: the version line says 1 records, the file has 2\n"
         "lines 3: used 2, version line or heading 1; plain, ipv6\n"},
        {"summaries counted as records",
         "2|apnic|20240105|2||20240104|+1000\napnic|*|ipv6|*|1|summary\n" GOOD,
         "file apnic 2024-01-04 claims 2 version \"2\"\n" GOOD_3
         "0? record count does not fit: the version line says 2 records, the file has 1\n"
         "lines 3: used 1, version line or heading 1, summary 1; plain, ipv6\n"},
        {"lines that are rejected or of no known type are counted",
         "2|apnic|20240105|3||20240104|+1000\n" GOOD "apnic|JP|x|y|1||allocated\napnic|?\n",
         "file apnic 2024-01-04 claims 3 version \"2\"\n" GOOD_2
         "3? unknown type: type \"x\"\n4" REJECTED "too few fields: \"apnic|?\"\n"
         "lines 4: used 1, version line or heading 1, unknown type of resource 1, too few fields "
         "1; plain, ipv6\n"},
        {"a claim that is no number", "2|apnic|20240105|many||20240104|+1000\n" GOOD,
         STARTED GOOD_2 "lines 2: used 1, version line or heading 1; plain, ipv6\n"},
        {"a summary that does not fit",
         HEAD "apnic|*|ipv6|*|2|summary\napnic|*|asn|*|1|summary\n" GOOD,
         STARTED "4: apnic JP 2001:db8::/32 1999-08-13 allocated \n"
                 "0? summary does not fit: the ipv6 summary says 2, the file has 1 records\n"
                 "0? summary does not fit: the asn summary says 1, the file has 0 records\n"
                 "lines 4: used 1, version line or heading 1, summary 2; plain, ipv6, asn\n"},
        {"LACNIC counts AS numbers that it does not list",
         "2|lacnic|20240105|6|||\nlacnic|*|ipv4|*|1|summary\nlacnic|*|asn|*|5|summary\n"
         "lacnic|*|ipv6|*|0|summary\n"
         "lacnic|BR|ipv4|192.0.2.0|256|20100101|assigned\n"
         "lacnic|BR|asn|64496|1|20100101|assigned\nlacnic|BR|asn|64497|1|20100101|assigned\n"
         "lacnic|BR|asn|64498|1|20100101|assigned\nlacnic|BR|asn|64499|1|20100101|assigned\n",
         "file lacnic 2024-01-05 claims 6 version \"2\"\n"
         "5: lacnic BR 192.0.2.0/24 2010-01-01 assigned \n"
         "6: lacnic BR AS64496 2010-01-01 assigned \n7: lacnic BR AS64497 2010-01-01 assigned \n"
         "8: lacnic BR AS64498 2010-01-01 assigned \n9: lacnic BR AS64499 2010-01-01 assigned \n"
         "0? record count does not fit: the version line says 6 records, the file has 5\n"
         "0? summary does not fit: the asn summary says 5, the file has 4 records\n"
         "lines 9: used 5, version line or heading 1, summary 3; plain, ipv6, ipv4, asn\n"},
        {"LACNIC without addresses is cut all the same",
         "2|lacnic|20240105|9|||\nlacnic|*|ipv4|*|2|summary\nlacnic|*|asn|*|5|summary\n"
         "lacnic|BR|asn|64496|1|20100101|assigned\n",
         "file lacnic 2024-01-05 claims 9 version \"2\"\n"
         "4: lacnic BR AS64496 2010-01-01 assigned \n" BAD_INPUT
         "text:4: the file is cut: 1 records, the version line says 9\n"},
        {"another registry's AS numbers are not explained so",
         "2|apnic|20240105|5|||\napnic|*|asn|*|5|summary\n"
         "apnic|JP|asn|64496|1|20100101|assigned\napnic|JP|asn|64497|1|20100101|assigned\n"
         "apnic|JP|asn|64498|1|20100101|assigned\n",
         "file apnic 2024-01-05 claims 5 version \"2\"\n"
         "3: apnic JP AS64496 2010-01-01 assigned \n4: apnic JP AS64497 2010-01-01 assigned \n"
         "5: apnic JP AS64498 2010-01-01 assigned \n" BAD_INPUT
         "text:5: the file is cut: 3 records, the version line says 5\n"},
    };
    samples_check(samples, COUNT(samples));
}

static void test_refused(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {"empty", "", BAD_INPUT "text: empty\n"},
        {"comments only", "# a\n\n#\n", BAD_INPUT "text:3: comments only; wanted a version line\n"},
        {"two downloads in one file", HEAD GOOD HEAD GOOD,
         STARTED GOOD_2 BAD_INPUT "text:3: a second version line; wanted one download a file\n"},
        {"cut within the fields", HEAD GOOD "apnic|JP|ipv6|2001:db9::|32|1999",
         STARTED GOOD_2 "3" REJECTED
                        "too few fields: \"apnic|JP|ipv6|2001:db9::|32|1999\"\n" BAD_INPUT
                        "text:3: the file is cut in the middle of a line\n"},
        {"cut within the status", HEAD GOOD "apnic|JP|ipv6|2001:db9::|32|19990813|allocat",
         STARTED GOOD_2 "3? unknown status: status \"allocat\"\n"
                        "3: apnic JP 2001:db9::/32 1999-08-13 other \n" BAD_INPUT
                        "text:3: the file is cut in the middle of a line\n"},
        {"more lines rejected than used", HEAD GOOD "<html>\n</html>\n",
         STARTED GOOD_2 "3" REJECTED "too few fields: \"<html>\"\n4" REJECTED
                        "too few fields: \"</html>\"\n" BAD_INPUT
                        "text: 2 of 4 lines are no records; wanted RIR statistics\n"},
        {"a page of the web", "<!DOCTYPE html>\n<title>404</title>\n",
         BAD_INPUT "text:1: no version line; wanted \"2|registry|...\", or --registry and --date "
                   "to say what the file is\n"},
    };
    samples_check(samples, COUNT(samples));
}

static void test_nul_bytes(void **state)
{
    (void)state;
    static const char text[] = HEAD GOOD "apnic|JP|ipv6|\0|32|19990813|allocated\n" GOOD;
    struct log log = {0};
    log_read(&log, text, sizeof text - 1, NULL);
    assert_string_equal(log.text.at, BAD_INPUT "text:3: a NUL byte: not a text file\n");
    log_done(&log);
}

// ---- lengths

static void add_padded(struct buffer *text, size_t length, const char *end)
{
    static const char record[] = "apnic|JP|ipv6|2001:db8::|32|19990813|allocated||";
    buffer_text(text, record);
    for (size_t i = sizeof record - 1; i < length; i++)
        buffer_char(text, 'x');
    buffer_text(text, end);
}

static void expect_padded(size_t length, const char *end, bool good_behind, const char *wanted)
{
    struct buffer text = {0};
    struct log log = {0};
    buffer_text(&text, HEAD);
    add_padded(&text, length, end);
    if (good_behind)
        buffer_text(&text, GOOD);
    log_read(&log, text.at, text.length, NULL);
    assert_string_equal(log.text.at, wanted);
    log_done(&log);
    buffer_done(&text);
}

#define TOO_LONG STARTED "2" REJECTED "line too long\n"

static void test_lengths(void **state)
{
    (void)state;
    expect_padded(LINE_MAX_BYTES, "\n", true,
                  STARTED GOOD_2 GOOD_3
                  "lines 3: used 2, version line or heading 1; plain, ipv6\n");
    static const size_t too_long[] = {LINE_MAX_BYTES + 1, 65535, 65536, 65537, 131072, 200000};
    for (size_t i = 0; i < COUNT(too_long); i++) {
        expect_padded(too_long[i], "\n", true,
                      TOO_LONG GOOD_3
                      "lines 3: used 1, version line or heading 1, line too long 1; plain, ipv6\n");
        expect_padded(too_long[i], "", false,
                      TOO_LONG BAD_INPUT "text:2: the file is cut in the middle of a line\n");
    }
}

static void test_holder_lengths(void **state)
{
    (void)state;
    for (size_t length = 1; length <= HOLDER_MAX + 1; length++) {
        struct buffer text = {0};
        struct log log = {0};
        buffer_text(&text, HEAD GOOD "apnic|JP|asn|64496|1|19990813|allocated|");
        for (size_t i = 0; i < length; i++) // from ! to {
            buffer_char(&text, (char)('!' + (i * 7 + length) % 91));
        buffer_text(&text, "\n");
        log_read(&log, text.at, text.length, NULL);
        assert_int_equal(log.code, 0);
        assert_int_equal(log.result.fates.used, length <= HOLDER_MAX ? 2 : 1);
        for (size_t i = 1; i <= length && length <= HOLDER_MAX; i++) { // each place matters
            char *p = text.at + text.length - 1 - i, kept = *p;
            static const char odd[] = {'\x01', ' ', '\x7f', '\x80', '\xff'};
            *p = odd[i % COUNT(odd)];
            struct log again = {0};
            log_read(&again, text.at, text.length, NULL);
            assert_int_equal(again.result.fates.rejected[REJECTED_HOLDER], 1);
            log_done(&again);
            *p = kept;
            if (length > 40)
                i += 10;
        }
        log_done(&log);
        buffer_done(&text);
    }
}

// ---- a naive reader

static bool digits_only(const char *s, unsigned long limit, unsigned long *ret)
{
    if (*s == '\0' || strlen(s) > 12 || s[strspn(s, "0123456789")] != '\0')
        return false;
    *ret = strtoul(s, NULL, 10);
    return *ret <= limit;
}

static bool naive_date(const char *s, char text[48])
{
    static const unsigned days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    unsigned long n;
    snprintf(text, 48, "-");
    if (*s == '\0' || strcmp(s, "00000000") == 0)
        return true;
    if (strlen(s) != 8 || !digits_only(s, 99999999, &n))
        return false;
    unsigned long year = n / 10000, month = n / 100 % 100, day = n % 100;
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (year < 1 || month < 1 || month > 12 || day < 1 ||
        day > days[month - 1] + (month == 2 && leap))
        return false;
    snprintf(text, 48, "%04lu-%02lu-%02lu", year, month, day);
    return true;
}

// The block as text, or false.
static bool naive_block(char **field, char text[BLOCK_TEXT_MAX])
{
    unsigned char bytes[16];
    unsigned long value, first;
    struct block b = {FAMILY_IPV6, 0, 0};
    if (strcmp(field[2], "ipv6") == 0) {
        if (inet_pton(AF_INET6, field[3], bytes) != 1 || !digits_only(field[4], 128, &value))
            return false;
        for (unsigned bit = (unsigned)value; bit < 128; bit++)
            if (bytes[bit / 8] >> (7 - bit % 8) & 1)
                return false;
        for (unsigned i = 0; i < 16; i++)
            b.start = b.start << 8 | bytes[i];
    } else {
        struct in_addr address;
        bool ipv4 = strcmp(field[2], "ipv4") == 0;
        b.family = ipv4 ? FAMILY_IPV4 : FAMILY_ASN;
        if (ipv4 ? inet_pton(AF_INET, field[3], &address) != 1
                 : !digits_only(field[3], UINT32_MAX, &first))
            return false;
        b.start = ipv4 ? ntohl(address.s_addr) : first;
        if (!digits_only(field[4], UINT32_MAX, &value) || value == 0 ||
            b.start + value - 1 > UINT32_MAX)
            return false;
    }
    b.value = value;
    block_format(&b, text);
    return true;
}

static void naive_line(char *line, unsigned long number, struct buffer *out)
{
    char *field[16] = {0}, *rest = line, day[48], block[BLOCK_TEXT_MAX];
    unsigned count = 0;
    while (count < 16 && (field[count] = strsep(&rest, "|")) != NULL)
        count++;
    if (count < 7 || strcasecmp(field[0], "apnic") != 0)
        return;
    if (strcmp(field[2], "ipv6") != 0 && strcmp(field[2], "ipv4") != 0 &&
        strcmp(field[2], "asn") != 0)
        return;
    const char *holder = count > 7 ? field[7] : "", *status = "other", *country = field[1];
    static const char *const statuses[] = {"allocated", "assigned", "available", "reserved"};
    for (unsigned i = 0; i < 4; i++)
        if (strcasecmp(field[6], statuses[i]) == 0)
            status = statuses[i];
    if (*country == '\0')
        country = "none";
    else if (strlen(country) != 2 || country[0] < 'A' || country[1] < 'A')
        country = "??";
    for (const char *p = holder; *p; p++)
        if (*p <= ' ' || *p > '~')
            return;
    if (naive_block(field, block) && naive_date(field[5], day))
        buffer_format(out, "%lu: apnic %s %s %s %s %s\n", number, country, block, day, status,
                      holder);
}

static void naive_read(const struct buffer *text, struct buffer *out)
{
    char *copy = strdup(text->at), *rest = copy, *line;
    unsigned long number = 0;
    assert_non_null(copy);
    while ((line = strsep(&rest, "\n")) != NULL) {
        number++;
        size_t length = strlen(line);
        if (length > 0 && line[length - 1] == '\r')
            line[length - 1] = '\0';
        if (number > 1 && line[0] != '#' && line[0] != '\0')
            naive_line(line, number, out);
    }
    free(copy);
}

static const char *pick(struct chance *c, const char *const *words, unsigned count)
{
    return words[chance_below(c, count)];
}

static void add_random_record(struct chance *c, struct buffer *text)
{
    static const char *const economies[] = {"JP", "KE", "CN", "", "J", "1A", "ABC"};
    static const char *const types[] = {"ipv6", "ipv6", "ipv6", "ipv4", "ipv4", "asn", "dns"};
    static const char *const starts[] = {"2001:db8::",
                                         "3fff:100::",
                                         "::",
                                         "2001:db8:8000::",
                                         "2001:DB8:0:0:0:0:0:0",
                                         "192.0.2.0",
                                         "198.51.100.128",
                                         "203.0.113.255",
                                         "64496",
                                         "4294967295",
                                         "0",
                                         "x"};
    static const char *const values[] = {"32", "48",         "24",         "0", "128", "129", "256",
                                         "1",  "4294967295", "4294967296", "",  "-1",  "08"};
    static const char *const days[] = {"20240105", "20000229", "19000229", "00000000",
                                       "",         "20231301", "2024010",  "19700101"};
    static const char *const states[] = {"allocated", "assigned", "available", "reserved",
                                         "Assigned",  "legacy",   ""};
    static const char *const tails[] = {
        "", "|", "|A1B2", "|0123456789abcdef-0123456789", "|a|b|c", "|bad id", "\r"};
    buffer_format(text, "apnic|%s|%s|%s|%s|%s|%s%s\n", pick(c, economies, COUNT(economies)),
                  pick(c, types, COUNT(types)), pick(c, starts, COUNT(starts)),
                  pick(c, values, COUNT(values)), pick(c, days, COUNT(days)),
                  pick(c, states, COUNT(states)), pick(c, tails, COUNT(tails)));
}

static void add_good_record(struct chance *c, struct buffer *text)
{
    unsigned n = chance_below(c, 65536);
    switch (chance_below(c, 3)) {
    case 0:
        buffer_format(text, "apnic|KE|ipv6|2001:db8:%x::|%u|2020%02u%02u|allocated|h%u\n", n,
                      48 + n % 17, 1 + n % 12, 1 + n % 28, n % 100);
        break;
    case 1:
        buffer_format(text, "apnic|IN|ipv4|198.51.100.%u|%u|20100101|assigned\n", n % 128,
                      1 + n % 128);
        break;
    default:
        buffer_format(text, "apnic||asn|%u|1||reserved|\n", 64496 + n % 16);
    }
}

// Enough good records that the file is not refused.
static void make_file(struct chance *c, unsigned good, unsigned odd, struct buffer *text)
{
    buffer_text(text, HEAD);
    for (unsigned left = good + odd; left > 0; left--) {
        bool is_odd = chance_below(c, left) < odd;
        is_odd ? add_random_record(c, text) : add_good_record(c, text);
        odd -= is_odd;
        if (chance_below(c, 30) == 0)
            buffer_text(text, chance_below(c, 2) ? "\r\n" : "# comment|1|2\n");
    }
}

static void test_naive(void **state)
{
    (void)state;
    struct chance chance = {1};
    for (unsigned round = 0; round < ROUNDS_OF(2000); round++) {
        struct buffer text = {0}, wanted = {0};
        struct log log = {.records_only = true};
        make_file(&chance, 40, chance_below(&chance, 40), &text);
        naive_read(&text, &wanted);
        log_read(&log, text.at, text.length, NULL);
        assert_int_equal(log.code, 0);
        assert_string_equal(log.text.at, wanted.at);
        log_done(&log);
        buffer_done(&wanted);
        buffer_done(&text);
    }
}

// Whatever a file becomes: its lines are counted, its records are valid, or it is refused with a
// place.
static void test_altered(void **state)
{
    (void)state;
    struct chance chance = {2};
    struct buffer text = {0};
    const unsigned rounds = ROUNDS_OF(20000);
    unsigned taken = 0, refused = 0;
    for (unsigned round = 0; round < rounds; round++) {
        if (round % 50 == 0) {
            text.length = 0;
            make_file(&chance, 20, 5, &text);
        }
        size_t length = text.length;
        char *kept = malloc(length);
        assert_non_null(kept);
        memcpy(kept, text.at, length);
        chance_alter(&chance, &text);
        struct log log = {0};
        log_read(&log, text.at, text.length, NULL);
        log.code ? refused++ : taken++;
        if (log.code)
            assert_memory_equal(log.err.text, "text:", 5);
        log_done(&log);
        text.length = 0;
        buffer_add(&text, kept, length);
        free(kept);
    }
    buffer_done(&text);
    assert_true(taken > rounds / 4 && refused > rounds / 40);
}

// ---- where a line meets the end of the reader's buffer

static void expect_same(const struct buffer *text, bool packed, const struct buffer *wanted)
{
    struct log log = {.records_only = true};
    struct buffer gzip = {0};
    if (packed)
        pack_gzip(text->at, text->length, &gzip);
    log_read(&log, packed ? gzip.at : text->at, packed ? gzip.length : text->length, NULL);
    assert_int_equal(log.code, 0);
    assert_int_equal(log.text.length, wanted->length);
    assert_memory_equal(log.text.at, wanted->at, wanted->length);
    log_done(&log);
    buffer_done(&gzip);
}

static void test_chunks(void **state)
{
    (void)state;
    struct chance chance = {3};
    struct buffer body = {0}, wanted = {0};
    make_file(&chance, 4500, 500, &body);
    assert_true(body.length > 200000);
    for (unsigned pad = 0; pad < 90; pad++) {
        struct buffer text = {0};
        buffer_text(&text, HEAD "#");
        for (unsigned i = 0; i < pad; i++)
            buffer_char(&text, 'x');
        buffer_text(&text, "\n");
        buffer_add(&text, body.at + strlen(HEAD), body.length - strlen(HEAD));
        if (pad == 0)
            naive_read(&text, &wanted);
        expect_same(&text, false, &wanted);
        if (pad % 10 == 0)
            expect_same(&text, true, &wanted);
        buffer_done(&text);
    }
    buffer_done(&wanted);
    buffer_done(&body);
}

// ---- a handler that has enough

static int stop(const struct record *r, void *arg)
{
    unsigned *left = arg;
    (void)r;
    return (*left)-- == 0 ? ERR_STOPPED : 0;
}

static void test_stopped(void **state)
{
    (void)state;
    unsigned left = 1;
    struct read_handler handler = {.record = stop, .arg = &left};
    struct read_result result = {.fates = {.lines = 77}};
    struct source *source;
    static const char text[] = HEAD GOOD GOOD GOOD;
    assert_int_equal(source_open_memory("text", text, strlen(text), NULL, &source, NULL), 0);
    assert_int_equal(read_input(source, NULL, &handler, &result, NULL), ERR_STOPPED);
    assert_int_equal(result.fates.lines, 77);
    source_close(&source);
    handler = (struct read_handler){0};
    assert_int_equal(source_open_memory("text", text, strlen(text), NULL, &source, NULL), 0);
    assert_int_equal(read_input(source, NULL, &handler, &result, NULL), 0);
    assert_int_equal(result.fates.used, 3);
    source_close(&source);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_versions),       cmocka_unit_test(test_dates_of_snapshots),
        cmocka_unit_test(test_lines_around),   cmocka_unit_test(test_rejected),
        cmocka_unit_test(test_limits_taken),   cmocka_unit_test(test_findings),
        cmocka_unit_test(test_counts),         cmocka_unit_test(test_refused),
        cmocka_unit_test(test_nul_bytes),      cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_holder_lengths), cmocka_unit_test(test_naive),
        cmocka_unit_test(test_altered),        cmocka_unit_test(test_chunks),
        cmocka_unit_test(test_stopped),
    };
    return cmocka_run_group_tests_name("rir", tests, NULL, NULL);
}
