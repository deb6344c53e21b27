// SPDX-License-Identifier: Apache-2.0
//
// sextant import: files, folders, standard input or URLs into the archive.

#include "base/progress.h"
#include "cmd/command.h"
#include "store/store.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const usage[] = {"import [OPTIONS] PATH...", NULL};

static const struct option_spec options[] = {
    {"registry", 0, "NAME", "Whose file it is, for a file without a version line.", NULL},
    {"date", 0, "DATE", "The day that the input describes, for one that states none.", NULL},
    {"collector", 0, "NAME", "Who saw the routes, for a table that does not say it.", NULL},
    {"series", 0, "NAME", "Its name, for a series that is to be kept under another one.", NULL},
    {"no-evidence", 0, NULL, "Of results of checks keep the verdicts alone.", NULL},
    {"keep-going", 'k', NULL,
     "Go on behind a refused input; the exit status still tells that there was one.", NULL},
    {NULL}};

static const struct example examples[] = {
    {"sextant import ~/rir-files", "All statistics files below a folder, in order of date."},
    {"sextant import delegated-apnic-extended-20240105.gz", "One file, packed or not."},
    {"sextant import --date 2024-01-05 ranges.csv", "A table of ranges (start,end,economy)."},
    {"sextant import population.csv", "The World Bank's population table."},
    {"sextant import riswhoisdump.IPv6.gz", "What RIPE RIS saw announced."},
    {"sextant import --date 2024-01-05 --collector home table.csv",
     "Announced prefixes and their origins, from a router of one's own."},
    {NULL}};

struct sums {
    uint64_t taken, known, superseded, refused, suspect, findings;
    uint64_t lines, appeared, gone, values;
};

struct run {
    struct invocation *inv;
    struct store *store;
    struct importer *importer;
    struct import_options options;
    struct sums sums;
    struct err first; // of the refused
};

static int read_run_options(struct run *run, struct err *e)
{
    const char *registry = invocation_option(run->inv, "registry");
    struct read_options *read = &run->options.read;
    run->options.collector = invocation_option(run->inv, "collector");
    run->options.series = invocation_option(run->inv, "series");
    run->options.without_evidence = invocation_flag(run->inv, "no-evidence");
    read->date = DATE_NONE;
    if (registry) {
        read->has_registry = true;
        if (!registry_parse(slice_of(registry), &read->registry))
            return err_set(e, ERR_USAGE,
                           "--registry %s: wanted afrinic, apnic, arin, lacnic, ripencc, iana, "
                           "table or nro",
                           registry);
    }
    return invocation_date(run->inv, "date", true, &read->date, e);
}

static void count_result(struct run *run, const char *place, const struct import_result *r)
{
    struct sums *sums = &run->sums;
    sums->taken += r->outcome == IMPORT_TAKEN;
    sums->known += r->outcome == IMPORT_KNOWN;
    sums->superseded += r->outcome == IMPORT_SUPERSEDED;
    if (r->outcome == IMPORT_KNOWN)
        return;
    sums->lines += r->fates.lines;
    sums->appeared += r->appeared;
    sums->gone += r->gone;
    sums->values += r->values;
    sums->findings += r->findings;
    sums->suspect += r->suspect;
    if (r->suspect)
        invocation_warn(run->inv, "%s: suspect: far fewer records than the snapshot before", place);
    uint64_t rejected = fates_rejected(&r->fates);
    if (rejected > 0)
        invocation_warn(run->inv, "%s: %" PRIu64 " lines rejected; see sextant evidence %" PRId64,
                        place, rejected, r->input);
}

// ---- places

static int import_source(struct run *run, const char *place, struct source *source, struct err *e)
{
    struct import_result result = {0};
    int code = importer_add(run->importer, source, &run->options, &result, e);
    if (!code)
        count_result(run, place, &result);
    return code;
}

static int import_place(struct run *run, const char *place, uint64_t size, struct err *e)
{
    struct source *source = NULL;
    int64_t known = 0;
    int code = size > 0 ? importer_knows(run->importer, place, size, &known, e) : 0;
    if (code)
        return code;
    if (known) {
        run->sums.known++;
        return 0;
    }
    code = source_open(place, NULL, &source, e);
    if (!code)
        code = import_source(run, place, source, e);
    source_close(&source);
    return code;
}

// Bad input is the file's fault, and the next one may be fine; anything else is ours.
static bool is_refusal(int code)
{
    return code == ERR_INPUT || code == ERR_LIMIT;
}

