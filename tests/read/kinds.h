// SPDX-License-Identifier: Apache-2.0
//
// Everything that the readers of routes, payloads, names and observations say about a text, written
// down line by line, as support.h does for the registers:
//
//     ris-whois-dump 2019-03-04 ris
//     8: 2001:db8::/32 64496 by 211
//     9? line rejected: not an origin: "x"
//     lines 9: used 1, comment 7, not an origin 1
//
// or, at the end, what it was refused with.

#ifndef TESTS_READ_KINDS_H
#define TESTS_READ_KINDS_H

#include "base/buffer.h"
#include "read/read.h"

struct kinds_log {
    struct buffer text;
    uint64_t records;
    int code;
    struct err err;
    struct fates fates;
};

// The input's name counts: "text" says no date. options may be NULL.
void kinds_read(struct kinds_log *log, const char *name, const void *bytes, size_t length,
                const struct read_options *options);
void kinds_done(struct kinds_log *log);

struct kinds_sample {
    const char *name, *text, *wanted;
    const char *input; // its name; NULL: "text"
    date date;         // --date; 0: none
};

void kinds_check(const struct kinds_sample *samples, size_t count);

// Of a text that is read well: what happens when bytes or lines are changed, dropped, doubled, and
// when it is cut anywhere. Nothing may break; fates always sum to lines.
void kinds_alter(const char *text, size_t length, unsigned rounds, uint64_t seed);

#endif
