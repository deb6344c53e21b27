// SPDX-License-Identifier: Apache-2.0

#include "base/table.h"

#include "base/array.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// A copy in the table's arena; "" when out of memory, and `failed` is set.
static const char *keep(struct table *t, const char *text)
{
    const char *copy = arena_text(&t->arena, text ? text : "", text ? strlen(text) : 0);
    if (!copy)
        t->failed = true;
    return copy ? copy : "";
}

static const char *keep_format(struct table *t, const char *format, va_list args)
{
    char *text = NULL;
    if (vasprintf(&text, format, args) < 0) {
        t->failed = true;
        return "";
    }
    const char *copy = keep(t, text);
    free(text);
    return copy;
}

int table_new(const char *name, struct table **ret)
{
    struct table *t = calloc(1, sizeof *t);
    if (!t)
        return ERR_MEMORY;
    t->name = keep(t, name);
    t->title = "";
    t->basis = (struct basis){
        .version = SEXTANT_VERSION, .command = "", .known_on = "", .inputs_sha256 = ""};
    if (t->failed) {
        table_free(&t);
        return ERR_MEMORY;
    }
    *ret = t;
    return 0;
}

void table_free(struct table **t)
{
    if (!*t)
        return;
    free((*t)->columns);
    free((*t)->cells);
    free((*t)->notes);
    free((*t)->basis.parameter_names);
    free((*t)->basis.parameter_values);
    free((*t)->basis.inputs);
    arena_done(&(*t)->arena);
    free(*t);
    *t = NULL;
}

void table_title(struct table *t, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    t->title = keep_format(t, format, args);
    va_end(args);
}

size_t table_column(struct table *t, const struct column *c)
{
    if (t->row_count > 0 || c->shift > TABLE_SHIFT_MAX || c->decimals > TABLE_DECIMALS_MAX ||
        !array_reserve_((void **)&t->columns, &t->column_capacity, t->column_count + 1,
                        sizeof *t->columns)) {
        t->failed = true;
        return SIZE_MAX;
    }
    struct column *column = &t->columns[t->column_count];
    *column = *c;
    column->key = keep(t, c->key);
    column->heading = keep(t, c->heading);
    column->unit = keep(t, c->unit);
    column->description = keep(t, c->description);
    return t->column_count++;
}

size_t table_row(struct table *t)
{
    if (t->column_count == 0 || t->row_count >= TABLE_CELLS_MAX / t->column_count ||
        !array_reserve_((void **)&t->cells, &t->row_capacity, t->row_count + 1,
                        t->column_count * sizeof *t->cells)) {
        t->failed = true;
        return SIZE_MAX;
    }
    memset(t->cells + t->row_count * t->column_count, 0, t->column_count * sizeof *t->cells);
    return t->row_count++;
}

void table_note(struct table *t, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *note = keep_format(t, format, args);
    va_end(args);
    if (array_reserve_((void **)&t->notes, &t->note_capacity, t->note_count + 1, sizeof *t->notes))
        t->notes[t->note_count++] = note;
    else
        t->failed = true;
}

// The cell to fill; NULL, and `failed` set, where there is none.
static struct cell *cell_at(struct table *t, size_t row, size_t column)
{
    if (row < t->row_count && column < t->column_count)
        return &t->cells[row * t->column_count + column];
    t->failed = true;
    return NULL;
}

void table_set_text(struct table *t, size_t row, size_t column, const char *text)
{
    struct cell *cell = cell_at(t, row, column);
    if (cell && text)
        *cell = (struct cell){.kind = CELL_TEXT, .text = keep(t, text)};
}

void table_set_count(struct table *t, size_t row, size_t column, u128 count)
{
    struct cell *cell = cell_at(t, row, column);
    if (cell)
        *cell = (struct cell){.kind = CELL_COUNT, .count = count};
}

void table_set_real(struct table *t, size_t row, size_t column, double value)
{
    struct cell *cell = cell_at(t, row, column);
    if (cell && isfinite(value))
        *cell = (struct cell){.kind = CELL_REAL, .real = value};
}

void table_set_date(struct table *t, size_t row, size_t column, date value)
{
    struct cell *cell = cell_at(t, row, column);
    if (cell && value != DATE_NONE && value != DATE_MAX)
        *cell = (struct cell){.kind = CELL_DATE, .date = value};
}

const struct cell *table_cell(const struct table *t, size_t row, size_t column)
{
    static const struct cell empty = {.kind = CELL_EMPTY};
    if (row >= t->row_count || column >= t->column_count)
        return &empty;
    return &t->cells[row * t->column_count + column];
}

size_t table_find_column(const struct table *t, const char *key)
{
    for (size_t i = 0; i < t->column_count; i++)
        if (strcmp(t->columns[i].key, key) == 0)
            return i;
    return SIZE_MAX;
}

void table_basis_parameter(struct table *t, const char *name, const char *value)
{
    struct basis *b = &t->basis;
    size_t values_capacity = b->parameter_capacity;
    if (!array_reserve_((void **)&b->parameter_values, &values_capacity, b->parameter_count + 1,
                        sizeof *b->parameter_values) ||
        !array_reserve_((void **)&b->parameter_names, &b->parameter_capacity,
                        b->parameter_count + 1, sizeof *b->parameter_names)) {
        t->failed = true;
        return;
    }
    b->parameter_names[b->parameter_count] = keep(t, name);
    b->parameter_values[b->parameter_count++] = keep(t, value);
}

void table_basis_input(struct table *t, const char *sha256, const char *source, const char *label)
{
    struct basis *b = &t->basis;
    if (!array_reserve_((void **)&b->inputs, &b->input_capacity, b->input_count + 1,
                        sizeof *b->inputs)) {
        t->failed = true;
        return;
    }
    b->inputs[b->input_count++] =
        (struct basis_input){keep(t, sha256), keep(t, source), keep(t, label)};
}
