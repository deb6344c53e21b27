// SPDX-License-Identifier: Apache-2.0
//
// Distributions, quantiles and fits against the GNU Scientific Library, textbooks and a published
// reference data set.

#include "measure/statistics.h"
#include "support.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_multifit_nlinear.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>

static void check_near(double value, double want, double part)
{
    if (!(fabs(value - want) <= part * (1e-9 + fabs(want))))
        fail_msg("%.15g is not %.15g", value, want);
}

static double between(struct random *r, double low, double high)
{
    return low + (high - low) * random_uniform(r);
}

static void distributions_are_those_of_gsl(void **state)
{
    (void)state;
    struct random r;
    random_begin(&r, 1);
    for (int i = 0; i < 3000; i++) {
        double a = exp(between(&r, -1, 6)), b = exp(between(&r, -1, 6)), p = random_uniform(&r);
        double t = between(&r, -8, 8), spread = sqrt(a * b / (a + b + 1)) / (a + b);
        double x = fmin(fmax(a / (a + b) + between(&r, -3, 3) * spread, 0.001), 0.999);
        check_near(beta_cdf(a, b, x), gsl_cdf_beta_P(x, a, b), 1e-8);
        check_near(beta_cdf(a, b, beta_quantile(a, b, p)), p, 1e-8);
        check_near(student_cdf(a, t), gsl_cdf_tdist_P(t, a), 1e-8);
        check_near(gsl_cdf_tdist_P(student_quantile(a, p), a), p, 1e-8);
        check_near(normal_cdf(t), gsl_cdf_ugaussian_P(t), 1e-12);
    }
    check_near(student_quantile(2, 0.95), 2.919985580, 1e-9); // printed tables
    check_near(student_quantile(10, 0.975), 2.228138852, 1e-9);
    assert_true(beta_cdf(2, 3, -1) == 0 && beta_cdf(2, 3, 0) == 0 && beta_cdf(2, 3, 2) == 1);
}

static void quantiles_are_those_of_gsl(void **state)
{
    (void)state;
    struct random r;
    random_begin(&r, 2);
    double values[40];
    for (size_t count = 1; count <= 40; count++) {
        for (size_t i = 0; i < count; i++)
            values[i] = between(&r, -5, 5);
        sort_doubles(values, count);
        for (int p = 0; p <= 20; p++)
            check_near(sorted_quantile(values, count, p / 20.0),
                       gsl_stats_quantile_from_sorted_data(values, 1, count, p / 20.0), 1e-9);
    }
    assert_true(isnan(sorted_quantile(values, 0, 0.5)));
}

// Newcombe (1998), table I: Wilson's interval without correction for 81 of 263, 15 of 148, 0 of 20
// and 1 of 29.
static void intervals_are_the_published_ones(void **state)
{
    (void)state;
    static const struct {
        double hits, samples, low, high;
    } cases[] = {{81, 263, 0.2553, 0.3662},
                 {15, 148, 0.0624, 0.1605},
                 {0, 20, 0, 0.1611},
                 {1, 29, 0.0061, 0.1718}};
    for (size_t i = 0; i < 4; i++) {
        double n = cases[i].samples, share = cases[i].hits / n;
        struct interval w = interval_wilson(share, n, 0.95);
        assert_true(fabs(w.low - cases[i].low) < 6e-5 && fabs(w.high - cases[i].high) < 6e-5);
        struct interval j = interval_jeffreys(share, n, 0.95);
        double a = cases[i].hits + 0.5, b = n - cases[i].hits + 0.5;
        check_near(j.high, gsl_cdf_beta_Pinv(0.975, a, b), 1e-6);
        check_near(j.low, cases[i].hits > 0 ? gsl_cdf_beta_Pinv(0.025, a, b) : 0, 1e-6);
    }
    struct interval all = interval_jeffreys(1, 50, 0.9);
    assert_true(all.high == 1 && all.low > 0.95 && all.low < 1);
}

static void random_numbers_have_their_moments(void **state)
{
    (void)state;
    struct random r, again;
    random_begin(&r, 7);
    random_begin(&again, 7);
    double sum = 0, squares = 0, gamma[2] = {0};
    int n = 200000;
    for (int i = 0; i < n; i++) {
        double x = random_normal(&r);
        assert_true(x == random_normal(&again));
        sum += x;
        squares += x * x;
    }
    for (int i = 0; i < n; i++) {
        gamma[0] += random_gamma(&r, 0.5);
        gamma[1] += random_gamma(&r, 3);
    }
    assert_true(fabs(sum / n) < 0.01 && fabs(squares / n - 1) < 0.02);
    assert_true(fabs(gamma[0] / n - 0.5) < 0.01 && fabs(gamma[1] / n - 3) < 0.03);
}

// ---- fits

// "Rat42" of the Statistical Reference Datasets (NIST): a logistic curve of the growth of pasture,
// with certified values.
static double rat42(const double *p, double x, const void *arg)
{
    (void)arg;
    return p[0] / (1 + exp(p[1] - p[2] * x));
}

