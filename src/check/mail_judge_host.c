// SPDX-License-Identifier: Apache-2.0
//
// One exchanger, over IPv6 against over IPv4: what is broken over both cannot be told from what is
// out of reach from here.

#include "check/mail_judge.h"

#include <string.h>

static struct mail_state pass(void)
{
    return mail_state(VERDICT_PASS, NULL, "", "");
}

static const char *bad_text(const struct mail_address *a)
{
    return a->report.seen.code ? a->report.seen.text : smtp_greeting_text(a->report.seen.greeting);
}

// ---- greeting

static bool another_opens(const struct mail_facts *f, const struct mail_host *h)
{
    for (size_t i = 0; i < f->count; i++) {
        const struct mail_host *other = f->exchangers[i].host;
        if (other && other != h && mail_tally(other, FAMILY_IPV6, SMTP_OPEN).best >= SMTP_OPEN)
            return true;
    }
    return false;
}

static struct mail_state does_not_open(const struct mail_facts *f, const struct mail_host *h,
                                       const struct mail_tally *six, const struct mail_tally *four)
{
    bool silent = six->best == SMTP_SILENT;
    const char *reason = silent ? "mail-silent" : "mail-refused";
    bool known = four->best >= SMTP_OPEN;
    if (six->best == SMTP_UNASKED)
        return mail_state(VERDICT_NOT_TESTABLE, "mail-unasked", h->name, "");
    if (four->tried == 0)
        known = six->best == SMTP_REFUSED || another_opens(f, h);
    if (known)
        return mail_state(VERDICT_FAIL, reason, h->name, smtp_greeting_text(six->best));
    return mail_state(VERDICT_NOT_TESTABLE, "any-silent", h->name, "");
}

static struct mail_state does_not_greet(const struct mail_host *h, const struct mail_tally *six,
                                        const struct mail_tally *four)
{
    const char *text = bad_text(six->bad);
    // Every time, while IPv4 is greeted.
    bool always = six->best == SMTP_DEFERRED && six->bad->attempts >= MAIL_ATTEMPTS &&
                  four->best == SMTP_GREETED;
    bool denied = six->best == SMTP_DENIED || always;
    if (six->best == SMTP_DEFERRED && !always)
        return mail_state(VERDICT_NOT_TESTABLE, "mail-deferred", h->name, text);
    if (four->best == SMTP_GREETED)
        return mail_state(VERDICT_FAIL, denied ? "mail-denied" : "mail-no-greeting", h->name, text);
    if (four->tried > 0 || denied)
        return mail_state(VERDICT_NOT_TESTABLE, "mail-neither", h->name, text);
    return mail_state(VERDICT_FAIL, "mail-no-greeting", h->name, text);
}

struct mail_state mail_judge_greeting(const struct mail_facts *f, const struct mail_host *h)
{
    struct mail_state s;
    if (mail_host_decided(f, h, true, &s))
        return s;
    bool greets = (f->level & LEVEL_MAIL) != 0;
    struct mail_tally six = mail_tally(h, FAMILY_IPV6, greets ? SMTP_GREETED : SMTP_OPEN);
    struct mail_tally four = mail_tally(h, FAMILY_IPV4, SMTP_GREETED);
    if (six.tried == 0)
        return mail_state(VERDICT_NOT_TESTABLE, "any-no-patience", "", "");
    if (six.good == six.tried && !greets)
        return mail_state(VERDICT_NOT_TESTABLE, "mail-only-opened", h->name, "");
    if (six.good == six.tried)
        return pass();
    enum smtp_greeting bad = six.bad->report.seen.greeting;
    if (six.good > 0 && (bad == SMTP_DEFERRED || bad == SMTP_UNASKED))
        return mail_state(VERDICT_NOT_TESTABLE, "mail-deferred", h->name, bad_text(six.bad));
    if (six.good > 0)
        return mail_state(VERDICT_PARTIAL, "mail-some-addresses", h->name, bad_text(six.bad));
    return six.best < SMTP_OPEN ? does_not_open(f, h, &six, &four) : does_not_greet(h, &six, &four);
}

// ---- encryption

static bool encrypts(const struct mail_address *a)
{
    return a->report.seen.encryption == SMTP_TLS_WORKS;
}

