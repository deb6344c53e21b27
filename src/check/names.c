// SPDX-License-Identifier: Apache-2.0
//
// The names of a domain: which zones lie between the root and it, who serves them, what the zone
// above says of the domain's own, and what its servers answer.

#include "check/names_state.h"

#include <stdlib.h>
#include <string.h>

static void finish(struct names_state *s)
{
    if (s->over || s->phase != PHASE_ASKING || s->open + s->aside > 0)
        return;
    s->over = true;
    names_judge(&s->facts, &s->domain->result);
    domain_part_done(s->domain, &part_names);
}

void names_more(struct names_state *s)
{
    s->open++;
}

void names_less(struct names_state *s)
{
    if (--s->open == 0)
        events_soon(s->checker->events, &s->step);
}

static const char *keep(struct names_state *s, const char *text)
{
    const char *kept = arena_text(&s->arena, text, strlen(text));
    if (!kept)
        s->domain->result.failed = true;
    return kept ? kept : "";
}

// ---- lookups

struct look {
    const char *name;
    uint16_t type;
    unsigned families, zone, server;
    bool secure, aside;
};

static void look_up(struct names_state *s, const struct look *k, lookup_done *done)
{
    struct names_lookup *l = arena_alloc(&s->arena, sizeof *l);
    if (!l) {
        s->domain->result.failed = true;
        return;
    }
    *l = (struct names_lookup){s, k->zone, k->server, k->aside, s->lookups};
    s->lookups = l;
    if (k->aside)
        s->aside++;
    else
        names_more(s);
    resolver_ask(s->checker->resolver, k->name, k->type, k->families, k->secure, done, l);
}

static void looked_up(struct names_lookup *l)
{
    struct names_state *s = l->state;
    if (!l->aside)
        names_less(s);
    else if (--s->aside == 0)
        events_soon(s->checker->events, &s->step);
}

static void exists_known(void *arg, const struct lookup *l)
{
    struct names_lookup *k = arg;
    struct names_facts *f = &k->state->facts;
    f->exists_why = keep(k->state, l->why);
    f->exists = l->status == LOOKUP_FOUND || l->status == LOOKUP_NO_DATA ? NAME_THERE
                : l->status == LOOKUP_NO_NAME                            ? NAME_NOT_THERE
                : l->opted_out                                           ? NAME_OPTED_OUT
                : l->by_timeout                                          ? NAME_SILENT
                                                                         : NAME_FAILED;
    looked_up(k);
}

static void only_ipv6_known(void *arg, const struct lookup *l)
{
    struct names_lookup *k = arg;
    struct names_facts *f = &k->state->facts;
    f->only_ipv6_asked = true;
    f->only_ipv6_found = l->status == LOOKUP_FOUND || l->status == LOOKUP_NO_DATA;
    f->only_ipv6_silent = l->by_timeout;
    f->only_ipv6_opted_out = l->opted_out;
    f->only_ipv6_why = keep(k->state, l->status == LOOKUP_NO_NAME ? "NXDOMAIN" : l->why);
    f->only_ipv6 = (struct evidence){.family = FAMILY_IPV6,
                                     .at = l->at,
                                     .took = l->took,
                                     .asked = "AAAA, from the root down, over IPv6 only",
                                     .whom = keep(k->state, l->by),
                                     .answer = f->only_ipv6_found ? "found" : f->only_ipv6_why};
    looked_up(k);
}

static void security_known(void *arg, const struct lookup *l)
{
    struct names_lookup *k = arg;
    struct names_facts *f = &k->state->facts;
    f->secure = l->security == LOOKUP_SECURE;
    f->bogus = l->security == LOOKUP_BOGUS;
    f->dnssec_known = l->status <= LOOKUP_NO_NAME || f->bogus;
    f->dnssec_opted_out = l->opted_out;
    f->dnssec_why = keep(k->state, l->why);
    looked_up(k);
}

static void cut_known(void *arg, const struct lookup *l)
{
    struct names_lookup *k = arg;
    struct names_state *s = k->state;
    struct names_level *v = s->levels[k->zone];
    bool here = l->status == LOOKUP_FOUND && l->chain_count == 0;
    v->cut = here ? LEVEL_CUT : l->status >= LOOKUP_FAILED ? LEVEL_FAILED : LEVEL_NO_CUT;
    v->count = l->count < NAMES_SERVERS_MAX ? (unsigned)l->count : NAMES_SERVERS_MAX;
    const char **servers = arena_alloc(&s->arena, (v->count + 1) * sizeof *servers);
    v->count = here && servers ? v->count : 0;
    for (unsigned i = 0; i < v->count; i++)
        servers[i] = keep(s, l->data[i].name);
    v->servers = servers;
    looked_up(k);
}

