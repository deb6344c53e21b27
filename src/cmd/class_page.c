// SPDX-License-Identifier: Apache-2.0

#include "cmd/class_page.h"

#include "site/html.h"

static const char style[] =
    ":root{color-scheme:light dark}"
    "body{font:100%/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}"
    ".scroll{overflow-x:auto;margin:1.5rem 0}"
    "table{border-collapse:collapse}"
    "caption{text-align:start;font-weight:600;padding-bottom:.5rem}"
    "th,td{text-align:start;vertical-align:top;padding:.35rem .6rem;border-bottom:1px solid}"
    "td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}"
    "td.why{min-width:16rem;overflow-wrap:anywhere}"
    "ul{margin:0;padding-inline-start:1.2rem}"
    "@media "
    "print{.scroll{overflow:visible}tr{break-inside:avoid}thead{display:table-header-group}}";

static unsigned points_of(const struct lab_check *c)
{
    return c->points ? *c->points : 1;
}

// Of the checks from `first` on; without a student those possible.
static unsigned sum(const struct lab *lab, size_t first, size_t count,
                    const struct class_student *s)
{
    unsigned points = 0;
    for (size_t i = first; i < first + count; i++)
        if (!s || (!s->wrong && s->passed[i]))
            points += points_of(lab->checks[i]);
    return points;
}

static void head_cell(struct html *h, const char *text, bool number)
{
    html_element(h, "th", text, "scope", "col", number ? "class" : NULL, "n", NULL);
}

static void number_cell(struct html *h, unsigned long long n)
{
    html_open(h, "td", "class", "n", NULL);
    html_format(h, "%llu", n);
    html_close(h);
}

static void open_table(struct html *h, const char *id, const char *caption)
{
    html_open(h, "section", "class", "scroll", "tabindex", "0", "aria-labelledby", id, NULL);
    html_open(h, "table", NULL);
    html_element(h, "caption", caption, "id", id, NULL);
    html_open(h, "thead", NULL);
    html_open(h, "tr", NULL);
}

static void open_rows(struct html *h)
{
    html_close(h);
    html_close(h);
    html_open(h, "tbody", NULL);
}

static void close_table(struct html *h)
{
    html_close(h);
    html_close(h);
    html_close(h);
}

// ---- students

static void write_failed(struct html *h, const struct lab *lab, const struct class_student *s)
{
    size_t failed = 0;
    html_open(h, "td", "class", "why", NULL);
    if (s->wrong)
        html_format(h, "Nothing was checked: %s", s->wrong);
    else if (s->note[0])
        html_element(h, "p", s->note, NULL);
    for (size_t i = 0; !s->wrong && i < lab->check_count; i++) {
        if (s->passed[i])
            continue;
        if (failed++ == 0)
            html_open(h, "ul", NULL);
        html_element(h, "li", lab->checks[i]->title, NULL);
    }
    if (failed)
        html_close(h);
    html_close(h);
}

static void write_student(struct html *h, const struct lab *lab, const struct class_student *s)
{
    html_open(h, "tr", NULL);
    html_open(h, "th", "scope", "row", NULL);
    html_isolated(h, s->name);
    html_close(h);
    number_cell(h, sum(lab, 0, lab->check_count, s));
    for (size_t i = 0, first = 0; i < lab->tasks_count; first += lab->tasks[i++].checks_count)
        number_cell(h, sum(lab, first, lab->tasks[i].checks_count, s));
    write_failed(h, lab, s);
    html_close(h);
}

static void write_students(struct html *h, const struct class_results *r)
{
    const struct lab *lab = r->lab;
    open_table(h, "students", "Points by student");
    head_cell(h, "Student", false);
    html_open(h, "th", "scope", "col", "class", "n", NULL);
    html_format(h, "All tasks (of %u)", sum(lab, 0, lab->check_count, NULL));
    html_close(h);
    for (size_t i = 0, first = 0; i < lab->tasks_count; first += lab->tasks[i++].checks_count) {
        html_open(h, "th", "scope", "col", "class", "n", NULL);
        html_format(h, "%s (of %u)", lab->tasks[i].title,
                    sum(lab, first, lab->tasks[i].checks_count, NULL));
        html_close(h);
    }
    head_cell(h, "What failed", false);
    open_rows(h);
    for (size_t i = 0; i < r->count; i++)
        write_student(h, lab, &r->students[i]);
    close_table(h);
}

// ---- checks: what the class should talk about

static void write_check(struct html *h, const struct class_results *r, const struct lab_task *task,
                        size_t check)
{
    size_t passed = 0;
    for (size_t i = 0; i < r->count; i++)
        passed += !r->students[i].wrong && r->students[i].passed[check];
    html_open(h, "tr", NULL);
    html_element(h, "td", task->title, NULL);
    html_element(h, "th", r->lab->checks[check]->title, "scope", "row", NULL);
    number_cell(h, points_of(r->lab->checks[check]));
    number_cell(h, passed);
    html_close(h);
}

static void write_checks(struct html *h, const struct class_results *r)
{
    open_table(h, "checks", "How many passed each check");
    head_cell(h, "Task", false);
    head_cell(h, "Check", false);
    head_cell(h, "Points", true);
    html_open(h, "th", "scope", "col", "class", "n", NULL);
    html_format(h, "Passed (of %zu)", r->count);
    html_close(h);
    open_rows(h);
    for (size_t i = 0, n = 0; i < r->lab->tasks_count; i++)
        for (size_t k = 0; k < r->lab->tasks[i].checks_count; k++, n++)
            write_check(h, r, &r->lab->tasks[i], n);
    close_table(h);
}

// ---- the page

static void write_summary(struct html *h, const struct class_results *r)
{
    unsigned possible = sum(r->lab, 0, r->lab->check_count, NULL);
    unsigned long long all = 0;
    size_t whole = 0;
    for (size_t i = 0; i < r->count; i++) {
        unsigned reached = sum(r->lab, 0, r->lab->check_count, &r->students[i]);
        all += reached;
        whole += !r->students[i].wrong && reached == possible;
    }
    html_open(h, "p", NULL);
    html_format(h, "%zu students; %zu with all of %u points", r->count, whole, possible);
    if (r->count)
        html_format(h, "; %.1f points on average", (double)all / (double)r->count);
    html_text(h, ".");
    html_close(h);
}

void class_page_write(const struct class_results *r, struct buffer *out)
{
    struct html h = {.out = out};
    html_doctype(&h);
    html_open(&h, "html", "lang", "en", NULL);
    html_open(&h, "head", NULL);
    html_void(&h, "meta", "charset", "utf-8", NULL);
    html_void(&h, "meta", "name", "viewport", "content", "width=device-width, initial-scale=1",
              NULL);
    html_open(&h, "title", NULL);
    html_format(&h, "%s: results of a class", r->lab->title);
    html_close(&h);
    html_element(&h, "style", style, NULL);
    html_close(&h);
    html_open(&h, "body", NULL);
    html_open(&h, "main", NULL);
    html_open(&h, "h1", NULL);
    html_format(&h, "%s: results of a class", r->lab->title);
    html_close(&h);
    write_summary(&h, r);
    write_students(&h, r);
    write_checks(&h, r);
    html_open(&h, "p", NULL);
    html_format(&h, "Laboratory %s, graded by Sextant %s.", r->lab->name, SEXTANT_VERSION);
    html_close(&h);
    html_close(&h);
    html_close(&h);
    html_close(&h);
    html_text(&h, "\n");
}
