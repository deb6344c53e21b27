// SPDX-License-Identifier: Apache-2.0
//
// Importing a register's file.
//
//     register_read
//       was anybody else writing? then forget what is in memory
//       read_input -> on_header: is there a snapshot of that day already?
//                     on_record: no  -> match against the series' state at once
//                                yes -> keep the records until it is known which input counts
//     register_store
//       contested days: the better input takes the place of the other
//       each series: apply, then the snapshot's row
//
// Of two inputs for one registry and day the extended one counts, then the NRO's combined one, then
// the plain one; of two equals the one with more records, and then the greater hash: the outcome
// does not depend on the order of import.

#include "store/import_parts.h"
#include "store/series_edit.h"
#include "store/space.h"

#include <stdio.h>
#include <stdlib.h>

struct series_state {
    ARRAY(struct snapshot) snapshots; // by date
    struct state state;
    bool touched;     // by the current input
    bool outvoted;    // another input of that day counts
    uint64_t records; // of the current input, when the day is contested
};

struct registers {
    struct store *store;
    struct evidence *evidence;
    struct space *space;
    struct series_edit edit;
    bool cached; // what follows is the archive's state at `revision`
    int64_t revision;
    struct series_state series[FAMILY_COUNT][REGISTRY_COUNT];
    struct names names[REGISTRY_COUNT];
    bool names_loaded[REGISTRY_COUNT];
    // the current input
    struct read_header header;
    struct read_result read;
    bool contested; // there is a snapshot of this day already
    struct arena texts;
    ARRAY(struct record) waiting;
    struct err *e;
};

// ---- memory of the archive

static void forget(struct registers *i)
{
    for (unsigned f = 0; f < FAMILY_COUNT; f++)
        for (unsigned r = 0; r < REGISTRY_COUNT; r++) {
            free(i->series[f][r].snapshots.at);
            state_done(&i->series[f][r].state);
            i->series[f][r] = (struct series_state){0};
        }
    for (unsigned r = 0; r < REGISTRY_COUNT; r++)
        if (i->names_loaded[r]) {
            names_done(&i->names[r]);
            i->names_loaded[r] = false;
        }
    i->cached = false;
}

static int load_snapshots(struct registers *i)
{
    struct snapshot_list list;
    int code = store_snapshots(i->store, &list, i->e);
    if (code)
        return code;
    for (size_t n = 0; n < list.count && !code; n++) {
        struct series_state *s = &i->series[list.at[n].family][list.at[n].registry];
        struct snapshot *one = ARRAY_ADD(&s->snapshots);
        if (one)
            *one = list.at[n];
        else
            code = err_memory(i->e);
    }
    snapshot_list_free(&list);
    return code;
}

// Another program may have written since the last input.
static int refresh(struct registers *i)
{
    int64_t revision = 0;
    int code = store_revision(i->store, &revision, i->e);
    if (code || (i->cached && i->revision == revision))
        return code;
    forget(i);
    code = load_snapshots(i);
    i->revision = revision;
    i->cached = code == 0;
    return code;
}

int registers_new(struct store *s, struct evidence *evidence, struct registers **ret, struct err *e)
{
    struct registers *i = calloc(1, sizeof *i);
    if (!i)
        return err_memory(e);
    i->store = s;
    i->evidence = evidence;
    int code = space_load(&i->space, e);
    if (!code)
        code = series_edit_init(&i->edit, s, e);
    if (code)
        registers_free(&i);
    else
        *ret = i;
    return code;
}

void registers_free(struct registers **i)
{
    if (!*i)
        return;
    forget(*i);
    series_edit_done(&(*i)->edit);
    space_free(&(*i)->space);
    arena_done(&(*i)->texts);
    free((*i)->waiting.at);
    free(*i);
    *i = NULL;
}

// ---- the series around the day

