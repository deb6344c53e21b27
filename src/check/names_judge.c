// SPDX-License-Identifier: Apache-2.0
//
// From what was seen of a domain's names to its tests. Nothing here asks anybody.

#include "check/names.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define LIST_MAX 160 // octets of a list of names

struct judging {
    const struct names_facts *f;
    struct result *r;
};

static const char *const said_texts[] = {
    "not asked",          "an answer with authority",
    "a truncated answer", "an answer without authority",
    "an error",           "no answer",
    "unreachable",        "the connection was closed",
    "no proper answer",   "no way there from here",
};

const char *said_text(enum said s)
{
    return said_texts[s];
}

static struct test *test_add(const struct judging *j, enum test_kind k)
{
    return result_test(j->r, k, j->f->zone ? j->f->zone : j->f->domain);
}

static void decide(const struct judging *j, struct test *t, enum verdict v, const char *reason,
                   const char *one, const char *two)
{
    test_decide(j->r, t, v, reason, one, two);
}

// What keeps every test of addresses from being made; true: it was decided.
static bool decided_early(const struct judging *j, struct test *t, bool needs_ipv6)
{
    const struct names_facts *f = j->f;
    if (f->exists == NAME_NOT_THERE)
        decide(j, t, VERDICT_NOT_APPLICABLE, "names-not-there", f->domain, NULL);
    else if (needs_ipv6 && !f->ipv6_here)
        decide(j, t, VERDICT_NOT_TESTABLE, "any-no-ipv6-here", NULL, NULL);
    else if (f->impatient)
        decide(j, t, VERDICT_NOT_TESTABLE, "any-no-patience", NULL, NULL);
    else if (!f->zone || f->server_count == 0)
        decide(j, t, VERDICT_NOT_TESTABLE, "names-zone-unknown", f->zone ? f->zone : f->domain,
               NULL);
    else
        return false;
    return true;
}

// Of servers: who was not asked at all; whose addresses beyond the limit were not.
static const struct names_server *opted_out(const struct names_facts *f)
{
    for (unsigned i = 0; i < f->server_count; i++)
        if (f->servers[i].opted_out)
            return &f->servers[i];
    return NULL;
}

static const char *left_out(const struct names_facts *f)
{
    for (unsigned i = 0; i < f->server_count; i++)
        if (f->servers[i].more[FAMILY_IPV6] || f->servers[i].more[FAMILY_IPV4])
            return f->servers[i].name;
    return f->more_servers ? f->zone : NULL;
}

// Of all servers of the zone. What was not asked keeps a test from passing, and from saying that
// there is no IPv6.
static void decide_all(const struct judging *j, struct test *t, enum verdict v, const char *reason,
                       const char *one, const char *two)
{
    const struct names_server *out = opted_out(j->f);
    const char *more = left_out(j->f);
    if (out && (v == VERDICT_PASS || v == VERDICT_NONE))
        decide(j, t, VERDICT_NOT_TESTABLE, "any-opted-out", out->name, NULL);
    else if (more && v == VERDICT_PASS)
        decide(j, t, VERDICT_NOT_TESTABLE, "names-left-out", more, NULL);
    else
        decide(j, t, v, reason, one, two);
}

// ---- evidence

static const char *const asked_texts[ASK_COUNT] = {
    "SOA, UDP",
    "SOA, TCP",
    "DNSKEY, UDP 512",
    "DNSKEY, UDP 1232",
    "DNSKEY, UDP 4096",
    "TXT, UDP 4096",
    "a long name, UDP 4096",
    "DNSKEY, TCP",
    "NS, UDP",
    "A, UDP",
    "AAAA, UDP",
    "MX, UDP",
};

static char *whom_text(const struct names_server *n, const struct names_address *a, char *text,
                       size_t size)
{
    char at[ENDPOINT_TEXT_MAX];
    struct endpoint e = {a->family, DNS_PORT, a->address};
    snprintf(text, size, "%s %.200s", endpoint_text(&e, at), n->name);
    return text;
}

