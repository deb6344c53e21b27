// SPDX-License-Identifier: Apache-2.0
//
// The inputs behind the figures, as tables.

#include "measure/holdings.h"

#include "base/array.h"
#include "base/date.h"
#include "measure/figures.h"
#include "read/kind.h"
#include "store/routes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int start(struct measure_tables *out, const char *name, struct table **ret, struct err *e)
{
    if (table_new(name, ret) != 0)
        return err_memory(e);
    (*ret)->basis.command = "evidence";
    out->at[out->count++] = *ret;
    return 0;
}

static int finish(const struct measure *m, int code, struct measure_tables *out,
                  struct measure_tables *ret, struct err *e)
{
    for (size_t i = 0; i < out->count && code == 0; i++) {
        code = store_revision(m->store, &out->at[i]->basis.revision, e);
        if (code == 0 && out->at[i]->failed)
            code = err_memory(e);
    }
    if (code == 0)
        *ret = *out;
    else
        measure_tables_free(out);
    return code;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash && slash[1] ? slash + 1 : path;
}

// ---- the list

enum {
    ID,
    REGISTRY,
    DATED,
    KIND,
    NAME,
    LINES,
    USED,
    IGNORED,
    REJECTED,
    COUNTS,
    IMPORTED,
    SOURCE,
    SHA256
};

static const struct column list_columns[] = {
    [ID] = {"input", "Input", COLUMN_COUNT, "", "The input's number in this archive."},
    [REGISTRY] = {"registry", "Registry", COLUMN_TEXT, "",
                  "Whose file it is; of routes the collector, of figures the series."},
    [DATED] = {"date", "Date", COLUMN_DATE, "", "The day that the input itself states."},
    [KIND] = {"kind", "Kind", COLUMN_TEXT, "",
              "Its format; of the registries' files extended or plain."},
    [NAME] = {"name", "Name", COLUMN_TEXT, "", "The last part of its source.",
              .machine_only = true},
    [LINES] = {"lines", "Lines", COLUMN_COUNT, "", "Lines of the input.", .machine_only = true},
    [USED] = {"used", "Used", COLUMN_COUNT, "", "Lines that became records.", .machine_only = true},
    [IGNORED] = {"ignored", "Ignored", COLUMN_COUNT, "", "Lines ignored for a stated reason.",
                 .machine_only = true},
    [REJECTED] = {"rejected", "Rejected", COLUMN_COUNT, "", "Lines rejected for a stated reason."},
    [COUNTS] = {"counts", "Counts", COLUMN_TEXT, "",
                "no: another input of the same subject and day took its place."},
    [IMPORTED] = {"imported", "Imported", COLUMN_TEXT, "", "When it was imported, UTC.",
                  .machine_only = true},
    [SOURCE] = {"source", "Source", COLUMN_TEXT, "", "Path or URL as it was given.",
                .machine_only = true},
    [SHA256] = {"sha256", "SHA-256", COLUMN_TEXT, "", "Of its bytes as given.",
                .machine_only = true},
};

static const char *kind_of(const struct input *i)
{
    if (i->format == FORMAT_RIR)
        return i->extended ? "extended" : "plain";
    return input_format_name(i->format);
}

static int add_listed(const struct input *i, void *arg)
{
    struct table *t = arg;
    char text[INSTANT_TEXT_MAX];
    size_t row = table_row(t);
    table_set_count(t, row, ID, (u128)i->id);
    table_set_text(t, row, REGISTRY, i->subject);
    table_set_date(t, row, DATED, i->date);
    table_set_text(t, row, KIND, kind_of(i));
    table_set_text(t, row, NAME, base_name(i->source));
    table_set_count(t, row, LINES, i->fates.lines);
    table_set_count(t, row, USED, i->fates.used);
    table_set_count(t, row, IGNORED, fates_ignored(&i->fates));
    table_set_count(t, row, REJECTED, fates_rejected(&i->fates));
    table_set_text(t, row, COUNTS, i->counts ? "yes" : "no");
    table_set_text(t, row, IMPORTED, instant_format(i->imported, text));
    table_set_text(t, row, SOURCE, i->source);
    table_set_text(t, row, SHA256, i->sha256);
    return t->failed ? ERR_MEMORY : 0;
}

