// SPDX-License-Identifier: Apache-2.0
//
// The parts of importing, one for each kind of input. Private to src/store.
//
// A part first reads the source to its end into memory (import.c then knows its hash), then writes
// what it read, inside of the importer's transaction.

#ifndef STORE_IMPORT_PARTS_H
#define STORE_IMPORT_PARTS_H

#include "base/array.h"
#include "store/evidence.h"
#include "store/routes.h"

struct registers;
struct taken_routes;
struct taken_values;
struct taken_networks;
struct taken_checks;

struct importer {
    struct store *store;
    struct evidence evidence;
    struct registers *registers;
    struct taken_routes *routes; // of the current input; NULL: none
    struct taken_values *values;
    struct taken_networks *networks;
    struct taken_checks *checks;
    struct world *world; // loaded when it is first asked for
    // the current input
    const struct import_options *options;
    struct input_facts about;
    struct arena texts; // of `about`
    struct err *e;
};

struct taken_input {
    int64_t id;
    const char *sha256;
};

// Each fills importer->about and its own part of the importer, and says what is wrong in
// importer->e.
typedef int part_read(struct importer *i, struct source *s);

// Writes what was read, under the input's number; says in `ret` what became of it.
typedef int part_store(struct importer *i, const struct taken_input *input,
                       struct import_result *ret);

// import_register.c
int registers_new(struct store *s, struct evidence *evidence, struct registers **ret,
                  struct err *e);
void registers_free(struct registers **r);
part_read register_read;
part_store register_store;
void registers_end(struct registers *r, int64_t revision, bool taken); // after a register's file
void registers_pass(struct registers *r, int64_t revision);            // after another input

// import_routes.c
part_read routes_read, vrps_read;
part_store routes_store;
void taken_routes_free(struct taken_routes **t);

// import_observed.c
part_read observed_read;
part_store observed_store;
void taken_values_free(struct taken_values **t);

// import_networks.c
part_read as_names_read, users_per_as_read;
part_store networks_store;
void taken_networks_free(struct taken_networks **t);

// import_checked.c: what is read is written at once, since evidence fills no memory; a known input
// is rolled back.
part_read checked_read;
part_store checked_store;
void taken_checks_free(struct taken_checks **t);

// The evidence of a finding, for handlers.
int importer_finding(const struct finding *f, void *importer);

// Refuses an input without a date.
int importer_needs_date(struct importer *i, const struct source *s, date day);

#endif
