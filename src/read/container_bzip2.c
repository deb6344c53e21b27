// SPDX-License-Identifier: Apache-2.0
//
// bzip2, on all processors. A stream is a row of blocks that know nothing of each other, but they
// begin at any bit and do not say how long they are. So the magic numbers of blocks and of ends are
// looked for, what lies between two of them is given to whoever is free, and the results are put in
// order again. A block that goes on behind the next magic number was cut by one that is none: it is
// decoded again with what follows.
//
// Several streams one after the other, as parallel compressors write them, are one row of blocks.

#include "base/processors.h"
#include "read/bzip2_block.h"
#include "read/source_feed.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define MAGIC_BLOCK UINT64_C(0x314159265359)
#define MAGIC_END   UINT64_C(0x177245385090)
#define MAGIC_BITS  48
#define MAGIC_BYTES 7 // that it touches
#define HEADER      4 // "BZh9"

#define WORKERS_MAX  4
#define AHEAD        8                  // blocks for each worker, decoded or being decoded
#define OUT_MAX      ((size_t)2 << 20)  // text that a worker expands; the rest of it waits
#define DATA_MAX     ((size_t)3 << 20)  // 900000 codes of 20 bits, and tables
#define DATA_STEP    ((size_t)64 << 10) // read at once
#define VECTOR_SIZE  ((size_t)4 << 20)  // of 900000 numbers, in large pages
#define VECTOR_ALIGN ((size_t)2 << 20)

// Memory to restore a block's text in.
struct vector {
    uint32_t *at;
    uint32_t capacity;
};

// Memory of a block that is on its way.
struct room {
    uint8_t *bytes; // BZIP2_BLOCK_MAX
    uint8_t *out;   // OUT_MAX
};

// What lies between two magic numbers: a block, or a stream's checksum and the next one's header.
struct piece {
    bool is_block, done, settled;
    uint8_t *data;
    size_t size, capacity;
    uint64_t at; // of its first byte in the input
    struct bzip2_block block;
    struct room room; // of a block
    size_t out_length, out_taken;
    struct bzip2_runs runs;
};

struct row {
    // Pieces by number, modulo `slots`: [head, tail) are whole, the one at `tail` grows.
    struct piece *pieces;
    unsigned slots, workers, blocks_max;
    struct room rooms[WORKERS_MAX * AHEAD]; // that are free
    unsigned room_count;
    uint64_t head, tail, taken; // [taken, tail) nobody has begun with
    unsigned blocks, waiting;   // in the row, and of those nobody has begun with
    bool all;                   // there are none behind `tail`
    bool stop, failed;          // failed: out of memory

    pthread_mutex_t lock;
    pthread_cond_t work, result;
    pthread_t threads[WORKERS_MAX];
    unsigned started;

    size_t looked;        // bytes of the growing piece without a magic number
    uint64_t given;       // bytes of the input
    uint16_t second[256]; // by the second byte that a magic number touches: at which bits of
    uint16_t third[256];  // the first it may begin; blocks below, ends in the upper half
    bool inside;          // a stream's blocks go on
    unsigned level;       // of the stream
    uint32_t crc;         // of its blocks
    struct vector vectors[BZIP2_TOGETHER]; // of the thread that reads
};

// "BZh", the level, then the mark of a first block or of an empty stream.
static bool bzip2_probe(const uint8_t *bytes, size_t length)
{
    if (length < 4 || memcmp(bytes, "BZh", 3) != 0 || bytes[3] < '1' || bytes[3] > '9')
        return false;
    size_t rest = length < 10 ? length - 4 : 6;
    return memcmp(bytes + 4, "\x31\x41\x59\x26\x53\x59", rest) == 0 ||
           memcmp(bytes + 4, "\x17\x72\x45\x38\x50\x90", rest) == 0;
}

static struct piece *piece_at(struct row *r, uint64_t number)
{
    return &r->pieces[number % r->slots];
}

// ---- looking for magic numbers

static uint64_t bits_at(const uint8_t *bytes, unsigned count)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < count; i++)
        value = value << 8 | bytes[i];
    return value;
}

static void make_filters(struct row *r)
{
    for (unsigned bit = 0; bit < 16; bit++) {
        uint64_t magic = (bit < 8 ? MAGIC_BLOCK : MAGIC_END) << (8 - bit % 8);
        r->second[magic >> 40 & 0xff] |= (uint16_t)(1u << bit);
        r->third[magic >> 32 & 0xff] |= (uint16_t)(1u << bit);
    }
}

