// SPDX-License-Identifier: Apache-2.0
//
// A page, read from bytes by libxml2's HTML parser: its title, its skeleton and its words as
// sequences of tokens (compare.h), the hosts that a browser would load its parts from, and the
// pages that it links to. Nothing is fetched here.
//
// What a stranger can make long has a limit; a page that goes beyond one is read up to there, and
// `cut` says so. What is cut is the same at each load, so that pages stay comparable.

#ifndef CHECK_HTML_H
#define CHECK_HTML_H

#include "base/arena.h"
#include "base/array.h"
#include "base/err.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HTML_BYTES_MAX          ((size_t)8 << 20) // the largest home pages are below 5 MB of HTML
#define HTML_DEPTH_MAX          512               // where browsers stop nesting, too
#define HTML_TOKENS_MAX         16384             // of the skeleton, and of the words
#define HTML_ELEMENTS_MAX       200000            // that are looked at
#define HTML_ATTRIBUTES_MAX     512    // of one element: each is compared with all others
#define HTML_ALL_ATTRIBUTES_MAX 200000 // of all elements
#define HTML_PIECES_MAX         400000 // of text, between what the parser calls markup
#define HTML_ERRORS_MAX         20000  // of the parser; the worst real pages have some thousands
#define HTML_RESOURCES_MAX      256    // different origins; a busy news site has 100
#define HTML_REFERENCES_MAX     20000  // URLs that are parsed
#define HTML_LINKS_MAX          256    // that are kept
#define HTML_URL_MAX            2048
#define HTML_TITLE_MAX          512

// A place that something is loaded from, or a page that is linked to.
struct page_link {
    const char *url;  // absolute, http or https, without a fragment
    const char *host; // small letters, an A-label where it is international; [..] of an address
    uint16_t port;
    bool secure;    // https
    const char *by; // the element: "img"
    unsigned count; // how often the origin (resources) or the URL (links) stands in the page
};

struct page {
    struct arena arena;
    const char *title;        // "" where it has none
    ARRAY(uint32_t) skeleton; // a token for each element: its name and those of its attributes
    ARRAY(uint32_t) words;    // a token for each visible word, numbers made equal
    ARRAY(struct page_link) resources; // the first of each origin: scheme, host and port
    ARRAY(struct page_link) links;     // different URLs, in the order of the page
    const char *refresh;               // where a meta refresh leads within 10 s; NULL: nowhere
    unsigned elements;
    bool cut; // a limit was reached
};

// `url`: where the bytes came from, absolute. `charset`: what HTTP says; NULL where nothing.
// ERR_MEMORY. Bytes that are no HTML give an empty page.
int page_read(struct slice bytes, const char *url, const char *charset, struct page *ret,
              struct err *e);
// Plain text: only words.
int page_read_text(struct slice bytes, struct page *ret, struct err *e);
void page_done(struct page *p); // accepts a zeroed page

// A reference as it stands in a page or a header ("../a?b#c") made absolute, without a fragment.
// False where it is none of http and https, is longer than HTML_URL_MAX, or names no host.
// *ret is the arena's.
bool url_resolve(struct arena *a, const char *base, const char *reference, struct page_link *ret);

#endif
