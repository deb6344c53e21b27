// SPDX-License-Identifier: Apache-2.0
//
// Does a TCP port open? One connection attempt without a word said over it: what became of it, and
// how long the answer took. Who may be asked, and how often, is for the caller (guard.h, gate.h).

#ifndef CHECK_TCP_PROBE_H
#define CHECK_TCP_PROBE_H

#include "check/endpoint.h"
#include "check/events.h"

enum tcp_outcome {
    TCP_OPEN,
    TCP_REFUSED,     // a reset: the host is there, nobody listens
    TCP_UNREACHABLE, // a router or the host said so (ICMP), or this place has no route
    TCP_SILENT,      // nothing came back in time
    TCP_FAILED,      // this machine could not ask: no descriptors, no memory
};
#define TCP_OUTCOME_COUNT 5

const char *tcp_outcome_text(enum tcp_outcome o); // "connection refused", for evidence

struct tcp_probe { // part of its owner, zeroed before the first use
    void (*done)(void *arg);
    void *arg;
    // The answer:
    enum tcp_outcome outcome;
    int error;     // errno; 0 where it opened or was silent
    uint32_t took; // microseconds
    int64_t at;    // milliseconds since 1970-01-01: when it was asked
    // Its own:
    struct events *events;
    struct event_timer patience;
    struct event_task tell;
    int64_t began;
    int fd; // + 1; 0: none
    bool under_way;
};

// `done` is told through a task or an event, never from inside this call. A probe can be begun
// again from there.
void tcp_probe_begin(struct events *ev, struct tcp_probe *p, const struct endpoint *to,
                     int64_t timeout);

// Gives up; nothing is told any more. Nothing where none is under way. Closes what was not taken.
void tcp_probe_end(struct tcp_probe *p);

// After TCP_OPEN, before the next begin or end: the connected socket, non-blocking, the caller's to
// close. -1: it was taken already.
int tcp_probe_take(struct tcp_probe *p);

// What an errno of connect(2) says.
enum tcp_outcome tcp_outcome_of(int error);

#endif
