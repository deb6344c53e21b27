// SPDX-License-Identifier: Apache-2.0
//
// HTML, escaped by construction: every text goes through this writer, which escapes it; raw markup
// cannot be passed in.
//
//     struct html h = {.out = &buffer};
//     html_open(&h, "p", "class", "note", NULL);
//     html_text(&h, "A < B");
//     html_close(&h);
//
// Element and attribute names are literals of the program; attribute values and text may come from
// anywhere. href and src take only relative addresses, http and https.
//
// In an element that runs from right to left by its own "dir" or that of one around it, addresses,
// options, dates and commands among the words are isolated (<bdi dir="ltr">): by the bidirectional
// algorithm alone (Unicode UAX 9) 2001:db8::/32 would read db8::/32:2001.

#ifndef SITE_HTML_H
#define SITE_HTML_H

#include "base/buffer.h"

#include <stdbool.h>

#define HTML_DEPTH_MAX 64

struct html {
    struct buffer *out;
    const char *open[HTML_DEPTH_MAX];
    bool rtl[HTML_DEPTH_MAX];
    bool rtl_next; // of the element that is being opened
    unsigned depth;
};

void html_doctype(struct html *h);
// Attributes are pairs (name, value), ended with NULL; a NULL value writes the bare name.
void html_open(struct html *h, const char *element, ...) __attribute__((sentinel));
void html_void(struct html *h, const char *element, ...) __attribute__((sentinel)); // <br>, <meta>
void html_close(struct html *h);                                                    // the innermost
void html_text(struct html *h, const char *text);
void html_format(struct html *h, const char *format, ...) __attribute__((format(printf, 2, 3)));
void html_element(struct html *h, const char *element, const char *text, ...)
    __attribute__((sentinel));                        // open, text, close
void html_isolated(struct html *h, const char *text); // <bdi>: prefixes, hashes, codes

// A translated sentence, with {1}, {2}, ... replaced by the arguments (until NULL), each isolated.
struct words;
void html_say(struct html *h, const struct words *w, const char *english, ...)
    __attribute__((sentinel));

// "a%20b" for a part of an address; what need not be encoded stays.
void url_add(struct buffer *out, const char *text);

#endif
