// SPDX-License-Identifier: Apache-2.0
//
// Four ways to write a table.
//
// text      aligned for a terminal of `width` columns, title with a rule, notes and the basis under
//           it. Widths are those of the terminal (Chinese is two columns wide, combining marks
//           none); names in a right-to-left script are isolated (U+2068 .. U+2069) so that the
//           columns keep their order. Too wide a table is cut into blocks that repeat the key
//           columns, never wrapped in the middle of a row.
// csv       RFC 4180 with LF, UTF-8, heading = column keys, ISO dates, "." as decimal point, empty
//           cells empty. Fractions and counts exact.
// json      {"table", "title", "basis", "columns": [{key, heading, type, unit, description}],
//           "rows": [{key: value}], "notes"}. Counts above 2^53 are written as text.
// markdown  a pipe table with the text form's cells.

#ifndef BASE_TABLE_WRITE_H
#define BASE_TABLE_WRITE_H

#include "base/buffer.h"
#include "base/json.h"
#include "base/table.h"

enum table_format { TABLE_TEXT, TABLE_CSV, TABLE_JSON, TABLE_MARKDOWN };

bool table_format_parse(struct slice s, enum table_format *ret); // table, csv, json, markdown

struct table_style {
    unsigned width;    // columns of the terminal; 0: no limit
    bool color;        // bold headings (only for a terminal)
    size_t repeat;     // leading columns repeated in each block when the table is cut; at least 1
};

void table_write_text(const struct table *t, const struct table_style *style, struct buffer *out);
void table_write_csv(const struct table *t, struct buffer *out);
void table_write_json(const struct table *t, struct buffer *out);
void table_write_json_value(const struct table *t, const char *key, struct json *j); // as a part
void table_write_markdown(const struct table *t, struct buffer *out);

// The basis alone, as a JSON object: the sidecar of a CSV file.
void basis_write_json(const struct table *t, struct buffer *out);

// The cell as each format writes it, without quoting. Text form: 1,234,567.8 with `decimals`.
void cell_format(const struct column *c, const struct cell *cell, enum table_format format,
                 struct buffer *out);

// Terminal columns that a UTF-8 text takes.
unsigned text_width(const char *text);

#endif
