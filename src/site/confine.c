// SPDX-License-Identifier: Apache-2.0

#include "site/confine.h"

#include "base/file.h"
#include "site/calls.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/landlock.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static void note(struct buffer *said, const char *what, bool done)
{
    buffer_format(said, "%s%s %s", said->length ? ", " : "confined: ", what,
                  done ? "yes" : strerror(errno));
}

static bool drop_root(const char *user)
{
    const struct passwd *to = getpwnam(user);
    if (!to) {
        errno = ENOENT;
        return false;
    }
    return setgroups(0, NULL) == 0 && setresgid(to->pw_gid, to->pw_gid, to->pw_gid) == 0 &&
           setresuid(to->pw_uid, to->pw_uid, to->pw_uid) == 0;
}

#define READ_RIGHTS (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define ALL_RIGHTS                                                                                 \
    (READ_RIGHTS | LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE |                    \
     LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |                              \
     LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |    \
     LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK | \
     LANDLOCK_ACCESS_FS_MAKE_SYM)

// A path that is not there is no failure: nothing is allowed then.
static void allow(int rules, const char *path, uint64_t rights)
{
    struct landlock_path_beneath_attr beneath = {.allowed_access = rights};
    beneath.parent_fd = open(path, O_PATH | O_CLOEXEC);
    if (beneath.parent_fd < 0)
        return;
    syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0);
    close(beneath.parent_fd);
}

static void folder_of(const char *path, char ret[FILE_PATH_MAX])
{
    snprintf(ret, FILE_PATH_MAX, "%s", path);
    char *slash = strrchr(ret, '/');
    if (!slash)
        snprintf(ret, FILE_PATH_MAX, ".");
    else
        slash[slash == ret] = '\0';
}

static void allow_data(int rules, const char *name)
{
    char path[FILE_PATH_MAX], folder[FILE_PATH_MAX];
    if (file_find_data(name, path, NULL) != 0)
        return;
    folder_of(path, folder);
    allow(rules, folder, READ_RIGHTS);
}

// The build tree leads to the source: what is allowed is where it leads.
static void allow_folder(int rules, const char *name)
{
    char path[FILE_PATH_MAX];
    if (file_find_data(name, path, NULL) == 0)
        allow(rules, path, READ_RIGHTS);
}

// Letters of pictures are read when they are first drawn.
static void allow_fonts(int rules)
{
    static const char *const folders[] = {"/etc/fonts", "/usr/share/fontconfig", "/usr/share/fonts",
                                          "/usr/local/share/fonts", "/var/cache/fontconfig"};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        allow(rules, folders[i], READ_RIGHTS);
}

// SQLite's readers write into the index of the log, FILE-shm, and nowhere else.
static void allow_archive(int rules, const char *store)
{
    char path[FILE_PATH_MAX];
    folder_of(store, path);
    allow(rules, path, READ_RIGHTS);
    if (snprintf(path, sizeof path, "%s-shm", store) < (int)sizeof path)
        allow(rules, path, LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE);
}

static bool restrict_files(const char *store)
{
    const struct landlock_ruleset_attr all = {.handled_access_fs = ALL_RIGHTS};
    int rules = (int)syscall(SYS_landlock_create_ruleset, &all, sizeof all, 0);
    if (rules < 0)
        return false;
    allow_archive(rules, store);
    allow_data(rules, "world/economies.csv");
    allow_data(rules, "iana/special-purpose.csv");
    allow_data(rules, "static/style.css");
    allow_folder(rules, "labs");
    allow_folder(rules, "courses");
    allow(rules, "/proc/self", READ_RIGHTS);
    allow_fonts(rules);
    bool done = syscall(SYS_landlock_restrict_self, rules, 0) == 0;
    int saved = errno;
    close(rules);
    errno = saved;
    return done;
}

void confine(const char *store, const char *user, struct buffer *said)
{
    if (geteuid() == 0)
        note(said, "root given up", drop_root(user ? user : "nobody"));
    bool sealed = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
    note(said, "no new privileges", sealed);
    note(said, "Landlock", sealed && restrict_files(store));
    errno = sealed ? calls_restrict() : errno;
    note(said, "seccomp", sealed && errno == 0);
}
