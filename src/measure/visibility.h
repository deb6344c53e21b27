// SPDX-License-Identifier: Apache-2.0
//
// Visibility: what of the delegations is announced, what is announced without being delegated, and
// from where.
//
// A delegation is announced when an address of it is: by a prefix equal to it, by a larger one
// around it, or by smaller ones inside. An announcement is a prefix with one origin; it counts when
// enough peers see it.

#ifndef MEASURE_VISIBILITY_H
#define MEASURE_VISIBILITY_H

#include "measure/figures.h"
#include "measure/places.h"
#include "measure/routed.h"

// A measure at work: what is joined, and the tables that come of it.
struct visibility {
    const struct routed *routed;
    struct delegated *blocks; // in order
    struct join join;
    struct cells cells; // of the blocks
    struct keys keys;
    struct holders holders;
    bool *shown; // by block: is it in a key that is shown?
    struct measure_tables tables;
};

// The tables, without their basis.
int visibility_tables(const struct routed *r, struct measure_tables *ret, struct err *e);

// What is announced, and the announcements from other economies: adds tables to v->tables.
int visibility_add_announced(struct visibility *v, struct err *e);

// A new table of the measure, its title closed with what it is computed from; NULL: out of memory.
struct table *visibility_table(struct visibility *v, const char *name, const char *title);

#endif
