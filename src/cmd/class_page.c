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
    "td.n,th.n{text-align:end;font-variant-numeric:tabular-nums}"
    "td.why{min-width:16rem;overflow-wrap:anywhere}"
    "td p,ul{margin:0}ul{padding-inline-start:1.2rem}"
    "@media "
    "print{.scroll{overflow:visible}tr{break-inside:avoid}thead{display:table-header-group}}";

struct page {
    struct html h;
    const struct words *words;
    const struct class_results *results;
};

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

// Messages have no translation, nor has what a laboratory of the teacher's own says of itself.
static void any_text(struct page *p, const char *english)
{
    const char *language = say_language(p->words, english);
    if (language)
        html_element(&p->h, "span", english, "lang", language, "dir", "ltr", NULL);
    else
        html_text(&p->h, say(p->words, english));
}

static void open_head_cell(struct page *p, bool number)
{
    html_open(&p->h, "th", "scope", "col", number ? "class" : NULL, "n", NULL);
}

static void head_cell(struct page *p, const char *english, bool number)
{
    open_head_cell(p, number);
    html_text(&p->h, say(p->words, english));
    html_close(&p->h);
}

static void number_cell(struct page *p, uint64_t n)
{
    char text[WORDS_TEXT_MAX];
    words_count(p->words, n, text);
    html_element(&p->h, "td", text, "class", "n", NULL);
}

static void open_table(struct page *p, const char *id, const char *caption)
{
    html_open(&p->h, "section", "class", "scroll", "tabindex", "0", "aria-labelledby", id, NULL);
    html_open(&p->h, "table", NULL);
    html_element(&p->h, "caption", say(p->words, caption), "id", id, NULL);
    html_open(&p->h, "thead", NULL);
    html_open(&p->h, "tr", NULL);
}

static void open_rows(struct page *p)
{
    html_close(&p->h);
    html_close(&p->h);
    html_open(&p->h, "tbody", NULL);
}

static void close_table(struct page *p)
{
    html_close(&p->h);
    html_close(&p->h);
    html_close(&p->h);
}

// ---- students

static void write_failed(struct page *p, const struct class_student *s)
{
    const struct lab *lab = p->results->lab;
    size_t failed = 0;
    html_open(&p->h, "td", "class", "why", NULL);
    if (s->wrong || s->note[0]) {
        html_open(&p->h, "p", NULL);
        if (s->wrong)
            html_format(&p->h, "%s ", say(p->words, "Nothing was checked:"));
        any_text(p, s->wrong ? s->wrong : s->note);
        html_close(&p->h);
    }
    for (size_t i = 0; !s->wrong && i < lab->check_count; i++) {
        if (s->passed[i])
            continue;
        if (failed++ == 0)
            html_open(&p->h, "ul", NULL);
        html_open(&p->h, "li", NULL);
        any_text(p, lab->checks[i]->title);
        html_close(&p->h);
    }
    if (failed)
        html_close(&p->h);
    html_close(&p->h);
}

static void write_student(struct page *p, const struct class_student *s)
{
    const struct lab *lab = p->results->lab;
    html_open(&p->h, "tr", NULL);
    html_open(&p->h, "th", "scope", "row", NULL);
    html_isolated(&p->h, s->name);
    html_close(&p->h);
    number_cell(p, sum(lab, 0, lab->check_count, s));
    for (size_t i = 0, first = 0; i < lab->tasks_count; first += lab->tasks[i++].checks_count)
        number_cell(p, sum(lab, first, lab->tasks[i].checks_count, s));
    write_failed(p, s);
    html_close(&p->h);
}

// "All tasks (of 12)": what is possible stands with the heading.
static void points_heading(struct page *p, const char *title, unsigned possible)
{
    char number[WORDS_TEXT_MAX];
    words_count(p->words, possible, number);
    open_head_cell(p, true);
    any_text(p, title);
    html_text(&p->h, " ");
    html_say(&p->h, p->words, "(of {1})", number, NULL);
    html_close(&p->h);
}

static void write_students(struct page *p)
{
    const struct class_results *r = p->results;
    const struct lab *lab = r->lab;
    open_table(p, "students", say_later("Points by student"));
    head_cell(p, say_later("Student"), false);
    points_heading(p, say_later("All tasks"), sum(lab, 0, lab->check_count, NULL));
    for (size_t i = 0, first = 0; i < lab->tasks_count; first += lab->tasks[i++].checks_count)
        points_heading(p, lab->tasks[i].title, sum(lab, first, lab->tasks[i].checks_count, NULL));
    head_cell(p, say_later("What failed"), false);
    open_rows(p);
    for (size_t i = 0; i < r->count; i++)
        write_student(p, &r->students[i]);
    close_table(p);
}

