// SPDX-License-Identifier: Apache-2.0
//
// What a message says to a lookup: data, an alias, nothing, a delegation further down, or that its
// server is none of the zone's. Only records within the zone that the server was asked for count.

#include "check/resolver_parts.h"

#include <string.h>

static const struct dns_name *last_name(const struct job *j)
{
    return j->alias_count > 0 ? &j->alias[j->alias_count - 1] : &j->name;
}

// ---- aliases

// The prefix of `n` below the DNAME's owner, put before its target. False: it would be too long.
static bool dname_apply(const struct dns_name *n, const struct dns_name *owner,
                        const struct dns_name *target, struct dns_name *ret)
{
    size_t prefix = (size_t)n->length - owner->length;
    if (prefix + target->length > DNS_NAME_MAX)
        return false;
    memcpy(ret->at, n->at, prefix);
    memcpy(ret->at + prefix, target->at, target->length);
    ret->length = (uint8_t)(prefix + target->length);
    return true;
}

static bool alias_of(const struct dns_message *m, const struct dns_name *n, struct dns_name *ret,
                     uint32_t *ret_ttl)
{
    struct dns_records all = dns_records_of(m);
    struct dns_name owner, target;
    bool found = false;
    for (struct dns_record r; dns_record_next(&all, &r) && r.section == DNS_ANSWER;) {
        if (r.type != DNS_TYPE_CNAME && r.type != DNS_TYPE_DNAME)
            continue;
        dns_record_owner(&r, &owner);
        if (r.type == DNS_TYPE_CNAME && dns_name_same(&owner, n) && dns_record_name(&r, ret)) {
            *ret_ttl = r.ttl;
            return true;
        }
        if (r.type == DNS_TYPE_DNAME && !found && !dns_name_same(&owner, n) &&
            dns_name_within(n, &owner) && dns_record_name(&r, &target) &&
            dname_apply(n, &owner, &target, ret)) {
            *ret_ttl = r.ttl;
            found = true; // a CNAME made of it comes behind
        }
    }
    return found;
}

static bool has_data(const struct dns_message *m, const struct dns_name *n, uint16_t type,
                     uint32_t *ret_ttl)
{
    struct dns_records all = dns_records_of(m);
    bool found = false;
    for (struct dns_record r; dns_record_next(&all, &r) && r.section == DNS_ANSWER;)
        if (r.type == type && r.class == DNS_CLASS_IN && dns_record_owned_by(&r, n)) {
            *ret_ttl = r.ttl < *ret_ttl ? r.ttl : *ret_ttl;
            found = true;
        }
    return found;
}

// ---- the authority section

// How long a "no" lives (RFC 2308); false: there is no SOA record that could say it.
static bool no_ttl(const struct dns_message *m, const struct dns_name *zone,
                   const struct dns_name *n, uint32_t *ret)
{
    struct dns_records all = dns_records_of(m);
    struct dns_name owner;
    struct dns_soa soa;
    for (struct dns_record r; dns_record_next(&all, &r);) {
        if (r.section != DNS_AUTHORITY || r.type != DNS_TYPE_SOA)
            continue;
        dns_record_owner(&r, &owner);
        if (dns_name_within(&owner, zone) && dns_name_within(n, &owner) &&
            dns_record_soa(&r, &soa)) {
            *ret = soa.minimum < r.ttl ? soa.minimum : r.ttl;
            return true;
        }
    }
    return false;
}

// Where a delegation leads: deeper than the zone, and towards the name. *ret_any: there are NS
// records at all.
static bool delegation_of(const struct dns_message *m, const struct dns_name *zone,
                          const struct dns_name *n, struct dns_name *ret, bool *ret_any)
{
    struct dns_records all = dns_records_of(m);
    *ret_any = false;
    for (struct dns_record r; dns_record_next(&all, &r);) {
        if (r.section != DNS_AUTHORITY || r.type != DNS_TYPE_NS)
            continue;
        *ret_any = true;
        dns_record_owner(&r, ret);
        if (ret->length > zone->length && dns_name_within(ret, zone) && dns_name_within(n, ret))
            return true;
    }
    return false;
}

// ---- ends

static void rest_known(void *arg, const struct lookup *l)
{
    struct job *j = arg;
    j->waiting--;
    if (j->chain_depth + j->alias_count + l->chain_count > LOOKUP_CHAIN_MAX) {
        job_fail(j, LOOKUP_BROKEN, false, "more than %d aliases (CNAME) in a row",
                 LOOKUP_CHAIN_MAX);
        return;
    }
    job_finish(j, &(struct finding){.status = l->status,
                                    .rest = l,
                                    .ttl = l->ttl < j->alias_ttl ? l->ttl : j->alias_ttl,
                                    .why = l->why,
                                    .by_timeout = l->by_timeout,
                                    .opted_out = l->opted_out});
}

// The target lies elsewhere: a lookup of its own.
static void alias_follow(struct job *j)
{
    if (j->chain_depth + j->alias_count > LOOKUP_CHAIN_MAX)
        job_fail(j, LOOKUP_BROKEN, false, "more than %d aliases (CNAME) in a row",
                 LOOKUP_CHAIN_MAX);
    else if (!job_wait(j, last_name(j), j->type, true, rest_known))
        job_fail(j, LOOKUP_BROKEN, false, "its aliases (CNAME) lead round in a circle");
}

