// SPDX-License-Identifier: Apache-2.0
//
// Origins, errors, choice and spread.

#include "measure/forecast_test.h"

#include "measure/statistics.h"

#include <math.h>
#include <stdlib.h>

// Set once, so that intervals held what they promise over the numbers of delegations of 160
// economies as they stood from 2005 to 2020 and by their dates to 2025, 5 and 10 years ahead; not
// fitted to any series of users.
#define CHOICE_HALF    0.2  // of the history: so much older, an error weighs half in the choice
#define CHOICE_MARGIN  0.75 // of the median's errors: what a single model must stay under
#define SPREAD_HALF    0.12 // as CHOICE_HALF, for the spread
#define SPREAD_ERRORS  4    // of a horizon, before it counts
#define SPREAD_SIZE    0.55 // of the root mean square error: Student's tails do the rest
#define SPREAD_FREEDOM 2.0
#define SPREAD_AHEAD   2.5 // variance more, where one looks as far ahead as the history goes back
#define CHANCE_BLOCKS  6   // at least, to tell skill from chance
#define POWER_USUAL    0.8 // between a random walk (0.5) and a wrong slope (1)
#define POWER_WEIGHT   10.0

static const double levels[FORECAST_QUANTILES] = {0.05, 0.25, 0.5, 0.75, 0.95};

// ---- running

static void place_origins(struct backtest *b)
{
    size_t first = FORECAST_FIRST_ORIGIN - 1, all = b->ask->count - 1 - first;
    size_t pieces = all < FORECAST_ORIGINS_MAX ? all : FORECAST_ORIGINS_MAX;
    b->origins = pieces + 1;
    for (size_t i = 0; i <= pieces; i++)
        b->origin[i] = first + all * i / pieces;
}

int backtest_run(struct backtest *b, const struct forecast_ask *ask, struct err *e)
{
    *b = (struct backtest){.ask = ask};
    place_origins(b);
    b->z = calloc(ask->count, sizeof *b->z);
    b->ahead = calloc(b->origins * FORECAST_MODELS * ask->horizon, sizeof *b->ahead);
    if (!b->z || !b->ahead)
        return err_memory(e);
    for (size_t i = 0; i < ask->count; i++)
        b->z[i] = forecast_to_scale(ask->scale, ask->values[i]);
    int code = 0;
    for (size_t o = 0; o < b->origins && code == 0; o++) {
        double *ret[FORECAST_MODELS];
        for (size_t m = 0; m < FORECAST_MODELS; m++)
            ret[m] = b->ahead + (o * FORECAST_MODELS + m) * ask->horizon;
        code = forecast_models(b->z, b->origin[o] + 1, ask->horizon, ask->scale, ret, e);
    }
    return code;
}

void backtest_done(struct backtest *b)
{
    free(b->z);
    free(b->ahead);
    *b = (struct backtest){0};
}

const double *backtest_ahead(const struct backtest *b, size_t origin, enum forecast_model m)
{
    return b->ahead + (origin * FORECAST_MODELS + m) * b->ask->horizon;
}

// ---- errors

// How many of the origins before `now` have an outcome h steps later that is known then.
static size_t known_origins(const struct backtest *b, size_t now, size_t h)
{
    size_t count = 0;
    while (count < now && b->origin[count] + h <= b->origin[now])
        count++;
    return count;
}

static double error_of(const struct backtest *b, size_t o, enum forecast_model m, size_t h)
{
    return b->z[b->origin[o] + h] - backtest_ahead(b, o, m)[h - 1];
}

// Half for each `half` of the history that the outcome lies back.
static double recency(const struct backtest *b, size_t now, size_t o, size_t h, double half)
{
    double ago = (double)(b->origin[now] - b->origin[o] - h);
    return exp2(-ago / (half * (double)b->origin[now]));
}

// ---- the choice

// Adds each model's errors at one horizon, as parts of the naive one's. A horizon weighs by its
// errors and so that each doubling of it counts the same.
static void weigh_models(const struct backtest *b, size_t now, size_t h, double *sums)
{
    double sizes[FORECAST_MODELS] = {0};
    size_t count = known_origins(b, now, h);
    for (size_t o = 0; o < count; o++) {
        double weight = recency(b, now, o, h, CHOICE_HALF);
        for (size_t m = 0; m < FORECAST_MODELS; m++)
            sizes[m] += weight * fabs(error_of(b, o, (enum forecast_model)m, h));
    }
    if (sizes[MODEL_NAIVE] > 0.0)
        for (size_t m = 0; m < FORECAST_MODELS; m++)
            sums[m] += (double)count / (double)h * sizes[m] / sizes[MODEL_NAIVE];
}

enum forecast_model backtest_choose(const struct backtest *b, size_t now)
{
    double sums[FORECAST_MODELS] = {0};
    for (size_t h = 1; h <= b->ask->horizon; h++)
        weigh_models(b, now, h, sums);
    enum forecast_model best = MODEL_MEDIAN;
    double least = CHOICE_MARGIN * sums[MODEL_MEDIAN];
    for (size_t m = 0; m < MODEL_MEDIAN; m++)
        if (sums[m] < least) {
            least = sums[m];
            best = (enum forecast_model)m;
        }
    return best;
}

// ---- the spread

static double mean_square(const struct backtest *b, size_t now, enum forecast_model m, size_t h,
                          size_t count)
{
    double squares = 0.0, weights = 0.0;
    for (size_t o = 0; o < count; o++) {
        double weight = recency(b, now, o, h, SPREAD_HALF), error = error_of(b, o, m, h);
        squares += weight * error * error;
        weights += weight;
    }
    return squares / weights;
}

