// SPDX-License-Identifier: Apache-2.0
//
// 6LoWPAN: frames, each with its length before it, in a row. What is joined, and is a packet of the
// length that it states, comes back the same from the frames that it is cut into. What reads as
// neighbour discovery is written and read again.

#include "packet/lowpan.h"
#include "packet/lowpan_nd.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct back {
    struct lowpan_joiner *joiner;
    const struct iphc *iphc;
    const struct lowpan_link *link;
    enum lowpan_fault fault;
    struct packet packet;
};

static void expect(bool ok)
{
    if (!ok)
        abort();
}

static void join_again(void *arg, const uint8_t *payload, size_t length)
{
    struct back *b = arg;
    enum iphc_fault iphc;
    expect(length <= wpan_room(&b->link->source, &b->link->destination));
    b->fault = lowpan_join(b->joiner, b->iphc, b->link, payload, length, 0, &b->packet, &iphc);
}

static void whole(const struct iphc *iphc, const struct lowpan_link *l, const struct packet *p)
{
    struct back b = {.joiner = lowpan_joiner_new(), .iphc = iphc, .link = l};
    struct lowpan_way w = {.iphc = iphc, .frame = join_again, .arg = &b};
    struct lowpan_nd m, again;
    uint8_t at[LOWPAN_ND_MAX];
    if (!b.joiner)
        return;
    if (lowpan_cut(&w, l, p->at, p->length) > 0) {
        expect(b.fault == LOWPAN_FINE && b.packet.length == p->length);
        expect(memcmp(b.packet.at, p->at, p->length) == 0);
    }
    if (lowpan_nd_read(p->at, p->length, &m))
        expect(lowpan_nd_read(at, lowpan_nd_write(&m, at), &again) &&
               again.context_count == m.context_count && again.target == m.target);
    lowpan_joiner_free(&b.joiner);
}

static void one(struct lowpan_joiner *j, const struct iphc *iphc, const uint8_t *at, size_t length)
{
    struct wpan_frame f;
    struct packet p;
    enum iphc_fault fault;
    uint8_t sealed[WPAN_FRAME_MAX];
    if (length > WPAN_FRAME_MAX - WPAN_FCS)
        return;
    memcpy(sealed, at, length);
    uint16_t sum = wpan_checksum(sealed, length);
    sealed[length] = (uint8_t)sum;
    sealed[length + 1] = (uint8_t)(sum >> 8);
    if (wpan_read(sealed, length + WPAN_FCS, &f) != WPAN_FINE)
        return;
    expect(f.payload <= f.end && f.end == length);
    struct lowpan_link l = {f.source, f.destination};
    if (lowpan_join(j, iphc, &l, sealed + f.payload, f.end - f.payload, 0, &p, &fault) ==
        LOWPAN_FINE)
        whole(iphc, &l, &p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct iphc iphc = {0};
    struct lowpan_joiner *j = lowpan_joiner_new();
    if (!j)
        return 0;
    iphc.contexts[0] = (struct iphc_context){(u128)0x20010db8 << 96, 64, true, true};
    iphc.contexts[3] = (struct iphc_context){(u128)0x20010db8 << 96 | 0x80, 128, true, true};
    iphc.contexts[7] = (struct iphc_context){(u128)0x20010db8 << 96, 72, true, false};
    while (size > 0) {
        size_t length = data[0] < size ? data[0] : size - 1;
        one(j, &iphc, data + 1, length);
        data += 1 + length;
        size -= 1 + length;
    }
    lowpan_joiner_free(&j);
    return 0;
}
