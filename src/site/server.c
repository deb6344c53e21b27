// SPDX-License-Identifier: Apache-2.0

#include "site/server.h"

#include "site/cache.h"
#include "site/confine.h"
#include "site/crowd.h"
#include "site/metrics.h"
#include "site/response.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <microhttpd.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 1024

struct worker {
    struct server *server;
    struct site *site;
    struct MHD_Daemon *daemons[SERVER_LISTENERS_MAX];
    int epoll[SERVER_LISTENERS_MAX];
    int wake; // eventfd: reload or end
    pthread_t thread;
    bool started;
};

struct server {
    const struct server_options *options;
    struct metrics metrics;
    struct crowd *crowd;
    struct MHD_Response *refusals[CROWD_ALL_TAKEN + 1]; // by place
    int listeners[SERVER_LISTENERS_MAX];
    size_t listener_count;
    struct worker workers[SERVER_THREADS_MAX];
    size_t worker_count;
    atomic_bool ending;
};

static void tell(const struct server *s, const char *sentence)
{
    if (s->options->say)
        s->options->say(sentence, s->options->arg);
}

// ---- one request

struct exchange {
    struct request request;
    struct response response;
    bool read; // the headers
};

static void exchange_free(struct exchange *x)
{
    response_done(&x->response);
    request_done(&x->request);
    free(x);
}

static const char *header_of(struct MHD_Connection *c, const char *name)
{
    const char *value = MHD_lookup_connection_value(c, MHD_HEADER_KIND, name);
    return value ? value : "";
}

static void release_exchange(void *arg)
{
    exchange_free(arg);
}

static struct MHD_Response *make_response(const struct response *r,
                                          MHD_ContentReaderFreeCallback done, void *arg)
{
    size_t length;
    const char *bytes = response_bytes(r, &length);
    struct MHD_Response *out = MHD_create_response_from_buffer_with_free_callback_cls(
        length, (void *)(uintptr_t)bytes, done, arg);
    if (!out) {
        done(arg);
        return NULL;
    }
    bool ok = r->status == 204 || r->status == 304 ||
              MHD_add_response_header(out, "Content-Type", r->content_type);
    if (r->etag[0])
        ok = ok && MHD_add_response_header(out, "ETag", r->etag);
    const char *control = r->cache_control ? r->cache_control : "public, max-age=300";
    ok = ok && MHD_add_response_header(out, "Cache-Control", control);
    for (size_t i = 0; ok && i < r->header_count; i++)
        ok = MHD_add_response_header(out, r->headers[i].name, r->headers[i].value);
    if (ok)
        return out;
    MHD_destroy_response(out); // calls `done`
    return NULL;
}

static void release_answer(void *arg)
{
    struct answer *a = arg;
    answer_unref(&a);
}

static void release_prepared(void *arg)
{
    MHD_destroy_response(arg);
}

// What is in the cache is made ready for the wire once.
static struct MHD_Response *prepared_response(struct response *r)
{
    struct answer *a = r->kept;
    bool cached = a && a->holders > 1 && !r->without_body;
    if (cached && !a->prepared) {
        answer_ref(a);
        a->prepared = make_response(r, release_answer, a);
        a->release = release_prepared;
        if (!a->prepared)
            return NULL;
    }
    return cached ? a->prepared : NULL;
}

static enum MHD_Result send_response(struct MHD_Connection *c, struct exchange *x)
{
    unsigned status = x->response.status;
    struct MHD_Response *ready = prepared_response(&x->response);
    if (ready) {
        enum MHD_Result sent = MHD_queue_response(c, status, ready);
        exchange_free(x);
        return sent;
    }
    struct MHD_Response *out = make_response(&x->response, release_exchange, x);
    if (!out)
        return MHD_NO;
    enum MHD_Result sent = MHD_queue_response(c, status, out);
    MHD_destroy_response(out);
    return sent;
}

// Of a connection: the target as sent, until the request has its headers. It belongs to the
// connection, because requests that end before that are never completed.
struct client {
    char *target;
    struct crowd_key key;
    enum crowd_place place;
};

static enum MHD_Result on_accept(void *arg, const struct sockaddr *from, socklen_t length)
{
    struct worker *w = arg;
    (void)length;
    return crowd_has_room(w->server->crowd, crowd_key_of(from)) ? MHD_YES : MHD_NO;
}

