// SPDX-License-Identifier: Apache-2.0
//
// sextant mrt routes: everything that MRT files say, row by row.

#include "cmd/invocation.h"
#include "cmd/mrt.h"
#include "read/mrt_text.h"

#include <inttypes.h>
#include <stdio.h>

static const char *const usage[] = {"mrt routes [OPTIONS] FILE...", NULL};

static const struct example examples[] = {
    {"sextant mrt routes --format bgpdump rib.20240105.0000.bz2",
     "A routing table as lines, as bgpdump -m writes them."},
    {"sextant mrt routes --format csv updates.20240105.0000.gz",
     "What routers announced and withdrew within some minutes."},
    {NULL}};

static int on_row(const struct mrt_row *row, void *arg)
{
    struct mrt_output *o = arg;
    switch (o->format) {
    case MRT_TEXT:
        mrt_text_table(row, terminal_columns(), &o->rows);
        break;
    case MRT_CSV:
        mrt_text_csv(row, &o->rows);
        break;
    case MRT_JSON:
        buffer_text(&o->rows, o->count > 0 ? ",\n  " : "\n  ");
        mrt_text_json(row, &o->rows);
        break;
    case MRT_BGPDUMP:
        mrt_text_line(row, &o->rows);
    }
    return mrt_output_row(o);
}

static int on_damaged(const struct mrt_damage *d, void *arg)
{
    struct mrt_output *o = arg;
    char text[160];
    snprintf(text, sizeof text, "damaged: %s, at byte %" PRIu64, d->text, d->record->offset);
    mrt_warn(o->reading, d->record->number, text);
    return 0;
}

static int read_rows(struct mrt_reading *r, struct source *s, struct mrt_result *ret, struct err *e)
{
    struct mrt_rows rows = {.row = on_row, .damaged = on_damaged, .arg = r->arg};
    return mrt_rows(s, &rows, ret, e);
}

static int run_mrt_routes(struct invocation *inv, struct err *e)
{
    struct mrt_output output;
    struct mrt_reading reading = {.inv = inv, .read = read_rows, .arg = &output};
    int code = mrt_output_open(inv, &output, e);
    if (code)
        return code;
    output.reading = &reading;
    if (output.format == MRT_TEXT)
        mrt_text_table_heading(&output.rows);
    else if (output.format == MRT_CSV)
        mrt_text_csv_heading(&output.rows);
    return mrt_output_all(&output, &reading);
}

const struct command command_mrt_routes = {
    .name = "mrt routes",
    .group = COMMAND_DATA,
    .summary = "The routes in MRT files, row by row",
    .usage = usage,
    .description =
        "Reads routing tables and BGP messages as route collectors and routers write them in MRT "
        "(RFC 6396, 8050), and writes each route of a table, each prefix that is announced or "
        "withdrawn, and each change of a session's state as one row: with its peer, AS path, next "
        "hop, communities and all else that is known of it. AS numbers of two octets are joined "
        "with those of four where a router sent both.\n\n"
        "Rows are written as they are read; a file may be of any size. Packed files are unpacked "
        "on the way. A damaged record is named and left out. Where a file is cut, what comes "
        "before is written, and the exit status is 3. Nothing is kept in the archive; sextant "
        "import does that.",
    .options = mrt_options_routes,
    .examples = examples,
    .argument = "FILE",
    .argument_help = "a file, a folder, a URL, or - for standard input",
    .argument_kind = ARGUMENT_FILE,
    .arguments_min = 1,
    .arguments_max = ARGUMENTS_MANY,
    .run = run_mrt_routes,
};