static bool alias_seen(const struct job *j, const struct dns_name *n)
{
    bool seen = dns_name_same(&j->name, n);
    for (unsigned i = 0; i < j->alias_count; i++)
        seen |= dns_name_same(&j->alias[i], n);
    return seen;
}

// Follows aliases as far as the message and the zone go. False: the lookup ended.
static bool aliases_take(struct job *j, const struct dns_message *m)
{
    struct dns_name target;
    uint32_t ttl = 0;
    unsigned first = j->alias_count;
    while (j->type != DNS_TYPE_CNAME && dns_name_within(last_name(j), &j->zone->name) &&
           alias_of(m, last_name(j), &target, &ttl)) {
        if (alias_seen(j, &target)) {
            job_fail(j, LOOKUP_BROKEN, false, "its aliases (CNAME) lead round in a circle");
            return false;
        }
        if (j->alias_count == LOOKUP_CHAIN_MAX) {
            job_fail(j, LOOKUP_BROKEN, false, "more than %d aliases (CNAME) in a row",
                     LOOKUP_CHAIN_MAX);
            return false;
        }
        if (name_left_out(j->resolver, &target)) {
            job_leave_out(j, &target);
            return false;
        }
        memcpy(&j->alias[j->alias_count++], &target, sizeof target);
        j->alias_ttl = ttl < j->alias_ttl ? ttl : j->alias_ttl;
    }
    if (j->alias_count > first && !dns_name_within(last_name(j), &j->zone->name)) {
        alias_follow(j);
        return false;
    }
    return true;
}

static void error_take(struct job *j, const struct dns_message *m)
{
    struct candidate *c = &j->candidates[j->asking];
    struct server *s = server_get(j->resolver, &c->at);
    bool edns = j->question.size > 0 && !m->edns;
    j->rcode = m->rcode;
    if (edns && s && (m->rcode == DNS_RCODE_FORMERR || m->rcode == DNS_RCODE_NOTIMP)) {
        s->plain = true; // an old server: without EDNS, once more
        job_ask_again(j, false);
        return;
    }
    job_miss(j, MISS_ERROR, m->rcode != DNS_RCODE_SERVFAIL);
}

static uint64_t name_hash(const struct dns_name *n)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (size_t i = 0; i < n->length; i++)
        h = (h ^ n->at[i]) * 0x100000001b3u;
    return h | 1;
}

// A zone that the one above delegates is there: who denies its name is believed in nothing that it
// denies of the zone. Who denies the name of one of the zone's servers is not believed alone.
static bool denies_wrongly(struct job *j, const struct dns_message *m)
{
    const struct zone *z = j->zone;
    const struct dns_name *n = last_name(j);
    struct server *s = server_get(j->resolver, &j->candidates[j->asking].at);
    if (m->rcode != DNS_RCODE_NXDOMAIN || z == j->resolver->root[j->families] || !s)
        return false;
    uint64_t hash = name_hash(&z->name);
    if (dns_name_same(n, &z->name))
        s->denied = hash;
    if (s->denied == hash)
        return true;
    for (unsigned i = 0; i < z->count; i++)
        if (dns_name_same(n, z->servers[i].name))
            return j->denied = true;
    return false;
}

static void no_take(struct job *j, const struct dns_message *m, uint32_t ttl)
{
    if (denies_wrongly(j, m)) {
        j->rcode = m->rcode;
        job_miss(j, MISS_ERROR, true);
        return;
    }
    enum lookup_status s = m->rcode == DNS_RCODE_NXDOMAIN ? LOOKUP_NO_NAME : LOOKUP_NO_DATA;
    job_finish(j, &(struct finding){.status = s, .ttl = ttl < j->alias_ttl ? ttl : j->alias_ttl});
}

static void without_data(struct job *j, const struct dns_message *m, bool aliased)
{
    struct inner *r = j->resolver;
    struct dns_name below;
    uint32_t ttl = 0;
    bool any, soa = no_ttl(m, &j->zone->name, last_name(j), &ttl);
    bool down = delegation_of(m, &j->zone->name, last_name(j), &below, &any);
    if (down && !soa && !aliased && m->rcode == DNS_RCODE_NOERROR) {
        struct zone *z = zone_learn(r, m, &below, &j->zone->name, j->families);
        if (z)
            job_enter(j, z);
        else
            job_miss(j, MISS_MALFORMED, true);
    } else if (soa || (m->authoritative && !any && !aliased)) {
        no_take(j, m, ttl);
    } else if (aliased) {
        alias_follow(j);
    } else {
        job_miss(j, MISS_LAME, true);
    }
}

void job_read(struct job *j, const struct dns_message *m)
{
    uint32_t ttl = j->alias_ttl;
    if (m->rcode != DNS_RCODE_NOERROR && m->rcode != DNS_RCODE_NXDOMAIN) {
        error_take(j, m);
        return;
    }
    if (m->recursion_available && !m->authoritative && m->counts[DNS_ANSWER] > 0) {
        job_miss(j, MISS_LAME, true); // what a cache says is nobody's word
        return;
    }
    unsigned aliases = j->alias_count;
    if (!aliases_take(j, m))
        return;
    if (has_data(m, last_name(j), j->type, &ttl))
        job_finish(j, &(struct finding){
                          .status = LOOKUP_FOUND, .message = m, .owner = last_name(j), .ttl = ttl});
    else
        without_data(j, m, j->alias_count > aliases);
}

void job_step(struct job *j)
{
    struct zone *z = zone_nearest(j->resolver, &j->name, j->families, j->type == DNS_TYPE_DS);
    job_enter(j, z);
}