static const struct mail_address *next_greeted(const struct mail_host *h, enum family f,
                                               const struct mail_address *a)
{
    size_t i = a ? (size_t)(a - h->addresses) + 1 : 0;
    for (; i < h->count; i++)
        if (h->addresses[i].at.family == f && h->addresses[i].report.seen.greeting == SMTP_GREETED)
            return &h->addresses[i];
    return NULL;
}

struct four {
    unsigned greeted, offered, encrypted;
    bool valid;
};

static struct four four_of(const struct mail_host *h)
{
    struct four four = {0};
    for (const struct mail_address *a = NULL; (a = next_greeted(h, FAMILY_IPV4, a));) {
        four.greeted++;
        four.offered += a->report.seen.encryption > SMTP_TLS_NOT_OFFERED;
        four.encrypted += encrypts(a);
        four.valid |= encrypts(a) && a->report.certificate.valid;
    }
    return four;
}

static bool shown_over_four(const struct mail_host *h, const uint8_t sha256[32])
{
    for (const struct mail_address *a = NULL; (a = next_greeted(h, FAMILY_IPV4, a));)
        if (a->report.certificate.shown && memcmp(a->report.certificate.sha256, sha256, 32) == 0)
            return true;
    return false;
}

static struct mail_state encrypted(const struct mail_host *h, const struct mail_address *a,
                                   const struct four *four)
{
    const struct certificate *c = &a->report.certificate;
    if (c->valid || four->encrypted == 0 || shown_over_four(h, c->sha256))
        return pass();
    if (four->valid)
        return mail_state(VERDICT_FAIL, "mail-certificate", h->name, c->why);
    return mail_state(VERDICT_PARTIAL, "mail-certificate-differs", h->name, "");
}

static struct mail_state encryption(const struct mail_host *h, const struct mail_address *a,
                                    const struct four *four)
{
    const char *why =
        a->report.why[0] ? a->report.why : smtp_encryption_text(a->report.seen.encryption);
    switch (a->report.seen.encryption) {
    case SMTP_TLS_WORKS:
        return encrypted(h, a, four);
    case SMTP_TLS_UNTRIED:
        return mail_state(VERDICT_NOT_TESTABLE, "any-not-asked", "", "");
    case SMTP_TLS_NOT_OFFERED:
        if (four->offered > 0)
            return mail_state(VERDICT_FAIL, "mail-starttls-ipv4-only", h->name, "");
        return mail_state(VERDICT_NOT_APPLICABLE, "mail-no-starttls", h->name, "");
    case SMTP_TLS_INJECTED:
        return mail_state(VERDICT_FAIL, "mail-starttls-injected", h->name, "");
    default:
        if (four->offered > 0 && four->encrypted == 0)
            return mail_state(VERDICT_NOT_TESTABLE, "mail-tls-neither", h->name, why);
        return mail_state(VERDICT_FAIL, "mail-tls-fails", h->name, why);
    }
}

struct mail_state mail_judge_starttls(const struct mail_facts *f, const struct mail_host *h)
{
    struct mail_state s, worst = pass();
    unsigned passed = 0, count = 0;
    if (mail_host_decided(f, h, true, &s))
        return s;
    struct four four = four_of(h);
    for (const struct mail_address *a = NULL; (a = next_greeted(h, FAMILY_IPV6, a)); count++) {
        s = encryption(h, a, &four);
        passed += s.verdict == VERDICT_PASS;
        if (s.verdict != VERDICT_PASS && (!worst.reason || s.verdict == VERDICT_FAIL))
            worst = s;
    }
    if (count == 0)
        return mail_state(VERDICT_NOT_TESTABLE, "mail-not-greeted", h->name, "");
    if (passed > 0 && worst.verdict == VERDICT_FAIL)
        worst.verdict = VERDICT_PARTIAL;
    return worst;
}

// ---- names of addresses

