// SPDX-License-Identifier: Apache-2.0
//
// A picture painted: Cairo for the marks, Pango for letters of every script.

#include "site/picture.h"

#include "base/text.h"

#include <math.h>
#include <pango/pangocairo.h>
#include <stdlib.h>

#define FINENESS 2.0 // dots a pixel
#define FAMILIES "Noto Sans, DejaVu Sans, sans-serif"

// ---- colours and paths

static void choose_colour(cairo_t *c, const char *colour, double opacity)
{
    unsigned long rgb = strtoul(colour + 1, NULL, 16);
    cairo_set_source_rgba(c, (double)(rgb >> 16 & 255) / 255, (double)(rgb >> 8 & 255) / 255,
                          (double)(rgb & 255) / 255, opacity > 0 ? opacity : 1);
}

static void trace_points(cairo_t *c, const struct mark *m)
{
    for (size_t i = 0; i < m->point_count; i++)
        cairo_line_to(c, m->points[i].x, m->points[i].y);
    if (m->kind == MARK_AREA)
        cairo_close_path(c);
}

// Moves, lines and closings only: what the map's build writes.
static void trace_path(cairo_t *c, const struct mark *m)
{
    char command = 0;
    for (const char *at = m->path; *at;) {
        char *end;
        if (strchr("MlZz", *at)) {
            command = *at++;
            if (command == 'Z' || command == 'z')
                cairo_close_path(c);
            continue;
        }
        double x = strtod(at, &end), y = strtod(end, &end);
        if (end == at || !command)
            return;
        at = end + (*end == ' ');
        x *= m->width;
        y *= m->width;
        if (command == 'M')
            cairo_move_to(c, m->points->x + x, m->points->y + y);
        else if (cairo_has_current_point(c))
            cairo_rel_line_to(c, x, y);
    }
}

static void paint_shape(cairo_t *c, const struct mark *m)
{
    static const double dashes[] = {3, 4};
    cairo_new_path(c);
    if (m->kind == MARK_RECTANGLE)
        cairo_rectangle(c, m->points->x, m->points->y, m->width, m->height);
    else if (m->kind == MARK_CIRCLE)
        cairo_arc(c, m->points->x, m->points->y, m->width, 0, 2 * M_PI);
    else if (m->kind == MARK_PATH)
        trace_path(c, m);
    else
        trace_points(c, m);
    if (m->ink.fill) {
        choose_colour(c, m->ink.fill, m->ink.opacity);
        cairo_fill_preserve(c);
    }
    if (m->ink.stroke) {
        choose_colour(c, m->ink.stroke, 1);
        cairo_set_line_width(c, m->ink.width);
        cairo_set_dash(c, dashes, m->ink.dashed ? 2 : 0, 0);
        cairo_stroke(c);
    }
    cairo_new_path(c);
}

// ---- letters

static PangoLayout *layout_new(cairo_t *c, const char *text, double size, bool bold, bool rtl,
                               enum language l)
{
    PangoLayout *layout = pango_cairo_create_layout(c);
    PangoFontDescription *font = pango_font_description_from_string(FAMILIES);
    char *valid = g_utf8_make_valid(text, -1);
    pango_font_description_set_absolute_size(font, size * PANGO_SCALE);
    pango_font_description_set_weight(font, bold ? PANGO_WEIGHT_SEMIBOLD : PANGO_WEIGHT_NORMAL);
    pango_context_set_language(pango_layout_get_context(layout),
                               pango_language_from_string(language_code(l)));
    pango_context_set_base_dir(pango_layout_get_context(layout),
                               rtl ? PANGO_DIRECTION_RTL : PANGO_DIRECTION_LTR);
    pango_layout_set_auto_dir(layout, FALSE);
    pango_layout_set_font_description(layout, font);
    pango_layout_set_text(layout, valid, -1);
    pango_font_description_free(font);
    g_free(valid);
    return layout;
}

static void paint_text(cairo_t *c, const struct lettering *l, enum language language)
{
    PangoLayout *layout = layout_new(c, l->text, l->size, l->bold, l->rtl, language);
    PangoRectangle box;
    pango_layout_get_extents(layout, NULL, &box);
    double width = (double)box.width / PANGO_SCALE;
    double before = l->anchor == ANCHOR_LEFT ? 0 : l->anchor == ANCHOR_MIDDLE ? width / 2 : width;
    choose_colour(c, l->quiet ? "#565c62" : "#1d2124", 1);
    cairo_move_to(c, l->x - before - (double)box.x / PANGO_SCALE,
                  l->y - (double)pango_layout_get_baseline(layout) / PANGO_SCALE);
    pango_cairo_show_layout(c, layout);
    g_object_unref(layout);
}

// ---- the picture

static cairo_status_t write_bytes(void *arg, const unsigned char *bytes, unsigned length)
{
    struct buffer *out = arg;
    buffer_add(out, (const char *)bytes, length);
    return out->failed ? CAIRO_STATUS_WRITE_ERROR : CAIRO_STATUS_SUCCESS;
}

static void paint(cairo_t *c, const struct picture *p)
{
    cairo_scale(c, FINENESS, FINENESS);
    choose_colour(c, "#ffffff", 1);
    cairo_paint(c);
    cairo_set_line_join(c, CAIRO_LINE_JOIN_ROUND);
    for (size_t i = 0; i < p->count; i++)
        if (p->marks[i].kind == MARK_TEXT)
            paint_text(c, &p->marks[i].words, p->language);
        else
            paint_shape(c, &p->marks[i]);
}

int picture_write_png(const struct picture *p, struct buffer *out, struct err *e)
{
    cairo_surface_t *s = cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)(p->width * FINENESS),
                                                    (int)(p->height * FINENESS));
    cairo_t *c = cairo_create(s);
    paint(c, p);
    bool ok = cairo_status(c) == CAIRO_STATUS_SUCCESS;
    cairo_destroy(c);
    ok = ok && cairo_surface_write_to_png_stream(s, write_bytes, out) == CAIRO_STATUS_SUCCESS;
    cairo_surface_destroy(s);
    return ok ? 0 : err_memory(e);
}

bool picture_has_letters(enum language l)
{
    static const char *const samples[LANGUAGE_COUNT] = {
        [LANGUAGE_EN] = "IPv6 2024",
        [LANGUAGE_AR] = "\xD8\xB9\xD8\xA7\xD9\x84\xD9\x85",
        [LANGUAGE_ES] = "a\xC3\xB1o",
        [LANGUAGE_FR] = "\xC3\xA9t\xC3\xA9",
        [LANGUAGE_RU] = "\xD0\xBC\xD0\xB8\xD1\x80",
        [LANGUAGE_ZH] = "\xE5\x85\xA8\xE7\x90\x83",
    };
    cairo_surface_t *s = cairo_image_surface_create(CAIRO_FORMAT_RGB24, 8, 8);
    cairo_t *c = cairo_create(s);
    PangoLayout *layout = layout_new(c, samples[l], 13, false, false, l);
    bool found = pango_layout_get_unknown_glyphs_count(layout) == 0;
    pango_cairo_show_layout(c, layout);
    g_object_unref(layout);
    cairo_destroy(c);
    cairo_surface_destroy(s);
    return found;
}
