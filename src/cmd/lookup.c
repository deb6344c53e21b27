// SPDX-License-Identifier: Apache-2.0
//
// sextant lookup: who holds an address, and who held it.

#include "cmd/question.h"
#include "measure/holdings.h"

static const char *const usage[] = {"lookup [OPTIONS] ADDRESS|PREFIX|RANGE|ASn", NULL};

static const struct option_spec options[] = {
    {"known-on", 0, "DATE",
     "Only what stood in the snapshots of that day; the whole history by "
     "default.",
     NULL},
    {NULL}};

static const struct example examples[] = {
    {"sextant lookup 2001:db8::1", "The delegations that cover an address, with their history."},
    {"sextant lookup 192.0.2.0/24", "What covers a prefix, and what lies within it."},
    {"sextant lookup 192.0.2.0-192.0.2.130", "The same for a range."},
    {"sextant lookup AS64496", "An AS number."},
    {NULL}};

// The words of a range may come as several arguments: "192.0.2.0 - 192.0.2.130".
static int parse_range(const struct invocation *inv, struct range *ret, struct err *e)
{
    struct buffer text = {0};
    for (size_t i = 0; i < inv->argument_count; i++)
        buffer_format(&text, "%s%s", i ? " " : "", inv->arguments[i]);
    int code = text.failed ? err_memory(e) : 0;
    if (code == 0 && !range_parse((struct slice){text.at, text.length}, ret))
        code = err_set(e, ERR_USAGE,
                       "\"%s\" is no address, prefix, range or AS number; wanted is one as "
                       "2001:db8::1, 2001:db8::/32, 192.0.2.0-192.0.2.130 or AS64496",
                       text.at);
    buffer_done(&text);
    return code;
}

static int run_lookup(struct invocation *inv, struct err *e)
{
    struct question q;
    struct range range;
    struct measure_tables tables = {0};
    int code = parse_range(inv, &range, e);
    if (code == 0)
        code = question_open(&q, inv, e);
    if (code)
        return code;
    code = measure_lookup(&(struct measure){q.store, q.world}, &range, q.query.known_on, 0, &tables,
                          e);
    if (code == 0)
        code = invocation_print(inv, tables.at, tables.count, e);
    if (code == 0 && tables.at[0]->row_count == 0)
        code = 1;
    measure_tables_free(&tables);
    question_close(&q);
    return code;
}

const struct command command_lookup = {
    .name = "lookup",
    .group = COMMAND_FIGURES,
    .summary = "Who holds an address, a prefix or an AS number",
    .usage = usage,
    .description =
        "Shows the chain from the IANA over the registry to the holder: the block that the IANA "
        "gave to a registry, then the registry's records, those that cover what was asked first, "
        "the largest before the smaller ones; then those that lie within it. Each record is shown "
        "with the first and the last snapshot that has it: what stands, and what is gone.\n\n"
        "Exit status 1 where nothing is or was registered.",
    .groups = OPTIONS_STORE | OPTIONS_OUTPUT,
    .options = options,
    .examples = examples,
    .argument = "RESOURCE",
    .argument_help = "An address, a prefix, a range of addresses, or an AS number.",
    .argument_kind = ARGUMENT_TEXT,
    .arguments_min = 1,
    .arguments_max = 3,
    .run = run_lookup,
};
