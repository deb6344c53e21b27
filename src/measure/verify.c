// SPDX-License-Identifier: Apache-2.0

#include "measure/verify.h"

#include "measure/measure.h"

#include "base/table_write.h"
#include "read/kind.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RESULT_TABLE, DIFFERENCES_TABLE, INPUTS_TABLE };

static void result_columns(struct table *t)
{
    static const struct column columns[] = {
        {"file", "File", COLUMN_TEXT, "", "The exported file."},
        {"table", "Table", COLUMN_TEXT, "", "The table in it."},
        {"result", "Result", COLUMN_TEXT, "", "identical or differs."},
        {"cells", "Cells", COLUMN_COUNT, "", "Cells of the exported table."},
        {"differing", "Differing", COLUMN_COUNT, "", "Cells, rows and columns that differ."},
        {"known_on", "Known on", COLUMN_TEXT, "", "The snapshot day that it was computed for."},
        {"version", "Version", COLUMN_TEXT, "", "The program's version that wrote it.",
         .machine_only = true},
    };
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        table_column(t, &columns[i]);
    table_title(t, "Exported tables, computed again");
}

static void difference_columns(struct table *t)
{
    static const struct column columns[] = {
        {"row", "Row", COLUMN_TEXT, "", "The row by the columns that name it."},
        {"column", "Column", COLUMN_TEXT, "", "The column; empty for the whole row."},
        {"exported", "Exported", COLUMN_TEXT, "", "What the file has."},
        {"now", "Now", COLUMN_TEXT, "", "What the archive gives."},
        {"table", "Table", COLUMN_TEXT, "", "The table in the file."},
        {"file", "File", COLUMN_TEXT, "", "The exported file.", .machine_only = true},
    };
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        table_column(t, &columns[i]);
    t->key_columns = 2;
    table_title(t, "What differs");
}

static void input_columns(struct table *t)
{
    static const struct column columns[] = {
        {"file", "File", COLUMN_TEXT, "", "The exported file.", .machine_only = true},
        {"table", "Table", COLUMN_TEXT, "", "The table in it."},
        {"input", "Input", COLUMN_TEXT, "", "What the input is."},
        {"reason", "Reason", COLUMN_TEXT, "",
         "new: imported since; missing: the archive does not have it; superseded: another input "
         "of that registry and day counts now."},
        {"sha256", "SHA-256", COLUMN_TEXT, "", "The input's hash."},
    };
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        table_column(t, &columns[i]);
    table_title(t, "Inputs that can be the cause");
}

int verification_init(struct verification *v)
{
    static const char *const names[] = {"verification", "differences", "causes"};
    static void (*const fill[])(struct table *) = {result_columns, difference_columns,
                                                   input_columns};
    *v = (struct verification){0};
    for (size_t i = 0; i < 3; i++) {
        if (table_new(names[i], &v->tables[i]) != 0) {
            verification_done(v);
            return ERR_MEMORY;
        }
        v->tables[i]->basis.command = "verify";
        fill[i](v->tables[i]);
    }
    return 0;
}

void verification_done(struct verification *v)
{
    for (size_t i = 0; i < 3; i++)
        if (v->tables[i])
            table_free(&v->tables[i]);
    world_free(&v->world);
    *v = (struct verification){0};
}

// ---- computing again

struct check {
    struct verification *v;
    struct store *store;
    const char *path;
    const struct export *x;
    bool csv;
    uint64_t differing;
    struct err *e;
};

static int load_world(struct check *c)
{
    enum language language = LANGUAGE_EN;
    const char *stated = export_parameter(c->x, "lang");
    if (stated && !language_parse(slice_of(stated), &language))
        return err_set(c->e, ERR_INPUT, "%s: its basis states an unknown language", c->path);
    if (c->v->world && c->v->language == language)
        return 0;
    world_free(&c->v->world);
    c->v->language = language;
    return world_load(language, &c->v->world, c->e);
}

// What would be wrong usage on the command line is wrong input in a file.
static int as_input(struct check *c)
{
    if (c->e)
        c->e->code = ERR_INPUT;
    return ERR_INPUT;
}

static int build_query(struct check *c, struct query *q)
{
    query_init(q);
    for (size_t i = 0; i < c->x->parameter_count; i++) {
        if (strcmp(c->x->parameter_names[i], "lang") == 0)
            continue;
        if (query_set(q, c->x->parameter_names[i], c->x->parameter_values[i], c->e)) {
            err_prefix(c->e, "%s: its basis", c->path);
            return as_input(c);
        }
    }
    return 0;
}

