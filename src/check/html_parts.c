// SPDX-License-Identifier: Apache-2.0

#include "check/html_parts.h"

#include <ctype.h>
#include <strings.h>

// ---- words

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

bool word_finish(struct word *w, struct page *p)
{
    bool begun = w->begun;
    uint32_t hash = w->hash;
    *w = (struct word){0};
    if (!begun)
        return true;
    if (p->words.count >= HTML_TOKENS_MAX) {
        p->cut = true;
        return true;
    }
    uint32_t *token = ARRAY_ADD(&p->words);
    if (!token)
        return false;
    *token = hash;
    return true;
}

static void word_byte(struct word *w, unsigned char byte)
{
    bool digit = byte >= '0' && byte <= '9';
    if (!w->begun)
        w->hash = TOKEN_BASIS;
    if (!digit || !w->digits)
        w->hash = token_byte(w->hash, digit ? '0' : byte);
    w->digits = digit;
    w->begun = true;
}

// A whole character of two bytes or more: U+00A0 and U+3000 are blanks, what takes three bytes
// (ideographs, kana, Thai: written without blanks) is a word of its own.
static bool word_character(struct word *w, const unsigned char *bytes, unsigned count,
                           struct page *p)
{
    bool nbsp = count == 2 && bytes[0] == 0xc2 && bytes[1] == 0xa0;
    bool wide_blank = count == 3 && bytes[0] == 0xe3 && bytes[1] == 0x80 && bytes[2] == 0x80;
    bool alone = count == 3 && bytes[0] != 0xe2; // U+2000-2FFF: punctuation and signs
    if ((nbsp || wide_blank || alone) && !word_finish(w, p))
        return false;
    if (nbsp || wide_blank)
        return true;
    for (unsigned i = 0; i < count; i++)
        word_byte(w, bytes[i]);
    return !alone || word_finish(w, p);
}

static bool word_pending(struct word *w, unsigned char byte, struct page *p)
{
    w->pending[w->pending_count++] = byte;
    if (w->pending_count < w->pending_want)
        return true;
    unsigned char bytes[3] = {w->pending[0], w->pending[1], w->pending[2]};
    w->pending_count = 0;
    return word_character(w, bytes, w->pending_want, p);
}

bool word_add(struct word *w, const char *text, size_t length, struct page *p)
{
    bool fine = true;
    for (size_t i = 0; i < length && fine; i++) {
        unsigned char c = (unsigned char)text[i];
        if (w->pending_count > 0 && (c & 0xc0) == 0x80) {
            fine = word_pending(w, c, p);
            continue;
        }
        w->pending_count = 0;
        if (is_blank(text[i])) {
            fine = word_finish(w, p);
        } else if ((c & 0xe0) == 0xc0 || (c & 0xf0) == 0xe0) {
            w->pending_want = (c & 0xe0) == 0xc0 ? 2 : 3;
            fine = word_pending(w, c, p);
        } else {
            word_byte(w, c);
        }
    }
    return fine;
}

// ---- srcset

void srcset_find(const char *srcset, reference_found *found, void *arg)
{
    char url[HTML_URL_MAX + 1];
    while (*srcset) {
        while (is_blank(*srcset) || *srcset == ',')
            srcset++;
        size_t length = 0;
        while (srcset[length] && !is_blank(srcset[length]))
            length++;
        size_t kept = length;
        while (kept > 0 && srcset[kept - 1] == ',')
            kept--;
        if (kept > 0 && kept <= HTML_URL_MAX) {
            memcpy(url, srcset, kept);
            url[kept] = '\0';
            found(arg, url);
        }
        bool ended = kept < length;
        srcset += length;
        while (!ended && *srcset && *srcset != ',')
            srcset++;
    }
}

// ---- style sheets

// The text between quotes, or up to `end`; returns how much was read.
static size_t css_value(const char *css, size_t length, char end, char *ret)
{
    size_t at = 0, kept = 0;
    while (at < length && is_blank(css[at]))
        at++;
    char quote = at < length && (css[at] == '"' || css[at] == '\'') ? css[at++] : '\0';
    for (; at < length && css[at] != (quote ? quote : end) && css[at] != '\n'; at++) {
        if (css[at] == '\\' && at + 1 < length)
            at++;
        if (kept < HTML_URL_MAX)
            ret[kept++] = css[at];
        else
            ret[0] = '\0', kept = HTML_URL_MAX; // too long: nothing
    }
    while (!quote && kept > 0 && is_blank(ret[kept - 1]))
        kept--;
    ret[kept] = '\0';
    return at;
}

static bool begins(const char *css, size_t left, const char *with)
{
    size_t length = strlen(with);
    return left >= length && strncasecmp(css, with, length) == 0;
}

static size_t css_comment(const char *css, size_t length)
{
    const char *end = length > 4 ? memmem(css + 2, length - 2, "*/", 2) : NULL;
    return end ? (size_t)(end - css) + 2 : length;
}

void css_find(const char *css, size_t length, reference_found *found, void *arg)
{
    char url[HTML_URL_MAX + 1];
    for (size_t at = 0; at < length;) {
        size_t left = length - at, skip = 0;
        if (begins(css + at, left, "/*")) {
            at += css_comment(css + at, left);
            continue;
        }
        if (begins(css + at, left, "url("))
            skip = 4;
        else if (begins(css + at, left, "@import") && !begins(css + at + 7, left - 7, " url("))
            skip = 7;
        if (skip == 0) {
            at++;
            continue;
        }
        at += skip + css_value(css + at + skip, left - skip, skip == 4 ? ')' : ';', url);
        if (url[0] && url[0] != '#')
            found(arg, url);
    }
}

// ---- attributes

bool rel_loads(const char *rel)
{
    static const char *const loading[] = {"stylesheet", "icon",      "apple-touch-icon", "manifest",
                                          "preload",    "mask-icon", "modulepreload"};
    struct slice rest = slice_of(rel);
    bool loads = false;
    while (rest.at) {
        struct slice word = slice_trim(slice_cut(&rest, ' '));
        if (slice_is_nocase(word, "alternate"))
            return false; // another style sheet, on demand
        for (size_t i = 0; i < sizeof loading / sizeof *loading; i++)
            loads = loads || slice_is_nocase(word, loading[i]);
    }
    return loads;
}

bool refresh_parse(const char *content, unsigned *ret_seconds, char *ret_url, size_t size)
{
    unsigned seconds = 0;
    while (is_blank(*content))
        content++;
    if (!isdigit((unsigned char)*content) && *content != '.')
        return false;
    for (; isdigit((unsigned char)*content); content++)
        seconds = seconds < 100000 ? seconds * 10 + (unsigned)(*content - '0') : seconds;
    while (isdigit((unsigned char)*content) || *content == '.')
        content++;
    while (is_blank(*content) || *content == ';' || *content == ',')
        content++;
    if (strncasecmp(content, "url", 3) == 0) {
        const char *at = content + 3;
        while (is_blank(*at))
            at++;
        if (*at == '=') {
            content = at + 1;
            while (is_blank(*content))
                content++;
        }
    }
    char quote = *content == '"' || *content == '\'' ? *content++ : '\0';
    size_t length = 0;
    while (content[length] && content[length] != quote)
        length++;
    if (length == 0 || length >= size)
        return false;
    memcpy(ret_url, content, length);
    ret_url[length] = '\0';
    *ret_seconds = seconds;
    return true;
}
