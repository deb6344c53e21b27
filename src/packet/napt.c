// SPDX-License-Identifier: Apache-2.0
//
// Bindings, sessions, hosts: three slabs with free lists, three hash tables of chains, and one list
// a timer.
//
// Each timer has one length, so its list is in order of time by itself: what was used last goes to
// the end, what is over stands at the front. Ports that may not be used are marked as used from the
// start, so that a port set and a range need no code of their own; those that rest stay so, and
// wait in the order of their time, in a list of all and one for each protocol of each address.

#include "packet/napt.h"

#include "packet/packet.h"

#include <stdlib.h>
#include <string.h>

#define NONE       UINT32_MAX
#define PORTS      65536
#define PORT_WORDS (PORTS / 64)
#define PROTOCOLS  3
#define ODD        UINT64_C(0xaaaaaaaaaaaaaaaa)
#define FIN        1
#define SYN        2
#define RST        4
#define MINUTE     60000

enum timer { TIMER_UDP, TIMER_ICMP, TIMER_TRANSITORY, TIMER_ESTABLISHED };
#define TIMER_COUNT 4

enum state {
    STATE_NONE,
    STATE_INSIDE_SYN,
    STATE_OUTSIDE_SYN,
    STATE_ESTABLISHED,
    STATE_INSIDE_FIN,
    STATE_OUTSIDE_FIN,
    STATE_BOTH_FIN,
    STATE_TRANSITORY
};

struct host {
    u128 subscriber; // the softwire's customer, or the IPv6 host: as many bits as count
    uint32_t next, bindings;
    uint32_t sessions; // of bindings that are not fixed
    uint32_t outside;  // index into the pool
};

struct binding {
    struct napt_inside inside;
    struct napt_outside outside;
    uint32_t next_inside, next_outside;
    uint32_t host, sessions; // the first of its sessions
    bool fixed;
};

struct session {
    int64_t expires;
    uint32_t binding, remote;
    uint32_t next, before, after; // hash chain; timer list
    uint32_t binding_before, binding_after;
    uint16_t remote_port;
    uint8_t state, timer;
};

struct ends {
    uint32_t first, last;
};

// A port that was given back, and is nobody's yet.
struct resting {
    int64_t until;
    uint32_t before, after; // of all
    uint32_t place, next;   // where its port stands; the one there that rests next
    uint16_t port;
};

struct napt {
    struct napt_config config;
    uint32_t pool_count, seed32;
    struct host *hosts;
    struct binding *bindings;
    struct session *sessions;
    uint32_t *host_table, *inside_table, *outside_table, *session_table;
    uint32_t mask; // of the tables
    uint32_t free_host, free_binding, free_session;
    struct napt_counts counts;
    struct ends timers[TIMER_COUNT];
    int64_t length[TIMER_COUNT];
    uint64_t *used;     // [protocol][pool address][PORT_WORDS]
    struct ends *rests; // [protocol][pool address]
    struct ends all_rest;
    struct resting *resting;
    uint32_t free_resting;
    uint64_t random;
};

const char *napt_verdict_name(enum napt_verdict v)
{
    static const char *const names[NAPT_VERDICT_COUNT] = {
        [NAPT_FINE] = "fine",
        [NAPT_NONE] = "no binding",
        [NAPT_FILTERED] = "filtered",
        [NAPT_HOST_FULL] = "the host's limit of bindings is reached",
        [NAPT_FULL] = "the limit of bindings or sessions is reached",
        [NAPT_PORTS] = "no port is free",
    };
    return names[v];
}

bool port_set_has(const struct port_set *set, uint16_t port)
{
    unsigned rest = 16u - set->offset - set->length;
    unsigned begin = set->offset ? port >> (16 - set->offset) : 1;
    return begin != 0 && ((port >> rest) & ((1u << set->length) - 1)) == set->psid;
}

uint16_t port_set_port(const struct port_set *set, uint32_t n)
{
    unsigned rest = 16u - set->offset - set->length;
    uint32_t block = set->offset ? 1 + (n >> rest) % ((1u << set->offset) - 1) : 0;
    return (uint16_t)(block << (16 - set->offset) | (uint32_t)set->psid << rest |
                      (n & ((1u << rest) - 1)));
}

