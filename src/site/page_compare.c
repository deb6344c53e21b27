// SPDX-License-Identifier: Apache-2.0
//
// Economies, regions and groups side by side: one row a year, one column each. The choice lives in
// the address: with=KE,region:africa,group:ldc.

#include "site/comparison.h"
#include "site/pages.h"
#include "site/table_html.h"

struct compare {
    struct page p;
    struct comparison of;
};

static const struct {
    const char *key, *name;
} figures[] = {
    {"cumulative_delegations", say_later("IPv6 delegations, all")},
    {"cumulative_slash32", say_later("IPv6 space, all, in /32s")},
    {"delegations", say_later("New IPv6 delegations")},
    {"slash32", say_later("New IPv6 space, in /32s")},
    {"growth", say_later("Growth of the number of delegations, in %")},
};
#define FIGURE_COUNT (sizeof figures / sizeof *figures)

// ---- the page

static const char *list_without(const struct compare *c, size_t left_out)
{
    const char *text = "";
    for (size_t i = 0; i < c->of.count && text; i++)
        if (i != left_out)
            text =
                arena_format(c->p.arena, "%s%s%s", text, *text ? "," : "", c->of.members[i].text);
    return text ? text : "";
}

static void write_form(struct compare *c)
{
    struct page *p = &c->p;
    page_form(p, "compare");
    html_void(&p->h, "input", "type", "hidden", "name", "with", "value", list_without(c, SIZE_MAX),
              NULL);
    page_select(p, "add", say(p->words, "Add"));
    page_option(p, "", say(p->words, "Choose"), true);
    comparison_options(p, "");
    page_select_end(p);
    page_select(p, "figure", say(p->words, "Figure"));
    for (size_t i = 0; i < FIGURE_COUNT; i++)
        page_option(p, figures[i].key, say(p->words, figures[i].name),
                    strcmp(figures[i].key, c->of.figure) == 0);
    page_select_end(p);
    page_input(p, "known-on", "date", say(p->words, "As known on"), page_value(p, "known-on"));
    page_form_end(p, say(p->words, "Show"));
}

static void write_members(struct compare *c)
{
    struct page *p = &c->p;
    html_open(&p->h, "ul", "class", "links", NULL);
    for (size_t i = 0; i < c->of.count; i++) {
        const char *to =
            arena_format(p->arena, "%s?with=%s&figure=%s", page_address_of(p, "compare", NULL),
                         list_without(c, i), c->of.figure);
        html_open(&p->h, "li", NULL);
        html_element(&p->h, "a",
                     page_say(p, "Remove {1}", say(p->words, c->of.members[i].name), NULL), "href",
                     to ? to : "#", NULL);
        html_close(&p->h);
    }
    html_close(&p->h);
}

static void write_sources(struct compare *c)
{
    struct page *p = &c->p;
    for (size_t i = 0; i < c->of.count; i++) {
        const char *id = arena_format(p->arena, "source-%zu", i + 1);
        struct table_view v = {.id = id ? id : "", .caption = say(p->words, c->of.members[i].name)};
        html_element(&p->h, "h3", v.caption, "id", v.id, NULL);
        table_html_foot(p, c->of.members[i].pace, &v);
    }
}

static const char *figure_name(const struct compare *c)
{
    for (size_t i = 0; i < FIGURE_COUNT; i++)
        if (strcmp(figures[i].key, c->of.figure) == 0)
            return say(c->p.words, figures[i].name);
    return "";
}

static int write_figures(struct compare *c, struct err *e)
{
    struct page *p = &c->p;
    struct table *t;
    int code = comparison_table(&c->of, &t, e);
    if (code)
        return code;
    const char *day = page_iso_date(p, c->of.members[0].pace->basis.known_on);
    const char *caption = page_say(p, "{1}, by year, known on {2}", figure_name(c), day, NULL);
    write_members(c);
    table_html_chart(p, t,
                     &(struct table_chart){.kind = "line",
                                           .id = "compare",
                                           .foot = "source-1",
                                           .x = "period",
                                           .y = comparison_columns(&c->of),
                                           .together = true,
                                           .caption = caption});
    table_html(p, t, &(struct table_view){.id = "compare", .caption = caption, .bare = true});
    page_heading(p, "h2", "sources", "Sources");
    write_sources(c);
    table_free(&t);
    return 0;
}

static int write_page(struct visit *v, struct response *ret, struct compare *c, struct err *e)
{
    int code = 0;
    page_begin(&c->p, v, ret,
               &(struct page_head){.title = say(v->words, "Compare"),
                                   .part = "compare",
                                   .charts = c->of.count > 0});
    page_paragraph(&c->p,
                   "Economies, regions and groups on one chart and in one table. The address "
                   "of this page holds the choice: who opens it sees the same.");
    write_form(c);
    if (c->of.count)
        code = write_figures(c, e);
    return code ? code : page_end(&c->p, e);
}

static const char *chosen_figure(const struct visit *v)
{
    const char *asked = request_value(v->request, "figure");
    for (size_t i = 0; asked && i < FIGURE_COUNT; i++)
        if (strcmp(figures[i].key, asked) == 0)
            return figures[i].key;
    return figures[0].key;
}

// What was added becomes part of the choice, so that one address stands for one view.
static int redirect(struct compare *c, struct response *ret, struct err *e)
{
    struct visit *v = c->p.visit;
    const char *known_on = page_value(&c->p, "known-on");
    struct buffer b = {0};
    buffer_format(&b, "%s?with=%s&figure=%s", page_address_of(&c->p, "compare", NULL),
                  list_without(c, SIZE_MAX), c->of.figure);
    if (known_on) {
        buffer_text(&b, "&known-on=");
        url_add(&b, known_on);
    }
    const char *to = b.failed ? NULL : arena_text(c->p.arena, b.at, b.length);
    buffer_done(&b);
    return visit_redirect(v, ret, to, e);
}

int page_compare(struct visit *v, struct response *ret, struct err *e)
{
    struct compare c = {
        .p = {.visit = v, .words = v->words, .arena = &v->request->arena, .h = {.out = &ret->body}},
        .of = {.figure = chosen_figure(v)}};
    c.of.page = &c.p;
    const char *with = page_value(&c.p, "with"), *add = page_value(&c.p, "add");
    int code = with ? comparison_add(&c.of, with, e) : 0;
    if (code == 0 && add) {
        code = comparison_add(&c.of, add, e);
        return code ? code : redirect(&c, ret, e);
    }
    if (code == 0)
        code = comparison_measure(&c.of, e);
    if (code == 0)
        code = write_page(v, ret, &c, e);
    comparison_done(&c.of);
    return code;
}
