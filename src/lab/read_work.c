// SPDX-License-Identifier: Apache-2.0
//
// Tasks with their checks, the reference solution, the broken variants.

#include "base/text.h"
#include "lab/parse.h"
#include "lab/probe.h"
#include "lab/read.h"

#include <pcap/pcap.h>
#include <stdio.h>
#include <string.h>

#define CHECK_DEFAULT_US 3000000

// ---- probes

// A name or an address; names are for /etc/hosts and the DNS of the node.
static bool is_target(const char *text)
{
    size_t n = strlen(text);
    return n >= 1 && n <= 255 && text[0] != '-' &&
           strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:%") == n;
}

static bool is_ip(const char *text)
{
    enum family family;
    u128 address;
    return lab_ip_parse(slice_of(text), &family, &address);
}

static int read_target(struct reader *r, const char *key, const char *text)
{
    return !text || is_target(text)
               ? 0
               : read_refuse(r, key, "\"%.80s\" is neither an address nor a name", text);
}

static int read_ip(struct reader *r, const char *key, const char *text)
{
    return !text || is_ip(text) ? 0 : read_refuse(r, key, "\"%.80s\" is no address", text);
}

static int read_ping(struct reader *r, const struct lab_ping *p)
{
    int code = read_target(r, "ping/to", p->to);
    if (code == 0)
        code = read_ip(r, "ping/from", p->from);
    if (code == 0 && (p->size > 60000 || p->hop_limit > 255))
        code = read_refuse(r, "ping", "a ping has up to 60000 octets and 255 hops");
    return code;
}

static int read_tcp(struct reader *r, const char *key, const struct lab_tcp *t)
{
    char place[32];
    snprintf(place, sizeof place, "%s/to", key);
    int code = read_target(r, place, t->to);
    snprintf(place, sizeof place, "%s/from", key);
    if (code == 0)
        code = read_ip(r, place, t->from);
    if (code == 0 && (t->port < 1 || t->port > 65535))
        code = read_refuse(r, key, "a port is 1 to 65535");
    return code;
}

static int read_http(struct reader *r, const struct lab_http *h)
{
    struct http_url url;
    if (!http_url_parse(h->url, &url))
        return read_refuse(r, "http/url",
                           "\"%.80s\" is no address of the form "
                           "http://name-or-address[:port]/path",
                           h->url);
    return read_target(r, "http/to", h->to);
}

static int read_dns(struct reader *r, const struct lab_dns *d)
{
    int code = read_target(r, "dns/name", d->name);
    if (code == 0)
        code = read_ip(r, "dns/server", d->server);
    if (code == 0 && d->type && dns_type_parse(d->type) < 0)
        code = read_refuse(r, "dns/type", "\"%.40s\" is no type; %s", d->type, DNS_TYPES);
    if (code == 0 && d->rcode && dns_rcode_parse(d->rcode) < 0)
        code = read_refuse(r, "dns/rcode", "\"%.40s\" is no answer code; %s", d->rcode, DNS_RCODES);
    return code;
}

static int read_prefix(struct reader *r, const char *key, const char *text)
{
    enum family family;
    u128 address;
    uint8_t length;
    return lab_prefix_parse(slice_of(text), &family, &address, &length)
               ? 0
               : read_refuse(r, key, "\"%.80s\" is neither an address nor a prefix", text);
}

// Need not be a link's end: tunnels come into being when a service makes them.
static int read_device(struct reader *r, const char *key, const char *name)
{
    return !name || parse_interface(name) ? 0
                                          : read_refuse(r, key, "\"%.40s\" is no interface", name);
}

static int read_route_probe(struct reader *r, const struct lab_route_probe *p)
{
    int code = read_prefix(r, "route/to", p->to);
    if (code == 0)
        code = read_ip(r, "route/via", p->via);
    return code ? code : read_device(r, "route/interface", p->interface);
}

