// SPDX-License-Identifier: Apache-2.0
//
// The series: which snapshots are held, and which of them are dips.
//
// The daily files dip now and then: half the lines gone for a day or some, then back. A snapshot is
// suspect when it shows less than DIP_BELOW of what the last trusted one shows, and the snapshots
// after it show the old size again within DIP_DAYS, or nothing after it is known yet. A loss that
// stays is real.

#include "store/sql.h"

#include "base/array.h"
#include "store/kept.h"

#include <stdlib.h>

#define DIP_BELOW      0.8 // of the records before; a real day changes less than 1 %
#define DIP_BACK       0.9 // of the records before: "back"
#define DIP_DAYS       30  // a longer absence is believed
#define DIP_SIZE_LEAST 50  // a registry's first years are too small to judge

typedef ARRAY(struct snapshot) snapshot_array;

#define COLUMNS "family, registry, date, input, records, delegated, extended"

static int take_row(sqlite3_value **v, void *arg)
{
    snapshot_array *all = arg;
    struct snapshot *one = ARRAY_ADD(all);
    if (!one)
        return ERR_MEMORY;
    one->family = (enum family)sqlite3_value_int(v[0]);
    one->registry = (enum registry)sqlite3_value_int(v[1]);
    one->date = sqlite3_value_int(v[2]);
    one->input = sqlite3_value_int64(v[3]);
    one->records = (uint64_t)sqlite3_value_int64(v[4]);
    one->delegated = (uint64_t)sqlite3_value_int64(v[5]);
    one->extended = sqlite3_value_int(v[6]) != 0;
    return 0;
}

// A plain file leaves out available and reserved space; only equals can be compared in full.
static bool smaller(const struct snapshot *now, const struct snapshot *before, double share)
{
    if (before->delegated >= DIP_SIZE_LEAST &&
        (double)now->delegated < share * (double)before->delegated)
        return true;
    return now->extended == before->extended && before->records >= DIP_SIZE_LEAST &&
           (double)now->records < share * (double)before->records;
}

// at[from] dips against at[from - 1]: how many snapshots does the dip last? 0: it is real.
static size_t dip_length(const struct snapshot *at, size_t from, size_t count)
{
    const struct snapshot *before = &at[from - 1];
    for (size_t i = from + 1; i < count; i++) {
        if (at[i].date - at[from].date > DIP_DAYS)
            return 0;
        if (!smaller(&at[i], before, DIP_BACK))
            return i - from;
    }
    return at[count - 1].date - at[from].date > DIP_DAYS ? 0 : count - from;
}

void snapshots_mark_suspects(struct snapshot *at, size_t count)
{
    for (size_t i = 0; i < count; i++)
        at[i].suspect = false;
    for (size_t i = 1; i < count; i++) {
        if (!smaller(&at[i], &at[i - 1], DIP_BELOW))
            continue;
        size_t length = dip_length(at, i, count);
        for (size_t j = 0; j < length; j++)
            at[i + j].suspect = true;
        i += length; // the one after it is the old size again
    }
}

static bool same_series(const struct snapshot *a, const struct snapshot *b)
{
    return a->family == b->family && a->registry == b->registry;
}

static void mark_all(snapshot_array *all)
{
    for (size_t i = 0, end; i < all->count; i = end) {
        for (end = i + 1; end < all->count && same_series(&all->at[i], &all->at[end]); end++)
            ;
        snapshots_mark_suspects(all->at + i, end - i);
    }
}

static int by_series(const void *a, const void *b)
{
    const struct snapshot *x = a, *y = b;
    if (x->family != y->family)
        return x->family < y->family ? -1 : 1;
    if (x->registry != y->registry)
        return x->registry < y->registry ? -1 : 1;
    return x->date < y->date ? -1 : x->date > y->date;
}

static int finish(snapshot_array *all, int code, struct snapshot_list *ret, struct err *e)
{
    if (code) {
        free(all->at);
        return code == ERR_MEMORY ? err_memory(e) : code;
    }
    mark_all(all);
    *ret = (struct snapshot_list){all->at, all->count};
    return 0;
}

int store_snapshots(struct store *s, struct snapshot_list *ret, struct err *e)
{
    // One that writes has the input's number before its snapshots.
    return s->kept && s->mode == STORE_READ ? kept_snapshots(s, ret, e) : snapshots_read(s, ret, e);
}

int snapshots_read(struct store *s, struct snapshot_list *ret, struct err *e)
{
    snapshot_array all = {0};
    sqlite3_stmt *q;
    int code = sql_prepare(s, "SELECT give(?1, " COLUMNS ") FROM snapshot", &q, e);
    if (code)
        return code;
    code = sql_give(s, q, take_row, &all, e);
    sqlite3_finalize(q);
    return finish(&all, code, ret, e);
}

int store_snapshots_around(struct store *s, enum family f, date on, struct snapshot_list *ret,
                           struct err *e)
{
    static const char around[] =
        "SELECT give(?1, " COLUMNS ") FROM (SELECT * FROM (SELECT * FROM snapshot WHERE family = ?5"
        " AND registry = ?2 AND date <= ?3 ORDER BY date DESC LIMIT ?4)"
        " UNION ALL SELECT * FROM (SELECT * FROM snapshot WHERE family = ?5 AND registry = ?2"
        " AND date > ?3 ORDER BY date LIMIT ?4))";
    snapshot_array all = {0};
    sqlite3_stmt *q;
    int code = sql_prepare(s, around, &q, e);
    if (code)
        return code;
    for (unsigned r = 0; r < REGISTRY_COUNT && !code; r++) {
        sqlite3_bind_int(q, 5, (int)f);
        sqlite3_bind_int(q, 2, (int)r);
        sqlite3_bind_int(q, 3, on);
        sqlite3_bind_int(q, 4, 2 * DIP_DAYS + 2); // a dip of daily files and what is around it
        code = sql_give(s, q, take_row, &all, e);
    }
    sqlite3_finalize(q);
    if (!code && all.count > 1)
        qsort(all.at, all.count, sizeof *all.at, by_series);
    return finish(&all, code, ret, e);
}

void snapshot_list_free(struct snapshot_list *l)
{
    free(l->at);
    *l = (struct snapshot_list){0};
}

void snapshot_known(const struct snapshot_list *l, enum family f, date on,
                    const struct snapshot *ret[REGISTRY_COUNT])
{
    for (unsigned r = 0; r < REGISTRY_COUNT; r++)
        ret[r] = NULL;
    for (size_t i = 0; i < l->count; i++) {
        const struct snapshot *one = &l->at[i];
        if (one->family == f && one->date <= on && !one->suspect)
            ret[one->registry] = one;
    }
}
