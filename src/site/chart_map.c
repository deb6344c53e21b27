// SPDX-License-Identifier: Apache-2.0
//
// The world in equal areas, coloured by quantiles; economies too small to be seen are dots. The
// shapes are made when the site is built (web/build.mjs), in static/world.paths:
//
//     2000 974                        width and height
//     KE M1260 540l3 4-2 1z           an economy's shape, from an absolute point on
//     - M12 30l...z                   one that has no figures
//     KE 1262 545                     where its dot is

#include "site/chart_parts.h"

#include "base/file.h"

#include <math.h>
#include <stdlib.h>

#define WORLD_FILE      "static/world.paths"
#define WORLD_BYTES_MAX ((size_t)1 << 20)
#define PLACES_MAX      1024
#define CHART_NONE      "#f0efe9"

struct world_map {
    double width, height;
    struct place {
        const char *key, *path; // path: NULL for a dot
        struct point at;
        size_t row; // SIZE_MAX: no figure
        double value;
    } places[PLACES_MAX];
    size_t count;
    double values[PLACES_MAX], bounds[CHART_SHADE_COUNT];
    size_t value_count, bound_count;
};

// ---- reading

static bool parse_place(struct chart *c, struct slice line, struct place *ret)
{
    struct slice key = slice_cut(&line, ' ');
    uint64_t x, y;
    *ret = (struct place){.key = arena_text(c->page->arena, key.at, key.length), .row = SIZE_MAX};
    if (!ret->key || !line.at || line.length == 0)
        return false;
    if (line.at[0] == 'M')
        return (ret->path = arena_text(c->page->arena, line.at, line.length)) != NULL;
    struct slice first = slice_cut(&line, ' ');
    if (!line.at || !slice_u64(first, 100000, &x) || !slice_u64(line, 100000, &y))
        return false;
    ret->at = (struct point){(double)x, (double)y};
    return true;
}

static bool parse_size(struct slice line, struct world_map *m)
{
    uint64_t width, height;
    struct slice first = slice_cut(&line, ' ');
    if (!line.at || !slice_u64(first, 100000, &width) || !slice_u64(line, 100000, &height) ||
        width == 0)
        return false;
    m->width = (double)width;
    m->height = (double)height;
    return true;
}

static bool read_world(struct chart *c, struct world_map *m)
{
    char path[FILE_PATH_MAX];
    struct buffer file = {0};
    bool ok = file_find_data(WORLD_FILE, path, NULL) == 0 &&
              file_read(path, WORLD_BYTES_MAX, &file, NULL) == 0 && file.length > 0;
    struct slice rest = {file.at, ok ? file.length : 0};
    ok = ok && parse_size(slice_cut(&rest, '\n'), m);
    while (ok && rest.at && rest.length > 0 && m->count < PLACES_MAX)
        ok = parse_place(c, slice_cut(&rest, '\n'), &m->places[m->count++]);
    buffer_done(&file);
    return ok;
}

// ---- figures

static int number_order(const void *left, const void *right)
{
    const double *a = left, *b = right;
    return (*a > *b) - (*a < *b);
}

static void find_row(struct chart *c, struct place *place)
{
    size_t key = table_find_column(c->table, "key");
    for (size_t row = 0; row < c->table->row_count; row++) {
        const struct cell *cell = table_cell(c->table, row, key);
        if (cell->kind == CELL_TEXT && strcmp(cell->text, place->key) == 0 &&
            chart_value(c, row, c->columns[0], &place->value))
            place->row = row;
    }
}

// The least figure of each class above the first; equal figures are always in one class.
static void find_bounds(struct world_map *m)
{
    qsort(m->values, m->value_count, sizeof *m->values, number_order);
    for (size_t i = 1; i < CHART_SHADE_COUNT; i++) {
        double bound = m->values[m->value_count * i / CHART_SHADE_COUNT];
        bool new = bound > (m->bound_count ? m->bounds[m->bound_count - 1] : m->values[0]);
        if (new)
            m->bounds[m->bound_count++] = bound;
    }
}

