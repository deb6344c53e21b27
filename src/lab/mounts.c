// SPDX-License-Identifier: Apache-2.0

#include "lab/mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// Copies of the machine's mounts that nothing can be written through.
static int seal(struct err *e)
{
    struct mount_attr read_only = {.attr_set = MOUNT_ATTR_RDONLY};
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
        return err_system(e, "cannot part the mounts");
    if (syscall(SYS_mount_setattr, AT_FDCWD, "/", AT_RECURSIVE, &read_only, sizeof read_only) != 0)
        return err_system(e, "cannot make the machine's files read-only");
    return 0;
}

static int own_folder(const char *path, const char *options, struct err *e)
{
    return mount("tmpfs", path, "tmpfs", MS_NOSUID | MS_NODEV, options) == 0
               ? 0
               : err_system(e, "%s: cannot mount one of its own", path);
}

static int write_text(const char *path, const struct buffer *text, struct err *e)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    bool ok = fd >= 0 &&
              (text->length == 0 || write(fd, text->at, text->length) == (ssize_t)text->length);
    if (!ok)
        err_system(e, "%s", path);
    if (fd >= 0)
        close(fd);
    return ok ? 0 : ERR_SYSTEM;
}

// A link into /run or /tmp leads to where the machine's file was; make that place anew.
static void make_place(const char *path)
{
    char at[FILE_PATH_MAX];
    snprintf(at, sizeof at, "%s", path);
    for (char *slash = strchr(at + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(at, 0755);
        *slash = '/';
    }
    int fd = open(at, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    if (fd >= 0)
        close(fd);
}

// Lays the file over the machine's, where there is one. `real`: where that leads.
static int lay_over(const char *file, const char *real, const struct buffer *text, struct err *e)
{
    int code = write_text(file, text, e);
    if (code || !real[0])
        return code;
    if (access(real, F_OK) != 0)
        make_place(real);
    if (mount(file, real, NULL, MS_BIND, NULL) == 0 || errno == ENOENT)
        return 0;
    return err_system(e, "%s: cannot lay one of its own over it", real);
}

static void resolve(const char *path, char ret[FILE_PATH_MAX])
{
    char *real = realpath(path, NULL);
    snprintf(ret, FILE_PATH_MAX, "%s", real ? real : "");
    free(real);
}

static void add_lines(struct buffer *out, char *const *lines, size_t count)
{
    for (size_t i = 0; i < count; i++)
        buffer_format(out, "%s\n", lines[i]);
}

static int lay_files(const struct lab_node *n, const struct buffer *hosts,
                     const char real[2][FILE_PATH_MAX], struct err *e)
{
    struct buffer names = {0}, resolver = {0};
    buffer_add(&names, hosts->at, hosts->length);
    add_lines(&names, n->hosts, n->hosts_count);
    add_lines(&resolver, n->resolv, n->resolv_count);
    int code = names.failed || resolver.failed ? err_memory(e) : 0;
    if (code == 0)
        code = lay_over("/run/hosts", real[0], &names, e);
    if (code == 0)
        code = lay_over("/run/resolv.conf", real[1], &resolver, e);
    buffer_done(&names);
    buffer_done(&resolver);
    return code;
}

int mounts_make(const struct lab *lab, size_t node, const struct buffer *hosts, struct err *e)
{
    const struct lab_node *n = &lab->nodes[node];
    char real[2][FILE_PATH_MAX];
    resolve("/etc/hosts", real[0]);
    resolve("/etc/resolv.conf", real[1]);
    int code = seal(e);
    for (size_t i = 0; i < n->folders_count && code == 0; i++)
        code = own_folder(n->folders[i], "mode=0777,size=64m", e);
    if (code == 0)
        code = own_folder("/run", "mode=0755,size=64m", e);
    if (code == 0)
        code = own_folder("/tmp", "mode=1777,size=64m", e);
    if (code == 0 && mkdir(NODE_FOLDER, 0755) != 0)
        code = err_system(e, NODE_FOLDER);
    // Where the machine is a container itself these may be forbidden: its own are then seen.
    mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
    mount("sysfs", "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY, NULL);
    return code ? code : lay_files(n, hosts, real, e);
}
