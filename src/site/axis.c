// SPDX-License-Identifier: Apache-2.0

#include "site/axis.h"

#include <math.h>

// 1, 2 or 5 times a power of ten, not below `least`.
static double round_step(double least)
{
    double power = pow(10, floor(log10(least)));
    double times = least / power;
    return power * (times <= 1.0001 ? 1 : times <= 2.0001 ? 2 : times <= 5.0001 ? 5 : 10);
}

void axis_mark(struct axis *a, double step)
{
    double first = ceil(a->low / step - 1e-9) * step;
    double power = floor(log10(step) + 1e-9);
    a->mark_count = 0;
    a->decimals = power < 0 && power > -12 ? (unsigned)-power : 0;
    for (unsigned i = 0; a->mark_count < AXIS_MARKS_MAX; i++) {
        double value = first + i * step;
        if (value > a->high + step * 1e-6)
            return;
        a->marks[a->mark_count++] = fabs(value) < step * 1e-6 ? 0 : value;
    }
}

// Powers of ten, every second or third of them where there are many.
static void mark_powers(struct axis *a, unsigned wanted)
{
    double first = floor(log10(a->low) + 1e-9), last = ceil(log10(a->high) - 1e-9);
    if (last <= first)
        last = first + 1;
    int step = (int)ceil((last - first) / wanted);
    a->low = pow(10, first);
    a->high = pow(10, last);
    a->decimals = first < 0 && first > -12 ? (unsigned)-first : 0;
    a->mark_count = 0;
    for (int p = (int)first; p <= (int)last && a->mark_count < AXIS_MARKS_MAX; p += step)
        a->marks[a->mark_count++] = pow(10, p);
}

void axis_round(struct axis *a, unsigned wanted)
{
    if (a->logarithmic) {
        mark_powers(a, wanted);
        return;
    }
    if (a->high <= a->low)
        a->high = a->low + (a->low != 0 ? fabs(a->low) : 1);
    double step = round_step((a->high - a->low) / wanted);
    a->low = floor(a->low / step + 1e-9) * step;
    a->high = ceil(a->high / step - 1e-9) * step;
    axis_mark(a, step);
}

double axis_place(const struct axis *a, double value)
{
    double low = a->low, high = a->high;
    if (a->logarithmic) {
        low = log10(low);
        high = log10(high);
        value = log10(value);
    }
    return a->start + (a->end - a->start) * (high > low ? (value - low) / (high - low) : 0.5);
}
