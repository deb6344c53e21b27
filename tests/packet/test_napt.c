// SPDX-License-Identifier: Apache-2.0
//
// Bindings and sessions: random traffic against a table that is searched from end to end, the
// rules of RFC 4787 and RFC 6146 one by one, and the limits.

#include "packet/napt.h"

#include "packet/packet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define POOL    UINT32_C(0xc0000201)
#define REMOTE  UINT32_C(0xc6336402)
#define MINUTES 60000
#define SYN     2
#define ACK     16
#define FIN     1
#define RST     4

static uint64_t random_state = 5;

static uint32_t below(uint32_t limit)
{
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(random_state >> 33) % limit;
}

static struct napt *make(struct napt_config c)
{
    struct napt *n = NULL;
    struct err e;
    c.pool_first = POOL;
    if (!c.pool_last)
        c.pool_last = POOL;
    c.seed = 42;
    assert_int_equal(napt_new(&c, &n, &e), 0);
    return n;
}

static struct napt_inside host(unsigned number, uint16_t port, uint8_t protocol)
{
    return (struct napt_inside){0, ((u128)0x20010db8 << 96) + number, port, protocol};
}

static struct napt_packet packet(uint32_t remote, uint16_t port, uint8_t flags, int64_t now)
{
    return (struct napt_packet){remote, port, flags, false, now};
}

struct entry {
    struct napt_inside inside;
    struct napt_outside outside;
    int64_t last;
};

#define ENTRIES 4000

static struct entry *find(struct entry *all, size_t count, const struct napt_inside *i, int64_t now)
{
    for (size_t k = 0; k < count; k++)
        if (all[k].inside.address == i->address && all[k].inside.port == i->port &&
            all[k].inside.protocol == i->protocol && all[k].last + 5 * MINUTES > now)
            return all + k;
    return NULL;
}

// UDP from many hosts to one remote: a binding stays the same until five minutes of silence, and
// two live bindings never share an outside address.
static void test_random_traffic_against_a_plain_table(void **state)
{
    (void)state;
    struct napt *n = make((struct napt_config){.pool_last = POOL + 3});
    static struct entry all[ENTRIES];
    size_t count = 0;
    int64_t now = 0;
    for (unsigned round = 0; round < 30000 && count < ENTRIES; round++) {
        now += below(3000);
        struct napt_inside inside = host(below(50), (uint16_t)(1000 + below(40)), PROTOCOL_UDP);
        struct napt_packet p = packet(REMOTE, 53, 0, now);
        struct napt_outside got;
        assert_int_equal(napt_out(n, &inside, &p, &got), NAPT_FINE);
        struct entry *known = find(all, count, &inside, now);
        if (known) {
            assert_int_equal(known->outside.address, got.address);
            assert_int_equal(known->outside.port, got.port);
        } else {
            known = all + count++;
            *known = (struct entry){.inside = inside, .outside = got};
        }
        known->last = now;
        for (size_t k = 0; k < count; k++)
            if (all + k != known && all[k].last + 5 * MINUTES > now)
                assert_false(all[k].outside.address == got.address &&
                             all[k].outside.port == got.port);
        struct napt_inside back;
        assert_int_equal(napt_in(n, PROTOCOL_UDP, &got, &p, &back), NAPT_FINE);
        assert_true(back.address == inside.address && back.port == inside.port);
    }
    size_t live = 0;
    for (size_t k = 0; k < count; k++)
        live += all[k].last + 5 * MINUTES > now;
    assert_int_equal(napt_counts(n).bindings, live);
    napt_expire(n, now + 5 * MINUTES);
    assert_int_equal(napt_counts(n).bindings, 0);
    assert_int_equal(napt_counts(n).sessions, 0);
    assert_int_equal(napt_counts(n).hosts, 0);
    napt_free(&n);
}

static void test_ports_keep_number_or_parity(void **state)
{
    (void)state;
    struct napt *n = make((struct napt_config){0});
    struct napt_packet p = packet(REMOTE, 53, 0, 0);
    struct napt_outside got;
    for (unsigned i = 0; i < 200; i++) {
        struct napt_inside inside = host(i, 5001, PROTOCOL_UDP);
        assert_int_equal(napt_out(n, &inside, &p, &got), NAPT_FINE);
        assert_int_equal(got.port % 2, 1);
        assert_true(i > 0 ? got.port != 5001 : got.port == 5001);
        assert_true(got.port >= 1024);
    }
    napt_free(&n);
}

