// SPDX-License-Identifier: Apache-2.0
//
// sextant indices: published indices of the transition, side by side.

#include "cmd/question.h"

static const char *const usage[] = {"indices [OPTIONS]", NULL};

static const struct option_spec options[] = {
    {"known-on", 0, "DATE", "As of this day; that of the newest figures on users by default.",
     NULL},
    {"only", 0, "KEY,...", "Only these economies; ranks are among all.", NULL},
    {"series", 0, "NAME", "Users of this source; by default the one with the most figures.", NULL},
    {"collector", 0, "NAME", "Of announcements, the routing tables of this collector.", NULL},
    {"peers", 0, "N", "Count announcements that at least N peers see.", NULL},
    {"registry", 0, "NAME,...", "Only these registries.", NULL},
    {"draws", 0, "N", "Draw weights so many times for the ranks' intervals; 4000 by default.",
     NULL},
    {"seed", 0, "N", "Draw other weights; 1 by default.", NULL},
    {NULL}};

static const struct example examples[] = {
    {"sextant indices --only KE,UG,TZ", "Three economies by every index."},
    {"sextant indices --table ranks", "Who is before whom, and how sure that is."},
    {"sextant indices --table hd-ratio", "When a block counts as used."},
    {NULL}};

static int run_indices(struct invocation *inv, struct err *e)
{
    struct question q;
    int code = question_open(&q, inv, e);
    if (code == 0)
        code = question_answer(&q, inv, measure_indices, e);
    question_close(&q);
    return code;
}

const struct command command_indices = {
    .name = "indices",
    .group = COMMAND_FIGURES,
    .summary = "Published indices of the transition, side by side",
    .usage = usage,
    .description =
        "Computes each index from its published definition: that of Cisco's 6lab (0.25 T + 0.75 "
        "sqrt(C U), and relative to the world from 0 to 10), RIPEness (holders by their stars), "
        "the HD-ratio (RFC 3194), and an early-stage index of our own for economies that have only "
        "begun: 0.3 of the holders of any space that hold IPv6, 0.3 of those that announce it, 0.2 "
        "of the networks that announce IPv6, 0.2 of the users.\n\n"
        "A part that is not known leaves an index empty; it is never zero for that. Content and "
        "transit come from imported series \"content\" and \"transit\" in percent.\n\n"
        "Ranks carry an interval: the weights, which somebody chose, are drawn anew around those "
        "of the definition, and 90 % of the ranks that come of it lie in it.",
    .groups = OPTIONS_STORE | OPTIONS_OUTPUT,
    .options = options,
    .examples = examples,
    .run = run_indices,
};
