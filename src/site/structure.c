// SPDX-License-Identifier: Apache-2.0

#include "site/structure.h"

#include "base/date.h"
#include "base/json.h"
#include "measure/export.h"
#include "measure/holdings.h"
#include "site/api.h"
#include "site/site_parts.h"

#include <stdio.h>
#include <string.h>

#define FLOWS_MAX      96 // tables of all endpoints
#define COMPONENTS_MAX 96 // columns of one table, of all families

struct component {
    const char *key, *heading, *description;
    enum column_type type;
    bool names_row;
};

struct flow {
    char id[STRUCTURE_ID_MAX];
    const char *endpoint, *title;
    struct component components[COMPONENTS_MAX];
    size_t count;
};

struct flows {
    struct visit *visit;
    economy economy;  // one that has something, so that every table has its columns
    date known_on;    // the newest day
    const char *only; // the ID that is asked for; NULL: all
    struct flow *at;
    size_t count;
    bool failed; // no memory, or more than the limits
};

// ---- names

static char capital(char c)
{
    return c == '-' ? '_' : c >= 'a' && c <= 'z' ? (char)(c - 0x20) : c;
}

void structure_component(const char *key, struct buffer *out)
{
    for (const char *at = key; *at; at++)
        buffer_char(out, capital(*at));
}

void structure_id(const char *endpoint, const char *table, char ret[STRUCTURE_ID_MAX])
{
    size_t length = strlen(endpoint);
    bool begins = strncmp(table, endpoint, length) == 0 && strchr("-", table[length]);
    snprintf(ret, STRUCTURE_ID_MAX, "%s%s%s", begins ? "" : endpoint, begins ? "" : "_", table);
    for (char *at = ret; *at; at++)
        *at = capital(*at);
}

// ---- collecting columns

static bool is_named(const char *const *names, const char *key)
{
    for (; *names; names++)
        if (strcmp(*names, key) == 0)
            return true;
    return false;
}

static const struct component *find_component(const struct flow *f, const char *key)
{
    for (size_t i = 0; i < f->count; i++)
        if (strcmp(f->components[i].key, key) == 0)
            return &f->components[i];
    return NULL;
}

static const char *keep(struct flows *all, const char *text)
{
    const char *kept = arena_text(&all->visit->request->arena, text, strlen(text));
    all->failed = all->failed || !kept;
    return kept ? kept : "";
}

static void take_columns(struct flows *all, struct flow *f, const struct table *t)
{
    const char *names[EXPORT_COLUMNS_MAX + 1];
    export_row_names(t, names);
    for (size_t i = 0; i < t->column_count; i++) {
        const struct column *c = &t->columns[i];
        if (find_component(f, c->key))
            continue;
        if (f->count == COMPONENTS_MAX) {
            all->failed = true;
            return;
        }
        f->components[f->count++] = (struct component){.key = keep(all, c->key),
                                                       .heading = keep(all, c->heading),
                                                       .description = keep(all, c->description),
                                                       .type = c->type,
                                                       .names_row = is_named(names, c->key)};
    }
}

static struct flow *find_flow(struct flows *all, const char *id)
{
    for (size_t i = 0; i < all->count; i++)
        if (strcmp(all->at[i].id, id) == 0)
            return &all->at[i];
    return NULL;
}

static void take_table(struct flows *all, const struct api_endpoint *end, const struct table *t)
{
    char id[STRUCTURE_ID_MAX];
    structure_id(end->name, t->name, id);
    struct flow *f = find_flow(all, id);
    if (all->only && strcmp(all->only, id) != 0)
        return;
    if (!f && all->count == FLOWS_MAX) {
        all->failed = true;
        return;
    }
    if (!f) {
        f = &all->at[all->count++];
        memcpy(f->id, id, sizeof f->id);
        f->endpoint = keep(all, end->name);
        f->title = strcmp(t->name, end->name) == 0 ? keep(all, end->summary) : keep(all, t->name);
    }
    take_columns(all, f, t);
}

// ---- asking for the tables

// What the archive cannot answer has no columns; what takes too long is an error.
static int take_tables(struct flows *all, const struct api_endpoint *end, int code,
                       struct measure_tables *t)
{
    for (size_t i = 0; i < t->count; i++)
        take_table(all, end, t->at[i]);
    measure_tables_free(t);
    return code == ERR_LATE || code == ERR_MEMORY ? code : 0;
}

