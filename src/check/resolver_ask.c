// SPDX-License-Identifier: Apache-2.0
//
// Whom to ask next: the servers of the nearest zone that is known, the quickest first, each twice
// at most, those that have been silent last; the names of servers without addresses are looked up
// one after the other.

#include "check/resolver_parts.h"

#include <string.h>

#define SIZE_ASKED     1232
#define TIMEOUT_FIRST  600000 // microseconds, of a server that is not known yet
#define TIMEOUT_MIN    300000
#define TIMEOUT_MAX    2000000
#define STREAM_TIMEOUT 3000000
#define DEAD_AFTER     3 // silences in a row
#define DEAD_FOR       30000000
#define BUSY_WAIT      2000
#define DENIED_KEEP    300 // seconds
#define LOOKED_UP_MAX  6   // names of servers, of one zone

static void candidate_add(struct job *j, enum family f, u128 address)
{
    struct inner *r = j->resolver;
    struct candidate c = {.at = {f, r->port, address}};
    unsigned bit = f == FAMILY_IPV6 ? RESOLVE_IPV6 : RESOLVE_IPV4;
    if (!(j->families & bit) || j->candidate_count == CANDIDATES_MAX)
        return;
    for (unsigned i = 0; i < j->candidate_count; i++)
        if (endpoint_same(&j->candidates[i].at, &c.at))
            return;
    if (r->guard && !guard_lets(r->guard, &c.at))
        return;
    j->candidates[j->candidate_count++] = c;
}

void job_enter(struct job *j, struct zone *z)
{
    job_unwait(j);
    dns_entry_pin(&z->entry);
    if (j->zone)
        dns_entry_unpin(&j->zone->entry);
    j->zone = z;
    j->candidate_count = 0;
    j->looked_up = 0;
    j->left_out = 0;
    memset(j->misses, 0, sizeof j->misses);
    for (unsigned i = 0; i < z->count; i++) {
        const struct zone_server *s = &z->servers[i];
        bool out = z != j->resolver->root[j->families] && name_left_out(j->resolver, s->name);
        j->left_out |= out ? 1u << i : 0;
        for (unsigned k = 0; !out && k < s->count; k++)
            candidate_add(j, s->addresses[k].family, s->addresses[k].address);
    }
    job_ask(j);
}

// ---- choosing

static bool is_parent(const struct job *j)
{
    return dns_name_labels(&j->zone->name) <= 1;
}

// What asking it now would cost in microseconds, as far as can be told; negative: not now.
static int64_t cost(struct job *j, const struct candidate *c, bool with_dead, bool *ret_busy)
{
    struct inner *r = j->resolver;
    struct server *s = server_get(r, &c->at);
    if (!s || c->tries >= TRIES_MAX)
        return -1;
    bool dead = s->failures >= DEAD_AFTER && s->dead_until > events_now(r->events);
    if (dead && (!with_dead || c->tries > 0))
        return -1;
    if (s->open >= (is_parent(j) ? SERVER_OPEN_MAX : SERVER_OPEN_FEW)) {
        *ret_busy = true;
        return -1;
    }
    uint32_t srtt = s->srtt ? s->srtt : 20000;
    return srtt + (int64_t)(inner_random(r) % (srtt / 2 + 1000)) + (int64_t)c->tries * 10000000;
}

static int choose(struct job *j, bool with_dead, bool *ret_busy)
{
    int best = -1;
    int64_t least = 0;
    for (unsigned i = 0; i < j->candidate_count; i++) {
        int64_t price = cost(j, &j->candidates[i], with_dead, ret_busy);
        if (price >= 0 && (best < 0 || price < least)) {
            best = (int)i;
            least = price;
        }
    }
    return best;
}

static void server_answered(struct job *j, uint32_t took)
{
    struct server *s = j->server;
    s->failures = 0;
    s->srtt = s->srtt ? (7 * s->srtt + took) / 8 : took;
    s->srtt += s->srtt == 0;
}

static void server_failed(struct job *j, bool at_once)
{
    struct server *s = j->server;
    s->failures = at_once ? DEAD_AFTER : (uint8_t)(s->failures < 200 ? s->failures + 1 : 200);
    s->srtt = s->srtt < TIMEOUT_MAX / 2 ? 2 * s->srtt + 50000 : TIMEOUT_MAX;
    s->dead_until = events_now(j->resolver->events) + DEAD_FOR;
}

static void server_leave(struct job *j)
{
    j->server->open--;
    dns_entry_unpin(&j->server->entry);
    j->server = NULL;
}

// ---- what comes back

void job_miss(struct job *j, enum miss m, bool for_good)
{
    struct candidate *c = &j->candidates[j->asking];
    j->misses[m]++;
    c->tries = for_good ? TRIES_MAX : (uint8_t)(c->tries + 1);
    job_ask(j);
}

static void reply(void *arg, const struct dns_reply *r)
{
    struct job *j = arg;
    j->flying = false;
    j->by = j->question.to;
    if (r->status == DNS_ANSWERED || r->status == DNS_TRUNCATED) {
        server_answered(j, r->took);
        server_leave(j);
        if (r->status == DNS_TRUNCATED)
            job_ask_again(j, true);
        else
            job_read(j, r->message);
        return;
    }
    server_failed(j, r->status == DNS_NO_ROUTE);
    server_leave(j);
    switch (r->status) {
    case DNS_SILENT:
        job_miss(j, MISS_SILENT, false);
        break;
    case DNS_UNREACHABLE:
        job_miss(j, MISS_UNREACHABLE, false);
        break;
    case DNS_MALFORMED:
        job_miss(j, MISS_MALFORMED, true);
        break;
    default:
        job_miss(j, MISS_UNREACHABLE, true);
    }
}

