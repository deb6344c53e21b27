// SPDX-License-Identifier: Apache-2.0

#include "site/coding.h"

#include "site/negotiate.h"

#include <stdint.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

// Each answer is packed once and kept; these take a few milliseconds for a large page.
#define GZIP_LEVEL     6
#define ZSTD_LEVEL     6
#define BROTLI_QUALITY 5

// What packs `from` into `to`, of room for *length bytes; false where it does not fit.
typedef bool packer(const struct buffer *from, unsigned char *to, size_t *length);

static bool pack_gzip(const struct buffer *from, unsigned char *to, size_t *length)
{
    z_stream z = {.next_in = (unsigned char *)from->at,
                  .avail_in = (unsigned)from->length,
                  .next_out = to,
                  .avail_out = (unsigned)*length};
    if (deflateInit2(&z, GZIP_LEVEL, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return false;
    int code = deflate(&z, Z_FINISH);
    *length = z.total_out;
    deflateEnd(&z);
    return code == Z_STREAM_END;
}

static bool pack_zstd(const struct buffer *from, unsigned char *to, size_t *length)
{
    size_t code = ZSTD_compress(to, *length, from->at, from->length, ZSTD_LEVEL);
    *length = code;
    return !ZSTD_isError(code);
}

#ifdef WITH_BROTLI
#include <brotli/encode.h>

static bool pack_brotli(const struct buffer *from, unsigned char *to, size_t *length)
{
    return BrotliEncoderCompress(BROTLI_QUALITY, BROTLI_DEFAULT_WINDOW, BROTLI_MODE_TEXT,
                                 from->length, (const uint8_t *)from->at, length, to);
}
#else
#define pack_brotli NULL
#endif

static const struct {
    const char *name;
    packer *pack; // NULL: not built in
} codings[CODING_COUNT] = {
    [CODING_BROTLI] = {"br", pack_brotli},
    [CODING_ZSTD] = {"zstd", pack_zstd},
    [CODING_GZIP] = {"gzip", pack_gzip},
};

bool coding_built_in(enum coding c)
{
    return c < CODING_COUNT && codings[c].pack;
}

const char *coding_name(enum coding c)
{
    return codings[c].name;
}

enum coding coding_choose(const char *accept_encoding)
{
    enum coding best = CODING_NONE;
    int highest = 0;
    for (unsigned i = 0; i < CODING_COUNT && accept_encoding[0]; i++) {
        int weight = codings[i].pack ? accept_weight(accept_encoding, codings[i].name) : 0;
        if (weight > highest) {
            highest = weight;
            best = (enum coding)i;
        }
    }
    return best;
}

bool coding_pack(enum coding c, struct buffer *body)
{
    size_t length = body->length;
    if (!coding_built_in(c) || length < CODING_LEAST || length > UINT32_MAX / 2)
        return false;
    unsigned char *packed = malloc(length);
    if (!packed || !codings[c].pack(body, packed, &length) || length >= body->length) {
        free(packed);
        return false;
    }
    void *fitted = realloc(packed, length);
    if (fitted)
        packed = fitted;
    buffer_done(body);
    *body = (struct buffer){.at = (char *)packed, .length = length, .capacity = length};
    return true;
}
