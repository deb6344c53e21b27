// SPDX-License-Identifier: Apache-2.0
//
// Holders get small numbers, so that what is known of each can lie in an array.

#include "measure/figures.h"

#include <stdlib.h>

// An archive counts its holders from 1: mostly a table as long as the highest number will do.
#define TABLE_ENTRIES_MAX ((uint64_t)1 << 24) // 64 MB

// An opaque-id is unique within its registry only.
static uint64_t identity(const struct lifetime *l)
{
    return (uint64_t)l->holder * REGISTRY_COUNT + l->registry;
}

static int number_by_table(struct holders *h, const struct lifetime *rows, size_t count,
                           uint64_t entries, struct err *e)
{
    uint32_t *table = calloc(entries, sizeof *table);
    if (!table)
        return err_memory(e);
    for (size_t i = 0; i < count; i++) {
        if (rows[i].holder == 0)
            continue;
        uint32_t *at = &table[identity(&rows[i])];
        if (*at == 0)
            *at = ++h->count;
        h->number[i] = *at;
    }
    free(table);
    return 0;
}

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static int number_by_sorting(struct holders *h, const struct lifetime *rows, size_t count,
                             struct err *e)
{
    uint64_t *ids = calloc(count, sizeof *ids);
    size_t kept = 0;
    if (!ids)
        return err_memory(e);
    for (size_t i = 0; i < count; i++)
        ids[i] = identity(&rows[i]);
    qsort(ids, count, sizeof *ids, compare);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || ids[i] != ids[kept - 1])
            ids[kept++] = ids[i];
    for (size_t i = 0; i < count; i++) {
        uint64_t id = identity(&rows[i]);
        const uint64_t *at = bsearch(&id, ids, kept, sizeof *ids, compare);
        if (rows[i].holder != 0)
            h->number[i] = (uint32_t)(at - ids) + 1;
    }
    h->count = (uint32_t)kept;
    free(ids);
    return 0;
}

int holders_number(struct holders *h, const struct lifetime *rows, size_t count, struct err *e)
{
    struct holders made = {.number = calloc(count + 1, sizeof *made.number)};
    uint64_t most = 0;
    if (!made.number)
        return err_memory(e);
    for (size_t i = 0; i < count; i++) {
        made.unstated += rows[i].holder == 0;
        most = identity(&rows[i]) > most ? identity(&rows[i]) : most;
    }
    int code = 0;
    if (made.unstated < count && most < TABLE_ENTRIES_MAX)
        code = number_by_table(&made, rows, count, most + 1, e);
    else if (made.unstated < count)
        code = number_by_sorting(&made, rows, count, e);
    if (code)
        holders_done(&made);
    else
        *h = made;
    return code;
}

void holders_done(struct holders *h)
{
    free(h->number);
    *h = (struct holders){0};
}

void holders_note(const struct holders *h, size_t rows, struct table *t)
{
    if (rows > 0 && h->unstated == rows)
        table_note(t, "Holders are not stated: only the registries' extended files name them.");
    else if (h->unstated > 0)
        table_note(
            t, "%zu of %zu delegations state no holder: holders are not known where these count.",
            h->unstated, rows);
}
