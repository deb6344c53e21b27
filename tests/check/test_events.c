// SPDX-License-Identifier: Apache-2.0
//
// The loop: timers in the order of their time against a naive list, tasks, descriptors that are
// forgotten while their event waits.

#include "check/events.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <unistd.h>

struct made_up {
    int64_t now;
};

static int64_t made_up_now(void *arg)
{
    return ((struct made_up *)arg)->now;
}

static void made_up_pass(void *arg, int64_t timeout)
{
    ((struct made_up *)arg)->now += timeout > 0 ? timeout : 0;
}

#define TIMERS 400

struct one {
    struct event_timer timer;
    int64_t due;
    struct all *all;
};

struct all {
    struct events *ev;
    struct one timers[TIMERS];
    int64_t last;
    unsigned told;
};

static void told(void *arg)
{
    struct one *o = arg;
    assert_int_equal(events_now(o->all->ev), o->due);
    assert_true(o->due >= o->all->last);
    o->all->last = o->due;
    o->all->told++;
}

static void timers_come_in_order(void **state)
{
    (void)state;
    struct made_up time = {1000};
    struct clock clock = {made_up_now, made_up_now, made_up_pass, &time};
    static struct all all;
    all = (struct all){0};
    assert_int_equal(events_new(&clock, &all.ev, NULL), 0);
    srand(7);
    unsigned cancelled = 0;
    for (size_t i = 0; i < TIMERS; i++) {
        struct one *o = &all.timers[i];
        *o = (struct one){.timer = {.due = told, .arg = o}, .all = &all};
        for (int set = rand() % 3; set >= 0; set--) {
            int64_t after = 1 + rand() % 1000;
            o->due = 1000 + after;
            events_after(all.ev, &o->timer, after);
        }
    }
    for (size_t i = 0; i < TIMERS; i += 7, cancelled++)
        events_cancel(all.ev, &all.timers[i].timer);
    assert_int_equal(events_run(all.ev, NULL), 0);
    assert_int_equal(all.told, TIMERS - cancelled);
    events_free(&all.ev);
}

struct tasks {
    struct events *ev;
    struct event_task a, b, c;
    char order[16];
    size_t length;
};

static void task_c(void *arg)
{
    struct tasks *t = arg;
    t->order[t->length++] = 'c';
}

static void task_b(void *arg)
{
    struct tasks *t = arg;
    t->order[t->length++] = 'b';
}

static void task_a(void *arg)
{
    struct tasks *t = arg;
    t->order[t->length++] = 'a';
    if (t->length < 5)
        events_soon(t->ev, &t->a); // the next turn, not this one
    if (t->length == 1)
        events_soon_cancel(t->ev, &t->b);
}

static void tasks_wait_for_the_next_turn(void **state)
{
    (void)state;
    struct tasks t = {0};
    assert_int_equal(events_new(&clock_real, &t.ev, NULL), 0);
    t.a = (struct event_task){.run = task_a, .arg = &t};
    t.b = (struct event_task){.run = task_b, .arg = &t};
    t.c = (struct event_task){.run = task_c, .arg = &t};
    events_soon(t.ev, &t.a);
    events_soon(t.ev, &t.b);
    events_soon(t.ev, &t.c);
    events_soon(t.ev, &t.c); // once
    assert_int_equal(events_run(t.ev, NULL), 0);
    assert_string_equal(t.order, "acaaa");
    events_free(&t.ev);
}

struct pipes {
    struct events *ev;
    int first[2], second[2];
    unsigned told;
};

static void forget_the_other(void *arg, unsigned what)
{
    struct pipes *p = arg;
    assert_true(what & EVENT_READ);
    p->told++;
    events_forget(p->ev, p->first[0]);
    events_forget(p->ev, p->second[0]);
}

static void a_forgotten_descriptor_is_not_told(void **state)
{
    (void)state;
    struct pipes p = {0};
    assert_int_equal(events_new(&clock_real, &p.ev, NULL), 0);
    assert_int_equal(pipe(p.first) | pipe(p.second), 0);
    assert_int_equal(write(p.first[1], "x", 1) + write(p.second[1], "x", 1), 2);
    assert_int_equal(events_watch(p.ev, p.first[0], EVENT_READ, forget_the_other, &p, NULL), 0);
    assert_int_equal(events_watch(p.ev, p.second[0], EVENT_READ, forget_the_other, &p, NULL), 0);
    assert_int_equal(events_run(p.ev, NULL), 0);
    assert_int_equal(p.told, 1);
    for (int i = 0; i < 2; i++) {
        close(p.first[i]);
        close(p.second[i]);
    }
    events_free(&p.ev);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(timers_come_in_order),
        cmocka_unit_test(tasks_wait_for_the_next_turn),
        cmocka_unit_test(a_forgotten_descriptor_is_not_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
