// SPDX-License-Identifier: Apache-2.0
//
// The courses: for whom, what they ask for, how long they take, and their laboratories in order.

#include "site/lesson.h"
#include "site/pages.h"

static void write_labs(struct page *p, const struct course_part *part)
{
    if (part->labs_count == 0)
        return;
    html_open(&p->h, "ul", NULL);
    for (unsigned i = 0; i < part->labs_count; i++) {
        const struct lab *lab = catalogue_lab(visit_catalogue(p->visit), part->labs[i]);
        html_open(&p->h, "li", NULL);
        lesson_link(p, page_address_of(p, "labs", lab->name), lab->title);
        html_close(&p->h);
    }
    html_close(&p->h);
}

static void write_hours(struct page *p, unsigned hours)
{
    html_element(&p->h, "p", page_say(p, "Hours: {1}", page_count(p, hours), NULL), "class",
                 "aside", NULL);
}

static void write_course(struct page *p, const struct course *c)
{
    const char *language = say_language(p->words, c->title);
    html_element(&p->h, "h2", say(p->words, c->title), "id", c->name, language ? "lang" : NULL,
                 language, "dir", "ltr", NULL);
    lesson_paragraphs(p, c->summary);
    html_open(&p->h, "dl", "class", "facts", NULL);
    html_element(&p->h, "dt", say(p->words, "For whom"), NULL);
    lesson_cell(p, "dd", c->audience);
    if (c->prerequisites_count)
        html_element(&p->h, "dt", say(p->words, "What one knows before"), NULL);
    for (unsigned i = 0; i < c->prerequisites_count; i++)
        lesson_cell(p, "dd", c->prerequisites[i]);
    html_element(&p->h, "dt", say(p->words, "Hours"), NULL);
    html_element(&p->h, "dd", page_count(p, course_hours(c)), NULL);
    html_close(&p->h);
    for (unsigned i = 0; i < c->parts_count; i++) {
        lesson_element(p, "h3", c->parts[i].title);
        write_hours(p, c->parts[i].hours);
        lesson_paragraphs(p, c->parts[i].text);
        write_labs(p, &c->parts[i]);
    }
}

static void write_overview(struct page *p, const struct catalogue *c)
{
    static const struct lesson_head heads[] = {{say_later("Course"), false},
                                               {say_later("For whom"), false},
                                               {say_later("Hours"), true},
                                               {NULL, false}};
    lesson_table(p, "list", say(p->words, "Courses"), heads);
    for (size_t i = 0; i < c->course_count; i++) {
        html_open(&p->h, "tr", NULL);
        html_open(&p->h, "th", "scope", "row", NULL);
        lesson_link(p, arena_format(p->arena, "#%s", c->courses[i]->name), c->courses[i]->title);
        html_close(&p->h);
        lesson_cell(p, "td", c->courses[i]->audience);
        lesson_number(p, course_hours(c->courses[i]));
        html_close(&p->h);
    }
    lesson_table_end(p);
}

int page_courses(struct visit *v, struct response *ret, struct err *e)
{
    const struct catalogue *c = visit_catalogue(v);
    struct page p;
    page_begin(&p, v, ret, &(struct page_head){.title = say(v->words, "Courses"), .part = "labs"});
    html_element(&p.h, "p",
                 say(p.words, "Paths through the laboratories, each for those who do one kind of "
                              "work. The hours count reading, practice and talk about it."),
                 "class", "lead", NULL);
    html_open(&p.h, "p", NULL);
    page_link(&p, "labs", NULL, say(p.words, "All laboratories"));
    html_close(&p.h);
    write_overview(&p, c);
    for (size_t i = 0; i < c->course_count; i++)
        write_course(&p, c->courses[i]);
    return page_end(&p, e);
}
