// SPDX-License-Identifier: Apache-2.0
//
// sextant adoption: users that have IPv6, by everyone who measures it.

#include "cmd/question.h"

static const char *const usage[] = {"adoption [--by WHAT] [OPTIONS]", NULL};

static const char *const periods[] = {"year", "quarter", "month", "day", NULL};

static const struct option_spec options[] = {
    {"series", 0, "NAME", "Only this source; all by default.", NULL},
    {"on", 0, "DATE", "As of this day; the newest value's by default.", NULL},
    {"from", 0, "DATE", "Begin the history with this date.", NULL},
    {"every", 0, "PERIOD", "The history by year (the default), quarter, month or day.", periods},
    {"only", 0, "KEY,...", "Only these keys of --by.", NULL},
    {"collector", 0, "NAME", "Of announcements, the routing tables of this collector.", NULL},
    {"peers", 0, "N", "Count announcements that at least N peers see.", NULL},
    {NULL}};

static const struct example examples[] = {
    {"sextant adoption", "What each source says of the world, and how far they are apart."},
    {"sextant adoption --only KE,IN,BR", "Three economies."},
    {"sextant adoption --by group --table adoption", "Development groups, weighted by users."},
    {"sextant adoption --table history --every month --format csv", "The sources' own histories."},
    {NULL}};

static int run_adoption(struct invocation *inv, struct err *e)
{
    struct question q;
    int code = question_open(&q, inv, e);
    if (code == 0 && invocation_option(inv, "only") && !invocation_option(inv, "by"))
        code = query_set(&q.query, "by", "economy", e);
    if (code == 0)
        code = question_answer(&q, inv, measure_adoption, e);
    question_close(&q);
    return code;
}

const struct command command_adoption = {
    .name = "adoption",
    .group = COMMAND_FIGURES,
    .summary = "Users that have IPv6, by everyone who measures it",
    .usage = usage,
    .description =
        "Puts the shares of users that have IPv6 side by side, each with its day and its interval: "
        "the one that the source states, or one from its samples. Sources are the imported series "
        "in percent (google, apnic, your own). The world, regions and groups are weighted by "
        "Internet users, which a series must give; without it the figure stays empty.\n\n"
        "adoption: each source's figure. reconciliation: what range they span. history: what they "
        "stated by period. sources: who they are. networks is the share of users on networks that "
        "announce IPv6, from users per AS and a routing table of about the same day: an upper "
        "bound, for not all of their users need have it.",
    .groups = OPTIONS_STORE | OPTIONS_OUTPUT | OPTIONS_BY,
    .options = options,
    .examples = examples,
    .run = run_adoption,
};
