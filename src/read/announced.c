// SPDX-License-Identifier: Apache-2.0
//
// The tables in text form: RIS whois dumps, pfx2as, prefix and origin.
//
//     64496 <tab> 2001:db8::/32 <tab> 213              RIS whois
//     {64496,64497} <tab> 2001:db8::/32 <tab> 213
//     2001:db8:: <tab> 32 <tab> 64496_64497            pfx2as: two origins
//     2001:db8:: <tab> 32 <tab> 64496,64497            pfx2as: one origin, a set
//     2001:db8::/32,64496                              prefix and origin; also tabs or blanks
//
// The day: a dump says when it was generated; a table made by pyasn names the file that it was made
// from, and when.

#include "read/announced.h"

#include "read/formats.h"
#include "read/kind.h"
#include "read/mrt.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct reader {
    struct text_reader text; // first
    const struct announced_handler *handler;
    struct announced_result result;
    bool headed;
    date supplied;
    date converted; // counts where nothing else is known
};

// ---- prefixes

// REJECTED_COUNT: it is one.
static unsigned parse_prefix(struct slice address, struct slice bits, struct announced *ret)
{
    uint64_t length;
    uint32_t narrow;
    u128 start;
    enum family family = FAMILY_IPV6;
    if (!ipv6_parse(address, &start)) {
        if (!ipv4_parse(address, &narrow))
            return REJECTED_ADDRESS;
        family = FAMILY_IPV4;
        start = narrow;
    }
    unsigned width = family == FAMILY_IPV6 ? 128 : 32;
    if (!slice_u64(bits, width, &length))
        return REJECTED_VALUE;
    unsigned behind = width - (unsigned)length;
    if (behind == 128 ? start != 0 : start >> behind << behind != start)
        return REJECTED_BOUNDARY;
    ret->family = family;
    ret->length = (uint8_t)length;
    ret->start = start;
    return REJECTED_COUNT;
}

bool announced_prefix(struct slice s, struct announced *ret)
{
    struct slice bits = s, address = slice_cut(&bits, '/');
    return bits.at && parse_prefix(address, bits, ret) == REJECTED_COUNT;
}

// ---- origins

#define ORIGINS_MAX 64 // of one line; the most that were seen is 6

struct origins {
    uint32_t at[ORIGINS_MAX];
    unsigned count;
};

static bool origins_add(struct origins *o, uint32_t origin)
{
    for (unsigned i = 0; i < o->count; i++)
        if (o->at[i] == origin)
            return true;
    if (o->count == ORIGINS_MAX)
        return false;
    o->at[o->count++] = origin;
    return true;
}

// All of 64496,64497: AS numbers but 0.
static bool is_set(struct slice s)
{
    uint32_t asn;
    for (struct slice rest = s; rest.at;)
        if (!asn_parse(slice_cut(&rest, ','), &asn) || asn == 0)
            return false;
    return true;
}

// 64496, {64496,64497}, or several of them with "_" between.
static bool parse_origins(struct slice s, struct origins *ret)
{
    ret->count = 0;
    for (struct slice rest = s; rest.at;) {
        struct slice part = slice_cut(&rest, '_');
        bool braces = part.length > 2 && part.at[0] == '{' && part.at[part.length - 1] == '}';
        uint32_t origin = ORIGIN_SET;
        if (braces)
            part = (struct slice){part.at + 1, part.length - 2};
        if (!is_set(part))
            return false;
        if (!braces && !memchr(part.at, ',', part.length))
            asn_parse(part, &origin);
        if (!origins_add(ret, origin))
            return false;
    }
    return ret->count > 0;
}

// ---- lines

static int give_header(struct reader *r)
{
    struct announced_header *h = &r->result.header;
    r->headed = true;
    if (h->date == DATE_NONE)
        h->date = r->supplied != DATE_NONE ? r->supplied : r->converted;
    return r->handler->header ? r->handler->header(h, r->handler->arg) : 0;
}

static int give(struct reader *r, struct announced *a, const struct origins *origins)
{
    uint32_t *most = &r->result.peers[a->family];
    int code = r->headed ? 0 : give_header(r);
    *most = a->peers > *most ? a->peers : *most;
    r->text.fates.used++;
    for (unsigned i = 0; i < origins->count && !code; i++) {
        a->origin = origins->at[i];
        r->result.announced++;
        code = r->handler->announced ? r->handler->announced(a, r->handler->arg) : 0;
    }
    return code;
}

static int take(struct reader *r, const struct line *l, struct slice address, struct slice bits,
                struct slice origin, struct slice peers)
{
    struct announced a = {.line = l->number};
    struct origins origins;
    uint64_t count = 0;
    unsigned why = parse_prefix(address, bits, &a);
    if (why == REJECTED_ADDRESS)
        return text_reject(&r->text, l, REJECTED_ADDRESS, address);
    if (why != REJECTED_COUNT)
        return text_reject(&r->text, l, (enum rejected)why, (struct slice){l->at, l->length});
    if (!parse_origins(origin, &origins))
        return text_reject(&r->text, l, REJECTED_ORIGIN, origin);
    if (peers.length > 0 && !slice_u64(peers, UINT32_MAX, &count))
        return text_reject(&r->text, l, REJECTED_NUMBER, peers);
    a.peers = (uint32_t)count;
    return give(r, &a, &origins);
}

