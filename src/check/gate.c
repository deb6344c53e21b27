// SPDX-License-Identifier: Apache-2.0
//
// Places are servers and networks, in one hash table; a server knows its network, and a network the
// servers that have somebody waiting. Who waits stands in the queue of the server. A place goes
// when nobody is inside, nobody waits and its gap is over.

#include "check/gate.h"

#include <stdlib.h>
#include <string.h>

#define BUCKETS 4096 // places at a time: a few thousand domains are under way

struct gate_place {
    enum family family;
    u128 first;
    bool is_network;
    unsigned inside, users; // users: those inside or waiting; of a network also its servers
    int64_t free_at;        // when the next one may begin
    struct gate_wait *waiting, **last;
    struct gate_place *network;            // of a server
    struct gate_place *queue, *queue_next; // of a network: servers with somebody waiting
    bool queued;
    struct gate_place *next;
    struct event_timer timer;
    struct gate *gate;
};

struct gate {
    struct events *events;
    struct gate_limits limits;
    struct gate_place *buckets[BUCKETS];
    struct gate_wait *entering, **entering_last;
    struct event_task task;
};

static size_t bucket_of(enum family f, u128 first, bool is_network)
{
    uint64_t h = (uint64_t)(first >> 64) * 0x9e3779b97f4a7c15u ^ (uint64_t)first;
    h = (h ^ (h >> 29)) * 0xbf58476d1ce4e5b9u;
    return (h >> 32 ^ (unsigned)f ^ (unsigned)is_network << 1) % BUCKETS;
}

static void place_gap_over(void *arg);

static u128 network_first(enum family f, u128 address)
{
    unsigned bits = f == FAMILY_IPV6 ? 80 : 8;
    return address >> bits << bits;
}

static struct gate_place *place_get(struct gate *g, enum family f, u128 first, bool is_network)
{
    struct gate_place **bucket = &g->buckets[bucket_of(f, first, is_network)];
    for (struct gate_place *p = *bucket; p; p = p->next)
        if (p->first == first && p->family == f && p->is_network == is_network)
            return p;
    struct gate_place *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    *p = (struct gate_place){.family = f, .first = first, .is_network = is_network, .gate = g};
    p->last = &p->waiting;
    p->timer = (struct event_timer){.due = place_gap_over, .arg = p};
    p->next = *bucket;
    *bucket = p;
    return p;
}

static void place_put(struct gate_place *p)
{
    if (!p || p->users > 0 || p->timer.place || p->queued)
        return;
    struct gate_place **at = &p->gate->buckets[bucket_of(p->family, p->first, p->is_network)];
    while (*at != p)
        at = &(*at)->next;
    *at = p->next;
    if (p->network) {
        p->network->users--;
        place_put(p->network);
    }
    free(p);
}

static struct gate_place *server_get(struct gate *g, const struct endpoint *at)
{
    struct gate_place *server = place_get(g, at->family, at->address, false);
    if (!server || server->network)
        return server;
    server->network = place_get(g, at->family, network_first(at->family, at->address), true);
    if (!server->network) {
        place_put(server);
        return NULL;
    }
    server->network->users++;
    return server;
}

static void enter_all(void *arg)
{
    struct gate *g = arg;
    struct gate_wait *w;
    while ((w = g->entering)) {
        g->entering = w->next;
        if (!g->entering)
            g->entering_last = &g->entering;
        w->waiting = false;
        w->inside = true;
        w->enter(w->arg);
    }
}

static void let_in(struct gate *g, struct gate_wait *w)
{
    if (w->server) {
        w->server->inside++;
        w->server->network->inside++;
    }
    w->next = NULL;
    *g->entering_last = w;
    g->entering_last = &w->next;
    events_soon(g->events, &g->task);
}