// The first magic number from byte `looked` on: at which bit, and of what.
static bool find_magic(struct row *r, const struct piece *p, size_t *ret_bit, bool *ret_block)
{
    const uint8_t *b = p->data;
    size_t i = r->looked;
    for (; i + MAGIC_BYTES <= p->size; i++) {
        unsigned may = r->second[b[i + 1]] & r->third[b[i + 2]];
        if (__builtin_expect(may == 0, 1))
            continue;
        uint64_t seven = bits_at(b + i, MAGIC_BYTES);
        for (unsigned bit = i == 0 ? (unsigned)p->block.from : 0; bit < 8; bit++) {
            uint64_t found = seven >> (8 - bit) & ((UINT64_C(1) << MAGIC_BITS) - 1);
            if (found == MAGIC_BLOCK || found == MAGIC_END) {
                *ret_bit = i * 8 + bit;
                *ret_block = found == MAGIC_BLOCK;
                return true;
            }
        }
    }
    r->looked = i;
    return false;
}

static bool piece_reserve(struct piece *p, size_t more)
{
    size_t wanted = p->size + more + BZIP2_SLACK;
    if (wanted <= p->capacity)
        return true;
    uint8_t *larger = realloc(p->data, wanted + wanted / 2);
    if (!larger)
        return false;
    p->data = larger;
    p->capacity = wanted + wanted / 2;
    return true;
}

static bool piece_append(struct piece *p, const uint8_t *bytes, size_t count)
{
    if (!piece_reserve(p, count))
        return false;
    if (count > 0)
        memcpy(p->data + p->size, bytes, count);
    p->size += count;
    return true;
}

static bool take_room(struct row *r, struct room *ret)
{
    if (r->room_count > 0) {
        *ret = r->rooms[--r->room_count];
        return true;
    }
    ret->bytes = malloc(BZIP2_BLOCK_MAX);
    ret->out = malloc(OUT_MAX);
    return ret->bytes && ret->out;
}

static void free_room(struct room *room)
{
    free(room->bytes);
    free(room->out);
    *room = (struct room){NULL, NULL};
}

static void leave_room(struct row *r, struct room *room)
{
    if (r->room_count < WORKERS_MAX * AHEAD)
        r->rooms[r->room_count++] = *room;
    else
        free_room(room);
    *room = (struct room){NULL, NULL};
}

// The growing piece is whole: it ends at this bit.
static int finish_piece(struct row *r, size_t bit, struct err *e)
{
    struct piece *p = piece_at(r, r->tail);
    p->block.to = bit;
    p->done = !p->is_block;
    p->settled = false;
    if (!piece_reserve(p, 0) || (p->is_block && !take_room(r, &p->room)))
        return err_memory(e);
    memset(p->data + p->size, 0, BZIP2_SLACK);
    p->block.data = p->data;
    p->block.bytes = p->room.bytes;
    pthread_mutex_lock(&r->lock);
    r->tail++;
    r->blocks += p->is_block;
    r->waiting += p->is_block;
    if (r->started > 0)
        pthread_cond_signal(&r->work);
    pthread_mutex_unlock(&r->lock);
    return 0;
}

static void start_piece(struct row *r, bool is_block, size_t from, uint64_t at)
{
    struct piece *p = piece_at(r, r->tail);
    p->is_block = is_block;
    p->size = 0;
    p->at = at;
    p->block.from = from;
    p->out_length = p->out_taken = 0;
    r->looked = 0;
}

// What follows a magic number belongs to the next piece, from the byte on in which it ends.
static int split_piece(struct row *r, size_t bit, bool is_block, struct err *e)
{
    struct piece *p = piece_at(r, r->tail);
    size_t cut = (bit + MAGIC_BITS) / 8, rest = p->size - cut;
    struct piece *next = piece_at(r, r->tail + 1);
    next->size = 0;
    if (!piece_append(next, p->data + cut, rest))
        return err_memory(e);
    p->size = cut;
    int code = finish_piece(r, bit, e);
    if (code)
        return code;
    start_piece(r, is_block, (bit + MAGIC_BITS) % 8, p->at + cut);
    next->size = rest;
    return 0;
}

static void set_all(struct row *r)
{
    pthread_mutex_lock(&r->lock);
    r->all = true;
    pthread_cond_broadcast(&r->work);
    pthread_mutex_unlock(&r->lock);
}

