// SPDX-License-Identifier: Apache-2.0

#include "read/source.h"

#include "read/http.h"
#include "read/source_feed.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct source {
    char *name;
    uint64_t bytes_max, ratio_max;
    struct feed feed;
    const struct container *container; // NULL: plain
    void *decoder;
    bool inside; // in a member, not between two
    bool more;   // the decoder may hold bytes that did not fit
    bool ended;
    uint64_t taken;      // by a decoder that reads the feed itself
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
    s->feed.fd = -1;
    s->name = strdup(name);
    s->bytes_max = limits && limits->bytes_max ? limits->bytes_max : SOURCE_BYTES_MAX;
    s->ratio_max = limits && limits->ratio_max ? limits->ratio_max : SOURCE_RATIO_MAX;
    s->peeked.at = s->peek;
    if (!s->name)
        source_close(&s);
    return s;
}

void source_skip_hash(struct source *s)
{
    feed_skip_hash(&s->feed);
}

void source_close(struct source **s)
{
    if (!*s)
        return;
    if ((*s)->decoder)
        (*s)->container->close((*s)->decoder);
    feed_close(&(*s)->feed);
    free((*s)->name);
    free(*s);
    *s = NULL;
}

const char *source_name(const struct source *s)
{
    return s->name;
}

// Tells the container and gets its decoder.
static int source_start(struct source *s, struct err *e)
{
    int code = feed_want(&s->feed, CONTAINER_MAGIC_MAX, e);
    if (code)
        return code;
    s->container = container_find(s->feed.ready.at, s->feed.ready.left);
    if (!s->container)
        return 0;
    s->inside = true;
    code = s->container->open(&s->decoder, e);
    return code ? code : feed_fill(&s->feed, e);
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
    int code = feed_open_place(&s->feed, s->name, e);
    if (!code)
        code = source_start(s, e);
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
    int code = feed_open_memory(&s->feed, s->name, bytes, length, e);
    if (!code)
        code = source_start(s, e);
    if (code)
        source_close(&s);
    else
        *ret = s;
    return code;
}

static uint64_t bytes_taken(const struct source *s)
{
    if (s->container && s->container->read)
        return s->taken;
    return s->feed.given - s->feed.ready.left;
}

static int cut_off(const struct source *s, struct err *e)
{
    return err_set(e, ERR_INPUT, "%s: the %s container is cut off after %llu bytes", s->name,
                   s->container->name, (unsigned long long)s->feed.given);
}

static int foreign_bytes(const struct source *s, struct err *e)
{
    return err_set(e, ERR_INPUT,
                   "%s: at byte %llu, behind the end of the %s container, are bytes that do not "
                   "belong to it",
                   s->name, (unsigned long long)bytes_taken(s), s->container->name);
}

// Between two members: zero bytes are padding, the end is the end, another member begins.
static int member_next(struct source *s, struct err *e)
{
    struct feed *f = &s->feed;
    int code = 0;
    do {
        while (f->ready.left > 0 && *f->ready.at == 0)
            f->ready = (struct bytes){f->ready.at + 1, f->ready.left - 1};
        code = feed_want(f, CONTAINER_MAGIC_MAX, e);
    } while (!code && f->ready.left > 0 && *f->ready.at == 0);
    if (code || (s->ended = f->ready.left == 0))
        return code;
    if (!s->container->probe(f->ready.at, f->ready.left))
        return foreign_bytes(s, e);
    s->inside = true;
    return s->container->restart(s->decoder, e);
}

static int member_step(struct source *s, struct space *out, struct err *e)
{
    struct feed *f = &s->feed;
    if (f->ready.left == 0 && !s->more) {
        int code = feed_fill(f, e);
        if (code)
            return code;
        if (f->ready.left == 0)
            return cut_off(s, e);
    }
    struct bytes in = f->ready;
    struct space before = *out;
    bool end = false;
    int code = s->container->step(s->decoder, &f->ready, out, &end, e);
    if (!code && !end && in.left > 0 && f->ready.left == in.left && out->left == before.left)
        code = err_set(e, ERR_INPUT, "cannot be decoded");
    if (code)
        return err_prefix(e, "%s: near byte %llu of the %s container", s->name,
                          (unsigned long long)bytes_taken(s), s->container->name);
    s->more = out->left == 0;
    s->inside = !end;
    return 0;
}

// A decoder that reads the feed itself.
static int whole_read(struct source *s, struct space *out, struct err *e)
{
    struct container_place place = {.at = s->taken};
    const char *name = s->container->name;
    int code = s->container->read(s->decoder, &s->feed, out, &place, e);
    s->taken = place.at;
    if (code == ERR_INPUT)
        return err_prefix(e, "%s: near byte %llu of the %s container", s->name,
                          (unsigned long long)place.at, name);
    s->ended = !code && place.state == CONTAINER_END;
    if (!code && place.state == CONTAINER_CUT)
        code = cut_off(s, e);
    if (!code && place.state == CONTAINER_FOREIGN)
        code = foreign_bytes(s, e);
    return code;
}

static int container_read(struct source *s, uint8_t *bytes, size_t size, size_t *ret, struct err *e)
{
    struct space out = {bytes, size};
    int code = 0;
    if (s->container->read) {
        code = whole_read(s, &out, e);
        *ret = size - out.left;
        return code;
    }
    while (!code && !s->ended && out.left == size)
        code = s->inside ? member_step(s, &out, e) : member_next(s, e);
    *ret = size - out.left;
    return code;
}

static int limits_check(const struct source *s, struct err *e)
{
    if (s->bytes_read > s->bytes_max)
        return err_set(e, ERR_LIMIT, "%s: %s: more than %llu bytes%s", s->name,
                       s->container ? "decompression bomb" : "too long",
                       (unsigned long long)s->bytes_max, s->container ? " come out of it" : "");
    uint64_t taken = bytes_taken(s);
    if (s->container && s->bytes_read >= SOURCE_RATIO_FROM && s->bytes_read / s->ratio_max > taken)
        return err_set(e, ERR_LIMIT,
                       "%s: decompression bomb: %llu bytes came out of %llu, more than %llu to 1",
                       s->name, (unsigned long long)s->bytes_read, (unsigned long long)taken,
                       (unsigned long long)s->ratio_max);
    return 0;
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
    if (s->container) {
        code = container_read(s, bytes, size, &got, &s->err);
    } else {
        code = feed_take(&s->feed, bytes, size, &got, &s->err);
        s->ended = !code && got == 0;
    }
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
    if (!code && !s->sha256[0])
        code = feed_hash(&s->feed, s->sha256, e);
    if (code)
        return code;
    *ret = (struct source_facts){.bytes_given = s->feed.given,
                                 .bytes_read = s->bytes_read,
                                 .container = s->container ? s->container->name : "plain"};
    memcpy(ret->sha256, s->sha256, sizeof ret->sha256);
    return 0;
}
