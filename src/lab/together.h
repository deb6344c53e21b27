// SPDX-License-Identifier: Apache-2.0
//
// Instances of a laboratory side by side: pieces of work, each in a process of its own that leaves
// what it finds in shared memory.

#ifndef LAB_TOGETHER_H
#define LAB_TOGETHER_H

#include "lab/lab.h"

#include <stddef.h>

#define TOGETHER_MAX 32

// How many instances this machine may well have up: they wait more than they work, the small ones
// at least.
size_t together_default(const struct lab *lab);

// Does pieces 0 to count-1, up to `most` of them at once; returns when all have ended, however they
// did. A piece is killed when this process ends.
typedef void together_fn(size_t piece, void *arg);
int together_run(size_t count, size_t most, together_fn *fn, void *arg, struct err *e);

// Memory that is shared with the processes; NULL when there is none.
void *together_memory(size_t size);
void together_memory_free(void *memory, size_t size);

#endif
