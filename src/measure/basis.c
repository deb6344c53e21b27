// SPDX-License-Identifier: Apache-2.0
//
// The basis of a table: what was asked, and the inputs that the answer was computed from.

#include "measure/view.h"

#include "base/array.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

// An input behind a table: a snapshot, or another with its label.
struct behind {
    int64_t input;
    const struct snapshot *snapshot; // NULL: none
    const char *label;
};

// Those behind a table, in order.
struct sources {
    struct behind *at;
    size_t count, capacity;
};

static bool sources_add(struct sources *s, struct behind add)
{
    if (!array_reserve_((void **)&s->at, &s->capacity, s->count + 1, sizeof *s->at))
        return false;
    s->at[s->count++] = add;
    return true;
}

static bool sources_have(const struct sources *s, int64_t input)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->at[i].input == input)
            return true;
    return false;
}

static bool sources_add_snapshot(struct sources *s, const struct snapshot *snapshot)
{
    return sources_add(s, (struct behind){.input = snapshot->input, .snapshot = snapshot});
}

// One file speaks about several families: it is one input.
static bool sources_add_known(struct sources *s, const struct view *v)
{
    for (unsigned r = 0; r < REGISTRY_COUNT; r++)
        if (v->known[r] && !sources_have(s, v->known[r]->input) &&
            !sources_add_snapshot(s, v->known[r]))
            return false;
    return true;
}

static bool sources_add_history(struct sources *s, const struct view *v, enum family family)
{
    for (size_t i = 0; i < v->snapshots.count; i++) {
        const struct snapshot *at = &v->snapshots.at[i], *known = v->known[at->registry];
        if (at->family == family && known && at->date <= known->date &&
            !sources_add_snapshot(s, at))
            return false;
    }
    return true;
}

static bool sources_add_beside(struct sources *s, const struct beside *b)
{
    if (b->view && !sources_add_known(s, b->view))
        return false;
    for (size_t i = 0; i < b->count; i++)
        if (!sources_have(s, b->inputs[i].input) &&
            !sources_add(s,
                         (struct behind){.input = b->inputs[i].input, .label = b->inputs[i].label}))
            return false;
    return true;
}

char *snapshot_format(const struct snapshot *s, char text[SNAPSHOT_TEXT_MAX])
{
    char day[DATE_TEXT_MAX];
    bool rir = s->registry < REGISTRY_RIR_COUNT;
    snprintf(text, SNAPSHOT_TEXT_MAX, "%s%s %s", registry_name(s->registry),
             !rir          ? ""
             : s->extended ? " extended"
                           : " plain",
             date_format(s->date, day));
    return text;
}

// ---- hashes

struct hashes {
    const struct sources *sources;
    EVP_MD_CTX *digest;
    char (*at)[65]; // by input number, from `base`
    int64_t base, end;
    struct table *table;
    const struct behind *named; // being added by name
    const struct series *people;
    struct err *err;
};

static int add_named(const struct input *i, void *arg)
{
    struct hashes *h = arg;
    char label[SNAPSHOT_TEXT_MAX];
    const struct snapshot *s = h->named->snapshot;
    table_basis_input(h->table, i->sha256, i->source,
                      s ? snapshot_format(s, label) : h->named->label);
    return 0;
}

static int keep_hash(int64_t id, const char *sha256, void *arg)
{
    struct hashes *h = arg;
    if (id >= h->base && id < h->end)
        memcpy(h->at[id - h->base], sha256, strnlen(sha256, sizeof h->at[0] - 1));
    return 0;
}

static int keep_input(const struct input *i, void *arg)
{
    return keep_hash(i->id, i->sha256, arg);
}

