// SPDX-License-Identifier: Apache-2.0
//
// Names of ASes: CSV "asn,name,country,registry", or lines "64496 EXAMPLE-AS Example Net, KE".

#ifndef READ_AS_NAMES_H
#define READ_AS_NAMES_H

#include "read/read.h"

#define AS_NAME_MAX     200 // bytes; a longer name is cut between characters
#define AS_REGISTRY_MAX 16 // bytes with the NUL; as stated: "ripencc", "jpnic"; a longer one is cut

struct as_name {
    uint32_t asn;
    struct slice name; // borrowed during the callback; UTF-8 is not promised
    economy economy;
    char registry[AS_REGISTRY_MAX]; // "" where none is stated
    uint64_t line;
};

struct as_name_header {
    enum input_format format;
    date date; // --date, else what the name of the input says; DATE_NONE: none
};

struct as_name_result {
    struct as_name_header header;
    struct fates fates;
};

struct as_name_handler {
    // Each may be NULL. A code other than 0 ends the reading and is returned.
    int (*header)(const struct as_name_header *h, void *arg); // before the first record
    int (*name)(const struct as_name *n, void *arg);
    int (*finding)(const struct finding *f, void *arg);
    void *arg;
};

// options may be NULL. Refused whole, ERR_INPUT: neither of these formats, cut, binary, nothing
// used, more lines rejected than used.
int read_as_names(struct source *s, const struct read_options *options,
                  const struct as_name_handler *handler, struct as_name_result *ret, struct err *e);

#endif
