// SPDX-License-Identifier: Apache-2.0
//
// One HTTP request to one address: the name in the URL is never looked up here, redirects are not
// followed, nothing is kept for the next request. Whoever follows them asks the resolver and
// guard.h for each hop. By libcurl, in the loop of events.h; a test puts a made-up network in its
// place.
//
// A server is a stranger: its headers, its body after unpacking, and the time it takes are bounded.
// A body that is longer than its bound is cut, and counts as an answer.

#ifndef CHECK_WEB_CLIENT_H
#define CHECK_WEB_CLIENT_H

#include "base/buffer.h"
#include "check/endpoint.h"
#include "check/events.h"
#include "check/html.h"
#include "check/tls.h"

#define WEB_BODY_MAX    HTML_BYTES_MAX     // after unpacking: what a gzip bomb gets
#define WEB_HEADERS_MAX ((size_t)64 << 10) // servers themselves refuse more than 8 to 64 KB
#define WEB_SLOW_BYTES  200                // a second, over WEB_SLOW_TIME: a tarpit
#define WEB_SLOW_TIME   8                  // seconds
#define WEB_WHY_MAX     160
#define WEB_TYPE_MAX    128

enum web_outcome {
    WEB_ANSWERED,
    WEB_REFUSED,     // the port
    WEB_UNREACHABLE, // the address
    WEB_SILENT,      // no connection in time
    WEB_TLS_FAILED,  // the handshake
    WEB_TLS_STALLED, // in the handshake, nothing more came
    WEB_NO_ANSWER,   // connected, and then nothing came
    WEB_STALLED,     // the answer began, and did not end in time
    WEB_BROKEN_OFF,  // closed before the end of the answer
    WEB_NOT_HTTP,    // an answer that makes no sense
    WEB_HEADERS_LONG,
    WEB_FAILED, // this machine could not ask
};
#define WEB_OUTCOME_COUNT 12
const char *web_outcome_text(enum web_outcome o);

// What the kernel knows of a connection at its end.
struct web_path {
    bool known;
    uint32_t segment_in;  // largest that came, octets of TCP payload
    uint32_t segment_out; // largest that may go out
    uint32_t path_mtu;
    uint32_t retransmits;
    uint32_t round_trip; // microseconds
    uint64_t bytes_in;   // of TCP, with encryption
};

struct web_answer {
    enum web_outcome outcome;
    char why[WEB_WHY_MAX]; // "" or what libcurl says
    int status;            // 0: none came
    unsigned version;      // 10, 11, 20; 0
    bool secured;          // the TLS handshake came to its end
    struct certificate certificate;
    struct buffer body;
    bool body_cut;
    char type[WEB_TYPE_MAX];                      // Content-Type
    char location[HTML_URL_MAX + 1];              // as it stands there; "" where none
    uint32_t connected, handshaken, first, whole; // microseconds from the beginning; 0: not reached
    int64_t at;                                   // milliseconds since 1970-01-01
    struct web_path path;
};

#define WEB_FRESH       1u // a connection of its own, closed afterwards; `path` is known then
#define WEB_CERTIFICATE 2u // that of the server is read
#define WEB_KEPT        4u // with WEB_FRESH: not closed, but left for the next request to the address
#define WEB_LAST        8u // no other request comes: a connection that was kept is closed

struct web_fetch {      // part of its owner, zeroed before the first use
    const char *url;    // absolute, http or https; borrowed until it is told
    struct endpoint at; // its port is that of the URL
    int64_t timeout;    // microseconds for the whole; two thirds of it at most for the connection
    size_t body_max;    // 0: WEB_BODY_MAX
    unsigned flags;
    unsigned segment_max; // announced to the server; 0: as the kernel does
    void (*done)(void *arg);
    void *arg;
    struct web_answer answer; // freed by web_fetch_drop
    struct web_transfer *transfer;
    struct event_task failed; // it could not be begun
};

struct web_client {
    void (*begin)(struct web_client *w, struct web_fetch *f);
    void (*end)(struct web_client *w, struct web_fetch *f);
    void (*release)(struct web_client *w);
};

// `contact` is told in the user agent; NULL: none. Events and trust are borrowed. ERR_MEMORY.
int web_client_new(struct events *ev, const struct trust *trust, const char *contact,
                   struct web_client **ret, struct err *e);
void web_client_free(struct web_client **w);

// `done` is told later, never from inside this call. The answer of before is dropped.
void web_fetch_begin(struct web_client *w, struct web_fetch *f);
// Gives up, tells nothing more, frees the answer. Nothing where it was never begun.
void web_fetch_drop(struct web_client *w, struct web_fetch *f);

#endif
