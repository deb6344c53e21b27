// SPDX-License-Identifier: Apache-2.0
//
// sextant holders: who is behind the delegations.

#include "cmd/question.h"

static const char *const usage[] = {"holders [--by WHAT] [--every PERIOD] [OPTIONS]", NULL};

static const char *const periods[] = {"year", "quarter", "month", "day", NULL};

static const struct option_spec options[] = {
    {"every", 0, "PERIOD", "Rows of the tables by period; year by default.", periods},
    {"registry", 0, "NAME,...",
     "Only these registries: afrinic, apnic, arin, lacnic, ripencc (together: rir, the default).",
     NULL},
    {"top", 0, "N", "Only the N keys with the most delegations.", NULL},
    {NULL}};

static const struct example examples[] = {
    {"sextant holders --by registry --table holders",
     "Delegations of each registry, with and without the further ones of a holder."},
    {"sextant holders --table new-holders --from 2015", "New and old holders since 2015."},
    {"sextant holders --only BR --by economy --table holder-concentration",
     "How Brazil's space is spread among its holders, by year."},
    {NULL}};

static int run_holders(struct invocation *inv, struct err *e)
{
    struct question q;
    int code = question_open(&q, inv, e);
    if (code == 0)
        code = question_answer(&q, inv, measure_holders, e);
    question_close(&q);
    return code;
}

const struct command command_holders = {
    .name = "holders",
    .group = COMMAND_FIGURES,
    .summary = "Who is behind the delegations: further ones, new and old holders, concentration",
    .usage = usage,
    .description =
        "A holder is one opaque-id of one registry; only extended files state them.\n\n"
        "holders: delegations, holders, and further delegations: those of a holder that has an "
        "earlier one, where both have the size of a first allocation (an IPv6 /32, an IPv4 /24) or "
        "more. Without them the count is not swollen by holders that keep a stock. A provider that "
        "outgrew its first block has further ones too: they are a hint, no verdict.\n\n"
        "new-holders: by period, delegations to holders that had none before, and to others. "
        "holder-concentration: how space was spread among the holders at the end of each period "
        "(see sextant help concentration). Both by the records' own dates.",
    .groups = OPTIONS_STORE | OPTIONS_OUTPUT | OPTIONS_SCOPE | OPTIONS_BY | OPTIONS_PERIOD,
    .options = options,
    .examples = examples,
    .run = run_holders,
};
