// SPDX-License-Identifier: Apache-2.0
//
// sextant lab show: the story, the drawing, the tasks.

#include "base/terminal.h"
#include "cmd/invocation.h"
#include "cmd/laboratory.h"
#include "lab/catalogue.h"
#include "lab/draw.h"
#include "site/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const usage[] = {"lab show [LAB] [--hints] [--teacher]",
                                    "lab show [LAB] --format svg", "lab show [LAB] --format pot",
                                    NULL};

static const char *const formats[] = {"text", "svg", "pot", NULL};

static const char *const languages[] = {"ar", "en", "es", "fr", "ru", "zh", NULL};

static const struct option_spec options[] = {
    {"format", 'f', "FORMAT",
     "Text to read, the drawing of the network, or its texts for translators (without LAB those of "
     "all laboratories and courses); text by default.",
     formats},
    {"lang", 0, "CODE", "Language of the texts; the environment's by default.", languages},
    {"hints", 0, NULL, "With the hints.", NULL},
    {"teacher", 0, NULL, "With the teacher's note and the faults.", NULL},
    {"output", 'o', "FILE", "Write to this file instead of standard output.", NULL},
    {NULL}};

static const struct example examples[] = {
    {"sextant lab show static-routing", "What it is about, and what is to be done."},
    {"sextant lab show --hints", "The laboratory that is up, with its hints."},
    {"sextant lab show static-routing --format svg -o net.svg", "Its network, drawn."},
    {NULL}};

struct page {
    struct buffer *out;
    unsigned width;
    const char *word; // how the laboratory was named; NULL: it is up
    const struct words *words;
};

static void heading(const struct page *p, const char *english)
{
    const char *text = say(p->words, english);
    buffer_format(p->out, "\n%s\n", text);
    for (unsigned i = text_width(text); i > 0; i--)
        buffer_text(p->out, "-");
    buffer_text(p->out, "\n");
}

static void item(const struct page *p, const char *mark, const char *text)
{
    buffer_format(p->out, "  %s ", mark);
    text_wrap(text, p->width, (unsigned)strlen(mark) + 3, (unsigned)strlen(mark) + 3, p->out);
}

static void items(const struct page *p, char *const *list, size_t count, bool numbered)
{
    char mark[16];
    for (size_t i = 0; i < count; i++) {
        snprintf(mark, sizeof mark, numbered ? "%zu." : "-", i + 1);
        item(p, mark, say(p->words, list[i]));
    }
}

// Paragraphs are divided by empty lines; their own line ends are blanks.
static void paragraphs(const struct page *p, const char *english)
{
    const char *text = english ? say(p->words, english) : NULL;
    while (text && *text) {
        const char *end = strstr(text, "\n\n");
        char *one = end ? strndup(text, (size_t)(end - text)) : strdup(text);
        size_t length = one ? strlen(one) : 0;
        while (length > 0 && one[length - 1] == '\n')
            one[--length] = '\0';
        if (one)
            text_wrap(one, p->width, 0, 0, p->out);
        else
            p->out->failed = true;
        free(one);
        buffer_text(p->out, end ? "\n" : "");
        text = end ? end + 2 : NULL;
    }
}

static void say_minutes(const struct words *words, struct buffer *out, unsigned minutes)
{
    char text[WORDS_TEXT_MAX];
    words_count(words, minutes, text);
    say_with(words, out, "{1} minutes.", text, NULL);
    buffer_char(out, ' ');
}

static void facts(const struct page *p, const struct lab *lab)
{
    struct buffer line = {0};
    if (lab->minutes)
        say_minutes(p->words, &line, lab->minutes);
    for (unsigned i = 0; i < lab->rfcs_count; i++)
        buffer_format(&line, "%sRFC %u%s", i ? ", " : "", lab->rfcs[i],
                      i + 1 == lab->rfcs_count ? "." : "");
    buffer_text(p->out, line.length ? "\n" : "");
    if (line.length)
        text_wrap(line.failed ? "" : line.at, p->width, 0, 0, p->out);
    buffer_done(&line);
}

