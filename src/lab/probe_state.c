// SPDX-License-Identifier: Apache-2.0
//
// What the node has: addresses, routes, neighbours, services, files, settings; and what a command
// says.

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "lab/mounts.h"
#include "lab/parse.h"
#include "lab/probes.h"
#include "lab/process.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_addr.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SAID_OF_MAX 3 // things that are named when none of them is what is wanted

struct search {
    const void *probe;
    unsigned index; // of the interface that is asked for; 0: any
    enum family family;
    u128 prefix;
    uint8_t length;
    enum family via_family;
    u128 via;
    const struct lab *lab;
    unsigned found, named;
    struct buffer *said;
};

static bool inside(enum family family, u128 address, const struct search *s)
{
    unsigned bits = family == FAMILY_IPV6 ? 128 : 32, free_bits = bits - s->length;
    return family == s->family && (free_bits == 128 || (address ^ s->prefix) >> free_bits == 0);
}

static bool begin(struct search *s, const char *prefix, const char *interface, struct netlink **ret)
{
    struct err e = {0};
    lab_prefix_parse(slice_of(prefix), &s->family, &s->prefix, &s->length);
    s->index = interface ? if_nametoindex(interface) : 0;
    if (interface && !s->index) {
        buffer_format(s->said, "there is no interface %s", interface);
        return false;
    }
    if (netlink_open(ret, &e) == 0)
        return true;
    buffer_text(s->said, e.text);
    return false;
}

static bool conclude(struct search *s, bool none, const char *what)
{
    if (s->found == 0 && s->named == 0)
        buffer_format(s->said, "there is no such %s", what);
    return none ? s->found == 0 : s->found > 0;
}

static void name(struct search *s, const char *how, enum family family, u128 address)
{
    char text[ADDRESS_TEXT_MAX];
    if (s->named++ < SAID_OF_MAX)
        buffer_format(s->said, "%s%s%s", s->said->length ? ", " : "",
                      address_format(family, address, text), how);
}

// ---- addresses

static enum lab_address_state address_state(uint32_t flags)
{
    if (flags & IFA_F_DADFAILED)
        return LAB_ADDRESS_DUPLICATE;
    if (flags & IFA_F_TENTATIVE)
        return LAB_ADDRESS_TENTATIVE;
    return flags & IFA_F_DEPRECATED ? LAB_ADDRESS_DEPRECATED : LAB_ADDRESS_PREFERRED;
}

static enum lab_address_origin address_origin(const struct netlink_address *a)
{
    if (a->flags & IFA_F_TEMPORARY)
        return LAB_ORIGIN_TEMPORARY;
    return a->lasts ? LAB_ORIGIN_STATIC : LAB_ORIGIN_AUTOMATIC;
}

static void on_address(const struct netlink_address *a, void *arg)
{
    static const char *const states[] = {"", "", " (deprecated)", " (tentative)", " (duplicate)"};
    struct search *s = arg;
    const struct lab_address_probe *p = s->probe;
    if (!inside(a->family, a->address, s) || (s->index && a->index != s->index))
        return;
    enum lab_address_state state = address_state(a->flags);
    bool held = (p->state == LAB_ADDRESS_ANY || p->state == state) &&
                (p->origin == LAB_ORIGIN_ANY || p->origin == address_origin(a));
    s->found += held;
    name(s, states[state], a->family, a->address);
}

bool probe_address(const struct lab_address_probe *p, struct buffer *said)
{
    struct search s = {.probe = p, .said = said};
    struct netlink *nl = NULL;
    if (!begin(&s, p->in, p->interface, &nl))
        return false;
    netlink_addresses(nl, on_address, &s, NULL);
    netlink_close(&nl);
    return conclude(&s, p->none, "address");
}

// ---- routes

