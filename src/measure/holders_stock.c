// SPDX-License-Identifier: Apache-2.0

#include "measure/holders_stock.h"

#include <stdio.h>
#include <stdlib.h>

static bool is_large(const struct block *b)
{
    return b->family == FAMILY_IPV6 ? b->value <= STOCK_IPV6_LENGTH : b->value >= STOCK_IPV4_COUNT;
}

static bool is_earlier(const struct lifetime *a, const struct lifetime *b)
{
    if (a->date == DATE_NONE || b->date == DATE_NONE)
        return b->date == DATE_NONE && a->date != DATE_NONE;
    return a->date < b->date;
}

int stock_find(const struct view *v, const struct holders *h, bool *ret, struct err *e)
{
    uint32_t *first = calloc((size_t)h->count + 1, sizeof *first); // row + 1, by holder
    if (!first)
        return err_memory(e);
    for (size_t i = 0; i < v->count; i++) {
        uint32_t *at = &first[h->number[i]];
        ret[i] = h->number[i] && is_large(&v->at[i].block);
        if (ret[i] && (*at == 0 || is_earlier(&v->at[i], &v->at[*at - 1])))
            *at = (uint32_t)i + 1;
    }
    for (uint32_t i = 1; i <= h->count; i++)
        if (first[i])
            ret[first[i] - 1] = false;
    free(first);
    return 0;
}

// ---- by key

struct place {
    uint64_t delegations, unstated, holders, several, further;
    u128 space, further_space;
};

struct by_key {
    const struct view *view;
    const struct holders *holders;
    const bool *further;
    uint32_t *held, *again; // by holder: the mark of the key that counted it last
    size_t delegations, unstated, held_by, several, further_count, share, adjusted;
    struct space_columns space, adjusted_space;
    size_t space_share;
};

static void add_row(void *to, uint32_t row, uint32_t mark, const void *arg)
{
    const struct by_key *b = arg;
    struct place *p = to;
    uint32_t holder = b->holders->number[row];
    u128 space = block_count(&b->view->at[row].block);
    p->delegations++;
    p->space = space_add(p->space, space);
    p->unstated += holder == 0;
    if (holder == 0)
        return;
    p->holders += b->held[holder] != mark;
    b->held[holder] = mark;
    if (!b->further[row])
        return;
    p->several += b->again[holder] != mark;
    b->again[holder] = mark;
    p->further++;
    p->further_space = space_add(p->further_space, space);
}

static u128 weigh(const void *place)
{
    return ((const struct place *)place)->delegations;
}

static void set_row(const void *place, const void *total, size_t row, struct table *t,
                    const void *arg)
{
    const struct by_key *b = arg;
    const struct place *p = place;
    (void)total;
    table_set_count(t, row, b->delegations, p->delegations);
    figures_set_space(t, row, b->space, p->space);
    table_set_count(t, row, b->unstated, p->unstated);
    if (p->unstated == p->delegations && p->delegations > 0)
        return;
    table_set_count(t, row, b->held_by, p->holders);
    table_set_count(t, row, b->several, p->several);
    table_set_count(t, row, b->further_count, p->further);
    table_set_real(t, row, b->share, figures_percent(p->further, p->delegations));
    table_set_count(t, row, b->adjusted, p->delegations - p->further);
    figures_set_space(t, row, b->adjusted_space, p->space - p->further_space);
    table_set_real(t, row, b->space_share, figures_percent(p->further_space, p->space));
}

static void add_columns(struct by_key *b, struct table *t, enum family f)
{
    b->delegations =
        figures_add_count(t, "delegations", "Delegations", "Number of delegations.", false);
    b->unstated =
        figures_add_count(t, "unstated", "Not stated", "Delegations that state no holder.", true);
    b->held_by = figures_add_count(t, "holders", "Holders", "Number of different holders.", false);
    b->several = figures_add_count(t, "several", "With further",
                                   "Holders with a further delegation here.", false);
    b->further_count = figures_add_count(
        t, "further", "Further",
        "Delegations of a holder that has an earlier one, both of the size of a first allocation.",
        false);
    b->share = figures_add_percent(t, "further_share", "Share", "Share of the delegations.");
    b->adjusted =
        figures_add_count(t, "adjusted", "Without", "Delegations without the further ones.", false);
    b->space = figures_add_space(t, f, "", NULL, "of the delegations", true);
    b->adjusted_space = figures_add_space(t, f, "adjusted_", "Space without",
                                          "of the delegations without the further ones", true);
    b->space_share = figures_add_percent(t, "further_space_share", "Space",
                                         "Share of the space that is of further delegations.");
}

