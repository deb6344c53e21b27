// SPDX-License-Identifier: Apache-2.0
//
// One try of a probe, by a process that is in the node. Each says in a few words what it found and
// returns whether that is what is wanted. `until` is when the time is over (clock_microseconds); a
// try that waits for nothing to happen waits until then, the others give up earlier and are
// repeated.

#ifndef LAB_PROBES_H
#define LAB_PROBES_H

#include "base/buffer.h"
#include "lab/check.h"
#include "lab/lab.h"
#include "lab/netlink.h"

#include <netinet/in.h>

bool probe_ping(const struct lab_ping *p, int64_t until, struct buffer *said);
bool probe_tcp(const struct lab_tcp *t, int64_t until, struct buffer *said);
bool probe_udp(const struct lab_tcp *t, int64_t until, struct buffer *said);
bool probe_http(const struct lab_http *h, int64_t until, struct buffer *said);
bool probe_dns(const struct lab_dns *d, int64_t until, struct buffer *said);
bool probe_address(const struct lab_address_probe *p, struct buffer *said);
bool probe_route(const struct check_site *site, const struct lab_route_probe *p,
                 struct buffer *said);
bool probe_neighbour(const struct lab_neighbour_probe *p, struct buffer *said);
bool probe_service(const struct check_site *site, const struct lab_service_probe *p,
                   struct buffer *said);
bool probe_file(const struct lab_file_probe *p, struct buffer *said);
bool probe_sysctl(const struct lab_sysctl_probe *p, struct buffer *said);
bool probe_command(const struct lab_command_probe *p, int64_t until, struct buffer *said);

// ---- what they share

struct place {
    struct sockaddr_storage at;
    socklen_t length;
    enum family family;
};

// A name or an address, "fe80::1%eth0" included, as the node knows it. False: says why.
bool place_find(const char *text, unsigned port, struct place *ret, struct buffer *said);
bool place_bind(int fd, const char *from, struct buffer *said); // `from` may be NULL

// How it went: LAB_EXPECT_REPLY for an answer, LAB_EXPECT_SILENCE for nothing.
bool expect_holds(enum lab_expect wanted, enum lab_expect found);
const char *expect_name(enum lab_expect found);
enum lab_expect expect_of_errno(int error); // that came back
enum lab_expect expect_unsent(int error);   // of the node itself

// A connected socket, or -1: *ret_found is then how it went.
int tcp_connect(const struct place *to, const char *from, int64_t until, enum lab_expect *ret_found,
                struct buffer *said);
int64_t try_until(int64_t until, int64_t longest_us);
int wait_ready(int fd, short events, int64_t until); // as poll

#endif
