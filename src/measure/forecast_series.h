// SPDX-License-Identifier: Apache-2.0
//
// What is forecast: series in equal steps, by key, out of the archive. Private to forecast*.c.

#ifndef MEASURE_FORECAST_SERIES_H
#define MEASURE_FORECAST_SERIES_H

#include "measure/dated.h"
#include "measure/forecast.h"
#include "measure/keys.h"
#include "read/observed.h"
#include "store/routes.h"

#define FORECAST_KEYS_MAX 32 // of one question: a tenth of a second or more each

// One value of a day.
struct point {
    date date;
    double value;
};

struct steps {
    date first; // of the first step
    enum period step;
    double *values;
    size_t count;
    size_t filled; // of them between two that were seen, in proportion
};

date steps_first(const struct steps *s, size_t step); // its first day; also beyond the last
date steps_last(const struct steps *s, size_t step);  // its last day

// The finest of month, quarter and year of which two thirds have a value.
enum period steps_suited(const struct point *points, size_t count);

// `points` ascend by date. A step's value is the mean of its points or, of a stock, the last one.
// ERR_NOT_FOUND without points; ERR_LIMIT where there are too many steps.
int steps_make(const struct point *points, size_t count, enum period step, bool stock,
               struct steps *ret, struct err *e);

struct forecast_series {
    size_t key;
    struct steps steps; // no values: see `reason`
    date newest;        // day of the newest value
    char reason[128];   // why there is nothing; "" where there is
};

struct forecast_input {
    struct keys keys;
    ARRAY(struct forecast_series) list;
    enum forecast_scale scale;
    char title[OBSERVED_TEXT_MAX]; // "IPv6 delegations"
    struct view view;              // of registers; zeroed for series
    struct dated dated;            // of series; zeroed for registers
    struct route_snapshot_list tables;
    struct dated_inputs inputs;
};

int forecast_input_load(const struct measure *m, const struct query *q, struct forecast_input *ret,
                        struct err *e);
void forecast_input_done(struct forecast_input *i);

#endif
