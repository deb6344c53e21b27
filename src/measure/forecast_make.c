// SPDX-License-Identifier: Apache-2.0
//
// Intervals, their coverage in the back-test, and the date of a target.

#include "measure/forecast_test.h"
#include "measure/statistics.h"

#include <math.h>
#include <stdlib.h>

#define SIGNIFICANT 0.05

static struct forecast_step step_at(const struct backtest *b, const struct spread *s, double middle,
                                    size_t h)
{
    struct forecast_step step;
    enum forecast_scale scale = b->ask->scale;
    double wide = spread_at(s, middle, h);
    for (size_t i = 0; i < FORECAST_QUANTILES; i++) {
        double z = middle + wide * s->times[i];
        double value = forecast_from_scale(scale, z);
        if (scale == FORECAST_COUNT)
            value = i < FORECAST_Q50    ? floor(value)
                    : i == FORECAST_Q50 ? round(value)
                                        : ceil(value);
        step.quantile[i] = value;
    }
    return step;
}

// ---- coverage

static void count_outcome(const struct forecast_step *s, double value, struct forecast_coverage *c)
{
    c->count++;
    c->inside50 += value >= s->quantile[FORECAST_Q25] && value <= s->quantile[FORECAST_Q75];
    c->inside90 += value >= s->quantile[FORECAST_Q05] && value <= s->quantile[FORECAST_Q95];
    c->width90 += s->quantile[FORECAST_Q95] - s->quantile[FORECAST_Q05];
}

static void find_coverage(const struct backtest *b, struct forecast_coverage *c)
{
    struct spread spread;
    for (size_t o = 0; o + 1 < b->origins; o++) {
        enum forecast_model m = backtest_choose(b, o);
        if (!backtest_spread(b, o, m, &spread))
            continue;
        const double *ahead = backtest_ahead(b, o, m);
        for (size_t h = 1; h <= b->ask->horizon && b->origin[o] + h < b->ask->count; h++) {
            struct forecast_step step = step_at(b, &spread, ahead[h - 1], h);
            count_outcome(&step, b->ask->values[b->origin[o] + h], c);
        }
    }
    c->width90 /= (double)c->count;
}

// ---- targets: paths whose spread at each step is that of the intervals, and grows by chance alone

struct race {
    const double *middle, *wide; // [horizon]
    double line;                 // the target on the scale
    size_t horizon;
};

// The first step at which one path is there; horizon + 1: at none.
static size_t run_path(const struct race *r, double freedom, struct random *random)
{
    double stretch = sqrt(0.5 * freedom / random_gamma(random, 0.5 * freedom));
    double strayed = 0.0, before = 0.0;
    for (size_t h = 0; h < r->horizon; h++) {
        double more = fmax(0.0, r->wide[h] * r->wide[h] - before);
        before += more;
        strayed += sqrt(more) * random_normal(random);
        if (r->middle[h] + stretch * strayed >= r->line)
            return h + 1;
    }
    return r->horizon + 1;
}

static void read_targets(const size_t *arrivals, const struct race *r, unsigned draws,
                         struct forecast *f)
{
    static const double shares[3] = {0.1, 0.5, 0.9};
    size_t there = 0;
    for (size_t h = 0; h <= r->horizon; h++) {
        there += arrivals[h];
        for (size_t i = 0; i < 3; i++)
            if (isnan(f->target_at[i]) && (double)there >= shares[i] * draws)
                f->target_at[i] = (double)h;
    }
    f->reached = (double)there / draws;
}

static int find_targets(const struct backtest *b, const struct spread *s, struct forecast *f,
                        struct err *e)
{
    const struct forecast_ask *ask = b->ask;
    f->reached = f->target_at[0] = f->target_at[1] = f->target_at[2] = (double)NAN;
    if (isnan(ask->target) || ask->draws == 0)
        return 0;
    double *wide = calloc(ask->horizon, sizeof *wide);
    size_t *arrivals = calloc(ask->horizon + 2, sizeof *arrivals);
    struct race r = {backtest_ahead(b, b->origins - 1, f->chosen), wide,
                     forecast_to_scale(ask->scale, ask->target), ask->horizon};
    bool room = wide && arrivals;
    if (room) {
        struct random random;
        random_seed(&random, ask->seed);
        for (size_t h = 0; h < ask->horizon; h++)
            wide[h] = spread_at(s, r.middle[h], h + 1);
        for (unsigned i = 0; i < ask->draws; i++)
            arrivals[ask->values[ask->count - 1] >= ask->target
                         ? 0
                         : run_path(&r, s->freedom, &random)]++;
        read_targets(arrivals, &r, ask->draws, f);
    }
    free(wide);
    free(arrivals);
    return room ? 0 : err_memory(e);
}

// ---- all

static bool ever_changed(const struct forecast_ask *ask)
{
    for (size_t i = 1; i < ask->count; i++)
        if (ask->values[i] != ask->values[i - 1])
            return true;
    return false;
}

static int check_ask(const struct forecast_ask *ask, struct err *e)
{
    if (ask->count < FORECAST_STEPS_MIN)
        return err_set(e, ERR_NOT_FOUND,
                       "a history of %zu steps is too short for a forecast: %d are wanted",
                       ask->count, FORECAST_STEPS_MIN);
    if (!ever_changed(ask))
        return err_set(e, ERR_NOT_FOUND, "nothing changed in %zu steps: nothing to forecast from",
                       ask->count);
    if (ask->count > FORECAST_STEPS_MAX || ask->horizon > FORECAST_STEPS_MAX || ask->horizon == 0)
        return err_set(e, ERR_LIMIT, "%zu steps of history and %zu ahead: 1 to %d are wanted",
                       ask->count, ask->horizon, FORECAST_STEPS_MAX);
    return 0;
}

static int fill(const struct backtest *b, struct forecast *f, struct err *e)
{
    size_t last = b->origins - 1;
    struct spread spread;
    f->chosen = backtest_choose(b, last);
    f->origins = last;
    f->reach = backtest_reach(b);
    f->steps = calloc(f->horizon, sizeof *f->steps);
    if (!f->steps)
        return err_memory(e);
    if (!backtest_spread(b, last, f->chosen, &spread))
        return err_set(e, ERR_NOT_FOUND,
                       "too few outcomes are known to say how sure a forecast is");
    for (size_t h = 1; h <= f->horizon; h++)
        f->steps[h - 1] = step_at(b, &spread, backtest_ahead(b, last, f->chosen)[h - 1], h);
    for (size_t m = 0; m < FORECAST_MODELS; m++)
        f->scores[m] = backtest_score(b, (enum forecast_model)m);
    find_coverage(b, &f->coverage);
    return find_targets(b, &spread, f, e);
}

int forecast_make(const struct forecast_ask *ask, struct forecast *ret, struct err *e)
{
    struct backtest b;
    struct forecast made = {.horizon = ask->horizon};
    int code = check_ask(ask, e);
    if (code)
        return code;
    code = backtest_run(&b, ask, e);
    if (code == 0)
        code = fill(&b, &made, e);
    backtest_done(&b);
    if (code)
        forecast_done(&made);
    else
        *ret = made;
    return code;
}

void forecast_done(struct forecast *f)
{
    free(f->steps);
    *f = (struct forecast){0};
}

bool forecast_is_skilled(const struct forecast *f, enum forecast_model m)
{
    return f->scores[m].p < SIGNIFICANT; // false for NaN
}
