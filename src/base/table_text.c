// SPDX-License-Identifier: Apache-2.0
//
// A table for a terminal. First every shown column gets a width: that of its widest cell or of the
// longest word of its heading. Then the table is fitted: as it is; else with long texts wrapped in
// their columns; else cut into blocks. Last the blocks are written, line by line.

#include "base/table_write.h"

#include <stdlib.h>

#define GAP         2  // blanks between columns
#define TEXT_NARROW 24 // a text column is not made narrower than this to fit a table in one block

struct shown {
    const struct column *column;
    size_t index;       // in the table
    unsigned natural;   // width that needs no wrapping
    unsigned least;     // width that breaks no word
    unsigned width;     // width given
    struct buffer text; // of the cell being written
    struct slice rest;  // what is left of it
};

struct layout {
    const struct table *table;
    unsigned width; // of the terminal, 0: no limit
    const struct table_tongue *tongue;
    bool color, units_inline;
    struct shown *shown;
    size_t count, repeat;
    struct buffer *out;
    unsigned pad; // blanks owed before the next text of this line
};

static bool is_right(const struct column *c)
{
    return c->type != COLUMN_TEXT && c->type != COLUMN_DATE;
}

static void put(struct layout *l, struct slice text)
{
    if (text.length == 0)
        return;
    static const char blanks[] = "                                ";
    for (unsigned n; l->pad > 0; l->pad -= n) {
        n = l->pad < sizeof blanks - 1 ? l->pad : (unsigned)sizeof blanks - 1;
        buffer_add(l->out, blanks, n);
    }
    bool isolate = slice_is_rtl(text);
    buffer_text(l->out, isolate ? "\xE2\x81\xA8" : "");
    buffer_add(l->out, text.at, text.length);
    buffer_text(l->out, isolate ? "\xE2\x81\xA9" : "");
}

static void put_aligned(struct layout *l, const struct shown *s, struct slice text)
{
    unsigned width = slice_width(text);
    unsigned blank = width < s->width ? s->width - width : 0;
    l->pad += is_right(s->column) ? blank : 0;
    put(l, text);
    l->pad += is_right(s->column) ? 0 : blank;
}

static void end_line(struct layout *l)
{
    buffer_char(l->out, '\n');
    l->pad = 0;
}

static void put_rule(struct layout *l, char c, unsigned length)
{
    for (unsigned i = 0; i < length; i++)
        put(l, (struct slice){&c, 1});
}

static void emphasis(struct layout *l, bool on)
{
    if (l->color)
        buffer_text(l->out, on ? "\033[1m" : "\033[m");
}

static unsigned larger(unsigned a, unsigned b)
{
    return a > b ? a : b;
}

static void load_cell(const struct layout *l, struct shown *s, size_t row)
{
    s->text.length = 0;
    cell_say(s->column, table_cell(l->table, row, s->index), l->tongue, &s->text);
    s->rest = (struct slice){s->text.at, s->text.length};
}

#define HEADING_WIDE 8 // columns: four characters of a script that may break anywhere

// A heading keeps its words whole; one that begins with a wide character, as Chinese, a few of
// them.
static unsigned heading_width(const char *heading)
{
    struct slice rest = slice_of(heading), first = rest;
    unsigned word = slice_widest_word(rest), whole = slice_width(rest);
    if (whole < 2)
        return word;
    utf8_next(&rest);
    first.length -= rest.length;
    if (slice_width(first) < 2)
        return word;
    return larger(word, whole < HEADING_WIDE ? whole : HEADING_WIDE);
}

static void measure_columns(struct layout *l)
{
    l->units_inline = true;
    for (size_t i = 0; i < l->count; i++) {
        struct shown *s = &l->shown[i];
        unsigned unit = text_width(s->column->unit), heading = text_width(s->column->heading);
        unsigned least = larger(heading_width(s->column->heading), unit);
        for (size_t row = 0; row < l->table->row_count; row++) {
            load_cell(l, s, row);
            s->natural = larger(s->natural, slice_width(s->rest));
            if (s->natural > TEXT_NARROW)
                s->least = larger(s->least, slice_widest_word(s->rest));
        }
        if (unit > 0 && heading + 1 + unit > s->natural)
            l->units_inline = false;
        s->least = larger(larger(s->least, least), TEXT_NARROW);
        s->natural = larger(s->natural, least);
        s->width = s->natural;
    }
}

static unsigned total_width(const struct layout *l, size_t from, size_t to)
{
    unsigned total = 0;
    for (size_t i = from; i < to; i++)
        total += l->shown[i].width + (i > from ? GAP : 0);
    return total;
}