// Reads until one more piece is whole.
static int next_piece(struct row *r, struct feed *f, struct err *e)
{
    size_t bit;
    bool is_block;
    for (;;) {
        struct piece *p = piece_at(r, r->tail);
        if (find_magic(r, p, &bit, &is_block))
            return split_piece(r, bit, is_block, e);
        int code = f->ready.left == 0 ? feed_fill(f, e) : 0;
        if (code)
            return code;
        size_t count = f->ready.left < DATA_STEP ? f->ready.left : DATA_STEP;
        if (count == 0 || p->size > DATA_MAX) {
            code = finish_piece(r, p->size * 8, e);
            set_all(r);
            return code;
        }
        if (!piece_append(p, f->ready.at, count))
            return err_memory(e);
        f->ready = (struct bytes){f->ready.at + count, f->ready.left - count};
        r->given += count;
    }
}

// ---- decoding

// Room for so many numbers; for a large block in large pages, which are jumped about in faster.
static bool vector_reserve(struct vector *v, uint32_t count)
{
    if (count <= v->capacity)
        return true;
    bool large = count > BZIP2_BLOCK_MAX / 8;
    free(v->at);
    v->at = large ? aligned_alloc(VECTOR_ALIGN, VECTOR_SIZE) : malloc(count * sizeof *v->at);
    v->capacity = !v->at ? 0 : large ? BZIP2_BLOCK_MAX : count;
    if (v->at && large)
        madvise(v->at, VECTOR_SIZE, MADV_HUGEPAGE);
    return v->at;
}

static void vectors_free(struct vector vectors[BZIP2_TOGETHER])
{
    for (unsigned i = 0; i < BZIP2_TOGETHER; i++)
        free(vectors[i].at);
}

// False when out of memory.
static bool decode_pieces(struct piece *const pieces[], unsigned count,
                          struct vector vectors[BZIP2_TOGETHER])
{
    struct bzip2_block *whole[BZIP2_TOGETHER] = {NULL};
    uint32_t *at[BZIP2_TOGETHER] = {NULL};
    unsigned found = 0;
    for (unsigned i = 0; i < count; i++) {
        bzip2_block_decode(&pieces[i]->block);
        if (pieces[i]->block.wrong)
            continue;
        if (!vector_reserve(&vectors[found], pieces[i]->block.length))
            return false;
        whole[found] = &pieces[i]->block;
        at[found] = vectors[found].at;
        found++;
    }
    bzip2_blocks_restore(whole, found, at);
    for (unsigned i = 0; i < count; i++) {
        struct space space = {pieces[i]->room.out, OUT_MAX};
        if (pieces[i]->block.wrong)
            continue;
        bzip2_runs_start(&pieces[i]->runs, &pieces[i]->block);
        bzip2_runs_expand(&pieces[i]->runs, &space);
        pieces[i]->out_length = OUT_MAX - space.left;
    }
    return true;
}

// With the lock held. Near the end what is left is shared.
static unsigned take_pieces(struct row *r, struct piece *ret[])
{
    unsigned most = BZIP2_TOGETHER, count = 0, workers = r->started ? r->started : 1;
    if (r->all && r->waiting < most * workers)
        most = (r->waiting + workers - 1) / workers;
    for (; r->taken < r->tail && count < most; r->taken++) {
        struct piece *p = piece_at(r, r->taken);
        if (p->is_block)
            ret[count++] = p;
    }
    r->waiting -= count;
    return count;
}

static bool has_work(const struct row *r)
{
    bool full = r->all || r->blocks == r->blocks_max || r->tail - r->head + 2 >= r->slots;
    return r->waiting >= BZIP2_TOGETHER || (full && r->waiting > 0);
}

static void set_done(struct row *r, struct piece *const pieces[], unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        pieces[i]->done = true;
    pthread_cond_signal(&r->result);
}

static void *work(void *arg)
{
    struct row *r = arg;
    struct vector vectors[BZIP2_TOGETHER] = {{0}};
    struct piece *pieces[BZIP2_TOGETHER];
    pthread_mutex_lock(&r->lock);
    while (!r->failed && !r->stop) {
        if (!has_work(r)) {
            pthread_cond_wait(&r->work, &r->lock);
            continue;
        }
        unsigned count = take_pieces(r, pieces);
        pthread_mutex_unlock(&r->lock);
        bool decoded = decode_pieces(pieces, count, vectors);
        pthread_mutex_lock(&r->lock);
        r->failed |= !decoded;
        set_done(r, pieces, count);
    }
    pthread_mutex_unlock(&r->lock);
    vectors_free(vectors);
    return NULL;
}

static void start_workers(struct row *r)
{
    while (r->started < r->workers) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, work, r) != 0)
            break;
        pthread_mutex_lock(&r->lock);
        r->threads[r->started++] = thread;
        pthread_mutex_unlock(&r->lock);
    }
}

