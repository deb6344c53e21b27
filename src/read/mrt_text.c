// SPDX-License-Identifier: Apache-2.0

#include "read/mrt_text.h"

#include <stdio.h>
#include <string.h>

// What a row takes at most: an AS number of two octets makes six characters, a community of four
// makes twelve, a large one of twelve 33; the rest is small.
#define FIXED_MAX 1024
#define BYTE_TEXT 4

// Columns of the table for people.
#define KIND_WIDTH   9
#define PREFIX_WIDTH 24
#define AS_WIDTH     10

static size_t room_for(const struct mrt_row *row)
{
    return FIXED_MAX + BYTE_TEXT * row->attribute_bytes;
}

static char *put_text(char *p, const char *text)
{
    size_t length = strlen(text);
    memcpy(p, text, length);
    return p + length;
}

static char *put_number(char *p, uint32_t number, char behind)
{
    p = decimal_put(number, p);
    *p++ = behind;
    return p;
}

static char *put_prefix(char *p, const struct mrt_prefix *prefix)
{
    p = address_put(prefix->family, prefix->start, p);
    *p++ = '/';
    return decimal_put(prefix->length, p);
}

// ---- attributes

// Opens and closes a segment; a set's numbers are divided by commas.
static const char segment_marks[][3] = {
    [SEGMENT_SET] = {'{', '}', ','},
    [SEGMENT_SEQUENCE] = {'\0', '\0', ' '},
    [SEGMENT_CONFED_SEQUENCE] = {'(', ')', ' '},
    [SEGMENT_CONFED_SET] = {'[', ']', ','},
};

static char *put_path(char *p, struct as_path path)
{
    struct as_segment s;
    bool behind = false; // a number stands before
    while (as_path_next(&path, &s)) {
        const char *marks = segment_marks[s.type];
        if (behind)
            *p++ = ' ';
        if (marks[0])
            *p++ = marks[0];
        for (unsigned i = 0; i < s.count; i++) {
            if (i > 0)
                *p++ = marks[2];
            p = decimal_put(as_segment_at(&s, i), p);
        }
        if (marks[1])
            *p++ = marks[1];
        behind = s.count > 0;
    }
    return p;
}

static char *put_community(char *p, uint32_t community)
{
    switch (community) {
    case 0xffffff01:
        return put_text(p, "no-export");
    case 0xffffff02:
        return put_text(p, "no-advertise");
    case 0xffffff03:
        return put_text(p, "local-AS");
    default:
        p = put_number(p, community >> 16, ':');
        return decimal_put(community & 0xffff, p);
    }
}

static char *put_communities(char *p, struct cursor c)
{
    for (bool first = true; c.left > 0; first = false) {
        if (!first)
            *p++ = ' ';
        p = put_community(p, cursor_u32(&c));
    }
    return p;
}

static char *put_large_communities(char *p, struct cursor c)
{
    for (bool first = true; c.left > 0; first = false) {
        if (!first)
            *p++ = ' ';
        p = put_number(p, cursor_u32(&c), ':');
        p = put_number(p, cursor_u32(&c), ':');
        p = decimal_put(cursor_u32(&c), p);
    }
    return p;
}

static const char *origin_name(unsigned origin)
{
    return origin == 0 ? "IGP" : origin == 1 ? "EGP" : "INCOMPLETE";
}

static bool has_aggregator(const struct mrt_attributes *a)
{
    return attribute_has(a, ATTRIBUTE_AGGREGATOR) && a->aggregator != UINT32_MAX;
}

// ---- bgpdump's lines

static const char *line_format(const struct mrt_row *row)
{
    static const char *const messages[2][2][2] = {
        {{"BGP4MP|", "BGP4MP_AP|"}, {"BGP4MP_LOCAL|", "BGP4MP_LOCAL_AP|"}},
        {{"BGP4MP_ET|", "BGP4MP_ET_AP|"}, {"BGP4MP_ET_LOCAL|", "BGP4MP_ET_LOCAL_AP|"}}};
    if (row->record->type == MRT_TABLE_DUMP)
        return "TABLE_DUMP|";
    if (row->record->type == MRT_TABLE_DUMP_V2)
        return row->addpath ? "TABLE_DUMP2_AP|" : "TABLE_DUMP2|";
    return messages[row->record->type == MRT_BGP4MP_ET][row->sent][row->addpath];
}

static char *put_time(char *p, const struct mrt_record *record)
{
    p = decimal_put(record->time, p);
    if (record->type == MRT_BGP4MP_ET)
        p += snprintf(p, 16, ".%06u", record->microseconds);
    return p;
}