// The first snapshot that is not before `day`.
static size_t place_of(const struct series_state *s, date day)
{
    size_t low = 0, high = s->snapshots.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (s->snapshots.at[middle].date < day)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct snapshot *snapshot_on(struct series_state *s, date day)
{
    size_t place = place_of(s, day);
    bool there = place < s->snapshots.count && s->snapshots.at[place].date == day;
    return there ? &s->snapshots.at[place] : NULL;
}

static void neighbours(const struct series_state *s, date day, date *previous, date *next)
{
    size_t place = place_of(s, day);
    *previous = place > 0 ? s->snapshots.at[place - 1].date : DATE_NONE;
    if (place < s->snapshots.count && s->snapshots.at[place].date == day)
        place++;
    *next = place < s->snapshots.count ? s->snapshots.at[place].date : DATE_NONE;
}

static int ready_names(struct registers *i, enum registry r)
{
    if (i->names_loaded[r])
        return 0;
    i->names_loaded[r] = true; // also when it fails half-way: forget() frees it
    return series_load_names(i->store, r, &i->names[r], i->e);
}

// Makes the state of a series fit the day of the input.
static int touch(struct registers *i, enum family f, enum registry r)
{
    struct series_state *s = &i->series[f][r];
    date previous, next;
    s->touched = true;
    int code = ready_names(i, r);
    if (code)
        return code;
    neighbours(s, i->header.date, &previous, &next);
    s->state.family = f;
    s->state.registry = r;
    s->state.names = &i->names[r];
    if (!s->state.loaded || s->state.previous != previous || s->state.next != next)
        code = series_load(i->store, &s->state, previous, next, i->e);
    state_open_file(&s->state);
    return code;
}

// ---- records

static int note(struct registers *i, enum finding_kind kind, uint64_t line, const char *what,
                const struct block *b)
{
    char block[BLOCK_TEXT_MAX], text[256];
    snprintf(text, sizeof text, "%s%s", block_format(b, block), what);
    return evidence_add(i->evidence, kind, line, text) ? err_memory(i->e) : 0;
}

static int place_record(struct registers *i, const struct record *r)
{
    struct series_state *s = &i->series[r->block.family][r->registry];
    struct entry *entry;
    bool fresh;
    int code = s->touched ? 0 : touch(i, r->block.family, r->registry);
    if (code)
        return code;
    switch (state_match(&s->state, r, &entry, &fresh)) {
    case MATCH_NO_MEMORY:
        return err_memory(i->e);
    case MATCH_DUPLICATE:
        return note(i, FINDING_DUPLICATE, r->line, " stands twice in the file", &r->block);
    case MATCH_TAKEN:
        break;
    }
    bool delegated = (STATUS_DELEGATED & STATUS_BIT(r->status)) != 0;
    if (fresh)
        entry->flags =
            (uint8_t)((entry->flags & ~ENTRY_OUTSIDE) |
                      (delegated && !space_holds(i->space, r->registry, &r->block) ? ENTRY_OUTSIDE
                                                                                   : 0));
    if (entry->flags & ENTRY_OUTSIDE)
        return note(i, FINDING_OUTSIDE, r->line, " is not in the space that IANA gave the registry",
                    &r->block);
    return 0;
}

// The day is contested: which input counts is known only at the end of the file.
static int keep_record(struct registers *i, const struct record *r)
{
    struct record *kept = ARRAY_ADD(&i->waiting);
    char *holder = kept ? arena_text(&i->texts, r->holder.at, r->holder.length) : NULL;
    if (!holder)
        return err_memory(i->e);
    *kept = *r;
    kept->holder.at = holder;
    i->series[r->block.family][r->registry].records++;
    return 0;
}

static int on_record(const struct record *r, void *arg)
{
    struct registers *i = arg;
    return i->contested ? keep_record(i, r) : place_record(i, r);
}

static int on_header(const struct read_header *h, void *arg)
{
    struct registers *i = arg;
    i->header = *h;
    for (unsigned f = 0; f < FAMILY_COUNT; f++)
        for (unsigned r = 0; r < REGISTRY_COUNT; r++)
            if ((h->registry == REGISTRY_NRO || h->registry == r) &&
                snapshot_on(&i->series[f][r], h->date))
                i->contested = true;
    return 0;
}

static int on_finding(const struct finding *f, void *arg)
{
    struct registers *i = arg;
    return evidence_add(i->evidence, f->kind, f->line, f->text) ? err_memory(i->e) : 0;
}

// ---- contested days

static unsigned rank_of(enum registry author, bool extended)
{
    return author == REGISTRY_NRO ? 2 : extended ? 3 : 1;
}

struct rival {
    unsigned rank;
    uint64_t records;
    char sha256[65];
};

static int take_rival(const struct input *input, void *arg)
{
    struct rival *rival = arg;
    rival->rank = rank_of((enum registry)input->registry, input->extended);
    memcpy(rival->sha256, input->sha256, sizeof rival->sha256);
    return 0;
}

static int outvotes(struct registers *i, const struct snapshot *there, const struct rival *mine,
                    bool *ret)
{
    struct rival other = {.records = there->records};
    int code = store_input(i->store, there->input, take_rival, &other, i->e);
    if (code)
        return code;
    if (other.rank != mine->rank)
        *ret = other.rank > mine->rank;
    else if (other.records != mine->records)
        *ret = other.records > mine->records;
    else
        *ret = memcmp(other.sha256, mine->sha256, sizeof other.sha256) > 0;
    return 0;
}

static void drop_snapshot(struct series_state *s, date day)
{
    size_t place = place_of(s, day);
    s->snapshots.count--;
    memmove(&s->snapshots.at[place], &s->snapshots.at[place + 1],
            (s->snapshots.count - place) * sizeof *s->snapshots.at);
    s->state.loaded = false;
}

static int contest(struct registers *i, struct series_state *s, enum family f, enum registry r,
                   struct rival *mine)
{
    struct snapshot *there = snapshot_on(s, i->header.date);
    date previous, next;
    if (!there)
        return 0;
    mine->records = s->records;
    int code = outvotes(i, there, mine, &s->outvoted);
    if (code || s->outvoted)
        return code;
    neighbours(s, i->header.date, &previous, &next);
    code = series_remove(i->store, f, r, i->header.date, previous, next, i->e);
    if (!code)
        drop_snapshot(s, i->header.date);
    return code;
}

static int settle(struct registers *i, const struct read_result *result, const char *sha256)
{
    struct rival mine = {.rank = rank_of(i->header.registry, result->extended)};
    memcpy(mine.sha256, sha256, sizeof mine.sha256);
    int code = 0;
    for (unsigned f = 0; f < FAMILY_COUNT && !code; f++)
        for (unsigned r = 0; r < REGISTRY_COUNT && !code; r++) {
            bool speaks = i->series[f][r].records > 0 ||
                          (r == (unsigned)i->header.registry && result->families & 1u << f);
            if (speaks)
                code = contest(i, &i->series[f][r], (enum family)f, (enum registry)r, &mine);
        }
    for (size_t n = 0; n < i->waiting.count && !code; n++) {
        const struct record *record = &i->waiting.at[n];
        if (!i->series[record->block.family][record->registry].outvoted)
            code = place_record(i, record);
    }
    return code;
}

// ---- storing

static int insert_snapshot_row(struct registers *i, const struct snapshot *s)
{
    sqlite3_stmt *q;
    int code = sql_prepare(i->store, "INSERT INTO snapshot VALUES (?, ?, ?, ?, ?, ?, ?)", &q, i->e);
    if (code)
        return code;
    sqlite3_bind_int(q, 1, (int)s->family);
    sqlite3_bind_int(q, 2, (int)s->registry);
    sqlite3_bind_int(q, 3, s->date);
    sqlite3_bind_int64(q, 4, s->input);
    sqlite3_bind_int64(q, 5, (int64_t)s->records);
    sqlite3_bind_int64(q, 6, (int64_t)s->delegated);
    sqlite3_bind_int(q, 7, s->extended);
    code = sql_finish(i->store, q, i->e);
    sqlite3_finalize(q);
    return code;
}

static int add_snapshot(struct registers *i, struct series_state *s, int64_t input, bool extended)
{
    const struct state *state = &s->state;
    struct snapshot one = {state->registry,    state->family,    i->header.date, input,
                           state->order.count, state->delegated, extended,       false};
    size_t place = place_of(s, one.date);
    if (!ARRAY_ADD(&s->snapshots))
        return err_memory(i->e);
    memmove(&s->snapshots.at[place + 1], &s->snapshots.at[place],
            (s->snapshots.count - 1 - place) * sizeof one);
    s->snapshots.at[place] = one;
    return insert_snapshot_row(i, &one);
}

// Does the snapshot show far less than the one before it?
static bool dips(const struct series_state *s, date day)
{
    size_t place = place_of(s, day);
    if (place == 0)
        return false;
    struct snapshot pair[2] = {s->snapshots.at[place - 1], s->snapshots.at[place]};
    pair[1].date = pair[0].date + 1;
    snapshots_mark_suspects(pair, 2);
    return pair[1].suspect;
}

static int note_series(struct registers *i, struct series_state *s, struct import_result *ret)
{
    char text[256];
    if (!state_find_overlaps(&s->state))
        return err_memory(i->e);
    for (uint64_t n = 0; n < s->state.overlaps; n++)
        if (evidence_add(i->evidence, FINDING_OVERLAP, 0, s->state.overlap_text))
            return err_memory(i->e);
    if (!dips(s, i->header.date))
        return 0;
    size_t place = place_of(s, i->header.date);
    snprintf(text, sizeof text, "%s: %llu records, %llu in the snapshot before",
             family_name(s->state.family), (unsigned long long)s->snapshots.at[place].records,
             (unsigned long long)s->snapshots.at[place - 1].records);
    ret->suspect = true;
    return evidence_add(i->evidence, FINDING_DIP, 0, text) ? err_memory(i->e) : 0;
}

static int store_series_of_input(struct registers *i, struct series_state *s, int64_t input,
                                 bool extended, struct import_result *ret)
{
    int code = series_apply(&i->edit, &s->state, i->header.date, &ret->appeared, &ret->gone, i->e);
    if (!code)
        code = add_snapshot(i, s, input, extended);
    if (!code)
        code = note_series(i, s, ret);
    if (!code && !state_close_file(&s->state, i->header.date))
        code = err_memory(i->e);
    return code;
}

// A file may speak about a family only to say that it has none of it.
static int touch_empty(struct registers *i, const struct read_result *result)
{
    enum registry r = i->header.registry;
    int code = 0;
    for (unsigned f = 0; f < FAMILY_COUNT && !code && r != REGISTRY_NRO; f++)
        if (result->families & 1u << f && !i->series[f][r].touched && !i->series[f][r].outvoted)
            code = touch(i, (enum family)f, r);
    return code;
}

static int store_all_series(struct registers *i, int64_t input, struct import_result *ret)
{
    int code = touch_empty(i, &i->read);
    ret->outcome = IMPORT_SUPERSEDED;
    for (unsigned f = 0; f < FAMILY_COUNT; f++)
        for (unsigned r = 0; r < REGISTRY_COUNT && !code; r++) {
            if (!i->series[f][r].touched)
                continue;
            ret->outcome = IMPORT_TAKEN;
            code = store_series_of_input(i, &i->series[f][r], input, i->read.extended, ret);
        }
    return code;
}

static void begin_input(struct registers *i, struct err *e)
{
    arena_done(&i->texts);
    i->waiting.count = 0;
    i->contested = false;
    i->e = e;
    for (unsigned f = 0; f < FAMILY_COUNT; f++)
        for (unsigned r = 0; r < REGISTRY_COUNT; r++) {
            struct series_state *s = &i->series[f][r];
            s->touched = s->outvoted = false;
            s->records = 0;
        }
}

int register_read(struct importer *importer, struct source *s)
{
    struct registers *i = importer->registers;
    struct read_handler handler = {on_header, on_record, on_finding, i};
    begin_input(i, importer->e);
    i->read = (struct read_result){0};
    int code = refresh(i);
    if (!code)
        code = read_input(s, &importer->options->read, &handler, &i->read, i->e);
    importer->about = (struct input_facts){.format = i->read.header.format,
                                           .registry = (int)i->read.header.registry,
                                           .extended = i->read.extended,
                                           .date = i->read.header.date,
                                           .subject = "",
                                           .fates = i->read.fates};
    return code;
}

int register_store(struct importer *importer, const struct taken_input *input,
                   struct import_result *ret)
{
    struct registers *i = importer->registers;
    int code = i->contested ? settle(i, &i->read, input->sha256) : 0;
    return code ? code : store_all_series(i, input->id, ret);
}

void registers_end(struct registers *i, int64_t revision, bool taken)
{
    if (taken)
        i->revision = revision;
    else
        forget(i); // the states have marks of a file that was not taken
}

void registers_pass(struct registers *i, int64_t revision)
{
    if (i->cached && i->revision + 1 == revision)
        i->revision = revision;
}
