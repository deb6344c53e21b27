// SPDX-License-Identifier: Apache-2.0

#include "cmd/laboratory.h"

#include "base/text.h"
#include "lab/together.h"

#include <stdio.h>
#include <string.h>

int laboratory_read(const char *word, struct lab **ret, struct err *e)
{
    char path[FILE_PATH_MAX];
    int code = lab_find(word, path, e);
    return code ? code : lab_read(path, ret, e);
}

int laboratory_open(struct invocation *inv, struct laboratory *ret, struct err *e)
{
    struct laboratory l = {0};
    int code = run_open(invocation_option(inv, "lab"), &l.run, e);
    if (code == 0)
        code = lab_read(l.run->lab, &l.lab, e);
    if (code == 0 && l.lab->nodes_count != l.run->node_count)
        code = err_set(e, ERR_INPUT, "%s has been changed since it came up; \"sextant lab reset\"",
                       l.run->lab);
    if (code == 0)
        code = invocation_words(inv, &l.words, e);
    if (code == 0)
        *ret = l;
    else
        laboratory_close(&l);
    return code;
}

void laboratory_close(struct laboratory *l)
{
    run_free(&l->run);
    lab_free(&l->lab);
}

enum engine_daemon laboratory_own(const char *name)
{
    char wanted[LAB_NAME_MAX + 8];
    snprintf(wanted, sizeof wanted, "run %.*s", LAB_NAME_MAX, name);
    for (size_t i = 0; commands[i]; i++)
        if (strcmp(commands[i]->name, wanted) == 0)
            return commands[i]->makes_tun ? DAEMON_TUN : DAEMON_PLAIN;
    return DAEMON_NONE;
}

int laboratory_together(const struct invocation *inv, const struct lab *lab, size_t *ret,
                        struct err *e)
{
    uint64_t together = together_default(lab);
    const char *given = invocation_option(inv, "together");
    if (given && (!slice_u64(slice_of(given), TOGETHER_MAX, &together) || together == 0))
        return err_set(e, ERR_USAGE, "--together %s: wanted 1 to %d", given, TOGETHER_MAX);
    *ret = (size_t)together;
    return 0;
}

int laboratory_up(const struct invocation *inv, struct lab *lab, const char *name,
                  const char *chosen, struct err *e)
{
    const char *missing = NULL;
    const char **ways = arena_alloc(&lab->arena, (lab->needs_count + 1) * sizeof *ways);
    if (!ways)
        return err_memory(e);
    int code = engine_needs(lab, laboratory_own, chosen, ways, &missing, e);
    if (code == 0 && missing) {
        invocation_warn(inv, "%s is skipped: this machine lacks %s", name, missing);
        return 1;
    }
    return code ? code : engine_up(lab, name, ways, chosen ? chosen : "", ENGINE_STAYS, e);
}

int laboratory_again(const struct invocation *inv, struct laboratory *l, struct err *e)
{
    char name[RUN_NAME_MAX + 1], ways[sizeof l->run->ways];
    snprintf(name, sizeof name, "%s", l->run->name);
    snprintf(ways, sizeof ways, "%s", l->run->ways);
    int code = engine_down(name, e);
    if (code == 0)
        code = laboratory_up(inv, l->lab, name, ways[0] ? ways : NULL, e);
    run_free(&l->run);
    return code ? code : run_open(name, &l->run, e);
}

int laboratory_solve(struct laboratory *l, const struct lab_variant *variant, struct err *e)
{
    const struct lab_change *const *list;
    size_t count;
    int code = engine_changes(l->lab, variant, &list, &count, e);
    return code ? code : engine_apply(l->lab, l->run, l->lab->folder, list, count, e);
}

int laboratory_node(const struct laboratory *l, const char *name, size_t *ret, struct err *e)
{
    size_t id = run_node_find(l->run, name);
    if (id == SIZE_MAX)
        return err_set(e, ERR_USAGE, "%s has no node \"%.40s\"; \"sextant lab status\" names them",
                       l->run->name, name);
    *ret = id;
    return 0;
}

