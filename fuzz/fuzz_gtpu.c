// SPDX-License-Identifier: Apache-2.0
//
// GTP-U: what is read lies within the message, and what lay inside reads back once it is wrapped.

#include "packet/gtpu.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool ok)
{
    if (!ok)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gtpu g, again;
    uint32_t teid = 0;
    if (gtpu_read(data, size, &g) != GTPU_FINE)
        return 0;
    expect(g.payload <= g.end && g.end <= size);
    (void)gtpu_error_read(data, &g, &teid);
    size_t inner = g.end - g.payload, room = PACKET_HEADROOM + inner + 1;
    uint8_t *buffer = malloc(room);
    if (!buffer)
        return 0;
    struct packet p;
    packet_init(&p, buffer, room);
    memcpy(p.at, data + g.payload, inner);
    p.length = inner;
    if (gtpu_wrap(&p, g.teid, GTPU_UP, g.qfi)) {
        expect(gtpu_read(p.at, p.length, &again) == GTPU_FINE);
        expect(again.teid == g.teid && again.qfi == g.qfi && again.end - again.payload == inner);
    }
    free(buffer);
    return 0;
}