// The port that host 2 gets at `now`, which asks for 5001.
static uint16_t port_of_second(struct napt *n, uint8_t protocol, int64_t now)
{
    struct napt_inside second = host(2, 5001, protocol);
    struct napt_packet p = packet(REMOTE, 53, SYN, now);
    struct napt_outside got = {0};
    assert_int_equal(napt_out(n, &second, &p, &got), NAPT_FINE);
    return got.port;
}

// RFC 6888, REQ-8, and its exceptions.
static void test_a_port_rests(void **state)
{
    (void)state;
    const struct port_set all_own = {0, 0, 0};
    const struct {
        struct napt_config config;
        uint8_t protocol;
        int64_t silent, until; // the port is another's from then on
    } cases[] = {
        {{0}, PROTOCOL_UDP, 5 * MINUTES, 7 * MINUTES},
        {{0}, PROTOCOL_ICMP, MINUTES, 3 * MINUTES},
        {{0}, PROTOCOL_TCP, 4 * MINUTES, 4 * MINUTES},
        {{.rest = 3 * MINUTES}, PROTOCOL_UDP, 5 * MINUTES, 8 * MINUTES},
        {{.rest = NAPT_NO_REST}, PROTOCOL_UDP, 5 * MINUTES, 5 * MINUTES},
        {{.address_dependent = true}, PROTOCOL_UDP, 5 * MINUTES, 5 * MINUTES},
        {{.port_set = &all_own}, PROTOCOL_UDP, 5 * MINUTES, 5 * MINUTES},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int64_t now = cases[i].silent; now <= cases[i].until; now += MINUTES) {
            struct napt *n = make(cases[i].config);
            struct napt_inside first = host(1, 5001, cases[i].protocol);
            struct napt_packet p = packet(REMOTE, 53, SYN, 0);
            struct napt_outside got;
            assert_int_equal(napt_out(n, &first, &p, &got), NAPT_FINE);
            assert_int_equal(got.port, 5001);
            napt_expire(n, cases[i].silent);
            bool same = port_of_second(n, cases[i].protocol, now) == 5001;
            assert_int_equal(same, now == cases[i].until);
            napt_free(&n);
        }
}

// Where no other is left the one that has rested longest is taken, of those of the protocol.
static void test_a_port_is_woken(void **state)
{
    (void)state;
    struct napt *n = make((struct napt_config){.port_first = 5000, .port_last = 5003});
    for (uint16_t i = 0; i < 4; i++) {
        struct napt_inside first = host(1, 5000 + (i + 2) % 4, PROTOCOL_UDP);
        struct napt_packet p = packet(REMOTE, 53, 0, i);
        struct napt_outside got;
        assert_int_equal(napt_out(n, &first, &p, &got), NAPT_FINE);
        assert_int_equal(got.port, first.port);
    }
    for (int64_t i = 0; i < 4; i++)
        napt_expire(n, 5 * MINUTES + i);
    assert_int_equal(napt_counts(n).bindings, 0);
    assert_int_equal(port_of_second(n, PROTOCOL_UDP, 5 * MINUTES + 4), 5002);
    napt_free(&n);
}

// The ports of one host go to another where no other is left, and only those.
static void test_others_are_not_woken(void **state)
{
    (void)state;
    struct napt *n = make((struct napt_config){.port_first = 5000, .port_last = 5003});
    struct napt_inside query = host(1, 5001, PROTOCOL_ICMP);
    struct napt_packet p = packet(REMOTE, 0, 0, 0);
    struct napt_outside got;
    assert_int_equal(napt_out(n, &query, &p, &got), NAPT_FINE);
    napt_expire(n, MINUTES);
    for (uint16_t i = 0; i < 5; i++) {
        struct napt_inside first = host(3, 5000 + i, PROTOCOL_UDP);
        p = packet(REMOTE, 53, 0, MINUTES);
        assert_int_equal(napt_out(n, &first, &p, &got), i < 4 ? NAPT_FINE : NAPT_PORTS);
    }
    assert_int_not_equal(port_of_second(n, PROTOCOL_ICMP, MINUTES), 5001);
    napt_free(&n);
}

