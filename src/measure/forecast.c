// SPDX-License-Identifier: Apache-2.0
//
// Forecasts as tables: what was and what may come, how the models did in the back-test, when a
// target is reached.

#include "measure/figures.h"
#include "measure/forecast_series.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define HORIZON_YEARS 10

static const char *const model_names[FORECAST_MODELS] = {
    "naive", "drift", "damped trend", "logistic", "Gompertz", "Bass", "median"};

enum { TABLE_FORECAST, TABLE_TEST, TABLE_MODELS, TABLE_TARGETS, TABLES };

struct columns {
    struct key_columns key;
    size_t at[10];
};

struct forecasting {
    const struct query *query;
    const struct forecast_input *input;
    struct measure_tables tables;
    struct columns columns[TABLES];
    size_t forecasts; // keys that have one
};

static size_t add_real(struct table *t, const char *key, const char *heading, enum column_type type,
                       const char *unit, unsigned decimals, const char *description)
{
    return table_column(t, &(struct column){.key = key,
                                            .heading = heading,
                                            .type = type,
                                            .unit = unit,
                                            .description = description,
                                            .decimals = decimals});
}

static size_t add_text(struct table *t, const char *key, const char *heading,
                       const char *description)
{
    return add_real(t, key, heading, COLUMN_TEXT, "", 0, description);
}

static size_t add_value(const struct forecasting *f, struct table *t, const char *key,
                        const char *heading, const char *description)
{
    bool share = f->input->scale == FORECAST_SHARE;
    return add_real(t, key, heading, share ? COLUMN_PERCENT : COLUMN_REAL, share ? "%" : "",
                    share ? 1 : 0, description);
}

static size_t add_percent(struct table *t, const char *key, const char *heading,
                          const char *description)
{
    return add_real(t, key, heading, COLUMN_PERCENT, "%", 0, description);
}

static size_t add_date(struct table *t, const char *key, const char *heading,
                       const char *description)
{
    return add_real(t, key, heading, COLUMN_DATE, "", 0, description);
}

// ---- columns

static void add_forecast_columns(struct forecasting *f, struct table *t, size_t *c)
{
    c[0] = add_date(t, "date", "Date", "The last day of the step that the row is about.");
    c[1] = add_value(f, t, "value", "Known", "What is known of that step.");
    c[2] = add_value(f, t, "low90", "90 % from", "With 95 % probability it is more than this.");
    c[3] = add_value(f, t, "low50", "50 % from", "With 75 % probability it is more than this.");
    c[4] = add_value(f, t, "median", "Median", "It is as probably more as less than this.");
    c[5] = add_value(f, t, "high50", "50 % to", "With 75 % probability it is less than this.");
    c[6] = add_value(f, t, "high90", "90 % to", "With 95 % probability it is less than this.");
}

static void add_test_columns(struct forecasting *f, struct table *t, size_t *c)
{
    c[0] = add_date(t, "newest", "Known to", "The day of the newest value.");
    c[1] = figures_add_count(t, "steps", "Steps", "Steps of the history.", false);
    c[2] = add_text(t, "model", "Model", "The model chosen by its errors in the back-test.");
    c[3] = figures_add_count(t, "outcomes", "Outcomes",
                             "Outcomes in the history that a forecast was held against.", false);
    c[4] = add_percent(t, "coverage50", "In 50 %", "Outcomes inside the 50 % intervals of then.");
    c[5] = add_percent(t, "coverage90", "In 90 %", "Outcomes inside the 90 % intervals of then.");
    c[6] = add_value(f, t, "width90", "Width", "Mean width of the 90 % intervals of then.");
    c[7] = add_text(t, "verdict", "Verdict",
                    "Whether the model can be told from the naive one, or why there is no "
                    "forecast.");
}

