// SPDX-License-Identifier: Apache-2.0
//
// What the commands of laboratories have in common: the one that is up, its checks as a table.

#ifndef CMD_LABORATORY_H
#define CMD_LABORATORY_H

#include "cmd/command.h"
#include "lab/check.h"
#include "lab/engine.h"
#include "site/words.h"

struct laboratory {
    struct run *run;
    struct lab *lab;
    const struct words *words; // its texts in the reader's language; borrowed of the invocation
};

#define LABORATORY_OPTION                                                                          \
    {                                                                                              \
        "lab", 0, "NAME", "Which one, where several are up.", NULL                                 \
    }

// That which --lab names, or the only one that is up.
int laboratory_open(struct invocation *inv, struct laboratory *ret, struct err *e);
void laboratory_close(struct laboratory *l);

// Is there a daemon `sextant run NAME`, and of what kind?
enum engine_daemon laboratory_own(const char *name);

// --together, else what this machine can well do.
int laboratory_together(const struct invocation *inv, const struct lab *lab, size_t *ret,
                        struct err *e);

// Reads a laboratory by name or path.
int laboratory_read(const char *word, struct lab **ret, struct err *e);

// Brings it up by the ways that are chosen, or with NULL by the first that is there. 1: it must be
// skipped, and the reason was told.
int laboratory_up(const struct invocation *inv, struct lab *lab, const char *name,
                  const char *chosen, struct err *e);

// Down and up again under the same name; then the solution, or what is left of it in the variant.
int laboratory_again(const struct invocation *inv, struct laboratory *l, struct err *e);
int laboratory_solve(struct laboratory *l, const struct lab_variant *variant, struct err *e);

int laboratory_node(const struct laboratory *l, const char *name, size_t *ret, struct err *e);
// ERR_USAGE: there is no such node, or it has no such service.
int laboratory_service(const struct laboratory *l, const char *node, const char *service,
                       struct err *e);

// The outcome of checks, one row each; those that were not made are left out. Points reached and
// possible.
struct laboratory_points {
    uint64_t reached, possible;
    size_t failed;
};
int laboratory_outcomes(const struct laboratory *l, const struct check_outcome *outcomes,
                        struct laboratory_points *ret, struct table **ret_table, struct err *e);

#endif
