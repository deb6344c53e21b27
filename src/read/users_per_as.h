// SPDX-License-Identifier: Apache-2.0
//
// Users of each network and economy, as APNIC Labs estimate them: CSV
// "asn,name,cc,users,country_pct,internet_pct,samples", or the JSON of the same columns.

#ifndef READ_USERS_PER_AS_H
#define READ_USERS_PER_AS_H

#include "read/read.h"

struct users_per_as {
    uint32_t asn;
    economy economy;
    double users;
    double samples; // NaN: not stated
    uint64_t line;
};

struct users_per_as_header {
    enum input_format format;
    date date; // what the content states, else --date, else what the name says; DATE_NONE: none
};

struct users_per_as_result {
    struct users_per_as_header header; // date: final
    struct fates fates;
};

struct users_per_as_handler {
    // Each may be NULL. A code other than 0 ends the reading and is returned.
    int (*header)(const struct users_per_as_header *h, void *arg); // before the first record
    int (*users)(const struct users_per_as *u, void *arg);
    int (*finding)(const struct finding *f, void *arg);
    void *arg;
};

// options may be NULL. Refused whole, ERR_INPUT: neither of these formats, cut, binary, nothing
// used, more lines rejected than used.
int read_users_per_as(struct source *s, const struct read_options *options,
                      const struct users_per_as_handler *handler, struct users_per_as_result *ret,
                      struct err *e);

#endif
