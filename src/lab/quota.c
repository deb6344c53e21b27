// SPDX-License-Identifier: Apache-2.0

#include "lab/quota.h"

#include "base/file.h"
#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// Where each limit is written: the hierarchy of version 1, or that of version 2.
struct place {
    const char *hierarchy, *memory, *processes;
};

static const struct place places[] = {
    {"/sys/fs/cgroup/memory", "memory.limit_in_bytes", NULL},
    {"/sys/fs/cgroup/pids", NULL, "pids.max"},
    {"/sys/fs/cgroup", "memory.max", "pids.max"},
};
#define PLACE_COUNT (sizeof places / sizeof *places)

static void write_number(const char *group, const char *file, uint64_t number)
{
    char path[FILE_PATH_MAX], text[32];
    snprintf(path, sizeof path, "%s/%s", group, file);
    int length = snprintf(text, sizeof text, "%llu", (unsigned long long)number);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    if (write(fd, text, (size_t)length) < 0) {
        close(fd); // not ours to set: the node runs without it
        return;
    }
    close(fd);
}

static bool is_hierarchy(const char *path)
{
    char procs[FILE_PATH_MAX];
    snprintf(procs, sizeof procs, "%s/cgroup.procs", path);
    return access(procs, F_OK) == 0;
}

void quota_join(const char *instance, const struct lab_node *node, pid_t pid)
{
    char group[FILE_PATH_MAX];
    if (!node->memory_bytes && !node->processes)
        return;
    for (size_t i = 0; i < PLACE_COUNT; i++) {
        const struct place *p = &places[i];
        bool wanted = (p->memory && node->memory_bytes) || (p->processes && node->processes);
        if (!wanted || !is_hierarchy(p->hierarchy))
            continue;
        snprintf(group, sizeof group, "%s/sextant-%s.%s", p->hierarchy, instance, node->name);
        mkdir(group, 0755);
        if (p->memory && node->memory_bytes)
            write_number(group, p->memory, node->memory_bytes);
        if (p->processes && node->processes)
            write_number(group, p->processes, node->processes);
        write_number(group, "cgroup.procs", (uint64_t)pid);
    }
}

#define DYING_MS 200

// Busy until the last of its dead is buried.
static void remove_group(int hierarchy, const char *name)
{
    for (int ms = 0;
         ms < DYING_MS && unlinkat(hierarchy, name, AT_REMOVEDIR) != 0 && errno == EBUSY; ms++)
        usleep(1000);
}

static void remove_below(const char *hierarchy, const char *prefix)
{
    DIR *folder = opendir(hierarchy);
    for (struct dirent *entry; folder && (entry = readdir(folder));)
        if (strncmp(entry->d_name, prefix, strlen(prefix)) == 0)
            remove_group(dirfd(folder), entry->d_name);
    if (folder)
        closedir(folder);
}

void quota_remove(const char *instance)
{
    char prefix[128];
    snprintf(prefix, sizeof prefix, "sextant-%s.", instance);
    for (size_t i = 0; i < PLACE_COUNT; i++)
        remove_below(places[i].hierarchy, prefix);
}
