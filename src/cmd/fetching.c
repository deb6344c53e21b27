// SPDX-License-Identifier: Apache-2.0
//
// What the commands that fetch have in common: options, the run, and the table of what became of
// each file.

#include "cmd/fetching.h"

#include "base/progress.h"
#include "read/fetch.h"

#include <stdio.h>
#include <string.h>

#define RETRIES_MAX 20
#define TIMEOUT_MAX 3600
#define NOTES_MAX   10 // reasons under the table for people

const char *const fetching_periods[] = {"day", "month", "quarter", "year", NULL};

static int parse_period(const struct invocation *inv, struct fetch_options *o, struct err *e)
{
    const char *every = invocation_option(inv, "every");
    if (!invocation_option(inv, "from"))
        return every || invocation_option(inv, "to")
                   ? err_set(e, ERR_USAGE, "--from is missing: the first day that is wanted")
                   : 0;
    o->to = date_today();
    o->every = PERIOD_MONTH;
    if (every)
        period_parse(slice_of(every), &o->every);
    int code = invocation_date(inv, "from", false, &o->from, e);
    if (!code)
        code = invocation_date(inv, "to", true, &o->to, e);
    if (!code && o->to < o->from)
        code = err_set(e, ERR_USAGE, "--to is before --from");
    return code;
}

// Next to the archive.
static const char *default_folder(struct invocation *inv, const char *name)
{
    const char *slash = strrchr(inv->store, '/');
    return slash ? arena_format(&inv->arena, "%.*s/%s", (int)(slash - inv->store), inv->store, name)
                 : name;
}

static int parse_limits(const struct invocation *inv, struct fetch_options *o, struct err *e)
{
    uint64_t retries = FETCH_RETRIES, timeout = 0;
    int code = invocation_number(inv, "retries", RETRIES_MAX, &retries, e);
    if (!code)
        code = invocation_number(inv, "timeout", TIMEOUT_MAX, &timeout, e);
    o->retries = (unsigned)retries;
    o->http = (struct http_limits){.connect_seconds = (unsigned)timeout,
                                   .stall_seconds = (unsigned)timeout};
    return code;
}

static int parse_options(struct invocation *inv, const struct fetching *what,
                         struct fetch_options *o, struct err *e)
{
    *o = (struct fetch_options){.table = what->table,
                                .folders = what->folders,
                                .kinds = what->kinds,
                                .economies = what->economies,
                                .from = DATE_NONE,
                                .to = DATE_NONE};
    o->into = invocation_option(inv, "into");
    if (!o->into)
        o->into = default_folder(inv, what->folder);
    if (!o->into)
        return err_memory(e);
    o->mirror = invocation_option(inv, "mirror");
    o->url = invocation_option(inv, "url");
    o->form = invocation_flag(inv, "plain") ? "plain" : NULL;
    o->recheck = invocation_flag(inv, "recheck");
    int code = what->past ? parse_period(inv, o, e) : 0;
    if (!code)
        code = parse_limits(inv, o, e);
    o->publishers = o->url ? NULL : invocation_option(inv, what->publisher);
    if (!o->publishers && !o->url)
        o->publishers = o->from == DATE_NONE ? what->now : what->then;
    return code;
}

enum {
    COLUMN_PUBLISHER,
    COLUMN_DAY,
    COLUMN_FATE,
    COLUMN_BYTES,
    COLUMN_CHECKED,
    COLUMN_FILE,
    COLUMN_REASON
};

