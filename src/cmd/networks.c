// SPDX-License-Identifier: Apache-2.0
//
// sextant networks: who originates IPv4, IPv6 and both.

#include "cmd/question.h"

static const char *const usage[] = {"networks [--by WHAT] [OPTIONS]", NULL};

static const struct option_spec options[] = {
    {"collector", 0, "NAME",
     "Take the routing tables of this collector; by default of the one with the newest.", NULL},
    {"peers", 0, "N",
     "Count announcements that at least N peers see: 1 to 10, 20, 50, 100, 200, 500, 1000; by "
     "default 10, or a tenth of the peers with a full table where that is less.",
     NULL},
    {"registry", 0, "NAME,...",
     "Only blocks of these registries: afrinic, apnic, arin, lacnic, ripencc (together: rir, the "
     "default).",
     NULL},
    {"top", 0, "N", "Only the N keys with the most.", NULL},
    {NULL}};

static const struct example examples[] = {
    {"sextant networks --by region --table networks", "Networks of each region, and IPv6 on them."},
    {"sextant networks --table lengths", "How long the IPv6 prefixes are that are announced."},
    {"sextant networks --by registry --table validity", "Origin validation by registry."},
    {"sextant networks --family ipv4 --by economy --table payloads --top 20",
     "How much IPv4 space has validated payloads, in twenty economies."},
    {NULL}};

static int run_networks(struct invocation *inv, struct err *e)
{
    struct question q;
    int code = question_open(&q, inv, e);
    if (code == 0)
        code = question_answer(&q, inv, measure_networks, e);
    question_close(&q);
    return code;
}

const struct command command_networks = {
    .name = "networks",
    .group = COMMAND_FIGURES,
    .summary = "Networks with IPv4, IPv6 and both; prefix lengths; origin validation",
    .usage = usage,
    .description =
        "A network is an AS number that originates an announcement, a prefix that enough peers "
        "see with this origin. It belongs to the economy to which the number is delegated.\n\n"
        "networks: how many originate IPv4 only, both, IPv6 only. lengths: prefixes by length, and "
        "those inside another. validity: announcements held against validated ROA payloads (RFC "
        "6811), by the economy of the block; an AS_SET is never valid. payloads: delegations, and "
        "how much of their space payloads cover. The last two need payloads imported.\n\n"
        "Routing tables of both families are of the newest days by that asked for. Without "
        "--known-on the day is that of the newest IPv6 table.",
    .groups = OPTIONS_STORE | OPTIONS_OUTPUT | OPTIONS_SCOPE | OPTIONS_BY,
    .options = options,
    .examples = examples,
    .run = run_networks,
};
