// SPDX-License-Identifier: Apache-2.0
//
// The links of a laboratory: pairs of interfaces between nodes; bridges, and wires that delay or
// lose, in a network namespace that only the keeper is in.

#ifndef LAB_TOPOLOGY_H
#define LAB_TOPOLOGY_H

#include "base/err.h"
#include "lab/lab.h"

#include <sys/types.h>

// In the keeper's network namespace. `inits`: the first processes of the nodes. Wires are left
// behind as processes, which end with the keeper.
int topology_make(const struct lab *lab, const pid_t *inits, struct err *e);

#endif
