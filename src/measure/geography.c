// SPDX-License-Identifier: Apache-2.0
//
// Rows are first summed by cell, an economy in a registry; a key is a set of cells.

#include "measure/geography.h"

#include "base/array.h"

#include <math.h>
#include <stdlib.h>

struct cell_sum {
    economy economy;
    enum registry registry;
    uint64_t delegations, ipv4;
    u128 space;
    date first;
    size_t begin, end; // its holders, in geography.numbers
};

// What a key shows.
struct place {
    size_t key; // SIZE_MAX: the total
    uint64_t delegations, ipv4, holders, rank, ipv4_rank;
    bool holders_unknown; // a delegation states none
    u128 space;
    date first;
    double people;      // NaN: not known
    u128 peopled_space; // of the economies whose population is known
};

struct place_columns {
    size_t rank, delegations, share, cumulative_share, holders, first;
    size_t people, per_capita, ipv4, ipv4_share, ipv4_rank;
    struct key_columns key;
    struct space_columns space;
};

struct geography {
    const struct query *query;
    const struct view *view;
    const struct series *people;
    const struct ipv4_space *beside;
    date day; // of memberships and population
    struct table *table;
    struct place_columns columns;
    struct keys keys;
    struct holders holders;
    ARRAY(struct cell_sum) cells;
    uint32_t *numbers; // of holders, by cell
    uint32_t *seen;    // by holder: the place that counted it last, from 1
    struct place *places, total;
    size_t count;
};

// ---- cells

static size_t cell_of(const struct lifetime *l)
{
    return (size_t)l->economy * REGISTRY_COUNT + l->registry;
}

static bool add_cell(struct geography *g, size_t cell, size_t rows, size_t *end)
{
    uint64_t ipv4 = g->beside ? g->beside->addresses[cell] : 0;
    if (rows == 0 && ipv4 == 0)
        return true;
    struct cell_sum *add = ARRAY_ADD(&g->cells);
    if (!add)
        return false;
    *add = (struct cell_sum){.economy = (economy)(cell / REGISTRY_COUNT),
                             .registry = (enum registry)(cell % REGISTRY_COUNT),
                             .ipv4 = ipv4,
                             .first = DATE_MAX,
                             .begin = *end,
                             .end = *end};
    *end += rows;
    return true;
}

static void add_row(struct geography *g, struct cell_sum *c, size_t row)
{
    const struct lifetime *l = &g->view->at[row];
    c->delegations++;
    c->space = space_add(c->space, block_count(&l->block));
    if (l->date != DATE_NONE && l->date < c->first)
        c->first = l->date;
    if (g->holders.number[row])
        g->numbers[c->end++] = g->holders.number[row];
}

// `place`, [IPV4_CELLS] zeros: counts of rows, then the index of the cell.
static bool sum_cells(struct geography *g, uint32_t *place)
{
    size_t end = 0;
    for (size_t i = 0; i < g->view->count; i++)
        place[cell_of(&g->view->at[i])]++;
    for (size_t cell = 0; cell < IPV4_CELLS; cell++) {
        size_t rows = place[cell];
        if (rows > 0)
            place[cell] = (uint32_t)g->cells.count;
        if (!add_cell(g, cell, rows, &end))
            return false;
    }
    for (size_t i = 0; i < g->view->count; i++)
        add_row(g, &g->cells.at[place[cell_of(&g->view->at[i])]], i);
    return true;
}

static int make_cells(struct geography *g, struct err *e)
{
    int code = holders_number(&g->holders, g->view->at, g->view->count, e);
    if (code)
        return code;
    uint32_t *place = calloc(IPV4_CELLS, sizeof *place);
    g->numbers = calloc(g->view->count + 1, sizeof *g->numbers);
    g->seen = calloc((size_t)g->holders.count + 1, sizeof *g->seen);
    bool done = place && g->numbers && g->seen && sum_cells(g, place);
    free(place);
    return done ? 0 : err_memory(e);
}

