// SPDX-License-Identifier: Apache-2.0
//
// The formulas of the indices, and ranks under other weights.

#include "measure/indices.h"

#include "measure/statistics.h"

#include <math.h>
#include <stdlib.h>

const struct index_definition index_definitions[INDEX_KINDS] = {
    [INDEX_6LAB] = {"6lab", 2, {0.25, 0.75}, {"transit", "content and users"}},
    [INDEX_EARLY] = {"early-stage",
                     4,
                     {0.3, 0.3, 0.2, 0.2},
                     {"holding", "announcing", "networks", "users"}},
};

bool index_terms(enum index_kind k, const double parts[INDEX_PARTS], double ret[INDEX_TERMS_MAX])
{
    if (k == INDEX_6LAB) {
        ret[0] = parts[PART_TRANSIT];
        ret[1] = sqrt(parts[PART_CONTENT] * parts[PART_USERS]);
    } else {
        ret[0] = parts[PART_HOLDING];
        ret[1] = parts[PART_ANNOUNCED];
        ret[2] = parts[PART_NETWORKS];
        ret[3] = parts[PART_USERS];
    }
    for (size_t i = 0; i < index_definitions[k].terms; i++)
        if (isnan(ret[i]))
            return false;
    return true;
}

static double weigh(const double *terms, const double *weights, size_t count)
{
    double sum = 0.0;
    for (size_t i = 0; i < count; i++)
        sum += weights[i] * terms[i];
    return sum;
}

double index_value(enum index_kind k, const double parts[INDEX_PARTS])
{
    double terms[INDEX_TERMS_MAX];
    const struct index_definition *d = &index_definitions[k];
    return index_terms(k, parts, terms) ? weigh(terms, d->weights, d->terms) : (double)NAN;
}

void index_relative(const double (*parts)[INDEX_PARTS], size_t count, double *ret)
{
    double most[INDEX_PARTS] = {0}, largest = 0.0;
    for (size_t i = 0; i < count; i++)
        for (size_t p = 0; p < INDEX_PARTS; p++)
            most[p] = fmax(most[p], parts[i][p]); // fmax leaves NaN out
    for (size_t i = 0; i < count; i++) {
        double scaled[INDEX_PARTS];
        for (size_t p = 0; p < INDEX_PARTS; p++)
            scaled[p] = most[p] > 0.0 ? parts[i][p] / most[p] : parts[i][p];
        ret[i] = index_value(INDEX_6LAB, scaled);
        largest = fmax(largest, ret[i]);
    }
    for (size_t i = 0; i < count && largest > 0.0; i++)
        ret[i] *= 10.0 / largest;
}

double hd_ratio(double assigned, double all)
{
    return all > 1.0 && assigned >= 1.0 ? log(assigned) / log(all) : (double)NAN;
}

double hd_threshold(unsigned length, double ratio)
{
    return floor(exp2((56.0 - (double)length) * ratio));
}

// ---- ranks

struct ranking {
    size_t count;                     // of those with a value
    size_t *place;                    // [count]: in the caller's arrays
    double (*terms)[INDEX_TERMS_MAX]; // [count]
    struct valued {
        double value;
        size_t which;
    } * order;       // [count]
    uint32_t *times; // [count * count]: how often each had each rank
};

static int by_value(const void *a, const void *b)
{
    const struct valued *x = a, *y = b;
    return (x->value < y->value) - (x->value > y->value);
}

static void draw_weights(const struct index_definition *d, struct random *r, double *ret)
{
    double sum = 0.0;
    for (size_t i = 0; i < d->terms; i++)
        sum += ret[i] = random_gamma(r, RANK_SPREAD * d->weights[i]);
    for (size_t i = 0; i < d->terms; i++)
        ret[i] /= sum;
}

static void order_by(struct ranking *x, const double *weights, size_t terms)
{
    for (size_t i = 0; i < x->count; i++)
        x->order[i] = (struct valued){weigh(x->terms[i], weights, terms), i};
    if (x->count > 0)
        qsort(x->order, x->count, sizeof *x->order, by_value);
}

static size_t rank_at(const struct ranking *x, size_t i, size_t before)
{
    return i > 0 && x->order[i].value == x->order[i - 1].value ? before : i + 1;
}

static void count_ranks(struct ranking *x)
{
    size_t rank = 0;
    for (size_t i = 0; i < x->count; i++) {
        rank = rank_at(x, i, rank);
        x->times[x->order[i].which * x->count + rank - 1]++;
    }
}

static void set_ranks(struct ranking *x, unsigned draws, struct rank *ret)
{
    double tail = 0.5 * (1.0 - RANK_LEVEL) * draws;
    size_t rank = 0;
    for (size_t i = 0; i < x->count; i++) {
        rank = rank_at(x, i, rank);
        const uint32_t *times = x->times + x->order[i].which * x->count;
        struct rank *r = &ret[x->place[x->order[i].which]];
        *r = (struct rank){.value = x->order[i].value, .rank = rank, .low = 1, .high = x->count};
        double below = 0.0, above = 0.0;
        while (r->low < x->count && (below += times[r->low - 1]) <= tail)
            r->low++;
        while (r->high > 1 && (above += times[r->high - 1]) <= tail)
            r->high--;
    }
}

int index_ranks(enum index_kind k, const double (*parts)[INDEX_PARTS], size_t count, unsigned draws,
                uint64_t seed, struct rank *ret, struct err *e)
{
    const struct index_definition *d = &index_definitions[k];
    struct ranking x = {.place = calloc(count + 1, sizeof *x.place),
                        .terms = calloc(count + 1, sizeof *x.terms),
                        .order = calloc(count + 1, sizeof *x.order),
                        .times = calloc(count * count + 1, sizeof *x.times)};
    bool room = x.place && x.terms && x.order && x.times;
    if (room) {
        struct random random;
        double weights[INDEX_TERMS_MAX];
        random_begin(&random, seed);
        for (size_t i = 0; i < count; i++) {
            ret[i] = (struct rank){.value = (double)NAN};
            if (index_terms(k, parts[i], x.terms[x.count]))
                x.place[x.count++] = i;
        }
        for (unsigned i = 0; i < draws; i++) {
            draw_weights(d, &random, weights);
            order_by(&x, weights, d->terms);
            count_ranks(&x);
        }
        order_by(&x, d->weights, d->terms);
        set_ranks(&x, draws, ret);
    }
    free(x.place);
    free(x.terms);
    free(x.order);
    free(x.times);
    return room ? 0 : err_memory(e);
}
