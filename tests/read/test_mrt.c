// SPDX-License-Identifier: Apache-2.0
//
// MRT records of every type and subtype, made by hand: what is read from them, what is said of the
// damaged ones, and that the rest of the file is read all the same.

#include "../rounds.h"
#include "mrt_bytes.h"
#include "read/mrt_text.h"
#include "support.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

struct heard {
    struct buffer text;
};

static int on_row(const struct mrt_row *row, void *arg)
{
    struct heard *h = arg;
    mrt_text_line(row, &h->text);
    return 0;
}

static int on_damaged(const struct mrt_damage *d, void *arg)
{
    struct heard *h = arg;
    buffer_format(&h->text, "%" PRIu64 " at %" PRIu64 ": %s\n", d->record->number,
                  d->record->offset, d->text);
    return 0;
}

static void add_count(struct buffer *out, const char *what, uint64_t count)
{
    if (count > 0)
        buffer_format(out, ", %s %" PRIu64, what, count);
}

static void add_result(struct buffer *out, const struct mrt_result *r)
{
    buffer_format(out, "records %" PRIu64, r->records);
    add_count(out, "tables of peers", r->peer_tables);
    add_count(out, "ribs", r->ribs);
    add_count(out, "messages", r->messages);
    add_count(out, "states", r->states);
    add_count(out, "multicast", r->multicast);
    add_count(out, "unknown", r->unknown);
    add_count(out, "damaged", r->damaged);
    buffer_text(out, r->cut ? ", cut\n" : "\n");
    assert_int_equal(r->records, r->peer_tables + r->ribs + r->messages + r->states + r->multicast +
                                     r->unknown + r->damaged);
}

// Reads the bytes in a block of their own, where one byte too far is seen.
static int hear_bytes(struct heard *h, const void *bytes, size_t length)
{
    struct source *s = NULL;
    struct err e = {0};
    struct mrt_result result;
    struct mrt_rows rows = {on_row, on_damaged, h};
    void *copy = malloc(length ? length : 1);
    memcpy(copy, bytes, length);
    assert_int_equal(source_open_memory("file", copy, length, NULL, &s, &e), 0);
    int code = mrt_rows(s, &rows, &result, &e);
    if (code)
        buffer_format(&h->text, "refused: %s\n", e.text);
    else
        add_result(&h->text, &result);
    source_close(&s);
    free(copy);
    return code;
}

struct mrt_sample {
    const char *name, *bytes, *wanted;
};

static void check(const struct mrt_sample *samples, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct heard h = {0};
        struct buffer bytes = {0};
        mrt_bytes(samples[i].bytes, &bytes);
        buffer_text(&h.text, "");
        hear_bytes(&h, bytes.at ? bytes.at : "", bytes.length);
        if (strcmp(h.text.at, samples[i].wanted) != 0)
            fail_msg("%s:\n%s\nwanted:\n%s", samples[i].name, h.text.at, samples[i].wanted);
        buffer_done(&bytes);
        buffer_done(&h.text);
    }
}

#define B4      "TABLE_DUMP2|1577836800|B|198.51.100.1|64496|"
#define B6      "TABLE_DUMP2|1577836800|B|2001:db8::1|65536|"
#define NOTHING "|0|0||NAG||\n"
#define RIB6    "{ 00000000 " DB8
#define RIB4    "{ 00000000 " TEST1

