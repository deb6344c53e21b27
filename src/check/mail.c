// SPDX-License-Identifier: Apache-2.0
//
// The mail part of a check: MX, then each exchanger (mail_hosts.c), and SPF once their addresses
// are known; then the judges.

#include "check/mail.h"

#include <stdlib.h>
#include <string.h>

struct mail {
    struct domain *domain;
    struct mail_facts facts;
    struct mail_wish wishes[MAIL_MX_MAX];
    size_t unknown, left; // exchangers whose addresses are not known; that are not complete
    struct spf_check *spf;
    size_t spf_at;
    char *sender;
    bool spf_over, over;
};

static void finish(struct mail *m)
{
    m->over = true;
    mail_judge(&m->facts, &m->domain->result);
    domain_part_done(m->domain, &part_mail);
}

static char *keep(struct mail *m, const char *text)
{
    char *kept = arena_text(&m->domain->result.arena, text, strlen(text));
    m->domain->result.failed |= !kept;
    return kept;
}

// ---- SPF

static void spf_add(struct mail *m, const struct mail_host *h, enum family f)
{
    struct mail_facts *facts = &m->facts;
    for (size_t i = 0; i < h->count; i++) {
        const struct mail_address *a = &h->addresses[i];
        if (a->at.family != f || a->oddity != ODDITY_NONE || facts->spf_count == MAIL_SPF_MAX)
            continue;
        facts->spf[facts->spf_count++] =
            (struct mail_spf){.family = f, .address = a->at.address, .host = h->name};
        return; // one of each exchanger and family
    }
}

static void spf_next(struct mail *m);

static void spf_end(struct mail *m)
{
    m->spf_over = true;
    if (m->left == 0)
        finish(m);
}

static void spf_done(void *arg)
{
    struct mail *m = arg;
    struct mail_spf *s = &m->facts.spf[m->spf_at++];
    s->found = *spf_check_found(m->spf);
    s->done = true;
    spf_check_free(&m->spf);
    spf_next(m);
}

static void spf_next(struct mail *m)
{
    struct checker *c = m->domain->checker;
    if (m->spf_at == m->facts.spf_count) {
        spf_end(m);
        return;
    }
    struct mail_spf *s = &m->facts.spf[m->spf_at];
    struct spf_question q = {.events = c->events,
                             .resolver = c->resolver,
                             .family = s->family,
                             .address = s->address,
                             .domain = m->domain->name,
                             .sender = m->sender,
                             .helo = s->host,
                             .done = spf_done,
                             .arg = m};
    s->at = events_wall(c->events);
    if (spf_check_new(&q, &m->spf, NULL) != 0) {
        m->domain->result.failed = true;
        spf_end(m);
    }
}

static void spf_begin(struct mail *m)
{
    const struct mail_facts *f = &m->facts;
    m->sender = arena_format(&m->domain->result.arena, "postmaster@%s", m->domain->name);
    m->domain->result.failed |= !m->sender;
    if ((m->domain->checker->level & LEVEL_MAIL) && m->sender)
        for (enum family family = FAMILY_IPV6; family <= FAMILY_IPV4; family++)
            for (size_t i = 0; i < f->count && i < MAIL_SPF_MAX / 2; i++)
                if (f->exchangers[i].host)
                    spf_add(m, f->exchangers[i].host, family);
    spf_next(m);
}

// ---- exchangers

static void host_done(void *arg)
{
    struct mail *m = arg;
    if (--m->left == 0 && m->spf_over)
        finish(m);
}

static void host_known(void *arg)
{
    struct mail *m = arg;
    if (--m->unknown == 0)
        spf_begin(m);
}

static enum mail_exchanger_kind kind_of(const char *name)
{
    u128 six;
    uint32_t four;
    if (name[0] == '\0' || strcmp(name, ".") == 0)
        return EXCHANGER_ROOT;
    if (ipv4_parse(slice_of(name), &four) || ipv6_parse(slice_of(name), &six) || name[0] == '[')
        return EXCHANGER_LITERAL;
    return EXCHANGER_HOST;
}

