// SPDX-License-Identifier: Apache-2.0
//
// Nodes: what they have, what runs on them and in which order it starts.

#include "base/text.h"
#include "lab/parse.h"
#include "lab/read.h"

#include <stdio.h>
#include <string.h>

#define READY_DEFAULT_US 20000000

static bool is_line(const char *text)
{
    return text[0] && !strpbrk(text, "\n\r") && strlen(text) < 400;
}

static int read_lines(struct reader *r, const char *key, char **texts, size_t count,
                      const char *const *first, const char *wanted)
{
    for (size_t i = 0; i < count; i++) {
        struct slice rest = slice_of(texts[i]), word = slice_cut(&rest, ' ');
        bool ok = is_line(texts[i]) && rest.at;
        bool known = !first;
        for (size_t n = 0; first && first[n]; n++)
            known = known || slice_is(word, first[n]);
        char place[32];
        snprintf(place, sizeof place, "%s/%zu", key, i);
        if (!ok || !known)
            return read_refuse(r, place, "\"%.80s\" is not possible; wanted is %s", texts[i],
                               wanted);
    }
    return 0;
}

// Places that daemons write to, of which a node gets its own.
static bool is_folder(const char *path)
{
    static const char *const below[] = {"/var/", "/etc/", "/srv/", NULL};
    for (size_t i = 0; below[i]; i++)
        if (strncmp(path, below[i], strlen(below[i])) == 0)
            return parse_path(path + 1);
    return false;
}

static int read_folders(struct reader *r, const struct lab_node *n)
{
    char key[32];
    for (size_t i = 0; i < n->folders_count; i++) {
        snprintf(key, sizeof key, "folders/%zu", i);
        if (!is_folder(n->folders[i]))
            return read_refuse(r, key,
                               "\"%.80s\" is not possible; a folder below /var, /etc or /srv "
                               "is wanted, such as /var/lib/kea",
                               n->folders[i]);
    }
    return 0;
}

// ---- services

static int find_way(struct reader *r, const char *way)
{
    for (size_t i = 0; i < r->lab->needs_count; i++)
        for (size_t n = 0; n < r->lab->needs[i].ways_count; n++)
            if (strcmp(r->lab->needs[i].ways[n], way) == 0)
                return 0;
    return read_refuse(r, "way", "\"%.80s\" is none of the ways under \"needs\"", way);
}

static int read_service(struct reader *r, size_t node, struct lab_service *s)
{
    int code = read_name(r, s->name);
    s->node_id = node;
    for (size_t i = 0; i < s->run_count && code == 0; i++)
        if ((i == 0 && s->run[i][0] == '\0') || strlen(s->run[i]) > 4000)
            code = read_refuse(r, "run", "a program and its arguments are wanted");
    if (code == 0 && s->way)
        code = find_way(r, s->way);
    if (code == 0 && s->ready) {
        size_t before = strlen(r->place);
        snprintf(r->place + before, sizeof r->place - before, "/ready");
        code = read_within(r, s->ready->within, READY_DEFAULT_US, &s->ready->within_us);
        if (code == 0)
            code = read_probe(r, node, &s->ready->probe);
        if (code == 0 && s->ready->probe.capture)
            code = read_refuse(r, "capture", "packets do not show that a service is ready");
        read_leave(r, before);
    }
    return code;
}

// One name may be several services, each by another way: only one of them takes part.
static int refuse_twice(struct reader *r, const struct lab_node *n, size_t id)
{
    const struct lab_service *s = &n->services[id];
    for (const struct lab_service *other = n->services; other < s; other++)
        if (strcmp(other->name, s->name) == 0 &&
            (!s->way || !other->way || strcmp(s->way, other->way) == 0))
            return read_refuse(r, "name", "service %s is there twice", s->name);
    return 0;
}

static int read_services(struct reader *r, size_t node)
{
    struct lab_node *n = &r->lab->nodes[node];
    int code = 0;
    for (size_t i = 0; i < n->services_count && code == 0; i++) {
        size_t mark = read_enter(r, "services", i);
        code = read_service(r, node, &n->services[i]);
        if (code == 0)
            code = refuse_twice(r, n, i);
        read_leave(r, mark);
    }
    return code;
}

static void take_ends(struct lab *lab, size_t id)
{
    for (size_t i = 0; i < lab->nodes[id].interfaces_count; i++) {
        const struct lab_interface *in = &lab->nodes[id].interfaces[i];
        const struct lab_place *place = lab_place_find(lab, id, in->name);
        if (place && in->mac)
            parse_mac(slice_of(in->mac), lab->links[place->link].end[place->end].mac);
        if (place && in->mtu)
            lab->links[place->link].end[place->end].mtu = in->mtu;
    }
}

static int read_one(struct reader *r, size_t id)
{
    static const char *const resolver[] = {"nameserver", "search", "options", NULL};
    struct lab_node *n = &r->lab->nodes[id];
    int code = read_interfaces(r, id, n->interfaces, n->interfaces_count);
    if (code == 0)
        take_ends(r->lab, id);
    if (code == 0)
        code = read_routes(r, "routes", id, n->routes, n->routes_count, &n->route);
    if (code == 0)
        code = read_sysctls(r, n->sysctls, n->sysctls_count);
    if (code == 0)
        code =
            read_lines(r, "hosts", n->hosts, n->hosts_count, NULL, "\"2001:db8::1 www.example\"");
    if (code == 0)
        code = read_lines(r, "resolv", n->resolv, n->resolv_count, resolver,
                          "\"nameserver 2001:db8::53\", \"search example\", \"options ...\"");
    if (code == 0)
        code = read_folders(r, n);
    if (code == 0 && n->firewall)
        code = read_file_name(r, "firewall", n->firewall);
    if (code == 0)
        code = read_files(r, n->files, n->files_count);
    if (code == 0 && n->memory && !parse_size(slice_of(n->memory), &n->memory_bytes))
        code = read_refuse(r, "memory", "\"%.40s\" is no size; \"64M\"", n->memory);
    return code;
}

