// SPDX-License-Identifier: Apache-2.0

#include "read/vrps.h"

#include "read/announced.h"
#include "read/formats.h"
#include "read/kind.h"

#include <stdio.h>
#include <string.h>

#define WANTED "validated payloads: ASN, IP Prefix, Max Length, Trust Anchor"

#define FIELDS  4
#define MOMENTS 2

struct reader {
    struct text_reader text; // first
    const struct vrp_handler *handler;
    struct vrp_result result;
    date supplied;
    bool headed, with_address;
    struct element_field fields[FIELDS], moments[MOMENTS]; // of JSON
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

// The archive of the RIPE NCC has the address of the ROA before, and its validity behind.
static int take_line(struct text_reader *text, const struct line *l)
{
    struct reader *r = (struct reader *)text;
    struct slice whole = {l->at, l->length}, none = {"", 0};
    struct fields f = fields_cut(whole);
    unsigned first = r->with_address;
    if (f.count < first + 3)
        return text_reject(text, l, REJECTED_FIELDS, whole);
    if (slice_is_nocase(f.at[0], "URI"))
        r->with_address = true;
    if (slice_is_nocase(f.at[0], "URI") || slice_is_nocase(f.at[0], "ASN"))
        return text_ignore(text, IGNORED_HEADER);
    return take(r, l, f.at[first], f.at[first + 1], f.at[first + 2],
                f.count > 3 && !first ? f.at[3] : none);
}

// ---- JSON

// "2019-03-04T10:06:01Z"
static void take_moment(struct reader *r, const struct element_field *f)
{
    if (f->length >= 10)
        date_parse((struct slice){f->text, 10}, &r->result.header.date);
}

static void take_moments(struct reader *r)
{
    for (size_t i = 0; i < MOMENTS; i++)
        take_moment(r, &r->moments[i]);
}

static int take_element(struct text_reader *text, const struct line *element)
{
    struct reader *r = (struct reader *)text;
    take_moments(r);
    return take(r, element, element_slice(&r->fields[0]), element_slice(&r->fields[1]),
                element_slice(&r->fields[2]), element_slice(&r->fields[3]));
}

static int read_json(struct reader *r)
{
    static const struct element_field fields[FIELDS] = {
        {.path = "asn"}, {.path = "prefix"}, {.path = "maxLength"}, {.path = "ta"}};
    static const struct element_field moments[MOMENTS] = {{.path = "metadata.buildtime"},
                                                          {.path = "metadata.generatedTime"}};
    memcpy(r->fields, fields, sizeof fields);
    memcpy(r->moments, moments, sizeof moments);
    struct document d = {"roas", r->moments, MOMENTS, r->fields, FIELDS, take_element};
    int code = document_read(&r->text, &d);
    take_moments(r);
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
