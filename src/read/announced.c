// SPDX-License-Identifier: Apache-2.0

#include "read/announced.h"

bool announced_prefix(struct slice s, struct announced *ret)
{
    struct slice rest = s, address = slice_cut(&rest, '/');
    uint64_t length;
    uint32_t narrow;
    u128 start;
    if (!rest.at || !slice_u64(rest, 128, &length))
        return false;
    enum family family = FAMILY_IPV6;
    if (!ipv6_parse(address, &start)) {
        if (length > 32 || !ipv4_parse(address, &narrow))
            return false;
        family = FAMILY_IPV4;
        start = narrow;
    }
    unsigned behind = (family == FAMILY_IPV6 ? 128 : 32) - (unsigned)length;
    if (behind == 128 ? start != 0 : start >> behind << behind != start)
        return false;
    ret->family = family;
    ret->length = (uint8_t)length;
    ret->start = start;
    return true;
}
