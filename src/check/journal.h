// SPDX-License-Identifier: Apache-2.0
//
// The journal of a run over a list: results as they come, a line of JSON each, in a file that
// `sextant import` takes (read/checked.h has the format). A kill at any instant loses at most the
// results that were under way: each line is there whole, or is dropped when the run goes on, and
// its domain is asked again.

#ifndef CHECK_JOURNAL_H
#define CHECK_JOURNAL_H

#include "check/check.h"
#include "check/domain_list.h"
#include "check/domain_set.h"

#define JOURNAL_NAME_MAX    64 // of a campaign or a vantage point, with the NUL
#define JOURNAL_OPTIONS_MAX 256

struct journal_header {
    char campaign[JOURNAL_NAME_MAX], vantage[JOURNAL_NAME_MAX];
    char list[65], version[JOURNAL_NAME_MAX], options[JOURNAL_OPTIONS_MAX];
    int64_t began; // milliseconds since 1970-01-01; of a run that goes on that of its first part
};

struct journal;

// Makes the file, or goes on with one: its results are then put into `done`. ERR_USAGE where the
// file is another list's or was made with other options (the sentence says which), or is no
// journal; ERR_SYSTEM where another run writes into it at this moment. h->began is set to that of
// the file.
int journal_open(const char *path, struct journal_header *h, struct domain_set *done,
                 struct journal **ret, struct err *e);
void journal_close(struct journal **j);

bool journal_has_ended(const struct journal *j); // the list was done when it was opened
uint64_t journal_done(const struct journal *j);  // results that it had then

// `about` may be NULL.
int journal_add(struct journal *j, const struct listed *about, const struct result *r,
                struct err *e);
// The list has come to its end.
int journal_end(struct journal *j, int64_t at, struct err *e);

#endif
