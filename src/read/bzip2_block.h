// SPDX-License-Identifier: Apache-2.0
//
// One block of a bzip2 stream: from its bits to its text, in three steps. Nearly all the time goes
// into the second, which jumps about in memory; several blocks at once wait for it together.
//
//     bits --(Huffman, move to front)--> last column --(inverse Burrows-Wheeler)--> text with runs
//     --(runs)--> text

#ifndef READ_BZIP2_BLOCK_H
#define READ_BZIP2_BLOCK_H

#include "read/container.h"

#define BZIP2_BLOCK_MAX 900000u
#define BZIP2_SLACK                                                                                \
    256 // bytes behind the data that may be looked at: a group of 50 codes of 20 bits
#define BZIP2_TOGETHER 4 // blocks whose text is restored at once

struct bzip2_block {
    const uint8_t *data; // with BZIP2_SLACK bytes behind it
    size_t from, to;     // bits of the block, behind its magic
    uint8_t *bytes;      // BZIP2_BLOCK_MAX of them: the last column, later the text with runs

    // What was found.
    const char *wrong; // NULL: a block
    bool cut;          // it goes on behind `to`
    size_t end;        // the bit behind it
    uint32_t crc;      // of its text, as it states
    uint32_t origin, length;
    uint32_t counts[256];
};

// The first step.
void bzip2_block_decode(struct bzip2_block *b);

// The second, for up to BZIP2_TOGETHER blocks with nothing wrong. Each needs a vector of
// BZIP2_BLOCK_MAX.
void bzip2_blocks_restore(struct bzip2_block *const blocks[], unsigned count,
                          uint32_t *const vectors[]);

// The third, into as much space as there is; may be called again until nothing is left.
struct bzip2_runs {
    struct bytes in;
    uint32_t crc; // of what was written; 0 before the first call
    int last;     // byte; -1 before the first
    unsigned same;
    size_t repeat; // of `last`, not written yet
};

void bzip2_runs_start(struct bzip2_runs *r, const struct bzip2_block *b);
void bzip2_runs_expand(struct bzip2_runs *r, struct space *out);

static inline bool bzip2_runs_left(const struct bzip2_runs *r)
{
    return r->in.left > 0 || r->repeat > 0;
}

#endif
