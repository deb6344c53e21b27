// SPDX-License-Identifier: Apache-2.0

#include "read/users_per_as.h"

#include "read/formats.h"
#include "read/kind.h"

#include <math.h>
#include <string.h>

#define WANTED    "users per AS: asn,name,cc,users,...,samples"
#define COLUMNS   7
#define FIELDS    4
#define USERS_MAX 1e11 // more than there are people

struct reader {
    struct text_reader text; // first
    const struct users_per_as_handler *handler;
    struct users_per_as_header header;
    date supplied;
    bool headed;
    struct element_field fields[FIELDS], day; // of JSON
    char line[LINE_MAX_BYTES];                // changed where fields lose their quotes
};

static int give_header(struct reader *r)
{
    r->headed = true;
    if (r->header.date == DATE_NONE)
        r->header.date = r->supplied;
    return r->handler->header ? r->handler->header(&r->header, r->handler->arg) : 0;
}

static int take(struct reader *r, const struct line *l, struct slice asn, struct slice code,
                struct slice users, struct slice samples)
{
    struct users_per_as u = {.line = l->number, .samples = NAN};
    u.economy = economy_parse(code);
    if (!asn_parse(asn, &u.asn))
        return text_reject(&r->text, l, REJECTED_ORIGIN, asn);
    if (u.economy == ECONOMY_NONE || u.economy == ECONOMY_ODD)
        return text_reject(&r->text, l, REJECTED_ECONOMY, code);
    if (!number_parse(users, USERS_MAX, &u.users))
        return text_reject(&r->text, l, REJECTED_NUMBER, users);
    if (samples.length > 0 && !number_parse(samples, USERS_MAX, &u.samples))
        return text_reject(&r->text, l, REJECTED_NUMBER, samples);
    int status = r->headed ? 0 : give_header(r);
    r->text.fates.used++;
    return !status && r->handler->users ? r->handler->users(&u, r->handler->arg) : status;
}

static int take_csv(struct text_reader *text, const struct line *l)
{
    struct reader *r = (struct reader *)text;
    struct slice f[COLUMNS];
    unsigned count = 0;
    char *rest = r->line;
    memcpy(r->line, l->at, l->length);
    while (count < COLUMNS && csv_field(&rest, r->line + l->length, &f[count])) {
        f[count] = slice_trim(f[count]);
        count++;
    }
    if (count < 4)
        return text_reject(text, l, REJECTED_FIELDS, (struct slice){l->at, l->length});
    if (slice_is_nocase(f[0], "asn"))
        return text_ignore(text, IGNORED_HEADER);
    return take(r, l, f[0], f[2], f[3], count == COLUMNS ? f[6] : (struct slice){"", 0});
}

// "05/09/2025": the day comes first.
static void take_day(struct reader *r)
{
    struct slice rest = element_slice(&r->day), day = slice_cut(&rest, '/');
    struct slice month = rest.at ? slice_cut(&rest, '/') : rest;
    uint64_t d, m, y;
    if (rest.at && slice_u64(day, 31, &d) && slice_u64(month, 12, &m) &&
        slice_u64(rest, 9999, &y) && date_valid((int)y, (unsigned)m, (unsigned)d))
        r->header.date = date_of((int)y, (unsigned)m, (unsigned)d);
}

static int take_element(struct text_reader *text, const struct line *element)
{
    struct reader *r = (struct reader *)text;
    take_day(r);
    return take(r, element, element_slice(&r->fields[0]), element_slice(&r->fields[1]),
                element_slice(&r->fields[2]), element_slice(&r->fields[3]));
}

static int read_json(struct reader *r)
{
    static const struct element_field fields[FIELDS] = {
        {.path = "AS"}, {.path = "CC"}, {.path = "Users"}, {.path = "Samples"}};
    memcpy(r->fields, fields, sizeof fields);
    r->day.path = "Date";
    struct document d = {"Data", &r->day, 1, r->fields, FIELDS, take_element};
    int code = document_read(&r->text, &d);
    take_day(r);
    return code;
}

int read_users_per_as(struct source *s, const struct read_options *options,
                      const struct users_per_as_handler *handler, struct users_per_as_result *ret,
                      struct err *e)
{
    struct reader r = {.handler = handler};
    enum input_format format;
    int code = input_format_probe(s, &format, e);
    if (code)
        return code;
    if (input_format_kind(format) != INPUT_USERS_PER_AS)
        return err_set(e, ERR_INPUT, "%s: not " WANTED, source_name(s));
    r.text = (struct text_reader){.source = s, .e = e, .comments = "#", .wanted = WANTED};
    r.text.tell = (struct read_handler){.finding = handler->finding, .arg = handler->arg};
    r.text.line = take_csv;
    r.supplied = date_supplied(options, s);
    r.header = (struct users_per_as_header){format, DATE_NONE};
    code = format == FORMAT_USERS_PER_AS_JSON ? read_json(&r) : text_read(&r.text, ',');
    if (!code)
        *ret = (struct users_per_as_result){r.header, r.text.fates};
    return code;
}
