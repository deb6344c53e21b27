// SPDX-License-Identifier: Apache-2.0
//
// Head, header and footer of every page, and the pieces that pages share.

#include "site/layout.h"

#include "base/terminal.h"

#include <stdarg.h>
#include <stdlib.h>

static const struct part {
    const char *path, *name;
} parts[] = {
    {"", say_later("World")},
    {"economy", say_later("Economies")},
    {"compare", say_later("Compare")},
    {"changes", say_later("Changes")},
    {"holders", say_later("Holders")},
    {"routing", say_later("Routing")},
    {"users", say_later("Users")},
    {"name-servers", say_later("Name servers")},
    {"indices", say_later("Indices")},
    {"forecast", say_later("Forecasts")},
    {"services", say_later("Public services")},
    {"address", say_later("Address")},
    {"labs", say_later("Laboratories")},
    {"data", say_later("Data")},
    {"methods", say_later("Methods")},
};

// ---- text

static const char *kept(const struct page *p, struct buffer *b)
{
    const char *text = b->at && !b->failed ? arena_text(p->arena, b->at, b->length) : "";
    if (b->failed || !text)
        p->h.out->failed = true;
    buffer_done(b);
    return text ? text : "";
}

const char *page_say(const struct page *p, const char *english, ...)
{
    struct buffer b = {0};
    const char *given[6] = {0};
    va_list arguments;
    va_start(arguments, english);
    for (size_t i = 0; i < 6 && (given[i] = va_arg(arguments, const char *)); i++)
        continue;
    va_end(arguments);
    say_with(p->words, &b, english, given[0], given[1], given[2], given[3], given[4], given[5],
             NULL);
    return kept(p, &b);
}

const char *page_date(const struct page *p, date d)
{
    char text[WORDS_TEXT_MAX];
    struct buffer b = {0};
    words_date(p->words, d, text);
    buffer_text(&b, text);
    return kept(p, &b);
}

const char *page_iso_date(const struct page *p, const char *iso)
{
    date d;
    return date_parse(slice_of(iso), &d) ? page_date(p, d) : iso;
}

const char *page_count(const struct page *p, u128 count)
{
    char text[WORDS_TEXT_MAX];
    struct buffer b = {0};
    words_count(p->words, count, text);
    buffer_text(&b, text);
    return kept(p, &b);
}

const char *page_address_of(const struct page *p, const char *part, const char *rest)
{
    struct buffer b = {0};
    buffer_format(&b, "/%s/%s", language_code(p->visit->language), part);
    if (rest) {
        buffer_text(&b, "/");
        url_add(&b, rest);
    }
    return kept(p, &b);
}

void page_link(struct page *p, const char *part, const char *rest, const char *text)
{
    html_element(&p->h, "a", text, "href", page_address_of(p, part, rest), NULL);
}

void page_paragraph(struct page *p, const char *english)
{
    html_element(&p->h, "p", say(p->words, english), NULL);
}

void page_heading(struct page *p, const char *element, const char *id, const char *english)
{
    html_element(&p->h, element, say(p->words, english), "id", id, NULL);
}

const char *page_value(const struct page *p, const char *name)
{
    const char *value = request_value(p->visit->request, name);
    return value && *value ? value : NULL;
}

// ---- head

// The address of this page in another language.
static const char *in_language(const struct page *p, enum language l)
{
    const char *target = p->visit->request->target, *own = language_code(p->visit->language);
    struct buffer b = {0};
    bool has = target && target[0] == '/' && strncmp(target + 1, own, 2) == 0 &&
               (target[3] == '/' || target[3] == '\0');
    buffer_format(&b, "/%s%s", language_code(l), has && target[3] ? target + 3 : "/");
    return kept(p, &b);
}

// With the words of charts that are not in the tables.
static void write_script(struct page *p)
{
    const struct words *w = p->words;
    html_element(&p->h, "script", "", "src", "/static/app.js", "defer", NULL, "data-column",
                 say(w, "Show"), "data-scale", say(w, "Scale"), "data-linear", say(w, "Linear"),
                 "data-log", say(w, "Logarithmic"), "data-none", say(w, "No figure"), "data-even",
                 say(w, "All equal"), "data-from", page_say(p, "from {1} to {2}", "%1", "%2", NULL),
                 "data-table", say(w, "The figures are in the table of the page."), "data-keys",
                 say(w, "The arrow keys move over the figures; Enter opens a page."), NULL);
}

