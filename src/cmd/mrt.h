// SPDX-License-Identifier: Apache-2.0
//
// What the commands that look into MRT files have in common: results of any length, written as they
// come.

#ifndef CMD_MRT_H
#define CMD_MRT_H

#include "cmd/command.h"
#include "read/mrt.h"

struct mrt_reading;

enum mrt_format { MRT_TEXT, MRT_CSV, MRT_JSON, MRT_BGPDUMP };

// Rows go into `rows`, and from there to standard output or a file.
struct mrt_output {
    const struct invocation *inv;
    enum mrt_format format;
    struct buffer rows;
    struct file_draft *draft; // of --output
    struct mrt_reading *reading;
    struct err *e;
    uint64_t count; // of rows
};

// The options of these commands, in place of the common ones.
extern const struct option_spec mrt_options_routes[], mrt_options_prefixes[];

int mrt_output_open(const struct invocation *inv, struct mrt_output *ret, struct err *e);
int mrt_output_row(struct mrt_output *o); // behind each row: empties `rows` when it is large

// Reads all files, writes what is left, publishes --output where nothing failed.
int mrt_output_all(struct mrt_output *o, struct mrt_reading *r);

// One file after the other; warns of what is damaged in each.
struct mrt_reading {
    const struct invocation *inv;
    int (*read)(struct mrt_reading *r, struct source *s, struct mrt_result *ret, struct err *e);
    void *arg;
    const char *place; // that is read
    uint64_t warned;   // damaged records of it
};

int mrt_read_each(struct mrt_reading *r, struct err *e);
void mrt_warn(struct mrt_reading *r, uint64_t record, const char *text); // of a damaged record

#endif
