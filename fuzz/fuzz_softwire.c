// SPDX-License-Identifier: Apache-2.0
//
// Softwires on any bytes: the first says which end it is, the next two how long the first packet
// is; what is left is the second packet. Whatever comes out reads back.

#include "repair.h"

#include "packet/softwire.h"

#include <stdlib.h>

#define DOC ((u128)0x20010db8 << 96)

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
}

static void give(struct softwire *s, const uint8_t *data, size_t size)
{
    struct packet p;
    uint8_t *buffer = repaired(&p, data, size);
    if (!buffer)
        return;
    softwire_packet(s, &p, 1);
    free(buffer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct map_rule rule = {DOC, UINT32_C(0xc0000200), 40, 24, 16, 6};
    static const struct lw_binding binding = {DOC + 1, UINT32_C(0xc0000212), {6, 8, 0x34}};
    if (size < 3 || size > 5000)
        return 0;
    struct softwire_config c = {.kind = (enum softwire_kind)(data[0] % SOFTWIRE_KIND_COUNT),
                                .mtu = 1500,
                                .own4 = UINT32_C(0xcb007105),
                                .peer4 = UINT32_C(0xcb007101),
                                .own6 = DOC + 1,
                                .peer6 = DOC | (u128)0xffff << 80,
                                .dmr_length = 64,
                                .icmp4 = UINT32_C(0xc0000008),
                                .icmp6 = DOC + 7,
                                .sixrd = {DOC, 32, 24},
                                .bindings = &binding,
                                .binding_count = 1,
                                .rules = &rule,
                                .rule_count = 1,
                                .hub = data[0] / SOFTWIRE_KIND_COUNT % 2,
                                .send = came_out};
    c.napt = (struct napt_config){.pool_first = UINT32_C(0xc0000212),
                                  .pool_last = UINT32_C(0xc0000212),
                                  .bindings_max = 16,
                                  .sessions_max = 16};
    expect(map_customer(&rule, DOC | (u128)0x1234 << 72, 56, &c.customer));
    struct softwire *s;
    if (softwire_new(&c, &s, NULL) != 0)
        return 0;
    size_t first = (size_t)(data[1] << 8 | data[2]) % (size - 2);
    give(s, data + 3, first);
    give(s, data + 3 + first, size - 3 - first);
    softwire_free(&s);
    return 0;
}
