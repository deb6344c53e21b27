// SPDX-License-Identifier: Apache-2.0
//
// Nodes and switches are points; they are put into columns by how many links they are from the
// first, and within a column near those that they are joined to. Many that are alike are one point.

#include "lab/draw.h"

#include "base/markup.h"
#include "base/terminal.h"
#include "lab/alike.h"
#include "lab/schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHAR_WIDTH  7 // of the small type
#define LINE_HEIGHT 15
#define BOX_PADDING 10
#define COLUMN_GAP  110
#define ROW_GAP     34
#define MARGIN      16
#define GRID_X      60 // steps of x and y that a laboratory gives
#define GRID_Y      40
#define FITTING     1400 // what is not wider can be read when it is fitted to a page
#define SWEEPS      6
#define LINES_MAX   9 // of a node's addresses
#define LINE_MAX    160

struct point {
    const struct lab_node *node; // NULL: a switch
    const struct lab_node *last; // of those that it stands for
    unsigned stands_for;
    const struct lab_link *link;
    const char *label; // in the reader's language; "": a node has none
    unsigned column, width, height;
    double order;
    int x, y; // of the middle
};

struct drawing {
    const struct lab *lab;
    draw_say *say;
    const struct words *words;
    struct point *points; // the nodes, then the switches
    size_t count;
    size_t *switch_of; // of each link: its point, or SIZE_MAX
    size_t *first;     // of each node: the one that it is drawn as
    size_t *point_of;  // of each node: its point
    unsigned columns;
    int width, height;
};

// ---- how large

typedef void line_fn(void *arg, const char *class, const char *text);

static void each_address(const struct lab_node *n, line_fn *line, void *arg)
{
    unsigned shown = 0;
    for (unsigned i = 0; i < n->interfaces_count; i++)
        for (unsigned a = 0; a < n->interfaces[i].addresses_count && shown < LINES_MAX;
             a++, shown++) {
            char text[LINE_MAX];
            const char *address = n->interfaces[i].addresses[a];
            snprintf(text, sizeof text, "%.16s %.*s", n->interfaces[i].name,
                     (int)strcspn(address, " "), address);
            line(arg, "a", text);
        }
}

// What stands in the box of a node, or of several.
static void each_line(const struct point *p, line_fn *line, void *arg)
{
    char text[LINE_MAX];
    if (p->stands_for == 1) {
        line(arg, "n", p->node->name);
        if (*p->label)
            line(arg, "l", p->label);
        each_address(p->node, line, arg);
        return;
    }
    snprintf(text, sizeof text, "%.60s … %.60s", p->node->name, p->last->name);
    line(arg, "n", text);
    snprintf(text, sizeof text, "%.100s%s× %u", p->label, *p->label ? " " : "", p->stands_for);
    line(arg, "l", text);
    each_address(p->node, line, arg);
    line(arg, "a", "…");
    each_address(p->last, line, arg);
}

static void measure_line(void *arg, const char *class, const char *text)
{
    struct point *p = arg;
    const unsigned bold = *class == 'n' ? 2 : 0;
    const unsigned width = (text_width(text) + bold) * CHAR_WIDTH + 2 * BOX_PADDING;
    p->width = width > p->width ? width : p->width;
    p->height += LINE_HEIGHT;
}

static const char *said(const struct drawing *d, const char *english)
{
    return d->say(d->words, english);
}

static const char *label_of(const struct drawing *d, const struct lab_link *l)
{
    return l->label ? said(d, l->label) : l->name;
}

static void add_nodes(struct drawing *d)
{
    for (size_t i = 0; i < d->lab->nodes_count; i++) {
        const size_t first = d->first[i];
        if (first == i)
            d->point_of[i] = d->count++;
        d->point_of[i] = d->point_of[first];
        struct point *p = &d->points[d->point_of[i]];
        p->node = &d->lab->nodes[first];
        p->last = &d->lab->nodes[i];
        p->label = p->node->label ? said(d, p->node->label) : "";
        p->stands_for++;
    }
    for (size_t i = 0; i < d->count; i++) {
        d->points[i].height = 2 * BOX_PADDING - 4;
        each_line(&d->points[i], measure_line, &d->points[i]);
    }
}

static void add_switches(struct drawing *d)
{
    for (size_t i = 0; i < d->lab->links_count; i++) {
        const struct lab_link *l = &d->lab->links[i];
        d->switch_of[i] = SIZE_MAX;
        if (l->ends_count == 2)
            continue;
        d->switch_of[i] = d->count;
        const char *label = label_of(d, l);
        d->points[d->count++] =
            (struct point){.link = l,
                           .label = label,
                           .width = text_width(label) * CHAR_WIDTH + 2 * BOX_PADDING,
                           .height = LINE_HEIGHT + BOX_PADDING};
    }
}

