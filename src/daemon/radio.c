// SPDX-License-Identifier: Apache-2.0
//
// Who hears another's frame while waiting for the end of an own one that began later would have
// heard it before sending: the own one begins anew (CSMA-CA without its finer points).

#include "daemon/radio.h"

#include "base/splitmix.h"

#include <string.h>
#include <unistd.h>

#define TURN          64 // frames before others have their turn
#define MILLION       1000000
#define BACKOFF_SLOTS 8 // 2 to the power of macMinBE

static uint64_t below(struct radio *r, uint64_t limit)
{
    return splitmix64(&r->chance) % limit;
}

static int64_t on_air(size_t length)
{
    return (int64_t)(length + WPAN_LEADER) * WPAN_OCTET_US;
}

static void set_due(struct radio *r, int64_t due)
{
    r->due = due;
    timer_set(r->timer, due);
}

// The first frame of the queue, once the air is free.
static void try_first(struct radio *r, int64_t now)
{
    if (r->count == 0) {
        r->state = RADIO_IDLE;
        return;
    }
    int64_t from = now > r->busy ? now : r->busy;
    r->state = RADIO_SENDING;
    r->begun = from + WPAN_SPACE_US + (int64_t)below(r, BACKOFF_SLOTS) * WPAN_BACKOFF_US;
    set_due(r, r->begun + on_air(r->queue[r->head].length));
}

static void drop_first(struct radio *r)
{
    r->head = (r->head + 1) % RADIO_QUEUE;
    r->count--;
    r->tries = 0;
}

// Nobody can use the rest of a packet that has lost a piece.
static void give_up(struct radio *r)
{
    uint64_t datagram = r->queue[r->head].datagram;
    r->counts.given_up++;
    while (r->count > 0 && r->queue[r->head].datagram == datagram)
        drop_first(r);
}

void radio_begin(struct radio *r)
{
    r->datagram++;
}

void radio_send(struct radio *r, const struct wpan_address *to, const uint8_t *payload,
                size_t length)
{
    struct wpan_frame f = {.type = WPAN_DATA,
                           .wants_ack = r->options.retries > 0 && !wpan_everybody(to),
                           .sequence = r->sequence,
                           .pan = r->options.pan,
                           .source = r->own,
                           .destination = *to};
    if (r->count == RADIO_QUEUE) {
        r->counts.full++;
        return;
    }
    struct radio_item *item = r->queue + (r->head + r->count) % RADIO_QUEUE;
    item->length = wpan_write(&f, payload, length, item->at);
    if (item->length == 0)
        return;
    item->datagram = r->datagram;
    item->wants_ack = f.wants_ack;
    r->sequence++;
    r->count++;
    if (r->state == RADIO_IDLE)
        try_first(r, clock_microseconds());
}

static void transmit(struct radio *r, const uint8_t *at, size_t length)
{
    r->counts.sent++;
    (void)link_send(&r->link, NULL, at, length);
}

int radio_timed(void *arg, struct err *e)
{
    struct radio *r = arg;
    int64_t now = clock_microseconds();
    (void)e;
    timer_clear(r->timer);
    if (r->state == RADIO_IDLE || now < r->due)
        return 0;
    const struct radio_item *first = r->queue + r->head;
    if (r->state == RADIO_SENDING) {
        transmit(r, first->at, first->length);
        r->busy = r->due;
        if (first->wants_ack) {
            r->state = RADIO_WAITING;
            set_due(r, now + RADIO_ACK_US);
            return 0;
        }
        drop_first(r);
    } else if (r->tries++ < r->options.retries) {
        r->counts.again++;
    } else {
        give_up(r);
    }
    try_first(r, now);
    return 0;
}

static bool is_own(const struct radio *r, const struct wpan_frame *f)
{
    return (f->pan == r->options.pan || f->pan == WPAN_EVERYBODY) &&
           (wpan_same(&f->destination, &r->own) || wpan_same(&f->destination, &r->extended));
}

// The sequence number alone comes again after 255 frames to others.
static bool repeated(struct radio *r, const struct wpan_frame *f, const uint8_t *frame)
{
    uint16_t check = (uint16_t)(frame[f->end] | frame[f->end + 1] << 8);
    size_t i = 0;
    while (i < r->peer_count && !wpan_same(r->peers + i, &f->source))
        i++;
    bool known = i < r->peer_count, again = known && r->peer_check[i] == check;
    if (!known) {
        i = r->peer_next;
        r->peer_next = (r->peer_next + 1) % RADIO_PEERS;
        r->peer_count += r->peer_count < RADIO_PEERS;
        r->peers[i] = f->source;
    }
    r->peer_check[i] = check;
    return again;
}

static void acknowledged(struct radio *r, uint8_t sequence, int64_t now)
{
    if (r->state != RADIO_WAITING || r->queue[r->head].at[2] != sequence)
        return;
    drop_first(r);
    try_first(r, now);
}

static void acknowledge(struct radio *r, uint8_t sequence)
{
    uint8_t at[WPAN_FRAME_MAX];
    const struct wpan_frame f = {.type = WPAN_ACKNOWLEDGEMENT, .sequence = sequence};
    transmit(r, at, wpan_write(&f, NULL, 0, at));
}

static void heard(struct radio *r, const uint8_t *at, size_t length)
{
    struct wpan_frame f;
    int64_t now = clock_microseconds();
    r->busy = now;
    if (r->state == RADIO_SENDING && r->begun > now - on_air(length))
        try_first(r, now);
    if (r->options.loss_ppm && below(r, MILLION) < r->options.loss_ppm) {
        r->counts.lost++;
        return;
    }
    if (wpan_read(at, length, &f) != WPAN_FINE)
        return;
    bool own = is_own(r, &f);
    if (f.type == WPAN_ACKNOWLEDGEMENT) {
        acknowledged(r, f.sequence, now);
    } else if (own || (wpan_everybody(&f.destination) && f.pan == r->options.pan)) {
        if (own && f.wants_ack)
            acknowledge(r, f.sequence);
        if (f.source.size == 0 || repeated(r, &f, at))
            return;
        r->counts.received++;
        r->received(r->arg, &f, at);
    }
}

int radio_readable(void *arg, struct err *e)
{
    struct radio *r = arg;
    int code = 0;
    for (unsigned i = 0; !code && i < TURN; i++) {
        uint8_t at[WPAN_FRAME_MAX + 1]; // one more: what is too long is seen
        size_t length = 0;
        code = link_receive(&r->link, at, sizeof at, NULL, &length, e);
        if (code || length == 0)
            break;
        heard(r, at, length);
    }
    return code;
}

// An EUI-64 of the node's own making, and marked so.
static uint64_t eui_of(const uint8_t mac[6])
{
    const uint8_t eui[] = {mac[0] | 2, mac[1], mac[2], 0x15, 0x04, mac[3], mac[4], mac[5]};
    return load64(eui);
}

int radio_open(const struct radio_options *o, struct radio *ret, struct err *e)
{
    ret->options = *o;
    ret->chance = random_seed();
    ret->sequence = (uint8_t)random_seed();
    int code = link_open(o->interface, RADIO_ETHERTYPE, &ret->link, e);
    if (!code)
        code = timer_open(&ret->timer, e);
    if (code)
        return code;
    ret->extended = wpan_extended(o->eui ? o->eui : eui_of(ret->link.mac));
    ret->own = o->has_short ? wpan_short(o->short_address) : ret->extended;
    return 0;
}

void radio_close(struct radio *r)
{
    link_close(&r->link);
    if (r->timer >= 0)
        close(r->timer);
    r->timer = -1;
}
