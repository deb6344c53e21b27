// SPDX-License-Identifier: Apache-2.0

#include "base/markup.h"

#include "base/terminal.h"

static const char *escape(uint32_t c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x7F && escape(c) == NULL;
}

static bool is_excluded(uint32_t c)
{
    return (utf8_is_control(c) && c != '\n' && c != '\t') || (c & 0xFFFE) == 0xFFFE;
}

static void add_odd(struct buffer *out, struct slice *s)
{
    const char *at = s->at;
    const uint32_t c = utf8_next(s);
    if (escape(c))
        buffer_text(out, escape(c));
    else if (c == UTF8_BAD || is_excluded(c))
        buffer_text(out, "\xEF\xBF\xBD");
    else
        buffer_add(out, at, (size_t)(s->at - at));
}

void markup_slice(struct buffer *out, struct slice s)
{
    while (s.length > 0) {
        size_t plain = 0;
        while (plain < s.length && is_plain((unsigned char)s.at[plain]))
            plain++;
        buffer_add(out, s.at, plain);
        s.at += plain;
        s.length -= plain;
        if (s.length > 0)
            add_odd(out, &s);
    }
}

void markup_text(struct buffer *out, const char *text)
{
    markup_slice(out, slice_of(text));
}
