// SPDX-License-Identifier: Apache-2.0
//
// Lookups with validation: libunbound asks and judges, in its own thread; its descriptor says in
// our loop when answers are there. One context for each choice of families.

#include "check/resolver_parts.h"

#include "base/file.h"
#include "check/opt_out.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unbound.h>

struct validator {
    struct inner *resolver;
    struct ub_ctx *context;
    int fd;
    unsigned waiting;
};

static void answers_take(void *arg, unsigned what)
{
    struct validator *v = arg;
    (void)what;
    ub_process(v->context);
}

static bool option(struct validator *v, const char *name, const char *value)
{
    return ub_ctx_set_option(v->context, name, value) == 0;
}

static bool hints_set(struct validator *v)
{
    const struct root_hints *h = v->resolver->hints;
    bool fine = true;
    for (size_t i = 0; fine && i < h->count; i++) {
        char text[ADDRESS_TEXT_MAX + 8];
        address_format(h->at[i].family, h->at[i].address, text);
        if (v->resolver->port != DNS_PORT)
            snprintf(text + strlen(text), 8, "@%u", v->resolver->port);
        fine = ub_ctx_set_stub(v->context, ".", text, 1) == 0;
    }
    return fine;
}

static bool anchor_set(struct validator *v)
{
    char path[FILE_PATH_MAX];
    struct err e;
    if (v->resolver->trust_anchor)
        return ub_ctx_add_ta_file(v->context, v->resolver->trust_anchor) == 0;
    return file_find_data("dns/root-anchors.zone", path, &e) == 0 &&
           ub_ctx_add_ta_file(v->context, path) == 0;
}

static bool piece_set(const struct block *b, void *arg)
{
    char text[BLOCK_TEXT_MAX];
    return option(arg, "do-not-query-address:", block_format(b, text));
}

// What the guard keeps from, libunbound does not ask either. It knows no exceptions.
static bool guard_set(struct validator *v)
{
    const struct guard *g = v->resolver->guard;
    return !g || guard_each_piece(g, piece_set, v);
}

static bool validator_set(struct validator *v, unsigned families)
{
    struct err e;
    return option(v, "do-ip4:", families & RESOLVE_IPV4 ? "yes" : "no") &&
           option(v, "do-ip6:", families & RESOLVE_IPV6 ? "yes" : "no") &&
           option(v, "do-not-query-localhost:", "no") && option(v, "use-syslog:", "no") &&
           option(v, "qname-minimisation:", "no") &&
           // No zone of its own: reserved names are asked about as all others are.
           option(v, "unblock-lan-zones:", "yes") &&
           option(v, "local-zone:", "test. transparent") &&
           option(v, "local-zone:", "invalid. transparent") && option(v, "msg-cache-size:", "8m") &&
           option(v, "rrset-cache-size:", "16m") && hints_set(v) && anchor_set(v) && guard_set(v) &&
           ub_ctx_async(v->context, 1) == 0 && (v->fd = ub_fd(v->context)) >= 0 &&
           events_watch(v->resolver->events, v->fd, EVENT_READ, answers_take, v, &e) == 0;
}

static void validator_free(struct validator *v)
{
    if (v->fd >= 0)
        events_forget(v->resolver->events, v->fd);
    if (v->context)
        ub_ctx_delete(v->context);
    free(v);
}

static struct validator *validator_get(struct inner *r, unsigned families)
{
    struct validator *v = r->validators[families];
    if (v)
        return v;
    v = calloc(1, sizeof *v);
    if (!v)
        return NULL;
    *v = (struct validator){.resolver = r, .fd = -1, .context = ub_ctx_create()};
    if (v->context && validator_set(v, families))
        return r->validators[families] = v;
    validator_free(v);
    return NULL;
}

// ---- answers

static bool chain_read(struct job *j, const struct dns_message *m)
{
    struct dns_records all = dns_records_of(m);
    for (struct dns_record r; dns_record_next(&all, &r) && r.section == DNS_ANSWER;) {
        if (r.type != DNS_TYPE_CNAME || j->type == DNS_TYPE_CNAME)
            continue;
        const struct dns_name *last = j->alias_count ? &j->alias[j->alias_count - 1] : &j->name;
        struct dns_name target;
        if (!dns_record_owned_by(&r, last) || !dns_record_name(&r, &target))
            continue;
        if (j->alias_count == LOOKUP_CHAIN_MAX)
            return false;
        memcpy(&j->alias[j->alias_count++], &target, sizeof target);
        j->alias_ttl = r.ttl < j->alias_ttl ? r.ttl : j->alias_ttl;
    }
    return true;
}

