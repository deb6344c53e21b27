// SPDX-License-Identifier: Apache-2.0

#include "lab/run.h"

#include "base/text.h"
#include "lab/parse.h"
#include "lab/quota.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define STATE_MAX ((size_t)1 << 20) // 2,000 nodes with as many services take 200 kB

static const char *const state_names[] = {"idle", "starting", "ready", "ended", "left-out"};
#define STATE_COUNT (sizeof state_names / sizeof *state_names)

const char *service_state_name(enum service_state s)
{
    return state_names[s];
}

// ---- folders

static int make_folder(const char *path, struct err *e)
{
    if (mkdir(path, 0700) == 0 || errno == EEXIST)
        return 0;
    return err_system(e, "%s: cannot make it", path);
}

// What lies there says which processes are ended: nobody else may write it, nor lead there by a
// link.
static int trust_folder(const char *path, struct err *e)
{
    struct stat link, st;
    if (lstat(path, &link) != 0 || stat(path, &st) != 0)
        return err_system(e, "%s", path);
    if (!S_ISDIR(st.st_mode))
        return err_set(e, ERR_USAGE, "%s is no folder", path);
    if (link.st_uid != geteuid() || st.st_uid != geteuid())
        return err_set(e, ERR_USAGE,
                       "%s belongs to another user; laboratories need a folder of your own: set "
                       "SEXTANT_RUN",
                       path);
    bool open = (st.st_mode & S_IWOTH) || ((st.st_mode & S_IWGRP) && st.st_gid != getegid());
    return open ? err_set(e, ERR_USAGE,
                          "%s: others may write there; \"chmod go-w\", or another folder as "
                          "SEXTANT_RUN, keeps laboratories yours",
                          path)
                : 0;
}

int run_root(char ret[FILE_PATH_MAX], struct err *e)
{
    const char *chosen = getenv("SEXTANT_RUN"), *user = getenv("XDG_RUNTIME_DIR");
    int n;
    if (chosen && *chosen)
        n = snprintf(ret, FILE_PATH_MAX, "%s", chosen);
    else if (geteuid() == 0)
        n = snprintf(ret, FILE_PATH_MAX, "/run/sextant");
    else if (user && *user == '/')
        n = snprintf(ret, FILE_PATH_MAX, "%s/sextant", user);
    else
        return err_set(
            e, ERR_USAGE,
            "no place for what runs: set SEXTANT_RUN to a folder of your own, such as ~/.sextant");
    if (n >= FILE_PATH_MAX - 100)
        return err_set(e, ERR_USAGE, "%s: path too long", ret);
    int code = make_folder(ret, e);
    return code ? code : trust_folder(ret, e);
}

static int remove_entry(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st;
    (void)kind;
    (void)at;
    remove(path);
    return 0;
}

void run_remove(const char *folder)
{
    nftw(folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

// The lock of a folder: -1 and errno when it is not there or held (EWOULDBLOCK).
static int lock_folder(const char *folder, int flags)
{
    char path[FILE_PATH_MAX + 8];
    snprintf(path, sizeof path, "%s/lock", folder);
    int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags, 0600);
    if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) == 0)
        return fd;
    int saved = errno;
    close(fd);
    errno = saved;
    return -1;
}

// Who makes or sweeps folders holds the folder of all: a lock that is tried, or a folder that is
// half made, is nobody else's to see. Close it to release.
static int lock_root(const char *root, struct err *e)
{
    int fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0 && flock(fd, LOCK_EX) == 0)
        return fd;
    err_system(e, "%s", root);
    if (fd >= 0)
        close(fd);
    return ERR_SYSTEM;
}

// Removes the folder when nobody holds its lock. A folder without a lock is being made or removed.
static void sweep(const char *folder)
{
    int fd = lock_folder(folder, 0);
    if (fd >= 0) {
        quota_remove(strrchr(folder, '/') + 1);
        run_remove(folder);
    }
    if (fd < 0 && errno == ENOENT)
        rmdir(folder);
    if (fd >= 0)
        close(fd);
}

static int claim(const char *name, const char *folder, int *ret_lock, struct err *e)
{
    char log[FILE_PATH_MAX];
    sweep(folder);
    int code = make_folder(folder, e);
    if (code)
        return code;
    int fd = lock_folder(folder, O_CREAT);
    if (fd < 0 && errno == EWOULDBLOCK)
        return err_set(e, ERR_USAGE,
                       "%s is up already; \"sextant lab down %s\" ends it, --as gives another name",
                       name, name);
    snprintf(log, sizeof log, "%s/log", folder);
    code = fd < 0 ? err_system(e, "%s", folder) : make_folder(log, e);
    if (code)
        run_remove(folder);
    if (code && fd >= 0)
        close(fd);
    if (code == 0)
        *ret_lock = fd;
    return code;
}

