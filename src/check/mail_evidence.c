// SPDX-License-Identifier: Apache-2.0
//
// What was asked of whom, and what came back, in words.

#include "check/mail_judge.h"

#include <stdio.h>

static const char *const statuses[] = {
    [LOOKUP_FOUND] = "NOERROR", [LOOKUP_NO_DATA] = "no such record", [LOOKUP_NO_NAME] = "NXDOMAIN",
    [LOOKUP_FAILED] = "failed", [LOOKUP_BROKEN] = "broken",
};
static const char *const securities[] = {
    [LOOKUP_UNCHECKED] = "",
    [LOOKUP_INSECURE] = ", without DNSSEC",
    [LOOKUP_SECURE] = ", DNSSEC secure",
    [LOOKUP_BOGUS] = ", DNSSEC bogus",
};

void mail_evidence_lookup(struct result *r, struct test *t, const char *type, const char *name,
                          const struct mail_lookup *l)
{
    if (!l->done)
        return;
    struct evidence ev = {.family = FAMILY_ASN, .at = l->at, .took = l->took, .whom = l->by};
    ev.asked = arena_format(&r->arena, "%s %s", type, name);
    const char *why = l->why[0] ? arena_format(&r->arena, ": %s", l->why) : "";
    const char *answer = arena_format(&r->arena, "%s%s%s", statuses[l->status],
                                      securities[l->security], why ? why : "");
    if (l->status == LOOKUP_FOUND)
        answer = arena_format(&r->arena, "%s, %zu record%s%s", statuses[l->status], l->count,
                              l->count == 1 ? "" : "s", securities[l->security]);
    ev.answer = answer;
    test_evidence(r, t, &ev);
}

static const char *whom(struct result *r, const struct mail_host *h, const struct mail_address *a)
{
    char text[ENDPOINT_TEXT_MAX];
    return arena_format(&r->arena, "%s %s", endpoint_text(&a->at, text), h->name);
}

static const char *greeting_answer(struct result *r, const struct mail_address *a)
{
    const struct smtp_seen *s = &a->report.seen;
    if (s->greeting == SMTP_MUTE && s->code == 220)
        return arena_format(&r->arena, "220 %s; then EHLO is not answered, after %u attempts",
                            s->text, a->attempts);
    if (s->code)
        return arena_format(&r->arena, "%u %s; %s", s->code, s->text,
                            smtp_greeting_text(s->greeting));
    if (s->greeting == SMTP_OPEN)
        return smtp_greeting_text(s->greeting);
    return arena_format(&r->arena, "%s, after %u attempt%s", smtp_greeting_text(s->greeting),
                        a->attempts, a->attempts == 1 ? "" : "s");
}

void mail_evidence_visits(struct result *r, struct test *t, const struct mail_host *h)
{
    for (size_t i = 0; i < h->count; i++) {
        const struct mail_address *a = &h->addresses[i];
        struct evidence ev = {.family = a->at.family, .whom = whom(r, h, a)};
        if (a->attempts == 0 && a->oddity == ODDITY_NONE)
            continue;
        ev.at = a->report.at;
        ev.took = a->report.took ? a->report.took : a->report.connect_took;
        ev.asked = a->report.seen.greeting == SMTP_OPEN ? "connection" : "greeting, EHLO";
        ev.answer =
            a->oddity == ODDITY_NONE
                ? greeting_answer(r, a)
                : arena_format(&r->arena, "not asked: the address is %s", oddity_name(a->oddity));
        test_evidence(r, t, &ev);
    }
    if (h->left_out)
        test_evidence(
            r, t,
            &(struct evidence){.family = FAMILY_ASN,
                               .at = h->lookups[FAMILY_IPV6].at,
                               .asked = "greeting, EHLO",
                               .whom = h->name,
                               .answer = arena_format(&r->arena, "%zu more addresses are not tried",
                                                      h->left_out)});
}

void mail_evidence_pointers(struct result *r, struct test *t, const struct mail_host *h)
{
    char name[REVERSE_NAME_MAX], text[ADDRESS_TEXT_MAX];
    for (size_t i = 0; i < h->count; i++) {
        const struct mail_address *a = &h->addresses[i];
        const struct mail_lookup *l = &a->pointer_lookup;
        if (a->at.family != FAMILY_IPV6 || !l->done)
            continue;
        if (l->status != LOOKUP_FOUND) {
            reverse_name(a->at.family, a->at.address, name);
            mail_evidence_lookup(r, t, "PTR", name, l);
            continue;
        }
        struct evidence ev = {.family = FAMILY_ASN, .at = l->at, .took = l->took, .whom = l->by};
        ev.asked =
            arena_format(&r->arena, "PTR of %s", address_format(a->at.family, a->at.address, text));
        ev.answer = arena_format(&r->arena, "%s, which %s", a->pointer_name,
                                 a->pointer == POINTER_BACK ? "leads back" : "does not lead back");
        test_evidence(r, t, &ev);
    }
}

static const char *certificate_answer(struct result *r, const struct mail_address *a)
{
    static const char *const dane[DANE_VERDICT_COUNT] = {"", "; DANE holds",
                                                         "; DANE fails: ", "; DANE: "};
    const struct certificate *c = &a->report.certificate;
    char digest[65];
    if (!c->shown)
        return arena_format(&r->arena, "%s%s%s", smtp_encryption_text(a->report.seen.encryption),
                            a->report.why[0] ? ": " : "", a->report.why);
    hex_text(c->sha256, 32, digest);
    const char *dane_why = a->report.dane > DANE_MATCHES ? a->report.dane_why : "";
    return arena_format(&r->arena, "%s, %s, certificate of %s, SHA-256 %.16s..., %s%s%s",
                        smtp_encryption_text(a->report.seen.encryption), c->protocol, c->subject,
                        digest, c->valid ? "valid for the name" : c->why, dane[a->report.dane],
                        dane_why);
}

void mail_evidence_certificates(struct result *r, struct test *t, const struct mail_host *h)
{
    for (size_t i = 0; i < h->count; i++) {
        const struct mail_address *a = &h->addresses[i];
        if (a->report.seen.greeting != SMTP_GREETED)
            continue;
        struct evidence ev = {.family = a->at.family,
                              .at = a->report.at,
                              .asked = "STARTTLS",
                              .whom = whom(r, h, a),
                              .answer = certificate_answer(r, a)};
        test_evidence(r, t, &ev);
    }
}

void mail_evidence_spf(struct result *r, struct test *t, const struct mail_facts *f)
{
    char text[ADDRESS_TEXT_MAX];
    for (size_t i = 0; i < f->spf_count; i++) {
        const struct mail_spf *s = &f->spf[i];
        if (!s->done)
            continue;
        struct evidence ev = {.family = s->family, .at = s->at, .whom = f->domain};
        ev.asked = arena_format(&r->arena, "SPF of %s (%s)",
                                address_format(s->family, s->address, text), s->host);
        ev.answer = arena_format(&r->arena, "%s%s%s; %s", spf_result_name(s->found.result),
                                 s->found.why[0] ? ": " : "", s->found.why, s->found.record);
        test_evidence(r, t, &ev);
    }
}