static void test_tables(void **state)
{
    (void)state;
    static const struct mrt_sample samples[] = {
        {"both encodings of reachability",
         PEERS V2(4) RIB6
         "0003" ROUTE(0, IGP PATH("02 #64496 #64511") "80 0e (10 20010db8000000000000000000000002)")
             ROUTE(1,
                   "40 01 (01)" PATH(
                       "01 #65536") "80 0e (0002 01 (20010db8000000000000000000000003) 00 " DB8 ")")
                 ROUTE(2, "40 01 (02)" PATH("01 #64497") "80 0e (20 "
                                                         "20010db8000000000000000000000004 "
                                                         "fe800000000000000000000000000001)") "}",
         B4 "2001:db8::/32|64496 64511|IGP|2001:db8::2" NOTHING B6
            "2001:db8::/32|65536|EGP|2001:db8::3" NOTHING
            "TABLE_DUMP2|1577836800|B|198.51.100.2|64497|2001:db8::/32|64497|INCOMPLETE|"
            "2001:db8::4" NOTHING "records 2, tables of peers 1, ribs 1\n"},
        {"all attributes",
         PEERS V2(2) RIB4
         "0001" ROUTE(0, IGP "50 02 [02 01 #64496 01 02 #64497 #65551]" NEXT_HOP
                             "80 04 (0000000a) 40 05 (00000064) 40 06 () c0 07 (#65551 c6336409)"
                             "c0 08 (fc00 0001 ffffff01 ffffff02 ffffff03 ffff029a)"
                             "c0 20 (#64496 00000001 ffffffff) e0 ff (00)") "}",
         B4 "192.0.2.0/24|64496 {64497,65551}|IGP|203.0.113.1|100|10|64512:1 no-export "
            "no-advertise local-AS 65535:666|AG|65551 198.51.100.9|\n"
            "records 2, tables of peers 1, ribs 1\n"},
        {"no attributes at all, and the default route",
         PEERS V2(2) "{ 00000000 00 0001" ROUTE(0, "") "}",
         B4 "0.0.0.0/0||INCOMPLETE|255.255.255.255" NOTHING
            "records 2, tables of peers 1, ribs 1\n"},
        {"a confederation",
         PEERS V2(2) RIB4 "0001" ROUTE(
             0, IGP "40 02 (03 02 #64512 #64513 04 02 #64514 #64515 02 01 #64496)" NEXT_HOP) "}",
         B4 "192.0.2.0/24|(64512 64513) [64514,64515] 64496|IGP|203.0.113.1" NOTHING
            "records 2, tables of peers 1, ribs 1\n"},
        {"bits behind the length are nothing",
         PEERS V2(2) "{ 00000000 11 c0ffff 0001" ROUTE(0, IGP PATH("01 #64496") NEXT_HOP) "}" V2(
             4) "{ 00000000 01 ff 0001" ROUTE(0, IGP PATH("01 #64496")) "}",
         B4 "192.255.128.0/17|64496|IGP|203.0.113.1" NOTHING B4
            "8000::/1|64496|IGP|255.255.255.255" NOTHING "records 3, tables of peers 1, ribs 2\n"},
        {"several paths of a peer",
         PEERS T "000d 000a" RIB6 "0002 0000" T "00000007 [" IGP PATH(
             "01 #64496") "] 0000" T "00000008 [" IGP PATH("01 #64497") "] }",
         "TABLE_DUMP2_AP|1577836800|B|198.51.100.1|64496|2001:db8::/32|7|64496|IGP|"
         "255.255.255.255" NOTHING
         "TABLE_DUMP2_AP|1577836800|B|198.51.100.1|64496|2001:db8::/32|8|64497|IGP|"
         "255.255.255.255" NOTHING "records 2, tables of peers 1, ribs 1\n"},
        {"generic records",
         PEERS V2(6) "{ 00000000 0002 01 " DB8 "0001" ROUTE(
             0, IGP) "}" T "000d 000c { 00000000 0001 01 00000009" TEST1
                     "0001" ROUTE(0, IGP) "}" V2(6) "{ 00000000 0002 80 00 0000 }" V2(
                         6) "{ 00000000 0019 41 00 0000 }",
         B4 "2001:db8::/32||IGP|255.255.255.255" NOTHING B4
            "192.0.2.0/24||IGP|255.255.255.255" NOTHING
            "records 5, tables of peers 1, ribs 2, multicast 2\n"},
        {"multicast is counted",
         PEERS V2(3) "{ 00 }" V2(5) "{}" V2(9) "{ 00 }" T "000d 000b { 00 }",
         "records 5, tables of peers 1, multicast 4\n"},
        {"two dumps, each with its own peers",
         PEERS V2(2) RIB4
         "0001" ROUTE(0, IGP) "}" V2(1) "{ c0000201 [] 0001 02 c0000209 cb007109 #64500 }" V2(2)
             RIB4 "0001" ROUTE(0, IGP) "}",
         B4 "192.0.2.0/24||IGP|255.255.255.255" NOTHING
            "TABLE_DUMP2|1577836800|B|203.0.113.9|64500|192.0.2.0/24||IGP|255.255.255.255" NOTHING
            "records 4, tables of peers 2, ribs 2\n"},
        {"a prefix that nobody has", PEERS V2(2) RIB4 "0000 }",
         "records 2, tables of peers 1, ribs 1\n"},
        {"an attribute twice: the first counts",
         PEERS V2(2) RIB4 "0001" ROUTE(0, IGP "40 01 (01)") "}",
         B4 "192.0.2.0/24||IGP|255.255.255.255" NOTHING "records 2, tables of peers 1, ribs 1\n"},
    };
    check(samples, COUNT(samples));
}

