// SPDX-License-Identifier: Apache-2.0
//
// Four ways to write a table.
//
// text      aligned for a terminal of `width` columns, title with a rule, notes and the basis under
//           it. Widths are those of the terminal (Chinese is two columns wide, combining marks
//           none); names in a right-to-left script are isolated (U+2068 .. U+2069) so that the
//           columns keep their order. In too wide a table long names are wrapped in their column;
//           where that is not enough it is cut into blocks that repeat the key columns.
// csv       RFC 4180 with LF, UTF-8, heading = column keys, ISO dates, "." as decimal point, empty
//           cells empty. Fractions and counts exact.
// json      {"table", "title", "basis", "columns": [{key, heading, type, unit, description}],
//           "rows": [{key: value}], "notes"}. Counts above 2^53, and fractions that a double cannot
//           hold, are written as text.
// markdown  a pipe table with the text form's cells.
//
// Control characters and bytes that are not UTF-8 leave none of these raw: a file may end up on a
// terminal. A table that failed sets out->failed.

#ifndef BASE_TABLE_WRITE_H
#define BASE_TABLE_WRITE_H

#include "base/buffer.h"
#include "base/json.h"
#include "base/table.h"
#include "base/terminal.h"

enum table_format { TABLE_TEXT, TABLE_CSV, TABLE_JSON, TABLE_MARKDOWN };

bool table_format_parse(struct slice s, enum table_format *ret); // table, csv, json, markdown

// How a language writes what is made while a table is written: its figures ("1,234.5" in English)
// and sentences (the line under it).
struct table_tongue {
    const void *words;
    void (*figure)(const void *words, const char *english, struct buffer *out);
    void (*sentence)(const void *words, const char *english, struct buffer *out);
};

struct table_style {
    const struct table_tongue *tongue; // NULL: English
    unsigned width;                    // columns of the terminal; 0: no limit
    bool color;                        // bold headings (only for a terminal)
    size_t repeat; // leading columns repeated when the table is cut; 0: its key_columns
};

void table_write_text(const struct table *t, const struct table_style *style, struct buffer *out);
void table_write_csv(const struct table *t, struct buffer *out);
void table_write_json(const struct table *t, struct buffer *out);
void table_write_json_value(const struct table *t, const char *key, struct json *j); // as a part
void table_write_markdown(const struct table *t, const struct table_tongue *tongue,
                          struct buffer *out);

// The basis alone, as a JSON object: the sidecar of a CSV file.
void basis_write_json(const struct table *t, struct buffer *out);

// "Known on 2024-01-05; 5 inputs, sha256 1234abcd…; sextant 0.1.0", without a newline.
void table_write_foot(const struct table *t, const struct table_tongue *tongue, struct buffer *out);

// The cell as each format writes it, without quoting. Text form: 1,234,567.8 with `decimals`.
void cell_format(const struct column *c, const struct cell *cell, enum table_format format,
                 struct buffer *out);

// The cell for people, in a language.
void cell_say(const struct column *c, const struct cell *cell, const struct table_tongue *tongue,
              struct buffer *out);

#endif