static void add_model_columns(struct forecasting *f, struct table *t, size_t *c)
{
    c[0] = add_text(t, "model", "Model", "The model.");
    c[1] = add_text(t, "chosen", "Chosen", "yes: the forecast is its.");
    c[2] = add_value(f, t, "error", "Mean error", "Mean absolute error in the back-test.");
    c[3] = add_percent(t, "skill", "Skill",
                       "How much smaller the error is than that of the naive forecast.");
    c[4] = add_real(t, "p", "p", COLUMN_REAL, "", 3,
                    "Probability that chance alone makes the model look so much better than the "
                    "naive one; empty where too few errors are known.");
    c[5] = add_text(t, "verdict", "Verdict", "Whether it can be told from the naive one.");
}

static void add_target_columns(struct forecasting *f, struct table *t, size_t *c)
{
    c[0] = add_value(f, t, "target", "Target", "The value to be reached.");
    c[1] = add_percent(t, "reached", "Probability", "That it is reached within the horizon.");
    c[2] = add_date(t, "date10", "10 % by", "With 10 % probability it is reached by this day.");
    c[3] = add_date(t, "date50", "50 % by", "With 50 % probability it is reached by this day.");
    c[4] = add_date(t, "date90", "90 % by", "With 90 % probability it is reached by this day.");
    c[5] = add_text(t, "verdict", "Verdict", "Reached already, or not in this horizon.");
}

static int add_tables(struct forecasting *f, struct err *e)
{
    static const char *const names[TABLES] = {"forecast", "back-test", "models", "targets"};
    static void (*const fill[TABLES])(struct forecasting *, struct table *, size_t *) = {
        add_forecast_columns, add_test_columns, add_model_columns, add_target_columns};
    size_t count = f->query->has_target ? TABLES : TABLE_TARGETS;
    for (size_t i = 0; i < count; i++) {
        struct table *t;
        if (table_new(names[i], &t))
            return err_memory(e);
        f->tables.at[f->tables.count++] = t;
        f->columns[i].key = keys_add_columns(&f->input->keys, t);
        fill[i](f, t, f->columns[i].at);
        t->key_columns = f->input->keys.by == BY_WORLD ? 1 : 2;
    }
    return 0;
}

// ---- rows

// To six digits, in which machines agree.
static void set_steady(struct table *t, size_t row, size_t column, double value)
{
    double size = fabs(value), unit = size > 0.0 ? pow(10.0, floor(log10(size)) - 5.0) : 1.0;
    table_set_real(t, row, column, unit < 1.0 ? round(value / unit) / round(1.0 / unit) : value);
}

static size_t new_row(struct forecasting *f, size_t table, const struct forecast_series *s)
{
    struct table *t = f->tables.at[table];
    size_t row = table_row(t);
    keys_set_cells(&f->input->keys, s->key, f->columns[table].key, t, row);
    return row;
}

// Rows are at the ends of the periods asked for, and at the last step.
static bool is_shown(const struct forecasting *f, const struct steps *s, size_t step, size_t last)
{
    enum period every = f->query->every > s->step ? s->step : f->query->every;
    return step == last ||
           period_first(every, steps_last(s, step)) != period_first(every, steps_last(s, step + 1));
}

static void set_forecast(struct forecasting *f, const struct forecast_series *s,
                         const struct forecast *made)
{
    struct table *t = f->tables.at[TABLE_FORECAST];
    const size_t *c = f->columns[TABLE_FORECAST].at;
    size_t known = s->steps.count, all = known + made->horizon;
    for (size_t i = 0; i < all; i++) {
        if (!is_shown(f, &s->steps, i, i < known ? known - 1 : all - 1))
            continue;
        size_t row = new_row(f, TABLE_FORECAST, s);
        table_set_date(t, row, c[0], steps_last(&s->steps, i));
        if (i < known)
            table_set_real(t, row, c[1], s->steps.values[i]);
        else
            for (size_t q = 0; q < FORECAST_QUANTILES; q++)
                set_steady(t, row, c[2 + q], made->steps[i - known].quantile[q]);
    }
}

static const char *verdict_of(const struct forecast *made, enum forecast_model m)
{
    if (m == MODEL_NAIVE)
        return "is naive";
    if (isnan(made->scores[m].p))
        return "too few errors to tell";
    return forecast_is_skilled(made, m) ? "better than naive" : "cannot be told from naive";
}