static bool prepare(struct drawing *d)
{
    const struct lab *lab = d->lab;
    d->points = calloc(lab->nodes_count + lab->links_count + 1, sizeof *d->points);
    d->switch_of = calloc(lab->links_count + 1, sizeof *d->switch_of);
    d->point_of = calloc(lab->nodes_count + 1, sizeof *d->point_of);
    d->first = alike_find(lab);
    if (!d->points || !d->switch_of || !d->point_of || !d->first)
        return false;
    add_nodes(d);
    add_switches(d);
    return true;
}

// A wire to one that is drawn as another is not.
static bool is_drawn(const struct drawing *d, const struct lab_link *l)
{
    for (unsigned n = 0; n < l->ends_count; n++)
        if (d->first[l->end[n].node] != l->end[n].node)
            return false;
    return true;
}

// ---- where

// Calls `fn` for each pair of points that is joined.
typedef void joined_fn(struct drawing *d, size_t a, size_t b, void *arg);

static void each_join(struct drawing *d, joined_fn *fn, void *arg)
{
    for (size_t i = 0; i < d->lab->links_count; i++) {
        const struct lab_link *l = &d->lab->links[i];
        if (d->switch_of[i] == SIZE_MAX && is_drawn(d, l))
            fn(d, d->point_of[l->end[0].node], d->point_of[l->end[1].node], arg);
        for (unsigned n = 0; d->switch_of[i] != SIZE_MAX && n < l->ends_count; n++)
            fn(d, d->point_of[l->end[n].node], d->switch_of[i], arg);
    }
}

static void come_nearer(struct drawing *d, size_t a, size_t b, void *arg)
{
    struct point *p = &d->points[a], *q = &d->points[b];
    bool *changed = arg;
    if (p->column != UINT32_MAX && (q->column == UINT32_MAX || q->column > p->column + 1)) {
        q->column = p->column + 1;
        *changed = true;
    } else if (q->column != UINT32_MAX && (p->column == UINT32_MAX || p->column > q->column + 1)) {
        p->column = q->column + 1;
        *changed = true;
    }
}

static void set_columns(struct drawing *d)
{
    for (size_t i = 0; i < d->count; i++)
        d->points[i].column = UINT32_MAX;
    for (size_t i = 0; i < d->count; i++) {
        if (d->points[i].column != UINT32_MAX)
            continue;
        d->points[i].column = 0; // the first, and the first of each part that is apart
        for (bool changed = true; changed;) {
            changed = false;
            each_join(d, come_nearer, &changed);
        }
    }
    for (size_t i = 0; i < d->count; i++)
        if (d->points[i].column >= d->columns)
            d->columns = d->points[i].column + 1;
}

struct pull {
    double *sum;
    unsigned *count;
};

static void add_pull(struct drawing *d, size_t a, size_t b, void *arg)
{
    const struct pull *p = arg;
    p->sum[a] += d->points[b].order;
    p->sum[b] += d->points[a].order;
    p->count[a]++;
    p->count[b]++;
}

static int by_column_and_order(const void *a, const void *b)
{
    const struct point *p = *(struct point *const *)a, *q = *(struct point *const *)b;
    if (p->column != q->column)
        return p->column < q->column ? -1 : 1;
    if (p->order != q->order)
        return p->order < q->order ? -1 : 1;
    return p < q ? -1 : p > q;
}

// Numbers the points of each column from its middle.
static void number(struct drawing *d, struct point **sorted)
{
    for (size_t i = 0; i < d->count; i++)
        sorted[i] = &d->points[i];
    qsort(sorted, d->count, sizeof(struct point *), by_column_and_order);
    for (size_t i = 0, next; i < d->count; i = next) {
        for (next = i; next < d->count && sorted[next]->column == sorted[i]->column;)
            next++;
        for (size_t k = i; k < next; k++)
            sorted[k]->order = (double)(k - i) - (double)(next - i - 1) / 2;
    }
}

static bool set_orders(struct drawing *d, struct point **sorted)
{
    struct pull p = {calloc(d->count + 1, sizeof *p.sum), calloc(d->count + 1, sizeof *p.count)};
    bool ok = p.sum && p.count;
    number(d, sorted);
    for (unsigned sweep = 0; ok && sweep < SWEEPS; sweep++) {
        memset(p.sum, 0, d->count * sizeof *p.sum);
        memset(p.count, 0, d->count * sizeof *p.count);
        each_join(d, add_pull, &p);
        for (size_t i = 0; i < d->count; i++)
            if (p.count[i])
                d->points[i].order = p.sum[i] / p.count[i];
        number(d, sorted);
    }
    free(p.sum);
    free(p.count);
    return ok;
}

