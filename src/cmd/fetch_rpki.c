// SPDX-License-Identifier: Apache-2.0
//
// sextant fetch rpki: validated ROA payloads of relying parties into a folder.

#include "cmd/fetching.h"
#include "read/kind.h"

static int run_fetch_rpki(struct invocation *inv, struct err *e)
{
    static const struct fetching what = {.table = "rpki/servers.csv",
                                         .folder = "rpki",
                                         .title = "Validated ROA payloads",
                                         .publisher = "source",
                                         .now = "rpki-client",
                                         .then = "afrinic,apnic,arin,lacnic,ripencc",
                                         .past = true,
                                         .kinds = 1U << INPUT_VRPS};
    return fetching_run(inv, &what, e);
}

static const char *const usage[] = {"fetch rpki [OPTIONS]", NULL};

static const struct option_spec options[] = {
    {"every", 0, "PERIOD", FETCHING_EVERY, fetching_periods},
    {"source", 0, "NAME,...",
     "Whose: rpki-client or cloudflare; of the past, trust anchors in the archive of the RIPE NCC "
     "(afrinic, apnic, arin, lacnic, ripencc). By default rpki-client, and with --from all five.",
     NULL},
    {"url", 0, "URL", "The export of another relying party, your own for instance.", NULL},
    {"into", 0, "DIR", "The folder for the files; \"rpki\" beside the archive by default.", NULL},
    {"recheck", 0, NULL, FETCHING_RECHECK, NULL},
    {"mirror", 0, "URL", FETCHING_MIRROR, NULL},
    {"retries", 0, "N", FETCHING_RETRIES, NULL},
    {"timeout", 0, "SECONDS", FETCHING_TIMEOUT, NULL},
    {NULL},
};

static const struct example examples[] = {
    {"sextant fetch rpki", "The payloads of now."},
    {"sextant fetch rpki --from 2019-03-04 --to 2019-03-04",
     "Those of one day, a file each trust anchor."},
    {"sextant fetch rpki --url http://localhost:8323/json",
     "What a relying party on this machine says."},
    {NULL},
};

const struct command command_fetch_rpki = {
    .name = "fetch rpki",
    .group = COMMAND_DATA,
    .summary = "Fetch validated ROA payloads",
    .usage = usage,
    .description =
        "Brings validated ROA payloads (VRPs) into a folder: what a relying party exports now, or "
        "with "
        "--from what the RIPE NCC archived of the past.\n\n"
        "A file that did not change is not sent again, an interrupted transfer goes on where it "
        "stopped, and what came is read once: its container must be whole, its content what was "
        "asked for. A file appears in the folder whole or not at all.\n\n"
        "The exit status is 4 when a file failed, or when the servers have none of them.",
    .groups = OPTIONS_STORE | OPTIONS_OUTPUT | OPTIONS_PERIOD,
    .options = options,
    .examples = examples,
    .run = run_fetch_rpki,
};
