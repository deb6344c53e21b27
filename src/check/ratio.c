// SPDX-License-Identifier: Apache-2.0

#include "check/ratio.h"

#include "measure/statistics.h"

#include <math.h>

struct ratio ratio_of(const uint32_t *six, const uint32_t *four, size_t count)
{
    struct ratio r = {0, NAN, NAN, NAN};
    double logs[RATIO_PAIRS_MAX], sum = 0, squares = 0;
    for (size_t i = 0; i < count && r.pairs < RATIO_PAIRS_MAX; i++)
        if (six[i] > 0 && four[i] > 0) {
            logs[r.pairs] = log((double)six[i] / four[i]);
            sum += logs[r.pairs++];
        }
    if (r.pairs == 0)
        return r;
    double mean = sum / (double)r.pairs;
    r.value = exp(mean);
    if (r.pairs < RATIO_PAIRS_MIN)
        return r;
    for (size_t i = 0; i < r.pairs; i++)
        squares += (logs[i] - mean) * (logs[i] - mean);
    double error = sqrt(squares / (double)(r.pairs - 1) / (double)r.pairs);
    double t = student_quantile((double)(r.pairs - 1), 0.975);
    r.low = exp(mean - t * error);
    r.high = exp(mean + t * error);
    return r;
}
