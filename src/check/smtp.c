// SPDX-License-Identifier: Apache-2.0

#include "check/smtp.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

static const char *const greetings[SMTP_GREETING_COUNT] = {
    "not tried",
    "could not be asked from this machine",
    "no answer from port 25",
    "unreachable",
    "connection refused",
    "port 25 opens",
    "port 25 opens, and no greeting comes",
    "port 25 opens, and the connection is closed without a greeting",
    "port 25 opens, and what comes is not SMTP",
    "not now",
    "turned away",
    "greeted",
};

static const char *const encryptions[SMTP_ENCRYPTION_COUNT] = {
    "not tried",
    "STARTTLS is not offered",
    "STARTTLS is offered and refused",
    "more came than the answer to STARTTLS, before encryption",
    "the TLS handshake fails",
    "TLS begins, and EHLO is not answered after it",
    "encrypted",
};

const char *smtp_greeting_text(enum smtp_greeting g)
{
    return greetings[g];
}

const char *smtp_encryption_text(enum smtp_encryption s)
{
    return encryptions[s];
}

void smtp_begin(struct smtp_talk *t, const char *name, bool want_tls)
{
    *t = (struct smtp_talk){.want_tls = want_tls};
    t->seen.greeting = SMTP_MUTE;
    snprintf(t->name, sizeof t->name, "%s", name);
}

static enum smtp_wish say(struct smtp_talk *t, enum smtp_stage next, const char *command,
                          const char *word)
{
    t->stage = next;
    t->out_length =
        (size_t)snprintf(t->out, sizeof t->out, "%s%s%s\r\n", command, word[0] ? " " : "", word);
    return SMTP_WISH_SEND;
}

static enum smtp_wish end(struct smtp_talk *t)
{
    t->stage = SMTP_AT_END;
    return SMTP_WISH_END;
}

static void keep(struct smtp_talk *t)
{
    t->seen.code = t->code;
    memcpy(t->seen.text, t->first, sizeof t->seen.text);
}

// What a conversation that ends here means.
static enum smtp_wish foreign(struct smtp_talk *t)
{
    if (t->stage <= SMTP_AT_HELO)
        t->seen.greeting = SMTP_FOREIGN;
    else if (t->stage == SMTP_AT_STARTTLS)
        t->seen.encryption = SMTP_TLS_REFUSED;
    else if (t->stage == SMTP_AT_SECOND_EHLO)
        t->seen.encryption = SMTP_TLS_USELESS;
    return end(t);
}

// ---- replies that are whole

static enum smtp_wish refused(struct smtp_talk *t)
{
    keep(t);
    if (t->code >= 400 && t->code < 600)
        t->seen.greeting = t->code < 500 ? SMTP_DEFERRED : SMTP_DENIED;
    else
        return foreign(t);
    return say(t, SMTP_AT_QUIT, "QUIT", "");
}

static enum smtp_wish greeted(struct smtp_talk *t)
{
    t->seen.greeting = SMTP_GREETED;
    if (!t->want_tls)
        return say(t, SMTP_AT_QUIT, "QUIT", "");
    if (!t->starttls) {
        t->seen.encryption = SMTP_TLS_NOT_OFFERED;
        return say(t, SMTP_AT_QUIT, "QUIT", "");
    }
    return say(t, SMTP_AT_STARTTLS, "STARTTLS", "");
}

// RFC 3207 section 6: what came in the clear must not be taken for what is encrypted.
static enum smtp_wish handshake(struct smtp_talk *t, size_t left)
{
    if (left > 0) {
        t->seen.encryption = SMTP_TLS_INJECTED;
        return end(t);
    }
    t->seen.encryption = SMTP_TLS_FAILED;
    t->stage = SMTP_AT_HANDSHAKE;
    return SMTP_WISH_HANDSHAKE;
}

static enum smtp_wish reply(struct smtp_talk *t, size_t left)
{
    switch (t->stage) {
    case SMTP_AT_BANNER:
        if (t->code != 220)
            return refused(t);
        keep(t);
        return say(t, SMTP_AT_EHLO, "EHLO", t->name);
    case SMTP_AT_EHLO:
        if (t->code == 500 || t->code == 502) // RFC 5321 4.1.4
            return say(t, SMTP_AT_HELO, "HELO", t->name);
        return t->code == 250 ? greeted(t) : refused(t);
    case SMTP_AT_HELO:
        return t->code == 250 ? greeted(t) : refused(t);
    case SMTP_AT_STARTTLS:
        if (t->code == 220)
            return handshake(t, left);
        t->seen.encryption = SMTP_TLS_REFUSED;
        keep(t);
        return say(t, SMTP_AT_QUIT, "QUIT", "");
    case SMTP_AT_SECOND_EHLO:
        t->seen.encryption = t->code == 250 ? SMTP_TLS_WORKS : SMTP_TLS_USELESS;
        return say(t, SMTP_AT_QUIT, "QUIT", "");
    default:
        return end(t);
    }
}