// Until the first piece is decoded. A short file is decoded by who reads it.
static int await_head(struct row *r, struct err *e)
{
    struct piece *head = piece_at(r, r->head), *pieces[BZIP2_TOGETHER];
    if (r->started == 0 && r->workers > 1 && r->waiting > 1)
        start_workers(r);
    if (r->started == 0 && !head->done) {
        unsigned count = take_pieces(r, pieces);
        r->failed = !decode_pieces(pieces, count, r->vectors);
        set_done(r, pieces, count);
    }
    pthread_mutex_lock(&r->lock);
    while (!head->done && !r->failed)
        pthread_cond_wait(&r->result, &r->lock);
    bool failed = r->failed;
    pthread_mutex_unlock(&r->lock);
    return failed ? err_memory(e) : 0;
}

// ---- in order

static void drop_head(struct row *r)
{
    struct piece *head = piece_at(r, r->head);
    if (head->is_block)
        leave_room(r, &head->room);
    pthread_mutex_lock(&r->lock);
    r->blocks -= head->is_block;
    r->head++;
    pthread_mutex_unlock(&r->lock);
}

static int fill_row(struct row *r, struct feed *f, struct err *e)
{
    int code = 0;
    while (!code && !r->all && r->blocks < r->blocks_max && r->tail - r->head + 2 < r->slots)
        code = next_piece(r, f, e);
    return code;
}

// The head was cut by what only looks like a magic number: puts the next piece behind it, decodes
// it again, and leaves it in the place of both.
static int join_next(struct row *r, struct err *e)
{
    struct piece *head = piece_at(r, r->head), *next = piece_at(r, r->head + 1);
    pthread_mutex_lock(&r->lock);
    if (r->taken == r->head + 1) {
        r->taken++;
        r->waiting -= next->is_block;
        next->done = true;
    }
    while (!next->done && !r->failed)
        pthread_cond_wait(&r->result, &r->lock);
    bool failed = r->failed;
    pthread_mutex_unlock(&r->lock);
    size_t before = head->size;
    if (failed || !piece_append(head, next->data, next->size))
        return err_memory(e);
    memset(head->data + head->size, 0, BZIP2_SLACK);
    head->block.to = before * 8 + next->block.to;
    head->block.data = head->data;
    if (!decode_pieces(&head, 1, r->vectors))
        return err_memory(e);
    struct piece joined = *head;
    *head = *next;
    *next = joined;
    drop_head(r);
    return 0;
}

static int damaged(const struct piece *p, const char *what, struct container_place *ret,
                   struct err *e)
{
    ret->at = p->at + p->block.from / 8;
    return err_set(e, ERR_INPUT, "%s", what);
}

// The head is a block: is it one, and does it end where the next piece begins?
static int settle_block(struct row *r, struct container_place *ret, struct err *e)
{
    struct piece *p = piece_at(r, r->head);
    int code = 0;
    while (!code && p->block.wrong && p->block.cut && r->head + 1 < r->tail && p->size < DATA_MAX) {
        code = join_next(r, e);
        p = piece_at(r, r->head);
    }
    bool last = r->head + 1 == r->tail;
    if (code)
        return code;
    if (p->block.wrong && p->block.cut && last)
        ret->state = CONTAINER_CUT;
    else if (p->block.wrong)
        return damaged(p, p->block.wrong, ret, e);
    else if ((p->block.end != p->block.to && !last) || p->block.length > r->level * 100000)
        return damaged(p, "an invalid block", ret, e);
    r->crc = (r->crc << 1 | r->crc >> 31) ^ p->block.crc;
    p->settled = true;
    return 0;
}

static bool is_header(const uint8_t *b, size_t length)
{
    size_t same = length < 3 ? length : 3;
    return memcmp(b, "BZh", same) == 0 && (length < HEADER || (b[3] >= '1' && b[3] <= '9'));
}

// Between two streams: zero bytes are padding, a header begins another stream.
static void settle_between(struct row *r, const struct piece *p, size_t byte,
                           struct container_place *ret)
{
    size_t end = p->block.to / 8;
    bool last = r->head + 1 == r->tail;
    while (byte < end && p->data[byte] == 0)
        byte++;
    ret->at = p->at + byte;
    if (last && byte == end)
        ret->state = CONTAINER_END;
    else if (last && end - byte <= HEADER + MAGIC_BITS / 8 && is_header(p->data + byte, end - byte))
        ret->state = CONTAINER_CUT;
    else if (last || p->block.to % 8 != 0 || end - byte != HEADER ||
             !is_header(p->data + byte, HEADER))
        ret->state = CONTAINER_FOREIGN;
    r->inside = ret->state == CONTAINER_MORE;
    r->level = r->inside ? p->data[byte + 3] - (unsigned)'0' : 0;
    r->crc = 0;
}

