// SPDX-License-Identifier: Apache-2.0
//
// What the tests of the figures share: a world, cells of tables, and small random archives, whose
// lifetimes come from daily sets of records that are kept in full.

#ifndef TESTS_MEASURE_SUPPORT_H
#define TESTS_MEASURE_SUPPORT_H

#include "measure/keys.h"
#include "measure/pace.h"
#include "measure/view.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

struct world *test_world(void);

uint64_t random_next(uint64_t *state);
size_t random_below(uint64_t *state, size_t n);

struct query query_of(const char *const *parameters); // name, value, ..., NULL

// The cell of a row by its column's key; fails the test where there is no such column.
const struct cell *cell_of(const struct table *t, size_t row, const char *key);
u128 count_of(const struct table *t, size_t row, const char *key);
const char *text_of(const struct table *t, size_t row, const char *key);
bool is_empty_cell(const struct table *t, size_t row, const char *key);

// The space of the small archives: 16 leaves, the /36s of 2001:db8::/32.
#define LEAVES        16
#define LEAF_LENGTH   36
#define LEAF_SIZE     ((u128)1 << (128 - LEAF_LENGTH))
#define FIRST_ADDRESS ((u128)0x20010db8 << 96)

#define DAYS            45
#define LIFETIMES_MAX   4000
#define TEST_REGISTRIES 3

struct archive {
    date start; // day 0
    struct snapshot snapshots[TEST_REGISTRIES * DAYS];
    size_t snapshot_count;
    struct lifetime lifetimes[LIFETIMES_MAX];
    size_t count;
    date known[TEST_REGISTRIES]; // the newest snapshot
};

// `holders`: records state some. Snapshots are missing on some days and dip on others.
void archive_fill(struct archive *a, uint64_t seed, date start, bool holders);
struct view archive_view(struct archive *a, const struct world *w);

size_t leaf_first(const struct lifetime *l);
size_t leaf_last(const struct lifetime *l);

#endif
