// SPDX-License-Identifier: Apache-2.0
//
// sextant geography: who has how much.

#include "cmd/question.h"

static const char *const usage[] = {"geography [--by WHAT] [OPTIONS]", NULL};

static const struct option_spec options[] = {
    {"registry", 0, "NAME,...",
     "Only these registries: afrinic, apnic, arin, lacnic, ripencc (together: rir, the default), "
     "iana, or table for a range table.",
     NULL},
    {"top", 0, "N", "Only the first N; the total is of all.", NULL},
    {NULL}};

static const struct example examples[] = {
    {"sextant geography --by economy --top 20", "The twenty economies with the most IPv6 space."},
    {"sextant geography --by group", "Developed, developing, least developed, landlocked, island."},
    {"sextant geography --by region --known-on 2012", "The regions as of the end of 2012."},
    {"sextant geography --by economy --only KE,UG,TZ", "Three economies, with their ranks."},
    {NULL}};

static int run_geography(struct invocation *inv, struct err *e)
{
    struct question q;
    int code = question_open(&q, inv, e);
    if (code == 0 && !invocation_option(inv, "by"))
        code = query_set(&q.query, "by", "economy", e);
    if (code == 0)
        code = question_answer(&q, inv, measure_geography, e);
    question_close(&q);
    return code;
}

const struct command command_geography = {
    .name = "geography",
    .group = COMMAND_FIGURES,
    .summary = "Who has how much, by economy, region or group",
    .usage = usage,
    .description =
        "Ranks economies (the default), regions, groups or registries by the space delegated to "
        "them, with the number of delegations and of holders, their share, and the earliest date "
        "of a delegation that stands. Beside IPv6 stand the share and the rank in IPv4, as known "
        "on the same day. Where a population series was imported, /48s a person are given.\n\n"
        "Codes that are no economy (EU, ZZ, none) are rows of their own among economies, and fall "
        "under \"None stated\" in regions, so that rows sum to the total. Groups "
        "overlap. Memberships are those of the day.",
    .groups = OPTIONS_STORE | OPTIONS_OUTPUT | OPTIONS_SCOPE | OPTIONS_BY,
    .options = options,
    .examples = examples,
    .run = run_geography,
};
