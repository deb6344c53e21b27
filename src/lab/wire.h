// SPDX-License-Identifier: Apache-2.0
//
// A wire between two interfaces of one network namespace: every frame that comes in at one goes out
// at the other, late, lost, limited, twice or out of order as asked.

#ifndef LAB_WIRE_H
#define LAB_WIRE_H

#include "base/err.h"
#include "lab/lab.h"

struct wire {
    const char *interface[2];
    struct lab_impairment way[2]; // of what comes in at interface[0], interface[1]
    uint64_t seed;                // of its chances; 0: one from the kernel
};

#define WIRE_QUEUE_MAX    ((size_t)16 << 20) // octets under way in one direction; more are lost
#define WIRE_QUEUE_MAX_US 200000             // a frame that a rate holds up longer is lost

// Until it is ended by a signal. ERR_SYSTEM.
int wire_run(const struct wire *w, struct err *e);

bool wire_is_plain(const struct lab_impairment *i); // nothing is asked of it

#endif