// ---- lines

static bool line_code(const struct smtp_talk *t, uint16_t *ret)
{
    const char *l = t->line;
    uint64_t code;
    if (t->line_length < 3 || !slice_u64((struct slice){l, 3}, 599, &code) || code < 200)
        return false;
    if (t->line_length > 3 && l[3] != ' ' && l[3] != '-')
        return false;
    *ret = (uint16_t)code;
    return true;
}

static void line_keep(struct smtp_talk *t)
{
    size_t length = t->line_length < sizeof t->line ? t->line_length : sizeof t->line;
    size_t to = 0;
    for (size_t i = 4; i < length && to < sizeof t->first - 1; i++) {
        unsigned char c = (unsigned char)t->line[i];
        t->first[to++] = c >= 0x20 && c < 0x7f ? (char)c : '?';
    }
    t->first[to] = '\0';
}

static void line_offer(struct smtp_talk *t)
{
    size_t length = t->line_length < sizeof t->line ? t->line_length : sizeof t->line;
    struct slice rest = {t->line + 4, length > 4 ? length - 4 : 0};
    if (slice_is_nocase(slice_trim(slice_cut(&rest, ' ')), "STARTTLS"))
        t->starttls = true;
}

// False where it cannot be a line of this reply.
static bool line_read(struct smtp_talk *t, bool *ret_last)
{
    uint16_t code;
    if (!line_code(t, &code) || (t->lines > 0 && code != t->code) || t->lines == SMTP_LINES_MAX)
        return false;
    if (t->lines == 0)
        line_keep(t);
    else if (t->stage == SMTP_AT_EHLO && code == 250)
        line_offer(t);
    t->code = code;
    t->lines++;
    *ret_last = t->line_length == 3 || t->line[3] == ' ';
    t->line_length = 0;
    return true;
}

static enum smtp_wish line_end(struct smtp_talk *t, size_t left)
{
    bool last = false;
    if (t->line_length > 0 && t->line_length <= sizeof t->line &&
        t->line[t->line_length - 1] == '\r')
        t->line_length--;
    if (!line_read(t, &last))
        return foreign(t);
    if (!last)
        return SMTP_WISH_BYTES;
    t->lines = 0;
    return reply(t, left);
}

static enum smtp_wish take_byte(struct smtp_talk *t, uint8_t byte, size_t left)
{
    if (++t->bytes > SMTP_BYTES_MAX)
        return foreign(t);
    if (byte == '\n')
        return line_end(t, left);
    if (t->line_length < 3 && (byte < '0' || byte > '9'))
        return foreign(t); // the first byte of another protocol says so
    if (t->line_length == SMTP_LINE_MAX)
        return foreign(t);
    if (t->line_length < sizeof t->line)
        t->line[t->line_length] = (char)byte;
    t->line_length++;
    return SMTP_WISH_BYTES;
}

// It answers what was not asked yet.
static enum smtp_wish too_early(struct smtp_talk *t)
{
    if (t->stage != SMTP_AT_STARTTLS)
        return foreign(t);
    t->seen.encryption = SMTP_TLS_INJECTED;
    return end(t);
}

enum smtp_wish smtp_take(struct smtp_talk *t, const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length && t->stage < SMTP_AT_END; i++) {
        enum smtp_wish wish = take_byte(t, bytes[i], length - i - 1);
        if (wish == SMTP_WISH_SEND && i + 1 < length)
            return too_early(t);
        if (wish != SMTP_WISH_BYTES)
            return wish;
    }
    return t->stage == SMTP_AT_END ? SMTP_WISH_END : SMTP_WISH_BYTES;
}

enum smtp_wish smtp_secured(struct smtp_talk *t, bool works)
{
    if (t->stage != SMTP_AT_HANDSHAKE || !works)
        return end(t);
    t->line_length = t->lines = 0;
    t->seen.encryption = SMTP_TLS_USELESS;
    return say(t, SMTP_AT_SECOND_EHLO, "EHLO", t->name);
}

void smtp_closed(struct smtp_talk *t)
{
    if (t->stage <= SMTP_AT_HELO)
        t->seen.greeting = SMTP_CLOSED;
    else if (t->stage == SMTP_AT_STARTTLS)
        t->seen.encryption = SMTP_TLS_REFUSED;
    end(t);
}

void smtp_late(struct smtp_talk *t)
{
    if (t->stage == SMTP_AT_STARTTLS)
        t->seen.encryption = SMTP_TLS_REFUSED;
    end(t);
}
