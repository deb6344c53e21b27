// SPDX-License-Identifier: Apache-2.0
//
// Forecasts of series whose law is known: what the intervals promise holds, nothing of the future
// is used, and chance is not taken for skill.

#include "measure/forecast_test.h"
#include "measure/statistics.h"
#include "support.h"

#include <math.h>
#include <string.h>

#define LENGTH_MAX 200

static struct forecast make(const double *values, size_t count, size_t horizon,
                            enum forecast_scale scale, double target)
{
    struct forecast f;
    struct err e;
    struct forecast_ask ask = {values, count, horizon, scale, target, 4000, 1};
    if (forecast_make(&ask, &f, &e))
        fail_msg("%s", e.text);
    return f;
}

// A share that walks at random on the scale; with a drift it rises.
static void walk(struct random *r, double start, double drift, double size, size_t count,
                 double *ret)
{
    double z = forecast_to_scale(FORECAST_SHARE, start);
    for (size_t i = 0; i < count; i++) {
        ret[i] = forecast_from_scale(FORECAST_SHARE, z);
        z = fmin(fmax(z + drift + size * random_normal(r), 0), M_PI_2);
    }
}

static void scales_go_there_and_back(void **state)
{
    (void)state;
    static const double values[] = {0, 0.004, 1, 37.5, 50, 99.99, 100};
    for (size_t i = 0; i < 7; i++)
        for (int s = 0; s < 2; s++) {
            enum forecast_scale scale = s ? FORECAST_COUNT : FORECAST_SHARE;
            double z = forecast_to_scale(scale, values[i]);
            assert_true(fabs(forecast_from_scale(scale, z) - values[i]) < 1e-9);
        }
    assert_true(forecast_from_scale(FORECAST_SHARE, 9) == 100);
    assert_true(forecast_from_scale(FORECAST_SHARE, -9) == 0);
    assert_true(forecast_from_scale(FORECAST_COUNT, -9) == 0);
}

static void walks_stay_inside_as_often_as_promised(void **state)
{
    (void)state;
    struct random r;
    random_begin(&r, 11);
    size_t inside50 = 0, inside90 = 0, all = 0, skilled = 0, series = 60;
    for (size_t i = 0; i < series; i++) {
        double values[LENGTH_MAX];
        walk(&r, 30, 0, 0.01, 100, values);
        struct forecast f = make(values, 80, 20, FORECAST_SHARE, NAN);
        for (size_t h = 0; h < 20; h++) {
            const double *q = f.steps[h].quantile;
            inside50 += values[80 + h] >= q[FORECAST_Q25] && values[80 + h] <= q[FORECAST_Q75];
            inside90 += values[80 + h] >= q[FORECAST_Q05] && values[80 + h] <= q[FORECAST_Q95];
            all++;
        }
        for (unsigned m = 0; m < FORECAST_MODELS; m++)
            skilled += forecast_is_skilled(&f, (enum forecast_model)m);
        forecast_done(&f);
    }
    double share50 = (double)inside50 / (double)all, share90 = (double)inside90 / (double)all;
    print_message("random walks: %.3f in 50 %%, %.3f in 90 %%; %zu of %zu models skilled\n",
                  share50, share90, skilled, series * 6);
    assert_true(share90 > 0.85 && share90 < 0.99);
    assert_true(share50 > 0.40 && share50 < 0.75);
    assert_true(skilled <= series * 6 / 10); // a walk cannot be foretold
}

static void a_trend_is_told_from_chance(void **state)
{
    (void)state;
    struct random r;
    random_begin(&r, 12);
    double values[LENGTH_MAX];
    walk(&r, 1, 0.008, 0.004, 120, values);
    struct forecast f = make(values, 120, 12, FORECAST_SHARE, NAN);
    assert_true(forecast_is_skilled(&f, MODEL_DRIFT) && forecast_is_skilled(&f, f.chosen));
    assert_true(f.scores[MODEL_DRIFT].skill > 0.5 && f.scores[MODEL_NAIVE].skill == 0);
    assert_true(isnan(f.scores[MODEL_NAIVE].p));
    assert_true(f.coverage.count > 0 && f.coverage.inside50 <= f.coverage.inside90);
    assert_true((double)f.coverage.inside90 >= 0.8 * (double)f.coverage.count);
    forecast_done(&f);
}

// Each curve goes on as itself.
static void curves_are_recognized(void **state)
{
    (void)state;
    double values[3][LENGTH_MAX];
    for (size_t i = 0; i < 100; i++) {
        double x = (double)i / 69;
        values[0][i] = 60 / (1 + exp(4 - 6 * x));
        values[1][i] = 60 * exp(-exp(2 - 3 * x));
        values[2][i] = 60 * (1 - exp(-3 * x) + 1e-9) / (1 + exp(3 - 3 * x));
    }
    for (size_t k = 0; k < 3; k++) {
        double z[LENGTH_MAX], room[FORECAST_MODELS][30], *ret[FORECAST_MODELS];
        struct err e;
        for (size_t i = 0; i < 70; i++)
            z[i] = forecast_to_scale(FORECAST_SHARE, values[k][i]);
        for (size_t m = 0; m < FORECAST_MODELS; m++)
            ret[m] = room[m];
        assert_int_equal(forecast_models(z, 70, 30, FORECAST_SHARE, ret, &e), 0);
        for (size_t h = 0; h < 30; h++) {
            double said = forecast_from_scale(FORECAST_SHARE, room[MODEL_LOGISTIC + k][h]);
            if (!(fabs(said - values[k][70 + h]) < 0.2))
                fail_msg("curve %zu, %zu ahead: %.3f, not %.3f", k, h + 1, said, values[k][70 + h]);
        }
    }
}