static char *put_route(char *p, const struct mrt_row *row)
{
    const struct mrt_attributes *a = row->attributes;
    *p++ = '|';
    p = put_path(p, a->path);
    *p++ = '|';
    p = put_text(p, origin_name(a->origin));
    *p++ = '|';
    p = address_put(row->next_hop_family, row->next_hop, p);
    *p++ = '|';
    p = put_number(p, a->local_pref, '|');
    p = put_number(p, a->med, '|');
    p = put_communities(p, a->communities);
    p = put_text(p, attribute_has(a, ATTRIBUTE_ATOMIC_AGGREGATE) ? "|AG|" : "|NAG|");
    if (has_aggregator(a)) {
        p = put_number(p, a->aggregator_asn, ' ');
        p = address_put(FAMILY_IPV4, a->aggregator, p);
    }
    *p++ = '|';
    return p;
}

void mrt_text_line(const struct mrt_row *row, struct buffer *out)
{
    static const char *const kinds[] = {"|B|", "|A|", "|W|", "|STATE|"};
    char *p = buffer_room(out, room_for(row));
    if (!p)
        return;
    p = put_text(p, line_format(row));
    p = put_time(p, row->record);
    p = put_text(p, kinds[row->kind]);
    p = address_put(row->peer->family, row->peer->address, p);
    *p++ = '|';
    p = put_number(p, row->peer->asn, '|');
    if (row->kind == MRT_ROW_STATE) {
        p = put_number(p, row->before, '|');
        p = decimal_put(row->after, p);
    } else {
        p = put_prefix(p, &row->prefix);
        if (row->addpath) {
            *p++ = '|';
            p = decimal_put(row->prefix.path_id, p);
        }
        if (row->attributes)
            p = put_route(p, row);
    }
    *p++ = '\n';
    out->length = (size_t)(p - out->at);
}

// ---- fields, for CSV and JSON

enum field {
    FIELD_TIME,
    FIELD_KIND,
    FIELD_PEER,
    FIELD_PEER_AS,
    FIELD_PREFIX,
    FIELD_PATH_ID,
    FIELD_ORIGIN_AS,
    FIELD_AS_PATH,
    FIELD_ORIGIN,
    FIELD_NEXT_HOP,
    FIELD_LOCAL_PREF,
    FIELD_MED,
    FIELD_COMMUNITIES,
    FIELD_LARGE_COMMUNITIES,
    FIELD_ATOMIC,
    FIELD_AGGREGATOR_AS,
    FIELD_AGGREGATOR,
    FIELD_BEFORE,
    FIELD_AFTER,
};
#define FIELD_COUNT 19

static const struct {
    const char *key;
    bool number; // without quotes in JSON
} fields[FIELD_COUNT] = {
    {"time", true},
    {"kind", false},
    {"peer", false},
    {"peer_as", true},
    {"prefix", false},
    {"path_id", true},
    {"origin_as", true},
    {"as_path", false},
    {"origin", false},
    {"next_hop", false},
    {"local_pref", true},
    {"med", true},
    {"communities", false},
    {"large_communities", false},
    {"atomic_aggregate", true},
    {"aggregator_as", true},
    {"aggregator", false},
    {"state_before", true},
    {"state_after", true},
};

static const char *const kind_names[] = {"table", "announced", "withdrawn", "state"};

static char *put_attribute(char *p, const struct mrt_row *row, enum field f)
{
    const struct mrt_attributes *a = row->attributes;
    uint32_t origin = as_path_origin(a->path, row->peer->asn);
    switch (f) {
    case FIELD_ORIGIN_AS:
        return origin == ORIGIN_SET ? p : decimal_put(origin, p);
    case FIELD_AS_PATH:
        return put_path(p, a->path);
    case FIELD_ORIGIN:
        return attribute_has(a, ATTRIBUTE_ORIGIN) ? put_text(p, origin_name(a->origin)) : p;
    case FIELD_NEXT_HOP:
        return row->next_hop_family == FAMILY_IPV4 && row->next_hop == NEXT_HOP_NONE
                   ? p
                   : address_put(row->next_hop_family, row->next_hop, p);
    case FIELD_LOCAL_PREF:
        return attribute_has(a, ATTRIBUTE_LOCAL_PREF) ? decimal_put(a->local_pref, p) : p;
    case FIELD_MED:
        return attribute_has(a, ATTRIBUTE_MED) ? decimal_put(a->med, p) : p;
    case FIELD_COMMUNITIES:
        return put_communities(p, a->communities);
    case FIELD_LARGE_COMMUNITIES:
        return put_large_communities(p, a->large_communities);
    case FIELD_ATOMIC:
        return attribute_has(a, ATTRIBUTE_ATOMIC_AGGREGATE) ? put_text(p, "1") : p;
    case FIELD_AGGREGATOR_AS:
        return has_aggregator(a) ? decimal_put(a->aggregator_asn, p) : p;
    case FIELD_AGGREGATOR:
        return has_aggregator(a) ? address_put(FAMILY_IPV4, a->aggregator, p) : p;
    default:
        return p;
    }
}