int laboratory_service(const struct laboratory *l, const char *node, const char *service,
                       struct err *e)
{
    size_t id = 0;
    int code = laboratory_node(l, node, &id, e);
    if (code == 0 && !lab_service_find(l->lab, id, service))
        code = err_set(e, ERR_USAGE, "node %s has no service \"%.40s\"", node, service);
    return code;
}

static const struct column columns[] = {
    {.key = "task", .heading = "Task", .type = COLUMN_TEXT, .unit = "", .description = "The task."},
    {.key = "check",
     .heading = "Check",
     .type = COLUMN_TEXT,
     .unit = "",
     .description = "What is true when it passes.",
     .foreign = true},
    {.key = "result",
     .heading = "Result",
     .type = COLUMN_TEXT,
     .unit = "",
     .description = "passed or failed."},
    {.key = "points",
     .heading = "Points",
     .type = COLUMN_COUNT,
     .unit = "",
     .description = "Points reached."},
    {.key = "possible",
     .heading = "Out of",
     .type = COLUMN_COUNT,
     .unit = "",
     .description = "Points that the check gives.",
     .machine_only = true},
    {.key = "found",
     .heading = "Found",
     .type = COLUMN_TEXT,
     .unit = "",
     .description = "What was found.",
     .foreign = true},
    {.key = "name",
     .heading = "Name",
     .type = COLUMN_TEXT,
     .unit = "",
     .description = "The check's name.",
     .machine_only = true},
};

static void tell_twin(struct table *t, size_t row, const struct laboratory *l,
                      const struct lab_check *c)
{
    struct buffer text = {0};
    buffer_format(&text, "not counted, as this fails: %s",
                  say(l->words, l->lab->checks[c->twin_id]->title));
    table_set_text(t, row, 5, text.failed ? "not counted" : text.at);
    buffer_done(&text);
}

static void add_row(struct table *t, const struct laboratory *l, const struct lab_task *task,
                    const struct lab_check *c, const struct check_outcome *o,
                    struct laboratory_points *p)
{
    unsigned points = c->points ? *c->points : 1;
    size_t row = table_row(t);
    table_set_text(t, row, 0, task->name);
    table_set_text(t, row, 1, say(l->words, c->title));
    table_set_text(t, row, 2, o->passed ? "passed" : "failed");
    table_set_count(t, row, 3, o->passed ? points : 0);
    table_set_count(t, row, 4, points);
    table_set_text(t, row, 5, o->said);
    if (o->twin_failed)
        tell_twin(t, row, l, c);
    table_set_text(t, row, 6, c->name);
    p->possible += points;
    p->reached += o->passed ? points : 0;
    p->failed += !o->passed;
}

int laboratory_outcomes(const struct laboratory *l, const struct check_outcome *outcomes,
                        struct laboratory_points *ret, struct table **ret_table, struct err *e)
{
    const struct lab *lab = l->lab;
    struct laboratory_points points = {0};
    struct table *t = NULL;
    int code = table_new("checks", &t);
    if (code)
        return err_memory(e);
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        table_column(t, &columns[i]);
    for (size_t i = 0, n = 0; i < lab->tasks_count; i++)
        for (size_t k = 0; k < lab->tasks[i].checks_count; k++, n++)
            if (outcomes[n].made)
                add_row(t, l, &lab->tasks[i], &lab->tasks[i].checks[k], &outcomes[n], &points);
    t->key_columns = 2;
    table_title(t, "%s: %llu of %llu points", say(l->words, lab->title),
                (unsigned long long)points.reached, (unsigned long long)points.possible);
    if (t->failed) {
        table_free(&t);
        return err_memory(e);
    }
    *ret = points;
    *ret_table = t;
    return 0;
}