static int read_neighbour(struct reader *r, const struct lab_neighbour_probe *p)
{
    uint8_t mac[6];
    int code = read_ip(r, "neighbour/address", p->address);
    if (code == 0 && p->mac && !parse_mac(slice_of(p->mac), mac))
        code = read_refuse(r, "neighbour/mac", "\"%.40s\" is no MAC address", p->mac);
    return code ? code : read_device(r, "neighbour/interface", p->interface);
}

static int read_capture(struct reader *r, struct lab_capture *c, bool alone)
{
    struct slice node, interface;
    char name[LAB_NAME_MAX + 1];
    struct bpf_program program;
    uint64_t lasts;
    if (!lab_end_parse(slice_of(c->at), &node, &interface) || node.length > LAB_NAME_MAX)
        return read_refuse(r, "capture/at", "\"%.60s\" is not of the form node:interface", c->at);
    snprintf(name, sizeof name, "%.*s", SLICE_ARG(node));
    int code = read_node(r, "capture/at", name, &c->node);
    if (code)
        return code;
    memcpy(c->interface, interface.at, interface.length);
    pcap_t *p = pcap_open_dead(DLT_EN10MB, 65535);
    if (!p)
        return err_memory(r->e);
    if (pcap_compile(p, &program, c->filter ? c->filter : "", 1, PCAP_NETMASK_UNKNOWN) == 0)
        pcap_freecode(&program);
    else
        code = read_refuse(r, "capture/filter", "%s", pcap_geterr(p));
    pcap_close(p);
    if (code == 0 && (c->none ? c->least || c->most : !c->least && !c->most))
        code = read_refuse(r, "capture", "\"least\", \"most\" or \"none\" is wanted");
    if (code == 0 && alone != (c->lasts != NULL))
        code =
            read_refuse(r, "capture", "\"lasts\" is wanted without another probe, and only then");
    if (code == 0 && c->lasts && !lab_time_parse(slice_of(c->lasts), &lasts))
        code = read_refuse(r, "capture/lasts", "\"%.40s\" is no time", c->lasts);
    return code;
}

static int read_small(struct reader *r, size_t node, const struct lab_probe *p)
{
    if (p->service && !lab_service_find(r->lab, node, p->service->name))
        return read_refuse(r, "service/name", "node %s has no service \"%.40s\"",
                           r->lab->nodes[node].name, p->service->name);
    if (p->sysctl && !parse_sysctl(slice_of(p->sysctl->name)))
        return read_refuse(r, "sysctl/name", "\"%.80s\" is no setting of the network",
                           p->sysctl->name);
    if (p->file && p->file->path[0] != '/')
        return read_refuse(r, "file/path", "\"%.80s\" does not begin with /", p->file->path);
    if (p->command && p->command->run[0][0] == '\0')
        return read_refuse(r, "command/run", "a program is wanted");
    return 0;
}

static int read_one_probe(struct reader *r, size_t node, struct lab_probe *p, bool alone)
{
    int code = p->ping ? read_ping(r, p->ping) : 0;
    if (code == 0 && p->tcp)
        code = read_tcp(r, "tcp", p->tcp);
    if (code == 0 && p->udp)
        code = read_tcp(r, "udp", p->udp);
    if (code == 0 && p->http)
        code = read_http(r, p->http);
    if (code == 0 && p->dns)
        code = read_dns(r, p->dns);
    if (code == 0 && p->address) {
        code = read_prefix(r, "address/in", p->address->in);
        if (code == 0)
            code = read_device(r, "address/interface", p->address->interface);
    }
    if (code == 0 && p->route)
        code = read_route_probe(r, p->route);
    if (code == 0 && p->neighbour)
        code = read_neighbour(r, p->neighbour);
    if (code == 0 && p->capture)
        code = read_capture(r, p->capture, alone);
    return code ? code : read_small(r, node, p);
}

