// SPDX-License-Identifier: Apache-2.0
//
// Texts of laboratories and courses on a page. They are English where the catalogue of the page's
// language does not have them, and are marked as such: a reader in Arabic sees them from left to
// right, and a screen reader pronounces them.

#ifndef SITE_LESSON_H
#define SITE_LESSON_H

#include "lab/catalogue.h"
#include "site/layout.h"

const struct catalogue *visit_catalogue(const struct visit *v);

// NULL is no text: nothing is written.
void lesson_element(struct page *p, const char *element, const char *text);
void lesson_paragraphs(struct page *p, const char *text);
void lesson_list(struct page *p, const char *element, char *const *texts, size_t count);
// The element is the page's, and on its side; what is in it is marked.
void lesson_cell(struct page *p, const char *element, const char *text);
void lesson_link(struct page *p, const char *address, const char *text);

struct lesson_head {
    const char *name; // in English; NULL: the last one
    bool number;      // of a column of numbers
};

// A table that can be scrolled, with its caption; ended with lesson_table_end.
void lesson_table(struct page *p, const char *id, const char *caption,
                  const struct lesson_head *heads);
void lesson_table_end(struct page *p);
void lesson_number(struct page *p, unsigned long long number); // <td>; 0 is an empty one

#endif