static struct table *table_make(const struct fetching *what)
{
    const struct column columns[] = {
        {what->publisher, what->kinds ? "Publisher" : "Registry", COLUMN_TEXT, "",
         "Who publishes the file.", 0},
        {"day", "Day", COLUMN_DATE, "", "The day asked for; empty for the current file.", 0},
        {"result", "Result", COLUMN_TEXT, "",
         "fetched, resumed (the rest of it), unchanged, missing (on the server), failed.", 0},
        {"bytes", "Bytes", COLUMN_COUNT, "bytes", "Size of the file in the folder.", 0},
        {what->kinds ? "checked" : "md5", what->kinds ? "Checked" : "MD5", COLUMN_TEXT, "",
         what->kinds ? "right: the file that came is whole, and what was asked for."
                     : "right: the file that came has the MD5 that the registry published.",
         0},
        {"file", "File", COLUMN_TEXT, "", "Its name in the folder.", 0},
        {"reason", "Reason", COLUMN_TEXT, "", "Why it did not come.", 0, .machine_only = true},
    };
    struct table *t;
    if (table_new("fetch", &t))
        return NULL;
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        table_column(t, &columns[i]);
    return t;
}

static void table_add(struct table *t, const struct fetch_item *item)
{
    size_t row = table_row(t);
    table_set_text(t, row, COLUMN_PUBLISHER, item->publisher);
    table_set_date(t, row, COLUMN_DAY, item->day);
    table_set_text(t, row, COLUMN_FATE, fetch_fate_name(item->fate));
    if (item->name)
        table_set_count(t, row, COLUMN_BYTES, item->bytes);
    if (item->verified)
        table_set_text(t, row, COLUMN_CHECKED, "right");
    if (item->name)
        table_set_text(t, row, COLUMN_FILE, item->name);
    if (item->reason) {
        table_set_text(t, row, COLUMN_REASON, item->reason);
        if (t->note_count < NOTES_MAX)
            table_note(t, "%s", item->reason);
    }
}

static int print_list(struct invocation *inv, const struct fetching *what,
                      const struct fetch_options *o, const struct fetch_list *l, struct err *e)
{
    struct table *t = table_make(what);
    if (!t)
        return err_memory(e);
    table_title(t, "%s in %s", what->title, o->into);
    bool came = false;
    for (size_t i = 0; i < l->count; i++) {
        table_add(t, &l->at[i]);
        came |= l->at[i].name != NULL;
    }
    if (came)
        table_note(t, "sextant import %s takes them into the archive.", o->into);
    int code = t->failed ? err_memory(e) : invocation_print(inv, &t, 1, e);
    table_free(&t);
    return code;
}

// A run is done when what the servers have came, and that was something.
static int judge(const struct fetch_list *l, struct err *e)
{
    size_t came = 0, failed = 0;
    const struct fetch_item *first = NULL;
    for (size_t i = 0; i < l->count; i++) {
        const struct fetch_item *item = &l->at[i];
        if (item->fate == FETCH_FAILED) {
            first = failed++ == 0 ? item : first;
        } else {
            came += item->fate != FETCH_MISSING;
        }
    }
    if (first)
        return err_set(e, first->code, "%zu of %zu files did not come: %s", failed, l->count,
                       first->reason ? first->reason : err_name(first->code));
    if (came == 0)
        return err_set(e, ERR_NETWORK, "the servers have none of the %zu files", l->count);
    return 0;
}

struct show {
    struct progress progress;
    bool bytes; // of a few large files, not files of many
};

static void show_step(const struct fetch_item *item, size_t done, uint64_t bytes, void *arg)
{
    struct show *s = arg;
    progress_step(&s->progress, s->bytes ? bytes : done, item->publisher);
}

int fetching_run(struct invocation *inv, const struct fetching *what, struct err *e)
{
    struct fetch_options o;
    struct fetch_list list = {0};
    int code = parse_options(inv, what, &o, e);
    if (!code)
        code = fetch_plan(&o, &list, e);
    if (code)
        return code;
    struct show show = {.bytes = o.from == DATE_NONE};
    progress_start(&show.progress, "fetching", show.bytes ? "bytes" : "files",
                   show.bytes ? 0 : list.count, inv->quiet);
    code = fetch_run(&o, &list, show_step, &show, e);
    progress_stop(&show.progress);
    if (!code)
        code = print_list(inv, what, &o, &list, e);
    if (!code)
        code = judge(&list, e);
    fetch_list_free(&list);
    return code;
}
