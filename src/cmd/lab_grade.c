// SPDX-License-Identifier: Apache-2.0
//
// sextant lab grade: points for one student, or a class.

#include "cmd/class_page.h"
#include "cmd/laboratory.h"
#include "lab/submission.h"
#include "lab/together.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const usage[] = {"lab grade [--lab NAME]",
                                    "lab grade --class FOLDER LAB [OPTIONS]", NULL};

static const struct option_spec options[] = {
    LABORATORY_OPTION,
    {"class", 0, "FOLDER", "Grade what was handed in: a folder for each student, see doc/labs.md.",
     NULL},
    {"page", 0, "FILE", "With --class: write the results as a page of HTML too.", NULL},
    {"together", 0, "NUMBER",
     "With --class: so many students' laboratories side by side; four for each processor, fewer "
     "of large ones.",
     NULL},
    {NULL}};

static const struct example examples[] = {
    {"sextant lab grade", "Points by task of the laboratory that is up."},
    {"sextant lab grade --class handed-in static-routing --format csv -o points.csv",
     "A row for each student."},
    {"sextant lab grade --class handed-in static-routing --page results.html",
     "A page to show and to print."},
    {NULL}};

// ---- the laboratory that is up

static const struct column task_columns[] = {
    {.key = "task",
     .heading = "Task",
     .type = COLUMN_TEXT,
     .unit = "",
     .description = "The task.",
     .foreign = true},
    {.key = "points",
     .heading = "Points",
     .type = COLUMN_COUNT,
     .unit = "",
     .description = "Points reached."},
    {.key = "possible",
     .heading = "Out of",
     .type = COLUMN_COUNT,
     .unit = "",
     .description = "Points possible."},
};

static unsigned points_of(const struct lab_check *c)
{
    return c->points ? *c->points : 1;
}

// Points of a task: those reached, or without outcomes those possible.
static unsigned task_points(const struct lab_task *task, const struct check_outcome *outcomes)
{
    unsigned points = 0;
    for (unsigned k = 0; k < task->checks_count; k++)
        if (!outcomes || outcomes[k].passed)
            points += points_of(&task->checks[k]);
    return points;
}

static int grade_one(struct invocation *inv, struct err *e)
{
    struct laboratory l = {0};
    struct table *t = NULL;
    int code = laboratory_open(inv, &l, e);
    struct check_outcome *outcomes = code ? NULL : calloc(l.lab->check_count + 1, sizeof *outcomes);
    if (code == 0 && (!outcomes || table_new("grade", &t)))
        code = err_memory(e);
    if (code == 0)
        code = check_all(l.lab, l.run, NULL, outcomes, e);
    unsigned reached = 0, possible = 0;
    for (size_t i = 0; code == 0 && i < 3; i++)
        table_column(t, &task_columns[i]);
    for (size_t i = 0, n = 0; code == 0 && i < l.lab->tasks_count;
         n += l.lab->tasks[i++].checks_count) {
        const struct lab_task *task = &l.lab->tasks[i];
        unsigned got = task_points(task, &outcomes[n]), of = task_points(task, NULL);
        size_t row = table_row(t);
        table_set_text(t, row, 0, say(l.words, task->title));
        table_set_count(t, row, 1, got);
        table_set_count(t, row, 2, of);
        reached += got;
        possible += of;
    }
    if (code == 0) {
        table_title(t, "%s: %u of %u points", say(l.words, l.lab->title), reached, possible);
        code = t->failed ? err_memory(e) : invocation_print(inv, &t, 1, e);
    }
    table_free(&t);
    free(outcomes);
    laboratory_close(&l);
    return code ? code : reached < possible;
}

// ---- a class

static void class_columns(const struct lab *lab, struct table *t)
{
    table_column(t, &(struct column){.key = "student",
                                     .heading = "Student",
                                     .type = COLUMN_TEXT,
                                     .unit = "",
                                     .description = "The folder that was handed in.",
                                     .foreign = true});
    table_column(t, &(struct column){.key = "points",
                                     .heading = "Points",
                                     .type = COLUMN_COUNT,
                                     .unit = "",
                                     .description = "Points reached."});
    table_column(t, &(struct column){.key = "possible",
                                     .heading = "Out of",
                                     .type = COLUMN_COUNT,
                                     .unit = "",
                                     .description = "Points possible."});
    for (unsigned i = 0; i < lab->tasks_count; i++)
        table_column(t, &(struct column){.key = lab->tasks[i].name,
                                         .heading = lab->tasks[i].name,
                                         .type = COLUMN_COUNT,
                                         .unit = "",
                                         .description = "Points of this task."});
    table_column(t,
                 &(struct column){.key = "failed",
                                  .heading = "Failed",
                                  .type = COLUMN_TEXT,
                                  .unit = "",
                                  .description = "Checks that failed, or why nothing was checked.",
                                  .foreign = true});
}

