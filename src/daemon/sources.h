// SPDX-License-Identifier: Apache-2.0
//
// Which sources a home router forwards for (RFC 7084: G-3, L-14, S-2). Rules of the kernel's drop
// all others of a link; who sent one is told (ICMPv6, destination unreachable, code 5), to where it
// came from: a route to a wrong source leads elsewhere. The rules go at the end.

#ifndef DAEMON_SOURCES_H
#define DAEMON_SOURCES_H

#include "daemon/daemon.h"

#define SOURCES_MAX 32

struct source {
    struct prefix from, to; // of length 0: any
};

struct sources {
    const char *device; // borrowed
    struct link link;
    struct source allowed[SOURCES_MAX];
    size_t count;
    struct icmp_limit told;
};

// Nothing is forwarded from now on. ERR_SYSTEM.
int sources_open(const char *device, struct sources *ret, struct err *e);
void sources_close(struct sources *s);

int sources_allow(struct sources *s, const struct source *allowed, size_t count, struct err *e);

// Answers one packet that was dropped, if there is one. `own`: an address of the router's on the
// link. *ret_told: it did, for this source; 0: it did not.
int sources_answer(struct sources *s, u128 own, u128 *ret_told, struct err *e);

#endif
