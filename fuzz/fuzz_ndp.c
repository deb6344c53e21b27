// SPDX-License-Identifier: Apache-2.0
//
// Router solicitations and advertisements: any bytes, and the same with what is easily checked set
// right. Who contradicts another is contradicted by it.

#include "packet/advert.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void advertised(const uint8_t *at, size_t length)
{
    static const struct advert own = {.hop_limit = 64,
                                      .mtu = 1500,
                                      .prefixes = {{(u128)0x20010db8 << 96, 64, true, true, 9, 9}},
                                      .prefix_count = 1,
                                      .pref64 = {{(u128)0x0064ff9b << 96, 96}},
                                      .pref64_count = 1};
    struct advert other;
    u128 source;
    if (!advert_read(at, length, &other, &source))
        return;
    if (advert_differences(&own, &other) != advert_differences(&other, &own))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    u128 source = 0;
    (void)solicit_read(data, size, &source);
    advertised(data, size);
    if (size < 16 || size > 2000)
        return 0;
    uint8_t *packet = malloc(IPV6_HEADER + size);
    if (!packet)
        return 0;
    memcpy(packet + IPV6_HEADER, data, size);
    packet[IPV6_HEADER] = NDP_SOLICIT;
    packet[IPV6_HEADER + 1] = 0;
    size_t length = ndp_finish(packet, load128(data), (u128)0xff02 << 112 | 2, size);
    if (solicit_read(packet, length, &source) && source != load128(packet + 8))
        abort();
    packet[IPV6_HEADER] = NDP_ADVERT;
    length = ndp_finish(packet, (u128)0xfe80 << 112 | 1, (u128)0xff02 << 112 | 1, size);
    advertised(packet, length);
    free(packet);
    return 0;
}
