// SPDX-License-Identifier: Apache-2.0
//
// What a home router forwards: nothing without a prefix, nothing from addresses that are not of it.

#include "daemon/home.h"

#define HOME_MAX      (DHCP6_LEASES_MAX + CE_ALSO_MAX)
#define LINE_PRIORITY 32765 // of the line's rules, before that of the main table

static struct prefix prefix_of(const struct dhcp6_lease *l)
{
    return (struct prefix){FAMILY_IPV6, l->address, l->length};
}

static int set_line_rules(const struct home *h, struct err *e)
{
    static const struct prefix local = {FAMILY_IPV6, LOCAL, LOCAL_BITS};
    const struct prefix ula = prefix_of(&h->ula.lease);
    const char *wan = h->options->wan;
    size_t count = h->client.prefix_count;
    int code = 0;
    rules6_remove(wan, LINE_PRIORITY);
    if (count == 0) // G-3
        code = rule6_add(wan, LINE_PRIORITY, NULL, NULL, false, e);
    for (size_t i = 0; !code && i < count; i++) { // S-2: nobody outside has our addresses
        const struct prefix p = prefix_of(&h->client.prefixes[i].lease);
        if (!h->client.prefixes[i].lease.excluded_length)
            code = rule6_add(wan, LINE_PRIORITY, &p, NULL, false, e);
    }
    if (!code && count > 0 && home_count_local(h) == 0) // ULA-4
        code = rule6_add(wan, LINE_PRIORITY, &local, NULL, false, e);
    if (!code && ula.length)
        code = rule6_add(wan, LINE_PRIORITY, &ula, NULL, false, e);
    if (!code && ula.length)
        code = rule6_add(wan, LINE_PRIORITY, NULL, &ula, false, e);
    return code;
}

static int set_local_route(const struct home *h, struct err *e)
{
    if (home_count_local(h) == 0)
        return unreachable6_set(LOCAL, LOCAL_BITS, e);
    unreachable6_remove(LOCAL, LOCAL_BITS);
    return 0;
}

// What is at home, however it came there.
static size_t put_home(const struct home *h, struct prefix *at)
{
    size_t count = 0;
    for (size_t i = 0; i < h->client.prefix_count; i++)
        at[count++] = prefix_of(&h->client.prefixes[i].lease);
    for (size_t i = 0; i < h->options->also_count; i++)
        at[count++] = h->options->also[i];
    return count;
}

int home_set_sources(struct home *h, struct err *e)
{
    struct prefix inside[HOME_MAX];
    struct source allowed[2 * HOME_MAX + 1] = {0};
    const struct prefix ula = prefix_of(&h->ula.lease);
    size_t inside_count = put_home(h, inside), count = 0;
    for (size_t i = 0; i < inside_count; i++)
        allowed[count++].from = inside[i];
    for (size_t i = 0; ula.length && i < inside_count; i++) // RFC 4193, 4.3: not beyond the home
        allowed[count++] = (struct source){ula, inside[i]};
    if (ula.length)
        allowed[count++] = (struct source){ula, ula};
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