#define OLD4 "{ 0000 0001 c0000200 18 01" T "c6336401 ~64496 "
#define L1   "TABLE_DUMP|1577836800|B|198.51.100.1|64496|192.0.2.0/24|"

static void test_old_tables(void **state)
{
    (void)state;
    static const struct mrt_sample samples[] = {
        {"IPv4", V1(1) OLD4 "[" IGP "40 02 (02 02 ~64496 ~64497)" NEXT_HOP "] }",
         L1 "64496 64497|IGP|203.0.113.1" NOTHING "records 1, ribs 1\n"},
        {"IPv6",
         V1(2) "{ 0000 0001 20010db8000000000000000000000000 20 01" T
               "20010db8000000000000000000000001 ~64496 [" IGP "40 02 (02 01 ~64496)"
               "80 0e (0002 01 (20010db8000000000000000000000003) 00 " DB8 ")] }",
         "TABLE_DUMP|1577836800|B|2001:db8::1|64496|2001:db8::/32|64496|IGP|2001:db8::3" NOTHING
         "records 1, ribs 1\n"},
        {"two halves of a path",
         V1(1) OLD4 "[" IGP
                    "40 02 (02 03 ~64496 ~23456 ~23456) c0 11 (02 02 #65536 #65537)" NEXT_HOP "] }",
         L1 "64496 65536 65537|IGP|203.0.113.1" NOTHING "records 1, ribs 1\n"},
        {"the newer half is the longer one",
         V1(1) OLD4 "[" IGP "40 02 (02 01 ~23456) c0 11 (02 02 #65536 #65537)" NEXT_HOP "] }",
         L1 "23456|IGP|203.0.113.1" NOTHING "records 1, ribs 1\n"},
        {"a set counts one, and is taken whole",
         V1(1) OLD4 "[" IGP "40 02 (02 01 ~64496 01 02 ~64497 ~64498 02 01 ~23456)"
                    "c0 11 (02 01 #65536)" NEXT_HOP "] }",
         L1 "64496 {64497,64498} 65536|IGP|203.0.113.1" NOTHING "records 1, ribs 1\n"},
        {"a confederation before it stays, one in the newer half goes",
         V1(1) OLD4 "[" IGP "40 02 (03 01 ~64512 02 02 ~64496 ~23456)"
                    "c0 11 (03 01 #64513 02 01 #65536)" NEXT_HOP "] }",
         L1 "(64512) 64496 65536|IGP|203.0.113.1" NOTHING "records 1, ribs 1\n"},
        {"the aggregator's newer half",
         V1(1) OLD4 "[" IGP "40 02 (02 01 ~23456) c0 07 (~23456 c6336409) c0 11 (02 01 #65536)"
                    "c0 12 (#65537 c633640a)" NEXT_HOP "] }",
         L1 "65536|IGP|203.0.113.1|0|0||NAG|65537 198.51.100.10|\nrecords 1, ribs 1\n"},
        {"another has aggregated since: both newer halves are void",
         V1(1) OLD4 "[" IGP "40 02 (02 01 ~23456) c0 07 (~64499 c6336409) c0 11 (02 01 #65536)"
                    "c0 12 (#65537 c633640a)" NEXT_HOP "] }",
         L1 "23456|IGP|203.0.113.1|0|0||NAG|64499 198.51.100.9|\nrecords 1, ribs 1\n"},
        {"a newer half alone", V1(1) OLD4 "[" IGP "c0 11 (02 01 #65536)" NEXT_HOP "] }",
         L1 "|IGP|203.0.113.1" NOTHING "records 1, ribs 1\n"},
        {"neither IPv4 nor IPv6", V1(0) "{ 00 }" PEERS,
         "records 2, tables of peers 1, unknown 1\n"},
    };
    check(samples, COUNT(samples));
}