int measure_inputs(const struct measure *m, size_t top, struct measure_tables *ret, struct err *e)
{
    struct measure_tables out = {0};
    struct table *t;
    int64_t all = 0;
    int code = start(&out, "inputs", &t, e);
    if (code)
        return code;
    for (size_t i = 0; i < sizeof list_columns / sizeof *list_columns; i++)
        table_column(t, &list_columns[i]);
    code = store_newest_inputs(m->store, top, &all, add_listed, t, e);
    if (code == ERR_MEMORY)
        err_memory(e);
    if (t->row_count < (size_t)all)
        table_title(t, "Inputs: the newest %zu of %lld", t->row_count, (long long)all);
    else
        table_title(t, "Inputs");
    return finish(m, code, &out, ret, e);
}

// ---- one input

static void add_fact(struct table *t, const char *name, const char *value)
{
    size_t row = table_row(t);
    table_set_text(t, row, 0, name);
    table_set_text(t, row, 1, value);
}

static void add_number(struct table *t, const char *name, uint64_t value)
{
    add_fact(t, name, arena_format(&t->arena, "%llu", (unsigned long long)value));
}

static void add_fate(struct table *t, const char *fate, const char *reason, uint64_t count)
{
    size_t row = table_row(t);
    table_set_text(t, row, 0, fate);
    table_set_text(t, row, 1, reason);
    table_set_count(t, row, 2, count);
}

static void add_fates(struct table *t, const struct fates *f)
{
    add_fate(t, "used", "became records", f->used);
    for (unsigned i = 0; i < IGNORED_COUNT; i++)
        if (f->ignored[i])
            add_fate(t, "ignored", ignored_name((enum ignored)i), f->ignored[i]);
    for (unsigned i = 0; i < REJECTED_COUNT; i++)
        if (f->rejected[i])
            add_fate(t, "rejected", rejected_name((enum rejected)i), f->rejected[i]);
    add_fate(t, "all", "lines of the input", f->lines);
    if (f->used + fates_ignored(f) + fates_rejected(f) == f->lines)
        table_note(t, "%llu used + %llu ignored + %llu rejected = %llu lines.",
                   (unsigned long long)f->used, (unsigned long long)fates_ignored(f),
                   (unsigned long long)fates_rejected(f), (unsigned long long)f->lines);
    else
        table_note(t, "The lines do not sum: \"sextant doctor\" checks the archive.");
}

struct page {
    struct table *facts, *lines, *findings, *snapshots;
};

// What the subject of an input is.
static const char *subject_name(const struct input *i)
{
    enum input_kind kind = input_format_kind(i->format);
    bool routes = kind == INPUT_ROUTES || kind == INPUT_VRPS;
    return i->registry != INPUT_NO_REGISTRY ? "registry" : routes ? "collector" : "series";
}

static int add_facts(const struct input *i, void *arg)
{
    const struct page *p = arg;
    char text[INSTANT_TEXT_MAX];
    add_number(p->facts, "input", (uint64_t)i->id);
    add_fact(p->facts, "sha256", i->sha256);
    add_fact(p->facts, "source", i->source);
    add_fact(p->facts, "format", input_format_name(i->format));
    add_fact(p->facts, "container", i->container);
    add_fact(p->facts, subject_name(i), i->subject);
    if (i->format == FORMAT_RIR)
        add_fact(p->facts, "kind", kind_of(i));
    add_fact(p->facts, "date", date_format(i->date, text));
    add_fact(p->facts, "imported", instant_format(i->imported, text));
    add_number(p->facts, "bytes given", i->bytes_given);
    add_number(p->facts, "bytes read", i->bytes_read);
    add_fact(p->facts, "counts",
             i->counts ? "yes" : "no: another input of this subject and day took its place");
    table_title(p->facts, "Input %lld: %s", (long long)i->id, base_name(i->source));
    add_fates(p->lines, &i->fates);
    return 0;
}

static int add_finding(const struct input_finding *f, void *arg)
{
    struct table *t = arg;
    size_t row = table_row(t);
    table_set_text(t, row, 0, finding_name(f->kind));
    table_set_count(t, row, 1, f->count);
    if (f->line)
        table_set_count(t, row, 2, f->line);
    table_set_text(t, row, 3, f->text);
    return t->failed ? ERR_MEMORY : 0;
}

