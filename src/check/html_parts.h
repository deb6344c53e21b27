// SPDX-License-Identifier: Apache-2.0
//
// The small languages inside a page: words, srcset, style sheets, rel, refresh. For html.c only.

#ifndef CHECK_HTML_PARTS_H
#define CHECK_HTML_PARTS_H

#include "check/html.h"

#define TOKEN_BASIS 2166136261u // FNV-1a

static inline uint32_t token_byte(uint32_t hash, unsigned char byte)
{
    return (hash ^ byte) * 16777619u;
}

static inline uint32_t token_text(uint32_t hash, const char *text)
{
    for (; *text; text++)
        hash = token_byte(hash, (unsigned char)*text);
    return hash;
}

// A word that may go on in the next piece of text.
struct word {
    uint32_t hash;
    unsigned char pending[3]; // of a character that is cut
    unsigned pending_count, pending_want;
    bool begun, digits;
};

// Tokens: what stands between blanks, and each ideograph for itself; any run of digits counts as
// one and the same. False: out of memory.
bool word_add(struct word *w, const char *text, size_t length, struct page *p);
bool word_finish(struct word *w, struct page *p);

typedef void reference_found(void *arg, const char *reference);

// The URLs of candidates "a.png 1x, b.png 2x".
void srcset_find(const char *srcset, reference_found *found, void *arg);
// url(...) and @import of a style sheet.
void css_find(const char *css, size_t length, reference_found *found, void *arg);
// Does a browser load what <link rel=...> points to?
bool rel_loads(const char *rel);
// "5; url=/a": false where it is none, or names no URL.
bool refresh_parse(const char *content, unsigned *ret_seconds, char *ret_url, size_t size);

#endif
