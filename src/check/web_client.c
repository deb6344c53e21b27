// SPDX-License-Identifier: Apache-2.0
//
// CURLOPT_CONNECT_TO leads each request to its address whatever the URL says, so that libcurl never
// looks a name up, and uses a connection again only towards the same address.

#include "check/web_client.h"

#include "base/array.h"
#include "check/tcp_probe.h"

#include <curl/curl.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

// libcurl counts those in use, too, and closes one that is kept for each beyond.
#define CONNECTIONS_MAX 65536
#define CONNECTION_IDLE 15 // seconds; servers themselves close after 5 to 75

struct web_transfer {
    struct curl_client *client;
    struct web_fetch *fetch;
    CURL *easy;
    int fd; // of a connection of its own; -1: none
    struct curl_slist *connect_to, *headers;
    size_t header_bytes;
    bool too_long; // the headers
    char message[CURL_ERROR_SIZE];
    char host[CERTIFICATE_NAME_MAX];
};

struct watched_socket {
    struct curl_client *client;
    curl_socket_t fd;
};

struct curl_client {
    struct web_client face;
    CURLM *multi;
    struct events *events;
    ARRAY(struct web_fetch *) asking; // by descriptor: over a connection of its own, now
    const struct trust *trust;
    struct event_timer timer;
    char agent[256];
};

const char *web_outcome_text(enum web_outcome o)
{
    static const char *const texts[WEB_OUTCOME_COUNT] = {
        "answered",
        "connection refused",
        "unreachable",
        "no connection in time",
        "the TLS handshake failed",
        "nothing more came in the TLS handshake",
        "connected, no answer",
        "the answer stopped before its end",
        "closed before the end of the answer",
        "no sensible HTTP",
        "the headers are too long",
        "not asked: this machine could not",
    };
    return texts[o];
}

// ---- libcurl in the loop

static void transfers_tell(struct curl_client *c);

static void socket_ready(void *arg, unsigned what)
{
    struct watched_socket *s = arg;
    struct curl_client *c = s->client;
    int running, flags = 0;
    flags |= what & EVENT_READ ? CURL_CSELECT_IN : 0;
    flags |= what & EVENT_WRITE ? CURL_CSELECT_OUT : 0;
    curl_multi_socket_action(c->multi, s->fd, flags, &running);
    transfers_tell(c);
}

static int socket_wanted(CURL *easy, curl_socket_t fd, int what, void *arg, void *socket)
{
    struct curl_client *c = arg;
    struct watched_socket *s = socket;
    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        events_forget(c->events, fd);
        free(s);
        curl_multi_assign(c->multi, fd, NULL);
        return 0;
    }
    if (!s) {
        s = malloc(sizeof *s);
        if (!s)
            return -1;
        *s = (struct watched_socket){c, fd};
        curl_multi_assign(c->multi, fd, s);
    }
    unsigned events = 0;
    events |= what & CURL_POLL_IN ? EVENT_READ : 0;
    events |= what & CURL_POLL_OUT ? EVENT_WRITE : 0;
    return events_watch(c->events, fd, events, socket_ready, s, NULL) == 0 ? 0 : -1;
}

