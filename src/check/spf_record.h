// SPDX-License-Identifier: Apache-2.0
//
// An SPF record (RFC 7208 section 12) as a list of terms, and the macros in them (section 7).

#ifndef CHECK_SPF_RECORD_H
#define CHECK_SPF_RECORD_H

#include "net/net.h"

#define SPF_RECORD_MAX 4096 // octets; RFC 7208 3.4 advises 450
#define SPF_TERMS_MAX  256
#define SPF_TARGET_MAX 253 // of a name, as text
#define SPF_WHY_MAX    200

enum spf_mechanism {
    SPF_ALL,
    SPF_INCLUDE,
    SPF_A,
    SPF_MX,
    SPF_PTR,
    SPF_IP4,
    SPF_IP6,
    SPF_EXISTS,
};
#define SPF_MECHANISM_COUNT 8

struct spf_term {
    enum spf_mechanism mechanism;
    char qualifier;       // '+', '-', '~', '?'
    uint8_t bits4, bits6; // of the prefix that is compared
    u128 network;         // ip4, ip6
    struct slice target;  // a domain-spec with its macros; empty: the domain itself
};

struct spf_record {
    struct spf_term *terms; // freed by spf_record_done
    size_t count;
    struct slice redirect; // empty: none
    bool has_all;
};

// Is it one at all: "v=spf1", and then a blank or its end?
bool spf_record_is(struct slice text);
// Targets point into `text`. False where it breaks the grammar: `ret_why` says where. Out of memory
// is a fault of grammar, too.
bool spf_record_read(struct slice text, struct spf_record *ret, char ret_why[SPF_WHY_MAX]);
void spf_record_done(struct spf_record *r);

// What macros stand for.
struct spf_words {
    enum family family;
    u128 address;
    const char *domain, *sender; // sender: "local@domain"
    const char *helo;
    const char *validated; // %{p}; "unknown"
};

// False where it becomes longer than a name can be and cannot be cut (7.3), or is no domain-spec.
bool spf_expand(struct slice spec, const struct spf_words *w, char ret[SPF_TARGET_MAX + 1]);
bool spf_needs_validated(struct slice spec); // has %{p}

#endif
