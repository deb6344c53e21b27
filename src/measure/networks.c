// SPDX-License-Identifier: Apache-2.0

#include "measure/networks.h"

#include "measure/figures.h"

#include <stdio.h>
#include <stdlib.h>

struct table *networks_table(const struct networks *n, struct measure_tables *tables,
                             const char *name, const char *title)
{
    struct table *t = NULL;
    if (table_new(name, &t))
        return NULL;
    tables->at[tables->count++] = t;
    table_title(t, "%s%s", title, routed_scope(n->routed, t));
    return t;
}

int networks_write(const struct networks *n, const uint32_t *cell, size_t count,
                   const struct place_kind *kind, void *arg,
                   void (*add_columns)(struct table *t, void *arg), struct table *t, struct err *e)
{
    struct cells cells = {0};
    struct keys keys = {0};
    struct places p = {.query = &n->routed->query,
                       .cells = &cells,
                       .keys = &keys,
                       .kind = kind,
                       .arg = arg,
                       .day = n->routed->day};
    int code = cells_make(&cells, cell, count, e);
    if (code == 0)
        code = places_keys(p.query, &n->routed->blocks, &cells, &keys, e);
    if (code == 0) {
        p.columns = keys_add_columns(&keys, t);
        t->key_columns = keys.by == BY_WORLD ? 1 : 2;
        add_columns(t, arg);
        code = places_write(&p, t, e);
        keys_note(&keys, t);
    }
    keys_done(&keys);
    cells_done(&cells);
    return code;
}

// ---- which networks there are

#define FAMILY_BIT(f) (1u << (f))

struct network {
    uint32_t as;
    uint8_t families; // bits
};

struct network_list {
    ARRAY(struct network) list;
};

static int compare_networks(const void *a, const void *b)
{
    const struct network *x = a, *y = b;
    return (x->as > y->as) - (x->as < y->as);
}

static bool add_far(struct network_list *l, uint32_t as, unsigned families)
{
    struct network *add = ARRAY_ADD(&l->list);
    if (add)
        *add = (struct network){as, (uint8_t)families};
    return add;
}

// Numbers below HOMES_NEAR are ticked off in a table, the few others sorted.
static bool add_origins(struct network_list *far, uint8_t *near, const struct routing *r)
{
    for (size_t i = 0; i < r->origins.count; i++) {
        uint32_t as = r->origins.at[i].as;
        if (as < HOMES_NEAR)
            near[as] |= (uint8_t)FAMILY_BIT(r->family);
        else if (!add_far(far, as, FAMILY_BIT(r->family)))
            return false;
    }
    return true;
}

static void merge_same(struct network_list *l)
{
    size_t kept = 0;
    qsort(l->list.at, l->list.count, sizeof *l->list.at, compare_networks);
    for (size_t i = 0; i < l->list.count; i++)
        if (kept > 0 && l->list.at[kept - 1].as == l->list.at[i].as)
            l->list.at[kept - 1].families |= l->list.at[i].families;
        else
            l->list.at[kept++] = l->list.at[i];
    l->list.count = kept;
}

static int list_networks(const struct networks *n, struct network_list *ret, struct err *e)
{
    struct network_list l = {0};
    uint8_t *near = calloc(HOMES_NEAR, 1);
    bool done = near && add_origins(&l, near, &n->routed->routing) &&
                (!n->other || add_origins(&l, near, n->other));
    for (uint32_t as = ORIGIN_SET + 1; done && as < HOMES_NEAR; as++)
        done = !near[as] || add_far(&l, as, near[as]);
    free(near);
    if (!done) {
        free(l.list.at);
        return err_memory(e);
    }
    if (l.list.count > 0)
        merge_same(&l);
    *ret = l;
    return 0;
}

// ---- by key

struct place {
    uint64_t delegated, ipv4_only, ipv6_only, both;
};

// Items are the networks, and after them the delegations of AS numbers.
struct by_key {
    const struct networks *n;
    struct network_list networks;
    bool all_known; // every registry's AS numbers
    size_t delegated, announced, ipv4_only, ipv6_only, both, share, announced_share;
};

static void add_item(void *to, uint32_t item, uint32_t mark, const void *arg)
{
    const struct by_key *b = arg;
    struct place *p = to;
    size_t count = b->networks.list.count;
    (void)mark;
    if (item >= count) {
        p->delegated += b->n->routed->numbers.at[item - count].block.value;
        return;
    }
    unsigned families = b->networks.list.at[item].families;
    p->ipv4_only += families == FAMILY_BIT(FAMILY_IPV4);
    p->ipv6_only += families == FAMILY_BIT(FAMILY_IPV6);
    p->both += families == (FAMILY_BIT(FAMILY_IPV4) | FAMILY_BIT(FAMILY_IPV6));
}

static uint64_t announced(const struct place *p)
{
    return p->ipv4_only + p->ipv6_only + p->both;
}

