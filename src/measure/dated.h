// SPDX-License-Identifier: Apache-2.0
//
// Dated series in the archive, as the figures on users, name servers and forecasts need them; and
// the basis of tables that are made from them.

#ifndef MEASURE_DATED_H
#define MEASURE_DATED_H

#include "base/arena.h"
#include "base/array.h"
#include "measure/view.h"
#include "store/observations.h"

struct dated {
    struct observation_series series;
    struct observation_list list; // by key, date
};

// ERR_NOT_FOUND where there is no such series: those that there are, are named.
int dated_load(const struct measure *m, const char *name, struct dated *ret, struct err *e);
void dated_done(struct dated *d);

bool dated_is_share(const struct dated *d); // percent
bool dated_is_users(const struct dated *d); // a share of users that have IPv6: a source of adoption

// The economy that a key is about: "KE", or the domain "ke". False for "WORLD" and what else is
// none.
bool dated_economy(const struct world *w, const char *key, economy *ret);

// An economy's newest value that is not after `on` and at most `age` days before it; NULL: none.
const struct observation *dated_known(const struct dated *d, economy e, date on, int age);

// ---- Internet users: the weights of economies

#define USERS_AGE_MAX (5 * 366) // days: statistics of a year come late, and not every year

struct users {
    double *people; // by economy's place in the world; NaN: not known
    size_t count;   // of the world's economies
    struct dated dated;
    struct dated population;
    const char *reason; // why there are none, "" where there are
};

// Of the series "internet-users", else "internet-users-factbook": shares of the population, or
// people.
int users_load(const struct measure *m, date on, struct users *ret, struct err *e);
void users_done(struct users *u);

// ---- basis

struct dated_inputs {
    ARRAY(struct beside_input) list;
    struct arena labels;
};
void dated_inputs_done(struct dated_inputs *i);
int dated_inputs_add_one(struct dated_inputs *i, int64_t input, const char *label, struct err *e);

// The inputs behind the values that are not after `on`, labelled with the series' name.
int dated_inputs_add(struct dated_inputs *i, const struct dated *d, date on, struct err *e);
int users_inputs_add(struct dated_inputs *i, const struct users *u, date on, struct err *e);

// The basis of each of the tables; `known_on`: see query_describe.
int dated_basis(const struct measure *m, const struct query *q, const char *command,
                const struct dated_inputs *inputs, struct measure_tables *tables, struct err *e);

#endif
