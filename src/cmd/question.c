// SPDX-License-Identifier: Apache-2.0

#include "cmd/question.h"

#include <string.h>

static int set_parameters(struct query *q, const struct invocation *inv, struct err *e)
{
    for (size_t i = 0; i < inv->given_count; i++)
        for (unsigned p = 0; p < PARAMETER_COUNT; p++) {
            const char *name = parameter_kind((enum parameter)p)->name;
            int code = strcmp(inv->given[i].spec->name, name) == 0
                           ? query_set(q, name, inv->given[i].value, e)
                           : 0;
            if (code)
                return code;
        }
    return 0;
}

int question_open(struct question *q, const struct invocation *inv, struct err *e)
{
    *q = (struct question){0};
    query_init(&q->query);
    int code = set_parameters(&q->query, inv, e);
    if (code == 0)
        code = store_open(inv->store, STORE_READ, &q->store, e);
    if (code == 0)
        code = world_load(inv->language, &q->world, e);
    if (code)
        question_close(q);
    return code;
}

void question_close(struct question *q)
{
    store_close(&q->store);
    world_free(&q->world);
}

int question_answer(struct question *q, struct invocation *inv, measure_run *run, struct err *e)
{
    struct measure_tables tables = {0};
    int code = run(&(struct measure){q->store, q->world}, &q->query, &tables, e);
    if (code == 0)
        code = invocation_print(inv, tables.at, tables.count, e);
    measure_tables_free(&tables);
    return code;
}
