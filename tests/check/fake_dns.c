// SPDX-License-Identifier: Apache-2.0

#include "fake_dns.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LOG_MAX 20000
#define ROOM    4096
#define WORDS   6

static int64_t now = 1000000;

static int64_t clock_now(void *arg)
{
    (void)arg;
    return now;
}

static int64_t clock_wall(void *arg)
{
    (void)arg;
    return 1700000000000 + now / 1000;
}

static void clock_pass(void *arg, int64_t timeout)
{
    (void)arg;
    now += timeout > 0 ? timeout : 0;
}

const struct clock fake_clock = {clock_now, clock_wall, clock_pass, NULL};

struct pending {
    struct fake *fake;
    struct dns_question *question;
    struct event_timer timer;
    struct pending *next, **at;
};

struct fake {
    struct dns_client face;
    struct events *events;
    const char *const *lines;
    struct pending *pending;
    struct {
        struct endpoint to;
        char name[80];
    } * log;
    unsigned logged;
};

// ---- messages

struct writer {
    uint8_t bytes[ROOM];
    size_t length;
};

static void put(struct writer *w, const void *bytes, size_t length)
{
    assert_true(w->length + length <= sizeof w->bytes);
    memcpy(w->bytes + w->length, bytes, length);
    w->length += length;
}

static void put16(struct writer *w, unsigned v)
{
    uint8_t b[2] = {(uint8_t)(v >> 8), (uint8_t)v};
    put(w, b, 2);
}

static void put32(struct writer *w, uint32_t v)
{
    put16(w, v >> 16);
    put16(w, v & 0xffff);
}

static void put_name(struct writer *w, const char *text)
{
    struct dns_name n;
    assert_true(dns_name_parse(slice_of(text), &n));
    put(w, n.at, n.length);
}

static uint16_t type_of(const char *text)
{
    char room[12];
    for (unsigned t = 1; t < 300; t++)
        if (strcmp(dns_type_name((uint16_t)t, room), text) == 0)
            return (uint16_t)t;
    fail_msg("no type %s", text);
    return 0;
}

static unsigned number(const char *text)
{
    uint64_t value = 0;
    assert_true(slice_u64(slice_of(text), 100000, &value));
    return (unsigned)value;
}

static void put_data(struct writer *w, uint16_t type, char *const *words)
{
    struct range r;
    switch (type) {
    case DNS_TYPE_A:
    case DNS_TYPE_AAAA:
        assert_true(range_parse(slice_of(words[0]), &r));
        for (int i = type == DNS_TYPE_A ? 3 : 15; i >= 0; i--)
            put(w, &(uint8_t){(uint8_t)(r.first >> (8 * i))}, 1);
        break;
    case DNS_TYPE_MX:
        put16(w, number(words[0]));
        put_name(w, words[1]);
        break;
    case DNS_TYPE_SOA:
        put_name(w, ".");
        put_name(w, ".");
        put32(w, words[0] ? number(words[0]) : 1);
        put32(w, 7200);
        put32(w, 3600);
        put32(w, 86400);
        put32(w, 300);
        break;
    case DNS_TYPE_TXT:
    case DNS_TYPE_DNSKEY:
        for (int left = (int)number(words[0]); left > 0; left -= 200) { // so many octets of it
            uint8_t text[201] = {200};
            memset(text + 1, 'x', 200);
            put(w, text, 201);
        }
        break;
    default:
        put_name(w, words[0]);
    }
}

static void put_record(struct writer *w, char *const *words)
{
    uint16_t type = type_of(words[3]);
    put_name(w, words[2]);
    put16(w, type);
    put16(w, 1);
    put32(w, 600);
    size_t length_at = w->length;
    put16(w, 0);
    put_data(w, type, words + 4);
    size_t length = w->length - length_at - 2;
    w->bytes[length_at] = (uint8_t)(length >> 8);
    w->bytes[length_at + 1] = (uint8_t)length;
}

// ---- servers