static void network(const struct page *p, const struct lab *lab)
{
    struct buffer line = {0};
    heading(p, say_later("Network"));
    for (unsigned i = 0; i < lab->links_count; i++) {
        line.length = 0;
        buffer_format(&line, "%s:", lab->links[i].name);
        for (unsigned n = 0; n < lab->links[i].ends_count; n++)
            buffer_format(&line, "%s %s", n ? "," : "", lab->links[i].ends[n]);
        item(p, "-", line.failed ? "" : line.at);
    }
    for (unsigned i = 0; i < lab->nodes_count; i++)
        for (unsigned k = 0; k < lab->nodes[i].interfaces_count; k++) {
            const struct lab_interface *in = &lab->nodes[i].interfaces[k];
            line.length = 0;
            buffer_format(&line, "%s %s:", lab->nodes[i].name, in->name);
            for (unsigned a = 0; a < in->addresses_count; a++)
                buffer_format(&line, "%s %s", a ? "," : "", in->addresses[a]);
            if (in->addresses_count)
                item(p, "-", line.failed ? "" : line.at);
        }
    buffer_done(&line);
}

// The ways in the order in which they are tried, those that this machine lacks marked.
static int need(const struct page *p, const struct lab_need *n, struct err *e)
{
    struct buffer line = {0};
    int code = 0;
    buffer_format(&line, "%s:", say(p->words, n->feature));
    for (unsigned i = 0; i < n->ways_count && code == 0; i++) {
        bool has = false;
        code = engine_has(n->ways[i], laboratory_own, &has, e);
        buffer_format(&line, "%s %s%s%s", i ? "," : "", n->ways[i], has ? "" : " ",
                      has ? "" : say(p->words, "(not here)"));
    }
    if (code == 0)
        item(p, "-", line.failed ? "" : line.at);
    buffer_done(&line);
    return code;
}

static int needs(const struct page *p, const struct lab *lab, struct err *e)
{
    int code = 0;
    if (lab->needs_count)
        heading(p, say_later("What it needs"));
    for (unsigned i = 0; i < lab->needs_count && code == 0; i++)
        code = need(p, &lab->needs[i], e);
    return code;
}

static void task(const struct page *p, const struct lab_task *t, bool hints)
{
    struct buffer title = {0};
    buffer_format(&title, "%s (%s)", say(p->words, t->title), t->name);
    heading(p, title.failed ? t->title : title.at);
    buffer_done(&title);
    paragraphs(p, t->text);
    buffer_text(p->out, t->text && t->steps_count ? "\n" : "");
    items(p, t->steps, t->steps_count, true);
    if (t->checks_count)
        buffer_format(p->out, "\n%s\n", say(p->words, "What is checked, with its points:"));
    for (unsigned i = 0; i < t->checks_count; i++) {
        const struct lab_check *c = &t->checks[i];
        buffer_format(p->out, "  [%u] ", c->points ? *c->points : 1);
        text_wrap(say(p->words, c->title), p->width, 6, 6, p->out);
    }
    if (hints && t->hints_count)
        buffer_format(p->out, "\n%s\n", say(p->words, "Hints:"));
    items(p, t->hints, hints ? t->hints_count : 0, false);
}

// The last lines: how one begins, for whom only reads.
static void beginning(const struct page *p, const struct lab *lab, bool hints)
{
    bool hidden = false;
    for (unsigned i = 0; i < lab->tasks_count; i++)
        hidden = hidden || lab->tasks[i].hints_count;
    heading(p, say_later("To begin"));
    if (p->word)
        buffer_format(p->out, "  sextant lab up %s\n", p->word);
    buffer_format(p->out, "  sextant lab enter %s\n  sextant lab check\n", lab->nodes[0].name);
    if (hidden && !hints)
        buffer_format(p->out, "\n%s\n", say(p->words, "There are hints, shown with --hints."));
}

static int write_page(const struct page *p, const struct lab *lab, bool hints, bool teacher,
                      struct err *e)
{
    const char *title = say(p->words, lab->title);
    text_wrap(title, p->width, 0, 0, p->out);
    for (unsigned i = text_width(title); i > 0; i--)
        buffer_text(p->out, "=");
    buffer_text(p->out, "\n");
    paragraphs(p, lab->summary);
    buffer_text(p->out, "\n");
    paragraphs(p, lab->story);
    if (lab->learn_count) {
        heading(p, say_later("What you learn"));
        items(p, lab->learn, lab->learn_count, false);
    }
    facts(p, lab);
    network(p, lab);
    int code = needs(p, lab, e);
    for (unsigned i = 0; i < lab->tasks_count; i++)
        task(p, &lab->tasks[i], hints);
    if (teacher && lab->teacher) {
        heading(p, say_later("For the teacher"));
        paragraphs(p, lab->teacher);
    }
    if (!teacher)
        beginning(p, lab, hints);
    if (teacher && lab->variants_count)
        heading(p, say_later("Faults, for sextant lab break"));
    for (unsigned i = 0; teacher && i < lab->variants_count; i++) {
        buffer_format(p->out, "  - %s: ", lab->variants[i].name);
        text_wrap(say(p->words, lab->variants[i].title), p->width,
                  (unsigned)strlen(lab->variants[i].name) + 6, 4, p->out);
    }
    return code;
}

