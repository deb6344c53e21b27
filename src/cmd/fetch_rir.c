// SPDX-License-Identifier: Apache-2.0
//
// sextant fetch rir: the registries' statistics files into a folder, and what became of each.

#include "base/progress.h"
#include "cmd/command.h"
#include "read/fetch.h"

#include <stdio.h>
#include <string.h>

#define RETRIES_MAX 20
#define TIMEOUT_MAX 3600
#define NOTES_MAX   10 // reasons under the table for people

static int parse_registries(const char *names, unsigned *ret, struct err *e)
{
    unsigned bits = 0;
    for (struct slice rest = slice_of(names); rest.at;) {
        struct slice name = slice_trim(slice_cut(&rest, ','));
        enum registry r;
        if (!registry_parse(name, &r) || r >= REGISTRY_RIR_COUNT)
            return err_set(e, ERR_USAGE,
                           "--registry: no registry \"%.*s\"; valid: afrinic, apnic, arin, "
                           "lacnic, ripencc",
                           SLICE_ARG(name));
        bits |= 1U << r;
    }
    *ret = bits;
    return 0;
}

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
static const char *default_folder(struct invocation *inv)
{
    const char *slash = strrchr(inv->store, '/');
    return slash ? arena_format(&inv->arena, "%.*s/rir", (int)(slash - inv->store), inv->store)
                 : "rir";
}

static int parse_options(struct invocation *inv, struct fetch_options *o, struct err *e)
{
    uint64_t retries = FETCH_RETRIES, timeout = 0;
    const char *registries = invocation_option(inv, "registry");
    *o = (struct fetch_options){.from = DATE_NONE, .to = DATE_NONE};
    o->into = invocation_option(inv, "into");
    if (!o->into)
        o->into = default_folder(inv);
    if (!o->into)
        return err_memory(e);
    o->mirror = invocation_option(inv, "mirror");
    o->plain = invocation_flag(inv, "plain");
    o->recheck = invocation_flag(inv, "recheck");
    int code = registries ? parse_registries(registries, &o->registries, e) : 0;
    if (!code)
        code = parse_period(inv, o, e);
    if (!code)
        code = invocation_number(inv, "retries", RETRIES_MAX, &retries, e);
    if (!code)
        code = invocation_number(inv, "timeout", TIMEOUT_MAX, &timeout, e);
    o->retries = (unsigned)retries;
    o->http = (struct http_limits){.connect_seconds = (unsigned)timeout,
                                   .stall_seconds = (unsigned)timeout};
    return code;
}

enum {
    COLUMN_REGISTRY,
    COLUMN_DAY,
    COLUMN_FATE,
    COLUMN_BYTES,
    COLUMN_MD5,
    COLUMN_FILE,
    COLUMN_REASON
};

static struct table *table_make(void)
{
    static const struct column columns[] = {
        {"registry", "Registry", COLUMN_TEXT, "", "The registry that publishes the file.", 0},
        {"day", "Day", COLUMN_DATE, "", "The day asked for; empty for the current file.", 0},
        {"result", "Result", COLUMN_TEXT, "",
         "fetched, resumed (the rest of it), unchanged, missing (on the server), failed.", 0},
        {"bytes", "Bytes", COLUMN_COUNT, "bytes", "Size of the file in the folder.", 0},
        {"md5", "MD5", COLUMN_TEXT, "",
         "right: the file that came has the MD5 that the registry published.", 0},
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
    table_set_text(t, row, COLUMN_REGISTRY, registry_name(item->registry));
    table_set_date(t, row, COLUMN_DAY, item->day);
    table_set_text(t, row, COLUMN_FATE, fetch_fate_name(item->fate));
    if (item->name)
        table_set_count(t, row, COLUMN_BYTES, item->bytes);
    if (item->verified)
        table_set_text(t, row, COLUMN_MD5, "right");
    if (item->name)
        table_set_text(t, row, COLUMN_FILE, item->name);
    if (item->reason) {
        table_set_text(t, row, COLUMN_REASON, item->reason);
        if (t->note_count < NOTES_MAX)
            table_note(t, "%s", item->reason);
    }
}

static int print_list(const struct invocation *inv, const struct fetch_options *o,
                      const struct fetch_list *l, struct err *e)
{
    struct table *t = table_make();
    if (!t)
        return err_memory(e);
    table_title(t, "Statistics files of the registries in %s", o->into);
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
    progress_step(&s->progress, s->bytes ? bytes : done, registry_name(item->registry));
}

static int run_fetch_rir(struct invocation *inv, struct err *e)
{
    struct fetch_options o;
    struct fetch_list list = {0};
    int code = parse_options(inv, &o, e);
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
        code = print_list(inv, &o, &list, e);
    if (!code)
        code = judge(&list, e);
    fetch_list_free(&list);
    return code;
}

static const char *const usage[] = {"fetch rir [OPTIONS]", NULL};

static const char *const periods[] = {"day", "month", "quarter", "year", NULL};

static const struct option_spec options[] = {
    {"every", 0, "PERIOD",
     "Of the past, the file of the first day of each period, and of the day --from itself; month "
     "by default.",
     periods},
    {"registry", 0, "NAME,...", "Only these registries; all five by default.", NULL},
    {"into", 0, "DIR", "The folder for the files; \"rir\" beside the archive by default.", NULL},
    {"mirror", 0, "URL",
     "Ask URL/<registry>/... instead of the registries' own servers. Each registry mirrors the "
     "others: https://ftp.ripe.net/pub/stats is one.",
     NULL},
    {"plain", 0, NULL, "The plain files, also where there are extended ones.", NULL},
    {"recheck", 0, NULL, "Ask again also for files of the past that are in the folder already.",
     NULL},
    {"retries", 0, "N", "How often to try again what failed and may pass; 4 by default.", NULL},
    {"timeout", 0, "SECONDS",
     "Give a transfer up that does not start or stands still for so long; 20 and 30 by default.",
     NULL},
    {NULL},
};

static const struct example examples[] = {
    {"sextant fetch rir", "The five registries' current files."},
    {"sextant fetch rir --from 2010 --to 2024 --every year",
     "The files of the first of January of fifteen years."},
    {"sextant fetch rir --registry lacnic --mirror https://ftp.ripe.net/pub/stats",
     "One registry's file, from another registry's server."},
    {NULL},
};

const struct command command_fetch_rir = {
    .name = "fetch rir",
    .group = COMMAND_DATA,
    .summary = "Fetch the registries' statistics files",
    .usage = usage,
    .description =
        "Brings the delegated statistics of AFRINIC, APNIC, ARIN, LACNIC and the RIPE NCC into a "
        "folder: the current files, or with --from those of the past. The extended files are "
        "taken, the plain ones where a day has no extended file.\n\n"
        "A file that did not change is not sent again, an interrupted transfer goes on where it "
        "stopped, and what came must have the MD5 that the registry publishes. A file appears in "
        "the folder whole or not at all, so that the command can be run again at any time.\n\n"
        "The exit status is 4 when a file failed, or when the servers have none of them.",
    .groups = OPTIONS_STORE | OPTIONS_OUTPUT | OPTIONS_PERIOD,
    .options = options,
    .examples = examples,
    .run = run_fetch_rir,
};
