// SPDX-License-Identifier: Apache-2.0
//
// Two written forms of one table, compared: rows by the columns that name them, then cells.

#include "measure/verify.h"

#include <stdlib.h>

struct keyed {
    const char *key;
    size_t row;
};

struct comparison {
    const struct export *exported, *now;
    size_t *now_column; // of each exported column; SIZE_MAX: the table has none such today
    size_t key_count;
    struct arena arena;
    struct keyed *rows[2];
    int (*each)(const struct export_difference *d, void *arg);
    void *arg;
    struct err *err;
};

static size_t find_key(const struct export *x, const char *key)
{
    for (size_t i = 0; i < x->column_count; i++)
        if (strcmp(x->keys[i], key) == 0)
            return i;
    return SIZE_MAX;
}

// The rows' keys, in order; rows of the same key keep theirs.
static int keyed_order(const void *left, const void *right)
{
    const struct keyed *a = left, *b = right;
    int order = strcmp(a->key, b->key);
    return order ? order : (a->row > b->row) - (a->row < b->row);
}

static const char *row_key(struct comparison *c, const struct export *x, const size_t *columns,
                           size_t row)
{
    if (c->key_count == 1)
        return export_cell(x, row, columns[0]);
    size_t length = 0;
    for (size_t i = 0; i < c->key_count; i++)
        length += strlen(export_cell(x, row, columns[i])) + 1;
    char *key = arena_alloc(&c->arena, length + 1), *at = key;
    for (size_t i = 0; key && i < c->key_count; i++) {
        const char *part = export_cell(x, row, columns[i]);
        size_t size = strlen(part);
        memcpy(at, part, size);
        at[size] = i + 1 < c->key_count ? ' ' : '\0';
        at += size + 1;
    }
    return key;
}

static int sort_rows(struct comparison *c, const struct export *x, const size_t *columns,
                     struct keyed **ret)
{
    struct keyed *rows = calloc(x->row_count + 1, sizeof *rows);
    if (!rows)
        return err_memory(c->err);
    *ret = rows;
    for (size_t i = 0; i < x->row_count; i++) {
        rows[i] = (struct keyed){row_key(c, x, columns, i), i};
        if (!rows[i].key)
            return err_memory(c->err);
    }
    qsort(rows, x->row_count, sizeof *rows, keyed_order);
    return 0;
}

static int report(struct comparison *c, const char *row, const char *column, const char *exported,
                  const char *now)
{
    return c->each(&(struct export_difference){row, column, exported, now}, c->arg);
}

static int compare_cells(struct comparison *c, const char *key, size_t exported, size_t now)
{
    int code = 0;
    for (size_t i = 0; i < c->exported->column_count && code == 0; i++) {
        if (c->now_column[i] == SIZE_MAX)
            continue;
        const char *then = export_cell(c->exported, exported, i);
        const char *today = export_cell(c->now, now, c->now_column[i]);
        if (strcmp(then, today) != 0)
            code = report(c, key, c->exported->keys[i], then, today);
    }
    return code;
}

static int compare_rows(struct comparison *c)
{
    size_t i = 0, k = 0, moved = 0;
    int code = 0;
    const struct keyed *a = c->rows[0], *b = c->rows[1];
    while ((i < c->exported->row_count || k < c->now->row_count) && code == 0) {
        int order = i == c->exported->row_count ? 1
                    : k == c->now->row_count    ? -1
                                                : strcmp(a[i].key, b[k].key);
        if (order < 0) {
            code = report(c, a[i++].key, "", "a row", "");
        } else if (order > 0) {
            code = report(c, b[k++].key, "", "", "a row");
        } else {
            moved += a[i].row != b[k].row;
            code = compare_cells(c, a[i].key, a[i].row, b[k].row);
            i++;
            k++;
        }
    }
    if (code == 0 && moved && c->exported->row_count == c->now->row_count)
        code = report(c, "", "", "the rows in this order", "the rows in another order");
    return code;
}

static int compare_columns(struct comparison *c)
{
    int code = 0;
    for (size_t i = 0; i < c->exported->column_count && code == 0; i++) {
        c->now_column[i] = find_key(c->now, c->exported->keys[i]);
        if (c->now_column[i] == SIZE_MAX)
            code = report(c, "", c->exported->keys[i], "a column", "");
    }
    for (size_t i = 0; i < c->now->column_count && code == 0; i++)
        if (find_key(c->exported, c->now->keys[i]) == SIZE_MAX)
            code = report(c, "", c->now->keys[i], "", "a column");
    return code;
}

// The columns that name a row, where both forms have them.
static void choose_keys(struct comparison *c, const char *const *names, size_t *exported,
                        size_t *now)
{
    for (; *names; names++) {
        size_t then = find_key(c->exported, *names), today = find_key(c->now, *names);
        if (then == SIZE_MAX || today == SIZE_MAX)
            continue;
        exported[c->key_count] = then;
        now[c->key_count++] = today;
    }
}

// Those that identify it, where the table has such; else the leading ones.
void export_row_names(const struct table *t, const char *names[EXPORT_COLUMNS_MAX + 1])
{
    static const char *const known[] = {"campaign", "period", "scope",      "key",   "side",
                                        "registry", "block",  "first_seen", "status"};
    static const char *const identifying[] = {"key", "side", "relation"};
    size_t count = 0, leading = t->key_columns ? t->key_columns : 1;
    bool keyed = false;
    for (size_t i = 0; i < sizeof identifying / sizeof *identifying; i++)
        keyed = keyed || table_find_column(t, identifying[i]) != SIZE_MAX;
    for (size_t i = 0; keyed && i < sizeof known / sizeof *known; i++)
        if (table_find_column(t, known[i]) != SIZE_MAX)
            names[count++] = known[i];
    for (size_t i = 0; !keyed && i < leading && i < t->column_count; i++)
        names[count++] = t->columns[i].key;
    names[count] = NULL;
}

int export_compare(const struct export *exported, const struct export *now,
                   const char *const *names,
                   int (*each)(const struct export_difference *d, void *arg), void *arg,
                   struct err *e)
{
    struct comparison c = {.exported = exported, .now = now, .each = each, .arg = arg, .err = e};
    size_t key_columns = 0;
    while (names[key_columns])
        key_columns++;
    size_t *columns = calloc(2 * key_columns + exported->column_count + 1, sizeof *columns);
    if (!columns)
        return err_memory(e);
    c.now_column = columns + 2 * key_columns;
    choose_keys(&c, names, columns, columns + key_columns);
    int code = compare_columns(&c);
    if (code == 0)
        code = sort_rows(&c, exported, columns, &c.rows[0]);
    if (code == 0)
        code = sort_rows(&c, now, columns + key_columns, &c.rows[1]);
    if (code == 0)
        code = compare_rows(&c);
    free(c.rows[0]);
    free(c.rows[1]);
    free(columns);
    arena_done(&c.arena);
    return code;
}
