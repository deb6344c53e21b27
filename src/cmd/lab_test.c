// SPDX-License-Identifier: Apache-2.0
//
// sextant lab test: is a laboratory whole?

#include "base/array.h"
#include "cmd/laboratory.h"
#include "lab/trial.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char *const usage[] = {"lab test LAB... [OPTIONS]", NULL};

static const struct option_spec options[] = {
    {"junit", 0, "FILE", "Write the outcome as JUnit's XML too.", NULL},
    {"together", 0, "NUMBER",
     "So many states of a laboratory side by side; four for each processor, fewer of large ones.",
     NULL},
    {"every-way", 0, NULL,
     "Also by each other way that this machine has for something that the laboratory needs.", NULL},
    {NULL}};

static const struct example examples[] = {
    {"sextant lab test static-routing", "Up, the solution, every variant, down."},
    {"sextant lab test nat64 --every-way", "Once for each translator that is here."},
    {"sextant lab test ./mine --junit mine.xml", "One of your own, for a build server."},
    {NULL}};

#define STATUS_SKIPPED 77 // as build systems have it

static const struct column columns[] = {
    {.key = "lab",
     .heading = "Laboratory",
     .type = COLUMN_TEXT,
     .unit = "",
     .description = "The laboratory."},
    {.key = "case",
     .heading = "Case",
     .type = COLUMN_TEXT,
     .unit = "",
     .description = "What was tried."},
    {.key = "result",
     .heading = "Result",
     .type = COLUMN_TEXT,
     .unit = "",
     .description = "passed, failed or skipped."},
    {.key = "seconds",
     .heading = "Seconds",
     .type = COLUMN_REAL,
     .unit = "s",
     .decimals = 2,
     .description = "How long it took."},
    {.key = "found",
     .heading = "Found",
     .type = COLUMN_TEXT,
     .unit = "",
     .description = "What was found.",
     .foreign = true},
};

static void add_trial(struct table *t, const struct trial *trial)
{
    static const char *const results[] = {"passed", "failed", "skipped"};
    for (size_t i = 0; i < trial->count; i++) {
        const struct trial_case *c = &trial->cases[i];
        size_t row = table_row(t);
        table_set_text(t, row, 0, trial->lab);
        table_set_text(t, row, 1, c->name);
        table_set_text(t, row, 2, results[c->result]);
        table_set_real(t, row, 3, (double)c->took_us / 1e6);
        table_set_text(t, row, 4, c->said);
    }
}

static int print_trials(struct invocation *inv, const struct trial *trials, size_t count,
                        struct err *e)
{
    struct table *t = NULL;
    size_t by[3] = {0};
    if (table_new("trial", &t))
        return err_memory(e);
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        table_column(t, &columns[i]);
    t->key_columns = 2;
    for (size_t i = 0; i < count; i++) {
        add_trial(t, &trials[i]);
        for (size_t r = 0; r < 3; r++)
            by[r] += trial_count(&trials[i], (enum trial_result)r);
    }
    table_title(t, "%zu %s: %zu passed, %zu failed, %zu skipped", count,
                count == 1 ? "trial" : "trials", by[0], by[1], by[2]);
    int code = t->failed ? err_memory(e) : invocation_print(inv, &t, 1, e);
    table_free(&t);
    return code;
}

static int write_junit(const struct invocation *inv, const struct trial *trials, size_t count,
                       struct err *e)
{
    struct buffer out = {0};
    const char *file = invocation_option(inv, "junit");
    if (!file)
        return 0;
    trial_write_junit(trials, count, &out);
    int code = out.failed ? err_memory(e) : file_publish(file, out.at, out.length, e);
    buffer_done(&out);
    return code;
}

struct trials {
    struct trial *at;
    size_t count, capacity;
};

