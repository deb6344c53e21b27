// SPDX-License-Identifier: Apache-2.0

#include "read/bzip2_block.h"

#include <string.h>

#define GROUP       50 // symbols that one table decodes
#define TABLES_MAX  6
#define CODE_MAX    20 // bits
#define SYMBOLS_MAX 258
#define SELECTORS   18002 // 900000 / 50, rounded up, and one more
#define QUICK       10    // bits that are looked up at once
#define RUN_A       0
#define RUN_B       1

// An entry of `quick`: the symbol above the length of its code; 0 where the code is longer.
struct table {
    uint16_t quick[1 << QUICK];
    uint32_t limits[CODE_MAX + 2]; // the first code longer than so many bits, left aligned
    uint32_t offsets[CODE_MAX + 1];
    uint16_t symbols[SYMBOLS_MAX];
};

struct decoder {
    const uint8_t *next;
    uint64_t word; // bits not used yet, the first one on top
    unsigned count;
    unsigned used; // bytes that occur
    uint8_t front[256];
    unsigned tables, selectors;
    uint8_t selector[SELECTORS];
    struct table table[TABLES_MAX];
};

// ---- bits

static inline void refill(struct decoder *d)
{
    uint64_t eight;
    memcpy(&eight, d->next, 8);
    d->word |= __builtin_bswap64(eight) >> d->count;
    d->next += (63 - d->count) >> 3;
    d->count |= 56;
}

static uint32_t take(struct decoder *d, unsigned bits)
{
    if (d->count < bits)
        refill(d);
    uint32_t value = (uint32_t)(d->word >> (64 - bits));
    d->word <<= bits;
    d->count -= bits;
    return value;
}

static size_t position(const struct decoder *d, const struct bzip2_block *b)
{
    return (size_t)(d->next - b->data) * 8 - d->count;
}

// Before more is read than the slack allows.
static bool is_beyond(const struct decoder *d, const struct bzip2_block *b)
{
    return position(d, b) > b->to;
}

// ---- the head of a block

static const char *read_bytes_used(struct decoder *d)
{
    unsigned groups = take(d, 16);
    for (unsigned g = 0; g < 16; g++) {
        if (!(groups & 0x8000u >> g))
            continue;
        unsigned bits = take(d, 16);
        for (unsigned i = 0; i < 16; i++)
            if (bits & 0x8000u >> i)
                d->front[d->used++] = (uint8_t)(16 * g + i);
    }
    return d->used > 0 ? NULL : "no byte occurs in it";
}

static const char *read_selectors(struct decoder *d, const struct bzip2_block *b)
{
    uint8_t order[TABLES_MAX] = {0, 1, 2, 3, 4, 5};
    d->tables = take(d, 3);
    unsigned stated = take(d, 15);
    if (d->tables < 2 || d->tables > TABLES_MAX || stated < 1)
        return "impossible number of tables";
    for (unsigned i = 0; i < stated; i++) {
        unsigned place = 0;
        while (take(d, 1))
            if (++place >= d->tables)
                return "a table that is not there";
        uint8_t chosen = order[place];
        memmove(order + 1, order, place);
        order[0] = chosen;
        if (i < SELECTORS) // more than can be used are written by some programs
            d->selector[i] = chosen;
        if (i % 64 == 0 && is_beyond(d, b))
            return "cut";
    }
    d->selectors = stated < SELECTORS ? stated : SELECTORS;
    return NULL;
}

// Codes of one length are numbers that follow each other; shorter ones come first.
static const char *make_table(struct table *t, const uint8_t *lengths, unsigned symbols)
{
    unsigned counts[CODE_MAX + 1] = {0}, places[CODE_MAX + 1];
    uint32_t code = 0, place = 0;
    for (unsigned i = 0; i < symbols; i++)
        counts[lengths[i]]++;
    for (unsigned length = 1; length <= CODE_MAX; length++) {
        t->offsets[length] = place - code;
        places[length] = place;
        code += counts[length];
        place += counts[length];
        t->limits[length] = code << (CODE_MAX - length);
        if (code > 1u << length)
            return "impossible lengths of codes";
        code <<= 1;
    }
    for (unsigned i = 0; i < symbols; i++)
        t->symbols[places[lengths[i]]++] = (uint16_t)i;
    memset(t->quick, 0, sizeof t->quick);
    uint32_t at = 0;
    for (unsigned length = 1, i = 0; length <= QUICK; length++)
        for (unsigned n = counts[length]; n > 0; n--, i++)
            for (unsigned k = 1u << (QUICK - length); k > 0; k--)
                t->quick[at++] = (uint16_t)(t->symbols[i] << 5 | length);
    return NULL;
}

