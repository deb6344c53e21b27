// SPDX-License-Identifier: Apache-2.0

#include "lab/mounts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool make_read_only(const char *path, unsigned flags)
{
    struct mount_attr read_only = {.attr_set = MOUNT_ATTR_RDONLY};
    return syscall(SYS_mount_setattr, AT_FDCWD, path, flags, &read_only, sizeof read_only) == 0;
}

int mounts_seal(struct err *e)
{
    if (unshare(CLONE_NEWNS) != 0)
        return err_system(e, "cannot make a mount namespace");
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
        return err_system(e, "cannot part the mounts");
    return make_read_only("/", AT_RECURSIVE)
               ? 0
               : err_system(e, "cannot make the machine's files read-only");
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

// ---- /dev and /proc

static const char *const devices[] = {"null",    "zero", "full",   "random",
                                      "urandom", "tty",  "net/tun"};
#define DEVICE_COUNT (sizeof devices / sizeof *devices)

static bool bind_file(int fd, const char *to)
{
    char from[64];
    snprintf(from, sizeof from, "/proc/self/fd/%d", fd);
    make_place(to);
    return mount(from, to, NULL, MS_BIND, NULL) == 0;
}

// Only devices that belong to nobody: no disks.
static int own_devices(struct err *e)
{
    int fds[DEVICE_COUNT];
    char name[64];
    for (size_t i = 0; i < DEVICE_COUNT; i++) {
        snprintf(name, sizeof name, "/dev/%s", devices[i]);
        fds[i] = open(name, O_PATH | O_CLOEXEC);
    }
    int code = mount("tmpfs", "/dev", "tmpfs", MS_NOSUID, "mode=0755,size=1m") == 0
                   ? 0
                   : err_system(e, "/dev: cannot mount one of its own");
    for (size_t i = 0; i < DEVICE_COUNT; i++) {
        snprintf(name, sizeof name, "/dev/%s", devices[i]);
        if (code == 0 && fds[i] >= 0)
            bind_file(fds[i], name);
        if (fds[i] >= 0)
            close(fds[i]);
    }
    if (code == 0 &&
        (mkdir("/dev/pts", 0755) != 0 || mkdir("/dev/shm", 01777) != 0 ||
         symlink("pts/ptmx", "/dev/ptmx") != 0 || symlink("/proc/self/fd", "/dev/fd") != 0))
        code = err_system(e, "/dev");
    if (code == 0)
        mount("devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC,
              "newinstance,ptmxmode=0666,mode=0620");
    return code;
}

// What of /proc is neither a process nor the network's: interrupts, buses, drivers. Its owner is
// the machine's root, and that is who the root of a node is where root has brought it up.
static bool is_of_machine(const struct dirent *entry)
{
    struct stat st;
    char path[300];
    snprintf(path, sizeof path, "/proc/%s", entry->d_name);
    bool process = entry->d_name[0] >= '0' && entry->d_name[0] <= '9';
    return entry->d_name[0] != '.' && !process && strcmp(entry->d_name, "sys") != 0 &&
           lstat(path, &st) == 0 &&
           (S_ISDIR(st.st_mode) || (S_ISREG(st.st_mode) && (st.st_mode & 0222)));
}

static int close_proc(struct err *e)
{
    DIR *all = opendir("/proc");
    int code = all ? 0 : err_system(e, "/proc");
    for (struct dirent *entry; code == 0 && (entry = readdir(all));) {
        char path[300];
        snprintf(path, sizeof path, "/proc/%s", entry->d_name);
        if (is_of_machine(entry) &&
            (mount(path, path, NULL, MS_BIND, NULL) != 0 || !make_read_only(path, 0)))
            code = err_system(e, "%s: cannot make it read-only", path);
    }
    if (all)
        closedir(all);
    return code;
}

// Where the machine is a container itself a new /proc may be forbidden: its own is then seen. What
// is not of the network cannot be set.
static int own_proc(struct err *e)
{
    static const char *const closed[] = {"/proc/sysrq-trigger", "/proc/kcore", "/proc/kmsg"};
    bool own = mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) == 0;
    if (mount("/proc/sys", "/proc/sys", NULL, MS_BIND, NULL) != 0 ||
        mount("/proc/sys/net", "/proc/sys/net", NULL, MS_BIND, NULL) != 0)
        return err_system(e, "/proc/sys");
    // Not of what lies below it: that is the network's.
    if (!make_read_only("/proc/sys", 0))
        return err_system(e, "/proc/sys: cannot make it read-only");
    // That of the machine is sealed already, with what is the network's.
    struct mount_attr writable = {.attr_clr = MOUNT_ATTR_RDONLY};
    int code = own ? close_proc(e) : 0;
    if (!own)
        syscall(SYS_mount_setattr, AT_FDCWD, "/proc/sys/net", 0, &writable, sizeof writable);
    for (size_t i = 0; i < sizeof closed / sizeof *closed; i++)
        mount("/dev/null", closed[i], NULL, MS_BIND, NULL);
    return code;
}

void mounts_show_network(void)
{
    mount("sysfs", "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY, NULL);
}

// By a descriptor of before /run became the node's own.
static int show_programs(const int programs[NODE_PROGRAMS], struct err *e)
{
    static const char *const names[NODE_PROGRAMS] = {
        [NODE_PROGRAM_WHOLE] = NODE_PROGRAM, [NODE_PROGRAM_DAEMONS] = NODE_DAEMONS};
    for (size_t i = 0; i < NODE_PROGRAMS; i++)
        if (!bind_file(programs[i], names[i]))
            return err_system(e, "%s", names[i]);
    return 0;
}

bool mounts_enter_folder(void)
{
    int fd = mounts_open_folder();
    bool ok = fd >= 0 && fchdir(fd) == 0;
    if (fd >= 0)
        close(fd);
    return ok;
}

int mounts_open_folder(void)
{
    return open(NODE_FOLDER, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

int mounts_make(const struct lab *lab, size_t node, const struct buffer *hosts,
                const int programs[NODE_PROGRAMS], struct err *e)
{
    const struct lab_node *n = &lab->nodes[node];
    char real[2][FILE_PATH_MAX];
    resolve("/etc/hosts", real[0]);
    resolve("/etc/resolv.conf", real[1]);
    int code = 0;
    for (size_t i = 0; i < n->folders_count && code == 0; i++)
        code = own_folder(n->folders[i], "mode=0777,size=64m", e);
    if (code == 0)
        code = own_folder("/run", "mode=0755,size=64m", e);
    if (code == 0)
        code = own_folder("/tmp", "mode=1777,size=64m", e);
    if (code == 0 && mkdir(NODE_FOLDER, 0755) != 0)
        code = err_system(e, NODE_FOLDER);
    if (code == 0)
        code = show_programs(programs, e);
    if (code == 0)
        code = own_devices(e);
    if (code == 0)
        code = own_proc(e);
    return code ? code : lay_files(n, hosts, real, e);
}
