// SPDX-License-Identifier: Apache-2.0
//
// What routing tables in MRT announce: by hand, and random tables against a naive recount.

#include "mrt_bytes.h"
#include "read/announced.h"
#include "read/mrt.h"
#include "support.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

static int on_header(const struct announced_header *h, void *arg)
{
    char text[DATE_TEXT_MAX];
    buffer_format(arg, "%s %s\n", date_format(h->date, text),
                  h->collector[0] ? h->collector : "nobody");
    return 0;
}

static int on_announced(const struct announced *a, void *arg)
{
    char text[ADDRESS_TEXT_MAX];
    buffer_format(arg, "%" PRIu64 ": %s/%u %u %u\n", a->line,
                  address_format(a->family, a->start, text), a->length, a->origin, a->peers);
    return 0;
}

static int on_finding(const struct finding *f, void *arg)
{
    buffer_format(arg, "%" PRIu64 "? %s\n", f->line, f->text);
    return 0;
}

static void hear(const void *bytes, size_t length, struct buffer *out)
{
    struct source *s = NULL;
    struct err e = {0};
    struct announced_handler handler = {on_header, on_announced, on_finding, out};
    struct announced_result r;
    assert_int_equal(source_open_memory("file", bytes, length, NULL, &s, &e), 0);
    buffer_text(out, "");
    if (mrt_announced(s, NULL, &handler, &r, &e))
        buffer_format(out, "refused: %s\n", e.text);
    else
        buffer_format(out, "%" PRIu64 " of %" PRIu64 " used; ipv6 %u/%u ipv4 %u/%u\n", r.fates.used,
                      r.fates.lines, r.peers_full[FAMILY_IPV6], r.peers[FAMILY_IPV6],
                      r.peers_full[FAMILY_IPV4], r.peers[FAMILY_IPV4]);
    source_close(&s);
}

#define FROM(peer, path) ROUTE(peer, IGP path)
#define ONE(asn)         PATH("01 #" #asn)
#define R6               V2(4) "{ 00000000 " DB8
#define R4               V2(2) "{ 00000000 " TEST1
#define HEAD             "2020-01-01 rv\n"

