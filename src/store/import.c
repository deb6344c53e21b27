// SPDX-License-Identifier: Apache-2.0
//
// Importing: one input, one transaction.
//
//     importer_add
//       BEGIN IMMEDIATE
//       what is it? its part reads it to the end (import_parts.h)
//       source_finish: the hash; bytes that are known change nothing
//       the part writes what it read; the evidence
//       COMMIT

#include "store/import_parts.h"

#include "read/kind.h"

#include <stdlib.h>

struct part {
    part_read *read;
    part_store *store;
};

static const struct part parts[] = {
    [INPUT_REGISTER] = {register_read, register_store},
    [INPUT_ROUTES] = {routes_read, routes_store},
    [INPUT_VRPS] = {vrps_read, routes_store},
    [INPUT_OBSERVED] = {observed_read, observed_store},
    [INPUT_AS_NAMES] = {as_names_read, networks_store},
    [INPUT_USERS_PER_AS] = {users_per_as_read, networks_store},
    [INPUT_CHECKED] = {checked_read, checked_store},
};

int importer_new(struct store *s, struct importer **ret, struct err *e)
{
    struct importer *i = calloc(1, sizeof *i);
    if (!i)
        return err_memory(e);
    i->store = s;
    int code = registers_new(s, &i->evidence, &i->registers, e);
    if (code)
        importer_free(&i);
    else
        *ret = i;
    return code;
}

// What is kept of one input only.
static void forget_input(struct importer *i)
{
    taken_routes_free(&i->routes);
    taken_values_free(&i->values);
    taken_networks_free(&i->networks);
    taken_checks_free(&i->checks);
    arena_done(&i->texts);
    evidence_reset(&i->evidence);
    i->about = (struct input_facts){.date = DATE_NONE, .subject = ""};
}

void importer_free(struct importer **i)
{
    if (!*i)
        return;
    forget_input(*i);
    registers_free(&(*i)->registers);
    world_free(&(*i)->world);
    free(*i);
    *i = NULL;
}

int importer_finding(const struct finding *f, void *importer)
{
    struct importer *i = importer;
    return evidence_add(&i->evidence, f->kind, f->line, f->text) ? err_memory(i->e) : 0;
}

int importer_needs_date(struct importer *i, const struct source *s, date day)
{
    if (day != DATE_NONE)
        return 0;
    return err_set(i->e, ERR_INPUT,
                   "%s: neither it nor its name says of which day it is; wanted --date",
                   source_name(s));
}

// The rows of its part name the input before it has its own row: the number is known, and foreign
// keys are held at the commit.
static int store_input_and_part(struct importer *i, const struct part *part, struct source *s,
                                const struct source_facts *facts, struct import_result *ret)
{
    struct taken_input input = {.sha256 = facts->sha256};
    int code = sql_run(i->store, "PRAGMA defer_foreign_keys = ON", i->e);
    if (!code)
        code = store_revision(i->store, &input.id, i->e);
    input.id++;
    if (!code)
        code = part->store(i, &input, ret);
    if (!code)
        code = evidence_store(i->store, &i->evidence, input.id, source_name(s), facts, &i->about,
                              i->e);
    ret->findings = evidence_count(&i->evidence);
    if (!code)
        code = sql_commit(i->store, i->e);
    if (!code)
        ret->input = input.id;
    return code;
}

static int add_in_transaction(struct importer *i, const struct part *part, struct source *s,
                              struct import_result *ret)
{
    struct source_facts facts;
    int code = part->read(i, s);
    if (!code)
        code = source_finish(s, &facts, i->e);
    if (!code)
        code = evidence_find(i->store, facts.sha256, &ret->input, i->e);
    if (!code && i->options->sha256 && strcmp(i->options->sha256, facts.sha256) != 0)
        code = err_set(i->e, ERR_INPUT, "%s: it changed while it was read", source_name(s));
    if (code)
        return code;
    ret->format = i->about.format;
    ret->date = i->about.date;
    ret->fates = i->about.fates;
    if (!ret->input)
        return store_input_and_part(i, part, s, &facts, ret);
    ret->outcome = IMPORT_KNOWN;
    return 0;
}

int importer_add(struct importer *i, struct source *s, const struct import_options *options,
                 struct import_result *ret, struct err *e)
{
    static const struct import_options none = {.read = {.date = DATE_NONE}};
    struct import_result result = {0};
    enum input_kind kind;
    i->options = options ? options : &none;
    i->e = e;
    int code = input_kind(s, &kind, e);
    if (!code)
        code = sql_begin(i->store, e);
    if (code)
        return code;
    code = add_in_transaction(i, &parts[kind], s, &result);
    sql_rollback(i->store);
    bool taken = code == 0 && result.outcome != IMPORT_KNOWN;
    if (kind == INPUT_REGISTER)
        registers_end(i->registers, result.input, taken);
    else if (taken)
        registers_pass(i->registers, result.input);
    forget_input(i);
    if (!code)
        *ret = result;
    return code;
}

int importer_knows(struct importer *i, const char *path, uint64_t bytes, int64_t *ret_id,
                   struct err *e)
{
    char sha256[65], sql[96];
    int64_t same_size = 0;
    *ret_id = 0;
    sqlite3_snprintf(sizeof sql, sql, "SELECT count(*) FROM input WHERE bytes_given = %lld",
                     (long long)bytes);
    int code = sql_integer(i->store, sql, &same_size, e);
    if (code || same_size == 0 || (code = source_hash(path, sha256, e)) != 0)
        return code;
    return evidence_find(i->store, sha256, ret_id, e);
}