static void what_text(const struct names_address *a, unsigned kind, char *text, size_t size)
{
    const struct said_once *s = &a->said[kind];
    if (s->said == SAID_ERROR || (s->rcode != DNS_RCODE_NOERROR && kind <= ASK_TCP))
        snprintf(text, size, "%s", dns_rcode_name(s->rcode));
    else if (s->said == SAID_ANSWER && kind == ASK_SOA)
        snprintf(text, size, "serial %u, %u octets", a->serial, s->length);
    else if (s->length > 0)
        snprintf(text, size, "%s, %u octets", said_text(s->said), s->length);
    else if (s->attempts > 1)
        snprintf(text, size, "%s, %u attempts", said_text(s->said), s->attempts);
    else
        snprintf(text, size, "%s", said_text(s->said));
}

static void evidence_add(const struct judging *j, struct test *t, const struct names_server *n,
                         const struct names_address *a, unsigned kind)
{
    char whom[300], what[80], asked[60];
    if (a->said[kind].said == SAID_NOTHING)
        return;
    snprintf(asked, sizeof asked, "%s%s", asked_texts[kind],
             a->said[kind].plain ? ", without EDNS" : "");
    what_text(a, kind, what, sizeof what);
    test_evidence(j->r, t,
                  &(struct evidence){.family = a->family,
                                     .at = a->said[kind].at,
                                     .took = a->said[kind].took,
                                     .asked = asked,
                                     .whom = whom_text(n, a, whom, sizeof whom),
                                     .answer = what});
}

static void evidence_unasked(const struct judging *j, struct test *t)
{
    char what[80];
    for (unsigned i = 0; i < j->f->server_count; i++) {
        const struct names_server *n = &j->f->servers[i];
        struct evidence ev = {.family = FAMILY_ASN, .asked = "AAAA, A", .whom = n->name};
        snprintf(what, sizeof what, "more than %d addresses of a family: those are not asked",
                 NAMES_ADDRESSES_MAX);
        ev.answer = n->opted_out ? "not asked: it or who leads to it does not want to be" : what;
        if (n->opted_out || n->more[FAMILY_IPV6] || n->more[FAMILY_IPV4])
            test_evidence(j->r, t, &ev);
    }
    snprintf(what, sizeof what, "more than %d name servers: those are not asked",
             NAMES_SERVERS_MAX);
    if (j->f->more_servers)
        test_evidence(j->r, t,
                      &(struct evidence){
                          .family = FAMILY_ASN, .asked = "NS", .whom = j->f->zone, .answer = what});
}

static void evidence_records(const struct judging *j, struct test *t)
{
    for (unsigned i = 0; i < j->f->server_count; i++) {
        const struct names_server *n = &j->f->servers[i];
        for (unsigned k = 0; k < n->address_count; k++) {
            const struct names_address *a = &n->addresses[k];
            char address[ADDRESS_TEXT_MAX], what[120];
            if (a->family != FAMILY_IPV6)
                continue;
            snprintf(what, sizeof what, "%s%s%s", address_format(a->family, a->address, address),
                     a->own ? ", in the DNS" : "", a->glue ? ", as glue" : "");
            test_evidence(j->r, t,
                          &(struct evidence){.family = FAMILY_ASN,
                                             .at = a->said[ASK_SOA].at,
                                             .asked = "AAAA",
                                             .whom = n->name,
                                             .answer = what});
        }
    }
}

// ---- is the name there, and do all zones have IPv6?

static void judge_resolves(const struct judging *j)
{
    const struct names_facts *f = j->f;
    struct test *t = result_test(j->r, TEST_NAMES_RESOLVES, f->domain);
    switch (f->exists) {
    case NAME_THERE:
        decide(j, t, VERDICT_PASS, NULL, NULL, NULL);
        break;
    case NAME_NOT_THERE:
        decide(j, t, VERDICT_FAIL, "names-not-there", f->domain, NULL);
        break;
    case NAME_FAILED:
        decide(j, t, VERDICT_FAIL, "names-failed", f->domain, f->exists_why);
        break;
    case NAME_SILENT:
        decide(j, t, VERDICT_NOT_TESTABLE, "any-unresolved", f->domain, f->exists_why);
        break;
    case NAME_OPTED_OUT:
        decide(j, t, VERDICT_NOT_TESTABLE, "any-opted-out", f->domain, NULL);
        break;
    case NAME_UNKNOWN:
        decide(j, t, VERDICT_NOT_TESTABLE, "any-no-patience", NULL, NULL);
    }
}

