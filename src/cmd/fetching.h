// SPDX-License-Identifier: Apache-2.0
//
// A command that fetches files by a table of servers (read/fetch.h). It takes --into, --mirror,
// --retries and --timeout, and of --from, --to, --every, --recheck, --plain and --url those that
// make sense for its files.

#ifndef CMD_FETCHING_H
#define CMD_FETCHING_H

#include "cmd/command.h"

struct fetching {
    const char *table;      // "rir/servers.csv"
    const char *folder;     // beside the archive
    const char *title;      // "Statistics files of the registries"
    const char *publisher;  // the option that names them, and the column
    const char *now, *then; // publishers by default: of current files, of the past; NULL: all
    bool folders;           // one for each publisher
    bool past;              // there are files of the past
    unsigned kinds;         // bits 1 << enum input_kind: what may come; 0: held against an MD5
    const char *const *economies; // ended with NULL, or NULL
};

int fetching_run(struct invocation *inv, const struct fetching *what, struct err *e);

// What help says of the options that several of them have.
#define FETCHING_EVERY                                                                             \
    "Of the past, the file of the first day of each period, and of the day --from itself; month "  \
    "by default."
#define FETCHING_RECHECK "Ask again also for files of the past that are in the folder already."
#define FETCHING_RETRIES "How often to try again what failed and may pass; 4 by default."
#define FETCHING_TIMEOUT                                                                           \
    "Give a transfer up that does not start or stands still for so long; 20 and 30 by default."
#define FETCHING_MIRROR "Ask for the same paths below URL instead of the publishers' own servers."
extern const char *const fetching_periods[];

#endif
