// SPDX-License-Identifier: Apache-2.0
//
// Lookups under way, who waits for them, and how they end.

#include "check/opt_out.h"
#include "check/resolver_parts.h"

#include "base/splitmix.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

size_t key_write(const struct dns_name *n, uint16_t type, unsigned families, bool secure,
                 uint8_t key[KEY_MAX])
{
    memcpy(key, n->at, n->length);
    key[n->length] = (uint8_t)(type >> 8);
    key[n->length + 1] = (uint8_t)type;
    key[n->length + 2] = (uint8_t)(families | (secure ? 4u : 0));
    return n->length + 3u;
}

static size_t key_row(const uint8_t *key, size_t length, size_t rows)
{
    uint64_t h = length;
    for (size_t i = 0; i < length; i++)
        h = (h ^ key[i]) * 0x100000001b3u;
    return (h ^ h >> 32) & (rows - 1);
}

// ---- who waits

static struct waiter **waiter_row(struct inner *r, const void *arg)
{
    uint64_t h = (uint64_t)(uintptr_t)arg * 0x9e3779b97f4a7c15u;
    return &r->waiters[h >> 32 & (WAITER_ROWS - 1)];
}

static struct waiter *waiter_new(struct inner *r, lookup_done *done, void *arg)
{
    struct waiter *w = calloc(1, sizeof *w);
    if (!w)
        return NULL;
    struct waiter **row = waiter_row(r, arg);
    *w = (struct waiter){.resolver = r, .done = done, .arg = arg, .row_next = *row, .row_at = row};
    if (*row)
        (*row)->row_at = &w->row_next;
    *row = w;
    return w;
}

static void waiter_join(struct waiter *w, struct job *j)
{
    w->job = j;
    w->at = j->waiters_end;
    *w->at = w;
    j->waiters_end = &w->next;
}

static void owner_clear(struct waiter *w)
{
    for (int i = 0; w->owner && i < 2; i++)
        if (w->owner->waits[i] == w->job)
            w->owner->waits[i] = NULL;
}

static void waiter_free(struct waiter *w)
{
    owner_clear(w);
    if (w->job) {
        *w->at = w->next;
        if (w->next)
            w->next->at = w->at;
        else
            w->job->waiters_end = w->at;
    }
    *w->row_at = w->row_next;
    if (w->row_next)
        w->row_next->row_at = w->row_at;
    events_soon_cancel(w->resolver->events, &w->task);
    if (w->answer)
        dns_entry_unpin(&w->answer->entry);
    free(w);
}

static void waiter_tell(struct waiter *w, struct answer *a)
{
    lookup_done *done = w->done;
    void *arg = w->arg;
    dns_entry_pin(&a->entry);
    waiter_free(w);
    done(arg, &a->lookup);
    dns_entry_unpin(&a->entry);
}

static void waiter_due(void *arg)
{
    struct waiter *w = arg;
    waiter_tell(w, w->answer);
}

static void waiter_answer(struct waiter *w, struct answer *a)
{
    w->answer = a;
    dns_entry_pin(&a->entry);
    w->task = (struct event_task){.run = waiter_due, .arg = w};
    events_soon(w->resolver->events, &w->task);
}

// ---- lookups

static struct job *job_find(struct inner *r, const uint8_t *key, size_t length)
{
    struct job *j = r->jobs[key_row(key, length, JOB_ROWS)];
    while (j && (j->key_length != length || memcmp(j->key, key, length) != 0))
        j = j->row_next;
    return j;
}

static void job_free(struct job *j)
{
    struct inner *r = j->resolver;
    job_unwait(j); // addresses of servers that it could do without
    *j->row_at = j->row_next;
    if (j->row_next)
        j->row_next->row_at = j->row_at;
    r->job_count--;
    events_soon_cancel(r->events, &j->step);
    events_cancel(r->events, &j->deadline);
    events_cancel(r->events, &j->pause);
    if (j->flying)
        dns_cancel(r->client, &j->question);
    if (j->server) {
        j->server->open--;
        dns_entry_unpin(&j->server->entry);
    }
    if (j->zone)
        dns_entry_unpin(&j->zone->entry);
    if (j->validating)
        secure_cancel(j);
    if (--j->budget->users == 0)
        free(j->budget);
    free(j);
}

static void step(void *arg)
{
    struct job *j = arg;
    if (j->secure)
        secure_begin(j);
    else
        job_step(j);
}

static void deadline_over(void *arg)
{
    struct job *j = arg;
    job_unwait(j);
    job_fail(j, LOOKUP_FAILED, j->misses[MISS_SILENT] > 0, "the lookup took longer than %d s",
             LOOKUP_TIME_MAX / 1000000);
}

