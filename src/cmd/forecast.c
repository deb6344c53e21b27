// SPDX-License-Identifier: Apache-2.0
//
// sextant forecast: what may come of a series.

#include "cmd/question.h"

static const char *const usage[] = {"forecast [OPTIONS] SERIES", NULL};

static const char *const steps[] = {"month", "quarter", "year", NULL};
static const char *const periods[] = {"year", "quarter", "month", NULL};

static const struct option_spec options[] = {
    {"target", 0, "VALUE", "Say also when this value is reached, as a distribution of dates.",
     NULL},
    {"horizon", 0, "DATE",
     "The last day of the forecast; ten years after the newest value by default.", NULL},
    {"to", 0, "DATE", "Know only what was known up to this date, to try the forecast of that day.",
     NULL},
    {"every", 0, "PERIOD", "Show a row for each of these; year by default.", periods},
    {"step", 0, "PERIOD",
     "The step in which the series is taken; by default the shortest in which it has values.",
     steps},
    {"registry", 0, "NAME,...", "Of delegations and holders, only these registries.", NULL},
    {"collector", 0, "NAME", "Of announced prefixes, the routing tables of this collector.", NULL},
    {"draws", 0, "N", "Draw so many paths to the target; 4000 by default.", NULL},
    {"seed", 0, "N", "Draw other paths; 1 by default.", NULL},
    {NULL}};

static const struct example examples[] = {
    {"sextant forecast google --target 50 --horizon 2035",
     "When do half of Google's users come over IPv6?"},
    {"sextant forecast google --to 2016-01 --horizon 2022-01",
     "What would have been said in January 2016."},
    {"sextant forecast delegations --by region", "The delegations of each region."},
    {"sextant forecast holders --by economy --only KE,UG --table back-test",
     "How far forecasts of two economies' holders could be trusted."},
    {NULL}};

static int run_forecast(struct invocation *inv, struct err *e)
{
    struct question q;
    int code = question_open(&q, inv, e);
    if (code == 0 && invocation_option(inv, "only") && !invocation_option(inv, "by"))
        code = query_set(&q.query, "by", "economy", e);
    if (code == 0)
        code = query_set(&q.query, "series", inv->arguments[0], e);
    if (code == 0)
        code = question_answer(&q, inv, measure_forecast, e);
    question_close(&q);
    return code;
}

const struct command command_forecast = {
    .name = "forecast",
    .group = COMMAND_FIGURES,
    .summary = "What may come of a series, and how sure that is",
    .usage = usage,
    .description =
        "Goes on from the history of a series: a median, and intervals that hold the outcome with "
        "50 % and 90 % probability. Series: delegations, holders (of registers, by --by), "
        "announced "
        "(prefixes of a collector's routing tables), and every series that was imported, such as "
        "google, of the world or by economy.\n\n"
        "Six models and their median are fitted at up to 48 days of the past to what was known "
        "then. Their errors choose the model and the width of the intervals, and the back-test "
        "says how many outcomes fell into the intervals of then, how much better the model was "
        "than the naive one (all stays as it is), and whether that can be told from chance. With "
        "--target comes the day by which a value is reached.\n\n"
        "forecast: what is known and what may come. back-test, models: how good that is. targets: "
        "when. The same seed gives the same figures.",
    .groups = OPTIONS_STORE | OPTIONS_OUTPUT | OPTIONS_SCOPE | OPTIONS_BY,
    .options = options,
    .examples = examples,
    .argument = "SERIES",
    .argument_help = "delegations, holders, announced, or an imported series.",
    .argument_kind = ARGUMENT_TEXT,
    .arguments_min = 1,
    .arguments_max = 1,
    .run = run_forecast,
};
