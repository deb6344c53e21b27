// SPDX-License-Identifier: Apache-2.0

#include "measure/export.h"

#include "base/array.h"
#include "base/file.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

struct reader {
    const char *name;
    struct arena *arena;
    struct err *e;
};

static int memory(struct reader *r)
{
    return err_memory(r->e);
}

void exports_done(struct exports *x)
{
    for (size_t i = 0; i < x->count; i++)
        free(x->at[i].cells);
    arena_done(&x->arena);
    *x = (struct exports){0};
}

const char *export_parameter(const struct export *x, const char *name)
{
    for (size_t i = 0; i < x->parameter_count; i++)
        if (strcmp(x->parameter_names[i], name) == 0)
            return x->parameter_values[i];
    return NULL;
}

const char *export_cell(const struct export *x, size_t row, size_t column)
{
    const char *text = x->cells[row * x->column_count + column];
    return text ? text : "";
}

// ---- JSON

static int wrong(struct reader *r, const char *what)
{
    return err_set(r->e, ERR_INPUT, "%s: %s; a table written by sextant is wanted", r->name, what);
}

static int too_wide(struct reader *r)
{
    return err_set(r->e, ERR_LIMIT, "%s: more than %d columns", r->name, EXPORT_COLUMNS_MAX);
}

// The text of a member, "" where there is none.
static int read_text(struct reader *r, const json_t *object, const char *key, const char **ret)
{
    const json_t *value = json_object_get(object, key);
    if (value && !json_is_string(value)) {
        char what[64];
        snprintf(what, sizeof what, "\"%s\" is no text", key);
        return wrong(r, what);
    }
    *ret = arena_text(r->arena, value ? json_string_value(value) : "",
                      value ? json_string_length(value) : 0);
    return *ret ? 0 : memory(r);
}

static int read_parameters(struct reader *r, json_t *object, struct export *x)
{
    const char *name;
    json_t *value;
    size_t count = json_object_size(object), i = 0;
    if (!json_is_object(object))
        return wrong(r, "the basis has no parameters");
    x->parameter_names = arena_alloc(r->arena, (count + 1) * sizeof *x->parameter_names);
    x->parameter_values = arena_alloc(r->arena, (count + 1) * sizeof *x->parameter_values);
    if (!x->parameter_names || !x->parameter_values)
        return memory(r);
    json_object_foreach(object, name, value)
    {
        x->parameter_names[i] = arena_text(r->arena, name, strlen(name));
        int code = read_text(r, object, name, &x->parameter_values[i]);
        if (code || !x->parameter_names[i])
            return code ? code : memory(r);
        i++;
    }
    x->parameter_count = count;
    return 0;
}

static int read_inputs(struct reader *r, const json_t *array, struct export *x)
{
    size_t count = json_array_size(array);
    if (!json_is_array(array))
        return wrong(r, "the basis has no inputs");
    x->inputs = arena_alloc(r->arena, (count + 1) * sizeof *x->inputs);
    if (!x->inputs)
        return memory(r);
    for (size_t i = 0; i < count; i++) {
        const json_t *one = json_array_get(array, i);
        int code = json_is_object(one) ? 0 : wrong(r, "an input of the basis is no object");
        if (code == 0)
            code = read_text(r, one, "sha256", &x->inputs[i].sha256);
        if (code == 0)
            code = read_text(r, one, "label", &x->inputs[i].label);
        if (code == 0)
            code = read_text(r, one, "source", &x->inputs[i].source);
        if (code)
            return code;
    }
    x->input_count = count;
    return 0;
}

static int read_basis(struct reader *r, const json_t *basis, struct export *x)
{
    const json_t *revision = json_object_get(basis, "revision");
    if (!json_is_object(basis) || !json_is_string(json_object_get(basis, "command")))
        return wrong(r, "there is no basis that says what was computed");
    if (!json_is_integer(revision))
        return wrong(r, "the basis states no revision");
    x->revision = json_integer_value(revision);
    int code = read_text(r, basis, "command", &x->command);
    if (code == 0)
        code = read_text(r, basis, "table", &x->table);
    if (code == 0)
        code = read_text(r, basis, "version", &x->version);
    if (code == 0)
        code = read_text(r, basis, "known_on", &x->known_on);
    if (code == 0)
        code = read_text(r, basis, "inputs_sha256", &x->inputs_sha256);
    if (code == 0)
        code = read_parameters(r, json_object_get(basis, "parameters"), x);
    return code ? code : read_inputs(r, json_object_get(basis, "inputs"), x);
}

