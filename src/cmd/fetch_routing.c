// SPDX-License-Identifier: Apache-2.0
//
// sextant fetch routing: routing tables of RouteViews and RIPE RIS into a folder.

#include "cmd/fetching.h"
#include "read/kind.h"

static int run_fetch_routing(struct invocation *inv, struct err *e)
{
    static const struct fetching what = {.table = "routing/servers.csv",
                                         .folder = "routing",
                                         .title = "Routing tables",
                                         .publisher = "collector",
                                         .now = "ris",
                                         .then = "route-views6",
                                         .folders = true,
                                         .past = true,
                                         .kinds = 1U << INPUT_ROUTES};
    return fetching_run(inv, &what, e);
}

static const char *const usage[] = {"fetch routing [OPTIONS]", NULL};

static const struct option_spec options[] = {
    {"every", 0, "PERIOD", FETCHING_EVERY, fetching_periods},
    {"collector", 0, "NAME,...",
     "Whose tables: ris (dumps of all RIPE RIS collectors together, current ones only), rrc00 to "
     "rrc26, route-views2, route-views6, route-views.linx, ... By default ris, and with --from "
     "route-views6.",
     NULL},
    {"into", 0, "DIR", "The folder for the files; \"routing\" beside the archive by default.",
     NULL},
    {"recheck", 0, NULL, FETCHING_RECHECK, NULL},
    {"mirror", 0, "URL", FETCHING_MIRROR, NULL},
    {"retries", 0, "N", FETCHING_RETRIES, NULL},
    {"timeout", 0, "SECONDS", FETCHING_TIMEOUT, NULL},
    {NULL},
};

static const struct example examples[] = {
    {"sextant fetch routing", "What RIPE RIS sees now, prefix by prefix."},
    {"sextant fetch routing --from 2015 --every year", "RouteViews' IPv6 tables of each January."},
    {"sextant fetch routing --collector rrc00,route-views2",
     "The newest tables of two collectors."},
    {NULL},
};

const struct command command_fetch_routing = {
    .name = "fetch routing",
    .group = COMMAND_DATA,
    .summary = "Fetch routing tables",
    .usage = usage,
    .description =
        "Brings routing tables into a folder, in it a folder for each collector: RIS whois dumps, "
        "and "
        "tables in MRT of RIPE RIS and RouteViews, the current ones or with --from those of the "
        "past, of midnight or the next there is. Tables in MRT are large: up to some 200 MB "
        "each.\n\n"
        "A file that did not change is not sent again, an interrupted transfer goes on where it "
        "stopped, and what came is read once: its container must be whole, its content what was "
        "asked for. A file appears in the folder whole or not at all.\n\n"
        "The exit status is 4 when a file failed, or when the servers have none of them.",
    .groups = OPTIONS_STORE | OPTIONS_OUTPUT | OPTIONS_PERIOD,
    .options = options,
    .examples = examples,
    .run = run_fetch_routing,
};
