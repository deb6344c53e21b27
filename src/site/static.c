// SPDX-License-Identifier: Apache-2.0

#include "site/static.h"

#include "base/file.h"
#include "site/site_parts.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const char *type_of(const char *name)
{
    static const char *const types[][2] = {
        {".css", "text/css; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".json", "application/json"},
        {".svg", "image/svg+xml"},
        {".png", "image/png"},
        {".ico", "image/x-icon"},
        {".txt", "text/plain; charset=utf-8"},
    };
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot && i < sizeof types / sizeof *types; i++)
        if (strcmp(dot, types[i][0]) == 0)
            return types[i][1];
    return NULL;
}

// One name of letters, digits, "-", "_" and ".", not beginning with ".": no way out of the folder.
static bool is_name(const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                  "-_.";
    return name[0] != '.' && strlen(name) < 100 && name[strspn(name, letters)] == '\0';
}

static int find_file(const struct visit *v, char path[FILE_PATH_MAX], struct err *e)
{
    const char *folder = v->site->options.assets;
    if (folder) {
        int n = snprintf(path, FILE_PATH_MAX, "%s/%s", folder, v->rest);
        return n < FILE_PATH_MAX ? 0 : ERR_NOT_FOUND;
    }
    char name[128];
    snprintf(name, sizeof name, "static/%s", v->rest);
    return file_find_data(name, path, e);
}

int static_file(struct visit *v, struct response *ret, struct err *e)
{
    char path[FILE_PATH_MAX];
    struct stat info;
    const char *type = is_name(v->rest) ? type_of(v->rest) : NULL;
    bool found =
        type && find_file(v, path, NULL) == 0 && stat(path, &info) == 0 && S_ISREG(info.st_mode);
    if (!found)
        return err_set(e, ERR_NOT_FOUND, "%.100s: no such file", v->rest);
    ret->content_type = type;
    snprintf(ret->etag, sizeof ret->etag, "\"%llx-%llx\"", (unsigned long long)info.st_mtim.tv_sec,
             (unsigned long long)info.st_mtim.tv_nsec ^ (unsigned long long)info.st_size << 32);
    ret->modified = info.st_mtim.tv_sec;
    return file_read(path, STATIC_FILE_MAX, &ret->body, e);
}
