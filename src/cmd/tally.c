// SPDX-License-Identifier: Apache-2.0
//
// sextant tally: add files up without an archive.

#include "measure/tally.h"
#include "base/progress.h"
#include "cmd/command.h"

static const char *const usage[] = {"tally [OPTIONS] PATH...", NULL};

static const struct option_spec options[] = {
    {"date", 0, "DATE", "The day that the input describes, for one that states none.", NULL},
    {NULL}};

static const struct example examples[] = {
    {"sextant tally --format csv delegated-*-extended-latest",
     "The records of a day by economy, family, status and year."},
    {NULL}};

static int tally_place(const char *place, const struct read_options *how, struct tally *t,
                       struct err *e)
{
    struct read_handler handler = {.record = tally_record, .arg = t};
    struct read_result result;
    struct source *source = NULL;
    int code = source_open(place, NULL, &source, e);
    if (!code)
        source_skip_hash(source);
    if (!code)
        code = read_input(source, how, &handler, &result, e);
    source_close(&source);
    return code == ERR_MEMORY ? err_memory(e) : code;
}

static int tally_all(struct invocation *inv, const struct source_list *list, struct tally *t,
                     struct err *e)
{
    struct read_options how = {.date = DATE_NONE};
    struct progress progress;
    int code = invocation_date(inv, "date", true, &how.date, e);
    progress_start(&progress, "reading", "files", list->count, inv->quiet);
    for (size_t i = 0; i < list->count && !code; i++) {
        code = tally_place(list->places[i], &how, t, e);
        progress_step(&progress, i + 1, list->places[i]);
    }
    progress_stop(&progress);
    return code;
}

static int run_tally(struct invocation *inv, struct err *e)
{
    struct source_list list = {0};
    struct tally *tally = NULL;
    struct table *t = NULL;
    int code = source_list((char *const *)(uintptr_t)inv->arguments, inv->argument_count, &list, e);
    if (!code)
        code = tally_new(&tally, e);
    if (!code)
        code = tally_all(inv, &list, tally, e);
    if (!code)
        code = tally_table(tally, &t, e);
    if (!code)
        code = invocation_print(inv, &t, 1, e);
    table_free(&t);
    tally_free(&tally);
    source_list_free(&list);
    return code;
}

const struct command command_tally = {
    .name = "tally",
    .group = COMMAND_FIGURES,
    .summary = "Add files up without an archive",
    .usage = usage,
    .description =
        "Reads files as sextant import does, keeps nothing, and adds their records up by economy, "
        "family, status and the year of the record's own date. It is for a quick look at a file, "
        "and for figures that another program goes on with.",
    .groups = OPTIONS_OUTPUT,
    .options = options,
    .examples = examples,
    .argument = "PATH",
    .argument_help = "a file, a folder, a URL, or - for standard input",
    .argument_kind = ARGUMENT_FILE,
    .arguments_min = 1,
    .arguments_max = ARGUMENTS_MANY,
    .run = run_tally,
};