// As many rest as there may be bindings: what has rested longest is free where there are more.
static void test_more_rest_than_can(void **state)
{
    (void)state;
    const struct napt_inside left[] = {host(1, 5000, PROTOCOL_UDP), host(1, 5002, PROTOCOL_ICMP),
                                       host(1, 5004, PROTOCOL_UDP), host(1, 5006, PROTOCOL_ICMP)};
    struct napt *n = make((struct napt_config){.bindings_max = 3, .rest = 600 * MINUTES});
    struct napt_outside got;
    int64_t now = 0;
    for (size_t i = 0; i < 4; i++) {
        struct napt_packet p = packet(REMOTE, 53, 0, now);
        assert_int_equal(napt_out(n, left + i, &p, &got), NAPT_FINE);
        assert_int_equal(got.port, left[i].port);
        napt_expire(n, now += 5 * MINUTES);
    }
    assert_int_equal(napt_counts(n).bindings, 0);
    for (size_t i = 0; i < 3; i++) {
        struct napt_inside second = host(2, left[i].port, left[i].protocol);
        struct napt_packet p = packet(REMOTE, 53, 0, now);
        assert_int_equal(napt_out(n, &second, &p, &got), NAPT_FINE);
        assert_int_equal(got.port == left[i].port, i == 0);
    }
    napt_free(&n);
}

static void test_a_host_keeps_its_outside_address(void **state)
{
    (void)state;
    struct napt *n = make((struct napt_config){.pool_last = POOL + 7});
    uint32_t seen[30] = {0}, other = 0;
    for (unsigned i = 0; i < 900; i++) {
        struct napt_inside inside = host(i % 30, (uint16_t)(2000 + i), PROTOCOL_UDP);
        struct napt_packet p = packet(REMOTE + i, 53, 0, i);
        struct napt_outside got;
        assert_int_equal(napt_out(n, &inside, &p, &got), NAPT_FINE);
        assert_true(!seen[i % 30] || seen[i % 30] == got.address);
        seen[i % 30] = got.address;
        other += got.address != seen[0];
    }
    assert_true(other > 0);
    napt_free(&n);
}

static void test_anybody_may_answer_unless_filtered(void **state)
{
    (void)state;
    for (unsigned dependent = 0; dependent < 2; dependent++) {
        struct napt *n = make((struct napt_config){.address_dependent = dependent});
        struct napt_inside inside = host(1, 4000, PROTOCOL_UDP), back;
        struct napt_packet p = packet(REMOTE, 53, 0, 0), other = packet(REMOTE + 1, 9, 0, 0);
        struct napt_outside got, wrong;
        assert_int_equal(napt_out(n, &inside, &p, &got), NAPT_FINE);
        p.remote_port = 99; // another port of the same address may
        assert_int_equal(napt_in(n, PROTOCOL_UDP, &got, &p, &back), NAPT_FINE);
        assert_int_equal(napt_in(n, PROTOCOL_UDP, &got, &other, &back),
                         dependent ? NAPT_FILTERED : NAPT_FINE);
        wrong = got;
        wrong.port++;
        assert_int_equal(napt_in(n, PROTOCOL_UDP, &wrong, &p, &back), NAPT_NONE);
        assert_int_equal(napt_in(n, PROTOCOL_TCP, &got, &p, &back), NAPT_NONE);
        napt_free(&n);
    }
}

// One connection through its life; how long it is remembered after each step.
static void test_tcp_timers(void **state)
{
    (void)state;
    static const struct {
        bool out;
        uint8_t flags;
        int64_t lives; // minutes
    } steps[] = {
        {true, SYN, 4},         {false, SYN | ACK, 124}, {true, ACK, 124},
        {true, FIN | ACK, 124}, {false, ACK, 124},       {false, FIN | ACK, 4},
    };
    for (size_t end = 0; end < sizeof steps / sizeof *steps; end++) {
        struct napt *n = make((struct napt_config){0});
        struct napt_inside inside = host(1, 4000, PROTOCOL_TCP), back;
        struct napt_outside got = {0, 0};
        for (size_t i = 0; i <= end; i++) {
            struct napt_packet p = packet(REMOTE, 80, steps[i].flags, (int64_t)i * 1000);
            if (steps[i].out)
                assert_int_equal(napt_out(n, &inside, &p, &got), NAPT_FINE);
            else
                assert_int_equal(napt_in(n, PROTOCOL_TCP, &got, &p, &back), NAPT_FINE);
        }
        int64_t last = (int64_t)end * 1000, over = last + steps[end].lives * MINUTES;
        int64_t step = 2 * MINUTES; // an established one first turns transitory
        for (int64_t t = last; t < over - 1; t += step)
            napt_expire(n, t);
        napt_expire(n, over - 1);
        assert_int_equal(napt_counts(n).sessions, 1);
        napt_expire(n, over + step);
        assert_int_equal(napt_counts(n).sessions, 0);
        napt_free(&n);
    }
}

