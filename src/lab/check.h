// SPDX-License-Identifier: Apache-2.0
//
// Checks: a probe is tried in a node until it passes or its time is over. Each runs in a process of
// its own, which enters the node's namespaces, so that all can run at once.

#ifndef LAB_CHECK_H
#define LAB_CHECK_H

#include "lab/lab.h"
#include "lab/run.h"

#define CHECK_SAID_MAX 400

struct check_site {
    const struct lab *lab;
    const struct run *run;
    size_t node; // SIZE_MAX: only a capture, whose place is in the probe
};

// The first process of a node.
pid_t check_init(const struct check_site *site, size_t node);

// Starts a process that tries the probe; its exit status is 0 when it passed. What it found goes to
// `said` as one text of up to CHECK_SAID_MAX octets, unless that is -1.
int check_fork(const struct check_site *site, const struct lab_probe *p, uint64_t within_us,
               int said, int *ret_pidfd, struct err *e);

struct check_outcome {
    bool made;   // false: not asked for
    bool passed; // with its twin
    bool twin_failed;
    int64_t took_us;
    char said[CHECK_SAID_MAX];
};

// Makes those checks of the laboratory for which `wanted` is set (NULL: all), and the twins that
// they need; `ret` has one for each. Those without a capture run side by side.
int check_all(const struct lab *lab, const struct run *run, const bool *wanted,
              struct check_outcome *ret, struct err *e);

#endif
