// SPDX-License-Identifier: Apache-2.0

#include "lab/node.h"

#include "base/clock.h"
#include "base/process.h"
#include "base/text.h"
#include "lab/mounts.h"
#include "lab/netlink.h"
#include "lab/process.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

int node_hosts(const struct lab *lab, struct buffer *out, struct err *e)
{
    char text[ADDRESS_TEXT_MAX];
    buffer_text(out, "127.0.0.1 localhost\n::1 localhost\n");
    for (size_t i = 0; i < lab->nodes_count; i++) {
        const struct lab_node *n = &lab->nodes[i];
        bool said[2] = {false, false};
        for (size_t k = 0; k < n->interfaces_count; k++)
            for (size_t a = 0; a < n->interfaces[k].addresses_count; a++) {
                const struct lab_address *address = &n->interfaces[k].address[a];
                bool link_local =
                    address->family == FAMILY_IPV6 && address->address >> 118 == 0x3FA;
                if (said[address->family] || link_local)
                    continue;
                said[address->family] = true;
                buffer_format(out, "%s %s\n",
                              address_format(address->family, address->address, text), n->name);
            }
    }
    return out->failed ? err_memory(e) : 0;
}

// ---- files

static int copy_file(int folder, const char *from, int to, struct err *e)
{
    char chunk[16384];
    int fd;
    int code = lab_file_open_at(folder, from, &fd, e);
    if (code)
        return code;
    ssize_t n = read(fd, chunk, sizeof chunk);
    while (n > 0) {
        errno = ENOSPC; // a write that is cut short says nothing
        n = write(to, chunk, (size_t)n) == n ? read(fd, chunk, sizeof chunk) : -1;
    }
    int error = errno;
    close(fd);
    errno = error;
    return n == 0 ? 0 : err_system(e, "%s", from);
}

