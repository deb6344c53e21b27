// SPDX-License-Identifier: Apache-2.0
//
// Who is connected: how many in all, and how many from one address, so that nobody takes every
// place. Threads share it. Private to src/site.
//
// Beyond a limit a connection is let in to be told so (CROWD_ALL_TAKEN, CROWD_OWN_TAKEN), as long
// as there is room for that; beyond that it is closed at once.

#ifndef SITE_CROWD_H
#define SITE_CROWD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

// One IPv4 address, or one IPv6 /64: what one customer has. 0: not counted, as this machine's own
// addresses, from which a proxy comes.
struct crowd_key {
    uint64_t high, low;
};
struct crowd_key crowd_key_of(const struct sockaddr *from);

struct crowd_limits {
    unsigned all, each;              // that are served; each 0: no limit
    unsigned told_all, told_of_each; // more that are let in to be told
};

enum crowd_place { CROWD_SERVED, CROWD_OWN_TAKEN, CROWD_ALL_TAKEN };

struct crowd;

int crowd_new(const struct crowd_limits *limits, struct crowd **ret); // ERR_MEMORY
void crowd_free(struct crowd **c);

// May one more come in? Does not count it.
bool crowd_has_room(struct crowd *c, struct crowd_key key);

// Counts one that came in, until crowd_leave.
enum crowd_place crowd_enter(struct crowd *c, struct crowd_key key);
void crowd_leave(struct crowd *c, struct crowd_key key);

unsigned crowd_size(struct crowd *c);

#endif