// One input's hash, for a few; all of them in one go, for many.
static int read_hashes(struct hashes *h, struct store *store, struct err *e)
{
    const struct sources *s = h->sources;
    h->base = s->at[0].input;
    for (size_t i = 0; i < s->count; i++) {
        h->base = s->at[i].input < h->base ? s->at[i].input : h->base;
        h->end = s->at[i].input >= h->end ? s->at[i].input + 1 : h->end;
    }
    h->at = calloc((size_t)(h->end - h->base), sizeof *h->at);
    if (!h->at)
        return err_memory(e);
    if (s->count > BASIS_INPUTS_MAX)
        return store_input_hashes(store, keep_hash, h, e);
    int code = 0;
    for (size_t i = 0; i < s->count && code == 0; i++)
        code = store_input(store, s->at[i].input, keep_input, h, e);
    return code;
}

static const char *hash_all(struct hashes *h)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    char text[2 * EVP_MAX_MD_SIZE + 1] = "";
    if (!h->digest || !EVP_DigestInit_ex(h->digest, EVP_sha256(), NULL))
        return NULL;
    for (size_t i = 0; i < h->sources->count; i++)
        if (!EVP_DigestUpdate(h->digest, h->at[h->sources->at[i].input - h->base], 64))
            return NULL;
    if (h->people && !EVP_DigestUpdate(h->digest, h->people->sha256, 64))
        return NULL;
    if (!EVP_DigestFinal_ex(h->digest, digest, &length))
        return NULL;
    hex_text(digest, length, text);
    return arena_text(&h->table->arena, text, strlen(text));
}

static bool is_same_row(const struct behind *a, const struct behind *b)
{
    return a->snapshot && b->snapshot ? a->snapshot->registry == b->snapshot->registry
                                      : !a->snapshot && !b->snapshot;
}

// With many sources those that begin or end a row of snapshots: a registry's, or of what is beside.
static bool is_named(const struct sources *s, size_t i)
{
    return s->count <= BASIS_INPUTS_MAX || i == 0 || i + 1 == s->count ||
           !is_same_row(&s->at[i - 1], &s->at[i]) || !is_same_row(&s->at[i + 1], &s->at[i]);
}

static int name_inputs(struct hashes *h, struct store *store, struct err *e)
{
    const struct sources *s = h->sources;
    for (size_t i = 0; i < s->count && h->table->basis.input_count < BASIS_INPUTS_MAX; i++) {
        h->named = &s->at[i];
        int code = is_named(s, i) ? store_input(store, s->at[i].input, add_named, h, e) : 0;
        if (code)
            return code;
    }
    if (h->table->basis.input_count < s->count)
        table_note(h->table,
                   "Computed from %zu snapshots; the basis names the first and the last of each "
                   "registry and has the hash over all.",
                   s->count);
    if (h->people)
        table_basis_input(h->table, h->people->sha256, h->people->source, "population");
    return 0;
}

static int add_inputs(const struct sources *s, const struct series *people, struct store *store,
                      struct table *t, struct err *e)
{
    struct hashes h = {.sources = s, .digest = EVP_MD_CTX_new(), .table = t, .err = e};
    h.people = people && people->source ? people : NULL;
    int code = s->count > 0 ? read_hashes(&h, store, e) : 0;
    if (code == 0)
        code = name_inputs(&h, store, e);
    if (code == 0 && s->count > 0) {
        const char *hash = hash_all(&h);
        if (hash)
            t->basis.inputs_sha256 = hash;
        else
            code = err_memory(e);
    }
    EVP_MD_CTX_free(h.digest);
    free(h.at);
    return code;
}

int view_basis(const struct measure *m, const struct query *q, const char *command,
               const struct view *v, const struct beside *beside, bool history, struct table *t,
               struct err *e)
{
    char day[DATE_TEXT_MAX];
    struct sources s = {0};
    t->basis.command = command;
    t->basis.known_on = arena_format(&t->arena, "%s", date_format(v->known_on, day));
    if (!t->basis.known_on)
        return err_memory(e);
    query_describe(q, v->known_on, t);
    bool added = history ? sources_add_history(&s, v, q->family) : sources_add_known(&s, v);
    if (added && beside)
        added = sources_add_beside(&s, beside);
    int code = added ? store_revision(m->store, &t->basis.revision, e) : err_memory(e);
    if (code == 0)
        code = add_inputs(&s, v->people, m->store, t, e);
    free(s.at);
    return code;
}
