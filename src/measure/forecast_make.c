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

// ---- targets: paths that stray at each step as the intervals do. How an early error lasts follows
// from how errors grow: a power of 0.5 is that of a random walk, one near 1 that of a wrong slope,
// and between them lies fractional Brownian motion (Mandelbrot and Van Ness).

#define RACE_STEPS_MAX 120  // at which a path is looked at; a longer horizon is cut more coarsely
#define POWER_MOST     0.98 // at 1 one draw decides a whole path

struct race {
    size_t count;                   // of the steps looked at
    size_t at[RACE_STEPS_MAX];      // their horizons
    double lack[RACE_STEPS_MAX];    // from the middle to the target, in units of the spread
    double (*root)[RACE_STEPS_MAX]; // of their correlations (Cholesky): lower half
    size_t arrivals[RACE_STEPS_MAX + 1];
};

static double correlation(double power, double h, double k)
{
    double twice = 2.0 * power;
    return 0.5 * (pow(h, twice) + pow(k, twice) - pow(fabs(h - k), twice)) / pow(h * k, power);
}

static void find_root(struct race *r, double power)
{
    for (size_t i = 0; i < r->count; i++)
        for (size_t j = 0; j <= i; j++) {
            double left = correlation(power, (double)r->at[i], (double)r->at[j]);
            for (size_t k = 0; k < j; k++)
                left -= r->root[i][k] * r->root[j][k];
            if (i == j)
                r->root[i][i] = sqrt(fmax(left, 1e-12));
            else
                r->root[i][j] = left / r->root[j][j];
        }
}

// The first place at which one path is there; `count`: at none.
static size_t run_path(const struct race *r, double freedom, struct random *random)
{
    double drawn[RACE_STEPS_MAX];
    double stretch = sqrt(0.5 * freedom / random_gamma(random, 0.5 * freedom));
    for (size_t i = 0; i < r->count; i++) {
        double strayed = 0.0;
        drawn[i] = random_normal(random);
        for (size_t k = 0; k <= i; k++)
            strayed += r->root[i][k] * drawn[k];
        if (stretch * strayed >= r->lack[i])
            return i;
    }
    return r->count;
}

static void prepare_race(const struct backtest *b, const struct spread *s, enum forecast_model m,
                         struct race *r)
{
    const struct forecast_ask *ask = b->ask;
    const double *middle = backtest_ahead(b, b->origins - 1, m);
    double line = forecast_to_scale(ask->scale, ask->target);
    r->count = ask->horizon < RACE_STEPS_MAX ? ask->horizon : RACE_STEPS_MAX;
    for (size_t i = 0; i < r->count; i++) {
        size_t h = r->at[i] = (i + 1) * ask->horizon / r->count;
        r->lack[i] = (line - middle[h - 1]) / spread_at(s, middle[h - 1], h);
    }
    find_root(r, fmin(fmax(s->power, 0.5), POWER_MOST));
}

static void read_targets(const struct race *r, unsigned draws, struct forecast *f)
{
    static const double shares[3] = {0.1, 0.5, 0.9};
    size_t there = 0;
    for (size_t i = 0; i < r->count; i++) {
        there += r->arrivals[i];
        for (size_t k = 0; k < 3; k++)
            if (isnan(f->target_at[k]) && (double)there >= shares[k] * draws)
                f->target_at[k] = (double)r->at[i];
    }
    f->reached = (double)there / draws;
}

static int find_targets(const struct backtest *b, const struct spread *s, struct forecast *f,
                        struct err *e)
{
    const struct forecast_ask *ask = b->ask;
    bool asked = !isnan(ask->target) && ask->draws > 0;
    bool already = asked && ask->values[ask->count - 1] >= ask->target;
    f->reached = already ? 1.0 : (double)NAN;
    f->target_at[0] = f->target_at[1] = f->target_at[2] = already ? 0.0 : (double)NAN;
    if (already || !asked)
        return 0;
    struct random random;
    struct race r = {.root = calloc(RACE_STEPS_MAX, sizeof *r.root)};
    if (!r.root)
        return err_memory(e);
    random_begin(&random, ask->seed);
    prepare_race(b, s, f->chosen, &r);
    for (unsigned i = 0; i < ask->draws; i++)
        r.arrivals[run_path(&r, s->freedom, &random)]++;
    read_targets(&r, ask->draws, f);
    free(r.root);
    return 0;
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
