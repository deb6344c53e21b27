// SPDX-License-Identifier: Apache-2.0
//
// The root servers that a resolver begins with: names and addresses, from the table in data/dns or
// a file of the same form, or of the form that name servers read ("a.root.test. 3600 AAAA ...").

#ifndef CHECK_ROOT_HINTS_H
#define CHECK_ROOT_HINTS_H

#include "base/err.h"
#include "check/dns_message.h"
#include "check/endpoint.h"

#define ROOT_HINTS_MAX       64 // addresses; there are 26
#define ROOT_HINTS_BYTES_MAX 65536

struct root_hint {
    struct dns_name name;
    enum family family;
    u128 address;
};

struct root_hints {
    struct root_hint at[ROOT_HINTS_MAX];
    size_t count;
};

// `path` NULL: the table. ERR_NOT_FOUND, ERR_INPUT, ERR_LIMIT, ERR_SYSTEM.
int root_hints_read(const char *path, struct root_hints *ret, struct err *e);

#endif