static struct table *find_table(const struct measure_tables *tables, const char *name)
{
    for (size_t i = 0; i < tables->count; i++)
        if (!*name || strcmp(tables->at[i]->name, name) == 0)
            return tables->at[i];
    return NULL;
}

// The computed table in the written form that the file has.
static int write_form(struct check *c, const struct table *t, struct exports *ret)
{
    struct buffer text = {0}, basis = {0};
    int code = 0;
    if (c->csv) {
        table_write_csv(t, &text);
        basis_write_json(t, &basis);
    } else {
        table_write_json(t, &text);
    }
    struct slice written = {text.at, text.length};
    if (text.failed || basis.failed)
        code = err_memory(c->e);
    else if (c->csv)
        code = export_read_csv("the table computed now", written,
                               (struct slice){basis.at, basis.length}, ret, c->e);
    else
        code = export_read_json("the table computed now", written, ret, c->e);
    buffer_done(&text);
    buffer_done(&basis);
    return code;
}

static int note_difference(const struct export_difference *d, void *arg)
{
    struct check *c = arg;
    struct table *t = c->v->tables[DIFFERENCES_TABLE];
    if (c->differing++ >= VERIFY_SHOWN_MAX)
        return 0;
    size_t row = table_row(t);
    table_set_text(t, row, 0, d->row);
    table_set_text(t, row, 1, d->column);
    table_set_text(t, row, 2, d->exported);
    table_set_text(t, row, 3, d->now);
    table_set_text(t, row, 4, c->x->table);
    table_set_text(t, row, 5, c->path);
    return t->failed ? err_memory(c->e) : 0;
}

static int compare(struct check *c, const struct table *t)
{
    struct exports now = {0};
    const char *names[EXPORT_COLUMNS_MAX + 1];
    int code = write_form(c, t, &now);
    if (code == 0) {
        export_row_names(t, names);
        code = export_compare(c->x, &now.at[0], names, note_difference, c, c->e);
    }
    exports_done(&now);
    return code;
}

static int compute_again(struct check *c)
{
    struct query q;
    struct measure_tables tables = {0};
    const struct measure_kind *kind = measure_find(c->x->command);
    if (!kind)
        return err_set(c->e, ERR_INPUT,
                       "%s: \"%.40s\" is no measure; tables of pace, geography and the other "
                       "figures can be verified",
                       c->path, c->x->command);
    int code = load_world(c);
    if (code == 0)
        code = build_query(c, &q);
    if (code == 0)
        code = kind->run(&(struct measure){c->store, c->v->world}, &q, &tables, c->e);
    if (code == ERR_USAGE)
        code = as_input(c);
    if (code)
        return code;
    struct table *t = find_table(&tables, c->x->table);
    if (t)
        code = compare(c, t);
    else
        code = err_set(c->e, ERR_INPUT, "%s: %s has no table \"%.40s\"", c->path, c->x->command,
                       c->x->table);
    measure_tables_free(&tables);
    return code;
}

// ---- causes

static void add_cause(struct check *c, const char *input, const char *reason, const char *sha256)
{
    struct table *t = c->v->tables[INPUTS_TABLE];
    size_t row = table_row(t);
    table_set_text(t, row, 0, c->path);
    table_set_text(t, row, 1, c->x->table);
    table_set_text(t, row, 2, input);
    table_set_text(t, row, 3, reason);
    table_set_text(t, row, 4, sha256);
}

struct touched {
    struct check *check;
    unsigned registries; // bits of the basis' inputs
    unsigned kinds;      // bits of those that are no registers: routes, series, ...
    date known_on;
    bool counts;
    uint64_t more;
    size_t listed;
};

static int note_registry(const struct input *i, void *arg)
{
    struct touched *t = arg;
    if (i->registry == INPUT_NO_REGISTRY)
        t->kinds |= 1u << input_format_kind(i->format);
    else
        t->registries |= REGISTRY_BIT(i->registry);
    t->counts = i->counts;
    return 0;
}

static int check_inputs(struct check *c, struct touched *t)
{
    for (size_t i = 0; i < c->x->input_count; i++) {
        const struct export_input *in = &c->x->inputs[i];
        int64_t id;
        int code = strlen(in->sha256) == 64 ? store_find_input(c->store, in->sha256, &id, c->e)
                                            : ERR_NOT_FOUND;
        if (code == ERR_NOT_FOUND) {
            add_cause(c, in->label, "missing", in->sha256);
            continue;
        }
        if (code == 0)
            code = store_input(c->store, id, note_registry, t, c->e);
        if (code)
            return code;
        if (!t->counts)
            add_cause(c, in->label, "superseded", in->sha256);
    }
    return 0;
}

