// SPDX-License-Identifier: Apache-2.0
//
// What every page has: head, header with the parts of the site and the six languages, footer; and
// the small pieces that pages are put together from.
//
//     struct page p;
//     page_begin(&p, v, ret, &(struct page_head){.title = "Kenya", .charts = true});
//     ...                                        // html_*(&p.h, ...)
//     return page_end(&p, e);

#ifndef SITE_LAYOUT_H
#define SITE_LAYOUT_H

#include "site/html.h"
#include "site/site.h"
#include "site/words.h"

struct page {
    struct visit *visit;
    struct response *response;
    const struct words *words;
    struct arena *arena; // of the request
    struct html h;
};

struct page_head {
    const char *title;       // in the language
    const char *description; // one sentence; NULL: none
    const char *part;        // of the site, marked in the navigation: "economy"; NULL: none
    const char *language;    // of the title where it is not the page's; NULL
    bool charts;             // load the script
    const char *feed;        // address of its Atom feed; NULL: none
};

void page_begin(struct page *p, struct visit *v, struct response *ret,
                const struct page_head *head);
int page_end(struct page *p, struct err *e); // ERR_MEMORY where something could not be written

// The translation, with {1}, {2}, ... replaced; in the request's arena, never NULL.
const char *page_say(const struct page *p, const char *english, ...) __attribute__((sentinel));
const char *page_date(const struct page *p, date d);
const char *page_iso_date(const struct page *p, const char *iso); // "2024-01-05"; "" is ""
const char *page_count(const struct page *p, u128 count);

// "/fr/economy/KE"; `rest` is encoded, and may be NULL.
const char *page_address_of(const struct page *p, const char *part, const char *rest);

// <a href="/fr/economy/KE">text</a>
void page_link(struct page *p, const char *part, const char *rest, const char *text);

// A paragraph of a translated sentence without arguments.
void page_paragraph(struct page *p, const char *english);
void page_heading(struct page *p, const char *element, const char *id, const char *english);

// Headline figures: page_figures, then a figure each, then html_close.
void page_figures(struct page *p);
void page_figure(struct page *p, const char *label, const char *value, const char *note);

// A form field with its label; `value` may be NULL. A select is page_select, page_option...,
// page_select_end.
void page_form(struct page *p, const char *part);
void page_input(struct page *p, const char *name, const char *type, const char *label,
                const char *value);
void page_select(struct page *p, const char *name, const char *label);
void page_option(struct page *p, const char *value, const char *text, bool chosen);
void page_select_end(struct page *p);
void page_form_end(struct page *p, const char *button);

// "/fr/economy/KE/changes.atom", "/fr/services/changes.atom" where `key` is NULL; `part` "": the
// world's.
const char *page_feed_address(struct visit *v, const char *part, const char *key);

// A link to the page's Atom feed; NULL: it has none.
void page_feed_link(struct page *p, const char *address);

// Every economy as a link, in order of name.
void page_economies(struct page *p);

// A parameter of the request; NULL where it is absent or empty.
const char *page_value(const struct page *p, const char *name);

// Takes the parameters named (ended with NULL) from the request into the query.
int visit_query(const struct visit *v, struct query *q, struct err *e, ...)
    __attribute__((sentinel));

int visit_measure(const struct visit *v, const char *name, const struct query *q,
                  struct measure_tables *ret, struct err *e);

// Sends the visitor to another address of this site.
int visit_redirect(struct visit *v, struct response *ret, const char *to, struct err *e);

#endif
