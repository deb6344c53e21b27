// SPDX-License-Identifier: Apache-2.0

#include "lab/trial.h"

#include "base/array.h"
#include "lab/check.h"
#include "lab/process.h"
#include "lab/xml.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct work {
    struct lab *lab;
    const char *name;
    const char **ways;
    struct check_outcome *outcomes;
    bool *caught; // by a variant
    struct trial trial;
    int64_t since;
    struct err *e;
};

static int add_case(struct work *w, enum trial_result result, const char *said, const char *format,
                    ...) __attribute__((format(printf, 4, 5)));

static int add_case(struct work *w, enum trial_result result, const char *said, const char *format,
                    ...)
{
    va_list args;
    struct trial_case *c =
        array_add_((void **)&w->trial.cases, &w->trial.count, &w->trial.capacity, sizeof *c);
    if (!c)
        return err_memory(w->e);
    va_start(args, format);
    vsnprintf(c->name, sizeof c->name, format, args);
    va_end(args);
    snprintf(c->said, sizeof c->said, "%s", said);
    c->result = result;
    int64_t now = process_now_us();
    c->took_us = now - w->since;
    w->since = now;
    return 0;
}

// ---- one state of the laboratory

// Up, changed, checked, down. What fails on the way is told in *e; 1: the changes could not be
// made.
static int look_at(struct work *w, const struct lab_change *const *changes, size_t count)
{
    struct run *run = NULL;
    int code = engine_up(w->lab, w->name, w->ways, w->e);
    if (code)
        return code;
    code = run_open(w->name, &run, w->e);
    if (code == 0)
        code = engine_apply(w->lab, run, w->lab->folder, changes, count, w->e);
    if (code == 0)
        code = check_all(w->lab, run, NULL, w->outcomes, w->e);
    run_free(&run);
    int down = engine_down(w->name, code ? NULL : w->e);
    return code ? code : down;
}

static int look_before(struct work *w)
{
    int code = look_at(w, NULL, 0);
    if (code)
        return add_case(w, TRIAL_FAILED, w->e->text, "up");
    code = add_case(w, TRIAL_PASSED, "", "up");
    for (size_t i = 0; i < w->lab->check_count && code == 0; i++) {
        const struct lab_check *c = w->lab->checks[i];
        bool passed = w->outcomes[i].passed;
        bool holds = c->before == LAB_BEFORE_ANY || passed == (c->before == LAB_BEFORE_PASSES);
        code = add_case(w, holds ? TRIAL_PASSED : TRIAL_FAILED, w->outcomes[i].said,
                        "before: %s %s", c->name, passed ? "passes" : "fails");
    }
    return code;
}

static int look_solved(struct work *w)
{
    const struct lab_change *const *list;
    size_t count;
    int code = engine_changes(w->lab, NULL, &list, &count, w->e);
    if (code)
        return code;
    code = look_at(w, list, count);
    if (code)
        return add_case(w, TRIAL_FAILED, w->e->text, "solution");
    for (size_t i = 0; i < w->lab->check_count && code == 0; i++)
        code = add_case(w, w->outcomes[i].passed ? TRIAL_PASSED : TRIAL_FAILED, w->outcomes[i].said,
                        "solution: %s", w->lab->checks[i]->name);
    return code;
}

// The names of the checks that failed; those that must fail and do not are in `missed`.
static size_t judge_variant(struct work *w, const struct lab_variant *v, struct buffer *failed,
                            struct buffer *missed)
{
    size_t count = 0;
    for (size_t i = 0; i < w->lab->check_count; i++) {
        if (w->outcomes[i].passed)
            continue;
        buffer_format(failed, "%s%s", count++ ? ", " : "", w->lab->checks[i]->name);
        w->caught[i] = true;
    }
    for (unsigned i = 0; i < v->fails_count; i++) {
        size_t id = lab_check_find(w->lab, v->fails[i]);
        if (w->outcomes[id].passed)
            buffer_format(missed, "%s%s", missed->length ? ", " : "", v->fails[i]);
    }
    return count;
}

static int look_broken(struct work *w, const struct lab_variant *v)
{
    const struct lab_change *const *list;
    struct buffer failed = {0}, missed = {0}, said = {0};
    size_t count;
    int code = engine_changes(w->lab, v, &list, &count, w->e);
    if (code)
        return code;
    code = look_at(w, list, count);
    if (code)
        return add_case(w, TRIAL_FAILED, w->e->text, "variant %s", v->name);
    size_t found = judge_variant(w, v, &failed, &missed);
    bool holds = found > 0 && missed.length == 0;
    buffer_format(&said, found ? "found by %s" : "no check fails", failed.at);
    if (missed.length)
        buffer_format(&said, "; passes though it should fail: %s", missed.at);
    code = failed.failed || said.failed
               ? err_memory(w->e)
               : add_case(w, holds ? TRIAL_PASSED : TRIAL_FAILED, said.at, "variant %s", v->name);
    buffer_done(&failed);
    buffer_done(&missed);
    buffer_done(&said);
    return code;
}