static void page_columns(const struct page *p)
{
    table_column(p->facts, &(struct column){"fact", "Fact", COLUMN_TEXT, "", "What is stated."});
    table_column(p->facts, &(struct column){"value", "Value", COLUMN_TEXT, "", "Its value."});
    table_column(p->lines,
                 &(struct column){"fate", "Lines", COLUMN_TEXT, "", "used, ignored or rejected."});
    table_column(p->lines, &(struct column){"reason", "Reason", COLUMN_TEXT, "", "Why."});
    figures_add_count(p->lines, "count", "Number", "Lines.", false);
    p->lines->key_columns = 2;
    table_title(p->lines, "What became of its lines");
    table_column(p->findings, &(struct column){"finding", "Finding", COLUMN_TEXT, "",
                                               "What is odd about the input."});
    figures_add_count(p->findings, "count", "Number", "All of this kind in the input.", false);
    figures_add_count(p->findings, "line", "Line", "The line; empty for the whole input.", false);
    table_column(p->findings,
                 &(struct column){"text", "What was found", COLUMN_TEXT, "", "One of them."});
    table_title(p->findings, "Findings");
    table_column(p->snapshots,
                 &(struct column){"family", "Family", COLUMN_TEXT, "", "ipv6, ipv4 or asn."});
    table_column(p->snapshots, &(struct column){"registry", "Registry", COLUMN_TEXT, "",
                                                "Whose snapshot: a registry's or a collector's."});
    table_column(p->snapshots, &(struct column){"date", "Date", COLUMN_DATE, "", "Of which day."});
    figures_add_count(p->snapshots, "records", "Records",
                      "Records of all statuses; routes of a routing table.", false);
    figures_add_count(p->snapshots, "delegated", "Delegated", "Allocated or assigned.", false);
    table_column(p->snapshots, &(struct column){"suspect", "Suspect", COLUMN_TEXT, "",
                                                "suspect: far fewer records than its "
                                                "neighbours."});
    table_title(p->snapshots, "Snapshots that it contributes");
}

static int add_registers(const struct measure *m, int64_t id, struct table *t, struct err *e)
{
    struct snapshot_list l = {0};
    int code = store_snapshots(m->store, &l, e);
    for (size_t i = 0; i < l.count && code == 0; i++) {
        if (l.at[i].input != id)
            continue;
        size_t row = table_row(t);
        table_set_text(t, row, 0, family_name(l.at[i].family));
        table_set_text(t, row, 1, registry_name(l.at[i].registry));
        table_set_date(t, row, 2, l.at[i].date);
        table_set_count(t, row, 3, l.at[i].records);
        table_set_count(t, row, 4, l.at[i].delegated);
        table_set_text(t, row, 5, l.at[i].suspect ? "suspect" : "");
    }
    snapshot_list_free(&l);
    return code;
}

static int add_routes(const struct measure *m, int64_t id, struct table *t, struct err *e)
{
    struct route_snapshot_list l = {0};
    int code = store_route_snapshots(m->store, &l, e);
    for (size_t i = 0; i < l.count && code == 0; i++) {
        if (l.at[i].input != id)
            continue;
        size_t row = table_row(t);
        table_set_text(t, row, 0, family_name(l.at[i].family));
        table_set_text(t, row, 1, l.at[i].collector);
        table_set_date(t, row, 2, l.at[i].date);
        table_set_count(t, row, 3, l.at[i].routes);
    }
    route_snapshot_list_free(&l);
    return code;
}

int measure_input(const struct measure *m, const char *key, struct measure_tables *ret,
                  struct err *e)
{
    struct measure_tables out = {0};
    struct page p;
    int64_t id;
    int code = store_find_input(m->store, key, &id, e);
    if (code)
        return code;
    code = start(&out, "input", &p.facts, e);
    if (code == 0)
        code = start(&out, "lines", &p.lines, e);
    if (code == 0)
        code = start(&out, "findings", &p.findings, e);
    if (code == 0)
        code = start(&out, "contributes", &p.snapshots, e);
    if (code == 0) {
        page_columns(&p);
        code = store_input(m->store, id, add_facts, &p, e);
    }
    if (code == 0)
        code = store_findings(m->store, id, add_finding, p.findings, e);
    if (code == 0)
        code = add_registers(m, id, p.snapshots, e);
    if (code == 0)
        code = add_routes(m, id, p.snapshots, e);
    if (code == ERR_MEMORY)
        err_memory(e);
    return finish(m, code, &out, ret, e);
}