static int check_keys(struct reader *r, const struct export *x)
{
    for (size_t i = 0; i < x->column_count; i++)
        for (size_t k = 0; k < i; k++)
            if (strcmp(x->keys[i], x->keys[k]) == 0)
                return wrong(r, "two columns have the same key");
    return 0;
}

static int read_keys(struct reader *r, const json_t *columns, struct export *x)
{
    size_t count = json_array_size(columns);
    if (count == 0)
        return wrong(r, "a table has no columns");
    if (count > EXPORT_COLUMNS_MAX)
        return too_wide(r);
    x->keys = arena_alloc(r->arena, count * sizeof *x->keys);
    if (!x->keys)
        return memory(r);
    for (size_t i = 0; i < count; i++) {
        const json_t *column = json_array_get(columns, i);
        if (!json_is_string(json_object_get(column, "key")))
            return wrong(r, "a column has no key");
        int code = read_text(r, column, "key", &x->keys[i]);
        if (code)
            return code;
    }
    x->column_count = count;
    return check_keys(r, x);
}

static int read_value(struct reader *r, const json_t *value, const char **ret)
{
    char text[REAL_TEXT_MAX];
    const char *from = text;
    if (json_is_null(value))
        return 0;
    if (json_is_string(value))
        from = json_string_value(value);
    else if (json_is_integer(value))
        snprintf(text, sizeof text, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else if (json_is_real(value))
        real_text(json_real_value(value), text);
    else
        return wrong(r, "a cell is neither text nor number nor null");
    *ret = arena_text(r->arena, from, strlen(from));
    return *ret ? 0 : memory(r);
}

static int reserve_cells(struct reader *r, struct export *x, size_t rows)
{
    if (rows > EXPORT_CELLS_MAX / x->column_count)
        return err_set(r->e, ERR_LIMIT, "%s: more than %zu cells", r->name, EXPORT_CELLS_MAX);
    x->cells = calloc(rows * x->column_count + 1, sizeof *x->cells);
    return x->cells ? 0 : memory(r);
}

static int read_rows(struct reader *r, const json_t *rows, struct export *x)
{
    if (!json_is_array(rows))
        return wrong(r, "a table has no rows");
    size_t count = json_array_size(rows);
    int code = reserve_cells(r, x, count);
    for (size_t i = 0; i < count && code == 0; i++) {
        const json_t *row = json_array_get(rows, i);
        if (json_object_size(row) != x->column_count)
            return wrong(r, "a row has not one cell for each column");
        for (size_t k = 0; k < x->column_count && code == 0; k++) {
            const json_t *value = json_object_get(row, x->keys[k]);
            code = value ? read_value(r, value, &x->cells[i * x->column_count + k])
                         : wrong(r, "a row lacks a column");
        }
    }
    x->row_count = code == 0 ? count : 0;
    return code;
}

static int read_table(struct reader *r, const json_t *table, struct exports *all)
{
    if (all->count == EXPORT_TABLES)
        return err_set(r->e, ERR_LIMIT, "%s: more than %d tables", r->name, EXPORT_TABLES);
    struct export *x = &all->at[all->count++];
    int code = json_is_object(table) ? read_basis(r, json_object_get(table, "basis"), x)
                                     : wrong(r, "it is no table");
    if (code == 0 && json_is_string(json_object_get(table, "table")))
        code = read_text(r, table, "table", &x->table);
    if (code == 0)
        code = read_keys(r, json_object_get(table, "columns"), x);
    return code ? code : read_rows(r, json_object_get(table, "rows"), x);
}

static json_t *load(struct reader *r, struct slice text)
{
    json_error_t error;
    if (text.length > EXPORT_JSON_MAX) {
        err_set(r->e, ERR_LIMIT, "%s: longer than %zu MiB", r->name, EXPORT_JSON_MAX >> 20);
        return NULL;
    }
    json_t *root = json_loadb(text.at, text.length, JSON_REJECT_DUPLICATES, &error);
    if (!root)
        err_set(r->e, ERR_INPUT, "%s:%d: %s; JSON written by sextant is wanted", r->name,
                error.line, error.text);
    return root;
}

int export_read_json(const char *name, struct slice text, struct exports *ret, struct err *e)
{
    struct exports all = {0};
    struct reader r = {name, &all.arena, e};
    struct err own = {0};
    if (!e)
        r.e = &own;
    json_t *root = load(&r, text);
    if (!root)
        return r.e->code;
    const json_t *several = json_object_get(root, "tables");
    int code = 0;
    if (!several)
        code = read_table(&r, root, &all);
    else if (json_array_size(several) == 0)
        code = wrong(&r, "\"tables\" has none");
    for (size_t i = 0; i < json_array_size(several) && code == 0; i++)
        code = read_table(&r, json_array_get(several, i), &all);
    json_decref(root);
    if (code == 0)
        *ret = all;
    else
        exports_done(&all);
    return code;
}

// ---- CSV (RFC 4180, lines end with LF or CRLF)

struct csv {
    struct reader *r;
    struct slice rest;
    uint64_t line;
    bool line_ended; // after the field last read
};

static int csv_wrong(struct csv *c, const char *what)
{
    return err_set(c->r->e, ERR_INPUT, "%s:%llu: %s", c->r->name, (unsigned long long)c->line,
                   what);
}

static void csv_step(struct csv *c, size_t bytes)
{
    c->rest.at += bytes;
    c->rest.length -= bytes;
}

// Takes what ends a field.
static int csv_end(struct csv *c)
{
    if (c->rest.length > 0 && c->rest.at[0] == ',') {
        c->line_ended = false;
        csv_step(c, 1);
        return 0;
    }
    size_t cr = c->rest.length > 1 && c->rest.at[0] == '\r' ? 1 : 0;
    if (c->rest.length <= cr || c->rest.at[cr] != '\n')
        return csv_wrong(c, c->rest.length ? "a comma or the line's end is wanted after a field"
                                           : "the last line is cut");
    csv_step(c, cr + 1);
    c->line++;
    c->line_ended = true;
    return 0;
}

static int csv_quoted(struct csv *c, const char **ret)
{
    csv_step(c, 1);
    char *text = NULL;
    size_t length = 0, end = 0;
    while (end < c->rest.length &&
           !(c->rest.at[end] == '"' && (end + 1 == c->rest.length || c->rest.at[end + 1] != '"')))
        end += c->rest.at[end] == '"' ? 2 : 1;
    if (end >= c->rest.length)
        return csv_wrong(c, "a quoted field has no end");
    text = arena_alloc(c->r->arena, end + 1);
    if (!text)
        return memory(c->r);
    for (size_t i = 0; i < end; i++) {
        c->line += c->rest.at[i] == '\n';
        i += c->rest.at[i] == '"';
        text[length++] = c->rest.at[i];
    }
    text[length] = '\0';
    csv_step(c, end + 1);
    *ret = text;
    return csv_end(c);
}

static int csv_plain(struct csv *c, const char **ret)
{
    size_t end = 0;
    while (end < c->rest.length && !strchr(",\r\n\"", c->rest.at[end]) && c->rest.at[end])
        end++;
    if (end < c->rest.length && (c->rest.at[end] == '"' || c->rest.at[end] == '\0'))
        return csv_wrong(c, c->rest.at[end] ? "a quote inside a field" : "a byte that is no text");
    *ret = NULL;
    if (end > 0) {
        *ret = arena_text(c->r->arena, c->rest.at, end);
        if (!*ret)
            return memory(c->r);
    }
    csv_step(c, end);
    return csv_end(c);
}

static int csv_read_field(struct csv *c, const char **ret)
{
    if (c->rest.length > 0 && c->rest.at[0] == '"')
        return csv_quoted(c, ret);
    return csv_plain(c, ret);
}

static int csv_read_heading(struct csv *c, struct export *x)
{
    ARRAY(const char *) keys = {0};
    int code = 0;
    do {
        const char **key = keys.count < EXPORT_COLUMNS_MAX ? ARRAY_ADD(&keys) : NULL;
        if (key)
            code = csv_read_field(c, key);
        else
            code = keys.count < EXPORT_COLUMNS_MAX ? memory(c->r) : too_wide(c->r);
        if (code == 0 && !*key)
            code = csv_wrong(c, "a column has no key");
    } while (code == 0 && !c->line_ended);
    x->keys = code == 0 ? arena_alloc(c->r->arena, keys.count * sizeof *x->keys) : NULL;
    if (x->keys)
        memcpy(x->keys, keys.at, keys.count * sizeof *x->keys);
    else if (code == 0)
        code = memory(c->r);
    x->column_count = keys.count;
    free(keys.at);
    return code ? code : check_keys(c->r, x);
}

static size_t count_lines(struct slice s)
{
    size_t lines = 0;
    for (const char *at = s.at; (at = memchr(at, '\n', s.length - (size_t)(at - s.at))); at++)
        lines++;
    return lines;
}

static int csv_read_rows(struct csv *c, struct export *x)
{
    int code = reserve_cells(c->r, x, count_lines(c->rest) + 1); // one may be cut
    for (size_t row = 0; c->rest.length > 0 && code == 0; row++) {
        for (size_t i = 0; i < x->column_count && code == 0; i++) {
            code = csv_read_field(c, &x->cells[row * x->column_count + i]);
            if (code == 0 && c->line_ended != (i + 1 == x->column_count)) {
                c->line -= c->line_ended;
                code = csv_wrong(c, "the line has not as many fields as the heading");
            }
        }
        x->row_count = row + (code == 0);
    }
    return code;
}

static int read_sidecar(const char *name, struct slice basis, struct arena *arena, struct export *x,
                        struct err *e)
{
    char beside[FILE_PATH_MAX];
    snprintf(beside, sizeof beside, "%s.basis.json", name);
    struct reader r = {beside, arena, e};
    json_t *root = load(&r, basis);
    int code = root ? read_basis(&r, root, x) : r.e->code;
    json_decref(root);
    return code;
}

int export_read_csv(const char *name, struct slice text, struct slice basis, struct exports *ret,
                    struct err *e)
{
    struct exports all = {.count = 1};
    struct err own = {0};
    struct reader r = {name, &all.arena, e ? e : &own};
    struct csv c = {.r = &r, .rest = text, .line = 1};
    int code = text.length > EXPORT_CSV_MAX
                   ? err_set(r.e, ERR_LIMIT, "%s: longer than %zu MiB", name, EXPORT_CSV_MAX >> 20)
                   : read_sidecar(name, basis, &all.arena, &all.at[0], r.e);
    if (code == 0)
        code = csv_read_heading(&c, &all.at[0]);
    if (code == 0)
        code = csv_read_rows(&c, &all.at[0]);
    if (code == 0)
        *ret = all;
    else
        exports_done(&all);
    return code;
}

// ---- files

bool export_is_csv(const char *path)
{
    size_t length = strlen(path);
    return length >= 4 && slice_is_nocase((struct slice){path + length - 4, 4}, ".csv");
}

static int read_csv_file(const char *path, const struct buffer *csv, struct exports *ret,
                         struct err *e)
{
    char beside[FILE_PATH_MAX];
    struct buffer basis = {0};
    int length = snprintf(beside, sizeof beside, "%s.basis.json", path);
    if (length < 0 || (size_t)length >= sizeof beside)
        return err_set(e, ERR_INPUT, "%s: path too long", path);
    int code = file_read(beside, EXPORT_JSON_MAX, &basis, e);
    if (code)
        code = err_set(e, ERR_INPUT,
                       "%s: its basis %s cannot be read; without it nobody can say what the table "
                       "was computed from",
                       path, beside);
    else
        code = export_read_csv(path, (struct slice){csv->at, csv->length},
                               (struct slice){basis.at, basis.length}, ret, e);
    buffer_done(&basis);
    return code;
}

int export_read_file(const char *path, struct exports *ret, struct err *e)
{
    struct buffer bytes = {0};
    int code = file_read(path, export_is_csv(path) ? EXPORT_CSV_MAX : EXPORT_JSON_MAX, &bytes, e);
    if (code == 0 && bytes.length == 0)
        code = err_set(e, ERR_INPUT, "%s: the file is empty", path);
    else if (code == 0 && export_is_csv(path))
        code = read_csv_file(path, &bytes, ret, e);
    else if (code == 0)
        code = export_read_json(path, (struct slice){bytes.at, bytes.length}, ret, e);
    buffer_done(&bytes);
    return code;
}
