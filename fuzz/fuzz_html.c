// SPDX-License-Identifier: Apache-2.0
//
// A page from a stranger. What is held: the limits, every URL is absolute and of http or https, and
// reading it twice gives the same.

#include "check/html.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_links(const struct page_link *links, size_t count, size_t max)
{
    if (count > max)
        abort();
    for (size_t i = 0; i < count; i++) {
        const struct page_link *l = &links[i];
        if (strncmp(l->url, l->secure ? "https://" : "http://", l->secure ? 8 : 7) != 0 ||
            strlen(l->url) > HTML_URL_MAX || strchr(l->url, '#') || !*l->host || l->port == 0 ||
            !l->by || l->count == 0)
            abort();
    }
}

static void check_same(const struct page *a, const struct page *b)
{
    if (a->words.count != b->words.count || a->skeleton.count != b->skeleton.count ||
        a->links.count != b->links.count || a->resources.count != b->resources.count ||
        strcmp(a->title, b->title) != 0)
        abort();
    if (a->words.count && memcmp(a->words.at, b->words.at, a->words.count * sizeof *a->words.at))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice bytes = {size ? (const char *)data : "", size};
    struct page page, again = {0};
    if (page_read(bytes, "http://www.example.org/a/b?c", size % 3 ? NULL : "utf-8", &page, NULL))
        return 0;
    if (page.words.count > HTML_TOKENS_MAX || page.skeleton.count > HTML_TOKENS_MAX ||
        strlen(page.title) > HTML_TITLE_MAX)
        abort();
    check_links(page.resources.at, page.resources.count, HTML_RESOURCES_MAX);
    check_links(page.links.at, page.links.count, HTML_LINKS_MAX);
    if (!page_read(bytes, "http://www.example.org/a/b?c", size % 3 ? NULL : "utf-8", &again, NULL))
        check_same(&page, &again);
    page_done(&again);
    page_done(&page);
    return 0;
}
