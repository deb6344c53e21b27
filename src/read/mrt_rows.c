// SPDX-License-Identifier: Apache-2.0

#include "read/mrt_rows.h"

#define AFI_IPV4 1
#define AFI_IPV6 2
#define SAFI_MAX 3 // unicast, multicast, both

static bool reach_is_known(const struct reach *r)
{
    return (r->afi == AFI_IPV4 || r->afi == AFI_IPV6) && r->safi >= 1 && r->safi <= SAFI_MAX;
}

static bool has_next_hop(const struct reach *r)
{
    return r->next_hop_length == 4 || r->next_hop_length == 16 || r->next_hop_length == 32;
}

// What stands with the reachable prefixes goes before the older attribute.
static void set_next_hop(struct mrt_row *row, bool reach)
{
    const struct mrt_attributes *a = row->attributes;
    row->next_hop_family = FAMILY_IPV4;
    row->next_hop = attribute_has(a, ATTRIBUTE_NEXT_HOP) ? a->next_hop : NEXT_HOP_NONE;
    if (reach && has_next_hop(&a->reach)) {
        row->next_hop_family = a->reach.next_hop_family;
        row->next_hop = a->reach.next_hop;
    }
}

static int on_rib(struct mrt_rib *rib, void *arg)
{
    const struct mrt_rows *rows = arg;
    struct mrt_attributes a;
    struct mrt_entry entry;
    struct mrt_row row = {MRT_ROW_TABLE, .record = rib->record, .prefix = rib->prefix};
    row.addpath = rib->addpath;
    row.attributes = &a;
    int code = 0;
    while (!code && mrt_rib_next(rib, &entry)) {
        rib->wrong = mrt_attributes_decode(entry.attributes, rib->asn_bytes, &a);
        if (rib->wrong)
            break;
        row.peer = entry.peer;
        row.prefix.path_id = entry.path_id;
        row.attribute_bytes = entry.attributes.left;
        set_next_hop(&row, attribute_has(&a, ATTRIBUTE_MP_REACH));
        code = rows->row(&row, rows->arg);
    }
    return code;
}

static bool is_list(struct cursor list, enum family family, bool addpath)
{
    struct mrt_prefix prefix;
    while (mrt_prefix_next(&list, family, addpath, &prefix))
        continue;
    return !list.failed;
}

// Some routers write identifiers of paths and do not say so, others say so for a family that has
// none. Where a list is none as it is said to be, or begins with the default route twice, and is
// one the other way, it is that.
static bool has_path_ids(struct cursor list, enum family family, bool said)
{
    bool odd = !is_list(list, family, said) ||
               (!said && list.left > 4 && list.at[0] == 0 && list.at[1] == 0);
    return odd && is_list(list, family, !said) ? !said : said;
}

static int give_list(const struct mrt_rows *rows, struct mrt_row *row, struct mrt_message *m,
                     struct cursor list, enum family family)
{
    int code = 0;
    row->addpath = has_path_ids(list, family, m->addpath);
    while (!code && mrt_prefix_next(&list, family, row->addpath, &row->prefix))
        code = rows->row(row, rows->arg);
    if (list.failed)
        m->wrong = "a prefix goes beyond the end of its list";
    return code;
}

static int give_update(const struct mrt_rows *rows, struct mrt_message *m,
                       const struct mrt_update *u, const struct mrt_attributes *a)
{
    struct mrt_row row = {MRT_ROW_WITHDRAWN, .record = m->record, .peer = &m->peer};
    row.sent = m->sent;
    int code = give_list(rows, &row, m, u->withdrawn, FAMILY_IPV4);
    if (!code && attribute_has(a, ATTRIBUTE_MP_UNREACH) && reach_is_known(&a->unreach))
        code = give_list(rows, &row, m, a->unreach.prefixes,
                         a->unreach.afi == AFI_IPV6 ? FAMILY_IPV6 : FAMILY_IPV4);
    row.kind = MRT_ROW_ANNOUNCED;
    row.attributes = a;
    row.attribute_bytes = u->attributes.left;
    set_next_hop(&row, false);
    if (!code)
        code = give_list(rows, &row, m, u->announced, FAMILY_IPV4);
    set_next_hop(&row, true);
    if (!code && attribute_has(a, ATTRIBUTE_MP_REACH) && reach_is_known(&a->reach))
        code = give_list(rows, &row, m, a->reach.prefixes,
                         a->reach.afi == AFI_IPV6 ? FAMILY_IPV6 : FAMILY_IPV4);
    return code;
}

static int on_message(struct mrt_message *m, void *arg)
{
    struct mrt_update update;
    struct mrt_attributes a;
    if (m->type != BGP_UPDATE || !mrt_update_split(m, &update))
        return 0;
    m->wrong = mrt_attributes_decode(update.attributes, m->asn_bytes, &a);
    return m->wrong ? 0 : give_update(arg, m, &update, &a);
}

static int on_state(const struct mrt_state *s, void *arg)
{
    const struct mrt_rows *rows = arg;
    struct mrt_row row = {MRT_ROW_STATE, .record = s->record, .peer = &s->peer};
    row.before = s->before;
    row.after = s->after;
    return rows->row(&row, rows->arg);
}

static int on_damaged(const struct mrt_damage *d, void *arg)
{
    const struct mrt_rows *rows = arg;
    return rows->damaged ? rows->damaged(d, rows->arg) : 0;
}

int mrt_rows(struct source *s, const struct mrt_rows *rows, struct mrt_result *ret, struct err *e)
{
    struct mrt_handler handler = {.rib = on_rib,
                                  .message = on_message,
                                  .state = on_state,
                                  .damaged = on_damaged,
                                  .arg = (void *)(uintptr_t)rows};
    return mrt_read(s, &handler, ret, e);
}
