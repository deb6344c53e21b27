// SPDX-License-Identifier: Apache-2.0
//
// sextant verify: exported tables, computed again from the archive.

#include "measure/verify.h"
#include "cmd/question.h"

static const char *const usage[] = {"verify [OPTIONS] FILE...", NULL};

static const struct example examples[] = {
    {"sextant verify geography.csv", "A CSV file with geography.csv.basis.json beside it."},
    {"sextant verify *.json", "Several JSON exports."},
    {NULL}};

static int run_verify(struct invocation *inv, struct err *e)
{
    struct store *store = NULL;
    struct verification v;
    int code = store_open(inv->store, STORE_READ, &store, e);
    if (code)
        return code;
    if (verification_init(&v) != 0) {
        store_close(&store);
        return err_memory(e);
    }
    for (size_t i = 0; i < inv->argument_count && code == 0; i++)
        code = verify_file(&v, store, inv->arguments[i], e);
    bool one = v.differing == 0 || (inv->format == TABLE_CSV && !invocation_option(inv, "table"));
    size_t count = one ? 1 : v.tables[2]->row_count ? 3 : 2;
    if (code == 0)
        code = invocation_print(inv, v.tables, count, e);
    if (code == 0 && v.differing)
        code = 1;
    verification_done(&v);
    store_close(&store);
    return code;
}

const struct command command_verify = {
    .name = "verify",
    .group = COMMAND_EVIDENCE,
    .summary = "Compute exported tables again and compare",
    .usage = usage,
    .description =
        "A table exported as CSV (with its basis beside it, FILE.basis.json) or as JSON names the "
        "measure, the parameters and the inputs that it was computed from. This command computes "
        "it again from the archive and compares every cell.\n\n"
        "Identical: exit status 0. Where cells differ they are listed, and with them the inputs "
        "that can be the cause: those imported since, missing, or superseded; exit status 1. A "
        "file that is damaged or no such table: exit status 3.",
    .groups = OPTIONS_STORE | OPTIONS_OUTPUT,
    .examples = examples,
    .argument = "FILE",
    .argument_help = "A CSV or JSON file that sextant wrote.",
    .argument_kind = ARGUMENT_FILE,
    .arguments_min = 1,
    .arguments_max = ARGUMENTS_MANY,
    .run = run_verify,
};
