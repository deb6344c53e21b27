// SPDX-License-Identifier: Apache-2.0
//
// sextant services: public services over IPv6 through the campaigns.

#include "cmd/question.h"

static const char *const usage[] = {"services [--by WHAT] [OPTIONS]", NULL};

static const struct option_spec options[] = {
    {"only", 0, "KEY,...", "Only these keys of --by.", NULL},
    {"campaign", 0, "NAME", "Only this campaign; of the league table and the changes the later.",
     NULL},
    {"sector", 0, "NAME", "Only domains of this sector.", NULL},
    {"domain", 0, "NAME", "One domain: its history, and its tests.", NULL},
    {"top", 0, "N", "Only the first N rows of the league table and of the changes.", NULL},
    {NULL}};

static const struct example examples[] = {
    {"sextant services --table services", "All domains, campaign by campaign."},
    {"sextant services --by region --table services", "By region."},
    {"sextant services --table league --top 20", "The readiest domains of the newest campaign."},
    {"sextant services --by economy --only KE --table changes",
     "What changed for Kenya's domains since the campaign before."},
    {"sextant services --domain www.example.org", "One domain through time."},
    {NULL}};

static int run_services(struct invocation *inv, struct err *e)
{
    struct question q;
    int code = question_open(&q, inv, e);
    if (code == 0)
        code = question_answer(&q, inv, measure_services, e);
    question_close(&q);
    return code;
}

const struct command command_services = {
    .name = "services",
    .group = COMMAND_FIGURES,
    .summary = "Public services over IPv6, by economy and through time",
    .usage = usage,
    .description =
        "Counts what sextant check found of lists of domains, once their journals were imported: "
        "how many domains are ready, by campaign and economy, region or group (services), by "
        "sector (sectors) and test (tests); which domains are the readiest (league); what changed "
        "between two campaigns (changes: the newest two, or with --from the first and the last of "
        "that time); and which campaigns there are (campaigns). With --domain the tables are "
        "domain, domain-tests and changes.\n\n"
        "A campaign that was run from several places counts each domain once: what is wrong from "
        "one place alone does not make it fail, and it passes only where no place disagrees "
        "(doc/services.md). Shares have an interval (Wilson, 95 %).",
    .groups = OPTIONS_STORE | OPTIONS_OUTPUT | OPTIONS_BY | OPTIONS_PERIOD,
    .options = options,
    .examples = examples,
    .run = run_services,
};
