// SPDX-License-Identifier: Apache-2.0
//
// The parts of a home router (ce.h): what it was given, uses, advertises, forwards and remembers.
// The line, its links and the loop are in ce.c.

#ifndef DAEMON_HOME_H
#define DAEMON_HOME_H

#include "daemon/ce.h"
#include "daemon/inform.h"
#include "daemon/ra.h"
#include "daemon/route6.h"
#include "daemon/sources.h"
#include "daemon/upstream.h"
#include "packet/dhcp6_client.h"

#define VALID_LIMIT    5400 // ND_VALID_LIMIT
#define STALE_MAX      8    // of one link; the oldest goes first
#define USED_MAX       80   // addresses and routes: 5 prefixes on 8 links, and the line's
#define OWN_IDENTIFIER 1
#define LOCAL          ((u128)0xfc00 << 112) // fc00::/7
#define LOCAL_BITS     7
#define ULA_BITS       48

enum use { USE_WAN, USE_LAN, USE_PREFIX };

struct used {
    enum use use;
    size_t lan;
    u128 address; // of a LAN: the prefix
    unsigned length;
    int64_t preferred_end, valid_end, since;
    u128 excluded;
    unsigned excluded_length; // 0: nothing
};

struct stale {
    u128 prefix;
    int64_t until; // milliseconds
};

struct home;

struct at_home {
    struct home *home;
    size_t lan;
    struct inform inform;
    struct sources sources;
};

struct home {
    const struct ce_options *options;
    struct dhcp6_client client;
    struct upstream upstream;
    struct ra_sender *senders[CE_LANS_MAX];
    struct at_home at_home[CE_LANS_MAX];
    struct stale stale[CE_LANS_MAX][STALE_MAX];
    size_t stale_count[CE_LANS_MAX];
    struct prefix remembered; // the unique local prefix that was made once; length 0: none was
    struct dhcp6_held ula;    // the one in use; length 0: none is
    struct used used[USED_MAX];
    size_t used_count;
    struct dhcp6 offered; // to hosts
    size_t informed;
    int socket, timer, index;
    bool running, leads_out, firewall;
};

// ---- what is advertised (home_advert.c)

uint32_t home_left(int64_t end, int64_t now); // seconds of a lifetime
u128 home_network(const struct home *h, const struct dhcp6_held *p, size_t lan); // its /64
bool home_has_network(const struct home *h, const struct dhcp6_held *p, size_t lan);
size_t home_count_local(const struct home *h); // of the delegated prefixes, those that are ULA
bool home_is_local(u128 address);
void home_advertise(struct home *h, bool at_once);

// ---- what is used (home_use.c)

void home_tell(const struct home *h, const char *what, const struct used *u);
// Of the /64 `prefix` of a link, and those whose time is over; false: there were none.
bool home_drop_stale(struct home *h, size_t lan, u128 prefix, int64_t now);
int home_apply(struct home *h, struct err *e);   // all of this, as the client now holds it
int home_use_ula(struct home *h, struct err *e); // what was recalled of others stays
void home_end_use(struct home *h);

// ---- what the next start must know (home_memory.c; RFC 9096, 3.5)

void home_remember(const struct home *h);
void home_recall(struct home *h);

// ---- what is forwarded (home_sources.c; RFC 7084, G-3, L-14, ULA-4)

int home_set_sources(struct home *h, struct err *e);
void home_clear_sources(const struct home *h);

#endif
