// SPDX-License-Identifier: Apache-2.0

#include "lab/trial.h"

#include "base/array.h"
#include "base/clock.h"
#include "base/markup.h"
#include "lab/check.h"
#include "lab/together.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// A state in which the laboratory is looked at, in a process of its own, side by side with others.
struct state {
    const struct lab_variant *variant; // NULL: as it is, or solved
    const struct lab_change *const *changes;
    size_t change_count;
    char name[RUN_NAME_MAX + 1]; // of the instance
    // Shared with the process:
    struct ending *ending;
    struct check_outcome *outcomes;
};

struct ending {
    int code;
    int64_t took_us;
    struct err e;
};

#define TRIES_MAX 3 // of a state that is not as told

#define STATE_BEFORE 0
#define STATE_SOLVED 1
#define STATES_FIRST 2 // of the variants

struct work {
    struct lab *lab;
    const char **ways;
    struct state *states;
    size_t state_count, together;
    void *shared;
    size_t shared_size;
    bool *caught; // by a variant
    struct trial trial;
    struct err *e;
};

static int add_case(struct work *w, enum trial_result result, int64_t took_us, const char *said,
                    const char *format, ...) __attribute__((format(printf, 5, 6)));

static int add_case(struct work *w, enum trial_result result, int64_t took_us, const char *said,
                    const char *format, ...)
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
    c->took_us = took_us;
    return 0;
}

// ---- the states

static bool before_holds(const struct lab_check *c, const struct check_outcome *o)
{
    return c->before == LAB_BEFORE_ANY || o->passed == (c->before == LAB_BEFORE_PASSES);
}

// Has each check that the variant is to break failed, and one at least?
static bool is_caught(const struct work *w, const struct state *s)
{
    bool any = false;
    for (size_t i = 0; i < w->lab->check_count; i++)
        any = any || !s->outcomes[i].passed;
    for (unsigned i = 0; i < s->variant->fails_count; i++)
        if (s->outcomes[lab_check_find(w->lab, s->variant->fails[i])].passed)
            return false;
    return any;
}

static bool is_as_told(const struct work *w, const struct state *s)
{
    if (s->variant)
        return is_caught(w, s);
    for (size_t i = 0; i < w->lab->check_count; i++)
        if (s == &w->states[STATE_BEFORE] ? !before_holds(w->lab->checks[i], &s->outcomes[i])
                                          : !s->outcomes[i].passed)
            return false;
    return true;
}

// A change takes its time, on a busy machine more of it: what is not as the laboratory tells is
// looked at again.
static int look(const struct work *w, const struct state *s, const struct run *run, struct err *e)
{
    int code = 0;
    for (int tries = 0; code == 0 && tries < TRIES_MAX; tries++) {
        code = check_all(w->lab, run, NULL, s->outcomes, e);
        if (code == 0 && is_as_told(w, s))
            break;
    }
    return code;
}

// Up, changed, checked, down.
static int look_at(const struct work *w, const struct state *s, struct err *e)
{
    struct run *run = NULL;
    int code = engine_up(w->lab, s->name, w->ways, "", ENGINE_TIED, e);
    if (code)
        return code;
    code = run_open(s->name, &run, e);
    if (code == 0)
        code = engine_apply(w->lab, run, w->lab->folder, s->changes, s->change_count, e);
    if (code == 0)
        code = look(w, s, run, e);
    run_free(&run);
    int down = engine_down(s->name, code ? NULL : e);
    return code ? code : down;
}

static void look_at_piece(size_t piece, void *arg)
{
    const struct work *w = arg;
    const struct state *s = &w->states[piece];
    struct err e = {0};
    int64_t began = clock_microseconds();
    s->ending->code = look_at(w, s, &e);
    s->ending->e = e;
    s->ending->took_us = clock_microseconds() - began;
}

static int prepare(struct work *w, const char *name)
{
    size_t checks = w->lab->check_count, each = sizeof(struct ending);
    w->state_count = STATES_FIRST + w->lab->variants_count;
    w->states = calloc(w->state_count, sizeof *w->states);
    w->caught = calloc(checks + 1, sizeof *w->caught);
    if (!w->states || !w->caught)
        return err_memory(w->e);
    w->shared_size = w->state_count * (each + checks * sizeof(struct check_outcome));
    w->shared = together_memory(w->shared_size);
    if (!w->shared)
        return err_memory(w->e);
    struct ending *endings = w->shared;
    struct check_outcome *outcomes = (struct check_outcome *)(endings + w->state_count);
    int code = 0;
    for (size_t i = 0; i < w->state_count && code == 0; i++) {
        struct state *s = &w->states[i];
        s->ending = &endings[i];
        // What stands there when the process is killed.
        s->ending->code = err_set(&s->ending->e, ERR_SYSTEM, "it ended before it was done");
        s->outcomes = outcomes + i * checks;
        snprintf(s->name, sizeof s->name, "%.*s-%u", TRIAL_NAME_MAX, name, (unsigned)i % 1000);
        if (i >= STATES_FIRST)
            s->variant = &w->lab->variants[i - STATES_FIRST];
        if (i != STATE_BEFORE)
            code = engine_changes(w->lab, s->variant, &s->changes, &s->change_count, w->e);
    }
    return code;
}

// ---- what was seen

static int judge_before(struct work *w)
{
    const struct state *s = &w->states[STATE_BEFORE];
    int code = add_case(w, TRIAL_PASSED, s->ending->took_us, "", "up");
    for (size_t i = 0; i < w->lab->check_count && code == 0; i++) {
        const struct lab_check *c = w->lab->checks[i];
        bool passed = s->outcomes[i].passed;
        code = add_case(w, before_holds(c, &s->outcomes[i]) ? TRIAL_PASSED : TRIAL_FAILED,
                        s->outcomes[i].took_us, s->outcomes[i].said, "before: %s %s", c->name,
                        passed ? "passes" : "fails");
    }
    return code;
}

