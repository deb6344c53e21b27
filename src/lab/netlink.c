// SPDX-License-Identifier: Apache-2.0

#include "lab/netlink.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#define MESSAGE_MAX 32768 // as much as the kernel says at once

struct netlink {
    struct mnl_socket *socket;
    unsigned number;
    char out[4096]; // the largest of ours: a pair of interfaces, 300 octets
    char in[MESSAGE_MAX];
};

int netlink_open(struct netlink **ret, struct err *e)
{
    struct netlink *nl = calloc(1, sizeof *nl);
    if (!nl)
        return err_memory(e);
    nl->socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
    if (!nl->socket || mnl_socket_bind(nl->socket, 0, MNL_SOCKET_AUTOPID) < 0) {
        err_system(e, "cannot talk to the kernel about its network");
        netlink_close(&nl);
        return ERR_SYSTEM;
    }
    *ret = nl;
    return 0;
}

void netlink_close(struct netlink **nl)
{
    if (*nl && (*nl)->socket)
        mnl_socket_close((*nl)->socket);
    free(*nl);
    *nl = NULL;
}

static struct nlmsghdr *message(struct netlink *nl, uint16_t type, uint16_t flags)
{
    struct nlmsghdr *h = mnl_nlmsg_put_header(nl->out);
    h->nlmsg_type = type;
    h->nlmsg_flags = NLM_F_REQUEST | flags;
    h->nlmsg_seq = ++nl->number;
    return h;
}

// Sends what is in `out` and hands every answer to `fn`. 0 or a negative errno.
static int ask(struct netlink *nl, mnl_cb_t fn, void *arg)
{
    const struct nlmsghdr *h = (const struct nlmsghdr *)nl->out;
    if (mnl_socket_sendto(nl->socket, h, h->nlmsg_len) < 0)
        return -errno;
    for (;;) {
        ssize_t n = mnl_socket_recvfrom(nl->socket, nl->in, sizeof nl->in);
        if (n < 0)
            return -errno;
        int more =
            mnl_cb_run(nl->in, (size_t)n, nl->number, mnl_socket_get_portid(nl->socket), fn, arg);
        if (more < 0)
            return -errno;
        if (more == MNL_CB_STOP)
            return 0;
    }
}

static int tell(struct netlink *nl)
{
    ((struct nlmsghdr *)nl->out)->nlmsg_flags |= NLM_F_ACK;
    return ask(nl, NULL, NULL);
}

// ---- links

static void put_end(struct nlmsghdr *h, const struct netlink_end *end)
{
    struct ifinfomsg *i = mnl_nlmsg_put_extra_header(h, sizeof *i);
    i->ifi_index = (int)end->index;
    mnl_attr_put_strz(h, IFLA_IFNAME, end->name);
    if (end->mac)
        mnl_attr_put(h, IFLA_ADDRESS, 6, end->mac);
    if (end->mtu)
        mnl_attr_put_u32(h, IFLA_MTU, end->mtu);
    if (end->owner)
        mnl_attr_put_u32(h, IFLA_NET_NS_PID, (uint32_t)end->owner);
}

