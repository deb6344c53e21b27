// SPDX-License-Identifier: Apache-2.0
//
// Is a laboratory whole? It is brought up as it is, with its solution, and with each of its broken
// variants; every check must fail and pass where it should, and each must be made to fail by a
// variant: a check that cannot fail says nothing.

#ifndef LAB_TRIAL_H
#define LAB_TRIAL_H

#include "lab/engine.h"

enum trial_result { TRIAL_PASSED, TRIAL_FAILED, TRIAL_SKIPPED };

struct trial_case {
    char name[160]; // "solution: a-to-b"
    enum trial_result result;
    int64_t took_us;
    char said[ERR_TEXT_MAX];
};

struct trial {
    const char *lab; // borrowed
    struct trial_case *cases;
    size_t count, capacity;
    int64_t took_us;
};

// Runs it under `name`. What a laboratory does wrong is a case that failed; an error is one of this
// machine, and nothing is left up.
int trial_run(struct lab *lab, const char *name, engine_own *own, struct trial *ret, struct err *e);
void trial_done(struct trial *t);
size_t trial_count(const struct trial *t, enum trial_result result);

// As the XML that JUnit's readers take.
void trial_write_junit(const struct trial *trials, size_t count, struct buffer *out);

#endif
