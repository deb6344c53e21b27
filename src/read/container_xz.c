// SPDX-License-Identifier: Apache-2.0

#include "read/container.h"

#include <lzma.h>
#include <stdlib.h>
#include <string.h>

static bool xz_probe(const uint8_t *bytes, size_t length)
{
    return length >= 6 && memcmp(bytes,
                                 "\xfd"
                                 "7zXZ\0",
                                 6) == 0;
}

static int xz_restart(void *decoder, struct err *e)
{
    return lzma_stream_decoder(decoder, CONTAINER_MEMORY_MAX, 0) == LZMA_OK ? 0 : err_memory(e);
}

static void xz_close(void *decoder)
{
    lzma_end(decoder);
    free(decoder);
}

static int xz_open(void **ret, struct err *e)
{
    lzma_stream *stream = malloc(sizeof *stream);
    if (!stream)
        return err_memory(e);
    *stream = (lzma_stream)LZMA_STREAM_INIT;
    int code = xz_restart(stream, e);
    if (code)
        xz_close(stream);
    else
        *ret = stream;
    return code;
}

static int xz_error(lzma_ret code, struct err *e)
{
    switch (code) {
    case LZMA_MEM_ERROR:
        return err_memory(e);
    case LZMA_MEMLIMIT_ERROR:
        return err_set(e, ERR_LIMIT, "its dictionary wants more than %llu MB of memory",
                       (unsigned long long)(CONTAINER_MEMORY_MAX >> 20));
    case LZMA_FORMAT_ERROR:
        return err_set(e, ERR_INPUT, "invalid header");
    case LZMA_OPTIONS_ERROR:
        return err_set(e, ERR_INPUT, "unknown options");
    default:
        return err_set(e, ERR_INPUT, "wrong checksum or invalid block");
    }
}

static int xz_step(void *decoder, struct bytes *in, struct space *out, bool *ret_end, struct err *e)
{
    lzma_stream *stream = decoder;
    stream->next_in = in->at;
    stream->avail_in = in->left;
    stream->next_out = out->at;
    stream->avail_out = out->left;
    lzma_ret code = lzma_code(stream, LZMA_RUN);
    *in = (struct bytes){stream->next_in, stream->avail_in};
    *out = (struct space){stream->next_out, stream->avail_out};
    // LZMA_BUF_ERROR only says that nothing moved; the source asks for more bytes then.
    if (code != LZMA_OK && code != LZMA_STREAM_END && code != LZMA_BUF_ERROR)
        return xz_error(code, e);
    *ret_end = code == LZMA_STREAM_END;
    return 0;
}

const struct container container_xz = {.name = "xz",
                                       .probe = xz_probe,
                                       .open = xz_open,
                                       .restart = xz_restart,
                                       .step = xz_step,
                                       .close = xz_close};
