// SPDX-License-Identifier: Apache-2.0
//
// One series in memory, around the place where a snapshot goes in. Private to src/store.
//
// A snapshot of day D goes between its neighbours P (the newest before D) and N (the oldest after
// D); either may be missing. The state holds every record that stands in P or in N. Each record of
// the new file is matched against it, and what happens to its lifetime follows from three bits:
//
//     in P  in D  in N     what becomes of the lifetime
//      x     x     x       nothing: it spans P..N already
//      x     x     .       ends at D instead of P (stays open where there is no N)
//      .     x     x       begins at D instead of N
//      .     x     .       a new one, D..D (open where there is no N)
//      x     .     x       is cut in two: ..P and N..
//      x     .     .       ends at P (where there is no N it was open until now)
//      .     .     x       nothing
//
// Then D takes the place of P, so that files in order of date find their state in memory. A file
// shows nearly the same records in nearly the same order as the one before it: a cursor walks
// along, and the hash index is asked only where the two differ.

#ifndef STORE_STATE_H
#define STORE_STATE_H

#include "base/array.h"
#include "base/slots.h"
#include "store/names.h"
#include "store/store.h"

struct entry {
    u128 start;
    uint64_t value;
    date date, first, last; // `last` means nothing while open
    uint32_t holder;        // index into the registry's names
    economy economy;
    uint8_t status;
    uint8_t flags; // ENTRY_...
};

#define ENTRY_IN_PREVIOUS 1u
#define ENTRY_IN_NEXT     2u
#define ENTRY_SEEN        4u // in the file that is being read
#define ENTRY_OPEN        8u
#define ENTRY_OUTSIDE     16u // outside the space that IANA gave to the registry

struct state {
    enum family family;
    enum registry registry;
    bool loaded;
    date previous, next; // DATE_NONE: there is no such snapshot
    ARRAY(struct entry) entries;
    struct slots index;    // of entries; made when it is first asked
    ARRAY(uint32_t) order; // entries as the file being read names them
    size_t cursor;         // where the next record is expected
    size_t strays;         // records of this file that the cursor did not meet
    size_t standing;       // entries with ENTRY_IN_PREVIOUS
    size_t met;            // of those, seen in this file
    size_t fresh;          // seen in this file, not in P
    size_t delegated;      // records of this file
    uint64_t overlaps;     // of the newest file read
    char overlap_text[256];
    struct names *names;
};

void state_done(struct state *s);

// An empty state between two snapshots; entries are added by state_load_entry.
void state_begin(struct state *s, date previous, date next);
bool state_load_entry(struct state *s, const struct entry *e);

// After the last of them. False when out of memory.
bool state_sort_loaded(struct state *s);

// Before the records of a file.
void state_open_file(struct state *s);

enum match { MATCH_TAKEN, MATCH_DUPLICATE, MATCH_NO_MEMORY };

// One record of the file. *ret_entry is its entry; *ret_new tells that the series has not held it.
enum match state_match(struct state *s, const struct record *r, struct entry **ret_entry,
                       bool *ret_new);

// The block of an entry.
struct block entry_block(const struct state *s, const struct entry *e);

// After the file was stored: D is the new P, and the entries are what stands in D or N.
bool state_close_file(struct state *s, date d);

// Records of the file that share addresses: how many, and one of them in words. Kept for the next
// file when nothing changed.
bool state_find_overlaps(struct state *s);

#endif
