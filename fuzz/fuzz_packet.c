// SPDX-License-Identifier: Apache-2.0
//
// The translator on any bytes: whatever comes out is a packet whose header reads back, in the
// family it should be of.

#include "repair.h"

#include "packet/translate.h"

#include <stdlib.h>

#define PREFIX ((u128)0x0064ff9b << 96)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool ok)
{
    if (!ok)
        abort();
}

static bool map(void *arg, enum family from, const struct flow *in, bool inner, struct flow *ret)
{
    (void)arg;
    (void)inner;
    *ret = *in;
    ret->source = from == FAMILY_IPV4 ? (PREFIX | in->source) : (uint32_t)in->source;
    ret->destination = from == FAMILY_IPV4 ? (PREFIX | in->destination) : (uint32_t)in->destination;
    return true;
}

static void came_out(void *arg, struct packet *p)
{
    struct ip ip;
    (void)arg;
    expect(ip_read(p->at, p->length, 0, &ip) == IP_FINE);
    expect(ip.end == p->length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 9000)
        return 0;
    struct packet p;
    uint8_t *buffer = repaired(&p, data, size);
    if (!buffer)
        return 0;
    struct translator t = {.mapper = {map, NULL, came_out, came_out, NULL},
                           .own4 = 0xc0000201,
                           .own6 = PREFIX | 1,
                           .zero_checksum = true};
    expect(translate(&t, &p) < TRANSLATED_COUNT);
    free(buffer);
    return 0;
}