#define S2 "{ ~64496 ~64500 0000 0001 c6336401 c6336402 "
#define S4                                                                                         \
    "{ #65536 #64500 0000 0002 20010db8000000000000000000000001 "                                  \
    "20010db8000000000000000000000002 "
#define M2   "|1577836800|A|198.51.100.1|64496|192.0.2.0/24|"
#define UP   "02 [] [" IGP "40 02 (02 01 ~64496)" NEXT_HOP "] " TEST1
#define UP4  "02 [] [" IGP PATH("01 #65536") NEXT_HOP "] " TEST1
#define ROW4 "|1577836800|A|2001:db8::1|65536|192.0.2.0/24|65536|IGP|203.0.113.1" NOTHING

static void test_messages(void **state)
{
    (void)state;
    static const struct mrt_sample samples[] = {
        {"an update with old and new neighbours",
         BGP4MP(1) S2 "<02 [10 c633 18 cb0071] [" IGP "40 02 (02 01 ~64496)" NEXT_HOP
                      "80 0e (0002 01 (20010db8000000000000000000000003) 00 " DB8 "00)"
                      "80 0f (0002 01 30 20010db80001)] " TEST1 "> }",
         "BGP4MP|1577836800|W|198.51.100.1|64496|198.51.0.0/16\n"
         "BGP4MP|1577836800|W|198.51.100.1|64496|203.0.113.0/24\n"
         "BGP4MP|1577836800|W|198.51.100.1|64496|2001:db8:1::/48\n"
         "BGP4MP" M2 "64496|IGP|203.0.113.1" NOTHING
         "BGP4MP|1577836800|A|198.51.100.1|64496|2001:db8::/32|64496|IGP|2001:db8::3" NOTHING
         "BGP4MP|1577836800|A|198.51.100.1|64496|::/0|64496|IGP|2001:db8::3" NOTHING
         "records 1, messages 1\n"},
        {"IPv4 with its own family and an IPv6 next hop",
         BGP4MP(4) S4
         "<02 [] [" IGP PATH("01 #65536") "80 0e (0001 01 "
                                          "(20010db8000000000000000000000003) 00 " TEST1
                                          ") 80 0f (0001 02 " TEST1 ")]> }",
         "BGP4MP|1577836800|W|2001:db8::1|65536|192.0.2.0/24\n"
         "BGP4MP|1577836800|A|2001:db8::1|65536|192.0.2.0/24|65536|IGP|2001:db8::3" NOTHING
         "records 1, messages 1\n"},
        {"families without routes that are known",
         BGP4MP(4) S4 "<02 [] [80 0e (0001 80 () 00) 80 0f (4004 47)]> }",
         "records 1, messages 1\n"},
        {"two and four octets, received and sent",
         BGP4MP(1) S2 "<" UP "> }" BGP4MP(4) S4 "<" UP4 "> }" BGP4MP(6) S2 "<" UP "> }" BGP4MP(7) S4
         "<" UP4 "> }",
         "BGP4MP" M2 "64496|IGP|203.0.113.1" NOTHING "BGP4MP" ROW4 "BGP4MP_LOCAL" M2
         "64496|IGP|203.0.113.1" NOTHING "BGP4MP_LOCAL" ROW4 "records 4, messages 4\n"},
        {"with identifiers of paths",
         BGP4MP(9) S4 "<02 [00000001 10 c633] [" IGP PATH("01 #65536") NEXT_HOP
         "] 00000005 " TEST1 "> }" BGP4MP(8) S2 "<02 [] [" IGP "] 00000006 " TEST1 "> }" T
                                                "0010 000b " S4 "<02 [] [] 00000007 " TEST1 "> }" T
                                                "0010 000a " S2 "<02 [] [] 00000008 " TEST1 "> }",
         "BGP4MP_AP|1577836800|W|2001:db8::1|65536|198.51.0.0/16|1\n"
         "BGP4MP_AP|1577836800|A|2001:db8::1|65536|192.0.2.0/24|5|65536|IGP|203.0.113.1" NOTHING
         "BGP4MP_AP" M2 "6||IGP|255.255.255.255" NOTHING
         "BGP4MP_LOCAL_AP|1577836800|A|2001:db8::1|65536|192.0.2.0/24|7||INCOMPLETE|"
         "255.255.255.255" NOTHING "BGP4MP_LOCAL_AP" M2 "8||INCOMPLETE|255.255.255.255" NOTHING
         "records 4, messages 4\n"},
        {"identifiers of paths that nobody announced",
         BGP4MP(1) S2 "<02 [] [" IGP "] 00000001 " TEST1 "00000002 " TEST1 "> }",
         "BGP4MP_AP" M2 "1||IGP|255.255.255.255" NOTHING "BGP4MP_AP" M2
         "2||IGP|255.255.255.255" NOTHING "records 1, messages 1\n"},
        {"identifiers of paths that were announced and are not there",
         BGP4MP(9) S4 "<02 [] [80 0f (0002 01 30 20010db80001 30 20010db80002)]> }",
         "BGP4MP|1577836800|W|2001:db8::1|65536|2001:db8:1::/48\n"
         "BGP4MP|1577836800|W|2001:db8::1|65536|2001:db8:2::/48\n"
         "records 1, messages 1\n"},
        {"microseconds",
         ET(4) "{ 0000000c #65536 #64500 0000 0002 20010db8000000000000000000000001 "
               "20010db8000000000000000000000002 <" UP4 "> }",
         "BGP4MP_ET|1577836800.000012|A|2001:db8::1|65536|192.0.2.0/24|65536|IGP|"
         "203.0.113.1" NOTHING "records 1, messages 1\n"},
        {"changes of state", BGP4MP(0) S2 "0001 0003 }" BGP4MP(5) S4 "0005 0006 }",
         "BGP4MP|1577836800|STATE|198.51.100.1|64496|1|3\n"
         "BGP4MP|1577836800|STATE|2001:db8::1|65536|5|6\n"
         "records 2, states 2\n"},
        {"other messages", BGP4MP(1) S2 "<04> }" BGP4MP(1) S2 "<01 04 ~64496 00b4 c0000201 00> }",
         "records 2, messages 2\n"},
        {"what is known of but holds no routes", BGP4MP(2) "{ 00 }" BGP4MP(3) "{ 00 }",
         "records 2, unknown 2\n"},
    };
    check(samples, COUNT(samples));
}

