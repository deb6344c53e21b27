// SPDX-License-Identifier: Apache-2.0
//
// A chart of a page, as SVG or PNG: the page's address behind "chart", and the chart's name. The
// page is made, and gives the chart instead of itself.

#include "site/chart.h"
#include "site/pages.h"
#include "site/routes.h"

enum form { FORM_SVG, FORM_PNG };

// "economy/KE/pace.svg" is the chart "pace" of "/en/economy/KE".
static bool parse_order(const struct visit *v, struct chart_order *o, enum form *form)
{
    struct arena *a = &v->request->arena;
    const char *slash = strrchr(v->rest, '/'), *file = slash ? slash + 1 : v->rest;
    const char *dot = strrchr(file, '.');
    if (!dot || (strcmp(dot, ".svg") != 0 && strcmp(dot, ".png") != 0))
        return false;
    *form = strcmp(dot, ".svg") == 0 ? FORM_SVG : FORM_PNG;
    o->name = arena_text(a, file, (size_t)(dot - file));
    o->page = arena_format(a, "/%s/%.*s", language_code(v->language),
                           slash ? (int)(slash - v->rest) : 0, v->rest);
    return o->name && o->page;
}

static int make_page(struct visit *v, struct chart_order *o, struct err *e)
{
    struct route_match m;
    struct response page = {0};
    if (!route_find(o->page, &m) || m.route->class != ROUTE_PAGE || m.route->handler == page_chart)
        return err_set(e, ERR_NOT_FOUND, "no page %.100s has charts", o->page);
    v->rest = m.rest;
    v->chart = o;
    int code = m.route->handler(v, &page, e);
    response_done(&page);
    if (code == 0 && !o->drawn)
        code =
            err_set(e, ERR_NOT_FOUND, "no chart \"%.60s\" is on the page %.100s", o->name, o->page);
    return code;
}

int page_chart(struct visit *v, struct response *ret, struct err *e)
{
    struct chart_order order = {0};
    enum form form;
    if (!parse_order(v, &order, &form))
        return err_set(e, ERR_NOT_FOUND, "%.100s: a chart's name ends in .svg or .png", v->rest);
    int code = make_page(v, &order, e);
    if (code)
        return code;
    if (order.picture.failed)
        return err_set(e, ERR_LIMIT, "the chart is too large for a picture");
    ret->status = 200;
    ret->embeddable = true;
    ret->content_type = form == FORM_SVG ? "image/svg+xml" : "image/png";
    response_header(ret, v->request, "Access-Control-Allow-Origin", "*");
    response_header(ret, v->request, "Cross-Origin-Resource-Policy", "cross-origin");
    if (form == FORM_PNG)
        return picture_write_png(&order.picture, &ret->body, e);
    picture_write_svg(&order.picture, &ret->body);
    return ret->body.failed ? err_memory(e) : 0;
}