static int find_keys(struct geography *g, struct err *e)
{
    economy *used = calloc(g->cells.count + 1, sizeof *used);
    if (!used)
        return err_memory(e);
    for (size_t i = 0; i < g->cells.count; i++)
        used[i] = g->cells.at[i].economy;
    const struct query *q = g->query;
    int code = keys_init(&g->keys, q->by, q->only, g->view->world, used, g->cells.count,
                         g->view->registries, e);
    free(used);
    return code;
}

// ---- places

static bool in_place(const struct geography *g, size_t key, enum registry r, economy e)
{
    return key == SIZE_MAX || keys_has(&g->keys, key, r, e, g->day);
}

static bool people_of(const struct geography *g, economy e, double *ret)
{
    return g->people && series_value(g->people, e, date_civil(g->day).year, ret);
}

static void add_people(struct geography *g, struct place *p, economy e)
{
    double people;
    if (in_place(g, p->key, REGISTRY_COUNT, e) && people_of(g, e, &people))
        p->people = isnan(p->people) ? people : p->people + people;
}

// The population of all economies of the key, also of those without a delegation.
static void count_people(struct geography *g, struct place *p)
{
    if (!g->people || g->people->count == 0 || g->keys.by == BY_REGISTRY)
        return;
    if (g->keys.by == BY_ECONOMY && p->key != SIZE_MAX) {
        add_people(g, p, g->keys.economies[p->key]);
        return;
    }
    for (size_t i = 0; i < world_count(g->view->world); i++)
        add_people(g, p, world_economy(g->view->world, i));
}

static struct place make_place(struct geography *g, size_t key, uint32_t mark)
{
    struct place p = {.key = key, .first = DATE_MAX, .people = (double)NAN};
    double people;
    for (size_t i = 0; i < g->cells.count; i++) {
        const struct cell_sum *c = &g->cells.at[i];
        if (!in_place(g, key, c->registry, c->economy))
            continue;
        p.delegations += c->delegations;
        p.ipv4 += c->ipv4;
        p.space = space_add(p.space, c->space);
        if (people_of(g, c->economy, &people))
            p.peopled_space = space_add(p.peopled_space, c->space);
        p.first = c->first < p.first ? c->first : p.first;
        p.holders_unknown |= c->end - c->begin < c->delegations;
        for (size_t j = c->begin; j < c->end; j++) {
            p.holders += g->seen[g->numbers[j]] != mark;
            g->seen[g->numbers[j]] = mark;
        }
    }
    count_people(g, &p);
    return p;
}

static int compare_space(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    if (x->space != y->space)
        return x->space > y->space ? -1 : 1;
    return (x->key > y->key) - (x->key < y->key);
}

static int compare_ipv4(const void *a, const void *b)
{
    const struct place *x = *(struct place *const *)a, *y = *(struct place *const *)b;
    if (x->ipv4 != y->ipv4)
        return x->ipv4 > y->ipv4 ? -1 : 1;
    return (x->key > y->key) - (x->key < y->key);
}

// Equal space, equal rank; no rank without space.
static bool rank_places(struct geography *g)
{
    struct place **order = calloc(g->count + 1, sizeof *order);
    if (!order)
        return false;
    qsort(g->places, g->count, sizeof *g->places, compare_space);
    for (size_t i = 0; i < g->count; i++) {
        struct place *p = order[i] = &g->places[i];
        if (p->space > 0)
            p->rank = i > 0 && p->space == p[-1].space ? p[-1].rank : i + 1;
    }
    qsort(order, g->count, sizeof *order, compare_ipv4);
    for (size_t i = 0; i < g->count; i++)
        if (order[i]->ipv4 > 0)
            order[i]->ipv4_rank =
                i > 0 && order[i]->ipv4 == order[i - 1]->ipv4 ? order[i - 1]->ipv4_rank : i + 1;
    free(order);
    return true;
}

static bool is_worth_showing(const struct geography *g, const struct place *p)
{
    return p->key != keys_none(&g->keys) || p->delegations > 0 || p->ipv4 > 0;
}