static void timer_due(void *arg)
{
    struct curl_client *c = arg;
    int running;
    curl_multi_socket_action(c->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    transfers_tell(c);
}

static int timer_wanted(CURLM *multi, long milliseconds, void *arg)
{
    struct curl_client *c = arg;
    (void)multi;
    if (milliseconds < 0)
        events_cancel(c->events, &c->timer);
    else
        events_after(c->events, &c->timer, (int64_t)milliseconds * 1000);
    return 0;
}

// ---- what comes

static size_t body_came(char *bytes, size_t size, size_t count, void *arg)
{
    struct web_transfer *t = arg;
    struct web_answer *a = &t->fetch->answer;
    size_t length = size * count, max = t->fetch->body_max ? t->fetch->body_max : WEB_BODY_MAX;
    if (a->body.length + length > max) {
        buffer_add(&a->body, bytes, max - a->body.length);
        a->body_cut = true;
        return 0;
    }
    buffer_add(&a->body, bytes, length);
    return a->body.failed ? 0 : length;
}

static void header_keep(struct slice line, const char *name, char *ret, size_t size)
{
    size_t length = strlen(name);
    if (line.length <= length || strncasecmp(line.at, name, length) != 0)
        return;
    line.at += length;
    line.length -= length;
    struct slice value = slice_trim(line);
    if (value.length > 0 && value.at[value.length - 1] == '\n')
        value = slice_trim((struct slice){value.at, value.length - 1});
    if (value.length < size && !memchr(value.at, '\0', value.length)) {
        memcpy(ret, value.at, value.length);
        ret[value.length] = '\0';
    }
}

static size_t header_came(char *bytes, size_t size, size_t count, void *arg)
{
    struct web_transfer *t = arg;
    struct web_answer *a = &t->fetch->answer;
    struct slice line = {bytes, size * count};
    t->header_bytes += line.length;
    if (t->header_bytes > WEB_HEADERS_MAX) {
        t->too_long = true;
        return 0;
    }
    if (line.length > 5 && strncmp(line.at, "HTTP/", 5) == 0) // also after 103 Early Hints
        a->location[0] = a->type[0] = '\0';
    header_keep(line, "location:", a->location, sizeof a->location);
    header_keep(line, "content-type:", a->type, sizeof a->type);
    return line.length;
}

// ---- the connection

static void path_read(int fd, struct web_path *ret)
{
    struct tcp_info i = {0};
    socklen_t length = sizeof i;
    bool read = getsockopt(fd, IPPROTO_TCP, TCP_INFO, &i, &length) == 0;
    bool refused = i.tcpi_state == TCP_CLOSE && i.tcpi_rtt == 0; // it never stood
    if (!read || i.tcpi_state == TCP_SYN_SENT || refused)
        return;
    *ret = (struct web_path){.known = true,
                             .segment_in = i.tcpi_rcv_mss,
                             .segment_out = i.tcpi_snd_mss,
                             .path_mtu = i.tcpi_pmtu,
                             .retransmits = i.tcpi_total_retrans,
                             .round_trip = i.tcpi_rtt};
    // tcpi_bytes_received stands behind what the C library's header knows.
    struct {
        struct tcp_info known;
        uint64_t pacing_rate, max_pacing_rate, bytes_acked, bytes_received;
    } longer = {0};
    length = sizeof longer;
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &longer, &length) == 0 && length == sizeof longer)
        ret->bytes_in = longer.bytes_received;
}

static bool asking_put(struct curl_client *c, int fd, struct web_fetch *f)
{
    while (c->asking.count <= (size_t)fd)
        if (!ARRAY_ADD(&c->asking))
            return false;
    c->asking.at[fd] = f;
    return true;
}

static curl_socket_t socket_open(void *arg, curlsocktype purpose, struct curl_sockaddr *to)
{
    struct web_transfer *t = arg;
    (void)purpose;
    int fd = socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
    int segment = (int)t->fetch->segment_max;
    if (fd < 0)
        return CURL_SOCKET_BAD;
    if ((segment > 0 && setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &segment, sizeof segment) != 0) ||
        !asking_put(t->client, fd, t->fetch)) {
        close(fd);
        return CURL_SOCKET_BAD;
    }
    t->fd = fd;
    return fd;
}

// libcurl tells it of no connection that never came about.
static int socket_close(void *arg, curl_socket_t fd)
{
    struct curl_client *c = arg;
    struct web_fetch *f = c->asking.at[fd];
    if (f)
        path_read(fd, &f->answer.path);
    c->asking.at[fd] = NULL;
    return close(fd);
}

static CURLcode context_made(CURL *easy, void *context, void *arg)
{
    struct web_transfer *t = arg;
    (void)easy;
    return trust_apply(t->client->trust, context) ? CURLE_OK : CURLE_ABORTED_BY_CALLBACK;
}

// After the handshake, before the request.
static int about_to_ask(void *arg, char *to, char *from, int to_port, int from_port)
{
    struct web_transfer *t = arg;
    struct curl_tlssessioninfo *tls = NULL;
    (void)to, (void)from, (void)to_port, (void)from_port;
    if (curl_easy_getinfo(t->easy, CURLINFO_TLS_SSL_PTR, &tls) != CURLE_OK || !tls ||
        tls->backend != CURLSSLBACKEND_OPENSSL || !tls->internals)
        return CURL_PREREQFUNC_OK;
    t->fetch->answer.secured = true;
    if (t->fetch->flags & WEB_CERTIFICATE)
        certificate_read(tls->internals, t->host, &t->fetch->answer.certificate);
    return CURL_PREREQFUNC_OK;
}

// ---- the end of a transfer