// ---- checks: what the class should talk about

static void write_check(struct page *p, const struct lab_task *task, size_t check)
{
    const struct class_results *r = p->results;
    size_t passed = 0;
    for (size_t i = 0; i < r->count; i++)
        passed += !r->students[i].wrong && r->students[i].passed[check];
    html_open(&p->h, "tr", NULL);
    html_open(&p->h, "td", NULL);
    any_text(p, task->title);
    html_close(&p->h);
    html_open(&p->h, "th", "scope", "row", NULL);
    any_text(p, r->lab->checks[check]->title);
    html_close(&p->h);
    number_cell(p, points_of(r->lab->checks[check]));
    number_cell(p, passed);
    html_close(&p->h);
}

static void write_checks(struct page *p)
{
    const struct class_results *r = p->results;
    open_table(p, "checks", say_later("How many passed each check"));
    head_cell(p, say_later("Task"), false);
    head_cell(p, say_later("Check"), false);
    head_cell(p, say_later("Points"), true);
    points_heading(p, say_later("Passed"), (unsigned)r->count);
    open_rows(p);
    for (size_t i = 0, n = 0; i < r->lab->tasks_count; i++)
        for (size_t k = 0; k < r->lab->tasks[i].checks_count; k++, n++)
            write_check(p, &r->lab->tasks[i], n);
    close_table(p);
}

// ---- the page

static void write_summary(struct page *p)
{
    const struct class_results *r = p->results;
    unsigned possible = sum(r->lab, 0, r->lab->check_count, NULL);
    char students[WORDS_TEXT_MAX], complete[WORDS_TEXT_MAX], points[WORDS_TEXT_MAX];
    uint64_t all = 0, whole = 0;
    for (size_t i = 0; i < r->count; i++) {
        unsigned reached = sum(r->lab, 0, r->lab->check_count, &r->students[i]);
        all += reached;
        whole += !r->students[i].wrong && reached == possible;
    }
    words_count(p->words, r->count, students);
    words_count(p->words, whole, complete);
    words_count(p->words, possible, points);
    html_open(&p->h, "p", NULL);
    html_say(&p->h, p->words, "Students: {1}; with all of the {2} points: {3}.", students, points,
             complete, NULL);
    if (r->count) {
        words_number(p->words, (double)all / (double)r->count, 1, points);
        html_text(&p->h, " ");
        html_say(&p->h, p->words, "Points on average: {1}.", points, NULL);
    }
    html_close(&p->h);
}

static void write_head(struct page *p)
{
    struct buffer title = {0};
    say_with(p->words, &title, "{1}: results of a class", say(p->words, p->results->lab->title),
             NULL);
    p->h.out->failed = p->h.out->failed || title.failed;
    html_open(&p->h, "head", NULL);
    html_void(&p->h, "meta", "charset", "utf-8", NULL);
    html_void(&p->h, "meta", "name", "viewport", "content", "width=device-width, initial-scale=1",
              NULL);
    html_element(&p->h, "title", title.failed ? "" : title.at, NULL);
    html_element(&p->h, "style", style, NULL);
    html_close(&p->h);
    buffer_done(&title);
}

static void write_main(struct page *p)
{
    const struct lab *lab = p->results->lab;
    html_open(&p->h, "main", NULL);
    html_open(&p->h, "h1", NULL);
    html_say(&p->h, p->words, "{1}: results of a class", say(p->words, lab->title), NULL);
    html_close(&p->h);
    write_summary(p);
    write_students(p);
    write_checks(p);
    html_open(&p->h, "p", NULL);
    html_say(&p->h, p->words, "Laboratory {1}, graded by Sextant {2}.", lab->name, SEXTANT_VERSION,
             NULL);
    html_close(&p->h);
    html_close(&p->h);
}

void class_page_write(const struct class_results *r, const struct words *words, struct buffer *out)
{
    struct page p = {.h = {.out = out}, .words = words, .results = r};
    enum language language = words_language(words);
    html_doctype(&p.h);
    html_open(&p.h, "html", "lang", language_code(language), "dir", words_direction(language),
              NULL);
    write_head(&p);
    html_open(&p.h, "body", NULL);
    write_main(&p);
    html_close(&p.h);
    html_close(&p.h);
    html_text(&p.h, "\n");
}
