// SPDX-License-Identifier: Apache-2.0
//
// What the schema cannot say of a laboratory: that names are names and lead somewhere, that the
// small texts have their form, and in which order services start.

#include "lab/read.h"

#include "base/array.h"
#include "lab/parse.h"
#include "lab/schema.h"
#include "packet/packet.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int read_refuse(struct reader *r, const char *key, const char *format, ...)
{
    char what[ERR_TEXT_MAX / 2], place[sizeof r->place + 32];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    snprintf(place, sizeof place, "%s/%s", r->place, key);
    return err_set(r->e, ERR_INPUT, "%s:%u: %s", r->lab->path,
                   schema_line(r->bytes, r->length, key[0] ? place : r->place), what);
}

size_t read_enter(struct reader *r, const char *key, size_t index)
{
    size_t before = strlen(r->place);
    snprintf(r->place + before, sizeof r->place - before, "%s%s/%zu", before ? "/" : "", key,
             index);
    return before;
}

void read_leave(struct reader *r, size_t before)
{
    r->place[before] = '\0';
}

static int refuse_entry(struct reader *r, const char *key, size_t index, const char *text,
                        const char *wanted)
{
    char place[64];
    snprintf(place, sizeof place, "%s/%zu", key, index);
    return read_refuse(r, place, "\"%.80s\" is not possible; wanted is %s", text, wanted);
}

int read_name(struct reader *r, const char *name)
{
    return parse_name(name, LAB_NAME_MAX)
               ? 0
               : read_refuse(r, "name",
                             "\"%.40s\" is no name: 1 to %d letters a-z, digits and \"-\" are "
                             "wanted, a letter or digit first",
                             name, LAB_NAME_MAX);
}

int read_node(struct reader *r, const char *key, const char *name, size_t *ret)
{
    size_t id = lab_node_find(r->lab, name);
    if (id == SIZE_MAX)
        return read_refuse(r, key, "there is no node \"%.40s\"", name);
    *ret = id;
    return 0;
}

// ---- files

int lab_file_open_at(int folder, const char *name, int *ret, struct err *e)
{
    struct open_how how = {.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK,
                           .resolve =
                               RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS};
    struct stat st;
    if (!parse_path(name))
        return err_set(e, ERR_INPUT, "\"%.80s\" is no plain path below the laboratory's folder",
                       name);
    int fd = (int)syscall(SYS_openat2, folder, name, &how, sizeof how);
    if (fd < 0 && errno == ELOOP)
        return err_set(e, ERR_INPUT, "%s is a symbolic link, or lies behind one", name);
    if (fd < 0)
        return err_system(e, "%s", name);
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        close(fd);
        return err_set(e, ERR_INPUT, "%s is no file", name);
    }
    *ret = fd;
    return 0;
}

int lab_file_open(const char *folder, const char *name, int *ret, struct err *e)
{
    int root = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (root < 0)
        return err_system(e, "%s", folder);
    int code = lab_file_open_at(root, name, ret, e);
    close(root);
    return code;
}

int read_file_name(struct reader *r, const char *key, const char *name)
{
    int fd;
    struct err e = {0};
    if (!parse_path(name))
        return read_refuse(r, key,
                           "\"%.80s\" is no path within the laboratory's folder: letters, digits, "
                           "\".\", \"_\" and \"-\", no \"..\", not absolute",
                           name);
    if (!r->lab->folder[0])
        return 0;
    if (lab_file_open(r->lab->folder, name, &fd, &e) != 0)
        return read_refuse(r, key, "%s", e.text);
    close(fd);
    return 0;
}

int read_files(struct reader *r, struct lab_file *files, size_t count)
{
    int code = 0;
    for (size_t i = 0; i < count && code == 0; i++) {
        size_t mark = read_enter(r, "files", i);
        if (!parse_path(files[i].name))
            code = read_refuse(r, "name", "\"%.80s\" is no path below the node's folder",
                               files[i].name);
        else if (!files[i].from == !files[i].text)
            code = read_refuse(r, "", "either \"from\" or \"text\" is wanted");
        else if (files[i].from)
            code = read_file_name(r, "from", files[i].from);
        read_leave(r, mark);
    }
    return code;
}

// ---- interfaces, routes, sysctls

static int read_addresses(struct reader *r, const char *key, char **texts, size_t count,
                          struct lab_address **ret)
{
    struct lab_address *list = arena_alloc(&r->lab->arena, (count + 1) * sizeof *list);
    if (!list)
        return err_memory(r->e);
    for (size_t i = 0; i < count; i++)
        if (!lab_address_parse(slice_of(texts[i]), &list[i]) ||
            !is_unicast(list[i].family, list[i].address))
            return refuse_entry(r, key, i, texts[i], "a unicast address, \"2001:db8::1/64\"");
    *ret = list;
    return 0;
}

