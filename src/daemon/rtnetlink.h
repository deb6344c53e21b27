// SPDX-License-Identifier: Apache-2.0
//
// One request of rtnetlink (RFC 3549) to the kernel, and whether it was done.

#ifndef DAEMON_RTNETLINK_H
#define DAEMON_RTNETLINK_H

#include <linux/fib_rules.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stddef.h>
#include <stdint.h>

struct rtnetlink_request {
    struct nlmsghdr header;
    union {
        struct ifaddrmsg address;
        struct ifinfomsg link;
        struct rtmsg route;
        struct fib_rule_hdr rule;
        struct ndmsg neighbour;
    };
    uint8_t attributes[128];
};

// `body` is the size of the member that the type of the request has.
struct rtnetlink_request rtnetlink_begin(uint16_t type, uint16_t flags, size_t body);

// All attributes together have no more than 128 bytes.
void rtnetlink_add(struct rtnetlink_request *r, unsigned short type, const void *bytes,
                   size_t length);

// An attribute that holds those added until it is closed.
struct rtattr *rtnetlink_open(struct rtnetlink_request *r, unsigned short type);
void rtnetlink_close(struct rtnetlink_request *r, struct rtattr *open);

// -1: errno says why it was not done.
int rtnetlink_ask(const struct rtnetlink_request *r);

#endif
