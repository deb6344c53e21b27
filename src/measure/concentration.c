// SPDX-License-Identifier: Apache-2.0

#include "measure/concentration.h"

#include "measure/keys.h"

#include <math.h>
#include <stdlib.h>

static long double sum_of(const u128 *values, size_t from, size_t count)
{
    long double sum = 0;
    for (size_t i = from; i < count; i++)
        sum += (long double)values[i];
    return sum;
}

static double top_share(const u128 *values, size_t count, size_t top, long double total)
{
    size_t from = count > top ? count - top : 0;
    return (double)(100 * sum_of(values, from, count) / total);
}

struct concentration concentration_of(const u128 *values, size_t count)
{
    struct concentration c = {.members = count, .gini = NAN, .hhi = NAN};
    c.top1 = c.top10 = c.top100 = (double)NAN;
    long double total = sum_of(values, 0, count), weighted = 0, squares = 0;
    if (total <= 0)
        return c;
    for (size_t i = 0; i < count; i++) {
        long double share = (long double)values[i] / total;
        c.total = space_add(c.total, values[i]);
        weighted += (long double)(i + 1) * share;
        squares += share * share;
    }
    c.gini = (double)((2 * weighted - (long double)(count + 1)) / (long double)count);
    c.hhi = (double)(10000 * squares);
    c.top1 = top_share(values, count, 1, total);
    c.top10 = top_share(values, count, 10, total);
    c.top100 = top_share(values, count, 100, total);
    return c;
}

double lorenz_share(const u128 *values, size_t count, double percent)
{
    long double total = sum_of(values, 0, count);
    double position = percent / 100 * (double)count;
    size_t whole = (size_t)position < count ? (size_t)position : count;
    if (total <= 0)
        return (double)NAN;
    long double part = sum_of(values, 0, whole);
    if (whole < count)
        part += (long double)(position - (double)whole) * (long double)values[whole];
    return (double)(100 * part / total);
}

// ---- who has what

struct member {
    u128 space;
    uint64_t delegations;
};

struct spread {
    const struct query *query;
    const struct view *view;
    struct keys keys; // economies
    struct holders holders;
    struct member *economies, *owners; // by key, by number - 1
    size_t economy_count, owner_count;
    u128 *economy_space, *owner_space; // ascending
    uint64_t without_economy;          // delegations
    struct measure_tables tables;
};

static int compare_space(const void *a, const void *b)
{
    u128 x = *(const u128 *)a, y = *(const u128 *)b;
    return (x > y) - (x < y);
}

// The space of members that have a delegation, in ascending order.
static u128 *sort_space(struct member *members, size_t *count)
{
    u128 *space = calloc(*count + 1, sizeof *space);
    size_t kept = 0;
    for (size_t i = 0; space && i < *count; i++)
        if (members[i].delegations > 0) {
            members[kept] = members[i];
            space[kept++] = members[i].space;
        }
    if (space)
        qsort(space, kept, sizeof *space, compare_space);
    *count = kept;
    return space;
}

static void add_member(struct member *m, const struct lifetime *l)
{
    m->delegations++;
    m->space = space_add(m->space, block_count(&l->block));
}

static void add_rows(struct spread *s)
{
    for (size_t i = 0; i < s->view->count; i++) {
        const struct lifetime *l = &s->view->at[i];
        size_t key = keys_find_economy(&s->keys, l->economy);
        if (key == SIZE_MAX || !s->keys.shown[key])
            continue;
        if (world_has(s->view->world, l->economy))
            add_member(&s->economies[key], l);
        else
            s->without_economy++;
        if (s->holders.number[i])
            add_member(&s->owners[s->holders.number[i] - 1], l);
    }
}

static int find_keys(struct spread *s, struct err *e)
{
    size_t count = s->view->count;
    economy *used = calloc(count + 1, sizeof *used);
    if (!used)
        return err_memory(e);
    for (size_t i = 0; i < count; i++)
        used[i] = s->view->at[i].economy;
    int code = keys_init(&s->keys, BY_ECONOMY, s->query->only, s->view->world, used, count,
                         s->view->registries, e);
    free(used);
    return code;
}

