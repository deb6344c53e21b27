// SPDX-License-Identifier: Apache-2.0
//
// The registries' statistics files, fetched into a folder: the current ones, or one a day, month or
// year of the past. Where the files lie on the five servers is a table (data/rir/servers.csv).
//
// A file is published whole or not at all. The folder remembers in `.fetch/` what the server said
// of each file, so that one that did not change is not sent again, and keeps the part of an
// interrupted transfer, which goes on where it stopped. What the registry says is the file's MD5
// must be it.
//
//     fetch_plan(&options, &list, e);      // what is wanted
//     fetch_run(&options, &list, ...);     // each item has its fate
//     fetch_list_free(&list);

#ifndef READ_FETCH_H
#define READ_FETCH_H

#include "base/date.h"
#include "base/err.h"
#include "read/http.h"
#include "read/read.h"

#define FETCH_BYTES_MAX       (UINT64_C(512) << 20) // of one file as sent; the largest has 20 MB
#define FETCH_RETRIES         4
#define FETCH_WAIT_MAX        60  // seconds between two tries
#define FETCH_RETRY_AFTER_MAX 120 // seconds that a server can make us wait
#define FETCH_DAYS_SETTLED    30  // a dated file that is held and older is not asked for again
#define FETCH_ITEMS_MAX       1000000

struct fetch_options {
    const char *into;    // the folder; made where there is none
    const char *mirror;  // NULL: the registries' servers; else <mirror>/<registry>/... is asked
    unsigned registries; // bits 1 << enum registry; 0: all five
    date from, to;       // DATE_NONE both: the current files
    enum period every;   // the first day of each period, and `from`
    bool plain;          // the plain files, also where there are extended ones
    bool recheck;        // ask also for settled files
    unsigned retries;    // after the first try
    struct http_limits http;
    uint64_t bytes_max; // 0: FETCH_BYTES_MAX
};

enum fetch_fate {
    FETCH_OPEN, // not tried yet
    FETCH_FETCHED,
    FETCH_RESUMED,
    FETCH_UNCHANGED,
    FETCH_MISSING, // none of the places has it
    FETCH_FAILED,
    FETCH_FATES,
};

const char *fetch_fate_name(enum fetch_fate f); // "fetched", "resumed", ...

struct fetch_item {
    enum registry registry;
    date day; // DATE_NONE: the current file
    enum fetch_fate fate;
    char *name;     // of the file in the folder; NULL where there is none
    uint64_t bytes; // of the file
    bool verified;  // it has the MD5 that the registry published
    char *reason;   // a sentence, for FETCH_FAILED
    int code;       // of the failure
};

struct fetch_list {
    struct fetch_item *at; // by day, registry
    size_t count;
};

int fetch_plan(const struct fetch_options *o, struct fetch_list *ret, struct err *e);
void fetch_list_free(struct fetch_list *l);

// How far the run is: items done, bytes come. Called now and then while an item comes (its fate is
// open) and once when it is done; from any thread, never twice at once.
typedef void fetch_progress(const struct fetch_item *item, size_t done, uint64_t bytes, void *arg);

// One transfer at a time from each registry, the registries at once. An item that is missing or
// failed is no failure of the run. ERR_SYSTEM: the folder; another run is at work in it.
int fetch_run(const struct fetch_options *o, struct fetch_list *l, fetch_progress *progress,
              void *arg, struct err *e);

#endif
