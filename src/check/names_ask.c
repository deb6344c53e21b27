// SPDX-License-Identifier: Apache-2.0
//
// Each address of the zone's servers is asked: SOA over UDP and TCP, large answers with three sizes
// of EDNS, and the sets that are to be the same everywhere. One question after the other; an
// address that stays silent over UDP is asked without EDNS and over TCP, and then left alone.

#include "check/names_state.h"

#include <stdlib.h>
#include <string.h>

#define LARGE_ENOUGH 1000 // octets: no larger answer need be sought
#define LABEL_MAX    63

static const struct {
    uint16_t type, size;
    bool dnssec, tcp, of_domain; // of_domain: the domain's name, not the zone's
} kinds[ASK_COUNT] = {
    [ASK_SOA] = {DNS_TYPE_SOA, 1232, false, false, false},
    [ASK_TCP] = {DNS_TYPE_SOA, 1232, false, true, false},
    [ASK_512] = {DNS_TYPE_DNSKEY, 512, true, false, false},
    [ASK_1232] = {DNS_TYPE_DNSKEY, 1232, true, false, false},
    [ASK_4096] = {DNS_TYPE_DNSKEY, 4096, true, false, false},
    [ASK_TXT] = {DNS_TYPE_TXT, 4096, true, false, false},
    [ASK_LONG] = {DNS_TYPE_AAAA, 4096, true, false, false},
    [ASK_LARGE] = {DNS_TYPE_DNSKEY, 1232, true, true, false},
    [ASK_NS] = {DNS_TYPE_NS, 1232, false, false, false},
    [ASK_A] = {DNS_TYPE_A, 1232, false, false, true},
    [ASK_AAAA] = {DNS_TYPE_AAAA, 1232, false, false, true},
    [ASK_MX] = {DNS_TYPE_MX, 1232, false, false, true},
};

static enum said said_of(const struct dns_reply *r, bool tcp)
{
    switch (r->status) {
    case DNS_ANSWERED:
        if (r->message->rcode != DNS_RCODE_NOERROR && r->message->rcode != DNS_RCODE_NXDOMAIN)
            return SAID_ERROR;
        return r->message->authoritative ? SAID_ANSWER : SAID_LAME;
    case DNS_TRUNCATED:
        return tcp ? SAID_MALFORMED : SAID_SHORT;
    case DNS_SILENT:
        return SAID_SILENT;
    case DNS_UNREACHABLE:
        return SAID_UNREACHABLE;
    case DNS_CLOSED:
        return SAID_CLOSED;
    case DNS_NO_ROUTE:
        return SAID_NO_ROUTE;
    default:
        return SAID_MALFORMED;
    }
}

static uint64_t octets_hash(const uint8_t *at, size_t length)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (size_t i = 0; i < length; i++)
        h = (h ^ at[i]) * 0x100000001b3u;
    return h ^ h >> 31;
}

// Of the answer's records as a set: their order does not count, nor do lifetimes.
static uint64_t digest_of(const struct dns_message *m, uint16_t type)
{
    uint64_t sum = 1 + m->rcode;
    uint8_t plain[2 * DNS_NAME_MAX + 64];
    struct dns_records all = dns_records_of(m);
    for (struct dns_record r; dns_record_next(&all, &r) && r.section == DNS_ANSWER;) {
        if (r.type != type && r.type != DNS_TYPE_CNAME)
            continue;
        size_t length = dns_record_plain(&r, plain, sizeof plain);
        sum += octets_hash(plain, length) * (2u * r.type + 1);
    }
    return sum ? sum : 1;
}

static uint32_t serial_of(const struct dns_message *m)
{
    struct dns_records all = dns_records_of(m);
    struct dns_soa soa;
    for (struct dns_record r; dns_record_next(&all, &r);)
        if (r.section != DNS_ADDITIONAL && r.type == DNS_TYPE_SOA && dns_record_soa(&r, &soa))
            return soa.serial;
    return 0;
}

