// SPDX-License-Identifier: Apache-2.0
//
// Questions over TCP (RFC 7766): a connection each, two octets of length before each message.

#include "check/dns_client_parts.h"

#include "base/buffer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct stream {
    struct client *client;
    struct dns_question *question;
    int fd;
    size_t length, sent;
    uint8_t bytes[2 + DNS_QUERY_MAX];
    struct buffer answer;
};

void stream_forget(struct client *c, struct dns_question *q)
{
    struct stream *s = q->way;
    events_forget(c->events, s->fd);
    close(s->fd);
    buffer_done(&s->answer);
    free(s);
    q->way = NULL;
    c->streams--;
}

static enum dns_status status_of(int error)
{
    switch (error) {
    case ECONNREFUSED:
    case EHOSTUNREACH:
    case ENETUNREACH:
    case EACCES:
        return DNS_UNREACHABLE;
    case ETIMEDOUT:
        return DNS_SILENT;
    default:
        return DNS_CLOSED;
    }
}

static void stream_end(struct stream *s, enum dns_status status)
{
    question_end(s->client, s->question, status, NULL);
}

static bool stream_write(struct stream *s)
{
    int error = 0;
    socklen_t size = sizeof error;
    if (getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0) {
        stream_end(s, status_of(error));
        return false;
    }
    ssize_t sent = send(s->fd, s->bytes + s->sent, s->length - s->sent, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN && errno != EINTR && errno != ENOTCONN) {
        stream_end(s, status_of(errno));
        return false;
    }
    s->sent += sent > 0 ? (size_t)sent : 0;
    return true;
}

static size_t wanted(const struct stream *s)
{
    const uint8_t *b = (const uint8_t *)s->answer.at;
    return s->answer.length < 2 ? 2 : 2 + (size_t)(b[0] << 8 | b[1]);
}

// The answer is copied out: the stream ends with its question, before the callback.
static void stream_answer(struct stream *s)
{
    struct client *c = s->client;
    struct dns_question *q = s->question;
    struct buffer kept = s->answer;
    struct dns_asked asked = question_asked(q);
    struct dns_message m;
    s->answer = (struct buffer){0};
    bool fine =
        dns_message_read(kept.at + 2, kept.length - 2, &m) && dns_message_answers(&m, &asked);
    question_end(c, q, fine ? DNS_ANSWERED : DNS_MALFORMED, fine ? &m : NULL);
    buffer_done(&kept);
}

// Takes what is there, never more than the message that was announced.
static void stream_read(struct stream *s)
{
    for (;;) {
        size_t left = wanted(s) - s->answer.length;
        if (left == 0) {
            stream_answer(s);
            return;
        }
        char *room = buffer_room(&s->answer, left < ANSWER_ROOM ? left : ANSWER_ROOM);
        if (!room) {
            stream_end(s, DNS_CLOSED);
            return;
        }
        ssize_t got = recv(s->fd, room, left < ANSWER_ROOM ? left : ANSWER_ROOM, 0);
        if (got < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (got <= 0) {
            stream_end(s, got == 0 ? DNS_CLOSED : status_of(errno));
            return;
        }
        s->answer.length += (size_t)got;
    }
}

static void stream_ready(void *arg, unsigned what)
{
    struct stream *s = arg;
    if (s->sent < s->length) {
        if (!stream_write(s))
            return;
        if (s->sent == s->length)
            events_watch(s->client->events, s->fd, EVENT_READ, stream_ready, s, NULL);
    } else if (what & EVENT_READ) {
        stream_read(s);
    }
}

static struct stream *stream_new(struct client *c, struct dns_question *q)
{
    struct stream *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    q->id = client_random(c);
    struct dns_asked asked = question_asked(q);
    size_t length = dns_asked_write(&asked, s->bytes + 2);
    s->bytes[0] = (uint8_t)(length >> 8);
    s->bytes[1] = (uint8_t)length;
    s->length = length + 2;
    s->client = c;
    s->question = q;
    s->answer.limit = 2 + DNS_MESSAGE_MAX + ANSWER_ROOM;
    int family = q->to.family == FAMILY_IPV6 ? AF_INET6 : AF_INET;
    s->fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (s->fd >= 0)
        return s;
    free(s);
    return NULL;
}

void stream_begin(struct client *c, struct dns_question *q)
{
    union socket_address to;
    socklen_t length = endpoint_socket(&q->to, &to);
    q->made++;
    q->sent = events_now(c->events);
    struct stream *s = stream_new(c, q);
    if (!s) {
        question_failed(c, q, DNS_NO_ROUTE);
        return;
    }
    q->way = s;
    q->state = QUESTION_STREAM;
    c->streams++;
    int failed = connect(s->fd, &to.any, length);
    if ((failed && errno != EINPROGRESS) ||
        events_watch(c->events, s->fd, EVENT_WRITE, stream_ready, s, NULL) != 0)
        question_failed(c, q, errno == ECONNREFUSED ? DNS_UNREACHABLE : DNS_NO_ROUTE);
    else
        events_after(c->events, &q->timer, q->timeout ? q->timeout : DNS_STREAM_TIMEOUT);
}
