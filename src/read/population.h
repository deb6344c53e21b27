// SPDX-License-Identifier: Apache-2.0
//
// Population of economies by year, as the World Bank publishes it (indicator SP.POP.TOTL), CSV in
// either form: one row an economy with a column a year, headed by a preamble; or one row an economy
// and year.
//
//     "Country Name","Country Code","Indicator Name","Indicator Code","1960","1961",...
//     Country Name,Country Code,Year,Value
//
// Rows for groups of countries (WLD, ARB, ...) have codes that are no economy's: they are ignored.

#ifndef READ_POPULATION_H
#define READ_POPULATION_H

#include "base/err.h"
#include "read/source.h"
#include "world/world.h"

#include <stdbool.h>
#include <stdint.h>

#define POPULATION_YEAR_FIRST 1900
#define POPULATION_YEARS_MAX  300
#define POPULATION_MAX        UINT64_C(100000000000) // ten times the world's

struct population {
    economy economy;
    int year;
    double people; // or percent
    uint64_t line;
};

// What became of each line. used + the ignored + the rejected = lines, always. A row with several
// values is taken whole or not at all.
enum population_ignored {
    POPULATION_BLANK,
    POPULATION_HEADING,    // and what stands before it
    POPULATION_NO_ECONOMY, // a group of countries
    POPULATION_NO_VALUE,   // none in the whole row
};
#define POPULATION_IGNORED_COUNT 4

enum population_rejected {
    POPULATION_LENGTH, // longer than LINE_MAX_BYTES
    POPULATION_FIELDS, // not as many as the heading has
    POPULATION_CODE,   // not three capital letters or digits
    POPULATION_YEAR,
    POPULATION_VALUE, // not a number above 0
    POPULATION_TWICE, // the same economy and year again
};
#define POPULATION_REJECTED_COUNT 6

struct population_fates {
    uint64_t lines, used;
    uint64_t ignored[POPULATION_IGNORED_COUNT];
    uint64_t rejected[POPULATION_REJECTED_COUNT];
    uint64_t first_rejected; // its line; 0: none
};

const char *population_ignored_name(enum population_ignored i);
const char *population_rejected_name(enum population_rejected r);
uint64_t population_fates_ignored(const struct population_fates *f);
uint64_t population_fates_rejected(const struct population_fates *f);

struct population_handler {
    // Each may be NULL. A code other than 0 ends the reading and is returned.
    int (*value)(const struct population *p, void *arg);
    int (*rejected)(uint64_t line, const char *text, void *arg);
    void *arg;
};

// Do these first bytes belong to such a table? Wanted: what source_peek gives.
bool population_probe(const void *bytes, size_t length);

// Refused whole, ERR_INPUT: no such heading, another indicator, binary, cut (the last line
// has no end), no value at all, more lines rejected than used. The place ("FILE:LINE: ") begins the
// sentence.
int read_population(struct source *s, const struct world *w,
                    const struct population_handler *handler, struct population_fates *ret,
                    struct err *e);

// The same table of another indicator, IT.NET.USER.ZS: individuals using the Internet, in percent
// of the population. A value may be 0.
int read_internet_users(struct source *s, const struct world *w,
                        const struct population_handler *handler, struct population_fates *ret,
                        struct err *e);

#endif
