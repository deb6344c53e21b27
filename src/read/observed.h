// SPDX-License-Identifier: Apache-2.0
//
// Dated series of economies (or of the world, or of country-code domains): what somebody measured,
// with the interval or the number of samples where that is stated.
//
// Formats, told by content; doc/formats.md has an example of each.
//   Google's figures     world and per country, as CSV or as the script of its statistics page
//   APNIC Labs' figures  per economy, JSON
//   World Bank           population, and individuals using the Internet, CSV in either form
//   a factbook's table   iso2,...,internet_users_percent,year
//   anybody's own        date,economy,value[,low,high,samples], with "# name: ..." and so on
//   the DNS root zone    name servers of each country-code domain; and the table made from it
//
// Of the series "cctld-name-servers" the value is the number of name servers that have an AAAA in
// the root zone, `samples` is the number of all, and `high` counts those in for which the root zone
// has no address at all. Keys are the domains themselves, "ke" or "xn--node"; which economy one
// belongs to: world_domain().
//
// A value of a year has the year's first day as its date.

#ifndef READ_OBSERVED_H
#define READ_OBSERVED_H

#include "read/read.h"

#define OBSERVED_KEY_MAX    24 // bytes with the NUL; the longest domain of a country has 22
#define OBSERVED_SERIES_MAX 64
#define OBSERVED_UNIT_MAX   32
#define OBSERVED_TEXT_MAX   256
#define OBSERVED_WORLD      "WORLD"

struct observed_value {
    char key[OBSERVED_KEY_MAX]; // "KE", "WORLD"; "ke" for a domain
    date date;
    double value, low, high, samples; // NaN: not stated
    uint64_t line;
};

struct observed_header {
    enum input_format format;
    char series[OBSERVED_SERIES_MAX]; // "google", "apnic", ...: letters, digits and "-"
    char unit[OBSERVED_UNIT_MAX];     // "%": values are 0..100; others are not below 0
    char title[OBSERVED_TEXT_MAX];
    char source[OBSERVED_TEXT_MAX]; // who measured it
    date date;                      // of the values where the input has no date a line; DATE_NONE
};

struct observed_result {
    struct observed_header header;
    struct fates fates;
    uint64_t values;
    date first, last; // of the values
};

struct observed_handler {
    // Each may be NULL. A code other than 0 ends the reading and is returned.
    int (*header)(const struct observed_header *h, void *arg); // before the first value
    int (*value)(const struct observed_value *v, void *arg);
    int (*finding)(const struct finding *f, void *arg);
    void *arg;
};

// options may be NULL. Refused whole, ERR_INPUT: none of these formats, cut, binary, nothing used,
// more lines rejected than used, no date where the input has none in its lines.
int read_observed(struct source *s, const struct world *w, const struct read_options *options,
                  const struct observed_handler *handler, struct observed_result *ret,
                  struct err *e);

#endif
