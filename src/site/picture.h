// SPDX-License-Identifier: Apache-2.0
//
// A picture: a list of marks on a white ground, written as SVG or painted as PNG.
//
//     struct picture p = {.arena = a, .width = PICTURE_WIDTH, .height = 300, .title = "..."};
//     picture_line(&p, points, 12, &(struct ink){.stroke = "#0b5c9e", .width = 2});
//     picture_text(&p, &(struct lettering){.x = 20, .y = 40, .size = 13, .text = "2024"});
//     picture_write_svg(&p, &buffer);
//
// Texts and points are copied into the arena; a path is borrowed. What cannot be kept sets
// `failed`.

#ifndef SITE_PICTURE_H
#define SITE_PICTURE_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/err.h"
#include "world/world.h"

#include <stdbool.h>
#include <stddef.h>

#define PICTURE_WIDTH      800.0  // of every chart, in pixels of CSS
#define PICTURE_HEIGHT_MAX 1600.0 // a PNG has twice as many: 20 MB while it is painted
#define PICTURE_MARKS_MAX  20000

struct ink {
    const char *fill, *stroke; // "#0b5c9e"; NULL: none
    double width;              // of the stroke
    double opacity;            // of the filling; 0: opaque
    bool dashed;
};

struct point {
    double x, y;
};

enum anchor { ANCHOR_LEFT, ANCHOR_MIDDLE, ANCHOR_RIGHT };

struct lettering {
    double x, y; // of the baseline, at the anchor
    double size;
    enum anchor anchor;
    bool bold, quiet, rtl;
    const char *text;
};

enum mark_kind { MARK_LINE, MARK_AREA, MARK_RECTANGLE, MARK_CIRCLE, MARK_PATH, MARK_TEXT };

struct mark {
    enum mark_kind kind;
    struct ink ink;
    const struct point *points; // line, area; one of a rectangle's and a circle's
    size_t point_count;
    double width, height;   // rectangle; a circle's radius is `width`
    const char *path;       // "M1 2l3 4z", scaled by `width`, moved to the one point
    const char *name;       // what it stands for; NULL
    struct lettering words; // text
};

struct picture {
    struct arena *arena;
    enum language language;
    double width, height;
    const char *title, *description;
    struct mark *marks;
    size_t count, capacity;
    bool failed;
};

void picture_line(struct picture *p, const struct point *at, size_t count, const struct ink *ink);
void picture_area(struct picture *p, const struct point *at, size_t count, const struct ink *ink);
void picture_rectangle(struct picture *p, struct point at, double width, double height,
                       const struct ink *ink, const char *name);
void picture_circle(struct picture *p, struct point at, double radius, const struct ink *ink,
                    const char *name);
void picture_path(struct picture *p, const char *path, struct point at, double scale,
                  const struct ink *ink, const char *name);
void picture_text(struct picture *p, const struct lettering *words);

// About how wide a text is: no font is asked, so that both forms are laid out alike.
double picture_text_width(const char *text, double size);

void picture_write_svg(const struct picture *p, struct buffer *out);

// ERR_NOT_FOUND where this program was built without Pango.
int picture_write_png(const struct picture *p, struct buffer *out, struct err *e);

// Do the fonts of this machine have the letters of the language? Loads them: asked before the
// process gives up its rights.
bool picture_has_letters(enum language l);

#endif
