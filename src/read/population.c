// SPDX-License-Identifier: Apache-2.0
//
// The World Bank's population tables, line by line.

#include "read/population.h"

#include "read/formats.h"
#include "read/lines.h"
#include "read/read.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define PREAMBLE_MAX   8 // lines before the heading; published: 4
#define NAMES          4 // fields of a row before the first year's
#define ROW_FIELDS_MAX (NAMES + POPULATION_YEARS_MAX + 1)
#define ECONOMIES      (26 * 26)

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

static const struct indicator inhabitants = {"SP.POP.TOTL", "population, total",
                                             (double)POPULATION_MAX, false};
static const struct indicator internet_users = {
    "IT.NET.USER.ZS", "individuals using the Internet, % of population", 100, true};

struct reader {
    const struct indicator *indicator;
    struct source *source;
    const struct world *world;
    const struct population_handler *handler;
    struct population_fates fates;
    struct err *e;
    enum form form;
    int years[ROW_FIELDS_MAX]; // of the wide form's columns; 0: the column has no heading
    unsigned columns;
    struct row row;
    double values[ROW_FIELDS_MAX]; // of the row; NaN: none
    uint8_t seen[(ECONOMIES * POPULATION_YEARS_MAX + 7) / 8];
    char text[LINE_MAX_BYTES + 1]; // the line, changed where fields lose their quotes
};

// ---- words

const char *population_ignored_name(enum population_ignored i)
{
    static const char *const names[POPULATION_IGNORED_COUNT] = {"blank", "heading", "no economy",
                                                                "no value"};
    return names[i];
}

const char *population_rejected_name(enum population_rejected r)
{
    static const char *const names[POPULATION_REJECTED_COUNT] = {
        "line too long",
        "another number of fields than the heading",
        "not a code of three letters",
        "not a year",
        "not a number above 0",
        "the same year twice"};
    return names[r];
}

static uint64_t sum(const uint64_t *counts, unsigned count)
{
    uint64_t total = 0;
    for (unsigned i = 0; i < count; i++)
        total += counts[i];
    return total;
}

uint64_t population_fates_ignored(const struct population_fates *f)
{
    return sum(f->ignored, POPULATION_IGNORED_COUNT);
}

uint64_t population_fates_rejected(const struct population_fates *f)
{
    return sum(f->rejected, POPULATION_REJECTED_COUNT);
}

// ---- fates of a line

static int ignore(struct reader *r, enum population_ignored why)
{
    r->fates.ignored[why]++;
    return 0;
}

static int reject(struct reader *r, const struct line *l, enum population_rejected why,
                  struct slice what)
{
    r->fates.rejected[why]++;
    if (r->fates.first_rejected == 0)
        r->fates.first_rejected = l->number;
    if (!r->handler->rejected)
        return 0;
    char text[160];
    snprintf(text, sizeof text, what.length ? "%s: \"%.*s\"" : "%s", population_rejected_name(why),
             what.length > 80 ? 80 : (int)what.length, what.at);
    return r->handler->rejected(l->number, text, r->handler->arg);
}

static int refuse(struct reader *r, const char *what)
{
    return err_set(r->e, ERR_INPUT, "%s:%" PRIu64 ": %s", source_name(r->source), r->fates.lines,
                   what);
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
    if (s.length != 4 || !slice_u64(s, POPULATION_YEAR_FIRST + POPULATION_YEARS_MAX - 1, &year) ||
        year < POPULATION_YEAR_FIRST)
        return false;
    *ret = (int)year;
    return true;
}