static const char *read_tables(struct decoder *d, const struct bzip2_block *b)
{
    const char *wrong = NULL;
    unsigned symbols = d->used + 2;
    for (unsigned t = 0; t < d->tables && !wrong; t++) {
        uint8_t lengths[SYMBOLS_MAX];
        unsigned length = take(d, 5);
        for (unsigned i = 0; i < symbols; i++) {
            for (;;) {
                if (length < 1 || length > CODE_MAX)
                    return "impossible length of a code";
                if (!take(d, 1))
                    break;
                length += take(d, 1) ? -1u : 1u;
                if (is_beyond(d, b))
                    return "cut";
            }
            lengths[i] = (uint8_t)length;
        }
        wrong = make_table(&d->table[t], lengths, symbols);
    }
    return wrong;
}

static const char *read_head(struct decoder *d, struct bzip2_block *b)
{
    b->crc = take(d, 32);
    if (take(d, 1))
        return "a randomised block, which no program has written since 1999";
    b->origin = take(d, 24);
    const char *wrong = read_bytes_used(d);
    if (!wrong)
        wrong = read_selectors(d, b);
    return wrong ? wrong : read_tables(d, b);
}

// ---- its symbols

static unsigned long_symbol(struct decoder *d, const struct table *t)
{
    uint32_t code = (uint32_t)(d->word >> (64 - CODE_MAX));
    unsigned length = QUICK + 1;
    while (length <= CODE_MAX && code >= t->limits[length])
        length++;
    if (length > CODE_MAX)
        return SYMBOLS_MAX;
    d->word <<= length;
    d->count -= length;
    uint32_t place = (code >> (CODE_MAX - length)) + t->offsets[length];
    return place < SYMBOLS_MAX ? t->symbols[place] : SYMBOLS_MAX;
}

static inline unsigned next_symbol(struct decoder *d, const struct table *t)
{
    if (d->count < CODE_MAX)
        refill(d);
    unsigned entry = t->quick[d->word >> (64 - QUICK)];
    if (__builtin_expect(entry == 0, 0))
        return long_symbol(d, t);
    d->word <<= entry & 31;
    d->count -= entry & 31;
    return entry >> 5;
}

static inline uint8_t to_front(uint8_t *front, unsigned place)
{
    uint8_t byte = front[place];
    if (place < 16)
        for (unsigned i = place; i > 0; i--)
            front[i] = front[i - 1];
    else
        memmove(front + 1, front, place);
    front[0] = byte;
    return byte;
}

// A run of the byte in front, its length written in digits 1 and 2 of base 2.
struct run {
    uint32_t length, weight;
};

static const char *end_run(struct decoder *d, struct bzip2_block *b, struct run *run)
{
    uint8_t byte = d->front[0];
    if (run->length > BZIP2_BLOCK_MAX - b->length)
        return "longer than a block can be";
    memset(b->bytes + b->length, byte, run->length);
    b->length += run->length;
    b->counts[byte] += run->length;
    *run = (struct run){0, 1};
    return NULL;
}

// Up to 50 symbols; *ret_end at the last one of the block.
static const char *read_group(struct decoder *d, struct bzip2_block *b, const struct table *t,
                              struct run *run, bool *ret_end)
{
    unsigned last = d->used + 1;
    for (unsigned n = 0; n < GROUP; n++) {
        unsigned symbol = next_symbol(d, t);
        if (symbol <= RUN_B) {
            run->length += run->weight << symbol;
            run->weight <<= 1;
            if (run->weight > 2u << 20)
                return "longer than a block can be";
            continue;
        }
        const char *wrong = run->length > 0 ? end_run(d, b, run) : NULL;
        if (wrong)
            return wrong;
        if (symbol >= last) {
            *ret_end = symbol == last;
            return *ret_end ? NULL : "an invalid code";
        }
        if (b->length == BZIP2_BLOCK_MAX)
            return "longer than a block can be";
        uint8_t byte = to_front(d->front, symbol - 1);
        b->bytes[b->length++] = byte;
        b->counts[byte]++;
    }
    return NULL;
}

