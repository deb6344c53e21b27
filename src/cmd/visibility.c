// SPDX-License-Identifier: Apache-2.0
//
// sextant visibility: what of the delegations is announced.

#include "cmd/question.h"

static const char *const usage[] = {"visibility [--by WHAT] [OPTIONS]", NULL};

static const struct option_spec options[] = {
    {"collector", 0, "NAME",
     "Take the routing tables of this collector; by default of the one with the newest.", NULL},
    {"peers", 0, "N",
     "Count announcements that at least N peers see: 1 to 10, 20, 50, 100, 200, 500, 1000; by "
     "default 10, or a tenth of the peers with a full table where that is less.",
     NULL},
    {"registry", 0, "NAME,...",
     "Only these registries: afrinic, apnic, arin, lacnic, ripencc (together: rir, the default).",
     NULL},
    {"top", 0, "N", "Only the N keys with the most delegations, and the first N bogons.", NULL},
    {NULL}};

static const struct example examples[] = {
    {"sextant visibility", "The world's delegations, and what else is announced."},
    {"sextant visibility --by region --table visibility", "How much of each region is announced."},
    {"sextant visibility --known-on 2019-03-04 --on 2018 --table kinds",
     "Of what stood at the end of 2018, what was announced on 2019-03-04."},
    {"sextant visibility --peers 1 --table bogons", "All that is announced and not delegated."},
    {NULL}};

static int run_visibility(struct invocation *inv, struct err *e)
{
    struct question q;
    int code = question_open(&q, inv, e);
    if (code == 0)
        code = question_answer(&q, inv, measure_visibility, e);
    question_close(&q);
    return code;
}

const struct command command_visibility = {
    .name = "visibility",
    .group = COMMAND_FIGURES,
    .summary = "What of the delegations is announced, and what else is",
    .usage = usage,
    .description =
        "Joins the newest routing table by a day with the delegations known on that day. A "
        "delegation is announced when an address of it is: by a prefix equal to it, by a larger "
        "one around it, or by smaller ones in it. An announcement is a prefix with one origin.\n\n"
        "visibility: delegations, their space and their holders, and how many of each are "
        "announced. kinds: how. announced: prefixes by whether their space is delegated. abroad: "
        "announcements by networks of another economy than the block's. bogons: prefixes whose "
        "space is not delegated, or only in part.\n\n"
        "Without --known-on the day is that of the newest routing table.",
    .groups = OPTIONS_STORE | OPTIONS_OUTPUT | OPTIONS_SCOPE | OPTIONS_BY,
    .options = options,
    .examples = examples,
    .run = run_visibility,
};
