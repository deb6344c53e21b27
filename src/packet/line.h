// SPDX-License-Identifier: Apache-2.0
//
// One direction of a wire: frames go in, and come out late, not at all, twice or out of order, as
// chance and a rate have it. The same seed does the same to the same frames at the same times.

#ifndef PACKET_LINE_H
#define PACKET_LINE_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct line_way {
    uint64_t delay_us, jitter_us;
    uint64_t loss_ppm;      // of a million frames
    uint64_t rate_bps;      // bits a second; 0: no limit
    uint64_t reorder_ppm;   // frames that overtake: they are not delayed
    uint64_t duplicate_ppm; // frames that arrive twice
};

bool line_is_plain(const struct line_way *w); // nothing is asked of it

#define LINE_QUEUE_MAX    ((size_t)16 << 20) // octets under way; more are lost
#define LINE_QUEUE_MAX_US 200000             // a frame that the rate holds up longer is lost

struct line;

int line_new(const struct line_way *w, uint64_t seed, struct line **ret, struct err *e);
void line_free(struct line **l);

// A frame that comes in `now`, in microseconds. `ahead` octets before it belong to it, but take no
// time on the wire. The bytes are copied.
void line_put(struct line *l, const uint8_t *at, size_t ahead, size_t length, int64_t now);

// When the next one comes out; INT64_MAX: none is under way.
int64_t line_due(const struct line *l);

// The next one, where it is due; it stays until line_drop.
const uint8_t *line_next(const struct line *l, int64_t now, size_t *ret_length);
void line_drop(struct line *l);

struct line_counts {
    uint64_t taken, lost, full, doubled, overtaking;
};
struct line_counts line_counts(const struct line *l);

#endif