#define GOOD      BGP4MP(0) S2 "0001 0003 } "
#define GOOD_LINE "BGP4MP|1577836800|STATE|198.51.100.1|64496|1|3\n"
#define ONE_WRONG GOOD_LINE "records 2, states 1, damaged 1\n"
#define RIB_WRONG GOOD_LINE "records 3, tables of peers 1, states 1, damaged 1\n"

static void test_damaged(void **state)
{
    (void)state;
    static const struct mrt_sample samples[] = {
        {"peers without end", V2(1) "{ c0000201 [] ffff 00 } " GOOD,
         "1 at 0: the table of peers goes beyond the end of the record\n" ONE_WRONG},
        {"the last peer is cut", V2(1) "{ c0000201 [] 0002 02 c0000202 c6336401 #64496 02 } " GOOD,
         "1 at 0: the table of peers goes beyond the end of the record\n" ONE_WRONG},
        {"no peers before", V2(2) RIB4 "0001 } " GOOD,
         "1 at 0: no table of peers stands before it\n" ONE_WRONG},
        {"a prefix too long", PEERS V2(2) "{ 00000000 21 c000020000 0000 } " GOOD,
         "2 at 72: its prefix is none\n" RIB_WRONG},
        {"a prefix cut", PEERS V2(4) "{ 00000000 80 20010db8 } " GOOD,
         "2 at 72: its prefix is none\n" RIB_WRONG},
        {"a peer that is none", PEERS V2(2) RIB4 "0001" ROUTE(3, IGP) "} " GOOD,
         "2 at 72: a route of a peer that is not in the table of peers\n" RIB_WRONG},
        {"fewer routes than stated", PEERS V2(2) RIB4 "0002" ROUTE(0, IGP) "} " GOOD,
         B4 "192.0.2.0/24||IGP|255.255.255.255" NOTHING
            "2 at 72: a route goes beyond the end of the record\n" RIB_WRONG},
        {"an attribute too long", PEERS V2(2) RIB4 "0001" ROUTE(0, "40 01 02 00") "} " GOOD,
         "2 at 72: an attribute goes beyond the end of its route\n" RIB_WRONG},
        {"a path that is cut", PEERS V2(2) RIB4 "0001" ROUTE(0, "40 02 (02 02 #64496)") "} " GOOD,
         "2 at 72: an AS path that is none\n" RIB_WRONG},
        {"a path of an unknown kind", PEERS V2(2) RIB4 "0001" ROUTE(0, "40 02 (05 00)") "} " GOOD,
         "2 at 72: an AS path that is none\n" RIB_WRONG},
        {"numbers of other lengths",
         PEERS V2(2) RIB4 "0001" ROUTE(0, "40 03 (cb0071)") "}" V2(2) RIB4 "0001" ROUTE(
             0, "80 04 (00)") "}" V2(2) RIB4 "0001" ROUTE(0, "40 05 (0000000000)") "}" V2(2) RIB4
         "0001" ROUTE(0, "c0 08 (000000)") "}" V2(2) RIB4
         "0001" ROUTE(0, "c0 20 (00000000)") "}" V2(2) RIB4
         "0001" ROUTE(0, "c0 07 (00000000000000)") "}" V2(2) RIB4
         "0001" ROUTE(0, "40 01 ()") "}" V2(2) RIB4 "0001" ROUTE(0, "80 0e (10 2001)") "}" GOOD,
         "2 at 72: a next hop that is no address\n3 at 108: a metric that is no number\n"
         "4 at 142: a local preference that is no number\n5 at 180: a part of a community\n"
         "6 at 216: a part of a large community\n7 at 253: an odd aggregator\n"
         "8 at 293: an empty origin\n9 at 326: a list of reachable prefixes that is cut\n" GOOD_LINE
         "records 10, tables of peers 1, states 1, damaged 8\n"},
        {"an old route that is cut", V1(1) OLD4 "0010 } " GOOD,
         "1 at 0: the route goes beyond the end of the record\n" ONE_WRONG},
        {"an old prefix that is none",
         V1(1) "{ 0000 0001 c0000200 21 01" T "c6336401 ~64496 [] }" GOOD,
         "1 at 0: its prefix is none\n" ONE_WRONG},
        {"a session over something else", BGP4MP(1) "{ ~64496 ~64500 0000 0003 } " GOOD,
         "1 at 0: a session over neither IPv4 nor IPv6\n" ONE_WRONG},
        {"a session that is cut", BGP4MP(1) "{ ~64496 ~64500 0000 0001 c6336401 } " GOOD,
         "1 at 0: the session goes beyond the end of the record\n" ONE_WRONG},
        {"a state that is cut", BGP4MP(0) S2 "0001 } " GOOD,
         "1 at 0: the change of state goes beyond the end of the record\n" ONE_WRONG},
        {"no message", BGP4MP(1) S2 "00000000000000000000000000000000 0013 04 } " GOOD,
         "1 at 0: no BGP message\n" ONE_WRONG},
        {"a message that is cut",
         BGP4MP(1) S2 "ffffffffffffffffffffffffffffffff 0020 02 0000 } " GOOD,
         "1 at 0: the BGP message goes beyond the end of the record\n" ONE_WRONG},
        {"an update that is cut", BGP4MP(1) S2 "<02 [] 00ff> } " GOOD,
         "1 at 0: an update's parts go beyond its end\n" ONE_WRONG},
        {"a prefix that is cut", BGP4MP(1) S2 "<02 [] [] 18 c000> } " GOOD,
         "1 at 0: a prefix goes beyond the end of its list\n" ONE_WRONG},
        {"a time that is cut", ET(0) "{ 0000 } " GOOD,
         "1 at 0: it is too short for its time\n" ONE_WRONG},
    };
    check(samples, COUNT(samples));
}

