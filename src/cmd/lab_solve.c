// SPDX-License-Identifier: Apache-2.0
//
// sextant lab solve: the reference solution, for teachers and those who give up.

#include "cmd/laboratory.h"

static const char *const usage[] = {"lab solve [--lab NAME]", NULL};

static const struct option_spec options[] = {LABORATORY_OPTION, {NULL}};

static const struct example examples[] = {
    {"sextant lab solve", "Begins anew and does all that is to be done."}, {NULL}};

static int run_solve(struct invocation *inv, struct err *e)
{
    struct laboratory l = {0};
    int code = laboratory_open(inv, &l, e);
    if (code == 0)
        code = laboratory_again(inv, &l, e);
    if (code == 0)
        code = laboratory_solve(&l, NULL, e);
    laboratory_close(&l);
    return code;
}

const struct command command_lab_solve = {
    .name = "lab solve",
    .group = COMMAND_LAB,
    .summary = "Apply the reference solution",
    .usage = usage,
    .description = "Begins the laboratory anew and applies its reference solution; after it every "
                   "check passes.",
    .options = options,
    .examples = examples,
    .run = run_solve,
};
