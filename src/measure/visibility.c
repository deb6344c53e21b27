// SPDX-License-Identifier: Apache-2.0

#include "measure/visibility.h"

#include <stdio.h>
#include <stdlib.h>

struct table *visibility_table(struct visibility *v, const char *name, const char *title)
{
    struct table *t = NULL;
    if (table_new(name, &t))
        return NULL;
    v->tables.at[v->tables.count++] = t;
    table_title(t, "%s %s%s", family_title(v->routed->routing.family), title,
                routed_scope(v->routed, t));
    return t;
}

// ---- by key

struct place {
    uint64_t delegations, announced, exact, covered, inside;
    uint64_t holders, announced_holders;
    bool holders_unknown;
    u128 space, announced_space;
};

struct place_columns {
    size_t delegations, announced, share, exact, covered, inside, space_share;
    size_t holders, announced_holders, holders_share;
    struct space_columns space, announced_space;
};

struct by_key {
    const struct visibility *v;
    struct place_columns columns;
    uint32_t *held, *seen; // by holder: the mark of the key that counted it last
};

static u128 size_of(const struct delegated *block)
{
    return block->last - block->first + 1;
}

static void add_block(void *to, uint32_t block, uint32_t mark, const void *arg)
{
    const struct by_key *b = arg;
    const struct seen *s = &b->v->join.blocks[block];
    struct place *p = to;
    uint32_t holder = b->v->holders.number[b->v->blocks[block].row];
    p->delegations++;
    p->announced += s->space > 0;
    p->exact += s->exact;
    p->covered += s->covered && !s->exact;
    p->inside += s->space > 0 && !s->exact && !s->covered;
    p->space = space_add(p->space, size_of(&b->v->blocks[block]));
    p->announced_space = space_add(p->announced_space, s->space);
    p->holders_unknown |= holder == 0;
    if (holder == 0)
        return;
    p->holders += b->held[holder] != mark;
    b->held[holder] = mark;
    if (s->space == 0)
        return;
    p->announced_holders += b->seen[holder] != mark;
    b->seen[holder] = mark;
}

static u128 weigh(const void *place)
{
    return ((const struct place *)place)->delegations;
}

static void set_row(const void *place, const void *total, size_t row, struct table *t,
                    const void *arg)
{
    const struct by_key *b = arg;
    const struct place_columns *c = &b->columns;
    const struct place *p = place;
    (void)total;
    table_set_count(t, row, c->delegations, p->delegations);
    table_set_count(t, row, c->announced, p->announced);
    table_set_real(t, row, c->share, figures_percent(p->announced, p->delegations));
    table_set_count(t, row, c->exact, p->exact);
    table_set_count(t, row, c->covered, p->covered);
    table_set_count(t, row, c->inside, p->inside);
    figures_set_space(t, row, c->space, p->space);
    figures_set_space(t, row, c->announced_space, p->announced_space);
    table_set_real(t, row, c->space_share, figures_percent(p->announced_space, p->space));
    if (b->v->holders.count == 0 || p->holders_unknown)
        return;
    table_set_count(t, row, c->holders, p->holders);
    table_set_count(t, row, c->announced_holders, p->announced_holders);
    table_set_real(t, row, c->holders_share, figures_percent(p->announced_holders, p->holders));
}

static void add_holder_columns(struct table *t, struct place_columns *c, bool hidden)
{
    c->holders = figures_add_count(
        t, "holders", "Holders",
        "Number of different holders; empty where a delegation states none.", true);
    c->announced_holders = figures_add_count(t, "announced_holders", "Seen",
                                             "Holders of which a delegation is announced.", true);
    c->holders_share = figures_add_percent(t, "holders_share", "Holders seen",
                                           "Share of the holders of which one is announced.");
    t->columns[c->holders_share].machine_only = hidden;
}

