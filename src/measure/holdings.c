// SPDX-License-Identifier: Apache-2.0
//
// The snapshots that the archive holds.

#include "measure/holdings.h"

#include "measure/figures.h"
#include "store/observations.h"
#include "store/routes.h"

#include <string.h>

// One registry and family: a run of the list.
struct series_of {
    const struct snapshot *at;
    size_t count;
};

static struct series_of next_series(const struct snapshot_list *l, size_t from)
{
    struct series_of s = {&l->at[from], 1};
    while (from + s.count < l->count && s.at[s.count].registry == s.at->registry &&
           s.at[s.count].family == s.at->family)
        s.count++;
    return s;
}

static void name_series(struct table *t, size_t row, const struct snapshot *s)
{
    table_set_text(t, row, 0, family_name(s->family));
    table_set_text(t, row, 1, registry_name(s->registry));
}

static void name_columns(struct table *t)
{
    table_column(t, &(struct column){"family", "Family", COLUMN_TEXT, "", "ipv6, ipv4 or asn."});
    table_column(t, &(struct column){"registry", "Registry", COLUMN_TEXT, "", "Whose snapshots."});
    t->key_columns = 2;
}

static int32_t missing(const struct snapshot *a, const struct snapshot *b)
{
    return b->date - a->date - 1;
}

static void add_series(struct table *t, const struct series_of *s)
{
    size_t row = table_row(t), gaps = 0, suspects = s->at[0].suspect;
    uint64_t days = 0;
    int32_t longest = 0;
    for (size_t i = 1; i < s->count; i++) {
        int32_t gap = missing(&s->at[i - 1], &s->at[i]);
        gaps += gap > 0;
        days += (uint64_t)gap;
        longest = gap > longest ? gap : longest;
        suspects += s->at[i].suspect;
    }
    name_series(t, row, s->at);
    table_set_date(t, row, 2, s->at[0].date);
    table_set_date(t, row, 3, s->at[s->count - 1].date);
    table_set_count(t, row, 4, s->count);
    table_set_count(t, row, 5, gaps);
    table_set_count(t, row, 6, days);
    table_set_count(t, row, 7, (u128)longest);
    table_set_count(t, row, 8, suspects);
    table_set_count(t, row, 9, s->at[s->count - 1].records);
}

static void fill_series(struct table *t, const struct snapshot_list *l)
{
    static const struct column columns[] = {
        {"first", "First", COLUMN_DATE, "", "The first snapshot."},
        {"last", "Last", COLUMN_DATE, "", "The last snapshot."},
        {"snapshots", "Number", COLUMN_COUNT, "", "Snapshots held."},
        {"gaps", "Gaps", COLUMN_COUNT, "", "Times that days are missing between two neighbours.",
         .machine_only = true},
        {"missing", "Missing", COLUMN_COUNT, "days", "Days between first and last without one."},
        {"longest", "Longest", COLUMN_COUNT, "days", "Days missing in the longest gap."},
        {"suspects", "Suspect", COLUMN_COUNT, "",
         "Snapshots that show far fewer records than those before and after."},
        {"records", "Records", COLUMN_COUNT, "", "Records in the last snapshot.",
         .machine_only = true},
    };
    struct series_of s;
    table_title(t, "Snapshots held");
    name_columns(t);
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        table_column(t, &columns[i]);
    for (size_t i = 0; i < l->count; i += s.count) {
        s = next_series(l, i);
        add_series(t, &s);
    }
}

static void fill_gaps(struct table *t, const struct snapshot_list *l)
{
    table_title(t, "Gaps: days without a snapshot");
    name_columns(t);
    t->key_columns = 3;
    table_column(t, &(struct column){"from", "From", COLUMN_DATE, "", "The first missing day."});
    table_column(t, &(struct column){"to", "To", COLUMN_DATE, "", "The last missing day."});
    table_column(t, &(struct column){"days", "Length", COLUMN_COUNT, "days", "Days missing."});
    for (size_t i = 1; i < l->count; i++) {
        const struct snapshot *a = &l->at[i - 1], *b = &l->at[i];
        if (a->registry != b->registry || a->family != b->family || missing(a, b) <= 0)
            continue;
        size_t row = table_row(t);
        name_series(t, row, b);
        table_set_date(t, row, 2, a->date + 1);
        table_set_date(t, row, 3, b->date - 1);
        table_set_count(t, row, 4, (u128)missing(a, b));
    }
}

