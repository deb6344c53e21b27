// SPDX-License-Identifier: Apache-2.0
//
// sextant changes: what differs between two snapshots.

#include "cmd/question.h"

static const char *const usage[] = {"changes [--from DATE] [--to DATE] [OPTIONS]", NULL};
static const char *const families[] = {"ipv6", "ipv4", "asn", NULL};

static const struct option_spec options[] = {
    {"from", 0, "DATE",
     "The first state: what was known on this day (2024-01-05, 2024-01, 2024); a year before --to "
     "by default.",
     NULL},
    {"to", 0, "DATE", "The second state: what was known on this day; the newest by default.", NULL},
    {"family", 0, "FAMILY", "Compare IPv6 space, IPv4 space or AS numbers; ipv6 by default.",
     families},
    {"only", 0, "CC,...", "Only changes that have a record of these economies.", NULL},
    {"registry", 0, "NAME,...", "Only these registries.", NULL},
    {"status", 0, "STATUS,...",
     "Compare records of these statuses; \"all\" takes the registries' stock (available, reserved) "
     "too; delegated by default.",
     NULL},
    {"min-length", 0, "BITS", "Only blocks with a prefix at least this long.", NULL},
    {"max-length", 0, "BITS", "Only blocks with a prefix at most this long.", NULL},
    {"top", 0, "N", "Only the first N changes; the sums are of all.", NULL},
    {"sums", 0, NULL, "Only the sums by kind.", NULL},
    {NULL}};

static const struct example examples[] = {
    {"sextant changes --from 2024-01-01 --to 2024-12-31 --sums",
     "How much was new, returned, transferred or moved in 2024."},
    {"sextant changes --only KE --from 2020", "Each change of Kenya's IPv6 space since 2020."},
    {"sextant changes --format csv --output changes.csv",
     "Every record that differs, exactly, for a program."},
    {NULL}};

static int run_changes(struct invocation *inv, struct err *e)
{
    struct question q;
    struct measure_tables tables = {0};
    int code = question_open(&q, inv, e);
    if (code)
        return code;
    code = measure_changes(&(struct measure){q.store, q.world}, &q.query, &tables, e);
    if (code == 0 && invocation_flag(inv, "sums"))
        code = invocation_print(inv, &tables.at[1], 1, e);
    else if (code == 0)
        code = invocation_print(
            inv, tables.at, inv->format == TABLE_CSV && !invocation_option(inv, "table") ? 1 : 2,
            e);
    measure_tables_free(&tables);
    question_close(&q);
    return code;
}

const struct command command_changes = {
    .name = "changes",
    .group = COMMAND_FIGURES,
    .summary = "What changed between two days",
    .usage = usage,
    .description =
        "Compares the records known on two days and says what happened to each that differs.\n\n"
        "On the same range: transferred (another registry), moved (another economy), "
        "holder-changed, status-changed, re-dated; the first of these that applies names the "
        "change, and \"differs in\" lists everything. restated: a field that was empty is stated, "
        "or the other way, as when a registry's plain file is followed by an extended one.\n\n"
        "On overlapping ranges: grown, shrunk, split, merged, or rearranged where many became "
        "many; transferred where all went from one registry to another. Without any overlap: new "
        "and returned.\n\n"
        "Each change is shown as the records that went (-) and those that came (+). Taken from and "
        "added to the first state they give the second exactly.",
    .groups = OPTIONS_STORE | OPTIONS_OUTPUT,
    .options = options,
    .examples = examples,
    .run = run_changes,
};