static int make_members(struct spread *s, struct err *e)
{
    int code = find_keys(s, e);
    if (code == 0)
        code = holders_number(&s->holders, s->view->at, s->view->count, e);
    if (code)
        return code;
    s->economy_count = s->keys.count;
    s->owner_count = s->holders.count;
    s->economies = calloc(s->economy_count + 1, sizeof *s->economies);
    s->owners = calloc(s->owner_count + 1, sizeof *s->owners);
    if (!s->economies || !s->owners)
        return err_memory(e);
    add_rows(s);
    s->economy_space = sort_space(s->economies, &s->economy_count);
    s->owner_space = sort_space(s->owners, &s->owner_count);
    return s->economy_space && s->owner_space ? 0 : err_memory(e);
}

// ---- tables

static struct table *begin_table(struct spread *s, const char *name, const char *title)
{
    struct table *t = NULL;
    if (table_new(name, &t))
        return NULL;
    s->tables.at[s->tables.count++] = t;
    table_title(t, "%s %s%s", family_title(s->query->family), title,
                figures_scope(s->query, s->view, t));
    return t;
}

struct index_columns {
    size_t key, name, members, gini, hhi, top1, top10, top100;
    struct space_columns space;
};

static void set_indices(struct table *t, const struct index_columns *c, const char *key,
                        const char *name, const u128 *values, size_t count)
{
    struct concentration found = concentration_of(values, count);
    size_t row = table_row(t);
    table_set_text(t, row, c->key, key);
    table_set_text(t, row, c->name, name);
    table_set_count(t, row, c->members, found.members);
    figures_set_space(t, row, c->space, found.total);
    table_set_real(t, row, c->gini, found.gini);
    table_set_real(t, row, c->hhi, found.hhi);
    table_set_real(t, row, c->top1, found.top1);
    table_set_real(t, row, c->top10, found.top10);
    table_set_real(t, row, c->top100, found.top100);
}

static bool add_indices(struct spread *s)
{
    struct table *t = begin_table(s, "concentration", "delegations, concentration");
    struct index_columns c;
    if (!t)
        return false;
    c.key = figures_add_text(t, "key", "Key", "Among whom.", true);
    c.name = figures_add_text(t, "name", "Among", "The same, as it is called.", false);
    c.members = figures_add_count(t, "members", "Members", "How many have a delegation.", false);
    c.space = figures_add_space(t, s->query->family, "", NULL, "of all members", false);
    c.gini = figures_add_real(
        t, "gini", "Gini", "Gini coefficient: 0 where all have the same, near 1 where one has all.",
        3);
    c.hhi = figures_add_real(
        t, "hhi", "HHI",
        "Herfindahl-Hirschman index: sum of the squared shares in percent, to 10,000.", 0);
    c.top1 = figures_add_percent(t, "top1", "Top 1", "Share of the largest.");
    c.top10 = figures_add_percent(t, "top10", "Top 10", "Share of the ten largest.");
    c.top100 = figures_add_percent(t, "top100", "Top 100", "Share of the hundred largest.");
    set_indices(t, &c, "economies", "Economies", s->economy_space, s->economy_count);
    if (s->owner_count > 0)
        set_indices(t, &c, "holders", "Holders", s->owner_space, s->owner_count);
    if (s->without_economy > 0)
        table_note(t, "%llu delegations state no economy and count for none.",
                   (unsigned long long)s->without_economy);
    holders_note(&s->holders, s->view->count, t);
    figures_note(s->query, s->view, t);
    return true;
}

static bool add_lorenz(struct spread *s)
{
    static const double points[] = {10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 99, 100};
    struct table *t = begin_table(s, "lorenz", "delegations, Lorenz curve");
    if (!t)
        return false;
    size_t members = figures_add_percent(t, "members_share", "Least members",
                                         "Share of the members, those with the least space first.");
    size_t economies = figures_add_percent(t, "economies", "Economies have",
                                           "Share of space that this share of the economies has.");
    size_t owners = figures_add_percent(t, "holders", "Holders have",
                                        "Share of space that this share of the holders has.");
    t->columns[members].decimals = 0;
    t->columns[owners].machine_only = s->owner_count == 0;
    for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
        size_t row = table_row(t);
        table_set_real(t, row, members, points[i]);
        table_set_real(t, row, economies,
                       lorenz_share(s->economy_space, s->economy_count, points[i]));
        table_set_real(t, row, owners, lorenz_share(s->owner_space, s->owner_count, points[i]));
    }
    return true;
}

// ---- holders with several delegations