// The folder in which the file lies, made where it is not there. A link of the node's could lead to
// what this process has open. -1 and errno.
static int open_parent(const char *name, const char **ret_last)
{
    int at = mounts_open_folder();
    for (const char *slash; at >= 0 && (slash = strchr(name, '/')); name = slash + 1) {
        char part[FILE_PATH_MAX];
        snprintf(part, sizeof part, "%.*s", (int)(slash - name), name);
        mkdirat(at, part, 0755);
        int next = openat(at, part, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        int error = errno;
        close(at);
        errno = error;
        at = next;
    }
    *ret_last = name;
    return at;
}

// Nor is a pipe waited for that the node has put there.
static int create_file(const char *name)
{
    const char *last;
    int fd = -1, at = open_parent(name, &last);
    if (at < 0)
        return -1;
    fd = openat(at, last, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0644);
    int error = errno;
    close(at);
    errno = error;
    return fd;
}

static int write_file(int folder, const struct lab_file *f, struct err *e)
{
    int code = 0, fd = create_file(f->name);
    if (fd < 0)
        return err_system(e, NODE_FOLDER "/%s", f->name);
    if (f->from)
        code = copy_file(folder, f->from, fd, e);
    else if (write(fd, f->text, strlen(f->text)) != (ssize_t)strlen(f->text))
        code = err_system(e, NODE_FOLDER "/%s", f->name);
    close(fd);
    return code;
}

int node_write_files(int folder, const struct lab_file *files, size_t count, struct err *e)
{
    int code = 0;
    for (size_t i = 0; i < count && code == 0; i++)
        code = write_file(folder, &files[i], e);
    return code;
}

// ---- settings

int node_set_sysctl(const char *setting, struct err *e)
{
    char path[512];
    struct slice value = slice_of(setting), name = slice_cut(&value, '=');
    int n = snprintf(path, sizeof path, "/proc/sys/%.*s", SLICE_ARG(name));
    if (n >= (int)sizeof path)
        return err_set(e, ERR_INPUT, "%s: too long", setting);
    for (char *dot = path; (dot = strchr(dot, '.'));)
        *dot = '/';
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool ok = fd >= 0 && write(fd, value.at, value.length) == (ssize_t)value.length;
    if (!ok)
        err_system(e, "%s", setting);
    if (fd >= 0)
        close(fd);
    return ok ? 0 : ERR_SYSTEM;
}

int node_set_sysctls(char *const *list, size_t count, struct err *e)
{
    int code = 0;
    for (size_t i = 0; i < count && code == 0; i++)
        code = node_set_sysctl(list[i], e);
    return code;
}

static int set_all(const char *const *list, struct err *e)
{
    int code = 0;
    for (; *list && code == 0; list++)
        code = node_set_sysctl(*list, e);
    return code;
}

// What must be set before the interfaces come.
static int set_first(const struct node_start *s, struct err *e)
{
    static const char *const router[] = {"net.ipv6.conf.all.forwarding=1", "net.ipv4.ip_forward=1",
                                         NULL};
    static const char *const no_dad[] = {"net.ipv6.conf.all.accept_dad=0",
                                         "net.ipv6.conf.default.accept_dad=0",
                                         "net.ipv6.conf.default.dad_transmits=0", NULL};
    static const char *const ping[] = {"net.ipv4.ping_group_range=0 0", NULL};
    int code = s->lab->nodes[s->id].kind == LAB_ROUTER ? set_all(router, e) : 0;
    set_all(ping, NULL);
    return code || s->lab->dad ? code : set_all(no_dad, e);
}

// ---- interfaces

static int failed(int error, struct err *e, const char *what, const char *which)
{
    errno = -error;
    return err_system(e, "%s %s", what, which);
}

static int set_interface(struct netlink *nl, const struct lab_interface *in, bool dad,
                         struct err *e)
{
    unsigned index = if_nametoindex(in->name);
    if (!index)
        return err_system(e, "interface %s", in->name);
    int error = in->mtu ? netlink_set_mtu(nl, index, in->mtu) : 0;
    if (error == 0 && in->down)
        error = netlink_set_up(nl, index, false);
    if (error)
        return failed(error, e, "interface", in->name);
    for (size_t i = 0; i < in->remove_count; i++) {
        error = netlink_change_address(nl, index, &in->removed[i], false);
        if (error)
            return failed(error, e, "cannot remove the address", in->remove[i]);
    }
    for (size_t i = 0; i < in->addresses_count; i++) {
        struct lab_address a = in->address[i];
        a.no_dad = a.no_dad || !dad;
        error = netlink_change_address(nl, index, &a, true);
        if (error)
            return failed(error, e, "cannot add the address", in->addresses[i]);
    }
    return 0;
}

int node_set_interfaces(struct netlink *nl, const struct lab_interface *list, size_t count,
                        bool dad, struct err *e)
{
    int code = 0;
    for (size_t i = 0; i < count && code == 0; i++)
        code = set_interface(nl, &list[i], dad, e);
    return code;
}

int node_set_routes(struct netlink *nl, const struct lab_route *list, char *const *texts,
                    size_t count, bool add, struct err *e)
{
    for (size_t i = 0; i < count; i++) {
        unsigned index = list[i].interface[0] ? if_nametoindex(list[i].interface) : 0;
        if (list[i].interface[0] && !index)
            return err_system(e, "route \"%s\"", texts[i]);
        int error = netlink_change_route(nl, index, &list[i], add);
        if (error)
            return failed(error, e, add ? "cannot add the route" : "cannot remove the route",
                          texts[i]);
    }
    return 0;
}

// Checksums are computed by the sender, as on a wire: what a program or a capture reads is whole,
// and no frame is larger than the MTU.
static void plain_frames(const char *name)
{
    struct ethtool_value off = {.cmd = ETHTOOL_STXCSUM};
    struct ifreq request = {.ifr_data = (char *)&off};
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
    ioctl(fd, SIOCETHTOOL, &request);
    close(fd);
}

// An end without an entry under "interfaces" is up as well.
static int raise_links(struct netlink *nl, struct err *e)
{
    struct if_nameindex *all = if_nameindex();
    int code = all ? 0 : err_memory(e);
    for (const struct if_nameindex *in = all; code == 0 && in->if_index; in++) {
        plain_frames(in->if_name);
        int error = netlink_set_up(nl, in->if_index, true);
        if (error)
            code = failed(error, e, "interface", in->if_name);
    }
    if_freenameindex(all);
    return code;
}

#define FIREWALL_US 10000000 // a set of rules for a thousand hosts takes one

int node_load_firewall(int folder, const char *file, struct err *e)
{
    static const char *const run[] = {"nft", "-f", NODE_FOLDER "/fw.nft", NULL};
    const struct lab_file copy = {.name = (char *)(uintptr_t) "fw.nft",
                                  .from = (char *)(uintptr_t)file};
    struct buffer said = {.limit = 4096};
    int status = 0, code = node_write_files(folder, &copy, 1, e);
    if (code == 0)
        code = process_run_in_node(run, clock_microseconds() + FIREWALL_US, &said, &status, e);
    if (code == 0 && status != 0)
        code = err_set(e, ERR_INPUT, "%s: nft says: %.300s", file, said.at ? said.at : "nothing");
    buffer_done(&said);
    return code;
}

// ---- the first process

// What the node is made of, by mounts that it cannot write through: who runs a program can open it
// by /proc/PID/exe. -1 and errno.
struct parts {
    int folder, rest, shown[NODE_PROGRAMS];
};

static int open_part(const char *path, int flags, int *ret, struct err *e)
{
    *ret = open(path, O_PATH | O_CLOEXEC | flags);
    return *ret >= 0 ? 0 : err_system(e, "%s", path);
}

// Before /tmp and /run become the node's own: the laboratory may lie there.
static int open_parts(const struct node_start *s, struct parts *ret, struct err *e)
{
    const char *folder = s->lab->folder[0] ? s->lab->folder : "/";
    int code = open_part(folder, O_DIRECTORY, &ret->folder, e);
    if (code == 0)
        code = open_part(s->programs->rest, 0, &ret->rest, e);
    for (size_t i = 0; i < NODE_PROGRAMS && code == 0; i++)
        code = open_part(s->programs->shown[i], 0, &ret->shown[i], e);
    return code;
}

static int make_files(const struct node_start *s, struct parts *parts, struct err *e)
{
    const struct lab_node *n = &s->lab->nodes[s->id];
    int code = mounts_seal(e);
    if (code == 0)
        code = open_parts(s, parts, e);
    if (code == 0)
        code = mounts_make(s->lab, s->id, s->hosts, parts->shown, e);
    if (code == 0)
        code = node_write_files(parts->folder, n->files, n->files_count, e);
    int kinds = CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC;
    if (code == 0 && unshare(s->user ? kinds | CLONE_NEWUSER : kinds) != 0)
        code = err_system(e, "cannot make namespaces");
    return code;
}

static int make_settings(const struct node_start *s, struct err *e)
{
    const struct lab_node *n = &s->lab->nodes[s->id];
    if (sethostname(n->name, strlen(n->name)) != 0)
        return err_system(e, "cannot name the node");
    mounts_show_network();
    return set_first(s, e);
}

static int configure(const struct node_start *s, int folder, struct err *e)
{
    const struct lab_node *n = &s->lab->nodes[s->id];
    struct netlink *nl = NULL;
    int code = netlink_open(&nl, e);
    if (code)
        return code;
    code = node_set_sysctls(n->sysctls, n->sysctls_count, e);
    if (code == 0)
        code = raise_links(nl, e);
    if (code == 0)
        code = node_set_interfaces(nl, n->interfaces, n->interfaces_count, s->lab->dad, e);
    if (code == 0)
        code = node_set_routes(nl, n->route, n->routes, n->routes_count, true, e);
    netlink_close(&nl);
    if (code == 0 && n->firewall)
        code = node_load_firewall(folder, n->firewall, e);
    return code;
}

static void report(const struct node_start *s, int code, struct err *e)
{
    struct node_report r = {.code = code};
    if (code)
        snprintf(r.text, sizeof r.text, "%s: %.480s", s->lab->nodes[s->id].name, e->text);
    size_t length = offsetof(struct node_report, text) + strlen(r.text) + 1;
    if (send(s->socket, &r, length, MSG_NOSIGNAL) != (ssize_t)length)
        process_end(1);
}

// Becomes the program that reports for it and then has nothing but orphans to bury.
static int rest(const struct node_start *s, const struct parts *parts, struct err *e)
{
    char name[] = "lab-node";
    char *const run[] = {name, NULL};
    if (dup2(s->socket, 0) == 0)
        fexecve(parts->rest, run, environ);
    return err_system(e, "cannot start what keeps the node");
}

// Waits for the keeper's octet.
static void await(const struct node_start *s, int code)
{
    char byte;
    if (code || recv(s->socket, &byte, 1, 0) != 1)
        process_end(code != 0);
}

void node_main(const struct node_start *s)
{
    struct err e = {0};
    struct parts parts = {-1, -1, {-1, -1}};
    process_keep_only(&s->socket, 1);
    int code = make_files(s, &parts, &e);
    report(s, code, &e);
    await(s, code);
    code = make_settings(s, &e);
    report(s, code, &e);
    await(s, code);
    code = configure(s, parts.folder, &e);
    if (code == 0)
        code = rest(s, &parts, &e);
    report(s, code, &e);
    process_end(1);
}
