// SPDX-License-Identifier: Apache-2.0
//
// Translation of IPv4 to IPv4: private addresses and ports to shared ones and back (RFC 3022,
// RFC 4787, RFC 5508), as an AFTR does for many customers and a CE for one house. Who is who is in
// napt.c; here the packets are changed, ICMP errors with what stands inside them too.

#ifndef PACKET_NAPT44_H
#define PACKET_NAPT44_H

#include "packet/napt.h"
#include "packet/packet.h"

struct napt44;

int napt44_new(const struct napt_config *c, struct napt44 **ret, struct err *e);
void napt44_free(struct napt44 **n);
struct napt *napt44_napt(struct napt44 *n);

// A packet of a host in `realm` that goes out; changed in place. False: it must not pass;
// *ret_why says why (NAPT_NONE also for pieces: packets must be whole).
bool napt44_out(struct napt44 *n, struct packet *p, const struct ip *ip, u128 realm, int64_t now,
                enum napt_verdict *ret_why);

// A packet for the pool; *ret_realm says whose it is.
bool napt44_in(struct napt44 *n, struct packet *p, const struct ip *ip, int64_t now,
               u128 *ret_realm, enum napt_verdict *ret_why);

#endif