static void fill_snapshots(struct table *t, const struct snapshot_list *l, bool suspects)
{
    static const struct column columns[] = {
        {"date", "Date", COLUMN_DATE, "", "The day that the snapshot describes."},
        {"records", "Records", COLUMN_COUNT, "", "Records of all statuses."},
        {"delegated", "Delegated", COLUMN_COUNT, "", "Records allocated or assigned."},
        {"kind", "Kind", COLUMN_TEXT, "", "extended files name holders, plain ones do not."},
        {"suspect", "Suspect", COLUMN_TEXT, "", "suspect, or empty."},
        {"input", "Input", COLUMN_COUNT, "", "The input's number, see sextant evidence."},
    };
    table_title(t, suspects ? "Suspect snapshots: far fewer records than their neighbours"
                            : "Snapshots");
    name_columns(t);
    t->key_columns = 3;
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        table_column(t, &columns[i]);
    for (size_t i = 0; i < l->count; i++) {
        const struct snapshot *s = &l->at[i];
        if (suspects && !s->suspect)
            continue;
        size_t row = table_row(t);
        name_series(t, row, s);
        table_set_date(t, row, 2, s->date);
        table_set_count(t, row, 3, s->records);
        table_set_count(t, row, 4, s->delegated);
        table_set_text(t, row, 5, s->extended ? "extended" : "plain");
        table_set_text(t, row, 6, s->suspect ? "suspect" : "");
        table_set_count(t, row, 7, (u128)s->input);
    }
}

// ---- routes, and dated series

// at[from] begins a series of routes: how many of the list are its snapshots?
static size_t count_routes(const struct route_snapshot_list *l, size_t from)
{
    const struct route_snapshot *first = &l->at[from];
    size_t count = 1;
    while (from + count < l->count && first[count].kind == first->kind &&
           first[count].family == first->family &&
           strcmp(first[count].collector, first->collector) == 0)
        count++;
    return count;
}

static void add_route_series(struct table *t, const struct route_snapshot *first, size_t count)
{
    const struct route_snapshot *last = &first[count - 1];
    size_t row = table_row(t);
    table_set_text(t, row, 0, route_kind_name(first->kind));
    table_set_text(t, row, 1, first->collector);
    table_set_text(t, row, 2, family_name(first->family));
    table_set_date(t, row, 3, first->date);
    table_set_date(t, row, 4, last->date);
    table_set_count(t, row, 5, count);
    table_set_count(t, row, 6, last->prefixes);
    table_set_count(t, row, 7, last->routes);
    if (last->peers)
        table_set_count(t, row, 8, last->peers);
    if (last->peers_full)
        table_set_count(t, row, 9, last->peers_full);
}

static int fill_routes(const struct measure *m, struct table *t, struct err *e)
{
    static const struct column columns[] = {
        {"kind", "Kind", COLUMN_TEXT, "",
         "announced: in a routing table; validated: by RPKI (VRPs)."},
        {"collector", "Collector", COLUMN_TEXT, "", "Who saw them."},
        {"family", "Family", COLUMN_TEXT, "", "ipv6 or ipv4."},
        {"first", "First", COLUMN_DATE, "", "The first snapshot."},
        {"last", "Last", COLUMN_DATE, "", "The last snapshot."},
        {"snapshots", "Number", COLUMN_COUNT, "", "Snapshots held."},
        {"prefixes", "Prefixes", COLUMN_COUNT, "", "Prefixes in the last snapshot."},
        {"routes", "Routes", COLUMN_COUNT, "", "Pairs of prefix and origin in the last snapshot.",
         .machine_only = true},
        {"peers", "Peers", COLUMN_COUNT, "", "Peers in the last snapshot, where it says it."},
        {"peers_full", "Full", COLUMN_COUNT, "", "Those of them with a full table.",
         .machine_only = true},
    };
    struct route_snapshot_list l = {0};
    table_title(t, "Routes held");
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        table_column(t, &columns[i]);
    t->key_columns = 3;
    int code = store_route_snapshots(m->store, &l, e);
    for (size_t i = 0, count; i < l.count; i += count) {
        count = count_routes(&l, i);
        add_route_series(t, &l.at[i], count);
    }
    route_snapshot_list_free(&l);
    return code;
}

