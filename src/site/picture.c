// SPDX-License-Identifier: Apache-2.0
//
// The marks of a picture, and its SVG.

#include "site/picture.h"

#include "base/terminal.h"
#include "site/html.h"

#include <string.h>

#define COLUMN_WIDTH 0.57 // of a letter, in its size: Latin, Cyrillic, half of a Chinese character

double picture_text_width(const char *text, double size)
{
    return text_width(text) * size * COLUMN_WIDTH;
}

// ---- marks

static const char *copied(struct picture *p, const char *text)
{
    const char *copy = text ? arena_text(p->arena, text, strlen(text)) : NULL;
    p->failed |= text && !copy;
    return copy;
}

static struct mark *add(struct picture *p, enum mark_kind kind, const struct ink *ink)
{
    static const struct ink none;
    if (p->count == PICTURE_MARKS_MAX || p->failed) {
        p->failed = true;
        return NULL;
    }
    if (p->count == p->capacity) {
        size_t capacity = p->capacity ? 2 * p->capacity : 64;
        struct mark *more = arena_alloc(p->arena, capacity * sizeof *more);
        if (!more) {
            p->failed = true;
            return NULL;
        }
        if (p->count)
            memcpy(more, p->marks, p->count * sizeof *more);
        p->marks = more;
        p->capacity = capacity;
    }
    p->marks[p->count] = (struct mark){.kind = kind, .ink = ink ? *ink : none};
    return &p->marks[p->count++];
}

static void add_points(struct picture *p, enum mark_kind kind, const struct point *at, size_t count,
                       const struct ink *ink)
{
    struct point *copy = count ? arena_alloc(p->arena, count * sizeof *copy) : NULL;
    struct mark *m = copy ? add(p, kind, ink) : NULL;
    p->failed |= count && !copy;
    if (!m)
        return;
    memcpy(copy, at, count * sizeof *copy);
    m->points = copy;
    m->point_count = count;
}

void picture_line(struct picture *p, const struct point *at, size_t count, const struct ink *ink)
{
    add_points(p, MARK_LINE, at, count, ink);
}

void picture_area(struct picture *p, const struct point *at, size_t count, const struct ink *ink)
{
    add_points(p, MARK_AREA, at, count, ink);
}

void picture_rectangle(struct picture *p, struct point at, double width, double height,
                       const struct ink *ink, const char *name)
{
    size_t before = p->count;
    add_points(p, MARK_RECTANGLE, &at, 1, ink);
    if (p->count == before)
        return;
    p->marks[before].width = width;
    p->marks[before].height = height;
    p->marks[before].name = copied(p, name);
}

void picture_circle(struct picture *p, struct point at, double radius, const struct ink *ink,
                    const char *name)
{
    size_t before = p->count;
    add_points(p, MARK_CIRCLE, &at, 1, ink);
    if (p->count == before)
        return;
    p->marks[before].width = radius;
    p->marks[before].name = copied(p, name);
}

void picture_path(struct picture *p, const char *path, struct point at, double scale,
                  const struct ink *ink, const char *name)
{
    size_t before = p->count;
    add_points(p, MARK_PATH, &at, 1, ink);
    if (p->count == before)
        return;
    p->marks[before].path = path;
    p->marks[before].width = scale;
    p->marks[before].name = copied(p, name);
}

void picture_text(struct picture *p, const struct lettering *words)
{
    struct mark *m = *words->text ? add(p, MARK_TEXT, NULL) : NULL;
    if (!m)
        return;
    m->words = *words;
    m->words.text = copied(p, words->text);
    m->words.text = m->words.text ? m->words.text : "";
}

// ---- SVG

struct writer {
    const struct picture *picture;
    struct html h;
};

static const char *number(const struct writer *w, double value)
{
    const char *text = arena_format(w->picture->arena, "%.2f", value);
    size_t length = text ? strlen(text) : 0;
    if (length < 3)
        return "0";
    const char *end = text + length;
    while (end[-1] == '0')
        end--;
    end -= end[-1] == '.';
    text = arena_text(w->picture->arena, text, (size_t)(end - text));
    return text ? text : "0";
}

static const char *joined(const struct writer *w, const struct mark *m)
{
    struct buffer b = {0};
    for (size_t i = 0; i < m->point_count; i++)
        buffer_format(&b, "%s%.1f,%.1f", i ? " " : "", m->points[i].x, m->points[i].y);
    const char *text = b.at ? arena_text(w->picture->arena, b.at, b.length) : NULL;
    buffer_done(&b);
    return text ? text : "";
}

