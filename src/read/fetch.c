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

#define WORKERS_MAX 8 // at once; publishers beyond wait for one that is done

struct run {
    struct fetch_options options;
    struct fetch_list *list;
    struct fetch_meter meter;
};

struct worker {
    struct run *run;
    struct fetcher fetcher;
    unsigned number; // takes each WORKERS_MAX-th publisher from this one on
    pthread_t thread;
    bool started;
    const struct server *last[FETCH_FORMS_MAX]; // where the last file of each form was found
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
    if (!fetch_about_path(folder, name, path) || access(path, R_OK))
        return false;
    if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path || stat(path, &st) ||
        !S_ISREG(st.st_mode) || !(item->name = strdup(name)))
        return false;
    item->bytes = (uint64_t)st.st_size;
    item->fate = FETCH_UNCHANGED;
    return true;
}

static bool has_form(const struct run *run, const struct server *s)
{
    const char *form = run->options.form;
    return !form || strcmp(run->list->servers->names[s->form], form) == 0;
}

// A settled file that one of the places would have.
static bool item_held(const struct run *run, struct fetch_item *item)
{
    const struct fetch_options *o = &run->options;
    const struct server_table *t = run->list->servers;
    char name[FETCH_NAME_MAX];
    if (o->recheck || item->day == DATE_NONE || item->day > date_today() - FETCH_DAYS_SETTLED)
        return false;
    for (size_t i = 0; i < t->count; i++)
        if (server_fits(&t->at[i], item) && has_form(run, &t->at[i]) &&
            !server_name(&t->at[i], o, item, name, NULL) && file_held(o->into, name, item))
            return true;
    return false;
}

static int item_try(struct worker *w, const struct server *s, struct fetch_item *item,
                    struct err *e)
{
    char url[FETCH_URL_MAX], name[FETCH_NAME_MAX];
    int code = server_url(s, &w->run->options, item, url, e);
    if (!code)
        code = server_name(s, &w->run->options, item, name, e);
    if (!code)
        code = fetch_file(&w->fetcher, url, name, item, e);
    if (!code)
        w->last[s->form] = s;
    return code;
}

// All places of one form; the one that had the file last time is likely to have this one.
static int item_try_form(struct worker *w, unsigned form, struct fetch_item *item, struct err *e)
{
    const struct server_table *t = w->run->list->servers;
    const struct server *last = w->last[form];
    int code = ERR_NOT_FOUND;
    if (last && server_fits(last, item))
        code = item_try(w, last, item, e);
    for (size_t i = 0; i < t->count && code == ERR_NOT_FOUND; i++)
        if (&t->at[i] != last && t->at[i].form == form && server_fits(&t->at[i], item) &&
            has_form(w->run, &t->at[i]))
            code = item_try(w, &t->at[i], item, e);
    return code;
}

static void item_run(struct worker *w, struct fetch_item *item)
{
    struct err e = {0};
    int code = ERR_NOT_FOUND;
    if (item_held(w->run, item))
        return;
    for (unsigned form = 0; form < FETCH_FORMS_MAX && code == ERR_NOT_FOUND; form++)
        code = item_try_form(w, form, item, &e);
    if (code == 0)
        return;
    item->fate = code == ERR_NOT_FOUND ? FETCH_MISSING : FETCH_FAILED;
    item->code = code;
    if (item->fate == FETCH_FAILED)
        item->reason = strdup(e.text);
}

// The number of the publisher in the table.
static unsigned publisher_number(const struct server_table *t, const char *publisher)
{
    unsigned number = 0;
    for (size_t i = 0; i < t->count && strcmp(t->at[i].publisher, publisher) != 0; i++)
        number += i == 0 || strcmp(t->at[i].publisher, t->at[i - 1].publisher) != 0;
    return number;
}

static void *worker_run(void *arg)
{
    struct worker *w = arg;
    struct run *run = w->run;
    w->fetcher = (struct fetcher){&run->options, &run->meter, NULL};
    int code = http_client_new(&run->options.http, &w->fetcher.client, NULL);
    for (size_t i = 0; i < run->list->count; i++) {
        struct fetch_item *item = &run->list->at[i];
        if (publisher_number(run->list->servers, item->publisher) % WORKERS_MAX != w->number)
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
    struct worker workers[WORKERS_MAX] = {0};
    for (unsigned n = 0; n < WORKERS_MAX; n++) {
        workers[n] = (struct worker){.run = run, .number = n};
        workers[n].started = !pthread_create(&workers[n].thread, NULL, worker_run, &workers[n]);
        if (!workers[n].started)
            worker_run(&workers[n]);
    }
    for (unsigned n = 0; n < WORKERS_MAX; n++)
        if (workers[n].started)
            pthread_join(workers[n].thread, NULL);
}

int folder_make(const char *path, struct err *e)
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
    int lock = -1;
    if (o->mirror && !http_is_url(o->mirror))
        return err_set(e, ERR_USAGE, "%s: not an http or https URL", o->mirror);
    int code = folder_lock(o->into, &lock, e);
    if (code)
        return code;
    struct run run = {
        .options = *o, .list = l, .meter = {PTHREAD_MUTEX_INITIALIZER, progress, arg, 0, 0}};
    if (!run.options.bytes_max)
        run.options.bytes_max = FETCH_BYTES_MAX;
    workers_run(&run);
    close(lock);
    return 0;
}
