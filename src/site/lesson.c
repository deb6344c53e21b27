// SPDX-License-Identifier: Apache-2.0

#include "site/lesson.h"

#include "site/site_parts.h"

#include <string.h>

const struct catalogue *visit_catalogue(const struct visit *v)
{
    return v->site->catalogue;
}

void lesson_element(struct page *p, const char *element, const char *text)
{
    if (!text || !*text)
        return;
    const char *language = say_language(p->words, text);
    html_element(&p->h, element, say(p->words, text), language ? "lang" : NULL, language, "dir",
                 "ltr", NULL);
}

static void write_paragraph(struct page *p, const char *language, const char *text, size_t length)
{
    const char *copy = arena_text(p->arena, text, length);
    if (!copy)
        p->h.out->failed = true;
    else if (length > 0)
        html_element(&p->h, "p", copy, language ? "lang" : NULL, language, "dir", "ltr", NULL);
}

// Paragraphs are divided by empty lines.
void lesson_paragraphs(struct page *p, const char *text)
{
    const char *language = text && *text ? say_language(p->words, text) : NULL;
    const char *rest = text && *text ? say(p->words, text) : NULL;
    while (rest) {
        const char *end = strstr(rest, "\n\n");
        size_t length = end ? (size_t)(end - rest) : strlen(rest);
        while (length > 0 && rest[length - 1] == '\n')
            length--;
        write_paragraph(p, language, rest, length);
        rest = end ? end + 2 : NULL;
    }
}

// The marks of a list stand on the side where its texts begin.
void lesson_list(struct page *p, const char *element, char *const *texts, size_t count)
{
    const char *language = count ? say_language(p->words, texts[0]) : NULL;
    if (count == 0)
        return;
    html_open(&p->h, element, language ? "lang" : NULL, language, "dir", "ltr", NULL);
    for (size_t i = 0; i < count; i++)
        html_element(&p->h, "li", say(p->words, texts[i]), NULL);
    html_close(&p->h);
}

void lesson_cell(struct page *p, const char *element, const char *text)
{
    html_open(&p->h, element, NULL);
    lesson_element(p, "span", text);
    html_close(&p->h);
}

void lesson_link(struct page *p, const char *address, const char *text)
{
    const char *language = say_language(p->words, text);
    html_element(&p->h, "a", say(p->words, text), "href", address ? address : "",
                 language ? "lang" : NULL, language, "dir", "ltr", NULL);
}

void lesson_table(struct page *p, const char *id, const char *caption,
                  const struct lesson_head *heads)
{
    struct html *h = &p->h;
    html_open(h, "section", "class", "scroll", "tabindex", "0", "aria-labelledby", id, NULL);
    html_open(h, "table", NULL);
    html_element(h, "caption", caption, "id", id, NULL);
    html_open(h, "thead", NULL);
    html_open(h, "tr", NULL);
    for (; heads->name; heads++)
        html_element(h, "th", say(p->words, heads->name), "scope", "col",
                     heads->number ? "class" : NULL, "number", NULL);
    html_close(h);
    html_close(h);
    html_open(h, "tbody", NULL);
}

void lesson_table_end(struct page *p)
{
    html_close(&p->h);
    html_close(&p->h);
    html_close(&p->h);
}

void lesson_number(struct page *p, unsigned long long number)
{
    html_element(&p->h, "td", number ? page_count(p, number) : "", "class", "number", NULL);
}
