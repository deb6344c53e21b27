// SPDX-License-Identifier: Apache-2.0
//
// Catalogues as msgfmt compiles them (GNU MO, little-endian, sorted by message), checked when they
// are loaded; numbers and dates after CLDR.

#include "site/words.h"

#include "base/file.h"
#include "base/table_write.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define CATALOGUE_MAX ((size_t)4 << 20) // bytes; a full one has about 100,000
#define MO_MAGIC      0x950412DEu
#define MO_HEADER     28
#define ARGUMENTS_MAX 9

struct message {
    const char *english, *text;
};

struct words {
    enum language language;
    struct buffer file;
    struct arena arena;       // of texts that are not as in the file
    struct message *messages; // sorted by english
    size_t count;
};

// ---- loading

static uint32_t number_at(const struct buffer *b, size_t at)
{
    const unsigned char *p = (const unsigned char *)b->at + at;
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

// The text that a row of a table of (length, offset) names; NULL where it leaves the file.
static const char *text_at(const struct buffer *b, size_t row)
{
    size_t length = number_at(b, row), at = number_at(b, row + 4);
    if (at >= b->length || length >= b->length - at || b->at[at + length] != '\0' ||
        strlen(b->at + at) != length)
        return NULL;
    return b->at + at;
}

// Where one reads from the right, "/32" does not: U+200E goes before it.
static const char *prefixes_marked(struct words *w, const char *text)
{
    struct buffer b = {0};
    const char *kept = text;
    bool found = false;
    for (const char *at = text; *at; at++) {
        bool begins = at == text || strchr(" (", at[-1]);
        if (*at == '/' && begins && at[1] >= '0' && at[1] <= '9') {
            buffer_text(&b, "\xE2\x80\x8E");
            found = true;
        }
        buffer_char(&b, *at);
    }
    if (found && !b.failed)
        kept = arena_text(&w->arena, b.at, b.length);
    buffer_done(&b);
    return kept ? kept : text;
}

static int parse(struct words *w, const char *path, struct err *e)
{
    const struct buffer *b = &w->file;
    if (b->length < MO_HEADER || number_at(b, 0) != MO_MAGIC || number_at(b, 4) >> 16 != 0)
        return err_set(e, ERR_INPUT, "%s: no compiled catalogue (GNU MO) begins here", path);
    size_t count = number_at(b, 8), english = number_at(b, 12), texts = number_at(b, 16);
    if (count > b->length / 8 || english > b->length - count * 8 || texts > b->length - count * 8)
        return err_set(e, ERR_INPUT, "%s: its %zu messages do not fit into %zu bytes", path, count,
                       b->length);
    w->messages = calloc(count ? count : 1, sizeof *w->messages);
    if (!w->messages)
        return err_memory(e);
    for (w->count = 0; w->count < count; w->count++) {
        struct message *m = &w->messages[w->count];
        m->english = text_at(b, english + 8 * w->count);
        m->text = text_at(b, texts + 8 * w->count);
        if (!m->english || !m->text || (w->count && strcmp(m[-1].english, m->english) >= 0))
            return err_set(e, ERR_INPUT, "%s: message %zu is broken or out of order", path,
                           w->count + 1);
        if (strcmp(words_direction(w->language), "rtl") == 0)
            m->text = prefixes_marked(w, m->text);
    }
    return 0;
}

static int read_catalogue(struct words *w, struct err *e)
{
    char name[32], path[FILE_PATH_MAX];
    snprintf(name, sizeof name, "locale/%s.mo", language_code(w->language));
    int code = file_find_data(name, path, e);
    if (code == 0)
        code = file_read(path, CATALOGUE_MAX, &w->file, e);
    return code ? code : parse(w, path, e);
}

int words_load(enum language l, struct words **ret, struct err *e)
{
    struct words *w = calloc(1, sizeof *w);
    if (!w)
        return err_memory(e);
    w->language = l;
    int code = l == LANGUAGE_EN ? 0 : read_catalogue(w, e);
    if (code == 0)
        *ret = w;
    else
        words_free(&w);
    return code;
}

void words_free(struct words **w)
{
    if (!*w)
        return;
    buffer_done(&(*w)->file);
    arena_done(&(*w)->arena);
    free((*w)->messages);
    free(*w);
    *w = NULL;
}

enum language words_language(const struct words *w)
{
    return w->language;
}

// ---- sentences

static int message_order(const void *english, const void *message)
{
    return strcmp(english, ((const struct message *)message)->english);
}

static const char *find(const struct words *w, const char *english)
{
    if (!w->count || !*english)
        return NULL;
    const struct message *m =
        bsearch(english, w->messages, w->count, sizeof *w->messages, message_order);
    return m && *m->text ? m->text : NULL;
}

const char *say(const struct words *w, const char *english)
{
    const char *text = find(w, english);
    return text ? text : english;
}

const char *say_language(const struct words *w, const char *english)
{
    return words_language(w) != LANGUAGE_EN && !find(w, english) ? "en" : NULL;
}

static void fill(struct buffer *out, const char *text, const char *const *arguments, size_t count)
{
    for (; *text; text++) {
        size_t place = *text == '{' ? (size_t)(text[1] - '1') : SIZE_MAX;
        if (place < count && text[2] == '}') {
            buffer_text(out, arguments[place]);
            text += 2;
        } else {
            buffer_char(out, *text);
        }
    }
}

void say_with(const struct words *w, struct buffer *out, const char *english, ...)
{
    const char *given[ARGUMENTS_MAX];
    size_t count = 0;
    va_list arguments;
    va_start(arguments, english);
    for (const char *a; count < ARGUMENTS_MAX && (a = va_arg(arguments, const char *));)
        given[count++] = a;
    va_end(arguments);
    fill(out, say(w, english), given, count);
}

// ---- sentences that vary

#define PART_MAX 256 // bytes of a part that is looked up

struct match {
    struct slice parts[ARGUMENTS_MAX]; // of the sentence, for {1}, {2}, ...
    size_t literal;                    // bytes that are the pattern's own
};

static bool is_place(const char *at)
{
    return at[0] == '{' && at[1] >= '1' && at[1] <= '9' && at[2] == '}';
}

static size_t literal_length(const char *pattern)
{
    size_t length = 0;
    while (pattern[length] && !is_place(pattern + length))
        length++;
    return length;
}

// The next place where the literal stands in the sentence; the last one where it ends the pattern.
static const char *find_literal(struct slice rest, const char *literal, size_t length)
{
    if (length > rest.length)
        return NULL;
    if (!literal[length])
        return memcmp(rest.at + rest.length - length, literal, length) == 0
                   ? rest.at + rest.length - length
                   : NULL;
    return memmem(rest.at, rest.length, literal, length);
}

// Does the sentence come of the pattern "{1} of {2} holders are shown."?
static bool match_pattern(const char *pattern, struct slice rest, struct match *ret)
{
    struct match m = {.literal = literal_length(pattern)};
    if (rest.length < m.literal || memcmp(rest.at, pattern, m.literal) != 0 || !pattern[m.literal])
        return false;
    const char *at = pattern + m.literal;
    rest.at += m.literal;
    rest.length -= m.literal;
    while (*at) {
        size_t place = (size_t)(at[1] - '1'), length = literal_length(at + 3);
        const char *found = find_literal(rest, at + 3, length);
        if (!found || found == rest.at)
            return false;
        m.parts[place] = (struct slice){rest.at, (size_t)(found - rest.at)};
        m.literal += length;
        rest.length -= m.parts[place].length + length;
        rest.at = found + length;
        at += 3 + length;
    }
    *ret = m;
    return rest.length == 0;
}

// For a page parts that run from the left are isolated; a table isolates each of its texts whole,
// and takes such marks for a stranger's. A clause has parts that are no more than one clause: else
// they would take in what has a translation of its own.
enum saying { FOR_PAGE, FOR_TABLE, CLAUSE };

static bool say_matched(const struct words *w, struct buffer *out, const char *sentence,
                        unsigned depth, enum saying how);

// A part that is a text itself: "Content is empty: the archive has no series content."
static bool say_part(const struct words *w, struct slice s, struct buffer *out, unsigned depth,
                     enum saying how)
{
    char copy[PART_MAX];
    if (s.length >= sizeof copy || depth == 0)
        return false;
    memcpy(copy, s.at, s.length);
    copy[s.length] = '\0';
    return say_matched(w, out, copy, depth - 1, how == CLAUSE ? FOR_TABLE : how);
}

// Numbers and dates by the custom.
static void write_part(const struct words *w, struct slice s, struct buffer *out, unsigned depth,
                       enum saying how)
{
    char text[WORDS_TEXT_MAX];
    date d;
    uint64_t number;
    if (date_parse(s, &d) && s.length == 10) {
        words_date(w, d, text);
        buffer_text(out, text);
    } else if (s.length > 4 && slice_u64(s, UINT64_MAX, &number)) {
        words_count(w, number, text);
        buffer_text(out, text);
    } else if (!say_part(w, s, out, depth, how)) {
        bool isolate = how == FOR_PAGE && strcmp(words_direction(w->language), "rtl") == 0;
        buffer_format(out, "%s%.*s%s", isolate ? "\xE2\x81\xA8" : "", SLICE_ARG(s),
                      isolate ? "\xE2\x81\xA9" : "");
    }
}

static void write_match(const struct words *w, struct buffer *out, const char *text,
                        const struct match *m, unsigned depth, enum saying how)
{
    while (*text) {
        size_t length = literal_length(text);
        buffer_add(out, text, length);
        text += length;
        if (!*text)
            return;
        if (m->parts[text[1] - '1'].length)
            write_part(w, m->parts[text[1] - '1'], out, depth, how);
        text += 3;
    }
}

#define LITERAL_MIN 7 // bytes; less would fit to anything

// How clauses are joined, the widest first; the last groups, and stays with its word.
static const char *const marks[] = {say_later("; "), say_later(": "), say_later(", "), " by "};
#define JOINING (sizeof marks / sizeof *marks - 1)

static const char *find_mark(struct slice s, size_t mark)
{
    return memmem(s.at, s.length, marks[mark], strlen(marks[mark]));
}

static bool has_clauses(const struct match *m)
{
    for (size_t i = 0; i < ARGUMENTS_MAX; i++)
        for (size_t mark = 0; m->parts[i].length && mark < JOINING; mark++)
            if (find_mark(m->parts[i], mark))
                return true;
    return false;
}

static bool say_matched(const struct words *w, struct buffer *out, const char *sentence,
                        unsigned depth, enum saying how)
{
    const char *text = find(w, sentence);
    struct match best = {.literal = LITERAL_MIN - 1}, m;
    if (text) {
        buffer_text(out, text);
        return true;
    }
    for (size_t i = 0; i < w->count; i++)
        if (match_pattern(w->messages[i].english, slice_of(sentence), &m) &&
            m.literal > best.literal && *w->messages[i].text &&
            !(how == CLAUSE && has_clauses(&m))) {
            best = m;
            text = w->messages[i].text;
        }
    if (text)
        write_match(w, out, text, &best, depth, how);
    return text != NULL;
}

bool say_pattern(const struct words *w, struct buffer *out, const char *sentence)
{
    if (w->language == LANGUAGE_EN) {
        buffer_text(out, sentence);
        return true;
    }
    return say_matched(w, out, sentence, 1, FOR_PAGE);
}

bool say_note(const struct words *w, struct buffer *out, const char *sentence)
{
    return say_matched(w, out, sentence, 1, FOR_TABLE);
}

// ---- clauses

static void divide(const struct words *w, struct slice clause, size_t mark, struct buffer *out);

static bool say_clause(const struct words *w, struct slice clause, struct buffer *out)
{
    struct buffer text = {0};
    buffer_add(&text, clause.at, clause.length);
    buffer_text(&text, "");
    bool said = !text.failed && say_matched(w, out, text.at, 1, CLAUSE);
    out->failed = out->failed || text.failed;
    buffer_done(&text);
    return said;
}

// "IPv6 delegations by economy": at the last " by ".
static void say_grouped(const struct words *w, struct slice clause, struct buffer *out)
{
    size_t length = strlen(marks[JOINING]), at = clause.length - length;
    while (memcmp(clause.at + at, marks[JOINING], length) != 0)
        at--;
    divide(w, (struct slice){clause.at, at}, JOINING + 1, out);
    buffer_char(out, ' ');
    at++;
    divide(w, (struct slice){clause.at + at, clause.length - at}, JOINING + 1, out);
}

static void say_joined(const struct words *w, struct slice clause, size_t mark, struct buffer *out)
{
    size_t length = strlen(marks[mark]);
    for (const char *found; (found = find_mark(clause, mark));) {
        size_t part = (size_t)(found - clause.at);
        divide(w, (struct slice){clause.at, part}, mark + 1, out);
        buffer_text(out, say(w, marks[mark]));
        clause.at += part + length;
        clause.length -= part + length;
    }
    divide(w, clause, mark + 1, out);
}

static void divide(const struct words *w, struct slice clause, size_t mark, struct buffer *out)
{
    if (clause.length == 0 || say_clause(w, clause, out))
        return;
    while (mark <= JOINING && !find_mark(clause, mark))
        mark++;
    if (mark > JOINING)
        buffer_add(out, clause.at, clause.length);
    else if (mark == JOINING)
        say_grouped(w, clause, out);
    else
        say_joined(w, clause, mark, out);
}

void say_clauses(const struct words *w, struct buffer *out, const char *english)
{
    divide(w, slice_of(english), 0, out);
}

// ---- numbers and dates

static const struct custom {
    const char *group, *point, *percent;
    bool group_from_five; // 1234, 12.345
    const char *name;
} customs[LANGUAGE_COUNT] = {
    [LANGUAGE_EN] = {",", ".", "%", false, "English"},
    [LANGUAGE_AR] = {",", ".", "%", false, "العربية"},
    [LANGUAGE_ES] = {".", ",", "\xC2\xA0%", true, "Español"},
    [LANGUAGE_FR] = {"\xE2\x80\xAF", ",", "\xE2\x80\xAF%", false, "Français"},
    [LANGUAGE_RU] = {"\xC2\xA0", ",", "\xC2\xA0%", false, "Русский"},
    [LANGUAGE_ZH] = {",", ".", "%", false, "中文"},
};

void words_figure(const struct words *w, const char *english, char ret[WORDS_TEXT_MAX])
{
    const struct custom *c = &customs[w->language];
    bool drop = c->group_from_five && strcspn(english, ",") + 4 == strcspn(english, ".") &&
                strcspn(english, ",") - (*english == '-') == 1;
    size_t length = 0;
    for (; *english; english++) {
        char same[2] = {*english, '\0'};
        const char *part = *english == ',' ? (drop ? "" : c->group) : same;
        part = *english == '.' ? c->point : part;
        size_t n = strlen(part);
        if (length + n >= WORDS_TEXT_MAX)
            break;
        memcpy(ret + length, part, n);
        length += n;
    }
    ret[length] = '\0';
}

static void format_cell(const struct words *w, const struct column *c, const struct cell *cell,
                        char ret[WORDS_TEXT_MAX])
{
    struct buffer b = {0};
    cell_format(c, cell, TABLE_TEXT, &b);
    words_figure(w, b.at && !b.failed ? b.at : "", ret);
    buffer_done(&b);
}

void words_number(const struct words *w, double value, unsigned decimals, char ret[WORDS_TEXT_MAX])
{
    format_cell(w, &(struct column){.type = COLUMN_REAL, .decimals = decimals},
                &(struct cell){.kind = CELL_REAL, .real = value}, ret);
}

void words_count(const struct words *w, u128 value, char ret[WORDS_TEXT_MAX])
{
    format_cell(w, &(struct column){.type = COLUMN_COUNT},
                &(struct cell){.kind = CELL_COUNT, .count = value}, ret);
}

void words_percent(const struct words *w, double value, unsigned decimals, char ret[WORDS_TEXT_MAX])
{
    words_number(w, value, decimals, ret);
    size_t length = strlen(ret);
    snprintf(ret + length, WORDS_TEXT_MAX - length, "%s", customs[w->language].percent);
}

static const char *const months[LANGUAGE_COUNT][12] = {
    [LANGUAGE_EN] = {"January", "February", "March", "April", "May", "June", "July", "August",
                     "September", "October", "November", "December"},
    [LANGUAGE_AR] = {"يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو", "يوليو", "أغسطس",
                     "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر"},
    [LANGUAGE_ES] = {"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto",
                     "septiembre", "octubre", "noviembre", "diciembre"},
    [LANGUAGE_FR] = {"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août",
                     "septembre", "octobre", "novembre", "décembre"},
    [LANGUAGE_RU] = {"января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа",
                     "сентября", "октября", "ноября", "декабря"},
    [LANGUAGE_ZH] = {"1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"},
};

void words_date(const struct words *w, date d, char ret[WORDS_TEXT_MAX])
{
    ret[0] = '\0';
    if (d == DATE_NONE || d == DATE_MAX)
        return;
    struct civil c = date_civil(d);
    const char *month = months[w->language][c.month - 1];
    switch (w->language) {
    case LANGUAGE_ES:
        snprintf(ret, WORDS_TEXT_MAX, "%u de %s de %d", c.day, month, c.year);
        break;
    case LANGUAGE_RU:
        snprintf(ret, WORDS_TEXT_MAX, "%u %s %d г.", c.day, month, c.year);
        break;
    case LANGUAGE_ZH:
        snprintf(ret, WORDS_TEXT_MAX, "%d年%s月%u日", c.year, month, c.day);
        break;
    case LANGUAGE_FR:
        snprintf(ret, WORDS_TEXT_MAX, "%u%s %s %d", c.day, c.day == 1 ? "er" : "", month, c.year);
        break;
    default:
        snprintf(ret, WORDS_TEXT_MAX, "%u %s %d", c.day, month, c.year);
    }
}

const char *words_direction(enum language l)
{
    return l == LANGUAGE_AR ? "rtl" : "ltr";
}

const char *words_language_name(enum language l)
{
    return customs[l].name;
}