static u128 weigh(const void *place)
{
    const struct place *p = place;
    return ((u128)announced(p) << 64) + p->delegated;
}

static void set_row(const void *place, const void *total, size_t row, struct table *t,
                    const void *arg)
{
    const struct by_key *b = arg;
    const struct place *p = place;
    (void)total;
    if (p->delegated > 0 || b->all_known)
        table_set_count(t, row, b->delegated, p->delegated);
    table_set_count(t, row, b->announced, announced(p));
    table_set_real(t, row, b->announced_share, figures_percent(announced(p), p->delegated));
    if (!b->n->other)
        return;
    table_set_count(t, row, b->ipv6_only, p->ipv6_only);
    table_set_count(t, row, b->ipv4_only, p->ipv4_only);
    table_set_count(t, row, b->both, p->both);
    table_set_real(t, row, b->share, figures_percent(p->ipv6_only + p->both, announced(p)));
}

static void add_columns(struct table *t, void *arg)
{
    struct by_key *b = arg;
    b->delegated = figures_add_count(t, "delegated", "Delegated", "AS numbers delegated.", false);
    b->announced = figures_add_count(t, "networks", "Networks",
                                     "AS numbers that originate an announcement.", false);
    b->announced_share =
        figures_add_percent(t, "networks_share", "Share", "Networks in AS numbers delegated.");
    t->columns[b->announced_share].machine_only = true;
    b->ipv4_only = figures_add_count(t, "ipv4_only", "IPv4 only",
                                     "Networks that originate IPv4 and no IPv6.", false);
    b->both = figures_add_count(t, "both", "Both", "Networks that originate both.", false);
    b->ipv6_only = figures_add_count(t, "ipv6_only", "IPv6 only",
                                     "Networks that originate IPv6 and no IPv4.", false);
    b->share = figures_add_percent(t, "ipv6_share", "With IPv6",
                                   "Share of the networks that originate IPv6.");
}

static void find_cells(const struct by_key *b, uint32_t *cell)
{
    const struct view *numbers = &b->n->routed->numbers;
    size_t count = b->networks.list.count;
    for (size_t i = 0; i < count; i++) {
        struct home h = home_find(&b->n->routed->homes, b->networks.list.at[i].as);
        cell[i] = cell_number(h.economy, h.registry);
    }
    for (size_t i = 0; i < numbers->count; i++)
        cell[count + i] = cell_number(numbers->at[i].economy, numbers->at[i].registry);
}

static void note_unknown(const struct by_key *b, struct table *t)
{
    size_t unknown = 0;
    for (size_t i = 0; i < b->networks.list.count; i++)
        unknown += !home_find(&b->n->routed->homes, b->networks.list.at[i].as).known;
    routed_note_homes(b->n->routed, t);
    if (unknown > 0)
        table_note(t, "Networks whose AS number is delegated to nobody: %zu.", unknown);
}

static int add_networks(const struct networks *n, struct measure_tables *tables, struct err *e)
{
    static const struct place_kind kind = {
        .size = sizeof(struct place), .add = add_item, .weight = weigh, .set = set_row};
    struct by_key b = {.n = n};
    b.all_known = (~n->routed->numbers.registries & REGISTRIES_RIR) == 0;
    char title[96];
    enum by by = n->routed->query.by;
    snprintf(title, sizeof title, "Networks%s%s", by == BY_WORLD ? ", " : " by ", by_title(by));
    int code = list_networks(n, &b.networks, e);
    if (code)
        return code;
    size_t count = b.networks.list.count + n->routed->numbers.count;
    uint32_t *cell = calloc(count + 1, sizeof *cell);
    struct table *t = networks_table(n, tables, "networks", title);
    code = cell && t ? 0 : err_memory(e);
    if (code == 0) {
        find_cells(&b, cell);
        code = networks_write(n, cell, count, &kind, &b, add_columns, t, e);
        routed_note(n->routed, t);
        if (n->other)
            table_note(t, "The other family is from %s.", n->other_label);
        else
            table_note(t, "No routing table of the other family is held for that day.");
        note_unknown(&b, t);
        if (n->routed->numbers.count > 0)
            figures_note(&n->routed->query, &n->routed->numbers, t);
    }
    free(cell);
    free(b.networks.list.at);
    return code;
}

// ---- prefix lengths