static void test_reset_shortens_and_data_revives(void **state)
{
    (void)state;
    struct napt *n = make((struct napt_config){0});
    struct napt_inside inside = host(1, 4000, PROTOCOL_TCP), back;
    struct napt_outside got;
    struct napt_packet p = packet(REMOTE, 80, SYN, 0);
    assert_int_equal(napt_out(n, &inside, &p, &got), NAPT_FINE);
    assert_int_equal(napt_in(n, PROTOCOL_TCP, &got, &p, &back), NAPT_FINE);
    p.tcp_flags = RST;
    assert_int_equal(napt_in(n, PROTOCOL_TCP, &got, &p, &back), NAPT_FINE);
    p = packet(REMOTE, 80, ACK, 3 * MINUTES);
    assert_int_equal(napt_out(n, &inside, &p, &got), NAPT_FINE);
    napt_expire(n, 60 * MINUTES);
    assert_int_equal(napt_counts(n).sessions, 1);
    napt_free(&n);
}

// A reset that is repeated keeps nothing alive; nor does what comes after both ends are done, but
// for a new connection between them.
static void test_after_the_end(void **state)
{
    (void)state;
    static const struct {
        uint8_t second, then;
        size_t left;
    } table[] = {{RST, RST, 0}, {FIN, ACK, 0}, {FIN, SYN, 1}, {RST, ACK, 1}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct napt *n = make((struct napt_config){0});
        struct napt_inside inside = host(1, 4000, PROTOCOL_TCP), back;
        struct napt_outside got;
        struct napt_packet p = packet(REMOTE, 80, SYN, 0);
        assert_int_equal(napt_out(n, &inside, &p, &got), NAPT_FINE);
        assert_int_equal(napt_in(n, PROTOCOL_TCP, &got, &p, &back), NAPT_FINE);
        p.tcp_flags = table[i].second;
        assert_int_equal(napt_out(n, &inside, &p, &got), NAPT_FINE);
        assert_int_equal(napt_in(n, PROTOCOL_TCP, &got, &p, &back), NAPT_FINE);
        p = packet(REMOTE, 80, table[i].then, 3 * MINUTES);
        assert_int_equal(napt_out(n, &inside, &p, &got), NAPT_FINE);
        napt_expire(n, 5 * MINUTES);
        assert_int_equal(napt_counts(n).sessions, table[i].left);
        napt_free(&n);
    }
}

static void test_tcp_begins_with_syn(void **state)
{
    (void)state;
    struct napt *n = make((struct napt_config){.outbound_only = true});
    struct napt_inside inside = host(1, 4000, PROTOCOL_TCP), back;
    struct napt_outside got;
    struct napt_packet p = packet(REMOTE, 80, ACK, 0), other = packet(REMOTE + 1, 81, SYN, 0);
    assert_int_equal(napt_out(n, &inside, &p, &got), NAPT_NONE);
    p.tcp_flags = SYN;
    assert_int_equal(napt_out(n, &inside, &p, &got), NAPT_FINE);
    assert_int_equal(napt_in(n, PROTOCOL_TCP, &got, &other, &back), NAPT_FILTERED);
    assert_int_equal(napt_in(n, PROTOCOL_TCP, &got, &p, &back), NAPT_FINE);
    napt_free(&n);
}

