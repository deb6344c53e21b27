// SPDX-License-Identifier: Apache-2.0
//
// A made-up Internet of name servers for tests: a client of dns_client.h that answers out of a
// table, after a moment of a made-up clock. What a server holds stands in lines:
//
//     "2001:db8::1 example.test example.test SOA"        the zone example.test is at this server
//     "2001:db8::1 example.test www.example.test AAAA 2001:db8::80"
//     "2001:db8::1 test example.test NS ns.example.test" a delegation, since test is not the owner
//     "2001:db8::1 ! silent"                             it never answers; also: refused, servfail,
//                                                        closed, noroute, recursive, formerr,
//                                                        udp-only, small (TCP for long answers),
//                                                        edns-silent, denies (NXDOMAIN to all)

#ifndef TESTS_CHECK_FAKE_DNS_H
#define TESTS_CHECK_FAKE_DNS_H

#include "check/dns_client.h"

#define FAKE_DELAY 10000 // microseconds

extern const struct clock fake_clock;

struct fake;

struct fake *fake_new(struct events *ev, const char *const *lines);
void fake_free(struct fake *f);
struct dns_client *fake_client(struct fake *f);
void fake_lines(struct fake *f, const char *const *lines); // others from now on
unsigned fake_asked(const struct fake *f, const char *server, const char *name); // NULL: any

#endif
