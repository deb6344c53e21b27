// SPDX-License-Identifier: Apache-2.0
//
// Files that others publish, fetched into a folder: the current ones, or one a day, month or year
// of the past. Who publishes what, and where it lies, are tables: data/rir/servers.csv for the
// registries' statistics, data/routing, data/users and data/rpki for the rest.
//
// A file is published whole or not at all. The folder remembers in `.fetch/` what the server said
// of each file, so that one that did not change is not sent again, and keeps the part of an
// interrupted transfer, which goes on where it stopped. What comes is held against the MD5 that its
// publisher states, or read once: a container must be whole, the content what was asked for.
//
//     fetch_plan(&options, &list, e);      // what is wanted
//     fetch_run(&options, &list, ...);     // each item has its fate
//     fetch_list_free(&list);

#ifndef READ_FETCH_H
#define READ_FETCH_H

#include "base/date.h"
#include "base/err.h"
#include "read/http.h"
#include "read/kind.h"

#define FETCH_BYTES_MAX       (UINT64_C(512) << 20) // of one file as sent; the largest has 20 MB
#define FETCH_RETRIES         4
#define FETCH_WAIT_MAX        60  // seconds between two tries
#define FETCH_RETRY_AFTER_MAX 120 // seconds that a server can make us wait
#define FETCH_DAYS_SETTLED    30  // a dated file that is held and older is not asked for again
#define FETCH_ITEMS_MAX       1000000

#define FETCH_NAME_MAX 256

struct fetch_options {
    const char *table;      // "rir/servers.csv", one of the reference tables
    const char *url;        // this address alone, and no table; NULL
    const char *into;       // the folder; made where there is none
    bool folders;           // in it a folder for each publisher: their files have the same names
    const char *mirror;     // NULL: the publishers' servers; else the same paths below it are asked
    const char *publishers; // names of the table with commas between; NULL: all
    const char *form;       // only this form of the files; NULL: the first that is there
    const char *const *economies; // for files that are one an economy; ended with NULL, or NULL
    date from, to;                // DATE_NONE both: the current files
    enum period every;            // the first day of each period, and `from`
    unsigned kinds;   // bits 1 << enum input_kind: what may come; 0: statistics with an MD5 beside
    bool recheck;     // ask also for settled files
    unsigned retries; // after the first try
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

struct server_table;

struct fetch_item {
    const char *publisher; // the list's
    const char *economy;   // of a file that is one an economy, else NULL; the options'
    unsigned file;         // which of the publisher's, in the table
    date day;              // DATE_NONE: the current file
    enum fetch_fate fate;
    char *name;     // of the file in the folder, with the publisher's folder; NULL: there is none
    uint64_t bytes; // of the file
    bool verified;  // it has the MD5 that is published, or was read and is what was asked for
    char *reason;   // a sentence, for FETCH_FAILED
    int code;       // of the failure
};

struct fetch_list {
    struct fetch_item *at; // by day, publisher
    size_t count, capacity;
    struct server_table *servers;
};

// ERR_USAGE: no such publisher, or it has no such files; those that are valid are named. A
// publisher without current files is asked for those of yesterday.
int fetch_plan(const struct fetch_options *o, struct fetch_list *ret, struct err *e);
void fetch_list_free(struct fetch_list *l);

// How far the run is: items done, bytes come. Called now and then while an item comes (its fate is
// open) and once when it is done; from any thread, never twice at once.
typedef void fetch_progress(const struct fetch_item *item, size_t done, uint64_t bytes, void *arg);

// One transfer at a time from each publisher, several publishers at once. An item that is missing
// or failed is no failure of the run. ERR_SYSTEM: the folder; another run is at work in it.
int fetch_run(const struct fetch_options *o, struct fetch_list *l, fetch_progress *progress,
              void *arg, struct err *e);

#endif