static uint32_t time_of(CURL *easy, CURLINFO what)
{
    curl_off_t microseconds = 0;
    curl_easy_getinfo(easy, what, &microseconds);
    return microseconds > 0 && microseconds < UINT32_MAX ? (uint32_t)microseconds : 0;
}

static enum web_outcome outcome_of_phase(const struct web_answer *a, bool secure)
{
    if (a->connected == 0)
        return WEB_SILENT;
    if (secure && !a->secured)
        return WEB_TLS_STALLED;
    return a->status == 0 && a->body.length == 0 ? WEB_NO_ANSWER : WEB_STALLED;
}

static enum web_outcome outcome_of_connect(CURL *easy)
{
    long error = 0;
    curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &error);
    if (error == ECONNRESET)
        return WEB_BROKEN_OFF;
    switch (tcp_outcome_of((int)error)) {
    case TCP_REFUSED:
        return WEB_REFUSED;
    case TCP_SILENT:
        return WEB_SILENT;
    case TCP_FAILED:
        return WEB_FAILED;
    default:
        return WEB_UNREACHABLE;
    }
}

static enum web_outcome outcome_of(struct web_transfer *t, CURLcode code)
{
    struct web_answer *a = &t->fetch->answer;
    bool secure = strncasecmp(t->fetch->url, "https", 5) == 0;
    if (t->too_long)
        return WEB_HEADERS_LONG;
    switch (code) {
    case CURLE_OK:
        return WEB_ANSWERED;
    case CURLE_WRITE_ERROR:
        return a->body_cut ? WEB_ANSWERED : WEB_FAILED;
    case CURLE_COULDNT_CONNECT:
        return outcome_of_connect(t->easy);
    case CURLE_OPERATION_TIMEDOUT:
        return outcome_of_phase(a, secure);
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CIPHER:
    case CURLE_PEER_FAILED_VERIFICATION:
        return WEB_TLS_FAILED;
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
        return WEB_NOT_HTTP;
    case CURLE_OUT_OF_MEMORY:
    case CURLE_FAILED_INIT:
    case CURLE_ABORTED_BY_CALLBACK:
        return WEB_FAILED;
    default: // GOT_NOTHING, RECV_ERROR, SEND_ERROR, PARTIAL_FILE, HTTP2, BAD_CONTENT_ENCODING, ...
        return secure && !a->secured ? WEB_TLS_FAILED : WEB_BROKEN_OFF;
    }
}

static void transfer_drop(struct web_transfer *t)
{
    if (t->easy) {
        curl_multi_remove_handle(t->client->multi, t->easy);
        curl_easy_cleanup(t->easy);
    }
    if (t->fd >= 0 && t->client->asking.at[t->fd] == t->fetch)
        t->client->asking.at[t->fd] = NULL;
    curl_slist_free_all(t->connect_to);
    curl_slist_free_all(t->headers);
    t->fetch->transfer = NULL;
    free(t);
}

static void transfer_over(struct web_transfer *t, CURLcode code)
{
    struct web_fetch *f = t->fetch;
    struct web_answer *a = &f->answer;
    long status = 0, version = 0;
    curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(t->easy, CURLINFO_HTTP_VERSION, &version);
    a->status = (int)status;
    a->version = version == CURL_HTTP_VERSION_2_0   ? 20
                 : version == CURL_HTTP_VERSION_1_1 ? 11
                 : version == CURL_HTTP_VERSION_1_0 ? 10
                                                    : 0;
    a->connected = time_of(t->easy, CURLINFO_CONNECT_TIME_T);
    if (a->connected == 0 && a->path.known) // libcurl tells it only after the TLS handshake
        a->connected = a->path.round_trip ? a->path.round_trip : 1;
    a->handshaken = time_of(t->easy, CURLINFO_APPCONNECT_TIME_T);
    a->first = time_of(t->easy, CURLINFO_STARTTRANSFER_TIME_T);
    a->whole = time_of(t->easy, CURLINFO_TOTAL_TIME_T);
    a->outcome = outcome_of(t, code);
    if (a->outcome != WEB_ANSWERED)
        snprintf(a->why, sizeof a->why, "%.*s", WEB_WHY_MAX - 1, t->message);
    transfer_drop(t);
    f->done(f->arg);
}

static void transfers_tell(struct curl_client *c)
{
    int left;
    for (CURLMsg *m; (m = curl_multi_info_read(c->multi, &left));) {
        struct web_transfer *t = NULL;
        CURLcode code = m->data.result;
        if (m->msg == CURLMSG_DONE &&
            curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&t) == CURLE_OK && t)
            transfer_over(t, code);
    }
}