static bool has_use(const struct names_address *a)
{
    return a->family == FAMILY_IPV6 && a->oddity == ODDITY_NONE && a->own;
}

static bool server_has_ipv6(const struct names_server *n)
{
    bool has = false;
    for (unsigned i = 0; i < n->address_count; i++)
        has |= has_use(&n->addresses[i]) ||
               (n->unresolved && n->addresses[i].glue && n->addresses[i].family == FAMILY_IPV6 &&
                n->addresses[i].oddity == ODDITY_NONE);
    return has;
}

static unsigned servers_with_ipv6(const struct names_facts *f)
{
    unsigned count = 0;
    for (unsigned i = 0; i < f->server_count; i++)
        count += server_has_ipv6(&f->servers[i]);
    return count;
}

static void list_add(char list[LIST_MAX], const char *name)
{
    size_t have = strlen(list);
    snprintf(list + have, LIST_MAX - have, "%s%s", have ? ", " : "", name);
}

// Servers that the zone above names and the zone does not, or the other way round.
static void one_sided(const struct names_facts *f, char list[LIST_MAX])
{
    bool own = false;
    for (unsigned i = 0; i < f->server_count; i++)
        own |= f->servers[i].own;
    if (!f->delegation_known || !own || f->more_servers)
        return;
    for (unsigned i = 0; i < f->server_count; i++)
        if (f->servers[i].above != f->servers[i].own)
            list_add(list, f->servers[i].name);
}

static void judge_delegation(const struct judging *j)
{
    const struct names_facts *f = j->f;
    struct test *t = result_test(j->r, TEST_NAMES_DELEGATION, f->domain);
    char list[LIST_MAX] = "";
    for (unsigned i = 0; i < f->zone_count; i++) {
        const char *only = f->zones[i].one_sided;
        char what[EVIDENCE_ANSWER_MAX];
        snprintf(what, sizeof what, "%u name servers, %u with IPv6%s%.200s", f->zones[i].servers,
                 f->zones[i].with_ipv6, *only ? "; only it or only the zone above names " : "",
                 only);
        test_evidence(j->r, t,
                      &(struct evidence){.family = FAMILY_ASN,
                                         .asked = "NS, AAAA",
                                         .whom = f->zones[i].name,
                                         .answer = what});
    }
    if (decided_early(j, t, false))
        return;
    for (unsigned i = 0; i < f->zone_count; i++)
        if (!f->zones[i].unknown && f->zones[i].with_ipv6 == 0) {
            decide(j, t, VERDICT_NONE, "names-zone-without", f->zones[i].name, NULL);
            return;
        }
    if (servers_with_ipv6(f) == 0) {
        decide_all(j, t, VERDICT_NONE, "names-zone-without", f->zone, NULL);
        return;
    }
    for (unsigned i = 0; i < f->zone_count; i++)
        if (f->zones[i].unknown) {
            decide(j, t, VERDICT_NOT_TESTABLE, "names-zone-unknown", f->zones[i].name, NULL);
            return;
        }
    one_sided(f, list);
    if (*list)
        decide(j, t, VERDICT_PARTIAL, "names-delegation-differs", f->zone, list);
    else
        decide(j, t, VERDICT_PASS, NULL, NULL, NULL);
}

// ---- addresses of the zone's servers

static const struct names_address *odd_address(const struct names_facts *f,
                                               const struct names_server **ret)
{
    for (unsigned i = 0; i < f->server_count; i++)
        for (unsigned k = 0; k < f->servers[i].address_count; k++) {
            const struct names_address *a = &f->servers[i].addresses[k];
            if (a->family == FAMILY_IPV6 && a->oddity != ODDITY_NONE) {
                *ret = &f->servers[i];
                return a;
            }
        }
    return NULL;
}