// Ranks are those among all keys; then only those asked for stay.
static int make_places(struct geography *g, struct err *e)
{
    g->places = calloc(g->keys.count + 1, sizeof *g->places);
    if (!g->places)
        return err_memory(e);
    for (size_t key = 0; key < g->keys.count; key++) {
        struct place p = make_place(g, key, (uint32_t)g->count + 1);
        bool held = g->keys.by != BY_REGISTRY || (g->view->registries >> key & 1);
        if (held && (is_worth_showing(g, &p) || g->query->only[0]))
            g->places[g->count++] = p;
    }
    g->total = make_place(g, SIZE_MAX, (uint32_t)g->keys.count + 2);
    return rank_places(g) ? 0 : err_memory(e);
}

// ---- columns

static void add_beside_columns(struct geography *g)
{
    struct table *t = g->table;
    bool world = g->keys.by == BY_WORLD;
    bool hidden = g->query->family != FAMILY_IPV6 || !g->beside || world;
    struct place_columns *c = &g->columns;
    c->ipv4 =
        figures_add_count(t, "ipv4_addresses", "IPv4",
                          "IPv4 addresses delegated, known on the same day.", !world || !g->beside);
    c->ipv4_share = figures_add_percent(t, "ipv4_share", "IPv4 share",
                                        "Share of all IPv4 addresses delegated.");
    c->ipv4_rank = figures_add_count(t, "ipv4_rank", "IPv4 rank",
                                     "Place among the keys by IPv4 addresses.", hidden);
    t->columns[c->ipv4_share].machine_only = hidden;
}

static void add_people_columns(struct geography *g)
{
    struct table *t = g->table;
    bool hidden = !g->people || g->people->count == 0 || g->keys.by == BY_REGISTRY;
    g->columns.people =
        figures_add_count(t, "population", "Population",
                          "Population, of the newest year that is not after the day.", hidden);
    g->columns.per_capita =
        table_column(t, &(struct column){.key = "slash48_per_capita",
                                         .heading = "/48s a person",
                                         .type = COLUMN_REAL,
                                         .unit = "",
                                         .description = "Space in /48s divided "
                                                        "by population, both of the "
                                                        "economies whose population is "
                                                        "known.",
                                         .decimals = 2,
                                         .machine_only = hidden});
}

static void add_columns(struct geography *g)
{
    struct table *t = g->table;
    struct place_columns *c = &g->columns;
    c->rank = figures_add_count(t, "rank", "Rank", "Place among the keys by space.",
                                g->keys.by == BY_WORLD);
    c->key = keys_add_columns(&g->keys, t);
    t->key_columns = g->keys.by == BY_WORLD ? 1 : 2;
    c->delegations = figures_add_count(t, "delegations", "Number", "Number of delegations.", false);
    c->space = figures_add_space(t, g->query->family, "", NULL, "of the delegations", false);
    c->share = figures_add_percent(t, "share", "Share", "Share of the space of all keys.");
    c->cumulative_share =
        figures_add_percent(t, "cumulative_share", "Sum", "Sum of the shares down to this row.");
    t->columns[c->cumulative_share].machine_only = g->keys.by == BY_WORLD || g->keys.by == BY_GROUP;
    t->columns[c->share].machine_only = g->keys.by == BY_WORLD;
    c->holders =
        figures_add_count(t, "holders", "Holders",
                          "Number of different holders; empty where a delegation states none.",
                          g->holders.count == 0);
    c->first = table_column(t, &(struct column){.key = "first_delegation",
                                                .heading = "First",
                                                .type = COLUMN_DATE,
                                                .unit = "",
                                                .description = "The earliest date of a delegation "
                                                               "that stands."});
    add_people_columns(g);
    if (g->query->family == FAMILY_IPV6)
        add_beside_columns(g);
}

// ---- rows

