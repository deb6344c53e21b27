// SPDX-License-Identifier: Apache-2.0
//
// Writing the lifetimes of one series: the statements behind an import. Private to src/store.

#ifndef STORE_SERIES_EDIT_H
#define STORE_SERIES_EDIT_H

#include "store/sql.h"
#include "store/state.h"

struct series_edit {
    struct store *store;
    sqlite3_stmt *insert, *set_last, *set_first, *set_largest, *insert_holder;
};

int series_edit_init(struct series_edit *d, struct store *s, struct err *e);
void series_edit_done(struct series_edit *d);

// Fills a state with what stands in the snapshots `previous` and `next` (DATE_NONE: none).
int series_load(struct store *s, struct state *state, date previous, date next, struct err *e);

// The opaque-ids of a registry.
int series_load_names(struct store *s, enum registry r, struct names *n, struct err *e);

// Writes what the file of day d, just matched, changes. Counts lifetimes begun and ended.
int series_apply(struct series_edit *d, struct state *state, date day, uint64_t *appeared,
                 uint64_t *gone, struct err *e);

// Takes a snapshot out of its series again: the lifetimes are as if it had never been there.
int series_remove(struct store *s, enum family f, enum registry r, date day, date previous,
                  date next, struct err *e);

#endif
