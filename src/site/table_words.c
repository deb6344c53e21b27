// SPDX-License-Identifier: Apache-2.0
//
// A title says what, by what, of whom, in clauses that come in any combination; so the catalogue
// has the clauses, and each language joins them as it does.

#include "site/table_words.h"

#include "site/terms.h"

#include <string.h>

bool table_words_is_name(const struct column *c)
{
    static const char *const keys[] = {
        "answer",  "argument", "asked",    "block", "campaign", "case",         "column",
        "domain",  "economy",  "exported", "file",  "holder",   "imported",     "key",
        "lab",     "list",     "node",     "now",   "options",  "organisation", "origins",
        "period",  "prefix",   "process",  "row",   "sector",   "service",      "sha256",
        "signer",  "source",   "student",  "test",  "text",     "value",        "vantage",
        "version", "whom"};
    if (c->foreign)
        return true;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (strcmp(c->key, keys[i]) == 0)
            return true;
    return false;
}

// ---- clauses

static const char *const marks[] = {say_later("; "), say_later(": "), say_later(", "), " by "};
#define MARKS (sizeof marks / sizeof *marks)

static void divide(const struct words *w, struct slice clause, size_t mark, struct buffer *out);

// "IPv6 delegations by economy": the last " by " is the one that groups, and stays with its word.
static void say_grouped(const struct words *w, struct slice clause, struct buffer *out)
{
    const char *by = marks[MARKS - 1];
    size_t length = strlen(by), at = clause.length;
    while (at > 0 && (clause.length - at < length || memcmp(clause.at + at, by, length) != 0))
        at--;
    if (at > 0) {
        divide(w, (struct slice){clause.at, at}, MARKS, out);
        buffer_char(out, ' ');
        at++;
    }
    divide(w, (struct slice){clause.at + at, clause.length - at}, MARKS, out);
}

static void say_divided(const struct words *w, struct slice clause, size_t mark, struct buffer *out)
{
    size_t length = strlen(marks[mark]);
    for (const char *found;;) {
        found = memmem(clause.at, clause.length, marks[mark], length);
        size_t part = found ? (size_t)(found - clause.at) : clause.length;
        divide(w, (struct slice){clause.at, part}, mark + 1, out);
        if (!found)
            return;
        buffer_text(out, say(w, marks[mark]));
        clause.at += part + length;
        clause.length -= part + length;
    }
}

static void divide(const struct words *w, struct slice clause, size_t mark, struct buffer *out)
{
    struct buffer text = {0};
    buffer_add(&text, clause.at, clause.length);
    buffer_text(&text, "");
    if (text.failed || clause.length == 0)
        out->failed = out->failed || text.failed;
    else if (say_clause(w, out, text.at))
        ;
    else if (mark >= MARKS)
        buffer_add(out, clause.at, clause.length);
    else if (mark == MARKS - 1)
        say_grouped(w, clause, out);
    else
        say_divided(w, clause, mark, out);
    buffer_done(&text);
}

void table_words_clauses(const struct words *w, const char *english, struct buffer *out)
{
    divide(w, slice_of(english), 0, out);
}

// ---- a table

// Isolated parts (U+2068 .. U+2069) are for pages: in a table such marks count as a stranger's, and
// each text is isolated as a whole.
static void drop_isolates(struct buffer *said)
{
    size_t length = 0;
    for (size_t i = 0; i < said->length; i++) {
        said->at[length++] = said->at[i];
        if (length >= 3 && memcmp(said->at + length - 3, "\xE2\x81", 2) == 0 &&
            (said->at[length - 1] == '\xA8' || said->at[length - 1] == '\xA9'))
            length -= 3;
    }
    said->length = length;
}

static const char *kept(struct table *t, struct buffer *said, const char *english)
{
    drop_isolates(said);
    const char *text =
        said->failed ? NULL : arena_text(&t->arena, said->at ? said->at : "", said->length);
    t->failed = t->failed || !text;
    buffer_done(said);
    return text ? text : english;
}

static const char *title(struct table *t, const struct words *w)
{
    struct buffer b = {0};
    table_words_clauses(w, t->title, &b);
    return kept(t, &b, t->title);
}

static const char *note(struct table *t, const struct words *w, const char *english)
{
    struct buffer b = {0};
    return say_pattern(w, &b, english) ? kept(t, &b, english) : english;
}

// A word of the catalogue, which may be gone before the table is.
static const char *word(struct table *t, const struct words *w, const char *english)
{
    const char *said = say(w, english);
    const char *text = said == english ? english : arena_text(&t->arena, said, strlen(said));
    t->failed = t->failed || !text;
    return text ? text : english;
}

// What a check has found is told in clauses, whatever strangers have put into them: "the connection
// opens; the text does not come".
static bool is_told(const struct column *c)
{
    return strcmp(c->key, "found") == 0;
}

static const char *cell_word(struct table *t, const struct words *w, const struct column *c,
                             const char *english)
{
    struct buffer b = {0};
    const char *label = term_label(english);
    if (!is_told(c))
        return say(w, label) != label ? word(t, w, label) : english;
    table_words_clauses(w, english, &b);
    return kept(t, &b, english);
}

static void say_cells(struct table *t, const struct words *w, size_t column)
{
    for (size_t row = 0; row < t->row_count; row++) {
        struct cell *c = &t->cells[row * t->column_count + column];
        if (c->kind == CELL_TEXT)
            c->text = cell_word(t, w, &t->columns[column], c->text);
    }
}

void table_words(struct table *t, const struct words *w)
{
    if (words_language(w) == LANGUAGE_EN || t->failed)
        return;
    t->title = title(t, w);
    for (size_t i = 0; i < t->column_count; i++) {
        struct column *c = &t->columns[i];
        c->heading = word(t, w, c->heading);
        c->unit = word(t, w, c->unit);
        if (c->type == COLUMN_TEXT && (is_told(c) || !table_words_is_name(c)))
            say_cells(t, w, i);
    }
    for (size_t i = 0; i < t->note_count; i++)
        t->notes[i] = note(t, w, t->notes[i]);
}

// ---- figures

static void say_figure(const void *w, const char *english, struct buffer *out)
{
    char figure[WORDS_TEXT_MAX];
    words_figure(w, english, figure);
    buffer_text(out, figure);
}

static void say_sentence(const void *w, const char *english, struct buffer *out)
{
    struct buffer said = {0};
    table_words_clauses(w, english, &said);
    drop_isolates(&said);
    buffer_add(out, said.at ? said.at : "", said.length);
    out->failed = out->failed || said.failed;
    buffer_done(&said);
}

struct table_tongue table_words_tongue(const struct words *w)
{
    return (struct table_tongue){w, say_figure, say_sentence};
}