int read_probe(struct reader *r, size_t node, struct lab_probe *p)
{
    unsigned count = !!p->ping + !!p->tcp + !!p->udp + !!p->http + !!p->dns + !!p->address +
                     !!p->route + !!p->neighbour + !!p->service + !!p->file + !!p->sysctl +
                     !!p->command;
    if (count > 1 || (count == 0 && !p->capture))
        return read_refuse(r, "",
                           "one probe is wanted: ping, tcp, udp, http, dns, address, route, "
                           "neighbour, service, file, sysctl, command or capture");
    if (count == 1 && node == SIZE_MAX)
        return read_refuse(r, "", "\"node\" is wanted: where the probe is made");
    return read_one_probe(r, node, p, count == 0);
}

// ---- tasks

// Passes when nothing happens: a dead network would pass it too.
static bool is_silent(const struct lab_probe *p)
{
    const struct lab_tcp *t = p->tcp ? p->tcp : p->udp;
    enum lab_expect expect = p->ping ? p->ping->expect : t ? t->expect : LAB_EXPECT_REPLY;
    return expect == LAB_EXPECT_NONE || expect == LAB_EXPECT_SILENCE ||
           (p->capture && p->capture->least == 0) || (p->dns && p->dns->none);
}

static int read_check(struct reader *r, struct lab_check *c)
{
    int code = read_name(r, c->name);
    c->node_id = c->twin_id = SIZE_MAX;
    if (code == 0 && c->node)
        code = read_node(r, "node", c->node, &c->node_id);
    if (code == 0)
        code = read_within(r, c->within, CHECK_DEFAULT_US, &c->within_us);
    if (code == 0)
        code = read_probe(r, c->node_id, &c->probe);
    if (code == 0 && lab_check_find(r->lab, c->name) != SIZE_MAX)
        code = read_refuse(r, "name", "check %s is there twice", c->name);
    if (code == 0 && is_silent(&c->probe) && !c->twin)
        code = read_refuse(r, "",
                           "check %s passes where nothing works; \"twin\" is wanted: a check "
                           "that shows that the way is there",
                           c->name);
    if (code == 0 && c->points && *c->points > 1000)
        code = read_refuse(r, "points", "a check has at most 1000 points");
    return code;
}

static int read_task(struct reader *r, struct lab_task *t)
{
    int code = read_name(r, t->name);
    for (size_t i = 0; i < t->checks_count && code == 0; i++) {
        size_t mark = read_enter(r, "checks", i);
        code = read_check(r, &t->checks[i]);
        if (code == 0)
            r->lab->checks[r->lab->check_count++] = &t->checks[i];
        read_leave(r, mark);
    }
    return code;
}

static int find_twins(struct reader *r)
{
    const struct lab *lab = r->lab;
    for (size_t i = 0; i < lab->tasks_count; i++)
        for (size_t n = 0; n < lab->tasks[i].checks_count; n++) {
            struct lab_check *c = &lab->tasks[i].checks[n];
            c->twin_id = c->twin ? lab_check_find(lab, c->twin) : SIZE_MAX;
            bool bad = c->twin && (c->twin_id == SIZE_MAX || lab->checks[c->twin_id]->twin);
            if (!bad)
                continue;
            read_enter(r, "tasks", i);
            read_enter(r, "checks", n);
            return read_refuse(r, "twin", "\"%.40s\" is no check, or one that has a twin itself",
                               c->twin);
        }
    return 0;
}

static int read_tasks(struct reader *r)
{
    struct lab *lab = r->lab;
    size_t count = 0;
    for (size_t i = 0; i < lab->tasks_count; i++)
        count += lab->tasks[i].checks_count;
    if (count > LAB_LIST_MAX)
        return read_refuse(r, "tasks", "more than %d checks", LAB_LIST_MAX);
    lab->checks = arena_alloc(&lab->arena, (count + 1) * sizeof(struct lab_check *));
    if (!lab->checks)
        return err_memory(r->e);
    int code = 0;
    for (size_t i = 0; i < lab->tasks_count && code == 0; i++) {
        size_t mark = read_enter(r, "tasks", i);
        code = read_task(r, &lab->tasks[i]);
        read_leave(r, mark);
    }
    return code ? code : find_twins(r);
}

