// SPDX-License-Identifier: Apache-2.0
//
// Rows of MRT files as text, appended to a buffer that the caller empties now and then.
//
// The lines are those of `bgpdump -m`: fields divided by "|", one line for each row. Addresses are
// written as RFC 5952 has them.

#ifndef READ_MRT_TEXT_H
#define READ_MRT_TEXT_H

#include "base/buffer.h"
#include "read/mrt_rows.h"

void mrt_text_line(const struct mrt_row *row, struct buffer *out);

// CSV: the heading, then a row a line. What a row does not have is empty.
void mrt_text_csv_heading(struct buffer *out);
void mrt_text_csv(const struct mrt_row *row, struct buffer *out);

// One JSON object, the keys those of the CSV heading; without what the row does not have.
void mrt_text_json(const struct mrt_row *row, struct buffer *out);

// For people: kind, prefix, origin and path, in columns.
void mrt_text_table_heading(struct buffer *out);
void mrt_text_table(const struct mrt_row *row, unsigned width, struct buffer *out);

#endif
