// SPDX-License-Identifier: Apache-2.0
//
// The back-test of one series. Private to forecast*.c.

#ifndef MEASURE_FORECAST_TEST_H
#define MEASURE_FORECAST_TEST_H

#include "measure/forecast.h"

struct backtest {
    const struct forecast_ask *ask;
    double *z;                               // [count]: the values on the scale
    size_t origins;                          // the last of them is the newest step
    size_t origin[FORECAST_ORIGINS_MAX + 1]; // the newest step that is known there
    double *ahead;                           // [origins][FORECAST_MODELS][horizon]
};

int backtest_run(struct backtest *b, const struct forecast_ask *ask, struct err *e);
void backtest_done(struct backtest *b);

// Forecasts made at an origin, on the scale; [horizon].
const double *backtest_ahead(const struct backtest *b, size_t origin, enum forecast_model m);

// Below, errors are those known at the origin `now`: of forecasts whose time had come by then.

// The model that made the least of them, over all horizons; the median of the models unless another
// one made far less.
enum forecast_model backtest_choose(const struct backtest *b, size_t now);

// How far outcomes stray h steps ahead: Student's distribution with `freedom`, times spread_at().
struct spread {
    double size, power, freedom;      // size * h^power
    double history;                   // steps that the errors are from
    double unit;                      // counts: variance that each step adds in any case
    double times[FORECAST_QUANTILES]; // the distribution's quantiles
};

// False where too few errors are known.
bool backtest_spread(const struct backtest *b, size_t now, enum forecast_model m,
                     struct spread *ret);
double spread_at(const struct spread *s, double middle, size_t h);

// How many steps ahead forecasts are compared, to tell skill from chance: of longer ones there are
// too few that share no outcome.
size_t backtest_reach(const struct backtest *b);

struct forecast_score backtest_score(const struct backtest *b, enum forecast_model m);

#endif
