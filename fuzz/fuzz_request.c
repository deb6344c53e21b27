// SPDX-License-Identifier: Apache-2.0
//
// A request from a stranger, answered from an empty archive: method, target, and the headers that
// are read, divided by line ends. What is held: there is an answer, an error has a body, and
// nothing of the request can begin a header of its own.

#include "base/buffer.h"
#include "site/site.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct site *open_site(void)
{
    char folder[] = "/tmp/sextant-fuzz-XXXXXX", path[64];
    struct store *store = NULL;
    struct site *site = NULL;
    struct err e = {0};
    if (!mkdtemp(folder))
        abort();
    snprintf(path, sizeof path, "%s/archive", folder);
    if (store_open(path, STORE_WRITE, &store, &e) != 0 ||
        site_new(&(struct site_options){.store = path}, &site, &e) != 0) {
        fprintf(stderr, "%s\n", e.text);
        abort();
    }
    store_close(&store);
    static const char *const ends[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/archive%s", folder, ends[i]);
        unlink(path);
    }
    rmdir(folder);
    return site;
}

static void check(const struct response *r)
{
    size_t length;
    response_bytes(r, &length);
    if (r->status < 200 || r->status > 599 || (r->status >= 400 && length == 0) || !r->content_type)
        abort();
    for (size_t i = 0; i < r->header_count; i++)
        if (strpbrk(r->headers[i].value, "\r\n"))
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct site *site;
    if (!site)
        site = open_site();
    char *text = calloc(1, size + 1);
    if (!text)
        return 0;
    if (size > 0)
        memcpy(text, data, size);
    const char *parts[8] = {text, "", "", "", "", "", "", ""};
    char *rest = text;
    for (size_t i = 0; i < 8 && rest; i++)
        parts[i] = strsep(&rest, "\n");
    struct request request = {.method = parts[0],
                              .target = parts[1],
                              .accept = parts[2],
                              .accept_encoding = parts[3],
                              .accept_language = parts[4],
                              .if_none_match = parts[5],
                              .if_modified_since = parts[6],
                              .host = parts[7]};
    struct response response = {0};
    site_answer(site, &request, &response);
    check(&response);
    response_done(&response);
    request_done(&request);
    free(text);
    return 0;
}