// The widest column that may still be made narrower.
static struct shown *widest_text(struct layout *l)
{
    struct shown *widest = NULL;
    for (size_t i = 0; i < l->count; i++) {
        struct shown *s = &l->shown[i];
        if (s->column->type == COLUMN_TEXT && s->width > s->least &&
            (!widest || s->width > widest->width))
            widest = s;
    }
    return widest;
}

// Makes texts wider than `cap` so narrow, but breaks a word only where it is wider than `most`.
static void cap_texts(struct layout *l, size_t from, size_t to, unsigned cap, unsigned most)
{
    for (size_t i = from; i < to; i++) {
        struct shown *s = &l->shown[i];
        unsigned least = s->least < most ? s->least : most;
        if (s->column->type == COLUMN_TEXT && s->width > larger(cap, least))
            s->width = larger(cap, least);
    }
}

// Makes long texts narrower until all columns stand side by side; where that cannot be, gives each
// text two fifths of the line, or more where a word needs it, and repeats fewer columns where those
// leave no room.
static void fit_columns(struct layout *l)
{
    if (l->width == 0 || total_width(l, 0, l->count) <= l->width)
        return;
    cap_texts(l, 0, l->count, l->width, l->width);
    struct shown *s;
    while (total_width(l, 0, l->count) > l->width && (s = widest_text(l)))
        s->width--;
    if (total_width(l, 0, l->count) <= l->width)
        return;
    for (size_t i = 0; i < l->count; i++)
        l->shown[i].width = l->shown[i].natural;
    unsigned cap = larger(l->width * 2 / 5, TEXT_NARROW);
    cap_texts(l, 0, l->repeat, cap, cap);
    while (l->repeat > 1 && total_width(l, 0, l->repeat) + GAP + TEXT_NARROW > l->width)
        l->repeat--;
    unsigned keys = total_width(l, 0, l->repeat) + GAP;
    unsigned room = l->width > keys + TEXT_NARROW ? l->width - keys : TEXT_NARROW;
    cap_texts(l, l->repeat, l->count, cap < room ? cap : room, room);
}

// The end of the block whose columns, after the repeated ones, begin with `from`.
static size_t block_end(const struct layout *l, size_t from)
{
    unsigned used = from > 0 ? total_width(l, 0, l->repeat) : 0;
    size_t end = from;
    while (end < l->count) {
        used += l->shown[end].width + (used > 0 ? GAP : 0);
        if (l->width > 0 && used > l->width && end > from && end >= l->repeat)
            break;
        end++;
    }
    return end;
}

// The n-th line from below of a heading, in a block whose headings have units in a line of their
// own.
static struct slice heading_line(const struct shown *s, size_t from_below)
{
    struct slice rest = slice_of(s->column->heading), line = {"", 0};
    size_t count = 0;
    while (rest.length > 0) {
        text_line(&rest, s->width);
        count++;
    }
    if (from_below >= count)
        return line;
    rest = slice_of(s->column->heading);
    for (size_t i = 0; i < count - from_below; i++)
        line = text_line(&rest, s->width);
    return line;
}

// Calls `write` for each column of a block, with the gaps between.
static void for_columns(struct layout *l, size_t from, size_t to, size_t argument,
                        void (*write)(struct layout *, struct shown *, size_t))
{
    for (size_t i = 0; i < to; i++) {
        if (i >= l->repeat && i < from)
            continue;
        if (i > 0)
            l->pad += GAP;
        write(l, &l->shown[i], argument);
    }
}

static void write_heading(struct layout *l, struct shown *s, size_t from_below)
{
    struct buffer text = {0};
    struct slice line = heading_line(s, from_below);
    text_clean(line, &text);
    if (from_below == 0 && l->units_inline && s->column->unit[0])
        buffer_format(&text, " %s", s->column->unit);
    put_aligned(l, s, (struct slice){text.at, text.length});
    l->out->failed = l->out->failed || text.failed;
    buffer_done(&text);
}

static void write_unit(struct layout *l, struct shown *s, size_t unused)
{
    (void)unused;
    put_aligned(l, s, slice_of(s->column->unit));
}

static void write_rule(struct layout *l, struct shown *s, size_t unused)
{
    (void)unused;
    put_rule(l, '-', s->width);
}

static void write_cell_line(struct layout *l, struct shown *s, size_t unused)
{
    (void)unused;
    struct slice line = s->rest;
    if (s->column->type == COLUMN_TEXT && slice_width(line) > s->width)
        line = text_line(&s->rest, s->width);
    else
        s->rest.length = 0;
    put_aligned(l, s, line);
}