static char *put_field(char *p, const struct mrt_row *row, enum field f)
{
    bool state = row->kind == MRT_ROW_STATE;
    switch (f) {
    case FIELD_TIME:
        return put_time(p, row->record);
    case FIELD_KIND:
        return put_text(p, kind_names[row->kind]);
    case FIELD_PEER:
        return address_put(row->peer->family, row->peer->address, p);
    case FIELD_PEER_AS:
        return decimal_put(row->peer->asn, p);
    case FIELD_PREFIX:
        return state ? p : put_prefix(p, &row->prefix);
    case FIELD_PATH_ID:
        return row->addpath ? decimal_put(row->prefix.path_id, p) : p;
    case FIELD_BEFORE:
        return state ? decimal_put(row->before, p) : p;
    case FIELD_AFTER:
        return state ? decimal_put(row->after, p) : p;
    default:
        return row->attributes ? put_attribute(p, row, f) : p;
    }
}

void mrt_text_csv_heading(struct buffer *out)
{
    for (unsigned i = 0; i < FIELD_COUNT; i++) {
        buffer_text(out, i > 0 ? "," : "");
        buffer_text(out, fields[i].key);
    }
    buffer_char(out, '\n');
}

// Only a path has commas, in its sets.
static char *put_quoted(char *p, char *from)
{
    if (!memchr(from, ',', (size_t)(p - from)))
        return p;
    memmove(from + 1, from, (size_t)(p - from));
    *from = '"';
    p[1] = '"';
    return p + 2;
}

void mrt_text_csv(const struct mrt_row *row, struct buffer *out)
{
    char *p = buffer_room(out, room_for(row));
    if (!p)
        return;
    for (unsigned i = 0; i < FIELD_COUNT; i++) {
        char *from = p;
        p = put_quoted(put_field(p, row, (enum field)i), from);
        *p++ = i + 1 < FIELD_COUNT ? ',' : '\n';
    }
    out->length = (size_t)(p - out->at);
}

// Nothing in a field needs to be escaped.
void mrt_text_json(const struct mrt_row *row, struct buffer *out)
{
    char *p = buffer_room(out, room_for(row));
    if (!p)
        return;
    char *begin = p;
    *p++ = '{';
    for (unsigned i = 0; i < FIELD_COUNT; i++) {
        const char *quote = fields[i].number ? "" : "\"";
        char *before = p, *from;
        p = put_text(p, before == begin + 1 ? "\"" : ", \"");
        p = put_text(put_text(p, fields[i].key), "\": ");
        p = from = put_text(p, quote);
        p = put_field(p, row, (enum field)i);
        p = p == from ? before : put_text(p, quote);
    }
    *p++ = '}';
    out->length = (size_t)(p - out->at);
}

// ---- for people

static char *pad(char *p, const char *from, size_t width)
{
    while ((size_t)(p - from) < width)
        *p++ = ' ';
    *p++ = ' ';
    return p;
}

void mrt_text_table_heading(struct buffer *out)
{
    buffer_format(out, "%-*s %-*s %-*s %s\n", KIND_WIDTH, "Kind", PREFIX_WIDTH, "Prefix", AS_WIDTH,
                  "Peer's AS", "AS path");
}

static char *put_state(char *p, const struct mrt_row *row)
{
    static const char *const names[] = {"none",      "idle",         "connect",    "active",
                                        "open sent", "open confirm", "established"};
    const unsigned known = sizeof names / sizeof *names;
    p = put_text(p, row->before < known ? names[row->before] : "other");
    p = put_text(p, " to ");
    return put_text(p, row->after < known ? names[row->after] : "other");
}

void mrt_text_table(const struct mrt_row *row, unsigned width, struct buffer *out)
{
    char *p = buffer_room(out, room_for(row)), *begin = p;
    if (!p)
        return;
    p = pad(put_text(p, kind_names[row->kind]), p, KIND_WIDTH);
    char *prefix = p;
    if (row->kind != MRT_ROW_STATE)
        p = put_prefix(p, &row->prefix);
    p = pad(p, prefix, PREFIX_WIDTH);
    p = pad(decimal_put(row->peer->asn, p), p, AS_WIDTH);
    if (row->kind == MRT_ROW_STATE)
        p = put_state(p, row);
    else if (row->attributes)
        p = put_path(p, row->attributes->path);
    if ((size_t)(p - begin) > width)
        p = put_text(begin + width - 3, "...");
    while (p[-1] == ' ')
        p--;
    *p++ = '\n';
    out->length = (size_t)(p - out->at);
}