static const char *alias_among(const struct names_facts *f)
{
    for (unsigned i = 0; i < f->server_count; i++)
        if (f->servers[i].alias)
            return f->servers[i].name;
    return NULL;
}

static void judge_aaaa(const struct judging *j)
{
    const struct names_facts *f = j->f;
    struct test *t = test_add(j, TEST_NAMES_AAAA);
    const struct names_server *odd_server = NULL;
    char without[LIST_MAX] = "", count[16], odd[120], address[ADDRESS_TEXT_MAX];
    evidence_records(j, t);
    evidence_unasked(j, t);
    if (decided_early(j, t, false))
        return;
    unsigned with = servers_with_ipv6(f);
    const char *alias = alias_among(f);
    const struct names_address *a = odd_address(f, &odd_server);
    for (unsigned i = 0; i < f->server_count; i++)
        if (!server_has_ipv6(&f->servers[i]) && !f->servers[i].opted_out)
            list_add(without, f->servers[i].name);
    snprintf(count, sizeof count, "%u", f->server_count);
    if (t)
        t->value = with;
    if (a) {
        snprintf(odd, sizeof odd, "%s, %s", address_format(a->family, a->address, address),
                 oddity_name(a->oddity));
        decide(j, t, with > 0 ? VERDICT_PARTIAL : VERDICT_FAIL, "names-odd-address",
               odd_server->name, odd);
    } else if (with == 0) {
        decide_all(j, t, VERDICT_NONE, "names-none-aaaa", f->zone, count);
    } else if (alias) {
        decide(j, t, with > 1 ? VERDICT_PARTIAL : VERDICT_FAIL, "names-server-alias", alias, NULL);
    } else if (*without) {
        decide(j, t, VERDICT_PARTIAL, "names-some-aaaa", without, NULL);
    } else {
        decide_all(j, t, VERDICT_PASS, NULL, NULL, NULL);
    }
}

// ---- glue

struct glue {
    unsigned inside, with, fine;
    const char *missing, *differs, *unseen;
};

static void glue_look(const struct names_server *n, struct glue *g)
{
    unsigned own = 0, glue = 0, both = 0;
    if (!n->inside || !n->above)
        return;
    g->inside++;
    for (unsigned i = 0; i < n->address_count; i++) {
        const struct names_address *a = &n->addresses[i];
        if (a->family != FAMILY_IPV6)
            continue;
        own += a->own;
        glue += a->glue;
        both += a->own && a->glue;
    }
    if (own == 0 && n->unresolved)
        g->unseen = n->name;
    if (own == 0 && (glue == 0 || n->unresolved))
        return;
    g->with++;
    if (glue == 0)
        g->missing = g->missing ? g->missing : n->name;
    else if (both < own || both < glue)
        g->differs = g->differs ? g->differs : n->name;
    else
        g->fine++;
}

static void judge_glue(const struct judging *j)
{
    const struct names_facts *f = j->f;
    struct test *t = test_add(j, TEST_NAMES_GLUE);
    struct glue g = {0};
    evidence_records(j, t);
    evidence_unasked(j, t);
    if (decided_early(j, t, false))
        return;
    for (unsigned i = 0; i < f->server_count; i++)
        glue_look(&f->servers[i], &g);
    enum verdict bad = g.fine > 0 ? VERDICT_PARTIAL : VERDICT_FAIL;
    if (!f->delegation_known && f->same_above)
        decide(j, t, VERDICT_NOT_APPLICABLE, "names-parent-same", NULL, NULL);
    else if (!f->delegation_known)
        decide(j, t, VERDICT_NOT_TESTABLE, "names-delegation-unseen", f->zone, NULL);
    else if (g.inside == 0)
        decide(j, t, VERDICT_NOT_APPLICABLE, "names-no-inside", NULL, NULL);
    else if (opted_out(f) && !g.missing && !g.differs)
        decide(j, t, VERDICT_NOT_TESTABLE, "any-opted-out", opted_out(f)->name, NULL);
    else if (g.unseen && !g.missing && !g.differs)
        decide(j, t, VERDICT_NOT_TESTABLE, "names-server-unresolved", g.unseen, NULL);
    else if (g.with == 0)
        decide(j, t, VERDICT_NONE, "names-inside-no-aaaa", NULL, NULL);
    else if (g.missing)
        decide(j, t, bad, "names-glue-missing", g.missing, NULL);
    else if (g.differs)
        decide(j, t, bad, "names-glue-differs", g.differs, NULL);
    else
        decide_all(j, t, VERDICT_PASS, NULL, NULL, NULL);
}