// ---- hashing

static uint64_t mix(uint64_t a, uint64_t b)
{
    u128 product = (u128)(a ^ UINT64_C(0x9e3779b97f4a7c15)) * (b ^ UINT64_C(0xd6e8feb86659fd93));
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint32_t hash_address(const struct napt *n, u128 realm, u128 address, uint64_t rest)
{
    uint64_t h = mix((uint64_t)address ^ n->config.seed, (uint64_t)(address >> 64) ^ rest);
    return (uint32_t)mix(h ^ (uint64_t)realm, h ^ (uint64_t)(realm >> 64) ^ n->config.seed) &
           n->mask;
}

static uint32_t hash_host(const struct napt *n, u128 subscriber)
{
    return hash_address(n, 0, subscriber, 0);
}

static uint32_t hash_inside(const struct napt *n, const struct napt_inside *i)
{
    return hash_address(n, i->realm, i->address, (uint64_t)i->port << 8 | i->protocol);
}

static uint32_t hash_outside(const struct napt *n, uint8_t protocol, const struct napt_outside *o)
{
    return hash_address(n, 0, o->address, (uint64_t)o->port << 8 | protocol);
}

static uint32_t hash_session(const struct napt *n, uint32_t binding, uint32_t remote, uint16_t port)
{
    return hash_address(n, binding, remote, port);
}

// ---- finding

static uint32_t find_host(const struct napt *n, u128 subscriber)
{
    uint32_t i = n->host_table[hash_host(n, subscriber)];
    while (i != NONE && n->hosts[i].subscriber != subscriber)
        i = n->hosts[i].next;
    return i;
}

static bool same_inside(const struct napt_inside *a, const struct napt_inside *b)
{
    return a->address == b->address && a->port == b->port && a->protocol == b->protocol &&
           a->realm == b->realm;
}

static uint32_t find_inside(const struct napt *n, const struct napt_inside *inside)
{
    uint32_t i = n->inside_table[hash_inside(n, inside)];
    while (i != NONE && !same_inside(&n->bindings[i].inside, inside))
        i = n->bindings[i].next_inside;
    return i;
}

static uint32_t find_outside(const struct napt *n, uint8_t protocol, const struct napt_outside *o)
{
    uint32_t i = n->outside_table[hash_outside(n, protocol, o)];
    while (i != NONE &&
           (n->bindings[i].outside.address != o->address ||
            n->bindings[i].outside.port != o->port || n->bindings[i].inside.protocol != protocol))
        i = n->bindings[i].next_outside;
    return i;
}

static uint32_t find_session(const struct napt *n, uint32_t binding, const struct napt_packet *p)
{
    uint32_t i = n->session_table[hash_session(n, binding, p->remote, p->remote_port)];
    while (i != NONE && (n->sessions[i].binding != binding || n->sessions[i].remote != p->remote ||
                         n->sessions[i].remote_port != p->remote_port))
        i = n->sessions[i].next;
    return i;
}

// ---- ports

// Where the ports of a protocol of an address of the pool stand.
static size_t place_of(const struct napt *n, uint8_t protocol, uint32_t pool_index)
{
    size_t p = protocol == PROTOCOL_TCP ? 0 : protocol == PROTOCOL_UDP ? 1 : 2;
    return p * n->pool_count + pool_index;
}

static uint64_t *bits_at(const struct napt *n, size_t place)
{
    return n->used + place * PORT_WORDS;
}

static uint64_t *port_bits(const struct napt *n, uint8_t protocol, uint32_t pool_index)
{
    return bits_at(n, place_of(n, protocol, pool_index));
}

static void port_mark(uint64_t *bits, uint16_t port, bool used)
{
    uint64_t bit = UINT64_C(1) << port % 64;
    bits[port / 64] = used ? bits[port / 64] | bit : bits[port / 64] & ~bit;
}

// The first free port from `from` on, around the end, of those that `mask` leaves.
static bool port_search(const uint64_t *bits, uint16_t from, uint64_t mask, uint16_t *ret)
{
    for (unsigned i = 0; i <= PORT_WORDS; i++) {
        unsigned word = (from / 64 + i) % PORT_WORDS;
        uint64_t open = ~bits[word] & mask;
        if (i == 0)
            open &= ~UINT64_C(0) << from % 64;
        if (open) {
            *ret = (uint16_t)(word * 64 + (unsigned)__builtin_ctzll(open));
            return true;
        }
    }
    return false;
}

// RFC 6146 3.5.1.1: its own number, else one of the same parity, else any.
static bool port_take(struct napt *n, uint64_t *bits, uint16_t wanted, uint16_t *ret)
{
    bool own = !(bits[wanted / 64] >> wanted % 64 & 1);
    n->random = mix(n->random + 1, n->config.seed);
    uint16_t from = own ? wanted : (uint16_t)n->random;
    if (!port_search(bits, from, wanted % 2 ? ODD : ~ODD, ret) &&
        !port_search(bits, from, ~UINT64_C(0), ret))
        return false;
    port_mark(bits, *ret, true);
    return true;
}

// ---- ports that rest

static void wake_first(struct napt *n, size_t place)
{
    const uint32_t i = n->rests[place].first;
    struct resting *r = n->resting + i;
    port_mark(bits_at(n, place), r->port, false);
    n->rests[place].first = r->next;
    *(r->before == NONE ? &n->all_rest.first : &n->resting[r->before].after) = r->after;
    *(r->after == NONE ? &n->all_rest.last : &n->resting[r->after].before) = r->before;
    r->next = n->free_resting;
    n->free_resting = i;
}

// What has rested longest of all has so of its place.
static void wake_oldest(struct napt *n)
{
    wake_first(n, n->resting[n->all_rest.first].place);
}

static void lay_down(struct napt *n, size_t place, uint16_t port, int64_t until)
{
    struct ends *here = n->rests + place, *all = &n->all_rest;
    const uint32_t i = n->free_resting;
    n->free_resting = n->resting[i].next;
    n->resting[i] = (struct resting){until, all->last, NONE, (uint32_t)place, NONE, port};
    *(here->first == NONE ? &here->first : &n->resting[here->last].next) = i;
    *(all->first == NONE ? &all->first : &n->resting[all->last].after) = i;
    here->last = all->last = i;
}

// Ports of TCP need no rest, for its sessions are followed to their end.
static void give_back(struct napt *n, uint8_t protocol, uint32_t pool, uint16_t port, int64_t now)
{
    if (n->config.rest == NAPT_NO_REST || protocol == PROTOCOL_TCP) {
        port_mark(port_bits(n, protocol, pool), port, false);
        return;
    }
    if (n->free_resting == NONE) // nothing more can be remembered
        wake_oldest(n);
    lay_down(n, place_of(n, protocol, pool), port, now + n->config.rest);
}

// Where there is no other port, the one is taken that has rested longest.
static bool port_for(struct napt *n, const struct napt_inside *inside, uint32_t pool, uint16_t *ret)
{
    const size_t place = place_of(n, inside->protocol, pool);
    uint64_t *bits = bits_at(n, place);
    if (port_take(n, bits, inside->port, ret))
        return true;
    if (n->rests[place].first == NONE)
        return false;
    wake_first(n, place);
    return port_take(n, bits, inside->port, ret);
}

// ---- beginning and ending

static void tell(const struct napt *n, const struct binding *b, bool begins, int64_t now)
{
    struct napt_event event = {begins, b->inside, b->outside, now};
    if (n->config.log)
        n->config.log(n->config.log_arg, &event);
}

static uint32_t host_of(struct napt *n, const struct napt_inside *inside)
{
    const u128 whole = inside->realm ? inside->realm : inside->address;
    const u128 subscriber = whole & U128_MAX << (128 - n->config.subscriber_length);
    uint32_t i = find_host(n, subscriber), slot;
    if (i != NONE || n->free_host == NONE)
        return i;
    i = n->free_host;
    n->free_host = n->hosts[i].next;
    slot = hash_host(n, subscriber);
    n->hosts[i] = (struct host){
        .subscriber = subscriber, .next = n->host_table[slot], .outside = slot % n->pool_count};
    n->host_table[slot] = i;
    n->counts.hosts++;
    return i;
}

static void unchain_host(struct napt *n, uint32_t host)
{
    struct host *h = n->hosts + host;
    uint32_t *link = n->host_table + hash_host(n, h->subscriber);
    if (h->bindings > 0)
        return;
    while (*link != host)
        link = &n->hosts[*link].next;
    *link = h->next;
    h->next = n->free_host;
    n->free_host = host;
    n->counts.hosts--;
}

static uint32_t chain_binding(struct napt *n, const struct napt_inside *inside,
                              const struct napt_outside *outside, uint32_t host)
{
    uint32_t i = n->free_binding, in = hash_inside(n, inside);
    uint32_t out = hash_outside(n, inside->protocol, outside);
    n->free_binding = n->bindings[i].next_inside;
    n->bindings[i] = (struct binding){
        *inside, *outside, n->inside_table[in], n->outside_table[out], host, NONE, false};
    n->inside_table[in] = i;
    n->outside_table[out] = i;
    n->hosts[host].bindings++;
    n->counts.bindings++;
    return i;
}

static bool has_most_sessions(const struct napt *n, uint32_t host)
{
    return n->hosts[host].sessions >= n->config.host_max * NAPT_HOST_SESSIONS;
}

static enum napt_verdict bind(struct napt *n, const struct napt_inside *inside, int64_t now,
                              uint32_t *ret)
{
    struct napt_outside outside;
    uint32_t host;
    if (n->free_binding == NONE || n->free_session == NONE || (host = host_of(n, inside)) == NONE)
        return NAPT_FULL;
    if (n->hosts[host].bindings >= n->config.host_max || has_most_sessions(n, host))
        return NAPT_HOST_FULL;
    uint32_t pool = n->hosts[host].outside;
    outside.address = n->config.pool_first + pool;
    if (!port_for(n, inside, pool, &outside.port)) {
        unchain_host(n, host);
        return NAPT_PORTS;
    }
    *ret = chain_binding(n, inside, &outside, host);
    tell(n, n->bindings + *ret, true, now);
    return NAPT_FINE;
}

static void unbind(struct napt *n, uint32_t i, int64_t now)
{
    struct binding *b = n->bindings + i;
    uint32_t *link = n->inside_table + hash_inside(n, &b->inside);
    while (*link != i)
        link = &n->bindings[*link].next_inside;
    *link = b->next_inside;
    link = n->outside_table + hash_outside(n, b->inside.protocol, &b->outside);
    while (*link != i)
        link = &n->bindings[*link].next_outside;
    *link = b->next_outside;
    give_back(n, b->inside.protocol, b->outside.address - n->config.pool_first, b->outside.port,
              now);
    tell(n, b, false, now);
    n->hosts[b->host].bindings--;
    unchain_host(n, b->host);
    b->next_inside = n->free_binding;
    n->free_binding = i;
    n->counts.bindings--;
}

static void timer_leave(struct napt *n, uint32_t i)
{
    struct session *s = n->sessions + i;
    struct ends *list = n->timers + s->timer;
    *(s->before == NONE ? &list->first : &n->sessions[s->before].after) = s->after;
    *(s->after == NONE ? &list->last : &n->sessions[s->after].before) = s->before;
}

static void timer_join(struct napt *n, uint32_t i, enum timer timer, int64_t now)
{
    struct session *s = n->sessions + i;
    struct ends *list = n->timers + timer;
    s->timer = (uint8_t)timer;
    s->expires = now + n->length[timer];
    s->before = list->last;
    s->after = NONE;
    *(list->last == NONE ? &list->first : &n->sessions[list->last].after) = i;
    list->last = i;
}

static uint32_t session_begin(struct napt *n, uint32_t binding, const struct napt_packet *p)
{
    uint32_t i = n->free_session, slot = hash_session(n, binding, p->remote, p->remote_port);
    if (i == NONE)
        return NONE;
    struct binding *b = n->bindings + binding;
    n->free_session = n->sessions[i].next;
    n->sessions[i] = (struct session){.binding = binding,
                                      .remote = p->remote,
                                      .remote_port = p->remote_port,
                                      .next = n->session_table[slot],
                                      .binding_before = NONE,
                                      .binding_after = b->sessions};
    if (b->sessions != NONE)
        n->sessions[b->sessions].binding_before = i;
    b->sessions = i;
    n->session_table[slot] = i;
    n->hosts[b->host].sessions += !b->fixed;
    n->counts.sessions++;
    uint8_t protocol = b->inside.protocol;
    timer_join(n, i,
               protocol == PROTOCOL_TCP   ? TIMER_TRANSITORY
               : protocol == PROTOCOL_UDP ? TIMER_UDP
                                          : TIMER_ICMP,
               p->now);
    return i;
}

static void session_end(struct napt *n, uint32_t i, int64_t now)
{
    struct session *s = n->sessions + i;
    struct binding *b = n->bindings + s->binding;
    uint32_t *link = n->session_table + hash_session(n, s->binding, s->remote, s->remote_port);
    while (*link != i)
        link = &n->sessions[*link].next;
    *link = s->next;
    *(s->binding_before == NONE ? &b->sessions : &n->sessions[s->binding_before].binding_after) =
        s->binding_after;
    if (s->binding_after != NONE)
        n->sessions[s->binding_after].binding_before = s->binding_before;
    timer_leave(n, i);
    s->next = n->free_session;
    n->free_session = i;
    n->hosts[b->host].sessions -= !b->fixed;
    n->counts.sessions--;
    if (b->sessions == NONE && !b->fixed)
        unbind(n, s->binding, now);
}

// ---- the life of a session

// RFC 6146 3.5.2.2; the first packet finds STATE_NONE.
static enum state tcp_next(enum state state, bool from_inside, uint8_t flags)
{
    bool syn = flags & SYN, fin = flags & FIN;
    if (flags & RST && state >= STATE_ESTABLISHED && state != STATE_BOTH_FIN)
        return STATE_TRANSITORY;
    switch (state) {
    case STATE_NONE:
        return from_inside ? STATE_INSIDE_SYN : STATE_OUTSIDE_SYN;
    case STATE_INSIDE_SYN:
        return syn && !from_inside ? STATE_ESTABLISHED : state;
    case STATE_OUTSIDE_SYN:
        return syn && from_inside ? STATE_ESTABLISHED : state;
    case STATE_ESTABLISHED:
        return !fin ? state : from_inside ? STATE_INSIDE_FIN : STATE_OUTSIDE_FIN;
    case STATE_INSIDE_FIN:
        return fin && !from_inside ? STATE_BOTH_FIN : state;
    case STATE_OUTSIDE_FIN:
        return fin && from_inside ? STATE_BOTH_FIN : state;
    case STATE_TRANSITORY:
        return STATE_ESTABLISHED; // the reset was not accepted
    default: // both are done; another connection may begin between the same ends
        return !syn ? state : from_inside ? STATE_INSIDE_SYN : STATE_OUTSIDE_SYN;
    }
}

static void session_touch(struct napt *n, uint32_t i, bool from_inside, const struct napt_packet *p)
{
    struct session *s = n->sessions + i;
    enum timer timer = (enum timer)s->timer;
    if (n->bindings[s->binding].inside.protocol == PROTOCOL_TCP) {
        enum state before = (enum state)s->state;
        enum state now = tcp_next(before, from_inside, p->tcp_flags);
        s->state = (uint8_t)now;
        bool open = now == STATE_ESTABLISHED || now == STATE_INSIDE_FIN || now == STATE_OUTSIDE_FIN;
        timer = open ? TIMER_ESTABLISHED : TIMER_TRANSITORY;
        // Both sides are done, one resets again, or nobody has answered: nothing keeps it alive any
        // longer.
        if (before == now && (now == STATE_BOTH_FIN || now == STATE_TRANSITORY ||
                              (now < STATE_ESTABLISHED && !(p->tcp_flags & SYN))))
            return;
    }
    timer_leave(n, i);
    timer_join(n, i, timer, p->now);
}

void napt_expire(struct napt *n, int64_t now)
{
    while (n->all_rest.first != NONE && n->resting[n->all_rest.first].until <= now)
        wake_oldest(n);
    for (unsigned t = 0; t < TIMER_COUNT; t++) {
        uint32_t i;
        while ((i = n->timers[t].first) != NONE && n->sessions[i].expires <= now) {
            if (t != TIMER_ESTABLISHED) {
                session_end(n, i, now);
                continue;
            }
            n->sessions[i].state = STATE_TRANSITORY;
            timer_leave(n, i);
            timer_join(n, i, TIMER_TRANSITORY, now);
            if (n->config.idle)
                n->config.idle(n->config.idle_arg, &n->bindings[n->sessions[i].binding].inside,
                               n->sessions[i].remote, n->sessions[i].remote_port);
        }
    }
}

// ---- packets

static bool begins(uint8_t protocol, const struct napt_packet *p)
{
    return !p->look_only && (protocol != PROTOCOL_TCP || p->tcp_flags & SYN);
}

// Has the host, or for a stranger the table, room for a session? Strangers leave half of both.
static bool has_room(const struct napt *n, const struct binding *b, bool from_inside)
{
    if (from_inside)
        return b->fixed || !has_most_sessions(n, b->host);
    return n->hosts[b->host].sessions < n->config.host_max * NAPT_HOST_SESSIONS / 2 &&
           n->counts.sessions < n->config.sessions_max / 2;
}

static enum napt_verdict follow(struct napt *n, uint32_t binding, bool from_inside,
                                const struct napt_packet *p)
{
    uint32_t session = find_session(n, binding, p);
    if (p->look_only)
        return NAPT_FINE;
    const struct binding *b = n->bindings + binding;
    if (session == NONE && begins(b->inside.protocol, p)) {
        if (!has_room(n, b, from_inside))
            return from_inside ? NAPT_HOST_FULL : NAPT_FINE;
        session = session_begin(n, binding, p);
        if (session == NONE)
            return NAPT_FULL;
    }
    if (session != NONE)
        session_touch(n, session, from_inside, p);
    return NAPT_FINE;
}

enum napt_verdict napt_out(struct napt *n, const struct napt_inside *inside,
                           const struct napt_packet *p, struct napt_outside *ret)
{
    enum napt_verdict verdict = NAPT_FINE;
    napt_expire(n, p->now);
    uint32_t binding = find_inside(n, inside);
    if (binding == NONE) {
        if (!begins(inside->protocol, p))
            return NAPT_NONE;
        verdict = bind(n, inside, p->now, &binding);
    }
    if (verdict == NAPT_FINE)
        verdict = follow(n, binding, true, p);
    if (verdict == NAPT_FINE)
        *ret = n->bindings[binding].outside;
    return verdict;
}

// Has the inside host spoken to this address?
static bool knows_remote(const struct napt *n, uint32_t binding, uint32_t remote)
{
    for (uint32_t i = n->bindings[binding].sessions; i != NONE; i = n->sessions[i].binding_after)
        if (n->sessions[i].remote == remote)
            return true;
    return n->bindings[binding].fixed;
}

enum napt_verdict napt_in(struct napt *n, uint8_t protocol, const struct napt_outside *outside,
                          const struct napt_packet *p, struct napt_inside *ret)
{
    napt_expire(n, p->now);
    uint32_t binding = find_outside(n, protocol, outside);
    if (binding == NONE)
        return NAPT_NONE;
    if (!p->look_only) {
        bool fixed = n->bindings[binding].fixed;
        bool opens = protocol == PROTOCOL_TCP && p->tcp_flags & SYN && !fixed &&
                     n->config.outbound_only && find_session(n, binding, p) == NONE;
        if (opens || (n->config.address_dependent && find_session(n, binding, p) == NONE &&
                      !knows_remote(n, binding, p->remote)))
            return NAPT_FILTERED;
    }
    enum napt_verdict verdict = follow(n, binding, false, p);
    if (verdict == NAPT_FINE)
        *ret = n->bindings[binding].inside;
    return verdict;
}

int napt_fix(struct napt *n, const struct napt_inside *inside, const struct napt_outside *outside,
             struct err *e)
{
    if (!napt_is_outside(n, outside->address))
        return err_set(e, ERR_USAGE, "the outside address is not of the pool");
    if (find_inside(n, inside) != NONE || find_outside(n, inside->protocol, outside) != NONE)
        return err_set(e, ERR_USAGE, "this port is bound already");
    const uint64_t *bits = port_bits(n, inside->protocol, outside->address - n->config.pool_first);
    if (bits[outside->port / 64] >> outside->port % 64 & 1)
        return err_set(e, ERR_USAGE, "port %u is not among the ports that may be used",
                       outside->port);
    uint32_t host = n->free_binding == NONE ? NONE : host_of(n, inside);
    if (host == NONE)
        return err_set(e, ERR_LIMIT, "the table of %zu bindings is full", n->config.bindings_max);
    uint32_t binding = chain_binding(n, inside, outside, host);
    n->bindings[binding].fixed = true;
    port_mark(port_bits(n, inside->protocol, outside->address - n->config.pool_first),
              outside->port, true);
    return 0;
}

bool napt_is_outside(const struct napt *n, uint32_t address)
{
    return address >= n->config.pool_first && address <= n->config.pool_last;
}

struct napt_counts napt_counts(const struct napt *n)
{
    return n->counts;
}

// ---- the whole

static void fill_defaults(struct napt_config *c)
{
    if (c->port_first == 0 && c->port_last == 0) {
        c->port_first = 1024;
        c->port_last = PORTS - 1;
    }
    c->bindings_max = c->bindings_max ? c->bindings_max : NAPT_BINDINGS_DEFAULT;
    c->sessions_max = c->sessions_max ? c->sessions_max : NAPT_SESSIONS_DEFAULT;
    c->subscriber_length = c->subscriber_length ? c->subscriber_length : 128;
    c->host_max = c->host_max ? c->host_max : NAPT_HOST_DEFAULT;
    c->rest = c->rest ? c->rest : NAPT_REST_DEFAULT * (int64_t)1000;
    if (c->port_set || c->address_dependent)
        c->rest = NAPT_NO_REST;
    c->established = c->established ? c->established : 120 * (int64_t)MINUTE;
    c->transitory = c->transitory ? c->transitory : 4 * (int64_t)MINUTE;
    c->udp = c->udp ? c->udp : 5 * (int64_t)MINUTE;
    c->icmp = c->icmp ? c->icmp : MINUTE;
}

static int refuse(const struct napt_config *c, struct err *e)
{
    const struct port_set *set = c->port_set;
    if (c->pool_last < c->pool_first || c->pool_last - c->pool_first >= NAPT_POOL_MAX)
        return err_set(e, ERR_USAGE, "a pool has 1 to %d addresses", NAPT_POOL_MAX);
    if (c->port_last < c->port_first)
        return err_set(e, ERR_USAGE, "the last port %u is before the first, %u", c->port_last,
                       c->port_first);
    if (set && (set->offset + set->length > 16 || set->psid >> set->length != 0))
        return err_set(e, ERR_USAGE, "a port set of %u + %u bits with number %u cannot be",
                       set->offset, set->length, set->psid);
    if (c->subscriber_length > 128)
        return err_set(e, ERR_USAGE, "a subscriber of %u bits; wanted 1 to 128",
                       c->subscriber_length);
    if (c->bindings_max > NAPT_BINDINGS_MAX || c->sessions_max > NAPT_BINDINGS_MAX)
        return err_set(e, ERR_USAGE, "at most %u bindings and sessions", NAPT_BINDINGS_MAX);
    return 0;
}

static uint32_t *new_table(const struct napt *n)
{
    size_t size = ((size_t)n->mask + 1) * sizeof(uint32_t);
    uint32_t *table = malloc(size);
    if (table)
        memset(table, 0xff, size);
    return table;
}

static bool allocate(struct napt *n)
{
    size_t larger = n->config.bindings_max > n->config.sessions_max ? n->config.bindings_max
                                                                    : n->config.sessions_max;
    while (n->mask < larger)
        n->mask = n->mask << 1 | 1;
    n->hosts = calloc(n->config.bindings_max, sizeof *n->hosts);
    n->bindings = calloc(n->config.bindings_max, sizeof *n->bindings);
    n->sessions = calloc(n->config.sessions_max, sizeof *n->sessions);
    n->used = calloc((size_t)n->pool_count * PROTOCOLS * PORT_WORDS, sizeof *n->used);
    n->rests = calloc((size_t)n->pool_count * PROTOCOLS, sizeof *n->rests);
    n->resting = calloc(n->config.bindings_max, sizeof *n->resting);
    n->host_table = new_table(n);
    n->inside_table = new_table(n);
    n->outside_table = new_table(n);
    n->session_table = new_table(n);
    return n->hosts && n->bindings && n->sessions && n->used && n->rests && n->resting &&
           n->host_table && n->inside_table && n->outside_table && n->session_table;
}

static void chain_free(struct napt *n)
{
    for (size_t i = 0; i < n->config.bindings_max; i++) {
        uint32_t next = i + 1 < n->config.bindings_max ? (uint32_t)i + 1 : NONE;
        n->hosts[i].next = n->bindings[i].next_inside = n->resting[i].next = next;
    }
    for (size_t i = 0; i < n->config.sessions_max; i++)
        n->sessions[i].next = i + 1 < n->config.sessions_max ? (uint32_t)i + 1 : NONE;
    for (unsigned t = 0; t < TIMER_COUNT; t++)
        n->timers[t] = (struct ends){NONE, NONE};
    for (size_t i = 0; i < (size_t)n->pool_count * PROTOCOLS; i++)
        n->rests[i] = (struct ends){NONE, NONE};
    n->all_rest = (struct ends){NONE, NONE};
}

// Identifiers of ICMP queries are no ports: a range leaves them all, a port set does not. Port 0 is
// no host's (RFC 768), also where a set begins with it.
static void close_ports(struct napt *n)
{
    static const uint8_t protocols[] = {PROTOCOL_TCP, PROTOCOL_UDP, PROTOCOL_ICMP};
    const struct napt_config *c = &n->config;
    for (size_t i = 0; i < sizeof protocols; i++)
        for (uint32_t pool = 0; pool < n->pool_count; pool++)
            for (unsigned port = 0; port < PORTS; port++) {
                bool query = protocols[i] == PROTOCOL_ICMP;
                bool open = c->port_set ? port_set_has(c->port_set, (uint16_t)port)
                                        : query || (port >= c->port_first && port <= c->port_last);
                if (!open || (port == 0 && !query))
                    port_mark(port_bits(n, protocols[i], pool), (uint16_t)port, true);
            }
}

int napt_new(const struct napt_config *c, struct napt **ret, struct err *e)
{
    struct napt *n = calloc(1, sizeof *n);
    if (!n)
        return err_memory(e);
    n->config = *c;
    n->mask = 1023;
    fill_defaults(&n->config);
    int code = refuse(&n->config, e);
    n->pool_count = c->pool_last - c->pool_first + 1;
    n->random = c->seed;
    if (!code && !allocate(n))
        code = err_memory(e);
    if (code) {
        napt_free(&n);
        return code;
    }
    n->length[TIMER_UDP] = n->config.udp;
    n->length[TIMER_ICMP] = n->config.icmp;
    n->length[TIMER_TRANSITORY] = n->config.transitory;
    n->length[TIMER_ESTABLISHED] = n->config.established;
    chain_free(n);
    close_ports(n);
    n->config.port_set = NULL;
    *ret = n;
    return 0;
}

void napt_free(struct napt **n)
{
    if (!*n)
        return;
    free((*n)->hosts);
    free((*n)->bindings);
    free((*n)->sessions);
    free((*n)->host_table);
    free((*n)->inside_table);
    free((*n)->outside_table);
    free((*n)->session_table);
    free((*n)->used);
    free((*n)->rests);
    free((*n)->resting);
    free(*n);
    *n = NULL;
}
