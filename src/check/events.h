// SPDX-License-Identifier: Apache-2.0
//
// The one loop in which a check waits: descriptors, timers, and tasks for the next turn. One
// thread. Callbacks may add, change and remove anything, themselves included. The clock is a seam:
// a test replaces it, and time passes as it says.

#ifndef CHECK_EVENTS_H
#define CHECK_EVENTS_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct clock {
    int64_t (*monotonic)(void *arg); // microseconds
    int64_t (*wall)(void *arg);      // milliseconds since 1970-01-01
    // Waits until something can have happened: descriptors of the epoll set, or `timeout`
    // microseconds (-1: no timer is set). NULL: epoll_wait. A made-up clock moves itself on here.
    void (*pass)(void *arg, int64_t timeout);
    void *arg;
};

extern const struct clock clock_real;

struct events;

int events_new(const struct clock *clock, struct events **ret, struct err *e); // clock is borrowed
void events_free(struct events **ev);

int64_t events_now(const struct events *ev);  // microseconds, monotonic; of this turn
int64_t events_wall(const struct events *ev); // milliseconds since 1970-01-01

// ---- descriptors

#define EVENT_READ  1u
#define EVENT_WRITE 2u // also: the connection attempt ended

typedef void event_ready(void *arg, unsigned what);

// A second call for the same descriptor changes what is waited for. Forget it before it is closed.
int events_watch(struct events *ev, int fd, unsigned what, event_ready *ready, void *arg,
                 struct err *e);
void events_forget(struct events *ev, int fd); // nothing where it is not watched

// ---- timers and tasks: part of their owner, zeroed before the first use

struct event_timer {
    void (*due)(void *arg);
    void *arg;
    int64_t at;   // microseconds
    size_t place; // in the heap, + 1; 0: not set
};

// Sets it, or sets it anew. ERR_MEMORY is kept until events_run.
void events_after(struct events *ev, struct event_timer *t, int64_t microseconds);
void events_cancel(struct events *ev, struct event_timer *t);

struct event_task {
    void (*run)(void *arg);
    void *arg;
    struct event_task *next;
    bool waiting;
};

// In the next turn, in the order in which they were given. Depth of calls stays bounded by it: an
// answer that is known at once is told through a task.
void events_soon(struct events *ev, struct event_task *t);
void events_soon_cancel(struct events *ev, struct event_task *t);

// ---- running

// Until events_stop, or until nothing is watched, set or waiting.
int events_run(struct events *ev, struct err *e);
void events_stop(struct events *ev);

#endif
