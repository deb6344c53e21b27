// SPDX-License-Identifier: Apache-2.0
//
// Sources that are URLs, and the plan of a fetch. The server is a child that gives one canned
// answer to each connection; faults of whole runs are in tests/e2e/fetch_test.py.

#include "read/fetch.h"
#include "read/source.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#include <cmocka.h>

#define HEAD_OK "HTTP/1.1 200 OK\r\nConnection: close\r\n"

struct server {
    pid_t child;
    char url[64];
};

static void serve(int listener, const char *head, const uint8_t *body, size_t length)
{
    char request[4096];
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        if (fd < 0 || read(fd, request, sizeof request) <= 0)
            _exit(1);
        if (write(fd, head, strlen(head)) < 0)
            _exit(1);
        while (length > 0) {
            ssize_t n = write(fd, body, length);
            if (n <= 0)
                break;
            body += n;
            length -= (size_t)n;
        }
        close(fd);
    }
}

static struct server server_start(const char *head, const void *body, size_t length)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof at;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&at, size), 0);
    assert_int_equal(listen(listener, 5), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&at, &size), 0);
    struct server s = {.child = fork()};
    assert_true(s.child >= 0);
    if (s.child == 0) {
        signal(SIGPIPE, SIG_IGN);
        serve(listener, head, body, length);
    }
    close(listener);
    snprintf(s.url, sizeof s.url, "http://127.0.0.1:%u/x-20240105.gz", ntohs(at.sin_port));
    return s;
}

static void server_stop(struct server *s)
{
    kill(s->child, SIGKILL);
    assert_int_equal(waitpid(s->child, NULL, 0), s->child);
}

