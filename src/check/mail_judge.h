// SPDX-License-Identifier: Apache-2.0
//
// What the judges of mail share. Inside the room only.

#ifndef CHECK_MAIL_JUDGE_H
#define CHECK_MAIL_JUDGE_H

#include "check/mail.h"

// A verdict that is not written yet. Texts are borrowed from the facts or the result's arena.
struct mail_state {
    enum verdict verdict;
    const char *reason, *detail1, *detail2;
};

static inline struct mail_state mail_state(enum verdict v, const char *reason, const char *detail1,
                                           const char *detail2)
{
    return (struct mail_state){v, reason, detail1, detail2};
}

static inline bool mail_has_no_record(const struct mail_lookup *l)
{
    return l->status == LOOKUP_NO_DATA || l->status == LOOKUP_NO_NAME;
}

static inline bool mail_lookup_failed(const struct mail_lookup *l)
{
    return l->status == LOOKUP_FAILED || l->status == LOOKUP_BROKEN;
}

// What stands behind a lookup that failed is not testable.
static inline struct mail_state mail_unresolved(const struct mail_lookup *l, const char *name)
{
    return mail_state(VERDICT_NOT_TESTABLE, l->opted_out ? "any-opted-out" : "any-unresolved", name,
                      l->opted_out ? "" : l->why);
}

// Addresses of a family, and what came of visiting them.
struct mail_tally {
    unsigned published, odd, tried, good;
    enum smtp_greeting best;        // of those that were tried
    const struct mail_address *bad; // the first that was tried and is not good
    const struct mail_address *first_odd;
};

// `good`: the greeting that is wanted.
struct mail_tally mail_tally(const struct mail_host *h, enum family f, enum smtp_greeting good);

// What is decided before anything can be said of a host over IPv6. `visited`: it takes a visit.
bool mail_host_decided(const struct mail_facts *f, const struct mail_host *h, bool visited,
                       struct mail_state *ret);

typedef struct mail_state mail_judge_host(const struct mail_facts *f, const struct mail_host *h);
mail_judge_host mail_judge_greeting, mail_judge_starttls, mail_judge_pointer, mail_judge_dane;
struct mail_state mail_judge_spf(const struct mail_facts *f);

// ---- evidence

void mail_evidence_lookup(struct result *r, struct test *t, const char *type, const char *name,
                          const struct mail_lookup *l);
void mail_evidence_visits(struct result *r, struct test *t, const struct mail_host *h);
void mail_evidence_pointers(struct result *r, struct test *t, const struct mail_host *h);
void mail_evidence_certificates(struct result *r, struct test *t, const struct mail_host *h);
void mail_evidence_spf(struct result *r, struct test *t, const struct mail_facts *f);

#endif