static bool line_read(const char *line, const char *server, char *room, char **words)
{
    memset(words, 0, WORDS * sizeof *words);
    snprintf(room, 400, "%s", line);
    for (int i = 0; i < WORDS && room && *room; i++) {
        words[i] = room;
        if ((room = strchr(room, ' ')))
            *room++ = 0;
    }
    return words[0] && words[1] && words[2] && strcmp(words[0], server) == 0;
}

static bool behaves(const struct fake *f, const char *server, const char *how)
{
    char room[400], *words[WORDS];
    for (size_t i = 0; f->lines[i]; i++)
        if (line_read(f->lines[i], server, room, words) && words[1][0] == '!' &&
            strcmp(words[2], how) == 0)
            return true;
    return false;
}

static bool within(const char *name, const char *zone)
{
    struct dns_name n, z;
    return dns_name_parse(slice_of(name), &n) && dns_name_parse(slice_of(zone), &z) &&
           dns_name_within(&n, &z);
}

// The longest zone that the server has and the name lies in.
static bool zone_of(const struct fake *f, const char *server, const char *name, char *ret)
{
    char room[400], *words[WORDS];
    bool found = false;
    for (size_t i = 0; f->lines[i]; i++)
        if (line_read(f->lines[i], server, room, words) && words[3] &&
            strcmp(words[3], "SOA") == 0 && within(name, words[1]) &&
            (!found || strlen(words[1]) > strlen(ret))) {
            snprintf(ret, 260, "%s", words[1]);
            found = true;
        }
    return found;
}

struct wanted {
    const char *server, *zone, *owner; // owner NULL: any
    const char *type;                  // NULL: any
};

static unsigned put_matching(const struct fake *f, struct writer *w, const struct wanted *x)
{
    char room[400], *words[WORDS];
    unsigned count = 0;
    for (size_t i = 0; f->lines[i]; i++) {
        if (!line_read(f->lines[i], x->server, room, words) || !words[3] ||
            strcmp(words[1], x->zone) != 0 || (x->owner && strcmp(words[2], x->owner) != 0) ||
            (x->type && strcmp(words[3], x->type) != 0))
            continue;
        if (w)
            put_record(w, words);
        count++;
    }
    return count;
}

// The cut below the zone's apex on the way to the name.
static bool cut_of(const struct fake *f, const char *server, const char *zone, const char *name,
                   char *ret)
{
    char room[400], *words[WORDS];
    for (size_t i = 0; f->lines[i]; i++)
        if (line_read(f->lines[i], server, room, words) && words[3] &&
            strcmp(words[1], zone) == 0 && strcmp(words[3], "NS") == 0 &&
            strcmp(words[2], zone) != 0 && within(name, words[2])) {
            snprintf(ret, 260, "%s", words[2]);
            return true;
        }
    return false;
}

// Glue: addresses that the zone above holds for the servers of the cut.
static unsigned put_glue(const struct fake *f, struct writer *w, const char *server,
                         const char *zone, const char *cut)
{
    char room[400], *words[WORDS];
    unsigned count = 0;
    for (size_t i = 0; f->lines[i]; i++) {
        if (!line_read(f->lines[i], server, room, words) || !words[4] ||
            strcmp(words[1], zone) != 0 || strcmp(words[3], "NS") != 0 ||
            strcmp(words[2], cut) != 0)
            continue;
        char target[200];
        snprintf(target, sizeof target, "%s", words[4]);
        count += put_matching(f, w, &(struct wanted){server, zone, target, "A"});
        count += put_matching(f, w, &(struct wanted){server, zone, target, "AAAA"});
    }
    return count;
}

static bool name_exists(const struct fake *f, const char *server, const char *zone,
                        const char *name)
{
    char room[400], *words[WORDS];
    for (size_t i = 0; f->lines[i]; i++)
        if (line_read(f->lines[i], server, room, words) && words[3] &&
            strcmp(words[1], zone) == 0 && within(words[2], name))
            return true;
    return false;
}

struct counts {
    unsigned flags, answer, authority, additional;
};