// ---- asking

static int64_t timeout(const struct server *s, unsigned tries)
{
    int64_t t = s->srtt ? 4 * (int64_t)s->srtt : TIMEOUT_FIRST;
    t = t < TIMEOUT_MIN ? TIMEOUT_MIN : t;
    t <<= tries;
    return t > TIMEOUT_MAX ? TIMEOUT_MAX : t;
}

static const struct dns_name *last_name(const struct job *j)
{
    return j->alias_count > 0 ? &j->alias[j->alias_count - 1] : &j->name;
}

void job_ask_again(struct job *j, bool tcp)
{
    struct inner *r = j->resolver;
    struct candidate *c = &j->candidates[j->asking];
    struct server *s = server_get(r, &c->at);
    if (!s || j->budget->left == 0) {
        job_fail(j, LOOKUP_FAILED, false, "it would take more than %d questions", LOOKUP_WORK_MAX);
        return;
    }
    j->budget->left--;
    r->questions++;
    j->server = s;
    dns_entry_pin(&s->entry);
    s->open++;
    j->question.to = c->at;
    j->question.name = last_name(j);
    j->question.type = j->type;
    j->question.size = s->plain ? 0 : SIZE_ASKED;
    j->question.tcp = tcp;
    j->question.attempts = 1;
    j->question.timeout = tcp ? STREAM_TIMEOUT : timeout(s, c->tries);
    j->question.done = reply;
    j->question.arg = j;
    j->flying = true;
    dns_ask(r->client, &j->question);
}

// ---- addresses of servers

static void addresses_known(void *arg, const struct lookup *l)
{
    struct job *j = arg;
    if (l->status == LOOKUP_FOUND)
        for (size_t i = 0; i < l->count; i++)
            candidate_add(j, l->type == DNS_TYPE_AAAA ? FAMILY_IPV6 : FAMILY_IPV4,
                          l->data[i].address);
    j->waiting--;
    if (!j->flying && !j->pause.place)
        job_ask(j);
}

static bool servers_look_up(struct job *j)
{
    const struct zone *z = j->zone;
    unsigned done = (unsigned)__builtin_popcount(j->looked_up);
    for (unsigned i = 0; i < z->count && done < LOOKED_UP_MAX; i++) {
        struct dns_name name;
        if ((j->looked_up | j->left_out) >> i & 1)
            continue;
        j->looked_up |= 1u << i;
        done++;
        memcpy(&name, z->servers[i].name, 1u + z->servers[i].name->length);
        if (dns_name_within(&name, &z->name) && z != j->resolver->root[j->families])
            continue; // only its own servers could say
        bool waits = false;
        if (j->families & RESOLVE_IPV6)
            waits |= job_wait(j, &name, DNS_TYPE_AAAA, false, addresses_known);
        if (j->families & RESOLVE_IPV4)
            waits |= job_wait(j, &name, DNS_TYPE_A, false, addresses_known);
        if (waits)
            return true;
    }
    return false;
}

static void give_up(struct job *j)
{
    char zone[DNS_TEXT_MAX];
    const unsigned *m = j->misses;
    dns_name_text(&j->zone->name, zone);
    const char *over = j->families == RESOLVE_IPV6   ? " over IPv6"
                       : j->families == RESOLVE_IPV4 ? " over IPv4"
                                                     : "";
    bool only_silent = m[MISS_SILENT] > 0 &&
                       m[MISS_LAME] + m[MISS_ERROR] + m[MISS_MALFORMED] + m[MISS_UNREACHABLE] == 0;
    if (j->left_out) // it might have answered
        job_leave_out(j, j->zone->servers[__builtin_ctz(j->left_out)].name);
    else if (j->candidate_count == 0)
        job_fail(j, LOOKUP_FAILED, false, "no server of %.100s has an address%s", zone, over);
    else if (j->denied && m[MISS_ERROR] > 0 && j->rcode == DNS_RCODE_NXDOMAIN &&
             m[MISS_SILENT] + m[MISS_UNREACHABLE] == 0)
        job_finish(j, &(struct finding){.status = LOOKUP_NO_NAME, .ttl = DENIED_KEEP});
    else if (m[MISS_ERROR] > 0)
        job_fail(j, LOOKUP_FAILED, false, "the servers of %.100s say %s%s", zone,
                 dns_rcode_name(j->rcode), over);
    else if (m[MISS_LAME] > 0)
        job_fail(j, LOOKUP_FAILED, false, "the servers of %.100s do not know it%s", zone, over);
    else if (m[MISS_MALFORMED] > 0)
        job_fail(j, LOOKUP_FAILED, false, "the servers of %.100s send no proper answers%s", zone,
                 over);
    else
        job_fail(j, LOOKUP_FAILED, only_silent, "no server of %.100s %s%s", zone,
                 only_silent ? "answers" : "can be reached", over);
}

static void busy_over(void *arg)
{
    job_ask(arg);
}

void job_ask(struct job *j)
{
    bool busy = false;
    int i = choose(j, false, &busy);
    if (i < 0 && !busy) {
        if (j->waiting > 0)
            return; // addresses are on their way
        if (j->depth < LOOKUP_DEPTH_MAX && servers_look_up(j))
            return;
        i = choose(j, true, &busy);
    }
    if (i >= 0) {
        j->asking = (unsigned)i;
        job_ask_again(j, false);
    } else if (busy) {
        j->pause = (struct event_timer){.due = busy_over, .arg = j, .place = j->pause.place};
        events_after(j->resolver->events, &j->pause, BUSY_WAIT);
    } else {
        give_up(j);
    }
}
