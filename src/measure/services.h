// SPDX-License-Identifier: Apache-2.0
//
// Readiness of public services: what the vantage points of a campaign together say of a domain
// (doc/services.md), and the tables made of it.

#ifndef MEASURE_SERVICES_H
#define MEASURE_SERVICES_H

#include "base/array.h"
#include "measure/keys.h"
#include "store/services.h"

#define SERVICES_TESTS_MAX 256 // names of tests; later ones are not counted
#define SERVICES_NO_TEST   0xff

// What the places say of one domain in one campaign.
struct services_domain {
    size_t places; // 0: it was not asked
    economy economy;
    const char *organisation, *sector; // as the last place said; during the callback
    enum checked_stage stage;
    double web, mail, china;             // the lowest of the places; NaN
    uint8_t verdict[SERVICES_TESTS_MAX]; // enum checked_verdict; SERVICES_NO_TEST
};

struct services_campaign {
    const char *name;
    date day;      // of its first place
    size_t places; // that ran it
    bool shown;    // asked for
};

struct services {
    const struct measure *measure;
    const struct query *query;
    struct err *e;
    struct arena arena;
    struct service_campaigns stored;
    ARRAY(struct services_campaign) campaigns; // in order of time
    size_t current, before;                    // campaigns; before SIZE_MAX: there is none
    ARRAY(const char *) tests;
    struct keys only; // where the query has some
};

// The campaigns, and which are asked for. ERR_NOT_FOUND where there is none, or none of that name.
int services_open(struct services *s, const struct measure *m, const struct query *q,
                  struct err *e);
void services_close(struct services *s);

// Calls `domain` for each, with what each campaign (by number) says of it.
int services_each(struct services *s,
                  int (*domain)(const char *name, const struct services_domain *by, void *arg),
                  void *arg);

// The verdict of the places' verdicts of one test; and of their stages.
enum checked_verdict services_verdict(const enum checked_verdict *places, size_t count);
enum checked_stage services_stage(const enum checked_stage *places, size_t count);

// services_domain.c: one domain through time.
int services_history(struct services *s, struct table **ret_history, struct table **ret_tests);

bool services_judged(unsigned verdict); // pass, partial, none or fail
unsigned services_severity(enum checked_verdict v);

#endif
