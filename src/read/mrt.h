// SPDX-License-Identifier: Apache-2.0
//
// MRT files: routing tables and BGP messages as route collectors and routers write them (RFC 6396,
// 8050). Any number of dumps may stand in one file, each with its own table of peers.
//
// Records come one at a time, whole, with what lies inside still in its bytes: the attributes of a
// route are decoded by those who want them (mrt_attributes.h). Read are
//
//     TABLE_DUMP_V2  tables of peers; IPv4 and IPv6 unicast, also as RIB_GENERIC, also with ADDPATH
//     TABLE_DUMP     IPv4 and IPv6
//     BGP4MP(_ET)    messages and changes of state, 2- and 4-octet AS numbers, local, ADDPATH
//
// Other types, other address families and multicast are counted and skipped. A damaged record is
// named and skipped; where no record can begin, the next one is looked for.

#ifndef READ_MRT_H
#define READ_MRT_H

#include "base/cursor.h"
#include "base/err.h"
#include "net/net.h"
#include "read/announced.h"
#include "read/source.h"

#include <stdbool.h>
#include <stdint.h>

#define MRT_RECORD_MAX ((size_t)16 << 20) // the largest seen are some 100 kB; 65535 routes fit
#define MRT_PEERS_MAX  65536u             // of a file: several dumps have mostly the same ones

enum mrt_type {
    MRT_TABLE_DUMP = 12,
    MRT_TABLE_DUMP_V2 = 13,
    MRT_BGP4MP = 16,
    MRT_BGP4MP_ET = 17,
};

struct mrt_record {
    uint64_t number; // from 1
    uint64_t offset; // of its first byte, after decompression
    uint32_t time;   // seconds since 1970
    uint32_t microseconds;
    uint16_t type, subtype;
    uint32_t length; // of what stands behind the header
};

struct mrt_peer {
    u128 address;
    enum family family;
    uint32_t asn;
    uint32_t id;     // its BGP identifier; 0 where not stated
    uint32_t number; // in the file, from 0: the same for the same address and AS number
};

#define MRT_VIEW_MAX 64

struct mrt_peer_table {
    const struct mrt_record *record;
    uint32_t collector;      // its BGP identifier
    char view[MRT_VIEW_MAX]; // "" where none is stated; without what cannot be printed
    const struct mrt_peer *at;
    unsigned count;
};

struct mrt_prefix {
    u128 start; // no bit set beyond the length
    enum family family;
    uint8_t length;
    uint32_t path_id; // 0 without ADDPATH
};

struct mrt_entry {
    const struct mrt_peer *peer;
    uint32_t originated; // seconds since 1970
    uint32_t path_id;
    struct cursor attributes;
};

// One prefix of a table and the routes to it. `wrong` is what is wrong with it: set by whoever
// finds out, the reader then counts the record as damaged.
struct mrt_rib {
    const struct mrt_record *record;
    struct mrt_prefix prefix;
    unsigned entries, asn_bytes;
    bool addpath;
    const char *wrong;
    struct cursor rest; // of mrt_rib_next
    const struct mrt_peer *peers;
    unsigned peer_count, next;
    struct mrt_entry only; // of a record that has one route and no table of peers
};

// The next route. False at the end, and where the record is damaged.
static inline bool mrt_rib_next(struct mrt_rib *rib, struct mrt_entry *ret)
{
    if (rib->next == rib->entries)
        return false;
    rib->next++;
    if (!rib->peers) {
        *ret = rib->only;
        return true;
    }
    unsigned peer = cursor_u16(&rib->rest);
    ret->originated = cursor_u32(&rib->rest);
    ret->path_id = rib->addpath ? cursor_u32(&rib->rest) : rib->prefix.path_id;
    ret->attributes = cursor_cut(&rib->rest, cursor_u16(&rib->rest));
    if (__builtin_expect(rib->rest.failed || peer >= rib->peer_count, 0)) {
        rib->wrong = rib->rest.failed ? "a route goes beyond the end of the record"
                                      : "a route of a peer that is not in the table of peers";
        rib->next = rib->entries;
        return false;
    }
    ret->peer = &rib->peers[peer];
    return true;
}

enum { BGP_OPEN = 1, BGP_UPDATE, BGP_NOTIFICATION, BGP_KEEPALIVE, BGP_ROUTE_REFRESH };

struct mrt_message {
    const struct mrt_record *record;
    struct mrt_peer peer, local; // their BGP identifiers are not stated
    unsigned asn_bytes;
    bool sent; // by the local side, else received
    bool addpath;
    uint8_t type;       // BGP_OPEN, ...
    struct cursor body; // behind the message's header
    const char *wrong;  // as in mrt_rib
};

// The parts of an update; its prefixes without attributes are IPv4.
struct mrt_update {
    struct cursor withdrawn, attributes, announced;
};

// False where its parts do not fit: then message->wrong says so.
bool mrt_update_split(struct mrt_message *message, struct mrt_update *ret);

// The next prefix of a list. False at the end (nothing is left) and where it is no prefix
// (c->failed).
bool mrt_prefix_next(struct cursor *c, enum family family, bool addpath, struct mrt_prefix *ret);

// Of a session between a router and its peer (RFC 4271); 0 where it is none that is known.
struct mrt_state {
    const struct mrt_record *record;
    struct mrt_peer peer, local;
    uint16_t before, after;
};

struct mrt_damage {
    const struct mrt_record *record;
    const char *text; // what is wrong, without place
};

struct mrt_handler {
    // Each may be NULL. A code other than 0 ends the reading and is returned.
    int (*peers)(const struct mrt_peer_table *t, void *arg);
    int (*rib)(struct mrt_rib *rib, void *arg);
    int (*message)(struct mrt_message *m, void *arg);
    int (*state)(const struct mrt_state *s, void *arg);
    int (*damaged)(const struct mrt_damage *d, void *arg);
    void *arg;
};

// What became of each record: the sum of all but `cut` is `records`.
struct mrt_result {
    uint64_t records;
    uint64_t peer_tables, ribs, messages, states;
    uint64_t multicast; // ... and other families of tables
    uint64_t unknown;   // types and subtypes that nothing is known about, or that hold no routes
    uint64_t damaged;   // each was told to the handler
    bool cut;           // the file ends within its last, damaged record
};

// Do these first bytes (as source_peek gives them) begin an MRT file?
bool mrt_probe(const void *bytes, size_t length);

// ERR_INPUT: the source's container is damaged or cut (what came before was told), or this is no
// MRT file. ERR_LIMIT: more than MRT_PEERS_MAX peers.
int mrt_read(struct source *s, const struct mrt_handler *handler, struct mrt_result *ret,
             struct err *e);

// read_announced() for tables in MRT. What each record was is in the result's fates: tables of
// peers are headings, messages and other families are of another type. Refused, ERR_INPUT: no
// table, cut, more records damaged than used. The prefixes come as they stand in the file, each
// with all its origins; in a file of several dumps the same may come again.
int mrt_announced(struct source *s, const struct read_options *options,
                  const struct announced_handler *handler, struct announced_result *ret,
                  struct err *e);

#endif
