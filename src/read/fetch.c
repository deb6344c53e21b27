// SPDX-License-Identifier: Apache-2.0

#include "read/fetch.h"

#include "read/fetch_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct run {
    struct fetch_options options;
    const struct server_table *servers;
    struct fetch_list *list;
    struct fetch_meter meter;
};

struct worker {
    struct run *run;
    struct fetcher fetcher;
    enum registry registry;
    pthread_t thread;
    bool started;
    const struct server *last[2]; // where the last file of each form was found
};

void fetch_meter_add(struct fetch_meter *m, const struct fetch_item *item, uint64_t bytes)
{
    pthread_mutex_lock(&m->lock);
    m->bytes += bytes;
    m->done += item->fate != FETCH_OPEN;
    if (m->progress)
        m->progress(item, m->done, m->bytes, m->arg);
    pthread_mutex_unlock(&m->lock);
}

static bool file_held(const char *folder, const char *name, struct fetch_item *item)
{
    char path[FILE_PATH_MAX];
    struct stat st;
    int n = snprintf(path, sizeof path, "%s/.fetch/%s.about", folder, name);
    if (n >= (int)sizeof path || access(path, R_OK))
        return false;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    if (stat(path, &st) || !S_ISREG(st.st_mode) || !(item->name = strdup(name)))
        return false;
    item->bytes = (uint64_t)st.st_size;
    item->fate = FETCH_UNCHANGED;
    return true;
}

// A settled file that one of the places would have.
static bool item_held(const struct run *run, struct fetch_item *item)
{
    const struct fetch_options *o = &run->options;
    char url[FETCH_URL_MAX];
    if (o->recheck || item->day == DATE_NONE || item->day > date_today() - FETCH_DAYS_SETTLED)
        return false;
    for (size_t i = 0; i < run->servers->count; i++)
        if (server_fits(&run->servers->at[i], item, o->plain) &&
            !server_url(&run->servers->at[i], item->day, NULL, url, NULL) &&
            file_held(o->into, url_name(url), item))
            return true;
    return false;
}

static int item_try(struct worker *w, const struct server *s, struct fetch_item *item,
                    struct err *e)
{
    char url[FETCH_URL_MAX];
    int code = server_url(s, item->day, w->run->options.mirror, url, e);
    if (!code)
        code = fetch_file(&w->fetcher, url, item, e);
    if (!code)
        w->last[s->extended] = s;
    return code;
}

// All places of one form; the one that had the file last time is likely to have this one.
static int item_try_form(struct worker *w, bool extended, struct fetch_item *item, struct err *e)
{
    const struct server_table *t = w->run->servers;
    const struct server *last = w->last[extended];
    bool plain = w->run->options.plain;
    int code = ERR_NOT_FOUND;
    if (last && server_fits(last, item, plain))
        code = item_try(w, last, item, e);
    for (size_t i = 0; i < t->count && code == ERR_NOT_FOUND; i++)
        if (&t->at[i] != last && t->at[i].extended == extended &&
            server_fits(&t->at[i], item, plain))
            code = item_try(w, &t->at[i], item, e);
    return code;
}

static void item_run(struct worker *w, struct fetch_item *item)
{
    struct err e = {0};
    if (item_held(w->run, item))
        return;
    int code = item_try_form(w, true, item, &e);
    if (code == ERR_NOT_FOUND)
        code = item_try_form(w, false, item, &e);
    if (code == 0)
        return;
    item->fate = code == ERR_NOT_FOUND ? FETCH_MISSING : FETCH_FAILED;
    item->code = code;
    if (item->fate == FETCH_FAILED)
        item->reason = strdup(e.text);
}

static void *worker_run(void *arg)
{
    struct worker *w = arg;
    struct run *run = w->run;
    w->fetcher = (struct fetcher){&run->options, &run->meter, NULL};
    int code = http_client_new(&run->options.http, &w->fetcher.client, NULL);
    for (size_t i = 0; i < run->list->count; i++) {
        struct fetch_item *item = &run->list->at[i];
        if (item->registry != w->registry)
            continue;
        if (code) {
            item->fate = FETCH_FAILED;
            item->code = code;
        } else {
            item_run(w, item);
        }
        fetch_meter_add(&run->meter, item, 0);
    }
    http_client_free(&w->fetcher.client);
    return NULL;
}

static void workers_run(struct run *run)
{
    struct worker workers[REGISTRY_RIR_COUNT] = {0};
    for (unsigned r = 0; r < REGISTRY_RIR_COUNT; r++) {
        workers[r] = (struct worker){.run = run, .registry = (enum registry)r};
        workers[r].started = !pthread_create(&workers[r].thread, NULL, worker_run, &workers[r]);
        if (!workers[r].started)
            worker_run(&workers[r]);
    }
    for (unsigned r = 0; r < REGISTRY_RIR_COUNT; r++)
        if (workers[r].started)
            pthread_join(workers[r].thread, NULL);
}

// Makes the folder and all above it.
static int folder_make(const char *path, struct err *e)
{
    char part[FILE_PATH_MAX];
    size_t length = strlen(path);
    if (length >= sizeof part)
        return err_set(e, ERR_USAGE, "%s: path too long", path);
    for (size_t i = 1; i <= length; i++)
        if (path[i] == '/' || path[i] == '\0') {
            memcpy(part, path, i);
            part[i] = '\0';
            if (mkdir(part, 0777) && errno != EEXIST)
                return err_system(e, "%s: cannot make this folder", part);
        }
    return 0;
}

// *ret is the lock, to be closed.
static int folder_lock(const char *into, int *ret, struct err *e)
{
    char path[FILE_PATH_MAX];
    if (snprintf(path, sizeof path, "%s/.fetch", into) >= (int)sizeof path - 8)
        return err_set(e, ERR_USAGE, "%s: path too long", into);
    int code = folder_make(path, e);
    if (code)
        return code;
    memcpy(path + strlen(path), "/lock", sizeof "/lock");
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0)
        return err_system(e, "%s", path);
    if (flock(fd, LOCK_EX | LOCK_NB)) {
        code = errno == EWOULDBLOCK
                   ? err_set(e, ERR_SYSTEM, "%s: another run is fetching into this folder", into)
                   : err_system(e, "%s", path);
        close(fd);
        return code;
    }
    *ret = fd;
    return 0;
}

int fetch_run(const struct fetch_options *o, struct fetch_list *l, fetch_progress *progress,
              void *arg, struct err *e)
{
    struct server_table servers = {0};
    int lock = -1;
    if (o->mirror && !http_is_url(o->mirror))
        return err_set(e, ERR_USAGE, "%s: not an http or https URL", o->mirror);
    int code = server_table_load(&servers, e);
    if (!code)
        code = folder_lock(o->into, &lock, e);
    if (!code) {
        struct run run = {.options = *o,
                          .servers = &servers,
                          .list = l,
                          .meter = {PTHREAD_MUTEX_INITIALIZER, progress, arg, 0, 0}};
        if (!run.options.bytes_max)
            run.options.bytes_max = FETCH_BYTES_MAX;
        workers_run(&run);
        close(lock);
    }
    server_table_done(&servers);
    return code;
}
