// SPDX-License-Identifier: Apache-2.0
//
// A router that is a host on its line (RFC 7084: W-1 to W-3): the kernel takes routers and prefixes
// from advertisements there although it forwards, and is asked for them until one comes (RFC 7559).

#ifndef DAEMON_UPSTREAM_H
#define DAEMON_UPSTREAM_H

#include "daemon/daemon.h"

struct upstream {
    const char *device; // borrowed
    char before;        // the kernel's setting; 0: it could not be changed
    int64_t due, wait;
};

bool upstream_open(const char *device, struct upstream *ret);
void upstream_close(struct upstream *u); // as it was

void upstream_again(struct upstream *u, int64_t now); // the line was gone and is back

// Asks, where it is time, and once in any case.
void upstream_tick(struct upstream *u, int64_t now, bool found);

#endif
