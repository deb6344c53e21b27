// SPDX-License-Identifier: Apache-2.0
//
// Many packets at the price of one call: io_uring is handed a row of reads, each of which ends at
// once, with a packet or with word that there is none. Rows grow while they come back filled.
// Where io_uring is not allowed, or cannot do that with this device, packets are read one by one.

#include "daemon/tun_reader.h"

#include <errno.h>
#include <liburing.h>
#include <stdlib.h>
#include <sys/uio.h>

#define ROW_MAX    32
#define ROW_LEAST  2
#define ROW_BYTES  ((size_t)128 << 10)
#define MISSED_MAX 64 // rows that found nothing where a plain read found something

struct tun_reader {
    int fd;
    bool has_ring;
    struct io_uring ring;
    unsigned wanted, missed;
    size_t count;
    struct packet packets[ROW_MAX];
    uint8_t *buffers; // one for each
};

int tun_reader_new(int fd, struct tun_reader **ret, struct err *e)
{
    struct tun_reader *r = calloc(1, sizeof *r);
    if (!r)
        return err_memory(e);
    r->fd = fd;
    r->wanted = ROW_LEAST;
    r->has_ring = io_uring_queue_init(ROW_MAX, &r->ring, 0) == 0;
    r->buffers = calloc(ROW_MAX, TUN_BUFFER);
    if (!r->buffers) {
        tun_reader_free(&r);
        return err_memory(e);
    }
    *ret = r;
    return 0;
}

static void end_ring(struct tun_reader *r)
{
    if (r->has_ring)
        io_uring_queue_exit(&r->ring);
    r->has_ring = false;
}

void tun_reader_free(struct tun_reader **r)
{
    if (!*r)
        return;
    end_ring(*r);
    free((*r)->buffers);
    free(*r);
    *r = NULL;
}

static uint8_t *buffer_of(const struct tun_reader *r, size_t i)
{
    return r->buffers + i * TUN_BUFFER;
}

static int failed(int why, struct err *e)
{
    errno = why;
    return err_system(e, "cannot read from the TUN device");
}

static int submit(struct tun_reader *r, struct err *e)
{
    for (unsigned i = 0; i < r->wanted; i++) {
        struct packet p;
        struct io_uring_sqe *sqe = io_uring_get_sqe(&r->ring);
        packet_init(&p, buffer_of(r, i), TUN_BUFFER);
        io_uring_prep_read(sqe, r->fd, p.at - TUN_HEADER, (unsigned)(packet_room(&p) + TUN_HEADER),
                           (uint64_t)-1);
        sqe->rw_flags = RWF_NOWAIT;
        io_uring_sqe_set_data(sqe, buffer_of(r, i));
    }
    int done;
    do
        done = io_uring_submit_and_wait(&r->ring, r->wanted);
    while (done == -EINTR && io_uring_sq_ready(&r->ring) > 0);
    return done < 0 && done != -EINTR ? failed(-done, e) : 0;
}

static int collect(struct tun_reader *r, struct err *e)
{
    int code = 0;
    for (unsigned left = r->wanted; left > 0;) {
        struct io_uring_cqe *cqe;
        int why = io_uring_wait_cqe(&r->ring, &cqe);
        if (why == -EINTR)
            continue;
        if (why < 0)
            return failed(-why, e);
        if (cqe->res > 0)
            r->count +=
                tun_packet(io_uring_cqe_get_data(cqe), (size_t)cqe->res, &r->packets[r->count]);
        else if (cqe->res < 0 && cqe->res != -EAGAIN && cqe->res != -EINTR)
            code = failed(-cqe->res, e);
        io_uring_cqe_seen(&r->ring, cqe);
        left--;
    }
    return code;
}

static int read_one(struct tun_reader *r, struct err *e)
{
    bool got = false;
    int code = tun_read(r->fd, r->buffers, &r->packets[0], &got, e);
    r->count = got;
    return code;
}

// Bursts of a bulk transfer are large: few of them, so that they stay in the processor's cache.
static void settle(struct tun_reader *r, bool full)
{
    size_t bytes = 0, next = full ? 2 * (size_t)r->wanted : r->count + 1;
    for (size_t i = 0; i < r->count; i++)
        bytes += r->packets[i].length;
    if (bytes > ROW_BYTES)
        next = ROW_LEAST;
    r->wanted = next < ROW_LEAST ? ROW_LEAST : next > ROW_MAX ? ROW_MAX : (unsigned)next;
}

int tun_reader_row(struct tun_reader *r, struct packet **ret, size_t *ret_count, bool *ret_more,
                   struct err *e)
{
    r->count = 0;
    int code = r->has_ring ? submit(r, e) : 0;
    if (code == 0 && r->has_ring)
        code = collect(r, e);
    bool full = r->has_ring && r->count == r->wanted;
    if (r->has_ring && r->count > 0)
        r->missed = 0;
    if (code == 0 && r->count == 0) {
        code = read_one(r, e);
        if (code == 0 && r->count > 0 && r->has_ring && ++r->missed > MISSED_MAX)
            end_ring(r);
        *ret_more = r->count > 0;
    } else {
        *ret_more = full;
    }
    settle(r, full);
    *ret = r->packets;
    *ret_count = r->count;
    return code;
}
