// SPDX-License-Identifier: Apache-2.0
//
// sextant evidence: the inputs behind the figures.

#include "cmd/question.h"
#include "measure/holdings.h"

#define LISTED 20 // inputs, without --all

static const char *const usage[] = {"evidence [--all]", "evidence INPUT", NULL};

static const struct option_spec options[] = {
    {"all", 'a', NULL, "List all inputs; the newest 20 by default.", NULL}, {NULL}};

static const struct example examples[] = {
    {"sextant evidence", "The inputs imported last."},
    {"sextant evidence delegated-apnic-extended-20240105", "One input by the end of its source."},
    {"sextant evidence 3fa9c2", "One by the beginning of its SHA-256."},
    {NULL}};

static int run_evidence(struct invocation *inv, struct err *e)
{
    struct question q;
    struct measure_tables tables = {0};
    int code = question_open(&q, inv, e);
    if (code)
        return code;
    struct measure m = {q.store, q.world};
    if (inv->argument_count)
        code = measure_input(&m, inv->arguments[0], &tables, e);
    else
        code = measure_inputs(&m, invocation_flag(inv, "all") ? 0 : LISTED, &tables, e);
    bool one = inv->format == TABLE_CSV && !invocation_option(inv, "table");
    if (code == 0)
        code = invocation_print(inv, tables.at, one ? 1 : tables.count, e);
    measure_tables_free(&tables);
    question_close(&q);
    return code;
}

const struct command command_evidence = {
    .name = "evidence",
    .group = COMMAND_EVIDENCE,
    .summary = "The inputs behind the figures, and what became of their lines",
    .usage = usage,
    .description =
        "Every figure is computed from inputs that the archive has registered. Without an argument "
        "this lists them. With one it shows an input: its hash, source and dates, its lines by "
        "fate (used, ignored for a reason, rejected for a reason: they sum to the lines of the "
        "file), what was found odd, with line numbers, and which snapshots it contributes.\n\n"
        "An input is named by its number, by the beginning of its SHA-256 or by the end of its "
        "source.",
    .groups = OPTIONS_STORE | OPTIONS_OUTPUT,
    .options = options,
    .examples = examples,
    .argument = "INPUT",
    .argument_help = "Number, beginning of the SHA-256, or end of the source.",
    .argument_kind = ARGUMENT_TEXT,
    .arguments_min = 0,
    .arguments_max = 1,
    .run = run_evidence,
};
