// SPDX-License-Identifier: Apache-2.0
//
// Routes in the archive: what was announced (routing tables), and what was validated (RPKI).
//
// A *route series* is all snapshots of one kind, collector and family. As of the registers' records
// the archive keeps lifetimes: each route (prefix, origin, level) with the first and the last
// snapshot that shows it. How they are packed: routes_pack.h.

#ifndef STORE_ROUTES_H
#define STORE_ROUTES_H

#include "store/store.h"

enum route_kind {
    ROUTE_ANNOUNCED, // prefix and origin in a routing table; level: how many peers see it
    ROUTE_VALIDATED, // a validated ROA payload; level: its max length
};
#define ROUTE_KIND_COUNT 2

const char *route_kind_name(enum route_kind k); // "announced", "validated"

// Without a --collector and where the input names none.
#define ROUTE_COLLECTOR_UNNAMED "unnamed"
#define ROUTE_COLLECTOR_RPKI    "rpki"

struct route {
    u128 start;      // no bit is set behind the length
    uint32_t origin; // announced: ORIGIN_SET (0) stands for an AS_SET; validated: 0 is AS 0
    uint8_t length;
    uint8_t level; // announced: see route_level; validated: the max length
};

// The number of peers as a level, so that a count that flaps does not end a lifetime: 0 not stated,
// 1..10 exactly so many, then at least 20, 50, 100, 200, 500, 1000.
#define ROUTE_LEVELS 17
unsigned route_level(uint32_t peers);
uint32_t route_level_least(unsigned level); // the fewest peers of a level

struct route_snapshot {
    enum route_kind kind;
    enum family family; // FAMILY_IPV6 or FAMILY_IPV4
    char collector[64];
    date date;
    int64_t input;
    uint64_t routes, prefixes;  // pairs of prefix and origin; prefixes alone
    uint32_t peers, peers_full; // in the file; those with a full table; 0: not stated
};

struct route_snapshot_list {
    struct route_snapshot *at; // by kind, collector, family, date
    size_t count;
};

int store_route_snapshots(struct store *s, struct route_snapshot_list *ret, struct err *e);
void route_snapshot_list_free(struct route_snapshot_list *l);

// The newest snapshot of a series that is not after day `on` (DATE_MAX: of all); NULL where there
// is none.
const struct route_snapshot *route_snapshot_known(const struct route_snapshot_list *l,
                                                  enum route_kind kind, enum family family,
                                                  const char *collector, date on);

struct route_life {
    struct route route;
    date first, last; // snapshots; while open `last` is the newest of the series
    bool open;        // still there in the newest snapshot
};

struct route_scan {
    enum route_kind kind;
    enum family family;
    const char *collector;
    date on; // the date of a snapshot: what stands in it; DATE_NONE: every lifetime
};

// Rows come by start, length, origin, level, first. No row where there is no such series or no such
// snapshot. A code other than 0 from `row` ends the scan and is returned.
int store_route_scan(struct store *s, const struct route_scan *scan,
                     int (*row)(const struct route_life *l, void *arg), void *arg, struct err *e);

// ---- networks

struct stored_as_name {
    uint32_t asn;
    economy economy;
    const char *name;     // borrowed during the callback
    const char *registry; // as stated, "" where it is not; borrowed
};

// The names of the newest input of names, by ASN; *ret_input is that input, 0: there is none.
int store_as_names(struct store *s, int (*row)(const struct stored_as_name *n, void *arg),
                   void *arg, int64_t *ret_input, struct err *e);

struct stored_users_per_as {
    uint32_t asn;
    economy economy;
    double users, samples; // NaN: not stated
};

// The users of networks on the newest day with such figures that is not after `on` (DATE_MAX: of
// all), by ASN and economy. *ret_date is that day, *ret_input its input; DATE_NONE, 0: there is
// none.
int store_users_per_as(struct store *s, date on,
                       int (*row)(const struct stored_users_per_as *u, void *arg), void *arg,
                       date *ret_date, int64_t *ret_input, struct err *e);

#endif
