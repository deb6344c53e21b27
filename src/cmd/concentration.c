// SPDX-License-Identifier: Apache-2.0
//
// sextant concentration: how unevenly space is spread.

#include "cmd/question.h"

static const char *const usage[] = {"concentration [OPTIONS]", NULL};

static const struct option_spec options[] = {
    {"registry", 0, "NAME,...",
     "Only these registries: afrinic, apnic, arin, lacnic, ripencc (together: rir, the default).",
     NULL},
    {NULL}};

static const struct example examples[] = {
    {"sextant concentration", "Indices, the Lorenz curve, and holders by number of delegations."},
    {"sextant concentration --family ipv4 --table concentration", "The indices of IPv4 alone."},
    {"sextant concentration --only BR --table holdings", "Brazil's holders with several blocks."},
    {NULL}};

static int run_concentration(struct invocation *inv, struct err *e)
{
    struct question q;
    int code = question_open(&q, inv, e);
    if (code == 0)
        code = question_answer(&q, inv, measure_concentration, e);
    question_close(&q);
    return code;
}

const struct command command_concentration = {
    .name = "concentration",
    .group = COMMAND_FIGURES,
    .summary = "How unevenly space is spread",
    .usage = usage,
    .description =
        "Tables of how space is spread among the economies and among the holders that have any.\n\n"
        "concentration: members, Gini coefficient (0 where all have the same, near 1 where one has "
        "all), Herfindahl-Hirschman index (sum of the squared shares in percent: 10,000 where one "
        "has all), and the share of the largest 1, 10 and 100.\n\n"
        "lorenz: the share of space that the least 10 %, 20 %, ... of the members have "
        "together.\n\n"
        "holdings: holders by the number of their delegations. A holder is one opaque-id of one "
        "registry; only extended files state them.",
    .groups = OPTIONS_STORE | OPTIONS_OUTPUT | OPTIONS_SCOPE,
    .options = options,
    .examples = examples,
    .run = run_concentration,
};
