// SPDX-License-Identifier: Apache-2.0
//
// The candidates. Each goes on from the newest value: what a curve leaves there is carried along.

#include "measure/forecast.h"
#include "measure/statistics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CEILING_MOST 100.0 // times the largest count: beyond, a ceiling is not felt

double forecast_to_scale(enum forecast_scale s, double value)
{
    if (s == FORECAST_COUNT)
        return sqrt(fmax(0.0, value));
    return asin(sqrt(fmin(fmax(value, 0.0), 100.0) / 100.0));
}

double forecast_from_scale(enum forecast_scale s, double z)
{
    double root = fmax(0.0, s == FORECAST_COUNT ? z : sin(fmin(z, M_PI_2)));
    return s == FORECAST_COUNT ? root * root : 100.0 * root * root;
}

static double sigmoid(double x)
{
    return 1.0 / (1.0 + exp(-x));
}

// ---- curves: parameters are the ceiling, a place and a pace

struct curve {
    enum forecast_scale scale;
    enum forecast_model model;
    double most; // the largest value seen
};

static double ceiling_of(const struct curve *c, double parameter)
{
    if (c->scale == FORECAST_SHARE)
        return 100.0 * sigmoid(parameter);
    return c->most * (1.0 + CEILING_MOST * sigmoid(parameter));
}

static double ceiling_parameter(const struct curve *c, double ceiling)
{
    double part =
        c->scale == FORECAST_SHARE ? ceiling / 100.0 : (ceiling / c->most - 1.0) / CEILING_MOST;
    return log(part / (1.0 - part));
}

// The part of the ceiling that is reached at x, the history being 0..1.
static double part_at(const struct curve *c, const double *p, double x)
{
    if (c->model == MODEL_LOGISTIC)
        return sigmoid(p[1] + p[2] * x);
    if (c->model == MODEL_GOMPERTZ)
        return exp(-exp(fmin(p[1] - p[2] * x, 30.0)));
    double decay = exp(-exp(fmin(p[2], 10.0)) * x);
    return (1.0 - decay + 1e-9) / (1.0 + exp(fmin(-p[1], 30.0)) * decay);
}

static double curve_value(const double *p, double x, const void *arg)
{
    const struct curve *c = arg;
    return forecast_to_scale(c->scale, ceiling_of(c, p[0]) * part_at(c, p, x));
}

// The start: with the ceiling given, the other two make a line.
static bool curve_start(const struct curve *c, const double *x, const double *z, size_t count,
                        double ceiling, double *room, double p[3])
{
    struct fit_straight line;
    for (size_t i = 0; i < count; i++) {
        double part = forecast_from_scale(c->scale, z[i]) / ceiling;
        part = fmin(fmax(part, 1e-6), 1.0 - 1e-6);
        room[i] = c->model == MODEL_GOMPERTZ ? -log(-log(part)) : log(part / (1.0 - part));
    }
    if (!fit_line(&(struct fit_points){x, room, count}, &line))
        return false;
    p[0] = ceiling_parameter(c, ceiling);
    p[1] = c->model == MODEL_GOMPERTZ ? -line.a : line.a;
    p[2] = c->model == MODEL_BASS ? log(fmax(line.b, 0.1)) : line.b;
    return true;
}

struct points {
    const double *z;
    double *x, *room; // [count]
    size_t count;
};

// The best of three starts; NaN: none fits.
static double fit_curve_to(const struct curve *c, const struct points *at, double best[3])
{
    static const double above[] = {1.05, 1.5, 5.0}, of_rest[] = {0.05, 0.4, 0.98};
    struct fit_points points = {at->x, at->z, at->count};
    double least = (double)INFINITY;
    for (size_t start = 0; start < 3; start++) {
        double p[3], ceiling = c->scale == FORECAST_SHARE
                                   ? c->most + of_rest[start] * (100.0 - c->most)
                                   : c->most * above[start];
        if (!curve_start(c, at->x, at->z, at->count, ceiling, at->room, p))
            continue;
        double left = fit_least(curve_value, c, &points, p, 3);
        if (left < least) {
            least = left;
            memcpy(best, p, sizeof p);
        }
    }
    return isfinite(least) ? fit_robust(curve_value, c, &points, best, 3) : (double)NAN;
}

