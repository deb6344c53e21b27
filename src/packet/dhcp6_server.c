// SPDX-License-Identifier: Apache-2.0
//
// A server that lends nothing (RFC 8415, 18.3.6): it knows no clients and keeps no state.

#include "packet/dhcp6.h"

bool dhcp6_inform(const struct dhcp6 *m, const struct dhcp6 *offered, struct dhcp6 *ret)
{
    if (m->type != DHCP6_INFORMATION || m->has_ia ||
        (m->server.length && !dhcp6_same_id(&m->server, &offered->server))) // 16.12
        return false;
    *ret = (struct dhcp6){
        .type = DHCP6_REPLY, .xid = m->xid, .client = m->client, .server = offered->server};
    if (m->wanted & DHCP6_WANTS_RESOLVERS) {
        memcpy(ret->resolvers, offered->resolvers, sizeof ret->resolvers);
        ret->resolver_count = offered->resolver_count;
    }
    if (m->wanted & DHCP6_WANTS_NAMES) {
        memcpy(ret->names, offered->names, sizeof ret->names);
        ret->name_count = offered->name_count;
    }
    if (m->wanted & DHCP6_WANTS_REFRESH)
        ret->refresh = offered->refresh;
    return true;
}
