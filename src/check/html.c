// SPDX-License-Identifier: Apache-2.0
//
// The parser takes its bytes piece by piece, so that it can be stopped in a start tag that does not
// end: libxml2 compares each attribute of an element with all others.

#include "check/html.h"

#include "check/html_parts.h"

#include <libxml/HTMLparser.h>
#include <libxml/encoding.h>
#include <libxml/parserInternals.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define PIECE       4096
#define REFRESH_MAX 10 // seconds: what comes later, a reader has seen the page

struct reading {
    struct page *page;
    htmlParserCtxtPtr parser;
    const char *base;
    bool base_seen;
    unsigned depth;
    unsigned hidden; // inside so many elements whose text nobody sees
    unsigned unused; // inside so many whose resources are not loaded: noscript, template
    unsigned style, title;
    struct word word;
    char title_text[HTML_TITLE_MAX + 1];
    size_t title_length;
    struct slice rest; // bytes that the parser has not got yet
    unsigned errors, pieces, attributes;
    unsigned references;  // that were looked at
    struct arena scratch; // of the reference that is looked at
    bool stopped, failed;
};

// The parser sees no more bytes; what it holds already is not told any more. (Halting it frees the
// input under the feet of whoever is reading.)
static void stop(struct reading *r)
{
    r->page->cut = r->stopped = true;
    r->parser->disableSAX = 1;
}

// ---- elements

static const char *const hidden_elements[] = {"script",   "style",  "noscript", "template", "title",
                                              "textarea", "option", "svg",      NULL};

static bool is_one_of(const char *name, const char *const *list)
{
    for (; *list; list++)
        if (strcasecmp(name, *list) == 0)
            return true;
    return false;
}

static const char *attribute(const xmlChar **attributes, const char *name)
{
    for (size_t i = 0; attributes && attributes[i]; i += 2)
        if (strcasecmp((const char *)attributes[i], name) == 0)
            return (const char *)attributes[i + 1];
    return NULL;
}

static void skeleton_add(struct reading *r, const char *name, const xmlChar **attributes)
{
    if (r->page->skeleton.count >= HTML_TOKENS_MAX) {
        r->page->cut = true;
        return;
    }
    uint32_t hash = token_text(TOKEN_BASIS, name);
    for (size_t i = 0; attributes && attributes[i]; i += 2, r->attributes++)
        hash = token_text(token_text(hash, " "), (const char *)attributes[i]);
    uint32_t *token = ARRAY_ADD(&r->page->skeleton);
    if (token)
        *token = hash;
    else
        r->failed = true;
}

// In the scratch, which lives until the next one.
static bool resolve(struct reading *r, const char *reference, struct page_link *ret)
{
    if (!reference || r->unused || strncasecmp(reference, "data:", 5) == 0)
        return false;
    if (++r->references > HTML_REFERENCES_MAX) {
        r->page->cut = true;
        return false;
    }
    arena_done(&r->scratch);
    return url_resolve(&r->scratch, r->base, reference, ret);
}

static void keep(struct reading *r, const struct page_link *l, const char *by,
                 struct page_link *kept)
{
    if (kept) {
        *kept = *l;
        kept->by = by;
        kept->url = arena_text(&r->page->arena, l->url, strlen(l->url));
        kept->host = arena_text(&r->page->arena, l->host, strlen(l->host));
    }
    if (!kept || !kept->url || !kept->host)
        r->failed = true;
}

static void resource(struct reading *r, const char *reference, const char *by)
{
    struct page_link l;
    if (!resolve(r, reference, &l))
        return;
    for (size_t i = 0; i < r->page->resources.count; i++) {
        struct page_link *known = &r->page->resources.at[i];
        if (known->port == l.port && known->secure == l.secure && !strcmp(known->host, l.host)) {
            known->count++;
            return;
        }
    }
    if (r->page->resources.count >= HTML_RESOURCES_MAX)
        r->page->cut = true;
    else
        keep(r, &l, by, ARRAY_ADD(&r->page->resources));
}

static void link_to(struct reading *r, const char *reference, const char *by)
{
    struct page_link l;
    if (!reference || reference[0] == '#' || r->page->links.count >= HTML_LINKS_MAX ||
        !resolve(r, reference, &l))
        return;
    for (size_t i = 0; i < r->page->links.count; i++)
        if (strcmp(r->page->links.at[i].url, l.url) == 0) {
            r->page->links.at[i].count++;
            return;
        }
    keep(r, &l, by, ARRAY_ADD(&r->page->links));
}

static void found_in_css(void *arg, const char *reference)
{
    resource(arg, reference, "style");
}

