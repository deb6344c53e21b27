// SPDX-License-Identifier: Apache-2.0
//
// Tables of facts: CSV (RFC 4180, one row a line) under lines of comment that say where the facts
// are from, when they were true and what is doubtful.
//
//     # source: UN-OHRLLS, list of landlocked developing countries
//     # url: https://...
//     # date: 2024-12-31 (32 members)
//     group,economy,from,to,doubt
//     lldc,AF,,,
//
// Everything that is not as expected is refused with the file and the line.

#ifndef WORLD_FACTS_H
#define WORLD_FACTS_H

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"

#define FACTS_COLUMNS_MAX 12
#define FACTS_BYTES_MAX   ((size_t)1 << 20) // the largest table has 10 kB

struct facts_row {
    const char *path;
    unsigned line;
    struct slice fields[FACTS_COLUMNS_MAX]; // as many as the heading has
};

// Refuses the row: ERR_INPUT with "path:line: ".
int facts_refuse(const struct facts_row *row, struct err *e, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

typedef int facts_row_fn(void *context, const struct facts_row *row, struct err *e);

// Calls `fn` for each row of data/`name`, whose heading must be `heading`. With `ret_source`, the
// three comments "source", "date" and "url" are required and joined there, in `arena`.
// ERR_NOT_FOUND, ERR_SYSTEM, ERR_LIMIT, ERR_INPUT, ERR_MEMORY, or what `fn` returned.
int facts_read(const char *name, const char *heading, facts_row_fn *fn, void *context,
               struct arena *arena, const char **ret_source, struct err *e);

#endif
