// SPDX-License-Identifier: Apache-2.0
//
// The files that a node sees: the machine's, which it cannot change, and its own /run, /tmp, /proc,
// /etc/hosts and /etc/resolv.conf.

#ifndef LAB_MOUNTS_H
#define LAB_MOUNTS_H

#include "base/buffer.h"
#include "base/err.h"
#include "lab/lab.h"

#define NODE_FOLDER "/run/lab" // where a node's own files lie, and where everything in it begins

// In a new mount namespace.
int mounts_make(const struct lab *lab, size_t node, const struct buffer *hosts, struct err *e);

#endif