static void found_in_srcset(void *arg, const char *reference)
{
    resource(arg, reference, "srcset");
}

static void base_element(struct reading *r, const xmlChar **attributes)
{
    const char *href = attribute(attributes, "href");
    struct page_link l;
    if (!href || r->base_seen || !url_resolve(&r->page->arena, r->base, href, &l))
        return;
    r->base = l.url;
    r->base_seen = true;
}

static void meta_element(struct reading *r, const xmlChar **attributes)
{
    const char *equiv = attribute(attributes, "http-equiv");
    const char *content = attribute(attributes, "content");
    char reference[HTML_URL_MAX + 1];
    unsigned seconds;
    struct page_link l;
    if (!equiv || !content || r->unused || r->page->refresh || strcasecmp(equiv, "refresh") != 0 ||
        !refresh_parse(content, &seconds, reference, sizeof reference) || seconds > REFRESH_MAX)
        return;
    if (url_resolve(&r->page->arena, r->base, reference, &l))
        r->page->refresh = l.url;
}

static void link_element(struct reading *r, const xmlChar **attributes)
{
    const char *rel = attribute(attributes, "rel");
    if (rel && rel_loads(rel))
        resource(r, attribute(attributes, "href"), "link");
}

static void input_element(struct reading *r, const xmlChar **attributes)
{
    const char *type = attribute(attributes, "type");
    if (type && strcasecmp(type, "image") == 0)
        resource(r, attribute(attributes, "src"), "input");
}

// Elements that load what one of their attributes names.
static const struct {
    const char *name, *attribute;
} loads[] = {
    {"img", "src"},          {"script", "src"},    {"iframe", "src"},       {"frame", "src"},
    {"source", "src"},       {"video", "src"},     {"video", "poster"},     {"audio", "src"},
    {"track", "src"},        {"embed", "src"},     {"object", "data"},      {"body", "background"},
    {"image", "href"},       {"use", "href"},      {"image", "xlink:href"}, {"use", "xlink:href"},
    {"table", "background"}, {"td", "background"},
};

static void find_loads(struct reading *r, const char *name, const xmlChar **attributes)
{
    for (size_t i = 0; i < sizeof loads / sizeof *loads; i++)
        if (strcmp(name, loads[i].name) == 0)
            resource(r, attribute(attributes, loads[i].attribute), loads[i].name);
    const char *srcset = attribute(attributes, "srcset");
    if (srcset && (!strcmp(name, "img") || !strcmp(name, "source")))
        srcset_find(srcset, found_in_srcset, r);
    const char *style = attribute(attributes, "style");
    if (style)
        css_find(style, strlen(style), found_in_css, r);
    if (strcmp(name, "link") == 0)
        link_element(r, attributes);
    else if (strcmp(name, "input") == 0)
        input_element(r, attributes);
    else if (strcmp(name, "base") == 0)
        base_element(r, attributes);
    else if (strcmp(name, "meta") == 0)
        meta_element(r, attributes);
    else if (strcmp(name, "a") == 0 || strcmp(name, "area") == 0)
        link_to(r, attribute(attributes, "href"), name[1] ? "area" : "a");
}

static void word_end(struct reading *r)
{
    if (!word_finish(&r->word, r->page))
        r->failed = true;
}

static void on_start(void *arg, const xmlChar *name, const xmlChar **attributes)
{
    struct reading *r = arg;
    const char *element = (const char *)name;
    if (r->stopped)
        return;
    word_end(r);
    if (++r->depth > HTML_DEPTH_MAX || ++r->page->elements > HTML_ELEMENTS_MAX ||
        r->attributes > HTML_ALL_ATTRIBUTES_MAX || r->failed) {
        stop(r);
        return;
    }
    skeleton_add(r, element, attributes);
    find_loads(r, element, attributes);
    r->hidden += is_one_of(element, hidden_elements);
    r->unused += !strcmp(element, "noscript") || !strcmp(element, "template");
    r->style += !strcmp(element, "style");
    r->title += !strcmp(element, "title") && !r->title_length && r->hidden == 1;
}

static void less(unsigned *count)
{
    *count -= *count > 0;
}

static void on_end(void *arg, const xmlChar *name)
{
    struct reading *r = arg;
    const char *element = (const char *)name;
    if (r->stopped)
        return;
    word_end(r);
    less(&r->depth);
    if (is_one_of(element, hidden_elements))
        less(&r->hidden);
    if (!strcmp(element, "noscript") || !strcmp(element, "template"))
        less(&r->unused);
    if (!strcmp(element, "style"))
        less(&r->style);
    if (!strcmp(element, "title"))
        r->title = 0;
}

