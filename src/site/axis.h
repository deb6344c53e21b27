// SPDX-License-Identifier: Apache-2.0
//
// An axis: which values it has marks at, and where a value lies on it.

#ifndef SITE_AXIS_H
#define SITE_AXIS_H

#include <stdbool.h>
#include <stddef.h>

#define AXIS_MARKS_MAX 16

struct axis {
    double low, high;  // of the values
    double start, end; // in pixels; end < start where it runs the other way
    bool logarithmic;
    double marks[AXIS_MARKS_MAX];
    size_t mark_count;
    unsigned decimals; // that its marks need
};

// Widens low..high to round values, with about `wanted` marks. Low and high are finite; logarithmic
// ones are above zero.
void axis_round(struct axis *a, unsigned wanted);

// Marks at whole values of `step` within low..high, which stay.
void axis_mark(struct axis *a, double step);

double axis_place(const struct axis *a, double value);

#endif
