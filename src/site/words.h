// SPDX-License-Identifier: Apache-2.0
//
// The site's words in six languages: gettext catalogues (po/*.po), compiled at build time and
// loaded once. Numbers and dates by each language's custom (Unicode CLDR).

#ifndef SITE_WORDS_H
#define SITE_WORDS_H

#include "base/date.h"
#include "base/err.h"
#include "base/say.h" // say_later: a text that is translated where it is used
#include "base/table.h"
#include "world/world.h"

struct words;

// Reads locale/{language}.mo, found by file_find_data; English has none. ERR_NOT_FOUND, ERR_INPUT.
int words_load(enum language l, struct words **ret, struct err *e);
void words_free(struct words **w);

// The translation of an English text of the program; the text itself in English. xgettext finds the
// calls by the name `say`.
const char *say(const struct words *w, const char *english);

// The same with {1}, {2}, ... replaced by the arguments, which end with NULL; appended to *out.
struct buffer;
void say_with(const struct words *w, struct buffer *out, const char *english, ...)
    __attribute__((sentinel));

// A sentence whose parts vary ("5 of 12 holders are shown."), by the translation of the pattern
// that it comes of ("{1} of {2} holders are shown."). False, and nothing written, where there is
// none. In English the sentence itself.
bool say_pattern(const struct words *w, struct buffer *out, const char *sentence);

// The same for a table in another language than English, without marks of direction.
bool say_note(const struct words *w, struct buffer *out, const char *sentence);

// A title says what, by what, of whom, in clauses that come in any combination ("IPv6 delegations
// by economy, world; known on 2024-01-05"): the whole where the catalogue has it, else clause by
// clause, joined as the language does. For a table. What has no translation stays.
void say_clauses(const struct words *w, struct buffer *out, const char *english);

// "en" where the language, another than English, has no translation of it: for the attribute lang;
// else NULL.
const char *say_language(const struct words *w, const char *english);

enum language words_language(const struct words *w);

#define WORDS_TEXT_MAX 128 // 2^128 in French: 39 digits, twelve blanks of three bytes

// "1,234.5", "1 234,5", ...; Arabic uses the digits 0-9 as the UN's Arabic pages do.
void words_number(const struct words *w, double value, unsigned decimals, char ret[WORDS_TEXT_MAX]);
void words_count(const struct words *w, u128 value, char ret[WORDS_TEXT_MAX]);
// A number as English has it ("1,234.50"), by the custom of the language.
void words_figure(const struct words *w, const char *english, char ret[WORDS_TEXT_MAX]);
void words_date(const struct words *w, date d, char ret[WORDS_TEXT_MAX]); // "5 January 2024"
void words_percent(const struct words *w, double value, unsigned decimals,
                   char ret[WORDS_TEXT_MAX]);

const char *words_direction(enum language l);     // "ltr" or "rtl"
const char *words_language_name(enum language l); // in itself: "العربية"

#endif
