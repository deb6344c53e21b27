// SPDX-License-Identifier: Apache-2.0
//
// Macros of RFC 7208 section 7.

#include "check/spf_record.h"

#include <stdio.h>
#include <stdlib.h>

#define PARTS_MAX 512
#define WORD_MAX  512  // of what one macro stands for
#define LONG_MAX  2048 // before it is cut to a name

struct text {
    char at[LONG_MAX];
    size_t length;
    bool full;
};

static void put(struct text *t, struct slice s)
{
    if (s.length > sizeof t->at - t->length) {
        t->full = true;
        return;
    }
    memcpy(t->at + t->length, s.at, s.length);
    t->length += s.length;
}

static void put_escaped(struct text *t, struct slice s)
{
    for (size_t i = 0; i < s.length; i++) {
        unsigned char c = (unsigned char)s.at[i];
        char escaped[4];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     strchr("-._~", c);
        snprintf(escaped, sizeof escaped, plain && c ? "%c" : "%%%02X", c);
        put(t, slice_of(escaped));
    }
}

// "192.0.2.3"; of IPv6 the 32 digits with dots between them.
static void address_dots(const struct spf_words *w, char ret[WORD_MAX])
{
    if (w->family != FAMILY_IPV6) {
        address_format(w->family, w->address, ret);
        return;
    }
    for (unsigned i = 0; i < 32; i++) {
        ret[2 * i] = "0123456789abcdef"[(unsigned)(w->address >> (124 - 4 * i)) & 15];
        ret[2 * i + 1] = i < 31 ? '.' : '\0';
    }
}

static void word_of(char letter, const struct spf_words *w, char ret[WORD_MAX])
{
    const char *at = strrchr(w->sender, '@');
    switch (letter | 0x20) {
    case 's':
        snprintf(ret, WORD_MAX, "%s", w->sender);
        break;
    case 'l':
        snprintf(ret, WORD_MAX, "%.*s", at ? (int)(at - w->sender) : 0, w->sender);
        break;
    case 'o':
        snprintf(ret, WORD_MAX, "%s", at ? at + 1 : w->sender);
        break;
    case 'd':
        snprintf(ret, WORD_MAX, "%s", w->domain);
        break;
    case 'i':
        address_dots(w, ret);
        break;
    case 'p':
        snprintf(ret, WORD_MAX, "%s", w->validated);
        break;
    case 'v':
        snprintf(ret, WORD_MAX, "%s", w->family == FAMILY_IPV6 ? "ip6" : "in-addr");
        break;
    default:
        snprintf(ret, WORD_MAX, "%s", w->helo);
    }
}

static size_t split(const char *word, const char *delimiters, struct slice parts[PARTS_MAX])
{
    size_t count = 0;
    while (count < PARTS_MAX) {
        size_t length = strcspn(word, delimiters);
        parts[count++] = (struct slice){word, length};
        if (!word[length])
            break;
        word += length + 1;
    }
    return count;
}

// `m`: between "%{" and "}".
static void macro_put(struct slice m, const struct spf_words *w, struct text *to)
{
    char word[WORD_MAX], delimiters[16] = ".";
    struct slice parts[PARTS_MAX];
    struct text made = {.length = 0};
    word_of(m.at[0], w, word);
    size_t i = 1, keep = 0, length = 0;
    for (; i < m.length && m.at[i] >= '0' && m.at[i] <= '9'; i++)
        keep = keep > PARTS_MAX ? keep : keep * 10 + (size_t)(m.at[i] - '0');
    bool reverse = i < m.length && (m.at[i] | 0x20) == 'r';
    i += reverse;
    for (; i < m.length && length < sizeof delimiters - 1; i++)
        delimiters[length++] = m.at[i];
    delimiters[length ? length : 1] = '\0';
    size_t count = split(word, delimiters, parts);
    size_t skip = keep > 0 && keep < count ? count - keep : 0;
    for (size_t p = skip; p < count; p++) {
        put(&made, p > skip ? slice_of(".") : slice_of(""));
        put(&made, parts[reverse ? count - 1 - p : p]);
    }
    struct slice all = {made.at, made.length};
    if (m.at[0] >= 'A' && m.at[0] <= 'Z')
        put_escaped(to, all);
    else
        put(to, all);
    to->full |= made.full;
}

// 7.3: what is too long for a name loses labels at its left.
static bool fit(struct text *t, char ret[SPF_TARGET_MAX + 1])
{
    struct slice s = {t->at, t->length};
    if (s.length > 0 && s.at[s.length - 1] == '.')
        s.length--;
    while (s.length > SPF_TARGET_MAX && s.at)
        slice_cut(&s, '.');
    if (!s.at || s.length == 0 || memchr(s.at, '\0', s.length))
        return false;
    memcpy(ret, s.at, s.length);
    ret[s.length] = '\0';
    return true;
}

bool spf_expand(struct slice spec, const struct spf_words *w, char ret[SPF_TARGET_MAX + 1])
{
    struct text t = {.length = 0};
    for (size_t i = 0; i < spec.length && !t.full;) {
        struct slice rest = {spec.at + i, spec.length - i};
        if (rest.at[0] != '%') {
            put(&t, (struct slice){rest.at, 1});
            i++;
            continue;
        }
        const char *close =
            rest.length > 1 && rest.at[1] == '{' ? memchr(rest.at, '}', rest.length) : NULL;
        if (close && close - rest.at > 2)
            macro_put((struct slice){rest.at + 2, (size_t)(close - rest.at) - 2}, w, &t);
        else if (!close && rest.length > 1)
            put(&t, slice_of(rest.at[1] == '%' ? "%" : rest.at[1] == '_' ? " " : "%20"));
        else
            return false;
        i += close ? (size_t)(close - rest.at) + 1 : 2;
    }
    return !t.full && fit(&t, ret);
}

bool spf_needs_validated(struct slice spec)
{
    for (size_t i = 0; i + 2 < spec.length; i++) {
        if (spec.at[i] != '%')
            continue;
        if (spec.at[i + 1] == '{' && (spec.at[i + 2] | 0x20) == 'p')
            return true;
        i++; // "%%" is no beginning
    }
    return false;
}
