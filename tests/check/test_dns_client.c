// SPDX-License-Identifier: Apache-2.0
//
// Questions to servers on the loopback that behave as the first label of the name says, in the same
// loop, while a made-up clock moves on a twentieth of a second a turn.

#include "check/dns_client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define TURN  50000
#define MANY  3000
#define ROUND 500 // of the many at a time: a socket has little room

struct place {
    struct events *events;
    struct dns_client *client;
    int udp, other, listener, streams[64];
    size_t stream_count;
    struct endpoint at;
    unsigned seen; // questions
    unsigned left; // callbacks to come
};

static int64_t now;

static int64_t clock_now(void *arg)
{
    (void)arg;
    return now;
}

static void clock_pass(void *arg, int64_t timeout)
{
    (void)arg;
    now += timeout < 0 || timeout > TURN ? TURN : timeout;
}

static const struct clock made_up = {clock_now, clock_now, clock_pass, NULL};

// ---- the server

static size_t answer_write(const uint8_t *question, size_t length, unsigned flags, uint8_t *to)
{
    memcpy(to, question, length);
    to[2] = (uint8_t)(0x80 | flags);
    return length;
}

static bool first_label(const uint8_t *question, const char *label)
{
    return question[12] == strlen(label) && memcmp(question + 13, label, question[12]) == 0;
}

static void put(int fd, const uint8_t *bytes, size_t length, const union socket_address *to)
{
    assert_int_equal(sendto(fd, bytes, length, 0, &to->any,
                            to->any.sa_family == AF_INET6 ? sizeof to->six : sizeof to->four),
                     length);
}

static void udp_answer(struct place *p, uint8_t *q, size_t length, const union socket_address *from)
{
    uint8_t a[600];
    size_t size = answer_write(q, length, 4, a);
    if (first_label(q, "silent") || (first_label(q, "second") && p->seen < 2))
        return;
    if (first_label(q, "wrong-id") || first_label(q, "spoofed")) {
        a[0] ^= 1;
        put(p->udp, a, size, from); // the right server, another id
        a[0] ^= 1;
        a[3] = DNS_RCODE_NXDOMAIN;
        put(p->other, a, size, from); // the right id, another port
        a[3] = 0;
        if (first_label(q, "wrong-id"))
            return;
    }
    if (first_label(q, "garbage"))
        a[13] ^= 1;
    if (first_label(q, "truncated"))
        a[2] |= 2;
    if (first_label(q, "headless")) { // an error without the question
        a[3] = DNS_RCODE_FORMERR;
        memset(a + 4, 0, 8);
        size = 12;
    }
    put(p->udp, a, size, from);
    if (first_label(q, "twice"))
        put(p->udp, a, size, from);
}

static void udp_ready(void *arg, unsigned what)
{
    struct place *p = arg;
    uint8_t q[600];
    union socket_address from;
    socklen_t size = sizeof from;
    (void)what;
    ssize_t got;
    while ((got = recvfrom(p->udp, q, sizeof q, MSG_DONTWAIT, &from.any, &size)) > 0) {
        p->seen++;
        udp_answer(p, q, (size_t)got, &from);
        size = sizeof from;
    }
}

static struct place *here;

static void stream_ready(void *arg, unsigned what)
{
    int fd = *(int *)arg;
    uint8_t q[600], a[700] = {0};
    (void)what;
    ssize_t got = recv(fd, q, sizeof q, 0);
    if (got <= 14) {
        events_forget(here->events, fd);
        close(fd);
        return;
    }
    size_t size = answer_write(q + 2, (size_t)got - 2, 4, a + 2);
    a[0] = (uint8_t)(size >> 8);
    a[1] = (uint8_t)size;
    if (first_label(q + 2, "silent"))
        return;
    if (first_label(q + 2, "greedy"))
        a[0] = 0xff; // claims more than ever comes
    if (first_label(q + 2, "garbage"))
        a[2] ^= 1;
    assert_int_equal(send(fd, a, 1, 0), 1);
    if (first_label(q + 2, "closing")) {
        events_forget(here->events, fd);
        close(fd);
        return;
    }
    assert_int_equal(send(fd, a + 1, size + 1, 0), size + 1);
}

static void listener_ready(void *arg, unsigned what)
{
    struct place *p = arg;
    (void)what;
    assert_true(p->stream_count < 64);
    int *fd = &p->streams[p->stream_count++];
    *fd = accept4(p->listener, NULL, NULL, SOCK_NONBLOCK);
    assert_true(*fd >= 0);
    assert_int_equal(events_watch(p->events, *fd, EVENT_READ, stream_ready, fd, NULL), 0);
}

static int socket_at(int type, struct endpoint *at)
{
    union socket_address to;
    socklen_t length = endpoint_socket(at, &to);
    int fd = socket(to.any.sa_family, type | SOCK_NONBLOCK, 0);
    assert_true(fd >= 0 && bind(fd, &to.any, length) == 0);
    assert_int_equal(getsockname(fd, &to.any, &length), 0);
    assert_true(endpoint_of_socket(&to.any, at));
    return fd;
}

