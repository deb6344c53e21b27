// SPDX-License-Identifier: Apache-2.0
//
// sextant lab down: a laboratory goes, without a trace.

#include "cmd/laboratory.h"

#include <stdlib.h>

static const char *const usage[] = {"lab down [NAME]", "lab down --all", NULL};

static const struct option_spec options[] = {{"all", 0, NULL, "All that are up.", NULL}, {NULL}};

static const struct example examples[] = {
    {"sextant lab down", "Ends the only one that is up."},
    {"sextant lab down --all", "Ends all, and sweeps up what was killed."},
    {NULL}};

static int down_all(struct err *e)
{
    struct run_names up = {0};
    int code = run_list(&up, e);
    for (size_t i = 0; i < up.count && code == 0; i++)
        code = engine_down(up.at[i], e);
    free(up.at);
    return code;
}

static int run_down(struct invocation *inv, struct err *e)
{
    if (invocation_flag(inv, "all"))
        return down_all(e);
    return engine_down(inv->argument_count ? inv->arguments[0] : NULL, e);
}

const struct command command_lab_down = {
    .name = "lab down",
    .group = COMMAND_LAB,
    .summary = "Take a laboratory down",
    .usage = usage,
    .description = "Ends the laboratory with everything in it: services, nodes, links. Nothing of "
                   "it is left; what a student wrote in a node goes too.",
    .options = options,
    .examples = examples,
    .argument = "NAME",
    .argument_help = "what it is called; not needed where only one is up",
    .arguments_max = 1,
    .run = run_down,
};
