// SPDX-License-Identifier: Apache-2.0
//
// The inputs under a list of places. A folder is walked once, however many links lead to it.

#include "base/array.h"
#include "base/date.h"
#include "read/http.h"
#include "read/source.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LIST_DEPTH_MAX 32 // folders in folders; archives have three or four
#define LIST_COUNT_MAX                                                                             \
    4000000 // files: five registries' daily files of 300 years, several times over

struct entry {
    char *place;
    uint64_t size;
    date when; // DATE_MAX: the name states none
};

struct folder {
    dev_t device;
    ino_t inode;
};

struct walk {
    ARRAY(struct entry) entries;
    ARRAY(struct folder) folders; // visited
};

date source_name_date(const char *place)
{
    const char *name = strrchr(place, '/');
    date found = DATE_NONE;
    for (const char *at = name ? name + 1 : place; *at;) {
        size_t digits = strspn(at, "0123456789");
        if (digits == 8)
            date_parse((struct slice){at, digits}, &found);
        at += digits ? digits : 1;
    }
    return found;
}

static int entry_compare(const void *left, const void *right)
{
    const struct entry *a = left, *b = right;
    if (a->when != b->when)
        return a->when < b->when ? -1 : 1;
    return strcmp(a->place, b->place);
}

static int entry_add(struct walk *w, char *place, uint64_t size, struct err *e)
{
    if (w->entries.count >= LIST_COUNT_MAX) {
        err_set(e, ERR_LIMIT, "%s: more than %d files", place, LIST_COUNT_MAX);
        free(place);
        return ERR_LIMIT;
    }
    struct entry *entry = ARRAY_ADD(&w->entries);
    if (!entry) {
        free(place);
        return err_memory(e);
    }
    *entry = (struct entry){place, size, source_name_date(place)};
    if (entry->when == DATE_NONE)
        entry->when = DATE_MAX;
    return 0;
}

static bool ends_with(const char *name, const char *end)
{
    size_t length = strlen(name), wanted = strlen(end);
    return length >= wanted && strcmp(name + length - wanted, end) == 0;
}

static bool name_counts(const char *name)
{
    static const char *const others[] = {".md5", ".asc", ".sextant", ".sextant-wal",
                                         ".sextant-shm"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (ends_with(name, others[i]))
            return false;
    return name[0] != '.';
}

// *ret_new is false for a folder that was walked before.
static int folder_mark(struct walk *w, const struct stat *st, bool *ret_new, struct err *e)
{
    *ret_new = false;
    for (size_t i = 0; i < w->folders.count; i++)
        if (w->folders.at[i].device == st->st_dev && w->folders.at[i].inode == st->st_ino)
            return 0;
    struct folder *folder = ARRAY_ADD(&w->folders);
    if (!folder)
        return err_memory(e);
    *folder = (struct folder){st->st_dev, st->st_ino};
    *ret_new = true;
    return 0;
}

static int walk_folder(struct walk *w, int fd, const char *path, unsigned depth, struct err *e);

static int walk_subfolder(struct walk *w, int parent, const char *name, const char *path,
                          unsigned depth, struct err *e)
{
    if (depth >= LIST_DEPTH_MAX)
        return err_set(e, ERR_LIMIT, "%s: more than %d folders deep", path, LIST_DEPTH_MAX);
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 ? err_system(e, "%s", path) : walk_folder(w, fd, path, depth + 1, e);
}

static int walk_entry(struct walk *w, int parent, const char *folder, const char *name,
                      unsigned depth, struct err *e)
{
    size_t length = strlen(folder);
    while (length > 1 && folder[length - 1] == '/')
        length--;
    char *path;
    struct stat st;
    if (asprintf(&path, "%.*s/%s", (int)length, folder, name) < 0)
        return err_memory(e);
    int code = 0;
    if (fstatat(parent, name, &st, 0)) {
        // A link to nowhere, a circle of links, a file that was just removed: nothing to read.
        if (errno != ENOENT && errno != ELOOP)
            code = err_system(e, "%s", path);
    } else if (S_ISDIR(st.st_mode)) {
        code = walk_subfolder(w, parent, name, path, depth, e);
    } else if (S_ISREG(st.st_mode)) {
        return entry_add(w, path, (uint64_t)st.st_size, e);
    }
    free(path);
    return code;
}

// Takes `fd`.
static int walk_folder(struct walk *w, int fd, const char *path, unsigned depth, struct err *e)
{
    struct stat st;
    bool new = false;
    int code = fstat(fd, &st) ? err_system(e, "%s", path) : folder_mark(w, &st, &new, e);
    DIR *folder = !code && new ? fdopendir(fd) : NULL;
    if (!folder) {
        if (!code && new)
            code = err_system(e, "%s", path);
        close(fd);
        return code;
    }
    struct dirent *d;
    while (!code && (d = readdir(folder)))
        if (name_counts(d->d_name))
            code = walk_entry(w, fd, path, d->d_name, depth, e);
    closedir(folder);
    return code;
}

static int walk_place(struct walk *w, const char *place, struct err *e)
{
    struct stat st = {0};
    bool outside = strcmp(place, "-") == 0 || http_is_url(place);
    if (!outside && stat(place, &st))
        return err_system(e, "%s", place);
    if (outside || !S_ISDIR(st.st_mode)) {
        char *copy = strdup(place);
        uint64_t size = S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
        return copy ? entry_add(w, copy, size, e) : err_memory(e);
    }
    int fd = open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return err_system(e, "%s", place);
    size_t first = w->entries.count;
    w->folders.count = 0;
    int code = walk_folder(w, fd, place, 0, e);
    if (!code && w->entries.count > first)
        qsort(w->entries.at + first, w->entries.count - first, sizeof *w->entries.at,
              entry_compare);
    return code;
}

// Hands the places over to *ret.
static int walk_result(struct walk *w, struct source_list *ret, struct err *e)
{
    size_t count = w->entries.count;
    char **places = malloc((count + 1) * sizeof *places);
    uint64_t *sizes = malloc((count + 1) * sizeof *sizes);
    if (!places || !sizes) {
        free(places);
        free(sizes);
        return err_memory(e);
    }
    for (size_t i = 0; i < count; i++) {
        places[i] = w->entries.at[i].place;
        sizes[i] = w->entries.at[i].size;
    }
    w->entries.count = 0;
    *ret = (struct source_list){places, sizes, count};
    return 0;
}

int source_list(char *const *places, size_t count, struct source_list *ret, struct err *e)
{
    struct walk w = {0};
    int code = 0;
    for (size_t i = 0; i < count && !code; i++)
        code = walk_place(&w, places[i], e);
    if (!code)
        code = walk_result(&w, ret, e);
    for (size_t i = 0; i < w.entries.count; i++)
        free(w.entries.at[i].place);
    free(w.entries.at);
    free(w.folders.at);
    return code;
}

void source_list_free(struct source_list *l)
{
    for (size_t i = 0; i < l->count; i++)
        free(l->places[i]);
    free(l->places);
    free(l->sizes);
    *l = (struct source_list){0};
}
