// SPDX-License-Identifier: Apache-2.0
//
// check_host() of RFC 7208: may this address send mail for this domain? Asked through resolver.h,
// within the RFC's limits. Beside the answer, what the evaluation passed on its way: whether there
// is anything at all in the record that allows an address of a family.

#ifndef CHECK_SPF_H
#define CHECK_SPF_H

#include "check/events.h"
#include "check/resolver.h"
#include "check/spf_record.h"

#define SPF_LOOKUPS_MAX 10 // terms that ask the DNS: 4.6.4
#define SPF_VOIDS_MAX   2  // of them, those that find nothing
#define SPF_NAMES_MAX   10 // of one MX or PTR answer

enum spf_result {
    SPF_NONE,
    SPF_NEUTRAL,
    SPF_PASS,
    SPF_FAIL,
    SPF_SOFTFAIL,
    SPF_TEMPERROR,
    SPF_PERMERROR,
};
#define SPF_RESULT_COUNT 7

const char *spf_result_name(enum spf_result r); // "softfail"

struct spf_found {
    enum spf_result result;
    char why[SPF_WHY_MAX];    // of an error, one sentence; "" otherwise
    char record[SPF_WHY_MAX]; // the domain's own record, cut
    unsigned lookups, voids;
    unsigned covers[2]; // by family: mechanisms passed that allow an address of it
    bool depends;       // on ptr or exists: what they would allow cannot be told in general
};

struct spf_question {
    struct events *events;
    struct resolver *resolver;
    enum family family;
    u128 address;
    const char *domain, *sender, *helo; // borrowed
    void (*done)(void *arg);            // from the loop, never from inside spf_check_new
    void *arg;
};

struct spf_check;

int spf_check_new(const struct spf_question *q, struct spf_check **ret, struct err *e);
const struct spf_found *spf_check_found(const struct spf_check *c);
void spf_check_free(struct spf_check **c); // also from `done`; also before it

// "1.2.0.192.in-addr.arpa"; the name under which an address has its PTR records.
#define REVERSE_NAME_MAX 80
void reverse_name(enum family f, u128 address, char ret[REVERSE_NAME_MAX]);

#endif
