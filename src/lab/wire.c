// SPDX-License-Identifier: Apache-2.0

#include "lab/wire.h"

#include "lab/process.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define FRAME_MAX 65600 // an Ethernet header and the largest packet

struct frame {
    struct frame *next;
    int64_t due; // microseconds
    size_t length;
    uint8_t octets[];
};

struct side {
    int socket; // what comes in here goes out at the other side
    struct lab_impairment way;
    struct frame *first, *last;
    size_t queued;
    int64_t free_at; // when the last bit of what was sent has left
};

struct line {
    struct side side[2];
    uint64_t chance; // the state of xorshift64*
    uint8_t in[FRAME_MAX];
};

bool wire_is_plain(const struct lab_impairment *i)
{
    return i->delay_us == 0 && i->jitter_us == 0 && i->loss_ppm == 0 && i->rate_bps == 0 &&
           i->reorder_ppm == 0 && i->duplicate_ppm == 0;
}

static uint64_t next_chance(struct line *l)
{
    l->chance ^= l->chance >> 12;
    l->chance ^= l->chance << 25;
    l->chance ^= l->chance >> 27;
    return l->chance * 0x2545F4914F6CDD1DULL;
}

static bool happens(struct line *l, uint64_t ppm)
{
    return ppm > 0 && next_chance(l) % 1000000 < ppm;
}

static int open_side(const char *name, int *ret, struct err *e)
{
    const struct sockaddr_ll at = {.sll_family = AF_PACKET,
                                   .sll_protocol = htons(ETH_P_ALL),
                                   .sll_ifindex = (int)if_nametoindex(name)};
    int one = 1, size = 4 << 20;
    int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || at.sll_ifindex == 0 ||
        setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof one) != 0 ||
        bind(fd, (const struct sockaddr *)&at, sizeof at) != 0) {
        err_system(e, "wire at %s", name);
        if (fd >= 0)
            close(fd);
        return ERR_SYSTEM;
    }
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    *ret = fd;
    return 0;
}

// When the frame arrives. A rate holds it until those before it have left.
static int64_t due(struct line *l, struct side *s, size_t length, int64_t now)
{
    const struct lab_impairment *w = &s->way;
    int64_t at = now;
    if (w->rate_bps) {
        int64_t start = s->free_at > now ? s->free_at : now;
        s->free_at = start + (int64_t)(length * 8 * 1000000 / w->rate_bps);
        at = s->free_at;
    }
    at += (int64_t)w->delay_us;
    if (w->jitter_us)
        at += (int64_t)(next_chance(l) % (2 * w->jitter_us + 1)) - (int64_t)w->jitter_us;
    return at > now ? at : now;
}

// Kept in the order of arrival.
static void enqueue(struct side *s, const uint8_t *octets, size_t length, int64_t at)
{
    struct frame *f = malloc(sizeof *f + length);
    if (!f)
        return;
    memcpy(f->octets, octets, length);
    f->length = length;
    f->due = at;
    struct frame **place = s->last && s->last->due <= at ? &s->last->next : &s->first;
    while (*place && (*place)->due <= at)
        place = &(*place)->next;
    f->next = *place;
    *place = f;
    if (!f->next)
        s->last = f;
    s->queued += length;
}

static void take(struct line *l, struct side *s, size_t length, int64_t now)
{
    bool held_up = s->way.rate_bps && s->free_at - now > WIRE_QUEUE_MAX_US;
    if (held_up || s->queued + length > WIRE_QUEUE_MAX || happens(l, s->way.loss_ppm))
        return;
    int64_t at = happens(l, s->way.reorder_ppm) ? now : due(l, s, length, now);
    enqueue(s, l->in, length, at);
    if (happens(l, s->way.duplicate_ppm))
        enqueue(s, l->in, length, at);
}

#define TAKEN_MAX 256 // frames of one side before the other has its turn

static void receive(struct line *l, struct side *s, int64_t now)
{
    for (unsigned i = 0; i < TAKEN_MAX; i++) {
        ssize_t n = recv(s->socket, l->in, sizeof l->in, 0);
        if (n <= 0)
            return;
        take(l, s, (size_t)n, now);
    }
}

static void deliver(struct side *from, const struct side *to, int64_t now)
{
    while (from->first && from->first->due <= now) {
        struct frame *f = from->first;
        if (send(to->socket, f->octets, f->length, 0) < 0 && (errno == EAGAIN || errno == ENOBUFS))
            return;
        from->first = f->next;
        if (!from->first)
            from->last = NULL;
        from->queued -= f->length;
        free(f);
    }
}

static struct timespec time_left(const struct line *l, int64_t now)
{
    int64_t wait = 1000000;
    for (unsigned i = 0; i < 2; i++)
        if (l->side[i].first && l->side[i].first->due - now < wait)
            wait = l->side[i].first->due - now;
    wait = wait < 50 ? 50 : wait; // nothing is due: what could not be sent is tried again
    return (struct timespec){wait / 1000000, wait % 1000000 * 1000};
}

static void run(struct line *l)
{
    struct pollfd fds[2] = {{l->side[0].socket, POLLIN, 0}, {l->side[1].socket, POLLIN, 0}};
    for (;;) {
        int64_t now = process_now_us();
        const struct timespec wait = time_left(l, now);
        if (ppoll(fds, 2, &wait, NULL) < 0 && errno != EINTR)
            return;
        now = process_now_us();
        for (unsigned i = 0; i < 2; i++)
            if (fds[i].revents)
                receive(l, &l->side[i], now);
        for (unsigned i = 0; i < 2; i++)
            deliver(&l->side[i], &l->side[!i], now);
    }
}

int wire_run(const struct wire *w, struct err *e)
{
    struct line *l = calloc(1, sizeof *l);
    if (!l)
        return err_memory(e);
    l->chance = w->seed;
    l->side[0].socket = l->side[1].socket = -1;
    if (l->chance == 0 && getrandom(&l->chance, sizeof l->chance, 0) < 0)
        l->chance = 1;
    int code = 0;
    for (unsigned i = 0; i < 2 && code == 0; i++) {
        l->side[i].way = w->way[i];
        code = open_side(w->interface[i], &l->side[i].socket, e);
    }
    if (code == 0) {
        run(l);
        code = err_system(e, "wire between %s and %s", w->interface[0], w->interface[1]);
    }
    for (unsigned i = 0; i < 2; i++)
        if (l->side[i].socket >= 0)
            close(l->side[i].socket);
    free(l);
    return code;
}
