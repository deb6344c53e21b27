// SPDX-License-Identifier: Apache-2.0
//
// The tables of the indices.

#include "measure/indices.h"

#include "measure/figures.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define HD_SHORTEST 20
#define HD_LONGEST  48

struct indexing {
    const struct indices *x;
    struct measure_tables tables;
};

static size_t add(struct table *t, const char *key, const char *heading, enum column_type type,
                  unsigned decimals, const char *description)
{
    return table_column(t, &(struct column){.key = key,
                                            .heading = heading,
                                            .type = type,
                                            .unit = type == COLUMN_PERCENT ? "%" : "",
                                            .description = description,
                                            .decimals = decimals});
}

static struct table *new_table(struct indexing *i, const char *name, const char *title)
{
    struct table *t = NULL;
    char day[DATE_TEXT_MAX];
    if (table_new(name, &t))
        return NULL;
    i->tables.at[i->tables.count++] = t;
    table_title(t, "%s, %s", title, date_format(i->x->day, day));
    return t;
}

static bool is_shown(const struct indices *x, size_t place, size_t *ret_key)
{
    *ret_key = keys_find_economy(&x->keys, x->places[place].economy);
    return *ret_key != SIZE_MAX && x->keys.shown[*ret_key];
}

// ---- indices and their parts

static const struct {
    const char *key, *heading, *description;
} part_columns[INDEX_PARTS] = {
    [PART_HOLDING] = {"holding", "Hold IPv6", "Holders of any space that hold IPv6."},
    [PART_ANNOUNCED] = {"announcing", "Announce it",
                        "Holders of any space who hold IPv6 of which some is announced."},
    [PART_NETWORKS] = {"networks", "Networks",
                       "Networks that announce IPv6, of all that announce."},
    [PART_USERS] = {"users", "Users", "Users that have IPv6."},
    [PART_CONTENT] = {"content", "Content", "Content that is reached over IPv6."},
    [PART_TRANSIT] = {"transit", "Transit", "Transit networks with IPv6."},
};

static int add_indices(struct indexing *i, struct err *e)
{
    const struct indices *x = i->x;
    struct table *t = new_table(i, "indices", "Indices of the transition by economy");
    double *relative = calloc(x->count + 1, sizeof *relative);
    size_t lab, scaled, early, parts[INDEX_PARTS], key;
    if (!t || !relative) {
        free(relative);
        return err_memory(e);
    }
    struct key_columns k = keys_add_columns(&x->keys, t);
    t->key_columns = 2;
    lab = add(t, "6lab", "6lab", COLUMN_PERCENT, 1, "0.25 T + 0.75 sqrt(C U).");
    scaled = add(t, "6lab_relative", "Relative", COLUMN_REAL, 1,
                 "The same with each term over the world's largest, 0 to 10.");
    early = add(t, "early", "Early-stage", COLUMN_PERCENT, 1,
                "0.3 holding + 0.3 announcing + 0.2 networks + 0.2 users.");
    for (size_t p = 0; p < INDEX_PARTS; p++)
        parts[p] = add(t, part_columns[p].key, part_columns[p].heading, COLUMN_PERCENT, 1,
                       part_columns[p].description);
    index_relative((const double(*)[INDEX_PARTS])x->parts, x->count, relative);
    for (size_t place = 0; place < x->count; place++) {
        if (!is_shown(x, place, &key))
            continue;
        size_t row = table_row(t);
        keys_set_cells(&x->keys, key, k, t, row);
        table_set_real(t, row, lab, 100.0 * index_value(INDEX_6LAB, x->parts[place]));
        table_set_real(t, row, scaled, relative[place]);
        table_set_real(t, row, early, 100.0 * index_value(INDEX_EARLY, x->parts[place]));
        for (size_t p = 0; p < INDEX_PARTS; p++)
            table_set_real(t, row, parts[p], 100.0 * x->parts[place][p]);
    }
    free(relative);
    for (size_t p = 0; p < INDEX_PARTS; p++)
        if (x->reasons[p][0])
            table_note(t, "%s is empty: %s.", part_columns[p].heading, x->reasons[p]);
    if (x->source[0])
        table_note(t, "Users are those of series %s.", x->source);
    return 0;
}

// ---- ranks

struct ranked {
    struct rank rank;
    size_t place;
};

static int by_rank(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    if (x->rank.rank != y->rank.rank)
        return x->rank.rank < y->rank.rank ? -1 : 1;
    return (x->place > y->place) - (x->place < y->place);
}

struct rank_columns {
    size_t index, rank, low, high, value;
    struct key_columns key;
};

static void set_ranks(struct indexing *i, struct table *t, const struct rank_columns *c,
                      enum index_kind kind, const struct ranked *list, size_t count)
{
    for (size_t r = 0; r < count; r++) {
        size_t key;
        if (list[r].rank.rank == 0 || !is_shown(i->x, list[r].place, &key))
            continue;
        size_t row = table_row(t);
        keys_set_cells(&i->x->keys, key, c->key, t, row);
        table_set_text(t, row, c->index, index_definitions[kind].name);
        table_set_count(t, row, c->rank, list[r].rank.rank);
        table_set_count(t, row, c->low, list[r].rank.low);
        table_set_count(t, row, c->high, list[r].rank.high);
        table_set_real(t, row, c->value, 100.0 * list[r].rank.value);
    }
}

