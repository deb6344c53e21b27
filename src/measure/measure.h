// SPDX-License-Identifier: Apache-2.0
//
// The figures: pace, geography, concentration, changes, one economy. Pure computation.
//
// Comes in: an archive, the world, and a *query*. Goes out: tables with their basis. Commands,
// pages and the API ask by name and show the same tables:
//
//     struct query q;
//     query_init(&q);
//     query_set(&q, "by", "region", &e);
//     struct measure_tables tables;
//     const struct measure_kind *kind = measure_find("geography");
//     kind->run(&(struct measure){store, world}, &q, &tables, &e);
//     ...
//     measure_tables_free(&tables);
//
// A query is a set of named parameters, the same on the command line, in an API's query string and
// in a table's basis: a table's `basis.parameters`, set one by one into a fresh query, with the
// measure named by `basis.command`, compute the table again.
//
// Words: *delegated* is allocated or assigned. Space is exact: IPv6 in addresses (shown in /32s and
// /64s), IPv4 in addresses, AS numbers in numbers. The sum of delegations counts space twice that
// the registries' records state twice.
//
// Inside: query.c (parameters), view.c (what is loaded from the archive), keys.c (rows of --by),
// figures.c (columns, basis), and one file per measure. The computations take a `struct view`
// (view.h), which tests build from arrays.

#ifndef MEASURE_MEASURE_H
#define MEASURE_MEASURE_H

#include "base/table.h"
#include "store/store.h"
#include "world/world.h"

#include <stdbool.h>
#include <stddef.h>

// ---- what is asked

enum by {
    BY_WORLD,
    BY_REGISTRY,
    BY_ECONOMY,
    BY_REGION,
    BY_SUBREGION,
    BY_ITU_REGION,
    BY_GROUP, // these overlap
};
#define BY_COUNT 7

const char *by_name(enum by b); // "itu-region"

enum pace_basis { PACE_RECORD, PACE_OBSERVED };

#define REGISTRY_BIT(r)      (1u << (r))
#define REGISTRIES_RIR       ((1u << REGISTRY_RIR_COUNT) - 1)
#define QUERY_ONLY_MAX       2048  // text of `only`: all 249 economies are 747 bytes
#define QUERY_BRIDGE_DEFAULT 7     // days: dips of daily files last one or two
#define QUERY_BRIDGE_MAX     36500 // days
#define QUERY_COLLECTOR_MAX  64
#define QUERY_SERIES_MAX     64
#define QUERY_CAMPAIGN_MAX   64
#define QUERY_DOMAIN_MAX     256
#define QUERY_SEED_DEFAULT   1
#define QUERY_DRAWS_DEFAULT  4000
#define QUERY_DRAWS_MAX      1000000
#define QUERY_TARGET_MAX     1e15

struct query {
    enum family family;
    enum by by;
    date known_on;       // DATE_MAX: the newest snapshot
    date on;             // only records dated on it or before; DATE_NONE: all
    date from, to;       // DATE_NONE: open
    unsigned statuses;   // bits; 0: see query_statuses
    unsigned registries; // bits; 0: the five RIRs, or what the archive has instead
    bool has_min_length, has_max_length;
    unsigned min_length, max_length; // prefix lengths; an IPv4 count stands for its length
    char only[QUERY_ONLY_MAX];       // keys of --by, separated by commas; "": all
    enum period every;
    enum pace_basis basis;
    unsigned bridge;                     // days of absence that are no return
    size_t top;                          // rows; 0: all
    economy economy;                     // of `economy`; ECONOMY_NONE: not asked
    char collector[QUERY_COLLECTOR_MAX]; // of routing tables; "": the measure's choice
    uint32_t peers;                // that see an announcement, at least; 0: the measure's choice
    char series[QUERY_SERIES_MAX]; // "google", "delegations"; "": the measure's choice
    bool has_target, has_step;
    double target;    // of a forecast
    enum period step; // of a forecast
    date horizon;     // the last day of a forecast; DATE_NONE: the measure's choice
    uint64_t seed;    // of random draws
    unsigned draws;
    // of public services; "": all, the newest
    char campaign[QUERY_CAMPAIGN_MAX], sector[QUERY_CAMPAIGN_MAX], domain[QUERY_DOMAIN_MAX];
};

