// SPDX-License-Identifier: Apache-2.0
//
// bzip2 on several processors against libbz2: texts of many blocks and streams, runs of every
// length, blocks that hold what looks like the begin of another one, files that are cut or altered.

#include "../rounds.h"
#include "read/source.h"
#include "support.h"

#include <bzlib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

static void pack(const struct buffer *text, int level, struct buffer *out)
{
    unsigned size = (unsigned)(text->length + text->length / 50 + 1000);
    char *at = buffer_room(out, size);
    assert_non_null(at);
    assert_int_equal(BZ2_bzBuffToBuffCompress(at, &size, text->at ? text->at : (char *)"",
                                              (unsigned)text->length, level, 0, 0),
                     BZ_OK);
    out->length += size;
}

// Reads in steps of `step` bytes; what came out stands in *out also where it fails.
static int unpack(const struct buffer *file, size_t step, struct buffer *out, struct err *e)
{
    struct source *s = NULL;
    size_t got = 1;
    int code = source_open_memory("file", file->at, file->length, NULL, &s, e);
    while (!code && got > 0) {
        char *at = buffer_room(out, step);
        code = source_read(s, at, step, &got, e);
        out->length += code ? 0 : got;
    }
    source_close(&s);
    return code;
}

static void check_same(const struct buffer *file, const struct buffer *text, size_t step)
{
    struct buffer out = {0};
    struct err e = {0};
    if (unpack(file, step, &out, &e) != 0)
        fail_msg("%s", e.text);
    assert_int_equal(out.length, text->length);
    if (text->length > 0)
        assert_memory_equal(out.at, text->at, text->length);
    buffer_done(&out);
}

// Words that come again, runs of any length, noise: by turns.
static void make_text(struct chance *c, size_t length, struct buffer *out)
{
    while (out->length < length) {
        char byte = (char)chance_next(c);
        unsigned count = chance_below(c, 4) ? chance_below(c, 12) : chance_below(c, 600);
        switch (chance_below(c, 3)) {
        case 0:
            for (; count > 0; count--)
                buffer_char(out, byte);
            break;
        case 1:
            for (; count > 0; count--)
                buffer_char(out, (char)chance_next(c));
            break;
        default:
            buffer_format(out, "%u.%u", chance_below(c, 40), chance_below(c, 10));
        }
    }
    out->length = length;
}

static void test_texts(void **state)
{
    (void)state;
    static const size_t lengths[] = {0,     1,      4,      5,       99980,   99981,
                                     99982, 100000, 300000, 1000000, 2900000, 6000000};
    struct chance chance = {11};
    for (size_t i = 0; i < COUNT(lengths); i++) {
        struct buffer text = {0}, file = {0};
        make_text(&chance, lengths[i], &text);
        pack(&text, i % 3 == 0 ? 9 : 1, &file);
        check_same(&file, &text, i % 2 ? 1 << 18 : 1537);
        buffer_done(&text);
        buffer_done(&file);
    }
}

// Runs of 4 to 270, and a text that is nothing else: far longer than its block.
static void test_runs(void **state)
{
    (void)state;
    struct buffer text = {0}, file = {0};
    for (unsigned length = 0; length < 270; length++)
        for (unsigned i = 0; i <= length; i++)
            buffer_char(&text, length % 2 ? 'x' : 'y');
    for (unsigned i = 0; i < 10000000; i++)
        buffer_char(&text, '\0');
    pack(&text, 9, &file);
    check_same(&file, &text, 1 << 18);
    buffer_done(&text);
    buffer_done(&file);
}

// As parallel compressors write them: each part a stream; some empty, some of several blocks.
static void test_streams(void **state)
{
    (void)state;
    struct chance chance = {12};
    struct buffer text = {0}, file = {0};
    for (unsigned i = 0; i < 120; i++) {
        struct buffer part = {0};
        size_t length = i % 10 == 0 ? 0 : i % 17 == 0 ? 350000 : chance_below(&chance, 40000);
        make_text(&chance, length, &part);
        pack(&part, 1 + (int)(i % 9), &file);
        for (unsigned zeros = i % 4 == 3 ? i : 0; zeros > 0; zeros--)
            buffer_char(&file, '\0');
        buffer_add(&text, part.at ? part.at : "", part.length);
        buffer_done(&part);
    }
    check_same(&file, &text, 1 << 16);
    buffer_done(&text);
    buffer_done(&file);
}

// ---- magic numbers where none is meant

static void put_bits(struct buffer *out, unsigned *bit, uint64_t value, unsigned count)
{
    while (count-- > 0) {
        if (*bit % 8 == 0)
            buffer_char(out, 0);
        out->at[*bit / 8] = (char)(out->at[*bit / 8] | (value >> count & 1) << (7 - *bit % 8));
        ++*bit;
    }
}