static struct job *job_new(struct inner *r, const struct dns_name *name, uint16_t type,
                           unsigned families, bool secure, struct budget *shared)
{
    struct job *j = r->job_count < LOOKUPS_MAX ? calloc(1, sizeof *j) : NULL;
    struct budget *b = shared ? shared : j ? malloc(sizeof *b) : NULL;
    if (!j || !b) {
        free(j);
        return NULL;
    }
    if (!shared)
        *b = (struct budget){LOOKUP_WORK_MAX, 0};
    b->users++;
    j->budget = b;
    j->resolver = r;
    memcpy(&j->name, name, 1u + name->length);
    j->type = type;
    j->families = families;
    j->secure = secure;
    j->key_length = (uint16_t)key_write(name, type, families, secure, j->key);
    j->waiters_end = &j->waiters;
    j->began = events_now(r->events);
    j->alias_ttl = KEEP_MAX;
    struct job **row = &r->jobs[key_row(j->key, j->key_length, JOB_ROWS)];
    j->row_next = *row;
    j->row_at = row;
    if (*row)
        (*row)->row_at = &j->row_next;
    *row = j;
    r->job_count++;
    j->step = (struct event_task){.run = step, .arg = j};
    j->deadline = (struct event_timer){.due = deadline_over, .arg = j};
    events_after(r->events, &j->deadline, LOOKUP_TIME_MAX);
    events_soon(r->events, &j->step);
    return j;
}

// The lookup is taken out first: who is told may ask the same again.
void job_finish(struct job *j, const struct finding *f)
{
    struct inner *r = j->resolver;
    struct answer *a = answer_make(j, f);
    struct waiter *waiting = j->waiters;
    if (waiting)
        waiting->at = &waiting;
    for (struct waiter *w = waiting; w; w = w->next) {
        owner_clear(w);
        w->job = NULL;
    }
    j->waiters = NULL;
    if (!a) { // without memory: nobody can be told yet; all is begun anew
        job_free(j);
        while (waiting) {
            struct waiter *w = waiting;
            waiting = w->next;
            w->next = NULL;
            waiter_free(w);
        }
        return;
    }
    dns_entry_pin(&a->entry);
    dns_cache_put(&r->answers, &a->entry);
    job_free(j);
    for (struct waiter *w = waiting, *next; w; w = next) {
        next = w->next;
        w->next = NULL;
        waiter_answer(w, a);
    }
    dns_entry_unpin(&a->entry);
}