// RFC 8200, 5: the kernel knows no IPv6 on a link that is narrower.
static int check_width(struct reader *r, const struct lab_interface *in, unsigned mtu)
{
    for (size_t i = 0; i < in->addresses_count; i++)
        if (in->address[i].family == FAMILY_IPV6 && mtu < IPV6_MTU_LEAST)
            return read_refuse(r, "addresses", "%s is for IPv6, and its MTU is %u; wanted is %d",
                               in->name, mtu, IPV6_MTU_LEAST);
    return 0;
}

static int check_interface(struct reader *r, size_t node, struct lab_interface *in)
{
    uint8_t mac[6];
    bool loopback = strcmp(in->name, "lo") == 0;
    const struct lab_place *place = lab_place_find(r->lab, node, in->name);
    if (!loopback && !place)
        return read_refuse(r, "name", "no link ends at %s:%.40s", r->lab->nodes[node].name,
                           in->name);
    if (in->mac && (loopback || !parse_mac(slice_of(in->mac), mac)))
        return read_refuse(r, "mac", "\"%.40s\" is no MAC address such as 02:00:00:00:01:01",
                           in->mac);
    if (in->mtu != 0 && (in->mtu < LAB_MTU_MIN || in->mtu > LAB_MTU_MAX))
        return read_refuse(r, "mtu", "an MTU is %d to %d", LAB_MTU_MIN, LAB_MTU_MAX);
    int code = read_addresses(r, "addresses", in->addresses, in->addresses_count, &in->address);
    unsigned mtu = in->mtu || !place ? in->mtu : r->lab->links[place->link].end[place->end].mtu;
    if (code == 0 && mtu != 0)
        code = check_width(r, in, mtu);
    return code ? code : read_addresses(r, "remove", in->remove, in->remove_count, &in->removed);
}

int read_interfaces(struct reader *r, size_t node, struct lab_interface *list, size_t count)
{
    int code = 0;
    for (size_t i = 0; i < count && code == 0; i++) {
        size_t mark = read_enter(r, "interfaces", i);
        code = check_interface(r, node, &list[i]);
        for (size_t j = 0; code == 0 && j < i; j++)
            if (strcmp(list[i].name, list[j].name) == 0)
                code = read_refuse(r, "name", "%s is there twice", list[i].name);
        read_leave(r, mark);
    }
    return code;
}

int read_routes(struct reader *r, const char *key, size_t node, char **texts, size_t count,
                struct lab_route **ret)
{
    struct lab_route *list = arena_alloc(&r->lab->arena, (count + 1) * sizeof *list);
    if (!list)
        return err_memory(r->e);
    for (size_t i = 0; i < count; i++) {
        if (!lab_route_parse(slice_of(texts[i]), &list[i]))
            return refuse_entry(r, key, i, texts[i],
                                "\"2001:db8:2::/64 via 2001:db8:1::1\", \"default via fe80::1 dev "
                                "lan0\", \"unreachable 2001:db8::/32\"");
        const char *dev = list[i].interface;
        if (dev[0] && strcmp(dev, "lo") != 0 && !lab_place_find(r->lab, node, dev))
            return refuse_entry(r, key, i, texts[i], "an interface of this node");
    }
    *ret = list;
    return 0;
}

// "net.ipv6.conf.lan0.accept_ra=1": of the network, nothing else.
static bool is_sysctl(const char *text)
{
    struct slice rest = slice_of(text), name = slice_cut(&rest, '=');
    return rest.at && rest.length >= 1 && rest.length <= 200 && parse_sysctl(name);
}

int read_sysctls(struct reader *r, char **texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!is_sysctl(texts[i]))
            return refuse_entry(r, "sysctls", i, texts[i], "\"net.ipv6.conf.all.forwarding=1\"");
    return 0;
}

// ---- times

int read_within(struct reader *r, const char *text, uint64_t otherwise, uint64_t *ret)
{
    *ret = otherwise;
    if (text && (!lab_time_parse(slice_of(text), ret) || *ret > 120 * (uint64_t)1000000))
        return read_refuse(r, "within", "\"%.40s\" is no time up to 120s; \"3s\", \"500ms\"", text);
    return 0;
}

// ---- names, found quickly

static int by_node_name(const void *a, const void *b, void *arg)
{
    const struct lab *lab = arg;
    return strcmp(lab->nodes[*(const size_t *)a].name, lab->nodes[*(const size_t *)b].name);
}

