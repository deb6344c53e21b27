// SPDX-License-Identifier: Apache-2.0
//
// Steps: points by period; and the points: of the registers' records, of routing tables, of dated
// series.

#include "measure/forecast_series.h"

#include "measure/pace.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define STEPS_MONTHS_USUAL 300 // more months than that are taken as quarters

// ---- steps

date steps_first(const struct steps *s, size_t step)
{
    struct civil c = date_civil(s->first);
    unsigned months = s->step == PERIOD_YEAR ? 12 : s->step == PERIOD_QUARTER ? 3 : 1;
    size_t month = (size_t)(c.month - 1) + step * months;
    return date_of(c.year + (int)(month / 12), (unsigned)(month % 12) + 1, 1);
}

date steps_last(const struct steps *s, size_t step)
{
    return steps_first(s, step + 1) - 1;
}

static size_t steps_between(enum period step, date from, date to)
{
    struct civil a = date_civil(period_first(step, from)), b = date_civil(period_first(step, to));
    size_t months = (size_t)((b.year - a.year) * 12 + (int)b.month - (int)a.month);
    return step == PERIOD_YEAR ? months / 12 : step == PERIOD_QUARTER ? months / 3 : months;
}

static size_t steps_seen(const struct point *points, size_t count, enum period step)
{
    size_t seen = 0;
    for (size_t i = 0; i < count; i++)
        seen +=
            i == 0 || period_first(step, points[i].date) != period_first(step, points[i - 1].date);
    return seen;
}

enum period steps_suited(const struct point *points, size_t count)
{
    for (enum period step = PERIOD_MONTH; step > PERIOD_YEAR; step--) {
        size_t all = steps_between(step, points[0].date, points[count - 1].date) + 1;
        if (step == PERIOD_MONTH && all > STEPS_MONTHS_USUAL)
            continue;
        if (3 * steps_seen(points, count, step) >= 2 * all)
            return step;
    }
    return PERIOD_YEAR;
}

static void fill_gaps(struct steps *s)
{
    size_t before = 0;
    for (size_t i = 1; i < s->count; i++) {
        if (isnan(s->values[i]))
            continue;
        for (size_t k = before + 1; k < i; k++, s->filled++)
            s->values[k] = s->values[before] + (s->values[i] - s->values[before]) *
                                                   (double)(k - before) / (double)(i - before);
        before = i;
    }
}

int steps_make(const struct point *points, size_t count, enum period step, bool stock,
               struct steps *ret, struct err *e)
{
    if (count == 0)
        return err_set(e, ERR_NOT_FOUND, "no value is known");
    struct steps s = {.first = period_first(step, points[0].date), .step = step};
    s.count = steps_between(step, points[0].date, points[count - 1].date) + 1;
    if (s.count > FORECAST_STEPS_MAX)
        return err_set(e, ERR_LIMIT, "a history of %zu steps is longer than %d: a longer --step",
                       s.count, FORECAST_STEPS_MAX);
    s.values = calloc(s.count, sizeof *s.values);
    if (!s.values)
        return err_memory(e);
    for (size_t i = 0; i < s.count; i++)
        s.values[i] = (double)NAN;
    for (size_t i = 0, seen = 0; i < count; i++) {
        size_t at = steps_between(step, s.first, points[i].date);
        seen = isnan(s.values[at]) ? 1 : seen + 1;
        if (stock || seen == 1)
            s.values[at] = points[i].value;
        else
            s.values[at] += (points[i].value - s.values[at]) / (double)seen;
    }
    fill_gaps(&s);
    *ret = s;
    return 0;
}

// ---- one key's points

struct gathered {
    ARRAY(struct point) points;
};

static bool gather(struct gathered *g, date d, double value)
{
    struct point *p = ARRAY_ADD(&g->points);
    if (p)
        *p = (struct point){d, value};
    return p;
}

