// SPDX-License-Identifier: Apache-2.0
//
// Is it reached? TCP, UDP and HTTP.

#include "base/clock.h"
#include "base/text.h"
#include "lab/probe.h"
#include "lab/probes.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TRY_US     1000000
#define ANSWER_MAX ((size_t)64 << 10) // of what comes back

// ---- places

bool place_find(const char *text, unsigned port, struct place *ret, struct buffer *said)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    char service[16];
    snprintf(service, sizeof service, "%u", port);
    int code = getaddrinfo(text, service, &hints, &found);
    if (code != 0 || !found) {
        buffer_format(said, "%s: %s", text, gai_strerror(code));
        return false;
    }
    memcpy(&ret->at, found->ai_addr, found->ai_addrlen);
    ret->length = found->ai_addrlen;
    ret->family = found->ai_family == AF_INET6 ? FAMILY_IPV6 : FAMILY_IPV4;
    freeaddrinfo(found);
    return true;
}

bool place_bind(int fd, const char *from, struct buffer *said)
{
    struct place place;
    if (!from)
        return true;
    if (!place_find(from, 0, &place, said))
        return false;
    if (bind(fd, (const struct sockaddr *)&place.at, place.length) == 0)
        return true;
    buffer_format(said, "from %s: %s", from, strerror(errno));
    return false;
}

// ---- how it went

bool expect_holds(enum lab_expect wanted, enum lab_expect found)
{
    return wanted == LAB_EXPECT_NONE ? found != LAB_EXPECT_REPLY : wanted == found;
}

const char *expect_name(enum lab_expect found)
{
    switch (found) {
    case LAB_EXPECT_REPLY:
        return "an answer";
    case LAB_EXPECT_REFUSED:
        return "refused";
    case LAB_EXPECT_NO_ROUTE:
        return "no route";
    case LAB_EXPECT_PROHIBITED:
        return "prohibited";
    case LAB_EXPECT_UNREACHABLE:
        return "unreachable";
    case LAB_EXPECT_TOO_BIG:
        return "packet too big";
    case LAB_EXPECT_EXPIRED:
        return "hop limit exceeded";
    case LAB_EXPECT_UNSENT:
        return "it does not leave the node";
    default:
        return "no answer";
    }
}

enum lab_expect expect_of_errno(int error)
{
    switch (error) {
    case 0:
        return LAB_EXPECT_REPLY;
    case ECONNREFUSED:
        return LAB_EXPECT_REFUSED;
    case ENETUNREACH:
        return LAB_EXPECT_NO_ROUTE;
    case EACCES:
    case EPERM:
        return LAB_EXPECT_PROHIBITED;
    case EMSGSIZE:
        return LAB_EXPECT_TOO_BIG;
    case ETIMEDOUT:
    case EAGAIN:
        return LAB_EXPECT_SILENCE;
    default:
        return LAB_EXPECT_UNREACHABLE;
    }
}

enum lab_expect expect_unsent(int error)
{
    return error == EMSGSIZE || error == ECONNREFUSED ? expect_of_errno(error) : LAB_EXPECT_UNSENT;
}

int64_t try_until(int64_t until, int64_t longest_us)
{
    int64_t end = clock_microseconds() + longest_us;
    return end < until ? end : until;
}

int wait_ready(int fd, short events, int64_t until)
{
    struct pollfd p = {.fd = fd, .events = events};
    int64_t left = until - clock_microseconds();
    int n;
    do
        n = poll(&p, 1, left > 0 ? (int)((left + 999) / 1000) : 0);
    while (n < 0 && errno == EINTR);
    return n;
}

// ---- TCP

int tcp_connect(const struct place *to, const char *from, int64_t until, enum lab_expect *ret_found,
                struct buffer *said)
{
    int fd = socket(to->at.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), error = 0;
    *ret_found = LAB_EXPECT_SILENCE;
    if (fd < 0 || !place_bind(fd, from, said)) {
        if (fd >= 0)
            close(fd);
        return -1;
    }
    socklen_t size = sizeof error;
    if (connect(fd, (const struct sockaddr *)&to->at, to->length) != 0)
        error = errno;
    if (error == EINPROGRESS) {
        error = ETIMEDOUT;
        if (wait_ready(fd, POLLOUT, until) == 1)
            getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
        *ret_found = expect_of_errno(error);
    } else {
        *ret_found = error == 0 ? LAB_EXPECT_REPLY : expect_unsent(error);
    }
    if (error == 0)
        return fd;
    close(fd);
    return -1;
}

// Sends, and reads until the text has come or the other side has ended.
static bool converse(int fd, const char *send_text, const char *wanted, int64_t until,
                     struct buffer *answer)
{
    char chunk[4096];
    if (send_text && send(fd, send_text, strlen(send_text), MSG_NOSIGNAL) < 0)
        return false;
    while (answer->length < ANSWER_MAX && wait_ready(fd, POLLIN, until) == 1) {
        ssize_t n = recv(fd, chunk, sizeof chunk, 0);
        if (n <= 0)
            break;
        buffer_add(answer, chunk, (size_t)n);
        if (wanted && answer->at && memmem(answer->at, answer->length, wanted, strlen(wanted)))
            return true;
    }
    return !wanted;
}