static void write_head(struct page *p, const struct page_head *head)
{
    struct html *h = &p->h;
    html_open(h, "head", NULL);
    html_void(h, "meta", "charset", "utf-8", NULL);
    html_void(h, "meta", "name", "viewport", "content", "width=device-width, initial-scale=1",
              NULL);
    html_void(h, "meta", "name", "color-scheme", "content", "light dark", NULL);
    html_element(h, "title", page_say(p, "{1} - Sextant", head->title, NULL), NULL);
    if (head->description)
        html_void(h, "meta", "name", "description", "content", head->description, NULL);
    html_void(h, "link", "rel", "stylesheet", "href", "/static/style.css", NULL);
    html_void(h, "link", "rel", "icon", "href", "/static/icon.svg", NULL);
    for (unsigned l = 0; l < LANGUAGE_COUNT; l++)
        html_void(h, "link", "rel", "alternate", "hreflang", language_code((enum language)l),
                  "href", in_language(p, (enum language)l), NULL);
    if (head->feed)
        html_void(h, "link", "rel", "alternate", "type", "application/atom+xml", "href", head->feed,
                  NULL);
    if (head->charts)
        write_script(p);
    html_close(h);
}

static void write_parts(struct page *p, const char *current)
{
    struct html *h = &p->h;
    html_open(h, "nav", "aria-label", say(p->words, "Parts of the site"), NULL);
    html_open(h, "ul", NULL);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        bool here = current && strcmp(current, parts[i].path) == 0;
        html_open(h, "li", NULL);
        html_open(h, "a", "href", page_address_of(p, parts[i].path, NULL),
                  here ? "aria-current" : NULL, "page", NULL);
        html_text(h, say(p->words, parts[i].name));
        html_close(h);
        html_close(h);
    }
    html_close(h);
    html_close(h);
}

static void write_languages(struct page *p)
{
    struct html *h = &p->h;
    html_open(h, "nav", "class", "languages", "aria-label", say(p->words, "Language"), NULL);
    html_open(h, "ul", NULL);
    for (unsigned i = 0; i < LANGUAGE_COUNT; i++) {
        enum language l = (enum language)i;
        html_open(h, "li", NULL);
        html_open(h, "a", "href", in_language(p, l), "hreflang", language_code(l), "lang",
                  language_code(l), "dir", words_direction(l),
                  l == p->visit->language ? "aria-current" : NULL, "true", NULL);
        html_text(h, words_language_name(l));
        html_close(h);
        html_close(h);
    }
    html_close(h);
    html_close(h);
}

void page_begin(struct page *p, struct visit *v, struct response *ret, const struct page_head *head)
{
    *p = (struct page){.visit = v,
                       .response = ret,
                       .words = v->words,
                       .arena = &v->request->arena,
                       .h = {.out = &ret->body}};
    struct html *h = &p->h;
    ret->status = ret->status ? ret->status : 200;
    ret->content_type = "text/html; charset=utf-8";
    html_doctype(h);
    html_open(h, "html", "lang", language_code(v->language), "dir", words_direction(v->language),
              NULL);
    write_head(p, head);
    html_open(h, "body", NULL);
    html_element(h, "a", say(p->words, "Skip to the content"), "class", "skip", "href", "#main",
                 NULL);
    html_open(h, "header", NULL);
    html_element(h, "a", "Sextant", "class", "mark", "href", page_address_of(p, "", NULL), NULL);
    write_parts(p, head->part);
    write_languages(p);
    html_close(h);
    html_open(h, "main", "id", "main", NULL);
    html_element(h, "h1", head->title, head->language ? "lang" : NULL, head->language, "dir", "ltr",
                 NULL);
}

int page_end(struct page *p, struct err *e)
{
    struct html *h = &p->h;
    html_close(h); // main
    html_open(h, "footer", NULL);
    page_paragraph(p, "Sextant measures the transition to IPv6 from the public records of the "
                      "Internet registries. Every figure names the inputs that it was computed "
                      "from and can be computed again.");
    html_open(h, "p", NULL);
    page_link(p, "methods", NULL, say(p->words, "Methods"));
    html_text(h, " \xC2\xB7 ");
    page_link(p, "data", NULL, say(p->words, "Data"));
    html_text(h, " \xC2\xB7 ");
    html_element(h, "a", say(p->words, "Interface for programs"), "href", "/api/v1/", NULL);
    html_close(h);
    html_close(h);
    html_close(h); // body
    html_close(h); // html
    html_text(h, "\n");
    return h->out->failed || h->depth ? err_memory(e) : 0;
}

// ---- figures

void page_figures(struct page *p)
{
    html_open(&p->h, "dl", "class", "headline", NULL);
}

void page_figure(struct page *p, const char *label, const char *value, const char *note)
{
    struct html *h = &p->h;
    html_open(h, "div", NULL);
    html_element(h, "dt", label, NULL);
    html_open(h, "dd", NULL);
    html_isolated(h, value);
    html_close(h);
    if (note) {
        html_element(h, "dd", note, "class", "aside", NULL);
    }
    html_close(h);
}