struct stock {
    struct holders_part part;
    struct holders holders;
    struct cells cells;
    struct keys keys;
    bool *further, *shown;
    struct measure_tables tables;
};

static int add_by_key(struct stock *s, struct err *e)
{
    static const struct place_kind kind = {
        .size = sizeof(struct place), .add = add_row, .weight = weigh, .set = set_row};
    const struct query *q = s->part.query;
    struct table *t = NULL;
    struct by_key b = {.view = s->part.view,
                       .holders = &s->holders,
                       .further = s->further,
                       .held = calloc((size_t)s->holders.count + 1, sizeof *b.held),
                       .again = calloc((size_t)s->holders.count + 1, sizeof *b.again)};
    int code = b.held && b.again && table_new("holders", &t) == 0 ? 0 : err_memory(e);
    if (code == 0) {
        s->tables.at[s->tables.count++] = t;
        table_title(t, "%s holders and further delegations%s%s%s", family_title(q->family),
                    q->by == BY_WORLD ? ", " : " by ", by_title(q->by),
                    figures_scope(q, s->part.view, t));
        struct places p = {.query = q,
                           .cells = &s->cells,
                           .keys = &s->keys,
                           .columns = keys_add_columns(&s->keys, t),
                           .kind = &kind,
                           .arg = &b,
                           .day = s->part.view->known_on};
        t->key_columns = q->by == BY_WORLD ? 1 : 2;
        add_columns(&b, t, q->family);
        code = places_write(&p, t, e);
        table_note(t, "The size of a first allocation is %s or larger.",
                   q->family == FAMILY_IPV6 ? "/32" : "/24");
        holders_note(&s->holders, s->part.view->count, t);
        keys_note(&s->keys, t);
        figures_note(q, s->part.view, t);
    }
    free(b.held);
    free(b.again);
    return code;
}

static int prepare(struct stock *s, struct err *e)
{
    const struct view *v = s->part.view;
    uint32_t *cell = calloc(v->count + 1, sizeof *cell);
    s->further = calloc(v->count + 1, sizeof *s->further);
    s->shown = calloc(v->count + 1, sizeof *s->shown);
    int code = cell && s->further && s->shown ? 0 : err_memory(e);
    if (code == 0)
        code = holders_number(&s->holders, v->at, v->count, e);
    if (code == 0)
        code = stock_find(v, &s->holders, s->further, e);
    for (size_t i = 0; code == 0 && i < v->count; i++)
        cell[i] = cell_number(v->at[i].economy, v->at[i].registry);
    if (code == 0)
        code = cells_make(&s->cells, cell, v->count, e);
    if (code == 0)
        code = places_keys(s->part.query, v, &s->cells, &s->keys, e);
    if (code == 0)
        places_shown(&s->keys, &s->cells, v->known_on, s->shown);
    free(cell);
    return code;
}

int holders_tables(const struct query *q, const struct view *v, struct measure_tables *ret,
                   struct err *e)
{
    struct stock s = {.part = {.query = q, .view = v}};
    int code = prepare(&s, e);
    s.part.holders = &s.holders;
    s.part.further = s.further;
    s.part.shown = s.shown;
    if (code == 0)
        code = add_by_key(&s, e);
    if (code == 0)
        code = holders_add_years(&s.part, &s.tables, e);
    for (size_t i = 0; code == 0 && i < s.tables.count; i++)
        code = s.tables.at[i]->failed ? err_memory(e) : 0;
    free(s.further);
    free(s.shown);
    cells_done(&s.cells);
    keys_done(&s.keys);
    holders_done(&s.holders);
    if (code)
        measure_tables_free(&s.tables);
    else
        *ret = s.tables;
    return code;
}

int measure_holders(const struct measure *m, const struct query *q, struct measure_tables *ret,
                    struct err *e)
{
    struct view v;
    struct measure_tables tables = {0};
    if (q->family == FAMILY_ASN)
        return err_set(e, ERR_USAGE, "family \"asn\": ipv6 or ipv4 is wanted");
    int code = view_load_standing(m, q, &v, e);
    if (code)
        return code;
    code = holders_tables(q, &v, &tables, e);
    for (size_t i = 0; i < tables.count && code == 0; i++)
        code = view_basis(m, q, "holders", &v, NULL, false, tables.at[i], e);
    view_done(&v);
    if (code)
        measure_tables_free(&tables);
    else
        *ret = tables;
    return code;
}
