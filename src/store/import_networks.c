// SPDX-License-Identifier: Apache-2.0
//
// Importing what is said of networks: their names, and their users on a day.
//
// Of names those of the newest input count, whole; of users those of each day. Of two inputs of one
// day the one with more networks counts, and then the one with the greater hash: the outcome does
// not depend on the order of import.

#include "store/import_parts.h"

#include "read/as_names.h"
#include "read/users_per_as.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define NETWORKS_MAX ((size_t)1 << 22) // thirty times the ASes that are assigned

// As in the table network_input.
enum network_kind { NETWORK_NAMES, NETWORK_USERS };

struct network {
    uint32_t asn;
    economy economy;
    const char *name, *registry; // names
    double users, samples;       // users
};

struct taken_networks {
    enum network_kind kind;
    struct arena texts;
    ARRAY(struct network) all;
};

void taken_networks_free(struct taken_networks **t)
{
    if (*t) {
        arena_done(&(*t)->texts);
        free((*t)->all.at);
    }
    free(*t);
    *t = NULL;
}

// ---- reading

static struct network *add_network(struct importer *i, uint32_t asn, economy of, uint64_t line)
{
    struct taken_networks *t = i->networks;
    if (t->all.count == NETWORKS_MAX) {
        err_set(i->e, ERR_LIMIT, "line %" PRIu64 ": more than %zu networks", line, NETWORKS_MAX);
        return NULL;
    }
    struct network *n = ARRAY_ADD(&t->all);
    if (n)
        *n = (struct network){.asn = asn, .economy = of};
    else
        err_memory(i->e);
    return n;
}

static int on_name(const struct as_name *a, void *arg)
{
    struct importer *i = arg;
    struct network *n = add_network(i, a->asn, a->economy, a->line);
    if (!n)
        return i->e ? i->e->code : ERR_MEMORY;
    n->name = arena_text(&i->networks->texts, a->name.at, a->name.length);
    n->registry = arena_text(&i->networks->texts, a->registry, strlen(a->registry));
    return n->name && n->registry ? 0 : err_memory(i->e);
}

static int on_users(const struct users_per_as *u, void *arg)
{
    struct importer *i = arg;
    struct network *n = add_network(i, u->asn, u->economy, u->line);
    if (!n)
        return i->e ? i->e->code : ERR_MEMORY;
    n->users = u->users;
    n->samples = u->samples;
    return 0;
}

static int begin_reading(struct importer *i, enum network_kind kind)
{
    i->networks = calloc(1, sizeof *i->networks);
    if (!i->networks)
        return err_memory(i->e);
    i->networks->kind = kind;
    return 0;
}

static int finish_reading(struct importer *i, const struct source *s, enum input_format format,
                          date day, const struct fates *fates, const char *subject)
{
    i->about = (struct input_facts){.format = format,
                                    .registry = INPUT_NO_REGISTRY,
                                    .date = day,
                                    .subject = subject,
                                    .fates = *fates};
    return importer_needs_date(i, s, day);
}

int as_names_read(struct importer *i, struct source *s)
{
    struct as_name_handler handler = {NULL, on_name, importer_finding, i};
    struct as_name_result result = {0};
    int code = begin_reading(i, NETWORK_NAMES);
    if (!code)
        code = read_as_names(s, &i->options->read, &handler, &result, i->e);
    return code ? code
                : finish_reading(i, s, result.header.format, result.header.date, &result.fates,
                                 "as-names");
}

int users_per_as_read(struct importer *i, struct source *s)
{
    struct users_per_as_handler handler = {NULL, on_users, importer_finding, i};
    struct users_per_as_result result = {0};
    int code = begin_reading(i, NETWORK_USERS);
    if (!code)
        code = read_users_per_as(s, &i->options->read, &handler, &result, i->e);
    return code ? code
                : finish_reading(i, s, result.header.format, result.header.date, &result.fates,
                                 "users-per-as");
}

// ---- storing

static int by_network(const void *a, const void *b)
{
    const struct network *x = a, *y = b;
    if (x->asn != y->asn)
        return x->asn < y->asn ? -1 : 1;
    return x->economy < y->economy ? -1 : x->economy > y->economy;
}

// Each once, the first that the input has: names by ASN, users by ASN and economy.
static void order_networks(struct taken_networks *t)
{
    size_t kept = 0;
    if (t->all.count > 1)
        qsort(t->all.at, t->all.count, sizeof *t->all.at, by_network);
    for (size_t n = 0; n < t->all.count; n++) {
        const struct network *one = &t->all.at[n], *last = kept ? &t->all.at[kept - 1] : NULL;
        if (!last || one->asn != last->asn ||
            (t->kind == NETWORK_USERS && one->economy != last->economy))
            t->all.at[kept++] = *one;
    }
    t->all.count = kept;
}

