// SPDX-License-Identifier: Apache-2.0

#include "fake_resolver.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DATA_MAX 64

struct fake_question {
    struct fake_resolver *fake;
    char name[DNS_TEXT_MAX];
    uint16_t type;
    bool secure;
    lookup_done *done;
    void *arg;
    struct event_task task;
    struct fake_question *next;
};

static void small(const char *from, char *to, size_t size)
{
    size_t i = 0;
    for (; from[i] && i < size - 1; i++)
        to[i] = (char)tolower((unsigned char)from[i]);
    if (i > 0 && to[i - 1] == '.')
        i--;
    to[i] = '\0';
}

static void add(struct fake_resolver *f, const char *name, uint16_t type, const char *value,
                size_t length)
{
    char text[DNS_TEXT_MAX];
    char *kept = calloc(1, length + 1);
    small(name, text, sizeof text);
    if (f->count == FAKE_RECORDS_MAX || !kept)
        abort();
    memcpy(kept, value, length);
    f->records[f->count++] =
        (struct fake_record){.name = strdup(text), .value = kept, .length = length, .type = type};
}

void fake_add(struct fake_resolver *f, const char *name, uint16_t type, const char *value)
{
    add(f, name, type, value, strlen(value));
}

void fake_add_text(struct fake_resolver *f, const char *name, const char *text, size_t length)
{
    add(f, name, DNS_TYPE_TXT, text, length);
}

static const struct fake_record *find(const struct fake_resolver *f, const char *name,
                                      uint16_t type, const struct fake_record *after)
{
    size_t i = after ? (size_t)(after - f->records) + 1 : 0;
    for (; i < f->count; i++)
        if (strcmp(f->records[i].name, name) == 0 && (type == 0 || f->records[i].type == type))
            return &f->records[i];
    return NULL;
}

static size_t strings_of(const char *text, size_t length, uint8_t *to)
{
    size_t at = 0;
    for (size_t i = 0; i < length || at == 0; i += 255) {
        size_t part = length - i < 255 ? length - i : 255;
        to[at++] = (uint8_t)part;
        memcpy(to + at, text + i, part);
        at += part;
    }
    return at;
}

static size_t tlsa_of(const char *text, uint8_t *to)
{
    unsigned usage, selector, matching;
    char *hex = NULL;
    usage = (unsigned)strtoul(text, &hex, 10);
    selector = (unsigned)strtoul(hex, &hex, 10);
    matching = (unsigned)strtoul(hex, &hex, 10);
    to[0] = (uint8_t)usage, to[1] = (uint8_t)selector, to[2] = (uint8_t)matching;
    size_t at = 3;
    for (hex++; hex[0] && hex[1]; hex += 2) {
        char byte[3] = {hex[0], hex[1], '\0'};
        to[at++] = (uint8_t)strtoul(byte, NULL, 16);
    }
    return at;
}

static void datum_of(const struct fake_record *r, struct lookup_datum *d)
{
    uint32_t four;
    u128 six;
    char *name = malloc(DNS_TEXT_MAX);
    uint8_t *data = malloc(2 * r->length + 512);
    d->name = name;
    d->data = data;
    const char *host = r->value;
    if (r->type == DNS_TYPE_MX) {
        d->preference = (uint16_t)strtoul(r->value, (char **)&host, 10);
        host += *host == ' ';
    }
    small(host, name, DNS_TEXT_MAX);
    if (r->type == DNS_TYPE_A && ipv4_parse(slice_of(r->value), &four))
        d->address = four;
    if (r->type == DNS_TYPE_AAAA && ipv6_parse(slice_of(r->value), &six))
        d->address = six;
    if (r->type == DNS_TYPE_TXT)
        d->length = (uint16_t)strings_of(r->value, r->length, data);
    if (r->type == DNS_TYPE_TLSA)
        d->length = (uint16_t)tlsa_of(r->value, data);
}

static void answer(struct fake_resolver *f, const struct fake_question *q)
{
    struct lookup_datum data[DATA_MAX] = {0};
    const char *chain[LOOKUP_CHAIN_MAX], *name = q->name;
    char targets[LOOKUP_CHAIN_MAX][DNS_TEXT_MAX];
    struct lookup l = {.name = q->name, .type = q->type, .why = "", .by = "[2001:db8::53]:53"};
    l.data = data;
    l.chain = chain;
    const struct fake_record *r;
    while ((r = find(f, name, DNS_TYPE_CNAME, NULL)) && l.chain_count < LOOKUP_CHAIN_MAX) {
        small(r->value, targets[l.chain_count], DNS_TEXT_MAX);
        name = chain[l.chain_count] = targets[l.chain_count];
        l.chain_count++;
    }
    l.status = find(f, name, 0, NULL) ? LOOKUP_NO_DATA : LOOKUP_NO_NAME;
    for (r = NULL; (r = find(f, name, q->type, r)) && l.count < DATA_MAX;) {
        if (strcmp(r->value, "!") == 0) {
            l.status = LOOKUP_FAILED;
            l.why = "no server answers";
            break;
        }
        if (strcmp(r->value, "-") == 0)
            continue;
        l.status = LOOKUP_FOUND;
        datum_of(r, &data[l.count++]);
    }
    if (q->secure)
        l.security = f->bogus ? LOOKUP_BOGUS : f->secure ? LOOKUP_SECURE : LOOKUP_INSECURE;
    q->done(q->arg, &l);
    for (size_t i = 0; i < l.count; i++) {
        free((void *)data[i].name);
        free((void *)data[i].data);
    }
}

static void tell(void *arg)
{
    struct fake_question *q = arg;
    struct fake_question **at = &q->fake->open;
    while (*at != q)
        at = &(*at)->next;
    *at = q->next;
    answer(q->fake, q);
    free(q);
}

static void ask(struct resolver *r, const char *name, uint16_t type, unsigned families, bool secure,
                lookup_done *done, void *arg)
{
    struct fake_resolver *f = (struct fake_resolver *)r;
    struct fake_question *q = calloc(1, sizeof *q);
    (void)families;
    if (!q)
        abort();
    *q = (struct fake_question){
        .fake = f, .type = type, .secure = secure, .done = done, .arg = arg, .next = f->open};
    small(name, q->name, sizeof q->name);
    q->task = (struct event_task){.run = tell, .arg = q};
    f->open = q;
    f->asked++;
    events_soon(f->events, &q->task);
}

static void forget(struct resolver *r, void *arg)
{
    struct fake_resolver *f = (struct fake_resolver *)r;
    for (struct fake_question **at = &f->open; *at;) {
        struct fake_question *q = *at;
        if (q->arg != arg) {
            at = &q->next;
            continue;
        }
        *at = q->next;
        events_soon_cancel(f->events, &q->task);
        free(q);
    }
}

void fake_resolver_init(struct fake_resolver *f, struct events *ev)
{
    *f = (struct fake_resolver){.base = {.ask = ask, .forget = forget}, .events = ev};
}

void fake_resolver_done(struct fake_resolver *f)
{
    while (f->open)
        forget(&f->base, f->open->arg);
    for (size_t i = 0; i < f->count; i++) {
        free(f->records[i].name);
        free(f->records[i].value);
    }
}