// What was chosen and foreseen at an origin is the same whatever comes after it.
static void nothing_of_the_future_is_used(void **state)
{
    (void)state;
    struct random r;
    random_begin(&r, 13);
    double one[LENGTH_MAX], other[LENGTH_MAX];
    walk(&r, 5, 0.004, 0.01, 100, one);
    memcpy(other, one, sizeof one);
    for (size_t i = 60; i < 100; i++)
        other[i] = 99;
    struct backtest a, b;
    struct err e;
    struct forecast_ask asks[2] = {{one, 100, 10, FORECAST_SHARE, NAN, 0, 0},
                                   {other, 100, 10, FORECAST_SHARE, NAN, 0, 0}};
    assert_int_equal(backtest_run(&a, &asks[0], &e), 0);
    assert_int_equal(backtest_run(&b, &asks[1], &e), 0);
    size_t seen = 0;
    for (size_t o = 0; o < a.origins; o++) {
        if (a.origin[o] >= 60)
            break;
        struct spread x, y;
        enum forecast_model m = backtest_choose(&a, o);
        assert_int_equal(m, backtest_choose(&b, o));
        assert_memory_equal(backtest_ahead(&a, o, m), backtest_ahead(&b, o, m),
                            10 * sizeof(double));
        bool known = backtest_spread(&a, o, m, &x);
        assert_int_equal(known, backtest_spread(&b, o, m, &y));
        if (known)
            assert_true(x.size == y.size && x.power == y.power);
        seen += known;
    }
    assert_true(seen > 10);
    backtest_done(&a);
    backtest_done(&b);
}

static void targets_are_dates_or_none(void **state)
{
    (void)state;
    struct random r;
    random_begin(&r, 14);
    double values[LENGTH_MAX];
    walk(&r, 5, 0.005, 0.002, 80, values);
    double last = values[79];
    struct forecast f = make(values, 80, 40, FORECAST_SHARE, last + 5);
    assert_true(f.target_at[0] >= 1 && f.target_at[0] <= f.target_at[1]);
    assert_true(f.target_at[1] <= f.target_at[2] || isnan(f.target_at[2]));
    assert_true(f.reached > 0.5 && f.reached <= 1);
    // Where the median is about there, half of the paths are about to be.
    assert_true(f.steps[(size_t)f.target_at[1] - 1].quantile[FORECAST_Q75] > last + 5);
    struct forecast again = make(values, 80, 40, FORECAST_SHARE, last + 5);
    assert_memory_equal(f.target_at, again.target_at, sizeof f.target_at);
    forecast_done(&f);
    forecast_done(&again);
    f = make(values, 80, 40, FORECAST_SHARE, last - 1);
    assert_true(f.reached == 1 && f.target_at[0] == 0 && f.target_at[2] == 0);
    forecast_done(&f);
    f = make(values, 80, 3, FORECAST_SHARE, 99.9);
    assert_true(f.reached < 0.1 && isnan(f.target_at[1]) && isnan(f.target_at[2]));
    forecast_done(&f);
    f = make(values, 80, 3, FORECAST_SHARE, NAN);
    assert_true(isnan(f.reached) && isnan(f.target_at[0]));
    forecast_done(&f);
}

static void counts_are_whole_and_never_certain(void **state)
{
    (void)state;
    double values[LENGTH_MAX] = {0};
    for (size_t i = 0; i < 60; i++)
        values[i] = i < 50 ? 3 : 4;
    struct forecast f = make(values, 60, 20, FORECAST_COUNT, NAN);
    for (size_t h = 0; h < 20; h++) {
        const double *q = f.steps[h].quantile;
        for (size_t i = 0; i < FORECAST_QUANTILES; i++)
            assert_true(q[i] >= 0 && q[i] == floor(q[i]) && (i == 0 || q[i] >= q[i - 1]));
        assert_true(q[FORECAST_Q95] > q[FORECAST_Q05]);
    }
    forecast_done(&f);
}

static void what_cannot_be_forecast_is_refused(void **state)
{
    (void)state;
    double values[LENGTH_MAX] = {0};
    struct forecast f;
    struct err e;
    struct forecast_ask ask = {values, 23, 5, FORECAST_COUNT, NAN, 0, 0};
    assert_int_equal(forecast_make(&ask, &f, &e), ERR_NOT_FOUND);
    assert_non_null(strstr(e.text, "23 steps"));
    ask.count = 50;
    assert_int_equal(forecast_make(&ask, &f, &e), ERR_NOT_FOUND);
    assert_non_null(strstr(e.text, "nothing changed"));
    values[30] = 1;
    ask.horizon = FORECAST_STEPS_MAX + 1;
    assert_int_equal(forecast_make(&ask, &f, &e), ERR_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scales_go_there_and_back),
        cmocka_unit_test(walks_stay_inside_as_often_as_promised),
        cmocka_unit_test(a_trend_is_told_from_chance),
        cmocka_unit_test(curves_are_recognized),
        cmocka_unit_test(nothing_of_the_future_is_used),
        cmocka_unit_test(targets_are_dates_or_none),
        cmocka_unit_test(counts_are_whole_and_never_certain),
        cmocka_unit_test(what_cannot_be_forecast_is_refused),
    };
    return cmocka_run_group_tests_name("forecast", tests, NULL, NULL);
}
