// SPDX-License-Identifier: Apache-2.0
//
// One result of a check for people: how far the domain is, what is wrong, why it matters and how to
// mend it, with the evidence; then what is well, what does not apply and what could not be tried.

#ifndef SITE_SERVICE_HTML_H
#define SITE_SERVICE_HTML_H

#include "check/result.h"
#include "site/html.h"
#include "site/words.h"

// A <section> of its own, with headings from <h2> on. `id` begins the ids inside: "result".
void service_html(struct html *h, const struct words *w, const struct result *r, const char *id);

// "Complete", "Some of it fails", ...: in the language.
const char *service_stage_label(const struct words *w, enum stage s);
const char *service_stage_says(const struct words *w, enum stage s);
const char *service_verdict_label(const struct words *w, enum verdict v);

// A whole document of several results, to be kept as a file or sent: needs nothing else.
void service_document(struct buffer *out, const struct words *w, const struct result *results,
                      size_t count);

#endif