static void place_make(struct place *p, enum family f)
{
    struct err e;
    *p = (struct place){.at = {f, 0, f == FAMILY_IPV6 ? 1 : 0x7f000001}};
    here = p;
    struct endpoint other = p->at;
    assert_int_equal(events_new(&made_up, &p->events, &e), 0);
    assert_int_equal(dns_client_new(p->events, &p->client, &e), 0);
    p->udp = socket_at(SOCK_DGRAM, &p->at);
    p->other = socket_at(SOCK_DGRAM, &other);
    p->listener = socket_at(SOCK_STREAM, &p->at);
    assert_int_equal(listen(p->listener, 16), 0);
    assert_int_equal(events_watch(p->events, p->udp, EVENT_READ, udp_ready, p, &e), 0);
    assert_int_equal(events_watch(p->events, p->listener, EVENT_READ, listener_ready, p, &e), 0);
}

static void place_drop(struct place *p)
{
    for (size_t i = 0; i < p->stream_count; i++)
        close(p->streams[i]);
    close(p->udp);
    close(p->other);
    close(p->listener);
    dns_client_free(&p->client);
    events_free(&p->events);
}

// ---- asking

struct told {
    struct place *place;
    enum dns_status status;
    unsigned rcode, attempts, calls;
    uint32_t took;
};

static void tell(void *arg, const struct dns_reply *r)
{
    struct told *t = arg;
    t->status = r->status;
    t->attempts = r->attempts;
    t->took = r->took;
    t->calls++;
    assert_true((r->message != NULL) == (r->status <= DNS_TRUNCATED));
    t->rcode = r->message ? r->message->rcode : 99;
    if (--t->place->left == 0)
        events_stop(t->place->events);
}

static struct told ask_at(struct place *p, const struct endpoint *to, const char *name, bool tcp)
{
    struct dns_name n;
    struct told t = {.place = p};
    struct err e;
    assert_true(dns_name_parse(slice_of(name), &n));
    struct dns_question q = {.to = *to,
                             .name = &n,
                             .type = DNS_TYPE_AAAA,
                             .size = 1232,
                             .tcp = tcp,
                             .done = tell,
                             .arg = &t};
    p->left = 1;
    p->seen = 0;
    dns_ask(p->client, &q);
    assert_int_equal(events_run(p->events, &e), 0);
    assert_int_equal(t.calls, 1);
    return t;
}

static void udp_all(enum family f)
{
    struct place p;
    place_make(&p, f);
    struct told t = ask_at(&p, &p.at, "fine.test", false);
    assert_true(t.status == DNS_ANSWERED && t.attempts == 1 && p.seen == 1 && t.rcode == 0);
    t = ask_at(&p, &p.at, "silent.test", false);
    assert_true(t.status == DNS_SILENT && t.attempts == 3 && p.seen == 3);
    assert_true(t.took >= 4000000 && t.took < 4200000); // the third attempt waited for 4 s
    t = ask_at(&p, &p.at, "second.test", false);
    assert_true(t.status == DNS_ANSWERED && t.attempts == 2 && p.seen == 2);
    t = ask_at(&p, &p.at, "spoofed.test", false);
    assert_true(t.status == DNS_ANSWERED && t.rcode == 0 && t.attempts == 1);
    t = ask_at(&p, &p.at, "wrong-id.test", false);
    assert_true(t.status == DNS_SILENT && t.attempts == 3);
    t = ask_at(&p, &p.at, "garbage.test", false);
    assert_true(t.status == DNS_MALFORMED && t.attempts == 3);
    t = ask_at(&p, &p.at, "truncated.test", false);
    assert_true(t.status == DNS_TRUNCATED && t.attempts == 1);
    t = ask_at(&p, &p.at, "headless.test", false);
    assert_true(t.status == DNS_ANSWERED && t.rcode == DNS_RCODE_FORMERR);
    t = ask_at(&p, &p.at, "twice.test", false);
    assert_true(t.status == DNS_ANSWERED);
    t = ask_at(&p, &p.at, "fine.test", false); // the second copy harmed nothing
    assert_true(t.status == DNS_ANSWERED && t.attempts == 1);
    place_drop(&p);
}

static void test_udp(void **state)
{
    (void)state;
    udp_all(FAMILY_IPV6);
    udp_all(FAMILY_IPV4);
}

static void tcp_all(enum family f)
{
    struct place p;
    place_make(&p, f);
    struct told t = ask_at(&p, &p.at, "fine.test", true);
    assert_true(t.status == DNS_ANSWERED && t.rcode == 0 && t.attempts == 1 && p.seen == 0);
    assert_int_equal(ask_at(&p, &p.at, "closing.test", true).status, DNS_CLOSED);
    assert_int_equal(ask_at(&p, &p.at, "garbage.test", true).status, DNS_MALFORMED);
    assert_int_equal(ask_at(&p, &p.at, "silent.test", true).status, DNS_SILENT);
    assert_int_equal(ask_at(&p, &p.at, "greedy.test", true).status, DNS_SILENT);
    place_drop(&p);
}

