// SPDX-License-Identifier: Apache-2.0
//
// The table of addresses.

#ifndef SITE_ROUTES_H
#define SITE_ROUTES_H

#include "site/metrics.h"
#include "site/site.h"

enum route_flag {
    ROUTE_KEPT = 1,       // the answer depends on the archive and the target alone
    ROUTE_NEGOTIATED = 2, // ... and on Accept
};

struct route {
    // Segments as they are, "{lang}" for a language; "*" for whatever follows, or for one segment
    // where the pattern goes on; it must not be empty.
    const char *pattern;
    enum route_class class;
    unsigned flags;
    visit_handler *handler;
};

struct route_match {
    const struct route *route;
    enum language language; // English where the pattern has none
    const char *rest;       // the path from what stands for "*" on; ""
};

// False where no route has the path.
bool route_find(const char *path, struct route_match *ret);

size_t route_count(void);
const struct route *route_at(size_t i);

#endif
