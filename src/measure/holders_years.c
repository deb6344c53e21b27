// SPDX-License-Identifier: Apache-2.0
//
// Holders by period: new and old ones, and how space is spread among those that there were at its
// end. By the records' own dates, as the newest snapshot has them.

#include "measure/concentration.h"
#include "measure/holders_stock.h"
#include "measure/pace.h"

#include <stdlib.h>

struct dated {
    size_t period; // row of the span
    uint32_t row;
};

struct years {
    const struct holders_part *part;
    struct span span;
    struct dated *at; // by period; only rows that state a date and a holder
    size_t count, undated;
};

static int compare_dated(const void *a, const void *b)
{
    const struct dated *x = a, *y = b;
    if (x->period != y->period)
        return x->period < y->period ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

static bool is_dated(const struct years *y, const struct lifetime *l)
{
    return l->date != DATE_NONE && l->date <= y->part->view->known_on;
}

static void find_span(struct years *y)
{
    const struct view *v = y->part->view;
    const struct query *q = y->part->query;
    date first = DATE_MAX;
    for (size_t i = 0; i < v->count; i++)
        if (y->part->shown[i] && is_dated(y, &v->at[i]) && v->at[i].date < first)
            first = v->at[i].date;
    date last = q->to != DATE_NONE && q->to < v->known_on ? q->to : v->known_on;
    y->span = (struct span){
        .every = q->every, .first = q->from != DATE_NONE ? q->from : first, .last = last};
    y->span.count = span_periods(y->span.every, y->span.first, y->span.last);
}

static int list_rows(struct years *y, struct err *e)
{
    const struct holders_part *p = y->part;
    find_span(y);
    if (y->span.count > PACE_ROWS_MAX)
        return err_set(e, ERR_LIMIT, "more than %d periods", PACE_ROWS_MAX);
    y->at = calloc(p->view->count + 1, sizeof *y->at);
    if (!y->at)
        return err_memory(e);
    for (size_t i = 0; i < p->view->count; i++) {
        const struct lifetime *l = &p->view->at[i];
        if (!p->shown[i] || p->holders->number[i] == 0)
            continue;
        size_t period = is_dated(y, l) ? span_row(&y->span, l->date) : SIZE_MAX;
        y->undated += l->date == DATE_NONE;
        if (period != SIZE_MAX)
            y->at[y->count++] = (struct dated){period, (uint32_t)i};
    }
    qsort(y->at, y->count, sizeof *y->at, compare_dated);
    return 0;
}

static size_t period_end(const struct years *y, size_t from, size_t period)
{
    while (from < y->count && y->at[from].period == period)
        from++;
    return from;
}

static struct table *add_table(const struct years *y, struct measure_tables *tables,
                               const char *name, const char *title)
{
    struct table *t = NULL;
    const struct query *q = y->part->query;
    if (table_new(name, &t))
        return NULL;
    tables->at[tables->count++] = t;
    table_title(t, "%s %s%s", family_title(q->family), title, figures_scope(q, y->part->view, t));
    figures_add_text(t, "period", "Period", "Of the records' own dates.", false);
    return t;
}

static size_t add_period(const struct years *y, struct table *t, size_t period)
{
    char text[DATE_TEXT_MAX];
    size_t row = table_row(t);
    table_set_text(t, row, 0, period_format(y->span.every, span_period(&y->span, period), text));
    return row;
}

// ---- new and old

struct year_sum {
    uint64_t delegations, holders, new_holders, to_old, further;
};

// `first`: by holder, the period of its first delegation + 1; `seen`: that which counted it last
// + 1.
static struct year_sum sum_year(const struct years *y, size_t begin, size_t end, size_t *first,
                                size_t *seen)
{
    struct year_sum s = {0};
    for (size_t i = begin; i < end; i++) {
        size_t mark = y->at[i].period + 1;
        uint32_t holder = y->part->holders->number[y->at[i].row];
        first[holder] = first[holder] ? first[holder] : mark;
        bool fresh = first[holder] == mark;
        s.delegations++;
        s.to_old += !fresh;
        s.further += y->part->further[y->at[i].row];
        s.holders += seen[holder] != mark;
        s.new_holders += seen[holder] != mark && fresh;
        seen[holder] = mark;
    }
    return s;
}

static int add_new(const struct years *y, struct measure_tables *tables, struct err *e)
{
    uint32_t count = y->part->holders->count;
    size_t *first = calloc((size_t)count + 1, sizeof *first);
    size_t *seen = calloc((size_t)count + 1, sizeof *seen), at = 0, columns[8];
    struct table *t = add_table(y, tables, "new-holders", "delegations to new and old holders");
    if (!first || !seen || !t) {
        free(first);
        free(seen);
        return err_memory(e);
    }
    columns[0] = figures_add_count(t, "delegations", "Delegations",
                                   "Delegations of the period that state a holder.", false);
    columns[1] = figures_add_count(t, "holders", "Holders", "Different holders of these.", false);
    columns[2] =
        figures_add_count(t, "new_holders", "New", "Holders without an earlier period.", false);
    columns[3] =
        figures_add_count(t, "old_holders", "Old", "Holders with an earlier period.", false);
    columns[4] = figures_add_count(t, "to_old", "To old", "Delegations to old holders.", false);
    columns[5] = figures_add_percent(t, "to_old_share", "Share", "Share of the delegations.");
    columns[6] = figures_add_count(t, "further", "Further", "Further delegations.", false);
    columns[7] =
        figures_add_count(t, "adjusted", "Without", "Delegations without the further ones.", false);
    for (size_t period = 0; period <= y->span.count; period++) {
        size_t end = period_end(y, at, period);
        struct year_sum s = sum_year(y, at, end, first, seen);
        at = end;
        if (period == 0)
            continue;
        size_t row = add_period(y, t, period);
        table_set_count(t, row, columns[0], s.delegations);
        table_set_count(t, row, columns[1], s.holders);
        table_set_count(t, row, columns[2], s.new_holders);
        table_set_count(t, row, columns[3], s.holders - s.new_holders);
        table_set_count(t, row, columns[4], s.to_old);
        table_set_real(t, row, columns[5], figures_percent(s.to_old, s.delegations));
        table_set_count(t, row, columns[6], s.further);
        table_set_count(t, row, columns[7], s.delegations - s.further);
    }
    free(first);
    free(seen);
    if (y->undated > 0)
        table_note(t, "In no period because no date is stated: %zu delegations.", y->undated);
    return 0;
}

// ---- concentration

struct share_of {
    u128 space;
    uint32_t holder;
};

// The holders' space in ascending order; each period moves those to which it gave something.
struct spread {
    u128 *space;   // by holder
    size_t *moved; // by holder: the period that moved it last + 1
    struct share_of *at, *spare, *changed;
    u128 *values;
    size_t count;
};

static int compare_shares(const void *a, const void *b)
{
    const struct share_of *x = a, *y = b;
    if (x->space != y->space)
        return x->space < y->space ? -1 : 1;
    return (x->holder > y->holder) - (x->holder < y->holder);
}

static void move_shares(struct spread *s, const struct years *y, size_t begin, size_t end)
{
    size_t changed = 0, kept = 0, a = 0, b = 0;
    for (size_t i = begin; i < end; i++) {
        uint32_t holder = y->part->holders->number[y->at[i].row];
        size_t mark = y->at[i].period + 1;
        s->space[holder] =
            space_add(s->space[holder], block_count(&y->part->view->at[y->at[i].row].block));
        if (s->moved[holder] != mark)
            s->changed[changed++].holder = holder;
        s->moved[holder] = mark;
    }
    for (size_t i = 0; i < changed; i++)
        s->changed[i].space = s->space[s->changed[i].holder];
    qsort(s->changed, changed, sizeof *s->changed, compare_shares);
    for (size_t i = 0; i < s->count; i++)
        if (s->space[s->at[i].holder] == s->at[i].space)
            s->at[kept++] = s->at[i];
    s->count = kept + changed;
    for (size_t i = 0; i < s->count; i++) {
        bool old = b == changed || (a < kept && compare_shares(&s->at[a], &s->changed[b]) < 0);
        s->spare[i] = old ? s->at[a++] : s->changed[b++];
        s->values[i] = s->spare[i].space;
    }
    struct share_of *swap = s->at;
    s->at = s->spare;
    s->spare = swap;
}

static bool spread_init(struct spread *s, size_t holders)
{
    *s = (struct spread){.space = calloc(holders + 1, sizeof *s->space),
                         .moved = calloc(holders + 1, sizeof *s->moved),
                         .at = calloc(holders + 1, sizeof *s->at),
                         .spare = calloc(holders + 1, sizeof *s->spare),
                         .changed = calloc(holders + 1, sizeof *s->changed),
                         .values = calloc(holders + 1, sizeof *s->values)};
    return s->space && s->moved && s->at && s->spare && s->changed && s->values;
}

static void spread_done(struct spread *s)
{
    free(s->space);
    free(s->moved);
    free(s->at);
    free(s->spare);
    free(s->changed);
    free(s->values);
}

struct spread_columns {
    size_t holders, gini, hhi, top1, top10, top100;
    struct space_columns space;
};

static void add_spread_columns(struct spread_columns *c, struct table *t, enum family f)
{
    c->holders = figures_add_count(t, "holders", "Holders", "Holders at the end of it.", false);
    c->space = figures_add_space(t, f, "", NULL, "of all of them", false);
    c->gini = figures_add_real(
        t, "gini", "Gini", "Gini coefficient: 0 where all have the same, near 1 where one has all.",
        3);
    c->hhi = figures_add_real(
        t, "hhi", "HHI",
        "Herfindahl-Hirschman index: sum of the squared shares in percent, to 10,000.", 0);
    c->top1 = figures_add_percent(t, "top1", "Top 1", "Share of the largest.");
    c->top10 = figures_add_percent(t, "top10", "Top 10", "Share of the ten largest.");
    c->top100 = figures_add_percent(t, "top100", "Top 100", "Share of the hundred largest.");
}

static void set_spread(const struct spread_columns *c, struct table *t, size_t row,
                       const struct spread *s)
{
    struct concentration found = concentration_of(s->values, s->count);
    table_set_count(t, row, c->holders, found.members);
    figures_set_space(t, row, c->space, found.total);
    table_set_real(t, row, c->gini, found.gini);
    table_set_real(t, row, c->hhi, found.hhi);
    table_set_real(t, row, c->top1, found.top1);
    table_set_real(t, row, c->top10, found.top10);
    table_set_real(t, row, c->top100, found.top100);
}

static int add_spread(const struct years *y, struct measure_tables *tables, struct err *e)
{
    struct spread s;
    struct spread_columns c;
    struct table *t =
        add_table(y, tables, "holder-concentration", "delegations, concentration among holders");
    bool done = spread_init(&s, y->part->holders->count) && t;
    size_t at = 0;
    if (done)
        add_spread_columns(&c, t, y->part->query->family);
    for (size_t period = 0; done && period <= y->span.count; period++) {
        size_t end = period_end(y, at, period);
        move_shares(&s, y, at, end);
        at = end;
        if (period > 0)
            set_spread(&c, t, add_period(y, t, period), &s);
    }
    spread_done(&s);
    if (done)
        table_note(t, "By the records' own dates as they are known now: what was returned since is "
                      "missing, and what a holder got from another counts from its first date.");
    return done ? 0 : err_memory(e);
}

int holders_add_years(const struct holders_part *p, struct measure_tables *tables, struct err *e)
{
    struct years y = {.part = p};
    if (p->holders->count == 0)
        return 0;
    int code = list_rows(&y, e);
    if (code == 0)
        code = add_new(&y, tables, e);
    if (code == 0)
        code = add_spread(&y, tables, e);
    free(y.at);
    return code;
}
