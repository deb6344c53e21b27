// SPDX-License-Identifier: Apache-2.0

#include "read/source_feed.h"

#include "base/text.h"
#include "read/http.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int hash_start(struct feed *f, struct err *e)
{
    f->hash = EVP_MD_CTX_new();
    return f->hash && EVP_DigestInit_ex(f->hash, EVP_sha256(), NULL) ? 0 : err_memory(e);
}

static int hash_add(struct feed *f, const void *bytes, size_t length, struct err *e)
{
    f->given += length;
    return !f->hash || EVP_DigestUpdate(f->hash, bytes, length) ? 0 : err_memory(e);
}

static int feed_start(struct feed *f, const char *name, size_t capacity, struct err *e)
{
    *f = (struct feed){.name = name, .fd = -1, .capacity = capacity};
    f->buffer = capacity ? malloc(capacity) : NULL;
    if (capacity && !f->buffer)
        return err_memory(e);
    f->ready.at = f->buffer;
    return hash_start(f, e);
}

void feed_close(struct feed *f)
{
    if (f->fd > STDIN_FILENO)
        close(f->fd);
    http_close(&f->http);
    EVP_MD_CTX_free(f->hash);
    free(f->buffer);
    *f = (struct feed){.fd = -1};
}

// A small file gets a small buffer: most of an archive of daily files is a few tens of kilobytes.
static size_t buffer_size(const struct stat *st)
{
    if (!S_ISREG(st->st_mode) || st->st_size >= (off_t)FEED_BUFFER_MAX)
        return FEED_BUFFER_MAX;
    return (size_t)st->st_size < FEED_BUFFER_MIN ? FEED_BUFFER_MIN : (size_t)st->st_size + 1;
}

int feed_open_fd(struct feed *f, const char *name, int fd, struct err *e)
{
    struct stat st;
    int code = 0;
    if (fstat(fd, &st))
        code = err_system(e, "%s", name);
    else if (S_ISDIR(st.st_mode))
        code = err_set(e, ERR_USAGE, "%s: this is a folder, and a file is wanted here", name);
    if (!code)
        code = feed_start(f, name, buffer_size(&st), e);
    else
        *f = (struct feed){.fd = -1};
    f->fd = fd;
    if (code)
        feed_close(f);
    return code;
}

int feed_open_memory(struct feed *f, const char *name, const void *bytes, size_t length,
                     struct err *e)
{
    int code = feed_start(f, name, 0, e);
    if (!code)
        code = hash_add(f, bytes, length, e);
    f->ready = (struct bytes){bytes, length};
    f->ended = true;
    if (code)
        feed_close(f);
    return code;
}

int feed_open_url(struct feed *f, const char *url, struct err *e)
{
    int code = feed_start(f, url, FEED_BUFFER_MAX, e);
    if (!code)
        code = http_open(NULL, &(struct http_request){.url = url}, &f->http, e);
    if (!code && http_answer(f->http)->status != 200)
        code = err_set(e, ERR_NETWORK, "%s: the server answered %ld", url,
                       http_answer(f->http)->status);
    if (code)
        feed_close(f);
    return code;
}

static int feed_read(struct feed *f, void *bytes, size_t size, size_t *ret, struct err *e)
{
    if (f->http) {
        int code = http_read(f->http, bytes, size, ret, e);
        if (code)
            return code;
    } else {
        ssize_t n;
        do
            n = read(f->fd, bytes, size);
        while (n < 0 && errno == EINTR);
        if (n < 0)
            return err_system(e, "%s", f->name);
        *ret = (size_t)n;
    }
    f->ended = *ret == 0;
    return hash_add(f, bytes, *ret, e);
}

int feed_fill(struct feed *f, struct err *e)
{
    if (f->ended || f->ready.left == f->capacity)
        return 0;
    if (f->ready.left > 0 && f->ready.at != f->buffer)
        memmove(f->buffer, f->ready.at, f->ready.left);
    f->ready.at = f->buffer;
    size_t room = f->capacity - f->ready.left, got;
    // The first read only tells the container: plain bytes then go to the caller without a copy.
    if (f->given == 0 && room > FEED_BUFFER_MIN)
        room = FEED_BUFFER_MIN;
    int code = feed_read(f, f->buffer + f->ready.left, room, &got, e);
    if (!code)
        f->ready.left += got;
    return code;
}

int feed_want(struct feed *f, size_t count, struct err *e)
{
    int code = 0;
    while (!code && !f->ended && f->ready.left < count)
        code = feed_fill(f, e);
    return code;
}

int feed_take(struct feed *f, void *bytes, size_t size, size_t *ret, struct err *e)
{
    if (f->ready.left == 0 && !f->ended && size > 0)
        return feed_read(f, bytes, size, ret, e);
    size_t n = size < f->ready.left ? size : f->ready.left;
    if (n > 0)
        memcpy(bytes, f->ready.at, n);
    f->ready = (struct bytes){f->ready.at + n, f->ready.left - n};
    *ret = n;
    return 0;
}

void feed_skip_hash(struct feed *f)
{
    EVP_MD_CTX_free(f->hash);
    f->hash = NULL;
}

int feed_hash(struct feed *f, char ret[65], struct err *e)
{
    if (!f->hash)
        return 0;
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    if (!EVP_DigestFinal_ex(f->hash, hash, &length) || length != 32)
        return err_memory(e);
    hex_text(hash, length, ret);
    return 0;
}