// In the order of preference; what is beyond the limit is the least preferred.
static void exchanger_add(struct mail *m, uint16_t preference, const char *name)
{
    struct mail_facts *f = &m->facts;
    for (size_t i = 0; i < f->count; i++)
        if (strcmp(f->exchangers[i].name, name) == 0)
            return;
    size_t at = f->count;
    while (at > 0 && f->exchangers[at - 1].preference > preference)
        at--;
    if (f->count == MAIL_MX_MAX) {
        f->left_out++;
        if (at == f->count)
            return;
        f->count--;
    }
    memmove(&f->exchangers[at + 1], &f->exchangers[at], (f->count - at) * sizeof *f->exchangers);
    f->exchangers[at] =
        (struct mail_exchanger){.preference = preference, .kind = kind_of(name), .name = name};
    f->count++;
}

static void exchangers_begin(struct mail *m)
{
    struct checker *c = m->domain->checker;
    m->unknown = m->left = 1; // until all have begun
    mail_hosts_here(c->mail, c->ipv4_here, c->ipv6_here);
    for (size_t i = 0; i < m->facts.count; i++) {
        struct mail_exchanger *x = &m->facts.exchangers[i];
        if (x->kind != EXCHANGER_HOST)
            continue;
        m->wishes[i] = (struct mail_wish){.known = host_known, .done = host_done, .arg = m};
        if (mail_hosts_want(c->mail, &m->wishes[i], x->name, NULL) != 0)
            m->domain->result.failed = true;
        else {
            m->unknown++;
            m->left++;
        }
        x->host = m->wishes[i].host;
    }
    host_known(m);
    host_done(m);
}

static void on_mx(void *arg, const struct lookup *l)
{
    struct mail *m = arg;
    mail_lookup_keep(&m->facts.mx, l);
    for (size_t i = 0; l->status == LOOKUP_FOUND && i < l->count; i++) {
        const char *name = l->data[i].name ? keep(m, l->data[i].name) : NULL;
        if (name)
            exchanger_add(m, l->data[i].preference, name);
    }
    if (l->status == LOOKUP_NO_DATA) {
        m->facts.implicit = true;
        exchanger_add(m, 0, m->domain->name);
    }
    exchangers_begin(m);
}

// ---- the part

static int mail_start(struct domain *d, void **ret_state, struct err *e)
{
    const struct checker *c = d->checker;
    struct mail *m = calloc(1, sizeof *m);
    if (!m)
        return err_memory(e);
    m->domain = d;
    m->facts = (struct mail_facts){
        .domain = d->name, .level = c->level, .ipv4_here = c->ipv4_here, .ipv6_here = c->ipv6_here};
    *ret_state = m;
    resolver_ask(c->resolver, d->name, DNS_TYPE_MX, RESOLVE_BOTH, false, on_mx, m);
    return 0;
}

static void leave(struct mail *m)
{
    struct checker *c = m->domain->checker;
    resolver_forget(c->resolver, m);
    spf_check_free(&m->spf);
    for (size_t i = 0; i < MAIL_MX_MAX; i++)
        mail_hosts_leave(c->mail, &m->wishes[i]);
}

static void mail_stop(struct domain *d, void *state)
{
    struct mail *m = state;
    if (!m->over)
        mail_judge(&m->facts, &d->result);
    m->over = true;
    leave(m);
}

static void mail_drop(struct domain *d, void *state)
{
    (void)d;
    leave(state);
    free(state);
}

const struct part part_mail = {
    .name = "mail",
    .levels = LEVEL_CONNECT | LEVEL_MAIL,
    .start = mail_start,
    .stop = mail_stop,
    .drop = mail_drop,
};

int checker_mail_open(struct checker *c, struct err *e)
{
    struct mail_world w = {.events = c->events,
                           .resolver = c->resolver,
                           .gate = c->gate,
                           .guard = &c->guard,
                           .context = trust_context(c->trust),
                           .level = c->level,
                           .port = MAIL_PORT,
                           .timeout = c->timeout};
    return mail_hosts_new(&w, &c->mail, e);
}

void checker_mail_close(struct checker *c)
{
    mail_hosts_free(&c->mail);
}
