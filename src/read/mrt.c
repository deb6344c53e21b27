// SPDX-License-Identifier: Apache-2.0
//
// MRT records, one after the other. The buffer holds the record that is read, and grows only for a
// record that is larger than it.

#include "read/mrt.h"

#include <stdlib.h>
#include <string.h>

#define HEADER        12
#define BUFFER        ((size_t)256 << 10)
#define AFI_IPV4      1
#define AFI_IPV6      2
#define SAFI_UNICAST  1
#define LOST_DAYS_MAX 7 // how far a record that was looked for may be from the one before it

enum dump_v2 {
    V2_PEER_INDEX_TABLE = 1,
    V2_IPV4_UNICAST,
    V2_IPV4_MULTICAST,
    V2_IPV6_UNICAST,
    V2_IPV6_MULTICAST,
    V2_GENERIC,
    V2_GEO_PEER_TABLE,
    V2_IPV4_UNICAST_ADDPATH,
    V2_IPV4_MULTICAST_ADDPATH,
    V2_IPV6_UNICAST_ADDPATH,
    V2_IPV6_MULTICAST_ADDPATH,
    V2_GENERIC_ADDPATH,
};

enum bgp4mp {
    BGP4MP_STATE_CHANGE,
    BGP4MP_MESSAGE,
    BGP4MP_ENTRY,
    BGP4MP_SNAPSHOT,
    BGP4MP_MESSAGE_AS4,
    BGP4MP_STATE_CHANGE_AS4,
    BGP4MP_MESSAGE_LOCAL,
    BGP4MP_MESSAGE_AS4_LOCAL,
    BGP4MP_MESSAGE_ADDPATH,
    BGP4MP_MESSAGE_AS4_ADDPATH,
    BGP4MP_MESSAGE_LOCAL_ADDPATH,
    BGP4MP_MESSAGE_AS4_LOCAL_ADDPATH,
};

#define SLOTS (2 * MRT_PEERS_MAX)

struct reader {
    struct source *source;
    const struct mrt_handler *handler;
    struct mrt_result result;
    struct err *e;
    uint8_t *buffer;
    size_t capacity, begin, end;
    uint64_t offset; // of `begin`
    bool ended;
    int failure; // of the source
    struct mrt_record record;
    struct mrt_peer *peers; // of the table that counts now; NULL: none
    unsigned peer_count;
    struct mrt_peer *known; // all of the file, by number
    uint32_t known_count;
    uint32_t *slots; // numbers from 1, by hash
};

// ---- the buffer

static bool grow(struct reader *r, size_t wanted)
{
    uint8_t *larger = realloc(r->buffer, wanted);
    if (!larger) {
        r->failure = err_memory(r->e);
        return false;
    }
    r->buffer = larger;
    r->capacity = wanted;
    return true;
}

// Room for `wanted` bytes from `begin` on. A larger buffer is twice as large, so that bytes are
// moved once and not with each record that is looked for in it.
static bool make_room(struct reader *r, size_t wanted)
{
    size_t left = r->end - r->begin;
    if (wanted > r->capacity / 2 && wanted > BUFFER / 2 && !grow(r, 2 * wanted))
        return false;
    if (r->begin > 0 && (r->begin + wanted > r->capacity || left < r->capacity / 4)) {
        memmove(r->buffer, r->buffer + r->begin, left);
        r->begin = 0;
        r->end = left;
    }
    return true;
}

// At least `wanted` bytes from `begin` on. False where there are no more.
static bool fill(struct reader *r, size_t wanted)
{
    while (r->end - r->begin < wanted && !r->ended) {
        size_t got = 0;
        if (make_room(r, wanted))
            r->failure =
                source_read(r->source, r->buffer + r->end, r->capacity - r->end, &got, r->e);
        r->end += r->failure ? 0 : got;
        r->ended = r->failure || got == 0;
    }
    return r->end - r->begin >= wanted;
}