static enum period step_of(const struct query *q, const struct gathered *g, enum period usual)
{
    if (q->has_step)
        return q->step;
    return usual != PERIOD_DAY ? usual : steps_suited(g->points.at, g->points.count);
}

// Adds a key's series. `usual`: the step of the source; PERIOD_DAY: as suits the points.
static int add_series(struct forecast_input *in, const struct query *q, size_t key,
                      const struct gathered *g, enum period usual, bool stock, struct err *e)
{
    struct forecast_series *s = ARRAY_ADD(&in->list);
    struct err why = {0};
    if (!s)
        return err_memory(e);
    s->key = key;
    if (g->points.count == 0) {
        snprintf(s->reason, sizeof s->reason, "no value is known");
        return 0;
    }
    s->newest = g->points.at[g->points.count - 1].date;
    int code =
        steps_make(g->points.at, g->points.count, step_of(q, g, usual), stock, &s->steps, &why);
    if (code == ERR_MEMORY)
        return err_memory(e);
    if (code)
        snprintf(s->reason, sizeof s->reason, "%.*s", (int)sizeof s->reason - 1, why.text);
    return 0;
}

static int check_keys(const struct keys *k, struct err *e)
{
    size_t shown = 0;
    for (size_t i = 0; i < k->count; i++)
        shown += k->shown[i];
    if (shown > FORECAST_KEYS_MAX)
        return err_set(e, ERR_LIMIT, "%zu series are more than %d at once: choose some with --only",
                       shown, FORECAST_KEYS_MAX);
    return 0;
}

// ---- registers: the pace by record dates has the stock at the end of each period

static int read_pace(struct forecast_input *in, const struct query *q, const struct table *t,
                     size_t key, const char *column, struct err *e)
{
    char text[KEY_TEXT_MAX];
    struct gathered g = {0};
    size_t named = table_find_column(t, "key"), period = table_find_column(t, "period"),
           value = table_find_column(t, column);
    bool sum = strcmp(column, "new_holders") == 0, begun = false;
    double stock = 0;
    int code = 0;
    for (size_t row = 0; row < t->row_count && code == 0; row++) {
        struct query day;
        query_init(&day);
        const struct cell *c = table_cell(t, row, value);
        if (strcmp(table_cell(t, row, named)->text, keys_key(&in->keys, key, text)) != 0)
            continue;
        code = query_set(&day, "to", table_cell(t, row, period)->text, e);
        if (c->kind == CELL_COUNT)
            stock = sum ? stock + (double)c->count : (double)c->count;
        begun |= stock > 0;
        if (code == 0 && begun && c->kind == CELL_COUNT && day.to <= in->view.known_on &&
            (q->to == DATE_NONE || day.to <= q->to) && !gather(&g, day.to, stock))
            code = err_memory(e);
    }
    if (code == 0)
        code = add_series(in, q, key, &g, q->has_step ? q->step : PERIOD_QUARTER, true, e);
    free(g.points.at);
    return code;
}

static int find_register_keys(struct forecast_input *in, const struct query *q, struct err *e)
{
    economy *used = calloc(in->view.count + 1, sizeof *used);
    if (!used)
        return err_memory(e);
    for (size_t i = 0; i < in->view.count; i++)
        used[i] = in->view.at[i].economy;
    int code = keys_init(&in->keys, q->by, q->only, in->view.world, used, in->view.count,
                         in->view.registries, e);
    free(used);
    return code ? code : check_keys(&in->keys, e);
}

static int load_registers(const struct measure *m, const struct query *q, const char *column,
                          struct forecast_input *in, struct err *e)
{
    struct table *t = NULL;
    struct query pace = *q;
    pace.every = q->has_step ? q->step : PERIOD_QUARTER;
    pace.top = 0;
    int code = view_load_standing(m, &pace, &in->view, e);
    if (code == 0)
        code = find_register_keys(in, q, e);
    if (code == 0)
        code = pace_table(&pace, &in->view, &t, e);
    for (size_t key = 0; key < in->keys.count && code == 0; key++)
        if (in->keys.shown[key])
            code = read_pace(in, q, t, key, column, e);
    table_free(&t);
    in->scale = FORECAST_COUNT;
    return code;
}