const char *page_feed_address(struct visit *v, const char *part, const char *key)
{
    return arena_format(&v->request->arena, "/%s/%s%s%s%schanges.atom", language_code(v->language),
                        part, *part ? "/" : "", key ? key : "", key ? "/" : "");
}

void page_feed_link(struct page *p, const char *address)
{
    if (!address)
        return;
    html_open(&p->h, "p", NULL);
    html_element(&p->h, "a", say(p->words, "Follow the changes (Atom)"), "href", address, "type",
                 "application/atom+xml", NULL);
    html_close(&p->h);
}

// ---- forms

void page_form(struct page *p, const char *part)
{
    html_open(&p->h, "form", "class", "question", "method", "get", "action",
              page_address_of(p, part, NULL), NULL);
}

static void label(struct page *p, const char *text)
{
    html_open(&p->h, "label", NULL);
    html_text(&p->h, text);
    html_text(&p->h, " ");
}

void page_input(struct page *p, const char *name, const char *type, const char *text,
                const char *value)
{
    label(p, text);
    html_void(&p->h, "input", "name", name, "type", type, "value", value ? value : "", NULL);
    html_close(&p->h);
}

void page_select(struct page *p, const char *name, const char *text)
{
    label(p, text);
    html_open(&p->h, "select", "name", name, NULL);
}

void page_option(struct page *p, const char *value, const char *text, bool chosen)
{
    html_open(&p->h, "option", "value", value, chosen ? "selected" : NULL, NULL, NULL);
    html_text(&p->h, text);
    html_close(&p->h);
}

void page_select_end(struct page *p)
{
    html_close(&p->h);
    html_close(&p->h);
}

void page_form_end(struct page *p, const char *button)
{
    html_element(&p->h, "button", button, "type", "submit", NULL);
    html_close(&p->h);
}

// ---- economies

struct named {
    economy code;
    const char *name;
};

// A Latin letter without its accent, from U+00C0.
static uint32_t folded(uint32_t c)
{
    static const char plain[] = "AAAAAAACEEEEIIIIDNOOOOOxOUUUUYTsaaaaaaaceeeeiiiidnooooo/ouuuuyty";
    return c >= 0xC0 && c <= 0xFF ? (uint32_t)plain[c - 0xC0] : c;
}

static int name_order(const void *left, const void *right)
{
    struct slice a = slice_of(((const struct named *)left)->name);
    struct slice b = slice_of(((const struct named *)right)->name);
    while (a.length > 0 && b.length > 0) {
        uint32_t x = folded(utf8_next(&a)), y = folded(utf8_next(&b));
        if (x != y)
            return x < y ? -1 : 1;
    }
    return (a.length > 0) - (b.length > 0);
}

void page_economies(struct page *p)
{
    const struct world *w = p->visit->world;
    struct named *list = arena_alloc(p->arena, world_count(w) * sizeof *list);
    if (!list) {
        p->h.out->failed = true;
        return;
    }
    for (size_t i = 0; i < world_count(w); i++)
        list[i] = (struct named){world_economy(w, i), world_name(w, world_economy(w, i))};
    qsort(list, world_count(w), sizeof *list, name_order);
    html_open(&p->h, "ul", "class", "columns", NULL);
    for (size_t i = 0; i < world_count(w); i++) {
        char code[8];
        html_open(&p->h, "li", NULL);
        page_link(p, "economy", economy_format(list[i].code, code), list[i].name);
        html_close(&p->h);
    }
    html_close(&p->h);
}

// ---- visits

int visit_query(const struct visit *v, struct query *q, struct err *e, ...)
{
    int code = 0;
    va_list names;
    va_start(names, e);
    for (const char *name; code == 0 && (name = va_arg(names, const char *));) {
        const char *value = request_value(v->request, name);
        if (value && *value)
            code = query_set(q, name, value, e);
    }
    va_end(names);
    return code;
}

int visit_measure(const struct visit *v, const char *name, const struct query *q,
                  struct measure_tables *ret, struct err *e)
{
    const struct measure_kind *kind = measure_find(name);
    return kind ? kind->run(&v->measure, q, ret, e)
                : err_set(e, ERR_NOT_FOUND, "no measure \"%s\"", name);
}

int visit_redirect(struct visit *v, struct response *ret, const char *to, struct err *e)
{
    if (!to)
        return err_memory(e);
    ret->status = 303;
    ret->content_type = "text/plain; charset=utf-8";
    response_header(ret, v->request, "Location", to);
    buffer_format(&ret->body, "%s\n", to);
    return ret->body.failed ? err_memory(e) : 0;
}
