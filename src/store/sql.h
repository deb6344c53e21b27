// SPDX-License-Identifier: Apache-2.0
//
// SQLite behind the room's own error sentences. Private to src/store.

#ifndef STORE_SQL_H
#define STORE_SQL_H

#include "base/err.h"
#include "store/store.h"

#include <sqlite3.h>
#include <stdbool.h>

struct store {
    sqlite3 *db;
    char *path;
    enum store_mode mode;
    struct kept *kept;    // kept.c; NULL: nothing is kept
    sqlite3_stmt *holder; // inputs.c: asked again and again; NULL before
    int64_t deadline;     // as store_set_deadline
};

// Turns a failed call on s->db into one sentence: ERR_STORE where the file is at fault, ERR_SYSTEM
// where the machine is, ERR_MEMORY.
int sql_fail(struct store *s, struct err *e);

// ERR_LATE once the deadline has passed.
int sql_check_deadline(struct store *s, struct err *e);

// Runs statements that give no rows.
int sql_run(struct store *s, const char *sql, struct err *e);

int sql_prepare(struct store *s, const char *sql, sqlite3_stmt **ret, struct err *e);

// One row further. *ret_row false at the end.
int sql_step(struct store *s, sqlite3_stmt *statement, bool *ret_row, struct err *e);

// Runs a bound statement that gives no rows, and makes it ready for the next.
int sql_finish(struct store *s, sqlite3_stmt *statement, struct err *e);

// The first column of the first row; untouched where there is no row.
int sql_integer(struct store *s, const char *sql, int64_t *ret, struct err *e);

// Rows without stepping out of SQLite for each, which takes a third of the time: the statement is
// "SELECT give(?1, a, b, ...) FROM ...", and `take` gets a, b, ... of every row in the order in
// which the query visits them. ?1 is bound here. A code other than 0 from `take` ends it and is
// returned.
typedef int sql_take(sqlite3_value **values, void *arg);
int sql_give(struct store *s, sqlite3_stmt *statement, sql_take *take, void *arg, struct err *e);
int sql_register_give(struct store *s, struct err *e);

// Everything in one transaction that takes the write lock at once.
int sql_begin(struct store *s, struct err *e);
int sql_commit(struct store *s, struct err *e);
void sql_rollback(struct store *s);

// The number line's point as bytes in network order: 16 for IPv6, 4 for IPv4 and AS numbers.
void sql_bind_start(sqlite3_stmt *statement, int index, enum family f, u128 start);
u128 sql_start(sqlite3_value *value);

// Economies are two letters; '' stands for none.
void sql_bind_economy(sqlite3_stmt *statement, int index, economy e);
economy sql_economy(sqlite3_value *value);

// schema.c: refuses a foreign or newer archive, and changes nothing.
int schema_check(struct store *s, int64_t *ret_version, struct err *e);

// schema.c: makes or migrates the tables of a writable store; refuses a foreign or newer one.
int schema_prepare(struct store *s, struct err *e);

// snapshots.c: all snapshots, from the file.
int snapshots_read(struct store *s, struct snapshot_list *ret, struct err *e);

// snapshots.c: sets `suspect` in one series, in order of date.
void snapshots_mark_suspects(struct snapshot *at, size_t count);

#endif
