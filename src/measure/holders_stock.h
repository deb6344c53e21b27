// SPDX-License-Identifier: Apache-2.0
//
// Holders: how many there are behind the delegations, beside what they hold in stock; new and old
// holders by period; and how space is spread among them as time goes on.
//
// A delegation is *further* when its holder has an earlier one of the size of a first allocation or
// larger, and it is of that size itself. Counts without the further ones are those that a holder
// who keeps a stock does not swell.

#ifndef MEASURE_HOLDERS_STOCK_H
#define MEASURE_HOLDERS_STOCK_H

#include "measure/figures.h"
#include "measure/places.h"

// The least size of a first allocation: an IPv6 /32, an IPv4 /24.
#define STOCK_IPV6_LENGTH 32
#define STOCK_IPV4_COUNT  256

// By row: is it a further one? The first of a holder is the one with the earliest date, of those
// the first of the view; one without a date comes last.
int stock_find(const struct view *v, const struct holders *h, bool *ret, struct err *e);

// The tables, without their basis.
int holders_tables(const struct query *q, const struct view *v, struct measure_tables *ret,
                   struct err *e);

// holders_years.c: by period of the records' dates. `shown`: by row.
struct holders_part {
    const struct query *query;
    const struct view *view;
    const struct holders *holders;
    const bool *further, *shown;
};
int holders_add_years(const struct holders_part *p, struct measure_tables *tables, struct err *e);

#endif
