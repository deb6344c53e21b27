// SPDX-License-Identifier: Apache-2.0

#include "store/observations.h"

#include "base/array.h"
#include "store/sql.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

// ---- series

static void copy_text(char *to, size_t size, sqlite3_value *value)
{
    const char *text = (const char *)sqlite3_value_text(value);
    snprintf(to, size, "%s", text ? text : "");
}

typedef ARRAY(struct observation_series) series_array;

static int take_series(sqlite3_value **v, void *arg)
{
    struct observation_series *one = ARRAY_ADD((series_array *)arg);
    if (!one)
        return ERR_MEMORY;
    copy_text(one->name, sizeof one->name, v[0]);
    copy_text(one->unit, sizeof one->unit, v[1]);
    copy_text(one->title, sizeof one->title, v[2]);
    copy_text(one->source, sizeof one->source, v[3]);
    one->values = (uint64_t)sqlite3_value_int64(v[5]);
    one->restated = (uint64_t)sqlite3_value_int64(v[4]) - one->values;
    one->first = sqlite3_value_int(v[6]);
    one->last = sqlite3_value_int(v[7]);
    one->input = sqlite3_value_int64(v[8]);
    return 0;
}

int store_observation_series(struct store *s, struct observation_series_list *ret, struct err *e)
{
    series_array all = {0};
    sqlite3_stmt *q;
    int code = sql_prepare(
        s,
        "SELECT give(?1, name, unit, title, source, stated, known, first, last, input) FROM"
        " (SELECT *, (SELECT i.id FROM observation_input o JOIN input i ON i.id = o.input"
        " WHERE o.series = s.id ORDER BY i.date DESC, i.id DESC LIMIT 1) AS input"
        " FROM observation_series s WHERE known > 0 ORDER BY name)",
        &q, e);
    if (code)
        return code;
    code = sql_give(s, q, take_series, &all, e);
    sqlite3_finalize(q);
    if (code) {
        free(all.at);
        return code == ERR_MEMORY ? err_memory(e) : code;
    }
    *ret = (struct observation_series_list){all.at, all.count};
    return 0;
}

void observation_series_list_free(struct observation_series_list *l)
{
    free(l->at);
    *l = (struct observation_series_list){0};
}

const struct observation_series *observation_series_find(const struct observation_series_list *l,
                                                         const char *name)
{
    for (size_t i = 0; i < l->count; i++)
        if (strcmp(l->at[i].name, name) == 0)
            return &l->at[i];
    return NULL;
}

// ---- values

typedef ARRAY(struct observation) observation_array;

static double real_or_nan(sqlite3_value *v)
{
    return sqlite3_value_type(v) == SQLITE_NULL ? NAN : sqlite3_value_double(v);
}

static int take_value(sqlite3_value **v, void *arg)
{
    struct observation *one = ARRAY_ADD((observation_array *)arg);
    if (!one)
        return ERR_MEMORY;
    copy_text(one->key, sizeof one->key, v[0]);
    one->date = sqlite3_value_int(v[1]);
    one->value = sqlite3_value_double(v[2]);
    one->low = real_or_nan(v[3]);
    one->high = real_or_nan(v[4]);
    one->samples = real_or_nan(v[5]);
    one->input = sqlite3_value_int64(v[6]);
    return 0;
}

static int read_values(struct store *s, const char *series, const char *key,
                       observation_array *values, struct err *e)
{
    static const char columns[] =
        "SELECT give(?1, key, date, value, low, high, samples, input) FROM observation"
        " WHERE series = (SELECT id FROM observation_series WHERE name = ?2)";
    static const char one[] =
        "SELECT give(?1, key, date, value, low, high, samples, input) FROM observation"
        " WHERE series = (SELECT id FROM observation_series WHERE name = ?2) AND key = ?3";
    sqlite3_stmt *q;
    int code = sql_prepare(s, key ? one : columns, &q, e);
    if (code)
        return code;
    sqlite3_bind_text(q, 2, series, -1, SQLITE_STATIC);
    if (key)
        sqlite3_bind_text(q, 3, key, -1, SQLITE_STATIC);
    code = sql_give(s, q, take_value, values, e);
    sqlite3_finalize(q);
    return code == ERR_MEMORY ? err_memory(e) : code;
}

