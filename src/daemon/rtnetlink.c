// SPDX-License-Identifier: Apache-2.0

#include "daemon/rtnetlink.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct reply {
    struct nlmsghdr header;
    struct nlmsgerr error;
    uint8_t rest[256];
};

struct rtnetlink_request rtnetlink_begin(uint16_t type, uint16_t flags, size_t body)
{
    return (struct rtnetlink_request){.header = {.nlmsg_len = (uint32_t)NLMSG_LENGTH(body),
                                                 .nlmsg_type = type,
                                                 .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags}};
}

static uint8_t *end_of(struct rtnetlink_request *r)
{
    return (uint8_t *)r + NLMSG_ALIGN(r->header.nlmsg_len);
}

void rtnetlink_add(struct rtnetlink_request *r, unsigned short type, const void *bytes,
                   size_t length)
{
    uint8_t *at = end_of(r);
    const struct rtattr head = {(unsigned short)RTA_LENGTH(length), type};
    memcpy(at, &head, sizeof head);
    memcpy(at + RTA_LENGTH(0), bytes, length);
    r->header.nlmsg_len =
        NLMSG_ALIGN(r->header.nlmsg_len) + (uint32_t)RTA_ALIGN(RTA_LENGTH(length));
}

struct rtattr *rtnetlink_open(struct rtnetlink_request *r, unsigned short type)
{
    struct rtattr *open = (struct rtattr *)(void *)end_of(r);
    rtnetlink_add(r, type, "", 0);
    return open;
}

void rtnetlink_close(struct rtnetlink_request *r, struct rtattr *open)
{
    open->rta_len = (unsigned short)(end_of(r) - (uint8_t *)open);
}

int rtnetlink_ask(const struct rtnetlink_request *r)
{
    struct reply reply = {0};
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (fd < 0)
        return -1;
    ssize_t got = send(fd, r, r->header.nlmsg_len, 0) < 0 ? -1 : recv(fd, &reply, sizeof reply, 0);
    close(fd);
    if (got < (ssize_t)offsetof(struct reply, rest))
        return -1;
    errno = -reply.error.error;
    return reply.error.error == 0 ? 0 : -1;
}
