// SPDX-License-Identifier: Apache-2.0

#include "base/table_write.h"

bool table_format_parse(struct slice s, enum table_format *ret)
{
    static const char *const names[] = {"table", "csv", "json", "markdown"};
    for (unsigned i = 0; i < 4; i++)
        if (slice_is(s, names[i])) {
            *ret = (enum table_format)i;
            return true;
        }
    return false;
}

static void add_csv_field(struct slice s, struct buffer *out)
{
    bool plain = true;
    for (size_t i = 0; i < s.length && plain; i++)
        plain = s.at[i] != ',' && s.at[i] != '"' && s.at[i] != '\n' && s.at[i] != '\r';
    if (plain) {
        buffer_add(out, s.at, s.length);
        return;
    }
    buffer_char(out, '"');
    for (size_t i = 0; i < s.length; i++) {
        if (s.at[i] == '"')
            buffer_char(out, '"');
        buffer_char(out, s.at[i]);
    }
    buffer_char(out, '"');
}

static bool is_formula(const struct cell *c)
{
    return c->kind == CELL_TEXT && c->text[0] && strchr("=+-@\t\r", c->text[0]);
}

void table_write_csv(const struct table *t, struct buffer *out)
{
    struct buffer text = {0};
    for (size_t i = 0; i < t->column_count; i++) {
        buffer_text(out, i > 0 ? "," : "");
        add_csv_field(slice_of(t->columns[i].key), out);
    }
    buffer_char(out, '\n');
    for (size_t row = 0; row < t->row_count && !out->failed; row++) {
        for (size_t i = 0; i < t->column_count; i++) {
            text.length = 0;
            if (t->columns[i].foreign && is_formula(table_cell(t, row, i)))
                buffer_char(&text, '\'');
            cell_format(&t->columns[i], table_cell(t, row, i), TABLE_CSV, &text);
            buffer_text(out, i > 0 ? "," : "");
            add_csv_field((struct slice){text.at, text.length}, out);
        }
        buffer_char(out, '\n');
    }
    out->failed = out->failed || text.failed || t->failed;
    buffer_done(&text);
}

static const char *type_name(enum column_type type)
{
    static const char *const names[] = {"text", "count", "fraction", "real", "percent", "date"};
    return names[type];
}

static void write_columns(const struct table *t, struct json *j)
{
    json_open(j, "columns", '[');
    for (size_t i = 0; i < t->column_count; i++) {
        const struct column *c = &t->columns[i];
        json_open(j, NULL, '{');
        json_text(j, "key", c->key);
        json_text(j, "heading", c->heading);
        json_text(j, "type", type_name(c->type));
        json_text(j, "unit", c->unit);
        json_text(j, "description", c->description);
        json_close(j);
    }
    json_close(j);
}

// A number where every reader of JSON gets the same value from it, else text.
static void write_cell(const struct column *c, const struct cell *cell, struct buffer *text,
                       struct json *j)
{
    if (cell->kind == CELL_EMPTY) {
        json_null(j, c->key);
        return;
    }
    text->length = 0;
    cell_format(c, cell, TABLE_JSON, text);
    const char *digits = text->at ? text->at : "";
    bool number =
        cell->kind == CELL_REAL || (cell->kind == CELL_COUNT && cell->count <= (u128)1 << 53);
    if (cell->kind == CELL_TEXT)
        json_text(j, c->key, cell->text);
    else if (number)
        json_raw(j, c->key, digits);
    else
        json_text(j, c->key, digits);
}

// One row a line, whatever the indentation.
static void write_rows(const struct table *t, struct json *j)
{
    struct buffer text = {0};
    unsigned indent = j->indent;
    json_open(j, "rows", '[');
    for (size_t row = 0; row < t->row_count && !j->out->failed; row++) {
        json_open(j, NULL, '{');
        j->indent = 0;
        for (size_t i = 0; i < t->column_count; i++)
            write_cell(&t->columns[i], table_cell(t, row, i), &text, j);
        json_close(j);
        j->indent = indent;
    }
    json_close(j);
    j->out->failed = j->out->failed || text.failed;
    buffer_done(&text);
}

