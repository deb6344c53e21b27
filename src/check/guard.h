// SPDX-License-Identifier: Apache-2.0
//
// Which addresses a check may send to, and which are no use to anybody in a public DNS record. A
// name is a stranger's: one that leads into private address space, to this machine or its link is
// not followed (server-side request forgery), unless the prefix is allowed by --allow.

#ifndef CHECK_GUARD_H
#define CHECK_GUARD_H

#include "base/err.h"
#include "check/endpoint.h"
#include "measure/special.h"

// What an address is not good for. Blocks of IANA's special-purpose registries, and of RFC 4291.
enum oddity {
    ODDITY_NONE,
    ODDITY_UNSPECIFIED,   // ::
    ODDITY_LOOPBACK,      // ::1, 127.0.0.0/8
    ODDITY_MAPPED,        // ::ffff:0:0/96
    ODDITY_COMPATIBLE,    // ::/96, deprecated
    ODDITY_LINK_LOCAL,    // fe80::/10, 169.254.0.0/16
    ODDITY_SITE_LOCAL,    // fec0::/10, deprecated
    ODDITY_UNIQUE_LOCAL,  // fc00::/7
    ODDITY_PRIVATE,       // RFC 1918, RFC 6598
    ODDITY_DOCUMENTATION, // 2001:db8::/32, 3fff::/20, ...
    ODDITY_TRANSLATION,   // 64:ff9b::/96, 64:ff9b:1::/48
    ODDITY_6TO4,          // 2002::/16
    ODDITY_TEREDO,        // 2001::/32
    ODDITY_MULTICAST,
    ODDITY_SPECIAL,    // another block of the special-purpose registries
    ODDITY_UNASSIGNED, // outside 2000::/3
};
#define ODDITY_COUNT 16

const char *oddity_name(enum oddity o); // "documentation"

#define GUARD_PREFIXES_MAX 32

struct guard {
    struct special special;
    struct range allowed[GUARD_PREFIXES_MAX]; // treated as any public address
    size_t allowed_count;
};

int guard_load(struct guard *g, struct err *e);
void guard_done(struct guard *g);
int guard_allow(struct guard *g, const char *prefix, struct err *e); // ERR_USAGE

enum oddity guard_oddity(const struct guard *g, enum family f, u128 address);

// The first aligned block of `rest` in which nothing is allowed; moves `rest` behind it. False:
// none is left.
bool guard_next_piece(const struct guard *g, struct range *rest, struct block *ret);

// All that is kept from, in such blocks, of which some lie in others: an address has an oddity
// where one of them holds it. For who knows of no exceptions. False: `tell` said so, and that was
// the last.
bool guard_each_piece(const struct guard *g, bool (*tell)(const struct block *b, void *arg),
                      void *arg);

// May something be sent there?
static inline bool guard_lets(const struct guard *g, const struct endpoint *p)
{
    return guard_oddity(g, p->family, p->address) == ODDITY_NONE;
}

#endif
