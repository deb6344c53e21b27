// SPDX-License-Identifier: Apache-2.0
//
// sextant mrt peers: who gave a collector its routes, and how many.

#include "base/array.h"
#include "cmd/mrt.h"

#include <stdlib.h>
#include <string.h>

static const char *const usage[] = {"mrt peers [OPTIONS] FILE...", NULL};

static const struct example examples[] = {
    {"sextant mrt peers rib.20240105.0000.bz2", "The peers of a collector and their tables."},
    {NULL}};

struct peer {
    struct mrt_peer peer;
    uint64_t routes[2], messages;
};

// The peers of one file, by number.
struct tally {
    struct table *table;
    struct mrt_reading *reading;
    ARRAY(struct peer) peers;
};

enum column_index { FILE_NAME, ADDRESS, ASN, ID, ROUTES6, ROUTES4 };

static void add_columns(struct table *t)
{
    static const struct column columns[] = {
        {"file", "File", COLUMN_TEXT, "", "The file.", 0, true, 0},
        {"peer", "Peer", COLUMN_TEXT, "", "The address of the peer.", 0, false, 0},
        {"asn", "AS", COLUMN_TEXT, "", "The peer's AS number.", 0, false, 0},
        {"id", "BGP identifier", COLUMN_TEXT, "", "The peer's BGP identifier.", 0, false, 0},
        {"routes_ipv6", "IPv6", COLUMN_COUNT, "routes", "IPv6 routes of this peer.", 0, false, 0},
        {"routes_ipv4", "IPv4", COLUMN_COUNT, "routes", "IPv4 routes of this peer.", 0, false, 0},
    };
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        table_column(t, &columns[i]);
}

static struct peer *peer_at(struct tally *t, const struct mrt_peer *peer)
{
    while (t->peers.count <= peer->number) {
        struct peer *one = ARRAY_ADD(&t->peers);
        if (!one)
            return NULL;
    }
    t->peers.at[peer->number].peer = *peer;
    return &t->peers.at[peer->number];
}

static int on_peers(const struct mrt_peer_table *p, void *arg)
{
    for (unsigned i = 0; i < p->count; i++)
        if (!peer_at(arg, &p->at[i]))
            return ERR_MEMORY;
    return 0;
}

static int on_rib(struct mrt_rib *rib, void *arg)
{
    struct tally *t = arg;
    struct mrt_entry entry;
    while (mrt_rib_next(rib, &entry)) {
        struct peer *peer = entry.peer->number < t->peers.count ? &t->peers.at[entry.peer->number]
                                                                : peer_at(t, entry.peer);
        if (!peer)
            return ERR_MEMORY;
        peer->routes[rib->prefix.family]++;
    }
    return 0;
}

static int on_damaged(const struct mrt_damage *d, void *arg)
{
    struct tally *t = arg;
    mrt_warn(t->reading, d->record->number, d->text);
    return 0;
}

static void add_peer(struct tally *t, const struct peer *p)
{
    char text[ADDRESS_TEXT_MAX];
    size_t row = table_row(t->table);
    table_set_text(t->table, row, FILE_NAME, t->reading->place);
    table_set_text(t->table, row, ADDRESS, address_format(p->peer.family, p->peer.address, text));
    table_set_text(t->table, row, ASN, address_format(FAMILY_ASN, p->peer.asn, text));
    if (p->peer.id)
        table_set_text(t->table, row, ID, address_format(FAMILY_IPV4, p->peer.id, text));
    table_set_count(t->table, row, ROUTES6, p->routes[FAMILY_IPV6]);
    table_set_count(t->table, row, ROUTES4, p->routes[FAMILY_IPV4]);
}

static int read_peers(struct mrt_reading *r, struct source *s, struct mrt_result *ret,
                      struct err *e)
{
    struct tally *t = r->arg;
    struct mrt_handler handler = {
        .peers = on_peers, .rib = on_rib, .damaged = on_damaged, .arg = t};
    t->peers.count = 0;
    int code = mrt_read(s, &handler, ret, e);
    for (size_t i = 0; i < t->peers.count; i++)
        add_peer(t, &t->peers.at[i]);
    return code == ERR_MEMORY || t->table->failed ? err_memory(e) : code;
}

static int run_mrt_peers(struct invocation *inv, struct err *e)
{
    struct tally tally = {0};
    struct mrt_reading reading = {.inv = inv, .read = read_peers, .arg = &tally};
    tally.reading = &reading;
    int code = table_new("mrt-peers", &tally.table);
    if (code)
        return err_memory(e);
    table_title(tally.table, "Peers of routing tables, and their routes");
    add_columns(tally.table);
    code = mrt_read_each(&reading, e);
    // Of a file that is cut, what comes before is shown.
    if (!code || tally.table->row_count > 0) {
        struct err ignored;
        int printed = invocation_print(inv, &tally.table, 1, code ? &ignored : e);
        code = code ? code : printed;
    }
    free(tally.peers.at);
    table_free(&tally.table);
    return code;
}

const struct command command_mrt_peers = {
    .name = "mrt peers",
    .group = COMMAND_DATA,
    .summary = "The peers of a route collector in MRT files",
    .usage = usage,
    .description =
        "Reads routing tables in MRT and lists the peers that gave them: address, AS number, BGP "
        "identifier, and the routes of each. Peers with far fewer routes than the others do not "
        "give their whole table; sextant visibility counts those with at least half of the largest "
        "table's prefixes.",
    .groups = OPTIONS_OUTPUT,
    .examples = examples,
    .argument = "FILE",
    .argument_help = "a file, a folder, a URL, or - for standard input",
    .argument_kind = ARGUMENT_FILE,
    .arguments_min = 1,
    .arguments_max = ARGUMENTS_MANY,
    .run = run_mrt_peers,
};