static void test_framing(void **state)
{
    (void)state;
    static const struct mrt_sample samples[] = {
        {"empty", "", "refused: file: empty\n"},
        {"nothing of ours", "00 11 22 33 44 55 66 77 88 99 aa bb cc dd ee ff",
         "1 at 0: no record begins here\nrefused: file: no MRT file: not one whole record in it\n"},
        {"unknown types", T "0020 0000 { 00112233 }" GOOD T "0030 0001 {}",
         GOOD_LINE "records 3, states 1, unknown 2\n"},
        {"unknown subtypes", T "000d 0007 { 00112233 }" GOOD,
         GOOD_LINE "records 2, states 1, unknown 1\n"},
        {"rubbish between records", GOOD "00112233445566778899aabbccddeeff0011" GOOD,
         GOOD_LINE "2 at 32: no record begins here\n" GOOD_LINE "records 3, states 2, damaged 1\n"},
        {"a length that is wrong",
         GOOD T "0010 0000 00000020 ~64496 ~64500 0000 0001 c6336401 c6336402 0001 0003" GOOD GOOD,
         GOOD_LINE GOOD_LINE "3 at 76: no record begins here\n" GOOD_LINE
                             "records 4, states 3, damaged 1\n"},
        {"a length beyond all limits", GOOD T "000d 0002 ffffffff 0011223344" GOOD,
         GOOD_LINE "2 at 32: no record begins here\n" GOOD_LINE "records 3, states 2, damaged 1\n"},
        {"cut in a header", GOOD T "0010",
         GOOD_LINE "2 at 32: the file ends within this record\n"
                   "records 2, states 1, damaged 1, cut\n"},
        {"cut in a body", GOOD T "0010 0000 00000014 0011",
         GOOD_LINE "2 at 32: the file ends within this record\n"
                   "records 2, states 1, damaged 1, cut\n"},
    };
    check(samples, COUNT(samples));
}

