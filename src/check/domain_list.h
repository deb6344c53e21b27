// SPDX-License-Identifier: Apache-2.0
//
// A list of domains as a stream, of any size in the same memory: CSV with a heading that names its
// columns (domain; economy, organisation, sector where it has them; others are passed over), or one
// domain a line. "#" begins a comment. Packed lists (gzip, ...) are read as they are.
//
// A line that is none is told and counted, and the next one read.

#ifndef CHECK_DOMAIN_LIST_H
#define CHECK_DOMAIN_LIST_H

#include "check/check.h"
#include "world/world.h"

#define LIST_ORGANISATION_MAX 256 // bytes with the NUL
#define LIST_SECTOR_MAX       64
#define LIST_COLUMNS_MAX      64

struct listed {
    char domain[CHECK_DOMAIN_MAX + 1]; // as check_domain_name gives it
    economy economy;                   // ECONOMY_NONE: not stated
    char organisation[LIST_ORGANISATION_MAX], sector[LIST_SECTOR_MAX];
    uint64_t line;
};

struct domain_list_counts {
    uint64_t lines, domains, blank, bad; // blank: also comments and the heading
};

struct domain_list;

// "-" is standard input, which is first written into a temporary file: its hash is wanted before
// its first line. `told` gets a sentence for each bad line. ERR_SYSTEM, ERR_INPUT (binary).
int domain_list_open(const char *path, void (*told)(const char *sentence, void *arg), void *arg,
                     struct domain_list **ret, struct err *e);
void domain_list_close(struct domain_list **l);

const char *domain_list_sha256(const struct domain_list *l);

// *ret_got false at the end. ERR_INPUT there, where the file changed since it was opened.
int domain_list_next(struct domain_list *l, struct listed *ret, bool *ret_got, struct err *e);

struct domain_list_counts domain_list_counts(const struct domain_list *l);

#endif
