// SPDX-License-Identifier: Apache-2.0
//
// HTML, escaped by construction.

#include "site/html.h"

#include "base/markup.h"
#include "site/words.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_address(const char *name)
{
    static const char *const names[] = {"href", "src", "action", "formaction", "cite", "poster"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

// Relative, http or https: no "javascript:", no "//host".
static bool is_safe(const char *address)
{
    if (strncmp(address, "https://", 8) == 0 || strncmp(address, "http://", 7) == 0)
        return true;
    size_t first = strcspn(address, ":/?#\\");
    if (address[first] == ':' || strpbrk(address, "\\\t\n\r"))
        return false;
    return !(address[0] == '/' && address[1] == '/');
}

static void add_attributes(struct html *h, va_list arguments)
{
    const char *name;
    while ((name = va_arg(arguments, const char *))) {
        const char *value = va_arg(arguments, const char *);
        buffer_char(h->out, ' ');
        buffer_text(h->out, name);
        if (!value)
            continue;
        buffer_text(h->out, "=\"");
        markup_slice(h->out, is_address(name) && !is_safe(value) ? slice_of("#") : slice_of(value));
        buffer_char(h->out, '"');
    }
}

void html_doctype(struct html *h)
{
    buffer_text(h->out, "<!DOCTYPE html>\n");
}

static bool ends_line(const char *element)
{
    static const char *const names[] = {"p",  "li", "tr", "h1", "h2",     "h3",    "head",
                                        "ul", "ol", "dl", "dd", "header", "title", "caption"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(element, names[i]) == 0)
            return true;
    return false;
}

static void start(struct html *h, const char *element, va_list arguments)
{
    buffer_char(h->out, '<');
    buffer_text(h->out, element);
    add_attributes(h, arguments);
    buffer_char(h->out, '>');
}

static void push(struct html *h, const char *element)
{
    if (h->depth < HTML_DEPTH_MAX)
        h->open[h->depth] = element;
    else
        h->out->failed = true;
    h->depth++;
}

void html_open(struct html *h, const char *element, ...)
{
    va_list arguments;
    va_start(arguments, element);
    start(h, element, arguments);
    va_end(arguments);
    push(h, element);
}

void html_void(struct html *h, const char *element, ...)
{
    va_list arguments;
    va_start(arguments, element);
    start(h, element, arguments);
    va_end(arguments);
}

void html_close(struct html *h)
{
    if (h->depth == 0 || h->depth > HTML_DEPTH_MAX) {
        h->out->failed = true;
        return;
    }
    const char *element = h->open[--h->depth];
    buffer_text(h->out, "</");
    buffer_text(h->out, element);
    buffer_char(h->out, '>');
    if (ends_line(element))
        buffer_char(h->out, '\n');
}

void html_text(struct html *h, const char *text)
{
    markup_text(h->out, text);
}

void html_format(struct html *h, const char *format, ...)
{
    va_list arguments;
    char *text = NULL;
    va_start(arguments, format);
    int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (length < 0) {
        h->out->failed = true;
        return;
    }
    html_text(h, text);
    free(text);
}

void html_element(struct html *h, const char *element, const char *text, ...)
{
    va_list arguments;
    va_start(arguments, text);
    start(h, element, arguments);
    va_end(arguments);
    push(h, element);
    html_text(h, text);
    html_close(h);
}

void html_isolated(struct html *h, const char *text)
{
    html_element(h, "bdi", text, NULL);
}

#define SAY_ARGUMENTS_MAX 9

void html_say(struct html *h, const struct words *w, const char *english, ...)
{
    const char *given[SAY_ARGUMENTS_MAX];
    size_t count = 0;
    va_list arguments;
    va_start(arguments, english);
    for (const char *a; count < SAY_ARGUMENTS_MAX && (a = va_arg(arguments, const char *));)
        given[count++] = a;
    va_end(arguments);
    const char *text = say(w, english);
    while (*text) {
        size_t plain = strcspn(text, "{");
        size_t place = text[plain] ? (size_t)(text[plain + 1] - '1') : SIZE_MAX;
        bool takes = place < count && text[plain + 2] == '}';
        struct slice part = {text, takes || !text[plain] ? plain : plain + 1};
        markup_slice(h->out, part);
        if (takes)
            html_isolated(h, given[place]);
        text += part.length + (takes ? 3 : 0);
    }
}

void url_add(struct buffer *out, const char *text)
{
    for (const char *c = text; *c; c++) {
        bool plain = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
                     (*c >= '0' && *c <= '9') || strchr("-._~:/,", *c);
        if (plain)
            buffer_char(out, *c);
        else
            buffer_format(out, "%%%02X", (unsigned)(unsigned char)*c);
    }
}
