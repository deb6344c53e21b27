// SPDX-License-Identifier: Apache-2.0
//
// Where a question goes: an address of a family, and a port.

#ifndef CHECK_ENDPOINT_H
#define CHECK_ENDPOINT_H

#include "net/net.h"

#include <netinet/in.h>
#include <sys/socket.h>

struct endpoint {
    enum family family; // FAMILY_IPV6 or FAMILY_IPV4
    uint16_t port;
    u128 address;
};

union socket_address {
    struct sockaddr any;
    struct sockaddr_in four;
    struct sockaddr_in6 six;
};

#define ENDPOINT_TEXT_MAX 64
// "[2001:db8::1]:53", "192.0.2.1:53". Returns `text`.
char *endpoint_text(const struct endpoint *p, char text[ENDPOINT_TEXT_MAX]);

socklen_t endpoint_socket(const struct endpoint *p, union socket_address *ret);
// False where it is of another family.
bool endpoint_of_socket(const struct sockaddr *from, struct endpoint *ret);

static inline bool endpoint_same(const struct endpoint *a, const struct endpoint *b)
{
    return a->address == b->address && a->port == b->port && a->family == b->family;
}

#endif
