// SPDX-License-Identifier: Apache-2.0
//
// Politeness: how many questions one server, and one network, has open at a time, and how far apart
// they come. Who asks waits for leave; leave is given in the order of asking. A server is an
// address, a network a /48 of IPv6 or a /24 of IPv4.

#ifndef CHECK_GATE_H
#define CHECK_GATE_H

#include "check/endpoint.h"
#include "check/events.h"

struct gate;

struct gate_limits {
    unsigned server_open, network_open; // at a time
    int64_t server_gap;                 // microseconds between two beginnings at one server
};

int gate_new(struct events *ev, const struct gate_limits *limits, struct gate **ret, struct err *e);
void gate_free(struct gate **g);

struct gate_wait { // part of its owner, zeroed before the first use
    void (*enter)(void *arg);
    void *arg;
    struct endpoint at;
    struct gate_wait *next;
    struct gate_place *server;
    bool waiting, inside;
};

// `enter` is called through a task once it may begin; never from inside this call.
void gate_ask(struct gate *g, struct gate_wait *w, const struct endpoint *at);
// Ends what has entered, or gives up waiting. Nothing where neither.
void gate_leave(struct gate *g, struct gate_wait *w);

#endif
