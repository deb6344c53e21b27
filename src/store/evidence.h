// SPDX-License-Identifier: Apache-2.0
//
// What is kept about the input that is being imported. Private to src/store.

#ifndef STORE_EVIDENCE_H
#define STORE_EVIDENCE_H

#include "base/arena.h"
#include "store/sql.h"

struct kept_finding {
    uint64_t line;
    const char *text;
};

struct evidence {
    struct arena arena; // of one input
    uint64_t counts[FINDING_COUNT_OF_KINDS];
    struct kept_finding kept[FINDING_COUNT_OF_KINDS][FINDING_KEPT];
};

void evidence_reset(struct evidence *v);

// ERR_MEMORY. `text` is copied.
int evidence_add(struct evidence *v, enum finding_kind kind, uint64_t line, const char *text);
uint64_t evidence_count(const struct evidence *v);

// The archive's input with these bytes, in *ret_id; 0 where it has none.
int evidence_find(struct store *s, const char *sha256, int64_t *ret_id, struct err *e);

// What an input says of itself.
struct input_facts {
    enum input_format format;
    int registry; // or INPUT_NO_REGISTRY
    bool extended;
    date date;
    const char *subject; // collector or series; ""
    struct fates fates;
};

// Writes the input under the number `id`, its fates and its findings.
int evidence_store(struct store *s, const struct evidence *v, int64_t id, const char *source,
                   const struct source_facts *facts, const struct input_facts *about,
                   struct err *e);

#endif