static bool has_room(const struct gate *g, const struct gate_place *server)
{
    return (g->limits.server_open == 0 || server->inside < g->limits.server_open) &&
           (g->limits.network_open == 0 || server->network->inside < g->limits.network_open) &&
           server->free_at <= events_now(g->events);
}

static void server_queue(struct gate_place *server)
{
    if (server->queued || !server->waiting)
        return;
    server->queued = true;
    server->queue_next = server->network->queue;
    server->network->queue = server;
}

static void server_try(struct gate *g, struct gate_place *server)
{
    while (server->waiting && has_room(g, server)) {
        struct gate_wait *w = server->waiting;
        server->waiting = w->next;
        if (!server->waiting)
            server->last = &server->waiting;
        server->free_at = events_now(g->events) + g->limits.server_gap;
        let_in(g, w);
    }
    int64_t left = server->free_at - events_now(g->events);
    if (server->waiting && left > 0 && !server->timer.place)
        events_after(g->events, &server->timer, left);
    server_queue(server);
}

static void place_gap_over(void *arg)
{
    struct gate_place *p = arg;
    server_try(p->gate, p);
    place_put(p);
}

static void network_try(struct gate *g, struct gate_place *network)
{
    struct gate_place *server = network->queue, *next;
    network->queue = NULL;
    for (; server; server = next) {
        next = server->queue_next;
        server->queued = false;
        server_try(g, server);
        place_put(server);
    }
}

void gate_ask(struct gate *g, struct gate_wait *w, const struct endpoint *at)
{
    w->at = *at;
    w->waiting = true;
    w->inside = false;
    w->next = NULL;
    w->server = server_get(g, at);
    if (!w->server) { // out of memory: without a place it is not held up
        let_in(g, w);
        return;
    }
    w->server->users++;
    *w->server->last = w;
    w->server->last = &w->next;
    server_try(g, w->server);
}

// Takes a wait out of a queue. False where it is not in it.
static bool unqueue(struct gate_wait **first, struct gate_wait ***last, struct gate_wait *w)
{
    struct gate_wait **at = first;
    while (*at && *at != w)
        at = &(*at)->next;
    if (!*at)
        return false;
    *at = w->next;
    if (*last == &w->next)
        *last = at;
    return true;
}

void gate_leave(struct gate *g, struct gate_wait *w)
{
    if (!w->waiting && !w->inside)
        return;
    struct gate_place *server = w->server;
    bool was_let_in = w->inside || unqueue(&g->entering, &g->entering_last, w);
    if (!was_let_in)
        unqueue(&server->waiting, &server->last, w);
    w->waiting = w->inside = false;
    w->server = NULL;
    if (!server)
        return;
    struct gate_place *network = server->network;
    server->users--;
    server->inside -= was_let_in;
    network->inside -= was_let_in;
    network->users++; // it stays while it is looked through
    server_try(g, server);
    network_try(g, network);
    // The gap is kept for whoever comes next.
    if (server->users == 0 && !server->timer.place && server->free_at > events_now(g->events))
        events_after(g->events, &server->timer, server->free_at - events_now(g->events));
    place_put(server);
    network->users--;
    place_put(network);
}

int gate_new(struct events *ev, const struct gate_limits *limits, struct gate **ret, struct err *e)
{
    struct gate *g = calloc(1, sizeof *g);
    if (!g)
        return err_memory(e);
    g->events = ev;
    g->limits = *limits;
    g->entering_last = &g->entering;
    g->task = (struct event_task){.run = enter_all, .arg = g};
    *ret = g;
    return 0;
}

void gate_free(struct gate **g)
{
    if (!*g)
        return;
    events_soon_cancel((*g)->events, &(*g)->task);
    for (size_t b = 0; b < BUCKETS; b++)
        for (struct gate_place *p; (p = (*g)->buckets[b]);) {
            events_cancel((*g)->events, &p->timer);
            (*g)->buckets[b] = p->next;
            free(p);
        }
    free(*g);
    *g = NULL;
}
