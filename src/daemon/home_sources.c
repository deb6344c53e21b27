// SPDX-License-Identifier: Apache-2.0
//
// What a home router forwards: nothing without a prefix, nothing from addresses that are not of it.

#include "daemon/home.h"

#define LINE_PRIORITY 32765 // of the line's rules, before that of the main table

static int set_line_rules(const struct home *h, struct err *e)
{
    const char *wan = h->options->wan;
    size_t count = h->client.prefix_count;
    int code = 0;
    rules6_remove(wan, LINE_PRIORITY);
    if (count == 0) // G-3
        code = rule6_add(wan, LINE_PRIORITY, 0, 0, false, e);
    for (size_t i = 0; !code && i < count; i++) { // S-2: nobody outside has our addresses
        const struct dhcp6_lease *l = &h->client.prefixes[i].lease;
        if (!l->excluded_length)
            code = rule6_add(wan, LINE_PRIORITY, l->address, l->length, false, e);
    }
    if (!code && count > 0 && home_count_local(h) == 0) // ULA-4
        code = rule6_add(wan, LINE_PRIORITY, LOCAL, LOCAL_BITS, false, e);
    return code;
}

static int set_local_route(const struct home *h, struct err *e)
{
    if (home_count_local(h) == 0)
        return unreachable6_set(LOCAL, LOCAL_BITS, e);
    unreachable6_remove(LOCAL, LOCAL_BITS);
    return 0;
}

int home_set_sources(struct home *h, struct err *e)
{
    struct prefix allowed[DHCP6_LEASES_MAX + CE_ALSO_MAX];
    size_t count = 0;
    for (size_t i = 0; i < h->client.prefix_count; i++) {
        const struct dhcp6_lease *l = &h->client.prefixes[i].lease;
        allowed[count++] = (struct prefix){FAMILY_IPV6, l->address, l->length};
    }
    for (size_t i = 0; i < h->options->also_count; i++)
        allowed[count++] = h->options->also[i];
    int code = set_line_rules(h, e);
    if (!code)
        code = set_local_route(h, e);
    for (size_t lan = 0; !code && lan < h->options->lan_count; lan++)
        code = sources_allow(&h->at_home[lan].sources, allowed, count, e);
    return code;
}

void home_clear_sources(const struct home *h)
{
    rules6_remove(h->options->wan, LINE_PRIORITY);
    unreachable6_remove(LOCAL, LOCAL_BITS);
}
