// SPDX-License-Identifier: Apache-2.0
//
// MRT files as rows: each route of a table, each prefix that a message announces or withdraws, each
// change of a session's state, with everything decoded.

#ifndef READ_MRT_ROWS_H
#define READ_MRT_ROWS_H

#include "read/mrt.h"
#include "read/mrt_attributes.h"

enum mrt_row_kind { MRT_ROW_TABLE, MRT_ROW_ANNOUNCED, MRT_ROW_WITHDRAWN, MRT_ROW_STATE };

struct mrt_row {
    enum mrt_row_kind kind;
    const struct mrt_record *record;
    const struct mrt_peer *peer;
    struct mrt_prefix prefix;
    bool addpath, sent;
    const struct mrt_attributes *attributes; // of a table's or an announced route
    size_t attribute_bytes;                  // that they were decoded from
    enum family next_hop_family;             // of that route
    u128 next_hop;
    uint16_t before, after; // states
};

struct mrt_rows {
    int (*row)(const struct mrt_row *row, void *arg);
    int (*damaged)(const struct mrt_damage *d, void *arg); // may be NULL
    void *arg;
};

#define NEXT_HOP_NONE UINT32_MAX // an IPv4 address that is none: no next hop is stated

// As mrt_read.
int mrt_rows(struct source *s, const struct mrt_rows *rows, struct mrt_result *ret, struct err *e);

#endif