static enum lookup_security security_of(const struct ub_result *u)
{
    return u->bogus ? LOOKUP_BOGUS : u->secure ? LOOKUP_SECURE : LOOKUP_INSECURE;
}

static void result_take(struct job *j, const struct ub_result *u)
{
    struct dns_message m;
    struct finding f = {.security = security_of(u), .ttl = u->ttl > 0 ? (uint32_t)u->ttl : 0};
    f.why = u->bogus && u->why_bogus ? u->why_bogus : "";
    if (u->rcode != DNS_RCODE_NOERROR && u->rcode != DNS_RCODE_NXDOMAIN && !u->bogus) {
        job_fail(j, LOOKUP_FAILED, false, "the validating resolver says %s",
                 dns_rcode_name((unsigned)u->rcode));
        return;
    }
    if (u->bogus || !u->answer_packet ||
        !dns_message_read(u->answer_packet, (size_t)u->answer_len, &m)) {
        f.status = LOOKUP_FAILED;
        job_finish(j, &f);
        return;
    }
    if (!chain_read(j, &m)) {
        job_fail(j, LOOKUP_BROKEN, false, "more than %d aliases (CNAME) in a row",
                 LOOKUP_CHAIN_MAX);
        return;
    }
    f.status = u->havedata ? LOOKUP_FOUND : u->nxdomain ? LOOKUP_NO_NAME : LOOKUP_NO_DATA;
    f.message = &m;
    f.owner = j->alias_count ? &j->alias[j->alias_count - 1] : &j->name;
    job_finish(j, &f);
}

static void resolved(void *arg, int error, struct ub_result *u)
{
    struct job *j = arg;
    j->validating = false;
    if (error || !u)
        job_fail(j, LOOKUP_FAILED, false, "the validating resolver: %s", ub_strerror(error));
    else
        result_take(j, u);
    ub_resolve_free(u);
}

static void validate(struct job *j)
{
    char name[DNS_TEXT_MAX];
    struct validator *v = validator_get(j->resolver, j->families);
    if (!v) {
        job_fail(j, LOOKUP_FAILED, false, "the validating resolver could not be set up");
        return;
    }
    int error = ub_resolve_async(v->context, dns_name_text(&j->name, name), j->type, DNS_CLASS_IN,
                                 j, resolved, &j->validation);
    if (error)
        job_fail(j, LOOKUP_FAILED, false, "the validating resolver: %s", ub_strerror(error));
    else
        j->validating = true;
}

// ---- who does not want to be asked

// libunbound knows servers by address alone: who leads to a name is looked at before it begins.
// `depth`: so often also who leads to the servers' own names.
static const struct dns_name *left_out_on_the_way(struct inner *r, const struct dns_name *n,
                                                  unsigned families, unsigned depth)
{
    struct zone *z = zone_nearest(r, n, families, false);
    for (; z != r->root[families]; z = zone_nearest(r, &z->name, families, true))
        for (unsigned i = 0; i < z->count; i++) {
            const struct dns_name *s = z->servers[i].name, *found = NULL;
            if (name_left_out(r, s))
                return s;
            if (depth > 0 && (found = left_out_on_the_way(r, s, families, depth - 1)))
                return found;
        }
    return NULL;
}

static void plain_known(void *arg, const struct lookup *l)
{
    struct job *j = arg;
    struct dns_name alias;
    j->waiting--;
    if (l->opted_out) {
        job_finish(j, &(struct finding){.status = LOOKUP_FAILED, .opted_out = true, .why = l->why});
        return;
    }
    const struct dns_name *who = left_out_on_the_way(j->resolver, &j->name, j->families, 1);
    for (size_t i = 0; !who && i < l->chain_count; i++)
        if (dns_name_parse(slice_of(l->chain[i]), &alias))
            who = left_out_on_the_way(j->resolver, &alias, j->families, 1);
    if (who)
        job_leave_out(j, who);
    else
        validate(j);
}

void secure_begin(struct job *j)
{
    struct inner *r = j->resolver;
    if (!r->opt_out || opt_out_count(r->opt_out) == 0)
        validate(j);
    else if (!job_wait(j, &j->name, j->type, false, plain_known))
        job_fail(j, LOOKUP_FAILED, false, "the validating resolver could not be set up");
}

void secure_cancel(struct job *j)
{
    ub_cancel(j->resolver->validators[j->families]->context, j->validation);
}

void secure_free(struct inner *r)
{
    for (int f = 0; f < 4; f++)
        if (r->validators[f])
            validator_free(r->validators[f]);
}