// The shape's own attributes are four pairs at most; a NULL name ends the list early.
static void write_shape(struct writer *w, const struct mark *m, const char *element,
                        const char *const own[8])
{
    const struct ink *ink = &m->ink;
    html_open(&w->h, element, "fill", ink->fill ? ink->fill : "none", "fill-opacity",
              number(w, ink->opacity > 0 ? ink->opacity : 1), "stroke",
              ink->stroke ? ink->stroke : "none", "stroke-width", number(w, ink->width), own[0],
              own[1], own[2], own[3], own[4], own[5], own[6], own[7], NULL);
    if (m->name)
        html_element(&w->h, "title", m->name, NULL);
    html_close(&w->h);
}

static void write_path(struct writer *w, const struct mark *m)
{
    const char *moved = arena_format(w->picture->arena, "translate(%s %s) scale(%.5f)",
                                     number(w, m->points->x), number(w, m->points->y), m->width);
    write_shape(w, m, "path",
                (const char *const[8]){"d", m->path, "transform", moved ? moved : "",
                                       "vector-effect", "non-scaling-stroke"});
}

// Where a text runs from the right, its start is at the right.
static const char *anchor_of(const struct lettering *l)
{
    if (l->anchor == ANCHOR_MIDDLE)
        return "middle";
    return (l->anchor == ANCHOR_LEFT) != l->rtl ? "start" : "end";
}

static void write_text(struct writer *w, const struct lettering *l)
{
    html_element(&w->h, "text", l->text, "x", number(w, l->x), "y", number(w, l->y), "font-size",
                 number(w, l->size), "text-anchor", anchor_of(l), "fill",
                 l->quiet ? "#565c62" : "#1d2124", l->rtl ? "direction" : NULL, "rtl", NULL);
}

static void write_bold(struct writer *w, const struct lettering *l)
{
    html_open(&w->h, "g", "font-weight", "600", NULL);
    write_text(w, l);
    html_close(&w->h);
}

static void write_mark(struct writer *w, const struct mark *m)
{
    switch (m->kind) {
    case MARK_LINE:
        write_shape(w, m, "polyline",
                    (const char *const[8]){"points", joined(w, m),
                                           m->ink.dashed ? "stroke-dasharray" : NULL, "3 4"});
        break;
    case MARK_AREA:
        write_shape(w, m, "polygon", (const char *const[8]){"points", joined(w, m)});
        break;
    case MARK_RECTANGLE:
        write_shape(w, m, "rect",
                    (const char *const[8]){"x", number(w, m->points->x), "y",
                                           number(w, m->points->y), "width", number(w, m->width),
                                           "height", number(w, m->height)});
        break;
    case MARK_CIRCLE:
        write_shape(w, m, "circle",
                    (const char *const[8]){"r", number(w, m->width), "cx", number(w, m->points->x),
                                           "cy", number(w, m->points->y)});
        break;
    case MARK_PATH:
        write_path(w, m);
        break;
    case MARK_TEXT:
        if (m->words.bold)
            write_bold(w, &m->words);
        else
            write_text(w, &m->words);
        break;
    }
}

void picture_write_svg(const struct picture *p, struct buffer *out)
{
    struct writer w = {.picture = p, .h = {.out = out}};
    const char *width = number(&w, p->width), *height = number(&w, p->height);
    const char *box = arena_format(p->arena, "0 0 %s %s", width, height);
    html_open(&w.h, "svg", "xmlns", "http://www.w3.org/2000/svg", "width", width, "height", height,
              "viewBox", box ? box : "", "role", "img", "aria-labelledby", "title description",
              "lang", language_code(p->language), "font-family", "system-ui, sans-serif", NULL);
    html_element(&w.h, "title", p->title, "id", "title", NULL);
    html_element(&w.h, "desc", p->description, "id", "description", NULL);
    html_element(&w.h, "rect", "", "width", "100%", "height", "100%", "fill", "#ffffff", NULL);
    for (size_t i = 0; i < p->count; i++)
        write_mark(&w, &p->marks[i]);
    html_close(&w.h);
    html_text(&w.h, "\n");
    out->failed |= p->failed || w.h.depth > 0;
}