static int add_lengths(const struct networks *n, struct measure_tables *tables, struct err *e)
{
    const struct routing *r = &n->routed->routing;
    uint64_t prefixes[129] = {0}, inside[129] = {0}, all = 0;
    char title[96];
    u128 last = 0; // of the prefixes so far
    snprintf(title, sizeof title, "%s prefixes announced by length", family_title(r->family));
    struct table *t = networks_table(n, tables, "lengths", title);
    if (!t)
        return err_memory(e);
    for (size_t i = 0; i < r->prefixes; i++) {
        const struct prefix *p = &r->at.at[i];
        u128 end = prefix_last(r->family, p->start, p->length);
        prefixes[p->length]++;
        inside[p->length] += i > 0 && end <= last;
        last = i == 0 || end > last ? end : last;
        all++;
    }
    size_t length = figures_add_count(t, "length", "Length", "The prefixes' length.", false);
    size_t count = figures_add_count(t, "prefixes", "Prefixes", "Different prefixes.", false);
    size_t share = figures_add_percent(t, "share", "Share", "Share of all prefixes.");
    size_t more = figures_add_count(t, "more_specific", "More specific",
                                    "Those inside another announced prefix.", false);
    size_t more_share = figures_add_percent(t, "more_specific_share", "Share",
                                            "Share of the prefixes of this length.");
    for (unsigned i = 0; i < 129; i++) {
        if (prefixes[i] == 0)
            continue;
        size_t row = table_row(t);
        table_set_count(t, row, length, i);
        table_set_count(t, row, count, prefixes[i]);
        table_set_real(t, row, share, figures_percent(prefixes[i], all));
        table_set_count(t, row, more, inside[i]);
        table_set_real(t, row, more_share, figures_percent(inside[i], prefixes[i]));
    }
    return 0;
}

// ---- all of it

int networks_tables(const struct networks *n, struct measure_tables *ret, struct err *e)
{
    struct measure_tables tables = {0};
    int code = add_networks(n, &tables, e);
    if (code == 0)
        code = add_lengths(n, &tables, e);
    if (code == 0 && n->vrps)
        code = networks_add_validity(n, &tables, e);
    for (size_t i = 0; code == 0 && i < tables.count; i++)
        code = tables.at[i]->failed ? err_memory(e) : 0;
    if (code)
        measure_tables_free(&tables);
    else
        *ret = tables;
    return code;
}

// ---- from the archive

struct loaded {
    struct networks networks;
    struct routed routed;
    struct routing other, vrps;
    struct beside_input inputs[ROUTED_MORE_MAX];
    size_t input_count;
    char labels[2][128], other_label[160];
};

static void add_input(struct loaded *l, const struct route_snapshot *s, char label[128])
{
    l->inputs[l->input_count++] = (struct beside_input){s->input, route_snapshot_format(s, label)};
}

static int load_other(const struct measure *m, const struct route_snapshot_list *list,
                      struct loaded *l, struct err *e)
{
    struct query q = l->routed.query;
    struct route_snapshot s;
    enum family f = q.family == FAMILY_IPV6 ? FAMILY_IPV4 : FAMILY_IPV6;
    if (routed_choose(list, &q, f, l->routed.day, &s, e))
        return 0; // it is said that there is none
    int code = routing_load(m->store, &s, q.peers, &l->other, e);
    if (code)
        return code;
    add_input(l, &s, l->labels[0]);
    snprintf(l->other_label, sizeof l->other_label, "%s", l->labels[0]);
    l->networks.other = &l->other;
    l->networks.other_label = l->other_label;
    return 0;
}

// The newest payloads by the day, not older than a routing table may be.
static int load_vrps(const struct measure *m, const struct route_snapshot_list *list,
                     struct loaded *l, struct err *e)
{
    const struct route_snapshot *best = NULL;
    for (size_t i = 0; i < list->count; i++) {
        const struct route_snapshot *s = &list->at[i];
        if (s->kind == ROUTE_VALIDATED && s->family == l->routed.query.family &&
            s->date <= l->routed.day && l->routed.day - s->date <= ROUTED_GAP_MAX &&
            (!best || s->date > best->date))
            best = s;
    }
    if (!best)
        return 0;
    int code = routing_load(m->store, best, 0, &l->vrps, e);
    if (code)
        return code;
    add_input(l, best, l->labels[1]);
    l->networks.vrps = &l->vrps;
    l->networks.vrps_date = best->date;
    return 0;
}

static int load(const struct measure *m, const struct query *q, struct loaded *l, struct err *e)
{
    struct route_snapshot_list list = {0};
    int code = routed_load(m, q, &l->routed, e);
    if (code)
        return code;
    l->networks.routed = &l->routed;
    code = store_route_snapshots(m->store, &list, e);
    if (code == 0)
        code = load_other(m, &list, l, e);
    if (code == 0)
        code = load_vrps(m, &list, l, e);
    route_snapshot_list_free(&list);
    return code;
}

int measure_networks(const struct measure *m, const struct query *q, struct measure_tables *ret,
                     struct err *e)
{
    struct loaded l = {0};
    struct measure_tables tables = {0};
    int code = load(m, q, &l, e);
    if (code == 0)
        code = networks_tables(&l.networks, &tables, e);
    for (size_t i = 0; i < tables.count && code == 0; i++)
        code = routed_basis(m, &l.routed, "networks", l.inputs, l.input_count, tables.at[i], e);
    routed_done(&l.routed);
    routing_done(&l.other);
    routing_done(&l.vrps);
    if (code)
        measure_tables_free(&tables);
    else
        *ret = tables;
    return code;
}