// ---- the order in which services start

enum { NEW, OPEN, DONE };

struct order {
    struct reader *r;
    uint8_t **state; // of each node's services
};

static uint8_t *state_of(struct order *o, const struct lab_service *s)
{
    return &o->state[s->node_id][s - o->r->lab->nodes[s->node_id].services];
}

static void stand_at(struct reader *r, const struct lab_service *s)
{
    r->place[0] = '\0';
    read_enter(r, "nodes", s->node_id);
    read_enter(r, "services", (size_t)(s - r->lab->nodes[s->node_id].services));
}

// "listener" of the same node, or "node/listener".
static struct lab_service *find_after(struct reader *r, const struct lab_service *s,
                                      const char *word)
{
    struct slice rest = slice_of(word), first = slice_cut(&rest, '/');
    char node[LAB_NAME_MAX + 1];
    if (!rest.at)
        return lab_service_find(r->lab, s->node_id, word);
    if (first.length > LAB_NAME_MAX)
        return NULL;
    snprintf(node, sizeof node, "%.*s", SLICE_ARG(first));
    size_t id = lab_node_find(r->lab, node);
    return id == SIZE_MAX ? NULL : lab_service_find(r->lab, id, rest.at);
}

#define AFTER_DEPTH_MAX 100 // services that wait for one another

static int place_service(struct order *o, struct lab_service *s, unsigned depth)
{
    struct reader *r = o->r;
    *state_of(o, s) = OPEN;
    for (size_t i = 0; i < s->after_count; i++) {
        struct lab_service *first = find_after(r, s, s->after[i]);
        stand_at(r, s);
        if (!first)
            return read_refuse(r, "after", "there is no service \"%.60s\"", s->after[i]);
        if (first == s)
            return read_refuse(r, "after", "%s waits for itself", s->name);
        if (*state_of(o, first) == OPEN || depth == AFTER_DEPTH_MAX)
            return read_refuse(r, "after", "%s and %s wait for each other", s->name, first->name);
        int code = *state_of(o, first) == NEW ? place_service(o, first, depth + 1) : 0;
        if (code)
            return code;
    }
    *state_of(o, s) = DONE;
    r->lab->services[r->lab->service_count++] = s;
    return 0;
}

static int order_services(struct reader *r)
{
    struct lab *lab = r->lab;
    size_t count = 0;
    for (size_t i = 0; i < lab->nodes_count; i++)
        count += lab->nodes[i].services_count;
    struct order o = {.r = r,
                      .state = arena_alloc(&lab->arena, lab->nodes_count * sizeof(uint8_t *))};
    lab->services = arena_alloc(&lab->arena, (count + 1) * sizeof(struct lab_service *));
    uint8_t *states = arena_alloc(&lab->arena, count + 1);
    if (!o.state || !lab->services || !states)
        return err_memory(r->e);
    for (size_t i = 0; i < lab->nodes_count; states += lab->nodes[i++].services_count)
        o.state[i] = states;
    int code = 0;
    for (size_t i = 0; i < lab->nodes_count && code == 0; i++)
        for (size_t n = 0; n < lab->nodes[i].services_count && code == 0; n++)
            if (o.state[i][n] == NEW)
                code = place_service(&o, &lab->nodes[i].services[n], 0);
    r->place[0] = '\0';
    return code;
}

// ---- what the machine must have

static bool is_way(const char *way)
{
    static const char *const kinds[] = {"kernel", "program", "own", "qdisc", NULL};
    struct slice rest = slice_of(way), kind = slice_cut(&rest, ':');
    bool known = false;
    for (size_t i = 0; kinds[i]; i++)
        known = known || slice_is(kind, kinds[i]);
    return known && rest.at && parse_path(rest.at) && !strchr(rest.at, '/');
}

static int read_needs(struct reader *r)
{
    int code = 0;
    for (size_t i = 0; i < r->lab->needs_count && code == 0; i++) {
        const struct lab_need *n = &r->lab->needs[i];
        size_t mark = read_enter(r, "needs", i);
        for (size_t w = 0; w < n->ways_count && code == 0; w++)
            if (!is_way(n->ways[w]))
                code = read_refuse(r, "ways",
                                   "\"%.40s\" is no way; \"kernel:veth\", \"program:bird\", "
                                   "\"own:ra\", \"qdisc:tbf\"",
                                   n->ways[w]);
        read_leave(r, mark);
    }
    return code;
}

int read_nodes(struct reader *r)
{
    int code = read_needs(r);
    for (size_t i = 0; i < r->lab->nodes_count && code == 0; i++) {
        size_t mark = read_enter(r, "nodes", i);
        code = read_one(r, i);
        if (code == 0)
            code = read_services(r, i);
        read_leave(r, mark);
    }
    return code ? code : order_services(r);
}
