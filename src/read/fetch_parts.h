// SPDX-License-Identifier: Apache-2.0
//
// What the parts of fetching share: the table of servers, and the transfer of one file.

#ifndef READ_FETCH_PARTS_H
#define READ_FETCH_PARTS_H

#include "base/file.h"
#include "read/fetch.h"

#include <pthread.h>

#define FETCH_URL_MAX 2048

#define FETCH_FORMS_MAX 4

enum server_kind { SERVER_CURRENT, SERVER_DATED, SERVER_ECONOMY };

struct server {
    char *publisher, *url, *name; // patterns: url, and name ("": the url's last part)
    unsigned file;                // rows of one publisher's file are alternatives
    unsigned form;                // number of the form in the table; lower ones come first
    enum server_kind kind;
    date from, to; // DATE_NONE: not known
};

struct server_table {
    struct server *at;
    size_t count, capacity;
    unsigned files, forms;
    char *names[FETCH_FORMS_MAX]; // of the forms
};

int server_table_load(const char *name, struct server_table **ret, struct err *e);
// The table that knows one address only.
int server_table_single(const char *url, struct server_table **ret, struct err *e);
void server_table_free(struct server_table **t);

// Whether the row can have the item.
bool server_fits(const struct server *s, const struct fetch_item *item);

// The address of the item's file, on the mirror where one is given, and its name with the folder.
// ERR_USAGE: too long.
int server_url(const struct server *s, const struct fetch_options *o, const struct fetch_item *item,
               char ret[FETCH_URL_MAX], struct err *e);
int server_name(const struct server *s, const struct fetch_options *o,
                const struct fetch_item *item, char ret[FETCH_NAME_MAX], struct err *e);

// Makes the folder and all above it.
int folder_make(const char *path, struct err *e);

// Counts for the caller of the run.
struct fetch_meter {
    pthread_mutex_t lock;
    fetch_progress *progress; // NULL: nobody looks
    void *arg;
    size_t done;
    uint64_t bytes;
};

void fetch_meter_add(struct fetch_meter *m, const struct fetch_item *item, uint64_t bytes);

// One publisher's side of a run.
struct fetcher {
    const struct fetch_options *options;
    struct fetch_meter *meter;
    struct http_client *client;
};

// Brings the file at `url` to the folder as `name` and sets the item's name, fate, bytes and
// verified. ERR_NOT_FOUND: the server has no such file; else the reason why it did not come.
int fetch_file(const struct fetcher *f, const char *url, const char *name, struct fetch_item *item,
               struct err *e);

// Where the folder keeps what the server said of the file. False: too long.
bool fetch_about_path(const char *into, const char *name, char ret[FILE_PATH_MAX]);

// Waits before try number `tries` (1: the first again): longer each time, with chance in it so that
// many clients do not come back at once; `retry_after` is what the server asked for.
void fetch_wait(unsigned tries, int64_t retry_after);

// Holds the file at `path` against what was asked for: its content by kind and to its container's
// end; or, as given or out of its container, against the MD5 beside `url`; *ret_verified is false
// where none is published. ERR_INPUT: it differs, is empty or a web page.
int fetch_check(const struct fetcher *f, const char *url, const char *path, bool *ret_verified,
                struct err *e);

#endif
