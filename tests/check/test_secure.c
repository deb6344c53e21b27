// SPDX-License-Identifier: Apache-2.0
//
// Lookups with validation, by libunbound, against one name server on the loopback: it serves a
// root without signatures and two names. Whom libunbound may ask is what is tested, and what its
// word becomes. Skipped where port 53 of the loopback cannot be had.

#include "check/dns_resolver.h"
#include "check/opt_out.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SERVER "127.0.0.77"

static struct {
    int fd;
    pthread_t thread;
    atomic_uint asked;
    char anchor[40];
} server;

// ---- the server: its root has the NS record "ns.", every other name the address 192.0.2.80

static size_t put(uint8_t *to, const void *from, size_t length)
{
    memcpy(to, from, length);
    return length;
}

static size_t answer_write(uint8_t *m, size_t question_end)
{
    static const uint8_t ns[] = {0, 0, 2, 0, 1, 0, 0, 0, 60, 0, 4, 2, 'n', 's', 0};
    static const uint8_t glue[] = {2, 'n', 's', 0, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 77};
    static const uint8_t a[] = {0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 80};
    static const uint8_t soa[] = {0, 0, 6, 0, 1, 0,  0, 0, 60, 0,  24, 2, 'n', 's', 0, 0, 0, 0,
                                  0, 1, 0, 0, 0, 60, 0, 0, 0,  60, 0,  0, 0,   60,  0, 0, 0, 60};
    unsigned type = (unsigned)(m[question_end - 4] << 8 | m[question_end - 3]);
    bool root = m[12] == 0;
    size_t at = question_end;
    m[2] = 0x84; // a response, with authority
    m[3] = 0;
    memset(m + 6, 0, 6);
    if (root && type == 2) {
        m[7] = m[11] = 1;
        at += put(m + at, ns, sizeof ns);
        return at + put(m + at, glue, sizeof glue);
    }
    if (!root && type == 1) {
        m[7] = 1;
        at += put(m + at, a, sizeof a);
        if (m[12] == 2 && m[13] == 'n')
            put(m + at - 4, "\x7f\x00\x00\x4d", 4);
        return at;
    }
    m[9] = 1;
    return at + put(m + at, soa, sizeof soa);
}

static void *serve(void *arg)
{
    uint8_t m[2048];
    struct sockaddr_in from;
    (void)arg;
    for (;;) {
        socklen_t length = sizeof from;
        ssize_t got = recvfrom(server.fd, m, 512, 0, (struct sockaddr *)&from, &length);
        size_t at = 12;
        if (got < 17)
            return NULL; // an empty datagram ends it
        while (at < 500 && m[at])
            at += 1u + m[at];
        atomic_fetch_add(&server.asked, 1);
        sendto(server.fd, m, answer_write(m, at + 5), 0, (struct sockaddr *)&from, length);
    }
}

static struct sockaddr_in server_address(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(53)};
    inet_pton(AF_INET, SERVER, &at.sin_addr);
    return at;
}

static int server_begin(void **state)
{
    (void)state;
    struct sockaddr_in at = server_address();
    snprintf(server.anchor, sizeof server.anchor, "/tmp/anchor-XXXXXX");
    int fd = mkstemp(server.anchor);
    // Of a zone that nobody asks about: everything else is without signatures.
    static const char other[] =
        "signed.test. IN DS 1 8 2 "
        "0000000000000000000000000000000000000000000000000000000000000000\n";
    if (fd < 0 || write(fd, other, sizeof other - 1) < 0)
        return -1;
    close(fd);
    server.fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (bind(server.fd, (struct sockaddr *)&at, sizeof at) != 0) {
        close(server.fd);
        server.fd = -1;
        return 0;
    }
    return pthread_create(&server.thread, NULL, serve, NULL);
}

static int server_end(void **state)
{
    (void)state;
    struct sockaddr_in at = server_address();
    unlink(server.anchor);
    if (server.fd < 0)
        return 0;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sendto(fd, "", 0, 0, (struct sockaddr *)&at, sizeof at);
    close(fd);
    pthread_join(server.thread, NULL);
    close(server.fd);
    return 0;
}

// ---- one lookup