static void advance(struct reader *r, size_t bytes)
{
    r->begin += bytes;
    r->offset += bytes;
}

// ---- headers

static struct mrt_record header_at(const uint8_t *bytes)
{
    struct cursor c = cursor_of(bytes, HEADER);
    struct mrt_record record = {.time = cursor_u32(&c)};
    record.type = cursor_u16(&c);
    record.subtype = cursor_u16(&c);
    record.length = cursor_u32(&c);
    return record;
}

// A type that holds routes, or that is known to come among them.
static bool header_known(const struct mrt_record *record)
{
    unsigned subtypes = 0;
    if (record->type == MRT_TABLE_DUMP)
        subtypes = AFI_IPV6;
    else if (record->type == MRT_TABLE_DUMP_V2)
        subtypes = V2_GENERIC_ADDPATH;
    else if (record->type == MRT_BGP4MP || record->type == MRT_BGP4MP_ET)
        subtypes = BGP4MP_MESSAGE_AS4_LOCAL_ADDPATH;
    return subtypes > 0 && record->subtype <= subtypes && record->length <= MRT_RECORD_MAX;
}

// Does a record that is known, or the end of the input, stand `bytes` further on?
static bool header_follows(struct reader *r, size_t bytes)
{
    if (!fill(r, bytes + HEADER))
        return r->end - r->begin == bytes;
    struct mrt_record next = header_at(r->buffer + r->begin + bytes);
    return header_known(&next);
}

bool mrt_probe(const void *bytes, size_t length)
{
    if (length < HEADER)
        return false;
    struct mrt_record record = header_at(bytes);
    size_t second = HEADER + (size_t)record.length;
    if (!header_known(&record) || record.length == 0)
        return false;
    if (second + HEADER > length)
        return true;
    record = header_at((const uint8_t *)bytes + second);
    return record.length <= MRT_RECORD_MAX;
}

// ---- what is told

static int tell_damaged(struct reader *r, const char *text)
{
    struct mrt_damage damage = {&r->record, text};
    r->result.damaged++;
    return r->handler->damaged ? r->handler->damaged(&damage, r->handler->arg) : 0;
}

// What became of a record that a callback has looked into.
static int settle(struct reader *r, int code, const char *wrong, uint64_t *count)
{
    if (code)
        return code;
    if (wrong)
        return tell_damaged(r, wrong);
    ++*count;
    return 0;
}

// ---- peers

