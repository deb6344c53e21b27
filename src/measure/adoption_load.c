// SPDX-License-Identifier: Apache-2.0
//
// What adoption is computed from, out of the archive.

#include "measure/adoption.h"

#include <stdio.h>
#include <stdlib.h>

static bool is_wanted(const struct query *q, const char *name)
{
    return !q->series[0] || strcmp(q->series, name) == 0;
}

static int load_sources(const struct measure *m, const struct query *q, struct adoption *a,
                        struct err *e)
{
    struct observation_series_list all = {0};
    int code = store_observation_series(m->store, &all, e);
    for (size_t i = 0; i < all.count && code == 0; i++) {
        struct dated *d = &a->sources[a->source_count];
        if (!is_wanted(q, all.at[i].name) || a->source_count == ADOPTION_SOURCES_MAX)
            continue;
        *d = (struct dated){.series = all.at[i]};
        if (dated_is_users(d)) {
            code = dated_load(m, all.at[i].name, d, e);
            a->source_count += code == 0;
        }
    }
    observation_series_list_free(&all);
    if (code == 0 && a->source_count == 0)
        code = err_set(e, ERR_NOT_FOUND,
                       "no figures on users%s%s: import those of Google, APNIC "
                       "Labs or anybody's own",
                       q->series[0] ? " of series " : "", q->series);
    return code;
}

static void find_day(const struct query *q, struct adoption *a)
{
    a->on = q->on;
    for (size_t i = 0; i < a->source_count && q->on == DATE_NONE; i++)
        if (a->sources[i].series.last > a->on)
            a->on = a->sources[i].series.last;
}

static int find_keys(const struct query *q, const struct world *w, struct adoption *a,
                     struct err *e)
{
    size_t most = 1, count = 0;
    if (q->by == BY_REGISTRY)
        return err_set(e, ERR_USAGE, "by registry: users are of economies");
    for (size_t i = 0; i < a->source_count; i++)
        most += a->sources[i].list.count;
    economy *used = calloc(most + a->networks.list.count, sizeof *used);
    if (!used)
        return err_memory(e);
    for (size_t i = 0; i < a->source_count; i++)
        for (size_t k = 0; k < a->sources[i].list.count; k++)
            count += dated_economy(w, a->sources[i].list.at[k].key, &used[count]);
    for (size_t i = 0; i < a->networks.list.count; i++)
        used[count++] = a->networks.list.at[i].economy;
    int code = keys_init(&a->keys, q->by, q->only, w, used, count, 0, e);
    free(used);
    return code;
}

// ---- networks

static int add_users(const struct stored_users_per_as *u, void *arg)
{
    struct networks_seen *n = arg;
    struct network_users *add = ARRAY_ADD(&n->list);
    if (!add)
        return ERR_MEMORY;
    *add = (struct network_users){.as = u->asn, .economy = u->economy, .users = u->users};
    return 0;
}