static void place_columns(struct drawing *d, struct point **sorted)
{
    int x = MARGIN, tallest = 0;
    for (size_t i = 0, next; i < d->count; i = next) {
        int widest = 0, y = 0;
        for (next = i; next < d->count && sorted[next]->column == sorted[i]->column; next++) {
            widest = (int)sorted[next]->width > widest ? (int)sorted[next]->width : widest;
            sorted[next]->y = y + (int)sorted[next]->height / 2;
            y += (int)sorted[next]->height + ROW_GAP;
        }
        for (size_t k = i; k < next; k++) {
            sorted[k]->x = x + widest / 2;
            sorted[k]->y -= (y - ROW_GAP) / 2; // around the middle, for now
        }
        tallest = y - ROW_GAP > tallest ? y - ROW_GAP : tallest;
        x += widest + COLUMN_GAP;
    }
    d->width = x - COLUMN_GAP + MARGIN;
    d->height = tallest + 2 * MARGIN;
    for (size_t i = 0; i < d->count; i++)
        d->points[i].y += d->height / 2;
}

static bool is_placed(const struct lab *lab)
{
    for (unsigned i = 0; i < lab->nodes_count; i++)
        if (!lab->nodes[i].x || !lab->nodes[i].y)
            return false;
    return true;
}

static void middle_of(struct drawing *d, size_t a, size_t b, void *arg)
{
    unsigned *count = arg;
    if (d->points[b].node)
        return;
    d->points[b].x += d->points[a].x;
    d->points[b].y += d->points[a].y;
    count[b]++;
}

// As the laboratory says; a switch is in the middle of its nodes.
static bool place_given(struct drawing *d)
{
    unsigned *count = calloc(d->count + 1, sizeof *count);
    if (!count)
        return false;
    for (size_t i = 0; i < d->lab->nodes_count; i++) {
        struct point *p = &d->points[i];
        p->x = *p->node->x % 1000 * GRID_X;
        p->y = *p->node->y % 1000 * GRID_Y;
    }
    each_join(d, middle_of, count);
    int left = 0, top = 0;
    for (size_t i = 0; i < d->count; i++) {
        struct point *p = &d->points[i];
        p->x /= count[i] ? (int)count[i] : 1;
        p->y /= count[i] ? (int)count[i] : 1;
        left = i == 0 || p->x - (int)p->width / 2 < left ? p->x - (int)p->width / 2 : left;
        top = i == 0 || p->y - (int)p->height / 2 < top ? p->y - (int)p->height / 2 : top;
    }
    free(count);
    for (size_t i = 0; i < d->count; i++) {
        struct point *p = &d->points[i];
        p->x += MARGIN - left;
        p->y += MARGIN - top;
        d->width = p->x + (int)p->width / 2 + MARGIN > d->width ? p->x + (int)p->width / 2 + MARGIN
                                                                : d->width;
        d->height = p->y + (int)p->height / 2 + MARGIN > d->height
                        ? p->y + (int)p->height / 2 + MARGIN
                        : d->height;
    }
    return true;
}

// ---- what is written

static void write_line(const struct point *a, const struct point *b, struct buffer *out)
{
    buffer_format(out, "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>\n", a->x, a->y, b->x, b->y);
}

static void join(struct drawing *d, size_t a, size_t b, void *arg)
{
    write_line(&d->points[a], &d->points[b], arg);
}

static void write_text(struct buffer *out, int x, int y, const char *class, const char *text)
{
    buffer_format(out, "<text class=\"%s\" x=\"%d\" y=\"%d\">", class, x, y);
    markup_slice(out, (struct slice){text, strnlen(text, LINE_MAX - 1)});
    buffer_text(out, "</text>\n");
}

