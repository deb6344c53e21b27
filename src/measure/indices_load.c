// SPDX-License-Identifier: Apache-2.0
//
// The parts of the indices, out of the archive: holders from the registers, announcements and
// networks as `visibility` and `networks` count them, users, content and transit from series. All
// as of one day.

#include "measure/indices.h"

#include "measure/adoption.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

struct held {
    economy economy;
    bool ipv6;
    int64_t holder;
};

struct loading {
    const struct measure *m;
    struct query query; // known on the day
    struct indices *x;
    struct dated_inputs inputs;
    ARRAY(struct held) held;
};

// ---- the day

static void find_users_series(const struct observation_series_list *l, const struct query *q,
                              struct indices *x)
{
    uint64_t most = 0;
    for (size_t i = 0; i < l->count; i++) {
        struct dated d = {.series = l->at[i]};
        bool wanted = q->series[0] ? strcmp(q->series, l->at[i].name) == 0 : l->at[i].values > most;
        if (!wanted || !dated_is_users(&d))
            continue;
        most = l->at[i].values;
        snprintf(x->source, sizeof x->source, "%s", l->at[i].name);
        x->day = q->known_on == DATE_MAX ? l->at[i].last : q->known_on;
    }
}

static int find_day(struct loading *l, struct err *e)
{
    struct observation_series_list list = {0};
    struct snapshot_list snapshots = {0};
    l->x->day = l->query.known_on;
    int code = store_observation_series(l->m->store, &list, e);
    if (code)
        return code;
    find_users_series(&list, &l->query, l->x);
    observation_series_list_free(&list);
    if (l->x->day == DATE_MAX) {
        code = store_snapshots(l->m->store, &snapshots, e);
        l->x->day = DATE_NONE;
        for (size_t i = 0; i < snapshots.count; i++)
            if (snapshots.at[i].date > l->x->day)
                l->x->day = snapshots.at[i].date;
        snapshot_list_free(&snapshots);
    }
    l->query.known_on = l->x->day;
    if (code == 0 && l->x->day == DATE_NONE)
        code = err_set(e, ERR_NOT_FOUND, "the archive has neither registers nor figures on users");
    return code;
}

// ---- holders

static int compare_held(const void *a, const void *b)
{
    const struct held *x = a, *y = b;
    if (x->economy != y->economy)
        return x->economy < y->economy ? -1 : 1;
    if (x->holder != y->holder)
        return x->holder < y->holder ? -1 : 1;
    return (int)y->ipv6 - (int)x->ipv6; // with IPv6 first
}

static int load_family(struct loading *l, enum family f, struct err *e)
{
    struct query q = l->query;
    struct view v;
    struct err why;
    char label[SNAPSHOT_TEXT_MAX];
    q.family = f;
    int code = view_load_standing(l->m, &q, &v, &why);
    if (code == ERR_NOT_FOUND)
        return 0;
    if (code)
        return err_set(e, code, "%s", why.text);
    for (unsigned r = 0; r < REGISTRY_COUNT && code == 0; r++)
        if (v.known[r])
            code = dated_inputs_add_one(&l->inputs, v.known[r]->input,
                                        snapshot_format(v.known[r], label), e);
    for (size_t i = 0; i < v.count && code == 0; i++) {
        struct held *h = v.at[i].holder ? ARRAY_ADD(&l->held) : NULL;
        if (h)
            *h = (struct held){v.at[i].economy, f == FAMILY_IPV6, v.at[i].holder};
        else if (v.at[i].holder)
            code = err_memory(e);
    }
    view_done(&v);
    return code;
}

static struct index_place *find_place(struct indices *x, economy e)
{
    size_t low = 0, high = x->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (x->places[middle].economy < e)
            low = middle + 1;
        else
            high = middle;
    }
    return low < x->count && x->places[low].economy == e ? &x->places[low] : NULL;
}

static int load_holders(struct loading *l, struct err *e)
{
    int code = 0;
    for (unsigned f = 0; f < FAMILY_COUNT && code == 0; f++)
        code = load_family(l, (enum family)f, e);
    if (l->held.count > 0)
        qsort(l->held.at, l->held.count, sizeof *l->held.at, compare_held);
    for (size_t i = 0; i < l->held.count; i++) {
        const struct held *h = &l->held.at[i];
        struct index_place *p = find_place(l->x, h->economy);
        if (!p || (i > 0 && h[-1].economy == h->economy && h[-1].holder == h->holder))
            continue;
        p->holders++;
        p->holding += h->ipv6;
    }
    for (size_t i = 0; i < l->x->count; i++)
        if (l->x->places[i].holders > 0)
            l->x->parts[i][PART_HOLDING] =
                (double)l->x->places[i].holding / (double)l->x->places[i].holders;
    if (l->held.count == 0)
        snprintf(l->x->reasons[PART_HOLDING], sizeof l->x->reasons[0],
                 "no register known on that day states holders");
    return code;
}

// ---- from other measures: one column of a table, by economy

typedef void take_cells(struct loading *l, size_t place, const struct table *t, size_t row);

static double number(const struct table *t, size_t row, const char *key)
{
    const struct cell *c = table_cell(t, row, table_find_column(t, key));
    return c->kind == CELL_REAL ? c->real : c->kind == CELL_COUNT ? (double)c->count : (double)NAN;
}

static void take_visibility(struct loading *l, size_t place, const struct table *t, size_t row)
{
    double announcing = number(t, row, "announced_holders");
    l->x->places[place].announcing_known = !isnan(announcing);
    if (!isnan(announcing))
        l->x->places[place].announcing = (uint64_t)announcing;
}