static void begin(struct names_state *s)
{
    struct names_facts *f = &s->facts;
    struct dns_name tail;
    char text[DNS_TEXT_MAX];
    unsigned labels = dns_name_labels(&s->name);
    s->level_count = labels + 1 < NAMES_ZONES_MAX ? labels + 1 : NAMES_ZONES_MAX;
    for (unsigned i = 0; i < s->level_count; i++) {
        struct names_level *v = s->levels[i] = arena_alloc(&s->arena, sizeof *v);
        if (!v) {
            s->level_count = i;
            s->domain->result.failed = true;
            break;
        }
        dns_name_tail(&s->name, i, &tail);
        v->name = keep(s, dns_name_text(&tail, text));
        look_up(s, &(struct look){.name = v->name, .type = DNS_TYPE_NS, .zone = i}, cut_known);
    }
    look_up(s, &(struct look){.name = f->domain, .type = DNS_TYPE_AAAA}, exists_known);
    if (f->ipv6_here)
        look_up(
            s,
            &(struct look){
                .name = f->domain, .type = DNS_TYPE_AAAA, .families = RESOLVE_IPV6, .aside = true},
            only_ipv6_known);
    if (f->dnssec_wanted)
        look_up(
            s,
            &(struct look){.name = f->domain, .type = DNS_TYPE_AAAA, .secure = true, .aside = true},
            security_known);
}

// ---- the zones above

static bool has_use(const struct names_state *s, enum family f, u128 address)
{
    return guard_oddity(&s->checker->guard, f, address) == ODDITY_NONE;
}

static void above_address_known(void *arg, const struct lookup *l)
{
    struct names_lookup *k = arg;
    struct names_state *s = k->state;
    struct names_level *v = s->levels[k->zone];
    enum family f = l->type == DNS_TYPE_AAAA ? FAMILY_IPV6 : FAMILY_IPV4;
    bool here = f == FAMILY_IPV6 ? s->facts.ipv6_here : s->facts.ipv4_here;
    v->unknown |= l->status >= LOOKUP_FAILED && f == FAMILY_IPV6;
    for (size_t i = 0; l->status == LOOKUP_FOUND && i < l->count; i++) {
        if (!has_use(s, f, l->data[i].address))
            continue;
        if (f == FAMILY_IPV6)
            v->with_ipv6 |= 1u << k->server;
        if (here && v->address_count < ABOVE_MAX)
            v->addresses[v->address_count++] = (struct endpoint){f, DNS_PORT, l->data[i].address};
    }
    looked_up(k);
}

static void both_addresses(struct names_state *s, const char *name, unsigned zone, unsigned server,
                           lookup_done *done)
{
    struct look k = {.name = name, .type = DNS_TYPE_AAAA, .zone = zone, .server = server};
    look_up(s, &k, done);
    k.type = DNS_TYPE_A;
    look_up(s, &k, done);
}

// Only the cuts stay; one that fails is the last.
static void levels_sort(struct names_state *s)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < s->level_count; i++) {
        struct names_level *v = s->levels[i];
        if (v->cut == LEVEL_NO_CUT)
            continue;
        s->levels[kept++] = v;
        if (v->cut == LEVEL_FAILED)
            break;
    }
    s->level_count = kept;
}

static bool has_own_zone(const struct names_state *s)
{
    return s->level_count > 1 && s->facts.exists != NAME_NOT_THERE;
}

static void above_look(struct names_state *s)
{
    levels_sort(s);
    s->phase = PHASE_ABOVE;
    names_more(s);
    unsigned above = has_own_zone(s) ? s->level_count - 1 : s->level_count;
    for (unsigned i = 0; i < above; i++) {
        struct names_level *v = s->levels[i];
        if (names_level_find(s, v))
            continue;
        for (unsigned k = 0; k < v->count; k++)
            both_addresses(s, v->servers[k], i, k, above_address_known);
    }
    names_less(s);
}