// By the first way that is there, or by the one that is given.
static int try_one(const struct invocation *inv, struct lab *lab, const char *way,
                   struct trials *all, struct err *e)
{
    char name[TRIAL_NAME_MAX + 1];
    size_t together;
    int code = laboratory_together(inv, lab, &together, e);
    if (code)
        return code;
    struct trial *t = array_add_((void **)&all->at, &all->count, &all->capacity, sizeof *t);
    if (!t)
        return err_memory(e);
    *t = (struct trial){0};
    snprintf(name, sizeof name, "%.24s-t%d", lab->name, (int)getpid());
    const struct trial_options o = {
        .name = name, .own = laboratory_own, .chosen = way, .together = together};
    return trial_run(lab, &o, t, e);
}

// By each way that is there and was not the first.
static int try_others(const struct invocation *inv, struct lab *lab, struct trials *all,
                      struct err *e)
{
    size_t room = (lab->needs_count + 1) * sizeof(char *);
    const char **first = arena_alloc(&lab->arena, room), **by = arena_alloc(&lab->arena, room);
    const char *missing = NULL;
    int code =
        first && by ? engine_needs(lab, laboratory_own, NULL, first, &missing, e) : err_memory(e);
    if (code || missing)
        return code;
    for (unsigned i = 0; i < lab->needs_count; i++)
        for (unsigned w = 0; w < lab->needs[i].ways_count && code == 0; w++) {
            const char *way = lab->needs[i].ways[w];
            if (strcmp(way, first[i]) == 0)
                continue;
            code = engine_needs(lab, laboratory_own, way, by, &missing, e);
            if (code == 0 && !missing)
                code = try_one(inv, lab, way, all, e);
        }
    return code;
}

static int sum_up(const struct trial *trials, size_t count)
{
    size_t failed = 0, skipped = 0;
    for (size_t i = 0; i < count; i++) {
        failed += trial_count(&trials[i], TRIAL_FAILED);
        skipped += trial_count(&trials[i], TRIAL_SKIPPED);
    }
    return failed ? 1 : skipped ? STATUS_SKIPPED : 0;
}

static int run_test(struct invocation *inv, struct err *e)
{
    size_t count = inv->argument_count;
    struct trials all = {0};
    struct lab **labs = calloc(count, sizeof *labs);
    int code = labs ? 0 : err_memory(e);
    for (size_t i = 0; i < count && code == 0; i++)
        code = laboratory_read(inv->arguments[i], &labs[i], e);
    for (size_t i = 0; i < count && code == 0; i++) {
        code = try_one(inv, labs[i], NULL, &all, e);
        if (code == 0 && invocation_flag(inv, "every-way"))
            code = try_others(inv, labs[i], &all, e);
    }
    if (code == 0)
        code = write_junit(inv, all.at, all.count, e);
    if (code == 0)
        code = print_trials(inv, all.at, all.count, e);
    if (code == 0)
        code = sum_up(all.at, all.count);
    for (size_t i = 0; i < all.count; i++)
        trial_done(&all.at[i]);
    for (size_t i = 0; labs && i < count; i++)
        lab_free(&labs[i]);
    free(all.at);
    free(labs);
    return code;
}

const struct command command_lab_test = {
    .name = "lab test",
    .group = COMMAND_LAB,
    .summary = "Is a laboratory whole? Its solution and its faults",
    .usage = usage,
    .description =
        "Brings a laboratory up as it is, with its solution, and with each of its broken variants. "
        "Before the solution each check must do what it says under \"before\", with it all must "
        "pass, every variant must make at least one fail and those that it names, and each "
        "check must be made to fail by a variant: one that cannot fail is refused. Several of "
        "these "
        "states are looked at side by side, each an instance of the laboratory for itself.\n\n"
        "Exit status 0: whole; 1: not; 77: skipped, since this machine lacks something.",
    .groups = OPTIONS_OUTPUT,
    .options = options,
    .examples = examples,
    .argument = "LAB",
    .argument_help = "names of laboratories, or paths of their folders",
    .argument_kind = ARGUMENT_LABORATORY,
    .arguments_min = 1,
    .arguments_max = ARGUMENTS_MANY,
    .run = run_test,
};