static void set_people(struct geography *g, size_t row, const struct place *p)
{
    const struct place_columns *c = &g->columns;
    if (isnan(p->people) || p->people <= 0)
        return;
    table_set_count(g->table, row, c->people, (u128)(p->people + 0.5));
    if (g->query->family == FAMILY_IPV6)
        table_set_real(g->table, row, c->per_capita,
                       (double)((long double)p->peopled_space / 0x1p80L / (long double)p->people));
}

static void set_beside(struct geography *g, size_t row, const struct place *p)
{
    const struct place_columns *c = &g->columns;
    if (g->query->family != FAMILY_IPV6 || !g->beside)
        return;
    table_set_count(g->table, row, c->ipv4, p->ipv4);
    table_set_real(g->table, row, c->ipv4_share, figures_percent(p->ipv4, g->total.ipv4));
    if (p->ipv4_rank)
        table_set_count(g->table, row, c->ipv4_rank, p->ipv4_rank);
}

static size_t set_place(struct geography *g, const struct place *p)
{
    struct table *t = g->table;
    const struct place_columns *c = &g->columns;
    size_t row = table_row(t);
    if (p->rank)
        table_set_count(t, row, c->rank, p->rank);
    table_set_count(t, row, c->delegations, p->delegations);
    figures_set_space(t, row, c->space, p->space);
    table_set_real(t, row, c->share, figures_percent(p->space, g->total.space));
    if (g->holders.count > 0 && !p->holders_unknown)
        table_set_count(t, row, c->holders, p->holders);
    table_set_date(t, row, c->first, p->first);
    set_people(g, row, p);
    set_beside(g, row, p);
    return row;
}

static void set_places(struct geography *g)
{
    struct table *t = g->table;
    size_t shown = 0, left_out = 0;
    u128 sum = 0;
    for (size_t i = 0; i < g->count; i++) {
        const struct place *p = &g->places[i];
        sum = space_add(sum, p->space);
        if (!g->keys.shown[p->key])
            continue;
        if (g->query->top && shown == g->query->top) {
            left_out++;
            continue;
        }
        size_t row = set_place(g, p);
        keys_set_cells(&g->keys, p->key, g->columns.key, t, row);
        if (g->keys.by != BY_GROUP)
            table_set_real(t, row, g->columns.cumulative_share,
                           figures_percent(sum, g->total.space));
        shown++;
    }
    if (left_out > 0)
        table_note(t, "%zu more are not shown; shares and the total are of all.", left_out);
    if (g->keys.by == BY_WORLD)
        return;
    size_t row = set_place(g, &g->total);
    table_set_text(t, row, g->columns.key.key, "total");
    table_set_text(t, row, g->columns.key.name, "Total");
}

// ---- words around it

static void note_without(struct geography *g)
{
    const struct world *w = g->view->world;
    size_t without = world_count(w);
    economy last = ECONOMY_NONE;
    for (size_t i = 0; i < g->cells.count; i++) {
        const struct cell_sum *c = &g->cells.at[i];
        if (c->delegations == 0 || c->economy == last || !world_has(w, c->economy))
            continue;
        last = c->economy;
        without--;
    }
    if (without > 0)
        table_note(g->table, "%zu of %zu economies have no %s delegation in these figures.",
                   without, world_count(w), family_title(g->query->family));
}

static void add_notes(struct geography *g)
{
    struct table *t = g->table;
    const struct query *q = g->query;
    if (q->by == BY_ECONOMY && !q->only[0])
        note_without(g);
    holders_note(&g->holders, g->view->count, t);
    bool wanted = q->by == BY_ECONOMY && q->family == FAMILY_IPV6;
    if (wanted && (!g->people || g->people->count == 0))
        table_note(t, "Population is not known: no series was imported.");
    if (q->family == FAMILY_IPV6 && !g->beside)
        table_note(t, "IPv4 is not known: no snapshot of it is held.");
    keys_note(&g->keys, t);
    figures_note(q, g->view, t);
}