static void above_conclude(struct names_state *s)
{
    struct names_facts *f = &s->facts;
    unsigned above = has_own_zone(s) ? s->level_count - 1 : s->level_count;
    for (unsigned i = 0; i < above; i++) {
        struct names_level *v = s->levels[i];
        unsigned with = (unsigned)__builtin_popcount(v->with_ipv6);
        f->zones[f->zone_count++] =
            (struct names_zone){.name = v->name,
                                .servers = v->count,
                                .with_ipv6 = with,
                                .unknown = v->count == 0 || (with == 0 && v->unknown),
                                .one_sided = names_level_one_sided(s, v)};
        names_level_keep(s, v);
    }
    if (has_own_zone(s)) {
        f->zone = s->levels[s->level_count - 1]->name;
        dns_name_parse(slice_of(f->zone), &s->zone_name);
    }
}

// ---- what the zone above says

static void above_ask(void *arg);

static void above_leave(struct names_state *s)
{
    gate_leave(s->checker->gate, &s->above_wait);
    names_less(s);
}

static void delegation_read(struct names_state *s, const struct dns_message *m)
{
    struct names_facts *f = &s->facts;
    struct dns_records all = dns_records_of(m);
    struct dns_name n;
    char text[DNS_TEXT_MAX];
    u128 address;
    for (struct dns_record r; dns_record_next(&all, &r);) {
        if (r.section == DNS_ANSWER && r.type == DNS_TYPE_NS && m->authoritative)
            f->same_above = true;
        if (r.section == DNS_AUTHORITY && r.type == DNS_TYPE_NS &&
            dns_record_owned_by(&r, &s->zone_name) && dns_record_name(&r, &n)) {
            f->delegation_known = true;
            struct names_server *server = names_server_add(s, dns_name_text(&n, text));
            if (server)
                server->above = true;
        }
        if (r.section != DNS_ADDITIONAL || (r.type != DNS_TYPE_A && r.type != DNS_TYPE_AAAA))
            continue;
        dns_record_owner(&r, &n);
        struct names_server *server = names_server_find(s, dns_name_text(&n, text));
        if (!server || !server->inside)
            continue; // a server elsewhere is found by its own zone's word
        if (r.type == DNS_TYPE_A && dns_record_a(&r, &address))
            names_address_add(s, server, FAMILY_IPV4, address, true);
        else if (r.type == DNS_TYPE_AAAA && dns_record_aaaa(&r, &address))
            names_address_add(s, server, FAMILY_IPV6, address, true);
    }
}

static void above_answered(void *arg, const struct dns_reply *r)
{
    struct names_state *s = arg;
    struct names_facts *f = &s->facts;
    if (r->status == DNS_TRUNCATED) {
        s->above.tcp = true;
        s->above.timeout = s->checker->timeout;
        dns_ask(s->checker->dns, &s->above);
        return;
    }
    if (r->status == DNS_ANSWERED)
        delegation_read(s, r->message);
    struct names_level *v = s->levels[s->level_count - 2];
    if (f->delegation_known || f->same_above || s->above_next == v->address_count) {
        above_leave(s);
        return;
    }
    gate_leave(s->checker->gate, &s->above_wait);
    above_ask(s);
}

static void above_enter(void *arg)
{
    struct names_state *s = arg;
    struct names_level *v = s->levels[s->level_count - 2];
    s->above = (struct dns_question){.to = v->addresses[s->above_next++],
                                     .name = &s->zone_name,
                                     .type = DNS_TYPE_NS,
                                     .size = 1232,
                                     .attempts = 2,
                                     .done = above_answered,
                                     .arg = s};
    dns_ask(s->checker->dns, &s->above);
}

// The root and the zones below it are made for many questions; all others are asked politely.
static void above_ask(void *arg)
{
    struct names_state *s = arg;
    struct names_level *v = s->levels[s->level_count - 2];
    if (!strchr(v->name, '.') || strcmp(v->name, ".") == 0) {
        above_enter(s);
        return;
    }
    s->above_wait.enter = above_enter;
    s->above_wait.arg = s;
    gate_ask(s->checker->gate, &s->above_wait, &v->addresses[s->above_next]);
}

static void delegation_look(struct names_state *s)
{
    s->phase = PHASE_DELEGATION;
    names_more(s);
    if (!has_own_zone(s)) {
        names_less(s);
        return;
    }
    struct names_level *own = s->levels[s->level_count - 1], *v = s->levels[s->level_count - 2];
    for (unsigned i = 0; i < own->count; i++) {
        struct names_server *n = names_server_add(s, own->servers[i]);
        if (n)
            n->own = true;
    }
    if (v->address_count == 0) {
        names_less(s);
        return;
    }
    unsigned skip = (unsigned)(checker_random(s->checker) % v->address_count);
    struct endpoint first = v->addresses[skip];
    v->addresses[skip] = v->addresses[0];
    v->addresses[0] = first;
    above_ask(s);
}

