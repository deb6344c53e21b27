// SPDX-License-Identifier: Apache-2.0

#include "read/source.h"

#include "base/processors.h"
#include "read/http.h"
#include "read/source_ahead.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define AHEAD_FROM ((uint64_t)4 << 20) // most of an archive's files are smaller

struct source {
    char *name;
    uint64_t bytes_max, ratio_max;
    struct unpack unpack;
    struct ahead *ahead; // NULL: it is unpacked as it is read
    bool ended;
    uint64_t bytes_read; // out of the container
    struct space peeked; // in `peek`: looked at and not yet taken
    int failed;          // sticky; what was peeked before is still handed out
    struct err err;      // of `failed`
    char sha256[65];     // "" until source_finish
    uint8_t peek[SOURCE_PEEK_MAX];
};

static struct source *source_new(const char *name, const struct source_limits *limits)
{
    struct source *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->unpack.feed.fd = -1;
    s->unpack.name = s->name = strdup(name);
    s->bytes_max = limits && limits->bytes_max ? limits->bytes_max : SOURCE_BYTES_MAX;
    s->ratio_max = limits && limits->ratio_max ? limits->ratio_max : SOURCE_RATIO_MAX;
    s->peeked.at = s->peek;
    if (!s->name)
        source_close(&s);
    return s;
}

void source_skip_hash(struct source *s)
{
    feed_skip_hash(&s->unpack.feed);
}

void source_close(struct source **s)
{
    if (!*s)
        return;
    ahead_stop(&(*s)->ahead);
    unpack_close(&(*s)->unpack);
    free((*s)->name);
    free(*s);
    *s = NULL;
}

const char *source_name(const struct source *s)
{
    return s->name;
}

static int feed_open_place(struct feed *f, const char *place, struct err *e)
{
    if (strcmp(place, "-") == 0)
        return feed_open_fd(f, place, STDIN_FILENO, e);
    if (http_is_url(place))
        return feed_open_url(f, place, e);
    int fd = open(place, O_RDONLY | O_CLOEXEC);
    return fd < 0 ? err_system(e, "%s", place) : feed_open_fd(f, place, fd, e);
}

int source_open(const char *place, const struct source_limits *limits, struct source **ret,
                struct err *e)
{
    struct source *s = source_new(place, limits);
    if (!s)
        return err_memory(e);
    int code = feed_open_place(&s->unpack.feed, s->name, e);
    if (!code)
        code = unpack_start(&s->unpack, e);
    if (code)
        source_close(&s);
    else
        *ret = s;
    return code;
}

int source_open_memory(const char *name, const void *bytes, size_t length,
                       const struct source_limits *limits, struct source **ret, struct err *e)
{
    struct source *s = source_new(name, limits);
    if (!s)
        return err_memory(e);
    int code = feed_open_memory(&s->unpack.feed, s->name, bytes, length, e);
    if (!code)
        code = unpack_start(&s->unpack, e);
    if (code)
        source_close(&s);
    else
        *ret = s;
    return code;
}

static int limits_check(const struct source *s, struct err *e)
{
    if (s->bytes_read > s->bytes_max)
        return err_set(e, ERR_LIMIT, "%s: %s: more than %llu bytes%s", s->name,
                       s->unpack.container ? "decompression bomb" : "too long",
                       (unsigned long long)s->bytes_max,
                       s->unpack.container ? " come out of it" : "");
    uint64_t taken = s->ahead ? ahead_taken(s->ahead) : unpack_taken(&s->unpack);
    if (s->unpack.container && s->bytes_read >= SOURCE_RATIO_FROM &&
        s->bytes_read / s->ratio_max > taken)
        return err_set(e, ERR_LIMIT,
                       "%s: decompression bomb: %llu bytes came out of %llu, more than %llu to 1",
                       s->name, (unsigned long long)s->bytes_read, (unsigned long long)taken,
                       (unsigned long long)s->ratio_max);
    return 0;
}

// A large source is unpacked and hashed by a thread of its own; bzip2 has its own ones.
static bool wants_ahead(const struct source *s)
{
    const struct unpack *u = &s->unpack;
    bool work = u->container ? u->container->step != NULL : u->feed.hash && u->feed.capacity > 0;
    return !s->ahead && work && s->bytes_read > AHEAD_FROM && processors() > 1;
}

// Past what was peeked.
static int source_decode(struct source *s, uint8_t *bytes, size_t size, size_t *ret)
{
    size_t got = 0;
    int code = 0;
    if (s->failed || s->ended || size == 0) {
        *ret = 0;
        return s->failed;
    }
    if (wants_ahead(s))
        s->ahead = ahead_start(&s->unpack);
    code = s->ahead ? ahead_read(s->ahead, bytes, size, &got, &s->err)
                    : unpack_read(&s->unpack, bytes, size, &got, &s->err);
    s->ended = !code && got == 0;
    s->bytes_read += got;
    s->failed = code ? code : limits_check(s, &s->err);
    *ret = got;
    return s->failed;
}

static int failure_copy(const struct source *s, struct err *e)
{
    if (e)
        *e = s->err;
    return s->failed;
}

int source_read(struct source *s, void *bytes, size_t size, size_t *ret, struct err *e)
{
    size_t n = s->peeked.left;
    if (n > 0) {
        n = n < size ? n : size;
        memcpy(bytes, s->peeked.at, n);
        s->peeked = (struct space){s->peeked.at + n, s->peeked.left - n};
    } else if (source_decode(s, bytes, size, &n)) {
        return failure_copy(s, e);
    }
    *ret = n;
    return 0;
}

int source_peek(struct source *s, const void **ret_bytes, size_t *ret_length, struct err *e)
{
    if (s->peeked.at != s->peek)
        memmove(s->peek, s->peeked.at, s->peeked.left);
    s->peeked.at = s->peek;
    while (s->peeked.left < SOURCE_PEEK_MAX && !s->failed && !s->ended) {
        size_t n;
        if (!source_decode(s, s->peek + s->peeked.left, SOURCE_PEEK_MAX - s->peeked.left, &n))
            s->peeked.left += n;
    }
    if (s->failed && s->peeked.left == 0)
        return failure_copy(s, e);
    *ret_bytes = s->peek;
    *ret_length = s->peeked.left;
    return 0;
}

static int source_drain(struct source *s, struct err *e)
{
    s->peeked.left = 0;
    uint8_t *scratch = s->ended ? NULL : malloc(FEED_BUFFER_MAX);
    if (!scratch && !s->ended)
        return err_memory(e);
    size_t n = 0;
    while (!s->ended && !source_decode(s, scratch, FEED_BUFFER_MAX, &n))
        continue;
    free(scratch);
    return s->failed ? failure_copy(s, e) : 0;
}

int source_finish(struct source *s, struct source_facts *ret, struct err *e)
{
    int code = source_drain(s, e);
    ahead_stop(&s->ahead);
    if (!code && !s->sha256[0])
        code = feed_hash(&s->unpack.feed, s->sha256, e);
    if (code)
        return code;
    *ret = (struct source_facts){.bytes_given = s->unpack.feed.given,
                                 .bytes_read = s->bytes_read,
                                 .container =
                                     s->unpack.container ? s->unpack.container->name : "plain"};
    memcpy(ret->sha256, s->sha256, sizeof ret->sha256);
    return 0;
}
