// SPDX-License-Identifier: Apache-2.0
//
// What of a laboratory and of a course is read by people, for translators.

#include "lab/catalogue.h"

struct texts {
    void (*text)(const char *text, void *arg);
    void *arg;
};

static void say(const struct texts *t, const char *text)
{
    if (text && *text)
        t->text(text, t->arg);
}

static void say_all(const struct texts *t, char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        say(t, list[i]);
}

static void say_task(const struct texts *t, const struct lab_task *task)
{
    say(t, task->title);
    say(t, task->text);
    say_all(t, task->steps, task->steps_count);
    say_all(t, task->hints, task->hints_count);
    for (size_t i = 0; i < task->checks_count; i++)
        say(t, task->checks[i].title);
}

void lab_texts(const struct lab *lab, void (*text)(const char *text, void *arg), void *arg)
{
    const struct texts t = {text, arg};
    say(&t, lab->title);
    say(&t, lab->summary);
    say_all(&t, lab->learn, lab->learn_count);
    say(&t, lab->story);
    say(&t, lab->teacher);
    for (size_t i = 0; i < lab->needs_count; i++)
        say(&t, lab->needs[i].feature);
    for (size_t i = 0; i < lab->nodes_count; i++)
        say(&t, lab->nodes[i].label);
    for (size_t i = 0; i < lab->links_count; i++)
        say(&t, lab->links[i].label);
    for (size_t i = 0; i < lab->tasks_count; i++)
        say_task(&t, &lab->tasks[i]);
    for (size_t i = 0; i < lab->variants_count; i++) {
        say(&t, lab->variants[i].title);
        say(&t, lab->variants[i].text);
    }
}

void course_texts(const struct course *c, void (*text)(const char *text, void *arg), void *arg)
{
    const struct texts t = {text, arg};
    say(&t, c->title);
    say(&t, c->summary);
    say(&t, c->audience);
    say_all(&t, c->prerequisites, c->prerequisites_count);
    for (size_t i = 0; i < c->parts_count; i++) {
        say(&t, c->parts[i].title);
        say(&t, c->parts[i].text);
    }
}