static void test_probe(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        bool is;
    } cases[] = {
        {PEERS, true},
        {GOOD GOOD, true},
        {V1(1) OLD4 "[] }", true},
        {ET(4) "{ 00 }", true},
        {"", false},
        {T "0010 0000", false},
        {"61736e2c6e616d652c636f756e7472790a", false},
        {T "000d 0002 ffffffff", false},
        {GOOD "ffffffffffffffffffffffff", false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buffer bytes = {0};
        mrt_bytes(cases[i].bytes, &bytes);
        if (mrt_probe(bytes.at, bytes.length) != cases[i].is)
            fail_msg("probe: %s", cases[i].bytes);
        buffer_done(&bytes);
    }
}

// A record larger than the reader's buffer, others around it, and each cut of the file: what comes
// before the cut is the same.
static void test_large(void **state)
{
    (void)state;
    struct buffer bytes = {0};
    struct heard h = {0};
    mrt_bytes(PEERS, &bytes);
    mrt_bytes(V2(2) "000a0012 00000000 " TEST1 "4000", &bytes);
    size_t length = bytes.length - 10;
    for (unsigned i = 0; i < 0x4000; i++)
        mrt_bytes(ROUTE(0, IGP PATH("03 #64496 #64497 #64498") NEXT_HOP), &bytes);
    for (unsigned i = 0; i < 4; i++)
        bytes.at[length - 4 + i] = (char)((bytes.length - length) >> 8 * (3 - i));
    mrt_bytes(GOOD, &bytes);
    assert_int_equal(hear_bytes(&h, bytes.at, bytes.length), 0);
    const char *line = B4 "192.0.2.0/24|64496 64497 64498|IGP|203.0.113.1" NOTHING;
    for (unsigned i = 0; i < 0x4000; i++)
        assert_memory_equal(h.text.at + i * strlen(line), line, strlen(line));
    assert_string_equal(h.text.at + 0x4000 * strlen(line),
                        GOOD_LINE "records 3, tables of peers 1, ribs 1, states 1\n");
    buffer_done(&h.text);
    buffer_done(&bytes);
}

