// SPDX-License-Identifier: Apache-2.0

#include "measure/places.h"

#include <stdlib.h>

// ---- cells

// `place`, [CELLS]: how many items; becomes where the next one goes.
static bool list_cells(struct cells *c, uint32_t *place)
{
    size_t end = 0;
    for (size_t cell = 0; cell < CELLS; cell++) {
        if (place[cell] == 0)
            continue;
        struct cell_items *add = ARRAY_ADD(&c->list);
        if (!add)
            return false;
        *add = (struct cell_items){.economy = (economy)(cell / REGISTRY_COUNT),
                                   .registry = (enum registry)(cell % REGISTRY_COUNT),
                                   .begin = end,
                                   .end = end + place[cell]};
        place[cell] = (uint32_t)end;
        end = add->end;
    }
    return true;
}

int cells_make(struct cells *c, const uint32_t *cell, size_t count, struct err *e)
{
    struct cells made = {.items = calloc(count + 1, sizeof *made.items)};
    uint32_t *place = calloc(CELLS, sizeof *place);
    bool done = made.items && place;
    for (size_t i = 0; done && i < count; i++)
        if (cell[i] != CELL_NOWHERE)
            place[cell[i]]++;
    done = done && list_cells(&made, place);
    for (size_t i = 0; done && i < count; i++)
        if (cell[i] != CELL_NOWHERE)
            made.items[place[cell[i]]++] = (uint32_t)i;
    free(place);
    if (done)
        *c = made;
    else
        cells_done(&made);
    return done ? 0 : err_memory(e);
}

void cells_done(struct cells *c)
{
    free(c->list.at);
    free(c->items);
    *c = (struct cells){0};
}

int places_keys(const struct query *q, const struct view *v, const struct cells *c,
                struct keys *ret, struct err *e)
{
    economy *used = calloc(c->list.count + 1, sizeof *used);
    if (!used)
        return err_memory(e);
    for (size_t i = 0; i < c->list.count; i++)
        used[i] = c->list.at[i].economy;
    int code = keys_init(ret, q->by, q->only, v->world, used, c->list.count, v->registries, e);
    free(used);
    return code;
}

void places_shown(const struct keys *k, const struct cells *c, date day, bool *ret)
{
    for (size_t i = 0; i < c->list.count; i++) {
        const struct cell_items *at = &c->list.at[i];
        bool shown = false;
        for (size_t key = 0; key < k->count && !shown; key++)
            shown = k->shown[key] && keys_has(k, key, at->registry, at->economy, day);
        for (size_t j = at->begin; j < at->end; j++)
            ret[c->items[j]] = shown;
    }
}

// ---- rows

struct ranked {
    u128 weight;
    size_t key;
};

static void add_up(const struct places *p, size_t key, void *place)
{
    memset(place, 0, p->kind->size);
    if (p->kind->begin)
        p->kind->begin(place, p->arg);
    for (size_t i = 0; i < p->cells->list.count; i++) {
        const struct cell_items *c = &p->cells->list.at[i];
        if (key != SIZE_MAX && !keys_has(p->keys, key, c->registry, c->economy, p->day))
            continue;
        for (size_t j = c->begin; j < c->end; j++)
            p->kind->add(place, p->cells->items[j], (uint32_t)key + 2, p->arg);
    }
}

static int compare_weight(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    if (x->weight != y->weight)
        return x->weight > y->weight ? -1 : 1;
    return (x->key > y->key) - (x->key < y->key);
}

// What belongs to nothing is shown where there is something, or where it is asked for.
static bool is_shown(const struct places *p, const struct ranked *r)
{
    return p->keys->shown[r->key] &&
           (p->query->only[0] || r->weight > 0 || r->key != keys_none(p->keys));
}

static void write_rows(const struct places *p, const struct ranked *order, const void *all,
                       const void *total, struct table *t)
{
    size_t shown = 0, left_out = 0;
    for (size_t i = 0; i < p->keys->count; i++) {
        if (!is_shown(p, &order[i]))
            continue;
        if (p->query->top && shown == p->query->top) {
            left_out++;
            continue;
        }
        size_t row = table_row(t);
        keys_set_cells(p->keys, order[i].key, p->columns, t, row);
        p->kind->set((const char *)all + order[i].key * p->kind->size, total, row, t, p->arg);
        shown++;
    }
    if (left_out > 0)
        table_note(t, "%zu more are not shown; shares and the total are of all.", left_out);
    if (p->keys->by == BY_WORLD)
        return;
    size_t row = table_row(t);
    table_set_text(t, row, p->columns.key, "total");
    table_set_text(t, row, p->columns.name, "Total");
    p->kind->set(total, total, row, t, p->arg);
}

int places_write(const struct places *p, struct table *t, struct err *e)
{
    size_t count = p->keys->count, size = p->kind->size;
    struct ranked *order = calloc(count + 1, sizeof *order);
    char *all = calloc(count + 1, size); // and the total behind them
    if (order && all) {
        for (size_t key = 0; key < count; key++) {
            add_up(p, key, all + key * size);
            order[key] = (struct ranked){p->kind->weight(all + key * size), key};
        }
        if (p->keys->by == BY_WORLD)
            memcpy(all + count * size, all, size);
        else
            add_up(p, SIZE_MAX, all + count * size);
        qsort(order, count, sizeof *order, compare_weight);
        write_rows(p, order, all, all + count * size, t);
    }
    bool done = order && all;
    free(order);
    free(all);
    return done ? 0 : err_memory(e);
}