static unsigned zero_bits(uint64_t value, unsigned count)
{
    unsigned zeros = 0;
    while (count-- > 0)
        zeros += !(value >> count & 1);
    return zeros;
}

// A block with the text "a". More tables are chosen than it has use for, and the choice is written
// with the bits of `magic`, behind as many other bits as asked for.
static void put_block(struct buffer *out, unsigned *bit, uint64_t magic, unsigned before)
{
    put_bits(out, bit, UINT64_C(0x314159265359), 48);
    put_bits(out, bit, 0x19939b6b, 32); // checksum of "a"
    put_bits(out, bit, 0, 1 + 24);
    put_bits(out, bit, 0x8000 >> ('a' >> 4), 16);
    put_bits(out, bit, 0x8000 >> ('a' & 15), 16);
    put_bits(out, bit, 6, 3);
    put_bits(out, bit, 1 + before + zero_bits(magic, 48) + 1, 15);
    put_bits(out, bit, 0, 1 + before);
    put_bits(out, bit, magic, 48);
    put_bits(out, bit, 0, 1);
    for (unsigned table = 0; table < 6; table++) {
        put_bits(out, bit, 1, 5);
        put_bits(out, bit, 0x8, 5); // lengths 1, 2, 2
    }
    put_bits(out, bit, 0x3, 3); // a run of one, the end
}

static void put_file(struct buffer *out, uint64_t magic, unsigned blocks)
{
    unsigned bit = 0;
    uint32_t crc = 0;
    put_bits(out, &bit, 0x425a6839, 32);
    for (unsigned i = 0; i < blocks; i++) {
        put_block(out, &bit, magic, i % 9);
        crc = (crc << 1 | crc >> 31) ^ 0x19939b6b;
    }
    put_bits(out, &bit, UINT64_C(0x177245385090), 48);
    put_bits(out, &bit, crc, 32);
}

static void test_false_magic(void **state)
{
    (void)state;
    static const uint64_t magics[] = {0, UINT64_C(0x314159265359), UINT64_C(0x177245385090)};
    for (unsigned i = 0; i < 3 * 40; i++) {
        struct buffer file = {0}, text = {0};
        char plain[64];
        unsigned blocks = 1 + i / 3, size = sizeof plain;
        put_file(&file, magics[i % 3], blocks);
        for (unsigned n = 0; n < blocks; n++)
            buffer_char(&text, 'a');
        assert_int_equal(
            BZ2_bzBuffToBuffDecompress(plain, &size, file.at, (unsigned)file.length, 0, 0), BZ_OK);
        assert_int_equal(size, blocks);
        check_same(&file, &text, 1000);
        buffer_done(&file);
        buffer_done(&text);
    }
}

// ---- damage

static void test_cut_and_altered(void **state)
{
    (void)state;
    struct chance chance = {13};
    struct buffer text = {0}, file = {0};
    make_text(&chance, 1200000, &text);
    pack(&text, 1, &file);
    for (unsigned round = 0; round < ROUNDS_OF(120); round++) {
        struct buffer copy = {0}, out = {0};
        struct err e = {0};
        bool cut = round % 2;
        buffer_add(&copy, file.at, file.length);
        size_t at = 12 + chance_below(&chance, (unsigned)file.length - 12);
        if (cut)
            copy.length = at;
        else
            copy.at[at] = (char)(copy.at[at] ^ 1 << chance_below(&chance, 8));
        int code = unpack(&copy, 1 << 16, &out, &e);
        assert_true(out.length <= text.length);
        if (cut)
            assert_memory_equal(out.at ? out.at : "", text.at, out.length);
        if (cut && at < file.length)
            assert_non_null(strstr(e.text, "is cut off after"));
        // Bits that pad the last byte mean nothing.
        if (code == 0)
            assert_true(!cut && at == file.length - 1);
        buffer_done(&copy);
        buffer_done(&out);
    }
    buffer_done(&text);
    buffer_done(&file);
}

// Closed while blocks are still on their way.
static void test_closed_early(void **state)
{
    (void)state;
    struct chance chance = {14};
    struct buffer text = {0}, file = {0};
    make_text(&chance, 3000000, &text);
    pack(&text, 1, &file);
    for (size_t bytes = 1; bytes < text.length; bytes *= 7) {
        struct source *s = NULL;
        char one[4096];
        size_t got, sum = 0;
        assert_int_equal(source_open_memory("file", file.at, file.length, NULL, &s, NULL), 0);
        while (sum < bytes && source_read(s, one, sizeof one, &got, NULL) == 0)
            sum += got;
        source_close(&s);
    }
    buffer_done(&text);
    buffer_done(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),           cmocka_unit_test(test_runs),
        cmocka_unit_test(test_streams),         cmocka_unit_test(test_false_magic),
        cmocka_unit_test(test_cut_and_altered), cmocka_unit_test(test_closed_early),
    };
    return cmocka_run_group_tests_name("bzip2", tests, NULL, NULL);
}
