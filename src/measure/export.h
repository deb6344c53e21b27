// SPDX-License-Identifier: Apache-2.0
//
// Exported tables, read back: a CSV file with its basis beside it, or JSON with the basis inside.
//
// Every cell becomes text in one canonical form (numbers as their shortest decimal form), so that
// two exports of one table can be compared cell by cell. The bytes are hostile: strict grammars,
// named limits, a sentence with the place for what is wrong.

#ifndef MEASURE_EXPORT_H
#define MEASURE_EXPORT_H

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EXPORT_CSV_MAX     ((size_t)256 << 20) // bytes: some four million rows
#define EXPORT_JSON_MAX    ((size_t)64 << 20)  // bytes: takes ten times as much memory when parsed
#define EXPORT_CELLS_MAX   ((size_t)1 << 26)
#define EXPORT_COLUMNS_MAX 256
#define EXPORT_TABLES      16 // in one file

struct export_input {
    const char *sha256, *label, *source;
};

// One table as it was exported. All text belongs to the arena it was read into.
struct export
{
    const char *command, *table, *version, *known_on, *inputs_sha256;
    int64_t revision;
    size_t parameter_count;
    const char **parameter_names, **parameter_values;
    size_t input_count;
    struct export_input *inputs;
    size_t column_count;
    const char **keys;
    size_t row_count;
    const char **cells; // row by row; NULL: empty
};

struct exports {
    struct arena arena;
    struct export at[EXPORT_TABLES];
    size_t count;
};

// `name` begins the sentences. ERR_INPUT, ERR_LIMIT, ERR_MEMORY.
int export_read_csv(const char *name, struct slice csv, struct slice basis, struct exports *ret,
                    struct err *e);
int export_read_json(const char *name, struct slice json, struct exports *ret, struct err *e);
void exports_done(struct exports *x); // accepts a zeroed one

// A path that ends in ".csv" has its basis in PATH.basis.json; everything else is JSON.
bool export_is_csv(const char *path);
int export_read_file(const char *path, struct exports *ret, struct err *e);

// The columns that name a row, whatever its rank or number, ended with NULL.
struct table;
void export_row_names(const struct table *t, const char *names[EXPORT_COLUMNS_MAX + 1]);

const char *export_parameter(const struct export *x, const char *name);     // NULL: not stated
const char *export_cell(const struct export *x, size_t row, size_t column); // "" for empty

#endif
