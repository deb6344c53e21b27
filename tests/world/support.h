// SPDX-License-Identifier: Apache-2.0
//
// What the tests of the world share: a world that loads or fails the test, and reading of tables
// that owes nothing to the code under test but csv_field.

#ifndef TESTS_WORLD_SUPPORT_H
#define TESTS_WORLD_SUPPORT_H

#include "base/buffer.h"
#include "world/world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct world *load(enum language l);

// "KE" as an economy.
economy two(const char *code);

// The members of the group with that key on that date.
size_t members(const struct world *w, enum grouping g, const char *key, date on);
bool member(const struct world *w, enum grouping g, const char *key, const char *code, date on);

// Reads data/`name` into *text and gives its next row, without comments; false at the end.
void table_read(const char *name, struct buffer *text);
bool table_next(char **at, struct slice *fields, size_t count);

#endif
