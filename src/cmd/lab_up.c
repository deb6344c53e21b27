// SPDX-License-Identifier: Apache-2.0
//
// sextant lab up: a laboratory comes to life.

#include "cmd/laboratory.h"

#include <stdio.h>

static const char *const usage[] = {"lab up LAB [OPTIONS]", NULL};

static const struct option_spec options[] = {
    {"as", 0, "NAME", "What it is called while it is up; the laboratory's name by default.", NULL},
    {"way", 0, "WAY",
     "How to have what it needs, such as program:tayga, where it knows several ways; with commas "
     "for several needs.",
     NULL},
    {NULL}};

static const struct example examples[] = {
    {"sextant lab up static-routing", "Brings it up; the story is in \"sextant lab show\"."},
    {"sextant lab up ./mine --as mine-2", "One of your own, beside another copy of it."},
    {"sextant lab up nat64 --way program:tayga", "With tayga for its translator."},
    {NULL}};

static int run_up(struct invocation *inv, struct err *e)
{
    struct lab *lab = NULL;
    int code = laboratory_read(inv->arguments[0], &lab, e);
    if (code)
        return code;
    const char *as = invocation_option(inv, "as");
    int64_t links = lab->links_count;
    code = laboratory_up(inv, lab, as ? as : lab->name, invocation_option(inv, "way"), e);
    if (code == 0 && !inv->quiet)
        fprintf(stderr,
                "%s is up: %u nodes, %lld links. \"sextant lab show %s\" tells the story, "
                "\"sextant lab enter NODE\" leads in.\n",
                as ? as : lab->name, lab->nodes_count, (long long)links, inv->arguments[0]);
    lab_free(&lab);
    return code;
}

const struct command command_lab_up = {
    .name = "lab up",
    .group = COMMAND_LAB,
    .summary = "Bring a laboratory up",
    .usage = usage,
    .description =
        "Makes the nodes of a laboratory as network namespaces of this machine, joins them as its "
        "drawing shows, and starts its services. The machine's own network is not touched, and "
        "what a node does stays in it. It runs as an ordinary user where user namespaces are "
        "allowed, else as root.\n\n"
        "A laboratory that needs what this machine does not have is skipped, with exit status 1 "
        "and the reason.",
    .options = options,
    .examples = examples,
    .argument = "LAB",
    .argument_help = "a laboratory's name, or the path of its folder",
    .argument_kind = ARGUMENT_LABORATORY,
    .arguments_min = 1,
    .arguments_max = 1,
    .run = run_up,
};
