// SPDX-License-Identifier: Apache-2.0
//
// Octets go between the socket and OpenSSL through two memory BIOs, so that nothing blocks and
// writing to a connection that is gone raises no signal.

#include "check/smtp_visit.h"

#include "check/tcp_probe.h"

#include <errno.h>
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define OUT_MAX 4096 // octets that wait to be sent; a handshake sends some hundred

struct smtp_visit {
    struct smtp_plan plan;
    struct smtp_report report;
    struct tcp_probe probe;
    struct smtp_talk talk;
    struct event_timer deadline;
    int64_t over; // when the whole visit is
    int fd;       // -1: none
    SSL *ssl;
    BIO *from_server, *to_server; // ssl's
    bool in_tls;                  // the handshake came to its end
    uint8_t out[OUT_MAX];
    size_t out_length;
};

static void visit_ready(void *arg, unsigned what);

const struct smtp_report *smtp_visit_report(const struct smtp_visit *v)
{
    return &v->report;
}

static void leave(struct smtp_visit *v)
{
    events_cancel(v->plan.events, &v->deadline);
    if (v->fd >= 0) {
        events_forget(v->plan.events, v->fd);
        close(v->fd);
        v->fd = -1;
    }
    SSL_free(v->ssl);
    v->ssl = NULL;
    tcp_probe_end(&v->probe);
}

void smtp_visit_free(struct smtp_visit **v)
{
    if (!*v)
        return;
    leave(*v);
    free(*v);
    *v = NULL;
}

static void finish(struct smtp_visit *v)
{
    v->report.seen = v->talk.seen;
    leave(v);
    v->plan.done(v->plan.arg); // may free it
}

// ---- sending

static bool flush(struct smtp_visit *v)
{
    size_t sent = 0;
    while (sent < v->out_length) {
        ssize_t n = send(v->fd, v->out + sent, v->out_length - sent, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno != EAGAIN)
            return false;
        if (n < 0)
            break;
        sent += (size_t)n;
    }
    memmove(v->out, v->out + sent, v->out_length - sent);
    v->out_length -= sent;
    unsigned what = EVENT_READ | (v->out_length > 0 ? EVENT_WRITE : 0);
    return events_watch(v->plan.events, v->fd, what, visit_ready, v, NULL) == 0;
}

// What OpenSSL wants to say goes behind what waits.
static bool pump(struct smtp_visit *v)
{
    int n = v->ssl ? BIO_read(v->to_server, v->out + v->out_length,
                              (int)(sizeof v->out - v->out_length))
                   : 0;
    v->out_length += n > 0 ? (size_t)n : 0;
    return (!v->ssl || BIO_pending(v->to_server) == 0) && flush(v);
}

static bool send_command(struct smtp_visit *v)
{
    const struct smtp_talk *t = &v->talk;
    if (v->in_tls)
        return SSL_write(v->ssl, t->out, (int)t->out_length) > 0 && pump(v);
    if (v->out_length + t->out_length > sizeof v->out)
        return false;
    memcpy(v->out + v->out_length, t->out, t->out_length);
    v->out_length += t->out_length;
    return flush(v);
}

// ---- stages

