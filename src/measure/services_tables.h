// SPDX-License-Identifier: Apache-2.0
//
// What was counted of public services, and the tables that show it.

#ifndef MEASURE_SERVICES_TABLES_H
#define MEASURE_SERVICES_TABLES_H

#include "measure/services.h"

struct services_count {
    uint64_t stages[CHECKED_STAGES];
};

struct services_economy {
    economy economy;
    struct services_count count;
};

struct services_sector {
    const char *name;
    struct services_count count;
};

struct services_tally { // of one campaign
    ARRAY(struct services_economy) economies;
    ARRAY(struct services_sector) sectors;
    uint64_t tests[SERVICES_TESTS_MAX][CHECKED_VERDICTS];
};

struct services_place { // in the league table
    const char *domain, *organisation, *sector;
    economy economy;
    enum checked_stage stage;
    size_t places;
    unsigned verdicts[CHECKED_VERDICTS];
    double web, mail, china;
};

struct services_change {
    const char *domain, *item, *before, *after;
    int better; // 1, -1; 0: neither
};

struct services_report {
    struct services s;
    struct services_tally *tallies; // by campaign
    ARRAY(struct services_place) league;
    ARRAY(struct services_change) changes;
    uint64_t changed, better, worse; // all changes; domains whose stage rose, fell
};

// Each a table, or a code with its sentence in r->s.e.
int services_readiness(struct services_report *r, struct table **ret);
int services_sectors(struct services_report *r, struct table **ret);
int services_tests(struct services_report *r, struct table **ret);
int services_league(struct services_report *r, struct table **ret);
int services_changes(struct services_report *r, struct table **ret);
int services_runs(struct services_report *r, struct table **ret);

// services_domain.c: of the domain that is asked for.
int services_domain_history(struct services_report *r, struct table **ret);
int services_domain_tests(struct services_report *r, struct table **ret);
int services_domain_changes(struct services_report *r, struct table **ret);

size_t services_add_text(struct table *t, const char *key, const char *heading,
                         const char *description);

#endif