static void take_networks(struct loading *l, size_t place, const struct table *t, size_t row)
{
    l->x->parts[place][PART_NETWORKS] = number(t, row, "ipv6_share") / 100.0;
}

static int add_table_inputs(struct loading *l, const struct table *t, struct err *e)
{
    int code = 0;
    for (size_t i = 0; i < t->basis.input_count && code == 0; i++) {
        int64_t input;
        code = store_find_input(l->m->store, t->basis.inputs[i].sha256, &input, e);
        if (code == 0)
            code = dated_inputs_add_one(&l->inputs, input, t->basis.inputs[i].label, e);
    }
    return code;
}

static int load_measure(struct loading *l, measure_run *run, take_cells *take, enum index_part part,
                        struct err *e)
{
    struct measure_tables tables = {0};
    struct query q = l->query;
    struct err why;
    q.by = BY_ECONOMY;
    q.only[0] = '\0';
    q.series[0] = '\0';
    q.top = 0;
    int code = run(l->m, &q, &tables, &why);
    if (code == ERR_NOT_FOUND) {
        snprintf(l->x->reasons[part], sizeof l->x->reasons[0], "%.*s",
                 (int)sizeof l->x->reasons[0] - 1, why.text);
        return 0;
    }
    if (code)
        return err_set(e, code, "%s", why.text);
    const struct table *t = tables.at[0];
    for (size_t row = 0; row < t->row_count; row++) {
        const struct cell *key = table_cell(t, row, table_find_column(t, "key"));
        struct index_place *p = strlen(key->text) == 2
                                    ? find_place(l->x, economy_of(key->text[0], key->text[1]))
                                    : NULL;
        if (p)
            take(l, (size_t)(p - l->x->places), t, row);
    }
    code = add_table_inputs(l, t, e);
    measure_tables_free(&tables);
    return code;
}

static int load_visibility(struct loading *l, struct err *e)
{
    struct indices *x = l->x;
    int code = load_measure(l, measure_visibility, take_visibility, PART_ANNOUNCED, e);
    for (size_t i = 0; i < x->count && !x->reasons[PART_ANNOUNCED][0]; i++) {
        struct index_place *p = &x->places[i];
        p->announcing_known |= p->holding == 0; // without a delegation there is no row
        if (p->announcing_known && p->holders > 0)
            x->parts[i][PART_ANNOUNCED] = (double)p->announcing / (double)p->holders;
    }
    return code;
}

// ---- from series

static int load_series(struct loading *l, const char *name, enum index_part part, struct err *e)
{
    struct dated d = {0};
    struct err why;
    int code = dated_load(l->m, name, &d, &why);
    if (code == ERR_NOT_FOUND) {
        snprintf(l->x->reasons[part], sizeof l->x->reasons[0], "the archive has no series %s",
                 name[0] ? name : "of users");
        return 0;
    }
    if (code)
        return err_set(e, code, "%s", why.text);
    for (size_t i = 0; i < l->x->count; i++) {
        const struct observation *o =
            dated_known(&d, l->x->places[i].economy, l->x->day, ADOPTION_AGE_MAX);
        l->x->parts[i][part] = o ? o->value / 100.0 : (double)NAN;
    }
    code = dated_inputs_add(&l->inputs, &d, l->x->day, e);
    dated_done(&d);
    return code;
}

// ---- all

static int make_places(struct loading *l, struct err *e)
{
    struct indices *x = l->x;
    x->count = world_count(x->world);
    x->places = calloc(x->count, sizeof *x->places);
    x->parts = calloc(x->count, sizeof *x->parts);
    economy *all = calloc(x->count, sizeof *all);
    int code = x->places && x->parts && all ? 0 : err_memory(e);
    for (size_t i = 0; i < x->count && code == 0; i++) {
        all[i] = x->places[i].economy = world_economy(x->world, i);
        for (size_t p = 0; p < INDEX_PARTS; p++)
            x->parts[i][p] = (double)NAN;
    }
    if (code == 0)
        code = keys_init(&x->keys, BY_ECONOMY, x->query->only, x->world, all, x->count, 0, e);
    free(all);
    return code;
}

static int load(struct loading *l, struct err *e)
{
    int code = find_day(l, e);
    if (code == 0)
        code = make_places(l, e);
    if (code == 0)
        code = load_holders(l, e);
    if (code == 0)
        code = load_visibility(l, e);
    if (code == 0)
        code = load_measure(l, measure_networks, take_networks, PART_NETWORKS, e);
    if (code == 0)
        code = load_series(l, l->x->source, PART_USERS, e);
    if (code == 0)
        code = load_series(l, "content", PART_CONTENT, e);
    if (code == 0)
        code = load_series(l, "transit", PART_TRANSIT, e);
    return code;
}

int measure_indices(const struct measure *m, const struct query *q, struct measure_tables *ret,
                    struct err *e)
{
    struct indices x = {.world = m->world, .query = q};
    struct loading l = {.m = m, .query = *q, .x = &x};
    struct measure_tables tables = {0};
    int code = load(&l, e);
    if (code == 0)
        code = indices_tables(&x, &tables, e);
    if (code == 0)
        code = dated_basis(m, &l.query, "indices", &l.inputs, &tables, e);
    free(x.places);
    free(x.parts);
    free(l.held.at);
    keys_done(&x.keys);
    dated_inputs_done(&l.inputs);
    if (code)
        measure_tables_free(&tables);
    else
        *ret = tables;
    return code;
}