static void fits_have_the_certified_values(void **state)
{
    (void)state;
    static const double x[] = {9, 14, 21, 28, 42, 57, 63, 70, 79};
    static const double y[] = {8.93, 10.8, 18.59, 22.33, 39.35, 56.11, 61.73, 64.62, 67.08};
    static const double starts[2][3] = {{100, 1, 0.1}, {75, 2.5, 0.07}};
    for (size_t i = 0; i < 2; i++) {
        double p[3];
        memcpy(p, starts[i], sizeof p);
        double left = fit_least(rat42, NULL, &(struct fit_points){x, y, 9}, p, 3);
        check_near(p[0], 7.2462237576E+01, 1e-5);
        check_near(p[1], 2.6180768402E+00, 1e-5);
        check_near(p[2], 6.7359200066E-02, 1e-5);
        check_near(left, 8.0565229338E+00, 1e-7);
    }
}

struct noisy {
    double x[60], y[60], weight[60];
    size_t count;
};

static int left_over(const gsl_vector *p, void *arg, gsl_vector *f)
{
    const struct noisy *n = arg;
    for (size_t i = 0; i < n->count; i++)
        gsl_vector_set(f, i, rat42(p->data, n->x[i], NULL) - n->y[i]);
    return GSL_SUCCESS;
}

static void fit_with_gsl(struct noisy *n, double p[3])
{
    gsl_multifit_nlinear_parameters parameters = gsl_multifit_nlinear_default_parameters();
    gsl_multifit_nlinear_fdf fdf = {.f = left_over, .n = n->count, .p = 3, .params = n};
    gsl_multifit_nlinear_workspace *w =
        gsl_multifit_nlinear_alloc(gsl_multifit_nlinear_trust, &parameters, n->count, 3);
    gsl_vector_view start = gsl_vector_view_array(p, 3);
    gsl_vector_view weights = gsl_vector_view_array(n->weight, n->count);
    int info;
    gsl_multifit_nlinear_winit(&start.vector, &weights.vector, &fdf, w);
    gsl_multifit_nlinear_driver(200, 1e-12, 1e-12, 1e-12, NULL, NULL, &info, w);
    for (size_t i = 0; i < 3; i++)
        p[i] = gsl_vector_get(gsl_multifit_nlinear_position(w), i);
    gsl_multifit_nlinear_free(w);
}

static void make_noisy(struct noisy *n, struct random *r, bool strays)
{
    double top = between(r, 30, 90), place = between(r, 2, 4), pace = between(r, 0.1, 0.2);
    n->count = 60;
    for (size_t i = 0; i < 60; i++) {
        n->x[i] = (double)i;
        n->y[i] = rat42((double[]){top, place, pace}, n->x[i], NULL) + 0.5 * random_normal(r);
        n->y[i] += strays && i % 10 == 5 ? 15 : 0;
        n->weight[i] = 1;
    }
}

static void fits_are_those_of_gsl(void **state)
{
    (void)state;
    struct random r;
    random_begin(&r, 3);
    for (int round = 0; round < 50; round++) {
        struct noisy n;
        make_noisy(&n, &r, false);
        double ours[3] = {60, 3, 0.15}, theirs[3] = {60, 3, 0.15};
        fit_least(rat42, NULL, &(struct fit_points){n.x, n.y, n.count}, ours, 3);
        fit_with_gsl(&n, theirs);
        for (size_t i = 0; i < 3; i++)
            check_near(ours[i], theirs[i], 1e-4);
    }
}

// A robust fit is the least squares of the points weighed as it weighs them; points that stray pull
// it ten times less than the plain one.
static void robust_fits_withstand_strays(void **state)
{
    (void)state;
    struct random r;
    random_begin(&r, 4);
    double robust = 0, plain = 0;
    for (int round = 0; round < 30; round++) {
        struct noisy clean, n;
        struct random same = r;
        make_noisy(&clean, &same, false);
        make_noisy(&n, &r, true);
        double p[3][3] = {{60, 3, 0.15}, {60, 3, 0.15}, {60, 3, 0.15}};
        fit_with_gsl(&clean, p[0]);
        fit_with_gsl(&n, p[1]);
        fit_robust(rat42, NULL, &(struct fit_points){n.x, n.y, n.count}, p[2], 3);
        plain += fabs(p[1][0] - p[0][0]);
        robust += fabs(p[2][0] - p[0][0]);
    }
    assert_true(robust < 0.2 * plain);
}

static void what_cannot_be_fitted_is_not(void **state)
{
    (void)state;
    double x[] = {1, 1, 1}, p[3] = {1, 1, 1};
    struct fit_straight line;
    assert_true(isnan(fit_least(rat42, NULL, &(struct fit_points){x, x, 2}, p, 3)));
    assert_true(isnan(fit_robust(rat42, NULL, &(struct fit_points){x, x, 2}, p, 3)));
    assert_false(fit_line(&(struct fit_points){x, x, 3}, &line));
    assert_true(fit_line(&(struct fit_points){(double[]){1, 2, 3}, (double[]){3, 5, 7}, 3}, &line));
    check_near(line.a, 1, 1e-12);
    check_near(line.b, 2, 1e-12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distributions_are_those_of_gsl),
        cmocka_unit_test(quantiles_are_those_of_gsl),
        cmocka_unit_test(intervals_are_the_published_ones),
        cmocka_unit_test(random_numbers_have_their_moments),
        cmocka_unit_test(fits_have_the_certified_values),
        cmocka_unit_test(fits_are_those_of_gsl),
        cmocka_unit_test(robust_fits_withstand_strays),
        cmocka_unit_test(what_cannot_be_fitted_is_not),
    };
    return cmocka_run_group_tests_name("statistics", tests, NULL, NULL);
}
