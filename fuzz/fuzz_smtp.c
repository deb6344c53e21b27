// SPDX-License-Identifier: Apache-2.0
//
// A mail server that says anything; the first octet says how its words are cut into pieces.

#include "check/smtp.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool ok)
{
    if (!ok)
        abort();
}

static void command_is_ours(const struct smtp_talk *t)
{
    expect(t->out_length >= 6 && t->out_length < SMTP_OUT_MAX);
    expect(memcmp(t->out + t->out_length - 2, "\r\n", 2) == 0);
    expect(memcmp(t->out, "EHLO ", 5) == 0 || memcmp(t->out, "STARTTLS", 8) == 0 ||
           memcmp(t->out, "QUIT", 4) == 0);
}

static void talk(const uint8_t *data, size_t size, size_t step)
{
    struct smtp_talk t;
    unsigned commands = 0;
    smtp_begin(&t, "[IPv6:2001:db8::1]", true);
    for (size_t i = 0; i < size; i += step) {
        enum smtp_wish wish = smtp_take(&t, data + i, size - i < step ? size - i : step);
        if (wish == SMTP_WISH_HANDSHAKE)
            wish = smtp_secured(&t, true);
        if (wish == SMTP_WISH_SEND) {
            command_is_ours(&t);
            expect(++commands <= 4);
        }
        expect((wish == SMTP_WISH_END) == (t.stage == SMTP_AT_END));
        expect(t.bytes <= SMTP_BYTES_MAX + 1 && t.lines <= SMTP_LINES_MAX);
    }
    for (const char *c = t.seen.text; *c; c++)
        expect(*c >= ' ' && *c < 0x7f);
    if (t.stage != SMTP_AT_END)
        smtp_closed(&t);
    expect(t.seen.greeting > SMTP_OPEN);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 0)
        talk(data + 1, size - 1, 1 + data[0]);
    return 0;
}
