// SPDX-License-Identifier: Apache-2.0
//
// DHCPv4: any message, to a server that has leases; what it answers is a packet that reads back.
// And ARP there and back.

#include "packet/arp.h"
#include "packet/dhcp.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool ok)
{
    if (!ok)
        abort();
}

static void arp_there_and_back(const uint8_t *data, size_t size)
{
    struct arp a, again;
    uint8_t at[ARP_SIZE];
    if (!arp_read(data, size, &a))
        return;
    arp_write(&a, at);
    expect(arp_read(at, sizeof at, &again) && again.sender == a.sender &&
           again.target == a.target && again.reply == a.reply);
    expect(!arp_conflicts(&a, a.sender, a.mac) && !arp_conflicts(&a, a.target, a.mac));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct dhcp_config c = {.first = 0xc000020a,
                                  .last = 0xc0000211,
                                  .own = 0xc0000201,
                                  .mask = 0xffffff00,
                                  .lease = 100,
                                  .v6only = true};
    struct dhcp_server *s = NULL;
    struct dhcp m, a, again;
    uint8_t at[DHCP_PACKET_MAX];
    uint32_t source;
    arp_there_and_back(data, size);
    (void)dhcp_packet_read(data, size, DHCP_SERVER_PORT, &m, &source);
    if (!dhcp_read(data, size, &m) || dhcp_server_new(&c, &s, NULL) != 0)
        return 0;
    for (int64_t now = 1; now < 200000; now += 60000)
        if (dhcp_serve(s, &m, now, &a)) {
            size_t length = dhcp_write(&a, c.own, UINT32_MAX, at);
            expect(dhcp_packet_read(at, length, DHCP_CLIENT_PORT, &again, &source));
            expect(again.type == a.type && again.yours == a.yours && again.xid == m.xid);
        }
    dhcp_server_free(&s);
    return 0;
}
