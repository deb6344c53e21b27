// SPDX-License-Identifier: Apache-2.0
//
// Descriptors are known to epoll by a row of a table and the row's age: an event that was fetched
// before its descriptor was forgotten finds another age there and is dropped. Timers are a binary
// heap that each timer knows its place in.

#include "check/events.h"

#include "base/array.h"
#include "base/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#define BATCH 256

struct watched {
    event_ready *ready;
    void *arg;
    uint32_t age;
    bool used;
};

struct events {
    const struct clock *clock;
    int epoll;
    int64_t now;
    ARRAY(struct watched) watched; // by descriptor
    size_t watched_count;
    ARRAY(struct event_timer *) heap;
    struct event_task *first, **last;
    bool stopped, failed;
};

static int64_t real_microseconds(void *arg)
{
    (void)arg;
    return clock_microseconds();
}

static int64_t real_wall(void *arg)
{
    (void)arg;
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

const struct clock clock_real = {real_microseconds, real_wall, NULL, NULL};

int events_new(const struct clock *clock, struct events **ret, struct err *e)
{
    struct events *ev = calloc(1, sizeof *ev);
    if (!ev)
        return err_memory(e);
    ev->clock = clock;
    ev->last = &ev->first;
    ev->now = clock->monotonic(clock->arg);
    ev->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (ev->epoll < 0) {
        free(ev);
        return err_system(e, "epoll");
    }
    *ret = ev;
    return 0;
}

void events_free(struct events **ev)
{
    if (!*ev)
        return;
    close((*ev)->epoll);
    free((*ev)->watched.at);
    free((*ev)->heap.at);
    free(*ev);
    *ev = NULL;
}

int64_t events_now(const struct events *ev)
{
    return ev->now;
}

int64_t events_wall(const struct events *ev)
{
    return ev->clock->wall(ev->clock->arg);
}

// ---- descriptors

static int epoll_set(struct events *ev, int fd, unsigned what, const struct watched *w, bool anew)
{
    struct epoll_event event = {.data.u64 = (uint64_t)w->age << 32 | (uint32_t)fd};
    if (what & EVENT_READ)
        event.events |= EPOLLIN;
    if (what & EVENT_WRITE)
        event.events |= EPOLLOUT;
    return epoll_ctl(ev->epoll, anew ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &event);
}

int events_watch(struct events *ev, int fd, unsigned what, event_ready *ready, void *arg,
                 struct err *e)
{
    while (ev->watched.count <= (size_t)fd)
        if (!ARRAY_ADD(&ev->watched))
            return err_memory(e);
    struct watched *w = &ev->watched.at[fd];
    bool anew = !w->used;
    w->age += anew;
    if (epoll_set(ev, fd, what, w, anew) != 0)
        return err_system(e, "epoll");
    ev->watched_count += anew;
    w->used = true;
    w->ready = ready;
    w->arg = arg;
    return 0;
}

void events_forget(struct events *ev, int fd)
{
    if (fd < 0 || (size_t)fd >= ev->watched.count || !ev->watched.at[fd].used)
        return;
    epoll_ctl(ev->epoll, EPOLL_CTL_DEL, fd, NULL);
    ev->watched.at[fd].used = false;
    ev->watched_count--;
}

static void descriptors_tell(struct events *ev, const struct epoll_event *events, int count)
{
    for (int i = 0; i < count; i++) {
        size_t fd = (uint32_t)events[i].data.u64;
        uint32_t age = (uint32_t)(events[i].data.u64 >> 32);
        struct watched w = ev->watched.at[fd];
        if (!w.used || w.age != age)
            continue;
        unsigned what = 0;
        if (events[i].events & (EPOLLIN | EPOLLERR | EPOLLHUP))
            what |= EVENT_READ;
        if (events[i].events & (EPOLLOUT | EPOLLERR | EPOLLHUP))
            what |= EVENT_WRITE;
        w.ready(w.arg, what);
    }
}

// ---- timers

static void heap_put(struct events *ev, size_t place, struct event_timer *t)
{
    ev->heap.at[place] = t;
    t->place = place + 1;
}

static void heap_up(struct events *ev, size_t place, struct event_timer *t)
{
    while (place > 0 && ev->heap.at[(place - 1) / 2]->at > t->at) {
        heap_put(ev, place, ev->heap.at[(place - 1) / 2]);
        place = (place - 1) / 2;
    }
    heap_put(ev, place, t);
}

static void heap_down(struct events *ev, size_t place, struct event_timer *t)
{
    for (size_t child; (child = 2 * place + 1) < ev->heap.count; place = child) {
        if (child + 1 < ev->heap.count && ev->heap.at[child + 1]->at < ev->heap.at[child]->at)
            child++;
        if (ev->heap.at[child]->at >= t->at)
            break;
        heap_put(ev, place, ev->heap.at[child]);
    }
    heap_put(ev, place, t);
}

void events_cancel(struct events *ev, struct event_timer *t)
{
    if (t->place == 0)
        return;
    size_t place = t->place - 1;
    struct event_timer *last = ev->heap.at[--ev->heap.count];
    t->place = 0;
    if (last == t)
        return;
    if (place > 0 && ev->heap.at[(place - 1) / 2]->at > last->at)
        heap_up(ev, place, last);
    else
        heap_down(ev, place, last);
}

void events_after(struct events *ev, struct event_timer *t, int64_t microseconds)
{
    events_cancel(ev, t);
    if (!ARRAY_ADD(&ev->heap)) {
        ev->failed = true;
        return;
    }
    t->at = ev->now + microseconds;
    heap_up(ev, ev->heap.count - 1, t);
}

static void timers_tell(struct events *ev)
{
    while (ev->heap.count > 0 && ev->heap.at[0]->at <= ev->now) {
        struct event_timer *t = ev->heap.at[0];
        events_cancel(ev, t);
        t->due(t->arg);
    }
}

// ---- tasks

void events_soon(struct events *ev, struct event_task *t)
{
    if (t->waiting)
        return;
    t->waiting = true;
    t->next = NULL;
    *ev->last = t;
    ev->last = &t->next;
}

void events_soon_cancel(struct events *ev, struct event_task *t)
{
    if (!t->waiting)
        return;
    struct event_task **at = &ev->first;
    while (*at != t)
        at = &(*at)->next;
    *at = t->next;
    if (ev->last == &t->next)
        ev->last = at;
    t->waiting = false;
}

// Those that waited when it began: one that comes up again waits for the next turn.
static void tasks_tell(struct events *ev)
{
    struct event_task end = {.waiting = true};
    *ev->last = &end;
    ev->last = &end.next;
    while (ev->first != &end) {
        struct event_task *t = ev->first;
        ev->first = t->next;
        t->waiting = false;
        t->run(t->arg);
    }
    ev->first = end.next;
    if (ev->last == &end.next)
        ev->last = &ev->first;
}

// ---- running

static int64_t patience(const struct events *ev)
{
    if (ev->first)
        return 0;
    if (ev->heap.count == 0)
        return -1;
    int64_t left = ev->heap.at[0]->at - ev->now;
    return left > 0 ? left : 0;
}

static int turn(struct events *ev, struct err *e)
{
    struct epoll_event happened[BATCH];
    int64_t left = patience(ev);
    int milliseconds = left < 0 ? -1 : (int)(left / 1000 > 60000 ? 60000 : (left + 999) / 1000);
    if (ev->clock->pass) {
        ev->clock->pass(ev->clock->arg, left);
        milliseconds = 0;
    }
    int count = epoll_wait(ev->epoll, happened, BATCH, milliseconds);
    if (count < 0 && errno != EINTR)
        return err_system(e, "epoll_wait");
    ev->now = ev->clock->monotonic(ev->clock->arg);
    descriptors_tell(ev, happened, count > 0 ? count : 0);
    timers_tell(ev);
    tasks_tell(ev);
    return ev->failed ? err_memory(e) : 0;
}

int events_run(struct events *ev, struct err *e)
{
    int code = 0;
    ev->stopped = false;
    ev->now = ev->clock->monotonic(ev->clock->arg);
    while (!code && !ev->stopped && (ev->watched_count || ev->heap.count || ev->first))
        code = turn(ev, e);
    return code;
}

void events_stop(struct events *ev)
{
    ev->stopped = true;
}