static void test_limits(void **state)
{
    (void)state;
    struct napt *n = make((struct napt_config){.host_max = 10, .bindings_max = 25});
    struct napt_outside got;
    unsigned verdicts[NAPT_VERDICT_COUNT] = {0};
    for (unsigned h = 0; h < 4; h++)
        for (unsigned i = 0; i < 12; i++) {
            struct napt_inside inside = host(h, (uint16_t)(3000 + i), PROTOCOL_UDP);
            struct napt_packet p = packet(REMOTE, 53, 0, 0);
            verdicts[napt_out(n, &inside, &p, &got)]++;
        }
    assert_int_equal(verdicts[NAPT_FINE], 25);
    assert_int_equal(verdicts[NAPT_HOST_FULL], 4);
    assert_int_equal(verdicts[NAPT_FULL], 19);
    napt_free(&n);
}

// Addresses of a prefix, or behind one softwire, are one subscriber: one limit, one outside
// address.
static void test_limit_of_a_subscriber(void **state)
{
    (void)state;
    for (unsigned realms = 0; realms < 2; realms++) {
        struct napt *n = make(
            (struct napt_config){.host_max = 10, .subscriber_length = 64, .pool_last = POOL + 15});
        unsigned verdicts[NAPT_VERDICT_COUNT] = {0};
        for (unsigned i = 0; i < 40; i++) {
            u128 address = host(i, 0, 0).address + ((u128)(i % 2) << 64);
            struct napt_inside inside = {realms ? address : 0, realms ? i : address,
                                         (uint16_t)(3000 + i), PROTOCOL_UDP};
            struct napt_packet p = packet(REMOTE, 53, 0, 0);
            static struct napt_outside got[2];
            const struct napt_outside before = got[i % 2];
            verdicts[napt_out(n, &inside, &p, got + i % 2)]++;
            assert_true(i < 2 || got[i % 2].address == before.address);
        }
        assert_int_equal(verdicts[NAPT_FINE], 20);
        assert_int_equal(verdicts[NAPT_HOST_FULL], 20);
        assert_int_equal(napt_counts(n).hosts, 2);
        napt_free(&n);
    }
}

// RFC 6146, 5.3: whatever strangers send to a binding, others can still begin, and so can its host;
// it arrives as before.
static void test_strangers_leave_room(void **state)
{
    (void)state;
    static const struct napt_config configs[] = {{.sessions_max = 100}, {.host_max = 2}};
    for (unsigned i = 0; i < 2; i++) {
        struct napt *n = make(configs[i]);
        struct napt_inside inside = host(1, 4000, PROTOCOL_UDP),
                           other = host(2, 4000, PROTOCOL_UDP), back;
        struct napt_packet p = packet(REMOTE, 53, 0, 0);
        struct napt_outside got, ignored;
        assert_int_equal(napt_out(n, &inside, &p, &got), NAPT_FINE);
        for (unsigned k = 0; k < 1000; k++) {
            p = packet(below(UINT32_MAX), (uint16_t)k, 0, 0);
            assert_int_equal(napt_in(n, PROTOCOL_UDP, &got, &p, &back), NAPT_FINE);
            assert_int_equal(back.port, 4000);
        }
        assert_int_equal(napt_counts(n).sessions, i == 0 ? 50 : 16);
        p = packet(REMOTE + 1, 53, 0, 0);
        assert_int_equal(napt_out(n, &inside, &p, &got), NAPT_FINE);
        assert_int_equal(napt_out(n, &other, &p, &ignored), NAPT_FINE);
        napt_free(&n);
    }
}

