// SPDX-License-Identifier: Apache-2.0
//
// The tables of adoption: every source's figure, what range they span, how they went, who they are.

#include "measure/adoption.h"

#include "measure/figures.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { FIGURES, RANGE, HISTORY, SOURCES, TABLES };

struct adopting {
    const struct adoption *a;
    struct measure_tables tables;
    struct key_columns keys[TABLES];
    size_t at[TABLES][11];
};

static size_t add(struct table *t, const char *key, const char *heading, enum column_type type,
                  const char *description)
{
    return table_column(t, &(struct column){.key = key,
                                            .heading = heading,
                                            .type = type,
                                            .unit = type == COLUMN_PERCENT ? "%" : "",
                                            .description = description,
                                            .decimals = type == COLUMN_PERCENT ? 1 : 0});
}

static void add_figure_columns(struct table *t, size_t *c)
{
    c[0] = add(t, "source", "Source", COLUMN_TEXT,
               "The series; networks: users on networks that announce IPv6.");
    c[1] = add(t, "method", "Method", COLUMN_TEXT,
               "stated: the source's own figure; weighted: its economies, weighted by Internet "
               "users; bound: an upper bound.");
    c[2] = add(t, "date", "Date", COLUMN_DATE, "The day of the newest value in it.");
    c[3] = add(t, "value", "With IPv6", COLUMN_PERCENT, "Share of users that have IPv6.");
    c[4] = add(t, "low", "From", COLUMN_PERCENT, "The interval's lower end.");
    c[5] = add(t, "high", "To", COLUMN_PERCENT, "The interval's upper end.");
    c[6] = add(t, "interval", "Interval", COLUMN_TEXT,
               "stated by the source, or from its samples (95 %); empty where neither is known.");
    c[7] = add(t, "samples", "Samples", COLUMN_REAL, "How many samples it is from.");
    c[8] = figures_add_count(t, "economies", "Economies", "Economies with a value.", false);
    c[9] = add(t, "covered", "Users covered", COLUMN_PERCENT,
               "Share of the key's Internet users whose economies have a value.");
    c[10] = add(t, "reason", "Empty because", COLUMN_TEXT, "Why there is no figure.");
}

static void add_range_columns(struct table *t, size_t *c)
{
    c[0] = figures_add_count(t, "figures", "Figures", "Figures of the sources, stated or weighted.",
                             false);
    c[1] = add(t, "lowest", "Lowest", COLUMN_PERCENT, "The lowest of their figures.");
    c[2] = add(t, "lowest_source", "by", COLUMN_TEXT, "The source of the lowest figure.");
    c[7] = add(t, "lowest_method", "how", COLUMN_TEXT, "Whether it is stated or weighted.");
    c[3] = add(t, "highest", "Highest", COLUMN_PERCENT, "The highest of their figures.");
    c[4] = add(t, "highest_source", "by", COLUMN_TEXT, "The source of the highest figure.");
    c[8] = add(t, "highest_method", "how", COLUMN_TEXT, "Whether it is stated or weighted.");
    c[5] = add(t, "range", "Range", COLUMN_PERCENT, "How far they are apart, in points.");
    c[6] = add(t, "networks", "On networks with IPv6", COLUMN_PERCENT,
               "Share of users on networks that announce IPv6: an upper bound.");
}

static void add_history_columns(struct table *t, size_t *c)
{
    c[0] = add(t, "period", "Period", COLUMN_TEXT, "The period of the row.");
    c[1] = add(t, "source", "Source", COLUMN_TEXT, "The series.");
    c[2] = add(t, "value", "With IPv6", COLUMN_PERCENT,
               "Mean of the source's own figures of the period.");
    c[3] = figures_add_count(t, "values", "Values", "Number of those figures.", false);
}

static void add_source_columns(struct table *t, size_t *c)
{
    c[0] = add(t, "source", "Source", COLUMN_TEXT, "The series.");
    c[1] = add(t, "measures", "Measures", COLUMN_TEXT, "What it says of itself.");
    c[2] = add(t, "by", "By", COLUMN_TEXT, "Who measured it.");
    c[3] = add(t, "first", "First", COLUMN_DATE, "The day of its first value.");
    c[4] = add(t, "last", "Last", COLUMN_DATE, "The day of its newest value.");
    c[5] = figures_add_count(t, "values", "Values", "Number of its values.", false);
    c[6] = figures_add_count(t, "restated", "Restated",
                             "Values that a later input stated otherwise.", false);
}

