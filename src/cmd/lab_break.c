// SPDX-License-Identifier: Apache-2.0
//
// sextant lab break: a working network with a fault to find.

#include "cmd/laboratory.h"

#include <string.h>

static const char *const usage[] = {"lab break [VARIANT] [--lab NAME]", NULL};

static const struct option_spec options[] = {LABORATORY_OPTION, {NULL}};

static const struct example examples[] = {
    {"sextant lab break", "Names the faults of this laboratory."},
    {"sextant lab break no-way-back", "Solves it but for one thing; find it."},
    {NULL}};

static int list_variants(struct invocation *inv, const struct laboratory *l, struct err *e)
{
    const struct lab *lab = l->lab;
    static const struct column columns[] = {
        {.key = "variant",
         .heading = "Variant",
         .type = COLUMN_TEXT,
         .unit = "",
         .description = "Its name."},
        {.key = "title",
         .heading = "What is wrong",
         .type = COLUMN_TEXT,
         .unit = "",
         .description = "What is wrong.",
         .foreign = true},
    };
    struct table *t = NULL;
    if (table_new("variants", &t))
        return err_memory(e);
    for (size_t i = 0; i < 2; i++)
        table_column(t, &columns[i]);
    table_title(t, "%s: faults", say(l->words, lab->title));
    for (unsigned i = 0; i < lab->variants_count; i++) {
        size_t row = table_row(t);
        table_set_text(t, row, 0, lab->variants[i].name);
        table_set_text(t, row, 1, say(l->words, lab->variants[i].title));
    }
    int code = t->failed ? err_memory(e) : invocation_print(inv, &t, 1, e);
    table_free(&t);
    return code;
}

static int find_variant(const struct lab *lab, const char *name, const struct lab_variant **ret,
                        struct err *e)
{
    for (unsigned i = 0; i < lab->variants_count; i++)
        if (strcmp(lab->variants[i].name, name) == 0) {
            *ret = &lab->variants[i];
            return 0;
        }
    return err_set(e, ERR_USAGE, "%s has no variant \"%.40s\"; \"sextant lab break\" names them",
                   lab->name, name);
}

static int run_break(struct invocation *inv, struct err *e)
{
    struct laboratory l = {0};
    const struct lab_variant *variant = NULL;
    int code = laboratory_open(inv, &l, e);
    bool list = inv->argument_count == 0;
    if (code == 0 && list)
        code = list_variants(inv, &l, e);
    if (code == 0 && !list)
        code = find_variant(l.lab, inv->arguments[0], &variant, e);
    if (code == 0 && variant)
        code = laboratory_again(inv, &l, e);
    if (code == 0 && variant)
        code = laboratory_solve(&l, variant, e);
    laboratory_close(&l);
    return code;
}

const struct command command_lab_break = {
    .name = "lab break",
    .group = COMMAND_LAB,
    .summary = "Put a fault into a laboratory, to be found",
    .usage = usage,
    .description = "Begins the laboratory anew, applies its solution, and breaks it in one of the "
                   "ways that it knows. \"sextant lab check\" then shows what no longer holds; "
                   "the reason is yours to find.",
    .groups = OPTIONS_OUTPUT,
    .options = options,
    .examples = examples,
    .argument = "VARIANT",
    .argument_help = "the fault; without it they are listed",
    .arguments_max = 1,
    .run = run_break,
};