static void add_columns(struct by_key *b, struct table *t)
{
    struct place_columns *c = &b->columns;
    enum family f = b->v->routed->routing.family;
    c->delegations =
        figures_add_count(t, "delegations", "Delegations", "Number of delegations.", false);
    c->announced = figures_add_count(
        t, "announced", "Announced",
        "Delegations of which an address is announced, by whatever prefix.", false);
    c->share = figures_add_percent(t, "announced_share", "Share", "Share of the delegations.");
    c->exact =
        figures_add_count(t, "exact", "As such", "Announced by a prefix equal to them.", true);
    c->covered = figures_add_count(t, "covered", "In larger",
                                   "Not as such, but inside a larger prefix.", true);
    c->inside = figures_add_count(t, "inside", "In parts",
                                  "Neither of these, but smaller prefixes in them.", true);
    c->space = figures_add_space(t, f, "", NULL, "of the delegations", false);
    c->announced_space =
        figures_add_space(t, f, "announced_", NULL, "of them that is announced", true);
    c->space_share = figures_add_percent(t, "space_share", "Space seen",
                                         "Share of their space that is announced.");
    add_holder_columns(t, c, b->v->holders.count == 0);
}

static void add_notes(const struct visibility *v, struct table *t)
{
    const struct view *view = &v->routed->blocks;
    routed_note(v->routed, t);
    holders_note(&v->holders, view->count, t);
    keys_note(&v->keys, t);
    figures_note(&v->routed->query, view, t);
}

static int add_by_key(struct visibility *v, struct err *e)
{
    static const struct place_kind kind = {
        .size = sizeof(struct place), .add = add_block, .weight = weigh, .set = set_row};
    char title[96];
    snprintf(title, sizeof title, "delegations announced%s%s",
             v->keys.by == BY_WORLD ? ", " : " by ", by_title(v->keys.by));
    struct table *t = visibility_table(v, "visibility", title);
    struct by_key b = {.v = v,
                       .held = calloc((size_t)v->holders.count + 1, sizeof *b.held),
                       .seen = calloc((size_t)v->holders.count + 1, sizeof *b.seen)};
    int code = t && b.held && b.seen ? 0 : err_memory(e);
    if (code == 0) {
        struct places p = {.query = &v->routed->query,
                           .cells = &v->cells,
                           .keys = &v->keys,
                           .columns = keys_add_columns(&v->keys, t),
                           .kind = &kind,
                           .arg = &b,
                           .day = v->routed->day};
        t->key_columns = v->keys.by == BY_WORLD ? 1 : 2;
        add_columns(&b, t);
        code = places_write(&p, t, e);
        add_notes(v, t);
    }
    free(b.held);
    free(b.seen);
    return code;
}

// ---- how

enum how { HOW_EXACT, HOW_COVERED, HOW_INSIDE, HOW_ANNOUNCED, HOW_NOT, HOW_TOTAL };
#define HOW_COUNT 6

struct how_sum {
    uint64_t delegations;
    u128 space, announced_space;
};

static enum how how_of(const struct seen *s)
{
    if (s->space == 0)
        return HOW_NOT;
    return s->exact ? HOW_EXACT : s->covered ? HOW_COVERED : HOW_INSIDE;
}

static void add_how(struct how_sum *sum, const struct visibility *v, size_t block)
{
    sum->delegations++;
    sum->space = space_add(sum->space, size_of(&v->blocks[block]));
    sum->announced_space = space_add(sum->announced_space, v->join.blocks[block].space);
}

static void sum_how(const struct visibility *v, struct how_sum sums[HOW_COUNT])
{
    for (size_t i = 0; i < v->routed->blocks.count; i++) {
        enum how how = how_of(&v->join.blocks[i]);
        if (!v->shown[i])
            continue;
        add_how(&sums[how], v, i);
        if (how != HOW_NOT)
            add_how(&sums[HOW_ANNOUNCED], v, i);
        add_how(&sums[HOW_TOTAL], v, i);
    }
}

