// SPDX-License-Identifier: Apache-2.0
//
// sextant lab status: what is up.

#include "cmd/laboratory.h"

#include <stdlib.h>

static const char *const usage[] = {"lab status [OPTIONS]", NULL};

static const struct example examples[] = {
    {"sextant lab status", "Laboratories that are up, their nodes and services."}, {NULL}};

static const struct column columns[] = {
    {.key = "lab",
     .heading = "Laboratory",
     .type = COLUMN_TEXT,
     .unit = "",
     .description = "What it is called."},
    {.key = "node", .heading = "Node", .type = COLUMN_TEXT, .unit = "", .description = "The node."},
    {.key = "service",
     .heading = "Service",
     .type = COLUMN_TEXT,
     .unit = "",
     .description = "A service of the node."},
    {.key = "state",
     .heading = "State",
     .type = COLUMN_TEXT,
     .unit = "",
     .description = "up for a node; idle, starting, ready, ended or left-out for a service."},
    {.key = "pid",
     .heading = "Process",
     .type = COLUMN_COUNT,
     .unit = "",
     .description = "The node's first process.",
     .machine_only = true},
};

static void add_run(struct table *t, const struct run *r)
{
    for (size_t i = 0; i < r->node_count; i++) {
        size_t row = table_row(t);
        table_set_text(t, row, 0, r->name);
        table_set_text(t, row, 1, r->nodes[i].name);
        table_set_text(t, row, 3, "up");
        table_set_count(t, row, 4, (u128)r->nodes[i].init);
        for (size_t k = 0; k < r->service_count; k++) {
            const struct run_service *s = &r->services[k];
            if (s->node != i)
                continue;
            row = table_row(t);
            table_set_text(t, row, 0, r->name);
            table_set_text(t, row, 1, r->nodes[i].name);
            table_set_text(t, row, 2, s->name);
            table_set_text(t, row, 3, service_state_name(s->state));
        }
    }
    table_note(t, "%s runs %s.", r->name, r->mode);
}

static int add_all(struct table *t, size_t *ret_count, struct err *e)
{
    struct run_names up = {0};
    int code = run_list(&up, e);
    for (size_t i = 0; i < up.count && code == 0; i++) {
        struct run *r = NULL;
        code = run_open(up.at[i], &r, e);
        if (code == 0)
            add_run(t, r);
        run_free(&r);
    }
    *ret_count = up.count;
    free(up.at);
    return code;
}

static int run_status(struct invocation *inv, struct err *e)
{
    struct table *t = NULL;
    size_t count = 0;
    if (table_new("status", &t))
        return err_memory(e);
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        table_column(t, &columns[i]);
    t->key_columns = 3;
    int code = add_all(t, &count, e);
    table_title(t, count == 1 ? "One laboratory is up" : "%zu laboratories are up", count);
    if (code == 0)
        code = t->failed ? err_memory(e) : invocation_print(inv, &t, 1, e);
    table_free(&t);
    return code;
}

const struct command command_lab_status = {
    .name = "lab status",
    .group = COMMAND_LAB,
    .summary = "What is up: nodes and services",
    .usage = usage,
    .description = "Lists the laboratories that are up with their nodes and services, and says as "
                   "whom each runs. What was killed is swept away.",
    .groups = OPTIONS_OUTPUT,
    .examples = examples,
    .run = run_status,
};
