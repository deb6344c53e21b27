// SPDX-License-Identifier: Apache-2.0
//
// Indices of the transition, each from its published definition, side by side. A part that is not
// known leaves an index empty; it is never zero for that.
//
//   6lab        0.25 T + 0.75 sqrt(C U); and relative, each term over the world's largest, 0 to 10
//   RIPEness    stars by holder: holds IPv6, announces it, has route6 objects, has reverse domains
//   HD-ratio    log(assigned) / log(all): RFC 3194; policies take 0.94 of /56s
//   early-stage 0.3 P + 0.3 A + 0.2 N + 0.2 U: our own, for economies that have only begun
//
// Parts, from 0 to 1: P holders of any space that hold IPv6; A those of whom some is announced; N
// networks that announce IPv6; U users with IPv6; C content and T transit, of series "content" and
// "transit".

#ifndef MEASURE_INDICES_H
#define MEASURE_INDICES_H

#include "measure/dated.h"
#include "measure/keys.h"

enum index_part {
    PART_HOLDING,
    PART_ANNOUNCED,
    PART_NETWORKS,
    PART_USERS,
    PART_CONTENT,
    PART_TRANSIT,
};
#define INDEX_PARTS 6

enum index_kind { INDEX_6LAB, INDEX_EARLY };
#define INDEX_KINDS     2
#define INDEX_TERMS_MAX 4

struct index_definition {
    const char *name; // "6lab"
    size_t terms;
    double weights[INDEX_TERMS_MAX];
    const char *term_names[INDEX_TERMS_MAX];
};
extern const struct index_definition index_definitions[INDEX_KINDS];

// The terms that an index weighs; false where a part of it is not known.
bool index_terms(enum index_kind k, const double parts[INDEX_PARTS], double ret[INDEX_TERMS_MAX]);

// From 0 to 1; NaN where a part is not known.
double index_value(enum index_kind k, const double parts[INDEX_PARTS]);

// The 6lab index relative to the world, 0 to 10; NaN where a part is not known.
void index_relative(const double (*parts)[INDEX_PARTS], size_t count, double *ret);

// RFC 3194. NaN where `all` is not above 1.
double hd_ratio(double assigned, double all);

// How many units of /56 of a prefix have the ratio: the prefix has 2^(56 - length).
double hd_threshold(unsigned length, double ratio);
#define HD_RATIO 0.94

// ---- ranks: the largest value has rank 1, equal values have equal ranks

#define RANK_SPREAD 20.0 // of the Dirichlet distribution that weights are drawn from
#define RANK_LEVEL  0.9

struct rank {
    double value;           // NaN: no rank
    size_t rank, low, high; // with 90 % probability between the latter two, as weights vary
};

// Weights are drawn around the published ones: a weight of 0.25 then lies between 0.11 and 0.42
// with 90 % probability.
int index_ranks(enum index_kind k, const double (*parts)[INDEX_PARTS], size_t count, unsigned draws,
                uint64_t seed, struct rank *ret, struct err *e);

// ---- what they are computed from

struct index_place {
    economy economy;
    uint64_t holders, holding, announcing; // holders of any space, of IPv6, that announce it
    bool announcing_known;
};

struct indices {
    const struct world *world;
    const struct query *query;
    size_t count;
    struct index_place *places;     // [count], by economy
    double (*parts)[INDEX_PARTS];   // [count]; NaN: not known
    char reasons[INDEX_PARTS][256]; // why a part is known of no economy; "" where it is
    char source[64];                // the series of users
    date day;
    struct keys keys;
};

// The tables, without their basis.
int indices_tables(const struct indices *x, struct measure_tables *ret, struct err *e);

#endif
