// SPDX-License-Identifier: Apache-2.0

#include "read/vrps.h"

#include "read/announced.h"
#include "read/formats.h"
#include "read/kind.h"

#include <stdio.h>
#include <string.h>

#define WANTED "validated payloads: ASN, IP Prefix, Max Length, Trust Anchor"

struct reader {
    struct text_reader text; // first
    const struct vrp_handler *handler;
    struct vrp_result result;
    date supplied;
    bool headed;
};

static int give_header(struct reader *r)
{
    struct vrp_header *h = &r->result.header;
    r->headed = true;
    if (h->date == DATE_NONE)
        h->date = r->supplied;
    return r->handler->header ? r->handler->header(h, r->handler->arg) : 0;
}

static void set_trust_anchor(struct vrp *v, struct slice s)
{
    size_t length = s.length < TRUST_ANCHOR_MAX ? s.length : TRUST_ANCHOR_MAX - 1;
    for (size_t i = 0; i < length; i++)
        v->trust_anchor[i] = s.at[i] > ' ' && s.at[i] <= '~' ? s.at[i] : '?';
}

// A maximum that is not stated is the prefix' own length.
static bool parse_max_length(struct slice s, struct vrp *v)
{
    uint64_t length = v->length;
    if (s.length > 0 && !slice_u64(s, v->family == FAMILY_IPV6 ? 128 : 32, &length))
        return false;
    v->max_length = (uint8_t)length;
    return length >= v->length;
}

static int take(struct reader *r, const struct line *l, struct slice asn, struct slice prefix,
                struct slice max_length, struct slice trust_anchor)
{
    struct announced a = {0};
    struct vrp v = {.line = l->number};
    if (!asn_parse(asn, &v.asn))
        return text_reject(&r->text, l, REJECTED_ORIGIN, asn);
    if (!announced_prefix(prefix, &a))
        return text_reject(&r->text, l, REJECTED_ADDRESS, prefix);
    v.family = a.family;
    v.start = a.start;
    v.length = a.length;
    if (!parse_max_length(max_length, &v))
        return text_reject(&r->text, l, REJECTED_VALUE, max_length);
    set_trust_anchor(&v, trust_anchor);
    int code = r->headed ? 0 : give_header(r);
    r->text.fates.used++;
    r->result.vrps[v.family]++;
    return !code && r->handler->vrp ? r->handler->vrp(&v, r->handler->arg) : code;
}

static int take_line(struct text_reader *text, const struct line *l)
{
    struct slice whole = {l->at, l->length}, none = {"", 0};
    struct fields f = fields_cut(whole);
    if (f.count < 3)
        return text_reject(text, l, REJECTED_FIELDS, whole);
    if (slice_is_nocase(f.at[0], "ASN"))
        return text_ignore(text, IGNORED_HEADER);
    return take((struct reader *)text, l, f.at[0], f.at[1], f.at[2], f.count > 3 ? f.at[3] : none);
}

// ---- JSON

// "2019-03-04T10:06:01Z"
static void take_moment(struct reader *r, const struct element_field *f)
{
    if (f->length >= 10)
        date_parse((struct slice){f->text, 10}, &r->result.header.date);
}

static int read_metadata(struct reader *r, struct json_reader *json)
{
    struct element_field f[] = {{.path = "buildtime"}, {.path = "generatedTime"}};
    enum json_event event;
    int code = json_next(json, &event, r->text.e);
    if (code || event != JSON_EVENT_OBJECT)
        return code ? code : json_skip(json, event, r->text.e);
    code = element_read(json, f, 2, r->text.e);
    take_moment(r, &f[0]);
    take_moment(r, &f[1]);
    return code;
}

static int read_list(struct reader *r, struct json_reader *json)
{
    struct element_field f[] = {
        {.path = "asn"}, {.path = "prefix"}, {.path = "maxLength"}, {.path = "ta"}};
    enum json_event event;
    int code = json_next(json, &event, r->text.e);
    if (!code && event != JSON_EVENT_ARRAY)
        return json_skip(json, event, r->text.e);
    while (!code && (code = json_next(json, &event, r->text.e)) == 0 &&
           event != JSON_EVENT_ARRAY_END) {
        struct line element = {.number = ++r->text.fates.lines};
        if (event != JSON_EVENT_OBJECT) {
            code = json_skip(json, event, r->text.e);
            if (!code)
                code = text_reject(&r->text, &element, REJECTED_DAMAGED, (struct slice){"", 0});
            continue;
        }
        code = element_read(json, f, 4, r->text.e);
        if (!code)
            code = take(r, &element, element_slice(&f[0]), element_slice(&f[1]),
                        element_slice(&f[2]), element_slice(&f[3]));
    }
    return code;
}

static int read_document(struct reader *r, struct json_reader *json)
{
    enum json_event event = JSON_EVENT_NULL;
    int code = 0;
    while (!code && (code = json_next(json, &event, r->text.e)) == 0 && event != JSON_EVENT_END) {
        bool top = event == JSON_EVENT_NAME && json_depth(json) == 1;
        if (top && slice_is(json_token(json), "metadata"))
            code = read_metadata(r, json);
        else if (top && slice_is(json_token(json), "roas"))
            code = read_list(r, json);
        else if (event == JSON_EVENT_NAME)
            code = json_skip(json, event, r->text.e);
    }
    return code ? code
                : fates_check(&r->text.fates, source_name(r->text.source), WANTED, r->text.e);
}

static int read_json(struct reader *r)
{
    struct json_reader *json = NULL;
    int code = elements_open(r->text.source, &json, r->text.e);
    if (!code)
        code = read_document(r, json);
    json_reader_free(&json);
    return code;
}

int read_vrps(struct source *s, const struct read_options *options,
              const struct vrp_handler *handler, struct vrp_result *ret, struct err *e)
{
    struct reader r = {.handler = handler};
    enum input_format format;
    int code = input_format_probe(s, &format, e);
    if (code)
        return code;
    if (input_format_kind(format) != INPUT_VRPS)
        return err_set(e, ERR_INPUT, "%s: not " WANTED, source_name(s));
    r.text = (struct text_reader){.source = s, .e = e, .comments = "#", .wanted = WANTED};
    r.text.tell = (struct read_handler){.finding = handler->finding, .arg = handler->arg};
    r.text.line = take_line;
    r.supplied = date_supplied(options, s);
    r.result.header = (struct vrp_header){format, DATE_NONE};
    code = format == FORMAT_VRPS_JSON ? read_json(&r) : text_read(&r.text, ',');
    if (code)
        return code;
    r.result.fates = r.text.fates;
    *ret = r.result;
    return 0;
}
