// SPDX-License-Identifier: Apache-2.0
//
// Dated series in scripts and JSON.
//
// Google's statistics page has its figures in two scripts, each an array of arrays:
//
//     [2008, 8, 4, 0.0139, 0.0085]        a day, its month counted from 0: the world, IPv6 in all
//     ["KE", "Kenya", 12.5, ...]          an economy; the day is supplied
//
// APNIC Labs publish a document for each economy (and XA, the world):
//
//     {"data": [{"date": "2024-01-05", "cc": "KE", "raw": {"seen": 1040, "capable_pc": 12.5, ...},
//                "30": {...}, ...}, ...]}
//
// Of it the raw figures of the day are taken, with that day's samples, not the smoothed ones.

#include "read/observed_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define CELLS_MAX 8 // of a row; more are not looked at

// ---- Google

struct row {
    struct element_field cells[CELLS_MAX];
    unsigned count;
    bool text; // the first cell is
};

static void row_add(struct row *row, enum json_event event, struct slice s)
{
    if (row->count == CELLS_MAX)
        return;
    struct element_field *f = &row->cells[row->count++];
    f->length = s.length < ELEMENT_TEXT_MAX ? s.length : ELEMENT_TEXT_MAX - 1;
    memcpy(f->text, s.at, f->length);
    row->text |= row->count == 1 && event == JSON_EVENT_TEXT;
}

static int row_read(struct json_reader *json, struct row *row, struct err *e)
{
    enum json_event event = JSON_EVENT_NULL;
    int code = 0;
    row->count = 0;
    row->text = false;
    while (!code && (code = json_next(json, &event, e)) == 0 && event != JSON_EVENT_ARRAY_END) {
        bool scalar = event == JSON_EVENT_TEXT || event == JSON_EVENT_NUMBER;
        row_add(row, event, scalar ? json_token(json) : (struct slice){"", 0});
        code = json_skip(json, event, e);
    }
    return code;
}

static struct slice row_cell(const struct row *row, unsigned i)
{
    return i < row->count ? element_slice(&row->cells[i]) : (struct slice){"", 0};
}

static bool row_day(const struct row *row, date *ret)
{
    uint64_t year, month, day;
    if (!slice_u64(row_cell(row, 0), 9999, &year) || !slice_u64(row_cell(row, 1), 11, &month) ||
        !slice_u64(row_cell(row, 2), 31, &day) ||
        !date_valid((int)year, (unsigned)month + 1, (unsigned)day))
        return false;
    *ret = date_of((int)year, (unsigned)month + 1, (unsigned)day);
    return true;
}

static int row_take(struct observing *o, const struct line *l, const struct row *row)
{
    struct observed_value v = observed_value(l, o->supplied, NAN);
    struct slice first = row_cell(row, 0), number = row_cell(row, row->text ? 2 : 3);
    if (row->count < 3)
        return text_reject(&o->text, l, REJECTED_FIELDS, first);
    if (!row->text && !row_day(row, &v.date))
        return text_reject(&o->text, l, REJECTED_DATE, first);
    if (row->text && !observed_economy(o, first, v.key))
        return text_ignore(&o->text, IGNORED_ECONOMY);
    if (!row->text)
        snprintf(v.key, sizeof v.key, OBSERVED_WORLD);
    if (!observed_number(o, number, &v.value))
        return text_reject(&o->text, l, REJECTED_NUMBER, number);
    if (v.date == DATE_NONE)
        return err_set(o->text.e, ERR_INPUT, "%s: the figures state no date; give --date",
                       source_name(o->text.source));
    if (row->text)
        o->result.header.date = v.date;
    return observing_take(o, l, &v);
}

static int script_read(struct observing *o, struct json_reader *json)
{
    enum json_event event = JSON_EVENT_NULL;
    struct row row;
    int code = json_seek_arrays(json, o->text.e);
    while (!code && (code = json_next(json, &event, o->text.e)) == 0 &&
           event != JSON_EVENT_ARRAY_END) {
        struct line element = {.number = ++o->text.fates.lines};
        if (event != JSON_EVENT_ARRAY) {
            code = json_skip(json, event, o->text.e);
            if (!code)
                code = text_reject(&o->text, &element, REJECTED_DAMAGED, (struct slice){"", 0});
        } else if ((code = row_read(json, &row, o->text.e)) == 0) {
            code = row_take(o, &element, &row);
        }
    }
    return code;
}

int observe_script(struct observing *o)
{
    struct json_reader *json = NULL;
    int code = elements_open(o->text.source, &json, o->text.e);
    if (!code)
        code = script_read(o, json);
    json_reader_free(&json);
    if (!code)
        code = fates_check(&o->text.fates, source_name(o->text.source), o->text.wanted, o->text.e);
    return code;
}

// ---- APNIC Labs

enum { FIELD_DATE, FIELD_CODE, FIELD_SEEN, FIELD_CAPABLE, FIELDS };

// A document without codes is named by one: "KE.json".
static struct slice code_of_name(const char *place)
{
    const char *slash = strrchr(place, '/'), *name = slash ? slash + 1 : place;
    size_t length = strcspn(name, ".");
    return (struct slice){name, length};
}

static int take_apnic(struct text_reader *text, const struct line *l)
{
    struct observing *o = (struct observing *)text;
    struct observed_value v = observed_value(l, DATE_NONE, NAN);
    struct slice code = element_slice(&o->fields[FIELD_CODE]);
    struct slice seen = element_slice(&o->fields[FIELD_SEEN]);
    struct slice capable = element_slice(&o->fields[FIELD_CAPABLE]);
    if (code.length == 0)
        code = code_of_name(source_name(text->source));
    if (!observed_date(element_slice(&o->fields[FIELD_DATE]), &v.date))
        return text_reject(text, l, REJECTED_DATE, element_slice(&o->fields[FIELD_DATE]));
    if (!observed_economy(o, slice_is(code, "XA") ? slice_of(OBSERVED_WORLD) : code, v.key))
        return text_ignore(text, IGNORED_ECONOMY);
    if (!observed_number(o, capable, &v.value))
        return text_reject(text, l, REJECTED_NUMBER, capable);
    if (seen.length > 0 && !number_parse(seen, OBSERVED_NUMBER_MAX, &v.samples))
        return text_reject(text, l, REJECTED_NUMBER, seen);
    return observing_take(o, l, &v);
}

int observe_apnic(struct observing *o)
{
    static const char *const paths[FIELDS] = {"date", "cc", "raw.seen", "raw.capable_pc"};
    for (unsigned i = 0; i < FIELDS; i++)
        o->fields[i].path = paths[i];
    struct document d = {"data", NULL, 0, o->fields, FIELDS, take_apnic};
    return document_read(&o->text, &d);
}
