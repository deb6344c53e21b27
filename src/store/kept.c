// SPDX-License-Identifier: Apache-2.0
//
// For a program that asks many questions of one archive: what a question read stays, family by
// family and registry by registry, in the order of the file, until the archive changes or the room
// is full. A question then costs a walk over an array instead of one over a database.

#include "store/kept.h"

#include "base/array.h"
#include "store/sql.h"

#include <stdlib.h>
#include <string.h>

#define ROWS_BETWEEN_LOOKS 4096 // at the deadline

struct kept_rows {
    bool complete;
    ARRAY(struct lifetime) rows;
};

struct kept {
    size_t limit, used;             // bytes
    int64_t revision;               // what the rows are of
    struct snapshot_list snapshots; // at NULL: not read yet
    struct kept_rows series[FAMILY_COUNT][REGISTRY_COUNT];
};

static void forget(struct kept *k)
{
    for (unsigned f = 0; f < FAMILY_COUNT; f++)
        for (unsigned r = 0; r < REGISTRY_COUNT; r++) {
            free(k->series[f][r].rows.at);
            k->series[f][r] = (struct kept_rows){0};
        }
    snapshot_list_free(&k->snapshots);
    k->used = 0;
}

void kept_free(struct kept **k)
{
    if (*k)
        forget(*k);
    free(*k);
    *k = NULL;
}

int store_keep(struct store *s, size_t bytes, struct err *e)
{
    kept_free(&s->kept);
    if (bytes == 0)
        return 0;
    if (!(s->kept = calloc(1, sizeof *s->kept)))
        return err_memory(e);
    s->kept->limit = bytes;
    s->kept->revision = -1;
    return 0;
}

struct filling {
    struct kept *kept;
    struct kept_rows *series;
};

static int keep_row(const struct lifetime *l, void *arg)
{
    struct filling *f = arg;
    if (f->kept->used + sizeof *l > f->kept->limit)
        return ERR_LIMIT;
    struct lifetime *kept = ARRAY_ADD(&f->series->rows);
    if (!kept)
        return ERR_LIMIT; // the file will do
    *kept = *l;
    f->kept->used += sizeof *l;
    return 0;
}

static int fill(struct store *s, struct kept_rows *series, enum family family, enum registry r,
                date newest, struct err *e)
{
    struct filling filling = {s->kept, series};
    struct scan all = {.family = family, .registries = 1u << r, .statuses = STATUS_ALL};
    int code = scan_file(s, &all, r, newest, keep_row, &filling, e);
    series->complete = code == 0;
    if (code == 0)
        return 0;
    s->kept->used -= series->rows.count * sizeof *series->rows.at;
    free(series->rows.at);
    *series = (struct kept_rows){0};
    return code == ERR_LIMIT ? 0 : code;
}

static bool wanted(const struct scan *scan, const struct lifetime *l)
{
    if (!(scan->statuses & STATUS_BIT(l->status)))
        return false;
    date on = scan->on ? scan->on[l->registry] : DATE_NONE;
    return !scan->on || (l->first <= on && (l->open || l->last >= on));
}

// What is kept is of the archive as it is now.
static int refresh(struct store *s, struct err *e)
{
    int64_t revision = 0;
    int code = store_revision(s, &revision, e);
    if (code)
        return code;
    if (revision != s->kept->revision)
        forget(s->kept);
    s->kept->revision = revision;
    return 0;
}

int kept_snapshots(struct store *s, struct snapshot_list *ret, struct err *e)
{
    struct snapshot_list *own = &s->kept->snapshots, copy = {0};
    int code = refresh(s, e);
    if (code == 0 && !own->at)
        code = snapshots_read(s, own, e);
    if (code || own->count == 0)
        return code;
    if (!(copy.at = malloc(own->count * sizeof *copy.at)))
        return err_memory(e);
    memcpy(copy.at, own->at, own->count * sizeof *copy.at);
    copy.count = own->count;
    *ret = copy;
    return 0;
}

int kept_scan(struct store *s, const struct scan *scan, enum registry r, date newest,
              int (*row)(const struct lifetime *l, void *arg), void *arg, bool *ret_done,
              struct err *e)
{
    int code = refresh(s, e);
    if (code)
        return code;
    struct kept_rows *series = &s->kept->series[scan->family][r];
    if (!series->complete && (code = fill(s, series, scan->family, r, newest, e)) != 0)
        return code;
    *ret_done = series->complete;
    for (size_t i = 0; i < series->rows.count && !code; i++) {
        if (i % ROWS_BETWEEN_LOOKS == 0 && (code = sql_check_deadline(s, e)) != 0)
            break;
        if (wanted(scan, &series->rows.at[i]))
            code = row(&series->rows.at[i], arg);
    }
    return code;
}