static struct counts answer_write(const struct fake *f, const char *server, const char *name,
                                  const char *type, struct writer *w)
{
    char zone[260] = "", cut[260], at[DNS_TEXT_MAX];
    struct counts c = {0x8000, 0, 0, 0};
    if (!zone_of(f, server, name, zone)) {
        c.flags |= DNS_RCODE_REFUSED;
        return c;
    }
    if (cut_of(f, server, zone, name, cut) &&
        !(strcmp(type, "DS") == 0 && strcmp(cut, name) == 0)) {
        c.authority = put_matching(f, w, &(struct wanted){server, zone, cut, "NS"});
        c.additional = put_glue(f, w, server, zone, cut);
        return c;
    }
    c.flags |= 0x0400;
    snprintf(at, sizeof at, "%s", name);
    for (int i = 0; i < 20; i++) { // aliases, as servers follow them within a zone
        char room[400], *words[WORDS];
        unsigned got = put_matching(f, w, &(struct wanted){server, zone, at, type});
        c.answer += got;
        if (got || strcmp(type, "CNAME") == 0 ||
            put_matching(f, w, &(struct wanted){server, zone, at, "CNAME"}) == 0)
            break;
        c.answer++;
        for (size_t k = 0; f->lines[k]; k++)
            if (line_read(f->lines[k], server, room, words) && words[4] &&
                strcmp(words[1], zone) == 0 && strcmp(words[2], at) == 0 &&
                strcmp(words[3], "CNAME") == 0) {
                snprintf(at, sizeof at, "%s", words[4]);
                break;
            }
        if (!within(at, zone) || cut_of(f, server, zone, at, cut))
            return c;
    }
    if (c.answer == 0 || put_matching(f, NULL, &(struct wanted){server, zone, at, type}) == 0) {
        c.authority = put_matching(f, w, &(struct wanted){server, zone, zone, "SOA"});
        c.flags |= name_exists(f, server, zone, at) ? 0 : DNS_RCODE_NXDOMAIN;
    }
    return c;
}

static void message_write(const struct fake *f, const struct dns_question *q, const char *server,
                          struct writer *w)
{
    char name[DNS_TEXT_MAX], room[12];
    const char *type = dns_type_name(q->type, room);
    dns_name_text(q->name, name);
    w->length = DNS_HEADER;
    put(w, q->name->at, q->name->length);
    put16(w, q->type);
    put16(w, 1);
    struct counts c = {0x8000, 0, 0, 0};
    if (behaves(f, server, "refused"))
        c.flags |= DNS_RCODE_REFUSED;
    else if (behaves(f, server, "servfail"))
        c.flags |= DNS_RCODE_SERVFAIL;
    else if (behaves(f, server, "formerr") && q->size > 0)
        c.flags |= DNS_RCODE_FORMERR;
    else
        c = answer_write(f, server, name, type, w);
    if (behaves(f, server, "denies")) { // all that it has
        w->length = DNS_HEADER + q->name->length + 4u;
        c = (struct counts){0x8400 | DNS_RCODE_NXDOMAIN, 0, 0, 0};
    }
    if (behaves(f, server, "recursive"))
        c.flags = (c.flags & ~0x0400u) | 0x80;
    size_t most = q->size ? q->size : 512;
    if (!q->tcp && (w->length > most || behaves(f, server, "truncating"))) {
        c = (struct counts){c.flags | 0x0200, 0, 0, 0};
        w->length = DNS_HEADER + q->name->length + 4u;
    }
    bool edns = q->size && !behaves(f, server, "formerr");
    if (edns)
        put(w, "\0\0\x29\x10\0\0\0\0\0\0\0", 11);
    size_t length = w->length;
    w->length = 0;
    put16(w, q->id);
    put16(w, c.flags);
    put16(w, 1);
    put16(w, c.answer);
    put16(w, c.authority);
    put16(w, c.additional + edns);
    w->length = length;
}

// ---- the client

static void pending_free(struct pending *p)
{
    events_cancel(p->fake->events, &p->timer);
    *p->at = p->next;
    if (p->next)
        p->next->at = p->at;
    free(p);
}

