// SPDX-License-Identifier: Apache-2.0
//
// Adding up a registry's file as it is read, without an archive: records and what they hold by
// economy, family, status and year of the record's own date.

#ifndef MEASURE_TALLY_H
#define MEASURE_TALLY_H

#include "base/table.h"
#include "read/read.h"

struct tally;

int tally_new(struct tally **ret, struct err *e);
void tally_free(struct tally **t);

// A `record` callback of struct read_handler; `tally` is its argument. ERR_MEMORY.
int tally_record(const struct record *r, void *tally);

// Rows by economy, family, status, year. `amount` is in /64s (IPv6), addresses (IPv4), AS numbers;
// an IPv6 block longer than a /64 counts in full only in its sum, which is rounded down.
int tally_table(const struct tally *t, struct table **ret, struct err *e);

#endif