static int add_kinds(struct visibility *v, struct err *e)
{
    static const char *const names[HOW_COUNT][2] = {{"exact", "By a prefix equal to it"},
                                                    {"covered", "Inside a larger prefix"},
                                                    {"inside", "By smaller prefixes in it"},
                                                    {"announced", "Announced"},
                                                    {"not", "Not announced"},
                                                    {"total", "Total"}};
    struct table *t = visibility_table(v, "kinds", "delegations by how they are announced");
    struct how_sum sums[HOW_COUNT] = {0};
    if (!t)
        return err_memory(e);
    sum_how(v, sums);
    size_t key = figures_add_text(t, "key", "Key", "How, as a word.", true);
    size_t name = figures_add_text(t, "name", "How", "How the delegation is announced.", false);
    size_t count = figures_add_count(t, "delegations", "Delegations",
                                     "Delegations of which this is the first that holds.", false);
    size_t share = figures_add_percent(t, "share", "Share", "Share of the delegations.");
    enum family f = v->routed->routing.family;
    struct space_columns space = figures_add_space(t, f, "", NULL, "of these delegations", false);
    struct space_columns announced =
        figures_add_space(t, f, "announced_", "Announced", "of them that is announced", false);
    for (size_t i = 0; i < HOW_COUNT; i++) {
        size_t row = table_row(t);
        table_set_text(t, row, key, names[i][0]);
        table_set_text(t, row, name, names[i][1]);
        table_set_count(t, row, count, sums[i].delegations);
        table_set_real(t, row, share,
                       figures_percent(sums[i].delegations, sums[HOW_TOTAL].delegations));
        figures_set_space(t, row, space, sums[i].space);
        figures_set_space(t, row, announced, sums[i].announced_space);
    }
    return 0;
}

// ---- all of it

static int prepare(struct visibility *v, struct err *e)
{
    const struct view *view = &v->routed->blocks;
    size_t count = view->count;
    uint32_t *cell = calloc(count + 1, sizeof *cell);
    v->shown = calloc(count + 1, sizeof *v->shown);
    int code = cell && v->shown ? 0 : err_memory(e);
    if (code == 0)
        code = delegated_sort(view->at, count, &v->blocks, e);
    if (code == 0)
        code = join(&v->routed->routing, v->blocks, count, &v->join, e);
    for (size_t i = 0; code == 0 && i < count; i++) {
        const struct lifetime *l = &view->at[v->blocks[i].row];
        cell[i] = cell_number(l->economy, l->registry);
    }
    if (code == 0)
        code = cells_make(&v->cells, cell, count, e);
    if (code == 0)
        code = places_keys(&v->routed->query, view, &v->cells, &v->keys, e);
    if (code == 0)
        code = holders_number(&v->holders, view->at, count, e);
    if (code == 0)
        places_shown(&v->keys, &v->cells, v->routed->day, v->shown);
    free(cell);
    return code;
}

static int compute(struct visibility *v, struct err *e)
{
    int code = prepare(v, e);
    if (code == 0)
        code = add_by_key(v, e);
    if (code == 0)
        code = add_kinds(v, e);
    if (code == 0)
        code = visibility_add_announced(v, e);
    for (size_t i = 0; code == 0 && i < v->tables.count; i++)
        code = v->tables.at[i]->failed ? err_memory(e) : 0;
    return code;
}

int visibility_tables(const struct routed *r, struct measure_tables *ret, struct err *e)
{
    struct visibility v = {.routed = r};
    int code = compute(&v, e);
    free(v.blocks);
    free(v.shown);
    join_done(&v.join);
    cells_done(&v.cells);
    keys_done(&v.keys);
    holders_done(&v.holders);
    if (code)
        measure_tables_free(&v.tables);
    else
        *ret = v.tables;
    return code;
}

int measure_visibility(const struct measure *m, const struct query *q, struct measure_tables *ret,
                       struct err *e)
{
    struct routed r;
    struct measure_tables tables = {0};
    int code = routed_load(m, q, &r, e);
    if (code)
        return code;
    code = visibility_tables(&r, &tables, e);
    for (size_t i = 0; i < tables.count && code == 0; i++)
        code = routed_basis(m, &r, "visibility", NULL, 0, tables.at[i], e);
    routed_done(&r);
    if (code)
        measure_tables_free(&tables);
    else
        *ret = tables;
    return code;
}