static void forecast_curve(enum forecast_model model, const struct points *at, size_t horizon,
                           enum forecast_scale scale, double *ret)
{
    size_t last = at->count - 1;
    struct curve c = {.scale = scale, .model = model, .most = 0.0};
    for (size_t i = 0; i < at->count; i++)
        c.most = fmax(c.most, forecast_from_scale(scale, at->z[i]));
    double p[3] = {0}, left = c.most > 0.0 ? fit_curve_to(&c, at, p) : (double)NAN;
    double carried = isfinite(left) ? at->z[last] - curve_value(p, 1.0, &c) : 0.0;
    for (size_t h = 1; h <= horizon; h++) {
        double x = 1.0 + (double)h / (double)last;
        ret[h - 1] = isfinite(left) ? curve_value(p, x, &c) + carried : at->z[last];
    }
}

// ---- the damped trend

struct smoothing {
    double level, trend; // how much a new value moves them
    double damping;      // of the trend, each step
};

// Errors are summed of forecasts of 1 step, of half and of all of `reach`.
static double smooth(const struct smoothing *s, const double *z, size_t count, size_t reach,
                     double *ret_level, double *ret_trend)
{
    size_t ahead[3] = {1, (reach + 1) / 2, reach};
    double sum[3], error = 0.0, level = z[0], trend = 0.0;
    for (int k = 0; k < 3; k++)
        sum[k] = s->damping == 1.0
                     ? (double)ahead[k]
                     : s->damping * (1.0 - pow(s->damping, (double)ahead[k])) / (1.0 - s->damping);
    for (size_t i = 1; i < count; i++) {
        double expected = level + s->damping * trend;
        double moved = expected + s->level * (z[i] - expected);
        trend = s->damping * trend + s->trend * (moved - level - s->damping * trend);
        level = moved;
        for (int k = 0; k < 3 && i >= 4; k++)
            if (i + ahead[k] < count)
                error += fabs(z[i + ahead[k]] - level - sum[k] * trend) / sqrt((double)ahead[k]);
    }
    *ret_level = level;
    *ret_trend = trend;
    return error;
}

static void forecast_damped(const double *z, size_t count, size_t horizon, double *ret)
{
    static const double levels[] = {0.3, 0.6, 1.0}, trends[] = {0.02, 0.05, 0.1, 0.2, 0.5},
                        dampings[] = {0.8, 0.9, 0.95, 0.98, 0.99, 1.0};
    size_t reach = horizon < count / 3 ? horizon : count / 3;
    struct smoothing best = {1.0, 0.1, 0.9};
    double least = (double)INFINITY, level, trend;
    for (size_t i = 0; i < 3 * 5 * 6; i++) {
        struct smoothing s = {levels[i % 3], trends[i / 3 % 5], dampings[i / 15]};
        double error = smooth(&s, z, count, reach, &level, &trend);
        if (error < least) {
            least = error;
            best = s;
        }
    }
    smooth(&best, z, count, reach, &level, &trend);
    double ahead = z[count - 1], step = trend;
    for (size_t h = 0; h < horizon; h++) {
        step *= best.damping;
        ret[h] = ahead += step;
    }
}

// ---- all

static void forecast_line(const double *z, size_t count, size_t horizon, double slope, double *ret)
{
    for (size_t h = 0; h < horizon; h++)
        ret[h] = z[count - 1] + slope * (double)(h + 1);
}

static void forecast_median(size_t horizon, double *const ret[FORECAST_MODELS])
{
    for (size_t h = 0; h < horizon; h++) {
        double at[FORECAST_MODELS];
        size_t count = 0;
        for (size_t m = MODEL_DRIFT; m < MODEL_MEDIAN; m++)
            at[count++] = ret[m][h];
        sort_doubles(at, count);
        ret[MODEL_MEDIAN][h] = sorted_quantile(at, count, 0.5);
    }
}

int forecast_models(const double *z, size_t count, size_t horizon, enum forecast_scale scale,
                    double *const ret[FORECAST_MODELS], struct err *e)
{
    double *room = malloc(2 * count * sizeof *room);
    if (!room)
        return err_memory(e);
    struct points at = {z, room, room + count, count};
    for (size_t i = 0; i < count; i++)
        at.x[i] = (double)i / (double)(count - 1);
    forecast_line(z, count, horizon, 0.0, ret[MODEL_NAIVE]);
    forecast_line(z, count, horizon, (z[count - 1] - z[0]) / (double)(count - 1), ret[MODEL_DRIFT]);
    forecast_damped(z, count, horizon, ret[MODEL_DAMPED]);
    for (enum forecast_model m = MODEL_LOGISTIC; m <= MODEL_BASS; m++)
        forecast_curve(m, &at, horizon, scale, ret[m]);
    forecast_median(horizon, ret);
    free(room);
    return 0;
}