static int judge_solved(struct work *w)
{
    const struct state *s = &w->states[STATE_SOLVED];
    int code = 0;
    if (s->ending->code)
        return add_case(w, TRIAL_FAILED, s->ending->took_us, s->ending->e.text, "solution");
    for (size_t i = 0; i < w->lab->check_count && code == 0; i++)
        code =
            add_case(w, s->outcomes[i].passed ? TRIAL_PASSED : TRIAL_FAILED, s->outcomes[i].took_us,
                     s->outcomes[i].said, "solution: %s", w->lab->checks[i]->name);
    return code;
}

// The names of the checks that failed; those that must fail and do not are in `missed`.
static size_t sort_checks(struct work *w, const struct state *s, struct buffer *failed,
                          struct buffer *missed)
{
    const struct lab_variant *v = s->variant;
    size_t count = 0;
    for (size_t i = 0; i < w->lab->check_count; i++) {
        if (s->outcomes[i].passed)
            continue;
        buffer_format(failed, "%s%s", count++ ? ", " : "", w->lab->checks[i]->name);
        w->caught[i] = true;
    }
    for (unsigned i = 0; i < v->fails_count; i++) {
        size_t id = lab_check_find(w->lab, v->fails[i]);
        if (s->outcomes[id].passed)
            buffer_format(missed, "%s%s", missed->length ? ", " : "", v->fails[i]);
    }
    return count;
}

static int judge_variant(struct work *w, const struct state *s)
{
    struct buffer failed = {0}, missed = {0}, said = {0};
    const char *name = s->variant->name;
    if (s->ending->code)
        return add_case(w, TRIAL_FAILED, s->ending->took_us, s->ending->e.text, "variant %s", name);
    size_t found = sort_checks(w, s, &failed, &missed);
    buffer_format(&said, found ? "found by %s" : "no check fails", failed.at);
    if (missed.length)
        buffer_format(&said, "; passes though it should fail: %s", missed.at);
    int code = failed.failed || said.failed
                   ? err_memory(w->e)
                   : add_case(w, is_caught(w, s) ? TRIAL_PASSED : TRIAL_FAILED, s->ending->took_us,
                              said.at, "variant %s", name);
    buffer_done(&failed);
    buffer_done(&missed);
    buffer_done(&said);
    return code;
}

static int judge_checks(struct work *w)
{
    int code = 0;
    for (size_t i = 0; i < w->lab->check_count && code == 0; i++)
        code = add_case(w, w->caught[i] ? TRIAL_PASSED : TRIAL_FAILED, 0,
                        w->caught[i] ? "" : "no variant makes it fail", "can fail: %s",
                        w->lab->checks[i]->name);
    return code;
}

static int judge_traces(struct work *w)
{
    char root[FILE_PATH_MAX], path[FILE_PATH_MAX + 64] = "";
    int code = run_root(root, w->e);
    if (code)
        return code;
    bool gone = true;
    for (size_t i = 0; i < w->state_count && gone; i++) {
        snprintf(path, sizeof path, "%s/%s", root, w->states[i].name);
        gone = access(path, F_OK) != 0;
    }
    return add_case(w, gone ? TRIAL_PASSED : TRIAL_FAILED, 0, gone ? "" : path, "down");
}

static int look_everywhere(struct work *w, const char *name)
{
    int code = prepare(w, name);
    if (code == 0)
        code = together_run(w->state_count, w->together, look_at_piece, w, w->e);
    if (code)
        return code;
    const struct ending *first = w->states[STATE_BEFORE].ending;
    if (first->code)
        return add_case(w, TRIAL_FAILED, first->took_us, first->e.text, "up");
    code = judge_before(w);
    if (code == 0)
        code = judge_solved(w);
    for (size_t i = STATES_FIRST; i < w->state_count && code == 0; i++)
        code = judge_variant(w, &w->states[i]);
    if (code == 0)
        code = judge_checks(w);
    return code ? code : judge_traces(w);
}

static void work_done(struct work *w)
{
    together_memory_free(w->shared, w->shared_size);
    free(w->states);
    free(w->caught);
}

int trial_run(struct lab *lab, const struct trial_options *o, struct trial *ret, struct err *e)
{
    struct work w = {.lab = lab, .e = e};
    const char *missing = NULL;
    int64_t began = clock_microseconds();
    snprintf(w.trial.lab, sizeof w.trial.lab, "%s%s%s", lab->name, o->chosen ? " " : "",
             o->chosen ? o->chosen : "");
    w.together = o->together;
    w.ways = arena_alloc(&lab->arena, (lab->needs_count + 1) * sizeof *w.ways);
    int code = w.ways ? engine_needs(lab, o->own, o->chosen, w.ways, &missing, e) : err_memory(e);
    if (code == 0)
        code = missing ? add_case(&w, TRIAL_SKIPPED, 0, missing, "needs")
                       : look_everywhere(&w, o->name);
    work_done(&w);
    w.trial.took_us = clock_microseconds() - began;
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
    markup_text(out, c->name);
    buffer_format(out, "\" time=\"%.3f\"", (double)c->took_us / 1e6);
    if (c->result == TRIAL_PASSED) {
        buffer_text(out, "/>\n");
        return;
    }
    buffer_format(out, "><%s message=\"", c->result == TRIAL_FAILED ? "failure" : "skipped");
    markup_text(out, c->said);
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
