// SPDX-License-Identifier: Apache-2.0
//
// Questions wait in a queue until the end of the turn, go out in batches, and wait for answers
// under their id; the timer of each says when an attempt is over.

#include "check/dns_client_parts.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define PAUSE_AFTER_ERROR 200000 // microseconds; a router's word may be of the moment

static const char *const statuses[] = {
    "answered",           "a truncated answer",     "no answer",
    "unreachable",        "no way there from here", "the connection was closed",
    "a malformed answer",
};

const char *dns_status_text(enum dns_status s)
{
    return statuses[s];
}

uint16_t client_random(struct client *c)
{
    if (c->random_left == 0) {
        size_t have = 0;
        while (have < sizeof c->random) {
            ssize_t got = getrandom((uint8_t *)c->random + have, sizeof c->random - have, 0);
            have += got > 0 ? (size_t)got : 0;
        }
        c->random_left = RANDOM_ROOM;
    }
    return c->random[--c->random_left];
}

struct dns_asked question_asked(const struct dns_question *q)
{
    return (struct dns_asked){q->name,   q->type,      q->id,       q->size,
                              q->dnssec, q->recursion, q->unchecked};
}

// ---- the queues

static void queue_add(struct dns_question ***last, struct dns_question *q)
{
    q->state = QUESTION_QUEUED;
    q->next = NULL;
    q->at = *last;
    **last = q;
    *last = &q->next;
}

static void queue_take(struct client *c, struct dns_question *q)
{
    *q->at = q->next;
    if (q->next)
        q->next->at = q->at;
    else if (c->last == &q->next)
        c->last = q->at;
    else
        c->streams_last = q->at;
    q->state = QUESTION_IDLE;
}

static void question_queue(struct client *c, struct dns_question *q)
{
    queue_add(q->tcp ? &c->streams_last : &c->last, q);
    events_soon(c->events, &c->flush);
}

static void flush(void *arg)
{
    struct client *c = arg;
    struct dns_question *batch[2][BATCH];
    unsigned count[2] = {0, 0}, taken = 0;
    while (c->first && c->flying + taken < DNS_FLIGHT_MAX) {
        struct dns_question *q = c->first;
        enum family f = q->to.family;
        queue_take(c, q);
        taken++;
        batch[f][count[f]++] = q;
        if (count[f] == BATCH) {
            udp_send(c, f, batch[f], BATCH);
            taken -= BATCH;
            count[f] = 0;
        }
    }
    for (int f = 0; f < 2; f++)
        if (count[f] > 0)
            udp_send(c, (enum family)f, batch[f], count[f]);
    while (c->streams_first && c->streams < DNS_STREAMS_MAX) {
        struct dns_question *q = c->streams_first;
        queue_take(c, q);
        stream_begin(c, q);
    }
}

// ---- one question

static void leave(struct client *c, struct dns_question *q)
{
    events_cancel(c->events, &q->timer);
    if (q->state == QUESTION_QUEUED)
        queue_take(c, q);
    else if (q->state == QUESTION_FLYING)
        udp_forget(c, q);
    else if (q->state == QUESTION_STREAM)
        stream_forget(c, q);
    q->state = QUESTION_IDLE;
    if (c->first || c->streams_first)
        events_soon(c->events, &c->flush);
}

void question_end(struct client *c, struct dns_question *q, enum dns_status status,
                  const struct dns_message *m)
{
    int64_t took = events_now(c->events) - q->sent;
    leave(c, q);
    struct dns_reply r = {status, m, (uint32_t)(took > 0 ? took : 1), q->made};
    q->done(q->arg, &r);
}

static unsigned attempts(const struct dns_question *q)
{
    return q->tcp ? 1 : q->attempts ? q->attempts : DNS_ATTEMPTS_DEFAULT;
}

void question_failed(struct client *c, struct dns_question *q, enum dns_status status)
{
    leave(c, q);
    q->state = QUESTION_STOPPING;
    q->status = status;
    bool last = q->made >= attempts(q) || status == DNS_NO_ROUTE;
    events_after(c->events, &q->timer, last ? 0 : PAUSE_AFTER_ERROR);
}

static void question_due(void *arg)
{
    struct dns_question *q = arg;
    struct client *c = q->client;
    bool last = q->made >= attempts(q);
    enum dns_status status = q->state == QUESTION_STOPPING ? q->status
                             : q->malformed                ? DNS_MALFORMED
                                                           : DNS_SILENT;
    if (last || status == DNS_NO_ROUTE) {
        question_end(c, q, status, NULL);
        return;
    }
    leave(c, q);
    question_queue(c, q);
}

static void client_ask(struct dns_client *face, struct dns_question *q)
{
    struct client *c = (struct client *)face;
    q->client = c;
    q->made = 0;
    q->malformed = false;
    q->sent = events_now(c->events);
    q->timer.due = question_due;
    q->timer.arg = q;
    question_queue(c, q);
}

static void client_cancel(struct dns_client *face, struct dns_question *q)
{
    if (q->state != QUESTION_IDLE)
        leave((struct client *)face, q);
}

int dns_client_new(struct events *ev, struct dns_client **ret, struct err *e)
{
    struct client *c = calloc(1, sizeof *c);
    if (!c)
        return err_memory(e);
    c->face = (struct dns_client){client_ask, client_cancel};
    c->events = ev;
    c->last = &c->first;
    c->streams_last = &c->streams_first;
    c->flush = (struct event_task){.run = flush, .arg = c};
    int code = udp_new(c, e);
    if (code) {
        free(c);
        return code;
    }
    *ret = &c->face;
    return 0;
}

void dns_client_free(struct dns_client **face)
{
    struct client *c = (struct client *)*face;
    if (!c)
        return;
    events_soon_cancel(c->events, &c->flush);
    udp_free(c);
    free(c);
    *face = NULL;
}