// ---- which counts

struct dated {
    int64_t input;
    date date;
};

typedef ARRAY(struct dated) dated_array;

static int take_dated(sqlite3_value **v, void *arg)
{
    struct dated *one = ARRAY_ADD((dated_array *)arg);
    if (!one)
        return ERR_MEMORY;
    *one = (struct dated){sqlite3_value_int64(v[0]), sqlite3_value_int(v[1])};
    return 0;
}

// The dates of the inputs of a series, by number.
static int read_dates(struct store *s, const char *series, dated_array *dates, struct err *e)
{
    sqlite3_stmt *q;
    int code = sql_prepare(s,
                           "SELECT give(?1, id, date) FROM (SELECT i.id, i.date FROM input i"
                           " JOIN observation_input o ON o.input = i.id WHERE o.series = (SELECT id"
                           " FROM observation_series WHERE name = ?2) ORDER BY i.id)",
                           &q, e);
    if (code)
        return code;
    sqlite3_bind_text(q, 2, series, -1, SQLITE_STATIC);
    code = sql_give(s, q, take_dated, dates, e);
    sqlite3_finalize(q);
    return code == ERR_MEMORY ? err_memory(e) : code;
}

static date date_of_input(const dated_array *dates, int64_t input)
{
    size_t low = 0, high = dates->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (dates->at[middle].input < input)
            low = middle + 1;
        else
            high = middle;
    }
    bool there = low < dates->count && dates->at[low].input == input;
    return there ? dates->at[low].date : DATE_NONE;
}

static int compare_observations(const void *a, const void *b, void *arg)
{
    const struct observation *x = a, *y = b;
    int order = strcmp(x->key, y->key);
    if (order)
        return order;
    if (x->date != y->date)
        return x->date < y->date ? -1 : 1;
    date stated_x = date_of_input(arg, x->input), stated_y = date_of_input(arg, y->input);
    if (stated_x != stated_y)
        return stated_x > stated_y ? -1 : 1;
    return x->input > y->input ? -1 : x->input < y->input;
}

// By key and date, of each the one that counts first.
static void order_values(observation_array *values, dated_array *dates)
{
    if (dates->count > 1 && values->count > 1)
        qsort_r(values->at, values->count, sizeof *values->at, compare_observations, dates);
    for (size_t i = 1; i < values->count; i++) {
        struct observation *one = &values->at[i];
        one->superseded = one->date == one[-1].date && strcmp(one->key, one[-1].key) == 0;
    }
}

int store_observations_all(struct store *s, const char *series, const char *key,
                           struct observation_list *ret, struct err *e)
{
    observation_array values = {0};
    dated_array dates = {0};
    int code = read_values(s, series, key, &values, e);
    if (!code)
        code = read_dates(s, series, &dates, e);
    if (!code) {
        order_values(&values, &dates);
        *ret = (struct observation_list){values.at, values.count};
    } else {
        free(values.at);
    }
    free(dates.at);
    return code;
}

int store_observations(struct store *s, const char *series, const char *key,
                       struct observation_list *ret, struct err *e)
{
    struct observation_list all = {0};
    size_t kept = 0;
    int code = store_observations_all(s, series, key, &all, e);
    if (code)
        return code;
    for (size_t i = 0; i < all.count; i++)
        if (!all.at[i].superseded)
            all.at[kept++] = all.at[i];
    *ret = (struct observation_list){all.at, kept};
    return 0;
}

void observation_list_free(struct observation_list *l)
{
    free(l->at);
    *l = (struct observation_list){0};
}

const struct observation *observation_known(const struct observation_list *l, const char *key,
                                            date on)
{
    size_t low = 0, high = l->count; // the first value after (key, on)
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(l->at[middle].key, key);
        if (order < 0 || (order == 0 && l->at[middle].date <= on))
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 && strcmp(l->at[low - 1].key, key) == 0 ? &l->at[low - 1] : NULL;
}
