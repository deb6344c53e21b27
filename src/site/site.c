// SPDX-License-Identifier: Apache-2.0
//
// From a request to its response: routes, the state of the archive, kept answers, conditional
// requests, errors.

#include "site/site.h"

#include "base/file.h"
#include "lab/catalogue.h"
#include "site/coding.h"
#include "site/negotiate.h"
#include "site/pages.h"
#include "site/picture.h"
#include "site/response.h"
#include "site/routes.h"
#include "site/site_parts.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define STATE_FRESH_NS 50000000 // how long the archive's state is taken for unchanged

// ---- opening

static int load_language(enum language l, struct world **world, struct words **words, struct err *e)
{
    int code = world_load(l, world, e);
    return code ? code : words_load(l, words, e);
}

static void unload(struct store **store, struct world *worlds[LANGUAGE_COUNT],
                   struct words *words[LANGUAGE_COUNT])
{
    store_close(store);
    for (unsigned l = 0; l < LANGUAGE_COUNT; l++) {
        world_free(&worlds[l]);
        words_free(&words[l]);
    }
}

static void note_table(struct site *s, const char *name)
{
    char path[FILE_PATH_MAX];
    struct stat info;
    if (file_find_data(name, path, NULL) != 0 || stat(path, &info) != 0)
        return;
    s->build = s->build * 31 + (uint64_t)info.st_mtime;
    s->built = info.st_mtime > s->built ? info.st_mtime : s->built;
}

static void note_lessons(struct site *s)
{
    char name[LAB_NAME_MAX + 32];
    for (size_t i = 0; i < s->catalogue->lab_count; i++) {
        snprintf(name, sizeof name, "labs/%s/lab.yaml", s->catalogue->labs[i]->name);
        note_table(s, name);
    }
    for (size_t i = 0; i < s->catalogue->course_count; i++) {
        snprintf(name, sizeof name, "courses/%s.yaml", s->catalogue->courses[i]->name);
        note_table(s, name);
    }
}

// What answers depend on beside the archive: this program and its reference tables.
static void note_build(struct site *s)
{
    static const char *const tables[] = {
        "world/economies.csv", "world/names.csv", "world/groups.csv",     "world/ldc.csv",
        "world/lldc.csv",      "world/sids.csv",  "world/development.csv"};
    struct stat info;
    s->build = 0;
    s->built = 0;
    if (stat("/proc/self/exe", &info) == 0) {
        s->build = (uint64_t)info.st_mtime ^ (uint64_t)info.st_size << 32;
        s->built = info.st_mtime;
    }
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        note_table(s, tables[i]);
    note_lessons(s);
}

// What pictures are made of: the shapes of the world, and fonts.
static void note_pictures(struct site *s)
{
    char path[FILE_PATH_MAX];
    struct stat info;
    s->has_map = file_find_data("static/world.paths", path, NULL) == 0 && stat(path, &info) == 0 &&
                 info.st_size > 0;
    for (unsigned l = 0; l < LANGUAGE_COUNT; l++)
        s->has_letters[l] = picture_has_letters((enum language)l);
}

// Of lifetimes, for each thread: the IPv6 of fifteen years is 15 MB.
#define KEPT_BYTES ((size_t)48 << 20)

static int pass(const struct lifetime *l, void *arg)
{
    (void)l;
    (void)arg;
    return 0;
}

// What nearly every page reads is read before the first one is asked for.
static int warm(struct store *store, struct err *e)
{
    struct scan ipv6 = {
        .family = FAMILY_IPV6, .registries = REGISTRIES_RIR, .statuses = STATUS_ALL};
    int code = store_keep(store, KEPT_BYTES, e);
    return code ? code : store_scan(store, &ipv6, pass, NULL, e);
}