static void session_go(struct names_session *n);

static void session_end(struct names_session *n)
{
    gate_leave(n->state->checker->gate, &n->wait);
    names_less(n->state);
}

static bool was_cut(const struct names_address *a)
{
    return a->said[ASK_512].said == SAID_SHORT || a->said[ASK_1232].said == SAID_SHORT ||
           a->said[ASK_4096].said == SAID_SHORT || a->said[ASK_TXT].said == SAID_SHORT;
}

static bool was_large(const struct names_address *a)
{
    bool large = false;
    for (unsigned kind = ASK_512; kind <= ASK_TXT; kind++)
        large |= a->said[kind].length >= LARGE_ENOUGH;
    return large;
}

// A server that refuses EDNS is asked for its keys and texts without it; one that is silent to EDNS
// is asked with it only as long as it may have been chance.
static bool is_wanted_large(const struct names_address *a, unsigned kind)
{
    if (a->edns == EDNS_REFUSED && kind != ASK_512 && kind != ASK_TXT && kind != ASK_LARGE)
        return false;
    if (a->edns == EDNS_SILENT && kind != ASK_512)
        return false;
    if (kind == ASK_LONG)
        return a->has_keys && !was_large(a);
    return kind != ASK_LARGE || was_cut(a);
}

// Which question makes sense after what came so far?
static bool is_wanted(const struct names_address *a, unsigned kind, bool again)
{
    if (again && kind >= ASK_TCP && kind < ASK_SAME_FIRST)
        return false;
    enum said udp = a->said[ASK_SOA].said;
    if (kind <= ASK_TCP)
        return kind == ASK_SOA || udp != SAID_NO_ROUTE;
    if (udp != SAID_ANSWER)
        return false;
    return kind >= ASK_SAME_FIRST || is_wanted_large(a, kind);
}

static bool goes_plain(const struct names_address *a, unsigned kind)
{
    bool large = kind >= ASK_512 && kind < ASK_SAME_FIRST;
    return a->edns == EDNS_REFUSED || (a->edns == EDNS_SILENT && !large);
}

// Is it EDNS that the server minds (RFC 6891, section 7)?
static bool minds_edns(const struct names_session *n, const struct dns_reply *r)
{
    if (n->next != ASK_SOA || n->question.size == 0)
        return false;
    if (r->status == DNS_SILENT)
        return true;
    return r->status == DNS_ANSWERED &&
           (r->message->rcode == DNS_RCODE_FORMERR || r->message->rcode == DNS_RCODE_NOTIMP);
}

// What came of the question without EDNS. False: silence again, and the first answer stands.
static bool plain_answered(struct names_session *n, const struct dns_reply *r)
{
    struct names_address *a = n->address;
    n->plain = false;
    if (r->status != DNS_ANSWERED && r->status != DNS_TRUNCATED)
        return false;
    a->edns = a->said[ASK_SOA].said == SAID_SILENT ? EDNS_SILENT : EDNS_REFUSED;
    return true;
}

static void note(struct names_session *n, const struct dns_reply *r)
{
    struct names_address *a = n->address;
    unsigned kind = n->next;
    a->said[kind] = (struct said_once){
        .said = said_of(r, kinds[kind].tcp),
        .rcode = r->message ? (uint8_t)r->message->rcode : 0,
        .attempts = (uint8_t)r->attempts,
        .plain = n->question.size == 0,
        .length = r->message ? (uint16_t)r->message->length : 0,
        .took = r->took,
        .at = events_wall(n->state->checker->events),
    };
    if (r->message && kind == ASK_SOA)
        a->serial = serial_of(r->message);
    if (kind == ASK_512 && a->edns == EDNS_SILENT && a->said[kind].said != SAID_SILENT)
        a->edns = EDNS_TAKEN; // it was chance
    if (r->status == DNS_ANSWERED && kinds[kind].type == DNS_TYPE_DNSKEY)
        a->has_keys |= r->message->counts[DNS_ANSWER] > 0;
    if (r->status == DNS_ANSWERED && kind >= ASK_SAME_FIRST && a->said[kind].said == SAID_ANSWER)
        a->digests[kind - ASK_SAME_FIRST] = digest_of(r->message, kinds[kind].type);
}