static void find_sample(struct flows *all)
{
    struct measure_tables t = {0};
    struct query q;
    query_init(&q);
    q.by = BY_ECONOMY;
    if (measure_geography(&all->visit->measure, &q, &t, NULL) == 0) {
        const struct table *ranking = t.at[0];
        size_t key = table_find_column(ranking, "key");
        date_parse(slice_of(ranking->basis.known_on), &all->known_on);
        for (size_t row = 0; row < ranking->row_count && all->economy == ECONOMY_NONE; row++)
            all->economy =
                world_find(all->visit->world, slice_of(table_cell(ranking, row, key)->text));
    }
    measure_tables_free(&t);
}

static int take_measure(struct flows *all, const struct api_endpoint *end,
                        const struct measure_kind *kind)
{
    unsigned families = kind->parameters & PARAMETER_BIT(PARAMETER_FAMILY) ? FAMILY_COUNT : 1;
    unsigned bases = kind->parameters & PARAMETER_BIT(PARAMETER_BASIS) ? 2 : 1;
    int code = 0;
    for (unsigned i = 0; i < families * bases && code == 0; i++) {
        struct measure_tables t = {0};
        struct query q;
        query_init(&q);
        q.family = (enum family)(i % families);
        q.basis = i / families ? PACE_OBSERVED : PACE_RECORD;
        if (kind->parameters & PARAMETER_BIT(PARAMETER_TOP))
            q.top = 1;
        if (kind->parameters & PARAMETER_BIT(PARAMETER_ECONOMY))
            q.economy = all->economy;
        else if (kind->run == measure_changes)
            q.from = q.to = all->known_on;
        int failed = kind->run(&all->visit->measure, &q, &t, NULL);
        code = take_tables(all, end, failed, &t);
    }
    return code;
}

static int take_inputs(struct flows *all, const struct api_endpoint *end)
{
    const struct measure *m = &all->visit->measure;
    struct measure_tables list = {0}, one = {0};
    int code = measure_inputs(m, 1, &list, NULL);
    if (code == 0 && list.at[0]->row_count > 0) {
        size_t sha256 = table_find_column(list.at[0], "sha256");
        int failed = measure_input(m, table_cell(list.at[0], 0, sha256)->text, &one, NULL);
        code = take_tables(all, end, failed, &one);
    }
    int taken = take_tables(all, end, code, &list);
    return code == ERR_LATE || code == ERR_MEMORY ? code : taken;
}

static int take_endpoint(struct flows *all, const struct api_endpoint *end)
{
    const struct measure *m = &all->visit->measure;
    const struct measure_kind *kind = measure_find(end->name);
    struct measure_tables t = {0};
    struct range example;
    if (kind)
        return take_measure(all, end, kind);
    if (strcmp(end->name, "inputs") == 0)
        return take_inputs(all, end);
    int code = ERR_NOT_FOUND;
    if (strcmp(end->name, "snapshots") == 0)
        code = measure_holdings(m, HOLDINGS_ALL, &t, NULL);
    else if (range_parse(slice_of("2001:db8::/32"), &example))
        code = measure_lookup(m, &example, DATE_MAX, 1, &t, NULL);
    return take_tables(all, end, code, &t);
}

// Does the endpoint have the table of that ID? "ECONOMY_PACE" is of "economy".
static bool may_have(const struct api_endpoint *end, const char *id)
{
    char begin[STRUCTURE_ID_MAX];
    structure_id(end->name, end->name, begin);
    return !id || strncmp(id, begin, strlen(begin)) == 0;
}

static int collect(struct flows *all, struct err *e)
{
    struct api_endpoint end;
    int code = 0;
    find_sample(all);
    for (size_t i = 0; i < api_endpoint_count() && code == 0; i++) {
        api_endpoint_at(i, &end);
        if (may_have(&end, all->only))
            code = take_endpoint(all, &end);
    }
    if (code == ERR_LATE)
        return err_set(e, code, "it takes too long; ask for one structure");
    return code || all->failed ? err_memory(e) : 0;
}

// ---- writing

