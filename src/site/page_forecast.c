// SPDX-License-Identifier: Apache-2.0
//
// What may come of a series: a fan of intervals, the back-test that answers for them, the models,
// and when a target is reached.

#include "site/comparison.h"
#include "site/pages.h"
#include "site/section.h"
#include "site/site_parts.h"
#include "store/observations.h"

struct forecast_page {
    struct page p;
    struct comparison of; // the one that the forecast is of
    struct observation_series_list series;
    struct measure_tables tables;
    struct query query;
    const char *none; // why there is no forecast; NULL
};

static const struct section sections[] = {
    {.table = "forecast",
     .heading = say_later("What may come"),
     .text =
         say_later("The line goes on from the history as the median of what may come. With 50 % "
                   "probability the outcome lies in the inner band, with 90 % in the outer "
                   "one. How wide they are follows from the errors that such forecasts made "
                   "in the past; a forecast knows of no plan and of no event."),
     .caption = say_later("{1}: forecast"),
     .leave_out = "name,",
     .kind = "line",
     .x = "date",
     .y = "value median",
     .bands = "low90:high90:90 low50:high50:50",
     .together = true},
    {.table = "targets",
     .heading = say_later("When the target is reached"),
     .caption = say_later("{1}: when the target is reached"),
     .leave_out = "name,"},
    {.table = "back-test",
     .heading = say_later("How far to trust it"),
     .text = say_later("At days of the past a forecast is made with what was known then, and held "
                       "against what came. Of good 90 % intervals nine in ten outcomes lie inside; "
                       "a model that cannot be told from the naive one, by which all stays as it "
                       "is, says so."),
     .caption = say_later("{1}: the forecasts of the past, and what came"),
     .leave_out = "name,"},
    {.table = "models",
     .caption = say_later("{1}: the models, by their errors in the past"),
     .leave_out = "name,"},
};
#define COUNT(list) (sizeof(list) / sizeof *(list))

static const struct {
    const char *key, *name;
} own[] = {
    {"delegations", say_later("IPv6 delegations")},
    {"holders", say_later("Holders of IPv6 space")},
    {"announced", say_later("IPv6 prefixes announced")},
};

// ---- which series

static const char *series_name(const struct forecast_page *f, const char *key)
{
    const struct observation_series *s = observation_series_find(&f->series, key);
    for (size_t i = 0; i < COUNT(own); i++)
        if (strcmp(own[i].key, key) == 0)
            return say(f->p.words, own[i].name);
    return s && *s->title ? say(f->p.words, s->title) : key;
}

static void write_series(struct forecast_page *f)
{
    struct page *p = &f->p;
    page_select(p, "series", say(p->words, "Series"));
    for (size_t i = 0; i < COUNT(own); i++)
        page_option(p, own[i].key, say(p->words, own[i].name),
                    strcmp(own[i].key, f->query.series) == 0);
    for (size_t i = 0; i < f->series.count; i++)
        page_option(p, f->series.at[i].name, series_name(f, f->series.at[i].name),
                    strcmp(f->series.at[i].name, f->query.series) == 0);
    page_select_end(p);
}

static void write_form(struct forecast_page *f)
{
    struct page *p = &f->p;
    page_form(p, "forecast");
    write_series(f);
    page_select(p, "of", say(p->words, "Of"));
    comparison_options(p, f->of.members[0].text);
    page_select_end(p);
    page_input(p, "target", "text", say(p->words, "Target"), page_value(p, "target"));
    page_input(p, "horizon", "date", say(p->words, "Up to"), page_value(p, "horizon"));
    page_input(p, "to", "date", say(p->words, "As was known on"), page_value(p, "to"));
    page_form_end(p, say(p->words, "Show"));
}

// ---- the page

static int collect(struct forecast_page *f, struct err *e)
{
    struct visit *v = f->p.visit;
    query_init(&f->query);
    int code = comparison_subject(&f->of, &f->query, e);
    if (code == 0)
        code = query_set(&f->query, "series", "delegations", e);
    if (code == 0)
        code = visit_query(v, &f->query, e, "series", "target", "horizon", "to", "known-on", NULL);
    if (code == 0)
        code = store_observation_series(v->measure.store, &f->series, e);
    if (code == 0)
        code = visit_measure(v, "forecast", &f->query, &f->tables, e);
    if (code == ERR_NOT_FOUND) {
        f->none = arena_format(f->p.arena, "%s", e->text);
        code = 0;
    }
    return code;
}

static int write_page(struct visit *v, struct response *ret, struct forecast_page *f, struct err *e)
{
    struct page *p = &f->p;
    page_begin(p, v, ret,
               &(struct page_head){
                   .title = say(v->words, "Forecasts"), .part = "forecast", .charts = true});
    html_element(&p->h, "p",
                 say(v->words, "What may come, how sure that is, and how such forecasts did in the "
                               "past."),
                 "class", "lead", NULL);
    write_form(f);
    if (f->none) {
        page_paragraph(p, "Nothing is known.");
        html_element(&p->h, "p", f->none, "class", "note", "lang", "en", "dir", "ltr", NULL);
    }
    const char *subject = page_say(p, "{1}, {2}", series_name(f, f->query.series),
                                   say(p->words, f->of.members[0].name), NULL);
    sections_write(p, &f->tables, sections, COUNT(sections), subject);
    return page_end(p, e);
}

int page_forecast(struct visit *v, struct response *ret, struct err *e)
{
    struct forecast_page f = {
        .p = {
            .visit = v, .words = v->words, .arena = &v->request->arena, .h = {.out = &ret->body}}};
    f.of.page = &f.p;
    int code = collect(&f, e);
    if (code == 0)
        code = write_page(v, ret, &f, e);
    measure_tables_free(&f.tables);
    observation_series_list_free(&f.series);
    return code;
}