static double part(size_t count, size_t all)
{
    return all == 0 ? (double)NAN : 100.0 * (double)count / (double)all;
}

static void set_test(struct forecasting *f, const struct forecast_series *s,
                     const struct forecast *made)
{
    struct table *t = f->tables.at[TABLE_TEST];
    const size_t *c = f->columns[TABLE_TEST].at;
    const struct forecast_coverage *v = &made->coverage;
    size_t row = new_row(f, TABLE_TEST, s);
    table_set_date(t, row, c[0], s->newest);
    table_set_count(t, row, c[1], s->steps.count);
    table_set_text(t, row, c[2], model_names[made->chosen]);
    table_set_count(t, row, c[3], v->count);
    table_set_real(t, row, c[4], part(v->inside50, v->count));
    table_set_real(t, row, c[5], part(v->inside90, v->count));
    set_steady(t, row, c[6], v->width90);
    table_set_text(t, row, c[7], verdict_of(made, made->chosen));
}

static void set_models(struct forecasting *f, const struct forecast_series *s,
                       const struct forecast *made)
{
    struct table *t = f->tables.at[TABLE_MODELS];
    const size_t *c = f->columns[TABLE_MODELS].at;
    for (unsigned m = 0; m < FORECAST_MODELS; m++) {
        size_t row = new_row(f, TABLE_MODELS, s);
        table_set_text(t, row, c[0], model_names[m]);
        if (m == made->chosen)
            table_set_text(t, row, c[1], "yes");
        set_steady(t, row, c[2], made->scores[m].error);
        set_steady(t, row, c[3], 100.0 * made->scores[m].skill);
        set_steady(t, row, c[4], made->scores[m].p);
        table_set_text(t, row, c[5], verdict_of(made, (enum forecast_model)m));
    }
}

static void set_targets(struct forecasting *f, const struct forecast_series *s,
                        const struct forecast *made)
{
    struct table *t = f->tables.at[TABLE_TARGETS];
    const size_t *c = f->columns[TABLE_TARGETS].at;
    size_t row = new_row(f, TABLE_TARGETS, s), last = s->steps.count - 1;
    bool already = made->target_at[0] == 0.0;
    table_set_real(t, row, c[0], f->query->target);
    table_set_real(t, row, c[1], 100.0 * made->reached);
    for (size_t i = 0; i < 3 && !already; i++)
        if (!isnan(made->target_at[i]))
            table_set_date(t, row, c[2 + i],
                           steps_last(&s->steps, last + (size_t)made->target_at[i]));
    if (already)
        table_set_text(t, row, c[5], "reached already");
    else if (isnan(made->target_at[2]))
        table_set_text(t, row, c[5],
                       isnan(made->target_at[1]) ? "not in this horizon"
                                                 : "not surely in this horizon");
}

static void set_reason(struct forecasting *f, const struct forecast_series *s, const char *reason)
{
    struct table *t = f->tables.at[TABLE_TEST];
    size_t row = new_row(f, TABLE_TEST, s);
    if (s->steps.count > 0) {
        table_set_date(t, row, f->columns[TABLE_TEST].at[0], s->newest);
        table_set_count(t, row, f->columns[TABLE_TEST].at[1], s->steps.count);
    }
    table_set_text(t, row, f->columns[TABLE_TEST].at[7], reason);
}

// ---- all

static date horizon_of(const struct forecasting *f, const struct forecast_series *s)
{
    if (f->query->horizon != DATE_NONE)
        return f->query->horizon;
    struct civil c = date_civil(steps_last(&s->steps, s->steps.count - 1));
    return date_of(c.year + HORIZON_YEARS, c.month, 28);
}

// Steps after the newest up to the one that holds the horizon.
static size_t steps_ahead(const struct forecasting *f, const struct forecast_series *s)
{
    date end = horizon_of(f, s);
    size_t ahead = 0;
    while (ahead <= FORECAST_STEPS_MAX && steps_first(&s->steps, s->steps.count + ahead) <= end)
        ahead++;
    return ahead;
}

