// SPDX-License-Identifier: Apache-2.0
//
// sextant lab list: what there is.

#include "cmd/laboratory.h"
#include "lab/catalogue.h"

static const char *const usage[] = {"lab list [OPTIONS]", NULL};

static const struct example examples[] = {
    {"sextant lab list", "The laboratories that come with the program."}, {NULL}};

static const struct column columns[] = {
    {.key = "lab",
     .heading = "Laboratory",
     .type = COLUMN_TEXT,
     .unit = "",
     .description = "Its name."},
    {.key = "title",
     .heading = "Title",
     .type = COLUMN_TEXT,
     .unit = "",
     .description = "What it is about."},
    {.key = "minutes",
     .heading = "Time",
     .type = COLUMN_COUNT,
     .unit = "min",
     .description = "How long a student needs."},
    {.key = "nodes",
     .heading = "Nodes",
     .type = COLUMN_COUNT,
     .unit = "",
     .description = "How many nodes it has."},
    {.key = "tasks",
     .heading = "Tasks",
     .type = COLUMN_COUNT,
     .unit = "",
     .description = "How many tasks it has."},
    {.key = "lacks",
     .heading = "Lacks",
     .type = COLUMN_TEXT,
     .unit = "",
     .description = "What it needs that this machine does not have."},
};

static int add_lab(struct table *t, const struct words *words, const char *name, struct err *e)
{
    struct lab *lab = NULL;
    const char *missing = NULL;
    int code = laboratory_read(name, &lab, e);
    const char **ways =
        code ? NULL : arena_alloc(&lab->arena, (lab->needs_count + 1) * sizeof *ways);
    if (code == 0)
        code = ways ? engine_needs(lab, laboratory_own, NULL, ways, &missing, e) : err_memory(e);
    if (code == 0) {
        size_t row = table_row(t);
        table_set_text(t, row, 0, lab->name);
        table_set_text(t, row, 1, say(words, lab->title));
        if (lab->minutes)
            table_set_count(t, row, 2, lab->minutes);
        table_set_count(t, row, 3, lab->nodes_count);
        table_set_count(t, row, 4, lab->tasks_count);
        if (missing)
            table_set_text(t, row, 5, missing);
    }
    lab_free(&lab);
    return code;
}

static int add_all(struct invocation *inv, struct table *t, struct err *e)
{
    char **names = NULL;
    const struct words *words = NULL;
    size_t count = 0;
    int code = invocation_words(inv, &words, e);
    if (code == 0)
        code = catalogue_names(&names, &count, e);
    for (size_t i = 0; i < count && code == 0; i++)
        code = add_lab(t, words, names[i], e);
    catalogue_names_free(names, count);
    return code;
}

static int run_list_labs(struct invocation *inv, struct err *e)
{
    struct table *t = NULL;
    if (table_new("labs", &t))
        return err_memory(e);
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        table_column(t, &columns[i]);
    table_title(t, "Laboratories");
    int code = add_all(inv, t, e);
    if (code == 0)
        code = t->failed ? err_memory(e) : invocation_print(inv, &t, 1, e);
    table_free(&t);
    return code;
}

const struct command command_lab_list = {
    .name = "lab list",
    .group = COMMAND_LAB,
    .summary = "The laboratories that come with the program",
    .usage = usage,
    .description = "Lists the laboratories with the time that a student needs, and says which this "
                   "machine cannot run and why. One of your own is named by its folder.",
    .groups = OPTIONS_OUTPUT,
    .examples = examples,
    .run = run_list_labs,
};
