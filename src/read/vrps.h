// SPDX-License-Identifier: Apache-2.0
//
// Validated ROA payloads: which AS may originate which prefix, as relying parties (routinator,
// rpki-client) export them.
//
// CSV "ASN,IP Prefix,Max Length,Trust Anchor[,Expires]", with or without "AS" and quotes, or as the
// RIPE NCC's archive has it, "URI,ASN,IP Prefix,Max Length,Not Before,Not After"; JSON
// {"metadata": {...}, "roas": [{"asn": "AS64496" or 64496, "prefix": ..., "maxLength": ...,
// "ta": ...}]}, where an element of the list stands for a line.

#ifndef READ_VRPS_H
#define READ_VRPS_H

#include "read/read.h"

#define TRUST_ANCHOR_MAX 16 // bytes with the NUL; "afrinic" is the longest; a longer one is cut

struct vrp {
    enum family family; // FAMILY_IPV6 or FAMILY_IPV4
    u128 start;         // no bit is set behind the length
    uint8_t length, max_length;
    uint32_t asn; // 0: nobody may originate it (RFC 6483)
    char trust_anchor[TRUST_ANCHOR_MAX];
    uint64_t line;
};

struct vrp_header {
    enum input_format format;
    date date; // what the content states, else --date, else what the name says; DATE_NONE: none
};

struct vrp_result {
    struct vrp_header header; // date: final
    struct fates fates;
    uint64_t vrps[2]; // FAMILY_IPV6, FAMILY_IPV4
};

struct vrp_handler {
    // Each may be NULL. A code other than 0 ends the reading and is returned.
    int (*header)(const struct vrp_header *h, void *arg); // before the first record
    int (*vrp)(const struct vrp *v, void *arg);
    int (*finding)(const struct finding *f, void *arg);
    void *arg;
};

// options may be NULL. Refused whole, ERR_INPUT: neither of these formats, cut, binary, nothing
// used, more lines rejected than used.
int read_vrps(struct source *s, const struct read_options *options,
              const struct vrp_handler *handler, struct vrp_result *ret, struct err *e);

#endif