// Under the line between two nodes; the two may stand one above the other.
static void write_wire_name(const struct drawing *d, const struct lab_link *l, struct buffer *out)
{
    const struct point *a = &d->points[d->point_of[l->end[0].node]],
                       *b = &d->points[d->point_of[l->end[1].node]];
    bool upright = abs(a->x - b->x) < 40;
    char label[LINE_MAX];
    snprintf(label, sizeof label, "%.100s%s", label_of(d, l),
             a->stands_for > 1 || b->stands_for > 1 ? " …" : "");
    // The gap between the boxes, not between their middles.
    int from = a->x < b->x ? a->x + (int)a->width / 2 : b->x + (int)b->width / 2;
    int to = a->x < b->x ? b->x - (int)b->width / 2 : a->x - (int)a->width / 2;
    int x =
        upright ? (a->x + b->x) / 2 + (int)text_width(label) * CHAR_WIDTH / 2 + 8 : (from + to) / 2;
    write_text(out, x, (a->y + b->y) / 2 - 6, "w", label);
}

static void write_shape(const struct point *p, struct buffer *out)
{
    int x = p->x - (int)p->width / 2, y = p->y - (int)p->height / 2;
    int round = !p->node                      ? 2
                : p->node->kind == LAB_ROUTER ? 14
                : p->node->kind == LAB_CLOUD  ? (int)p->height / 2
                : p->node->kind == LAB_PHONE  ? 8
                                              : 3;
    buffer_format(
        out, "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%u\" height=\"%u\" rx=\"%d\"/>\n",
        p->node ? schema_node_kind(p->node->kind) : "lan", x, y, p->width, p->height, round);
}

struct pen {
    struct buffer *out;
    int x, y;
};

static void write_next(void *arg, const char *class, const char *text)
{
    struct pen *pen = arg;
    write_text(pen->out, pen->x, pen->y, class, text);
    pen->y += LINE_HEIGHT;
}

static void write_point(const struct point *p, struct buffer *out)
{
    write_shape(p, out);
    struct pen pen = {out, p->x, p->y - (int)p->height / 2 + BOX_PADDING + 8};
    if (p->node)
        each_line(p, write_next, &pen);
    else
        write_text(out, p->x, p->y + 4, "w", p->label);
}

// The same in words, for those who do not see it.
static void write_words(const struct lab *lab, struct buffer *out)
{
    for (unsigned i = 0; i < lab->links_count; i++) {
        markup_text(out, lab->links[i].name);
        buffer_text(out, ": ");
        for (unsigned n = 0; n < lab->links[i].ends_count; n++) {
            buffer_text(out, n ? ", " : "");
            markup_text(out, lab->links[i].ends[n]);
        }
        buffer_text(out, ". ");
    }
}

static const char style[] =
    ".lab line{stroke:currentColor;stroke-width:1.5}"
    ".lab rect{fill:Canvas;stroke:currentColor;stroke-width:1.5}"
    ".lab rect.router{stroke-width:3}.lab rect.cloud{stroke-dasharray:5 3}"
    ".lab rect.lan{stroke-width:1}.lab rect.server{stroke-width:2.2}"
    ".lab text{fill:currentColor;text-anchor:middle;font:12px system-ui,sans-serif}"
    ".lab .n{font-weight:bold}.lab .a{font:11px ui-monospace,monospace}.lab .w{font-size:11px}";

static void write_all(struct drawing *d, bool styled, struct buffer *out)
{
    buffer_format(out,
                  "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"lab%s\" role=\"img\" "
                  "viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\">\n<title>",
                  d->width > FITTING ? " wide" : "", d->width, d->height, d->width, d->height);
    markup_text(out, said(d, d->lab->title));
    buffer_text(out, "</title>\n<desc>");
    write_words(d->lab, out);
    buffer_text(out, "</desc>\n");
    if (styled)
        buffer_format(out, "<style>%s</style>\n", style);
    each_join(d, join, out);
    for (size_t i = 0; i < d->lab->links_count; i++)
        if (d->switch_of[i] == SIZE_MAX && is_drawn(d, &d->lab->links[i]))
            write_wire_name(d, &d->lab->links[i], out);
    for (size_t i = 0; i < d->count; i++)
        write_point(&d->points[i], out);
    buffer_text(out, "</svg>\n");
}

void draw_svg(const struct lab *lab, draw_say *say, const struct words *w, bool styled,
              struct buffer *out)
{
    struct drawing d = {.lab = lab, .say = say, .words = w};
    bool ok = prepare(&d);
    struct point **sorted = ok ? calloc(d.count + 1, sizeof *sorted) : NULL;
    ok = ok && sorted;
    if (ok && is_placed(lab)) {
        ok = place_given(&d);
    } else if (ok) {
        set_columns(&d);
        ok = set_orders(&d, sorted);
        if (ok)
            place_columns(&d, sorted);
    }
    if (ok)
        write_all(&d, styled, out);
    else
        out->failed = true;
    free(sorted);
    free(d.points);
    free(d.switch_of);
    free(d.point_of);
    free(d.first);
}
