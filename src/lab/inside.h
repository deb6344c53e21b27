// SPDX-License-Identifier: Apache-2.0
//
// A piece of work done within a node of a laboratory that is up.

#ifndef LAB_INSIDE_H
#define LAB_INSIDE_H

#include "base/err.h"
#include "lab/lab.h"
#include "lab/run.h"

typedef int inside_fn(void *arg, struct err *e);

// Runs `fn` in a process that has entered the node and waits for it; its error comes back. What it
// starts is under the limits of `limits`; NULL: under none.
int inside_run(const struct run *run, size_t node, const struct lab_node *limits, inside_fn *fn,
               void *arg, struct err *e);

// Becomes a program in the node, with this terminal; its exit status.
int inside_program(const struct run *run, size_t node, const char *const *program, int *ret_status,
                   struct err *e);

#endif
