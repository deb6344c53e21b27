// SPDX-License-Identifier: Apache-2.0

#include "read/container.h"

#include <string.h>
#include <zstd.h>
#include <zstd_errors.h>

// A frame, or one of the frames that a decoder skips: parallel compressors begin with one.
static bool zstd_probe(const uint8_t *bytes, size_t length)
{
    return length >= 4 &&
           (memcmp(bytes, "\x28\xb5\x2f\xfd", 4) == 0 ||
            ((bytes[0] & 0xf0) == 0x50 && memcmp(bytes + 1, "\x2a\x4d\x18", 3) == 0));
}

static int zstd_restart(void *decoder, struct err *e)
{
    (void)e;
    ZSTD_DCtx_reset(decoder, ZSTD_reset_session_only);
    return 0;
}

static void zstd_close(void *decoder)
{
    ZSTD_freeDCtx(decoder);
}

static int zstd_open(void **ret, struct err *e)
{
    ZSTD_DCtx *context = ZSTD_createDCtx();
    if (!context)
        return err_memory(e);
    ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, CONTAINER_WINDOW_LOG);
    *ret = context;
    return 0;
}

static int zstd_error(size_t code, struct err *e)
{
    switch (ZSTD_getErrorCode(code)) {
    case ZSTD_error_memory_allocation:
        return err_memory(e);
    case ZSTD_error_frameParameter_windowTooLarge:
        return err_set(e, ERR_LIMIT, "its window wants more than %u MB of memory",
                       1U << (CONTAINER_WINDOW_LOG - 20));
    default:
        return err_set(e, ERR_INPUT, "%s", ZSTD_getErrorName(code));
    }
}

static int zstd_step(void *decoder, struct bytes *in, struct space *out, bool *ret_end,
                     struct err *e)
{
    ZSTD_inBuffer from = {in->at, in->left, 0};
    ZSTD_outBuffer to = {out->at, out->left, 0};
    size_t code = ZSTD_decompressStream(decoder, &to, &from);
    *in = (struct bytes){in->at + from.pos, in->left - from.pos};
    *out = (struct space){out->at + to.pos, out->left - to.pos};
    if (ZSTD_isError(code))
        return zstd_error(code, e);
    *ret_end = code == 0;
    return 0;
}

const struct container container_zstd = {.name = "zstd",
                                         .probe = zstd_probe,
                                         .open = zstd_open,
                                         .restart = zstd_restart,
                                         .step = zstd_step,
                                         .close = zstd_close};
