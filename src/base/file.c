// SPDX-License-Identifier: Apache-2.0

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int write_all(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t n = write(fd, bytes, length);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        bytes += n;
        length -= (size_t)n;
    }
    return 0;
}

bool file_is_stream(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
}

struct file_draft {
    int fd;
    char path[FILE_PATH_MAX];
    char temporary[FILE_PATH_MAX]; // "" where the path is a stream
};

static int open_beside(struct file_draft *d, struct err *e)
{
    if (snprintf(d->temporary, sizeof d->temporary, "%s.XXXXXX", d->path) >=
        (int)sizeof d->temporary)
        return err_set(e, ERR_USAGE, "%s: path too long", d->path);
    d->fd = mkostemp(d->temporary, O_CLOEXEC);
    return d->fd < 0 ? err_system(e, "%s: cannot create a file beside it", d->path) : 0;
}

int file_draft_open(const char *path, struct file_draft **ret, struct err *e)
{
    struct file_draft *d = calloc(1, sizeof *d);
    if (!d)
        return err_memory(e);
    int code = 0;
    if (snprintf(d->path, sizeof d->path, "%s", path) >= (int)sizeof d->path) {
        code = err_set(e, ERR_USAGE, "%s: path too long", path);
    } else if (file_is_stream(path)) {
        d->fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
        code = d->fd < 0 ? err_system(e, "%s", path) : 0;
    } else {
        code = open_beside(d, e);
    }
    if (code)
        free(d);
    else
        *ret = d;
    return code;
}

int file_draft_write(struct file_draft *d, const void *bytes, size_t length, struct err *e)
{
    return write_all(d->fd, bytes, length) == 0 ? 0 : err_system(e, "%s: cannot write", d->path);
}

void file_draft_drop(struct file_draft **d)
{
    if (!*d)
        return;
    if ((*d)->fd >= 0)
        close((*d)->fd);
    if ((*d)->temporary[0])
        unlink((*d)->temporary);
    free(*d);
    *d = NULL;
}

int file_draft_publish(struct file_draft **draft, struct err *e)
{
    struct file_draft *d = *draft;
    mode_t mask = umask(0);
    umask(mask);
    bool beside = d->temporary[0] != '\0';
    bool whole = !beside || (fchmod(d->fd, 0666 & ~mask) == 0 && fsync(d->fd) == 0);
    int saved = errno;
    bool closed = close(d->fd) == 0;
    d->fd = -1;
    if (closed && !whole)
        errno = saved;
    int code = 0;
    if (!closed || !whole || (beside && rename(d->temporary, d->path) != 0))
        code = err_system(e, "%s: cannot write", d->path);
    else
        d->temporary[0] = '\0';
    file_draft_drop(draft);
    return code;
}

int file_publish(const char *path, const void *bytes, size_t length, struct err *e)
{
    struct file_draft *d = NULL;
    int code = file_draft_open(path, &d, e);
    if (!code)
        code = file_draft_write(d, bytes, length, e);
    if (!code)
        code = file_draft_publish(&d, e);
    file_draft_drop(&d);
    return code;
}

int file_read_from(int fd, const char *path, size_t limit, struct buffer *out, struct err *e)
{
    char chunk[16384];
    size_t total = 0;
    ssize_t n;
    while ((n = read(fd, chunk, sizeof chunk)) > 0 && (total += (size_t)n) <= limit)
        buffer_add(out, chunk, (size_t)n);
    int code = 0;
    if (n < 0)
        code = err_system(e, "%s", path);
    else if (total > limit)
        code = err_set(e, ERR_LIMIT, "%s: longer than %zu bytes", path, limit);
    else if (out->failed)
        code = err_memory(e);
    return code;
}

int file_read(const char *path, size_t limit, struct buffer *out, struct err *e)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_system(e, "%s", path);
    int code = file_read_from(fd, path, limit, out, e);
    close(fd);
    return code;
}

// The folder of the running program, without a final slash; "" where /proc does not say.
static void program_folder(char ret[FILE_PATH_MAX])
{
    ssize_t n = readlink("/proc/self/exe", ret, FILE_PATH_MAX - 1);
    ret[n > 0 ? n : 0] = '\0';
    char *slash = strrchr(ret, '/');
    if (slash)
        *slash = '\0';
}

static bool try_path(const char *folder, const char *inside, const char *name,
                     char ret[FILE_PATH_MAX])
{
    int n = snprintf(ret, FILE_PATH_MAX, "%s%s/%s", folder, inside, name);
    return n > 0 && n < FILE_PATH_MAX && access(ret, R_OK) == 0;
}

int file_find_program(const char *name, char ret[FILE_PATH_MAX], struct err *e)
{
    char program[FILE_PATH_MAX], found[FILE_PATH_MAX];
    program_folder(program);
    // Installed: bin/ beside libexec/. In the build tree src/cmd, or src/lab beside it.
    bool ok = try_path(program, "/../libexec/sextant", name, found) ||
              try_path(program, "/../lab", name, found) || try_path(program, "", name, found) ||
              try_path(SEXTANT_LIBEXECDIR, "", name, found);
    if (!ok)
        return err_set(e, ERR_NOT_FOUND, "program %s not found in %s", name, SEXTANT_LIBEXECDIR);
    memcpy(ret, found, sizeof found);
    return 0;
}

int file_find_data(const char *name, char ret[FILE_PATH_MAX], struct err *e)
{
    const char *chosen = getenv("SEXTANT_DATA");
    char program[FILE_PATH_MAX], found[FILE_PATH_MAX];
    program_folder(program);
    // Installed: bin/ beside share/. In the build tree the program, unit tests and fuzz targets lie
    // up to two folders below the folder that has data/.
    bool ok = chosen ? try_path(chosen, "", name, found)
                     : try_path(program, "/../share/sextant", name, found) ||
                           try_path(program, "/data", name, found) ||
                           try_path(program, "/../data", name, found) ||
                           try_path(program, "/../../data", name, found) ||
                           try_path(SEXTANT_DATADIR, "", name, found);
    if (!ok)
        return err_set(e, ERR_NOT_FOUND,
                       "reference table %s not found in %s; set SEXTANT_DATA to its folder", name,
                       chosen ? chosen : SEXTANT_DATADIR);
    memcpy(ret, found, sizeof found);
    return 0;
}