int site_reload(struct site *s, struct err *e)
{
    struct store *store = NULL;
    struct world *worlds[LANGUAGE_COUNT] = {0};
    struct words *words[LANGUAGE_COUNT] = {0};
    struct catalogue *catalogue = NULL;
    int code = store_open(s->options.store, STORE_READ, &store, e);
    if (code == 0)
        code = warm(store, e);
    for (unsigned l = 0; l < LANGUAGE_COUNT && code == 0; l++)
        code = load_language((enum language)l, &worlds[l], &words[l], e);
    if (code == 0)
        code = catalogue_load(&catalogue, e);
    if (code) {
        unload(&store, worlds, words);
        return code;
    }
    unload(&s->store, s->worlds, s->words);
    catalogue_free(&s->catalogue);
    s->catalogue = catalogue;
    s->store = store;
    memcpy(s->worlds, worlds, sizeof worlds);
    memcpy(s->words, words, sizeof words);
    s->checked = 0;
    s->state = (struct store_state){0};
    cache_clear(s->cache);
    note_build(s);
    note_pictures(s);
    return 0;
}

int site_new(const struct site_options *options, struct site **ret, struct err *e)
{
    struct site *s = calloc(1, sizeof *s);
    if (!s)
        return err_memory(e);
    s->options = *options;
    if (s->options.question_ns == 0)
        s->options.question_ns = SITE_QUESTION_NS;
    s->metrics = options->metrics ? options->metrics : &s->own_metrics;
    int code = cache_new(options->cache_bytes ? options->cache_bytes : SITE_CACHE_BYTES, &s->cache);
    if (code)
        err_memory(e);
    else
        code = site_reload(s, e);
    if (code)
        site_free(&s);
    else
        *ret = s;
    return code;
}

void site_free(struct site **s)
{
    if (!*s)
        return;
    unload(&(*s)->store, (*s)->worlds, (*s)->words);
    catalogue_free(&(*s)->catalogue);
    cache_free(&(*s)->cache);
    free(*s);
    *s = NULL;
}

// ---- the archive's state

static bool same_state(const struct store_state *a, const struct store_state *b)
{
    return a->revision == b->revision && a->modified == b->modified;
}

// Within a read transaction, or before a kept answer is given.
static int note_state(struct site *s, struct err *e)
{
    struct store_state state;
    int code = store_state(s->store, &state, e);
    if (code)
        return code;
    if (!same_state(&state, &s->state))
        cache_clear(s->cache);
    s->state = state;
    s->checked = store_clock();
    return 0;
}

static int check_state(struct site *s, int64_t now, struct err *e)
{
    return s->checked && now - s->checked < STATE_FRESH_NS ? 0 : note_state(s, e);
}

// Everything that the bytes of an answer depend on, hashed.
static void make_etag(const struct site *s, struct request *r, const char *key, char ret[72])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    const char *all = arena_format(&r->arena, "%s %llx %lld %lld %s", SEXTANT_VERSION,
                                   (unsigned long long)s->build, (long long)s->state.revision,
                                   (long long)s->state.modified, key);
    ret[0] = '\0';
    if (!all || !EVP_Digest(all, strlen(all), digest, &length, EVP_sha256(), NULL))
        return;
    char digits[2 * 12 + 1];
    snprintf(ret, 72, "\"%llx-%s\"", (long long)s->state.revision, hex_text(digest, 12, digits));
}

// ---- kept answers

static bool is_api(const char *target)
{
    return strncmp(target, "/api/", 5) == 0;
}

// What the choice of a kept answer depends on. Pages name their own address, which is Host's.
static const char *make_key(const struct site *s, struct request *r)
{
    bool api = is_api(r->target);
    bool alike = api || s->options.base_url || strncmp(r->target, "/static/", 8) == 0;
    const char *host = alike ? "" : r->host;
    return arena_format(&r->arena, "%c%c%s %s", '0' + (int)coding_choose(r->accept_encoding),
                        api ? '0' + (int)accept_choose_format(r->accept) : '-', host, r->target);
}

static void give_kept(struct answer *a, struct response *ret)
{
    answer_ref(a);
    ret->kept = a;
    ret->status = a->status;
    ret->content_type = a->content_type;
    ret->cache_control = a->cache_control;
    ret->embeddable = a->embeddable;
    memcpy(ret->etag, a->etag, sizeof ret->etag);
    ret->modified = a->modified;
    for (size_t i = 0; i < a->header_count; i++)
        ret->headers[i] = (struct header){a->headers[i].name, a->headers[i].value};
    ret->header_count = a->header_count;
}

