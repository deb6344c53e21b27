// SPDX-License-Identifier: Apache-2.0
//
// The World Bank's tables of one indicator, by economy and year: population (SP.POP.TOTL) and
// individuals using the Internet (IT.NET.USER.ZS). CSV in either form: one row an economy with a
// column a year, headed by a preamble; or one row an economy and year, of which population is
// meant.
//
//     "Country Name","Country Code","Indicator Name","Indicator Code","1960","1961",...
//     Country Name,Country Code,Year,Value
//
// Rows for groups of countries (WLD, ARB, ...) have codes that are no economy's: they are ignored.
// A row with several values is taken whole or not at all.

#include "read/observed_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PREAMBLE_MAX   8 // lines before the heading; published: 4
#define NAMES          4 // fields of a row before the first year's
#define YEAR_FIRST     1900
#define YEARS_MAX      300
#define ROW_FIELDS_MAX (NAMES + YEARS_MAX + 1)
#define PEOPLE_MAX     1e11 // ten times the world's

enum form { FORM_UNKNOWN, FORM_WIDE, FORM_LONG };

struct row {
    struct slice fields[ROW_FIELDS_MAX];
    unsigned count;
};

// What is read, and what one can be.
struct indicator {
    const char *code, *words;
    double max;
    bool zero; // 0 is a value
};

static const struct indicator inhabitants = {"SP.POP.TOTL", "population, total", PEOPLE_MAX, false};
static const struct indicator internet_users = {
    "IT.NET.USER.ZS", "individuals using the Internet, % of population", 100, true};

struct indicator_table {
    const struct indicator *indicator;
    enum form form;
    int years[ROW_FIELDS_MAX]; // of the wide form's columns; 0: the column has no heading
    unsigned columns;
    struct row row;
    double values[ROW_FIELDS_MAX]; // of the row; NaN: none
    char text[LINE_MAX_BYTES + 1]; // the line, changed where fields lose their quotes
};

static int refuse(struct observing *o, const char *what)
{
    return err_set(o->text.e, ERR_INPUT, "%s:%llu: %s", source_name(o->text.source),
                   (unsigned long long)o->text.fates.lines, what);
}

// ---- rows

// Cuts a line of at most LINE_MAX_BYTES, copied to `text`. More fields than fit: none.
static void row_cut(struct slice line, char *text, struct row *ret)
{
    char *rest = text;
    struct slice field;
    memcpy(text, line.at, line.length);
    ret->count = 0;
    while (csv_field(&rest, text + line.length, &field)) {
        if (ret->count == ROW_FIELDS_MAX) {
            ret->count = 0;
            return;
        }
        ret->fields[ret->count++] = slice_trim(field);
    }
}

static bool is_heading(const struct row *row)
{
    return row->count >= NAMES && slice_is_nocase(row->fields[0], "Country Name") &&
           slice_is_nocase(row->fields[1], "Country Code");
}

static bool parse_year(struct slice s, int *ret)
{
    uint64_t year;
    if (s.length != 4 || !slice_u64(s, YEAR_FIRST + YEARS_MAX - 1, &year) || year < YEAR_FIRST)
        return false;
    *ret = (int)year;
    return true;
}

static bool parse_value(const struct indicator_table *t, struct slice s, double *ret)
{
    return number_parse(s, t->indicator->max, ret) && (*ret > 0 || t->indicator->zero);
}

static bool is_code(struct slice s)
{
    if (s.length != 3)
        return false;
    for (size_t i = 0; i < 3; i++)
        if (!(s.at[i] >= 'A' && s.at[i] <= 'Z') && !(s.at[i] >= '0' && s.at[i] <= '9'))
            return false;
    return s.at[0] > '9' || s.at[1] > '9' || s.at[2] > '9';
}

static int read_heading(struct observing *o)
{
    struct indicator_table *t = o->table;
    const struct row *row = &t->row;
    if (row->count == 4 && slice_is_nocase(row->fields[2], "Year") &&
        slice_is_nocase(row->fields[3], "Value")) {
        t->form = FORM_LONG;
        return 0;
    }
    if (!slice_is_nocase(row->fields[2], "Indicator Name") ||
        !slice_is_nocase(row->fields[3], "Indicator Code"))
        return refuse(o, "another heading; wanted Year,Value or Indicator Name,Indicator Code "
                         "behind the country's name and code");
    for (unsigned i = NAMES; i < row->count; i++) {
        t->years[i] = 0;
        if (row->fields[i].length > 0 && !parse_year(row->fields[i], &t->years[i]))
            return refuse(o, "a heading that is no year");
        for (unsigned k = NAMES; k < i; k++)
            if (t->years[i] != 0 && t->years[k] == t->years[i])
                return refuse(o, "two columns for one year");
    }
    t->columns = row->count;
    t->form = FORM_WIDE;
    return 0;
}

static struct observed_value value_of(const struct line *l, economy e, int year, double value)
{
    struct observed_value v = observed_value(l, date_of(year, 1, 1), value);
    char code[8];
    snprintf(v.key, sizeof v.key, "%s", economy_format(e, code));
    return v;
}

