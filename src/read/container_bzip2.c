// SPDX-License-Identifier: Apache-2.0

#include "read/container.h"

#include <bzlib.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

// "BZh", the level, then the mark of a first block or of an empty stream.
static bool bzip2_probe(const uint8_t *bytes, size_t length)
{
    if (length < 4 || memcmp(bytes, "BZh", 3) != 0 || bytes[3] < '1' || bytes[3] > '9')
        return false;
    size_t rest = length < 10 ? length - 4 : 6;
    return memcmp(bytes + 4, "\x31\x41\x59\x26\x53\x59", rest) == 0 ||
           memcmp(bytes + 4, "\x17\x72\x45\x38\x50\x90", rest) == 0;
}

static int bzip2_start(bz_stream *stream, struct err *e)
{
    memset(stream, 0, sizeof *stream);
    return BZ2_bzDecompressInit(stream, 0, 0) == BZ_OK ? 0 : err_memory(e);
}

static int bzip2_restart(void *decoder, struct err *e)
{
    BZ2_bzDecompressEnd(decoder);
    return bzip2_start(decoder, e);
}

static void bzip2_close(void *decoder)
{
    BZ2_bzDecompressEnd(decoder);
    free(decoder);
}

static int bzip2_open(void **ret, struct err *e)
{
    bz_stream *stream = malloc(sizeof *stream);
    if (!stream)
        return err_memory(e);
    int code = bzip2_start(stream, e);
    if (code)
        free(stream);
    else
        *ret = stream;
    return code;
}

static int bzip2_step(void *decoder, struct bytes *in, struct space *out, bool *ret_end,
                      struct err *e)
{
    bz_stream *stream = decoder;
    stream->next_in = (char *)in->at;
    stream->avail_in = in->left < UINT_MAX ? (unsigned)in->left : UINT_MAX;
    stream->next_out = (char *)out->at;
    stream->avail_out = out->left < UINT_MAX ? (unsigned)out->left : UINT_MAX;
    int code = BZ2_bzDecompress(stream);
    in->left -= (size_t)((const uint8_t *)stream->next_in - in->at);
    in->at = (const uint8_t *)stream->next_in;
    out->left -= (size_t)((uint8_t *)stream->next_out - out->at);
    out->at = (uint8_t *)stream->next_out;
    if (code == BZ_MEM_ERROR)
        return err_memory(e);
    if (code != BZ_OK && code != BZ_STREAM_END)
        return err_set(e, ERR_INPUT, "%s",
                       code == BZ_DATA_ERROR ? "wrong checksum or invalid block"
                                             : "invalid header");
    *ret_end = code == BZ_STREAM_END;
    return 0;
}

const struct container container_bzip2 = {"bzip2",       bzip2_probe, bzip2_open,
                                          bzip2_restart, bzip2_step,  bzip2_close};
