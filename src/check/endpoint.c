// SPDX-License-Identifier: Apache-2.0

#include "check/endpoint.h"

#include <arpa/inet.h>
#include <stdio.h>

char *endpoint_text(const struct endpoint *p, char text[ENDPOINT_TEXT_MAX])
{
    char address[ADDRESS_TEXT_MAX];
    address_format(p->family, p->address, address);
    snprintf(text, ENDPOINT_TEXT_MAX, p->family == FAMILY_IPV6 ? "[%s]:%u" : "%s:%u", address,
             p->port);
    return text;
}

socklen_t endpoint_socket(const struct endpoint *p, union socket_address *ret)
{
    *ret = (union socket_address){0};
    if (p->family == FAMILY_IPV4) {
        ret->four.sin_family = AF_INET;
        ret->four.sin_port = htons(p->port);
        ret->four.sin_addr.s_addr = htonl((uint32_t)p->address);
        return sizeof ret->four;
    }
    ret->six.sin6_family = AF_INET6;
    ret->six.sin6_port = htons(p->port);
    for (int i = 0; i < 16; i++)
        ret->six.sin6_addr.s6_addr[i] = (uint8_t)(p->address >> (120 - 8 * i));
    return sizeof ret->six;
}

bool endpoint_of_socket(const struct sockaddr *from, struct endpoint *ret)
{
    const union socket_address *s = (const union socket_address *)(const void *)from;
    if (from->sa_family == AF_INET) {
        *ret =
            (struct endpoint){FAMILY_IPV4, ntohs(s->four.sin_port), ntohl(s->four.sin_addr.s_addr)};
        return true;
    }
    if (from->sa_family != AF_INET6)
        return false;
    u128 address = 0;
    for (int i = 0; i < 16; i++)
        address = address << 8 | s->six.sin6_addr.s6_addr[i];
    *ret = (struct endpoint){FAMILY_IPV6, ntohs(s->six.sin6_port), address};
    return true;
}