static void write_reference(struct json *j, const char *name, const char *class, const char *id,
                            const char *item)
{
    struct buffer urn = {0};
    buffer_format(&urn,
                  "urn:sdmx:org.sdmx.infomodel.%s=" STRUCTURE_AGENCY ":%s(" STRUCTURE_VERSION ")%s",
                  class, id, item ? "." : "");
    if (item)
        structure_component(item, &urn);
    json_text(j, name, urn.failed ? "" : urn.at);
    buffer_done(&urn);
}

static void write_head(struct json *j, const struct flow *f, const char *id)
{
    json_open(j, NULL, '{');
    json_text(j, "id", id);
    json_text(j, "agencyID", STRUCTURE_AGENCY);
    json_text(j, "version", STRUCTURE_VERSION);
    json_text(j, "name", f->title);
}

static void write_id(struct json *j, const char *key)
{
    struct buffer id = {0};
    structure_component(key, &id);
    json_text(j, "id", id.failed ? "" : id.at);
    buffer_done(&id);
}

static void write_type(struct json *j, enum column_type type)
{
    static const char *const types[] = {
        [COLUMN_TEXT] = "String", [COLUMN_COUNT] = "BigInteger", [COLUMN_FRACTION] = "Decimal",
        [COLUMN_REAL] = "Double", [COLUMN_PERCENT] = "Double",   [COLUMN_DATE] = "GregorianDay"};
    json_open(j, "localRepresentation", '{');
    json_open(j, "format", '{');
    json_text(j, "dataType", types[type]);
    json_close(j);
    json_close(j);
}

enum role { ROLE_DIMENSION, ROLE_MEASURE, ROLE_ATTRIBUTE };

static enum role role_of(const struct component *c)
{
    bool text = c->type == COLUMN_TEXT || c->type == COLUMN_DATE;
    return c->names_row ? ROLE_DIMENSION : text ? ROLE_ATTRIBUTE : ROLE_MEASURE;
}

static void write_component(struct json *j, const struct flow *f, const struct component *c,
                            unsigned position)
{
    json_open(j, NULL, '{');
    write_id(j, c->key);
    if (role_of(c) == ROLE_DIMENSION)
        json_integer(j, "position", position);
    else
        json_text(j, "usage", "optional");
    if (role_of(c) == ROLE_ATTRIBUTE) {
        json_open(j, "attributeRelationship", '{');
        json_open(j, "observation", '{');
        json_close(j);
        json_close(j);
    }
    write_reference(j, "conceptIdentity", "conceptscheme.Concept", f->id, c->key);
    write_type(j, c->type);
    json_close(j);
}

static bool has_role(const struct flow *f, enum role role)
{
    for (size_t i = 0; i < f->count; i++)
        if (role_of(&f->components[i]) == role)
            return true;
    return false;
}

static void write_components(struct json *j, const struct flow *f, enum role role)
{
    static const char *const names[][3] = {
        {"dimensionList", "DimensionDescriptor", "dimensions"},
        {"measureList", "MeasureDescriptor", "measures"},
        {"attributeList", "AttributeDescriptor", "attributes"},
    };
    unsigned position = 0;
    if (!has_role(f, role))
        return;
    json_open(j, names[role][0], '{');
    json_text(j, "id", names[role][1]);
    json_open(j, names[role][2], '[');
    for (size_t i = 0; i < f->count; i++)
        if (role_of(&f->components[i]) == role)
            write_component(j, f, &f->components[i], position++);
    json_close(j);
    json_close(j);
}

static void write_structures(struct json *j, const struct flows *all)
{
    json_open(j, "dataStructures", '[');
    for (size_t i = 0; i < all->count; i++) {
        const struct flow *f = &all->at[i];
        write_head(j, f, f->id);
        json_open(j, "dataStructureComponents", '{');
        write_components(j, f, ROLE_DIMENSION);
        write_components(j, f, ROLE_MEASURE);
        write_components(j, f, ROLE_ATTRIBUTE);
        json_close(j);
        json_close(j);
    }
    json_close(j);
}

