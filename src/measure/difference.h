// SPDX-License-Identifier: Apache-2.0
//
// What differs between two states of the registries' records, put into words.
//
// A state is a set of records of one family. Records that stand in both cancel out; what remains is
// put together into changes: a record that went and one that came on the very same range are a
// pair; of the others, those whose ranges overlap belong together. Removing the removed records of
// all changes from the first state and adding the added ones gives the second state exactly.
//
// Pure computation: arrays in, arrays out. Time n log n in the records that differ.

#ifndef MEASURE_DIFFERENCE_H
#define MEASURE_DIFFERENCE_H

#include "base/err.h"
#include "read/read.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// One record of a state. Two records are the same when everything but `added` is equal.
struct entry {
    u128 first, last;
    uint64_t value;
    int64_t holder; // 0: none stated
    date date;
    economy economy;
    uint8_t registry, status;
    bool added; // false: of the first state, true: of the second
};

enum change_kind {
    CHANGE_NEW,            // nothing that went overlaps it
    CHANGE_RETURNED,       // nothing that came overlaps it
    CHANGE_TRANSFERRED,    // from one registry to another
    CHANGE_MOVED,          // the same range, another economy
    CHANGE_HOLDER_CHANGED, // the same range, another holder
    CHANGE_STATUS_CHANGED, // the same range, another status
    CHANGE_REDATED,        // the same range, another date
    CHANGE_RESTATED,       // the same range; a field that was empty is stated, or the other way
    CHANGE_GROWN,          // one record became a larger one around it
    CHANGE_SHRUNK,         // one record became a smaller one within it
    CHANGE_SPLIT,          // one record became several within it
    CHANGE_MERGED,         // several records became one around them
    CHANGE_REARRANGED,     // any other overlap
};
#define CHANGE_KIND_COUNT 13

const char *change_kind_name(enum change_kind k); // "holder-changed"

// Fields that are not the same in all records of a change.
enum change_field {
    CHANGE_FIELD_RANGE = 1,
    CHANGE_FIELD_REGISTRY = 2,
    CHANGE_FIELD_ECONOMY = 4,
    CHANGE_FIELD_HOLDER = 8,
    CHANGE_FIELD_STATUS = 16,
    CHANGE_FIELD_DATE = 32,
};

#define CHANGE_FIELDS_TEXT_MAX 64
char *change_fields_format(unsigned fields, char text[CHANGE_FIELDS_TEXT_MAX]); // "holder date"

struct change {
    enum change_kind kind;
    unsigned fields; // 0 for new and returned
    size_t at;       // index of its first record; the removed ones come first
    size_t removed, added;
};

struct difference {
    struct entry *entries; // change by change; within one by side, start
    size_t entry_count;
    struct change *changes; // by the start of their first record
    size_t change_count;
};

// `entries` holds the records of both states in any order (records known to stand in both may be
// left out); it is sorted in place and stays the caller's. ERR_MEMORY.
int difference_find(struct entry *entries, size_t count, struct difference *ret, struct err *e);
void difference_done(struct difference *d);

#endif