static int fill_figures(const struct measure *m, struct table *t, struct err *e)
{
    static const struct column columns[] = {
        {"series", "Series", COLUMN_TEXT, "", "Its name."},
        {"unit", "Unit", COLUMN_TEXT, "", "Of its values."},
        {"first", "First", COLUMN_DATE, "", "The first date with a value."},
        {"last", "Last", COLUMN_DATE, "", "The last date with a value."},
        {"values", "Values", COLUMN_COUNT, "", "Values that count."},
        {"restated", "Restated", COLUMN_COUNT, "", "Values that a newer input states otherwise."},
        {"title", "Title", COLUMN_TEXT, "", "What it is.", .machine_only = true},
        {"source", "Source", COLUMN_TEXT, "", "Who measured it.", .machine_only = true},
    };
    struct observation_series_list l = {0};
    table_title(t, "Series of figures held");
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        table_column(t, &columns[i]);
    int code = store_observation_series(m->store, &l, e);
    for (size_t i = 0; i < l.count; i++) {
        const struct observation_series *one = &l.at[i];
        size_t row = table_row(t);
        table_set_text(t, row, 0, one->name);
        table_set_text(t, row, 1, one->unit);
        table_set_date(t, row, 2, one->first);
        table_set_date(t, row, 3, one->last);
        table_set_count(t, row, 4, one->values);
        table_set_count(t, row, 5, one->restated);
        table_set_text(t, row, 6, one->title);
        table_set_text(t, row, 7, one->source);
    }
    observation_series_list_free(&l);
    return code;
}

// ---- all

static int fill_part(const struct measure *m, struct table *t, unsigned part,
                     const struct snapshot_list *l, struct err *e)
{
    switch (part) {
    case HOLDINGS_ROUTES:
        return fill_routes(m, t, e);
    case HOLDINGS_FIGURES:
        return fill_figures(m, t, e);
    case HOLDINGS_SERIES:
        fill_series(t, l);
        return 0;
    case HOLDINGS_GAPS:
        fill_gaps(t, l);
        return 0;
    default:
        fill_snapshots(t, l, part == HOLDINGS_SUSPECTS);
        return 0;
    }
}

static int add_part(const struct measure *m, unsigned part, const char *name,
                    const struct snapshot_list *l, struct measure_tables *out, struct err *e)
{
    struct table *t;
    if (table_new(name, &t) != 0)
        return err_memory(e);
    out->at[out->count++] = t;
    t->basis.command = "snapshots";
    int code = fill_part(m, t, part, l, e);
    if (code == 0)
        code = store_revision(m->store, &t->basis.revision, e);
    return code == 0 && t->failed ? err_memory(e) : code;
}

int measure_holdings(const struct measure *m, unsigned parts, struct measure_tables *ret,
                     struct err *e)
{
    static const struct {
        unsigned part;
        const char *name;
    } all[] = {{HOLDINGS_SERIES, "snapshots"},  {HOLDINGS_GAPS, "gaps"},
               {HOLDINGS_ROUTES, "routes"},     {HOLDINGS_FIGURES, "series"},
               {HOLDINGS_SUSPECTS, "suspects"}, {HOLDINGS_SNAPSHOTS, "snapshot-list"}};
    struct measure_tables out = {0};
    struct snapshot_list l = {0};
    int code = store_snapshots(m->store, &l, e);
    for (unsigned i = 0; i < sizeof all / sizeof *all && code == 0; i++)
        if (parts & all[i].part)
            code = add_part(m, all[i].part, all[i].name, &l, &out, e);
    snapshot_list_free(&l);
    if (code == 0)
        *ret = out;
    else
        measure_tables_free(&out);
    return code;
}