// ---- what addresses answer

struct tally {
    unsigned fine, bad, silent; // of IPv6
    unsigned four_spoke;        // of IPv4: anything but silence
    const struct names_server *server;
    const struct names_address *first; // that is bad
};

static bool spoke(enum said s)
{
    return s == SAID_ANSWER || s == SAID_SHORT || s == SAID_LAME || s == SAID_ERROR ||
           s == SAID_CLOSED || s == SAID_MALFORMED;
}

// The zone's SOA record came; a server that denies the zone does not serve it.
static bool serves(const struct said_once *s)
{
    return s->said == SAID_ANSWER && s->rcode == DNS_RCODE_NOERROR;
}

static struct tally tally_of(const struct judging *j, struct test *t, unsigned kind)
{
    struct tally n = {0};
    for (unsigned i = 0; i < j->f->server_count; i++) {
        const struct names_server *s = &j->f->servers[i];
        for (unsigned k = 0; k < s->address_count; k++) {
            const struct names_address *a = &s->addresses[k];
            enum said said = a->said[kind].said;
            if (said == SAID_NOTHING)
                continue;
            evidence_add(j, t, s, a, kind);
            if (a->family == FAMILY_IPV4) {
                n.four_spoke += spoke(a->said[ASK_SOA].said) || spoke(a->said[ASK_TCP].said);
                continue;
            }
            bool fine = serves(&a->said[kind]) || (said == SAID_SHORT && kind == ASK_SOA);
            fine &= a->edns != EDNS_SILENT; // resolvers of today ask with EDNS
            n.fine += fine;
            n.bad += !fine;
            n.silent += !spoke(a->said[ASK_SOA].said) && !spoke(a->said[ASK_TCP].said);
            if (!fine && !n.first) {
                n.first = a;
                n.server = s;
            }
        }
    }
    return n;
}

static bool has_ipv4(const struct names_facts *f)
{
    for (unsigned i = 0; i < f->server_count; i++)
        for (unsigned k = 0; k < f->servers[i].address_count; k++)
            if (f->servers[i].addresses[k].family == FAMILY_IPV4)
                return true;
    return false;
}

// All silent over IPv6, and whether it is IPv6 that fails cannot be seen: IPv4 is silent too.
static bool nobody_speaks(const struct judging *j, const struct tally *n)
{
    return n->fine == 0 && n->silent == n->bad && n->four_spoke == 0 &&
           (!j->f->ipv4_here || has_ipv4(j->f));
}

static void judge_kind(const struct judging *j, enum test_kind test, unsigned kind)
{
    struct test *t = test_add(j, test);
    struct tally n = tally_of(j, t, kind);
    char whom[300], what[80], count[16];
    evidence_unasked(j, t);
    if (decided_early(j, t, true))
        return;
    snprintf(count, sizeof count, "%u", j->f->server_count);
    if (t)
        t->value = n.fine;
    if (n.fine + n.bad == 0) {
        const struct names_server *odd = NULL;
        if (odd_address(j->f, &odd))
            decide(j, t, VERDICT_FAIL, "names-odd-address", odd->name, "");
        else
            decide_all(j, t, VERDICT_NONE, "names-none-aaaa", j->f->zone, count);
    } else if (n.bad == 0) {
        decide_all(j, t, VERDICT_PASS, NULL, NULL, NULL);
    } else if (nobody_speaks(j, &n)) {
        decide(j, t, VERDICT_NOT_TESTABLE, "any-silent", j->f->zone, NULL);
    } else {
        enum said s = n.first->said[kind].said;
        bool mute = n.first->edns == EDNS_SILENT;
        bool lame = !mute && (s == SAID_LAME || s == SAID_ERROR || s == SAID_ANSWER);
        const char *reason = lame ? "names-lame" : kind == ASK_TCP ? "names-tcp" : "names-udp";
        what_text(n.first, kind, what, sizeof what);
        if (mute)
            snprintf(what, sizeof what, "EDNS, %s", said_text(SAID_SILENT));
        decide(j, t, n.fine > 0 ? VERDICT_PARTIAL : VERDICT_FAIL, reason,
               whom_text(n.server, n.first, whom, sizeof whom), what);
    }
}