static void write_concepts(struct json *j, const struct flows *all)
{
    json_open(j, "conceptSchemes", '[');
    for (size_t i = 0; i < all->count; i++) {
        const struct flow *f = &all->at[i];
        write_head(j, f, f->id);
        json_open(j, "concepts", '[');
        for (size_t k = 0; k < f->count; k++) {
            json_open(j, NULL, '{');
            write_id(j, f->components[k].key);
            json_text(j, "name", f->components[k].heading);
            json_text(j, "description", f->components[k].description);
            json_close(j);
        }
        json_close(j);
        json_close(j);
    }
    json_close(j);
}

static void write_flows(struct json *j, const struct flows *all)
{
    char address[STRUCTURE_ID_MAX];
    json_open(j, "dataflows", '[');
    for (size_t i = 0; i < all->count; i++) {
        const struct flow *f = &all->at[i];
        snprintf(address, sizeof address, "/api/v1/%s", f->endpoint);
        write_head(j, f, f->id);
        write_reference(j, "structure", "datastructure.DataStructure", f->id, NULL);
        json_open(j, "links", '[');
        json_open(j, NULL, '{');
        json_text(j, "rel", "data");
        json_text(j, "href", address);
        json_close(j);
        json_close(j);
        json_close(j);
    }
    json_close(j);
}

// What the answer is of, so that it is the same as long as the archive is.
static void write_meta(struct json *j, const struct visit *v)
{
    char when[INSTANT_TEXT_MAX], id[48];
    snprintf(id, sizeof id, "REVISION-%lld", (long long)v->revision);
    json_open(j, "meta", '{');
    json_text(j, "id", id);
    json_bool(j, "test", false);
    json_text(j, "prepared", instant_format(v->site->state.modified, when));
    json_open(j, "contentLanguages", '[');
    json_text(j, NULL, "en");
    json_close(j);
    json_open(j, "sender", '{');
    json_text(j, "id", STRUCTURE_AGENCY);
    json_close(j);
    json_close(j);
}

static int answer(struct visit *v, struct response *ret, const char *only, struct err *e)
{
    struct flows all = {.visit = v, .only = only, .known_on = DATE_NONE};
    all.at = arena_alloc(&v->request->arena, FLOWS_MAX * sizeof *all.at);
    if (!all.at)
        return err_memory(e);
    memset(all.at, 0, FLOWS_MAX * sizeof *all.at);
    int code = collect(&all, e);
    if (code)
        return code;
    if (all.count == 0)
        return err_set(e, ERR_NOT_FOUND,
                       "no structure \"%.80s\" of what the archive holds; /api/v1/structure lists "
                       "them",
                       only ? only : "");
    struct json j = {.out = &ret->body, .indent = 2};
    ret->content_type = STRUCTURE_TYPE "; version=2.0.0; charset=utf-8";
    json_open(&j, NULL, '{');
    write_meta(&j, v);
    json_open(&j, "data", '{');
    write_flows(&j, &all);
    if (only) {
        write_structures(&j, &all);
        write_concepts(&j, &all);
    }
    json_close(&j);
    json_close(&j);
    buffer_char(&ret->body, '\n');
    return 0;
}

int structure_list(struct visit *v, struct response *ret, struct err *e)
{
    return answer(v, ret, NULL, e);
}

// "dataflow/SEXTANT/PACE/1.0": the kind of artefact does not matter, they come together.
int structure_one(struct visit *v, struct response *ret, struct err *e)
{
    static const char *const kinds[] = {"dataflow", "datastructure", "conceptscheme", NULL};
    char id[STRUCTURE_ID_MAX], kind[32];
    struct slice rest = slice_of(v->rest);
    struct slice first = slice_cut(&rest, '/');
    snprintf(kind, sizeof kind, "%.*s", SLICE_ARG(first));
    struct slice agency = slice_cut(&rest, '/');
    struct slice name = rest.at ? slice_cut(&rest, '/') : (struct slice){"", 0};
    bool known = is_named(kinds, kind) && slice_is(agency, STRUCTURE_AGENCY) && name.length > 0 &&
                 name.length < sizeof id && (!rest.at || slice_is(rest, STRUCTURE_VERSION));
    if (!known)
        return err_set(e, ERR_NOT_FOUND,
                       "no structure \"%.80s\"; wanted is dataflow/" STRUCTURE_AGENCY
                       "/ID, and /api/v1/structure lists the IDs",
                       v->rest);
    snprintf(id, sizeof id, "%.*s", SLICE_ARG(name));
    return answer(v, ret, id, e);
}