static bool is_related(const struct touched *t, const struct input *i)
{
    if (i->registry == INPUT_NO_REGISTRY)
        return (t->kinds & 1u << input_format_kind(i->format)) != 0;
    return !export_parameter(t->check->x, "registry") || i->registry == REGISTRY_NRO ||
           (t->registries & REGISTRY_BIT(i->registry));
}

static int note_newer(const struct input *i, void *arg)
{
    struct touched *t = arg;
    char label[128], day[DATE_TEXT_MAX];
    if (i->id <= t->check->x->revision || !is_related(t, i) || !i->counts ||
        (t->known_on != DATE_NONE && i->date > t->known_on))
        return 0;
    if (t->listed++ >= VERIFY_SHOWN_MAX) {
        t->more++;
        return 0;
    }
    snprintf(label, sizeof label, "%s%s %s", i->subject, i->extended ? " extended" : "",
             date_format(i->date, day));
    add_cause(t->check, label, "new", i->sha256);
    return 0;
}

static int find_causes(struct check *c)
{
    struct touched t = {.check = c, .known_on = DATE_NONE};
    struct table *causes = c->v->tables[INPUTS_TABLE];
    size_t before = causes->row_count;
    date_parse(slice_of(c->x->known_on), &t.known_on);
    int code = check_inputs(c, &t);
    if (code == 0)
        code = store_inputs(c->store, note_newer, &t, c->e);
    if (code)
        return code;
    if (t.more)
        table_note(causes, "%s: %llu more new inputs are not listed.", c->path,
                   (unsigned long long)t.more);
    if (causes->row_count == before && strcmp(c->x->version, SEXTANT_VERSION) == 0)
        table_note(c->v->tables[DIFFERENCES_TABLE],
                   "%s: the archive has the same inputs; the file was changed after its export, or "
                   "the reference tables were.",
                   c->path);
    return 0;
}

// ---- files

static void add_result(struct check *c)
{
    struct table *t = c->v->tables[RESULT_TABLE];
    size_t row = table_row(t);
    table_set_text(t, row, 0, c->path);
    table_set_text(t, row, 1, c->x->table);
    table_set_text(t, row, 2, c->differing ? "differs" : "identical");
    table_set_count(t, row, 3, (u128)c->x->row_count * c->x->column_count);
    table_set_count(t, row, 4, c->differing);
    table_set_text(t, row, 5, c->x->known_on);
    table_set_text(t, row, 6, c->x->version);
    if (strcmp(c->x->version, SEXTANT_VERSION) != 0)
        table_note(t, "%s was written by sextant %.40s; this is " SEXTANT_VERSION ".", c->path,
                   c->x->version);
}

static int verify_table(struct check *c)
{
    int code = compute_again(c);
    if (code)
        return code;
    add_result(c);
    c->v->file_count++;
    c->v->differing += c->differing;
    if (c->differing > VERIFY_SHOWN_MAX)
        table_note(c->v->tables[DIFFERENCES_TABLE], "%s, %s: %d of %llu differences are listed.",
                   c->path, c->x->table, VERIFY_SHOWN_MAX, (unsigned long long)c->differing);
    return c->differing ? find_causes(c) : 0;
}

// The CSV file that a basis lies beside; NULL for another path.
static char *described_by(const char *path)
{
    static const char suffix[] = ".csv.basis.json";
    size_t length = strlen(path), end = sizeof suffix - 1;
    if (length <= end || strcmp(path + length - end, suffix) != 0)
        return NULL;
    return strndup(path, length - strlen(".basis.json"));
}

static int verify_path(struct verification *v, struct store *store, const char *path, struct err *e)
{
    struct exports all = {0};
    int code = export_read_file(path, &all, e);
    for (size_t i = 0; i < all.count && code == 0; i++) {
        struct check c = {.v = v,
                          .store = store,
                          .path = path,
                          .x = &all.at[i],
                          .csv = export_is_csv(path),
                          .e = e};
        code = verify_table(&c);
    }
    exports_done(&all);
    for (size_t i = 0; i < 3 && code == 0; i++) {
        code = store_revision(store, &v->tables[i]->basis.revision, e);
        if (code == 0 && v->tables[i]->failed)
            code = err_memory(e);
    }
    return code;
}

int verify_file(struct verification *v, struct store *store, const char *path, struct err *e)
{
    char *csv = described_by(path);
    int code = verify_path(v, store, csv ? csv : path, e);
    free(csv);
    return code;
}
