// SPDX-License-Identifier: Apache-2.0
//
// What every Atom feed (RFC 4287) of the site has: names that stay, dates, links, and content that
// is XHTML in the language.
//
//     atom_begin(&p, v, ret, &(struct atom_head){"economy/KE", title, updated});
//     atom_entry(&p, &(struct atom_entry){...});  // html_*(&p.h, ...) its content
//     atom_entry_end(&p);
//     return atom_end(&p, e);

#ifndef SITE_ATOM_H
#define SITE_ATOM_H

#include "site/layout.h"

struct atom_head {
    const char *subject; // whose changes, as its page's address has it: "economy/KE"; "": the world
    const char *title;   // in the language
    date updated;
};

struct atom_entry {
    const char *name;  // behind the feed's own, never another one: "2024-01-11/ipv6"
    const char *title; // in the language
    date updated;
    const char *address; // of the page with all of it
};

void atom_begin(struct page *p, struct visit *v, struct response *ret,
                const struct atom_head *head);
void atom_entry(struct page *p, const struct atom_head *head, const struct atom_entry *x);
void atom_entry_end(struct page *p);
int atom_end(struct page *p, struct err *e); // ERR_MEMORY

#endif
