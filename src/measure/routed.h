// SPDX-License-Identifier: Apache-2.0
//
// What a measure of routes is computed from: the routing table that counts on a day, and what the
// registers said about blocks and AS numbers on that day.
//
// Without --known-on the day is that of the newest routing table. With it, the table is the newest
// that is not after the day, and not older than ROUTED_GAP_MAX.

#ifndef MEASURE_ROUTED_H
#define MEASURE_ROUTED_H

#include "measure/homes.h"
#include "measure/join.h"
#include "measure/special.h"
#include "measure/view.h"

#define ROUTED_GAP_MAX     92 // days: what was delegated since is not in an older table
#define ROUTED_PEERS_USUAL 10

struct routed {
    date day;
    struct view blocks;  // delegations; known_on is the day
    struct view numbers; // delegations of AS numbers; empty where none are known
    struct homes homes;  // of these, or else of the table of AS names
    int64_t names;       // that table's input; 0: it is not used
    struct special special;
    struct route_snapshot snapshot;
    struct routing routing;
    struct query query; // as asked, with the collector and the peers that were chosen
    char label[128];    // "ris ipv6 2019-03-04"
};

// ERR_NOT_FOUND where there is no routing table for the day.
int routed_load(const struct measure *m, const struct query *q, struct routed *ret, struct err *e);
void routed_done(struct routed *r);

// The table of a family that counts on a day (DATE_MAX: the newest), of the collector asked for;
// of several collectors with a table of one day that with the most prefixes.
int routed_choose(const struct route_snapshot_list *l, const struct query *q, enum family f,
                  date on, struct route_snapshot *ret, struct err *e);

// How many peers an announcement needs: what is asked for, else the least of 10 and a tenth of the
// peers with a full table, at least 1.
int routed_peers(const struct query *q, const struct route_snapshot *s, uint32_t *ret,
                 struct err *e);

int routing_load(struct store *s, const struct route_snapshot *snapshot, uint32_t peers,
                 struct routing *ret, struct err *e);

// "ris ipv6 2019-03-04".
char *route_snapshot_format(const struct route_snapshot *s, char text[128]);

// "; seen by at least 10 peers of ris on 2019-03-04", and what figures_scope has.
const char *routed_scope(const struct routed *r, struct table *t);
// Notes on where networks are at home.
void routed_note_homes(const struct routed *r, struct table *t);

// The basis; `more` inputs beside the routing table's and those of the AS numbers.
#define ROUTED_MORE_MAX 2
int routed_basis(const struct measure *m, const struct routed *r, const char *command,
                 const struct beside_input *more, size_t more_count, struct table *t,
                 struct err *e);
void routed_note(const struct routed *r, struct table *t);

#endif
