// SPDX-License-Identifier: Apache-2.0
//
// What a student hands in: a folder with a folder for each node. NODE/commands is for sh in that
// node; other files replace those in its /run/lab, and its services that run are started again.

#ifndef LAB_SUBMISSION_H
#define LAB_SUBMISSION_H

#include "lab/lab.h"
#include "lab/run.h"

#define SUBMISSION_FILES_MAX 200 // of one node
#define SUBMISSION_TEXT_MAX  ((size_t)64 << 10)

// What of the folder nobody looks at is told in *note.
int submission_apply(struct lab *lab, const struct run *run, const char *folder,
                     struct buffer *note, struct err *e);

#endif
