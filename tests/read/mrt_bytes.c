// SPDX-License-Identifier: Apache-2.0

#include "mrt_bytes.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void put(struct buffer *out, uint32_t value, unsigned bytes)
{
    while (bytes-- > 0)
        buffer_char(out, (char)(value >> 8 * bytes));
}

static void set_length(struct buffer *out, size_t at, unsigned bytes, size_t length)
{
    for (unsigned i = 0; i < bytes; i++)
        out->at[at + i] = (char)(length >> 8 * (bytes - 1 - i));
}

// What stands inside is written by a call of its own; returns behind the closing mark.
static const char *inside(const char *text, char end, struct buffer *out)
{
    static const char opens[] = "([{<", closes[] = ")]}>";
    static const unsigned widths[] = {1, 2, 4, 2};
    while (*text && *text != end) {
        const char *open = strchr(opens, *text);
        if (open) {
            unsigned width = widths[open - opens];
            for (unsigned i = 0; *text == '<' && i < 16; i++)
                buffer_char(out, (char)0xff);
            size_t at = out->length;
            put(out, 0, width);
            bool message = *text == '<';
            text = inside(text + 1, closes[open - opens], out) + 1;
            set_length(out, at, width, out->length - at - width + (message ? 18 : 0));
        } else if (*text == '#' || *text == '~') {
            char *rest;
            put(out, (uint32_t)strtoul(text + 1, &rest, 10), *text == '#' ? 4 : 2);
            text = rest;
        } else if (*text == ' ') {
            text++;
        } else {
            char digits[3] = {text[0], text[1], 0};
            put(out, (uint32_t)strtoul(digits, NULL, 16), 1);
            text += 2;
        }
    }
    return text;
}

void mrt_bytes(const char *text, struct buffer *out)
{
    inside(text, '\0', out);
}
