// SPDX-License-Identifier: Apache-2.0
//
// Who does not want to be asked: a domain ("example.org"), or a domain with all below it
// (".example.org", "*.example.org"). One a line; "#" begins a comment.

#ifndef CHECK_OPT_OUT_H
#define CHECK_OPT_OUT_H

#include "check/check.h"

#define OPT_OUT_MAX ((size_t)1 << 22)

struct opt_out;

int opt_out_new(struct opt_out **ret, struct err *e);
void opt_out_free(struct opt_out **o);

// The name as a list has it, in any form that check_domain_name takes. ERR_INPUT says what is wrong
// with it; ERR_LIMIT.
int opt_out_add(struct opt_out *o, struct slice name, struct err *e);
// As check_domain_name gives it.
int opt_out_add_name(struct opt_out *o, const char *name, bool subtree, struct err *e);

// Every line must be one: a name that is misspelt would be asked. ERR_INPUT with its place.
int opt_out_read(struct opt_out *o, const char *path, struct err *e);

// Is a domain, as check_domain_name gives it, not to be asked? After the last name was added.
bool opt_out_has(struct opt_out *o, const char *domain);
size_t opt_out_count(const struct opt_out *o);

#endif