static const char *const bases[] = {
    PEERS V2(4) RIB6
    "0002" ROUTE(0, IGP PATH("02 #64496 #64511") "80 0e (10 20010db8000000000000000000000002)")
        ROUTE(1, IGP PATH("01 #65536") "c0 08 (fc000001)") "}" GOOD,
    V1(1) OLD4 "[" IGP "40 02 (02 03 ~64496 ~23456 ~23456) c0 11 (02 02 #65536 #65537)" NEXT_HOP
               "] }" V1(1) OLD4 "[] }" GOOD,
    BGP4MP(1) S2 "<" UP "> }" BGP4MP(9) S4 "<02 [00000001 10 c633] [" IGP "] 00000005 " TEST1
                                           "> }" GOOD,
};

// Bytes changed at random: every record has one fate, no text of a row is odd, nothing is read
// beyond the end.
static void test_altered(void **state)
{
    (void)state;
    struct chance chance = {7};
    const unsigned rounds = ROUNDS_OF(30000);
    unsigned taken = 0, damaged = 0;
    for (unsigned round = 0; round < rounds; round++) {
        struct buffer bytes = {0};
        struct heard h = {0};
        mrt_bytes(bases[round % COUNT(bases)], &bytes);
        for (unsigned n = 1 + chance_below(&chance, 3); n > 0; n--)
            bytes.at[chance_below(&chance, (unsigned)bytes.length)] = (char)chance_next(&chance);
        if (chance_below(&chance, 10) == 0)
            bytes.length = chance_below(&chance, (unsigned)bytes.length);
        buffer_text(&h.text, "");
        taken += hear_bytes(&h, bytes.at, bytes.length) == 0;
        damaged += strstr(h.text.at, "damaged") != NULL;
        buffer_done(&h.text);
        buffer_done(&bytes);
    }
    assert_true(taken > rounds / 6 * 5 && damaged > rounds / 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tables),   cmocka_unit_test(test_old_tables),
        cmocka_unit_test(test_messages), cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_framing),  cmocka_unit_test(test_probe),
        cmocka_unit_test(test_large),    cmocka_unit_test(test_altered),
    };
    return cmocka_run_group_tests_name("mrt", tests, NULL, NULL);
}