static int add_tables(struct adopting *x, struct err *e)
{
    static const char *const names[TABLES] = {"adoption", "reconciliation", "history", "sources"};
    static const char *const titles[TABLES] = {"Users that have IPv6, by source",
                                               "What the sources span", "Each source through time",
                                               "Sources of figures on users"};
    static void (*const fill[TABLES])(struct table *, size_t *) = {
        add_figure_columns, add_range_columns, add_history_columns, add_source_columns};
    const struct keys *k = &x->a->keys;
    char day[DATE_TEXT_MAX];
    for (size_t i = 0; i < TABLES; i++) {
        struct table *t;
        if (table_new(names[i], &t))
            return err_memory(e);
        x->tables.at[x->tables.count++] = t;
        if (i == SOURCES) {
            table_title(t, "%s", titles[i]);
        } else {
            x->keys[i] = keys_add_columns(k, t);
            table_title(t, "%s, %s%s, %s", titles[i], k->by == BY_WORLD ? "" : "by ",
                        by_title(k->by), date_format(x->a->on, day));
            t->key_columns = k->by == BY_WORLD ? 1 : 2;
        }
        fill[i](t, x->at[i]);
    }
    // Of one economy these say nothing.
    for (size_t c = 8; c <= 10 && k->by == BY_ECONOMY; c++)
        x->tables.at[FIGURES]->columns[x->at[FIGURES][c]].machine_only = true;
    return 0;
}

// ---- figures and their range

struct range_of {
    size_t figures;
    double lowest, highest, networks;
    const char *lowest_source, *lowest_method, *highest_source, *highest_method;
};

static size_t new_row(struct adopting *x, size_t table, size_t key)
{
    size_t row = table_row(x->tables.at[table]);
    keys_set_cells(&x->a->keys, key, x->keys[table], x->tables.at[table], row);
    return row;
}

static void set_figure(struct adopting *x, size_t key, const char *source, const char *method,
                       const struct adoption_figure *f)
{
    struct table *t = x->tables.at[FIGURES];
    const size_t *c = x->at[FIGURES];
    size_t row = new_row(x, FIGURES, key);
    table_set_text(t, row, c[0], source);
    table_set_text(t, row, c[1], method);
    table_set_date(t, row, c[2], f->date);
    table_set_real(t, row, c[3], f->value);
    table_set_real(t, row, c[4], f->low);
    table_set_real(t, row, c[5], f->high);
    if (f->interval[0])
        table_set_text(t, row, c[6], f->interval);
    table_set_real(t, row, c[7], f->samples);
    table_set_count(t, row, c[8], f->economies);
    table_set_real(t, row, c[9], f->covered);
    if (f->reason[0])
        table_set_text(t, row, c[10], f->reason);
}

static void take(struct range_of *r, const char *source, const char *method,
                 const struct adoption_figure *f)
{
    if (isnan(f->value))
        return;
    if (r->figures == 0 || f->value < r->lowest) {
        r->lowest = f->value;
        r->lowest_source = source;
        r->lowest_method = method;
    }
    if (r->figures == 0 || f->value > r->highest) {
        r->highest = f->value;
        r->highest_source = source;
        r->highest_method = method;
    }
    r->figures++;
}

// Both a source's own figure and that of its economies count: they are of different users.
static void set_source(struct adopting *x, size_t key, const struct dated *d, struct range_of *r)
{
    enum by by = x->a->keys.by;
    struct adoption_figure stated = {.value = (double)NAN};
    if (by == BY_ECONOMY || by == BY_WORLD) {
        stated = adoption_stated(x->a, d, key);
        if (by == BY_WORLD || !isnan(stated.value))
            set_figure(x, key, d->series.name, "stated", &stated);
    }
    if (by == BY_ECONOMY) {
        take(r, d->series.name, "stated", &stated);
        return;
    }
    struct adoption_figure weighted = adoption_weighted(x->a, d, key);
    set_figure(x, key, d->series.name, "weighted", &weighted);
    take(r, d->series.name, "stated", &stated);
    take(r, d->series.name, "weighted", &weighted);
}

static void set_range(struct adopting *x, size_t key, const struct range_of *r)
{
    struct table *t = x->tables.at[RANGE];
    const size_t *c = x->at[RANGE];
    size_t row = new_row(x, RANGE, key);
    table_set_count(t, row, c[0], r->figures);
    if (r->figures > 0) {
        table_set_real(t, row, c[1], r->lowest);
        table_set_text(t, row, c[2], r->lowest_source);
        table_set_text(t, row, c[7], r->lowest_method);
        table_set_real(t, row, c[3], r->highest);
        table_set_text(t, row, c[4], r->highest_source);
        table_set_text(t, row, c[8], r->highest_method);
    }
    if (r->figures > 1)
        table_set_real(t, row, c[5], r->highest - r->lowest);
    table_set_real(t, row, c[6], r->networks);
}