// The interface of the laboratory that has this address; NULL: none.
static const struct lab_end *end_of(const struct lab *lab, enum family family, u128 address)
{
    for (size_t i = 0; i < lab->nodes_count; i++)
        for (size_t k = 0; k < lab->nodes[i].interfaces_count; k++) {
            const struct lab_interface *in = &lab->nodes[i].interfaces[k];
            const struct lab_place *place = lab_place_find(lab, i, in->name);
            for (size_t a = 0; place && a < in->addresses_count; a++)
                if (in->address[a].family == family && in->address[a].address == address)
                    return &lab->links[place->link].end[place->end];
        }
    return NULL;
}

static u128 link_local(const uint8_t mac[6])
{
    u128 address = (u128)0xFE80 << 112 | (u128)0xFFFE << 24;
    for (unsigned i = 0; i < 6; i++)
        address |= (u128)(i ? mac[i] : mac[i] ^ 2) << (i < 3 ? 56 - 8 * i : 40 - 8 * i);
    return address;
}

// A router may be named by the link-local address of the same interface, as advertisements do.
static bool is_next_hop(const struct search *s, const struct netlink_route *r)
{
    if (!r->has_via || r->via_family != s->via_family)
        return false;
    if (r->via == s->via)
        return true;
    const struct lab_end *end = end_of(s->lab, s->via_family, s->via);
    return end && r->via == link_local(end->mac);
}

static void on_route(const struct netlink_route *r, void *arg)
{
    struct search *s = arg;
    const struct lab_route_probe *p = s->probe;
    bool usable = r->type == RTN_UNICAST || r->type == RTN_LOCAL;
    if (!usable || (s->index && r->index != s->index))
        return;
    bool held = !p->via || is_next_hop(s, r);
    s->found += held;
    if (r->has_via)
        name(s, " is the next hop", r->via_family, r->via);
    else if (s->named++ < SAID_OF_MAX)
        buffer_format(s->said, "%son the link", s->said->length ? ", " : "");
}

static void on_table_route(const struct netlink_route *r, void *arg)
{
    struct search *s = arg;
    if (r->family == s->family && r->length == s->length && r->to == s->prefix &&
        r->table != RT_TABLE_LOCAL)
        on_route(r, arg);
}

bool probe_route(const struct check_site *site, const struct lab_route_probe *p,
                 struct buffer *said)
{
    struct search s = {.probe = p, .lab = site->lab, .said = said};
    struct netlink *nl = NULL;
    if (!begin(&s, p->to, p->interface, &nl))
        return false;
    if (p->via)
        lab_ip_parse(slice_of(p->via), &s.via_family, &s.via);
    if (strchr(p->to, '/'))
        netlink_routes(nl, on_table_route, &s, NULL);
    else
        netlink_lookup(nl, s.family, s.prefix, on_route, &s, NULL);
    netlink_close(&nl);
    return conclude(&s, p->none, "route");
}

// ---- neighbours

static bool neighbour_holds(const struct lab_neighbour_probe *p, const struct netlink_neighbour *n)
{
    uint8_t mac[6];
    if (p->mac && (!n->has_mac || !parse_mac(slice_of(p->mac), mac) || memcmp(mac, n->mac, 6) != 0))
        return false;
    if (p->router && !(n->flags & NTF_ROUTER))
        return false;
    switch (p->state) {
    case LAB_NEIGHBOUR_REACHABLE:
        return n->state & (NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE);
    case LAB_NEIGHBOUR_FAILED:
        return n->state & (NUD_FAILED | NUD_INCOMPLETE);
    case LAB_NEIGHBOUR_PERMANENT:
        return n->state & NUD_PERMANENT;
    default:
        return true;
    }
}

static void on_neighbour(const struct netlink_neighbour *n, void *arg)
{
    struct search *s = arg;
    char how[40] = "", mac[MAC_TEXT_MAX];
    if (!inside(n->family, n->address, s) || (s->index && n->index != s->index))
        return;
    s->found += neighbour_holds(s->probe, n);
    if (n->has_mac)
        snprintf(how, sizeof how, " is %s", mac_format(n->mac, mac));
    name(s, how, n->family, n->address);
}

