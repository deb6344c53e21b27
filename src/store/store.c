// SPDX-License-Identifier: Apache-2.0
//
// Opening and closing an archive.

#include "store/store.h"

#include "base/file.h"
#include "store/kept.h"
#include "store/sql.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

// The folders that the archive lies in.
static int make_folders(const char *path, struct err *e)
{
    char folder[FILE_PATH_MAX];
    if (snprintf(folder, sizeof folder, "%s", path) >= (int)sizeof folder)
        return err_set(e, ERR_USAGE, "%s: path too long", path);
    for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(folder, 0777) != 0 && errno != EEXIST)
            return err_system(e, "%s: cannot make the folder", folder);
        *slash = '/';
    }
    return 0;
}

static int check_file(const char *path, enum store_mode mode, struct err *e)
{
    struct stat info;
    if (stat(path, &info) != 0) {
        if (errno != ENOENT)
            return err_system(e, "%s", path);
        if (mode == STORE_READ)
            return err_set(e, ERR_NOT_FOUND,
                           "%s: no archive there; make one with sextant import PATH, or name "
                           "another with --store FILE",
                           path);
        return make_folders(path, e);
    }
    if (!S_ISREG(info.st_mode))
        return err_set(e, ERR_STORE, "%s: not a file; wanted an archive", path);
    return 0;
}

// Two programs that make an archive at once both switch it to WAL; SQLite lets one fail at once
// rather than wait. Of a new file the pages are of 8 KB: scans touch half as many.
static int prepare_writing(struct store *s, struct err *e)
{
    static const char sql[] = "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL;"
                              "PRAGMA synchronous = NORMAL;";
    const struct timespec pause = {0, 10 * 1000 * 1000};
    for (int tries = 0; tries < STORE_BUSY_SECONDS * 100; tries++) {
        int code = sqlite3_exec(s->db, sql, NULL, NULL, NULL);
        if (code == SQLITE_OK)
            return 0;
        if ((code & 0xff) != SQLITE_BUSY)
            break;
        nanosleep(&pause, NULL);
    }
    return sql_fail(s, e);
}

// WAL lets readers go on beside a writer. A commit is safe against a kill of the process; a power
// failure may lose the newest inputs but never damages the file (SQLite: synchronous=NORMAL).
static int configure(struct store *s, struct err *e)
{
    int64_t version;
    sqlite3_busy_timeout(s->db, STORE_BUSY_SECONDS * 1000);
    int code = sql_run(s,
                       "PRAGMA foreign_keys = ON; PRAGMA cache_size = -65536;"
                       "PRAGMA mmap_size = 1073741824; PRAGMA temp_store = MEMORY;",
                       e);
    if (!code)
        code = sql_register_give(s, e);
    if (!code)
        code = schema_check(s, &version, e); // before a stranger's file is switched to WAL
    if (!code && s->mode == STORE_WRITE)
        code = prepare_writing(s, e);
    return code ? code : schema_prepare(s, e);
}

int store_open(const char *path, enum store_mode mode, struct store **ret, struct err *e)
{
    int code = check_file(path, mode, e);
    if (code)
        return code;
    struct store *s = calloc(1, sizeof *s);
    if (!s || !(s->path = strdup(path))) {
        store_close(&s);
        return err_memory(e);
    }
    s->mode = mode;
    int flags =
        mode == STORE_READ ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    flags |= SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(path, &s->db, flags, NULL) != SQLITE_OK)
        code = s->db ? sql_fail(s, e) : err_memory(e);
    else
        code = configure(s, e);
    if (code)
        store_close(&s);
    else
        *ret = s;
    return code;
}

void store_close(struct store **s)
{
    if (!*s)
        return;
    kept_free(&(*s)->kept);
    sqlite3_finalize((*s)->holder);
    sqlite3_close_v2((*s)->db);
    free((*s)->path);
    free(*s);
    *s = NULL;
}

const char *store_path(const struct store *s)
{
    return s->path;
}

int store_revision(struct store *s, int64_t *ret, struct err *e)
{
    return sql_integer(s, "SELECT coalesce(max(id), 0) FROM input", ret, e);
}

int store_state(struct store *s, struct store_state *ret, struct err *e)
{
    struct store_state state = {0, 0};
    int code = store_revision(s, &state.revision, e);
    if (code == 0)
        code = sql_integer(s, "SELECT imported FROM input ORDER BY id DESC LIMIT 1",
                           &state.modified, e);
    if (code == 0)
        *ret = state;
    return code;
}

int64_t store_clock(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int is_late(void *arg)
{
    return sql_check_deadline(arg, NULL) != 0;
}

#define STEPS_BETWEEN_LOOKS 20000 // of SQLite's machine: less than a millisecond

void store_set_deadline(struct store *s, int64_t nanoseconds)
{
    s->deadline = nanoseconds;
    sqlite3_progress_handler(s->db, nanoseconds ? STEPS_BETWEEN_LOOKS : 0, is_late, s);
}

int store_read_begin(struct store *s, struct err *e)
{
    return sql_run(s, "BEGIN", e); // deferred: the first question fixes the state
}

void store_read_end(struct store *s)
{
    sql_rollback(s);
}