static int rank_one(struct indexing *i, struct table *t, const struct rank_columns *c,
                    enum index_kind kind, struct err *e)
{
    const struct indices *x = i->x;
    struct rank *ranks = calloc(x->count + 1, sizeof *ranks);
    struct ranked *list = calloc(x->count + 1, sizeof *list);
    int code = ranks && list ? index_ranks(kind, (const double(*)[INDEX_PARTS])x->parts, x->count,
                                           x->query->draws, x->query->seed, ranks, e)
                             : err_memory(e);
    if (code == 0) {
        for (size_t p = 0; p < x->count; p++)
            list[p] = (struct ranked){ranks[p], p};
        qsort(list, x->count, sizeof *list, by_rank);
        set_ranks(i, t, c, kind, list, x->count);
    }
    free(ranks);
    free(list);
    return code;
}

static int add_ranks(struct indexing *i, struct err *e)
{
    struct table *t = new_table(i, "ranks", "Ranks by the indices, as their weights vary");
    struct rank_columns c;
    if (!t)
        return err_memory(e);
    c.key = keys_add_columns(&i->x->keys, t);
    t->key_columns = 2;
    c.index = add(t, "index", "Index", COLUMN_TEXT, 0, "The index.");
    c.rank = figures_add_count(t, "rank", "Rank", "With the weights of its definition.", false);
    c.low = figures_add_count(t, "rank_low", "From",
                              "With 90 % probability the rank is this or behind it, as the weights "
                              "vary.",
                              false);
    c.high = figures_add_count(t, "rank_high", "To",
                               "With 90 % probability the rank is this or before it.", false);
    c.value = add(t, "value", "Value", COLUMN_PERCENT, 1, "The index.");
    int code = 0;
    for (unsigned k = 0; k < INDEX_KINDS && code == 0; k++)
        code = rank_one(i, t, &c, (enum index_kind)k, e);
    table_note(t,
               "Weights were drawn %u times around those of the definition (Dirichlet, "
               "concentration 20). Economies whose intervals overlap are not told apart by the "
               "index.",
               i->x->query->draws);
    return code;
}

// ---- RIPEness

static int add_stars(struct indexing *i, struct err *e)
{
    const struct indices *x = i->x;
    struct table *t = new_table(i, "ripeness", "RIPEness: holders by their stars, by economy");
    size_t key;
    if (!t)
        return err_memory(e);
    struct key_columns k = keys_add_columns(&x->keys, t);
    t->key_columns = 2;
    size_t holders = figures_add_count(t, "holders", "Holders",
                                       "Holders of IPv6 or IPv4 space or AS numbers.", false);
    size_t one = figures_add_count(t, "star1", "Hold IPv6", "Holders with the first star.", false);
    size_t two = figures_add_count(t, "star2", "Announce it",
                                   "Holders with the second star: some of their IPv6 space is "
                                   "announced.",
                                   false);
    size_t one_share = add(t, "star1_share", "One star", COLUMN_PERCENT, 1,
                           "Share of the holders with one star or more.");
    size_t two_share = add(t, "star2_share", "Two stars", COLUMN_PERCENT, 1,
                           "Share of the holders with two stars or more.");
    for (size_t place = 0; place < x->count; place++) {
        const struct index_place *p = &x->places[place];
        if (!is_shown(x, place, &key) || p->holders == 0)
            continue;
        size_t row = table_row(t);
        keys_set_cells(&x->keys, key, k, t, row);
        table_set_count(t, row, holders, p->holders);
        table_set_count(t, row, one, p->holding);
        table_set_real(t, row, one_share, figures_percent(p->holding, p->holders));
        if (!p->announcing_known)
            continue;
        table_set_count(t, row, two, p->announcing);
        table_set_real(t, row, two_share, figures_percent(p->announcing, p->holders));
    }
    table_note(t, "Two of the four stars can be measured: the archive has no route6 objects and no "
                  "reverse domains.");
    return 0;
}

// ---- HD-ratio

static int add_hd(struct indexing *i, struct err *e)
{
    struct table *t = NULL;
    if (table_new("hd-ratio", &t))
        return err_memory(e);
    i->tables.at[i->tables.count++] = t;
    table_title(t, "HD-ratio: /56s to be assigned until a block counts as used");
    size_t length = figures_add_count(t, "length", "Block", "The block's prefix length.", false);
    size_t all = figures_add_count(t, "units", "/56s", "The /56s in it.", false);
    size_t needed = figures_add_count(t, "needed", "Needed", "/56s at a ratio of 0.94.", false);
    size_t share = add(t, "share", "Share", COLUMN_PERCENT, 1, "Share of them.");
    for (unsigned n = HD_SHORTEST; n <= HD_LONGEST; n++) {
        size_t row = table_row(t);
        u128 units = (u128)1 << (56 - n);
        table_set_count(t, row, length, n);
        table_set_count(t, row, all, units);
        table_set_count(t, row, needed, (u128)hd_threshold(n, HD_RATIO));
        table_set_real(t, row, share, 100.0 * hd_threshold(n, HD_RATIO) / (double)units);
    }
    table_note(t, "RFC 3194: log(assigned) / log(all). What holders assign is not in the "
                  "registries' files, so that no economy's ratio can be told.");
    return 0;
}

int indices_tables(const struct indices *x, struct measure_tables *ret, struct err *e)
{
    struct indexing i = {.x = x};
    int code = add_indices(&i, e);
    if (code == 0)
        code = add_ranks(&i, e);
    if (code == 0)
        code = add_stars(&i, e);
    if (code == 0)
        code = add_hd(&i, e);
    for (size_t t = 0; t < i.tables.count && code == 0; t++)
        code = i.tables.at[t]->failed ? err_memory(e) : 0;
    if (code)
        measure_tables_free(&i.tables);
    else
        *ret = i.tables;
    return code;
}