static void write_basis(const struct table *t, const char *key, struct json *j)
{
    const struct basis *b = &t->basis;
    json_open(j, key, '{');
    json_text(j, "version", b->version);
    json_text(j, "command", b->command);
    json_text(j, "table", t->name);
    json_open(j, "parameters", '{');
    for (size_t i = 0; i < b->parameter_count; i++)
        json_text(j, b->parameter_names[i], b->parameter_values[i]);
    json_close(j);
    json_text(j, "known_on", b->known_on);
    json_integer(j, "revision", b->revision);
    json_text(j, "inputs_sha256", b->inputs_sha256);
    json_open(j, "inputs", '[');
    for (size_t i = 0; i < b->input_count; i++) {
        json_open(j, NULL, '{');
        json_text(j, "sha256", b->inputs[i].sha256);
        json_text(j, "source", b->inputs[i].source);
        json_text(j, "label", b->inputs[i].label);
        json_close(j);
    }
    json_close(j);
    json_close(j);
}

void table_write_json_value(const struct table *t, const char *key, struct json *j)
{
    json_open(j, key, '{');
    json_text(j, "table", t->name);
    json_text(j, "title", t->title);
    write_basis(t, "basis", j);
    write_columns(t, j);
    write_rows(t, j);
    json_open(j, "notes", '[');
    for (size_t i = 0; i < t->note_count; i++)
        json_text(j, NULL, t->notes[i]);
    json_close(j);
    json_close(j);
    j->out->failed = j->out->failed || t->failed;
}

void table_write_json(const struct table *t, struct buffer *out)
{
    struct json j = {.out = out, .indent = 2};
    table_write_json_value(t, NULL, &j);
    buffer_char(out, '\n');
}

void basis_write_json(const struct table *t, struct buffer *out)
{
    struct json j = {.out = out, .indent = 2};
    write_basis(t, NULL, &j);
    buffer_char(out, '\n');
    out->failed = out->failed || t->failed;
}

static void add_markdown(struct slice s, struct buffer *out)
{
    for (size_t i = 0; i < s.length; i++) {
        if (strchr("\\|*_<>[]&`#~", s.at[i]))
            buffer_char(out, '\\');
        buffer_char(out, s.at[i]);
    }
}

static void add_markdown_text(const char *text, struct buffer *out)
{
    struct buffer clean = {0};
    text_clean(slice_of(text), &clean);
    add_markdown((struct slice){clean.at, clean.length}, out);
    out->failed = out->failed || clean.failed;
    buffer_done(&clean);
}

static void add_markdown_headings(const struct table *t, struct buffer *out)
{
    for (size_t i = 0; i < t->column_count; i++) {
        const struct column *c = &t->columns[i];
        if (c->machine_only)
            continue;
        buffer_text(out, "| ");
        add_markdown_text(c->heading, out);
        buffer_text(out, c->unit[0] ? ", " : "");
        add_markdown_text(c->unit, out);
        buffer_char(out, ' ');
    }
    buffer_text(out, "|\n");
    for (size_t i = 0; i < t->column_count; i++) {
        const struct column *c = &t->columns[i];
        bool left = c->type == COLUMN_TEXT || c->type == COLUMN_DATE;
        if (!c->machine_only)
            buffer_text(out, left ? "| --- " : "| ---: ");
    }
    buffer_text(out, "|\n");
}

static void add_markdown_row(const struct table *t, size_t row, const struct table_tongue *tongue,
                             struct buffer *text, struct buffer *out)
{
    for (size_t i = 0; i < t->column_count; i++) {
        if (t->columns[i].machine_only)
            continue;
        text->length = 0;
        cell_say(&t->columns[i], table_cell(t, row, i), tongue, text);
        buffer_text(out, "| ");
        add_markdown((struct slice){text->at, text->length}, out);
        buffer_char(out, ' ');
    }
    buffer_text(out, "|\n");
}

void table_write_markdown(const struct table *t, const struct table_tongue *tongue,
                          struct buffer *out)
{
    struct buffer text = {0};
    if (t->title[0]) {
        buffer_text(out, "**");
        add_markdown_text(t->title, out);
        buffer_text(out, "**\n\n");
    }
    add_markdown_headings(t, out);
    for (size_t row = 0; row < t->row_count && !out->failed; row++)
        add_markdown_row(t, row, tongue, &text, out);
    for (size_t i = 0; i < t->note_count; i++) {
        buffer_char(out, '\n');
        add_markdown_text(t->notes[i], out);
        buffer_char(out, '\n');
    }
    text.length = 0;
    table_write_foot(t, tongue, &text);
    buffer_char(out, '\n');
    add_markdown((struct slice){text.at, text.length}, out);
    buffer_char(out, '\n');
    out->failed = out->failed || text.failed || t->failed;
    buffer_done(&text);
}