// RFC 6888, REQ-5; but a host whose port is forwarded serves all who come.
static void test_sessions_of_one_host(void **state)
{
    (void)state;
    struct napt *n = make((struct napt_config){.host_max = 2});
    struct napt_inside inside = host(1, 4000, PROTOCOL_UDP), server = host(2, 80, PROTOCOL_TCP);
    struct napt_outside got = {POOL, 8080};
    struct err e;
    unsigned verdicts[NAPT_VERDICT_COUNT] = {0};
    assert_int_equal(napt_fix(n, &server, &got, &e), 0);
    for (unsigned i = 0; i < 40; i++) {
        struct napt_packet p = packet(REMOTE, (uint16_t)(i + 1), SYN | ACK, 0);
        verdicts[napt_out(n, &inside, &p, &got)]++;
        assert_int_equal(napt_out(n, &server, &p, &got), NAPT_FINE);
    }
    assert_int_equal(verdicts[NAPT_FINE], 32);
    assert_int_equal(verdicts[NAPT_HOST_FULL], 8);
    assert_int_equal(napt_counts(n).sessions, 72);
    const struct napt_inside again = host(1, 4001, PROTOCOL_UDP);
    struct napt_packet p = packet(REMOTE, 1, 0, 0);
    assert_int_equal(napt_out(n, &again, &p, &got), NAPT_HOST_FULL);
    assert_int_equal(napt_counts(n).bindings, 2);
    const struct napt_inside beside = host(2, 4000, PROTOCOL_UDP);
    assert_int_equal(napt_out(n, &beside, &p, &got), NAPT_FINE);
    p.now = 6 * MINUTES; // and when they are over
    assert_int_equal(napt_out(n, &inside, &p, &got), NAPT_FINE);
    assert_int_equal(napt_counts(n).sessions, 1);
    napt_free(&n);
}

// RFC 7597, appendix B: a share of 16 bits, offset 6, length 8, PSID 0x34.
static void test_port_set(void **state)
{
    (void)state;
    static const struct port_set set = {6, 8, 0x34};
    struct napt *n = make((struct napt_config){.port_set = &set});
    unsigned count = 0;
    assert_true(port_set_has(&set, 1232) && port_set_has(&set, 1235));
    assert_false(port_set_has(&set, 1231) || port_set_has(&set, 1236) || port_set_has(&set, 211));
    for (unsigned i = 0; i < 300; i++) {
        struct napt_inside inside = host(1, (uint16_t)(7000 + i), PROTOCOL_UDP);
        struct napt_packet p = packet(REMOTE, 53, 0, 0);
        struct napt_outside got;
        enum napt_verdict v = napt_out(n, &inside, &p, &got);
        assert_true(v == NAPT_FINE || v == NAPT_PORTS);
        if (v == NAPT_FINE) {
            assert_true(port_set_has(&set, got.port));
            count++;
        }
    }
    assert_int_equal(count, 63 * 4);
    napt_free(&n);
}

// No packet comes from port 0, though a set may begin with it; a query may have the number 0.
static void test_port_0_of_a_set(void **state)
{
    (void)state;
    static const struct port_set set = {0, 10, 0};
    static const uint8_t protocols[] = {PROTOCOL_TCP, PROTOCOL_UDP, PROTOCOL_ICMP};
    struct napt *n = make((struct napt_config){.port_set = &set});
    for (unsigned i = 0; i < 3; i++) {
        unsigned count = 0, of_0 = 0;
        for (uint16_t port = 0; port < 100; port++) {
            struct napt_inside inside = host(1, port, protocols[i]);
            struct napt_packet p = packet(REMOTE, 53, SYN, 0);
            struct napt_outside got;
            if (napt_out(n, &inside, &p, &got) != NAPT_FINE)
                continue;
            count++;
            of_0 += got.port == 0;
        }
        bool query = protocols[i] == PROTOCOL_ICMP;
        assert_int_equal(count, query ? 64 : 63);
        assert_int_equal(of_0, query);
    }
    napt_free(&n);
}

static void test_ports_of_a_set_in_turn(void **state)
{
    (void)state;
    static const struct port_set sets[] = {{6, 8, 0x34}, {0, 4, 0}, {4, 12, 9}, {6, 0, 0}};
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        uint32_t count = 0, seen = 0;
        bool taken[65536] = {false};
        for (uint32_t port = 0; port < 65536; port++)
            count += port_set_has(&sets[i], (uint16_t)port);
        for (uint32_t n = 0; n < count; n++) {
            uint16_t port = port_set_port(&sets[i], n);
            assert_true(port_set_has(&sets[i], port));
            seen += !taken[port];
            taken[port] = true;
        }
        assert_int_equal(seen, count);
    }
}

static void test_inside_an_error_nothing_is_made(void **state)
{
    (void)state;
    struct napt *n = make((struct napt_config){0});
    struct napt_inside inside = host(1, 4000, PROTOCOL_UDP), back;
    struct napt_outside got = {POOL, 4000};
    struct napt_packet p = packet(REMOTE, 53, 0, 0);
    p.look_only = true;
    assert_int_equal(napt_out(n, &inside, &p, &got), NAPT_NONE);
    assert_int_equal(napt_in(n, PROTOCOL_UDP, &got, &p, &back), NAPT_NONE);
    assert_int_equal(napt_counts(n).bindings, 0);
    napt_free(&n);
}

