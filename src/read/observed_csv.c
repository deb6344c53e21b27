// SPDX-License-Identifier: Apache-2.0
//
// Dated series as CSV.
//
//     # name: our-probes                       anybody's own
//     date,economy,value,low,high,samples
//     2024-01-05,KE,12.5,11.9,13.1,10400
//
//     country_code,country,google_ipv6         Google, one day, which is supplied
//     week_starting,weekly_max_percent,weekly_min_percent,...     Google, the world
//     iso2,gec_file_code,name,internet_users_percent,year,...     a factbook
//     date,cctld,nameservers,nameservers_with_aaaa_in_root,nameservers_without_any_address_in_root

#include "read/observed_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

// ---- anybody's own

static bool is_name(struct slice s)
{
    for (size_t i = 0; i < s.length; i++)
        if (!(s.at[i] >= 'a' && s.at[i] <= 'z') && !(s.at[i] >= '0' && s.at[i] <= '9') &&
            s.at[i] != '-')
            return false;
    return s.length > 0 && s.length < OBSERVED_SERIES_MAX;
}

static int refuse(struct observing *o, const char *what)
{
    return err_set(o->text.e, ERR_INPUT, "%s:%llu: %s", source_name(o->text.source),
                   (unsigned long long)o->text.fates.lines, what);
}

// "# unit: %"
static int take_comment(struct text_reader *text, struct slice comment)
{
    struct observing *o = (struct observing *)text;
    struct observed_header *h = &o->result.header;
    struct slice value = comment, word = slice_cut(&value, ':');
    if (!value.at || o->headed)
        return 0;
    value = slice_trim(value);
    word = slice_trim((struct slice){word.at + 1, word.length - 1});
    if (slice_is_nocase(word, "name") && !is_name(value))
        return refuse(o, "not a name; wanted small letters, digits and \"-\"");
    if (slice_is_nocase(word, "name"))
        snprintf(h->series, sizeof h->series, "%.*s", SLICE_ARG(value));
    else if (slice_is_nocase(word, "unit"))
        snprintf(h->unit, sizeof h->unit, "%.*s", SLICE_ARG(value));
    else if (slice_is_nocase(word, "title"))
        snprintf(h->title, sizeof h->title, "%.*s", SLICE_ARG(value));
    else if (slice_is_nocase(word, "source"))
        snprintf(h->source, sizeof h->source, "%.*s", SLICE_ARG(value));
    return 0;
}

static int take_own_heading(struct observing *o)
{
    static const char *const names[OBSERVED_COLUMNS] = {"date", "economy", "value",
                                                        "low",  "high",    "samples"};
    for (unsigned c = 0; c < OBSERVED_COLUMNS; c++)
        o->place[c] = -1;
    for (unsigned i = 0; i < o->count; i++)
        for (unsigned c = 0; c < OBSERVED_COLUMNS; c++)
            if (slice_is_nocase(observing_field(o, i), names[c]))
                o->place[c] = (int)i;
    if (o->result.header.series[0] == '\0')
        return refuse(o,
                      "the series has no name; wanted a line \"# name: ...\" before the heading");
    if (o->result.header.title[0] == '\0')
        snprintf(o->result.header.title, sizeof o->result.header.title, "%s",
                 o->result.header.series);
    return text_ignore(&o->text, IGNORED_HEADER);
}

static struct slice cell(const struct observing *o, enum observed_column c)
{
    return o->place[c] < 0 ? (struct slice){"", 0} : observing_field(o, (unsigned)o->place[c]);
}

static int take_own(struct text_reader *text, const struct line *l)
{
    struct observing *o = (struct observing *)text;
    struct observed_value v = observed_value(l, DATE_NONE, NAN);
    observing_cut(o, l);
    if (slice_is_nocase(observing_field(o, 0), "date"))
        return take_own_heading(o);
    if (o->count < 3)
        return text_reject(text, l, REJECTED_FIELDS, (struct slice){l->at, l->length});
    if (!observed_date(cell(o, COLUMN_DAY), &v.date))
        return text_reject(text, l, REJECTED_DATE, cell(o, COLUMN_DAY));
    if (!observed_economy(o, cell(o, COLUMN_KEY), v.key))
        return text_reject(text, l, REJECTED_ECONOMY, cell(o, COLUMN_KEY));
    if (!observed_number(o, cell(o, COLUMN_NUMBER), &v.value) ||
        !observed_number(o, cell(o, COLUMN_LOW), &v.low) ||
        !observed_number(o, cell(o, COLUMN_HIGH), &v.high))
        return text_reject(text, l, REJECTED_NUMBER, (struct slice){l->at, l->length});
    struct slice samples = cell(o, COLUMN_SAMPLES);
    if (samples.length > 0 && !number_parse(samples, OBSERVED_NUMBER_MAX, &v.samples))
        return text_reject(text, l, REJECTED_NUMBER, samples);
    return observing_take(o, l, &v);
}

// ---- Google

