// SPDX-License-Identifier: Apache-2.0
//
// Any packets put together: as many come out as went in, and what is of several segments reads back
// as a packet of its whole length.

#include "packet/merge.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool ok)
{
    if (!ok)
        abort();
}

static void came_out(void *arg, struct packet *p, size_t count)
{
    size_t *out = arg;
    struct ip ip;
    *out += count;
    if (count == 1)
        return;
    expect(ip_read(p->at, p->length, 0, &ip) == IP_FINE);
    expect(ip.end == p->length && p->segment > 0 && p->partial && count <= MERGE_COUNT);
    size_t head = ip.upper;
    if (ip.protocol == PROTOCOL_IPV4 || ip.protocol == PROTOCOL_IPV6) {
        expect(ip_read(p->at + head, p->length - head, 0, &ip) == IP_FINE);
        expect(head + ip.end == p->length);
        head += ip.upper;
    }
    head += ip.protocol == PROTOCOL_UDP ? 8 : (size_t)(p->at[head + 12] >> 4) * 4;
    expect((p->length - head + p->segment - 1) / p->segment == count);
}

static void one(struct merge *m, const uint8_t *data, size_t size, bool partial)
{
    uint8_t *buffer = malloc(PACKET_HEADROOM + size + 1);
    if (!buffer)
        abort();
    struct packet p;
    packet_init(&p, buffer, PACKET_HEADROOM + size + 1);
    memcpy(p.at, data, size);
    p.length = size;
    p.partial = partial;
    merge_packet(m, &p);
    free(buffer);
}

// One for each configuration: to make its room anew would take longer than all packets.
static struct merge *made(uint8_t which, size_t *out)
{
    static struct merge *all[16];
    struct merge **m = all + which % 16;
    const struct merge_config c = {.udp = which & 1,
                                   .number = which & 2,
                                   .inside = which & 4   ? PROTOCOL_IPV4
                                             : which & 8 ? PROTOCOL_IPV6
                                                         : 0,
                                   .send = came_out,
                                   .arg = out};
    if (!*m && merge_new(&c, m, NULL))
        abort();
    return *m;
}

// First what is configured; then packets, each behind its length and a byte that says whether its
// checksum is still to be made.
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static size_t out;
    size_t in = 0;
    if (size < 1 || size > 9000)
        return 0;
    struct merge *m = made(data[0], &out);
    out = 0;
    for (size_t at = 1; at + 2 < size; in++) {
        size_t length = data[at], rest = size - at - 2;
        length = length < rest ? length : rest;
        one(m, data + at + 2, length, data[at + 1] & 1);
        at += 2 + length;
    }
    merge_flush(m);
    expect(in == out);
    return 0;
}