// ---- the servers

static void server_address_known(void *arg, const struct lookup *l)
{
    struct names_lookup *k = arg;
    struct names_server *n = &k->state->facts.servers[k->server];
    n->unresolved |= l->status >= LOOKUP_FAILED;
    n->opted_out |= l->opted_out;
    n->alias |= l->chain_count > 0;
    for (size_t i = 0; l->status == LOOKUP_FOUND && i < l->count; i++)
        names_address_add(k->state, n, l->type == DNS_TYPE_AAAA ? FAMILY_IPV6 : FAMILY_IPV4,
                          l->data[i].address, false);
    looked_up(k);
}

static void servers_look(struct names_state *s)
{
    s->phase = PHASE_SERVERS;
    names_more(s);
    for (unsigned i = 0; i < s->facts.server_count; i++)
        both_addresses(s, s->facts.servers[i].name, 0, i, server_address_known);
    names_less(s);
}

static void ask_again(void *arg)
{
    struct names_state *s = arg;
    names_ask_all(s);
    names_less(s);
}

static void asking(struct names_state *s)
{
    s->phase = PHASE_ASKING;
    names_more(s);
    names_ask_all(s);
    names_less(s);
}

// What differs may be on its way from one server to the other: it is asked once more.
static void asked(struct names_state *s)
{
    if (s->again || !names_differ(&s->facts)) {
        finish(s);
        return;
    }
    s->again = true;
    names_more(s);
    s->wait_again = (struct event_timer){.due = ask_again, .arg = s};
    events_after(s->checker->events, &s->wait_again, NAMES_AGAIN_WAIT);
}

// ---- one phase after the other

static void step(void *arg)
{
    struct names_state *s = arg;
    if (s->open > 0)
        return;
    switch (s->phase) {
    case PHASE_START:
        s->phase = PHASE_ZONES;
        names_more(s);
        begin(s);
        names_less(s);
        break;
    case PHASE_ZONES:
        above_look(s);
        break;
    case PHASE_ABOVE:
        above_conclude(s);
        delegation_look(s);
        break;
    case PHASE_DELEGATION:
        servers_look(s);
        break;
    case PHASE_SERVERS:
        asking(s);
        break;
    case PHASE_ASKING:
        asked(s);
    }
}

static int start(struct domain *d, void **ret_state, struct err *e)
{
    struct names_state *s = calloc(1, sizeof *s);
    if (!s)
        return err_memory(e);
    s->domain = d;
    s->checker = d->checker;
    s->facts = (struct names_facts){.domain = d->name,
                                    .ipv4_here = d->checker->ipv4_here,
                                    .ipv6_here = d->checker->ipv6_here,
                                    .dnssec_wanted = d->checker->level & LEVEL_DNSSEC,
                                    .exists_why = "",
                                    .only_ipv6_why = "",
                                    .dnssec_why = ""};
    if (!dns_name_parse(slice_of(d->name), &s->name)) {
        free(s);
        return err_set(e, ERR_USAGE, "\"%s\" is no name", d->name);
    }
    s->step = (struct event_task){.run = step, .arg = s};
    events_soon(s->checker->events, &s->step);
    *ret_state = s;
    return 0;
}

static void give_up(struct names_state *s)
{
    for (struct names_lookup *l = s->lookups; l; l = l->following)
        resolver_forget(s->checker->resolver, l);
    s->lookups = NULL;
    names_ask_stop(s);
    dns_cancel(s->checker->dns, &s->above);
    gate_leave(s->checker->gate, &s->above_wait);
    events_soon_cancel(s->checker->events, &s->step);
    events_cancel(s->checker->events, &s->wait_again);
}

static void stop(struct domain *d, void *state)
{
    struct names_state *s = state;
    give_up(s);
    if (s->over)
        return;
    s->over = true;
    s->facts.impatient = true;
    names_judge(&s->facts, &d->result);
}

static void drop(struct domain *d, void *state)
{
    struct names_state *s = state;
    (void)d;
    give_up(s);
    arena_done(&s->arena);
    free(s);
}

const struct part part_names = {"names", LEVEL_NAMES | LEVEL_DNSSEC, start, stop, drop};