static void set_key(struct adopting *x, size_t key)
{
    struct range_of r = {0};
    for (size_t i = 0; i < x->a->source_count; i++)
        set_source(x, key, &x->a->sources[i], &r);
    struct adoption_figure bound = adoption_networks(x->a, key);
    if (x->a->keys.by != BY_ECONOMY || !isnan(bound.value))
        set_figure(x, key, ADOPTION_NETWORKS, "bound", &bound);
    r.networks = bound.value;
    if (r.figures > 0 || !isnan(bound.value) || x->a->keys.by != BY_ECONOMY)
        set_range(x, key, &r);
}

// ---- history: what the sources state, by period

static bool is_about(const struct adopting *x, size_t key, const struct observation *o)
{
    char text[8];
    if (x->a->keys.by == BY_WORLD)
        return strcmp(o->key, "WORLD") == 0;
    return strcmp(o->key, economy_format(x->a->keys.economies[key], text)) == 0;
}

static void set_period(struct adopting *x, size_t key, const char *source, date first, double sum,
                       size_t count)
{
    char text[DATE_TEXT_MAX];
    struct table *t = x->tables.at[HISTORY];
    const size_t *c = x->at[HISTORY];
    size_t row = new_row(x, HISTORY, key);
    table_set_text(t, row, c[0], period_format(x->a->query->every, first, text));
    table_set_text(t, row, c[1], source);
    table_set_real(t, row, c[2], sum / (double)count);
    table_set_count(t, row, c[3], count);
}

static void set_history(struct adopting *x, size_t key, const struct dated *d)
{
    enum period every = x->a->query->every;
    date from = x->a->query->from, first = DATE_NONE;
    double sum = 0.0;
    size_t count = 0;
    for (size_t i = 0; i < d->list.count; i++) {
        const struct observation *o = &d->list.at[i];
        if (!is_about(x, key, o) || o->date > x->a->on || (from != DATE_NONE && o->date < from))
            continue;
        if (count > 0 && period_first(every, o->date) != first) {
            set_period(x, key, d->series.name, first, sum, count);
            sum = 0.0;
            count = 0;
        }
        first = period_first(every, o->date);
        sum += o->value;
        count++;
    }
    if (count > 0)
        set_period(x, key, d->series.name, first, sum, count);
}

static void set_sources(struct adopting *x)
{
    struct table *t = x->tables.at[SOURCES];
    const size_t *c = x->at[SOURCES];
    for (size_t i = 0; i < x->a->source_count; i++) {
        const struct observation_series *s = &x->a->sources[i].series;
        size_t row = table_row(t);
        table_set_text(t, row, c[0], s->name);
        table_set_text(t, row, c[1], s->title);
        table_set_text(t, row, c[2], s->source);
        table_set_date(t, row, c[3], s->first);
        table_set_date(t, row, c[4], s->last);
        table_set_count(t, row, c[5], s->values);
        table_set_count(t, row, c[6], s->restated);
    }
}

static void add_notes(struct adopting *x)
{
    struct table *t = x->tables.at[FIGURES], *range = x->tables.at[RANGE];
    const struct adoption *a = x->a;
    char users[DATE_TEXT_MAX], routes[DATE_TEXT_MAX];
    if (!a->users.reason[0] && a->keys.by != BY_ECONOMY)
        table_note(t,
                   "Internet users are those of series %s, of the newest year with a value, at "
                   "most five years before.",
                   a->users.dated.series.name);
    if (!a->networks.reason[0])
        table_note(t, "Users of networks as of %s, announcements as of %s.",
                   date_format(a->networks.users_date, users),
                   date_format(a->networks.routes_date, routes));
    table_note(range, "The sources do not measure the same: over whom and what is under Methods "
                      "and in doc/measures.md.");
    keys_note(&a->keys, t);
}

int adoption_tables(const struct adoption *a, struct measure_tables *ret, struct err *e)
{
    struct adopting x = {.a = a};
    int code = add_tables(&x, e);
    for (size_t key = 0; key < a->keys.count && code == 0; key++) {
        if (!a->keys.shown[key])
            continue;
        set_key(&x, key);
        for (size_t i = 0; i < a->source_count && a->keys.by <= BY_ECONOMY; i++)
            set_history(&x, key, &a->sources[i]);
        if (x.tables.at[HISTORY]->row_count > PACE_ROWS_MAX)
            code = err_set(e, ERR_LIMIT, "the table would have more than %d rows", PACE_ROWS_MAX);
    }
    set_sources(&x);
    if (code == 0)
        add_notes(&x);
    for (size_t i = 0; i < x.tables.count && code == 0; i++)
        code = x.tables.at[i]->failed ? err_memory(e) : 0;
    if (code)
        measure_tables_free(&x.tables);
    else
        *ret = x.tables;
    return code;
}
