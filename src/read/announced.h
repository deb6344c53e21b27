// SPDX-License-Identifier: Apache-2.0
//
// What is announced in the global routing system: prefixes and the ASes that originate them, out of
// what collectors publish. One prefix with several origins is several records.
//
// Formats, told by content: MRT routing tables (mrt.h), RIS whois dumps, CAIDA's pfx2as, and tables
// of prefix and origin. Nothing is filtered: a default route, a prefix of a host and one that a
// single peer sees are records like the others. What to make of them is the measures' affair.

#ifndef READ_ANNOUNCED_H
#define READ_ANNOUNCED_H

#include "read/read.h"

#define ORIGIN_SET    0  // AS 0 cannot originate (RFC 7607): stands for an AS_SET
#define COLLECTOR_MAX 64 // bytes of a collector's name with its NUL

struct announced {
    enum family family; // FAMILY_IPV6 or FAMILY_IPV4
    uint8_t length;
    uint32_t origin;
    uint32_t peers; // that see the prefix with this origin; 0: not stated
    u128 start;     // no bit is set behind the length
    uint64_t line;  // or the number of the MRT record
};

struct announced_header {
    enum input_format format;
    date date; // what the content states, else --date, else what the name says; DATE_NONE: none
    char collector[COLLECTOR_MAX]; // "rrc00", "ris"; "" where nothing says it
};

// Per family (FAMILY_IPV6, FAMILY_IPV4): peers in the file, and those of them with a full table, at
// least half of the prefixes of the largest. Where peers are only counted per prefix the largest
// count stands for both. 0: not stated.
struct announced_result {
    struct announced_header header; // date: final
    struct fates fates;
    uint64_t announced; // records
    uint32_t peers[2], peers_full[2];
};

struct announced_handler {
    // Each may be NULL. A code other than 0 ends the reading and is returned.
    int (*header)(const struct announced_header *h, void *arg); // before the first record
    int (*announced)(const struct announced *a, void *arg);
    int (*finding)(const struct finding *f, void *arg);
    void *arg;
};

typedef int announced_reader(struct source *s, const struct read_options *options,
                             const struct announced_handler *handler, struct announced_result *ret,
                             struct err *e);

// Tells the format by content and reads everything. options may be NULL. Refused whole, ERR_INPUT:
// none of these formats, cut, binary, nothing used, more lines rejected than used.
announced_reader read_announced;

// "2001:db8::/32" or "192.0.2.0/24" as announced: bits behind the length are an error.
bool announced_prefix(struct slice s, struct announced *ret);

#endif
