// SPDX-License-Identifier: Apache-2.0
//
// Pieces are few: a table of slots that a hash points into for the flows, and a short list for what
// came early. A slot that is taken by another packet is written over; the older one is lost, as it
// would be on a busy link.

#include "packet/pieces.h"

#include <stdlib.h>
#include <string.h>

struct known {
    struct flow in, out;
    uint32_t identification;
    int64_t until;
};

struct early {
    struct flow in;
    uint32_t identification;
    int64_t until; // 0: free
    size_t length;
};

struct pieces {
    struct pieces_config config;
    struct known *known;
    struct early *early;
    uint8_t *bytes;
};

struct pieces *pieces_new(const struct pieces_config *c)
{
    struct pieces *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    p->config = *c;
    p->known = calloc(c->flows_max, sizeof *p->known);
    p->early = calloc(c->early_max, sizeof *p->early);
    p->bytes = malloc(c->early_max * c->early_bytes);
    if (!p->known || !p->early || !p->bytes)
        pieces_free(&p);
    return p;
}

void pieces_free(struct pieces **p)
{
    if (!*p)
        return;
    free((*p)->known);
    free((*p)->early);
    free((*p)->bytes);
    free(*p);
    *p = NULL;
}

static struct known *slot_of(const struct pieces *p, const struct flow *in)
{
    uint64_t h = (uint64_t)in->source ^ (uint64_t)(in->source >> 64) * 31 ^
                 (uint64_t)in->destination * 37 ^ in->ip->identification;
    h = (h ^ h >> 29) * UINT64_C(0xbf58476d1ce4e5b9);
    return p->known + (h >> 32) % p->config.flows_max;
}

static bool same(const struct flow *a, uint32_t identification, const struct flow *b)
{
    return identification == b->ip->identification && a->source == b->source &&
           a->destination == b->destination && a->protocol == b->protocol;
}

void pieces_learn(struct pieces *p, const struct flow *in, const struct flow *out, int64_t now)
{
    *slot_of(p, in) = (struct known){*in, *out, in->ip->identification, now + p->config.lives};
}

bool pieces_find(const struct pieces *p, const struct flow *in, int64_t now, struct flow *ret)
{
    const struct known *k = slot_of(p, in);
    if (k->until <= now || !same(&k->in, k->identification, in))
        return false;
    *ret = k->out;
    ret->ports = false;
    ret->ip = in->ip;
    return true;
}

bool pieces_keep(struct pieces *p, const struct packet *packet, const struct flow *in, int64_t now)
{
    if (packet->length > p->config.early_bytes)
        return false;
    for (size_t i = 0; i < p->config.early_max; i++) {
        struct early *e = p->early + i;
        if (e->until > now)
            continue;
        *e = (struct early){*in, in->ip->identification, now + p->config.lives, packet->length};
        memcpy(p->bytes + i * p->config.early_bytes, packet->at, packet->length);
        return true;
    }
    return false;
}

bool pieces_take(struct pieces *p, const struct flow *in, int64_t now, struct packet *ret)
{
    for (size_t i = 0; i < p->config.early_max; i++) {
        struct early *e = p->early + i;
        if (e->until <= now || !same(&e->in, e->identification, in) || e->length > packet_room(ret))
            continue;
        memcpy(ret->at, p->bytes + i * p->config.early_bytes, e->length);
        ret->length = e->length;
        e->until = 0;
        return true;
    }
    return false;
}
