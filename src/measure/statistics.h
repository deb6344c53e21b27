// SPDX-License-Identifier: Apache-2.0
//
// Statistics that several measures need: distributions, quantiles, intervals of shares, seeded
// random numbers, and curves fitted to points.

#ifndef MEASURE_STATISTICS_H
#define MEASURE_STATISTICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// ---- distributions

double normal_cdf(double x);
double beta_cdf(double a, double b, double x); // a, b > 0
double beta_quantile(double a, double b, double p);
double student_cdf(double freedom, double x);
double student_quantile(double freedom, double p); // p in (0, 1)

// ---- samples

// The quantile of sorted values, between two of them in proportion (type 7 of Hyndman and Fan). NaN
// where there are none.
double sorted_quantile(const double *sorted, size_t count, double p);
void sort_doubles(double *values, size_t count);

// ---- intervals of a share, in [0, 1], seen in `samples` of which share * samples are hits. The
// probability that the interval holds is `level` (0.9).

struct interval {
    double low, high;
};
struct interval interval_wilson(double share, double samples, double level);
struct interval interval_jeffreys(double share, double samples, double level);

// ---- random numbers: xoshiro256**, the same on every machine

struct random {
    uint64_t state[4];
};
void random_begin(struct random *r, uint64_t seed);
double random_uniform(struct random *r); // in (0, 1)
double random_normal(struct random *r);
double random_gamma(struct random *r, double shape); // scale 1

// ---- fits

// Least squares by Levenberg and Marquardt: `value` is the curve at `x` with the parameters `p`.
// `p` holds the start and, at the end, the fit. Returns the loss, the sum of the squares of what is
// left; NaN where there is no fit.
#define FIT_PARAMETERS_MAX 4
typedef double fit_curve(const double *p, double x, const void *arg);
struct fit_points {
    const double *x, *y;
    size_t count;
};
double fit_least(fit_curve *value, const void *arg, const struct fit_points *at, double *p,
                 size_t parameters);

// The same with Huber's loss, so that points far off pull less.
double fit_robust(fit_curve *value, const void *arg, const struct fit_points *at, double *p,
                  size_t parameters);

// y = a + b x by least squares. False where x does not vary.
struct fit_straight {
    double a, b;
};
bool fit_line(const struct fit_points *at, struct fit_straight *ret);

#endif