static bool parse_value(const struct reader *r, struct slice s, double *ret)
{
    return number_parse(s, r->indicator->max, ret) && (*ret > 0 || r->indicator->zero);
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

// Marks the economy's year. False when it was marked before.
static bool seen_add(struct reader *r, economy e, int year)
{
    unsigned place = (unsigned)((e >> 8) - 'A') * 26 + (unsigned)((e & 0xff) - 'A');
    place = place * POPULATION_YEARS_MAX + (unsigned)(year - POPULATION_YEAR_FIRST);
    uint8_t bit = (uint8_t)(1u << place % 8);
    bool fresh = (r->seen[place / 8] & bit) == 0;
    r->seen[place / 8] |= bit;
    return fresh;
}

static int read_heading(struct reader *r)
{
    const struct row *row = &r->row;
    if (row->count == 4 && slice_is_nocase(row->fields[2], "Year") &&
        slice_is_nocase(row->fields[3], "Value")) {
        r->form = FORM_LONG;
        return 0;
    }
    if (!slice_is_nocase(row->fields[2], "Indicator Name") ||
        !slice_is_nocase(row->fields[3], "Indicator Code"))
        return refuse(r, "another heading; wanted Year,Value or Indicator Name,Indicator Code "
                         "behind the country's name and code");
    for (unsigned i = NAMES; i < row->count; i++) {
        r->years[i] = 0;
        if (row->fields[i].length > 0 && !parse_year(row->fields[i], &r->years[i]))
            return refuse(r, "a heading that is no year");
        for (unsigned k = NAMES; k < i; k++)
            if (r->years[i] != 0 && r->years[k] == r->years[i])
                return refuse(r, "two columns for one year");
    }
    r->columns = row->count;
    r->form = FORM_WIDE;
    return 0;
}

static int give(struct reader *r, const struct line *l, economy e, int year, double people)
{
    struct population p = {e, year, people, l->number};
    return r->handler->value ? r->handler->value(&p, r->handler->arg) : 0;
}

static int read_long(struct reader *r, const struct line *l, economy e)
{
    struct slice year = r->row.fields[2], value = r->row.fields[3];
    int number;
    double figure;
    if (!parse_year(year, &number))
        return reject(r, l, POPULATION_YEAR, year);
    if (value.length == 0)
        return ignore(r, POPULATION_NO_VALUE);
    if (!parse_value(r, value, &figure))
        return reject(r, l, POPULATION_VALUE, value);
    if (!seen_add(r, e, number))
        return reject(r, l, POPULATION_TWICE, year);
    r->fates.used++;
    return give(r, l, e, number, figure);
}

static int read_wide(struct reader *r, const struct line *l, economy e)
{
    const struct row *row = &r->row;
    unsigned values = 0;
    int code = 0;
    for (unsigned i = NAMES; i < row->count; i++) {
        struct slice value = row->fields[i];
        r->values[i] = NAN;
        if (value.length == 0)
            continue;
        if (r->years[i] == 0 || !parse_value(r, value, &r->values[i]))
            return reject(r, l, POPULATION_VALUE, value);
        values++;
    }
    if (values == 0)
        return ignore(r, POPULATION_NO_VALUE);
    for (unsigned i = NAMES; i < row->count; i++)
        if (!isnan(r->values[i]) && !seen_add(r, e, r->years[i]))
            return reject(r, l, POPULATION_TWICE, row->fields[1]);
    r->fates.used++;
    for (unsigned i = NAMES; i < row->count && !code; i++)
        if (!isnan(r->values[i]))
            code = give(r, l, e, r->years[i], r->values[i]);
    return code;
}

static int read_row(struct reader *r, const struct line *l)
{
    const struct row *row = &r->row;
    struct slice whole = {l->at, l->length};
    if (row->count != (r->form == FORM_LONG ? 4 : r->columns))
        return reject(r, l, POPULATION_FIELDS, whole);
    if (!is_code(row->fields[1]))
        return reject(r, l, POPULATION_CODE, row->fields[1]);
    if (r->form == FORM_WIDE && !slice_is(row->fields[3], r->indicator->code)) {
        char text[96];
        snprintf(text, sizeof text, "another indicator than %s (%s)", r->indicator->code,
                 r->indicator->words);
        return refuse(r, text);
    }
    economy e = world_find(r->world, row->fields[1]);
    if (e == ECONOMY_NONE)
        return ignore(r, POPULATION_NO_ECONOMY);
    return r->form == FORM_LONG ? read_long(r, l, e) : read_wide(r, l, e);
}

static int read_line(struct reader *r, const struct line *l)
{
    struct slice line = {l->at, l->too_long ? 0 : l->length};
    r->fates.lines = l->number;
    if (l->number == 1)
        line = text_without_mark(line);
    if (l->too_long)
        return reject(r, l, POPULATION_LENGTH, line);
    if (slice_trim(line).length == 0)
        return ignore(r, POPULATION_BLANK);
    row_cut(line, r->text, &r->row);
    if (r->form != FORM_UNKNOWN)
        return read_row(r, l);
    if (is_heading(&r->row))
        return ignore(r, POPULATION_HEADING), read_heading(r);
    if (l->number > PREAMBLE_MAX)
        return refuse(r, "no heading; wanted \"Country Name\",\"Country Code\",...");
    return ignore(r, POPULATION_HEADING);
}

// A number that lost its last digits is a number: a table is whole only when its last line is.
static int check_whole(struct reader *r, bool ended)
{
    uint64_t rejected = population_fates_rejected(&r->fates);
    if (r->fates.lines == 0)
        return err_set(r->e, ERR_INPUT, "%s: empty", source_name(r->source));
    if (!ended)
        return refuse(r, "the last line has no end; wanted a whole file");
    if (r->fates.used == 0 || rejected > r->fates.used)
        return err_set(r->e, ERR_INPUT,
                       "%s: %" PRIu64 " lines used, %" PRIu64
                       " rejected; wanted the World Bank's population table",
                       source_name(r->source), r->fates.used, rejected);
    return 0;
}

static int read_lines(struct reader *r, struct lines *lines)
{
    struct line line = {.ended = true};
    bool got;
    int code;
    while ((code = lines_next(lines, &line, &got, r->e)) == 0 && got)
        if ((code = read_line(r, &line)) != 0)
            return code;
    return code ? code : check_whole(r, line.ended);
}

static int read_indicator(const struct indicator *indicator, struct source *s,
                          const struct world *w, const struct population_handler *handler,
                          struct population_fates *ret, struct err *e)
{
    struct lines *lines = NULL;
    struct reader *r = calloc(1, sizeof *r);
    if (!r)
        return err_memory(e);
    r->indicator = indicator;
    r->source = s;
    r->world = w;
    r->handler = handler;
    r->e = e;
    int code = lines_new(s, ',', &lines, e);
    if (!code)
        code = read_lines(r, lines);
    if (!code)
        *ret = r->fates;
    lines_free(&lines);
    free(r);
    return code;
}

int read_population(struct source *s, const struct world *w,
                    const struct population_handler *handler, struct population_fates *ret,
                    struct err *e)
{
    return read_indicator(&inhabitants, s, w, handler, ret, e);
}

int read_internet_users(struct source *s, const struct world *w,
                        const struct population_handler *handler, struct population_fates *ret,
                        struct err *e)
{
    return read_indicator(&internet_users, s, w, handler, ret, e);
}

bool population_probe(const void *bytes, size_t length)
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
