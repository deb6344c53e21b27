// SPDX-License-Identifier: Apache-2.0
//
// sextant lab enter: a terminal in a node.

#include "cmd/laboratory.h"
#include "lab/inside.h"

#include <stdlib.h>

static const char *const usage[] = {"lab enter [--lab NAME] NODE [--] [COMMAND...]", NULL};

static const struct option_spec options[] = {LABORATORY_OPTION, {NULL}};

static const struct example examples[] = {
    {"sextant lab enter ha", "A shell in the node ha."},
    {"sextant lab enter ra ip -6 route", "One command in ra."},
    {NULL}};

static int run_enter(struct invocation *inv, struct err *e)
{
    struct laboratory l = {0};
    size_t node = 0;
    int status = 0;
    int code = laboratory_open(inv, &l, e);
    if (code == 0)
        code = laboratory_node(&l, inv->arguments[0], &node, e);
    const char *shell = getenv("SHELL");
    const char *alone[] = {shell && *shell ? shell : "/bin/sh", NULL};
    const char **program = arena_alloc(&inv->arena, (inv->argument_count + 1) * sizeof *program);
    if (code == 0 && !program)
        code = err_memory(e);
    for (size_t i = 1; code == 0 && i < inv->argument_count; i++)
        program[i - 1] = inv->arguments[i];
    if (code == 0)
        code = inside_program(l.run, node, inv->argument_count > 1 ? program : alone, &status, e);
    laboratory_close(&l);
    return code ? code : status;
}

const struct command command_lab_enter = {
    .name = "lab enter",
    .group = COMMAND_LAB,
    .summary = "A shell, or one command, in a node",
    .usage = usage,
    .description =
        "Runs a shell in the node, or the command that is given, with the exit status of that. "
        "It sees the node's interfaces, processes and files: /run/lab, where it begins, holds "
        "the configurations; the machine's other files can be read, not written.",
    .options = options,
    .examples = examples,
    .argument = "NODE",
    .argument_help = "the node, then the command",
    .arguments_min = 1,
    .arguments_max = ARGUMENTS_MANY,
    .verbatim = 1,
    .run = run_enter,
};
