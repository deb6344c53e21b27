// SPDX-License-Identifier: Apache-2.0
//
// What the parts of fetching share: the table of servers, and the transfer of one file.

#ifndef READ_FETCH_PARTS_H
#define READ_FETCH_PARTS_H

#include "base/file.h"
#include "read/fetch.h"

#include <pthread.h>

#define FETCH_URL_MAX 2048

struct server {
    enum registry registry;
    bool extended, current;
    date from, to; // DATE_NONE: not known
    char *url;     // a pattern
};

struct server_table {
    struct server *at;
    size_t count, capacity;
};

int server_table_load(struct server_table *ret, struct err *e);
void server_table_done(struct server_table *t);

// Whether the row can have the item.
bool server_fits(const struct server *s, const struct fetch_item *item, bool plain);

// The address of the day's file, on the mirror where one is given. ERR_USAGE: too long.
int server_url(const struct server *s, date day, const char *mirror, char ret[FETCH_URL_MAX],
               struct err *e);

// Part of a URL: the file's name.
const char *url_name(const char *url);

// Counts for the caller of the run.
struct fetch_meter {
    pthread_mutex_t lock;
    fetch_progress *progress; // NULL: nobody looks
    void *arg;
    size_t done;
    uint64_t bytes;
};

void fetch_meter_add(struct fetch_meter *m, const struct fetch_item *item, uint64_t bytes);

// One registry's side of a run.
struct fetcher {
    const struct fetch_options *options;
    struct fetch_meter *meter;
    struct http_client *client;
};

// Brings the file at `url` to the folder and sets the item's name, fate, bytes and verified.
// ERR_NOT_FOUND: the server has no such file; else the reason why it did not come.
int fetch_file(const struct fetcher *f, const char *url, struct fetch_item *item, struct err *e);

// Waits before try number `tries` (1: the first again): longer each time, with chance in it so that
// many clients do not come back at once; `retry_after` is what the server asked for.
void fetch_wait(unsigned tries, int64_t retry_after);

// Holds the file at `path`, as given or out of its container, against the MD5 that the registry
// published beside `url`. *ret_verified is false where none is published. ERR_INPUT: it has another
// one, is empty or a web page.
int fetch_check(const struct fetcher *f, const char *url, const char *path, bool *ret_verified,
                struct err *e);

#endif
