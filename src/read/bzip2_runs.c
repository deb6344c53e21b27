// SPDX-License-Identifier: Apache-2.0
//
// The last step of a bzip2 block: four bytes that are the same are followed by how many more there
// are. And the checksum of the text that comes out.

#include "read/bzip2_block.h"

#include <isa-l/crc.h>
#include <string.h>

#define RUN 4

void bzip2_runs_start(struct bzip2_runs *r, const struct bzip2_block *b)
{
    *r = (struct bzip2_runs){.in = {b->bytes, b->length}, .last = -1};
}

// Bytes up to the end of a run of four, or of the space. Returns how many.
static size_t copy_plain(struct bzip2_runs *r, struct space *out)
{
    size_t most = r->in.left < out->left ? r->in.left : out->left, i = 0;
    int last = r->last;
    unsigned same = r->same;
    while (i < most && same < RUN) {
        uint8_t byte = r->in.at[i];
        out->at[i++] = byte;
        same = byte == last ? same + 1 : 1;
        last = byte;
    }
    r->last = last;
    r->same = same;
    r->in = (struct bytes){r->in.at + i, r->in.left - i};
    *out = (struct space){out->at + i, out->left - i};
    return i;
}

static void repeat(struct bzip2_runs *r, struct space *out)
{
    size_t count = r->repeat < out->left ? r->repeat : out->left;
    memset(out->at, r->last, count);
    r->repeat -= count;
    *out = (struct space){out->at + count, out->left - count};
}

void bzip2_runs_expand(struct bzip2_runs *r, struct space *out)
{
    uint8_t *begin = out->at;
    while (bzip2_runs_left(r) && out->left > 0) {
        if (r->repeat > 0) {
            repeat(r, out);
        } else if (r->same == RUN) {
            r->repeat = *r->in.at;
            r->in = (struct bytes){r->in.at + 1, r->in.left - 1};
            r->same = 0;
            r->last = r->repeat > 0 ? r->last : -1;
        } else {
            copy_plain(r, out);
        }
    }
    r->crc = crc32_ieee(r->crc, begin, (uint64_t)(out->at - begin));
}
