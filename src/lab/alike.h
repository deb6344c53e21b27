// SPDX-License-Identifier: Apache-2.0
//
// Nodes that a drawing shows as one: many alike at one other node, each on a wire of its own.

#ifndef LAB_ALIKE_H
#define LAB_ALIKE_H

#include "lab/lab.h"

#define ALIKE_MIN 4 // from so many on

// For each node the first of those that are like it: of its kind, with its label, with no other
// link than a wire to the same node; itself where there are fewer than ALIKE_MIN. The caller frees
// what is returned; NULL: no memory.
size_t *alike_find(const struct lab *lab);

#endif