static int compare_numbers(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static int compare_users(const void *a, const void *b)
{
    const struct network_users *x = a, *y = b;
    if (x->economy != y->economy)
        return x->economy < y->economy ? -1 : 1;
    return (x->as > y->as) - (x->as < y->as);
}

static int mark_announcing(struct networks_seen *n, const struct routing *r, struct err *e)
{
    uint32_t *numbers = calloc(r->origins.count + 1, sizeof *numbers);
    if (!numbers)
        return err_memory(e);
    for (size_t i = 0; i < r->origins.count; i++)
        numbers[i] = r->origins.at[i].as;
    qsort(numbers, r->origins.count, sizeof *numbers, compare_numbers);
    for (size_t i = 0; i < n->list.count; i++)
        n->list.at[i].announces =
            bsearch(&n->list.at[i].as, numbers, r->origins.count, sizeof *numbers, compare_numbers);
    free(numbers);
    if (n->list.count > 0)
        qsort(n->list.at, n->list.count, sizeof *n->list.at, compare_users);
    return 0;
}

static int load_routes(const struct measure *m, const struct query *q, struct networks_seen *n,
                       struct err *e)
{
    struct route_snapshot_list list = {0};
    struct route_snapshot snapshot;
    struct routing routing = {0};
    struct err why = {0};
    uint32_t peers;
    int code = store_route_snapshots(m->store, &list, e);
    if (code)
        return code;
    // Where there is no table of about that day there is no figure, and the reason is told.
    if (routed_choose(&list, q, FAMILY_IPV6, n->users_date, &snapshot, &why))
        snprintf(n->reason, sizeof n->reason,
                 "no IPv6 routing table of about the day of the users");
    else if ((code = routed_peers(q, &snapshot, &peers, e)) == 0 &&
             (code = routing_load(m->store, &snapshot, peers, &routing, e)) == 0) {
        n->routes_date = snapshot.date;
        n->routes_input = snapshot.input;
        route_snapshot_format(&snapshot, n->label);
        code = mark_announcing(n, &routing, e);
    }
    routing_done(&routing);
    route_snapshot_list_free(&list);
    return code;
}

static int load_networks(const struct measure *m, const struct query *q, struct adoption *a,
                         struct err *e)
{
    struct networks_seen *n = &a->networks;
    n->users_date = n->routes_date = DATE_NONE;
    int code =
        store_users_per_as(m->store, a->on, add_users, n, &n->users_date, &n->users_input, e);
    if (code)
        return code;
    if (n->users_date == DATE_NONE) {
        snprintf(n->reason, sizeof n->reason, "no users of networks are known");
        return 0;
    }
    return load_routes(m, q, n, e);
}

// ---- all

static void adoption_done(struct adoption *a)
{
    for (size_t i = 0; i < a->source_count; i++)
        dated_done(&a->sources[i]);
    users_done(&a->users);
    free(a->networks.list.at);
    keys_done(&a->keys);
}

static int add_basis(const struct measure *m, const struct adoption *a,
                     struct measure_tables *tables, struct err *e)
{
    struct dated_inputs inputs = {0};
    struct query q = *a->query;
    q.on = a->on;
    int code = users_inputs_add(&inputs, &a->users, a->on, e);
    for (size_t i = 0; i < a->source_count && code == 0; i++)
        code = dated_inputs_add(&inputs, &a->sources[i], a->on, e);
    if (code == 0 && !a->networks.reason[0])
        code = dated_inputs_add_one(&inputs, a->networks.users_input, "users per AS", e);
    if (code == 0 && !a->networks.reason[0])
        code = dated_inputs_add_one(&inputs, a->networks.routes_input, a->networks.label, e);
    if (code == 0)
        code = dated_basis(m, &q, "adoption", &inputs, tables, e);
    dated_inputs_done(&inputs);
    return code;
}

static int answer(const struct measure *m, struct adoption *a, struct measure_tables *ret,
                  struct err *e)
{
    const struct query *q = a->query;
    int code = load_sources(m, q, a, e);
    if (code)
        return code;
    find_day(q, a);
    code = users_load(m, a->on, &a->users, e);
    if (code == 0)
        code = load_networks(m, q, a, e);
    if (code == 0)
        code = find_keys(q, m->world, a, e);
    if (code == 0)
        code = adoption_tables(a, ret, e);
    return code ? code : add_basis(m, a, ret, e);
}

int measure_adoption(const struct measure *m, const struct query *q, struct measure_tables *ret,
                     struct err *e)
{
    struct adoption *a = calloc(1, sizeof *a);
    struct measure_tables tables = {0};
    if (!a)
        return err_memory(e);
    a->world = m->world;
    a->query = q;
    int code = answer(m, a, &tables, e);
    adoption_done(a);
    free(a);
    if (code)
        measure_tables_free(&tables);
    else
        *ret = tables;
    return code;
}
