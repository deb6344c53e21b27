// SPDX-License-Identifier: Apache-2.0
//
// sextant lab list: what there is.

#include "cmd/laboratory.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

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
     .heading = "Minutes",
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

static int add_lab(struct table *t, const char *name, struct err *e)
{
    struct lab *lab = NULL;
    const char *missing = NULL;
    int code = laboratory_read(name, &lab, e);
    const char **ways =
        code ? NULL : arena_alloc(&lab->arena, (lab->needs_count + 1) * sizeof *ways);
    if (code == 0)
        code = ways ? engine_needs(lab, laboratory_own, ways, &missing, e) : err_memory(e);
    if (code == 0) {
        size_t row = table_row(t);
        table_set_text(t, row, 0, lab->name);
        table_set_text(t, row, 1, lab->title);
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

static int is_shown(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int add_folder(struct table *t, const char *path, struct err *e)
{
    struct dirent **entries = NULL;
    int count = scandir(path, &entries, is_shown, alphasort), code = 0;
    if (count < 0)
        return err_system(e, "%s", path);
    for (int i = 0; i < count; i++) {
        if (code == 0)
            code = add_lab(t, entries[i]->d_name, e);
        free(entries[i]);
    }
    free(entries);
    return code;
}

static int run_list_labs(struct invocation *inv, struct err *e)
{
    char path[FILE_PATH_MAX];
    struct table *t = NULL;
    if (table_new("labs", &t))
        return err_memory(e);
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        table_column(t, &columns[i]);
    table_title(t, "Laboratories");
    int code = file_find_data("labs", path, e);
    if (code == 0)
        code = add_folder(t, path, e);
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
