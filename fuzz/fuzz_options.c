// SPDX-License-Identifier: Apache-2.0
//
// A command line from a stranger: each line of the input is a word.

#include "cmd/invocation.h"

#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 64
#define BYTES_MAX 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int run_nothing(struct invocation *inv, struct err *e)
{
    (void)inv;
    (void)e;
    return 0;
}

static const char *const periods[] = {"year", "quarter", NULL};
static const char *const usage[] = {"pace [OPTIONS]", NULL};
static const struct option_spec options[] = {
    {"every", 'e', "PERIOD", "Length of a period.", periods},
    {"bridge", 0, "DAYS", "Days of absence.", NULL},
    {"dry-run", 'n', NULL, "Change nothing.", NULL},
    {NULL},
};
static const struct command pace = {
    .name = "pace",
    .summary = "Pace",
    .usage = usage,
    .description = "Pace.",
    .groups = OPTIONS_STORE | OPTIONS_OUTPUT | OPTIONS_BY | OPTIONS_PERIOD | OPTIONS_SCOPE,
    .options = options,
    .run = run_nothing,
};
static const struct command fetch_rir = {
    .name = "fetch rir",
    .summary = "Fetch",
    .usage = usage,
    .description = "Fetch.",
    .argument = "PATH",
    .argument_help = "a path",
    .arguments_min = 1,
    .arguments_max = 2,
    .argument_values = periods,
    .run = run_nothing,
};
const struct command *const commands[] = {&pace, &fetch_rir, NULL};

static void ask(const struct invocation *inv, struct err *e)
{
    uint64_t bridge = 0;
    date from = 0;
    if (strcmp(inv->command->name, "pace") != 0)
        return;
    int code = invocation_number(inv, "bridge", 100, &bridge, e);
    if (bridge > 100 || (code != 0 && code != ERR_USAGE))
        abort();
    invocation_date(inv, "from", true, &from, e);
    for (size_t i = 0; i < inv->argument_count; i++)
        if (!inv->arguments[i])
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *words[WORDS_MAX + 2] = {"sextant"};
    char text[BYTES_MAX + 1];
    struct invocation inv;
    struct err e = {0};
    int count = 1;
    if (size > BYTES_MAX || memchr(data, '\0', size))
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    for (char *at = text; at && *at && count <= WORDS_MAX; count++) {
        words[count] = at;
        at = strchr(at, '\n');
        if (at)
            *at++ = '\0';
    }
    if (invocation_parse(count, words, &inv, &e) == 0) {
        ask(&inv, &e);
        invocation_done(&inv);
    } else if (e.text[0] == '\0') {
        abort();
    }
    return 0;
}
