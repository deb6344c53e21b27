// SPDX-License-Identifier: Apache-2.0
//
// ARP for IPv4 over Ethernet (RFC 826), as far as it says who has an address (RFC 5227).

#ifndef PACKET_ARP_H
#define PACKET_ARP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARP_SIZE 28

struct arp {
    bool reply;
    uint8_t mac[6];          // of the sender
    uint32_t sender, target; // sender 0: it only asks whether the target is anybody's
};

bool arp_read(const uint8_t *at, size_t length, struct arp *ret);
void arp_write(const struct arp *a, uint8_t at[ARP_SIZE]);

// Does it say that somebody other than `mac` has the address?
bool arp_claims(const struct arp *a, uint32_t address, const uint8_t mac[6]);

// Or is about to have it (RFC 5227, 2.1.1)?
bool arp_conflicts(const struct arp *a, uint32_t address, const uint8_t mac[6]);

#endif