static int take_country(struct text_reader *text, const struct line *l)
{
    struct observing *o = (struct observing *)text;
    struct observed_value v = observed_value(l, o->result.header.date, NAN);
    observing_cut(o, l);
    if (slice_is_nocase(observing_field(o, 0), "country_code"))
        return text_ignore(text, IGNORED_HEADER);
    if (!observed_economy(o, observing_field(o, 0), v.key))
        return text_ignore(text, IGNORED_ECONOMY);
    if (!observed_number(o, observing_field(o, 2), &v.value))
        return text_reject(text, l, REJECTED_NUMBER, observing_field(o, 2));
    return observing_take(o, l, &v);
}

// The middle of the week's lowest and highest day, with both.
static int take_week(struct text_reader *text, const struct line *l)
{
    struct observing *o = (struct observing *)text;
    struct observed_value v = observed_value(l, DATE_NONE, NAN);
    observing_cut(o, l);
    if (slice_is_nocase(observing_field(o, 0), "week_starting"))
        return text_ignore(text, IGNORED_HEADER);
    if (!observed_date(observing_field(o, 0), &v.date))
        return text_reject(text, l, REJECTED_DATE, observing_field(o, 0));
    if (!observed_number(o, observing_field(o, 1), &v.high) ||
        !observed_number(o, observing_field(o, 2), &v.low))
        return text_reject(text, l, REJECTED_NUMBER, (struct slice){l->at, l->length});
    v.value = (v.low + v.high) / 2;
    snprintf(v.key, sizeof v.key, OBSERVED_WORLD);
    return observing_take(o, l, &v);
}

// ---- a factbook

static int take_factbook(struct text_reader *text, const struct line *l)
{
    struct observing *o = (struct observing *)text;
    struct observed_value v = observed_value(l, DATE_NONE, NAN);
    observing_cut(o, l);
    struct slice number = observing_field(o, 3), year = observing_field(o, 4);
    if (slice_is_nocase(observing_field(o, 0), "iso2"))
        return text_ignore(text, IGNORED_HEADER);
    if (!observed_economy(o, observing_field(o, 0), v.key))
        return text_ignore(text, IGNORED_ECONOMY);
    if (number.length == 0)
        return text_ignore(text, IGNORED_VALUE);
    if (year.length != 4 || !observed_date(year, &v.date))
        return text_reject(text, l, REJECTED_DATE, year);
    if (!observed_number(o, number, &v.value))
        return text_reject(text, l, REJECTED_NUMBER, number);
    return observing_take(o, l, &v);
}

// ---- name servers

static bool is_domain(struct slice s)
{
    for (size_t i = 0; i < s.length; i++)
        if (!(s.at[i] >= 'a' && s.at[i] <= 'z') && !(s.at[i] >= '0' && s.at[i] <= '9') &&
            s.at[i] != '-')
            return false;
    return s.length >= 2 && s.length < OBSERVED_KEY_MAX;
}

static int take_name_servers(struct text_reader *text, const struct line *l)
{
    struct observing *o = (struct observing *)text;
    struct observed_value v = observed_value(l, DATE_NONE, NAN);
    double unknown = 0;
    observing_cut(o, l);
    if (slice_is_nocase(observing_field(o, 0), "date"))
        return text_ignore(text, IGNORED_HEADER);
    if (!observed_date(observing_field(o, 0), &v.date))
        return text_reject(text, l, REJECTED_DATE, observing_field(o, 0));
    if (!is_domain(observing_field(o, 1)))
        return text_reject(text, l, REJECTED_ECONOMY, observing_field(o, 1));
    snprintf(v.key, sizeof v.key, "%.*s", SLICE_ARG(observing_field(o, 1)));
    if (!observed_number(o, observing_field(o, 2), &v.samples) ||
        !observed_number(o, observing_field(o, 3), &v.value) ||
        !observed_number(o, observing_field(o, 4), &unknown) || v.value + unknown > v.samples)
        return text_reject(text, l, REJECTED_NUMBER, (struct slice){l->at, l->length});
    v.low = v.value;
    v.high = v.value + unknown;
    return observing_take(o, l, &v);
}

// ---- whole

static int need_date(struct observing *o)
{
    o->result.header.date = o->supplied;
    if (o->supplied != DATE_NONE)
        return 0;
    return err_set(o->text.e, ERR_INPUT, "%s: the table states no date; give --date",
                   source_name(o->text.source));
}

int observe_table(struct observing *o)
{
    int code = 0;
    switch (o->result.header.format) {
    case FORMAT_GOOGLE_COUNTRIES:
        o->text.line = take_country;
        code = need_date(o);
        break;
    case FORMAT_GOOGLE_WEEKS:
        o->text.line = take_week;
        break;
    case FORMAT_FACTBOOK:
        o->text.line = take_factbook;
        break;
    case FORMAT_NAME_SERVERS:
        o->text.line = take_name_servers;
        break;
    default:
        o->text.line = take_own;
        o->text.comment = take_comment;
        break;
    }
    return code ? code : text_read(&o->text, ',');
}