// ---- large answers

// Filters may mind long names as such: what is lost counts where it arrives over IPv4.
static bool long_arrives_over_ipv4(const struct names_facts *f)
{
    for (unsigned i = 0; i < f->server_count; i++)
        for (unsigned k = 0; k < f->servers[i].address_count; k++) {
            const struct names_address *a = &f->servers[i].addresses[k];
            if (a->family == FAMILY_IPV4 && a->said[ASK_LONG].said == SAID_ANSWER)
                return true;
        }
    return false;
}

static bool arrives(const struct names_address *a, bool long_over_ipv4, unsigned *ret_kind)
{
    for (unsigned kind = ASK_512; kind <= ASK_LARGE; kind++) {
        enum said s = a->said[kind].said;
        *ret_kind = kind;
        if (kind == ASK_LONG && !long_over_ipv4)
            continue;
        if (s == SAID_SILENT || s == SAID_UNREACHABLE || s == SAID_MALFORMED || s == SAID_CLOSED ||
            s == SAID_NO_ROUTE)
            return false;
    }
    return true;
}

// Of the IPv6 addresses that were asked: where large answers arrive, and the first where not.
struct large {
    unsigned fine, bad, where;
    const struct names_server *server;
    const struct names_address *first;
};

static struct large large_of(const struct names_facts *f)
{
    struct large n = {0};
    unsigned kind;
    bool long_over_ipv4 = long_arrives_over_ipv4(f);
    for (unsigned i = 0; i < f->server_count; i++)
        for (unsigned k = 0; k < f->servers[i].address_count; k++) {
            const struct names_address *a = &f->servers[i].addresses[k];
            if (a->family != FAMILY_IPV6 || a->said[ASK_512].said == SAID_NOTHING)
                continue;
            bool ok = arrives(a, long_over_ipv4, &kind);
            n.fine += ok;
            n.bad += !ok;
            if (!ok && !n.first) {
                n.first = a;
                n.server = &f->servers[i];
                n.where = kind;
            }
        }
    return n;
}

static void judge_edns(const struct judging *j)
{
    struct test *t = test_add(j, TEST_NAMES_EDNS);
    struct large n = large_of(j->f);
    char whom[300], what[80], both[200];
    for (unsigned i = 0; i < j->f->server_count; i++)
        for (unsigned k = 0; k < j->f->servers[i].address_count; k++)
            for (unsigned q = ASK_512; q <= ASK_LARGE; q++)
                evidence_add(j, t, &j->f->servers[i], &j->f->servers[i].addresses[k], q);
    evidence_unasked(j, t);
    if (decided_early(j, t, true))
        return;
    if (n.fine + n.bad == 0) {
        bool none = servers_with_ipv6(j->f) == 0;
        decide_all(j, t, none ? VERDICT_NONE : VERDICT_NOT_TESTABLE,
                   none ? "names-none-aaaa" : "names-nothing-compared", j->f->zone, "");
    } else if (n.bad == 0) {
        decide_all(j, t, VERDICT_PASS, NULL, NULL, NULL);
    } else {
        what_text(n.first, n.where, what, sizeof what);
        bool edns = n.first->edns == EDNS_SILENT;
        snprintf(both, sizeof both, "%s%s: %s", edns ? "EDNS, " : "", asked_texts[n.where], what);
        decide(j, t, n.fine > 0 ? VERDICT_PARTIAL : VERDICT_FAIL,
               edns                   ? "names-udp"
               : n.where == ASK_LARGE ? "names-large-no-tcp"
                                      : "names-large",
               whom_text(n.server, n.first, whom, sizeof whom), both);
    }
}

// ---- the same everywhere?

static const char *const set_names[ASK_SAME_COUNT] = {"NS", "A", "AAAA", "MX"};