int run_claim(const char *name, char ret_folder[FILE_PATH_MAX], int *ret_lock, struct err *e)
{
    char root[FILE_PATH_MAX];
    if (!parse_name(name, RUN_NAME_MAX))
        return err_set(
            e, ERR_USAGE,
            "\"%.60s\" is no name for a laboratory: 1 to %d letters a-z, digits and \"-\" "
            "are wanted",
            name, RUN_NAME_MAX);
    int code = run_root(root, e);
    if (code)
        return code;
    if (snprintf(ret_folder, FILE_PATH_MAX, "%s/%s", root, name) >= FILE_PATH_MAX - 60)
        return err_set(e, ERR_USAGE, "%s: path too long", root);
    int held = lock_root(root, e);
    if (held < 0)
        return held;
    code = claim(name, ret_folder, ret_lock, e);
    close(held);
    return code;
}

// ---- state

static int write_text(const char *folder, const struct buffer *text, struct err *e)
{
    char path[FILE_PATH_MAX + 16], made[FILE_PATH_MAX + 16];
    snprintf(path, sizeof path, "%s/state", folder);
    snprintf(made, sizeof made, "%s/state.new", folder);
    int fd = open(made, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_system(e, "%s", made);
    bool ok = write(fd, text->at, text->length) == (ssize_t)text->length;
    if (close(fd) == 0 && ok && rename(made, path) == 0)
        return 0;
    return err_system(e, "%s: cannot write", made);
}

int run_write_state(const struct run *r, struct err *e)
{
    struct buffer text = {.limit = STATE_MAX};
    buffer_format(&text, "lab %s\nkeeper %d\nuser %d\nmode %s\n", r->lab, (int)r->keeper, r->user,
                  r->mode);
    if (r->ways[0])
        buffer_format(&text, "ways %s\n", r->ways);
    for (size_t i = 0; i < r->node_count; i++)
        buffer_format(&text, "node %s %d\n", r->nodes[i].name, (int)r->nodes[i].init);
    for (size_t i = 0; i < r->service_count; i++) {
        const struct run_service *s = &r->services[i];
        buffer_format(&text, "service %zu %s %s %d\n", s->node, s->name, state_names[s->state],
                      s->status);
    }
    int code = text.failed ? err_memory(e) : write_text(r->folder, &text, e);
    buffer_done(&text);
    return code;
}

static bool take_text(struct slice s, char *ret, size_t size)
{
    if (s.length >= size)
        return false;
    memcpy(ret, s.at, s.length);
    ret[s.length] = '\0';
    return true;
}

static bool take_node(struct slice rest, struct run *r)
{
    struct slice name = slice_cut(&rest, ' ');
    uint64_t pid;
    if (r->node_count >= LAB_NODES_MAX || !rest.at || !slice_u64(rest, INT32_MAX, &pid))
        return false;
    struct run_node *n = &r->nodes[r->node_count++];
    n->init = (pid_t)pid;
    return take_text(name, n->name, sizeof n->name);
}

static bool take_service(struct slice rest, struct run *r)
{
    struct slice node = slice_cut(&rest, ' '), name = slice_cut(&rest, ' ');
    struct slice state = slice_cut(&rest, ' ');
    uint64_t id, status;
    struct run_service *s = &r->services[r->service_count];
    if (!rest.at || !slice_u64(node, LAB_NODES_MAX, &id) || !slice_u64(rest, 255, &status) ||
        !take_text(name, s->name, sizeof s->name))
        return false;
    for (size_t i = 0; i < STATE_COUNT; i++)
        if (slice_is(state, state_names[i]))
            s->state = (enum service_state)i;
    s->node = (size_t)id;
    s->status = (int)status;
    r->service_count++;
    return true;
}

static bool take_line(struct slice line, struct run *r)
{
    struct slice rest = line, key = slice_cut(&rest, ' ');
    uint64_t number = 0;
    if (!rest.at)
        return false;
    if (slice_is(key, "lab"))
        return take_text(rest, r->lab, sizeof r->lab);
    if (slice_is(key, "mode"))
        return take_text(rest, r->mode, sizeof r->mode);
    if (slice_is(key, "ways"))
        return take_text(rest, r->ways, sizeof r->ways);
    if (slice_is(key, "node"))
        return take_node(rest, r);
    if (slice_is(key, "service"))
        return take_service(rest, r);
    if (!slice_u64(rest, INT32_MAX, &number))
        return false;
    if (slice_is(key, "keeper"))
        r->keeper = (pid_t)number;
    else if (slice_is(key, "user"))
        r->user = number != 0;
    else
        return false;
    return true;
}

static int parse_state(const char *folder, const struct buffer *text, struct run *r, struct err *e)
{
    size_t lines = 1;
    for (size_t i = 0; i < text->length; i++)
        lines += text->at[i] == '\n';
    r->nodes = calloc(lines, sizeof *r->nodes);
    r->services = calloc(lines, sizeof *r->services);
    if (!r->nodes || !r->services)
        return err_memory(e);
    struct slice rest = {text->at, text->length};
    while (rest.at && rest.length > 0)
        if (!take_line(slice_cut(&rest, '\n'), r))
            return err_set(e, ERR_INPUT, "%s/state is not of this program", folder);
    return 0;
}

int run_read_state(const char *folder, struct run **ret, struct err *e)
{
    char path[FILE_PATH_MAX + 16];
    struct buffer text = {0};
    struct run *r = calloc(1, sizeof *r);
    if (!r)
        return err_memory(e);
    snprintf(path, sizeof path, "%s/state", folder);
    snprintf(r->folder, sizeof r->folder, "%s", folder);
    snprintf(r->name, sizeof r->name, "%.*s", RUN_NAME_MAX, strrchr(folder, '/') + 1);
    int code = file_read(path, STATE_MAX, &text, e);
    if (code == 0)
        code = parse_state(folder, &text, r, e);
    buffer_done(&text);
    if (code == 0)
        *ret = r;
    else
        run_free(&r);
    return code;
}

void run_free(struct run **r)
{
    if (*r) {
        free((*r)->nodes);
        free((*r)->services);
    }
    free(*r);
    *r = NULL;
}

size_t run_node_find(const struct run *r, const char *name)
{
    for (size_t i = 0; i < r->node_count; i++)
        if (strcmp(r->nodes[i].name, name) == 0)
            return i;
    return SIZE_MAX;
}

const struct run_service *run_service_find(const struct run *r, size_t node, struct slice name)
{
    const struct run_service *found = NULL;
    for (size_t i = 0; i < r->service_count; i++) {
        const struct run_service *s = &r->services[i];
        if (s->node == node && slice_is(name, s->name) &&
            (!found || found->state == SERVICE_LEFT_OUT))
            found = s;
    }
    return found;
}

// ---- what is up

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

static bool is_up(const char *folder)
{
    int fd = lock_folder(folder, 0);
    if (fd < 0)
        return errno == EWOULDBLOCK;
    close(fd);
    return false;
}

#define RUNS_MAX 1000

static int list_folder(DIR *root, const char *path, struct run_names *list, struct err *e)
{
    for (struct dirent *entry; (entry = readdir(root)) && list->count < RUNS_MAX;) {
        char folder[FILE_PATH_MAX + 64];
        if (!parse_name(entry->d_name, RUN_NAME_MAX))
            continue;
        snprintf(folder, sizeof folder, "%s/%.60s", path, entry->d_name);
        if (!is_up(folder)) {
            sweep(folder);
            continue;
        }
        void *more = realloc(list->at, (list->count + 1) * sizeof *list->at);
        if (!more)
            return err_memory(e);
        list->at = more;
        snprintf(list->at[list->count++], RUN_NAME_MAX + 1, "%.*s", RUN_NAME_MAX, entry->d_name);
    }
    return 0;
}

int run_list(struct run_names *ret, struct err *e)
{
    char path[FILE_PATH_MAX];
    struct run_names list = {0};
    int code = run_root(path, e);
    if (code)
        return code;
    int held = lock_root(path, e);
    if (held < 0)
        return held;
    DIR *root = opendir(path);
    code = root ? list_folder(root, path, &list, e) : err_system(e, "%s", path);
    if (root)
        closedir(root);
    close(held);
    if (code) {
        free(list.at);
        return code;
    }
    if (list.count > 1)
        qsort(list.at, list.count, sizeof *list.at, by_text);
    *ret = list;
    return 0;
}

static int choose(const struct run_names *up, const char *name, const char **ret, struct err *e)
{
    if (!name && up->count == 1) {
        *ret = up->at[0];
        return 0;
    }
    for (size_t i = 0; name && i < up->count; i++)
        if (strcmp(up->at[i], name) == 0) {
            *ret = up->at[i];
            return 0;
        }
    if (name)
        return err_set(e, ERR_NOT_FOUND, "%s is not up; \"sextant lab status\" shows what is",
                       name);
    return up->count == 0
               ? err_set(e, ERR_NOT_FOUND, "no laboratory is up; \"sextant lab up LAB\" starts one")
               : err_set(e, ERR_NOT_FOUND,
                         "%zu laboratories are up, such as %s and %s: say which "
                         "with --lab",
                         up->count, up->at[0], up->at[1]);
}

int run_open(const char *name, struct run **ret, struct err *e)
{
    char root[FILE_PATH_MAX], folder[FILE_PATH_MAX + 64];
    struct run_names up = {0};
    const char *chosen = NULL;
    int code = run_list(&up, e);
    if (code == 0)
        code = choose(&up, name, &chosen, e);
    if (code == 0)
        code = run_root(root, e);
    if (code == 0) {
        snprintf(folder, sizeof folder, "%s/%s", root, chosen);
        code = run_read_state(folder, ret, e);
    }
    free(up.at);
    return code;
}
