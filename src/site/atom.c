// SPDX-License-Identifier: Apache-2.0

#include "site/atom.h"

#include <string.h>

#define TAG_YEAR "2026" // in which the names of entries were given (RFC 4151); it never changes

// The host without its port, in the letters that a tag may have.
static const char *authority(struct page *p)
{
    const char *host = strstr(p->visit->base_url, "://");
    char *name = arena_format(p->arena, "%s", host ? host + 3 : "");
    if (!name)
        return "";
    name[strcspn(name, "/")] = '\0';
    char *port = strrchr(name, ':');
    if (port && !strchr(port, ']'))
        *port = '\0';
    for (char *at = name; *at; at++)
        if (strchr("[]:", *at))
            *at = '-';
    return name;
}

static void write_id(struct page *p, const struct atom_head *head, const char *name)
{
    html_open(&p->h, "id", NULL);
    html_format(&p->h, "tag:%s," TAG_YEAR ":%s/%s%schanges%s%s", authority(p),
                language_code(p->visit->language), head->subject, *head->subject ? "/" : "",
                *name ? "/" : "", name);
    html_close(&p->h);
}

static void write_updated(struct page *p, date d)
{
    char text[DATE_TEXT_MAX];
    html_open(&p->h, "updated", NULL);
    html_format(&p->h, "%sT00:00:00Z", date_format(d, text));
    html_close(&p->h);
}

static void write_link(struct page *p, const char *rel, const char *type, const char *path)
{
    const char *to = arena_format(p->arena, "%s%s", p->visit->base_url, path);
    html_element(&p->h, "link", "", "rel", rel, "type", type, "href", to ? to : "", NULL);
}

void atom_begin(struct page *p, struct visit *v, struct response *ret, const struct atom_head *head)
{
    *p = (struct page){.visit = v,
                       .response = ret,
                       .words = v->words,
                       .arena = &v->request->arena,
                       .h = {.out = &ret->body}};
    ret->content_type = "application/atom+xml; charset=utf-8";
    buffer_text(&ret->body, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    html_open(&p->h, "feed", "xmlns", "http://www.w3.org/2005/Atom", "xml:lang",
              language_code(v->language), NULL);
    write_id(p, head, "");
    html_element(&p->h, "title", head->title, NULL);
    write_updated(p, head->updated);
    html_open(&p->h, "author", NULL);
    html_element(&p->h, "name", "Sextant", NULL);
    html_close(&p->h);
    write_link(p, "self", "application/atom+xml", v->request->path);
    write_link(p, "alternate", "text/html", page_address_of(p, head->subject, NULL));
    html_text(&p->h, "\n");
}

void atom_entry(struct page *p, const struct atom_head *head, const struct atom_entry *x)
{
    html_open(&p->h, "entry", NULL);
    write_id(p, head, x->name);
    html_element(&p->h, "title", x->title, NULL);
    write_updated(p, x->updated);
    write_link(p, "alternate", "text/html", x->address);
    html_open(&p->h, "content", "type", "xhtml", NULL);
    html_open(&p->h, "div", "xmlns", "http://www.w3.org/1999/xhtml", "dir",
              words_direction(p->visit->language), NULL);
}

void atom_entry_end(struct page *p)
{
    html_close(&p->h);
    html_close(&p->h);
    html_close(&p->h);
    html_text(&p->h, "\n");
}

int atom_end(struct page *p, struct err *e)
{
    html_close(&p->h);
    html_text(&p->h, "\n");
    return p->response->body.failed || p->h.depth ? err_memory(e) : 0;
}
