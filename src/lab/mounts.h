// SPDX-License-Identifier: Apache-2.0
//
// The files that a node sees: the machine's, which it cannot change, and its own /run, /tmp, /dev,
// /proc, /etc/hosts and /etc/resolv.conf. They are mounted before the node gets a user namespace of
// its own, so that its root cannot undo it.

#ifndef LAB_MOUNTS_H
#define LAB_MOUNTS_H

#include "base/buffer.h"
#include "base/err.h"
#include "lab/lab.h"

#define NODE_FOLDER "/run/lab" // where a node's own files lie, and where everything in it begins

// Makes a mount namespace.
int mounts_make(const struct lab *lab, size_t node, const struct buffer *hosts, struct err *e);

// /sys of the network namespace that this process is in now.
void mounts_show_network(void);

#endif
