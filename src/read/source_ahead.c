// SPDX-License-Identifier: Apache-2.0

#include "read/source_ahead.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define CHUNKS     4
#define CHUNK_SIZE ((size_t)256 << 10)

struct chunk {
    uint8_t bytes[CHUNK_SIZE];
    size_t length; // 0: the end, or the failure `code`
    uint64_t taken;
    int code;
    struct err err;
};

// Chunks by number, modulo CHUNKS: [read, written) are full. The reader holds the first of them.
struct ahead {
    struct unpack *unpack;
    struct chunk chunks[CHUNKS];
    unsigned read, written;
    size_t used;    // of the first
    uint64_t taken; // of the source, for what the reader has
    bool stop;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
};

static void *unpack_all(void *arg)
{
    struct ahead *a = arg;
    bool more = true;
    while (more) {
        pthread_mutex_lock(&a->lock);
        while (a->written - a->read == CHUNKS && !a->stop)
            pthread_cond_wait(&a->changed, &a->lock);
        bool stop = a->stop;
        pthread_mutex_unlock(&a->lock);
        if (stop)
            break;
        struct chunk *c = &a->chunks[a->written % CHUNKS];
        c->length = 0;
        c->code = unpack_read(a->unpack, c->bytes, CHUNK_SIZE, &c->length, &c->err);
        c->taken = unpack_taken(a->unpack);
        more = !c->code && c->length > 0;
        pthread_mutex_lock(&a->lock);
        a->written++;
        pthread_cond_signal(&a->changed);
        pthread_mutex_unlock(&a->lock);
    }
    return NULL;
}

struct ahead *ahead_start(struct unpack *u)
{
    struct ahead *a = malloc(sizeof *a);
    if (!a)
        return NULL;
    a->unpack = u;
    a->read = a->written = 0;
    a->used = 0;
    a->taken = unpack_taken(u);
    a->stop = false;
    pthread_mutex_init(&a->lock, NULL);
    pthread_cond_init(&a->changed, NULL);
    if (pthread_create(&a->thread, NULL, unpack_all, a) == 0)
        return a;
    pthread_cond_destroy(&a->changed);
    pthread_mutex_destroy(&a->lock);
    free(a);
    return NULL;
}

void ahead_stop(struct ahead **ahead)
{
    struct ahead *a = *ahead;
    if (!a)
        return;
    pthread_mutex_lock(&a->lock);
    a->stop = true;
    pthread_cond_signal(&a->changed);
    pthread_mutex_unlock(&a->lock);
    pthread_join(a->thread, NULL);
    pthread_cond_destroy(&a->changed);
    pthread_mutex_destroy(&a->lock);
    free(a);
    *ahead = NULL;
}

int ahead_read(struct ahead *a, uint8_t *bytes, size_t size, size_t *ret, struct err *e)
{
    pthread_mutex_lock(&a->lock);
    while (a->written == a->read)
        pthread_cond_wait(&a->changed, &a->lock);
    pthread_mutex_unlock(&a->lock);
    const struct chunk *c = &a->chunks[a->read % CHUNKS];
    if (c->code) {
        *e = c->err;
        return c->code;
    }
    a->taken = c->taken;
    size_t count = c->length - a->used < size ? c->length - a->used : size;
    memcpy(bytes, c->bytes + a->used, count);
    a->used += count;
    *ret = count;
    if (count == 0 || a->used < c->length) // the last chunk stays
        return 0;
    pthread_mutex_lock(&a->lock);
    a->read++;
    a->used = 0;
    pthread_cond_signal(&a->changed);
    pthread_mutex_unlock(&a->lock);
    return 0;
}

uint64_t ahead_taken(const struct ahead *a)
{
    return a->taken;
}
