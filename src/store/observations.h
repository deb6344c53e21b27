// SPDX-License-Identifier: Apache-2.0
//
// Dated series of economies in the archive: what others measured (users of a source, name servers
// of country-code domains, people).
//
// Several inputs may extend a series. Where two state a value for one key and date, that of the
// input with the later date counts (of two with one date, the one that was imported later); the
// other one is kept as superseded, so that a restatement can be shown.

#ifndef STORE_OBSERVATIONS_H
#define STORE_OBSERVATIONS_H

#include "store/store.h"

#define OBSERVATION_KEY_MAX 24

struct observation_series {
    char name[64]; // "google": letters, digits and "-"
    char unit[32]; // "%"
    char title[256];
    char source[256];  // these three as the newest import states them
    uint64_t values;   // that count
    uint64_t restated; // that are superseded by another value
    date first, last;
    int64_t input; // the newest one
};

struct observation_series_list {
    struct observation_series *at; // by name
    size_t count;
};

int store_observation_series(struct store *s, struct observation_series_list *ret, struct err *e);
void observation_series_list_free(struct observation_series_list *l);
const struct observation_series *observation_series_find(const struct observation_series_list *l,
                                                         const char *name); // NULL: none

struct observation {
    char key[OBSERVATION_KEY_MAX]; // economy "KE", "WORLD", or a domain "ke"
    date date;
    double value, low, high, samples; // NaN: not stated
    int64_t input;                    // that it comes from
    bool superseded;                  // only with store_observations_all
};

struct observation_list {
    struct observation *at; // by key, date
    size_t count;
};

// The values that count, of one key or (NULL) of all. An empty list where there is no such series.
int store_observations(struct store *s, const char *series, const char *key,
                       struct observation_list *ret, struct err *e);

// Also those that are superseded, each behind the one that took its place.
int store_observations_all(struct store *s, const char *series, const char *key,
                           struct observation_list *ret, struct err *e);
void observation_list_free(struct observation_list *l);

// The newest value of a key that is not after `on` (DATE_MAX: of all); NULL where there is none.
const struct observation *observation_known(const struct observation_list *l, const char *key,
                                            date on);

#endif