static int load_delegations(const struct measure *m, const struct query *q,
                            struct forecast_input *in, struct err *e)
{
    snprintf(in->title, sizeof in->title, "%s delegations", family_title(q->family));
    return load_registers(m, q, "cumulative_delegations", in, e);
}

static int load_holders(const struct measure *m, const struct query *q, struct forecast_input *in,
                        struct err *e)
{
    snprintf(in->title, sizeof in->title, "%s holders", family_title(q->family));
    return load_registers(m, q, "new_holders", in, e);
}

// ---- routing tables: prefixes, of the collector with the most snapshots where none is asked for

static const char *find_collector(const struct route_snapshot_list *l, const struct query *q)
{
    size_t most = 0, count = 0;
    const char *best = "";
    if (q->collector[0])
        return q->collector;
    for (size_t i = 0; i < l->count; i++) {
        const struct route_snapshot *s = &l->at[i], *before = i ? &l->at[i - 1] : NULL;
        if (s->kind != ROUTE_ANNOUNCED || s->family != q->family)
            continue;
        bool same = before && before->kind == s->kind && before->family == s->family &&
                    strcmp(before->collector, s->collector) == 0;
        count = same ? count + 1 : 1;
        if (count > most) {
            most = count;
            best = s->collector;
        }
    }
    return best;
}

static int load_announced(const struct measure *m, const struct query *q, struct forecast_input *in,
                          struct err *e)
{
    struct gathered g = {0};
    if (q->by != BY_WORLD)
        return err_set(e, ERR_USAGE, "series announced is of the world: without by");
    snprintf(in->title, sizeof in->title, "%s prefixes announced", family_title(q->family));
    in->scale = FORECAST_COUNT;
    int code = store_route_snapshots(m->store, &in->tables, e);
    if (code == 0)
        code = keys_init(&in->keys, BY_WORLD, "", m->world, NULL, 0, 0, e);
    const char *collector = code == 0 ? find_collector(&in->tables, q) : "";
    for (size_t i = 0; i < in->tables.count && code == 0; i++) {
        const struct route_snapshot *s = &in->tables.at[i];
        if (s->kind != ROUTE_ANNOUNCED || s->family != q->family ||
            strcmp(s->collector, collector) != 0 || (q->to != DATE_NONE && s->date > q->to))
            continue;
        code = gather(&g, s->date, (double)s->prefixes)
                   ? dated_inputs_add_one(&in->inputs, s->input, s->collector, e)
                   : err_memory(e);
    }
    if (code == 0)
        code = add_series(in, q, 0, &g, PERIOD_DAY, true, e);
    free(g.points.at);
    return code;
}

// ---- dated series

static bool key_has(const struct forecast_input *in, const struct world *w, size_t key,
                    const struct observation *o)
{
    economy about;
    bool known = dated_economy(w, o->key, &about);
    if (in->scale == FORECAST_SHARE && in->keys.by == BY_WORLD)
        return strcmp(o->key, OBSERVED_WORLD) == 0;
    return known && keys_has(&in->keys, key, REGISTRY_COUNT, about, o->date);
}

static int compare_points(const void *a, const void *b)
{
    const struct point *x = a, *y = b;
    return (x->date > y->date) - (x->date < y->date);
}

// Counts of several keys on one day are summed.
static void sum_days(struct gathered *g)
{
    size_t kept = 0;
    if (g->points.count > 0)
        qsort(g->points.at, g->points.count, sizeof *g->points.at, compare_points);
    for (size_t i = 0; i < g->points.count; i++)
        if (kept > 0 && g->points.at[kept - 1].date == g->points.at[i].date)
            g->points.at[kept - 1].value += g->points.at[i].value;
        else
            g->points.at[kept++] = g->points.at[i];
    g->points.count = kept;
}