int netlink_add_veth(struct netlink *nl, const struct netlink_end *a, const struct netlink_end *b)
{
    struct nlmsghdr *h = message(nl, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
    put_end(h, a);
    struct nlattr *info = mnl_attr_nest_start(h, IFLA_LINKINFO);
    mnl_attr_put_strz(h, IFLA_INFO_KIND, "veth");
    struct nlattr *data = mnl_attr_nest_start(h, IFLA_INFO_DATA);
    struct nlattr *peer = mnl_attr_nest_start(h, VETH_INFO_PEER);
    put_end(h, b);
    mnl_attr_nest_end(h, peer);
    mnl_attr_nest_end(h, data);
    mnl_attr_nest_end(h, info);
    return tell(nl);
}

int netlink_add_link(struct netlink *nl, const char *name, const char *type)
{
    struct nlmsghdr *h = message(nl, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
    mnl_nlmsg_put_extra_header(h, sizeof(struct ifinfomsg));
    mnl_attr_put_strz(h, IFLA_IFNAME, name);
    struct nlattr *info = mnl_attr_nest_start(h, IFLA_LINKINFO);
    mnl_attr_put_strz(h, IFLA_INFO_KIND, type);
    mnl_attr_nest_end(h, info);
    return tell(nl);
}

// It passes multicast to every port, as a simple switch does.
int netlink_add_bridge(struct netlink *nl, const struct netlink_end *end)
{
    struct nlmsghdr *h = message(nl, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
    put_end(h, end);
    struct nlattr *info = mnl_attr_nest_start(h, IFLA_LINKINFO);
    mnl_attr_put_strz(h, IFLA_INFO_KIND, "bridge");
    struct nlattr *data = mnl_attr_nest_start(h, IFLA_INFO_DATA);
    mnl_attr_put_u8(h, IFLA_BR_MCAST_SNOOPING, 0);
    mnl_attr_nest_end(h, data);
    mnl_attr_nest_end(h, info);
    return tell(nl);
}

int netlink_delete_link(struct netlink *nl, const char *name)
{
    struct nlmsghdr *h = message(nl, RTM_DELLINK, 0);
    mnl_nlmsg_put_extra_header(h, sizeof(struct ifinfomsg));
    mnl_attr_put_strz(h, IFLA_IFNAME, name);
    return tell(nl);
}

static struct nlmsghdr *link_message(struct netlink *nl, unsigned index, unsigned flags,
                                     unsigned change)
{
    struct nlmsghdr *h = message(nl, RTM_NEWLINK, 0);
    struct ifinfomsg *i = mnl_nlmsg_put_extra_header(h, sizeof *i);
    i->ifi_index = (int)index;
    i->ifi_flags = flags;
    i->ifi_change = change;
    return h;
}

int netlink_set_up(struct netlink *nl, unsigned index, bool up)
{
    link_message(nl, index, up ? IFF_UP : 0, IFF_UP);
    return tell(nl);
}

int netlink_set_mtu(struct netlink *nl, unsigned index, unsigned mtu)
{
    mnl_attr_put_u32(link_message(nl, index, 0, 0), IFLA_MTU, mtu);
    return tell(nl);
}

int netlink_set_master(struct netlink *nl, unsigned index, unsigned master)
{
    mnl_attr_put_u32(link_message(nl, index, 0, 0), IFLA_MASTER, master);
    return tell(nl);
}

int netlink_add_queue(struct netlink *nl, unsigned index, const char *kind)
{
    struct nlmsghdr *h = message(nl, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL);
    struct tcmsg *t = mnl_nlmsg_put_extra_header(h, sizeof *t);
    t->tcm_family = AF_UNSPEC;
    t->tcm_ifindex = (int)index;
    t->tcm_parent = 0xFFFFFFFFU; // the root
    mnl_attr_put_strz(h, TCA_KIND, kind);
    return tell(nl);
}

// ---- addresses and routes

size_t address_octets(enum family family, u128 address, uint8_t ret[16])
{
    size_t count = family == FAMILY_IPV6 ? 16 : 4;
    for (size_t i = 0; i < count; i++)
        ret[i] = (uint8_t)(address >> (8 * (count - 1 - i)));
    return count;
}

u128 address_of_octets(const uint8_t *octets, size_t count)
{
    u128 address = 0;
    for (size_t i = 0; i < count; i++)
        address = address << 8 | octets[i];
    return address;
}

static uint8_t af_of(enum family family)
{
    return family == FAMILY_IPV6 ? AF_INET6 : AF_INET;
}

static void put_address(struct nlmsghdr *h, uint16_t type, enum family family, u128 address)
{
    uint8_t octets[16];
    size_t count = address_octets(family, address, octets);
    mnl_attr_put(h, type, count, octets);
}

int netlink_change_address(struct netlink *nl, unsigned index, const struct lab_address *a,
                           bool add)
{
    struct nlmsghdr *h =
        message(nl, add ? RTM_NEWADDR : RTM_DELADDR, add ? NLM_F_CREATE | NLM_F_REPLACE : 0);
    struct ifaddrmsg *i = mnl_nlmsg_put_extra_header(h, sizeof *i);
    i->ifa_family = af_of(a->family);
    i->ifa_prefixlen = a->length;
    i->ifa_index = index;
    put_address(h, IFA_LOCAL, a->family, a->address);
    if (a->family == FAMILY_IPV4)
        put_address(h, IFA_ADDRESS, a->family, a->address);
    if (add && a->no_dad)
        mnl_attr_put_u32(h, IFA_FLAGS, IFA_F_NODAD);
    if (add && a->valid != UINT32_MAX) {
        const struct ifa_cacheinfo c = {.ifa_prefered = a->preferred, .ifa_valid = a->valid};
        mnl_attr_put(h, IFA_CACHEINFO, sizeof c, &c);
    }
    return tell(nl);
}

static uint8_t route_type(enum lab_route_kind kind)
{
    switch (kind) {
    case LAB_ROUTE_UNREACHABLE:
        return RTN_UNREACHABLE;
    case LAB_ROUTE_PROHIBIT:
        return RTN_PROHIBIT;
    case LAB_ROUTE_DROP:
        return RTN_BLACKHOLE;
    default:
        return RTN_UNICAST;
    }
}

static void put_via(struct nlmsghdr *h, const struct lab_route *r)
{
    struct {
        uint16_t family;
        uint8_t octets[16];
    } via = {.family = af_of(r->via_family)};
    size_t count = address_octets(r->via_family, r->via, via.octets);
    if (r->via_family == r->family)
        mnl_attr_put(h, RTA_GATEWAY, count, via.octets);
    else
        mnl_attr_put(h, RTA_VIA, count + 2, &via);
}

int netlink_change_route(struct netlink *nl, unsigned index, const struct lab_route *r, bool add)
{
    struct nlmsghdr *h =
        message(nl, add ? RTM_NEWROUTE : RTM_DELROUTE, add ? NLM_F_CREATE | NLM_F_EXCL : 0);
    struct rtmsg *m = mnl_nlmsg_put_extra_header(h, sizeof *m);
    m->rtm_family = af_of(r->family);
    m->rtm_dst_len = r->length;
    m->rtm_table = r->table && r->table < 256 ? (uint8_t)r->table : RT_TABLE_MAIN;
    m->rtm_protocol = add ? RTPROT_STATIC : RTPROT_UNSPEC;
    m->rtm_type = route_type(r->kind);
    m->rtm_scope = r->kind == LAB_ROUTE_UNICAST && !r->has_via && r->family == FAMILY_IPV4
                       ? RT_SCOPE_LINK
                       : RT_SCOPE_UNIVERSE;
    put_address(h, RTA_DST, r->family, r->to);
    if (r->has_via)
        put_via(h, r);
    if (r->has_source)
        put_address(h, RTA_PREFSRC, r->family, r->source);
    if (index)
        mnl_attr_put_u32(h, RTA_OIF, index);
    if (r->metric)
        mnl_attr_put_u32(h, RTA_PRIORITY, r->metric);
    if (r->table >= 256)
        mnl_attr_put_u32(h, RTA_TABLE, r->table);
    if (r->mtu) {
        struct nlattr *metrics = mnl_attr_nest_start(h, RTA_METRICS);
        mnl_attr_put_u32(h, RTAX_MTU, r->mtu);
        mnl_attr_nest_end(h, metrics);
    }
    return tell(nl);
}

// ---- what is there

struct dump {
    void *fn; // of the kind that is dumped
    void *arg;
};

static bool family_of(uint8_t af, enum family *ret)
{
    if (af != AF_INET6 && af != AF_INET)
        return false;
    *ret = af == AF_INET6 ? FAMILY_IPV6 : FAMILY_IPV4;
    return true;
}

// An attribute as an address of the family; false when it has another length.
static bool attr_address(const struct nlattr *attr, enum family family, u128 *ret)
{
    size_t count = mnl_attr_get_payload_len(attr);
    if (count != (family == FAMILY_IPV6 ? 16 : 4))
        return false;
    *ret = address_of_octets(mnl_attr_get_payload(attr), count);
    return true;
}

static uint32_t attr_u32(const struct nlattr *attr)
{
    return mnl_attr_get_payload_len(attr) >= 4 ? mnl_attr_get_u32(attr) : 0;
}

static int on_address(const struct nlmsghdr *h, void *arg)
{
    const struct dump *d = arg;
    const struct ifaddrmsg *i = mnl_nlmsg_get_payload(h);
    struct netlink_address a = {
        .index = i->ifa_index, .length = i->ifa_prefixlen, .flags = i->ifa_flags};
    const struct nlattr *attr;
    bool has = false;
    if (h->nlmsg_type != RTM_NEWADDR || !family_of(i->ifa_family, &a.family))
        return MNL_CB_OK;
    mnl_attr_for_each(attr, h, sizeof *i)
    {
        uint16_t type = mnl_attr_get_type(attr);
        if (type == IFA_LOCAL || (type == IFA_ADDRESS && !has))
            has = attr_address(attr, a.family, &a.address) || has;
        else if (type == IFA_FLAGS)
            a.flags = attr_u32(attr);
    }
    a.lasts = a.flags & IFA_F_PERMANENT;
    if (has)
        ((netlink_address_fn *)d->fn)(&a, d->arg);
    return MNL_CB_OK;
}

static int dump(struct netlink *nl, uint16_t type, size_t header, mnl_cb_t on, void *fn, void *arg,
                struct err *e)
{
    struct nlmsghdr *h = message(nl, type, NLM_F_DUMP);
    mnl_nlmsg_put_extra_header(h, header);
    int code = ask(nl, on, &(struct dump){fn, arg});
    if (code == 0)
        return 0;
    errno = -code;
    return err_system(e, "cannot ask the kernel about its network");
}

int netlink_addresses(struct netlink *nl, netlink_address_fn *fn, void *arg, struct err *e)
{
    return dump(nl, RTM_GETADDR, sizeof(struct ifaddrmsg), on_address, (void *)fn, arg, e);
}

// RTA_GATEWAY, or RTA_VIA with its family first.
static void take_hop(const struct nlattr *attr, struct netlink_route *r)
{
    const uint8_t *octets = mnl_attr_get_payload(attr);
    size_t count = mnl_attr_get_payload_len(attr);
    uint16_t af;
    if (mnl_attr_get_type(attr) == RTA_GATEWAY) {
        r->via_family = r->family;
        r->has_via = attr_address(attr, r->family, &r->via);
    } else if (mnl_attr_get_type(attr) == RTA_VIA && count > 2) {
        memcpy(&af, octets, 2);
        if (!family_of((uint8_t)af, &r->via_family) ||
            count - 2 != (r->via_family == FAMILY_IPV6 ? 16 : 4))
            return;
        r->via = address_of_octets(octets + 2, count - 2);
        r->has_via = true;
    } else if (mnl_attr_get_type(attr) == RTA_OIF) {
        r->index = attr_u32(attr);
    }
}

static void each_hop(const struct nlattr *hops, const struct netlink_route *r, const struct dump *d)
{
    const uint8_t *at = mnl_attr_get_payload(hops);
    size_t left = mnl_attr_get_payload_len(hops);
    while (left >= sizeof(struct rtnexthop)) {
        struct rtnexthop hop;
        struct netlink_route one = *r;
        memcpy(&hop, at, sizeof hop);
        if (hop.rtnh_len < sizeof hop || hop.rtnh_len > left)
            return;
        const struct nlattr *attr = (const struct nlattr *)(at + sizeof hop);
        const uint8_t *end = at + hop.rtnh_len;
        for (; mnl_attr_ok(attr, (int)(end - (const uint8_t *)attr)); attr = mnl_attr_next(attr))
            take_hop(attr, &one);
        one.index = (unsigned)hop.rtnh_ifindex;
        ((netlink_route_fn *)d->fn)(&one, d->arg);
        size_t step = RTNH_ALIGN(hop.rtnh_len);
        if (step >= left)
            return;
        at += step;
        left -= step;
    }
}

static int on_route(const struct nlmsghdr *h, void *arg)
{
    const struct dump *d = arg;
    const struct rtmsg *m = mnl_nlmsg_get_payload(h);
    const struct nlattr *attr, *hops = NULL;
    struct netlink_route r = {.length = m->rtm_dst_len,
                              .type = m->rtm_type,
                              .protocol = m->rtm_protocol,
                              .table = m->rtm_table};
    if (h->nlmsg_type != RTM_NEWROUTE || m->rtm_flags & RTM_F_CLONED ||
        !family_of(m->rtm_family, &r.family))
        return MNL_CB_OK;
    mnl_attr_for_each(attr, h, sizeof *m)
    {
        uint16_t type = mnl_attr_get_type(attr);
        if (type == RTA_DST)
            attr_address(attr, r.family, &r.to);
        else if (type == RTA_TABLE)
            r.table = attr_u32(attr);
        else if (type == RTA_MULTIPATH)
            hops = attr;
        else
            take_hop(attr, &r);
    }
    if (hops)
        each_hop(hops, &r, d);
    else
        ((netlink_route_fn *)d->fn)(&r, d->arg);
    return MNL_CB_OK;
}

int netlink_routes(struct netlink *nl, netlink_route_fn *fn, void *arg, struct err *e)
{
    return dump(nl, RTM_GETROUTE, sizeof(struct rtmsg), on_route, (void *)fn, arg, e);
}

int netlink_lookup(struct netlink *nl, enum family family, u128 to, netlink_route_fn *fn, void *arg,
                   struct err *e)
{
    struct nlmsghdr *h = message(nl, RTM_GETROUTE, NLM_F_ACK);
    struct rtmsg *m = mnl_nlmsg_put_extra_header(h, sizeof *m);
    m->rtm_family = af_of(family);
    m->rtm_dst_len = family == FAMILY_IPV6 ? 128 : 32;
    m->rtm_flags = RTM_F_FIB_MATCH;
    put_address(h, RTA_DST, family, to);
    int code = ask(nl, on_route, &(struct dump){(void *)fn, arg});
    if (code == -ENETUNREACH || code == -EHOSTUNREACH || code == -EACCES || code == -ESRCH)
        return ERR_NOT_FOUND;
    errno = -code;
    return code == 0 ? 0 : err_system(e, "cannot look up a route");
}

static int on_neighbour(const struct nlmsghdr *h, void *arg)
{
    const struct dump *d = arg;
    const struct ndmsg *m = mnl_nlmsg_get_payload(h);
    const struct nlattr *attr;
    struct netlink_neighbour n = {
        .index = (unsigned)m->ndm_ifindex, .state = m->ndm_state, .flags = m->ndm_flags};
    bool has = false;
    if (h->nlmsg_type != RTM_NEWNEIGH || !family_of(m->ndm_family, &n.family))
        return MNL_CB_OK;
    mnl_attr_for_each(attr, h, sizeof *m)
    {
        if (mnl_attr_get_type(attr) == NDA_DST)
            has = attr_address(attr, n.family, &n.address);
        if (mnl_attr_get_type(attr) == NDA_LLADDR && mnl_attr_get_payload_len(attr) == 6) {
            memcpy(n.mac, mnl_attr_get_payload(attr), 6);
            n.has_mac = true;
        }
    }
    if (has)
        ((netlink_neighbour_fn *)d->fn)(&n, d->arg);
    return MNL_CB_OK;
}

int netlink_neighbours(struct netlink *nl, netlink_neighbour_fn *fn, void *arg, struct err *e)
{
    return dump(nl, RTM_GETNEIGH, sizeof(struct ndmsg), on_neighbour, (void *)fn, arg, e);
}
