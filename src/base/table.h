// SPDX-License-Identifier: Apache-2.0
//
// A table of figures: typed, described columns, rows of cells, notes, and the basis that the
// figures were computed from. Everything that Sextant shows is such a table; the terminal, CSV,
// JSON and Markdown are ways to write it (see table_write.h).
//
//     struct table *t;
//     table_new("geography", &t);
//     size_t name = table_column(t, &(struct column){"name", "Economy", COLUMN_TEXT, ...});
//     size_t row = table_row(t);
//     table_set_text(t, row, name, "Kenya");
//     ...
//     table_free(&t);
//
// The table owns all text: setters copy. A cell that is never set is empty: "not known" or "does
// not apply", never zero. Out of memory, or a row or column that is not there, sets `failed`; check
// it once, when the table is full.

#ifndef BASE_TABLE_H
#define BASE_TABLE_H

#include "base/arena.h"
#include "base/date.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef unsigned __int128 u128;

enum column_type {
    COLUMN_TEXT,
    COLUMN_COUNT,    // exact integer
    COLUMN_FRACTION, // exact: count / 2^shift
    COLUMN_REAL,     // double; `decimals` places
    COLUMN_PERCENT,  // double, 12.5 means 12.5 %; `decimals` places
    COLUMN_DATE,
};

struct column {
    const char *key;     // machine name, also the CSV heading: "cumulative_slash32"
    const char *heading; // for people: "Cumulative"
    enum column_type type;
    const char *unit;        // "/32s", "%", "" where there is none
    const char *description; // one sentence: what the figure is
    unsigned decimals;       // in text and Markdown; CSV and JSON write all that is known
    bool machine_only;       // left out of text and Markdown (exact twins of a shown column)
    bool foreign;   // a stranger's words: in CSV no spreadsheet may take them for a formula
    unsigned shift; // COLUMN_FRACTION: the cell's count is in units of 2^-shift
};

#define TABLE_SHIFT_MAX    124 // ten times the fraction fits 128 bits
#define TABLE_DECIMALS_MAX 30
#define TABLE_CELLS_MAX    ((size_t)1 << 27) // 4 GiB: ten million rows of a dozen columns

enum cell_kind { CELL_EMPTY, CELL_TEXT, CELL_COUNT, CELL_REAL, CELL_DATE };

struct cell {
    enum cell_kind kind;
    union {
        const char *text;
        u128 count; // also for COLUMN_FRACTION
        double real;
        date date;
    };
};

// One input that figures were computed from.
struct basis_input {
    const char *sha256; // 64 hexadecimal digits
    const char *source; // path or URL as it was given
    const char *label;  // "apnic extended 2024-01-05"
};

// What a table was computed from. All text belongs to the table's arena; a new table has this
// program's version and "" for the other texts.
struct basis {
    const char *version; // of the program
    const char *command; // "pace"
    size_t parameter_count, parameter_capacity;
    const char **parameter_names, **parameter_values; // canonical; enough to compute it again
    const char *known_on;                             // "2024-01-05"; "" where it does not apply
    size_t input_count, input_capacity;
    struct basis_input *inputs;
    const char *inputs_sha256; // over the inputs' hashes in order, 64 hexadecimal digits
    int64_t revision;          // the archive's newest input at that moment
};

struct table {
    struct arena arena;
    const char *name;  // machine name: "pace"
    const char *title; // for people, with unit, dates and scope
    struct column *columns;
    size_t column_count, column_capacity;
    size_t key_columns; // leading columns that name a row, repeated in a table that is cut; 0 is 1
    struct cell *cells; // row_count * column_count, row by row
    size_t row_count, row_capacity;
    const char **notes; // sentences printed under the table
    size_t note_count, note_capacity;
    struct basis basis;
    bool failed; // out of memory while it was filled
};

int table_new(const char *name, struct table **ret); // ERR_MEMORY
void table_free(struct table **t);

void table_title(struct table *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
size_t table_column(struct table *t, const struct column *c); // before the first row; its index
size_t table_row(struct table *t);                            // an empty last row; its index
void table_note(struct table *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

void table_set_text(struct table *t, size_t row, size_t column, const char *text);
void table_set_count(struct table *t, size_t row, size_t column, u128 count);
void table_set_real(struct table *t, size_t row, size_t column, double value); // NaN: empty
void table_set_date(struct table *t, size_t row, size_t column, date value);   // DATE_NONE: empty

// The cell, or an empty one where there is no such row or column.
const struct cell *table_cell(const struct table *t, size_t row, size_t column);

// The index of the column with that key, or SIZE_MAX.
size_t table_find_column(const struct table *t, const char *key);

// Basis, written while the table is made. Parameters keep the order in which they are added.
void table_basis_parameter(struct table *t, const char *name, const char *value);
void table_basis_input(struct table *t, const char *sha256, const char *source, const char *label);

#endif
