// SPDX-License-Identifier: Apache-2.0
//
// sextant fetch rir: the registries' statistics files into a folder, and what became of each.

#include "cmd/fetching.h"

static int run_fetch_rir(struct invocation *inv, struct err *e)
{
    static const struct fetching what = {.table = "rir/servers.csv",
                                         .folder = "rir",
                                         .title = "Statistics files of the registries",
                                         .publisher = "registry",
                                         .past = true};
    return fetching_run(inv, &what, e);
}

static const char *const usage[] = {"fetch rir [OPTIONS]", NULL};

static const struct option_spec options[] = {
    {"every", 0, "PERIOD", FETCHING_EVERY, fetching_periods},
    {"registry", 0, "NAME,...", "Only these registries; all five by default.", NULL},
    {"into", 0, "DIR", "The folder for the files; \"rir\" beside the archive by default.", NULL},
    {"mirror", 0, "URL",
     "Ask URL/<registry>/... instead of the registries' own servers. Each registry mirrors the "
     "others: https://ftp.ripe.net/pub/stats is one.",
     NULL},
    {"plain", 0, NULL, "The plain files, also where there are extended ones.", NULL},
    {"recheck", 0, NULL, FETCHING_RECHECK, NULL},
    {"retries", 0, "N", FETCHING_RETRIES, NULL},
    {"timeout", 0, "SECONDS", FETCHING_TIMEOUT, NULL},
    {NULL},
};

static const struct example examples[] = {
    {"sextant fetch rir", "The five registries' current files."},
    {"sextant fetch rir --from 2010 --to 2024 --every year",
     "The files of the first of January of fifteen years."},
    {"sextant fetch rir --registry lacnic --mirror https://ftp.ripe.net/pub/stats",
     "One registry's file, from another registry's server."},
    {NULL},
};

const struct command command_fetch_rir = {
    .name = "fetch rir",
    .group = COMMAND_DATA,
    .summary = "Fetch the registries' statistics files",
    .usage = usage,
    .description =
        "Brings the delegated statistics of AFRINIC, APNIC, ARIN, LACNIC and the RIPE NCC into a "
        "folder: the current files, or with --from those of the past. The extended files are "
        "taken, the plain ones where a day has no extended file.\n\n"
        "A file that did not change is not sent again, an interrupted transfer goes on where it "
        "stopped, and what came must have the MD5 that the registry publishes. A file appears in "
        "the folder whole or not at all, so that the command can be run again at any time.\n\n"
        "The exit status is 4 when a file failed, or when the servers have none of them.",
    .groups = OPTIONS_STORE | OPTIONS_OUTPUT | OPTIONS_PERIOD,
    .options = options,
    .examples = examples,
    .run = run_fetch_rir,
};
