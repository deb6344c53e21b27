// SPDX-License-Identifier: Apache-2.0

#include "measure/homes.h"

#include <stdlib.h>

static const struct home unknown = {.registry = REGISTRY_NRO};

static int compare_far(const void *a, const void *b)
{
    const struct far_home *x = a, *y = b;
    return (x->first > y->first) - (x->first < y->first);
}

static void add_range(struct homes *h, const struct lifetime *row)
{
    struct range r = block_range(&row->block);
    struct home home = {row->economy, (uint8_t)row->registry, true};
    bool near = r.last < HOMES_NEAR && r.last - r.first < HOMES_BLOCK;
    for (u128 as = r.first; near && as <= r.last; as++)
        h->near[as] = home;
    if (!near)
        h->far[h->far_count++] = (struct far_home){(uint32_t)r.first, (uint32_t)r.last, home};
}

int homes_make(struct homes *h, const struct lifetime *rows, size_t count, struct err *e)
{
    struct homes made = {.near = calloc(HOMES_NEAR, sizeof *made.near),
                         .far = calloc(count + 1, sizeof *made.far)};
    if (!made.near || !made.far) {
        homes_done(&made);
        return err_memory(e);
    }
    for (size_t i = 0; i < count; i++)
        add_range(&made, &rows[i]);
    qsort(made.far, made.far_count, sizeof *made.far, compare_far);
    *h = made;
    return 0;
}

void homes_done(struct homes *h)
{
    free(h->near);
    free(h->far);
    *h = (struct homes){0};
}

struct home home_find(const struct homes *h, uint32_t as)
{
    if (as < HOMES_NEAR && h->near[as].known)
        return h->near[as];
    size_t low = 0, high = h->far_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (h->far[middle].first <= as)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 && h->far[low - 1].last >= as ? h->far[low - 1].home : unknown;
}
