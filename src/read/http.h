// SPDX-License-Identifier: Apache-2.0
//
// HTTP as Sextant needs it: one GET at a time, its body read like a file, in constant memory. The
// one place that knows libcurl.
//
//     struct http_client *c;                       // keeps connections from one request to the
//     next http_client_new(NULL, &c, e); http_open(c, &(struct http_request){.url = url}, &h, e);
//     if (http_answer(h)->status == 200)
//         while (!http_read(h, bytes, sizeof bytes, &n, e) && n > 0)
//             ...
//     http_close(&h);
//     http_client_free(&c);

#ifndef READ_HTTP_H
#define READ_HTTP_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HTTP_REDIRECTS_MAX 5
#define HTTP_VALUE_MAX     256 // of a header that is kept; a longer one counts as absent

struct http_limits {
    unsigned connect_seconds; // 0: 20
    unsigned stall_seconds;   // slower than stall_bytes a second for so long: given up; 0: 30
    unsigned stall_bytes;     // 0: 64
};

struct http_request {
    const char *url;      // http or https
    const char *etag;     // If-None-Match; NULL or "": not sent
    const char *modified; // If-Modified-Since
    uint64_t from;        // Range: from this byte to the end; 0: everything
    const char *if_range; // only if this is still the file's ETag or date
};

struct http_answer {
    long status;
    char etag[HTTP_VALUE_MAX], modified[HTTP_VALUE_MAX]; // "" where the server did not say
    int64_t length;      // of the body; -1 where the server did not say
    uint64_t from;       // of a 206: the first byte's place
    int64_t retry_after; // seconds; 0 where the server did not say
};

struct http_client;
struct http;

int http_client_new(const struct http_limits *limits, struct http_client **ret, struct err *e);
void http_client_free(struct http_client **c);

// Whether the client's last failure would be the same at the next try: a bad URL, a certificate
// that does not fit, redirects in a circle.
bool http_client_hopeless(const struct http_client *c);

bool http_is_url(const char *place);

// Returns when the head of the answer has come, whatever its status. One open request a client;
// without one (NULL) the request has its own. ERR_NETWORK, ERR_USAGE (no such scheme).
int http_open(struct http_client *c, const struct http_request *request, struct http **ret,
              struct err *e);
const struct http_answer *http_answer(const struct http *h);

// Up to `size` bytes of the body; *ret 0 at its end. ERR_NETWORK: cut, stalled.
int http_read(struct http *h, void *bytes, size_t size, size_t *ret, struct err *e);
void http_close(struct http **h);

#endif
