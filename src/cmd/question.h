// SPDX-License-Identifier: Apache-2.0
//
// What the commands that ask the archive have in common: archive and world opened, options turned
// into a query.

#ifndef CMD_QUESTION_H
#define CMD_QUESTION_H

#include "cmd/command.h"
#include "measure/measure.h"

struct question {
    struct store *store;
    struct world *world;
    struct query query;
};

// Opens the archive for reading and the world in the language chosen, and sets every parameter of
// measure.h that was given as an option of the same name.
int question_open(struct question *q, const struct invocation *inv, struct err *e);
void question_close(struct question *q); // accepts a zeroed one

// Runs a measure and prints its tables.
int question_answer(struct question *q, struct invocation *inv, measure_run *run, struct err *e);

#endif