// Where there is If-None-Match, If-Modified-Since is not read (RFC 9110, 13.2.2).
static bool is_unchanged(const struct request *r, const struct response *ret)
{
    int64_t since;
    if (ret->status != 200)
        return false;
    if (r->if_none_match[0])
        return ret->etag[0] && etag_matches(r->if_none_match, ret->etag);
    return r->if_modified_since[0] && ret->modified > 0 &&
           http_date_parse(r->if_modified_since, &since) && ret->modified <= since;
}

// The headers stay those of the answer.
static void drop_body(struct response *ret, unsigned status)
{
    buffer_done(&ret->body);
    ret->status = status;
    ret->without_body = true;
}

// ---- one visit

static const char *base_url(const struct site *s, struct request *r)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                  ".-:[]";
    if (s->options.base_url)
        return s->options.base_url;
    size_t length = strlen(r->host);
    if (length == 0 || length > 255 || strspn(r->host, letters) != length)
        return "http://localhost";
    const char *url = arena_format(&r->arena, "http://%s", r->host);
    return url ? url : "http://localhost";
}

static void visit_fill(struct site *s, struct request *r, const struct route_match *m,
                       struct visit *ret)
{
    *ret = (struct visit){.site = s,
                          .measure = {s->store, s->worlds[m->language]},
                          .world = s->worlds[m->language],
                          .language = m->language,
                          .words = s->words[m->language],
                          .request = r,
                          .revision = s->state.revision,
                          .base_url = base_url(s, r),
                          .rest = m->rest};
}

// The language of an error page: the path's, else the one that the client prefers.
static enum language language_of(const struct request *r)
{
    enum language l;
    bool named = r->path[0] == '/' && strlen(r->path) >= 3 &&
                 (r->path[3] == '/' || r->path[3] == '\0') &&
                 language_parse((struct slice){r->path + 1, 2}, &l);
    return named ? l : accept_choose_language(r->accept_language);
}

// What went wrong inside is the operator's to know, not the client's.
static void answer_error(struct site *s, struct request *r, struct response *ret, unsigned status,
                         const struct err *e)
{
    const char *detail = status >= 500 && e->code != ERR_LATE
                             ? "The archive cannot be asked at the moment."
                             : e->text;
    ret->header_count = 0;
    ret->etag[0] = '\0';
    if (is_api(r->target)) {
        response_problem(ret, status, detail, r->path);
    } else {
        struct visit v;
        visit_fill(s, r, &(struct route_match){.language = language_of(r), .rest = ""}, &v);
        ret->content_type = "text/html; charset=utf-8";
        page_error(&v, status, detail, ret);
    }
    if (status == 503)
        response_header(ret, r, "Retry-After", SITE_RETRY_AFTER);
    ret->cache_control = "no-store";
}

static void add_varying(const struct route *route, struct request *r, struct response *ret)
{
    if (route->class == ROUTE_API) {
        response_header(ret, r, "Access-Control-Allow-Origin", "*");
        response_header(ret, r, "Access-Control-Expose-Headers", "ETag, Link");
    }
    response_header(ret, r, "Vary",
                    route->flags & ROUTE_NEGOTIATED ? "Accept, Accept-Encoding"
                                                    : "Accept-Encoding");
}

// The same bytes compressed have another strong tag.
static void mark_coding(struct response *ret, enum coding c)
{
    size_t length = strlen(ret->etag);
    if (length > 1)
        snprintf(ret->etag + length - 1, sizeof ret->etag - length + 1, "-%s\"", coding_name(c));
}

// Of the archive and of the program; not in the future, whatever a clock said.
static void add_modified(const struct site *s, struct request *r, struct response *ret)
{
    char when[HTTP_DATE_MAX];
    int64_t now = time(NULL);
    if (ret->modified == 0)
        ret->modified = s->state.modified > s->built ? s->state.modified : s->built;
    if (ret->modified > now)
        ret->modified = now;
    http_date(ret->modified, when);
    response_header(ret, r, "Last-Modified", when);
}