size_t lab_node_find(const struct lab *lab, const char *name)
{
    size_t low = 0, high = lab->by_name ? lab->nodes_count : 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2, id = lab->by_name[middle];
        int order = strcmp(name, lab->nodes[id].name);
        if (order == 0)
            return id;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return SIZE_MAX;
}

static int compare_end(const struct lab *lab, const struct lab_place *p, size_t node,
                       const char *interface)
{
    const struct lab_end *end = &lab->links[p->link].end[p->end];
    if (end->node != node)
        return end->node < node ? -1 : 1;
    return strcmp(end->interface, interface);
}

static int by_end(const void *a, const void *b, void *arg)
{
    const struct lab *lab = arg;
    const struct lab_place *p = b;
    const struct lab_end *end = &lab->links[p->link].end[p->end];
    return compare_end(lab, a, end->node, end->interface);
}

const struct lab_place *lab_place_find(const struct lab *lab, size_t node, const char *interface)
{
    size_t low = 0, high = lab->place_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare_end(lab, &lab->places[middle], node, interface);
        if (order == 0)
            return &lab->places[middle];
        if (order > 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

size_t lab_check_find(const struct lab *lab, const char *name)
{
    for (size_t i = 0; i < lab->check_count; i++)
        if (strcmp(lab->checks[i]->name, name) == 0)
            return i;
    return SIZE_MAX;
}

size_t lab_link_find(const struct lab *lab, const char *name)
{
    for (size_t i = 0; i < lab->links_count; i++)
        if (strcmp(lab->links[i].name, name) == 0)
            return i;
    return SIZE_MAX;
}

struct lab_service *lab_service_find(const struct lab *lab, size_t node, const char *name)
{
    const struct lab_node *n = &lab->nodes[node];
    for (size_t i = 0; i < n->services_count; i++)
        if (strcmp(n->services[i].name, name) == 0)
            return &n->services[i];
    return NULL;
}

static int index_nodes(struct reader *r)
{
    struct lab *lab = r->lab;
    size_t *ids = arena_alloc(&lab->arena, lab->nodes_count * sizeof *ids);
    if (!ids)
        return err_memory(r->e);
    for (size_t i = 0; i < lab->nodes_count; i++)
        ids[i] = i;
    qsort_r(ids, lab->nodes_count, sizeof *ids, by_node_name, lab);
    lab->by_name = ids;
    for (size_t i = 1; i < lab->nodes_count; i++)
        if (strcmp(lab->nodes[ids[i - 1]].name, lab->nodes[ids[i]].name) == 0) {
            read_enter(r, "nodes", ids[i]);
            return read_refuse(r, "name", "node %s is there twice", lab->nodes[ids[i]].name);
        }
    return 0;
}

// ---- links

struct amount {
    const char *key, *text, *wanted;
    bool (*parse)(struct slice s, uint64_t *ret);
    uint64_t *ret;
};

static int read_impairment(struct reader *r, const char *prefix, struct lab_impairment_text *t)
{
    const struct amount amounts[] = {
        {"delay", t->delay, "\"10ms\"", lab_time_parse, &t->of.delay_us},
        {"jitter", t->jitter, "\"2ms\"", lab_time_parse, &t->of.jitter_us},
        {"loss", t->loss, "\"1.5%\"", parse_share, &t->of.loss_ppm},
        {"rate", t->rate, "\"10mbit\"", parse_rate, &t->of.rate_bps},
        {"reorder", t->reorder, "\"1%\"", parse_share, &t->of.reorder_ppm},
        {"duplicate", t->duplicate, "\"1%\"", parse_share, &t->of.duplicate_ppm},
    };
    char key[32];
    for (size_t i = 0; i < sizeof amounts / sizeof *amounts; i++) {
        const struct amount *a = &amounts[i];
        snprintf(key, sizeof key, "%s%s", prefix, a->key);
        if (a->text && !a->parse(slice_of(a->text), a->ret))
            return read_refuse(r, key, "\"%.40s\" is not possible; wanted is %s", a->text,
                               a->wanted);
    }
    snprintf(key, sizeof key, "%smtu", prefix);
    if (t->mtu != 0 && (t->mtu < LAB_MTU_MIN || t->mtu > LAB_MTU_MAX))
        return read_refuse(r, key, "an MTU is %d to %d", LAB_MTU_MIN, LAB_MTU_MAX);
    return 0;
}

static int read_end(struct reader *r, struct lab_link *link, size_t i)
{
    struct slice node, interface;
    char name[LAB_NAME_MAX + 1];
    struct lab_end *end = &link->end[i];
    if (!lab_end_parse(slice_of(link->ends[i]), &node, &interface))
        return refuse_entry(r, "ends", i, link->ends[i], "\"node:interface\"");
    snprintf(name, sizeof name, "%.*s", SLICE_ARG(node));
    end->node = lab_node_find(r->lab, name);
    if (end->node == SIZE_MAX)
        return refuse_entry(r, "ends", i, link->ends[i],
                            "\"node:interface\" of a node that is there");
    memcpy(end->interface, interface.at, interface.length);
    if (strcmp(end->interface, "lo") == 0)
        return refuse_entry(r, "ends", i, link->ends[i], "another interface than lo");
    const struct lab_impairment_text *side = i > 0 && link->back ? link->back : &link->there;
    end->mtu = side->mtu ? side->mtu : link->there.mtu;
    return 0;
}

static int read_link(struct reader *r, size_t i)
{
    struct lab_link *link = &r->lab->links[i];
    size_t mark = read_enter(r, "links", i);
    int code = read_name(r, link->name);
    link->end = arena_alloc(&r->lab->arena, link->ends_count * sizeof *link->end);
    if (!link->end)
        return err_memory(r->e);
    for (size_t n = 0; n < link->ends_count && code == 0; n++)
        code = read_end(r, link, n);
    if (code == 0)
        code = read_impairment(r, "", &link->there);
    if (code == 0 && link->back)
        code = read_impairment(r, "back/", link->back);
    read_leave(r, mark);
    return code;
}

// 02:00:00 and the numbers of node and interface: the same each time, so that automatic addresses
// are.
static void make_macs(struct lab *lab)
{
    size_t number = 0;
    for (size_t i = 0; i < lab->place_count; i++) {
        struct lab_end *end = &lab->links[lab->places[i].link].end[lab->places[i].end];
        const struct lab_place *before = i > 0 ? &lab->places[i - 1] : NULL;
        bool same = before && lab->links[before->link].end[before->end].node == end->node;
        number = same ? number + 1 : 1;
        size_t node = end->node + 1;
        const uint8_t mac[6] = {2, 0, 0, (uint8_t)(node >> 8), (uint8_t)node, (uint8_t)number};
        memcpy(end->mac, mac, sizeof mac);
    }
}

static int index_ends(struct reader *r)
{
    struct lab *lab = r->lab;
    size_t count = 0;
    for (size_t i = 0; i < lab->links_count; i++)
        count += lab->links[i].ends_count;
    lab->places = arena_alloc(&lab->arena, (count + 1) * sizeof *lab->places);
    if (!lab->places)
        return err_memory(r->e);
    for (size_t i = 0; i < lab->links_count; i++)
        for (size_t n = 0; n < lab->links[i].ends_count; n++)
            lab->places[lab->place_count++] = (struct lab_place){i, n};
    qsort_r(lab->places, count, sizeof *lab->places, by_end, lab);
    for (size_t i = 1; i < count; i++)
        if (by_end(&lab->places[i - 1], &lab->places[i], lab) == 0) {
            size_t link = lab->places[i].link;
            read_enter(r, "links", link);
            return read_refuse(r, "ends", "two links end at %s",
                               lab->links[link].ends[lab->places[i].end]);
        }
    make_macs(lab);
    return 0;
}

static int by_link_name(const void *a, const void *b)
{
    return strcmp((*(const struct lab_link *const *)a)->name,
                  (*(const struct lab_link *const *)b)->name);
}

static int links_differ(struct reader *r)
{
    struct lab *lab = r->lab;
    const struct lab_link **sorted =
        arena_alloc(&lab->arena, (lab->links_count + 1) * sizeof *sorted);
    if (!sorted)
        return err_memory(r->e);
    for (size_t i = 0; i < lab->links_count; i++)
        sorted[i] = &lab->links[i];
    qsort(sorted, lab->links_count, sizeof *sorted, by_link_name);
    for (size_t i = 1; i < lab->links_count; i++)
        if (strcmp(sorted[i - 1]->name, sorted[i]->name) == 0) {
            read_enter(r, "links", (size_t)(sorted[i] - lab->links));
            return read_refuse(r, "name", "link %s is there twice", sorted[i]->name);
        }
    return 0;
}

static int read_topology(struct reader *r)
{
    int code = 0;
    for (size_t i = 0; i < r->lab->nodes_count && code == 0; i++) {
        size_t mark = read_enter(r, "nodes", i);
        code = read_name(r, r->lab->nodes[i].name);
        read_leave(r, mark);
    }
    if (code == 0)
        code = index_nodes(r);
    for (size_t i = 0; i < r->lab->links_count && code == 0; i++)
        code = read_link(r, i);
    if (code == 0)
        code = links_differ(r);
    return code ? code : index_ends(r);
}

// ---- the whole

bool lab_folder_name(const char *path)
{
    size_t length = strlen(path), from;
    char name[LAB_NAME_MAX + 1];
    while (length > 0 && path[length - 1] == '/')
        length--;
    for (from = length; from > 0 && path[from - 1] != '/'; from--)
        continue;
    int n = snprintf(name, sizeof name, "%.*s", (int)(length - from), path + from);
    return n < (int)sizeof name && parse_name(name, LAB_NAME_MAX);
}

// "first-hop" of ".../first-hop/lab.yaml".
static int take_name(struct reader *r)
{
    struct lab *lab = r->lab;
    const char *slash = strrchr(lab->folder, '/');
    const char *name = slash ? slash + 1 : lab->folder;
    snprintf(lab->name, sizeof lab->name, "%.*s", LAB_NAME_MAX, lab->folder[0] ? name : "lab");
    if (lab->folder[0] && !parse_name(name, LAB_NAME_MAX))
        return read_refuse(r, "",
                           "the folder \"%.80s\" names the laboratory: 1 to %d letters a-z, digits "
                           "and \"-\" are wanted",
                           name, LAB_NAME_MAX);
    return 0;
}

static int parse(const char *path, const char *real, const struct buffer *bytes, struct lab **ret,
                 struct err *e)
{
    struct lab *lab = NULL;
    int code = schema_load(path, bytes->at ? bytes->at : "", bytes->length, &lab, e);
    if (code)
        return code;
    struct reader r = {.lab = lab, .bytes = bytes->at, .length = bytes->length, .e = e};
    snprintf(lab->path, sizeof lab->path, "%s", path);
    const char *slash = strrchr(real, '/');
    snprintf(lab->real, sizeof lab->real, "%s", real);
    snprintf(lab->folder, sizeof lab->folder, "%.*s", slash ? (int)(slash - real) : 0, real);
    code = take_name(&r);
    if (code == 0)
        code = read_topology(&r);
    if (code == 0)
        code = read_nodes(&r);
    if (code == 0)
        code = read_work(&r);
    if (code == 0)
        *ret = lab;
    else
        lab_free(&lab);
    return code;
}

int lab_parse(const char *path, const char *bytes, size_t length, struct lab **ret, struct err *e)
{
    struct buffer copy = {0};
    buffer_add(&copy, bytes, length);
    int code = copy.failed ? err_memory(e) : parse(path, "", &copy, ret, e);
    buffer_done(&copy);
    return code;
}

// A pipe would never end.
static int read_plain(const char *path, struct buffer *out, struct err *e)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return err_system(e, "%s", path);
    int code = fstat(fd, &st) == 0 && S_ISREG(st.st_mode)
                   ? file_read_from(fd, path, LAB_FILE_MAX, out, e)
                   : err_set(e, ERR_INPUT, "%s is no file", path);
    close(fd);
    return code;
}

int lab_read(const char *path, struct lab **ret, struct err *e)
{
    char *real = realpath(path, NULL);
    struct buffer bytes = {0};
    if (!real)
        return err_system(e, "%s", path);
    int code = read_plain(path, &bytes, e);
    if (code == 0)
        code = parse(path, real, &bytes, ret, e);
    buffer_done(&bytes);
    free(real);
    return code;
}

int lab_find(const char *word, char ret[FILE_PATH_MAX], struct err *e)
{
    struct stat st;
    if (!strchr(word, '/') && parse_name(word, LAB_NAME_MAX)) {
        char name[LAB_NAME_MAX + 32];
        snprintf(name, sizeof name, "labs/%s/lab.yaml", word);
        if (file_find_data(name, ret, NULL) == 0)
            return 0;
    }
    if (stat(word, &st) != 0)
        return err_set(
            e, ERR_NOT_FOUND,
            "there is no laboratory \"%s\"; \"sextant lab list\" shows all, and the path "
            "of a folder is another way to say it",
            word);
    int n = snprintf(ret, FILE_PATH_MAX, S_ISDIR(st.st_mode) ? "%s/lab.yaml" : "%s", word);
    return n < FILE_PATH_MAX ? 0 : err_set(e, ERR_USAGE, "%s: path too long", word);
}

void lab_free(struct lab **lab)
{
    if (!*lab)
        return;
    arena_done(&(*lab)->arena);
    schema_free(lab);
}
