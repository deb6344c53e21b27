// SPDX-License-Identifier: Apache-2.0
//
// sextant doctor: is the archive sound?

#include "cmd/command.h"
#include "store/store.h"

#include <inttypes.h>
#include <stdio.h>

static const char *const usage[] = {"doctor [OPTIONS]", NULL};

static const struct example examples[] = {
    {"sextant doctor", "Checks the archive; exit status 1 when something is wrong."}, {NULL}};

static void add_problem(const char *text, void *arg)
{
    struct table *t = arg;
    table_set_text(t, table_row(t), 0, text);
}

static int check(struct store *store, struct table *t, uint64_t *problems, struct err *e)
{
    table_column(t, &(struct column){.key = "problem",
                                     .heading = "Problem",
                                     .type = COLUMN_TEXT,
                                     .unit = "",
                                     .description = "What is wrong, one sentence."});
    int code = store_check(store, add_problem, t, problems, e);
    if (code)
        return code;
    table_title(t, "%s: %s", store_path(store), *problems ? "not sound" : "sound");
    if (*problems)
        table_note(t, "Import the files again into a new archive; they are its only source.");
    else
        table_note(t, "Checked: the file, its references, the sums of lines, the lifetimes against "
                      "their snapshots.");
    return t->failed ? err_memory(e) : 0;
}

static int run_doctor(struct invocation *inv, struct err *e)
{
    struct store *store = NULL;
    struct table *t = NULL;
    uint64_t problems = 0;
    int code = table_new("doctor", &t);
    if (code)
        return err_memory(e);
    code = store_open(inv->store, STORE_READ, &store, e);
    if (!code)
        code = check(store, t, &problems, e);
    if (!code)
        code = invocation_print(inv, &t, 1, e);
    table_free(&t);
    store_close(&store);
    return code ? code : problems > 0;
}

const struct command command_doctor = {
    .name = "doctor",
    .group = COMMAND_DATA,
    .summary = "Check an archive's integrity",
    .usage = usage,
    .description =
        "Reads the whole archive and checks the file itself, that every reference leads somewhere, "
        "that each input's lines by fate sum to its lines, and that each lifetime begins and ends "
        "with a snapshot, does not overlap another one of the same record, and agrees with what "
        "the "
        "newest snapshot counted. Nothing is changed.\n\n"
        "Exit status 0: sound; 1: problems were found; 3: the file is no archive, or too damaged "
        "to "
        "be opened.",
    .groups = OPTIONS_STORE | OPTIONS_OUTPUT,
    .examples = examples,
    .run = run_doctor,
};