// What two addresses say differently; NULL: nothing.
static const char *difference(const struct names_address *a, const struct names_address *b)
{
    for (unsigned i = 0; i < ASK_SAME_COUNT; i++)
        if (a->digests[i] && b->digests[i] && a->digests[i] != b->digests[i])
            return set_names[i];
    return a->serial != b->serial ? "SOA" : NULL;
}

struct same {
    unsigned six, four;
    const struct names_address *first, *other;
    const struct names_server *other_server;
    const char *what;
    bool within_family; // two addresses of one family differ
    bool across;
};

static const struct names_address *address_at(const struct names_facts *f, unsigned *i, unsigned *k)
{
    for (; *i < f->server_count; (*i)++, *k = 0)
        for (; *k < f->servers[*i].address_count; (*k)++)
            if (f->servers[*i].addresses[*k].said[ASK_SOA].said == SAID_ANSWER)
                return &f->servers[*i].addresses[*k];
    return NULL;
}

static struct same same_of(const struct names_facts *f)
{
    struct same s = {0};
    const struct names_address *of[2] = {NULL, NULL}, *a;
    for (unsigned i = 0, k = 0; (a = address_at(f, &i, &k)); k++) {
        s.six += a->family == FAMILY_IPV6;
        s.four += a->family == FAMILY_IPV4;
        const char *what;
        if (of[a->family] && (what = difference(of[a->family], a))) {
            s.within_family = true;
            s.what = s.what ? s.what : what;
            s.other = s.other ? s.other : a;
            s.other_server = s.other_server ? s.other_server : &f->servers[i];
        }
        if (!of[a->family])
            of[a->family] = a;
    }
    if (of[0] && of[1] && !s.what && (s.what = difference(of[0], of[1])))
        s.across = true;
    return s;
}

bool names_differ(const struct names_facts *f)
{
    return same_of(f).what;
}

static void judge_same(const struct judging *j)
{
    const struct names_facts *f = j->f;
    struct test *t = test_add(j, TEST_NAMES_SAME);
    struct same s = same_of(f);
    char whom[300];
    for (unsigned i = 0; i < f->server_count; i++)
        for (unsigned k = 0; k < f->servers[i].address_count; k++)
            evidence_add(j, t, &f->servers[i], &f->servers[i].addresses[k], ASK_SOA);
    evidence_unasked(j, t);
    if (decided_early(j, t, true))
        return;
    if (servers_with_ipv6(f) == 0)
        decide_all(j, t, VERDICT_NONE, "names-none-aaaa", f->zone, "");
    else if (s.six == 0)
        decide(j, t, VERDICT_NOT_TESTABLE, "names-nothing-compared", NULL, NULL);
    else if (s.across)
        decide(j, t, VERDICT_FAIL, "names-families-differ", s.what, NULL);
    else if (s.within_family)
        decide(j, t, VERDICT_PARTIAL, "names-servers-differ", s.what,
               whom_text(s.other_server, s.other, whom, sizeof whom));
    else if (s.four == 0 && !f->ipv4_here && has_ipv4(f))
        decide(j, t, VERDICT_NOT_TESTABLE, "any-no-ipv4-here", NULL, NULL);
    else
        decide_all(j, t, VERDICT_PASS, NULL, NULL, NULL);
}

// ---- with IPv6 only; signatures

// Of every IPv6 address: whoever validates does not get the keys.
static bool large_is_lost(const struct names_facts *f)
{
    struct large n = large_of(f);
    return n.fine == 0 && n.bad > 0;
}

