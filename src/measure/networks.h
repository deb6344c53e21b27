// SPDX-License-Identifier: Apache-2.0
//
// Networks: which AS numbers originate IPv4, IPv6 or both, how finely space is announced, and what
// origin validation says of it.
//
// A network is an AS number that originates an announcement which enough peers see. It belongs to
// the economy to which the number is delegated; announcements and payloads belong to that of the
// block.

#ifndef MEASURE_NETWORKS_H
#define MEASURE_NETWORKS_H

#include "measure/places.h"
#include "measure/routed.h"

struct networks {
    const struct routed *routed;
    const struct routing *other; // of the other family; NULL where there is no table of it
    const char *other_label;     // "ris ipv4 2019-03-04, at least 10 peers"
    const struct routing *vrps;  // payloads of the family; NULL where there are none
    date vrps_date;
};

// The tables, without their basis.
int networks_tables(const struct networks *n, struct measure_tables *ret, struct err *e);

// networks_validity.c: origin validation of the announcements, and payloads over the delegations.
int networks_add_validity(const struct networks *n, struct measure_tables *tables, struct err *e);

// A new table of the measure, its title closed with what it is computed from; NULL: out of memory.
struct table *networks_table(const struct networks *n, struct measure_tables *tables,
                             const char *name, const char *title);

// By the keys of the query: items by cell, added up and written, with the notes on the keys.
int networks_write(const struct networks *n, const uint32_t *cell, size_t count,
                   const struct place_kind *kind, void *arg,
                   void (*add_columns)(struct table *t, void *arg), struct table *t, struct err *e);

#endif
