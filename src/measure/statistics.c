// SPDX-License-Identifier: Apache-2.0

#include "measure/statistics.h"

#include "base/splitmix.h"

#include <math.h>
#include <stdlib.h>

#define QUANTILE_STEPS 200 // halvings: more than a double has bits, near 0 too
#define FRACTION_STEPS 500 // of the continued fraction; it converges in far fewer
#define TINY           1e-300

double normal_cdf(double x)
{
    return 0.5 * erfc(-x / sqrt(2.0));
}

// The continued fraction of the incomplete beta function (DLMF 8.17.22), by Lentz's method.
static double beta_fraction(double a, double b, double x)
{
    double c = 1.0, d = 1.0 - (a + b) * x / (a + 1.0);
    d = 1.0 / (fabs(d) < TINY ? TINY : d);
    double product = d;
    for (int m = 1; m <= FRACTION_STEPS; m++) {
        double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        for (int half = 0; half < 2; half++) {
            double term = half ? odd : even;
            d = 1.0 + term * d;
            c = 1.0 + term / c;
            d = 1.0 / (fabs(d) < TINY ? TINY : d);
            c = fabs(c) < TINY ? TINY : c;
            product *= d * c;
        }
        if (fabs(d * c - 1.0) < 1e-15)
            break;
    }
    return product;
}

double beta_cdf(double a, double b, double x)
{
    if (!(x > 0.0))
        return isnan(x) ? x : 0.0;
    if (x >= 1.0)
        return 1.0;
    double front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x));
    if (x < (a + 1.0) / (a + b + 2.0))
        return front * beta_fraction(a, b, x) / a;
    return 1.0 - front * beta_fraction(b, a, 1.0 - x) / b;
}

double beta_quantile(double a, double b, double p)
{
    double low = 0.0, high = 1.0;
    for (int i = 0; i < QUANTILE_STEPS && low < high; i++) {
        double middle = 0.5 * (low + high);
        if (beta_cdf(a, b, middle) < p)
            low = middle;
        else
            high = middle;
    }
    return 0.5 * (low + high);
}

double student_cdf(double freedom, double x)
{
    double tail = 0.5 * beta_cdf(0.5 * freedom, 0.5, freedom / (freedom + x * x));
    return x > 0.0 ? 1.0 - tail : tail;
}

double student_quantile(double freedom, double p)
{
    if (p == 0.5)
        return 0.0;
    double tail = p < 0.5 ? p : 1.0 - p;
    double share = beta_quantile(0.5 * freedom, 0.5, 2.0 * tail);
    double size = sqrt(freedom * (1.0 - share) / share);
    return p < 0.5 ? -size : size;
}

// ---- samples

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void sort_doubles(double *values, size_t count)
{
    if (count > 0)
        qsort(values, count, sizeof *values, compare_doubles);
}

double sorted_quantile(const double *sorted, size_t count, double p)
{
    if (count == 0)
        return (double)NAN;
    double at = p * (double)(count - 1);
    size_t below = (size_t)at;
    if (below + 1 >= count)
        return sorted[count - 1];
    double part = at - (double)below;
    return part == 0.0 ? sorted[below] : sorted[below] + part * (sorted[below + 1] - sorted[below]);
}

// ---- intervals

struct interval interval_wilson(double share, double samples, double level)
{
    // The normal quantile is that of Student's distribution with very many degrees of freedom.
    double z = student_quantile(1e9, 0.5 + 0.5 * level), zz = z * z / samples;
    double middle = (share + 0.5 * zz) / (1.0 + zz);
    double half = z / (1.0 + zz) * sqrt(share * (1.0 - share) / samples + zz / (4.0 * samples));
    return (struct interval){fmax(0.0, middle - half), fmin(1.0, middle + half)};
}

struct interval interval_jeffreys(double share, double samples, double level)
{
    double hits = share * samples, a = hits + 0.5, b = samples - hits + 0.5;
    double tail = 0.5 - 0.5 * level;
    return (struct interval){hits > 0.0 ? beta_quantile(a, b, tail) : 0.0,
                             hits < samples ? beta_quantile(a, b, 1.0 - tail) : 1.0};
}

// ---- random numbers

static uint64_t rotate(uint64_t x, unsigned by)
{
    return x << by | x >> (64 - by);
}

// Blackman and Vigna's xoshiro256**, seeded by splitmix64.
static uint64_t random_bits(struct random *r)
{
    uint64_t *s = r->state, result = rotate(s[1] * 5, 7) * 9, shifted = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = rotate(s[3], 45);
    return result;
}

void random_begin(struct random *r, uint64_t seed)
{
    for (int i = 0; i < 4; i++)
        r->state[i] = splitmix64(&seed);
}

double random_uniform(struct random *r)
{
    return ((double)(random_bits(r) >> 12) + 0.5) * 0x1p-52;
}

// Box and Muller's, one of the two.
double random_normal(struct random *r)
{
    double radius = sqrt(-2.0 * log(random_uniform(r)));
    return radius * cos(2.0 * M_PI * random_uniform(r));
}

// Marsaglia and Tsang's; shapes below 1 by their rule u^(1/shape).
double random_gamma(struct random *r, double shape)
{
    if (shape < 1.0) {
        double power = pow(random_uniform(r), 1.0 / shape);
        return random_gamma(r, shape + 1.0) * power;
    }
    double d = shape - 1.0 / 3.0, c = 1.0 / sqrt(9.0 * d);
    for (;;) {
        double x = random_normal(r), v = 1.0 + c * x;
        if (v <= 0.0)
            continue;
        v = v * v * v;
        if (log(random_uniform(r)) < 0.5 * x * x + d - d * v + d * log(v))
            return d * v;
    }
}
