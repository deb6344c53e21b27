// SPDX-License-Identifier: Apache-2.0
//
// A ring in the order in which they came, which is that of their ends.

#include "packet/syns.h"

#include <stdlib.h>

struct kept {
    struct syns_key key;
    int64_t due;
    bool met;
    size_t length;
    uint8_t bytes[SYNS_BYTES];
};

struct syns {
    struct kept ring[SYNS_MAX];
    size_t first, count;
};

struct syns *syns_new(void)
{
    return calloc(1, sizeof(struct syns));
}

void syns_free(struct syns **s)
{
    free(*s);
    *s = NULL;
}

size_t syns_count(const struct syns *s)
{
    return s->count;
}

static struct kept *at(struct syns *s, size_t i)
{
    return s->ring + (s->first + i) % SYNS_MAX;
}

static struct kept *find(struct syns *s, const struct syns_key *key, int64_t now)
{
    for (size_t i = 0; i < s->count; i++) {
        struct kept *k = at(s, i);
        if (!k->met && k->due > now && k->key.remote == key->remote &&
            k->key.remote_port == key->remote_port &&
            k->key.outside.address == key->outside.address &&
            k->key.outside.port == key->outside.port)
            return k;
    }
    return NULL;
}

static void leave_met(struct syns *s)
{
    while (s->count > 0 && at(s, 0)->met) {
        s->first = (s->first + 1) % SYNS_MAX;
        s->count--;
    }
}

bool syns_keep(struct syns *s, const struct syns_key *key, const struct packet *p, int64_t now)
{
    leave_met(s);
    if (find(s, key, now))
        return true;
    if (s->count == SYNS_MAX)
        return false;
    struct kept *k = at(s, s->count++);
    k->key = *key;
    k->due = now + SYNS_WAIT_MS;
    k->met = false;
    k->length = p->length < SYNS_BYTES ? p->length : SYNS_BYTES;
    memcpy(k->bytes, p->at, k->length);
    return true;
}

bool syns_met(struct syns *s, const struct syns_key *key, int64_t now)
{
    struct kept *k = find(s, key, now);
    if (k)
        k->met = true;
    return k != NULL;
}

bool syns_over(struct syns *s, int64_t now, struct packet *ret)
{
    leave_met(s);
    if (s->count == 0 || at(s, 0)->due > now || packet_room(ret) < at(s, 0)->length)
        return false;
    const struct kept *k = at(s, 0);
    memcpy(ret->at, k->bytes, k->length);
    ret->length = k->length;
    s->first = (s->first + 1) % SYNS_MAX;
    s->count--;
    return true;
}
