// SPDX-License-Identifier: Apache-2.0
//
// sextant lab check: does the work hold?

#include "cmd/laboratory.h"

#include <stdlib.h>
#include <string.h>

static const char *const usage[] = {"lab check [TASK] [OPTIONS]", NULL};

static const struct option_spec options[] = {LABORATORY_OPTION, {NULL}};

static const struct example examples[] = {
    {"sextant lab check", "Every check of the laboratory that is up."},
    {"sextant lab check routers", "Those of one task."},
    {NULL}};

static int choose(const struct lab *lab, const char *task, bool *wanted, struct err *e)
{
    bool found = false;
    for (size_t i = 0, n = 0; i < lab->tasks_count; i++)
        for (size_t k = 0; k < lab->tasks[i].checks_count; k++, n++) {
            wanted[n] = !task || strcmp(lab->tasks[i].name, task) == 0;
            found = found || wanted[n];
        }
    return found || !task
               ? 0
               : err_set(e, ERR_USAGE, "%s has no task \"%.40s\" with checks", lab->name, task);
}

static int check(const struct invocation *inv, const struct laboratory *l, struct table **ret,
                 struct laboratory_points *ret_points, struct err *e)
{
    size_t count = l->lab->check_count + 1;
    bool *wanted = calloc(count, sizeof *wanted);
    struct check_outcome *outcomes = calloc(count, sizeof *outcomes);
    int code = wanted && outcomes ? 0 : err_memory(e);
    if (code == 0)
        code = choose(l->lab, inv->argument_count ? inv->arguments[0] : NULL, wanted, e);
    if (code == 0)
        code = check_all(l->lab, l->run, wanted, outcomes, e);
    if (code == 0)
        code = laboratory_outcomes(l, outcomes, ret_points, ret, e);
    free(wanted);
    free(outcomes);
    return code;
}

static int run_check(struct invocation *inv, struct err *e)
{
    struct laboratory l = {0};
    struct laboratory_points points = {0};
    struct table *t = NULL;
    int code = laboratory_open(inv, &l, e);
    if (code == 0)
        code = check(inv, &l, &t, &points, e);
    if (code == 0)
        code = invocation_print(inv, &t, 1, e);
    table_free(&t);
    laboratory_close(&l);
    return code ? code : points.failed > 0;
}

const struct command command_lab_check = {
    .name = "lab check",
    .group = COMMAND_LAB,
    .summary = "Check the work in the laboratory that is up",
    .usage = usage,
    .description =
        "Makes the checks of all tasks, or of one, and says of each what was found. A check is "
        "tried until it passes or its time is over; one that expects silence counts only when "
        "its twin shows that the network works.\n\n"
        "Exit status 0: all pass; 1: some fail.",
    .groups = OPTIONS_OUTPUT,
    .options = options,
    .examples = examples,
    .argument = "TASK",
    .argument_help = "only the checks of this task",
    .arguments_max = 1,
    .run = run_check,
};
