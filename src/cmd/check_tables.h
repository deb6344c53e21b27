// SPDX-License-Identifier: Apache-2.0
//
// Results of checks as tables: how ready each domain is, what is wrong and how to mend it, every
// test, and the evidence; and as the reports that build servers read.

#ifndef CMD_CHECK_TABLES_H
#define CMD_CHECK_TABLES_H

#include "base/array.h"
#include "base/buffer.h"
#include "base/table.h"
#include "check/result.h"

struct words;

struct check_results {
    ARRAY(struct result) list;
};

// "readiness", "wrong", "scores", "tests", "evidence". ERR_MEMORY.
#define CHECK_TABLES 5
int check_tables(const struct check_results *r, const struct words *w,
                 struct table *ret[CHECK_TABLES], struct err *e);

// The sentence of a reason with the test's details in it, in the words' language.
enum reason_part { REASON_SAYS, REASON_HARM, REASON_MEND };
void check_reason(const struct test *t, const struct words *w, enum reason_part part,
                  struct buffer *out);

void check_write_junit(const struct check_results *r, const struct words *w, struct buffer *out);
// SARIF 2.1.0 (OASIS).
void check_write_sarif(const struct check_results *r, const struct words *w, struct buffer *out);

#endif
