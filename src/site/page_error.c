// SPDX-License-Identifier: Apache-2.0
//
// The page of an error: what was wrong, and where to go on.

#include "site/layout.h"
#include "site/pages.h"

static const char *title_of(unsigned status)
{
    switch (status) {
    case 400:
        return say_later("This question cannot be answered");
    case 404:
        return say_later("Not found");
    case 405:
        return say_later("This page can only be read");
    case 503:
        return say_later("The archive cannot be read at the moment");
    default:
        return say_later("Something went wrong");
    }
}

void page_error(struct visit *v, unsigned status, const char *why, struct response *ret)
{
    struct page p;
    struct err none;
    buffer_done(&ret->body);
    ret->body = (struct buffer){0};
    ret->header_count = 0;
    ret->etag[0] = '\0';
    ret->status = status;
    page_begin(&p, v, ret, &(struct page_head){.title = say(v->words, title_of(status))});
    if (why && *why)
        html_element(&p.h, "p", why, "class", "warning", "lang", "en", "dir", "ltr", NULL);
    html_open(&p.h, "p", NULL);
    page_link(&p, "", NULL, say(v->words, "IPv6 in the world"));
    html_close(&p.h);
    if (status == 404) {
        page_heading(&p, "h2", "economies", "Economies");
        page_economies(&p);
    }
    page_end(&p, &none);
}