static void judge_only_ipv6(const struct judging *j)
{
    const struct names_facts *f = j->f;
    struct test *t = result_test(j->r, TEST_NAMES_IPV6_ONLY, f->domain);
    if (f->only_ipv6_asked)
        test_evidence(j->r, t, &f->only_ipv6);
    const struct names_server *odd; // what is published and of no use is broken, not missing
    bool without =
        f->zone && f->server_count > 0 && servers_with_ipv6(f) == 0 && !odd_address(f, &odd);
    if (f->exists == NAME_NOT_THERE)
        decide(j, t, VERDICT_NOT_APPLICABLE, "names-not-there", f->domain, NULL);
    else if (!f->ipv6_here)
        decide(j, t, VERDICT_NOT_TESTABLE, "any-no-ipv6-here", NULL, NULL);
    else if (!f->only_ipv6_asked)
        decide(j, t, VERDICT_NOT_TESTABLE, "any-no-patience", NULL, NULL);
    else if (f->only_ipv6_found && f->secure && large_is_lost(f))
        decide(j, t, VERDICT_PARTIAL, "names-ipv6-only-keys", f->zone, NULL);
    else if (f->only_ipv6_found)
        decide(j, t, VERDICT_PASS, NULL, NULL, NULL);
    else if (f->only_ipv6_opted_out)
        decide(j, t, VERDICT_NOT_TESTABLE, "any-opted-out", f->domain, NULL);
    else if (f->only_ipv6_silent && f->exists == NAME_SILENT)
        decide(j, t, VERDICT_NOT_TESTABLE, "any-unresolved", f->domain, f->exists_why);
    else
        decide(j, t, without ? VERDICT_NONE : VERDICT_FAIL, "names-ipv6-only", f->only_ipv6_why,
               NULL);
}

static void judge_dnssec(const struct judging *j)
{
    const struct names_facts *f = j->f;
    if (!f->dnssec_wanted)
        return;
    struct test *t = result_test(j->r, TEST_NAMES_DNSSEC, f->domain);
    test_evidence(j->r, t,
                  &(struct evidence){.family = FAMILY_ASN,
                                     .asked = "AAAA, with validation",
                                     .whom = f->domain,
                                     .answer = f->secure         ? "secure"
                                               : f->bogus        ? f->dnssec_why
                                               : f->dnssec_known ? "insecure"
                                                                 : f->dnssec_why});
    if (f->bogus)
        decide(j, t, VERDICT_FAIL, "names-bogus", f->dnssec_why, NULL);
    else if (!f->dnssec_known && f->impatient)
        decide(j, t, VERDICT_NOT_TESTABLE, "any-no-patience", NULL, NULL);
    else if (f->dnssec_opted_out)
        decide(j, t, VERDICT_NOT_TESTABLE, "any-opted-out", f->domain, NULL);
    else if (!f->dnssec_known)
        decide(j, t, VERDICT_NOT_TESTABLE, "any-unresolved", f->domain, f->dnssec_why);
    else if (f->secure)
        decide(j, t, VERDICT_PASS, NULL, NULL, NULL);
    else
        decide(j, t, VERDICT_NOT_APPLICABLE, "names-unsigned", NULL, NULL);
}

// ---- counts

static struct nist_count count_of(const struct names_facts *f)
{
    struct nist_count c = {.interfaces = f->server_count,
                           .with_aaaa = servers_with_ipv6(f),
                           .intended = f->exists != NAME_NOT_THERE};
    for (unsigned i = 0; i < f->server_count; i++) {
        bool reached = false, works = false, broken = false;
        for (unsigned k = 0; k < f->servers[i].address_count; k++) {
            const struct names_address *a = &f->servers[i].addresses[k];
            if (a->family != FAMILY_IPV6)
                continue;
            reached |= spoke(a->said[ASK_SOA].said) || spoke(a->said[ASK_TCP].said);
            bool whole = serves(&a->said[ASK_SOA]) && serves(&a->said[ASK_TCP]);
            works |= whole;
            broken |= !whole;
        }
        c.reached += reached;
        c.operational += works && !broken;
        c.partly += works && broken;
    }
    return c;
}

void names_judge(const struct names_facts *f, struct result *r)
{
    const struct judging j = {f, r};
    judge_resolves(&j);
    judge_delegation(&j);
    judge_aaaa(&j);
    judge_glue(&j);
    judge_kind(&j, TEST_NAMES_UDP, ASK_SOA);
    judge_kind(&j, TEST_NAMES_TCP, ASK_TCP);
    judge_edns(&j);
    judge_same(&j);
    judge_only_ipv6(&j);
    judge_dnssec(&j);
    r->scores.dns = count_of(f);
}
