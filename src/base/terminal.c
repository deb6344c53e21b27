// SPDX-License-Identifier: Apache-2.0

#include "base/terminal.h"

#include <locale.h>
#include <pthread.h>
#include <wchar.h>

// How many bytes follow the first one, and the smallest value that needs so many.
static unsigned sequence_length(unsigned char first, uint32_t *ret_bits, uint32_t *ret_least)
{
    if (first >= 0xC2 && first <= 0xDF) {
        *ret_bits = first & 0x1F;
        *ret_least = 0x80;
        return 1;
    }
    if ((first & 0xF0) == 0xE0) {
        *ret_bits = first & 0x0F;
        *ret_least = 0x800;
        return 2;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        *ret_bits = first & 0x07;
        *ret_least = 0x10000;
        return 3;
    }
    return 0;
}

static struct slice skip(struct slice s, size_t bytes)
{
    return bytes == 0 ? s : (struct slice){s.at + bytes, s.length - bytes}; // s.at may be NULL
}

uint32_t utf8_next(struct slice *rest)
{
    const unsigned char *at = (const unsigned char *)rest->at;
    uint32_t value = at[0], least = 0;
    unsigned more = at[0] < 0x80 ? 0 : sequence_length(at[0], &value, &least);
    bool bad = (at[0] >= 0x80 && more == 0) || more >= rest->length;
    for (unsigned i = 1; !bad && i <= more; i++) {
        bad = (at[i] & 0xC0) != 0x80;
        value = value << 6 | (at[i] & 0x3Fu);
    }
    if (bad || value < least || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) {
        *rest = skip(*rest, 1);
        return UTF8_BAD;
    }
    *rest = skip(*rest, more + 1);
    return value;
}

bool utf8_is_control(uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c <= 0x9F);
}

static bool reorders(uint32_t c)
{
    return (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

static bool is_rtl(uint32_t c)
{
    return (c >= 0x0590 && c <= 0x08FF) || (c >= 0xFB1D && c <= 0xFDFF) ||
           (c >= 0xFE70 && c <= 0xFEFF) || (c >= 0x10800 && c <= 0x10FFF) ||
           (c >= 0x1E800 && c <= 0x1EFFF);
}

// The C library's table of widths belongs to a locale; the program's own may have none.
static locale_t width_locale;

static void open_width_locale(void)
{
    width_locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

static unsigned character_width(uint32_t c)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    if (c < 0x300)
        return 1;
    pthread_once(&once, open_width_locale);
    locale_t before = width_locale ? uselocale(width_locale) : (locale_t)0;
    int width = wcwidth((wchar_t)c);
    if (before)
        uselocale(before);
    return width < 0 ? 1 : (unsigned)width;
}

// How many bytes at the front are printable ASCII: most texts are nothing else.
static size_t plain_length(struct slice s)
{
    size_t n = 0;
    while (n < s.length && s.at[n] >= 0x20 && s.at[n] < 0x7F)
        n++;
    return n;
}

unsigned slice_width(struct slice s)
{
    unsigned width = (unsigned)plain_length(s);
    s = skip(s, width);
    while (s.length > 0)
        width += character_width(utf8_next(&s));
    return width;
}

unsigned text_width(const char *text)
{
    return slice_width(slice_of(text));
}

bool slice_is_rtl(struct slice s)
{
    if (plain_length(s) == s.length)
        return false;
    while (s.length > 0)
        if (is_rtl(utf8_next(&s)))
            return true;
    return false;
}

void text_clean(struct slice s, struct buffer *out)
{
    const char *clean = s.at;
    s = skip(s, plain_length(s));
    while (s.length > 0) {
        const char *at = s.at;
        uint32_t c = utf8_next(&s);
        bool lone = c == UTF8_BAD && s.at == at + 1;
        if (!lone && !utf8_is_control(c) && !reorders(c))
            continue;
        buffer_add(out, clean, (size_t)(at - clean));
        buffer_text(out, c == '\n' || c == '\t' ? " " : "\xEF\xBF\xBD");
        clean = s.at;
    }
    buffer_add(out, clean, (size_t)(s.at - clean));
}

static struct slice without_blanks(struct slice s)
{
    while (s.length > 0 && s.at[0] == ' ')
        s = skip(s, 1);
    return s;
}

// Takes what must stay together off a text that does not begin with a blank: a word, or one wide
// character. At most `limit` columns, but at least one character.
static unsigned take_piece(struct slice *rest, unsigned limit)
{
    unsigned width = 0;
    while (rest->length > 0 && rest->at[0] != ' ') {
        struct slice after = *rest;
        unsigned w = character_width(utf8_next(&after));
        if (width > 0 && w > 0 && (w == 2 || width + w > limit))
            break;
        *rest = after;
        width += w;
        if (w == 2 && rest->length > 0) {
            after = *rest;
            if (character_width(utf8_next(&after)) > 0)
                break;
        }
    }
    return width;
}

unsigned slice_widest_word(struct slice s)
{
    unsigned widest = 0;
    for (s = without_blanks(s); s.length > 0; s = without_blanks(s)) {
        unsigned width = take_piece(&s, UINT32_MAX);
        widest = width > widest ? width : widest;
    }
    return widest;
}

struct slice text_line(struct slice *rest, unsigned width)
{
    unsigned limit = width ? width : UINT32_MAX, used = 0;
    struct slice line = without_blanks(*rest), next = line, end = line;
    while (next.length > 0) {
        struct slice piece = without_blanks(next);
        unsigned gap = (unsigned)(piece.at - next.at);
        next = piece;
        unsigned w = take_piece(&next, limit);
        if (used > 0 && (w > limit || used + gap > limit - w))
            break;
        used += gap + w;
        end = next;
    }
    line.length = (size_t)(end.at - line.at);
    *rest = without_blanks(end);
    while (line.length > 0 && line.at[line.length - 1] == ' ')
        line.length--;
    return line;
}

void text_wrap(const char *text, unsigned width, unsigned used, unsigned indent, struct buffer *out)
{
    struct buffer clean = {0};
    text_clean(slice_of(text), &clean);
    struct slice rest = {clean.at, clean.length};
    do {
        unsigned room = width == 0 ? 0 : width > used ? width - used : 1;
        struct slice line = text_line(&rest, room);
        buffer_add(out, line.at, line.length);
        buffer_char(out, '\n');
        if (rest.length > 0)
            buffer_format(out, "%*s", (int)indent, "");
        used = indent;
    } while (rest.length > 0);
    out->failed = out->failed || clean.failed;
    buffer_done(&clean);
}
