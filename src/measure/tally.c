// SPDX-License-Identifier: Apache-2.0

#include "measure/tally.h"

#include "base/array.h"

#include <stdio.h>
#include <stdlib.h>

#define SLOTS_FIRST 4096u // must be a power of two; a day of all registries has some 1,700 groups

// Years that records are dated in.
#define YEAR_FIRST 1901u
#define YEAR_LAST  2099u

struct group {
    uint64_t key;
    uint64_t records;
    u128 amount; // addresses or AS numbers
};

// Open addressing over numbers of groups; the slots alone fit the first-level cache.
struct tally {
    struct slot {
        uint32_t key;   // see key_of; 0: empty
        uint32_t group; // its number
    } * slots;
    size_t slot_count;
    ARRAY(struct group) groups;
    date first, last; // of the years that are told apart
};

int tally_new(struct tally **ret, struct err *e)
{
    struct tally *t = calloc(1, sizeof *t);
    if (!t || !(t->slots = calloc(SLOTS_FIRST, sizeof *t->slots))) {
        free(t);
        return err_memory(e);
    }
    t->slot_count = SLOTS_FIRST;
    t->first = date_of(YEAR_FIRST, 1, 1);
    t->last = date_of(YEAR_LAST, 12, 31);
    *ret = t;
    return 0;
}

void tally_free(struct tally **t)
{
    if (*t) {
        free((*t)->slots);
        free((*t)->groups.at);
    }
    free(*t);
    *t = NULL;
}

// Counted from YEAR_FIRST - 1; 0 for an undated record, or one outside those years. Between two
// centuries that are no leap years every fourth year has 366 days, and one division is enough.
static inline unsigned year_of(const struct tally *t, date d)
{
    if (d < t->first || d > t->last)
        return 0;
    return ((unsigned)(d - t->first) * 4 + 3) / 1461 + 1;
}

// In the order of the rows; never 0.
static inline uint32_t key_of(economy e, enum family f, enum status s, unsigned year)
{
    return (uint32_t)e << 16 | (uint32_t)f << 14 | (uint32_t)s << 11 | (uint32_t)year << 1 | 1;
}
_Static_assert(YEAR_LAST - YEAR_FIRST < 1 << 9 && STATUS_COUNT <= 8 && FAMILY_COUNT <= 4,
               "the key has room");

static inline struct slot *find(struct slot *slots, size_t count, uint32_t key)
{
    size_t place = key * UINT64_C(0x9E3779B97F4A7C15) >> 32 & (count - 1);
    while (slots[place].key != key && slots[place].key != 0)
        place = (place + 1) & (count - 1);
    return &slots[place];
}

static bool grow(struct tally *t)
{
    size_t count = t->slot_count * 2;
    struct slot *grown = calloc(count, sizeof *grown);
    if (!grown)
        return false;
    for (size_t i = 0; i < t->slot_count; i++)
        if (t->slots[i].key)
            *find(grown, count, t->slots[i].key) = t->slots[i];
    free(t->slots);
    t->slots = grown;
    t->slot_count = count;
    return true;
}

static struct group *add_group(struct tally *t, struct slot *slot, uint32_t key)
{
    struct group *g = ARRAY_ADD(&t->groups);
    if (!g)
        return NULL;
    *slot = (struct slot){key, (uint32_t)t->groups.count - 1};
    g->key = key;
    return t->groups.count * 2 <= t->slot_count || grow(t) ? g : NULL;
}

int tally_record(const struct record *r, void *tally)
{
    struct tally *t = tally;
    uint32_t key = key_of(r->economy, r->block.family, r->status, year_of(t, r->date));
    struct slot *slot = find(t->slots, t->slot_count, key);
    struct group *g = slot->key ? &t->groups.at[slot->group] : add_group(t, slot, key);
    if (!g)
        return ERR_MEMORY;
    g->records++;
    g->amount += block_count(&r->block);
    return 0;
}

static int by_key(const void *a, const void *b)
{
    uint64_t x = ((const struct group *)a)->key, y = ((const struct group *)b)->key;
    return x < y ? -1 : x > y;
}

enum { COLUMN_ECONOMY, COLUMN_FAMILY, COLUMN_STATUS, COLUMN_YEAR, COLUMN_RECORDS, COLUMN_AMOUNT };

static void add_columns(struct table *t)
{
    static const struct column columns[] = {
        {.key = "economy",
         .heading = "Economy",
         .type = COLUMN_TEXT,
         .unit = "",
         .description = "Country code as the record states it; none where it states none."},
        {.key = "family",
         .heading = "Family",
         .type = COLUMN_TEXT,
         .unit = "",
         .description = "ipv6, ipv4 or asn."},
        {.key = "status",
         .heading = "Status",
         .type = COLUMN_TEXT,
         .unit = "",
         .description = "The record's status."},
        {.key = "year",
         .heading = "Year",
         .type = COLUMN_TEXT,
         .unit = "",
         .description = "Year of the record's own date; empty where it is undated."},
        {.key = "records",
         .heading = "Records",
         .type = COLUMN_COUNT,
         .unit = "",
         .description = "Records in the files read."},
        {.key = "amount",
         .heading = "Amount",
         .type = COLUMN_COUNT,
         .unit = "/64s, addresses, ASNs",
         .description = "What they hold: /64s (IPv6), addresses (IPv4), AS numbers."}};
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        table_column(t, &columns[i]);
    t->key_columns = 4;
}

static void add_row(struct table *t, const struct group *g)
{
    char text[8];
    size_t row = table_row(t);
    enum family family = (enum family)(g->key >> 14 & 3);
    unsigned year = (unsigned)(g->key >> 1 & 0x3ff);
    table_set_text(t, row, COLUMN_ECONOMY, economy_format((economy)(g->key >> 16), text));
    table_set_text(t, row, COLUMN_FAMILY, family_name(family));
    table_set_text(t, row, COLUMN_STATUS, status_name((enum status)(g->key >> 11 & 7)));
    if (year) {
        snprintf(text, sizeof text, "%04u", YEAR_FIRST - 1 + year);
        table_set_text(t, row, COLUMN_YEAR, text);
    }
    table_set_count(t, row, COLUMN_RECORDS, g->records);
    table_set_count(t, row, COLUMN_AMOUNT,
                    family == FAMILY_IPV6 ? g->amount >> SLASH64_SHIFT : g->amount);
}

int tally_table(const struct tally *t, struct table **ret, struct err *e)
{
    struct table *table = NULL;
    size_t count = t->groups.count;
    struct group *sorted = malloc((count + 1) * sizeof *sorted);
    if (!sorted || table_new("tally", &table)) {
        free(sorted);
        return err_memory(e);
    }
    if (count)
        memcpy(sorted, t->groups.at, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, by_key);
    table_title(table, "Records by economy, family, status and year of their own date");
    add_columns(table);
    for (size_t i = 0; i < count; i++)
        add_row(table, &sorted[i]);
    free(sorted);
    if (table->failed) {
        table_free(&table);
        return err_memory(e);
    }
    *ret = table;
    return 0;
}