static void test_samples(void **state)
{
    (void)state;
    static const struct {
        const char *name, *bytes, *wanted;
    } samples[] = {
        {"one origin",
         PEERS R6 "0003" FROM(0, ONE(64511)) FROM(1, ONE(64511)) FROM(2, ONE(64511)) "}",
         HEAD "2: 2001:db8::/32 64511 3\n1 of 2 used; ipv6 3/3 ipv4 0/0\n"},
        {"two origins and a set",
         PEERS R6 "0003" FROM(0, ONE(64511)) FROM(1, "40 02 (01 02 #64510 #64509)")
             FROM(2, ONE(64500)) "}",
         HEAD "2: 2001:db8::/32 0 1\n2: 2001:db8::/32 64500 1\n2: 2001:db8::/32 64511 1\n"
              "1 of 2 used; ipv6 3/3 ipv4 0/0\n"},
        {"the peer originates: no path, or one that ends in a confederation",
         PEERS R6 "0003" FROM(0, "") FROM(1, "40 02 ()")
             FROM(2, "40 02 (02 01 #64510 03 01 #64512)") "}",
         HEAD "2: 2001:db8::/32 64496 1\n2: 2001:db8::/32 64497 1\n2: 2001:db8::/32 65536 1\n"
              "1 of 2 used; ipv6 3/3 ipv4 0/0\n"},
        {"a peer with two paths counts once",
         PEERS T "000d 000a { 00000000 " DB8 "0003 0000" T "00000001 [" ONE(
             64511) "] 0000" T "00000002 [" ONE(64511) "] 0001" T "00000001 [" ONE(64511) "] }",
         HEAD "2: 2001:db8::/32 64511 2\n1 of 2 used; ipv6 2/2 ipv4 0/0\n"},
        {"a peer that stands twice in a record counts once",
         PEERS R6 "0003" FROM(0, ONE(64511)) FROM(1, ONE(64511)) FROM(0, ONE(64511)) "}",
         HEAD "2: 2001:db8::/32 64511 2\n1 of 2 used; ipv6 2/2 ipv4 0/0\n"},
        {"records of one prefix are one prefix",
         PEERS R6 "0001" FROM(0, ONE(64511)) "}" R6 "0001" FROM(1, ONE(64511)) "}" R4 "0001" FROM(
             1, ONE(64511)) "}",
         HEAD "3: 2001:db8::/32 64511 2\n4: 192.0.2.0/24 64511 1\n"
              "3 of 4 used; ipv6 2/2 ipv4 1/1\n"},
        {"full tables",
         PEERS R4 "0003" FROM(0, ONE(64511)) FROM(1, ONE(64511))
             FROM(2, ONE(64511)) "}" V2(2) "{ 00000000 18 c63364 0002" FROM(0, ONE(64511))
                 FROM(1, ONE(64511)) "}" V2(2) "{ 00000000 18 cb0071 0001" FROM(0, ONE(64511)) "}",
         HEAD "2: 192.0.2.0/24 64511 3\n3: 198.51.100.0/24 64511 2\n4: 203.0.113.0/24 64511 1\n"
              "3 of 4 used; ipv6 0/0 ipv4 2/3\n"},
        {"old tables have no name, and a route a record",
         V1(1) "{ 0000 0001 c0000200 18 01" T "c6336401 ~64496 [40 02 (02 01 ~23456) c0 11 (02 01 "
               "#65536)] }" V1(1) "{ 0000 0002 c0000200 18 01" T
                                  "c6336402 ~64497 [40 02 (02 01 ~64511)] }",
         "2020-01-01 nobody\n2: 192.0.2.0/24 64511 1\n2: 192.0.2.0/24 65536 1\n"
         "2 of 2 used; ipv6 0/0 ipv4 2/2\n"},
        {"a collector without a view goes by its identifier",
         V2(1) "{ c0000201 [] 0001 02 c0000202 c6336401 #64496 }" R4 "0001" FROM(0, ONE(64511)) "}",
         "2020-01-01 192.0.2.1\n2: 192.0.2.0/24 64511 1\n1 of 2 used; ipv6 0/0 ipv4 1/1\n"},
        {"a router's own route is nobody's",
         V2(1) "{ c0000201 [] 0001 02 00000000 00000000 #0 }" R4 "0001" FROM(0, "") "}",
         "2020-01-01 192.0.2.1\n1 of 2 used; ipv6 0/0 ipv4 0/0\n"},
        {"a damaged record leaves nothing behind",
         PEERS R6 "0002" FROM(0, ONE(64511))
             FROM(1, "40 02 (02 03 #64511)") "}" R4 "0001" FROM(0, ONE(64511)) "}",
         HEAD "2? damaged: an AS path that is none, at byte 72\n3: 192.0.2.0/24 64511 1\n"
              "1 of 3 used; ipv6 0/0 ipv4 1/1\n"},
        {"messages only", T "0010 0000 { ~64496 ~64500 0000 0001 c6336401 c6336402 0001 0003 }",
         "refused: file: no route of a table in 1 records (0 messages); wanted a routing table\n"},
        {"cut", PEERS R4 "0001" FROM(0, ONE(64511)) "}" T "000d",
         HEAD "3? damaged: the file ends within this record, at byte 115\n"
              "2: 192.0.2.0/24 64511 1\n"
              "refused: file: record 3: the file is cut within it; wanted a whole file\n"},
        {"another day",
         PEERS R4 "0000 }"
                  "5e0d3280 000d 0002 { 00000000 " TEST1 "0000 }"
                  "5e0fd580 000d 0002 { 00000000 " TEST1 "0000 }",
         HEAD "refused: file: record 4: a table of another day than the first; wanted one day's "
              "tables in a file\n"},
        {"more damaged than not", PEERS V2(2) "{ 00 }" V2(2) "{ 00 }" R4 "0000 }",
         "2? damaged: its prefix is none, at byte 72\n3? damaged: its prefix is none, at byte "
         "85\n" HEAD "refused: file: 1 records used, 2 damaged\n"},
    };
    for (size_t i = 0; i < COUNT(samples); i++) {
        struct buffer bytes = {0}, text = {0};
        mrt_bytes(samples[i].bytes, &bytes);
        hear(bytes.at, bytes.length, &text);
        if (strcmp(text.at, samples[i].wanted) != 0)
            fail_msg("%s:\n%s\nwanted:\n%s", samples[i].name, text.at, samples[i].wanted);
        buffer_done(&bytes);
        buffer_done(&text);
    }
}

// ---- random tables

#define PEER_COUNT   12
#define PREFIX_COUNT 40

static void put(struct buffer *out, uint64_t value, unsigned bytes)
{
    while (bytes-- > 0)
        buffer_char(out, (char)(value >> 8 * bytes));
}

