// SPDX-License-Identifier: Apache-2.0
//
// A radio of IEEE 802.15.4, emulated over an Ethernet link: each frame goes to everybody on it,
// takes the time that it would take at 250 kbit/s, waits while others send, is acknowledged and
// sent again, and is lost as often as asked. Traces show the frames (ethertype 0x809a) with their
// check sequence.

#ifndef DAEMON_RADIO_H
#define DAEMON_RADIO_H

#include "daemon/daemon.h"
#include "packet/wpan.h"

#define RADIO_ETHERTYPE 0x809a // under which others carry such frames too
#define RADIO_QUEUE     256    // frames: some twenty packets of 1,280 octets, two seconds
#define RADIO_PEERS     64     // whose last frame is known
#define RADIO_ACK_US    100000 // macAckWaitDuration is 864: hosts that share a busy machine are late
#define RADIO_RETRY_MAX 7      // macMaxFrameRetries

struct radio_options {
    const char *interface;
    uint16_t pan;
    uint64_t eui; // 0: made from the interface's MAC address
    bool has_short;
    uint16_t short_address;
    uint64_t loss_ppm; // of the frames that arrive
    unsigned retries;
};

struct radio_counts {
    uint64_t sent, received, again, lost, given_up, full;
};

struct radio_item {
    uint8_t at[WPAN_FRAME_MAX];
    size_t length;
    uint64_t datagram;
    bool wants_ack;
};

enum radio_state { RADIO_IDLE, RADIO_SENDING, RADIO_WAITING };

struct radio {
    struct radio_options options;
    struct link link;
    int timer;
    struct wpan_address extended, own; // own: short where there is one
    uint64_t chance, datagram;
    enum radio_state state;
    int64_t begun, due, busy; // microseconds
    unsigned tries;
    uint8_t sequence;
    struct radio_item queue[RADIO_QUEUE];
    size_t head, count;
    struct wpan_address peers[RADIO_PEERS];
    uint16_t peer_check[RADIO_PEERS]; // the check sequence of that frame
    size_t peer_count, peer_next;
    struct radio_counts counts;
    void (*received)(void *arg, const struct wpan_frame *f, const uint8_t *frame);
    void *arg;
};

// ret->received and ret->arg are set by the caller, before.
int radio_open(const struct radio_options *o, struct radio *ret, struct err *e);
void radio_close(struct radio *r);

// The frames between two calls are of one packet: if one cannot be sent, the rest is not either.
void radio_begin(struct radio *r);
void radio_send(struct radio *r, const struct wpan_address *to, const uint8_t *payload,
                size_t length);

int radio_readable(void *arg, struct err *e); // of link.fd
int radio_timed(void *arg, struct err *e);    // of timer

#endif
