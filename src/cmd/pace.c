// SPDX-License-Identifier: Apache-2.0
//
// sextant pace: what was delegated in each period.

#include "cmd/question.h"

static const char *const usage[] = {"pace [--every PERIOD] [--by WHAT] [OPTIONS]", NULL};
static const char *const periods[] = {"year", "quarter", "month", "day", NULL};
static const char *const bases[] = {"record", "observed", NULL};

static const struct option_spec options[] = {
    {"every", 0, "PERIOD", "A row for each year, quarter, month or day; year by default.", periods},
    {"basis", 0, "BASIS",
     "record: by each record's own date, as one snapshot knows it; the default. observed: by what "
     "appeared and what left between snapshots.",
     bases},
    {"bridge", 0, "DAYS", "With observed: an absence of up to so many days is none; 7 by default.",
     NULL},
    {"registry", 0, "NAME,...",
     "Only these registries: afrinic, apnic, arin, lacnic, ripencc (together: rir, the default), "
     "or iana: the blocks that IANA gave to them.",
     NULL},
    {"top", 0, "N", "Only the N keys of --by with the most space.", NULL},
    {NULL}};

static const struct example examples[] = {
    {"sextant pace", "The world's IPv6 delegations by year."},
    {"sextant pace --every quarter --from 2022 --by registry",
     "Each registry's delegations by quarter since 2022."},
    {"sextant pace --by group --only ldc,lldc,sids",
     "The pace in the least developed, landlocked and small island developing countries."},
    {"sextant pace --every month --basis observed --by economy --only KE",
     "What appeared and what left in Kenya, month by month, as the snapshots show it."},
    {"sextant pace --known-on 2020 --max-length 32 --format csv",
     "Blocks of a /32 or larger as they were known at the end of 2020, for a program."},
    {NULL}};

static int run_pace(struct invocation *inv, struct err *e)
{
    struct question q;
    int code = question_open(&q, inv, e);
    if (code == 0)
        code = question_answer(&q, inv, measure_pace, e);
    question_close(&q);
    return code;
}

const struct command command_pace = {
    .name = "pace",
    .group = COMMAND_FIGURES,
    .summary = "New delegations by period",
    .usage = usage,
    .description =
        "Counts what was delegated (allocated or assigned) in each period, and what there is in "
        "all at its end. Space is exact: IPv6 in /32s, with the same in /64s in CSV and JSON.\n\n"
        "By record, the default, a delegation counts in the period of its own date, as the "
        "snapshot known on --known-on has it: what was returned since is missing, and a transfer "
        "may carry a new date. \"New holders\" are those whose earliest delegation is of the "
        "period. Delegations without a date are in no period; a note counts them.\n\n"
        "By observation, a delegation is new when it appears on space that was not delegated "
        "before. A record that only changed economy, registry, status, date or holder is not new: "
        "between the rows of --by it moves. A split, a merger or a growth is a re-cut: a /32 that "
        "becomes a /29 adds seven /32s of space and no delegation. What is absent for no more "
        "than --bridge days has not left. A registry's first snapshot is the opening stock. In "
        "each row all = all before + new - removed + moved + re-cut + opening; CSV and JSON have "
        "all of these columns.\n\n"
        "Groups of economies (--by group) have the members that they had at the end of each "
        "period. Growth is that of the number of delegations on the period before.",
    .groups = OPTIONS_STORE | OPTIONS_OUTPUT | OPTIONS_SCOPE | OPTIONS_BY | OPTIONS_PERIOD,
    .options = options,
    .examples = examples,
    .run = run_pace,
};
