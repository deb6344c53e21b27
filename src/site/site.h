// SPDX-License-Identifier: Apache-2.0
//
// The site: an archive's figures as pages and as an API, in six languages, read-only.
//
//     request -> router (site.c) -> page or endpoint -> measure -> table -> HTML | JSON | CSV ->
//     response
//
// Everything above the socket is a plain function of a request: site_answer(). Tests and the fuzz
// target call it without a network. The socket is behind one seam (server.c, libmicrohttpd).
//
// Addresses never change: /{lang}/, /{lang}/economy/KE, /{lang}/region/KEY, /{lang}/group/KEY,
// /{lang}/compare, /{lang}/changes, /{lang}/address/WHAT, /{lang}/data, /{lang}/methods,
// /{lang}/labs/NAME, /{lang}/courses,
// /{lang}/chart/...; /api/v1/...; /static/NAME; /healthz, /metrics. They are rows of one table
// (routes.c).

#ifndef SITE_SITE_H
#define SITE_SITE_H

#include "base/arena.h"
#include "base/buffer.h"
#include "measure/measure.h"

#include <stdbool.h>
#include <stddef.h>

struct words;

// What a client can make grow, and how far.
#define REQUEST_TARGET_MAX     16384 // bytes as sent: path and query string
#define REQUEST_PATH_MAX       2048
#define REQUEST_PARAMETERS_MAX 32
#define REQUEST_VALUE_MAX      2048 // bytes of one parameter, decoded

struct request_parameter {
    const char *name, *value; // decoded, valid UTF-8, without control characters
};

struct request {
    const char *method; // "GET", "HEAD", ...
    const char *target; // as sent: path and query string, still encoded
    const char *accept_language, *accept_encoding, *accept, *if_none_match; // "" where absent
    const char *if_modified_since, *host;
    // Filled by request_parse:
    char path[REQUEST_PATH_MAX];
    struct request_parameter parameters[REQUEST_PARAMETERS_MAX];
    size_t parameter_count;
    struct arena arena; // of this request; everything that answers it may use it
};

// Decodes and checks target. ERR_INPUT with a sentence: broken percent-encoding, what is no UTF-8,
// control characters. ERR_LIMIT: too long, too many.
int request_parse(struct request *r, struct err *e);
void request_done(struct request *r);
const char *request_value(const struct request *r, const char *name); // the last one; NULL

struct header {
    const char *name, *value;
};
#define RESPONSE_HEADERS_MAX 24

struct answer; // a finished body that several responses share (cache.h)

struct response {
    unsigned status;
    const char *content_type; // borrowed, or of the request's arena
    struct buffer body;       // what a handler writes
    struct answer *kept;      // where it is set, the body is in it, and `body` is empty
    char etag[72];            // quoted; "": none
    int64_t modified;         // seconds since 1970; 0: not known
    struct header headers[RESPONSE_HEADERS_MAX];
    size_t header_count;
    const char *cache_control; // NULL: the default, "public, max-age=300"
    bool without_body;         // 304: the headers are those of the answer
    bool embeddable;           // pages of other sites may frame it: an SVG
};

void response_done(struct response *r);
// Text is copied into the request's arena. More than RESPONSE_HEADERS_MAX are left out.
void response_header(struct response *r, struct request *of, const char *name, const char *value);
const char *response_bytes(const struct response *r, size_t *ret_length);

// One archive opened for one thread, with what it needs to answer.
struct site;

struct site_options {
    const char *store;       // path of the archive
    const char *assets;      // folder of script and style sheet; NULL: found by file_find_data
    const char *base_url;    // "https://figures.example", for absolute links; NULL: from Host
    size_t cache_bytes;      // of finished answers; 0: SITE_CACHE_BYTES
    int64_t question_ns;     // how long one question may take; 0: SITE_QUESTION_NS
    struct metrics *metrics; // counts of several sites; NULL: its own
};

#define SITE_CACHE_BYTES ((size_t)64 << 20)
// A thread answers one request at a time: the others wait for it.
#define SITE_QUESTION_NS INT64_C(3000000000)
#define SITE_RETRY_AFTER "30" // seconds, as a 503 says

int site_new(const struct site_options *options, struct site **ret, struct err *e);
void site_free(struct site **s);

// Opens the archive and the reference tables anew. On failure the site answers as before.
int site_reload(struct site *s, struct err *e);

// Always answers: an error becomes a page or, below /api/, problem details (RFC 9457). The request
// was not parsed yet; *ret is zeroed. The response borrows from the request's arena: request_done
// comes after the response is sent.
void site_answer(struct site *s, struct request *request, struct response *ret);

// What a page or endpoint gets.
struct visit {
    struct site *site;
    struct measure measure;    // the archive, one state of it for the whole visit
    const struct world *world; // with names in `language`
    enum language language;
    const struct words *words; // of `language`
    struct request *request;
    int64_t revision;          // of the archive
    const char *base_url;      // "https://figures.example", without a final slash
    const char *rest;          // what stands behind the route's fixed part: "KE"
    struct chart_order *chart; // a chart of the page is wanted, and not the page (chart.h); NULL
};

// A page writes its body; an error code becomes the error page. ERR_NOT_FOUND is 404, ERR_USAGE
// 400.
typedef int visit_handler(struct visit *v, struct response *ret, struct err *e);

#endif
