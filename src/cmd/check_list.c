// SPDX-License-Identifier: Apache-2.0

#include "cmd/check_list.h"

#include "base/progress.h"
#include "check/campaign.h"
#include "store/services.h"

#include <inttypes.h>
#include <string.h>

#define TOLD_MAX 20 // bad lines that are told one by one

// ---- who does not want to be asked

struct from_archive {
    struct opt_out *out;
    struct err *e;
};

static int add_one(const char *name, bool subtree, date added, void *arg)
{
    struct from_archive *f = arg;
    (void)added;
    return opt_out_add_name(f->out, name, subtree, f->e);
}

static int read_archive(const struct invocation *inv, struct opt_out *out, struct err *e)
{
    struct store *store = NULL;
    struct err why = {0};
    struct from_archive f = {out, e};
    int code = store_open(inv->store, STORE_READ, &store, &why);
    if (code == ERR_NOT_FOUND)
        return 0;
    code = code ? err_set(e, code, "%s", why.text) : store_opt_outs(store, add_one, &f, e);
    store_close(&store);
    return code;
}

int check_opt_outs(struct invocation *inv, struct opt_out **ret, struct err *e)
{
    const char *file = invocation_option(inv, "opt-out");
    struct opt_out *out = NULL;
    int code = opt_out_new(&out, e);
    if (!code && file)
        code = opt_out_read(out, file, e);
    if (!code)
        code = read_archive(inv, out, e);
    if (code)
        opt_out_free(&out);
    else
        *ret = out;
    return code;
}

// ---- the run

struct listing {
    struct invocation *inv;
    struct progress progress;
    uint64_t told;
};

static void tell(const char *sentence, void *arg)
{
    struct listing *l = arg;
    if (l->told++ < TOLD_MAX)
        invocation_warn(l->inv, "%s", sentence);
}

static void step(const struct campaign_counts *c, const char *domain, void *arg)
{
    struct listing *l = arg;
    progress_step(&l->progress, c->asked, domain);
}

static void add_row(struct table *t, const char *what, uint64_t count)
{
    size_t row = table_row(t);
    table_set_text(t, row, 0, what);
    table_set_count(t, row, 1, count);
}

static int print(struct listing *l, const struct campaign_counts *c, const char *journal,
                 struct err *e)
{
    struct table *t = NULL;
    if (table_new("check-list", &t))
        return err_memory(e);
    table_title(t, "Checked into %s%s", journal, c->stopped ? "; stopped before the end" : "");
    table_column(t, &(struct column){"what", "What", COLUMN_TEXT, "", "What is counted."});
    table_column(t, &(struct column){"count", "Count", COLUMN_COUNT, "", "How many."});
    add_row(t, "domains asked", c->asked);
    for (unsigned s = 0; s < STAGE_COUNT; s++)
        add_row(t, stage_name((enum stage)s), c->stages[s]);
    add_row(t, "domains done before", c->done);
    add_row(t, "domains that are in the list again", c->twice);
    add_row(t, "domains that do not want to be asked", c->opted_out);
    add_row(t, "lines of the list", c->list.lines);
    add_row(t, "lines that are no domain", c->list.bad);
    int code = t->failed ? err_memory(e) : invocation_print(l->inv, &t, 1, e);
    table_free(&t);
    return code;
}

static int run_list(struct listing *l, const struct campaign_options *o, struct err *e)
{
    struct campaign *c = NULL;
    struct campaign_counts counts = {0};
    int code = campaign_open(o, &c, e);
    if (code)
        return code;
    struct check_run run = campaign_run(c);
    progress_start(&l->progress, "checking", "domains", 0, l->inv->quiet);
    code = check_ask(o->check, &run, e);
    progress_stop(&l->progress);
    if (!code)
        code = campaign_finish(c, &counts, e);
    campaign_close(&c);
    if (l->told > TOLD_MAX)
        invocation_warn(l->inv, "%" PRIu64 " more lines are no domain", l->told - TOLD_MAX);
    if (!code)
        code = print(l, &counts, o->journal, e);
    return code ? code : counts.stopped;
}

int check_list(struct invocation *inv, const struct check_options *check, struct err *e)
{
    struct listing l = {.inv = inv};
    struct campaign_options o = {.list = invocation_option(inv, "list"),
                                 .journal = invocation_option(inv, "journal"),
                                 .name = invocation_option(inv, "campaign"),
                                 .check = check,
                                 .clock = &clock_real,
                                 .told = tell,
                                 .progress = step,
                                 .arg = &l};
    if (!o.journal)
        return err_set(e, ERR_USAGE, "--list wants --journal FILE, where the results go");
    if (inv->argument_count > 0)
        return err_set(e, ERR_USAGE, "%s: domains are given as arguments or with --list, not both",
                       inv->arguments[0]);
    return run_list(&l, &o, e);
}