static int64_t lesser(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t stage_wait(const struct smtp_visit *v)
{
    int64_t most = v->talk.stage == SMTP_AT_BANNER ? SMTP_BANNER_WAIT : SMTP_REPLY_WAIT;
    if (v->talk.stage == SMTP_AT_QUIT)
        return SMTP_QUIT_WAIT;
    return lesser(most, SMTP_TIMEOUTS * v->plan.timeout);
}

static void set_deadline(struct smtp_visit *v)
{
    int64_t left = v->over - events_now(v->plan.events);
    events_after(v->plan.events, &v->deadline, lesser(stage_wait(v), left));
}

static void handshake_failed(struct smtp_visit *v, const char *why)
{
    unsigned long code = ERR_get_error();
    const char *reason = code ? ERR_reason_error_string(code) : NULL;
    snprintf(v->report.why, sizeof v->report.why, "%s", reason ? reason : why);
    ERR_clear_error();
    smtp_secured(&v->talk, false);
}

static bool tls_begin(struct smtp_visit *v)
{
    v->ssl = SSL_new(v->plan.context);
    v->from_server = BIO_new(BIO_s_mem());
    v->to_server = BIO_new(BIO_s_mem());
    if (!v->ssl || !v->from_server || !v->to_server) {
        BIO_free(v->from_server);
        BIO_free(v->to_server);
        return false;
    }
    BIO_set_mem_eof_return(v->from_server, -1); // empty: more may come
    BIO_set_mem_eof_return(v->to_server, -1);
    SSL_set_bio(v->ssl, v->from_server, v->to_server);
    SSL_set_connect_state(v->ssl);
    return SSL_set_tlsext_host_name(v->ssl, v->plan.host) == 1;
}

static void tls_look(struct smtp_visit *v)
{
    certificate_read(v->ssl, v->plan.host, &v->report.certificate);
    if (v->plan.dane && v->plan.dane->count > 0)
        v->report.dane = dane_check(v->ssl, v->plan.host, v->plan.dane, v->report.dane_why);
}

// Does what the conversation wishes. False: it is over.
static bool obey(struct smtp_visit *v, enum smtp_wish wish)
{
    if (v->talk.stage > SMTP_AT_HELO && v->report.took == 0)
        v->report.took = (uint32_t)(events_now(v->plan.events) - v->probe.began);
    if (wish == SMTP_WISH_BYTES)
        return true;
    if (wish == SMTP_WISH_END)
        return false;
    set_deadline(v);
    if (wish == SMTP_WISH_SEND)
        return send_command(v);
    if (!tls_begin(v)) {
        handshake_failed(v, "out of memory");
        return false;
    }
    SSL_do_handshake(v->ssl);
    return pump(v);
}

// ---- reading

static bool tls_handshake(struct smtp_visit *v)
{
    ERR_clear_error();
    int code = SSL_do_handshake(v->ssl);
    int what = code == 1 ? SSL_ERROR_NONE : SSL_get_error(v->ssl, code);
    if (!pump(v) || (what != SSL_ERROR_NONE && what != SSL_ERROR_WANT_READ)) {
        handshake_failed(v, "the connection was closed");
        return false;
    }
    if (what != SSL_ERROR_NONE)
        return true;
    v->in_tls = true;
    tls_look(v);
    return obey(v, smtp_secured(&v->talk, true));
}

static bool tls_read(struct smtp_visit *v)
{
    uint8_t bytes[4096];
    int n;
    ERR_clear_error();
    while ((n = SSL_read(v->ssl, bytes, sizeof bytes)) > 0)
        if (!obey(v, smtp_take(&v->talk, bytes, (size_t)n)))
            return false;
    if (SSL_get_error(v->ssl, n) == SSL_ERROR_WANT_READ)
        return pump(v);
    smtp_closed(&v->talk);
    return false;
}

static bool take(struct smtp_visit *v, const uint8_t *bytes, size_t length)
{
    if (!v->ssl)
        return obey(v, smtp_take(&v->talk, bytes, length));
    if (BIO_write(v->from_server, bytes, (int)length) != (int)length)
        return false;
    if (!v->in_tls && !tls_handshake(v))
        return false;
    return !v->in_tls || tls_read(v);
}

// False: the conversation is over.
static bool read_once(struct smtp_visit *v)
{
    uint8_t bytes[4096];
    ssize_t n = recv(v->fd, bytes, sizeof bytes, 0);
    if (n > 0)
        return take(v, bytes, (size_t)n);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return true;
    if (v->ssl && !v->in_tls)
        handshake_failed(v, "the connection was closed");
    else
        smtp_closed(&v->talk);
    return false;
}

static void visit_ready(void *arg, unsigned what)
{
    struct smtp_visit *v = arg;
    bool goes_on = true;
    if (what & EVENT_READ)
        goes_on = read_once(v);
    if (goes_on && (what & EVENT_WRITE) && v->out_length > 0)
        goes_on = flush(v);
    if (!goes_on)
        finish(v);
}

static void visit_late(void *arg)
{
    struct smtp_visit *v = arg;
    if (v->ssl && !v->in_tls)
        handshake_failed(v, "it was not done in time");
    else
        smtp_late(&v->talk);
    finish(v);
}

// ---- connecting

// RFC 5321 4.1.3: who has no name says its address.
static void own_name(int fd, char ret[SMTP_NAME_MAX])
{
    union socket_address own;
    socklen_t length = sizeof own;
    struct endpoint p = {0};
    char text[ADDRESS_TEXT_MAX] = "127.0.0.1";
    if (getsockname(fd, &own.any, &length) == 0 && endpoint_of_socket(&own.any, &p))
        address_format(p.family, p.address, text);
    snprintf(ret, SMTP_NAME_MAX, "[%s%s]", p.family == FAMILY_IPV6 ? "IPv6:" : "", text);
}

static enum smtp_greeting greeting_of(enum tcp_outcome o)
{
    static const enum smtp_greeting of[TCP_OUTCOME_COUNT] = {
        [TCP_OPEN] = SMTP_OPEN,
        [TCP_REFUSED] = SMTP_REFUSED,
        [TCP_UNREACHABLE] = SMTP_UNREACHABLE,
        [TCP_SILENT] = SMTP_SILENT,
        [TCP_FAILED] = SMTP_UNASKED,
    };
    return of[o];
}

static void connected(void *arg)
{
    struct smtp_visit *v = arg;
    char name[SMTP_NAME_MAX];
    v->report.at = v->probe.at;
    v->report.connect_took = v->probe.took;
    if (v->probe.outcome != TCP_OPEN || v->plan.connect_only) {
        v->talk.seen.greeting = greeting_of(v->probe.outcome);
        finish(v);
        return;
    }
    v->fd = tcp_probe_take(&v->probe);
    own_name(v->fd, name);
    smtp_begin(&v->talk, name, v->plan.context != NULL);
    v->over =
        events_now(v->plan.events) + lesser(SMTP_VISIT_WAIT, 2 * SMTP_TIMEOUTS * v->plan.timeout);
    set_deadline(v);
    if (!flush(v)) {
        v->talk.seen.greeting = SMTP_UNASKED;
        finish(v);
    }
}

int smtp_visit_new(const struct smtp_plan *p, struct smtp_visit **ret, struct err *e)
{
    struct smtp_visit *v = calloc(1, sizeof *v);
    if (!v)
        return err_memory(e);
    v->plan = *p;
    v->fd = -1;
    v->deadline = (struct event_timer){.due = visit_late, .arg = v};
    v->probe.done = connected;
    v->probe.arg = v;
    tcp_probe_begin(p->events, &v->probe, &p->at, p->timeout);
    *ret = v;
    return 0;
}
