// SPDX-License-Identifier: Apache-2.0

#include "read/source_unpack.h"

void unpack_close(struct unpack *u)
{
    if (u->decoder)
        u->container->close(u->decoder);
    u->decoder = NULL;
    feed_close(&u->feed);
}

int unpack_start(struct unpack *u, struct err *e)
{
    int code = feed_want(&u->feed, CONTAINER_MAGIC_MAX, e);
    if (code)
        return code;
    u->container = container_find(u->feed.ready.at, u->feed.ready.left);
    if (!u->container)
        return 0;
    u->inside = true;
    code = u->container->open(&u->decoder, e);
    return code ? code : feed_fill(&u->feed, e);
}

uint64_t unpack_taken(const struct unpack *u)
{
    if (u->container && u->container->read)
        return u->taken;
    return u->feed.given - u->feed.ready.left;
}

static int cut_off(const struct unpack *u, struct err *e)
{
    return err_set(e, ERR_INPUT, "%s: the %s container is cut off after %llu bytes", u->name,
                   u->container->name, (unsigned long long)u->feed.given);
}

static int foreign_bytes(const struct unpack *u, struct err *e)
{
    return err_set(e, ERR_INPUT,
                   "%s: at byte %llu, behind the end of the %s container, are bytes that do not "
                   "belong to it",
                   u->name, (unsigned long long)unpack_taken(u), u->container->name);
}

// Between two members: zero bytes are padding, the end is the end, another member begins.
static int member_next(struct unpack *u, struct err *e)
{
    struct feed *f = &u->feed;
    int code = 0;
    do {
        while (f->ready.left > 0 && *f->ready.at == 0)
            f->ready = (struct bytes){f->ready.at + 1, f->ready.left - 1};
        code = feed_want(f, CONTAINER_MAGIC_MAX, e);
    } while (!code && f->ready.left > 0 && *f->ready.at == 0);
    if (code || (u->ended = f->ready.left == 0))
        return code;
    if (!u->container->probe(f->ready.at, f->ready.left))
        return foreign_bytes(u, e);
    u->inside = true;
    return u->container->restart(u->decoder, e);
}

static int member_step(struct unpack *u, struct space *out, struct err *e)
{
    struct feed *f = &u->feed;
    if (f->ready.left == 0 && !u->more) {
        int code = feed_fill(f, e);
        if (code)
            return code;
        if (f->ready.left == 0)
            return cut_off(u, e);
    }
    struct bytes in = f->ready;
    struct space before = *out;
    bool end = false;
    int code = u->container->step(u->decoder, &f->ready, out, &end, e);
    if (!code && !end && in.left > 0 && f->ready.left == in.left && out->left == before.left)
        code = err_set(e, ERR_INPUT, "cannot be decoded");
    if (code)
        return err_prefix(e, "%s: near byte %llu of the %s container", u->name,
                          (unsigned long long)unpack_taken(u), u->container->name);
    u->more = out->left == 0;
    u->inside = !end;
    return 0;
}

// A decoder that reads the feed itself.
static int whole_read(struct unpack *u, struct space *out, struct err *e)
{
    struct container_place place = {.at = u->taken};
    const char *name = u->container->name;
    int code = u->container->read(u->decoder, &u->feed, out, &place, e);
    u->taken = place.at;
    if (code == ERR_INPUT)
        return err_prefix(e, "%s: near byte %llu of the %s container", u->name,
                          (unsigned long long)place.at, name);
    u->ended = !code && place.state == CONTAINER_END;
    if (!code && place.state == CONTAINER_CUT)
        code = cut_off(u, e);
    if (!code && place.state == CONTAINER_FOREIGN)
        code = foreign_bytes(u, e);
    return code;
}

static int container_read(struct unpack *u, uint8_t *bytes, size_t size, size_t *ret, struct err *e)
{
    struct space out = {bytes, size};
    int code = 0;
    if (u->container->read) {
        code = whole_read(u, &out, e);
        *ret = size - out.left;
        return code;
    }
    while (!code && !u->ended && out.left == size)
        code = u->inside ? member_step(u, &out, e) : member_next(u, e);
    *ret = size - out.left;
    return code;
}

int unpack_read(struct unpack *u, uint8_t *bytes, size_t size, size_t *ret, struct err *e)
{
    size_t got = 0;
    int code = 0;
    if (u->container && !u->ended) {
        code = container_read(u, bytes, size, &got, e);
    } else if (!u->ended) {
        code = feed_take(&u->feed, bytes, size, &got, e);
        u->ended = !code && got == 0;
    }
    if (!code)
        *ret = got;
    return code;
}