struct mail_state mail_judge_pointer(const struct mail_facts *f, const struct mail_host *h)
{
    struct mail_state s;
    if (mail_host_decided(f, h, false, &s))
        return s;
    unsigned back = 0, unknown = 0, count = 0;
    const struct mail_address *bad = NULL, *failed = NULL;
    for (size_t i = 0; i < h->count; i++) {
        const struct mail_address *a = &h->addresses[i];
        if (a->at.family != FAMILY_IPV6 || a->oddity != ODDITY_NONE)
            continue;
        count++;
        back += a->pointer == POINTER_BACK;
        unknown += a->pointer <= POINTER_UNKNOWN;
        if (a->pointer <= POINTER_UNKNOWN)
            failed = a;
        else if (a->pointer != POINTER_BACK && !bad)
            bad = a;
    }
    if (count == 0 && h->complete)
        return mail_state(VERDICT_NOT_TESTABLE, "any-private", h->name, "");
    if (bad)
        return mail_state(back > 0 ? VERDICT_PARTIAL : VERDICT_FAIL,
                          bad->pointer == POINTER_NONE ? "mail-ptr-none" : "mail-ptr-astray",
                          h->name, bad->pointer_name);
    if (unknown == 0 && count > 0)
        return pass();
    if (failed && failed->pointer == POINTER_UNKNOWN)
        return mail_state(VERDICT_NOT_TESTABLE, "mail-ptr-unknown", h->name,
                          failed->pointer_lookup.why);
    return mail_state(VERDICT_NOT_TESTABLE, "any-no-patience", "", "");
}

// ---- DANE

static bool dane_decided(const struct mail_host *h, struct mail_state *ret)
{
    const struct mail_lookup *l = &h->tlsa;
    if (!h->tlsa_asked)
        *ret = mail_state(VERDICT_NOT_TESTABLE, "any-not-asked", "", "");
    else if (!l->done)
        *ret = mail_state(VERDICT_NOT_TESTABLE, "any-no-patience", "", "");
    else if (l->security == LOOKUP_BOGUS)
        *ret = mail_state(VERDICT_FAIL, "mail-dane-bogus", h->name, l->why);
    else if (mail_has_no_record(l))
        *ret = mail_state(VERDICT_NOT_APPLICABLE, "mail-dane-none", h->name, "");
    else if (mail_lookup_failed(l))
        *ret = mail_unresolved(l, h->name);
    else if (l->security != LOOKUP_SECURE)
        *ret = mail_state(VERDICT_NOT_APPLICABLE, "mail-dane-insecure", h->name, "");
    else
        return false;
    return true;
}

static unsigned dane_matches(const struct mail_host *h, enum family f, unsigned *ret_count,
                             const struct mail_address **ret_bad)
{
    unsigned matches = 0;
    *ret_count = 0;
    *ret_bad = NULL;
    for (const struct mail_address *a = NULL; (a = next_greeted(h, f, a)); (*ret_count)++)
        if (a->report.dane == DANE_MATCHES)
            matches++;
        else if (!*ret_bad)
            *ret_bad = a;
    return matches;
}

static const char *dane_reason(const struct mail_address *bad, bool has_records,
                               unsigned four_matches)
{
    if (!bad->report.certificate.shown)
        return "mail-dane-no-tls";
    if (bad->report.dane == DANE_UNUSABLE || !has_records)
        return "mail-dane-unusable";
    return four_matches > 0 ? "mail-dane-ipv4-only" : "mail-dane-differs";
}

struct mail_state mail_judge_dane(const struct mail_facts *f, const struct mail_host *h)
{
    struct mail_state s;
    const struct mail_address *bad, *bad_four;
    unsigned six_count, four_count;
    if (dane_decided(h, &s) || mail_host_decided(f, h, true, &s))
        return s;
    unsigned six = dane_matches(h, FAMILY_IPV6, &six_count, &bad);
    unsigned four = dane_matches(h, FAMILY_IPV4, &four_count, &bad_four);
    if (six_count == 0)
        return mail_state(VERDICT_NOT_TESTABLE, "mail-not-greeted", h->name, "");
    if (!bad)
        return pass();
    if (bad->report.dane == DANE_UNTRIED && bad->report.certificate.shown && h->dane.count > 0)
        return mail_state(VERDICT_NOT_TESTABLE, "mail-unasked", h->name, "");
    return mail_state(six > 0 ? VERDICT_PARTIAL : VERDICT_FAIL,
                      dane_reason(bad, h->dane.count > 0, four), h->name, bad->report.dane_why);
}
