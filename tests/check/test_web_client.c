// SPDX-License-Identifier: Apache-2.0
//
// Single requests to servers on the loopback that say what is written here: what an answer is, and
// what keeps it from being one.

#include "check/web_client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ROOM ((size_t)4 << 20)

// One connection after the other: a request of HTTP or what there is of TLS is read, `says` is
// said, and it is closed at once, or when the client has.
struct server {
    int fd;
    pthread_t thread;
    struct endpoint at;
    const char *says;
    size_t length;
    bool holds;
    char heard[2048];
};

static void *serve(void *arg)
{
    struct server *s = arg;
    for (int fd; (fd = accept(s->fd, NULL, NULL)) >= 0; close(fd)) {
        size_t heard = 0;
        ssize_t got = 1;
        s->heard[0] = '\0';
        while (heard < sizeof s->heard - 1 && !strstr(s->heard, "\r\n\r\n") &&
               s->heard[0] != 0x16 &&
               (got = read(fd, s->heard + heard, sizeof s->heard - 1 - heard)) > 0)
            s->heard[heard += (size_t)got] = '\0';
        if (got > 0 && s->length > 0)
            send(fd, s->says, s->length, MSG_NOSIGNAL);
        char end;
        while (got > 0 && s->holds && read(fd, &end, 1) > 0)
            ;
    }
    return NULL;
}

static void server_begin(struct server *s, const char *says, size_t length, bool holds)
{
    union socket_address address;
    *s = (struct server){.says = says, .length = length, .holds = holds, .at = {FAMILY_IPV6, 0, 1}};
    socklen_t size = endpoint_socket(&s->at, &address);
    s->fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(s->fd >= 0 && bind(s->fd, &address.any, size) == 0 && listen(s->fd, 8) == 0);
    assert_int_equal(getsockname(s->fd, &address.any, &size), 0);
    s->at.port = ntohs(address.six.sin6_port);
    assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
}

static void server_end(struct server *s)
{
    shutdown(s->fd, SHUT_RDWR);
    pthread_join(s->thread, NULL);
    close(s->fd);
}

// ---- one request

struct place {
    struct events *events;
    struct trust *trust;
    struct web_client *client;
    struct web_fetch fetch;
    char url[80];
};

static void done(void *arg)
{
    struct place *p = arg;
    events_stop(p->events);
}

static void place_make(struct place *p, const struct endpoint *at)
{
    *p = (struct place){0};
    assert_int_equal(events_new(&clock_real, &p->events, NULL), 0);
    assert_int_equal(trust_new(NULL, &p->trust, NULL), 0);
    assert_int_equal(
        web_client_new(p->events, p->trust, "https://example.org/who", &p->client, NULL), 0);
    snprintf(p->url, sizeof p->url, "http://www.example.test:%u/a?b", at->port);
    p->fetch = (struct web_fetch){.url = p->url,
                                  .at = *at,
                                  .timeout = 400000,
                                  .body_max = 1000,
                                  .flags = WEB_FRESH,
                                  .done = done,
                                  .arg = p};
}

static void place_drop(struct place *p)
{
    web_fetch_drop(p->client, &p->fetch);
    web_client_free(&p->client);
    trust_free(&p->trust);
    events_free(&p->events);
}

static const struct web_answer *ask(struct place *p)
{
    web_fetch_begin(p->client, &p->fetch);
    assert_int_equal(p->fetch.answer.status, 0); // never from inside
    assert_int_equal(events_run(p->events, NULL), 0);
    return &p->fetch.answer;
}

#define HEAD "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"