// ---- changes

static int find_services(struct reader *r, const struct lab_change *c, const char *key,
                         char **names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!lab_service_find(r->lab, c->node_id, names[i]))
            return read_refuse(r, key, "node %s has no service \"%.40s\"", c->node, names[i]);
    return 0;
}

static int read_change(struct reader *r, struct lab_change *c)
{
    int code = read_node(r, "node", c->node, &c->node_id);
    if (code == 0 && c->step)
        code = parse_name(c->step, LAB_NAME_MAX)
                   ? 0
                   : read_refuse(r, "step", "\"%.40s\" is no name", c->step);
    if (code == 0)
        code = read_interfaces(r, c->node_id, c->interfaces, c->interfaces_count);
    if (code == 0)
        code = read_routes(r, "routes", c->node_id, c->routes, c->routes_count, &c->route);
    if (code == 0)
        code = read_routes(r, "remove-routes", c->node_id, c->remove_routes, c->remove_routes_count,
                           &c->removed);
    if (code == 0)
        code = read_sysctls(r, c->sysctls, c->sysctls_count);
    if (code == 0 && c->firewall)
        code = read_file_name(r, "firewall", c->firewall);
    if (code == 0)
        code = read_files(r, c->files, c->files_count);
    if (code == 0)
        code = find_services(r, c, "restart", c->restart, c->restart_count);
    if (code == 0)
        code = find_services(r, c, "start", c->start, c->start_count);
    return code ? code : find_services(r, c, "stop", c->stop, c->stop_count);
}

static int read_changes(struct reader *r, const char *key, struct lab_change *list, size_t count)
{
    int code = 0;
    for (size_t i = 0; i < count && code == 0; i++) {
        size_t mark = read_enter(r, key, i);
        code = read_change(r, &list[i]);
        read_leave(r, mark);
    }
    return code;
}

static bool has_step(const struct lab *lab, const char *step)
{
    for (size_t i = 0; i < lab->solution_count; i++)
        if (lab->solution[i].step && strcmp(lab->solution[i].step, step) == 0)
            return true;
    return false;
}

static int read_variant(struct reader *r, size_t i)
{
    struct lab_variant *v = &r->lab->variants[i];
    int code = read_name(r, v->name);
    for (size_t n = 0; n < i && code == 0; n++)
        if (strcmp(r->lab->variants[n].name, v->name) == 0)
            code = read_refuse(r, "name", "variant %s is there twice", v->name);
    for (size_t n = 0; n < v->omit_count && code == 0; n++)
        if (!has_step(r->lab, v->omit[n]))
            code = read_refuse(r, "omit", "the solution has no step \"%.40s\"", v->omit[n]);
    for (size_t n = 0; n < v->fails_count && code == 0; n++)
        if (lab_check_find(r->lab, v->fails[n]) == SIZE_MAX)
            code = read_refuse(r, "fails", "there is no check \"%.40s\"", v->fails[n]);
    if (code == 0 && v->omit_count + v->change_count == 0)
        code = read_refuse(r, "", "variant %s changes nothing: \"omit\" or \"change\" is wanted",
                           v->name);
    return code ? code : read_changes(r, "change", v->change, v->change_count);
}

int read_work(struct reader *r)
{
    int code = read_tasks(r);
    if (code == 0)
        code = read_changes(r, "solution", r->lab->solution, r->lab->solution_count);
    for (size_t i = 0; i < r->lab->variants_count && code == 0; i++) {
        size_t mark = read_enter(r, "variants", i);
        code = read_variant(r, i);
        read_leave(r, mark);
    }
    return code;
}
