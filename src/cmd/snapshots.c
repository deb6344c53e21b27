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
    {"sextant snapshots", "First, last and number of each registry's snapshots; suspects."},
    {"sextant snapshots --gaps --table gaps --format csv", "The days that are missing."},
    {NULL}};

static bool is_empty(const struct table *t)
{
    return t->row_count == 0;
}

// Without suspects there is no table of them for people.
static size_t drop_empty(struct measure_tables *t, const struct invocation *inv)
{
    bool people = inv->format == TABLE_TEXT || inv->format == TABLE_MARKDOWN;
    if (people && t->count > 1 && is_empty(t->at[t->count - 1]) && !invocation_option(inv, "table"))
        return t->count - 1;
    return t->count;
}

static int run_snapshots(struct invocation *inv, struct err *e)
{
    struct question q;
    struct measure_tables tables = {0};
    unsigned parts = HOLDINGS_SERIES | HOLDINGS_SUSPECTS;
    int code = question_open(&q, inv, e);
    if (code)
        return code;
    if (invocation_flag(inv, "list"))
        parts = HOLDINGS_SNAPSHOTS;
    if (invocation_flag(inv, "gaps"))
        parts |= HOLDINGS_GAPS;
    code = measure_holdings(&(struct measure){q.store, q.world}, parts, &tables, e);
    bool one = inv->format == TABLE_CSV && !invocation_option(inv, "table");
    if (code == 0)
        code = invocation_print(inv, tables.at, one ? 1 : drop_empty(&tables, inv), e);
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
        "A snapshot is suspect where it shows far fewer records than those before and after it. It "
        "is kept, and no figure is computed from it.",
    .groups = OPTIONS_STORE | OPTIONS_OUTPUT,
    .options = options,
    .examples = examples,
    .run = run_snapshots,
};
