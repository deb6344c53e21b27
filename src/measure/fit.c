// SPDX-License-Identifier: Apache-2.0
//
// Curves through points.

#include "measure/statistics.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define STEPS_MAX     40
#define SPREAD_PASSES 2
#define DAMPING_MAX   1e12
#define HUBER         1.345 // of the usual spread: 95 % as good as least squares where no point strays
#define MAD_FACTOR    1.482602 // the spread of a normal distribution over its median deviation

struct fit {
    fit_curve *value;
    const void *arg;
    const double *x, *y;
    size_t count, parameters;
    double *left, *sizes; // [count]
    double spread;        // 0: all points weigh the same
};

bool fit_line(const struct fit_points *at, struct fit_straight *ret)
{
    double mx = 0.0, my = 0.0, sxx = 0.0, sxy = 0.0, n = (double)at->count;
    for (size_t i = 0; i < at->count; i++) {
        mx += at->x[i] / n;
        my += at->y[i] / n;
    }
    for (size_t i = 0; i < at->count; i++) {
        sxx += (at->x[i] - mx) * (at->x[i] - mx);
        sxy += (at->x[i] - mx) * (at->y[i] - my);
    }
    if (!(sxx > 0.0))
        return false;
    *ret = (struct fit_straight){my - sxy / sxx * mx, sxy / sxx};
    return true;
}

static double weight_of(const struct fit *f, double left)
{
    double size = fabs(left), limit = HUBER * f->spread;
    return f->spread > 0.0 && size > limit ? limit / size : 1.0;
}

// Huber's loss, twice: squares near, straight far.
static double loss(struct fit *f, const double *p)
{
    double sum = 0, limit = HUBER * f->spread;
    for (size_t i = 0; i < f->count; i++) {
        double left = f->left[i] = f->y[i] - f->value(p, f->x[i], f->arg), size = fabs(left);
        bool far = f->spread > 0.0 && size > limit;
        sum += far ? limit * (2.0 * size - limit) : left * left;
    }
    return sum;
}

static void find_spread(struct fit *f)
{
    for (size_t i = 0; i < f->count; i++)
        f->sizes[i] = fabs(f->left[i]);
    sort_doubles(f->sizes, f->count);
    f->spread = MAD_FACTOR * sorted_quantile(f->sizes, f->count, 0.5);
}

// Gauss's elimination with pivots of a[n][n] s = b; false where there is no one solution.
static bool solve(double a[FIT_PARAMETERS_MAX][FIT_PARAMETERS_MAX], double *b, size_t n, double *s)
{
    for (size_t k = 0; k < n; k++) {
        size_t pivot = k;
        for (size_t i = k + 1; i < n; i++)
            pivot = fabs(a[i][k]) > fabs(a[pivot][k]) ? i : pivot;
        if (!(fabs(a[pivot][k]) > 0.0))
            return false;
        for (size_t j = 0; j < n; j++) {
            double swap = a[k][j];
            a[k][j] = a[pivot][j];
            a[pivot][j] = swap;
        }
        double swap = b[k];
        b[k] = b[pivot];
        b[pivot] = swap;
        for (size_t i = k + 1; i < n; i++) {
            double factor = a[i][k] / a[k][k];
            for (size_t j = k; j < n; j++)
                a[i][j] -= factor * a[k][j];
            b[i] -= factor * b[k];
        }
    }
    for (size_t k = n; k-- > 0;) {
        s[k] = b[k];
        for (size_t j = k + 1; j < n; j++)
            s[k] -= a[k][j] * s[j];
        s[k] /= a[k][k];
    }
    return true;
}

struct normal {
    double matrix[FIT_PARAMETERS_MAX][FIT_PARAMETERS_MAX], side[FIT_PARAMETERS_MAX];
};

// J'WJ and J'W(y - f), with slopes by differences.
static void make_normal(const struct fit *f, const double *p, struct normal *n)
{
    *n = (struct normal){0};
    double moved[FIT_PARAMETERS_MAX], slope[FIT_PARAMETERS_MAX];
    memcpy(moved, p, f->parameters * sizeof *p);
    for (size_t i = 0; i < f->count; i++) {
        double here = f->y[i] - f->left[i], w = weight_of(f, f->left[i]);
        for (size_t j = 0; j < f->parameters; j++) {
            double step = 1e-7 * fmax(1.0, fabs(p[j]));
            moved[j] = p[j] + step;
            slope[j] = (f->value(moved, f->x[i], f->arg) - here) / step;
            moved[j] = p[j];
        }
        for (size_t j = 0; j < f->parameters; j++) {
            for (size_t k = 0; k < f->parameters; k++)
                n->matrix[j][k] += w * slope[j] * slope[k];
            n->side[j] += w * slope[j] * f->left[i];
        }
    }
}

static bool damped_step(const struct fit *f, struct normal n, double damping, double *ret)
{
    for (size_t j = 0; j < f->parameters; j++)
        n.matrix[j][j] += damping * fmax(n.matrix[j][j], 1e-9);
    return solve(n.matrix, n.side, f->parameters, ret);
}

// Goes down from p until a step gains next to nothing; returns the loss.
static double descend(struct fit *f, double *p)
{
    double damping = 1e-3, now = loss(f, p), step[FIT_PARAMETERS_MAX], next[FIT_PARAMETERS_MAX];
    struct normal n;
    for (int i = 0; i < STEPS_MAX && isfinite(now); i++) {
        bool gained = false;
        double before = now;
        make_normal(f, p, &n);
        while (!gained && damping < DAMPING_MAX) {
            double there = (double)INFINITY;
            if (damped_step(f, n, damping, step)) {
                for (size_t j = 0; j < f->parameters; j++)
                    next[j] = p[j] + step[j];
                there = loss(f, next);
            }
            gained = there < now;
            damping *= gained ? 0.1 : 10.0;
            if (gained) {
                now = there;
                memcpy(p, next, f->parameters * sizeof *p);
            }
        }
        loss(f, p);
        if (!gained || before - now <= 1e-8 * before)
            break;
        damping = fmax(damping, 1e-9);
    }
    return now;
}

static bool fit_open(struct fit *f, fit_curve *value, const void *arg, const struct fit_points *at,
                     size_t parameters)
{
    *f = (struct fit){.value = value, .arg = arg, .x = at->x, .y = at->y, .count = at->count};
    f->parameters = parameters;
    if (at->count < parameters || parameters > FIT_PARAMETERS_MAX)
        return false;
    f->left = malloc(2 * at->count * sizeof *f->left);
    f->sizes = f->left ? f->left + at->count : NULL;
    return f->left;
}

double fit_least(fit_curve *value, const void *arg, const struct fit_points *at, double *p,
                 size_t parameters)
{
    struct fit f;
    if (!fit_open(&f, value, arg, at, parameters))
        return (double)NAN;
    double end = descend(&f, p);
    free(f.left);
    return isfinite(end) ? end : (double)NAN;
}

double fit_robust(fit_curve *value, const void *arg, const struct fit_points *at, double *p,
                  size_t parameters)
{
    struct fit f;
    if (!fit_open(&f, value, arg, at, parameters))
        return (double)NAN;
    loss(&f, p);
    double end = (double)NAN;
    for (int pass = 0; pass < SPREAD_PASSES; pass++) {
        find_spread(&f);
        end = descend(&f, p);
    }
    free(f.left);
    return isfinite(end) ? end : (double)NAN;
}