static int import_all(struct run *run, const struct source_list *list, struct err *e)
{
    struct progress progress;
    bool keep_going = invocation_flag(run->inv, "keep-going");
    int code = 0;
    progress_start(&progress, "importing", "files", list->count, run->inv->quiet);
    for (size_t i = 0; i < list->count && !code; i++) {
        code = import_place(run, list->places[i], list->sizes[i], e);
        if (is_refusal(code) && keep_going) {
            progress_stop(&progress);
            invocation_warn(run->inv, "%s", e->text);
            if (run->sums.refused++ == 0)
                run->first = *e;
            code = 0;
        }
        progress_step(&progress, i + 1, list->places[i]);
    }
    progress_stop(&progress);
    return code;
}

static void set_row(struct table *t, const char *what, uint64_t count)
{
    size_t row = table_row(t);
    table_set_text(t, row, 0, what);
    table_set_count(t, row, 1, count);
}

static int print_sums(struct run *run, struct err *e)
{
    struct table *t = NULL;
    const struct sums *s = &run->sums;
    int code = table_new("import", &t);
    if (code)
        return err_memory(e);
    table_title(t, "Imported into %s", run->inv->store);
    table_column(t, &(struct column){.key = "what",
                                     .heading = "What",
                                     .type = COLUMN_TEXT,
                                     .unit = "",
                                     .description = "What is counted."});
    table_column(t, &(struct column){.key = "count",
                                     .heading = "Count",
                                     .type = COLUMN_COUNT,
                                     .unit = "",
                                     .description = "How many."});
    set_row(t, "inputs taken", s->taken);
    set_row(t, "inputs known already", s->known);
    set_row(t, "inputs superseded by a better one of that day", s->superseded);
    set_row(t, "inputs refused", s->refused);
    set_row(t, "snapshots marked suspect", s->suspect);
    set_row(t, "lines read", s->lines);
    set_row(t, "records that appeared", s->appeared);
    set_row(t, "records that left", s->gone);
    set_row(t, "findings (see sextant evidence)", s->findings);
    if (s->values > 0)
        set_row(t, "new figures and names", s->values);
    code = t->failed ? err_memory(e) : invocation_print(run->inv, &t, 1, e);
    table_free(&t);
    return code;
}

static int import_into(struct run *run, struct store *store, struct err *e)
{
    struct source_list list = {0};
    run->store = store;
    int code = source_list((char *const *)(uintptr_t)run->inv->arguments, run->inv->argument_count,
                           &list, e);
    if (!code)
        code = importer_new(store, &run->importer, e);
    if (!code)
        code = import_all(run, &list, e);
    importer_free(&run->importer);
    source_list_free(&list);
    if (!code)
        code = print_sums(run, e);
    if (!code && run->sums.refused > 0) {
        *e = run->first;
        return e->code;
    }
    return code;
}

static int run_import(struct invocation *inv, struct err *e)
{
    struct run run = {.inv = inv};
    struct store *store = NULL;
    int code = read_run_options(&run, e);
    if (!code)
        code = store_open(inv->store, STORE_WRITE, &store, e);
    if (!code)
        code = import_into(&run, store, e);
    store_close(&store);
    return code;
}

const struct command command_import = {
    .name = "import",
    .group = COMMAND_DATA,
    .summary = "Take registries' files into the archive",
    .usage = usage,
    .description =
        "Reads the RIRs' statistics files (version 1, 2 and 2.3, plain and extended, the NRO's "
        "combined file), IANA's tables of IPv6 and IPv4 space and range tables "
        "(start,end,economy); routing tables (MRT, RIS whois dumps, pfx2as, prefix and origin) and "
        "validated ROA payloads; figures of economies by date (population, users, anybody's own), "
        "names and users of networks, the root zone; and journals of sextant check. What a file "
        "is, and how it is packed (gzip, "
        "bzip2, xz, zstd), is told by its content; doc/formats.md describes each. A PATH is a "
        "file, a folder (read whole, in order of date), an http or https address, or - for "
        "standard input.\n\n"
        "Each input is taken whole or not at all, and only once: the same bytes are known by their "
        "SHA-256. Snapshots may come in any order. Every line is used, ignored for a reason or "
        "rejected for a reason; sextant evidence shows which. A file that is empty, cut, doubled "
        "or "
        "has no version line is refused, and the archive stays as it was.",
    .groups = OPTIONS_STORE | OPTIONS_OUTPUT,
    .options = options,
    .examples = examples,
    .argument = "PATH",
    .argument_help = "a file, a folder, a URL, or - for standard input",
    .argument_kind = ARGUMENT_FILE,
    .arguments_min = 1,
    .arguments_max = ARGUMENTS_MANY,
    .run = run_import,
};
