// SPDX-License-Identifier: Apache-2.0
//
// What was seen of the web of one host, before anybody judges. web_connect.c, web_pages.c,
// web_parts.c fill it over the network; web_judge.c makes tests of it, purely.
//
// Large packets: towards this place they are the server's. A handshake with certificates, and any
// page above three kilobytes, come in full segments, so that a path which drops them without a word
// shows as a connection that opens and then stays silent. The same request is then made with a
// smaller segment announced (1,220 octets: what IPv6's least MTU of 1,280 carries); where that is
// answered, the path is a black hole. Nothing large is sent for the test's sake: the other
// direction is not tried.

#ifndef CHECK_WEB_H
#define CHECK_WEB_H

#include "check/checker.h"
#include "check/compare.h"
#include "check/eyeballs.h"
#include "check/tcp_probe.h"
#include "check/web_client.h"

#define WEB_HOSTS_MAX     2  // the domain itself, and with "www."
#define WEB_ADDRESSES_MAX 8  // of one family; no web host needs more
#define WEB_HOPS_MAX      10 // redirects in a row; browsers give up at 20
#define WEB_ORIGINS_MAX   48 // that a page loads from and that are tried
#define WEB_TRIES         2  // before silence is believed
#define WEB_KNOCKS_AGAIN  3  // at a port, where some repeated loads failed
#define WEB_DEAD_ROUNDS   2  // repeated loads where the page stalled already
#define WEB_SEGMENT_LEAST 1220
#define WEB_LARGE         3000 // octets: at least one full segment of any path

enum { WEB_80, WEB_443, WEB_PORTS };
#define WEB_FAMILIES 2 // FAMILY_IPV6, FAMILY_IPV4: indices, too

struct web_knock {
    bool tried;
    enum tcp_outcome outcome;
    uint32_t took;
    int64_t at;
    unsigned attempts;
    unsigned refusals;             // of them
    unsigned again, again_refused; // attempts once more, where loads failed now and then
};

struct web_visit { // one request
    enum web_outcome outcome;
    const char *why;
    const char *url;
    struct endpoint from;
    int status;
    const char *leads_to; // the host of a redirect; NULL: none
    unsigned version;
    bool secured;
    struct certificate certificate;
    uint32_t connected, whole;
    int64_t at;
    size_t bytes;
    bool cut;
    struct web_path path;
    unsigned attempts;
};

struct web_load {
    struct load load;
    const char *charset; // as HTTP says; NULL
    struct page page;    // empty where load.page is that of another load, with the same bytes
};

struct web_address {
    struct endpoint at; // port 0
    enum oddity oddity;
    struct web_knock knocks[WEB_PORTS];
    struct web_visit *visits[WEB_PORTS]; // of "/", without redirects; NULL: not tried
    struct web_load *front;              // the page there, at the main port; NULL: none
};

struct web_names {
    bool known; // the answer came
    enum lookup_status status;
    bool by_timeout, opted_out;
    const char *denied_by; // a server that says there is none, where another has it; NULL
    const char *why, *by, *chain;
    int64_t at;
    uint32_t took;
    struct web_address addresses[WEB_ADDRESSES_MAX];
    size_t count, left_out;
};

enum web_end {
    END_PAGE, // an answer that leads nowhere else
    END_FAILED,
    END_LOOP,
    END_TOO_LONG,
    END_NO_ADDRESS, // the name has none of the family
    END_UNRESOLVED,
    END_PRIVATE,
    END_OPTED_OUT,    // the name does not want to be asked
    END_BAD_REDIRECT, // to nothing that is http or https
};

struct web_walk { // from "/" over redirects
    bool tried;
    enum web_end end;
    unsigned hops;
    bool downgraded;       // from https to http
    struct web_visit last; // the last request
    const char *final_url; // of it
    const char *leads_to;  // the name or URL where it ended badly; ""
};

struct web_place {
    struct endpoint at;
    struct web_knock knock;
};

struct web_origin { // that the page loads from
    const char *host, *url, *by;
    uint16_t port;
    bool opted_out; // not asked
    bool known[WEB_FAMILIES];
    enum lookup_status named[WEB_FAMILIES];
    unsigned addresses[WEB_FAMILIES], usable[WEB_FAMILIES];
    struct web_place six[WEB_ADDRESSES_MAX]; // the usable ones
    struct web_place four;                   // the first: that it is there
};

struct web_linked { // an internal page
    const char *url;
    unsigned depth; // 2, 3
    bool forbidden; // by robots.txt
    bool tried[WEB_FAMILIES];
    enum web_outcome outcome[WEB_FAMILIES];
    int status[WEB_FAMILIES];
    uint32_t took[WEB_FAMILIES];
    int64_t at;
};

struct web_rounds {                    // of one family
    unsigned attempts, answered, cut;  // cut: by the bound of a body
    uint32_t whole[CHECK_REPEATS_MAX]; // 0: did not succeed
    uint32_t connected;                // the smallest; 0: none
    const char *url;
    struct endpoint from;
    int64_t at;
};

struct web_facts {
    const char *host;
    unsigned level, depth;
    bool ipv4_here, ipv6_here;
    bool stopped;   // the patience was over
    bool connected; // the ports were tried
    bool visited;   // the pages were tried
    bool repeated, looked_at_parts, looked_at_links;
    struct web_names names[WEB_FAMILIES];
    struct web_walk walks[WEB_FAMILIES][WEB_PORTS];
    struct web_load loads[WEB_FAMILIES][COMPARE_LOADS_MAX];
    size_t load_count[WEB_FAMILIES];
    struct web_rounds rounds[WEB_FAMILIES];
    struct web_visit stalled,
        clamped; // over IPv6: one that stalled, and the same with small segments
    bool was_clamped;
    struct web_origin *origins;
    size_t origin_count, origins_left_out;
    struct web_linked *linked;
    size_t linked_count;
    bool robots_forbid; // all of it
};

// Adds the host's tests to the result.
void web_judge(struct result *r, const struct web_facts *f);
// NIST's count of one host.
void web_count(struct nist_count *n, const struct web_facts *f);

static inline bool web_is_open(const struct web_names *n, int port)
{
    for (size_t i = 0; i < n->count; i++)
        if (n->addresses[i].knocks[port].tried && n->addresses[i].knocks[port].outcome == TCP_OPEN)
            return true;
    return false;
}

// Over either family: is there a web?
static inline bool web_is_there(const struct web_facts *f)
{
    for (int family = 0; family < WEB_FAMILIES; family++)
        if (web_is_open(&f->names[family], WEB_80) || web_is_open(&f->names[family], WEB_443))
            return true;
    return false;
}

// What a user gets: https where either family has it.
static inline int web_main_port(const struct web_facts *f)
{
    return web_is_open(&f->names[FAMILY_IPV6], WEB_443) ||
                   web_is_open(&f->names[FAMILY_IPV4], WEB_443)
               ? WEB_443
               : WEB_80;
}

// Connected, and then nothing came: each such request takes all of its time.
static inline bool web_stalls(const struct web_visit *v)
{
    return v->url && v->connected > 0 &&
           (v->outcome == WEB_TLS_STALLED || v->outcome == WEB_NO_ANSWER ||
            v->outcome == WEB_STALLED);
}

#endif