static uint64_t mix(uint64_t h)
{
    h = (h ^ h >> 33) * UINT64_C(0xff51afd7ed558ccd);
    h = (h ^ h >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
    return h ^ h >> 33;
}

// Gives the peer its number in the file.
static int number_peer(struct reader *r, struct mrt_peer *peer)
{
    uint64_t h = mix((uint64_t)peer->address + peer->family);
    h = mix(h ^ (uint64_t)(peer->address >> 64)) ^ peer->asn;
    uint32_t slot = (uint32_t)(mix(h) % SLOTS);
    for (; r->slots[slot] != 0; slot = (slot + 1) % SLOTS) {
        const struct mrt_peer *other = &r->known[r->slots[slot] - 1];
        if (other->address == peer->address && other->asn == peer->asn &&
            other->family == peer->family) {
            peer->number = other->number;
            return 0;
        }
    }
    if (r->known_count == MRT_PEERS_MAX)
        return err_set(r->e, ERR_LIMIT, "%s: more than %u peers", source_name(r->source),
                       MRT_PEERS_MAX);
    peer->number = r->known_count;
    r->known[r->known_count] = *peer;
    r->slots[slot] = ++r->known_count;
    return 0;
}

static u128 take_address(struct cursor *c, enum family family)
{
    return family == FAMILY_IPV6 ? cursor_u128(c) : cursor_u32(c);
}

#define PEER_IPV6 1
#define PEER_AS4  2

static int read_peers(struct reader *r, struct cursor *c)
{
    int code = 0;
    for (unsigned i = 0; i < r->peer_count && !c->failed && !code; i++) {
        struct mrt_peer *peer = &r->peers[i];
        unsigned type = cursor_u8(c);
        peer->id = cursor_u32(c);
        peer->family = type & PEER_IPV6 ? FAMILY_IPV6 : FAMILY_IPV4;
        peer->address = take_address(c, peer->family);
        peer->asn = type & PEER_AS4 ? cursor_u32(c) : cursor_u16(c);
        if (!c->failed)
            code = number_peer(r, peer);
    }
    return code;
}

static void copy_view(struct cursor c, char ret[MRT_VIEW_MAX])
{
    size_t length = 0;
    while (c.left > 0 && length + 1 < MRT_VIEW_MAX) {
        char byte = (char)cursor_u8(&c);
        if (byte > ' ' && byte < 0x7f)
            ret[length++] = byte;
    }
    ret[length] = '\0';
}

static int read_peer_table(struct reader *r, struct cursor c)
{
    struct mrt_peer_table table = {.record = &r->record, .collector = cursor_u32(&c)};
    copy_view(cursor_cut(&c, cursor_u16(&c)), table.view);
    free(r->peers);
    r->peers = NULL;
    r->peer_count = cursor_u16(&c);
    if (c.failed || r->peer_count > c.left) // a peer takes more than one byte
        return tell_damaged(r, "the table of peers goes beyond the end of the record");
    r->peers = calloc(r->peer_count ? r->peer_count : 1, sizeof *r->peers);
    if (!r->peers)
        return err_memory(r->e);
    int code = read_peers(r, &c);
    table.at = r->peers;
    table.count = r->peer_count;
    if (!code && !c.failed && r->handler->peers)
        code = r->handler->peers(&table, r->handler->arg);
    return settle(r, code, c.failed ? "the table of peers goes beyond the end of the record" : NULL,
                  &r->result.peer_tables);
}

// ---- tables

// The octets of a prefix of this length; what lies behind the length is nothing.
static bool take_prefix(struct cursor *c, enum family family, struct mrt_prefix *ret)
{
    unsigned width = family == FAMILY_IPV6 ? 128 : 32, length = cursor_u8(c);
    if (length > width) {
        c->failed = true;
        c->left = 0;
        return false;
    }
    const uint8_t *bytes = cursor_take(c, (length + 7) / 8);
    u128 start = 0;
    for (unsigned i = 0; bytes && i < (length + 7) / 8; i++)
        start |= (u128)bytes[i] << (width - 8) >> 8 * i;
    if (length < width)
        start = length == 0 ? 0 : start >> (width - length) << (width - length);
    ret->start = start;
    ret->family = family;
    ret->length = (uint8_t)length;
    return !c->failed;
}

bool mrt_prefix_next(struct cursor *c, enum family family, bool addpath, struct mrt_prefix *ret)
{
    if (c->left == 0)
        return false;
    ret->path_id = addpath ? cursor_u32(c) : 0;
    return take_prefix(c, family, ret);
}

static int give_rib(struct reader *r, struct mrt_rib *rib)
{
    int code = 0;
    if (!rib->wrong && r->handler->rib)
        code = r->handler->rib(rib, r->handler->arg);
    return settle(r, code, rib->wrong, &r->result.ribs);
}

static int give_rib_v2(struct reader *r, struct mrt_rib *rib, struct cursor *c)
{
    rib->record = &r->record;
    rib->asn_bytes = 4;
    rib->entries = cursor_u16(c);
    rib->rest = *c;
    rib->peers = r->peers;
    rib->peer_count = r->peer_count;
    if (c->failed)
        rib->wrong = "its prefix is none";
    else if (!r->peers)
        rib->wrong = "no table of peers stands before it";
    return give_rib(r, rib);
}

static int read_unicast(struct reader *r, struct cursor c, enum family family, bool addpath)
{
    struct mrt_rib rib = {.addpath = addpath};
    cursor_u32(&c); // a running number
    take_prefix(&c, family, &rib.prefix);
    return give_rib_v2(r, &rib, &c);
}

static int read_generic(struct reader *r, struct cursor c, bool addpath)
{
    struct mrt_rib rib = {0};
    cursor_u32(&c);
    unsigned afi = cursor_u16(&c), safi = cursor_u8(&c);
    if (c.failed)
        return tell_damaged(r, "its prefix is none");
    if ((afi != AFI_IPV4 && afi != AFI_IPV6) || safi != SAFI_UNICAST) {
        r->result.multicast++;
        return 0;
    }
    // RFC 8050: the identifier of a path stands with the prefix here, not with the route.
    rib.prefix.path_id = addpath ? cursor_u32(&c) : 0;
    take_prefix(&c, afi == AFI_IPV6 ? FAMILY_IPV6 : FAMILY_IPV4, &rib.prefix);
    return give_rib_v2(r, &rib, &c);
}

static int read_table_v2(struct reader *r, struct cursor c)
{
    switch (r->record.subtype) {
    case V2_PEER_INDEX_TABLE:
        return read_peer_table(r, c);
    case V2_IPV4_UNICAST:
    case V2_IPV4_UNICAST_ADDPATH:
        return read_unicast(r, c, FAMILY_IPV4, r->record.subtype == V2_IPV4_UNICAST_ADDPATH);
    case V2_IPV6_UNICAST:
    case V2_IPV6_UNICAST_ADDPATH:
        return read_unicast(r, c, FAMILY_IPV6, r->record.subtype == V2_IPV6_UNICAST_ADDPATH);
    case V2_GENERIC:
    case V2_GENERIC_ADDPATH:
        return read_generic(r, c, r->record.subtype == V2_GENERIC_ADDPATH);
    case V2_IPV4_MULTICAST:
    case V2_IPV6_MULTICAST:
    case V2_IPV4_MULTICAST_ADDPATH:
    case V2_IPV6_MULTICAST_ADDPATH:
        r->result.multicast++;
        return 0;
    default:
        r->result.unknown++;
        return 0;
    }
}

// One route a record, with its peer; AS numbers of two octets.
static int read_table_v1(struct reader *r, struct cursor c)
{
    enum family family = r->record.subtype == AFI_IPV6 ? FAMILY_IPV6 : FAMILY_IPV4;
    unsigned width = family == FAMILY_IPV6 ? 128 : 32;
    struct mrt_peer peer = {.family = family};
    struct mrt_rib rib = {.record = &r->record, .entries = 1, .asn_bytes = 2};
    if (r->record.subtype != AFI_IPV4 && r->record.subtype != AFI_IPV6) {
        r->result.unknown++;
        return 0;
    }
    cursor_u32(&c); // view, running number
    rib.prefix = (struct mrt_prefix){.start = take_address(&c, family), .family = family};
    rib.prefix.length = cursor_u8(&c);
    cursor_u8(&c); // status
    rib.only.originated = cursor_u32(&c);
    peer.address = take_address(&c, family);
    peer.asn = cursor_u16(&c);
    rib.only.attributes = cursor_cut(&c, cursor_u16(&c));
    rib.only.peer = &peer;
    if (c.failed)
        rib.wrong = "the route goes beyond the end of the record";
    else if (rib.prefix.length > width)
        rib.wrong = "its prefix is none";
    unsigned behind = width - (rib.wrong ? 0 : rib.prefix.length);
    rib.prefix.start = behind == 128 ? 0 : rib.prefix.start >> behind << behind;
    int code = rib.wrong ? 0 : number_peer(r, &peer);
    return code ? code : give_rib(r, &rib);
}

// ---- messages

static const char *take_session(struct cursor *c, unsigned asn_bytes, struct mrt_peer *peer,
                                struct mrt_peer *local)
{
    peer->asn = asn_bytes == 4 ? cursor_u32(c) : cursor_u16(c);
    local->asn = asn_bytes == 4 ? cursor_u32(c) : cursor_u16(c);
    cursor_u16(c); // interface
    unsigned afi = cursor_u16(c);
    if (!c->failed && afi != AFI_IPV4 && afi != AFI_IPV6)
        return "a session over neither IPv4 nor IPv6";
    peer->family = local->family = afi == AFI_IPV6 ? FAMILY_IPV6 : FAMILY_IPV4;
    peer->address = take_address(c, peer->family);
    local->address = take_address(c, local->family);
    return c->failed ? "the session goes beyond the end of the record" : NULL;
}

static const char *take_message(struct cursor *c, struct mrt_message *m)
{
    static const uint8_t marker[16] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                       0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    const uint8_t *found = cursor_take(c, sizeof marker);
    unsigned length = cursor_u16(c);
    m->type = cursor_u8(c);
    if (c->failed || memcmp(found, marker, sizeof marker) != 0 || length < sizeof marker + 3)
        return "no BGP message";
    m->body = cursor_cut(c, length - sizeof marker - 3);
    return c->failed ? "the BGP message goes beyond the end of the record" : NULL;
}

static int read_message(struct reader *r, struct cursor c)
{
    unsigned subtype = r->record.subtype;
    struct mrt_message m = {.record = &r->record};
    m.sent = subtype == BGP4MP_MESSAGE_LOCAL || subtype == BGP4MP_MESSAGE_AS4_LOCAL ||
             subtype == BGP4MP_MESSAGE_LOCAL_ADDPATH || subtype == BGP4MP_MESSAGE_AS4_LOCAL_ADDPATH;
    m.addpath = subtype >= BGP4MP_MESSAGE_ADDPATH;
    m.asn_bytes = subtype == BGP4MP_MESSAGE_AS4 || subtype == BGP4MP_MESSAGE_AS4_LOCAL ||
                          subtype == BGP4MP_MESSAGE_AS4_ADDPATH ||
                          subtype == BGP4MP_MESSAGE_AS4_LOCAL_ADDPATH
                      ? 4
                      : 2;
    m.wrong = take_session(&c, m.asn_bytes, &m.peer, &m.local);
    if (!m.wrong)
        m.wrong = take_message(&c, &m);
    int code = 0;
    if (!m.wrong && r->handler->message)
        code = r->handler->message(&m, r->handler->arg);
    return settle(r, code, m.wrong, &r->result.messages);
}

static int read_state(struct reader *r, struct cursor c)
{
    struct mrt_state s = {.record = &r->record};
    unsigned asn_bytes = r->record.subtype == BGP4MP_STATE_CHANGE_AS4 ? 4 : 2;
    const char *wrong = take_session(&c, asn_bytes, &s.peer, &s.local);
    s.before = cursor_u16(&c);
    s.after = cursor_u16(&c);
    if (!wrong && c.failed)
        wrong = "the change of state goes beyond the end of the record";
    int code = 0;
    if (!wrong && r->handler->state)
        code = r->handler->state(&s, r->handler->arg);
    return settle(r, code, wrong, &r->result.states);
}

static int read_bgp4mp(struct reader *r, struct cursor c)
{
    if (r->record.type == MRT_BGP4MP_ET)
        r->record.microseconds = cursor_u32(&c);
    if (c.failed)
        return tell_damaged(r, "it is too short for its time");
    switch (r->record.subtype) {
    case BGP4MP_STATE_CHANGE:
    case BGP4MP_STATE_CHANGE_AS4:
        return read_state(r, c);
    case BGP4MP_ENTRY:
    case BGP4MP_SNAPSHOT:
        r->result.unknown++;
        return 0;
    default:
        if (r->record.subtype <= BGP4MP_MESSAGE_AS4_LOCAL_ADDPATH)
            return read_message(r, c);
        r->result.unknown++;
        return 0;
    }
}

bool mrt_update_split(struct mrt_message *message, struct mrt_update *ret)
{
    struct cursor c = message->body;
    ret->withdrawn = cursor_cut(&c, cursor_u16(&c));
    ret->attributes = cursor_cut(&c, cursor_u16(&c));
    ret->announced = c;
    if (c.failed)
        message->wrong = "an update's parts go beyond its end";
    return !c.failed;
}

// ---- records

static int read_body(struct reader *r)
{
    struct cursor c = cursor_of(r->buffer + r->begin + HEADER, r->record.length);
    switch (r->record.type) {
    case MRT_TABLE_DUMP:
        return read_table_v1(r, c);
    case MRT_TABLE_DUMP_V2:
        return read_table_v2(r, c);
    case MRT_BGP4MP:
    case MRT_BGP4MP_ET:
        return read_bgp4mp(r, c);
    default:
        r->result.unknown++;
        return 0;
    }
}

static bool looks_like(const struct reader *r, const struct mrt_record *record, uint32_t time)
{
    uint32_t apart = record->time > time ? record->time - time : time - record->time;
    return header_known(record) && record->length > 0 &&
           (r->record.number == 1 || apart <= LOST_DAYS_MAX * 86400u);
}

// Where no record begins: to the next one, or to the end.
static int find_next(struct reader *r, uint32_t time)
{
    do {
        advance(r, 1);
        if (!fill(r, HEADER)) {
            advance(r, r->end - r->begin);
            break;
        }
        struct mrt_record record = header_at(r->buffer + r->begin);
        if (looks_like(r, &record, time) && header_follows(r, HEADER + (size_t)record.length))
            break;
    } while (!r->ended || r->begin < r->end);
    return tell_damaged(r, "no record begins here");
}

static int read_cut(struct reader *r)
{
    r->result.records++;
    r->result.cut = true;
    advance(r, r->end - r->begin);
    return tell_damaged(r, "the file ends within this record");
}

static int read_record(struct reader *r)
{
    uint32_t time = r->record.time;
    uint64_t number = r->result.records + 1;
    struct mrt_record record = {0};
    bool whole = fill(r, HEADER);
    if (whole)
        record = header_at(r->buffer + r->begin);
    record.number = number;
    record.offset = r->offset;
    r->record = record;
    if (r->failure)
        return 0;
    if (!whole)
        return read_cut(r);
    size_t size = HEADER + (size_t)record.length;
    if (!header_known(&record) && (record.length > MRT_RECORD_MAX || !header_follows(r, size))) {
        r->result.records++;
        r->record.time = time;
        return r->failure ? 0 : find_next(r, time);
    }
    if (!fill(r, size))
        return r->failure ? 0 : read_cut(r);
    r->result.records++;
    int code = read_body(r);
    advance(r, size);
    return code;
}

static int read_all(struct reader *r)
{
    int code = 0;
    while (!code && !r->failure && fill(r, 1))
        code = read_record(r);
    if (!code)
        code = r->failure;
    const struct mrt_result *all = &r->result;
    if (!code && all->records == all->damaged)
        code = err_set(r->e, ERR_INPUT, "%s: %s", source_name(r->source),
                       all->records == 0 ? "empty" : "no MRT file: not one whole record in it");
    return code;
}

int mrt_read(struct source *s, const struct mrt_handler *handler, struct mrt_result *ret,
             struct err *e)
{
    struct reader r = {.source = s, .handler = handler, .e = e};
    r.known = malloc(MRT_PEERS_MAX * sizeof *r.known);
    r.slots = calloc(SLOTS, sizeof *r.slots);
    int code = r.known && r.slots && grow(&r, BUFFER) ? read_all(&r) : err_memory(e);
    if (!code)
        *ret = r.result;
    free(r.buffer);
    free(r.peers);
    free(r.known);
    free(r.slots);
    return code;
}