static struct client *client_new(struct crowd *crowd, struct MHD_Connection *c)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    struct client *client = calloc(1, sizeof *client);
    if (!client)
        return NULL;
    if (info && info->client_addr)
        client->key = crowd_key_of(info->client_addr);
    client->place = crowd_enter(crowd, client->key);
    return client;
}

static void on_connection(void *arg, struct MHD_Connection *c, void **ret,
                          enum MHD_ConnectionNotificationCode code)
{
    struct worker *w = arg;
    struct client *client = *ret;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        *ret = client_new(w->server->crowd, c);
    } else if (client) {
        crowd_leave(w->server->crowd, client->key);
        free(client->target);
        free(client);
        *ret = NULL;
    }
}

static struct client *client_of(struct MHD_Connection *c)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info ? info->socket_context : NULL;
}

static void *note_target(void *arg, const char *uri, struct MHD_Connection *c)
{
    (void)arg;
    struct client *client = client_of(c);
    if (client) {
        free(client->target);
        client->target = strdup(uri);
    }
    return NULL;
}

static struct exchange *exchange_new(struct MHD_Connection *c)
{
    struct client *client = client_of(c);
    struct exchange *x = client && client->target ? calloc(1, sizeof *x) : NULL;
    if (!x)
        return NULL;
    x->request.target = arena_text(&x->request.arena, client->target, strlen(client->target));
    free(client->target);
    client->target = NULL;
    return x;
}

// Beyond a limit: the same few bytes for everybody, whatever is asked.
static struct MHD_Response *make_refusal(unsigned status, const char *detail)
{
    struct response r = {0};
    response_problem(&r, status, detail, NULL);
    struct MHD_Response *out =
        r.body.failed
            ? NULL
            : MHD_create_response_from_buffer(r.body.length, r.body.at, MHD_RESPMEM_MUST_COPY);
    if (out) {
        MHD_add_response_header(out, "Content-Type", r.content_type);
        MHD_add_response_header(out, "Cache-Control", "no-store");
        MHD_add_response_header(out, "Retry-After", SITE_RETRY_AFTER);
        MHD_add_response_header(out, "Connection", "close");
    }
    response_done(&r);
    return out;
}

static int make_refusals(struct server *s, struct err *e)
{
    s->refusals[CROWD_OWN_TAKEN] =
        make_refusal(429, "Your address has too many connections; close some.");
    s->refusals[CROWD_ALL_TAKEN] =
        make_refusal(503, "All connections are taken; try again a little later.");
    return s->refusals[CROWD_OWN_TAKEN] && s->refusals[CROWD_ALL_TAKEN] ? 0 : err_memory(e);
}

static enum MHD_Result refuse(const struct worker *w, struct MHD_Connection *c,
                              enum crowd_place place)
{
    atomic_fetch_add_explicit(&w->server->metrics.refused, 1, memory_order_relaxed);
    return MHD_queue_response(c, place == CROWD_OWN_TAKEN ? 429 : 503, w->server->refusals[place]);
}

// The first call comes after the headers, the second after the body. A body is never wanted: an
// answer in the first call closes the connection without reading it.
static enum MHD_Result on_request(void *arg, struct MHD_Connection *c, const char *url,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_size, void **state)
{
    (void)url;
    (void)version;
    (void)upload;
    (void)upload_size;
    struct worker *w = arg;
    const struct client *client = client_of(c);
    if (client && client->place != CROWD_SERVED)
        return refuse(w, c, client->place);
    struct exchange *x = *state ? *state : exchange_new(c);
    *state = x;
    if (!x || !x->request.target)
        return MHD_NO;
    if (!x->read && !header_of(c, "Content-Length")[0] && !header_of(c, "Transfer-Encoding")[0]) {
        x->read = true;
        return MHD_YES;
    }
    struct request *r = &x->request;
    r->method = method;
    r->accept = header_of(c, "Accept");
    r->accept_encoding = header_of(c, "Accept-Encoding");
    r->accept_language = header_of(c, "Accept-Language");
    r->if_none_match = header_of(c, "If-None-Match");
    r->if_modified_since = header_of(c, "If-Modified-Since");
    r->host = header_of(c, "Host");
    site_answer(w->site, r, &x->response);
    *state = NULL;
    return send_response(c, x);
}