static const struct {
    const char *key, *name;
    uint64_t least, most;
} sizes[] = {
    {"1", "1", 1, 1},
    {"2", "2", 2, 2},
    {"3-4", "3 to 4", 3, 4},
    {"5-9", "5 to 9", 5, 9},
    {"10-99", "10 to 99", 10, 99},
    {"100+", "100 or more", 100, UINT64_MAX},
    {"several", "Several (2 or more)", 2, UINT64_MAX},
    {"total", "Total", 1, UINT64_MAX},
};

struct holding_columns {
    size_t key, name, holders, holders_share, delegations, delegations_share, space_share;
    struct space_columns space;
};

static struct member sum_holders(const struct spread *s, uint64_t least, uint64_t most,
                                 uint64_t *holders)
{
    struct member sum = {0};
    *holders = 0;
    for (size_t i = 0; i < s->owner_count; i++) {
        const struct member *m = &s->owners[i];
        if (m->delegations < least || m->delegations > most)
            continue;
        ++*holders;
        sum.delegations += m->delegations;
        sum.space = space_add(sum.space, m->space);
    }
    return sum;
}

static void set_holding(struct spread *s, struct table *t, const struct holding_columns *c,
                        size_t size)
{
    uint64_t holders, all_holders;
    struct member sum = sum_holders(s, sizes[size].least, sizes[size].most, &holders);
    struct member all = sum_holders(s, 1, UINT64_MAX, &all_holders);
    size_t row = table_row(t);
    table_set_text(t, row, c->key, sizes[size].key);
    table_set_text(t, row, c->name, sizes[size].name);
    table_set_count(t, row, c->holders, holders);
    table_set_real(t, row, c->holders_share, figures_percent(holders, all_holders));
    table_set_count(t, row, c->delegations, sum.delegations);
    table_set_real(t, row, c->delegations_share, figures_percent(sum.delegations, all.delegations));
    figures_set_space(t, row, c->space, sum.space);
    table_set_real(t, row, c->space_share, figures_percent(sum.space, all.space));
}

static bool add_holdings(struct spread *s)
{
    struct table *t = begin_table(s, "holdings", "delegations, holders by number of delegations");
    struct holding_columns c;
    if (!t)
        return false;
    c.key =
        figures_add_text(t, "key", "Key", "How many delegations each of the holders has.", true);
    c.name = figures_add_text(t, "name", "Delegations each", "The same, as it is called.", false);
    c.holders = figures_add_count(t, "holders", "Holders", "Number of holders.", false);
    c.holders_share = figures_add_percent(t, "holders_share", "Share", "Share of the holders.");
    c.delegations =
        figures_add_count(t, "delegations", "Delegations", "Number of their delegations.", false);
    c.delegations_share =
        figures_add_percent(t, "delegations_share", "Share", "Share of the delegations.");
    c.space = figures_add_space(t, s->query->family, "", NULL, "of their delegations", false);
    c.space_share = figures_add_percent(t, "share", "Share", "Share of the space.");
    for (size_t i = 0; s->owner_count > 0 && i < sizeof sizes / sizeof *sizes; i++)
        set_holding(s, t, &c, i);
    holders_note(&s->holders, s->view->count, t);
    return true;
}

static int compute(struct spread *s, struct err *e)
{
    int code = make_members(s, e);
    if (code)
        return code;
    if (!add_indices(s) || !add_lorenz(s) || !add_holdings(s))
        return err_memory(e);
    for (size_t i = 0; i < s->tables.count; i++)
        if (s->tables.at[i]->failed)
            return err_memory(e);
    return 0;
}

int concentration_tables(const struct query *q, const struct view *v, struct measure_tables *ret,
                         struct err *e)
{
    struct spread s = {.query = q, .view = v};
    int code = compute(&s, e);
    keys_done(&s.keys);
    holders_done(&s.holders);
    free(s.economies);
    free(s.owners);
    free(s.economy_space);
    free(s.owner_space);
    if (code)
        measure_tables_free(&s.tables);
    else
        *ret = s.tables;
    return code;
}

int measure_concentration(const struct measure *m, const struct query *q,
                          struct measure_tables *ret, struct err *e)
{
    struct view v;
    struct measure_tables tables = {0};
    int code = view_load_standing(m, q, &v, e);
    if (code)
        return code;
    code = concentration_tables(q, &v, &tables, e);
    for (size_t i = 0; i < tables.count && code == 0; i++)
        code = view_basis(m, q, "concentration", &v, NULL, false, tables.at[i], e);
    view_done(&v);
    if (code)
        measure_tables_free(&tables);
    else
        *ret = tables;
    return code;
}
