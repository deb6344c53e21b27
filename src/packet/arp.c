// SPDX-License-Identifier: Apache-2.0

#include "packet/arp.h"

#include "packet/packet.h"

#define ETHERNET 1
#define IPV4     0x0800
#define REQUEST  1
#define REPLY    2

bool arp_read(const uint8_t *at, size_t length, struct arp *ret)
{
    if (length < ARP_SIZE || load16(at) != ETHERNET || load16(at + 2) != IPV4 || at[4] != 6 ||
        at[5] != 4 || (load16(at + 6) != REQUEST && load16(at + 6) != REPLY))
        return false;
    ret->reply = load16(at + 6) == REPLY;
    memcpy(ret->mac, at + 8, sizeof ret->mac);
    ret->sender = load32(at + 14);
    ret->target = load32(at + 24);
    return true;
}

void arp_write(const struct arp *a, uint8_t at[ARP_SIZE])
{
    memset(at, 0, ARP_SIZE);
    store16(at, ETHERNET);
    store16(at + 2, IPV4);
    at[4] = 6;
    at[5] = 4;
    store16(at + 6, a->reply ? REPLY : REQUEST);
    memcpy(at + 8, a->mac, sizeof a->mac);
    store32(at + 14, a->sender);
    store32(at + 24, a->target);
}

bool arp_claims(const struct arp *a, uint32_t address, const uint8_t mac[6])
{
    return a->sender == address && memcmp(a->mac, mac, sizeof a->mac) != 0;
}

bool arp_conflicts(const struct arp *a, uint32_t address, const uint8_t mac[6])
{
    bool asks = a->sender == 0 && a->target == address && !a->reply;
    return arp_claims(a, address, mac) || (asks && memcmp(a->mac, mac, sizeof a->mac) != 0);
}
