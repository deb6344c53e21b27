// SPDX-License-Identifier: Apache-2.0
//
// A dated series with one value a year, economy by economy.

#include "store/observations.h"

#include "base/array.h"

#include <stdio.h>
#include <stdlib.h>

// Of several values in one year the newest.
static int take_years(const struct observation_list *all, struct series *ret)
{
    struct series_value *at = calloc(all->count ? all->count : 1, sizeof *at);
    if (!at)
        return ERR_MEMORY;
    ret->at = at;
    for (size_t i = 0; i < all->count; i++) {
        const struct observation *o = &all->at[i];
        if (strlen(o->key) != 2)
            continue;
        struct series_value value = {economy_of(o->key[0], o->key[1]), date_civil(o->date).year,
                                     o->value};
        struct series_value *last = ret->count ? &at[ret->count - 1] : NULL;
        if (last && last->economy == value.economy && last->year == value.year)
            *last = value;
        else
            at[ret->count++] = value;
    }
    return 0;
}

static int take_input(const struct input *i, void *arg)
{
    struct series *series = arg;
    memcpy(series->sha256, i->sha256, sizeof series->sha256);
    series->source = strdup(i->source);
    return series->source ? 0 : ERR_MEMORY;
}

static int name_input(struct store *s, const char *name, struct series *found, struct err *e)
{
    struct observation_series_list list = {0};
    int code = store_observation_series(s, &list, e);
    const struct observation_series *one = code ? NULL : observation_series_find(&list, name);
    if (one)
        code = store_input(s, one->input, take_input, found, e);
    observation_series_list_free(&list);
    return code;
}

int store_series(struct store *s, const char *name, struct series *ret, struct err *e)
{
    struct series found = {0};
    struct observation_list all = {0};
    int code = store_observations(s, name, NULL, &all, e);
    if (!code)
        code = take_years(&all, &found);
    if (!code && found.count > 0)
        code = name_input(s, name, &found, e);
    observation_list_free(&all);
    if (code)
        series_free(&found);
    else
        *ret = found;
    return code == ERR_MEMORY ? err_memory(e) : code;
}

void series_free(struct series *s)
{
    free(s->at);
    free(s->source);
    *s = (struct series){0};
}

bool series_value(const struct series *s, economy e, int year, double *ret)
{
    size_t low = 0, high = s->count; // the first value after (e, year)
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct series_value *v = &s->at[middle];
        if (v->economy < e || (v->economy == e && v->year <= year))
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0 || s->at[low - 1].economy != e)
        return false;
    *ret = s->at[low - 1].value;
    return true;
}