static void write_headings(struct layout *l, size_t from, size_t to)
{
    size_t lines = 1;
    bool units = false;
    for (size_t i = 0; i < to; i++) {
        if (i >= l->repeat && i < from)
            continue;
        while (heading_line(&l->shown[i], lines).length > 0)
            lines++;
        units = units || (!l->units_inline && l->shown[i].column->unit[0]);
    }
    emphasis(l, true);
    while (lines-- > 0) {
        for_columns(l, from, to, lines, write_heading);
        if (lines > 0 || units)
            end_line(l);
    }
    if (units)
        for_columns(l, from, to, 0, write_unit);
    emphasis(l, false);
    end_line(l);
    for_columns(l, from, to, 0, write_rule);
    end_line(l);
}

static bool is_unfinished(const struct layout *l, size_t from, size_t to)
{
    for (size_t i = 0; i < to; i++)
        if ((i < l->repeat || i >= from) && l->shown[i].rest.length > 0)
            return true;
    return false;
}

static void say_sentence(const struct table_tongue *tongue, const char *english, struct buffer *out)
{
    if (tongue)
        tongue->sentence(tongue->words, english, out);
    else
        buffer_text(out, english);
}

static void write_block(struct layout *l, size_t from, size_t to)
{
    write_headings(l, from, to);
    for (size_t row = 0; row < l->table->row_count && !l->out->failed; row++) {
        for (size_t i = 0; i < to; i++)
            if (i < l->repeat || i >= from)
                load_cell(l, &l->shown[i], row);
        do {
            for_columns(l, from, to, 0, write_cell_line);
            end_line(l);
        } while (is_unfinished(l, from, to));
    }
    if (l->table->row_count == 0) {
        say_sentence(l->tongue, "(no rows)", l->out);
        end_line(l);
    }
}

static void write_title(struct layout *l)
{
    if (!l->table->title[0])
        return;
    unsigned table_width = total_width(l, 0, l->count);
    unsigned rule = larger(text_width(l->table->title), table_width);
    emphasis(l, true);
    text_wrap(l->table->title, l->width, 0, 0, l->out);
    emphasis(l, false);
    put_rule(l, '=', l->width > 0 && rule > l->width ? l->width : rule);
    end_line(l);
}

void table_write_foot(const struct table *t, const struct table_tongue *tongue, struct buffer *out)
{
    const struct basis *b = &t->basis;
    struct buffer foot = {0};
    if (b->known_on[0])
        buffer_format(&foot, "Known on %s; ", b->known_on);
    if (b->input_count > 0)
        buffer_format(&foot, "%zu input%s", b->input_count, b->input_count == 1 ? "" : "s");
    if (b->input_count > 0 && b->inputs_sha256[0])
        buffer_format(&foot, ", sha256 %.8s…", b->inputs_sha256);
    buffer_format(&foot, "%ssextant %s", b->input_count > 0 ? "; " : "", b->version);
    if (!foot.failed)
        say_sentence(tongue, foot.at, out);
    out->failed = out->failed || foot.failed;
    buffer_done(&foot);
}

static void write_notes(struct layout *l)
{
    struct buffer foot = {0};
    buffer_char(l->out, '\n');
    for (size_t i = 0; i < l->table->note_count; i++)
        text_wrap(l->table->notes[i], l->width, 0, 2, l->out);
    table_write_foot(l->table, l->tongue, &foot);
    text_wrap(foot.at ? foot.at : "", l->width, 0, 2, l->out);
    l->out->failed = l->out->failed || foot.failed;
    buffer_done(&foot);
}

static bool choose_columns(struct layout *l, const struct table_style *style)
{
    const struct table *t = l->table;
    l->shown = calloc(t->column_count + 1, sizeof *l->shown);
    for (size_t i = 0; l->shown && i < t->column_count; i++)
        if (!t->columns[i].machine_only)
            l->shown[l->count++] = (struct shown){.column = &t->columns[i], .index = i};
    l->repeat = style->repeat > 0 ? style->repeat : t->key_columns;
    if (l->repeat == 0)
        l->repeat = 1;
    if (l->repeat > l->count)
        l->repeat = l->count;
    return l->shown && !t->failed;
}

void table_write_text(const struct table *t, const struct table_style *style, struct buffer *out)
{
    struct layout l = {.table = t,
                       .tongue = style->tongue,
                       .width = style->width,
                       .color = style->color,
                       .out = out};
    if (choose_columns(&l, style)) {
        measure_columns(&l);
        fit_columns(&l);
        write_title(&l);
        for (size_t from = 0, to; from < l.count; from = to) {
            to = block_end(&l, from);
            buffer_text(out, from > 0 ? "\n" : "");
            write_block(&l, from, to);
        }
        write_notes(&l);
    } else {
        out->failed = true;
    }
    for (size_t i = 0; i < l.count; i++) {
        out->failed = out->failed || l.shown[i].text.failed;
        buffer_done(&l.shown[i].text);
    }
    free(l.shown);
}
