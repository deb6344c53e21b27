// SPDX-License-Identifier: Apache-2.0
//
// A wire between two interfaces of one network namespace: every frame that comes in at one goes out
// at the other, late, lost, limited, twice or out of order as asked (packet/line.h).

#ifndef DAEMON_WIRE_H
#define DAEMON_WIRE_H

#include "daemon/daemon.h"
#include "packet/line.h"

struct wire {
    const char *interface[2];
    struct line_way way[2]; // of what comes in at interface[0], interface[1]
    size_t mtu[2];          // packets that are larger do not pass; 0: all do
    bool tell;              // and who sent them is told (ICMP): a wire behind a router that would
    uint64_t seed;          // of its chances; 0: one from the kernel
    const char *trace;      // a file for what comes out; NULL: none
    struct speaker speaker;
};

// Until SIGTERM. ERR_NOT_FOUND, ERR_SYSTEM.
int wire_run(const struct wire *w, struct err *e);

#endif
