// SPDX-License-Identifier: Apache-2.0
//
// What the readers of dated series share: columns, keys, the check that a value can be, and that no
// key has two values of one day.

#ifndef READ_OBSERVED_PARTS_H
#define READ_OBSERVED_PARTS_H

#include "read/formats.h"
#include "read/observed.h"

#define OBSERVED_VALUES_MAX ((size_t)1 << 24) // every economy on each day of 180 years
#define OBSERVED_NUMBER_MAX 1e15              // of what is no percentage

// Days and keys that have a value: hashes, 0 is an empty place.
struct observed_seen {
    uint64_t *at;
    size_t count, capacity;
};

enum observed_column {
    COLUMN_DAY,
    COLUMN_KEY,
    COLUMN_NUMBER,
    COLUMN_LOW,
    COLUMN_HIGH,
    COLUMN_SAMPLES,
    OBSERVED_COLUMNS,
};

#define OBSERVED_FIELDS_MAX 16

struct zone;
struct indicator_table;

struct observing {
    struct text_reader text; // first
    const struct world *world;
    const struct observed_handler *handler;
    struct observed_result result;
    date supplied;
    bool headed;
    struct observed_seen seen;
    int place[OBSERVED_COLUMNS];    // of each column in a row; -1: it has none
    struct element_field fields[6]; // of JSON
    struct zone *zone;              // of the root zone
    struct indicator_table *table;  // of the World Bank
    struct slice row[OBSERVED_FIELDS_MAX];
    unsigned count;            // fields of the row
    char line[LINE_MAX_BYTES]; // changed where fields lose their quotes
};

// Cuts a line of CSV into o->row.
void observing_cut(struct observing *o, const struct line *l);

// A field of the row, trimmed; empty where the row ends before it.
struct slice observing_field(const struct observing *o, unsigned i);

// "2024-01-05", "2024-01", "2024", "20240105".
bool observed_date(struct slice s, date *ret);

// An economy's code, or WORLD. False where it is neither.
bool observed_economy(const struct observing *o, struct slice s, char ret[OBSERVED_KEY_MAX]);

// A number as the series has it; an empty field is NaN.
bool observed_number(const struct observing *o, struct slice s, double *ret);

// A value without interval and samples.
struct observed_value observed_value(const struct line *l, date day, double value);

// Gives the line its fate, and the handler its value.
int observing_take(struct observing *o, const struct line *l, const struct observed_value *v);

// As observing_take, for a line with several values: the line's fate is the caller's.
int observing_give(struct observing *o, const struct observed_value *v);

// Was there a value of that key and day? False, and it is marked from now on. ERR_MEMORY,
// ERR_LIMIT.
int observing_mark(struct observing *o, const struct observed_value *v, bool *ret_seen);

// The formats. The header is set but for what the input itself says.
int observe_table(struct observing *o);     // observed_csv.c
int observe_script(struct observing *o);    // observed_json.c
int observe_apnic(struct observing *o);     // observed_json.c
int observe_root_zone(struct observing *o); // root_zone.c
int observe_indicator(struct observing *o); // indicator.c

#endif
