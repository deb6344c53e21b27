// SPDX-License-Identifier: Apache-2.0
//
// Public services in the archive: what `sextant check --list` found of many domains.
//
// A *campaign* is a name ("2024-q1"); it may have been run from several places, its *vantage
// points*, each with a journal of its own: a row here. A result is one domain, seen from one place
// in one campaign. An older journal of the same run (it was stopped and resumed) is superseded by
// the longer one.
//
// Which domains do not want to be asked stands here too.

#ifndef STORE_SERVICES_H
#define STORE_SERVICES_H

#include "read/checked.h"
#include "store/store.h"

struct buffer;

struct service_campaign {
    int64_t id;
    char name[CHECKED_NAME_MAX], vantage[CHECKED_NAME_MAX];
    char list[65]; // SHA-256
    char options[CHECKED_TEXT_MAX], version[CHECKED_NAME_MAX];
    int64_t began, ended; // milliseconds; ended 0: the list has not come to its end
    char signer[65];      // a public key, "": not signed
    uint64_t results;
    int64_t input;
};

struct service_campaigns {
    struct service_campaign *at; // by the begin of the name's first, name, vantage
    size_t count;
};

int store_service_campaigns(struct store *s, struct service_campaigns *ret, struct err *e);
void service_campaigns_free(struct service_campaigns *l);
date service_day(int64_t milliseconds);

struct service_test {
    const char *name, *reason; // "": none
    enum checked_verdict verdict;
    enum checked_subject subject;
};

// The verdict of several tests of one name, given as bits (1 << verdict): a failure anywhere is
// one; what passes in one place and is missing in another is partial; what could not be tried in
// one place is never passed as a whole.
enum checked_verdict service_verdict_of(unsigned bits);

struct service_result {
    int64_t domain_id, campaign; // id
    const char *domain, *organisation, *sector;
    economy economy;
    uint64_t line;
    int64_t began;
    uint32_t took;
    unsigned level;
    bool ipv4_here, ipv6_here;
    enum checked_stage stage;
    double internetnl_web, internetnl_mail, china; // NaN
    struct checked_count counts[3];                // dns, web, mail
    const struct service_test *tests;              // one for each name and subject
    size_t test_count;
};

struct service_scan {
    int64_t campaign;   // 0: all
    const char *domain; // NULL: all
    const char *sector, *organisation;
    bool has_economy;
    economy economy;
};

// Rows come by domain (in the order in which the archive met them), campaign; with `campaign` set
// by line of its journal. Texts are borrowed during the callback. A code other than 0 from `row`
// ends the scan and is returned.
int store_service_scan(struct store *s, const struct service_scan *scan,
                       int (*row)(const struct service_result *r, void *arg), void *arg,
                       struct err *e);

// The JSON of a result, appended to *out. ERR_NOT_FOUND: the archive has no evidence of it.
int store_service_evidence(struct store *s, int64_t domain_id, int64_t campaign, struct buffer *out,
                           struct err *e);

// ---- who does not want to be asked

#define SERVICE_OPT_OUT_MAX 100000

int store_opt_outs(struct store *s,
                   int (*row)(const char *name, bool subtree, date added, void *arg), void *arg,
                   struct err *e);
int store_opt_out_add(struct store *s, const char *name, bool subtree, struct err *e);
// *ret_was false: it was not there.
int store_opt_out_remove(struct store *s, const char *name, bool *ret_was, struct err *e);

#endif