void job_fail(struct job *j, enum lookup_status status, bool by_timeout, const char *format, ...)
{
    char why[WHY_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(why, sizeof why, format, args);
    va_end(args);
    job_finish(j, &(struct finding){.status = status, .by_timeout = by_timeout, .why = why});
}

bool name_left_out(const struct inner *r, const struct dns_name *n)
{
    char text[DNS_TEXT_MAX];
    return r->opt_out && opt_out_count(r->opt_out) > 0 &&
           opt_out_has(r->opt_out, dns_name_text(n, text));
}

static char *left_out_text(const struct dns_name *who, char why[WHY_MAX])
{
    char name[DNS_TEXT_MAX];
    snprintf(why, WHY_MAX, "%.150s does not want to be asked", dns_name_text(who, name));
    return why;
}

void job_leave_out(struct job *j, const struct dns_name *who)
{
    char why[WHY_MAX];
    job_finish(j, &(struct finding){
                      .status = LOOKUP_FAILED, .opted_out = true, .why = left_out_text(who, why)});
}

// Does `from` wait for `to`, itself or through others? Each waits for two at most.
static bool job_reaches(const struct job *from, const struct job *to, unsigned depth)
{
    if (from == to || depth > LOOKUP_DEPTH_MAX + LOOKUP_CHAIN_MAX)
        return true;
    for (int i = 0; i < 2; i++)
        if (from->waits[i] && job_reaches(from->waits[i], to, depth + 1))
            return true;
    return false;
}

bool job_wait(struct job *j, const struct dns_name *name, uint16_t type, bool alias,
              lookup_done *done)
{
    struct inner *r = j->resolver;
    uint8_t key[KEY_MAX];
    size_t length = key_write(name, type, j->families, false, key);
    struct answer *a = answer_find(r, key, length);
    struct job *other = a ? NULL : job_find(r, key, length);
    if (other && job_reaches(other, j, 0))
        return false;
    struct waiter *w = waiter_new(r, done, j);
    if (!w)
        return false;
    w->owner = j;
    if (a) {
        waiter_answer(w, a);
        j->waiting++;
        return true;
    }
    if (!other) {
        other = job_new(r, name, type, j->families, false, j->budget);
        if (other) {
            other->depth = j->depth + !alias;
            other->chain_depth = alias ? j->chain_depth + j->alias_count : 0;
        }
    }
    if (!other) {
        waiter_free(w);
        return false;
    }
    waiter_join(w, other);
    j->waits[j->waits[0] ? 1 : 0] = other;
    j->waiting++;
    return true;
}

void job_unwait(struct job *j)
{
    if (j->waiting > 0)
        resolver_forget(&j->resolver->face, j);
    j->waiting = 0;
}

// ---- the seam

// A lookup that cannot even begin: the answer is made of a job that never runs.
static void refuse(struct inner *r, struct waiter *w, uint16_t type, bool opted_out,
                   const char *why)
{
    struct job *j = calloc(1, sizeof *j);
    struct answer *a = NULL;
    if (j) {
        j->resolver = r;
        j->type = type;
        j->began = events_now(r->events);
        j->name = (struct dns_name){1, {0}};
        a = answer_make(
            j, &(struct finding){.status = LOOKUP_FAILED, .opted_out = opted_out, .why = why});
    }
    free(j);
    if (!a) {
        waiter_free(w);
        return;
    }
    a->entry.gone = true; // of no cache: it goes with who is told
    waiter_answer(w, a);
}

static void inner_ask(struct resolver *face, const char *name, uint16_t type, unsigned families,
                      bool secure, lookup_done *done, void *arg)
{
    struct inner *r = (struct inner *)face;
    struct dns_name n;
    uint8_t key[KEY_MAX];
    char why[WHY_MAX];
    struct waiter *w = waiter_new(r, done, arg);
    if (!w)
        return;
    if (!dns_name_parse(slice_of(name), &n)) {
        refuse(r, w, type, false, "it is no name");
        return;
    }
    if (type != DNS_TYPE_NS && name_left_out(r, &n)) {
        refuse(r, w, type, true, left_out_text(&n, why));
        return;
    }
    families &= RESOLVE_BOTH;
    if (families == RESOLVE_BOTH || families == 0)
        families = r->both;
    size_t length = key_write(&n, type, families, secure, key);
    struct answer *a = answer_find(r, key, length);
    if (a) {
        a->lookup.took = 0;
        waiter_answer(w, a);
        return;
    }
    struct job *j = job_find(r, key, length);
    if (!j)
        j = job_new(r, &n, type, families, secure, NULL);
    if (j)
        waiter_join(w, j);
    else
        refuse(r, w, type, false, "too many names are being looked up");
}

static void inner_forget(struct resolver *face, void *arg)
{
    struct inner *r = (struct inner *)face;
    struct waiter *w = *waiter_row(r, arg);
    while (w) {
        struct waiter *next = w->row_next;
        if (w->arg == arg)
            waiter_free(w);
        w = next;
    }
}

uint64_t inner_random(struct inner *r)
{
    return splitmix64(&r->random);
}

void resolver_use(struct resolver *r, unsigned families)
{
    ((struct inner *)r)->both = families & RESOLVE_BOTH ? families & RESOLVE_BOTH : RESOLVE_BOTH;
}

uint64_t resolver_questions(const struct resolver *r)
{
    return ((const struct inner *)r)->questions;
}

int resolver_new(const struct resolver_options *o, struct resolver **ret, struct err *e)
{
    struct inner *r = calloc(1, sizeof *r);
    if (!r)
        return err_memory(e);
    r->face = (struct resolver){inner_ask, inner_forget};
    r->events = o->events;
    r->client = o->client;
    r->guard = o->guard;
    r->hints = o->hints;
    r->opt_out = o->opt_out;
    r->trust_anchor = o->trust_anchor;
    r->port = o->port ? o->port : DNS_PORT;
    r->both = RESOLVE_BOTH;
    *ret = &r->face;
    bool made = getrandom(&r->random, sizeof r->random, 0) == sizeof r->random &&
                dns_cache_make(&r->zones, ZONES_BYTES_MAX) &&
                dns_cache_make(&r->answers, ANSWERS_BYTES_MAX) &&
                dns_cache_make(&r->servers, SERVERS_BYTES_MAX);
    for (unsigned f = RESOLVE_IPV4; made && f <= RESOLVE_BOTH; f++)
        made = zone_root_make(r, f);
    if (made)
        return 0;
    resolver_free(ret);
    return err_memory(e);
}

void resolver_free(struct resolver **face)
{
    struct inner *r = (struct inner *)*face;
    if (!r)
        return;
    for (size_t i = 0; i < WAITER_ROWS; i++)
        while (r->waiters[i])
            waiter_free(r->waiters[i]);
    for (size_t i = 0; i < JOB_ROWS; i++)
        while (r->jobs[i])
            job_free(r->jobs[i]);
    secure_free(r);
    dns_cache_drop(&r->zones);
    dns_cache_drop(&r->answers);
    dns_cache_drop(&r->servers);
    for (int f = 0; f < 4; f++)
        free(r->root[f]);
    free(r);
    *face = NULL;
}