// A catalogue of what people read of it.
static void write_message(const char *text, void *arg)
{
    struct buffer *out = arg;
    buffer_text(out, "\nmsgid \"");
    for (; *text; text++) {
        if (*text == '\n')
            buffer_text(out, "\\n");
        else if (*text == '"' || *text == '\\')
            buffer_format(out, "\\%c", *text);
        else
            buffer_char(out, *text);
    }
    buffer_text(out, "\"\nmsgstr \"\"\n");
}

static int write_all_messages(struct buffer *out, struct err *e)
{
    struct catalogue *c = NULL;
    int code = catalogue_load(&c, e);
    for (size_t i = 0; !code && i < c->lab_count; i++)
        lab_texts(c->labs[i], write_message, out);
    for (size_t i = 0; !code && i < c->course_count; i++)
        course_texts(c->courses[i], write_message, out);
    catalogue_free(&c);
    return code;
}

static int write_lab(struct invocation *inv, const char *which, const char *format,
                     struct buffer *out, struct err *e)
{
    struct lab *lab = NULL;
    const struct words *words = NULL;
    int code = laboratory_read(which, &lab, e);
    if (!code)
        code = invocation_words(inv, &words, e);
    const struct page page = {out, terminal_columns(), inv->argument_count ? which : NULL, words};
    if (!code && strcmp(format, "svg") == 0)
        draw_svg(lab, say, words, true, out);
    else if (!code && strcmp(format, "pot") == 0)
        lab_texts(lab, write_message, out);
    else if (!code)
        code = write_page(&page, lab, invocation_flag(inv, "hints"),
                          invocation_flag(inv, "teacher"), e);
    lab_free(&lab);
    return code;
}

// Without a name the one that is up.
static int write_what_is_up(struct invocation *inv, const char *format, struct buffer *out,
                            struct err *e)
{
    struct run *run = NULL;
    int code = run_open(NULL, &run, e);
    if (code == ERR_NOT_FOUND)
        return err_set(e, ERR_USAGE,
                       "lab show: the name of a laboratory was wanted; without one, "
                       "the only one that is up is shown");
    if (code == 0)
        code = write_lab(inv, run->lab, format, out, e);
    run_free(&run);
    return code;
}

static int run_show(struct invocation *inv, struct err *e)
{
    struct buffer out = {0};
    const char *given = invocation_option(inv, "format"), *format = given ? given : "text";
    int code;
    if (inv->argument_count > 0)
        code = write_lab(inv, inv->arguments[0], format, &out, e);
    else if (strcmp(format, "pot") == 0)
        code = write_all_messages(&out, e);
    else
        code = write_what_is_up(inv, format, &out, e);
    inv->output = invocation_option(inv, "output");
    if (!code)
        code = out.failed ? err_memory(e) : invocation_write(inv, out.at, out.length, e);
    buffer_done(&out);
    return code;
}

const struct command command_lab_show = {
    .name = "lab show",
    .group = COMMAND_LAB,
    .summary = "A laboratory's story, network and tasks",
    .usage = usage,
    .description =
        "Tells what a laboratory is about, what its network looks like and what is to "
        "be done; the number before a check is its points. Where it needs something that "
        "may be had in several ways, the first that is here is taken (see lab up "
        "--way). As SVG it is the drawing of the network.",
    .options = options,
    .examples = examples,
    .argument = "LAB",
    .argument_help =
        "a laboratory's name, or the path of its folder; by default the one that is up",
    .argument_kind = ARGUMENT_LABORATORY,
    .arguments_min = 0,
    .arguments_max = 1,
    .run = run_show,
};
