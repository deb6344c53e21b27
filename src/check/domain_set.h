// SPDX-License-Identifier: Apache-2.0
//
// Domains that were met: keyed hashes of 128 bits, so that a stranger's list cannot make two of
// them meet. 24 MB for a million.

#ifndef CHECK_DOMAIN_SET_H
#define CHECK_DOMAIN_SET_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DOMAIN_SET_MAX ((size_t)1 << 28)

struct domain_mark {
    uint64_t at[2]; // 0, 0: empty
};

struct domain_set {
    struct domain_mark *at;
    size_t size, count;
    unsigned char key[16];
};

int domain_set_init(struct domain_set *s, struct err *e);
void domain_set_done(struct domain_set *s); // accepts a zeroed one

// *ret_new false: it is there already. ERR_MEMORY, ERR_LIMIT.
int domain_set_add(struct domain_set *s, const char *domain, bool *ret_new, struct err *e);
bool domain_set_has(const struct domain_set *s, const char *domain);

#endif
