// SPDX-License-Identifier: Apache-2.0
//
// The laboratories: what there is, and each with its story, its drawing and its tasks. What a
// teacher knows (solution, faults, note) is not shown.

#include "lab/draw.h"
#include "site/lesson.h"
#include "site/pages.h"

#include <string.h>

#define RFC_ADDRESS "https://www.rfc-editor.org/rfc/rfc%u"

static unsigned points_of(const struct lab_check *c)
{
    return c->points ? *c->points : 1;
}

static unsigned points_of_all(const struct lab *lab)
{
    unsigned points = 0;
    for (size_t i = 0; i < lab->check_count; i++)
        points += points_of(lab->checks[i]);
    return points;
}

// ---- the list

static void write_row(struct page *p, const struct lab *lab)
{
    html_open(&p->h, "tr", NULL);
    html_open(&p->h, "th", "scope", "row", NULL);
    lesson_link(p, page_address_of(p, "labs", lab->name), lab->title);
    html_close(&p->h);
    lesson_cell(p, "td", lab->summary ? lab->summary : lab->title);
    lesson_number(p, lab->minutes);
    lesson_number(p, lab->nodes_count);
    lesson_number(p, points_of_all(lab));
    html_close(&p->h);
}

static void write_list(struct page *p)
{
    static const struct lesson_head heads[] = {
        {say_later("Laboratory"), false}, {say_later("What it is about"), false},
        {say_later("Minutes"), true},     {say_later("Nodes"), true},
        {say_later("Points"), true},      {NULL, false}};
    const struct catalogue *c = visit_catalogue(p->visit);
    lesson_table(p, "list", say(p->words, "Laboratories"), heads);
    for (size_t i = 0; i < c->lab_count; i++)
        write_row(p, c->labs[i]);
    lesson_table_end(p);
}

static int page_list(struct visit *v, struct response *ret, struct err *e)
{
    struct page p;
    page_begin(&p, v, ret,
               &(struct page_head){.title = say(v->words, "Laboratories"), .part = "labs"});
    html_element(&p.h, "p",
                 say(p.words,
                     "Networks to practise on, on one machine: real packets, real routers, "
                     "nothing to download, and an answer to whether the work holds."),
                 "class", "lead", NULL);
    page_paragraph(&p, "Each laboratory runs in network namespaces of a machine with Linux, within "
                       "seconds, and does not touch the machine's own network.");
    html_open(&p.h, "p", NULL);
    page_link(&p, "courses", NULL, say(p.words, "Courses: paths through the laboratories"));
    html_close(&p.h);
    write_list(&p);
    return page_end(&p, e);
}

// ---- one

static void open_fact(struct page *p, const char *english)
{
    html_element(&p->h, "dt", say(p->words, english), NULL);
    html_open(&p->h, "dd", NULL);
}

static void write_rfcs(struct page *p, const struct lab *lab)
{
    open_fact(p, say_later("Standards"));
    for (unsigned i = 0; i < lab->rfcs_count; i++) {
        const char *address = arena_format(p->arena, RFC_ADDRESS, lab->rfcs[i]);
        html_text(&p->h, i ? ", " : "");
        html_open(&p->h, "a", "href", address ? address : "", "dir", "ltr", NULL);
        html_format(&p->h, "RFC %u", lab->rfcs[i]);
        html_close(&p->h);
    }
    html_close(&p->h);
}

static void write_courses(struct page *p, const struct lab *lab)
{
    const struct catalogue *c = visit_catalogue(p->visit);
    size_t shown = 0;
    for (size_t i = 0; i < c->course_count; i++) {
        const char *address = arena_format(p->arena, "%s#%s", page_address_of(p, "courses", NULL),
                                           c->courses[i]->name);
        if (!course_has(c->courses[i], lab->name))
            continue;
        if (shown++ == 0)
            html_element(&p->h, "dt", say(p->words, "Courses"), NULL);
        html_open(&p->h, "dd", NULL);
        lesson_link(p, address, c->courses[i]->title);
        html_close(&p->h);
    }
}