static size_t pack(const uint8_t *bytes, size_t length, uint8_t *out, size_t room)
{
    z_stream z = {.next_in = (uint8_t *)(uintptr_t)bytes, .avail_in = (unsigned)length};
    z.next_out = out;
    z.avail_out = (unsigned)room;
    assert_int_equal(deflateInit2(&z, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    deflateEnd(&z);
    return z.total_out;
}

// Bytes that do not pack well: more goes over the line than any buffer on the way holds.
static uint8_t *noise_make(size_t length)
{
    uint8_t *bytes = malloc(length);
    uint32_t seed = 7;
    for (size_t i = 0; i < length; i++) {
        seed = seed * 1664525 + 1013904223;
        bytes[i] = (uint8_t)(seed >> 27);
    }
    return bytes;
}

static int read_url(const char *url, uint8_t *bytes, size_t room, size_t *ret,
                    struct source_facts *facts, struct err *e)
{
    struct source *s = NULL;
    size_t n = 1;
    int code = source_open(url, NULL, &s, e);
    for (*ret = 0; !code && n > 0 && *ret < room; *ret += n) {
        code = source_read(s, bytes + *ret, room - *ret < 5000 ? room - *ret : 5000, &n, e);
        if (code)
            break;
    }
    if (!code)
        code = source_finish(s, facts, e);
    source_close(&s);
    return code;
}

static void test_url_is_streamed(void **state)
{
    (void)state;
    const size_t length = 8 << 20;
    uint8_t *bytes = noise_make(length), *packed = malloc(2 * length), *seen = malloc(length + 1);
    size_t packed_length = pack(bytes, length, packed, 2 * length), n;
    struct source_facts facts;
    struct err e = {0};
    struct server server = server_start(HEAD_OK "\r\n", packed, packed_length);
    if (read_url(server.url, seen, length + 1, &n, &facts, &e))
        fail_msg("%s", e.text);
    assert_int_equal(n, length);
    assert_memory_equal(seen, bytes, length);
    assert_string_equal(facts.container, "gzip");
    assert_int_equal(facts.bytes_given, packed_length);
    server_stop(&server);
    free(bytes), free(packed), free(seen);
}

static void expect_answer_refused(const char *head, const char *body, const char *words)
{
    uint8_t bytes[100];
    size_t n;
    struct source_facts facts;
    struct err e = {0};
    struct server server = server_start(head, body, strlen(body));
    assert_int_equal(read_url(server.url, bytes, sizeof bytes, &n, &facts, &e), ERR_NETWORK);
    assert_non_null(strstr(e.text, server.url));
    if (!strstr(e.text, words))
        fail_msg("\"%s\" does not say \"%s\"", e.text, words);
    server_stop(&server);
}

static void test_answers_that_are_no_file(void **state)
{
    (void)state;
    expect_answer_refused("HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\n", "gone", "404");
    expect_answer_refused(HEAD_OK "Content-Length: 10\r\n\r\n", "short", "5 bytes remaining");
    expect_answer_refused("", "", "mpty reply");
    expect_answer_refused("HTTP/1.1 302 x\r\nLocation: file:///etc/hosts\r\n\r\n", "", "rotocol");
}

static void test_no_such_scheme(void **state)
{
    (void)state;
    struct http *h = NULL;
    struct err e = {0};
    assert_int_equal(http_open(NULL, &(struct http_request){.url = "file:///etc/hosts"}, &h, &e),
                     ERR_USAGE);
    assert_int_equal(http_open(NULL, &(struct http_request){.url = "http://"}, &h, &e), ERR_USAGE);
    assert_null(h);
    assert_true(http_is_url("HTTPS://example"));
    assert_false(http_is_url("ftp://example"));
    assert_false(http_is_url("https:/example"));
}

static void expect_plan(struct fetch_options o, const char *const *days)
{
    struct fetch_list list;
    struct err e = {0};
    size_t i = 0;
    o.table = "rir/servers.csv";
    o.publishers = "lacnic";
    assert_int_equal(fetch_plan(&o, &list, &e), 0);
    for (; days[i]; i++) {
        char text[DATE_TEXT_MAX];
        assert_true(i < list.count);
        assert_string_equal(list.at[i].publisher, "lacnic");
        assert_int_equal(list.at[i].fate, FETCH_OPEN);
        assert_string_equal(date_format(list.at[i].day, text), days[i]);
    }
    assert_int_equal(list.count, i);
    fetch_list_free(&list);
}

static void test_plan(void **state)
{
    (void)state;
    const date from = date_of(2023, 12, 30), to = date_of(2024, 2, 1);
    struct fetch_options o = {.from = from, .to = to, .every = PERIOD_MONTH};
    expect_plan(o, (const char *const[]){"2023-12-30", "2024-01-01", "2024-02-01", NULL});
    o.every = PERIOD_YEAR;
    expect_plan(o, (const char *const[]){"2023-12-30", "2024-01-01", NULL});
    o.every = PERIOD_DAY;
    o.to = date_of(2024, 1, 1);
    expect_plan(o, (const char *const[]){"2023-12-30", "2023-12-31", "2024-01-01", NULL});
    o.from = o.to = DATE_NONE;
    expect_plan(o, (const char *const[]){"", NULL});

    struct fetch_list list;
    struct err e = {0};
    o = (struct fetch_options){.table = "rir/servers.csv"};
    o.from = date_of(1, 1, 1);
    o.to = date_of(9999, 1, 1);
    o.every = PERIOD_DAY;
    assert_int_equal(fetch_plan(&o, &list, &e), ERR_LIMIT);
    o.from = o.to = DATE_NONE;
    assert_int_equal(fetch_plan(&o, &list, &e), 0);
    assert_int_equal(list.count, REGISTRY_RIR_COUNT);
    fetch_list_free(&list);
}

static void test_fates_have_names(void **state)
{
    (void)state;
    for (unsigned f = 0; f < FETCH_FATES; f++)
        assert_non_null(fetch_fate_name((enum fetch_fate)f));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_url_is_streamed),  cmocka_unit_test(test_answers_that_are_no_file),
        cmocka_unit_test(test_no_such_scheme),   cmocka_unit_test(test_plan),
        cmocka_unit_test(test_fates_have_names),
    };
    unsetenv("http_proxy");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