struct told {
    struct events *events;
    enum lookup_status status;
    enum lookup_security security;
    bool opted_out;
    u128 address;
    char why[200];
};

static void tell(void *arg, const struct lookup *l)
{
    struct told *t = arg;
    t->status = l->status;
    t->security = l->security;
    t->opted_out = l->opted_out;
    t->address = l->count ? l->data[0].address : 0;
    snprintf(t->why, sizeof t->why, "%s", l->why);
    events_stop(t->events);
}

static struct told look(const char *name, const char *allow, const char *listed)
{
    struct told t = {0};
    struct guard guard;
    struct dns_client *client;
    struct resolver *resolver;
    struct opt_out *out;
    struct root_hints hints = {.count = 1};
    uint32_t four;
    if (server.fd < 0)
        skip();
    atomic_store(&server.asked, 0);
    assert_true(ipv4_parse(slice_of(SERVER), &four));
    hints.at[0] = (struct root_hint){{1, {0}}, FAMILY_IPV4, four};
    assert_int_equal(events_new(&clock_real, &t.events, NULL), 0);
    assert_int_equal(guard_load(&guard, NULL), 0);
    if (allow)
        assert_int_equal(guard_allow(&guard, allow, NULL), 0);
    assert_int_equal(opt_out_new(&out, NULL), 0);
    if (listed)
        assert_int_equal(opt_out_add_name(out, listed, true, NULL), 0);
    assert_int_equal(dns_client_new(t.events, &client, NULL), 0);
    struct resolver_options o = {.events = t.events,
                                 .client = client,
                                 .guard = &guard,
                                 .hints = &hints,
                                 .opt_out = out,
                                 .trust_anchor = server.anchor};
    assert_int_equal(resolver_new(&o, &resolver, NULL), 0);
    resolver_ask(resolver, name, DNS_TYPE_A, RESOLVE_IPV4, true, tell, &t);
    assert_int_equal(events_run(t.events, NULL), 0);
    resolver_free(&resolver);
    dns_client_free(&client);
    opt_out_free(&out);
    guard_done(&guard);
    events_free(&t.events);
    return t;
}

static void what_is_not_signed_is_insecure(void **state)
{
    (void)state;
    struct told t = look("www.plain.test", SERVER, NULL);
    assert_int_equal(t.status, LOOKUP_FOUND);
    assert_int_equal(t.security, LOOKUP_INSECURE);
    assert_true(t.address == 0xc0000250);
    assert_true(atomic_load(&server.asked) > 0);
}

static void a_chain_that_does_not_hold_is_bogus(void **state)
{
    (void)state;
    struct told t = look("www.signed.test", SERVER, NULL);
    assert_int_equal(t.status, LOOKUP_FAILED);
    assert_int_equal(t.security, LOOKUP_BOGUS);
    assert_true(strlen(t.why) > 0);
}

// Also where another address of the same reserved block is allowed.
static void who_is_guarded_is_not_asked(void **state)
{
    (void)state;
    static const char *const allow[] = {NULL, "127.0.0.78", "127.0.0.0/26", "127.0.0.80/28"};
    for (size_t i = 0; i < sizeof allow / sizeof *allow; i++) {
        struct told t = look("www.plain.test", allow[i], NULL);
        assert_int_equal(t.status, LOOKUP_FAILED);
        assert_int_equal(atomic_load(&server.asked), 0);
    }
}

static void who_does_not_want_to_be_asked_is_not(void **state)
{
    (void)state;
    struct told t = look("www.plain.test", SERVER, "plain.test");
    assert_true(t.status == LOOKUP_FAILED && t.opted_out);
    assert_int_equal(atomic_load(&server.asked), 0);
    t = look("www.plain.test", SERVER, "other.test");
    assert_int_equal(t.status, LOOKUP_FOUND);
    assert_int_equal(t.security, LOOKUP_INSECURE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_signed_is_insecure),
        cmocka_unit_test(a_chain_that_does_not_hold_is_bogus),
        cmocka_unit_test(who_is_guarded_is_not_asked),
        cmocka_unit_test(who_does_not_want_to_be_asked_is_not),
    };
    return cmocka_run_group_tests(tests, server_begin, server_end);
}