static void write_facts(struct page *p, const struct lab *lab)
{
    html_open(&p->h, "dl", "class", "facts", NULL);
    if (lab->minutes) {
        open_fact(p, say_later("Minutes"));
        html_text(&p->h, page_count(p, lab->minutes));
        html_close(&p->h);
    }
    open_fact(p, say_later("Nodes"));
    html_text(&p->h, page_count(p, lab->nodes_count));
    html_close(&p->h);
    open_fact(p, say_later("Points"));
    html_text(&p->h, page_count(p, points_of_all(lab)));
    html_close(&p->h);
    if (lab->rfcs_count)
        write_rfcs(p, lab);
    write_courses(p, lab);
    html_close(&p->h);
}

// ---- its network

static const struct lab_interface *interface_of(const struct lab_node *n, const char *name)
{
    for (unsigned i = 0; i < n->interfaces_count; i++)
        if (strcmp(n->interfaces[i].name, name) == 0)
            return &n->interfaces[i];
    return NULL;
}

static void write_end(struct page *p, const struct lab *lab, const struct lab_link *link,
                      const struct lab_end *end)
{
    const struct lab_node *node = &lab->nodes[end->node];
    const struct lab_interface *in = interface_of(node, end->interface);
    html_open(&p->h, "tr", NULL);
    html_element(&p->h, "th", link->name, "scope", "row", "dir", "ltr", NULL);
    html_element(&p->h, "td", node->name, "dir", "ltr", NULL);
    html_element(&p->h, "td", end->interface, "dir", "ltr", NULL);
    html_open(&p->h, "td", NULL);
    for (unsigned i = 0; in && i < in->addresses_count; i++) {
        html_text(&p->h, i ? " " : "");
        html_isolated(&p->h, in->addresses[i]);
    }
    html_close(&p->h);
    html_close(&p->h);
}

static void write_network(struct page *p, const struct lab *lab)
{
    static const struct lesson_head heads[] = {{say_later("Link"), false},
                                               {say_later("Node"), false},
                                               {say_later("Interface"), false},
                                               {say_later("Addresses"), false},
                                               {NULL, false}};
    page_heading(p, "h2", "network", "The network");
    html_open(&p->h, "section", "class", "scroll", "tabindex", "0", "aria-labelledby", "network",
              NULL);
    draw_svg(lab, say, p->words, false, p->h.out);
    html_close(&p->h);
    html_open(&p->h, "details", NULL);
    html_element(&p->h, "summary", say(p->words, "The network as a table"), NULL);
    lesson_table(p, "ends", say(p->words, "What ends where"), heads);
    for (unsigned i = 0; i < lab->links_count; i++)
        for (unsigned n = 0; n < lab->links[i].ends_count; n++)
            write_end(p, lab, &lab->links[i], &lab->links[i].end[n]);
    lesson_table_end(p);
    html_close(&p->h);
}

// ---- its tasks

static void write_checks(struct page *p, const struct lab_task *t, unsigned number)
{
    static const struct lesson_head heads[] = {
        {say_later("Check"), false}, {say_later("Points"), true}, {NULL, false}};
    const char *id = arena_format(p->arena, "checks-%s", t->name);
    lesson_table(p, id ? id : "",
                 page_say(p, "What is checked of task {1}", page_count(p, number), NULL), heads);
    for (unsigned i = 0; i < t->checks_count; i++) {
        html_open(&p->h, "tr", NULL);
        lesson_cell(p, "td", t->checks[i].title);
        lesson_number(p, points_of(&t->checks[i]));
        html_close(&p->h);
    }
    lesson_table_end(p);
}

static void write_task(struct page *p, const struct lab_task *t, unsigned number)
{
    html_open(&p->h, "h3", NULL);
    html_format(&p->h, "%u. ", number);
    lesson_element(p, "span", t->title);
    html_close(&p->h);
    lesson_paragraphs(p, t->text);
    lesson_list(p, "ol", t->steps, t->steps_count);
    for (unsigned i = 0; i < t->hints_count; i++) {
        html_open(&p->h, "details", NULL);
        html_element(&p->h, "summary",
                     t->hints_count == 1 ? say(p->words, "Hint")
                                         : page_say(p, "Hint {1}", page_count(p, i + 1), NULL),
                     NULL);
        lesson_paragraphs(p, t->hints[i]);
        html_close(&p->h);
    }
    if (t->checks_count)
        write_checks(p, t, number);
}

