// SPDX-License-Identifier: Apache-2.0
//
// sextant nameservers: country-code domains that answer over IPv6.

#include "cmd/question.h"

static const char *const usage[] = {"nameservers [--by WHAT] [OPTIONS]", NULL};

static const char *const periods[] = {"year", "quarter", "month", "day", NULL};

static const struct option_spec options[] = {
    {"every", 0, "PERIOD", "One row a year (the default), a quarter, a month or a day.", periods},
    {"only", 0, "KEY,...", "Only these keys of --by.", NULL},
    {NULL}};

static const struct example examples[] = {
    {"sextant nameservers",
     "Of all country-code domains, how many have IPv6 name servers, by year."},
    {"sextant nameservers --by group --from 2024", "The same of development groups."},
    {"sextant nameservers --by economy --only KE,NG --every month", "Two economies by month."},
    {NULL}};

static int run_nameservers(struct invocation *inv, struct err *e)
{
    struct question q;
    int code = question_open(&q, inv, e);
    if (code == 0)
        code = question_answer(&q, inv, measure_nameservers, e);
    question_close(&q);
    return code;
}

const struct command command_nameservers = {
    .name = "nameservers",
    .group = COMMAND_FIGURES,
    .summary = "Country-code domains whose name servers have IPv6",
    .usage = usage,
    .description =
        "Counts the country-code domains (.ke, .br, those in other scripts too) with a name server "
        "that has an IPv6 address in the DNS root zone, and those all of whose name servers have "
        "one, through time, by economy, region or group. Of each period the newest root zone "
        "counts.\n\n"
        "The root zone has addresses of name servers under the domains that it delegates; where a "
        "name server has no address there at all, whether it has IPv6 is not known, and the domain "
        "is counted so.",
    .groups = OPTIONS_STORE | OPTIONS_OUTPUT | OPTIONS_BY | OPTIONS_PERIOD,
    .options = options,
    .examples = examples,
    .run = run_nameservers,
};
