// SPDX-License-Identifier: Apache-2.0

#include "site/crowd.h"

#include "base/err.h"

#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define BUCKETS 1024

struct address {
    struct address *next;
    struct crowd_key key;
    unsigned count;
};

struct crowd {
    pthread_mutex_t lock;
    struct crowd_limits limits;
    unsigned size;
    uint64_t seed; // so that nobody can aim at one bucket
    struct address *buckets[BUCKETS];
};

static struct crowd_key key_of_ipv4(uint32_t network_order)
{
    uint32_t a = ntohl(network_order);
    bool own = a >> 24 == 127;
    return own ? (struct crowd_key){0, 0} : (struct crowd_key){1, a};
}

struct crowd_key crowd_key_of(const struct sockaddr *from)
{
    struct sockaddr_in6 six;
    struct sockaddr_in four;
    uint32_t last;
    struct crowd_key key = {0, 0};
    if (from->sa_family == AF_INET) {
        memcpy(&four, from, sizeof four);
        return key_of_ipv4(four.sin_addr.s_addr);
    }
    if (from->sa_family != AF_INET6)
        return key;
    memcpy(&six, from, sizeof six);
    memcpy(&last, six.sin6_addr.s6_addr + 12, sizeof last);
    if (IN6_IS_ADDR_V4MAPPED(&six.sin6_addr))
        return key_of_ipv4(last);
    if (IN6_IS_ADDR_LOOPBACK(&six.sin6_addr))
        return key;
    memcpy(&key.high, six.sin6_addr.s6_addr, sizeof key.high);
    key.low = 2; // apart from IPv4
    return key;
}

int crowd_new(const struct crowd_limits *limits, struct crowd **ret)
{
    struct crowd *c = calloc(1, sizeof *c);
    if (!c)
        return ERR_MEMORY;
    c->limits = *limits;
    if (getrandom(&c->seed, sizeof c->seed, GRND_NONBLOCK) != (ssize_t)sizeof c->seed)
        c->seed = (uintptr_t)c; // at least not the same each time
    pthread_mutex_init(&c->lock, NULL);
    *ret = c;
    return 0;
}

void crowd_free(struct crowd **c)
{
    if (!*c)
        return;
    for (size_t i = 0; i < BUCKETS; i++)
        for (struct address *a = (*c)->buckets[i], *next; a; a = next) {
            next = a->next;
            free(a);
        }
    pthread_mutex_destroy(&(*c)->lock);
    free(*c);
    *c = NULL;
}

static bool is_counted(const struct crowd *c, struct crowd_key key)
{
    return c->limits.each > 0 && (key.high || key.low);
}

// Where the address is, or would be: at the end of its list.
static struct address **find(struct crowd *c, struct crowd_key key)
{
    uint64_t mixed = (key.high ^ c->seed) * 0x9e3779b97f4a7c15u;
    mixed = (mixed ^ mixed >> 32 ^ key.low) * 0xd6e8feb86659fd93u;
    struct address **at = &c->buckets[(mixed >> 40) % BUCKETS];
    while (*at && ((*at)->key.high != key.high || (*at)->key.low != key.low))
        at = &(*at)->next;
    return at;
}

static unsigned count_of(struct crowd *c, struct crowd_key key)
{
    const struct address *a = is_counted(c, key) ? *find(c, key) : NULL;
    return a ? a->count : 0;
}

bool crowd_has_room(struct crowd *c, struct crowd_key key)
{
    pthread_mutex_lock(&c->lock);
    bool room = c->size < c->limits.all + c->limits.told_all &&
                (c->limits.each == 0 || count_of(c, key) < c->limits.each + c->limits.told_of_each);
    pthread_mutex_unlock(&c->lock);
    return room;
}

static void count(struct crowd *c, struct crowd_key key)
{
    struct address **at = find(c, key);
    if (!*at && (*at = calloc(1, sizeof **at)))
        (*at)->key = key;
    if (*at)
        (*at)->count++;
}

enum crowd_place crowd_enter(struct crowd *c, struct crowd_key key)
{
    enum crowd_place place = CROWD_SERVED;
    pthread_mutex_lock(&c->lock);
    if (c->size++ >= c->limits.all)
        place = CROWD_ALL_TAKEN;
    else if (is_counted(c, key) && count_of(c, key) >= c->limits.each)
        place = CROWD_OWN_TAKEN;
    if (is_counted(c, key))
        count(c, key);
    pthread_mutex_unlock(&c->lock);
    return place;
}

void crowd_leave(struct crowd *c, struct crowd_key key)
{
    pthread_mutex_lock(&c->lock);
    struct address **at = find(c, key), *a = *at;
    c->size--;
    if (is_counted(c, key) && a && --a->count == 0) {
        *at = a->next;
        free(a);
    }
    pthread_mutex_unlock(&c->lock);
}

unsigned crowd_size(struct crowd *c)
{
    pthread_mutex_lock(&c->lock);
    unsigned size = c->size;
    pthread_mutex_unlock(&c->lock);
    return size;
}