static void find_figures(struct chart *c, struct world_map *m)
{
    for (size_t i = 0; i < m->count; i++) {
        find_row(c, &m->places[i]);
        if (!m->places[i].path && m->places[i].row != SIZE_MAX)
            m->values[m->value_count++] = m->places[i].value;
    }
    if (m->value_count)
        find_bounds(m);
}

// Fewer classes than shades: the darkest ones stay.
static size_t class_of(const struct world_map *m, double value)
{
    size_t class = 0;
    while (class < m->bound_count && value >= m->bounds[class])
        class ++;
    return class;
}

static const char *colour_of(const struct world_map *m, const struct place *p)
{
    if (p->row == SIZE_MAX)
        return CHART_NONE;
    return chart_shades[CHART_SHADE_COUNT - 1 - m->bound_count + class_of(m, p->value)];
}

// ---- drawing

static bool has_shape(const struct world_map *m, const char *key)
{
    for (size_t i = 0; i < m->count; i++)
        if (m->places[i].path && strcmp(m->places[i].key, key) == 0)
            return true;
    return false;
}

static const char *place_name(struct chart *c, const struct place *p)
{
    size_t name = table_find_column(c->table, "name");
    if (p->row == SIZE_MAX || name == SIZE_MAX)
        return NULL;
    return arena_format(c->page->arena, "%s: %s", chart_text(c, p->row, name),
                        chart_text(c, p->row, c->columns[0]));
}

static void draw_places(struct chart *c, const struct world_map *m, double scale)
{
    const struct ink border = {.stroke = "#8f8d85", .width = 0.5};
    for (size_t i = 0; i < m->count; i++) {
        const struct place *p = &m->places[i];
        struct ink ink = border;
        ink.fill = colour_of(m, p);
        if (p->path)
            picture_path(c->picture, p->path, (struct point){CHART_MARGIN, c->y}, scale, &ink,
                         place_name(c, p));
    }
    for (size_t i = 0; i < m->count; i++) {
        const struct place *p = &m->places[i];
        const struct ink ink = {.fill = colour_of(m, p), .stroke = CHART_INK, .width = 0.5};
        if (!p->path && p->row != SIZE_MAX && !has_shape(m, p->key))
            picture_circle(c->picture,
                           (struct point){CHART_MARGIN + p->at.x * scale, c->y + p->at.y * scale},
                           3.2, &ink, place_name(c, p));
    }
}

// Three digits that count.
static const char *bound_text(struct chart *c, double value)
{
    bool whole = fabs(value - round(value)) < 0.005;
    return chart_number(c, value, whole || value >= 100 ? 0 : value >= 10 ? 1 : 2);
}

static const char *class_text(struct chart *c, const struct world_map *m, size_t class)
{
    double least = NAN, most = NAN;
    for (size_t i = 0; i < m->value_count; i++)
        if (class_of(m, m->values[i]) == class) {
            least = isnan(least) ? m->values[i] : least;
            most = m->values[i];
        }
    const char *low = bound_text(c, least), *high = bound_text(c, most);
    return strcmp(low, high) == 0 ? low : page_say(c->page, "from {1} to {2}", low, high, NULL);
}

static void draw_classes(struct chart *c, const struct world_map *m)
{
    struct chart_entry entries[CHART_SHADE_COUNT + 1];
    size_t count = 0;
    for (; count <= m->bound_count; count++)
        entries[count] =
            (struct chart_entry){chart_shades[CHART_SHADE_COUNT - 1 - m->bound_count + count],
                                 class_text(c, m, count), true};
    entries[count++] = (struct chart_entry){CHART_NONE, say(c->page->words, "No figure"), true};
    chart_legend(c, entries, count);
}

bool chart_draw_map(struct chart *c)
{
    struct world_map *m = arena_alloc(c->page->arena, sizeof *m);
    if (!m || !read_world(c, m))
        return false;
    find_figures(c, m);
    if (m->value_count == 0)
        return false;
    double scale = (c->picture->width - 2 * CHART_MARGIN) / m->width;
    c->y += 16;
    draw_places(c, m, scale);
    c->y += m->height * scale;
    draw_classes(c, m);
    return true;
}
