// SPDX-License-Identifier: Apache-2.0
//
// A domain's names under way: names.c goes from zone to zone, names_ask.c asks each address.

#ifndef CHECK_NAMES_STATE_H
#define CHECK_NAMES_STATE_H

#include "check/names.h"
#include "check/names_shared.h"

struct names_state;

struct names_lookup { // what the resolver calls back with
    struct names_state *state;
    unsigned zone, server;
    bool aside; // no phase waits for it
    struct names_lookup *following;
};

struct names_session { // the questions to one address, one after the other
    struct names_state *state;
    struct names_address *address;
    struct dns_question question;
    struct gate_wait wait;
    unsigned next; // question_kind
    bool plain;    // this one is asked once more, without EDNS
    struct dns_name long_name;
    struct names_session *following;
};

#define ABOVE_MAX        6
#define NAMES_AGAIN_WAIT 1500000 // microseconds

// A zone on the way, while it is looked at.
struct names_level {
    enum { LEVEL_NO_CUT, LEVEL_CUT, LEVEL_FAILED } cut;
    const char *name, *const *servers;
    unsigned count;
    uint32_t with_ipv6; // bits
    bool unknown;       // an address of a server could not be looked up
    struct endpoint addresses[ABOVE_MAX];
    unsigned address_count;
};

struct names_state {
    struct domain *domain;
    struct checker *checker;
    struct arena arena;
    struct names_facts facts;
    struct dns_name name, zone_name;
    unsigned open, aside; // callbacks to come
    bool over;
    enum {
        PHASE_START,
        PHASE_ZONES,
        PHASE_ABOVE,
        PHASE_DELEGATION,
        PHASE_SERVERS,
        PHASE_ASKING
    } phase;
    struct names_level *levels[NAMES_ZONES_MAX]; // by labels, then only the cuts
    unsigned level_count;
    struct dns_question above;
    struct gate_wait above_wait;
    unsigned above_next;
    struct names_lookup *lookups;
    struct names_session *sessions;
    struct event_task step;
    bool again; // what differed is asked a second time
    struct event_timer wait_again;
};

// ---- names.c
void names_less(struct names_state *s); // one callback fewer is to come
void names_more(struct names_state *s);
struct names_server *names_server_find(struct names_state *s, const char *name);
struct names_server *names_server_add(struct names_state *s, const char *name);
void names_address_add(struct names_state *s, struct names_server *n, enum family f, u128 address,
                       bool glue);

// ---- names_ask.c
// Begins the questions to all addresses of the facts; each calls names_less at its end.
void names_ask_all(struct names_state *s);
void names_ask_stop(struct names_state *s);

// ---- names_level.c: zones above are shared by all domains
// Servers that only the zone or only the zone above it names: "a.nic.test, b.nic.test"; "".
const char *names_level_one_sided(struct names_state *s, const struct names_level *v);
bool names_level_find(struct names_state *s, struct names_level *v);
void names_level_keep(struct names_state *s, const struct names_level *v);

#endif