static int compute(struct geography *g, struct err *e)
{
    const struct query *q = g->query;
    int code = make_cells(g, e);
    if (code == 0)
        code = find_keys(g, e);
    if (code == 0)
        code = make_places(g, e);
    if (code)
        return code;
    table_title(g->table, "%s delegations%s%s%s", family_title(q->family),
                q->by == BY_WORLD ? ", " : " by ", by_title(q->by),
                figures_scope(q, g->view, g->table));
    add_columns(g);
    set_places(g);
    add_notes(g);
    return g->table->failed ? err_memory(e) : 0;
}

int geography_table(const struct query *q, const struct view *v, const struct series *people,
                    const struct ipv4_space *beside, struct table **ret, struct err *e)
{
    struct geography g = {.query = q, .view = v, .people = people, .beside = beside};
    g.day = q->on != DATE_NONE && q->on < v->known_on ? q->on : v->known_on;
    int code = table_new("geography", &g.table) ? err_memory(e) : compute(&g, e);
    keys_done(&g.keys);
    holders_done(&g.holders);
    free(g.cells.at);
    free(g.numbers);
    free(g.seen);
    free(g.places);
    if (code)
        table_free(&g.table);
    else
        *ret = g.table;
    return code;
}

// ---- from the archive

struct ipv4_sum {
    struct ipv4_space *space;
    date on;
};

static int sum_ipv4(const struct lifetime *l, void *arg)
{
    const struct ipv4_sum *s = arg;
    if (s->on == DATE_NONE || (l->date != DATE_NONE && l->date <= s->on))
        s->space->addresses[(size_t)l->economy * REGISTRY_COUNT + l->registry] += l->block.value;
    return 0;
}

// `beside` becomes a view without rows: the snapshots that the sums are from.
static int load_ipv4(const struct measure *m, const struct query *q, const struct view *v,
                     struct view *beside, struct ipv4_space *ret, struct err *e)
{
    date on[REGISTRY_COUNT];
    unsigned held = 0;
    int code = store_snapshots_around(m->store, FAMILY_IPV4, v->known_on, &beside->snapshots, e);
    if (code)
        return code;
    snapshot_known(&beside->snapshots, FAMILY_IPV4, v->known_on, beside->known);
    for (unsigned r = 0; r < REGISTRY_COUNT; r++) {
        if (!(v->registries >> r & 1))
            beside->known[r] = NULL;
        on[r] = beside->known[r] ? beside->known[r]->date : DATE_NONE;
        held |= beside->known[r] ? REGISTRY_BIT(r) : 0;
    }
    if (!held)
        return 0;
    ret->addresses = calloc(IPV4_CELLS, sizeof *ret->addresses);
    if (!ret->addresses)
        return err_memory(e);
    struct scan scan = {
        .family = FAMILY_IPV4, .registries = held, .statuses = v->statuses, .on = on};
    struct ipv4_sum sum = {ret, q->on};
    return store_scan(m->store, &scan, sum_ipv4, &sum, e);
}

static int make_table(const struct measure *m, const struct query *q, struct view *v,
                      struct table **ret, struct err *e)
{
    struct series people = {0};
    struct ipv4_space ipv4 = {0};
    struct view beside = {0};
    int code = store_series(m->store, "population", &people, e);
    if (code == 0 && q->family == FAMILY_IPV6)
        code = load_ipv4(m, q, v, &beside, &ipv4, e);
    if (code == 0)
        code = geography_table(q, v, &people, ipv4.addresses ? &ipv4 : NULL, ret, e);
    v->people = &people;
    if (code == 0)
        code = view_basis(m, q, "geography", v, &(struct beside){.view = &beside}, false, *ret, e);
    v->people = NULL;
    view_done(&beside);
    free(ipv4.addresses);
    series_free(&people);
    return code;
}

int measure_geography(const struct measure *m, const struct query *q, struct measure_tables *ret,
                      struct err *e)
{
    struct view v;
    struct table *t = NULL;
    int code = view_load_standing(m, q, &v, e);
    if (code)
        return code;
    code = make_table(m, q, &v, &t, e);
    view_done(&v);
    if (code)
        table_free(&t);
    else
        *ret = (struct measure_tables){.at = {t}, .count = 1};
    return code;
}
