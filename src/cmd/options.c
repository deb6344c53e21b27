// SPDX-License-Identifier: Apache-2.0
//
// The options that mean the same everywhere.

#include "cmd/invocation.h"

#include <string.h>

static const char *const formats[] = {"table", "csv", "json", "markdown", NULL};
static const char *const languages[] = {"ar", "en", "es", "fr", "ru", "zh", NULL};
static const char *const families[] = {"ipv6", "ipv4", "asn", NULL};
static const char *const partitions[] = {"world",     "registry",   "economy", "region",
                                         "subregion", "itu-region", "group",   NULL};

static const struct option_spec by_options[] = {
    {"by", 0, "WHAT", "Give the figures for each of these apart.", partitions},
    {NULL},
};

static const struct option_spec period_options[] = {
    {"from", 0, "DATE", "Begin with this date: 2024-01-05, 2024-01, 2024-Q1 or 2024.", NULL},
    {"to", 0, "DATE", "End with this date; a month, quarter or year is meant to its last day.",
     NULL},
    {NULL},
};

static const struct option_spec scope_options[] = {
    {"family", 0, "FAMILY", "Count IPv6 space, IPv4 space or AS numbers; ipv6 by default.",
     families},
    {"known-on", 0, "DATE", "As the registries' files of that day had it; the newest by default.",
     NULL},
    {"on", 0, "DATE", "Only what was delegated up to this date by the records' own dates.", NULL},
    {"status", 0, "STATUS,...",
     "Count records of these statuses: allocated, assigned, available, reserved; "
     "allocated,assigned by default.",
     NULL},
    {"min-length", 0, "BITS", "Only blocks with a prefix at least this long (no larger block).",
     NULL},
    {"max-length", 0, "BITS", "Only blocks with a prefix at most this long (no smaller block).",
     NULL},
    {"only", 0, "KEY,...", "Only these: economies (KE,UG), registries or groups, as --by has them.",
     NULL},
    {NULL},
};

static const struct option_spec file_options[] = {
    {"options", 0, "FILE",
     "More options, one a line and without dashes (\"pool 192.0.2.0/28\"); # begins a comment. The "
     "command line has the last word.",
     NULL},
    {NULL},
};

static const struct option_spec output_options[] = {
    {"format", 'f', "FORMAT", "Write a table for people, CSV, JSON or Markdown; table by default.",
     formats},
    {"output", 'o', "FILE",
     "Write to this file instead of standard output, whole or not at all. A CSV file gets "
     "FILE.basis.json beside it: what it was computed from.",
     NULL},
    {"table", 0, "NAME", "Of several tables write only this one.", NULL},
    {"lang", 0, "CODE", "Language of tables and names; the environment's by default.", languages},
    {NULL},
};

static const struct option_spec store_options[] = {
    {"store", 's', "FILE",
     "The archive; $SEXTANT_STORE or ~/.local/share/sextant/archive.sextant by default.", NULL},
    {NULL},
};

static const struct option_spec every_options[] = {
    {"quiet", 'q', NULL, "No progress and no warnings on standard error.", NULL},
    {"help", 'h', NULL, "Explain the command.", NULL},
    {NULL},
};

static size_t add_options(const struct option_spec *from,
                          const struct option_spec *ret[COMMAND_OPTIONS_MAX], size_t count)
{
    for (; from && from->name && count < COMMAND_OPTIONS_MAX; from++)
        ret[count++] = from;
    return count;
}

size_t command_options(const struct command *c, const struct option_spec *ret[COMMAND_OPTIONS_MAX])
{
    static const struct {
        enum option_group group;
        const struct option_spec *options;
    } common[] = {
        {OPTIONS_BY, by_options},       {OPTIONS_PERIOD, period_options},
        {OPTIONS_SCOPE, scope_options}, {OPTIONS_OUTPUT, output_options},
        {OPTIONS_STORE, store_options}, {OPTIONS_FILE, file_options},
    };
    size_t count = add_options(c->options, ret, 0);
    for (size_t i = 0; i < sizeof common / sizeof *common; i++)
        if (c->groups & common[i].group)
            count = add_options(common[i].options, ret, count);
    return add_options(every_options, ret, count);
}

// Letters to change, add, drop or swap to make b of a; words longer than LETTERS_MAX are far from
// all.
#define LETTERS_MAX 31
static unsigned distance(const char *a, const char *b)
{
    size_t m = strlen(a), n = strlen(b);
    unsigned d[LETTERS_MAX + 1][LETTERS_MAX + 1];
    if (m > LETTERS_MAX || n > LETTERS_MAX)
        return LETTERS_MAX + 1;
    for (size_t i = 0; i <= m; i++)
        for (size_t j = 0; j <= n; j++) {
            if (i == 0 || j == 0) {
                d[i][j] = (unsigned)(i + j);
                continue;
            }
            unsigned best = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            best = d[i - 1][j] + 1 < best ? d[i - 1][j] + 1 : best;
            best = d[i][j - 1] + 1 < best ? d[i][j - 1] + 1 : best;
            bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped && d[i - 2][j - 2] + 1 < best)
                best = d[i - 2][j - 2] + 1;
            d[i][j] = best;
        }
    return d[m][n];
}

const char *nearest_word(const char *word, const char *const *words)
{
    const char *best = NULL;
    unsigned limit = 1 + (unsigned)strlen(word) / 4;
    for (; *words; words++) {
        bool begins = strlen(word) >= 2 && strncmp(*words, word, strlen(word)) == 0;
        unsigned far = begins ? 1 : distance(word, *words);
        if (far <= limit) {
            best = *words;
            limit = far > 0 ? far - 1 : 0;
        }
        if (limit == 0 && best)
            break;
    }
    return best;
}
