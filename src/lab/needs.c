// SPDX-License-Identifier: Apache-2.0
//
// What a laboratory needs and this machine has: kernels differ, and so do installed programs.

#include "base/process.h"
#include "lab/engine.h"
#include "lab/netlink.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

enum { HAS = 0, HAS_NOT = 1 };

// In a network namespace that ends with this process.
static int try_kernel(const char *kind, const char *name)
{
    struct netlink *nl = NULL;
    int flags = geteuid() == 0 ? CLONE_NEWNET : CLONE_NEWUSER | CLONE_NEWNET;
    if (unshare(flags) != 0 || netlink_open(&nl, NULL) != 0)
        return HAS_NOT;
    // What is there may ask for more parameters; what is not there is told apart.
    int error = strcmp(kind, "qdisc") == 0 ? netlink_add_queue(nl, 1, name)
                                           : netlink_add_link(nl, "try0", name);
    netlink_close(&nl);
    return error == -EOPNOTSUPP || error == -ENOENT || error == -ENODEV ? HAS_NOT : HAS;
}

static int try_namespaces(void)
{
    bool made = unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0 || unshare(CLONE_NEWNET) == 0;
    return made ? HAS : HAS_NOT;
}

// Whether a node could be made at all.
static int has_namespaces(bool *ret, struct err *e)
{
    pid_t pid;
    int pidfd;
    int code = process_fork(0, &pid, &pidfd, e);
    if (code == 0 && pid == 0)
        process_end(try_namespaces());
    if (code)
        return code;
    *ret = process_reap(pidfd, true) == HAS;
    close(pidfd);
    return 0;
}

static int has_in_kernel(const char *kind, const char *name, bool *ret, struct err *e)
{
    pid_t pid;
    int pidfd;
    if (strcmp(name, "seg6") == 0 && strcmp(kind, "kernel") == 0) {
        *ret = access("/proc/sys/net/ipv6/conf/all/seg6_enabled", F_OK) == 0;
        return 0;
    }
    int code = process_fork(0, &pid, &pidfd, e);
    if (code == 0 && pid == 0)
        process_end(try_kernel(kind, name));
    if (code)
        return code;
    *ret = process_reap(pidfd, true) == HAS;
    close(pidfd);
    return 0;
}

// An ordinary user may, where the system has set it up so.
static bool may_make_tun(void)
{
    int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static bool has_own(const char *name, engine_own *own)
{
    enum engine_daemon kind = own(name);
    return kind == DAEMON_PLAIN || (kind == DAEMON_TUN && may_make_tun());
}

int engine_has(const char *way, engine_own *own, bool *ret, struct err *e)
{
    const char *name = strchr(way, ':') + 1;
    if (strncmp(way, "program:", 8) == 0)
        *ret = process_has_program(name);
    else if (strncmp(way, "own:", 4) == 0)
        *ret = has_own(name, own);
    else
        return has_in_kernel(way[0] == 'q' ? "qdisc" : "kernel", name, ret, e);
    return 0;
}

static bool wants_tun(const struct lab_need *need, engine_own *own)
{
    for (unsigned i = 0; i < need->ways_count; i++)
        if (strncmp(need->ways[i], "own:", 4) == 0 && own(need->ways[i] + 4) == DAEMON_TUN)
            return !may_make_tun();
    return false;
}

static const char *why_no_tun(void)
{
    bool is_there = access("/dev/net/tun", F_OK) == 0;
    return is_there ? ", for this user may not open /dev/net/tun)"
                    : ", for this machine has no /dev/net/tun)";
}

static const char *say_missing(struct lab *lab, const struct lab_need *need, engine_own *own)
{
    struct buffer text = {0};
    buffer_format(&text, "%s (", need->feature);
    for (unsigned i = 0; i < need->ways_count; i++)
        buffer_format(&text, "%s%s", i ? ", " : "", need->ways[i]);
    buffer_text(&text, need->ways_count > 1 ? ": none of them is here" : " is not here");
    buffer_text(&text, wants_tun(need, own) ? why_no_tun() : ")");
    const char *said = text.failed ? NULL : arena_text(&lab->arena, text.at, text.length);
    buffer_done(&text);
    return said;
}

static bool is_chosen(const char *chosen, const char *way)
{
    struct slice rest = slice_of(chosen);
    while (rest.at)
        if (slice_is(slice_cut(&rest, ','), way))
            return true;
    return false;
}

// The need with only those of its ways that are chosen; none: as it is.
static int narrow(struct lab *lab, const char *chosen, struct lab_need *need, struct err *e)
{
    char **ways = arena_alloc(&lab->arena, (need->ways_count + 1) * sizeof *ways);
    unsigned count = 0;
    if (!ways)
        return err_memory(e);
    for (unsigned i = 0; i < need->ways_count; i++)
        if (is_chosen(chosen, need->ways[i]))
            ways[count++] = need->ways[i];
    if (count > 0)
        *need = (struct lab_need){.feature = need->feature, .ways = ways, .ways_count = count};
    return 0;
}

// Is the way one that could be chosen? *ret_valid gets all of them.
static bool could_be_chosen(const struct lab *lab, struct slice way, struct buffer *ret_valid)
{
    bool known = false;
    for (unsigned i = 0; i < lab->needs_count; i++)
        for (unsigned w = 0; w < lab->needs[i].ways_count; w++) {
            known = known || slice_is(way, lab->needs[i].ways[w]);
            buffer_format(ret_valid, "%s%s", ret_valid->length ? ", " : "", lab->needs[i].ways[w]);
        }
    return known;
}

static int refuse_unknown(const struct lab *lab, const char *chosen, struct err *e)
{
    struct slice rest = slice_of(chosen);
    int code = 0;
    while (rest.at && code == 0) {
        struct buffer valid = {0};
        struct slice way = slice_cut(&rest, ',');
        if (!could_be_chosen(lab, way, &valid))
            code = err_set(e, ERR_USAGE, "\"%.*s\" is no way of %s; there are: %.300s",
                           (int)(way.length < 60 ? way.length : 60), way.at, lab->name,
                           valid.at ? valid.at : "none");
        buffer_done(&valid);
    }
    return code;
}

int engine_needs(struct lab *lab, engine_own *own, const char *chosen, const char **ret_ways,
                 const char **ret_missing, struct err *e)
{
    bool able = false;
    ret_ways[lab->needs_count] = NULL;
    int code = chosen ? refuse_unknown(lab, chosen, e) : 0;
    if (code == 0)
        code = has_namespaces(&able, e);
    *ret_missing = code || able ? NULL
                                : "network namespaces: user namespaces are not allowed here, and "
                                  "this is not root";
    for (unsigned i = 0; i < lab->needs_count && code == 0; i++) {
        struct lab_need need = lab->needs[i];
        bool has = false;
        ret_ways[i] = "";
        code = chosen ? narrow(lab, chosen, &need, e) : 0;
        for (unsigned w = 0; w < need.ways_count && !has && code == 0; w++) {
            code = engine_has(need.ways[w], own, &has, e);
            if (has)
                ret_ways[i] = need.ways[w];
        }
        if (code == 0 && !has && !*ret_missing) {
            *ret_missing = say_missing(lab, &need, own);
            code = *ret_missing ? 0 : err_memory(e);
        }
    }
    return code;
}
