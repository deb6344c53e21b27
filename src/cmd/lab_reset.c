// SPDX-License-Identifier: Apache-2.0
//
// sextant lab reset: from the start again.

#include "cmd/laboratory.h"

static const char *const usage[] = {"lab reset [--lab NAME]", NULL};

static const struct option_spec options[] = {LABORATORY_OPTION, {NULL}};

static const struct example examples[] = {
    {"sextant lab reset", "Down, and up again as it was first."}, {NULL}};

static int run_reset(struct invocation *inv, struct err *e)
{
    struct laboratory l = {0};
    int code = laboratory_open(inv, &l, e);
    if (code == 0)
        code = laboratory_again(inv, &l, e);
    laboratory_close(&l);
    return code;
}

const struct command command_lab_reset = {
    .name = "lab reset",
    .group = COMMAND_LAB,
    .summary = "Begin a laboratory anew",
    .usage = usage,
    .description = "Takes the laboratory down and brings it up again as it was first. What was "
                   "changed in its nodes is lost.",
    .options = options,
    .examples = examples,
    .run = run_reset,
};
