// SPDX-License-Identifier: Apache-2.0
//
// A progress line on stderr: what, how far, how fast, how long still. Drawn only where stderr is a
// terminal and --quiet was not given, at most ten times a second; removed when done.

#ifndef BASE_PROGRESS_H
#define BASE_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
    bool shown;
    const char *what;       // "importing"; borrowed
    uint64_t total, done;   // in `unit`s; total 0: not known
    const char *unit;       // "files", "bytes"; borrowed
    int64_t started, drawn; // by clock_microseconds
};

// `quiet` keeps it silent even on a terminal.
void progress_start(struct progress *p, const char *what, const char *unit, uint64_t total,
                    bool quiet);
void progress_step(struct progress *p, uint64_t done, const char *item); // item may be NULL
void progress_stop(struct progress *p);                                  // wipes the line

#endif
