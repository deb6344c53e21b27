// SPDX-License-Identifier: Apache-2.0
//
// Ports of this machine's loopback: one that listens, one where nobody does, one whose queue is
// full (silent), and probes that are given up.

#include "check/tcp_probe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

struct port {
    int fd;
    struct endpoint at;
};

static struct port port_open(bool listening, int backlog)
{
    union socket_address address;
    struct port p = {.at = {FAMILY_IPV6, 0, 1}};
    socklen_t length = endpoint_socket(&p.at, &address);
    p.fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (p.fd < 0 || bind(p.fd, &address.any, length) != 0)
        return p.fd < 0 ? p : (close(p.fd), p.fd = -1, p);
    length = sizeof address;
    assert_int_equal(getsockname(p.fd, &address.any, &length), 0);
    p.at.port = ntohs(address.six.sin6_port);
    if (listening)
        assert_int_equal(listen(p.fd, backlog), 0);
    return p;
}

struct asking {
    struct tcp_probe probe;
    unsigned told;
};

static void told(void *arg)
{
    ((struct asking *)arg)->told++;
}

static void ask(struct asking *a, const struct endpoint *to, int64_t timeout)
{
    struct events *ev = NULL;
    assert_int_equal(events_new(&clock_real, &ev, NULL), 0);
    a->probe.done = told;
    a->probe.arg = a;
    tcp_probe_begin(ev, &a->probe, to, timeout);
    assert_int_equal(a->told, 0);
    assert_int_equal(events_run(ev, NULL), 0);
    assert_int_equal(a->told, 1);
    events_free(&ev);
}

static void test_open_and_refused(void **state)
{
    (void)state;
    struct port open = port_open(true, 5), shut = port_open(false, 0);
    if (open.fd < 0)
        skip();
    struct asking a = {0}, b = {0};
    ask(&a, &open.at, 2000000);
    assert_int_equal(a.probe.outcome, TCP_OPEN);
    int fd = tcp_probe_take(&a.probe);
    assert_true(fd >= 0);
    assert_int_equal(tcp_probe_take(&a.probe), -1);
    close(fd);
    ask(&b, &shut.at, 2000000);
    assert_int_equal(b.probe.outcome, TCP_REFUSED);
    assert_int_equal(b.probe.error, ECONNREFUSED);
    assert_int_equal(tcp_probe_take(&b.probe), -1);
    close(open.fd);
    close(shut.fd);
}

static void test_silent(void **state)
{
    (void)state;
    struct port full = port_open(true, 0);
    if (full.fd < 0)
        skip();
    struct asking a[4] = {0};
    unsigned silent = 0;
    int taken[4];
    for (unsigned i = 0; i < 4; i++) { // a queue of none holds one or two
        ask(&a[i], &full.at, 100000);
        silent += a[i].probe.outcome == TCP_SILENT;
        if (a[i].probe.outcome == TCP_SILENT)
            assert_true(a[i].probe.took >= 100000 && a[i].probe.took < 5000000);
        taken[i] = tcp_probe_take(&a[i].probe);
    }
    assert_true(silent >= 1);
    for (unsigned i = 0; i < 4; i++)
        if (taken[i] >= 0)
            close(taken[i]);
    close(full.fd);
}

static void test_given_up(void **state)
{
    (void)state;
    struct port open = port_open(true, 5);
    if (open.fd < 0)
        skip();
    struct events *ev = NULL;
    assert_int_equal(events_new(&clock_real, &ev, NULL), 0);
    struct asking a = {.probe = {.done = told}};
    a.probe.arg = &a;
    tcp_probe_end(&a.probe); // none under way
    tcp_probe_begin(ev, &a.probe, &open.at, 1000000);
    tcp_probe_end(&a.probe);
    assert_int_equal(events_run(ev, NULL), 0);
    assert_int_equal(a.told, 0);
    events_free(&ev);
    close(open.fd);
}

static void test_meaning_of_errors(void **state)
{
    (void)state;
    assert_int_equal(tcp_outcome_of(0), TCP_OPEN);
    assert_int_equal(tcp_outcome_of(EHOSTUNREACH), TCP_UNREACHABLE);
    assert_int_equal(tcp_outcome_of(EACCES), TCP_UNREACHABLE);
    assert_int_equal(tcp_outcome_of(ETIMEDOUT), TCP_SILENT);
    assert_int_equal(tcp_outcome_of(ECONNRESET), TCP_OPEN);
    assert_int_equal(tcp_outcome_of(EMFILE), TCP_FAILED);
    for (unsigned i = 0; i < TCP_OUTCOME_COUNT; i++)
        assert_non_null(tcp_outcome_text((enum tcp_outcome)i));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_open_and_refused),
        cmocka_unit_test(test_silent),
        cmocka_unit_test(test_given_up),
        cmocka_unit_test(test_meaning_of_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