bool probe_neighbour(const struct lab_neighbour_probe *p, struct buffer *said)
{
    struct search s = {.probe = p, .said = said};
    struct netlink *nl = NULL;
    if (!begin(&s, p->address, p->interface, &nl))
        return false;
    netlink_neighbours(nl, on_neighbour, &s, NULL);
    netlink_close(&nl);
    return conclude(&s, p->none, "neighbour");
}

// ---- the others

bool probe_service(const struct check_site *site, const struct lab_service_probe *p,
                   struct buffer *said)
{
    struct run *now = NULL;
    struct err e = {0};
    bool running = false;
    if (run_read_state(site->run->folder, &now, &e) != 0) {
        buffer_text(said, e.text);
        return false;
    }
    const struct run_service *s = run_service_find(now, site->node, slice_of(p->name));
    if (s) {
        running = s->state == SERVICE_READY;
        buffer_format(said, "the service %s is %s", p->name, service_state_name(s->state));
    }
    run_free(&now);
    return running != p->stopped;
}

static bool judge_text(const struct buffer *text, const char *contains, const char *lacks,
                       struct buffer *said)
{
    const char *at = text->at ? text->at : "";
    bool has = !contains || memmem(at, text->length, contains, strlen(contains));
    bool bad = lacks && memmem(at, text->length, lacks, strlen(lacks));
    if (!has)
        buffer_format(said, "; \"%.100s\" is not in it", contains);
    if (bad)
        buffer_format(said, "; \"%.100s\" is in it", lacks);
    return has && !bad;
}

// Whose node it is may have put a pipe there, on which nothing comes.
bool probe_file(const struct lab_file_probe *p, struct buffer *said)
{
    struct buffer text = {0};
    struct err e = {0};
    int fd = open(p->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    bool held = fd >= 0 && file_read_from(fd, p->path, 1 << 20, &text, &e) == 0;
    if (fd < 0)
        err_system(&e, "%s", p->path);
    else
        close(fd);
    buffer_text(said, held ? "it is there" : e.text);
    held = held && judge_text(&text, p->contains, p->lacks, said);
    buffer_done(&text);
    return held;
}

bool probe_sysctl(const struct lab_sysctl_probe *p, struct buffer *said)
{
    char path[300];
    struct buffer text = {0};
    struct err e = {0};
    snprintf(path, sizeof path, "/proc/sys/%s", p->name);
    for (char *dot = path; (dot = strchr(dot, '.'));)
        *dot = '/';
    bool held = file_read(path, 65536, &text, &e) == 0;
    struct slice value = {text.at ? text.at : "", text.length};
    if (value.length > 0 && value.at[value.length - 1] == '\n')
        value.length--;
    if (held)
        buffer_format(said, "it is %.*s", SLICE_ARG(value));
    else
        buffer_text(said, e.text);
    held = held && slice_is(slice_trim(value), p->is);
    buffer_done(&text);
    return held;
}

#define COMMAND_LEAST_US 10000000 // for the last try too

bool probe_command(const struct lab_command_probe *p, int64_t until, struct buffer *said)
{
    struct buffer text = {.limit = 1 << 20};
    struct err e = {0};
    int status = 0;
    int64_t least = clock_microseconds() + COMMAND_LEAST_US;
    const char **run = calloc(p->run_count + 1, sizeof *run);
    for (unsigned i = 0; run && i < p->run_count; i++)
        run[i] = p->run[i];
    bool held = run && mounts_enter_folder() &&
                process_run_in_node(run, until > least ? until : least, &text, &status, &e) == 0;
    free(run);
    if (held)
        buffer_format(said, "it ends with status %d", status);
    else
        buffer_text(said, e.text);
    held = held && (unsigned)status == p->status && judge_text(&text, p->contains, p->lacks, said);
    buffer_done(&text);
    return held;
}