// ---- its beginning

static bool host_of(const char *url, char ret[CERTIFICATE_NAME_MAX])
{
    struct arena a = {0};
    struct page_link l;
    bool fine = url_resolve(&a, url, "", &l) && strlen(l.host) < CERTIFICATE_NAME_MAX;
    if (fine)
        memcpy(ret, l.host, strlen(l.host) + 1);
    arena_done(&a);
    return fine;
}

static bool lead(struct web_transfer *t)
{
    char text[ENDPOINT_TEXT_MAX], where[ENDPOINT_TEXT_MAX + 4];
    snprintf(where, sizeof where, "::%s", endpoint_text(&t->fetch->at, text));
    t->connect_to = curl_slist_append(NULL, where);
    t->headers = curl_slist_append(NULL, "Accept: text/html,application/xhtml+xml,*/*;q=0.8");
    return t->connect_to && t->headers;
}

static void set_limits(struct web_transfer *t)
{
    long whole = (long)(t->fetch->timeout / 1000);
    CURL *h = t->easy;
    curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, whole);
    curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT_MS, whole * 2 / 3); // with the TLS handshake
    curl_easy_setopt(h, CURLOPT_LOW_SPEED_LIMIT, (long)WEB_SLOW_BYTES);
    curl_easy_setopt(h, CURLOPT_LOW_SPEED_TIME, (long)WEB_SLOW_TIME);
    curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(h, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(h, CURLOPT_PROXY, "");
    curl_easy_setopt(h, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(h, CURLOPT_SSL_VERIFYPEER, 0L); // trust_apply verifies, and goes on
    curl_easy_setopt(h, CURLOPT_SSL_VERIFYHOST, 0L);
    // libcurl would read the system's authorities for each connection, and nobody would ask them.
    curl_easy_setopt(h, CURLOPT_CAINFO, NULL);
    curl_easy_setopt(h, CURLOPT_CAPATH, NULL);
    curl_easy_setopt(h, CURLOPT_SSL_SESSIONID_CACHE, 0L);
    // It keeps addresses, too, as if they were names, and looks through all of them each time.
    curl_easy_setopt(h, CURLOPT_DNS_CACHE_TIMEOUT, 0L);
    curl_easy_setopt(h, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
    curl_easy_setopt(h, CURLOPT_IPRESOLVE,
                     t->fetch->at.family == FAMILY_IPV6 ? (long)CURL_IPRESOLVE_V6
                                                        : (long)CURL_IPRESOLVE_V4);
}

static void set_callbacks(struct web_transfer *t)
{
    CURL *h = t->easy;
    curl_easy_setopt(h, CURLOPT_PRIVATE, t);
    curl_easy_setopt(h, CURLOPT_ERRORBUFFER, t->message);
    curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, body_came);
    curl_easy_setopt(h, CURLOPT_WRITEDATA, t);
    curl_easy_setopt(h, CURLOPT_HEADERFUNCTION, header_came);
    curl_easy_setopt(h, CURLOPT_HEADERDATA, t);
    curl_easy_setopt(h, CURLOPT_SSL_CTX_FUNCTION, context_made);
    curl_easy_setopt(h, CURLOPT_SSL_CTX_DATA, t);
    curl_easy_setopt(h, CURLOPT_PREREQFUNCTION, about_to_ask);
    curl_easy_setopt(h, CURLOPT_PREREQDATA, t);
}

static void set_connection(struct web_transfer *t)
{
    CURL *h = t->easy;
    unsigned flags = t->fetch->flags;
    bool closes = (flags & WEB_LAST) || (flags & (WEB_FRESH | WEB_KEPT)) == WEB_FRESH;
    curl_easy_setopt(h, CURLOPT_FORBID_REUSE, closes ? 1L : 0L);
    curl_easy_setopt(h, CURLOPT_MAXAGE_CONN, (long)CONNECTION_IDLE);
    if (!(flags & WEB_FRESH))
        return;
    curl_easy_setopt(h, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(h, CURLOPT_OPENSOCKETFUNCTION, socket_open);
    curl_easy_setopt(h, CURLOPT_OPENSOCKETDATA, t);
    curl_easy_setopt(h, CURLOPT_CLOSESOCKETFUNCTION, socket_close);
    curl_easy_setopt(h, CURLOPT_CLOSESOCKETDATA, t->client);
}

static bool transfer_begin(struct curl_client *c, struct web_transfer *t)
{
    if ((t->fetch->flags & WEB_CERTIFICATE) && !host_of(t->fetch->url, t->host))
        return false;
    t->easy = curl_easy_init();
    if (!lead(t) || !t->easy || curl_easy_setopt(t->easy, CURLOPT_URL, t->fetch->url) != CURLE_OK)
        return false;
    curl_easy_setopt(t->easy, CURLOPT_CONNECT_TO, t->connect_to);
    curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->headers);
    curl_easy_setopt(t->easy, CURLOPT_USERAGENT, c->agent);
    set_limits(t);
    set_callbacks(t);
    set_connection(t);
    return curl_multi_add_handle(c->multi, t->easy) == CURLM_OK;
}

static void could_not_begin(void *arg)
{
    struct web_fetch *f = arg;
    if (f->transfer)
        transfer_drop(f->transfer);
    f->answer.outcome = WEB_FAILED;
    f->done(f->arg);
}

static void begin(struct web_client *w, struct web_fetch *f)
{
    struct curl_client *c = (struct curl_client *)w;
    struct web_transfer *t = calloc(1, sizeof *t);
    f->answer.at = events_wall(c->events);
    f->answer.body.limit = (f->body_max ? f->body_max : WEB_BODY_MAX) + 1;
    f->failed = (struct event_task){.run = could_not_begin, .arg = f};
    f->transfer = t;
    if (t)
        *t = (struct web_transfer){.client = c, .fetch = f, .fd = -1};
    if (!t || !transfer_begin(c, t))
        events_soon(c->events, &f->failed);
}

static void end(struct web_client *w, struct web_fetch *f)
{
    struct curl_client *c = (struct curl_client *)w;
    events_soon_cancel(c->events, &f->failed);
    if (f->transfer)
        transfer_drop(f->transfer);
}

static void release(struct web_client *w)
{
    struct curl_client *c = (struct curl_client *)w;
    if (c->multi)
        curl_multi_cleanup(c->multi);
    free(c->asking.at);
    events_cancel(c->events, &c->timer);
    free(c);
}

// ---- the face

static void agent_write(struct curl_client *c, const char *contact)
{
    char clean[160];
    size_t length = 0;
    for (; contact && *contact && length + 1 < sizeof clean; contact++)
        if (*contact > ' ' && *contact < 127)
            clean[length++] = *contact;
    clean[length] = '\0';
    if (length)
        snprintf(c->agent, sizeof c->agent, "sextant/" SEXTANT_VERSION " (+%s)", clean);
    else
        snprintf(c->agent, sizeof c->agent, "sextant/" SEXTANT_VERSION);
}

int web_client_new(struct events *ev, const struct trust *trust, const char *contact,
                   struct web_client **ret, struct err *e)
{
    struct curl_client *c = calloc(1, sizeof *c);
    if (!c)
        return err_memory(e);
    *c = (struct curl_client){.face = {begin, end, release}, .events = ev, .trust = trust};
    c->timer = (struct event_timer){.due = timer_due, .arg = c};
    c->multi = curl_multi_init();
    if (!c->multi) {
        free(c);
        return err_memory(e);
    }
    curl_multi_setopt(c->multi, CURLMOPT_SOCKETFUNCTION, socket_wanted);
    curl_multi_setopt(c->multi, CURLMOPT_SOCKETDATA, c);
    curl_multi_setopt(c->multi, CURLMOPT_TIMERFUNCTION, timer_wanted);
    curl_multi_setopt(c->multi, CURLMOPT_TIMERDATA, c);
    curl_multi_setopt(c->multi, CURLMOPT_MAXCONNECTS, (long)CONNECTIONS_MAX);
    agent_write(c, contact);
    *ret = &c->face;
    return 0;
}

void web_client_free(struct web_client **w)
{
    if (*w)
        (*w)->release(*w);
    *w = NULL;
}

void web_fetch_begin(struct web_client *w, struct web_fetch *f)
{
    web_fetch_drop(w, f);
    f->answer = (struct web_answer){0};
    w->begin(w, f);
}

void web_fetch_drop(struct web_client *w, struct web_fetch *f)
{
    w->end(w, f);
    buffer_done(&f->answer.body);
    f->answer.body = (struct buffer){0};
}
