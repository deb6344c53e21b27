// SPDX-License-Identifier: Apache-2.0
//
// sextant delay: from delegation to first announcement.

#include "cmd/question.h"

static const char *const usage[] = {"delay [--every PERIOD] [OPTIONS]", NULL};

static const char *const periods[] = {"year", "quarter", "month", "day", NULL};

static const struct option_spec options[] = {
    {"every", 0, "PERIOD", "Put delegations together by this period; year by default.", periods},
    {"collector", 0, "NAME",
     "Take the routing tables of this collector; by default of the one with the newest.", NULL},
    {"peers", 0, "N",
     "Count announcements that at least N peers see: 1 to 10, 20, 50, 100, 200, 500, 1000; by "
     "default 10, or a tenth of the peers with a full table where that is less in one of the "
     "routing tables.",
     NULL},
    {"registry", 0, "NAME,...",
     "Only these registries: afrinic, apnic, arin, lacnic, ripencc (together: rir, the default).",
     NULL},
    {NULL}};

static const struct example examples[] = {
    {"sextant delay", "How soon the delegations of each year were announced."},
    {"sextant delay --every quarter --only KE,UG,TZ", "Three economies together, by quarter."},
    {NULL}};

static int run_delay(struct invocation *inv, struct err *e)
{
    struct question q;
    int code = question_open(&q, inv, e);
    if (code == 0)
        code = question_answer(&q, inv, measure_delay, e);
    question_close(&q);
    return code;
}

const struct command command_delay = {
    .name = "delay",
    .group = COMMAND_FIGURES,
    .summary = "How long from a delegation to its first announcement",
    .usage = usage,
    .description =
        "For the delegations of each period, how many were announced by the newest routing table, "
        "and how soon: by any prefix that shares addresses with them, on the delegation's own date "
        "or later, in the first routing table that shows it.\n\n"
        "Whoever is not announced yet may be later. The shares and the days until a quarter and "
        "half were announced are those of Kaplan and Meier, which count a delegation as long as it "
        "was watched; they are empty where the tables do not reach that far.\n\n"
        "Only delegations that still stand, and none dated before the first routing table.",
    .groups = OPTIONS_STORE | OPTIONS_OUTPUT | OPTIONS_SCOPE,
    .options = options,
    .examples = examples,
    .run = run_delay,
};