static void answered(void *arg, const struct dns_reply *r)
{
    struct names_session *n = arg;
    if (!n->plain || plain_answered(n, r)) {
        note(n, r);
        n->plain = minds_edns(n, r);
    }
    n->next += !n->plain;
    session_go(n);
}

// The zone's name with labels of filler before it, as long as a name may be.
static const struct dns_name *long_name(struct names_session *n)
{
    const struct dns_name *zone = &n->state->zone_name;
    struct dns_name *to = &n->long_name;
    size_t room = (size_t)(DNS_NAME_MAX - zone->length), at = 0;
    while (room - at >= 2) {
        size_t label = room - at - 1 < LABEL_MAX ? room - at - 1 : LABEL_MAX;
        to->at[at++] = (uint8_t)label;
        memset(to->at + at, 'x', label);
        at += label;
    }
    memcpy(to->at + at, zone->at, zone->length);
    to->length = (uint8_t)(at + zone->length);
    return to;
}

static void session_go(struct names_session *n)
{
    struct names_state *s = n->state;
    while (n->next < ASK_COUNT && !is_wanted(n->address, n->next, s->again))
        n->next++;
    if (n->next == ASK_COUNT) {
        session_end(n);
        return;
    }
    unsigned kind = n->next;
    bool plain = n->plain || goes_plain(n->address, kind);
    n->question = (struct dns_question){
        .to = {n->address->family, DNS_PORT, n->address->address},
        .name = kinds[kind].of_domain ? &s->name
                : kind == ASK_LONG    ? long_name(n)
                                      : &s->zone_name,
        .type = kinds[kind].type,
        .size = plain ? 0 : kinds[kind].size,
        .dnssec = kinds[kind].dnssec && !plain,
        .attempts = n->plain ? 2 : 0,
        .tcp = kinds[kind].tcp,
        .timeout = kinds[kind].tcp ? s->checker->timeout : 0,
        .done = answered,
        .arg = n,
    };
    dns_ask(s->checker->dns, &n->question);
}

static void session_enter(void *arg)
{
    session_go(arg);
}

static void session_begin(struct names_state *s, struct names_address *a)
{
    struct names_session *n = arena_alloc(&s->arena, sizeof *n);
    if (!n) {
        s->domain->result.failed = true;
        return;
    }
    n->state = s;
    n->address = a;
    n->following = s->sessions;
    s->sessions = n;
    n->wait = (struct gate_wait){.enter = session_enter, .arg = n};
    struct endpoint at = {a->family, DNS_PORT, a->address};
    names_more(s);
    gate_ask(s->checker->gate, &n->wait, &at);
}

void names_ask_all(struct names_state *s)
{
    const struct checker *c = s->checker;
    for (unsigned i = 0; i < s->facts.server_count; i++) {
        struct names_server *n = &s->facts.servers[i];
        for (unsigned k = 0; !n->opted_out && k < n->address_count; k++) {
            struct names_address *a = &n->addresses[k];
            bool here = a->family == FAMILY_IPV6 ? c->ipv6_here : c->ipv4_here;
            bool worth = !s->again || a->said[ASK_SOA].said == SAID_ANSWER;
            if (here && worth && a->oddity == ODDITY_NONE)
                session_begin(s, a);
        }
    }
}

void names_ask_stop(struct names_state *s)
{
    for (struct names_session *n = s->sessions; n; n = n->following) {
        dns_cancel(s->checker->dns, &n->question);
        gate_leave(s->checker->gate, &n->wait);
    }
    s->sessions = NULL;
}
