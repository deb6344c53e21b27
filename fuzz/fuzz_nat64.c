// SPDX-License-Identifier: Apache-2.0
//
// A NAT64 and a SIIT with mappings on any bytes: the first says which, the next two how long the
// first packet is; what is left is the second. Whatever comes out reads back.

#include "repair.h"

#include "packet/nat64.h"
#include "packet/siit.h"

#include <stdlib.h>

#define PREFIX ((u128)0x20010db800640000 << 64)
#define DOC    ((u128)0x20010db8 << 96)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool ok)
{
    if (!ok)
        abort();
}

static void came_out(void *arg, struct packet *p)
{
    struct ip ip;
    (void)arg;
    expect(ip_read(p->at, p->length, 0, &ip) == IP_FINE);
    expect(ip.end == p->length);
}

static void give(struct nat64 *n, struct siit_way *w, const uint8_t *data, size_t size, int64_t now)
{
    struct packet p;
    uint8_t *buffer = repaired(&p, data, size);
    if (!buffer)
        return;
    if (n)
        nat64_packet(n, &p, now);
    else
        (void)siit_packet(w, &p);
    free(buffer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct siit_pair pairs[] = {{UINT32_C(0xc0000200), DOC + 0x100, 24, 120},
                                             {UINT32_C(0xc0000201), DOC + 1, 32, 128}};
    static const struct siit siit = {
        .prefix = PREFIX, .prefix_length = 96, .pairs = pairs, .pair_count = 2};
    if (size < 3 || size > 5000)
        return 0;
    struct nat64_config c = {.prefix = PREFIX,
                             .prefix_length = 96,
                             .napt = {.pool_first = UINT32_C(0xc0000201),
                                      .pool_last = UINT32_C(0xc0000201),
                                      .bindings_max = 16,
                                      .sessions_max = 16,
                                      .address_dependent = data[0] & 2},
                             .own6 = DOC + 9,
                             .zero_checksum = true,
                             .send = came_out};
    struct siit_way w = {
        .siit = &siit,
        .translator = {.own4 = UINT32_C(0xc0000008), .own6 = DOC + 9, .tells_routers = true},
        .send = came_out};
    struct nat64 *n = NULL;
    if (data[0] & 1 && nat64_new(&c, &n, NULL) != 0)
        return 0;
    siit_begin(&w);
    size_t first = (size_t)(data[1] << 8 | data[2]) % (size - 2);
    give(n, &w, data + 3, first, 1);
    give(n, &w, data + 3 + first, size - 3 - first, 2);
    if (n)
        nat64_tick(n, 10000);
    nat64_free(&n);
    return 0;
}
