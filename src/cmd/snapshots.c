// SPDX-License-Identifier: Apache-2.0
//
// sextant snapshots: what the archive holds.

#include "cmd/question.h"
#include "measure/holdings.h"

static const char *const usage[] = {"snapshots [OPTIONS]", NULL};

static const struct option_spec options[] = {
    {"gaps", 0, NULL, "List every gap too.", NULL},
    {"list", 0, NULL, "One row for each snapshot instead.", NULL},
    {NULL}};

static const struct example examples[] = {
    {"sextant snapshots",
     "First, last and number of each registry's snapshots; routes, series, suspects."},
    {"sextant snapshots --gaps --table gaps --format csv", "The days that are missing."},
    {NULL}};

static void drop(struct measure_tables *t, size_t i)
{
    table_free(&t->at[i]);
    t->count--;
    for (; i < t->count; i++)
        t->at[i] = t->at[i + 1];
    t->at[t->count] = NULL;
}

// People see no empty table, except when there is none at all.
static void drop_empty(struct measure_tables *t, const struct invocation *inv)
{
    bool people = inv->format == TABLE_TEXT || inv->format == TABLE_MARKDOWN;
    if (!people || invocation_option(inv, "table"))
        return;
    for (size_t i = t->count; i-- > 0 && t->count > 1;)
        if (t->at[i]->row_count == 0)
            drop(t, i);
}

static int run_snapshots(struct invocation *inv, struct err *e)
{
    struct question q;
    struct measure_tables tables = {0};
    unsigned parts = HOLDINGS_SERIES | HOLDINGS_ROUTES | HOLDINGS_FIGURES | HOLDINGS_SUSPECTS;
    int code = question_open(&q, inv, e);
    if (code)
        return code;
    if (invocation_flag(inv, "list"))
        parts = HOLDINGS_SNAPSHOTS;
    if (invocation_flag(inv, "gaps"))
        parts |= HOLDINGS_GAPS;
    code = measure_holdings(&(struct measure){q.store, q.world}, parts, &tables, e);
    bool one = inv->format == TABLE_CSV && !invocation_option(inv, "table");
    if (code == 0) {
        drop_empty(&tables, inv);
        code = invocation_print(inv, tables.at, one ? 1 : tables.count, e);
    }
    measure_tables_free(&tables);
    question_close(&q);
    return code;
}

const struct command command_snapshots = {
    .name = "snapshots",
    .group = COMMAND_DATA,
    .summary = "What the archive holds: snapshots, gaps, suspects",
    .usage = usage,
    .description =
        "A snapshot is what one registry's file of one day says about IPv6 space, IPv4 space or "
        "AS numbers. For each registry and family: the first and the last snapshot, how many there "
        "are, and the days that are missing between them. A missing day is known as a gap; nothing "
        "is believed to have left or come in it.\n\n"
        "The same of routes (by collector) and of dated series of economies.\n\n"
        "A snapshot is suspect where it shows far fewer records than those before and after it. It "
        "is kept, and no figure is computed from it.",
    .groups = OPTIONS_STORE | OPTIONS_OUTPUT,
    .options = options,
    .examples = examples,
    .run = run_snapshots,
};