static void due(void *arg)
{
    struct pending *p = arg;
    struct fake *f = p->fake;
    struct dns_question *q = p->question;
    struct writer w;
    struct dns_message m;
    char server[ADDRESS_TEXT_MAX];
    unsigned attempts = q->tcp ? 1 : q->attempts ? q->attempts : DNS_ATTEMPTS_DEFAULT;
    struct dns_reply r = {DNS_ANSWERED, NULL, FAKE_DELAY, 1};
    pending_free(p);
    address_format(q->to.family, q->to.address, server);
    if (behaves(f, server, "noroute"))
        r.status = DNS_NO_ROUTE;
    else if (behaves(f, server, "closed") || (q->tcp && behaves(f, server, "udp-only")))
        r = (struct dns_reply){DNS_UNREACHABLE, NULL, FAKE_DELAY, attempts};
    else if (behaves(f, server, "silent") || (q->size && behaves(f, server, "edns-silent")) ||
             (!q->tcp && behaves(f, server, "tcp-only")) ||
             (q->name->length > 200 && behaves(f, server, "long-lost")) ||
             (!q->tcp && q->size > 2000 && behaves(f, server, "small")))
        r = (struct dns_reply){DNS_SILENT, NULL, FAKE_DELAY, attempts};
    if (r.status == DNS_ANSWERED) {
        message_write(f, q, server, &w);
        assert_true(dns_message_read(w.bytes, w.length, &m));
        r.message = &m;
        r.status = m.truncated ? DNS_TRUNCATED : DNS_ANSWERED;
        if (!q->tcp && w.length > 1000 && behaves(f, server, "black-hole"))
            r = (struct dns_reply){DNS_SILENT, NULL, FAKE_DELAY, attempts};
    }
    q->state = 0;
    q->done(q->arg, &r);
}

static void fake_ask(struct dns_client *c, struct dns_question *q)
{
    struct fake *f = (struct fake *)c;
    struct pending *p = calloc(1, sizeof *p);
    assert_non_null(p);
    *p = (struct pending){.fake = f, .question = q, .next = f->pending, .at = &f->pending};
    if (p->next)
        p->next->at = &p->next;
    f->pending = p;
    assert_true(f->logged < LOG_MAX);
    f->log[f->logged].to = q->to;
    char text[DNS_TEXT_MAX];
    snprintf(f->log[f->logged++].name, sizeof f->log->name, "%.79s", dns_name_text(q->name, text));
    q->state = 1;
    p->timer = (struct event_timer){.due = due, .arg = p};
    events_after(f->events, &p->timer, FAKE_DELAY);
}

static void fake_cancel(struct dns_client *c, struct dns_question *q)
{
    struct fake *f = (struct fake *)c;
    for (struct pending *p = f->pending, *next; p; p = next) {
        next = p->next;
        if (p->question == q)
            pending_free(p);
    }
    q->state = 0;
}

struct fake *fake_new(struct events *ev, const char *const *lines)
{
    struct fake *f = calloc(1, sizeof *f);
    assert_non_null(f);
    *f = (struct fake){.face = {fake_ask, fake_cancel}, .events = ev, .lines = lines};
    f->log = calloc(LOG_MAX, sizeof *f->log);
    assert_non_null(f->log);
    return f;
}

void fake_free(struct fake *f)
{
    while (f->pending)
        pending_free(f->pending);
    free(f->log);
    free(f);
}

struct dns_client *fake_client(struct fake *f)
{
    return &f->face;
}

void fake_lines(struct fake *f, const char *const *lines)
{
    f->lines = lines;
}

unsigned fake_asked(const struct fake *f, const char *server, const char *name)
{
    unsigned count = 0;
    char text[ADDRESS_TEXT_MAX];
    for (unsigned i = 0; i < f->logged; i++)
        count += (!server || strcmp(address_format(f->log[i].to.family, f->log[i].to.address, text),
                                    server) == 0) &&
                 (!name || strcmp(f->log[i].name, name) == 0);
    return count;
}