// Does the input that counts now for the names, or for the users of that day, go before this one?
static int is_outvoted(struct importer *i, const struct taken_input *input, bool *ret)
{
    static const char *const sql[] = {
        "SELECT (n.date, (SELECT count(*) FROM as_name), i.sha256) > (?1, ?2, ?3)"
        " FROM network_input n JOIN input i ON i.id = n.input WHERE n.kind = 0",
        "SELECT (n.date, (SELECT count(*) FROM users_per_as WHERE date = ?1), i.sha256)"
        " > (?1, ?2, ?3) FROM network_input n JOIN input i ON i.id = n.input"
        " WHERE n.kind = 1 AND n.date = ?1"};
    sqlite3_stmt *q;
    bool row;
    int code = sql_prepare(i->store, sql[i->networks->kind], &q, i->e);
    if (code)
        return code;
    sqlite3_bind_int(q, 1, i->about.date);
    sqlite3_bind_int64(q, 2, (int64_t)i->networks->all.count);
    sqlite3_bind_text(q, 3, input->sha256, -1, SQLITE_STATIC);
    if ((code = sql_step(i->store, q, &row, i->e)) == 0)
        *ret = row && sqlite3_column_int(q, 0);
    sqlite3_finalize(q);
    return code;
}

static int run_with_day(struct importer *i, const char *sql, int64_t input)
{
    sqlite3_stmt *q;
    int code = sql_prepare(i->store, sql, &q, i->e);
    if (code)
        return code;
    sqlite3_bind_int(q, 1, i->about.date);
    sqlite3_bind_int64(q, 2, input);
    code = sql_finish(i->store, q, i->e);
    sqlite3_finalize(q);
    return code;
}

// Takes out what counted until now, and names this input.
static int replace_input(struct importer *i, int64_t input)
{
    static const char *const sql[][3] = {
        {"DELETE FROM as_name WHERE ?1 = ?1 AND ?2 > 0",
         "DELETE FROM network_input WHERE kind = 0 AND ?1 = ?1 AND ?2 > 0",
         "INSERT INTO network_input VALUES (0, ?1, ?2)"},
        {"DELETE FROM users_per_as WHERE date = ?1 AND ?2 > 0",
         "DELETE FROM network_input WHERE kind = 1 AND date = ?1 AND ?2 > 0",
         "INSERT INTO network_input VALUES (1, ?1, ?2)"}};
    int code = 0;
    for (unsigned n = 0; n < 3 && !code; n++)
        code = run_with_day(i, sql[i->networks->kind][n], input);
    return code;
}

static int insert_networks(struct importer *i)
{
    static const char *const sql[] = {"INSERT INTO as_name VALUES (?1, ?2, ?3, ?4)",
                                      "INSERT INTO users_per_as VALUES (?3, ?1, ?2, ?4, ?5)"};
    const struct taken_networks *t = i->networks;
    sqlite3_stmt *q;
    int code = sql_prepare(i->store, sql[t->kind], &q, i->e);
    for (size_t n = 0; n < t->all.count && !code; n++) {
        const struct network *one = &t->all.at[n];
        sqlite3_bind_int64(q, 1, one->asn);
        sql_bind_economy(q, 2, one->economy);
        if (t->kind == NETWORK_NAMES) {
            sqlite3_bind_text(q, 3, one->name, -1, SQLITE_STATIC);
            sqlite3_bind_text(q, 4, one->registry, -1, SQLITE_STATIC);
        } else {
            sqlite3_bind_int(q, 3, i->about.date);
            sqlite3_bind_double(q, 4, one->users);
            sqlite3_bind_double(q, 5, one->samples); // NaN is NULL
        }
        code = sql_finish(i->store, q, i->e);
    }
    sqlite3_finalize(q);
    return code;
}

int networks_store(struct importer *i, const struct taken_input *input, struct import_result *ret)
{
    bool outvoted = false;
    order_networks(i->networks);
    int code = is_outvoted(i, input, &outvoted);
    ret->outcome = outvoted ? IMPORT_SUPERSEDED : IMPORT_TAKEN;
    if (code || outvoted)
        return code;
    ret->values = i->networks->all.count;
    code = replace_input(i, input->id);
    return code ? code : insert_networks(i);
}
