// SPDX-License-Identifier: Apache-2.0

#include "lab/topology.h"

#include "base/process.h"
#include "daemon/wire.h"
#include "lab/netlink.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <unistd.h>

#define PLAIN_MTU 1500
#define INNER_MTU 65535 // between bridge and wire: the nodes' ends decide

struct topology {
    const struct lab *lab;
    const pid_t *inits;
    struct netlink *nl;
    struct err *e;
    unsigned *last_index; // all interfaces differ in their number
};

static int failed(const struct topology *t, const struct lab_link *link, int error)
{
    errno = -error;
    return err_system(t->e, "link %s", link->name);
}

static struct netlink_end end_of(const struct topology *t, const struct lab_end *end)
{
    return (struct netlink_end){.name = end->interface,
                                .mac = end->mac,
                                .mtu = end->mtu ? end->mtu : PLAIN_MTU,
                                .owner = t->inits[end->node],
                                .index = ++*t->last_index};
}

static struct netlink_end inner_end(const struct topology *t, const char *name)
{
    return (struct netlink_end){.name = name, .mtu = INNER_MTU, .index = ++*t->last_index};
}

static int raise_inner(const struct topology *t, const char *name, const char *master)
{
    unsigned index = if_nametoindex(name);
    int error = index ? netlink_set_up(t->nl, index, true) : -errno;
    if (error == 0 && master)
        error = netlink_set_master(t->nl, index, if_nametoindex(master));
    return error;
}

// A wire in a process of its own between two inner interfaces.
static int start_wire(const struct topology *t, const struct lab_link *link, const char *a,
                      const char *b)
{
    const struct wire wire = {
        .interface = {a, b}, .way = {link->there.of, link->back ? link->back->of : link->there.of}};
    pid_t pid;
    int pidfd;
    int code = process_fork(0, &pid, &pidfd, t->e);
    if (code == 0 && pid == 0)
        process_end(wire_run(&wire, NULL) != 0);
    if (code == 0)
        close(pidfd);
    return code;
}

// node -- outer ~~wire~~ other
static int add_wired_end(const struct topology *t, const struct lab_link *link,
                         const struct lab_end *end, const char *outer, const char *other)
{
    const struct netlink_end a = end_of(t, end), b = inner_end(t, outer);
    int error = netlink_add_veth(t->nl, &a, &b);
    if (error == 0)
        error = raise_inner(t, outer, NULL);
    return error ? failed(t, link, error) : start_wire(t, link, outer, other);
}

static void inner_name(char ret[IFNAMSIZ], char kind, size_t link, size_t end)
{
    snprintf(ret, IFNAMSIZ, "%c%u.%u", kind, (unsigned)link % 10000, (unsigned)end % 10000);
}

static int make_wire(const struct topology *t, const struct lab_link *link, size_t number)
{
    char first[IFNAMSIZ], second[IFNAMSIZ];
    struct netlink_end a = end_of(t, &link->end[0]), b = end_of(t, &link->end[1]);
    if (line_is_plain(&link->there.of) && (!link->back || line_is_plain(&link->back->of))) {
        int error = netlink_add_veth(t->nl, &a, &b);
        return error ? failed(t, link, error) : 0;
    }
    inner_name(first, 'w', number, 0);
    inner_name(second, 'w', number, 1);
    const struct netlink_end inner = inner_end(t, second);
    int error = netlink_add_veth(t->nl, &b, &inner);
    if (error == 0)
        error = raise_inner(t, second, NULL);
    return error ? failed(t, link, error) : add_wired_end(t, link, &link->end[0], first, second);
}

static int make_port(const struct topology *t, const struct lab_link *link, size_t number, size_t i,
                     const char *bridge, bool plain)
{
    char port[IFNAMSIZ], outer[IFNAMSIZ], other[IFNAMSIZ];
    inner_name(port, 'p', number, i);
    inner_name(outer, 'o', number, i);
    inner_name(other, 'q', number, i);
    struct netlink_end a = plain ? end_of(t, &link->end[i]) : inner_end(t, other),
                       b = inner_end(t, port);
    int error = netlink_add_veth(t->nl, &a, &b);
    if (error == 0)
        error = raise_inner(t, port, bridge);
    if (error == 0 && !plain)
        error = raise_inner(t, other, NULL);
    if (error)
        return failed(t, link, error);
    return plain ? 0 : add_wired_end(t, link, &link->end[i], outer, other);
}

static int make_switch(const struct topology *t, const struct lab_link *link, size_t number)
{
    char bridge[IFNAMSIZ];
    bool plain = line_is_plain(&link->there.of) && (!link->back || line_is_plain(&link->back->of));
    inner_name(bridge, 'b', number, 0);
    const struct netlink_end end = {.name = bridge, .index = ++*t->last_index};
    int error = netlink_add_bridge(t->nl, &end);
    if (error)
        return failed(t, link, error);
    int code = 0;
    for (size_t i = 0; i < link->ends_count && code == 0; i++)
        code = make_port(t, link, number, i, bridge, plain);
    error = code ? 0 : netlink_set_up(t->nl, if_nametoindex(bridge), true);
    return error ? failed(t, link, error) : code;
}

int topology_make(const struct lab *lab, const pid_t *inits, struct err *e)
{
    unsigned last_index = 1; // lo
    struct topology t = {.lab = lab, .inits = inits, .e = e, .last_index = &last_index};
    int code = netlink_open(&t.nl, e);
    for (size_t i = 0; i < lab->links_count && code == 0; i++) {
        const struct lab_link *link = &lab->links[i];
        code = link->ends_count == 2 ? make_wire(&t, link, i) : make_switch(&t, link, i);
    }
    netlink_close(&t.nl);
    return code;
}