static void add_peers(struct buffer *out)
{
    mrt_bytes(T "000d 0001", out);
    put(out, 8 + 13 * PEER_COUNT, 4);
    mrt_bytes("c0000201 [] 000c", out);
    for (unsigned i = 0; i < PEER_COUNT; i++) {
        mrt_bytes("02 c0000202", out);
        put(out, 0xc6336400 + i, 4);
        put(out, 64496 + i, 4);
    }
}

// Adds a route with random attributes around a path of random segments; returns its origin.
static uint32_t add_route(struct chance *c, unsigned peer, struct buffer *out)
{
    struct buffer path = {0};
    uint32_t origin = 64496 + peer;
    for (unsigned n = chance_below(c, 4); n > 0; n--) {
        unsigned type = 1 + chance_below(c, 4), ases = chance_below(c, 4);
        put(&path, type, 1);
        put(&path, ases, 1);
        for (unsigned i = 0; i < ases; i++) {
            uint32_t asn = 65536 + chance_below(c, 3);
            put(&path, asn, 4);
            origin = type == 2 ? asn : type == 1 ? 0 : 64496 + peer;
        }
    }
    bool before = chance_below(c, 2), wide = chance_below(c, 2);
    put(out, peer, 2);
    put(out, 0, 4);
    put(out, path.length + (before ? 4 : 0) + (wide ? 4 : 3) + 7, 2);
    if (before)
        mrt_bytes(IGP, out);
    put(out, wide ? 0x5002 : 0x4002, 2);
    put(out, path.length, wide ? 2 : 1);
    buffer_add(out, path.at ? path.at : "", path.length);
    mrt_bytes(NEXT_HOP, out);
    buffer_done(&path);
    return origin;
}

struct seen {
    uint32_t origin;
    unsigned peer;
};

// The slow way: for every origin in order, the peers that have it.
static void recount(const struct seen *seen, unsigned count, const char *prefix, unsigned record,
                    struct buffer *out)
{
    for (uint32_t origin = 0; origin < 65536 + 3; origin++) {
        unsigned peers = 0;
        for (unsigned i = 0; i < count; i++) {
            bool again = false;
            for (unsigned k = 0; k < i; k++)
                again |= seen[k].origin == seen[i].origin && seen[k].peer == seen[i].peer;
            peers += seen[i].origin == origin && !again;
        }
        if (peers > 0)
            buffer_format(out, "%u: %s %u %u\n", record, prefix, origin, peers);
    }
}

static void add_prefix(struct chance *c, unsigned number, struct buffer *bytes,
                       struct buffer *wanted)
{
    struct seen seen[PEER_COUNT];
    struct buffer routes = {0};
    char prefix[ADDRESS_TEXT_MAX + 4];
    unsigned count = chance_below(c, PEER_COUNT);
    for (unsigned i = 0; i < count; i++) {
        seen[i].peer = chance_below(c, 8) ? i : chance_below(c, PEER_COUNT);
        seen[i].origin = add_route(c, seen[i].peer, &routes);
    }
    mrt_bytes(T "000d 0004", bytes);
    put(bytes, 4 + 7 + 2 + routes.length, 4);
    put(bytes, number, 4);
    mrt_bytes("30 20010db8", bytes);
    put(bytes, number, 2);
    put(bytes, count, 2);
    buffer_add(bytes, routes.at ? routes.at : "", routes.length);
    if (number == 0)
        snprintf(prefix, sizeof prefix, "2001:db8::/48");
    else
        snprintf(prefix, sizeof prefix, "2001:db8:%x::/48", number);
    recount(seen, count, prefix, number + 2, wanted);
    buffer_done(&routes);
}

static void test_recount(void **state)
{
    (void)state;
    struct chance chance = {8};
    for (unsigned round = 0; round < 20; round++) {
        struct buffer bytes = {0}, wanted = {0}, text = {0};
        add_peers(&bytes);
        buffer_text(&wanted, "2020-01-01 192.0.2.1\n");
        for (unsigned i = 0; i < PREFIX_COUNT; i++)
            add_prefix(&chance, i, &bytes, &wanted);
        hear(bytes.at, bytes.length, &text);
        text.at[wanted.length] = '\0'; // behind it stand the sums
        assert_string_equal(text.at, wanted.at);
        buffer_done(&bytes);
        buffer_done(&wanted);
        buffer_done(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_samples),
        cmocka_unit_test(test_recount),
    };
    return cmocka_run_group_tests_name("mrt-announced", tests, NULL, NULL);
}
