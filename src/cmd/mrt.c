// SPDX-License-Identifier: Apache-2.0

#include "cmd/mrt.h"

#include "base/file.h"
#include "base/progress.h"

#include <inttypes.h>
#include <string.h>

#define ROWS_FLUSH ((size_t)256 << 10)
#define WARNED_MAX 10 // of a file; the rest is summed up

#define OPTION_OUTPUT                                                                              \
    {                                                                                              \
        "output", 'o', "FILE",                                                                     \
            "Write to this file instead of standard output, whole or not at all.", NULL            \
    }

static const char *const formats[] = {"table", "csv", "json", NULL};
static const char *const formats_routes[] = {"table", "csv", "json", "bgpdump", NULL};

const struct option_spec mrt_options_routes[] = {
    {"format", 'f', "FORMAT",
     "Write a table for people, CSV, JSON, or the lines of bgpdump -m; table by default.",
     formats_routes},
    OPTION_OUTPUT,
    {NULL}};

const struct option_spec mrt_options_prefixes[] = {
    {"format", 'f', "FORMAT", "Write a table for people, CSV or JSON; table by default.", formats},
    OPTION_OUTPUT,
    {NULL}};

int mrt_output_open(const struct invocation *inv, struct mrt_output *ret, struct err *e)
{
    const char *format = invocation_option(inv, "format");
    *ret = (struct mrt_output){.inv = inv, .format = MRT_TEXT, .e = e};
    for (unsigned i = 0; format && formats_routes[i]; i++)
        if (strcmp(format, formats_routes[i]) == 0)
            ret->format = (enum mrt_format)i;
    return inv->output ? file_draft_open(inv->output, &ret->draft, e) : 0;
}

static int flush(struct mrt_output *o, struct err *e)
{
    int code = 0;
    if (o->rows.failed)
        return err_memory(e);
    if (o->rows.length > 0 && o->draft)
        code = file_draft_write(o->draft, o->rows.at, o->rows.length, e);
    else if (o->rows.length > 0)
        code = invocation_write(o->inv, o->rows.at, o->rows.length, e);
    o->rows.length = 0;
    return code;
}

int mrt_output_row(struct mrt_output *o)
{
    o->count++;
    return o->rows.length < ROWS_FLUSH && !o->rows.failed ? 0 : flush(o, o->e);
}

int mrt_output_all(struct mrt_output *o, struct mrt_reading *r)
{
    struct err ignored;
    if (o->format == MRT_JSON)
        buffer_char(&o->rows, '[');
    int code = mrt_read_each(r, o->e);
    if (o->format == MRT_JSON)
        buffer_text(&o->rows, "\n]\n");
    // What was read before a file turned out to be damaged is shown, but not kept as a whole file.
    int end = flush(o, code ? &ignored : o->e);
    if (!code)
        code = end;
    if (!code && o->draft)
        code = file_draft_publish(&o->draft, o->e);
    file_draft_drop(&o->draft);
    buffer_done(&o->rows);
    return code;
}

void mrt_warn(struct mrt_reading *r, uint64_t record, const char *text)
{
    if (++r->warned <= WARNED_MAX)
        invocation_warn(r->inv, "%s: record %" PRIu64 ": %s", r->place, record, text);
}

static int read_place(struct mrt_reading *r, struct err *e)
{
    struct source *source = NULL;
    struct mrt_result result = {0};
    int code = source_open(r->place, NULL, &source, e);
    if (!code) {
        source_skip_hash(source);
        code = r->read(r, source, &result, e);
    }
    source_close(&source);
    if (r->warned > WARNED_MAX)
        invocation_warn(r->inv, "%s: %" PRIu64 " more damaged records", r->place,
                        r->warned - WARNED_MAX);
    if (!code && result.cut)
        code = err_set(e, ERR_INPUT, "%s: the file is cut within record %" PRIu64, r->place,
                       result.records);
    return code;
}

int mrt_read_each(struct mrt_reading *r, struct err *e)
{
    struct source_list list = {0};
    struct progress progress;
    int code =
        source_list((char *const *)(uintptr_t)r->inv->arguments, r->inv->argument_count, &list, e);
    progress_start(&progress, "reading", "files", list.count, r->inv->quiet);
    for (size_t i = 0; i < list.count && !code; i++) {
        r->place = list.places[i];
        r->warned = 0;
        code = read_place(r, e);
        progress_step(&progress, i + 1, r->place);
    }
    progress_stop(&progress);
    source_list_free(&list);
    return code;
}
