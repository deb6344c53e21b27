// SPDX-License-Identifier: Apache-2.0
//
// A run over a list: list, opt-outs and journal around check_run. Any size in the memory of the
// domains under way and 24 bytes for each domain that was met.

#ifndef CHECK_CAMPAIGN_H
#define CHECK_CAMPAIGN_H

#include "check/check.h"
#include "check/journal.h"

struct campaign_counts {
    uint64_t asked;     // with a result of this run
    uint64_t done;      // with a result already, when the journal was opened
    uint64_t twice;     // in the list again
    uint64_t opted_out; // never asked
    struct domain_list_counts list;
    uint64_t stages[STAGE_COUNT]; // of this run's results
    bool stopped;                 // before the list's end
};

struct campaign_options {
    const char *list, *journal;        // paths; "-" is standard input for the list
    const char *name;                  // of the campaign; NULL: the day, "2024-01-05"
    const struct check_options *check; // stays until campaign_close; its opt-outs are left out
    const struct clock *clock;
    // Each may be NULL.
    void (*told)(const char *sentence, void *arg); // a bad line of the list
    void (*progress)(const struct campaign_counts *c, const char *domain, void *arg);
    int (*result)(const struct result *r, void *arg, struct err *e); // after it is in the journal
    void *arg;
};

struct campaign;

// Opens list and journal. ERR_USAGE, ERR_INPUT, ERR_SYSTEM.
int campaign_open(const struct campaign_options *o, struct campaign **ret, struct err *e);
void campaign_close(struct campaign **c);

// What check_run is to be given; the checker is the caller's, who can stop it.
struct check_run campaign_run(struct campaign *c);

// After check_run ended well: says in the journal that the list is done, if it is.
int campaign_finish(struct campaign *c, struct campaign_counts *ret, struct err *e);

// The options that must be the same when a run goes on, as its journal has them.
int campaign_describe(const struct check_options *o, char ret[JOURNAL_OPTIONS_MAX]);

#endif