// The line of the logarithms: of the root mean square error over the horizon's.
struct sums {
    double weight, x, y, xx, xy;
};

static void add_horizon(struct sums *s, double weight, double x, double y)
{
    s->weight += weight;
    s->x += weight * x;
    s->y += weight * y;
    s->xx += weight * x * x;
    s->xy += weight * x * y;
}

static void fit_power(const struct sums *s, struct spread *ret)
{
    double mx = s->x / s->weight, my = s->y / s->weight;
    double varies = s->xx - s->x * mx, together = s->xy - s->y * mx;
    ret->power = (together + POWER_WEIGHT * POWER_USUAL) / (varies + POWER_WEIGHT);
    ret->size = SPREAD_SIZE * exp(my - ret->power * mx);
}

bool backtest_spread(const struct backtest *b, size_t now, enum forecast_model m,
                     struct spread *ret)
{
    struct sums sums = {0};
    bool any = false;
    double history = (double)(b->origin[now] - b->origin[0]);
    for (size_t h = 1; h <= b->ask->horizon; h++) {
        size_t count = known_origins(b, now, h);
        if (count < SPREAD_ERRORS)
            break;
        double square = mean_square(b, now, m, h, count);
        if (square > 0.0)
            add_horizon(&sums, history / (double)h, log((double)h), 0.5 * log(square));
        any = true;
    }
    if (!any)
        return false;
    *ret = (struct spread){.power = POWER_USUAL, .freedom = SPREAD_FREEDOM, .history = history};
    for (size_t i = 0; i < FORECAST_QUANTILES; i++)
        ret->times[i] = student_quantile(SPREAD_FREEDOM, levels[i]);
    // As likely as once in the whole history, a count changes by one.
    if (b->ask->scale == FORECAST_COUNT)
        ret->unit = 1.0 / (double)(b->origin[now] + 1);
    if (sums.weight > 0.0)
        fit_power(&sums, ret);
    return true;
}

double spread_at(const struct spread *s, double middle, size_t h)
{
    double grown = s->size * pow((double)h, s->power);
    double far = 1.0 + SPREAD_AHEAD * (double)h / s->history;
    // A count of x is a root of sqrt(x): a unit of one is 1 / (2 sqrt(x)) of the other.
    double unit = s->unit * (double)h * 0.25 / fmax(0.25, middle * middle);
    return sqrt(grown * grown * far + unit);
}

// ---- judging

// The error in the series' unit.
static double loss(const struct backtest *b, size_t o, enum forecast_model m, size_t h)
{
    double said = forecast_from_scale(b->ask->scale, backtest_ahead(b, o, m)[h - 1]);
    return fabs(b->ask->values[b->origin[o] + h] - said);
}

static size_t horizons_known(const struct backtest *b, size_t o)
{
    size_t left = b->ask->count - 1 - b->origin[o];
    return left < b->ask->horizon ? left : b->ask->horizon;
}

size_t backtest_reach(const struct backtest *b)
{
    size_t apart = (b->ask->count - 1 - b->origin[0]) / CHANCE_BLOCKS;
    return apart < 1 ? 1 : apart < b->ask->horizon ? apart : b->ask->horizon;
}

// What the model gains on the naive one at an origin, a step.
static double gain_at(const struct backtest *b, size_t o, enum forecast_model m, size_t reach)
{
    size_t known = b->ask->count - 1 - b->origin[o];
    known = known < reach ? known : reach;
    double gain = 0.0;
    for (size_t h = 1; h <= known; h++)
        gain += loss(b, o, MODEL_NAIVE, h) - loss(b, o, m, h);
    return gain / (double)known;
}

// Forecasts from neighbouring origins share most of their outcomes, so their gains are averaged
// over blocks as long as the forecasts reach, and the blocks' means are put to Student's test,
// one-sided.
static double chance(const struct backtest *b, enum forecast_model m)
{
    double sum = 0.0, squares = 0.0, block = 0.0;
    size_t blocks = 0, inside = 0, begin = 0, reach = backtest_reach(b);
    for (size_t o = 0; o + 1 < b->origins; o++) {
        block += gain_at(b, o, m, reach);
        inside++;
        if (b->origin[o + 1] - b->origin[begin] < reach)
            continue;
        double mean = block / (double)inside;
        sum += mean;
        squares += mean * mean;
        blocks++;
        begin = o + 1;
        block = 0.0;
        inside = 0;
    }
    double n = (double)blocks, spread = squares - sum * sum / n;
    if (blocks < 3 || !(spread > 0.0))
        return (double)NAN;
    double t = sum / n / sqrt(spread / (n - 1.0) / n);
    return student_cdf(n - 1.0, -t);
}

struct forecast_score backtest_score(const struct backtest *b, enum forecast_model m)
{
    struct forecast_score s = {.p = (double)NAN, .skill = (double)NAN};
    double naive = 0.0;
    for (size_t o = 0; o + 1 < b->origins; o++)
        for (size_t h = 1; h <= horizons_known(b, o); h++) {
            s.error += loss(b, o, m, h);
            naive += loss(b, o, MODEL_NAIVE, h);
            s.errors++;
        }
    if (naive > 0.0)
        s.skill = 1.0 - s.error / naive;
    s.error /= (double)s.errors;
    if (m != MODEL_NAIVE)
        s.p = chance(b, m);
    return s;
}