static void what_an_answer_is(void **state)
{
    (void)state;
    static const struct {
        const char *says;
        bool holds;
        enum web_outcome outcome;
        int status;
        unsigned version;
        const char *body, *location, *type;
    } cases[] = {
        {HEAD "Content-Length: 5\r\n\r\nhello", false, WEB_ANSWERED, 200, 11, "hello", "",
         "text/html; charset=utf-8"},
        {"HTTP/1.0 200 OK\r\n\r\nhello", false, WEB_ANSWERED, 200, 10, "hello", "", ""},
        {"HTTP/1.1 301 Moved\r\nlocation:  /x \r\nContent-Length: 0\r\n\r\n", false, WEB_ANSWERED,
         301, 11, "", "/x", ""},
        // of an early hint nothing is kept
        {"HTTP/1.1 103 Early Hints\r\nLocation: /early\r\n\r\n" HEAD "Content-Length: 1\r\n\r\nx",
         false, WEB_ANSWERED, 200, 11, "x", "", "text/html; charset=utf-8"},
        {"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", false, WEB_ANSWERED, 500, 11, "", "", ""},
        {HEAD "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n", false,
         WEB_ANSWERED, 200, 11, "abc", "", "text/html; charset=utf-8"},
        {HEAD "Content-Length: 50\r\n\r\nhello", false, WEB_BROKEN_OFF, 200, 11, "hello", "",
         "text/html; charset=utf-8"},
        {HEAD "Content-Length: 50\r\n\r\nhello", true, WEB_STALLED, 200, 11, "hello", "",
         "text/html; charset=utf-8"},
        {"", true, WEB_NO_ANSWER, 0, 0, "", "", ""},
        {"", false, WEB_BROKEN_OFF, 0, 0, "", "", ""},
        {"220 mail.example.test ESMTP\r\n", false, WEB_NOT_HTTP, 0, 0, "", "", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct server s;
        struct place p;
        server_begin(&s, cases[i].says, strlen(cases[i].says), cases[i].holds);
        place_make(&p, &s.at);
        const struct web_answer *a = ask(&p);
        if (a->outcome != cases[i].outcome)
            fail_msg("%zu: %s (%s)", i, web_outcome_text(a->outcome), a->why);
        assert_int_equal(a->status, cases[i].status);
        assert_true(a->version == cases[i].version || cases[i].version == 0);
        assert_int_equal(a->body.length, strlen(cases[i].body));
        assert_memory_equal(a->body.at ? a->body.at : "", cases[i].body, strlen(cases[i].body));
        assert_string_equal(a->location, cases[i].location);
        assert_string_equal(a->type, cases[i].type);
        assert_true(a->connected > 0 && !a->body_cut && a->path.known);
        assert_int_equal(a->outcome == WEB_ANSWERED, !a->why[0]);
        place_drop(&p);
        server_end(&s);
    }
}

static void what_is_asked(void **state)
{
    (void)state;
    struct server s;
    struct place p;
    static const char says[] = HEAD "Content-Length: 0\r\n\r\n";
    server_begin(&s, says, sizeof says - 1, false);
    place_make(&p, &s.at);
    assert_int_equal(ask(&p)->outcome, WEB_ANSWERED); // the name in the URL was not looked up
    char host[80];
    snprintf(host, sizeof host, "\r\nHost: www.example.test:%u\r\n", s.at.port);
    assert_memory_equal(s.heard, "GET /a?b HTTP/1.1\r\n", 19);
    assert_non_null(strstr(s.heard, host));
    assert_non_null(strstr(s.heard, "\r\nUser-Agent: sextant/"));
    assert_non_null(strstr(s.heard, "https://example.org/who"));
    assert_null(strcasestr(s.heard, "\r\nCookie:"));
    place_drop(&p);
    server_end(&s);
}

// ---- bounds

static void bodies_and_headers_are_bounded(void **state)
{
    (void)state;
    char *says = malloc(ROOM);
    assert_non_null(says);
    for (size_t length = 999; length <= 1001; length++) {
        struct server s;
        struct place p;
        int at = snprintf(says, ROOM, HEAD "Content-Length: %zu\r\n\r\n", length);
        memset(says + at, 'x', length);
        server_begin(&s, says, (size_t)at + length, false);
        place_make(&p, &s.at);
        const struct web_answer *a = ask(&p);
        assert_int_equal(a->outcome, WEB_ANSWERED); // a body that is cut is an answer
        assert_int_equal(a->body.length, length < 1000 ? length : 1000);
        assert_int_equal(a->body_cut, length > 1000);
        place_drop(&p);
        server_end(&s);
    }
    for (int more = 0; more < 2; more++) {
        struct server s;
        struct place p;
        size_t at = (size_t)snprintf(says, ROOM, "HTTP/1.1 200 OK\r\n");
        while (at < (more ? WEB_HEADERS_MAX + 100 : WEB_HEADERS_MAX - 200))
            at += (size_t)snprintf(says + at, ROOM - at, "X-%0100d: y\r\n", 1);
        at += (size_t)snprintf(says + at, ROOM - at, "Content-Length: 0\r\n\r\n");
        server_begin(&s, says, at, false);
        place_make(&p, &s.at);
        assert_int_equal(ask(&p)->outcome, more ? WEB_HEADERS_LONG : WEB_ANSWERED);
        place_drop(&p);
        server_end(&s);
    }
    free(says);
}

static void a_closed_port_refuses(void **state)
{
    (void)state;
    struct server s;
    struct place p;
    server_begin(&s, "", 0, false);
    server_end(&s);
    place_make(&p, &s.at);
    const struct web_answer *a = ask(&p);
    assert_int_equal(a->outcome, WEB_REFUSED);
    assert_int_equal(a->connected, 0);
    place_drop(&p);
}

static void what_is_no_tls_fails_in_the_handshake(void **state)
{
    (void)state;
    static const struct {
        const char *says;
        bool holds;
        enum web_outcome outcome;
    } cases[] = {{"HTTP/1.1 400 No\r\n\r\n\r\n", false, WEB_TLS_FAILED},
                 {"", true, WEB_TLS_STALLED}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct server s;
        struct place p;
        server_begin(&s, cases[i].says, strlen(cases[i].says), cases[i].holds);
        place_make(&p, &s.at);
        snprintf(p.url, sizeof p.url, "https://www.example.test:%u/", s.at.port);
        const struct web_answer *a = ask(&p);
        if (a->outcome != cases[i].outcome)
            fail_msg("%zu: %s (%s)", i, web_outcome_text(a->outcome), a->why);
        assert_true(!a->secured && a->connected > 0 && a->status == 0);
        place_drop(&p);
        server_end(&s);
    }
}

static void it_can_be_given_up(void **state)
{
    (void)state;
    struct server s;
    struct place p;
    server_begin(&s, "", 0, true);
    place_make(&p, &s.at);
    p.fetch.done = NULL; // it is not called
    web_fetch_begin(p.client, &p.fetch);
    web_fetch_drop(p.client, &p.fetch);
    place_drop(&p);
    server_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_an_answer_is),
        cmocka_unit_test(what_is_asked),
        cmocka_unit_test(bodies_and_headers_are_bounded),
        cmocka_unit_test(a_closed_port_refuses),
        cmocka_unit_test(what_is_no_tls_fails_in_the_handshake),
        cmocka_unit_test(it_can_be_given_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
