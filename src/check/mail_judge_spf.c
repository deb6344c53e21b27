// SPDX-License-Identifier: Apache-2.0
//
// SPF: the exchangers' IPv6 addresses against their IPv4 addresses. Many domains let others send
// for them than those that take their mail; then it counts whether anything in the record allows
// an address of IPv6.

#include "check/mail_judge.h"

struct sums {
    unsigned done[2], results[2][SPF_RESULT_COUNT]; // by family
    unsigned covers[2];
    bool depends;
    const struct mail_spf *bad, *error, *temporary; // of IPv6: the first that is not allowed
};

static struct sums sums_of(const struct mail_facts *f)
{
    struct sums s = {0};
    for (size_t i = 0; i < f->spf_count; i++) {
        const struct mail_spf *spf = &f->spf[i];
        enum spf_result result = spf->found.result;
        if (!spf->done)
            continue;
        s.done[spf->family]++;
        s.results[spf->family][result]++;
        for (int family = 0; family < 2; family++)
            if (spf->found.covers[family] > s.covers[family])
                s.covers[family] = spf->found.covers[family];
        s.depends |= spf->found.depends;
        if (result == SPF_PERMERROR && !s.error)
            s.error = spf;
        if (result == SPF_TEMPERROR && !s.temporary)
            s.temporary = spf;
        if (spf->family == FAMILY_IPV6 && result != SPF_PASS && !s.bad)
            s.bad = spf;
    }
    return s;
}

// The exchangers themselves are not among the senders: who is?
static struct mail_state judge_senders(const struct mail_facts *f, const struct sums *s)
{
    if (s->covers[FAMILY_IPV6] > 0)
        return mail_state(VERDICT_PASS, NULL, "", "");
    if (s->depends)
        return mail_state(VERDICT_NOT_TESTABLE, "mail-spf-depends", f->domain, "");
    if (s->covers[FAMILY_IPV4] > 0)
        return mail_state(VERDICT_NONE, "mail-spf-ipv4-only", f->domain, "");
    if (s->results[FAMILY_IPV6][SPF_NEUTRAL] > 0)
        return mail_state(VERDICT_PASS, NULL, "", "");
    return mail_state(VERDICT_NOT_APPLICABLE, "mail-spf-nobody", f->domain, "");
}

static const char *no_ipv6(const struct mail_facts *f, bool *ret_unresolved)
{
    const char *name = "";
    *ret_unresolved = false;
    for (size_t i = 0; i < f->count; i++) {
        const struct mail_host *h = f->exchangers[i].host;
        if (!h)
            continue;
        name = name[0] ? name : h->name;
        *ret_unresolved |= !mail_has_no_record(&h->lookups[FAMILY_IPV6]);
    }
    return name;
}

static struct mail_state judge_without_addresses(const struct mail_facts *f)
{
    bool unresolved;
    const char *name = no_ipv6(f, &unresolved);
    if (!name[0])
        return mail_state(VERDICT_NOT_APPLICABLE, "mail-no-server", "", "");
    if (unresolved)
        return mail_state(VERDICT_NOT_TESTABLE, "mail-spf-unasked", "", "");
    return mail_state(VERDICT_NONE, "mail-no-ipv6", name, "");
}

static const struct mail_host *unresolved(const struct mail_facts *f)
{
    for (size_t i = 0; i < f->count; i++)
        if (f->exchangers[i].host &&
            mail_lookup_failed(&f->exchangers[i].host->lookups[FAMILY_IPV6]))
            return f->exchangers[i].host;
    return NULL;
}

struct mail_state mail_judge_spf(const struct mail_facts *f)
{
    struct sums s = sums_of(f);
    unsigned six = s.done[FAMILY_IPV6], allowed = s.results[FAMILY_IPV6][SPF_PASS];
    if (s.error)
        return mail_state(VERDICT_FAIL, "mail-spf-broken", f->domain, s.error->found.why);
    if (six == 0)
        return judge_without_addresses(f);
    if (s.temporary)
        return mail_state(VERDICT_NOT_TESTABLE, "mail-spf-unknown", f->domain,
                          s.temporary->found.why);
    if (s.results[FAMILY_IPV6][SPF_NONE] > 0)
        return mail_state(VERDICT_NOT_APPLICABLE, "mail-spf-none", f->domain, "");
    const struct mail_host *unknown = unresolved(f);
    if (allowed == six && unknown)
        return mail_unresolved(&unknown->lookups[FAMILY_IPV6], unknown->name);
    if (allowed == six)
        return mail_state(VERDICT_PASS, NULL, "", "");
    if (s.results[FAMILY_IPV4][SPF_PASS] == 0 && allowed == 0)
        return judge_senders(f, &s);
    return mail_state(allowed > 0 ? VERDICT_PARTIAL : VERDICT_FAIL, "mail-spf-forgets", s.bad->host,
                      spf_result_name(s.bad->found.result));
}