static void test_realms_keep_customers_apart(void **state)
{
    (void)state;
    struct napt *n = make((struct napt_config){0});
    struct napt_outside a, b;
    struct napt_packet p = packet(REMOTE, 53, 0, 0);
    struct napt_inside one = {1, 0xc0a80101, 4000, PROTOCOL_UDP}, two = one, back;
    two.realm = 2;
    assert_int_equal(napt_out(n, &one, &p, &a), NAPT_FINE);
    assert_int_equal(napt_out(n, &two, &p, &b), NAPT_FINE);
    assert_true(a.port != b.port || a.address != b.address);
    assert_int_equal(napt_in(n, PROTOCOL_UDP, &b, &p, &back), NAPT_FINE);
    assert_true(back.realm == 2);
    napt_free(&n);
}

static void test_fixed_bindings_stay(void **state)
{
    (void)state;
    struct napt *n = make((struct napt_config){.address_dependent = true});
    struct napt_inside inside = host(1, 80, PROTOCOL_TCP), back;
    struct napt_outside outside = {POOL, 8080};
    struct napt_packet p = packet(REMOTE, 5000, SYN, 0);
    struct err e;
    assert_int_equal(napt_fix(n, &inside, &outside, &e), 0);
    assert_int_equal(napt_fix(n, &inside, &outside, &e), ERR_USAGE);
    assert_int_equal(napt_in(n, PROTOCOL_TCP, &outside, &p, &back), NAPT_FINE);
    napt_expire(n, 1000 * MINUTES);
    assert_int_equal(napt_counts(n).sessions, 0);
    p.now = 1000 * MINUTES;
    assert_int_equal(napt_in(n, PROTOCOL_TCP, &outside, &p, &back), NAPT_FINE);
    napt_free(&n);
}

static void test_impossible_configurations(void **state)
{
    (void)state;
    static const struct port_set wide = {8, 9, 0}, number = {4, 4, 16};
    struct napt_config bad[] = {
        {.pool_first = 2, .pool_last = 1},
        {.pool_first = 1, .pool_last = 1000},
        {.pool_first = 1, .pool_last = 1, .port_first = 9, .port_last = 8},
        {.pool_first = 1, .pool_last = 1, .port_set = &wide},
        {.pool_first = 1, .pool_last = 1, .port_set = &number},
        {.pool_first = 1, .pool_last = 1, .sessions_max = (size_t)1 << 30},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct napt *n = NULL;
        struct err e;
        assert_int_equal(napt_new(bad + i, &n, &e), ERR_USAGE);
        assert_null(n);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_traffic_against_a_plain_table),
        cmocka_unit_test(test_ports_keep_number_or_parity),
        cmocka_unit_test(test_a_port_rests),
        cmocka_unit_test(test_a_port_is_woken),
        cmocka_unit_test(test_others_are_not_woken),
        cmocka_unit_test(test_more_rest_than_can),
        cmocka_unit_test(test_a_host_keeps_its_outside_address),
        cmocka_unit_test(test_anybody_may_answer_unless_filtered),
        cmocka_unit_test(test_tcp_timers),
        cmocka_unit_test(test_reset_shortens_and_data_revives),
        cmocka_unit_test(test_after_the_end),
        cmocka_unit_test(test_tcp_begins_with_syn),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_limit_of_a_subscriber),
        cmocka_unit_test(test_strangers_leave_room),
        cmocka_unit_test(test_sessions_of_one_host),
        cmocka_unit_test(test_port_set),
        cmocka_unit_test(test_port_0_of_a_set),
        cmocka_unit_test(test_ports_of_a_set_in_turn),
        cmocka_unit_test(test_inside_an_error_nothing_is_made),
        cmocka_unit_test(test_realms_keep_customers_apart),
        cmocka_unit_test(test_fixed_bindings_stay),
        cmocka_unit_test(test_impossible_configurations),
    };
    return cmocka_run_group_tests_name("napt", tests, NULL, NULL);
}