static void test_tcp(void **state)
{
    (void)state;
    tcp_all(FAMILY_IPV6);
    tcp_all(FAMILY_IPV4);
}

static void closed_all(enum family f)
{
    struct place p;
    place_make(&p, f);
    struct endpoint closed = {f, 0, p.at.address};
    close(socket_at(SOCK_DGRAM, &closed));
    struct told t = ask_at(&p, &closed, "fine.test", false);
    assert_true(t.status == DNS_UNREACHABLE && t.attempts == 3);
    assert_int_equal(ask_at(&p, &closed, "fine.test", true).status, DNS_UNREACHABLE);
    assert_int_equal(ask_at(&p, &p.at, "fine.test", false).status, DNS_ANSWERED);
    place_drop(&p);
}

static void test_closed(void **state)
{
    (void)state;
    closed_all(FAMILY_IPV6);
    closed_all(FAMILY_IPV4);
}

// The kernel lets nobody send to the broadcast address without asking for it.
static void test_no_way(void **state)
{
    (void)state;
    struct place p;
    place_make(&p, FAMILY_IPV4);
    struct endpoint everybody = {FAMILY_IPV4, 53, 0xffffffff};
    struct told t = ask_at(&p, &everybody, "fine.test", false);
    assert_true(t.status == DNS_NO_ROUTE && t.attempts == 1);
    assert_int_equal(ask_at(&p, &everybody, "fine.test", true).status, DNS_NO_ROUTE);
    place_drop(&p);
}

static void test_cancel(void **state)
{
    (void)state;
    struct place p;
    struct err e;
    place_make(&p, FAMILY_IPV6);
    struct dns_name n;
    assert_true(dns_name_parse(slice_of("silent.test"), &n));
    struct told never = {.place = &p};
    struct dns_question q[3] = {0};
    for (int i = 0; i < 3; i++) {
        q[i] = (struct dns_question){
            .to = p.at, .name = &n, .type = 1, .tcp = i == 2, .done = tell, .arg = &never};
        dns_ask(p.client, &q[i]);
    }
    dns_cancel(p.client, &q[0]); // in the queue
    assert_int_equal(ask_at(&p, &p.at, "fine.test", false).status, DNS_ANSWERED);
    dns_cancel(p.client, &q[1]); // flying
    dns_cancel(p.client, &q[2]); // a connection
    dns_cancel(p.client, &q[2]);
    events_forget(p.events, p.udp);
    events_forget(p.events, p.listener);
    for (size_t i = 0; i < p.stream_count; i++)
        events_forget(p.events, p.streams[i]);
    assert_int_equal(ask_at(&p, &p.at, "fine.test", false).status, DNS_SILENT);
    assert_int_equal(never.calls, 0);
    (void)e;
    place_drop(&p);
}

// ---- many: each answer finds its question, and each answered question is followed by another

struct many {
    struct place *place;
    struct dns_name names[ROUND];
    struct dns_question questions[ROUND];
    unsigned next;
    bool *answered;
};

struct one {
    struct many *many;
    unsigned row, number;
};

static void ask_next(struct one *o);

static void one_done(void *arg, const struct dns_reply *r)
{
    struct one *o = arg;
    char wanted[32], text[DNS_TEXT_MAX];
    snprintf(wanted, sizeof wanted, "n%u.test", o->number);
    assert_int_equal(r->status, DNS_ANSWERED);
    assert_string_equal(dns_name_text(&r->message->name, text), wanted);
    assert_false(o->many->answered[o->number]);
    o->many->answered[o->number] = true;
    if (o->many->next < MANY)
        ask_next(o);
    if (--o->many->place->left == 0)
        events_stop(o->many->place->events);
}

static void ask_next(struct one *o)
{
    struct many *m = o->many;
    char text[32];
    o->number = m->next++;
    snprintf(text, sizeof text, "n%u.test", o->number);
    assert_true(dns_name_parse(slice_of(text), &m->names[o->row]));
    m->questions[o->row] = (struct dns_question){.to = m->place->at,
                                                 .name = &m->names[o->row],
                                                 .type = DNS_TYPE_AAAA,
                                                 .attempts = 8,
                                                 .done = one_done,
                                                 .arg = o};
    dns_ask(m->place->client, &m->questions[o->row]);
}

static void test_many(void **state)
{
    (void)state;
    static struct many m;
    static struct one ones[ROUND];
    static bool answered[MANY];
    struct place p;
    struct err e;
    place_make(&p, FAMILY_IPV6);
    m.place = &p;
    m.answered = answered;
    p.left = MANY;
    for (unsigned i = 0; i < ROUND; i++) {
        ones[i] = (struct one){&m, i, 0};
        ask_next(&ones[i]);
    }
    assert_int_equal(events_run(p.events, &e), 0);
    for (unsigned i = 0; i < MANY; i++)
        assert_true(answered[i]);
    place_drop(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_udp),    cmocka_unit_test(test_tcp),    cmocka_unit_test(test_closed),
        cmocka_unit_test(test_no_way), cmocka_unit_test(test_cancel), cmocka_unit_test(test_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