// Where no answer was made.
static void on_completed(void *arg, struct MHD_Connection *c, void **state,
                         enum MHD_RequestTerminationCode code)
{
    (void)arg;
    (void)c;
    (void)code;
    if (*state)
        exchange_free(*state);
    *state = NULL;
}

// The target is taken raw, before anything is decoded.
static size_t keep_raw(void *arg, struct MHD_Connection *c, char *text)
{
    (void)arg;
    (void)c;
    return strlen(text);
}

// ---- listening

static int parse_address(struct slice address, char host[64], char port[8], struct err *e)
{
    size_t colon = address.length;
    while (colon > 0 && address.at[colon - 1] != ':')
        colon--;
    struct slice name = {address.at, colon ? colon - 1 : 0};
    uint64_t number;
    bool ok = colon > 0 &&
              slice_u64((struct slice){address.at + colon, address.length - colon}, 65535, &number);
    if (name.length > 2 && name.at[0] == '[' && name.at[name.length - 1] == ']')
        name = (struct slice){name.at + 1, name.length - 2};
    else
        ok = ok && !memchr(name.at, ':', name.length);
    if (!ok || name.length == 0 || name.length >= 64)
        return err_set(e, ERR_USAGE,
                       "listen \"%.*s\": an address and a port are wanted: [::1]:8064 or "
                       "127.0.0.1:8064",
                       SLICE_ARG(address));
    snprintf(host, 64, "%.*s", SLICE_ARG(name));
    snprintf(port, 8, "%u", (unsigned)number);
    return 0;
}

static int open_socket(const struct addrinfo *a, int *ret_fd)
{
    int on = 1;
    int fd = socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    bool ok = setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0;
    if (a->ai_family == AF_INET6)
        ok = ok && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) == 0;
    if (ok && bind(fd, a->ai_addr, a->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0) {
        *ret_fd = fd;
        return 0;
    }
    int saved = errno;
    close(fd);
    errno = saved;
    return -1;
}

int server_listen(struct slice address, int *ret_fd, struct err *e)
{
    char host[64], port[8];
    struct addrinfo *found = NULL;
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
                             .ai_socktype = SOCK_STREAM};
    int code = parse_address(address, host, port, e);
    if (code)
        return code;
    if (getaddrinfo(host, port, &hints, &found) != 0)
        return err_set(e, ERR_USAGE, "listen \"%.*s\": not an IPv6 or IPv4 address",
                       SLICE_ARG(address));
    code = open_socket(found, ret_fd) == 0
               ? 0
               : err_system(e, "cannot listen on %.*s", SLICE_ARG(address));
    freeaddrinfo(found);
    return code;
}

// Sockets that a service manager opened begin at descriptor 3.
static void take_passed(struct server *s)
{
    const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
    uint64_t own, n;
    if (!pid || !count || !slice_u64(slice_of(pid), UINT32_MAX, &own) ||
        own != (uint64_t)getpid() || !slice_u64(slice_of(count), SERVER_LISTENERS_MAX, &n))
        return;
    for (int fd = 3; fd < 3 + (int)n; fd++) {
        fcntl(fd, F_SETFD, FD_CLOEXEC);
        fcntl(fd, F_SETFL, O_NONBLOCK);
        s->listeners[s->listener_count++] = fd;
    }
}

// One of the default addresses may be missing: machines without IPv6 or IPv4 on loopback.
static int open_listeners(struct server *s, struct err *e)
{
    take_passed(s);
    if (s->listener_count > 0)
        return 0;
    bool given = s->options->listen != NULL;
    const char *list = given ? s->options->listen : SERVER_LISTEN_DEFAULT;
    int code = 0;
    for (struct slice rest = slice_of(list); rest.at;) {
        struct slice one = slice_trim(slice_cut(&rest, ','));
        if (s->listener_count == SERVER_LISTENERS_MAX)
            return err_set(e, ERR_USAGE, "listen: more than %d addresses", SERVER_LISTENERS_MAX);
        int failed = server_listen(one, &s->listeners[s->listener_count], e);
        if (failed == 0)
            s->listener_count++;
        else if (given || failed != ERR_SYSTEM)
            return failed;
        else
            code = failed;
    }
    return s->listener_count > 0 ? 0 : code;
}