static const char *read_symbols(struct decoder *d, struct bzip2_block *b)
{
    struct run run = {0, 1};
    bool end = false;
    for (unsigned i = 0; !end; i++) {
        if (i == d->selectors)
            return "more symbols than stated";
        const char *wrong = read_group(d, b, &d->table[d->selector[i]], &run, &end);
        if (wrong)
            return wrong;
        if (is_beyond(d, b))
            return "cut";
    }
    return b->length == 0 || b->origin >= b->length ? "an impossible begin" : NULL;
}

void bzip2_block_decode(struct bzip2_block *b)
{
    struct decoder d;
    d.next = b->data + b->from / 8;
    d.word = 0;
    d.count = d.used = 0;
    b->length = 0;
    memset(b->counts, 0, sizeof b->counts);
    if (b->from % 8)
        take(&d, b->from % 8);
    b->wrong = read_head(&d, b);
    if (!b->wrong)
        b->wrong = read_symbols(&d, b);
    b->end = position(&d, b);
    b->cut = b->end > b->to;
    if (b->cut && !b->wrong)
        b->wrong = "cut";
}

// ---- its text

// Where each byte of the last column stands in the first one: sorted, and in the order of the last.
static void make_vector(const struct bzip2_block *b, uint32_t *vector)
{
    uint32_t places[256], place = 0;
    for (unsigned i = 0; i < 256; i++) {
        places[i] = place;
        place += b->counts[i];
    }
    for (uint32_t i = 0; i < b->length; i++)
        vector[places[b->bytes[i]]++] = i << 8 | b->bytes[i];
}

static void restore_one(struct bzip2_block *b, const uint32_t *vector, uint32_t from, uint32_t at)
{
    for (uint32_t i = from; i < b->length; i++) {
        uint32_t entry = vector[at];
        b->bytes[i] = (uint8_t)entry;
        at = entry >> 8;
    }
}

// Four chains of jumps side by side, as far as the shortest goes.
static uint32_t restore_four(struct bzip2_block *const blocks[], uint32_t *const vectors[],
                             uint32_t at[])
{
    const uint32_t *v0 = vectors[0], *v1 = vectors[1], *v2 = vectors[2], *v3 = vectors[3];
    uint8_t *b0 = blocks[0]->bytes, *b1 = blocks[1]->bytes, *b2 = blocks[2]->bytes,
            *b3 = blocks[3]->bytes;
    uint32_t a0 = at[0], a1 = at[1], a2 = at[2], a3 = at[3], length = blocks[0]->length;
    for (unsigned i = 1; i < 4; i++)
        if (blocks[i]->length < length)
            length = blocks[i]->length;
    for (uint32_t i = 0; i < length; i++) {
        uint32_t e0 = v0[a0], e1 = v1[a1], e2 = v2[a2], e3 = v3[a3];
        b0[i] = (uint8_t)e0;
        b1[i] = (uint8_t)e1;
        b2[i] = (uint8_t)e2;
        b3[i] = (uint8_t)e3;
        a0 = e0 >> 8;
        a1 = e1 >> 8;
        a2 = e2 >> 8;
        a3 = e3 >> 8;
    }
    at[0] = a0;
    at[1] = a1;
    at[2] = a2;
    at[3] = a3;
    return length;
}

void bzip2_blocks_restore(struct bzip2_block *const blocks[], unsigned count,
                          uint32_t *const vectors[])
{
    uint32_t at[BZIP2_TOGETHER], from = 0;
    for (unsigned i = 0; i < count; i++) {
        make_vector(blocks[i], vectors[i]);
        at[i] = blocks[i]->origin;
    }
    if (count == BZIP2_TOGETHER)
        from = restore_four(blocks, vectors, at);
    for (unsigned i = 0; i < count; i++)
        restore_one(blocks[i], vectors[i], from, at[i]);
}