static void title_add(struct reading *r, const char *text, size_t length)
{
    for (size_t i = 0; i < length && r->title_length < HTML_TITLE_MAX; i++) {
        bool blank = (unsigned char)text[i] <= ' ';
        if (blank && (r->title_length == 0 || r->title_text[r->title_length - 1] == ' '))
            continue;
        r->title_text[r->title_length++] = blank ? ' ' : text[i];
    }
}

static void on_text(void *arg, const xmlChar *text, int length)
{
    struct reading *r = arg;
    if (length <= 0 || r->stopped)
        return;
    if (++r->pieces > HTML_PIECES_MAX) {
        stop(r);
        return;
    }
    if (r->title)
        title_add(r, (const char *)text, (size_t)length);
    else if (r->style && !r->unused)
        css_find((const char *)text, (size_t)length, found_in_css, r);
    if (!r->hidden && !word_add(&r->word, (const char *)text, (size_t)length, r->page))
        r->failed = true;
}

// ---- feeding the parser

static void on_error(void *arg, const char *format, ...)
{
    struct reading *r = arg;
    (void)format;
    if (++r->errors > HTML_ERRORS_MAX)
        stop(r);
}

// Between two pieces it is seen whether one element has too many attributes: the parser's room for
// them, two places each, only grows.
static int next_piece(void *arg, char *to, int length)
{
    struct reading *r = arg;
    if (r->parser->maxatts / 4 > HTML_ATTRIBUTES_MAX)
        stop(r);
    if (r->stopped || r->failed)
        return 0;
    size_t piece = length < PIECE ? (size_t)length : PIECE;
    if (piece > r->rest.length)
        piece = r->rest.length;
    memcpy(to, r->rest.at, piece);
    r->rest.at += piece;
    r->rest.length -= piece;
    return (int)piece;
}

static int no_close(void *arg)
{
    (void)arg;
    return 0;
}

static const htmlSAXHandler sax = {.startElement = on_start,
                                   .endElement = on_end,
                                   .characters = on_text,
                                   .ignorableWhitespace = on_text,
                                   .cdataBlock = on_text,
                                   .error = on_error};

static bool parse(struct reading *r, const char *charset)
{
    r->parser = htmlNewParserCtxt();
    if (!r->parser)
        return false;
    *r->parser->sax = sax;
    r->parser->userData = r;
    bool known = charset && xmlParseCharEncoding(charset) != XML_CHAR_ENCODING_ERROR;
    // A name that only the C library's converter knows is tried, too.
    xmlCharEncodingHandlerPtr handler = charset ? xmlFindCharEncodingHandler(charset) : NULL;
    known = known || handler;
    if (handler)
        xmlCharEncCloseFunc(handler);
    xmlDocPtr doc = htmlCtxtReadIO(r->parser, next_piece, no_close, r, NULL, known ? charset : NULL,
                                   HTML_PARSE_RECOVER | HTML_PARSE_NOWARNING | HTML_PARSE_NONET |
                                       HTML_PARSE_NOIMPLIED);
    if (doc)
        xmlFreeDoc(doc);
    htmlFreeParserCtxt(r->parser);
    return true;
}

static int finish(struct reading *r, struct page *ret, struct err *e)
{
    struct page *p = r->page;
    word_end(r);
    arena_done(&r->scratch);
    while (r->title_length > 0 && r->title_text[r->title_length - 1] == ' ')
        r->title_length--;
    p->title = arena_text(&p->arena, r->title_text, r->title_length);
    if (r->failed || !p->title) {
        page_done(p);
        return err_memory(e);
    }
    *ret = *p;
    return 0;
}

int page_read(struct slice bytes, const char *url, const char *charset, struct page *ret,
              struct err *e)
{
    struct page page = {.cut = bytes.length > HTML_BYTES_MAX};
    struct reading r = {.page = &page, .base = url};
    if (page.cut)
        bytes.length = HTML_BYTES_MAX;
    r.rest = bytes;
    if (!parse(&r, charset))
        return err_memory(e);
    return finish(&r, ret, e);
}

int page_read_text(struct slice bytes, struct page *ret, struct err *e)
{
    struct page page = {.cut = bytes.length > HTML_BYTES_MAX};
    struct reading r = {.page = &page};
    if (page.cut)
        bytes.length = HTML_BYTES_MAX;
    r.failed = !word_add(&r.word, bytes.at, bytes.length, &page);
    return finish(&r, ret, e);
}

void page_done(struct page *p)
{
    free(p->skeleton.at);
    free(p->words.at);
    free(p->resources.at);
    free(p->links.at);
    arena_done(&p->arena);
    *p = (struct page){0};
}