static void add_student(struct table *t, const struct lab *lab, const char *student,
                        const struct check_outcome *outcomes, const char *wrong, const char *note)
{
    struct buffer failed = {0};
    unsigned reached = 0, possible = 0;
    size_t row = table_row(t), n = 0;
    buffer_format(&failed, "%s%s%s", wrong, wrong[0] && note[0] ? "; " : "", note);
    size_t before = failed.length;
    for (unsigned i = 0; i < lab->tasks_count; n += lab->tasks[i++].checks_count) {
        const struct lab_task *task = &lab->tasks[i];
        unsigned got = wrong[0] ? 0 : task_points(task, &outcomes[n]);
        table_set_count(t, row, 3 + i, got);
        reached += got;
        possible += task_points(task, NULL);
        for (unsigned k = 0; !wrong[0] && k < task->checks_count; k++)
            if (!outcomes[n + k].passed)
                buffer_format(&failed, "%s%s",
                              failed.length > before ? ", "
                              : before               ? "; "
                                                     : "",
                              task->checks[k].name);
    }
    table_set_text(t, row, 0, student);
    table_set_count(t, row, 1, reached);
    table_set_count(t, row, 2, possible);
    table_set_text(t, row, 3 + lab->tasks_count, failed.at ? failed.at : "");
    t->failed = t->failed || failed.failed;
    buffer_done(&failed);
}

// What became of a student's work.
struct ending {
    int code, wrong; // the machine's failure; the student's
    struct err e;    // of either
    char note[200];  // what of it nobody looked at
};

struct class
{
    struct lab *lab;
    const char **ways;
    const char *folder;
    struct dirent **entries; // the students
    size_t count;
    // Shared with the processes that grade:
    struct ending *endings;
    struct check_outcome *outcomes; // of each student
    struct table *table;
    struct class_results results;
};

static struct check_outcome *outcomes_of(const struct class *c, size_t student)
{
    return c->outcomes + student * c->lab->check_count;
}

// What the page says of a student; in the laboratory's memory.
static int keep_student(struct class *c, size_t id, const char *wrong, const char *note,
                        struct err *e)
{
    struct arena *a = &c->lab->arena;
    const char *student = c->entries[id]->d_name;
    bool *passed = arena_alloc(a, c->lab->check_count + 1);
    const char *name = arena_text(a, student, strlen(student));
    const char *why = wrong[0] ? arena_text(a, wrong, strlen(wrong)) : NULL;
    const char *noted = arena_text(a, note, strlen(note));
    if (!passed || !name || !noted || (wrong[0] && !why))
        return err_memory(e);
    for (size_t i = 0; !why && i < c->lab->check_count; i++)
        passed[i] = outcomes_of(c, id)[i].passed;
    c->results.students[c->results.count++] = (struct class_student){name, why, noted, passed};
    return 0;
}

static int grade_student(const struct class *c, size_t id, struct ending *ret, struct err *e)
{
    char folder[FILE_PATH_MAX], name[RUN_NAME_MAX + 1];
    struct run *run = NULL;
    struct buffer note = {0};
    snprintf(folder, sizeof folder, "%s/%s", c->folder, c->entries[id]->d_name);
    snprintf(name, sizeof name, "%.*s-g%d", LAB_NAME_MAX, c->lab->name, (int)getpid());
    int code = engine_up(c->lab, name, c->ways, "", ENGINE_TIED, e);
    if (code)
        return code;
    code = run_open(name, &run, e);
    if (code == 0)
        ret->wrong = submission_apply(c->lab, run, folder, &note, &ret->e);
    snprintf(ret->note, sizeof ret->note, "%s", note.at ? note.at : "");
    buffer_done(&note);
    if (code == 0 && ret->wrong == 0)
        code = check_all(c->lab, run, NULL, outcomes_of(c, id), e);
    run_free(&run);
    int down = engine_down(name, code ? NULL : e);
    return code ? code : down;
}

static void grade_piece(size_t id, void *arg)
{
    const struct class *c = arg;
    struct ending ending = {0};
    struct err e = {0};
    ending.code = grade_student(c, id, &ending, &e);
    if (ending.code)
        ending.e = e;
    c->endings[id] = ending;
}

// What a student did wrong is told in the table; only the machine's own failures end it.
static int sum_up(struct class *c, struct err *e)
{
    int code = 0;
    c->results.lab = c->lab;
    c->results.students = arena_alloc(&c->lab->arena, (c->count + 1) * sizeof *c->results.students);
    if (!c->results.students)
        return err_memory(e);
    for (size_t i = 0; i < c->count && code == 0; i++) {
        const struct ending *ending = &c->endings[i];
        const char *wrong = ending->wrong ? ending->e.text : "";
        if (ending->code)
            return err_set(e, ending->code, "%s", ending->e.text);
        add_student(c->table, c->lab, c->entries[i]->d_name, outcomes_of(c, i), wrong,
                    ending->note);
        code = keep_student(c, i, wrong, ending->note, e);
    }
    table_title(c->table, "%s: a class of %zu", c->lab->title, c->count);
    return code;
}

static int is_student(const struct dirent *entry)
{
    return entry->d_name[0] != '.' &&
           (entry->d_type == DT_DIR || entry->d_type == DT_LNK || entry->d_type == DT_UNKNOWN);
}