// The head begins behind the magic number of an end, or is the begin of the input.
static int settle_end(struct row *r, struct container_place *ret, struct err *e)
{
    struct piece *p = piece_at(r, r->head);
    size_t byte = 0;
    if (r->inside) {
        byte = (p->block.from + 32 + 7) / 8;
        if (byte > p->size || p->block.to < p->block.from + 32) {
            ret->state = CONTAINER_CUT;
            return 0;
        }
        uint64_t stated = bits_at(p->data, 5) >> (8 - p->block.from) & UINT32_MAX;
        if (stated != r->crc)
            return damaged(p, "wrong checksum", ret, e);
    }
    settle_between(r, p, byte, ret);
    if (ret->state == CONTAINER_MORE)
        drop_head(r);
    return 0;
}

// Text of the head, which is a block; behind its last byte the next piece is the head.
static int give_text(struct row *r, struct space *out, struct container_place *ret, struct err *e)
{
    struct piece *p = piece_at(r, r->head);
    size_t count = p->out_length - p->out_taken;
    if (count > 0) {
        count = count < out->left ? count : out->left;
        memcpy(out->at, p->room.out + p->out_taken, count);
        p->out_taken += count;
        *out = (struct space){out->at + count, out->left - count};
        return 0;
    }
    if (bzip2_runs_left(&p->runs)) {
        bzip2_runs_expand(&p->runs, out);
        return 0;
    }
    if (p->runs.crc != p->block.crc)
        return damaged(p, "wrong checksum", ret, e);
    ret->at = p->at + p->block.end / 8;
    if (r->head + 1 == r->tail)
        ret->state = CONTAINER_CUT;
    else
        drop_head(r);
    return 0;
}

static int bzip2_read(void *decoder, struct feed *f, struct space *out, struct container_place *ret,
                      struct err *e)
{
    struct row *r = decoder;
    size_t size = out->left;
    int code = 0;
    while (!code && out->left == size && ret->state == CONTAINER_MORE) {
        struct piece *head = piece_at(r, r->head);
        if (r->head < r->tail && head->settled)
            code = give_text(r, out, ret, e);
        else if ((code = fill_row(r, f, e)) == 0 && !piece_at(r, r->head)->is_block)
            code = settle_end(r, ret, e);
        else if (!code && (code = await_head(r, e)) == 0)
            code = settle_block(r, ret, e);
    }
    return code;
}

// ---- the whole

static void bzip2_close(void *decoder)
{
    struct row *r = decoder;
    pthread_mutex_lock(&r->lock);
    r->stop = true;
    pthread_cond_broadcast(&r->work);
    pthread_mutex_unlock(&r->lock);
    for (unsigned i = 0; i < r->started; i++)
        pthread_join(r->threads[i], NULL);
    pthread_cond_destroy(&r->work);
    pthread_cond_destroy(&r->result);
    pthread_mutex_destroy(&r->lock);
    for (unsigned i = 0; r->pieces && i < r->slots; i++) {
        free(r->pieces[i].data);
        free_room(&r->pieces[i].room);
    }
    for (unsigned i = 0; i < r->room_count; i++)
        free_room(&r->rooms[i]);
    vectors_free(r->vectors);
    free(r->pieces);
    free(r);
}

static int bzip2_open(void **ret, struct err *e)
{
    struct row *r = calloc(1, sizeof *r);
    if (!r)
        return err_memory(e);
    pthread_mutex_init(&r->lock, NULL);
    pthread_cond_init(&r->work, NULL);
    pthread_cond_init(&r->result, NULL);
    r->workers = processors() < WORKERS_MAX ? processors() : WORKERS_MAX;
    r->blocks_max = r->workers * AHEAD;
    r->slots = 2 * r->blocks_max + 2;
    r->pieces = calloc(r->slots, sizeof *r->pieces);
    if (!r->pieces) {
        bzip2_close(r);
        return err_memory(e);
    }
    make_filters(r);
    start_piece(r, false, 0, 0);
    *ret = r;
    return 0;
}

const struct container container_bzip2 = {.name = "bzip2",
                                          .probe = bzip2_probe,
                                          .open = bzip2_open,
                                          .read = bzip2_read,
                                          .close = bzip2_close};
