// SPDX-License-Identifier: Apache-2.0
//
// A table in the reader's language, for the terminal and for Markdown. What programs read (CSV,
// JSON) has the same words in every language.

#ifndef SITE_TABLE_WORDS_H
#define SITE_TABLE_WORDS_H

#include "base/table_write.h"
#include "site/words.h"

// Puts title, headings, units, notes and the words in cells into the language; names stay as they
// are, and so does what has no translation. Out of memory, t->failed is set.
void table_words(struct table *t, const struct words *w);

// How the language writes figures and the line under a table; it keeps `w`.
struct table_tongue table_words_tongue(const struct words *w);

// Text of such a column is a name (of a holder, a file, a node), not a word of the program.
bool table_words_is_name(const struct column *c);

#endif
