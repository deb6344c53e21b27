// SPDX-License-Identifier: Apache-2.0
//
// Forecasts of one series, on numbers alone: steps of equal length go in, intervals come out.
//
//     struct forecast f;
//     forecast_make(&(struct forecast_ask){values, count, 40, FORECAST_SHARE, 50.0, 4000, 1}, &f,
//     &e);
//     ... f.steps[39].quantile[FORECAST_Q95] ...
//     forecast_done(&f);
//
// Every figure that judges a model is out of sample. At each *origin*, a step in the past, each
// model is fitted to what lay before it, and its forecasts are held against what came. How wide the
// intervals are follows from those errors alone: they grow with a power of the horizon, which is
// fitted to the horizons that were seen; recent errors weigh more; and there are few independent
// ones, so Student's distribution has few degrees of freedom. The same is done at each origin with
// what was known then, and the share of outcomes that fell into those intervals is the coverage.
//
// Inside: forecast_models.c (curves and smoothing), forecast_test.c (origins, errors, choice,
// spread), forecast_make.c (intervals, coverage, targets).

#ifndef MEASURE_FORECAST_H
#define MEASURE_FORECAST_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// On which scale changes are of one size: the angle of shares, the root of counts; on both, chance
// moves large and small values equally far.
enum forecast_scale {
    FORECAST_SHARE, // percent
    FORECAST_COUNT, // not negative
};

double forecast_to_scale(enum forecast_scale s, double value);
double forecast_from_scale(enum forecast_scale s, double z);

enum forecast_model {
    MODEL_NAIVE,    // stays as it is
    MODEL_DRIFT,    // goes on as on the whole
    MODEL_DAMPED,   // goes on as of late, ever slower
    MODEL_LOGISTIC, // to a ceiling, symmetric
    MODEL_GOMPERTZ, // to a ceiling, slower at the end
    MODEL_BASS,     // to a ceiling, by innovation and imitation
    MODEL_MEDIAN,   // the middle one of the five before it
};
#define FORECAST_MODELS 7

#define FORECAST_FIRST_ORIGIN 16   // steps that a model is fitted to at least
#define FORECAST_STEPS_MIN    24   // of history
#define FORECAST_STEPS_MAX    1200 // of history, and ahead: a hundred years of months
#define FORECAST_ORIGINS_MAX  48   // of the back-test, evenly spread

// Forecasts on the scale for the steps 1..horizon after z[count - 1], count at least 2. ERR_MEMORY.
int forecast_models(const double *z, size_t count, size_t horizon, enum forecast_scale scale,
                    double *const ret[FORECAST_MODELS], struct err *e);

// ---- what is asked and answered

struct forecast_ask {
    const double *values; // at each step; the last is the newest
    size_t count, horizon;
    enum forecast_scale scale;
    double target;  // NaN: none
    unsigned draws; // of paths to the target
    uint64_t seed;
};

enum forecast_quantile {
    FORECAST_Q05,
    FORECAST_Q25,
    FORECAST_Q50,
    FORECAST_Q75,
    FORECAST_Q95,
};
#define FORECAST_QUANTILES 5

struct forecast_step {
    double quantile[FORECAST_QUANTILES]; // of counts: whole numbers, rounded away from the middle
};

struct forecast_score {
    double error;  // mean absolute error in the back-test, in the series' unit
    double skill;  // 1 - error / that of the naive forecast; NaN where that has none
    double p;      // that chance alone makes a model look so much better than the naive one, up to
                   // `reach` steps ahead; NaN: too few errors to tell
    size_t errors; // how many
};

struct forecast_coverage {
    size_t count, inside50, inside90; // outcomes
    double width90;                   // mean width of the 90 % interval, in the series' unit
};

struct forecast {
    struct forecast_step *steps; // [horizon]
    size_t horizon, origins;     // origins of the back-test
    size_t reach;                // see forecast_score.p
    enum forecast_model chosen;
    struct forecast_score scores[FORECAST_MODELS];
    struct forecast_coverage coverage;
    double reached;      // share of the draws that reach the target within the horizon; NaN
    double target_at[3]; // the step by which 10, 50 and 90 % of them do; NaN: not in this horizon
};

// ERR_NOT_FOUND: the history is shorter than FORECAST_STEPS_MIN, or nothing ever changed in it.
int forecast_make(const struct forecast_ask *ask, struct forecast *ret, struct err *e);
void forecast_done(struct forecast *f);

// Can the model be told from the naive one?
bool forecast_is_skilled(const struct forecast *f, enum forecast_model m);

#endif