static int read_long(struct observing *o, const struct line *l, economy e)
{
    struct indicator_table *t = o->table;
    struct slice year = t->row.fields[2], value = t->row.fields[3];
    int number;
    double figure;
    if (!parse_year(year, &number))
        return text_reject(&o->text, l, REJECTED_DATE, year);
    if (value.length == 0)
        return text_ignore(&o->text, IGNORED_VALUE);
    if (!parse_value(t, value, &figure))
        return text_reject(&o->text, l, REJECTED_NUMBER, value);
    struct observed_value v = value_of(l, e, number, figure);
    return observing_take(o, l, &v);
}

// *ret_count: how many there are. REJECTED_COUNT: all of them can be.
static unsigned parse_values(struct indicator_table *t, unsigned *ret_count, struct slice *ret_what)
{
    *ret_count = 0;
    for (unsigned i = NAMES; i < t->row.count; i++) {
        struct slice value = t->row.fields[i];
        t->values[i] = NAN;
        *ret_what = value;
        if (value.length == 0)
            continue;
        if (t->years[i] == 0 || !parse_value(t, value, &t->values[i]))
            return REJECTED_NUMBER;
        ++*ret_count;
    }
    return REJECTED_COUNT;
}

static int mark_values(struct observing *o, const struct line *l, economy e, bool *ret_seen)
{
    struct indicator_table *t = o->table;
    int code = 0;
    *ret_seen = false;
    for (unsigned i = NAMES; i < t->row.count && !code && !*ret_seen; i++) {
        struct observed_value v = value_of(l, e, t->years[i] ? t->years[i] : YEAR_FIRST, 0);
        if (!isnan(t->values[i]))
            code = observing_mark(o, &v, ret_seen);
    }
    return code;
}

static int read_wide(struct observing *o, const struct line *l, economy e)
{
    struct indicator_table *t = o->table;
    struct slice what;
    unsigned count, why = parse_values(t, &count, &what);
    bool seen;
    if (why != REJECTED_COUNT)
        return text_reject(&o->text, l, (enum rejected)why, what);
    if (count == 0)
        return text_ignore(&o->text, IGNORED_VALUE);
    int code = mark_values(o, l, e, &seen);
    if (code || seen)
        return code ? code : text_reject(&o->text, l, REJECTED_TWICE, t->row.fields[1]);
    o->text.fates.used++;
    for (unsigned i = NAMES; i < t->row.count && !code; i++)
        if (!isnan(t->values[i])) {
            struct observed_value v = value_of(l, e, t->years[i], t->values[i]);
            code = observing_give(o, &v);
        }
    return code;
}

static int read_row(struct observing *o, const struct line *l)
{
    struct indicator_table *t = o->table;
    const struct row *row = &t->row;
    if (row->count != (t->form == FORM_LONG ? NAMES : t->columns))
        return text_reject(&o->text, l, REJECTED_FIELDS, (struct slice){l->at, l->length});
    if (!is_code(row->fields[1]))
        return text_reject(&o->text, l, REJECTED_ECONOMY, row->fields[1]);
    if (t->form == FORM_WIDE && !slice_is(row->fields[3], t->indicator->code)) {
        char text[96];
        snprintf(text, sizeof text, "another indicator than %s (%s)", t->indicator->code,
                 t->indicator->words);
        return refuse(o, text);
    }
    economy e = world_find(o->world, row->fields[1]);
    if (e == ECONOMY_NONE)
        return text_ignore(&o->text, IGNORED_ECONOMY);
    return t->form == FORM_LONG ? read_long(o, l, e) : read_wide(o, l, e);
}

static int take_line(struct text_reader *text, const struct line *l)
{
    struct observing *o = (struct observing *)text;
    struct indicator_table *t = o->table;
    row_cut((struct slice){l->at, l->length}, t->text, &t->row);
    if (t->form != FORM_UNKNOWN)
        return read_row(o, l);
    text_ignore(text, IGNORED_HEADER);
    if (is_heading(&t->row))
        return read_heading(o);
    if (l->number > PREAMBLE_MAX)
        return refuse(o, "no heading; wanted \"Country Name\",\"Country Code\",...");
    return 0;
}

int observe_indicator(struct observing *o)
{
    bool people = o->result.header.format == FORMAT_POPULATION;
    struct indicator_table *t = calloc(1, sizeof *t);
    if (!t)
        return err_memory(o->text.e);
    t->indicator = people ? &inhabitants : &internet_users;
    o->table = t;
    o->text.comments = "";
    o->text.line = take_line;
    o->text.wanted = "the World Bank's table";
    int code = text_read(&o->text, ',');
    free(t);
    return code;
}

bool indicator_probe(const void *bytes, size_t length)
{
    struct slice rest = text_without_mark((struct slice){bytes, length});
    char text[SOURCE_PEEK_MAX];
    for (unsigned i = 0; i <= PREAMBLE_MAX && rest.at && rest.length > 0; i++) {
        struct row row;
        struct slice line = slice_cut(&rest, '\n');
        if (line.length > sizeof text)
            return false;
        row_cut(line, text, &row);
        if (is_heading(&row))
            return true;
    }
    return false;
}
