// SPDX-License-Identifier: Apache-2.0

#include "site/section.h"

#include "measure/changes.h"

const struct table *sections_find(const struct measure_tables *tables, const char *name)
{
    for (size_t i = 0; i < tables->count; i++)
        if (strcmp(tables->at[i]->name, name) == 0)
            return tables->at[i];
    return NULL;
}

// One table among several of its measure is chosen by its name.
static const char *query_of(struct page *p, const struct measure_tables *tables,
                            const struct table *t)
{
    return tables->count > 1 ? arena_format(p->arena, "table=%s", t->name) : NULL;
}

static const char *id_of(const struct section *s)
{
    return s->id ? s->id : s->table;
}

static void write_chart(struct page *p, const struct table *t, const struct section *s,
                        const char *caption, const char *query)
{
    table_html_chart(p, t,
                     &(struct table_chart){.kind = s->kind,
                                           .id = id_of(s),
                                           .x = s->x,
                                           .y = s->y,
                                           .name = s->name,
                                           .series = s->series,
                                           .bands = s->bands,
                                           .file = s->file,
                                           .together = s->together,
                                           .logarithmic = s->logarithmic,
                                           .ordered = s->ordered,
                                           .query = query,
                                           .caption = caption});
}

// All rows stand in the page, because the chart is drawn from them; those after the first ones are
// folded away.
static void write_table(struct page *p, const struct table *t, const struct section *s,
                        const struct table_view *v)
{
    if (!s->rows || t->row_count <= s->rows) {
        table_html(p, t, v);
        return;
    }
    struct table_view all = *v;
    html_open(&p->h, "details", NULL);
    html_element(&p->h, "summary", page_say(p, "All {1} rows", page_count(p, t->row_count), NULL),
                 NULL);
    all.bare = true;
    table_html(p, t, &all);
    html_close(&p->h);
    table_html_foot(p, t, v);
}

static void write_section(struct page *p, const struct table *t, const struct section *s,
                          const char *subject, const char *query)
{
    date known_on = DATE_NONE;
    date_parse(slice_of(t->basis.known_on), &known_on);
    const char *before = known_on == DATE_NONE ? "" : page_date(p, changes_year_before(known_on));
    const char *caption = page_say(p, s->caption, subject, page_date(p, known_on), before, NULL);
    const char *id = arena_format(p->arena, "%s-heading", id_of(s));
    if (s->heading)
        page_heading(p, "h2", id ? id : "", s->heading);
    if (s->text)
        page_paragraph(p, s->text);
    if (t->row_count == 0) {
        page_paragraph(p, "Nothing is known.");
        return;
    }
    if (s->kind)
        write_chart(p, t, s, caption, query);
    write_table(p, t, s,
                &(struct table_view){.id = id_of(s),
                                     .caption = caption,
                                     .leave_out = s->leave_out,
                                     .part = s->part,
                                     .rows = s->most,
                                     .query = query});
}

void sections_write(struct page *p, const struct measure_tables *tables, const struct section *list,
                    size_t count, const char *subject)
{
    for (size_t i = 0; i < count; i++) {
        const struct table *t = sections_find(tables, list[i].table);
        if (t)
            write_section(p, t, &list[i], subject, query_of(p, tables, t));
    }
}
