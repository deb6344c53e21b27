// SPDX-License-Identifier: Apache-2.0
//
// What an input is, told by its content and never by its name: the one place that knows. The
// importer goes by the kind; the readers of a kind with several formats by the format.
//
// | kind               | header         | records
// | INPUT_REGISTER     | read.h         | who holds which block
// | INPUT_ROUTES       | announced.h    | prefixes and their origins
// | INPUT_VRPS         | vrps.h         | validated ROA payloads
// | INPUT_OBSERVED     | observed.h     | dated series of economies: users, name servers, ...
// | INPUT_AS_NAMES     | as_names.h     | names of ASes
// | INPUT_USERS_PER_AS | users_per_as.h | users of networks
// | INPUT_CHECKED      | checked.h      | results of checks of public services

#ifndef READ_KIND_H
#define READ_KIND_H

#include "read/read.h"

enum input_kind {
    INPUT_REGISTER, // also what is nothing of all this: its reader says what is wrong
    INPUT_ROUTES,
    INPUT_VRPS,
    INPUT_OBSERVED,
    INPUT_AS_NAMES,
    INPUT_USERS_PER_AS,
    INPUT_CHECKED,
};

enum input_kind input_format_kind(enum input_format f);

// Looks at the first bytes without taking them. What source_peek says.
int input_format_probe(struct source *s, enum input_format *ret, struct err *e);
int input_kind(struct source *s, enum input_kind *ret, struct err *e);

#endif
