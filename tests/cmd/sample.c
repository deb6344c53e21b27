// SPDX-License-Identifier: Apache-2.0

#include "sample.h"

static int run_nothing(struct invocation *inv, struct err *e)
{
    (void)inv;
    (void)e;
    return 0;
}

static const char *const periods[] = {"year", "quarter", "month", "day", NULL};

static const struct option_spec pace_options[] = {
    {"every", 'e', "PERIOD", "Length of a period; year by default.", periods},
    {"bridge", 0, "DAYS", "Days that a record may be gone.", NULL},
    {"dry-run", 'n', NULL, "Change nothing. A \"quoted\" word, a \\backslash.", NULL},
    {NULL},
};

static const struct example pace_examples[] = {
    {"sextant pace --every quarter", "By quarter."},
    {"sextant pace | grep \"2024\\|2025\"", ".A line that begins with a dot."},
    {NULL},
};

static const struct command command_pace = {
    .name = "pace",
    .summary = "New delegations by period",
    .usage = (const char *const[]){"pace [OPTIONS]", "pace --dry-run", NULL},
    .description = "How fast.\n\n'Quoted' first – and a dash.\n\n.Not a request.",
    .groups = OPTIONS_STORE | OPTIONS_OUTPUT | OPTIONS_BY | OPTIONS_PERIOD,
    .options = pace_options,
    .examples = pace_examples,
    .run = run_nothing,
};

static const struct command command_fetch_rir = {
    .name = "fetch rir",
    .summary = "Fetch the registries' files",
    .usage = (const char *const[]){"fetch rir [NAME...]", NULL},
    .description = "Fetches.",
    .argument = "NAME",
    .argument_help = "a registry",
    .argument_values = (const char *const[]){"apnic", "arin", NULL},
    .arguments_max = 2,
    .groups = OPTIONS_FILE | OPTIONS_PERIOD,
    .run = run_nothing,
};

static const struct command command_fetch_iana = {
    .name = "fetch iana",
    .summary = "Fetch IANA's files",
    .usage = (const char *const[]){"fetch iana", NULL},
    .description = "Fetches.",
    .run = run_nothing,
};

static const struct command command_import = {
    .name = "import",
    .summary = "Take files into the archive",
    .usage = (const char *const[]){"import PATH...", NULL},
    .description = "Imports.",
    .argument = "PATH",
    .argument_help = "files and folders",
    .argument_kind = ARGUMENT_FILE,
    .arguments_min = 1,
    .arguments_max = ARGUMENTS_MANY,
    .run = run_nothing,
};

extern const struct command command_help;

const struct command *const commands[] = {&command_import, &command_fetch_rir, &command_fetch_iana,
                                          &command_pace,   &command_help,      NULL};

int parse_words(const char *const *argv, struct invocation *inv, struct err *e)
{
    int argc = 0;
    while (argv[argc])
        argc++;
    return invocation_parse(argc, argv, inv, e);
}
