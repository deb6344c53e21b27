// SPDX-License-Identifier: Apache-2.0
//
// Router solicitations: any bytes, and the same with what is easily checked set right.

#include "packet/advert.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    u128 source = 0;
    (void)solicit_read(data, size, &source);
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
    free(packet);
    return 0;
}