static int judge_checks(struct work *w)
{
    int code = 0;
    for (size_t i = 0; i < w->lab->check_count && code == 0; i++)
        code = add_case(w, w->caught[i] ? TRIAL_PASSED : TRIAL_FAILED,
                        w->caught[i] ? "" : "no variant makes it fail", "can fail: %s",
                        w->lab->checks[i]->name);
    return code;
}

static int judge_traces(struct work *w)
{
    char root[FILE_PATH_MAX], path[FILE_PATH_MAX + 64];
    int code = run_root(root, w->e);
    if (code)
        return code;
    snprintf(path, sizeof path, "%s/%s", root, w->name);
    bool gone = access(path, F_OK) != 0;
    return add_case(w, gone ? TRIAL_PASSED : TRIAL_FAILED, gone ? "" : path, "down");
}

static int look_everywhere(struct work *w)
{
    int code = look_before(w);
    bool up = w->trial.count > 0 && w->trial.cases[0].result == TRIAL_PASSED;
    if (code || !up)
        return code;
    code = look_solved(w);
    for (unsigned i = 0; i < w->lab->variants_count && code == 0; i++)
        code = look_broken(w, &w->lab->variants[i]);
    if (code == 0)
        code = judge_checks(w);
    return code ? code : judge_traces(w);
}

int trial_run(struct lab *lab, const char *name, engine_own *own, struct trial *ret, struct err *e)
{
    struct work w = {.lab = lab, .name = name, .e = e, .since = process_now_us()};
    const char *missing = NULL;
    int64_t began = w.since;
    size_t count = lab->check_count + 1;
    w.trial.lab = lab->name;
    w.ways = arena_alloc(&lab->arena, (lab->needs_count + 1) * sizeof *w.ways);
    w.outcomes = calloc(count, sizeof *w.outcomes);
    w.caught = calloc(count, sizeof *w.caught);
    int code = w.ways && w.outcomes && w.caught ? 0 : err_memory(e);
    if (code == 0)
        code = engine_needs(lab, own, w.ways, &missing, e);
    if (code == 0)
        code = missing ? add_case(&w, TRIAL_SKIPPED, missing, "needs") : look_everywhere(&w);
    free(w.outcomes);
    free(w.caught);
    w.trial.took_us = process_now_us() - began;
    if (code)
        trial_done(&w.trial);
    else
        *ret = w.trial;
    return code;
}

void trial_done(struct trial *t)
{
    free(t->cases);
    *t = (struct trial){0};
}

size_t trial_count(const struct trial *t, enum trial_result result)
{
    size_t count = 0;
    for (size_t i = 0; i < t->count; i++)
        count += t->cases[i].result == result;
    return count;
}

// ---- JUnit

static void write_case(const struct trial *t, const struct trial_case *c, struct buffer *out)
{
    buffer_format(out, "    <testcase classname=\"lab.%s\" name=\"", t->lab);
    xml_text(out, c->name);
    buffer_format(out, "\" time=\"%.3f\"", (double)c->took_us / 1e6);
    if (c->result == TRIAL_PASSED) {
        buffer_text(out, "/>\n");
        return;
    }
    buffer_format(out, "><%s message=\"", c->result == TRIAL_FAILED ? "failure" : "skipped");
    xml_text(out, c->said);
    buffer_text(out, "\"/></testcase>\n");
}

void trial_write_junit(const struct trial *trials, size_t count, struct buffer *out)
{
    buffer_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    for (size_t i = 0; i < count; i++) {
        const struct trial *t = &trials[i];
        buffer_format(out,
                      "  <testsuite name=\"lab.%s\" tests=\"%zu\" failures=\"%zu\" skipped=\"%zu\" "
                      "time=\"%.3f\">\n",
                      t->lab, t->count, trial_count(t, TRIAL_FAILED), trial_count(t, TRIAL_SKIPPED),
                      (double)t->took_us / 1e6);
        for (size_t n = 0; n < t->count; n++)
            write_case(t, &t->cases[n], out);
        buffer_text(out, "  </testsuite>\n");
    }
    buffer_text(out, "</testsuites>\n");
}
