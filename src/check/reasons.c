// SPDX-License-Identifier: Apache-2.0
//
// Reasons that tests of every area share, and the search through all of them.

#include "check/reasons.h"

#include <string.h>

const struct reason reasons_any[] = {
    {"any-no-ipv6-here", say_later("The place that asked has no IPv6."), "",
     say_later("Ask again from a network with IPv6.")},
    {"any-no-ipv4-here",
     say_later("The place that asked has no IPv4, so that nothing could be compared."), "",
     say_later("Ask again from a network with both.")},
    {"any-silent", say_later("{1} answers over neither family."),
     say_later("Whether it is down or out of reach from here cannot be told."),
     say_later("Ask again later, and from another network.")},
    {"any-no-patience", say_later("The time for one domain was over before this was tried."), "",
     say_later("Ask again with more patience.")},
    {"any-unresolved", say_later("The name {1} could not be looked up: {2}."),
     say_later("Without an answer of the DNS nothing behind the name can be tested."), ""},
    {"any-opted-out",
     say_later("{1} was not asked: it, or who leads to it, does not want to be asked."), "", ""},
    {"any-not-asked", say_later("This was not asked for."), "", ""},
    {"any-private",
     say_later("{1} has only addresses that are not public: {2}. They were not followed."),
     say_later("From the Internet nobody reaches them."),
     say_later("Publish public addresses, or no record at all.")},
    {NULL, NULL, NULL, NULL},
};

static const struct reason *const tables[] = {reasons_any, reasons_names, reasons_web,
                                              reasons_mail};

const struct reason *reason_at(size_t i)
{
    for (size_t t = 0; t < sizeof tables / sizeof *tables; t++)
        for (const struct reason *r = tables[t]; r->key; r++)
            if (i-- == 0)
                return r;
    return NULL;
}

const struct reason *reason_find(const char *key)
{
    const struct reason *r = NULL;
    for (size_t i = 0; (r = reason_at(i)); i++)
        if (strcmp(r->key, key) == 0)
            return r;
    return NULL;
}
