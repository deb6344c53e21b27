// SPDX-License-Identifier: Apache-2.0

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

static const char *kept(struct table *t, struct buffer *said, const char *english)
{
    const char *text =
        said->failed ? NULL : arena_text(&t->arena, said->at ? said->at : "", said->length);
    t->failed = t->failed || !text;
    buffer_done(said);
    return text ? text : english;
}

static const char *title(struct table *t, const struct words *w)
{
    struct buffer b = {0};
    say_clauses(w, &b, t->title);
    return kept(t, &b, t->title);
}

static const char *note(struct table *t, const struct words *w, const char *english)
{
    struct buffer b = {0};
    return say_note(w, &b, english) ? kept(t, &b, english) : english;
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
    say_clauses(w, &b, english);
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
    say_clauses(w, out, english);
}

struct table_tongue table_words_tongue(const struct words *w)
{
    return (struct table_tongue){w, say_figure, say_sentence};
}