static void say_addresses(struct server *s)
{
    char sentence[SERVER_LISTENERS_MAX * 96] = "";
    size_t used = 0;
    for (size_t i = 0; i < s->listener_count; i++) {
        struct sockaddr_storage a;
        socklen_t length = sizeof a;
        char host[64], port[8];
        if (getsockname(s->listeners[i], (struct sockaddr *)&a, &length) != 0 ||
            getnameinfo((struct sockaddr *)&a, length, host, sizeof host, port, sizeof port,
                        NI_NUMERICHOST | NI_NUMERICSERV) != 0)
            continue;
        bool six = a.ss_family == AF_INET6;
        int n = snprintf(sentence + used, sizeof sentence - used, "%shttp://%s%s%s:%s/",
                         used ? " " : "serving ", six ? "[" : "", host, six ? "]" : "", port);
        used += n > 0 ? (size_t)n : 0;
    }
    tell(s, sentence);
}

// ---- workers

static void run_all(struct worker *w, size_t count)
{
    for (size_t i = 0; i < count; i++)
        MHD_run(w->daemons[i]);
}

static int next_timeout(const struct worker *w, size_t count)
{
    unsigned MHD_LONG_LONG least = 5000, timeout;
    for (size_t i = 0; i < count; i++)
        if (MHD_get_timeout(w->daemons[i], &timeout) == MHD_YES && timeout < least)
            least = timeout;
    return (int)least;
}

static void *work(void *arg)
{
    struct worker *w = arg;
    struct server *s = w->server;
    struct pollfd at[SERVER_LISTENERS_MAX + 1];
    size_t count = s->listener_count;
    uint64_t woken;
    for (size_t i = 0; i < count; i++)
        at[i] = (struct pollfd){w->epoll[i], POLLIN, 0};
    at[count] = (struct pollfd){w->wake, POLLIN, 0};
    while (!atomic_load(&s->ending)) {
        poll(at, count + 1, next_timeout(w, count));
        if (at[count].revents && read(w->wake, &woken, sizeof woken) > 0 &&
            !atomic_load(&s->ending))
            site_reload(w->site, NULL);
        run_all(w, count);
    }
    return NULL;
}

static int start_daemon(struct worker *w, size_t i, struct err *e)
{
    struct server *s = w->server;
    int fd = fcntl(s->listeners[i], F_DUPFD_CLOEXEC, 3); // the daemon closes it
    if (fd < 0)
        return err_system(e, "cannot share a listening socket");
    w->daemons[i] = MHD_start_daemon(
        MHD_USE_EPOLL, 0, on_accept, w, on_request, w, MHD_OPTION_LISTEN_SOCKET, fd,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)(SERVER_CONNECTIONS_MAX + SERVER_TOLD_MAX),
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)SERVER_TIMEOUT_SECONDS,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)SERVER_MEMORY_MAX, MHD_OPTION_URI_LOG_CALLBACK,
        note_target, NULL, MHD_OPTION_UNESCAPE_CALLBACK, keep_raw, NULL,
        MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL, MHD_OPTION_NOTIFY_CONNECTION,
        on_connection, w, MHD_OPTION_END);
    if (!w->daemons[i])
        return err_set(e, ERR_SYSTEM, "the HTTP server cannot be started");
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(w->daemons[i], MHD_DAEMON_INFO_EPOLL_FD);
    w->epoll[i] = info ? info->epoll_fd : -1;
    return 0;
}

static int start_worker(struct server *s, struct worker *w, struct err *e)
{
    struct site_options site = s->options->site;
    site.metrics = &s->metrics;
    w->server = s;
    w->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (w->wake < 0)
        return err_system(e, "eventfd");
    int code = site_new(&site, &w->site, e);
    for (size_t i = 0; i < s->listener_count && code == 0; i++)
        code = start_daemon(w, i, e);
    return code;
}

static void stop_worker(struct server *s, struct worker *w)
{
    if (w->started)
        pthread_join(w->thread, NULL);
    for (size_t i = 0; i < s->listener_count; i++)
        if (w->daemons[i])
            MHD_stop_daemon(w->daemons[i]);
    site_free(&w->site);
    if (w->server && w->wake >= 0)
        close(w->wake);
}

static void wake_all(struct server *s)
{
    for (size_t i = 0; i < s->worker_count; i++)
        eventfd_write(s->workers[i].wake, 1);
}

static unsigned choose_threads(const struct server_options *o)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned threads = o->threads ? o->threads : processors < 4 ? (unsigned)processors : 4;
    return threads > SERVER_THREADS_MAX ? SERVER_THREADS_MAX : threads < 1 ? 1 : threads;
}

