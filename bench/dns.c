// SPDX-License-Identifier: Apache-2.0
//
// What a question of the DNS costs in processor time, kernel included, when there are many:
//
//     dns_bulk client|bare ADDRESS PORT QUESTIONS WINDOW
//
// `client` asks through src/check/dns_client.h; `bare` is the least that can be done: one socket,
// sendmmsg and recvmmsg, no timer, no look at the answers. Prints the microseconds a question, the
// answers and the questions that were sent again.

#include "check/dns_client.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define WINDOW_MAX 4096
#define BATCH      64

static double processor_time(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e6 +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

static void name_of(unsigned number, struct dns_name *ret)
{
    char text[64];
    snprintf(text, sizeof text, "n%u.example.test", number);
    dns_name_parse(slice_of(text), ret);
}

// ---- through the client

struct bulk {
    struct events *events;
    struct dns_client *client;
    struct endpoint to;
    unsigned next, total, done, answered, again;
};

struct row {
    struct bulk *bulk;
    struct dns_name name;
    struct dns_question question;
};

static void replied(void *arg, const struct dns_reply *r);

static void ask(struct row *w)
{
    struct bulk *b = w->bulk;
    name_of(b->next++, &w->name);
    w->question.to = b->to;
    w->question.name = &w->name;
    w->question.type = DNS_TYPE_AAAA;
    w->question.size = 1232;
    w->question.done = replied;
    w->question.arg = w;
    dns_ask(b->client, &w->question);
}

static void replied(void *arg, const struct dns_reply *r)
{
    struct row *w = arg;
    struct bulk *b = w->bulk;
    b->answered += r->status == DNS_ANSWERED && r->message->counts[DNS_ANSWER] == 1;
    b->again += r->attempts - 1;
    if (++b->done == b->total)
        events_stop(b->events);
    else if (b->next < b->total)
        ask(w);
}

static int through_client(struct bulk *b, unsigned window)
{
    static struct row rows[WINDOW_MAX];
    struct err e = {0};
    if (events_new(&clock_real, &b->events, &e) || dns_client_new(b->events, &b->client, &e))
        return 1;
    for (unsigned i = 0; i < window && b->next < b->total; i++) {
        rows[i].bulk = b;
        ask(&rows[i]);
    }
    int code = events_run(b->events, &e);
    dns_client_free(&b->client);
    events_free(&b->events);
    return code;
}

// ---- the bare loop

static uint8_t questions[BATCH][DNS_QUERY_MAX], answers[BATCH][1500];
static struct mmsghdr out[BATCH], in[BATCH];
static struct iovec out_bytes[BATCH], in_bytes[BATCH];

static int send_some(struct bulk *b, int fd, unsigned count)
{
    struct dns_name name;
    for (unsigned i = 0; i < count; i++) {
        name_of(b->next++, &name);
        struct dns_asked a = {&name, DNS_TYPE_AAAA, (uint16_t)b->next, 1232, false, false, false};
        out_bytes[i] = (struct iovec){questions[i], dns_asked_write(&a, questions[i])};
        out[i].msg_hdr = (struct msghdr){.msg_iov = &out_bytes[i], .msg_iovlen = 1};
    }
    return sendmmsg(fd, out, count, 0);
}

static int bare(struct bulk *b, unsigned window)
{
    union socket_address to;
    socklen_t length = endpoint_socket(&b->to, &to);
    int fd = socket(to.any.sa_family, SOCK_DGRAM | SOCK_NONBLOCK, 0), room = 1 << 20;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    if (fd < 0 || connect(fd, &to.any, length) != 0)
        return 1;
    for (unsigned i = 0; i < BATCH; i++) {
        in_bytes[i] = (struct iovec){answers[i], sizeof answers[i]};
        in[i].msg_hdr = (struct msghdr){.msg_iov = &in_bytes[i], .msg_iovlen = 1};
    }
    unsigned open = 0;
    while (b->done < b->total) {
        while (open < window && b->next < b->total) {
            unsigned left = b->total - b->next, some = window - open;
            some = some < left ? some : left;
            some = some < BATCH ? some : BATCH;
            if (send_some(b, fd, some) != (int)some)
                return 1;
            open += some;
        }
        struct pollfd p = {fd, POLLIN, 0};
        if (poll(&p, 1, 200) == 0) { // lost: they count as done, and not as answered
            b->done += open;
            open = 0;
            continue;
        }
        int got = recvmmsg(fd, in, BATCH, MSG_DONTWAIT, NULL);
        b->done += got > 0 ? (unsigned)got : 0;
        b->answered += got > 0 ? (unsigned)got : 0;
        open -= got > 0 ? (unsigned)got : 0;
    }
    close(fd);
    return 0;
}

int main(int argc, char **argv)
{
    struct bulk b = {0};
    struct range r;
    uint64_t port, total, window;
    if (argc != 6 || !range_parse(slice_of(argv[2]), &r) ||
        !slice_u64(slice_of(argv[3]), 65535, &port) ||
        !slice_u64(slice_of(argv[4]), 100000000, &total) ||
        !slice_u64(slice_of(argv[5]), WINDOW_MAX, &window)) {
        fprintf(stderr, "usage: dns_bulk client|bare ADDRESS PORT QUESTIONS WINDOW\n");
        return 2;
    }
    b.to = (struct endpoint){r.family, (uint16_t)port, r.first};
    b.total = (unsigned)total;
    double began = processor_time();
    int code = strcmp(argv[1], "bare") == 0 ? bare(&b, (unsigned)window)
                                            : through_client(&b, (unsigned)window);
    printf("%.2f %u %u\n", (processor_time() - began) / (double)total, b.answered, b.again);
    return code ? EXIT_FAILURE : EXIT_SUCCESS;
}
