// SPDX-License-Identifier: Apache-2.0
//
// Between the files of the translator: translate.c (packets) and translate_icmp.c (errors, and the
// packets inside them).

#ifndef PACKET_TRANSLATE_PARTS_H
#define PACKET_TRANSLATE_PARTS_H

#include "packet/translate.h"

#define ICMP4_ECHO_REPLY 0
#define ICMP4_ECHO       8
#define ICMP6_ECHO       128
#define ICMP6_ECHO_REPLY 129

struct icmp_words {
    uint8_t type, code;
    uint32_t field; // MTU, pointer, or 0
};

enum icmp_kind { ICMP_KIND_OTHER, ICMP_KIND_QUERY, ICMP_KIND_ERROR };
enum icmp_kind icmp_kind(enum family f, uint8_t type);

size_t translator_mtu(const struct translator *t, enum family f);

// False: too short for what its protocol says.
bool flow_read(const uint8_t *at, const struct ip *ip, struct flow *ret);

// The header of the other family, with the hop limit as it was.
struct ip header_of(const struct translator *t, const struct ip *ip, const struct flow *out);

// From IPv6: may the packet of `length` bytes not be cut on its way (RFC 7915, 5.1)?
bool sent_with_df(const struct ip *ip, size_t length);

// Of the largest packet that will be sent: a segment's, where the device cuts the payload.
size_t payload_sent(const struct packet *p, const struct ip *ip);

struct upper {
    uint8_t *at;
    size_t left, stated; // bytes that are there, and that were sent
    bool partial;        // as in struct packet
};

// Changes ports and checksum.
void change_upper(const struct upper *u, const struct ip *ip, const struct flow *in,
                  const struct flow *out);

// What an error carries behind its datagram.
#define ICMP_BODY_MAX ((size_t)(IPV6_MTU_LEAST - IPV6_HEADER - ICMP_HEADER))
struct icmp_extension {
    uint8_t at[ICMP_BODY_MAX];
    size_t length; // 0: nothing
};

// Where it begins in the body of a message (RFC 4884, 5); 0: there is none.
size_t extension_begin(enum family f, const uint8_t *icmp, size_t body);
// What is too long for a message is left out.
void extension_take(struct icmp_extension *ret, const uint8_t *at, size_t length);
// Adds the address of the router that sent the message (RFC 6791, 4). Nothing is added to what is
// damaged or full.
void extension_tell(struct icmp_extension *x, u128 router);
// Puts it behind the datagram, whose length is stated in the message, if its type has a place for
// that.
void extension_append(const struct icmp_extension *x, enum family to, uint8_t *icmp,
                      struct packet *datagram);

enum translated translate_error(struct translator *t, struct packet *p, const struct ip *ip);

#endif
