// SPDX-License-Identifier: Apache-2.0
//
// sextant economy: one economy on a page.

#include "cmd/question.h"
#include "measure/economies.h"

static const char *const usage[] = {"economy [OPTIONS] ECONOMY", NULL};

static const struct option_spec options[] = {
    {"known-on", 0, "DATE", "As the registries' files of that day had it; the newest by default.",
     NULL},
    {"registry", 0, "NAME,...", "Only these registries.", NULL},
    {"top", 0, "N", "So many holders; 10 by default.", NULL},
    {NULL}};

static const struct example examples[] = {
    {"sextant economy KE", "Kenya on a page."},
    {"sextant economy \"south africa\"", "By name."},
    {"sextant economy BR --table pace --format csv", "One of the page's tables."},
    {NULL}};

static int run_economy(struct invocation *inv, struct err *e)
{
    struct question q;
    struct buffer name = {0};
    int code = question_open(&q, inv, e);
    if (code)
        return code;
    for (size_t i = 0; i < inv->argument_count; i++)
        buffer_format(&name, "%s%s", i ? " " : "", inv->arguments[i]);
    code = name.failed ? err_memory(e)
                       : economy_by_name(q.world, (struct slice){name.at, name.length},
                                         &q.query.economy, e);
    if (code == 0)
        code = question_answer(&q, inv, measure_economy, e);
    buffer_done(&name);
    question_close(&q);
    return code;
}

const struct command command_economy = {
    .name = "economy",
    .group = COMMAND_FIGURES,
    .summary = "One economy on a page",
    .usage = usage,
    .description =
        "What an economy holds in IPv6 and IPv4 space and AS numbers, and since when; its place in "
        "the world, its regions and its development groups, IPv4 beside IPv6; its pace by year; "
        "its largest holders; and what changed in the year before.\n\n"
        "An economy is named by its ISO 3166 code (KE, KEN, 404) or its name in the language "
        "chosen. What the files state beside economies (EU, AP, ZZ) is taken too.",
    .groups = OPTIONS_STORE | OPTIONS_OUTPUT,
    .options = options,
    .examples = examples,
    .argument = "ECONOMY",
    .argument_help = "A code (KE, KEN, 404) or a name.",
    .argument_kind = ARGUMENT_TEXT,
    .arguments_min = 1,
    .arguments_max = 8,
    .run = run_economy,
};
