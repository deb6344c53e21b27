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
    char lab[160]; // and the way that was chosen
    struct trial_case *cases;
    size_t count, capacity;
    int64_t took_us;
};

#define TRIAL_NAME_MAX 36 // the state's number follows

struct trial_options {
    const char *name; // of the instances, of up to TRIAL_NAME_MAX letters
    engine_own *own;
    const char *chosen; // see engine_needs
    size_t together;    // states that are looked at side by side, each an instance; at least 1
};

// What a laboratory does wrong is a case that failed; an error is one of this machine. Nothing is
// left up, also where this process is killed.
int trial_run(struct lab *lab, const struct trial_options *o, struct trial *ret, struct err *e);
void trial_done(struct trial *t);
size_t trial_count(const struct trial *t, enum trial_result result);

// As the XML that JUnit's readers take.
void trial_write_junit(const struct trial *trials, size_t count, struct buffer *out);

#endif
