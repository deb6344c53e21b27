// SPDX-License-Identifier: Apache-2.0
//
// Limits of a node on memory and processes by control groups, of version 1 or 2, where the machine
// has them and lets us: sextant-INSTANCE.NODE in each hierarchy. Without them a node has no limit.

#ifndef LAB_QUOTA_H
#define LAB_QUOTA_H

#include "lab/lab.h"

#include <sys/types.h>

// Puts a process of the node under its limits, and what it starts; 0: this process.
void quota_join(const char *instance, const struct lab_node *node, pid_t pid);

// Removes what is left of an instance's; its processes have ended.
void quota_remove(const char *instance);

#endif