// ---- how to run it

static void write_needs(struct page *p, const struct lab *lab)
{
    page_heading(p, "h2", "needs", "What it needs");
    page_paragraph(p, "A machine with Linux and Sextant. As an ordinary user where the system "
                      "allows user namespaces, else as root.");
    if (lab->needs_count == 0)
        return;
    page_paragraph(p, "And one of the ways to have each of these; \"sextant lab list\" says what "
                      "your machine lacks:");
    html_open(&p->h, "ul", NULL);
    for (unsigned i = 0; i < lab->needs_count; i++) {
        html_open(&p->h, "li", NULL);
        lesson_element(p, "span", lab->needs[i].feature);
        html_text(&p->h, ": ");
        for (unsigned k = 0; k < lab->needs[i].ways_count; k++) {
            html_text(&p->h, k ? ", " : "");
            html_element(&p->h, "code", lab->needs[i].ways[k], "dir", "ltr", NULL);
        }
        html_close(&p->h);
    }
    html_close(&p->h);
}

static void write_step(struct page *p, const char *english, const char *command, const char *word)
{
    html_open(&p->h, "li", NULL);
    html_text(&p->h, say(p->words, english));
    html_text(&p->h, " ");
    html_open(&p->h, "code", "dir", "ltr", NULL);
    html_format(&p->h, "sextant lab %s%s%s", command, word[0] ? " " : "", word);
    html_close(&p->h);
    html_close(&p->h);
}

static void write_steps(struct page *p, const struct lab *lab)
{
    page_heading(p, "h2", "run", "Run it at home");
    html_open(&p->h, "ol", NULL);
    write_step(p, say_later("Bring the laboratory up:"), "up", lab->name);
    write_step(p, say_later("Read the story and the tasks on the terminal:"), "show", lab->name);
    write_step(p, say_later("Go into a node and work there; \"exit\" leads out again:"), "enter",
               lab->nodes[0].name);
    write_step(p, say_later("See whether your work holds, as often as you like:"), "check", "");
    write_step(p, say_later("Count the points:"), "grade", "");
    write_step(p, say_later("Begin again from the start:"), "reset", "");
    write_step(p, say_later("Take it down; nothing is left behind:"), "down", "");
    html_close(&p->h);
}

static int page_one(struct visit *v, const struct lab *lab, struct response *ret, struct err *e)
{
    struct page p = {.visit = v, .words = v->words};
    page_begin(&p, v, ret,
               &(struct page_head){.title = say(v->words, lab->title),
                                   .part = "labs",
                                   .language = say_language(p.words, lab->title)});
    lesson_element(&p, "p", lab->summary);
    write_facts(&p, lab);
    page_heading(&p, "h2", "story", "The story");
    lesson_paragraphs(&p, lab->story);
    if (lab->learn_count) {
        page_heading(&p, "h2", "learn", "What you learn");
        lesson_list(&p, "ul", lab->learn, lab->learn_count);
    }
    write_network(&p, lab);
    page_heading(&p, "h2", "tasks", "The tasks");
    for (unsigned i = 0; i < lab->tasks_count; i++)
        write_task(&p, &lab->tasks[i], i + 1);
    write_needs(&p, lab);
    write_steps(&p, lab);
    html_open(&p.h, "p", NULL);
    page_link(&p, "labs", NULL, say(p.words, "All laboratories"));
    html_close(&p.h);
    return page_end(&p, e);
}

int page_labs(struct visit *v, struct response *ret, struct err *e)
{
    if (!v->rest[0])
        return page_list(v, ret, e);
    const struct lab *lab = catalogue_lab(visit_catalogue(v), v->rest);
    return lab ? page_one(v, lab, ret, e)
               : err_set(e, ERR_NOT_FOUND, "there is no laboratory \"%.100s\"", v->rest);
}
