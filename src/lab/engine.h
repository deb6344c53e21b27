// SPDX-License-Identifier: Apache-2.0
//
// Laboratories brought up, changed and taken down.

#ifndef LAB_ENGINE_H
#define LAB_ENGINE_H

#include "lab/lab.h"
#include "lab/run.h"

// What else the program can do: whether `sextant run NAME` exists, and needs a TUN device.
enum engine_daemon { DAEMON_NONE, DAEMON_PLAIN, DAEMON_TUN };
typedef enum engine_daemon engine_own(const char *name);

// Whether this machine has the way of a need: "kernel:seg6", "program:bird", "own:ra".
int engine_has(const char *way, engine_own *own, bool *ret, struct err *e);

// The first way to have each need that this machine has; `chosen`, which may be NULL, are ways that
// are to be taken, separated by commas. When there is none, *ret_missing says which (in the
// laboratory's arena) and the laboratory must be skipped. `ret_ways` has a place for each need and
// one more for NULL. ERR_USAGE: a way is chosen that the laboratory does not know.
int engine_needs(struct lab *lab, engine_own *own, const char *chosen, const char **ret_ways,
                 const char **ret_missing, struct err *e);

// Whether it stays up when this process ends, however that ends.
enum engine_tie { ENGINE_STAYS, ENGINE_TIED };

// Returns when all services are ready. ERR_USAGE: it is up already. On failure nothing is left.
// `chosen`: what is kept for those who bring it up again.
int engine_up(const struct lab *lab, const char *name, const char *const *ways, const char *chosen,
              enum engine_tie tie, struct err *e);

// Ends it and waits until it has gone. ERR_NOT_FOUND.
int engine_down(const char *name, struct err *e);

// Makes changes in their order; the files that they name lie below `folder`.
int engine_apply(const struct lab *lab, const struct run *run, const char *folder,
                 const struct lab_change *const *list, size_t count, struct err *e);

// The steps of the solution without those that the variant omits, then its own; a NULL variant: the
// solution. In the laboratory's arena.
int engine_changes(struct lab *lab, const struct lab_variant *variant,
                   const struct lab_change *const **ret, size_t *ret_count, struct err *e);

#endif