static int grade_all(struct class *c, size_t together, struct err *e)
{
    size_t each = sizeof *c->endings + c->lab->check_count * sizeof *c->outcomes;
    size_t size = (c->count + 1) * each;
    void *shared = together_memory(size);
    if (!shared)
        return err_memory(e);
    c->outcomes = shared; // first, as they need the wider alignment
    c->endings = (struct ending *)(c->outcomes + c->count * c->lab->check_count);
    for (size_t i = 0; i < c->count; i++)
        c->endings[i].code =
            err_set(&c->endings[i].e, ERR_SYSTEM, "%s: the grading ended before it was done",
                    c->entries[i]->d_name);
    int code = together_run(c->count, together, grade_piece, c, e);
    if (code == 0)
        code = sum_up(c, e);
    together_memory_free(shared, size);
    return code;
}

static int grade_folder(struct class *c, size_t together, struct err *e)
{
    int count = scandir(c->folder, &c->entries, is_student, alphasort);
    if (count < 0)
        return err_system(e, "%s", c->folder);
    c->count = (size_t)count;
    int code = grade_all(c, together, e);
    for (int i = 0; i < count; i++)
        free(c->entries[i]);
    free(c->entries);
    return code;
}

static int write_page(struct invocation *inv, const struct class_results *r, struct err *e)
{
    struct buffer out = {0};
    const struct words *words = NULL;
    const char *file = invocation_option(inv, "page");
    if (!file)
        return 0;
    int code = invocation_words(inv, &words, e);
    if (!code) {
        class_page_write(r, words, &out);
        code = out.failed ? err_memory(e) : file_publish(file, out.at, out.length, e);
    }
    buffer_done(&out);
    return code;
}

#define CLASS_PROCESSES 500
#define CLASS_MEMORY    ((uint64_t)512 << 20)

// What a student hands in may be without end by mistake, or on purpose.
static void limit_nodes(struct lab *lab)
{
    for (unsigned i = 0; i < lab->nodes_count; i++) {
        struct lab_node *n = &lab->nodes[i];
        n->processes = n->processes ? n->processes : CLASS_PROCESSES;
        n->memory_bytes = n->memory_bytes ? n->memory_bytes : CLASS_MEMORY;
    }
}

static int grade_class(struct invocation *inv, const char *folder, struct err *e)
{
    struct class c = {.folder = folder};
    size_t together = 0;
    const char *missing = NULL;
    if (inv->argument_count != 1)
        return err_set(e, ERR_USAGE, "lab grade --class needs the laboratory: its name or folder");
    int code = laboratory_read(inv->arguments[0], &c.lab, e);
    if (code)
        return code;
    c.ways = arena_alloc(&c.lab->arena, (c.lab->needs_count + 1) * sizeof *c.ways);
    if (!c.ways || table_new("class", &c.table))
        code = err_memory(e);
    if (code == 0)
        code = laboratory_together(inv, c.lab, &together, e);
    if (code == 0)
        code = engine_needs(c.lab, laboratory_own, NULL, c.ways, &missing, e);
    if (code == 0 && missing)
        code = err_set(e, ERR_SYSTEM, "this machine lacks %s", missing);
    if (code == 0)
        limit_nodes(c.lab);
    if (code == 0) {
        class_columns(c.lab, c.table);
        code = grade_folder(&c, together, e);
    }
    if (code == 0)
        code = write_page(inv, &c.results, e);
    if (code == 0)
        code = c.table->failed ? err_memory(e) : invocation_print(inv, &c.table, 1, e);
    table_free(&c.table);
    lab_free(&c.lab);
    return code;
}

static int run_grade(struct invocation *inv, struct err *e)
{
    const char *folder = invocation_option(inv, "class");
    if (folder)
        return grade_class(inv, folder, e);
    if (inv->argument_count > 0)
        return err_set(e, ERR_USAGE, "lab grade takes a laboratory only with --class");
    if (invocation_option(inv, "page"))
        return err_set(e, ERR_USAGE, "lab grade writes a page only with --class");
    if (invocation_option(inv, "together"))
        return err_set(e, ERR_USAGE, "lab grade takes --together only with --class");
    return grade_one(inv, e);
}

const struct command command_lab_grade = {
    .name = "lab grade",
    .group = COMMAND_LAB,
    .summary = "Points for one student, or for a class",
    .usage = usage,
    .description =
        "Makes all checks of the laboratory that is up and gives the points by task. With --class "
        "it brings the laboratory up for each folder in FOLDER, several of them side by side, does "
        "there what the student handed in, and gives a row for each, in the order of the "
        "folders' names.\n\n"
        "What is handed in is a folder for each node: NODE/commands is run by sh in the node, "
        "other files replace those in /run/lab, and the services of the node that run are "
        "restarted.\n\n"
        "Exit status 1: points are missing (without --class).",
    .groups = OPTIONS_OUTPUT,
    .options = options,
    .examples = examples,
    .argument = "LAB",
    .argument_help = "with --class: the laboratory",
    .argument_kind = ARGUMENT_LABORATORY,
    .arguments_max = 1,
    .run = run_grade,
};
