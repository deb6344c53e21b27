// SPDX-License-Identifier: Apache-2.0
//
// Politeness under a made-up clock: random visits against the limits, counted naively.

#include "check/gate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#define VISITS   600
#define SERVERS  12
#define NETWORKS 3

struct street {
    int64_t now;
    struct events *ev;
    struct gate *gate;
    struct gate_limits limits;
    unsigned at_server[SERVERS], in_network[NETWORKS], most_at_server, most_in_network, done;
    int64_t last[SERVERS];
    struct visit {
        struct street *street;
        struct gate_wait wait;
        struct event_timer stay;
        unsigned server;
        bool gives_up;
    } visits[VISITS];
};

static int64_t now(void *arg)
{
    return ((struct street *)arg)->now;
}

static void pass(void *arg, int64_t timeout)
{
    ((struct street *)arg)->now += timeout > 0 ? timeout : 0;
}

static void go(void *arg)
{
    struct visit *v = arg;
    struct street *s = v->street;
    s->at_server[v->server]--;
    s->in_network[v->server % NETWORKS]--;
    s->done++;
    gate_leave(s->gate, &v->wait);
}

static void enter(void *arg)
{
    struct visit *v = arg;
    struct street *s = v->street;
    assert_false(v->gives_up);
    unsigned here = ++s->at_server[v->server];
    unsigned near = ++s->in_network[v->server % NETWORKS];
    assert_true(here <= s->limits.server_open && near <= s->limits.network_open);
    s->most_at_server = here > s->most_at_server ? here : s->most_at_server;
    s->most_in_network = near > s->most_in_network ? near : s->most_in_network;
    assert_true(s->last[v->server] == 0 || s->now - s->last[v->server] >= s->limits.server_gap);
    s->last[v->server] = s->now;
    events_after(s->ev, &v->stay, rand() % 5000);
}

static struct endpoint server_at(unsigned server)
{
    u128 network = (u128)0x20010db8 << 96 | (u128)(server % NETWORKS) << 80;
    return (struct endpoint){FAMILY_IPV6, 443, network | server};
}

static void all_get_in_within_the_limits(void **state)
{
    (void)state;
    static struct street s;
    s = (struct street){.now = 1, .limits = {2, 5, 100}};
    struct clock clock = {now, now, pass, &s};
    assert_int_equal(events_new(&clock, &s.ev, NULL), 0);
    assert_int_equal(gate_new(s.ev, &s.limits, &s.gate, NULL), 0);
    srand(3);
    unsigned gave_up = 0;
    for (size_t i = 0; i < VISITS; i++) {
        struct visit *v = &s.visits[i];
        *v = (struct visit){.street = &s, .server = (unsigned)rand() % SERVERS};
        v->wait = (struct gate_wait){.enter = enter, .arg = v};
        v->stay = (struct event_timer){.due = go, .arg = v};
        struct endpoint at = server_at(v->server);
        gate_ask(s.gate, &v->wait, &at);
    }
    for (size_t i = 0; i < VISITS; i += 11, gave_up++) {
        s.visits[i].gives_up = true;
        gate_leave(s.gate, &s.visits[i].wait);
    }
    assert_int_equal(events_run(s.ev, NULL), 0);
    assert_int_equal(s.done, VISITS - gave_up);
    assert_int_equal(s.most_at_server, 2);
    assert_int_equal(s.most_in_network, 5);
    gate_free(&s.gate);
    events_free(&s.ev);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(all_get_in_within_the_limits)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