static int make_one(struct forecasting *f, const struct forecast_series *s, struct err *e)
{
    struct forecast made = {0};
    struct err why = {0};
    const struct query *q = f->query;
    if (s->reason[0]) {
        set_reason(f, s, s->reason);
        return 0;
    }
    struct forecast_ask ask = {s->steps.values,
                               s->steps.count,
                               steps_ahead(f, s),
                               f->input->scale,
                               q->has_target ? q->target : (double)NAN,
                               q->draws,
                               q->seed};
    if (ask.horizon == 0)
        return err_set(e, ERR_USAGE, "horizon: a date after the newest value is wanted");
    int code = forecast_make(&ask, &made, &why);
    if (code == ERR_NOT_FOUND) {
        set_reason(f, s, why.text);
        return 0;
    }
    if (code)
        return err_set(e, code, "%s", why.text);
    f->forecasts++;
    set_forecast(f, s, &made);
    set_test(f, s, &made);
    set_models(f, s, &made);
    if (q->has_target)
        set_targets(f, s, &made);
    forecast_done(&made);
    return 0;
}

static void add_titles(struct forecasting *f)
{
    static const char *const parts[TABLES] = {"forecast", "back-test of the forecast",
                                              "models of the forecast",
                                              "when the target is reached"};
    for (size_t i = 0; i < f->tables.count; i++)
        table_title(f->tables.at[i], "%s, %s%s: %s", f->input->title,
                    f->input->keys.by == BY_WORLD ? "" : "by ", by_title(f->input->keys.by),
                    parts[i]);
}

static void add_notes(struct forecasting *f)
{
    struct table *t = f->tables.at[TABLE_FORECAST], *test = f->tables.at[TABLE_TEST];
    size_t filled = 0;
    for (size_t i = 0; i < f->input->list.count; i++)
        filled += f->input->list.at[i].steps.filled;
    table_note(t, "A forecast goes on from what was seen; it knows of no plan and of no event. See "
                  "the back-test for how often outcomes fell into such intervals.");
    if (filled > 0)
        table_note(t,
                   "%zu steps without a value are filled in proportion between their neighbours.",
                   filled);
    table_note(test, "In the back-test each forecast is made with what was known on its day, and "
                     "held against what came.");
    if (f->input->view.count > 0)
        table_note(t, "By the records' own dates: what was returned since is missing from the "
                      "history.");
    keys_note(&f->input->keys, t);
}

static int compute(struct forecasting *f, struct err *e)
{
    int code = add_tables(f, e);
    for (size_t i = 0; i < f->input->list.count && code == 0; i++)
        code = make_one(f, &f->input->list.at[i], e);
    if (code)
        return code;
    if (f->forecasts == 0 && f->input->list.count == 1) {
        const struct cell *c =
            table_cell(f->tables.at[TABLE_TEST], 0, f->columns[TABLE_TEST].at[7]);
        return err_set(e, ERR_NOT_FOUND, "no forecast: %s", c->text);
    }
    add_titles(f);
    add_notes(f);
    for (size_t i = 0; i < f->tables.count; i++)
        code = f->tables.at[i]->failed ? err_memory(e) : code;
    return code;
}

static int add_basis(const struct measure *m, const struct query *q, struct forecast_input *in,
                     struct measure_tables *tables, struct err *e)
{
    struct beside beside = {.inputs = in->inputs.list.at, .count = in->inputs.list.count};
    int code = 0;
    for (size_t i = 0; i < tables->count && code == 0; i++)
        code = view_basis(m, q, "forecast", &in->view, &beside, false, tables->at[i], e);
    return code;
}

int measure_forecast(const struct measure *m, const struct query *q, struct measure_tables *ret,
                     struct err *e)
{
    struct forecast_input in;
    int code = forecast_input_load(m, q, &in, e);
    if (code)
        return code;
    struct forecasting f = {.query = q, .input = &in};
    code = compute(&f, e);
    if (code == 0)
        code = add_basis(m, q, &in, &f.tables, e);
    forecast_input_done(&in);
    if (code)
        measure_tables_free(&f.tables);
    else
        *ret = f.tables;
    return code;
}