static bool silent(enum lab_expect e)
{
    return e == LAB_EXPECT_SILENCE || e == LAB_EXPECT_NONE;
}

bool probe_tcp(const struct lab_tcp *t, int64_t until, struct buffer *said)
{
    struct place to;
    enum lab_expect found;
    struct buffer answer = {.limit = ANSWER_MAX + 8192};
    if (!place_find(t->to, t->port, &to, said))
        return false;
    int64_t end = silent(t->expect) ? until : try_until(until, TRY_US);
    int fd = tcp_connect(&to, t->from, end, &found, said);
    bool held = expect_holds(t->expect, found);
    buffer_text(said, fd >= 0 ? "the connection opens" : expect_name(found));
    if (fd >= 0 && held && (t->answer || t->send)) {
        held = converse(fd, t->send, t->answer, try_until(until, TRY_US), &answer);
        buffer_text(said, held ? "; the text has come" : "; the text does not come");
    }
    if (fd >= 0)
        close(fd);
    buffer_done(&answer);
    return held;
}

// ---- UDP

static enum lab_expect ask_udp(int fd, const struct lab_tcp *t, int64_t until, bool *ret_matches)
{
    char answer[2048];
    const char *text = t->send ? t->send : "\n";
    if (send(fd, text, strlen(text), 0) < 0)
        return expect_unsent(errno);
    while (wait_ready(fd, POLLIN, until) == 1) {
        ssize_t n = recv(fd, answer, sizeof answer, 0);
        if (n < 0)
            return expect_of_errno(errno);
        *ret_matches = !t->answer || memmem(answer, (size_t)n, t->answer, strlen(t->answer));
        return LAB_EXPECT_REPLY;
    }
    return LAB_EXPECT_SILENCE;
}

bool probe_udp(const struct lab_tcp *t, int64_t until, struct buffer *said)
{
    struct place to;
    bool matches = true, held = false;
    int one = 1;
    if (!place_find(t->to, t->port, &to, said))
        return false;
    int fd = socket(to.at.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && place_bind(fd, t->from, said)) {
        if (to.family == FAMILY_IPV6)
            setsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, &one, sizeof one);
        else
            setsockopt(fd, IPPROTO_IP, IP_RECVERR, &one, sizeof one);
        enum lab_expect found = connect(fd, (const struct sockaddr *)&to.at, to.length) == 0
                                    ? LAB_EXPECT_REPLY
                                    : expect_unsent(errno);
        int64_t end = silent(t->expect) ? until : try_until(until, TRY_US);
        if (found == LAB_EXPECT_REPLY)
            found = ask_udp(fd, t, end, &matches);
        held = expect_holds(t->expect, found) && matches;
        buffer_format(said, "%s%s", expect_name(found), matches ? "" : ", but another");
    }
    if (fd >= 0)
        close(fd);
    return held;
}

// ---- HTTP

static void http_request(const struct http_url *url, struct buffer *out)
{
    bool ipv6 = strchr(url->host, ':') != NULL;
    buffer_format(out, "GET %s HTTP/1.1\r\nHost: %s%s%s", url->path[0] ? url->path : "/",
                  ipv6 ? "[" : "", url->host, ipv6 ? "]" : "");
    if (url->port != 80)
        buffer_format(out, ":%u", url->port);
    buffer_text(out, "\r\nUser-Agent: sextant\r\nAccept: */*\r\nConnection: close\r\n\r\n");
}

static unsigned http_status(const struct buffer *answer)
{
    uint64_t status = 0;
    if (answer->length < 12 || memcmp(answer->at, "HTTP/1.", 7) != 0 || answer->at[8] != ' ')
        return 0;
    slice_u64((struct slice){answer->at + 9, 3}, 999, &status);
    return (unsigned)status;
}

static bool http_judge(const struct lab_http *h, const struct buffer *answer, struct buffer *said)
{
    unsigned status = answer->at ? http_status(answer) : 0, wanted = h->status ? h->status : 200;
    if (status == 0) {
        buffer_text(said, "no answer of HTTP");
        return false;
    }
    buffer_format(said, "status %u", status);
    if (!h->contains || memmem(answer->at, answer->length, h->contains, strlen(h->contains)))
        return status == wanted;
    buffer_format(said, ", without \"%s\"", h->contains);
    return false;
}

bool probe_http(const struct lab_http *h, int64_t until, struct buffer *said)
{
    struct http_url url;
    struct place to;
    enum lab_expect found;
    if (!http_url_parse(h->url, &url) || !place_find(h->to ? h->to : url.host, url.port, &to, said))
        return false;
    int fd = tcp_connect(&to, NULL, try_until(until, TRY_US), &found, said);
    if (fd < 0) {
        buffer_text(said, expect_name(found));
        return false;
    }
    struct buffer request = {0}, answer = {.limit = ANSWER_MAX + 8192};
    http_request(&url, &request);
    bool held = !request.failed &&
                converse(fd, request.at, NULL, try_until(until, 3 * (int64_t)TRY_US), &answer) &&
                http_judge(h, &answer, said);
    close(fd);
    buffer_done(&request);
    buffer_done(&answer);
    return held;
}