static int take_ris(struct text_reader *text, const struct line *l)
{
    if (l->fields != 3)
        return text_reject(text, l, REJECTED_FIELDS, (struct slice){l->at, l->length});
    struct slice bits = line_field(l, 1), address = slice_cut(&bits, '/');
    return take((struct reader *)text, l, address, bits, line_field(l, 0), line_field(l, 2));
}

static int take_pfx2as(struct text_reader *text, const struct line *l)
{
    if (l->fields != 3)
        return text_reject(text, l, REJECTED_FIELDS, (struct slice){l->at, l->length});
    return take((struct reader *)text, l, line_field(l, 0), line_field(l, 1), line_field(l, 2),
                (struct slice){"", 0});
}

static int take_prefix_origin(struct text_reader *text, const struct line *l)
{
    struct slice whole = {l->at, l->length};
    struct fields f = fields_cut(whole);
    if (f.count < 2 || f.count > 3)
        return text_reject(text, l, REJECTED_FIELDS, whole);
    if (slice_is_nocase(f.at[0], "prefix"))
        return text_ignore(text, IGNORED_HEADER);
    struct slice bits = f.at[0], address = slice_cut(&bits, '/');
    return take((struct reader *)text, l, address, bits, f.at[1],
                f.count == 3 ? f.at[2] : (struct slice){"", 0});
}

// ---- the day

// "Mon Mar  4 10:06:01 UTC 2019", the zone may be missing: month, day and last word.
static date parse_moment(struct slice s)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    struct fields f = fields_cut(s);
    uint64_t day, year;
    if (s.length > 0 && s.at[s.length - 1] == '.')
        return parse_moment((struct slice){s.at, s.length - 1});
    if (f.count < 5 || f.at[1].length != 3 || !slice_u64(f.at[2], 31, &day) ||
        !slice_u64(f.at[f.count - 1], 9999, &year))
        return DATE_NONE;
    for (unsigned month = 1; month <= 12; month++)
        if (memcmp(months + (size_t)(month - 1) * 3, f.at[1].at, 3) == 0)
            return date_valid((int)year, month, (unsigned)day)
                       ? date_of((int)year, month, (unsigned)day)
                       : DATE_NONE;
    return DATE_NONE;
}

static bool behind(struct slice text, const char *words, struct slice *ret)
{
    const char *found = memmem(text.at, text.length, words, strlen(words));
    if (!found)
        return false;
    const char *from = found + strlen(words);
    *ret = slice_trim((struct slice){from, text.length - (size_t)(from - text.at)});
    while (ret->length > 0 && (*ret->at == ':' || *ret->at == ' '))
        *ret = (struct slice){ret->at + 1, ret->length - 1};
    return true;
}

static int take_comment(struct text_reader *text, struct slice line)
{
    struct reader *r = (struct reader *)text;
    struct slice rest;
    char name[256];
    if (behind(line, "generated at", &rest)) {
        r->result.header.date = parse_moment(rest);
    } else if (behind(line, "Original file", &rest) && rest.length < sizeof name) {
        snprintf(name, sizeof name, "%.*s", SLICE_ARG(rest));
        r->result.header.date = source_name_date(name);
    } else if (behind(line, "Converted on", &rest)) {
        r->converted = parse_moment(rest);
    }
    return 0;
}

// ---- whole

// What CAIDA calls a collector in a file's name, "routeviews-rv6-20190304-1200.pfx2as".
static void name_collector(const char *place, char ret[COLLECTOR_MAX])
{
    const char *slash = strrchr(place, '/'), *name = slash ? slash + 1 : place;
    if (strncmp(name, "routeviews-rv2-", 15) == 0)
        snprintf(ret, COLLECTOR_MAX, "route-views2");
    else if (strncmp(name, "routeviews-rv6-", 15) == 0)
        snprintf(ret, COLLECTOR_MAX, "route-views6");
}

static int read_text(struct reader *r, enum input_format format)
{
    char *collector = r->result.header.collector;
    r->text.comments = "%#;";
    r->text.comment = take_comment;
    if (format == FORMAT_RIS_WHOIS) {
        r->text.line = take_ris;
        r->text.wanted = "origin, prefix and peers, with tabs between";
        snprintf(collector, COLLECTOR_MAX, "ris");
    } else if (format == FORMAT_PFX2AS) {
        r->text.line = take_pfx2as;
        r->text.wanted = "address, length and origin, with tabs between";
        name_collector(source_name(r->text.source), collector);
    } else {
        r->text.line = take_prefix_origin;
        r->text.wanted = "prefix and origin";
    }
    return text_read(&r->text, '\t');
}

int read_announced(struct source *s, const struct read_options *options,
                   const struct announced_handler *handler, struct announced_result *ret,
                   struct err *e)
{
    struct reader r = {.handler = handler, .converted = DATE_NONE};
    enum input_format format;
    int code = input_format_probe(s, &format, e);
    if (code)
        return code;
    if (format == FORMAT_MRT)
        return mrt_announced(s, options, handler, ret, e);
    if (input_format_kind(format) != INPUT_ROUTES)
        return err_set(e, ERR_INPUT, "%s: no table of announced prefixes", source_name(s));
    r.text.source = s;
    r.text.tell = (struct read_handler){.finding = handler->finding, .arg = handler->arg};
    r.text.e = e;
    r.supplied = date_supplied(options, s);
    r.result.header = (struct announced_header){.format = format, .date = DATE_NONE};
    code = read_text(&r, format);
    if (code)
        return code;
    r.result.fates = r.text.fates;
    memcpy(r.result.peers_full, r.result.peers, sizeof r.result.peers);
    *ret = r.result;
    return 0;
}