static int read_dated(struct forecast_input *in, const struct query *q, const struct world *w,
                      size_t key, struct err *e)
{
    struct gathered g = {0};
    int code = 0;
    for (size_t i = 0; i < in->dated.list.count && code == 0; i++) {
        const struct observation *o = &in->dated.list.at[i];
        if ((q->to == DATE_NONE || o->date <= q->to) && key_has(in, w, key, o) &&
            !gather(&g, o->date, o->value))
            code = err_memory(e);
    }
    sum_days(&g);
    if (code == 0)
        code = add_series(in, q, key, &g, PERIOD_DAY, in->scale == FORECAST_COUNT, e);
    free(g.points.at);
    return code;
}

static int find_dated_keys(struct forecast_input *in, const struct query *q, const struct world *w,
                           struct err *e)
{
    economy *used = calloc(in->dated.list.count + 1, sizeof *used);
    size_t count = 0;
    if (!used)
        return err_memory(e);
    for (size_t i = 0; i < in->dated.list.count; i++)
        count += dated_economy(w, in->dated.list.at[i].key, &used[count]);
    int code = keys_init(&in->keys, q->by, q->only, w, used, count, 0, e);
    free(used);
    return code ? code : check_keys(&in->keys, e);
}

static int load_dated(const struct measure *m, const struct query *q, const char *name,
                      struct forecast_input *in, struct err *e)
{
    int code = dated_load(m, name, &in->dated, e);
    if (code)
        return code;
    in->scale = dated_is_share(&in->dated) ? FORECAST_SHARE : FORECAST_COUNT;
    snprintf(in->title, sizeof in->title, "%s", in->dated.series.title);
    if (q->by == BY_REGISTRY)
        return err_set(e, ERR_USAGE, "by registry: series %s is of economies", name);
    if (in->scale == FORECAST_SHARE && q->by > BY_ECONOMY)
        return err_set(e, ERR_USAGE,
                       "by %s: shares of economies do not add up; by world or economy is wanted",
                       by_name(q->by));
    code = find_dated_keys(in, q, m->world, e);
    for (size_t key = 0; key < in->keys.count && code == 0; key++)
        if (in->keys.shown[key])
            code = read_dated(in, q, m->world, key, e);
    return code ? code
                : dated_inputs_add(&in->inputs, &in->dated, q->to == DATE_NONE ? DATE_MAX : q->to,
                                   e);
}

// ---- all

// "adoption:google" is "google".
static const char *series_name(const struct query *q)
{
    static const char prefix[] = "adoption:";
    bool prefixed = strncmp(q->series, prefix, sizeof prefix - 1) == 0;
    return prefixed ? q->series + sizeof prefix - 1 : q->series;
}

int forecast_input_load(const struct measure *m, const struct query *q, struct forecast_input *ret,
                        struct err *e)
{
    struct forecast_input in = {.view = {.known_on = DATE_NONE}};
    const char *name = series_name(q);
    if (!name[0])
        return err_set(e, ERR_USAGE,
                       "which series: delegations, holders, announced, or one that "
                       "was imported, such as google");
    int code = strcmp(name, "delegations") == 0 ? load_delegations(m, q, &in, e)
               : strcmp(name, "holders") == 0   ? load_holders(m, q, &in, e)
               : strcmp(name, "announced") == 0 ? load_announced(m, q, &in, e)
                                                : load_dated(m, q, name, &in, e);
    if (code)
        forecast_input_done(&in);
    else
        *ret = in;
    return code;
}

void forecast_input_done(struct forecast_input *i)
{
    for (size_t k = 0; k < i->list.count; k++)
        free(i->list.at[k].steps.values);
    free(i->list.at);
    dated_inputs_done(&i->inputs);
    keys_done(&i->keys);
    view_done(&i->view);
    dated_done(&i->dated);
    route_snapshot_list_free(&i->tables);
    *i = (struct forecast_input){0};
}
