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
        if (strcmp(name, "dir") == 0)
            h->rtl_next = strcmp(value, "rtl") == 0;
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

static bool is_rtl(const struct html *h)
{
    return h->depth > 0 && h->depth <= HTML_DEPTH_MAX && h->rtl[h->depth - 1];
}

static void start(struct html *h, const char *element, va_list arguments)
{
    h->rtl_next = is_rtl(h);
    buffer_char(h->out, '<');
    buffer_text(h->out, element);
    add_attributes(h, arguments);
    buffer_char(h->out, '>');
}

static void push(struct html *h, const char *element)
{
    if (h->depth < HTML_DEPTH_MAX) {
        h->open[h->depth] = element;
        h->rtl[h->depth] = h->rtl_next;
    } else {
        h->out->failed = true;
    }
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

// ---- words from right to left, with others among them

// Elements whose text is for readers, and may hold elements.
static bool is_prose(const char *element)
{
    static const char *const names[] = {"p",       "li",         "td", "th",   "dt",   "dd",
                                        "h1",      "h2",         "h3", "span", "a",    "strong",
                                        "caption", "figcaption", "em", "b",    "label"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(element, names[i]) == 0)
            return true;
    return false;
}

static bool is_ascii(char c)
{
    return c >= ' ' && c <= '~';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

// Without the blanks and the punctuation of the sentence around it: "::" is of an address.
static struct slice without_punctuation(struct slice s)
{
    while (s.length > 0 && strchr(" .,;!?\"'()[]", *s.at))
        s = (struct slice){s.at + 1, s.length - 1};
    while (s.length > 0) {
        const char last = s.at[s.length - 1];
        const bool of_address = last == ':' && s.length > 1 && s.at[s.length - 2] == ':';
        if (of_address || !strchr(" .,;:!?\"'()[]", last))
            break;
        s.length--;
    }
    return s;
}

// Words and numbers find their order themselves; signs among them do not.
static bool is_more_than_words(struct slice s)
{
    bool letters = false, signs = false, separators = false;
    for (size_t i = 0; i < s.length; i++) {
        letters = letters || is_letter(s.at[i]);
        separators = separators || strchr(".,%", s.at[i]);
        signs = signs || !(is_letter(s.at[i]) || is_digit(s.at[i]) || strchr(" .,%", s.at[i]));
    }
    return signs || (letters && separators);
}

static struct slice ascii_run(struct slice s)
{
    size_t before = 0, length = 0;
    while (before < s.length && (!is_ascii(s.at[before]) || s.at[before] == ' '))
        before++;
    while (before + length < s.length && is_ascii(s.at[before + length]))
        length++;
    return (struct slice){s.at + before, length};
}

static void add_isolating(struct html *h, struct slice s)
{
    while (s.length > 0) {
        const struct slice run = ascii_run(s), core = without_punctuation(run);
        const bool isolated = is_more_than_words(core);
        const char *end = isolated ? core.at : run.at + run.length;
        markup_slice(h->out, (struct slice){s.at, (size_t)(end - s.at)});
        if (isolated) {
            html_open(h, "bdi", "dir", "ltr", NULL);
            markup_slice(h->out, core);
            html_close(h);
            end += core.length;
        }
        s = (struct slice){end, s.length - (size_t)(end - s.at)};
    }
}

static void add_text(struct html *h, struct slice s)
{
    if (is_rtl(h) && is_prose(h->open[h->depth - 1]))
        add_isolating(h, s);
    else
        markup_slice(h->out, s);
}

void html_text(struct html *h, const char *text)
{
    add_text(h, slice_of(text));
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
        add_text(h, part);
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
