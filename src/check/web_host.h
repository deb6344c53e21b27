// SPDX-License-Identifier: Apache-2.0
//
// One host under way, inside the web part: stages one after the other, in each of which many
// errands are out at the same time. A stage is over when no errand is out.

#ifndef CHECK_WEB_HOST_H
#define CHECK_WEB_HOST_H

#include "check/web.h"

struct web_host;

enum errand_kind { ERRAND_LOOKUP, ERRAND_KNOCK, ERRAND_FETCH };

// A question, a connection attempt or a request, with leave of the gate, and asked again where only
// silence came.
struct errand {
    struct web_host *host;
    enum errand_kind kind;
    void (*done)(struct errand *r); // the answer is in lookup, probe or fetch; may send new errands
    void *about;
    int index, other; // for `about`
    unsigned attempts, tries, refusals;
    // Of a request's attempts before this one: how the last failed, and a handshake that was made.
    enum web_outcome failed;
    uint32_t connected;
    bool secured;
    struct certificate certificate;
    const struct lookup *lookup;
    struct endpoint to;
    struct tcp_probe probe;
    struct web_fetch fetch;
    struct gate_wait wait;
    struct errand *next, **at;
};

struct web_host {
    struct domain *domain;
    struct checker *checker;
    struct web_facts *facts;
    unsigned stage, out; // errands
    struct errand *errands;
    struct event_task go_on;
    void (*over)(void *arg); // all stages are done
    void *arg;
    bool failed; // out of memory
    // of the stages:
    unsigned round;
    struct buffer robots;
    bool robots_known;
    const struct web_facts *first; // of the domain's other host; NULL: this is it
    size_t link_at;
};

// Where `to` may not be sent to, the errand is not done: false.
// A name's addresses of a family. `over`: of the name servers, RESOLVE_BOTH or one.
bool errand_lookup(struct web_host *h, const char *name, enum family f, unsigned over,
                   void (*done)(struct errand *), void *about, int index);
bool errand_knock(struct web_host *h, const struct endpoint *to, void (*done)(struct errand *),
                  void *about, int index);
// `url` must live as long as the result. `tries` 1: no second attempt.
struct errand *errand_fetch(struct web_host *h, const char *url, const struct endpoint *to,
                            unsigned flags, unsigned tries, void (*done)(struct errand *),
                            void *about, int index);
void errands_drop(struct web_host *h);

// The patience is over: page requests that met silence once, and are asked again, end with that.
void errands_stop(struct web_host *h);

// The answer leads elsewhere.
bool web_redirects(const struct web_answer *a);

// What an answered errand leaves.
void knock_keep(const struct errand *r, struct web_knock *ret);
void visit_keep(struct web_host *h, const struct errand *r, struct web_visit *ret);

// A copy in the result's arena; "" at worst.
const char *host_text(struct web_host *h, const char *text);

// The stages. Each sends errands, or none.
void stage_names(struct web_host *h);
void stage_connect(struct web_host *h);
void stage_visits(struct web_host *h); // every address, and the redirects
void stage_round(
    struct web_host *h); // one of the repeated loads; again until `rounds_left` says no
bool rounds_left(const struct web_host *h);
void stage_knock_again(struct web_host *h); // where some of them failed
void stage_small_segments(struct web_host *h);
void stage_origins(struct web_host *h);
void stage_origins_connect(struct web_host *h);
void stage_robots(struct web_host *h);
void stage_link(struct web_host *h); // one of them, over both families
bool links_left(struct web_host *h);

// What a request for "/" of an address brought.
void address_visited(struct web_host *h, struct web_address *a, int port, const struct errand *r);

// From "/" of a port over redirects, over one family, beginning at the first address that opened;
// into facts->walks and that address's visit, and its page into facts->loads where it is the main
// port.
void walk_begin(struct web_host *h, enum family f, int port);

// A load of the page for the comparison; bytes of r's answer.
void load_keep(struct web_host *h, const struct errand *r, enum family f);

// One of the repeated loads; the walk's request for the page is the first. Of a request that was
// made twice the first attempt counts: did it bring the page?
bool round_keep(struct web_host *h, const struct errand *r, enum family f);

struct web_host *web_host_new(struct domain *d, const char *name, void (*over)(void *arg),
                              void *arg);
void web_host_begin(struct web_host *h);
void web_host_free(struct web_host **h); // facts included

#endif