// Parameters as bits, for measures to say which they know.
enum parameter {
    PARAMETER_FAMILY,
    PARAMETER_BY,
    PARAMETER_KNOWN_ON,
    PARAMETER_ON,
    PARAMETER_FROM,
    PARAMETER_TO,
    PARAMETER_STATUS,
    PARAMETER_MIN_LENGTH,
    PARAMETER_MAX_LENGTH,
    PARAMETER_ONLY,
    PARAMETER_REGISTRY,
    PARAMETER_EVERY,
    PARAMETER_BASIS,
    PARAMETER_BRIDGE,
    PARAMETER_TOP,
    PARAMETER_ECONOMY,
    PARAMETER_COLLECTOR,
    PARAMETER_PEERS,
    PARAMETER_SERIES,
    PARAMETER_TARGET,
    PARAMETER_STEP,
    PARAMETER_HORIZON,
    PARAMETER_SEED,
    PARAMETER_DRAWS,
    PARAMETER_CAMPAIGN,
    PARAMETER_SECTOR,
    PARAMETER_DOMAIN,
};
#define PARAMETER_COUNT  27
#define PARAMETER_BIT(p) (1u << (p))
#define PARAMETERS_SELECTION                                                                       \
    (PARAMETER_BIT(PARAMETER_FAMILY) | PARAMETER_BIT(PARAMETER_KNOWN_ON) |                         \
     PARAMETER_BIT(PARAMETER_STATUS) | PARAMETER_BIT(PARAMETER_MIN_LENGTH) |                       \
     PARAMETER_BIT(PARAMETER_MAX_LENGTH) | PARAMETER_BIT(PARAMETER_REGISTRY))

struct parameter_kind {
    const char *name;  // "min-length"
    const char *value; // "LENGTH": how its value is called in the help
    const char *help;  // one line
};
const struct parameter_kind *parameter_kind(enum parameter p);

void query_init(struct query *q); // the defaults

// ERR_USAGE, with a sentence that lists what is valid. Names: "family", "by", "known-on", "on",
// "from", "to", "status", "min-length", "max-length", "only", "registry", "every", "basis",
// "bridge", "top", "economy", "collector", "peers", "series", "target", "step", "horizon", "seed",
// "draws", "campaign", "sector", "domain". Dates: YYYY, YYYY-Q1, YYYY-MM, YYYY-MM-DD; a
// shorter one means its first day in `from` and its last day elsewhere. Lists are separated by
// commas. *q is as it was on failure.
int query_set(struct query *q, const char *name, const char *value, struct err *e);

// The statuses asked for; by default delegated, and for IANA's assignments allocated.
unsigned query_statuses(const struct query *q);

// Does a block pass min-length and max-length?
bool query_takes_block(const struct query *q, const struct block *b);

// Writes the parameters that differ from the default into the basis, canonically: known-on as the
// day `known_on` that the figures are of (DATE_NONE: not written), the others as asked.
void query_describe(const struct query *q, date known_on, struct table *t);

// ---- what is answered

struct measure {
    struct store *store;
    const struct world *world;
};

#define MEASURE_TABLES_MAX 8

struct measure_tables {
    struct table *at[MEASURE_TABLES_MAX]; // owned
    size_t count;
};

void measure_tables_free(struct measure_tables *t);

// *ret is untouched on failure. ERR_NOT_FOUND where the archive has nothing to compute from,
// ERR_USAGE where the parameters do not go together, ERR_LIMIT where the table would be too long.
typedef int measure_run(const struct measure *m, const struct query *q, struct measure_tables *ret,
                        struct err *e);

measure_run measure_pace;
measure_run measure_geography;
measure_run measure_concentration;
measure_run measure_changes;
measure_run measure_economy;
measure_run measure_forecast;
measure_run measure_indices;
measure_run measure_adoption;
measure_run measure_nameservers;
measure_run measure_visibility;
measure_run measure_networks;
measure_run measure_delay;
measure_run measure_holders;
measure_run measure_services;

struct measure_kind {
    const char *name;    // "pace": the command and basis.command
    const char *summary; // one line
    unsigned parameters; // PARAMETER_BIT(...)
    measure_run *run;
};

const struct measure_kind *measure_find(const char *name); // NULL: none
size_t measure_count(void);
const struct measure_kind *measure_at(size_t i);

#define PACE_ROWS_MAX 250000 // rows of one table: every economy each month since 1983 is half of it

#endif
