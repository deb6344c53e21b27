// SPDX-License-Identifier: Apache-2.0
//
// gzip (RFC 1952) through ISA-L, which decodes some three times as fast as zlib. It checks the CRC
// and the length at the end of each member.

#include "read/container.h"

#include <isa-l/igzip_lib.h>
#include <stdlib.h>
#include <string.h>

static bool gzip_probe(const uint8_t *bytes, size_t length)
{
    return length >= 2 && memcmp(bytes, "\x1f\x8b\x08", length < 3 ? length : 3) == 0;
}

static int gzip_restart(void *decoder, struct err *e)
{
    (void)e;
    struct inflate_state *state = decoder;
    isal_inflate_init(state);
    state->crc_flag = ISAL_GZIP;
    return 0;
}

static int gzip_open(void **ret, struct err *e)
{
    struct inflate_state *state = malloc(sizeof *state);
    if (!state)
        return err_memory(e);
    *ret = state;
    return gzip_restart(state, e);
}

static const char *gzip_error(int code)
{
    switch (code) {
    case ISAL_INVALID_BLOCK:
        return "invalid block";
    case ISAL_INVALID_SYMBOL:
        return "invalid symbol";
    case ISAL_INVALID_LOOKBACK:
        return "reference to before the start";
    case ISAL_INVALID_WRAPPER:
        return "invalid header";
    case ISAL_INCORRECT_CHECKSUM:
        return "wrong checksum";
    default:
        return "cannot be decoded";
    }
}

static int gzip_step(void *decoder, struct bytes *in, struct space *out, bool *ret_end,
                     struct err *e)
{
    struct inflate_state *state = decoder;
    state->next_in = (uint8_t *)in->at;
    state->avail_in = in->left < UINT32_MAX ? (uint32_t)in->left : UINT32_MAX;
    state->next_out = out->at;
    state->avail_out = out->left < UINT32_MAX ? (uint32_t)out->left : UINT32_MAX;
    int code = isal_inflate(state);
    in->left -= (size_t)(state->next_in - in->at);
    in->at = state->next_in;
    out->left -= (size_t)(state->next_out - out->at);
    out->at = state->next_out;
    if (code < 0 || code == ISAL_NEED_DICT)
        return err_set(e, ERR_INPUT, "%s", gzip_error(code));
    *ret_end = state->block_state == ISAL_BLOCK_FINISH;
    return 0;
}

const struct container container_gzip = {.name = "gzip",
                                         .probe = gzip_probe,
                                         .open = gzip_open,
                                         .restart = gzip_restart,
                                         .step = gzip_step,
                                         .close = free};
