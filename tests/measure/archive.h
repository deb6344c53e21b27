// SPDX-License-Identifier: Apache-2.0
//
// An archive in a folder of its own, filled from texts; and states of random records, kept in full
// as the naive oracle.

#ifndef TESTS_MEASURE_ARCHIVE_H
#define TESTS_MEASURE_ARCHIVE_H

#include "base/buffer.h"
#include "measure/measure.h"

#include <stdbool.h>

struct archive {
    char folder[64], path[96];
    struct store *store;
    struct world *world;
    struct importer *importer;
};

void archive_open(struct archive *a);
void archive_close(struct archive *a);
void archive_add(struct archive *a, const char *name, const char *text);
struct measure archive_measure(const struct archive *a);

// The path of a file in the archive's folder; removed with it.
void archive_file(const struct archive *a, const char *name, char ret[128]);
void archive_write(const struct archive *a, const char *name, const struct buffer *bytes);

// The tables of a measure with parameters "name=value", ended with NULL; fails the test otherwise.
struct measure_tables archive_ask(const struct archive *a, const char *measure, ...);

// ---- random states

#define STATE_MAX 48

struct state_record {
    unsigned registry; // 0..2 of state_registries
    char economy[3];
    unsigned first, length; // of 3fff:FIRST::/LENGTH
    unsigned year;
    unsigned status, holder;
};

struct state {
    struct state_record at[STATE_MAX];
    size_t count;
};

extern const char *const state_registries[3];

extern uint64_t random_seed;
unsigned pick(unsigned below);

void state_fill(struct state *s);   // random
void state_change(struct state *s); // some records come, go or become others
bool state_has(const struct state *s, const struct state_record *r);
bool state_same(const struct state_record *a, const struct state_record *b);

// The extended file of one registry and day. A registry without a record has one all the same.
void state_write(const struct state *s, unsigned registry, date day, struct buffer *out);

// "registry,economy,family,start,value,date,status,holder": the columns that name a record.
#define RECORD_TEXT_MAX 128
char *state_record_format(const struct state_record *r, char text[RECORD_TEXT_MAX]);

#endif