// Dates, tags, coding, headers of a finished body; keeps it where the route allows.
static void finish(struct site *s, struct request *r, const struct route *route, const char *key,
                   struct response *ret)
{
    enum coding coding = coding_choose(r->accept_encoding);
    bool keep = key && ret->status == 200 && route->flags & ROUTE_KEPT;
    if (keep)
        add_modified(s, r, ret);
    if (keep && !ret->etag[0])
        make_etag(s, r, key, ret->etag);
    add_varying(route, r, ret);
    if (coding_pack(coding, &ret->body)) {
        response_header(ret, r, "Content-Encoding", coding_name(coding));
        mark_coding(ret, coding);
    }
    response_add_common(ret, r);
    if (keep && (ret->kept = answer_new(ret))) {
        ret->kept->class = route->class;
        cache_put(s->cache, key, ret->kept);
    }
}

// One state of the archive from begin to end.
static int run_route(struct site *s, struct request *r, const struct route_match *m,
                     struct response *ret, struct err *e)
{
    struct visit v;
    int code = store_read_begin(s->store, e);
    if (code == 0)
        code = note_state(s, e);
    store_set_deadline(s->store, store_clock() + s->options.question_ns);
    if (code == 0) {
        visit_fill(s, r, m, &v);
        ret->status = 200;
        ret->content_type = "text/html; charset=utf-8";
        code = m->route->handler(&v, ret, e);
    }
    store_set_deadline(s->store, 0);
    store_read_end(s->store);
    return code == 0 && ret->body.failed ? err_memory(e) : code;
}

static enum route_class answer_parsed(struct site *s, struct request *r, const char *key,
                                      struct response *ret)
{
    static const struct route none = {.class = ROUTE_NONE};
    struct err e = {0};
    struct route_match m = {.route = &none};
    int code = request_parse(r, &e);
    unsigned status = code == ERR_LIMIT ? 414 : status_of_error(code);
    if (code == 0) {
        code = route_find(r->path, &m)
                   ? run_route(s, r, &m, ret, &e)
                   : err_set(&e, ERR_NOT_FOUND, "%.200s: no such address", r->path);
        status = status_of_error(code);
    }
    if (code)
        answer_error(s, r, ret, status, &e);
    finish(s, r, m.route, key, ret);
    return m.route->class;
}

static bool answer_kept(struct site *s, const char *key, int64_t now, struct response *ret)
{
    struct answer *a = key && check_state(s, now, NULL) == 0 ? cache_find(s->cache, key) : NULL;
    if (!a)
        return false;
    give_kept(a, ret);
    return true;
}

// Methods other than GET and HEAD.
static void answer_method(struct site *s, struct request *r, struct response *ret)
{
    static const struct err only = {ERR_USAGE, "Only GET, HEAD and OPTIONS are answered."};
    if (strcmp(r->method, "OPTIONS") == 0) {
        ret->status = 204;
        ret->content_type = "text/plain; charset=utf-8";
    } else {
        answer_error(s, r, ret, 405, &only);
    }
    response_header(ret, r, "Allow", "GET, HEAD, OPTIONS");
    if (is_api(r->target)) {
        response_header(ret, r, "Access-Control-Allow-Origin", "*");
        response_header(ret, r, "Access-Control-Allow-Methods", "GET, HEAD, OPTIONS");
        response_header(ret, r, "Access-Control-Allow-Headers",
                        "Accept, If-None-Match, If-Modified-Since");
        response_header(ret, r, "Access-Control-Max-Age", "86400");
    }
    response_add_common(ret, r);
}

void site_answer(struct site *s, struct request *request, struct response *ret)
{
    int64_t start = store_clock();
    enum route_class class = ROUTE_NONE;
    bool reads = strcmp(request->method, "GET") == 0 || strcmp(request->method, "HEAD") == 0;
    const char *key = reads ? make_key(s, request) : NULL;
    if (!reads) {
        answer_method(s, request, ret);
    } else if (answer_kept(s, key, start, ret)) {
        class = ret->kept->class;
        atomic_fetch_add_explicit(&s->metrics->cache_hits, 1, memory_order_relaxed);
    } else {
        class = answer_parsed(s, request, key, ret);
        atomic_fetch_add_explicit(&s->metrics->cache_misses, 1, memory_order_relaxed);
    }
    if (is_unchanged(request, ret))
        drop_body(ret, 304);
    size_t length;
    response_bytes(ret, &length);
    metrics_count(s->metrics, class, ret->status, (uint64_t)(store_clock() - start), length);
}
