// SPDX-License-Identifier: Apache-2.0

#include "measure/tally.h"

#include <stdio.h>
#include <stdlib.h>

#define SLOTS_FIRST 4096u // a day of all registries has some 1,700 groups

// Years that records are dated in; the table spares the calendar for each record.
#define YEAR_FIRST 1900
#define YEARS      300

struct group {
    uint64_t key; // see key_of; 0: empty
    uint64_t records;
    u128 amount; // addresses or AS numbers
};

struct tally {
    struct group *groups; // open addressing
    size_t slots, used;
    date new_year[YEARS + 2]; // the first day of each year from YEAR_FIRST
};

int tally_new(struct tally **ret, struct err *e)
{
    struct tally *t = calloc(1, sizeof *t);
    if (!t || !(t->groups = calloc(SLOTS_FIRST, sizeof *t->groups))) {
        free(t);
        return err_memory(e);
    }
    t->slots = SLOTS_FIRST;
    for (int i = 0; i < YEARS + 2; i++)
        t->new_year[i] = date_of(YEAR_FIRST + i, 1, 1);
    *ret = t;
    return 0;
}

void tally_free(struct tally **t)
{
    if (*t)
        free((*t)->groups);
    free(*t);
    *t = NULL;
}

// 0 for an undated record, or one outside the table.
static inline unsigned year_of(const struct tally *t, date d)
{
    if (d < t->new_year[0] || d >= t->new_year[YEARS])
        return 0;
    unsigned i = (unsigned)(d - t->new_year[0]) / 366; // never too late
    while (d >= t->new_year[i + 1])
        i++;
    return YEAR_FIRST + i;
}

// In the order of the rows; never 0.
static inline uint64_t key_of(economy e, enum family f, enum status s, unsigned year)
{
    return (uint64_t)e << 32 | (uint64_t)f << 28 | (uint64_t)s << 24 | (uint64_t)year << 1 | 1;
}

static inline struct group *find(struct group *groups, size_t slots, uint64_t key)
{
    size_t slot = (key * UINT64_C(0x9E3779B97F4A7C15)) >> 32 & (slots - 1);
    while (groups[slot].key != key && groups[slot].key != 0)
        slot = (slot + 1) & (slots - 1);
    return &groups[slot];
}

static bool grow(struct tally *t)
{
    struct group *grown = calloc(t->slots * 2, sizeof *grown);
    if (!grown)
        return false;
    for (size_t i = 0; i < t->slots; i++)
        if (t->groups[i].key)
            *find(grown, t->slots * 2, t->groups[i].key) = t->groups[i];
    free(t->groups);
    t->groups = grown;
    t->slots *= 2;
    return true;
}

int tally_record(const struct record *r, void *tally)
{
    struct tally *t = tally;
    unsigned year = year_of(t, r->date);
    uint64_t key = key_of(r->economy, r->block.family, r->status, year);
    struct group *g = find(t->groups, t->slots, key);
    if (!g->key) {
        g->key = key;
        if (++t->used * 2 > t->slots) {
            if (!grow(t))
                return ERR_MEMORY;
            g = find(t->groups, t->slots, key);
        }
    }
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
    enum family family = (enum family)(g->key >> 28 & 15);
    unsigned year = (unsigned)(g->key >> 1 & 0xffff);
    table_set_text(t, row, COLUMN_ECONOMY, economy_format((economy)(g->key >> 32), text));
    table_set_text(t, row, COLUMN_FAMILY, family_name(family));
    table_set_text(t, row, COLUMN_STATUS, status_name((enum status)(g->key >> 24 & 15)));
    if (year) {
        snprintf(text, sizeof text, "%04u", year);
        table_set_text(t, row, COLUMN_YEAR, text);
    }
    table_set_count(t, row, COLUMN_RECORDS, g->records);
    table_set_count(t, row, COLUMN_AMOUNT,
                    family == FAMILY_IPV6 ? g->amount >> SLASH64_SHIFT : g->amount);
}

int tally_table(const struct tally *t, struct table **ret, struct err *e)
{
    struct table *table = NULL;
    struct group *sorted = malloc((t->used + 1) * sizeof *sorted);
    size_t count = 0;
    if (!sorted || table_new("tally", &table)) {
        free(sorted);
        return err_memory(e);
    }
    for (size_t i = 0; i < t->slots; i++)
        if (t->groups[i].key)
            sorted[count++] = t->groups[i];
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