// As many descriptors as the connections want, where that is allowed; else fewer connections.
static unsigned choose_connections(void)
{
    const rlim_t beside = SERVER_TOLD_MAX + 200, wanted = SERVER_CONNECTIONS_MAX + beside;
    struct rlimit files = {0};
    if (getrlimit(RLIMIT_NOFILE, &files) != 0)
        return SERVER_CONNECTIONS_MAX;
    if (files.rlim_cur < wanted) {
        files.rlim_cur = files.rlim_max < wanted ? files.rlim_max : wanted;
        setrlimit(RLIMIT_NOFILE, &files);
        getrlimit(RLIMIT_NOFILE, &files);
    }
    if (files.rlim_cur >= wanted)
        return SERVER_CONNECTIONS_MAX;
    return files.rlim_cur > beside + 1 ? (unsigned)(files.rlim_cur - beside) : 1;
}

static int open_crowd(struct server *s, struct err *e)
{
    struct crowd_limits limits = {.all = choose_connections(),
                                  .each = s->options->connections_per_address,
                                  .told_all = SERVER_TOLD_MAX,
                                  .told_of_each = SERVER_ADDRESS_TOLD};
    return crowd_new(&limits, &s->crowd) == 0 ? make_refusals(s, e) : err_memory(e);
}

// ---- signals

static void block_signals(sigset_t *ret)
{
    sigemptyset(ret);
    sigaddset(ret, SIGTERM);
    sigaddset(ret, SIGINT);
    sigaddset(ret, SIGHUP);
    pthread_sigmask(SIG_BLOCK, ret, NULL);
}

static void wait_for_end(struct server *s, int fd)
{
    struct signalfd_siginfo got;
    for (;;) {
        ssize_t n = read(fd, &got, sizeof got);
        if (n < 0 && errno == EINTR)
            continue;
        if (n != (ssize_t)sizeof got || got.ssi_signo != SIGHUP)
            break;
        tell(s, "opening the archive anew");
        wake_all(s);
    }
    atomic_store(&s->ending, true);
    wake_all(s);
}

static int run_workers(struct server *s, int signals, struct err *e)
{
    int code = 0;
    s->worker_count = choose_threads(s->options);
    for (size_t i = 0; i < s->worker_count && code == 0; i++)
        code = start_worker(s, &s->workers[i], e);
    if (code == 0) {
        struct buffer said = {0};
        confine(s->options->site.store, s->options->user, &said);
        if (!said.failed && said.at)
            tell(s, said.at);
        buffer_done(&said);
    }
    for (size_t i = 0; i < s->worker_count && code == 0; i++) {
        struct worker *w = &s->workers[i];
        if (pthread_create(&w->thread, NULL, work, w) != 0)
            code = err_set(e, ERR_SYSTEM, "a thread cannot be started");
        else
            w->started = true;
    }
    if (code == 0) {
        say_addresses(s);
        wait_for_end(s, signals);
    }
    atomic_store(&s->ending, true);
    wake_all(s);
    return code;
}

// Tables of a few megabytes come and go with each question: their memory is kept for the next one
// instead of being given back and cleared again.
static void keep_memory(void)
{
    mallopt(M_MMAP_THRESHOLD, 32 << 20);
    mallopt(M_TRIM_THRESHOLD, 32 << 20);
}

int server_run(const struct server_options *options, struct err *e)
{
    struct server *s = calloc(1, sizeof *s);
    sigset_t set;
    if (!s)
        return err_memory(e);
    s->options = options;
    keep_memory();
    block_signals(&set);
    int signals = signalfd(-1, &set, SFD_CLOEXEC);
    int code = signals < 0 ? err_system(e, "signalfd") : open_listeners(s, e);
    if (code == 0)
        code = open_crowd(s, e);
    if (code == 0)
        code = run_workers(s, signals, e);
    for (size_t i = 0; i < s->worker_count; i++)
        stop_worker(s, &s->workers[i]);
    for (size_t i = 0; i < s->listener_count; i++)
        close(s->listeners[i]);
    if (signals >= 0)
        close(signals);
    for (size_t i = 0; i < sizeof s->refusals / sizeof *s->refusals; i++)
        if (s->refusals[i])
            MHD_destroy_response(s->refusals[i]);
    crowd_free(&s->crowd);
    free(s);
    return code;
}
