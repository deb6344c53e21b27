// SPDX-License-Identifier: Apache-2.0
//
// The web part alone, against whatever network it is started in, with names from a file instead of
// the DNS. For web_test.py:
//
//     web_run HOSTS AUTHORITIES LEVEL DEPTH DOMAIN...
//
// HOSTS: lines "NAME A|AAAA ADDRESS", "NAME A|AAAA fail", "allow PREFIX". Prints a line a test:
// subject, test, verdict, reason, details, value, divided by tabulators; then NIST's count.

#include "check/checker.h"

#include "check/web_client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RECORDS_MAX 200
#define ANSWERS_MAX 16

struct record {
    char name[128];
    uint16_t type;
    u128 address;
    bool fails;
};

struct pending {
    struct event_task task;
    struct hosts *hosts;
    char name[256];
    uint16_t type;
    lookup_done *done;
    void *arg;
    struct pending *next;
};

struct hosts {
    struct resolver face;
    struct checker *checker;
    struct record records[RECORDS_MAX];
    size_t count;
    struct pending *pending;
    struct domain *domain;
};

// ---- names

static void answer(void *arg)
{
    struct pending *p = arg;
    struct hosts *h = p->hosts;
    struct lookup_datum data[ANSWERS_MAX] = {0};
    struct lookup l = {.name = p->name, .type = p->type, .status = LOOKUP_NO_NAME, .data = data};
    l.why = "";
    l.by = "[2001:db8::53]:53";
    l.at = events_wall(h->checker->events);
    for (size_t i = 0; i < h->count; i++) {
        const struct record *r = &h->records[i];
        if (strcmp(r->name, p->name) != 0)
            continue;
        if (l.status == LOOKUP_NO_NAME)
            l.status = LOOKUP_NO_DATA;
        if (r->type != p->type)
            continue;
        l.status = r->fails ? LOOKUP_FAILED : LOOKUP_FOUND;
        l.why = r->fails ? "SERVFAIL" : "";
        if (!r->fails && l.count < ANSWERS_MAX)
            data[l.count++].address = r->address;
    }
    struct pending **at = &h->pending;
    while (*at != p)
        at = &(*at)->next;
    *at = p->next;
    p->done(p->arg, &l);
    free(p);
}

static void ask(struct resolver *r, const char *name, uint16_t type, unsigned families, bool secure,
                lookup_done *done, void *arg)
{
    struct hosts *h = (struct hosts *)r;
    struct pending *p = calloc(1, sizeof *p);
    (void)families, (void)secure;
    *p = (struct pending){.hosts = h, .type = type, .done = done, .arg = arg, .next = h->pending};
    snprintf(p->name, sizeof p->name, "%s", name);
    p->task = (struct event_task){.run = answer, .arg = p};
    h->pending = p;
    events_soon(h->checker->events, &p->task);
}

static void forget(struct resolver *r, void *arg)
{
    struct hosts *h = (struct hosts *)r;
    for (struct pending **at = &h->pending; *at;) {
        struct pending *p = *at;
        if (p->arg != arg) {
            at = &p->next;
            continue;
        }
        *at = p->next;
        events_soon_cancel(h->checker->events, &p->task);
        free(p);
    }
}

static void line_read(struct hosts *h, char *line)
{
    char *rest = line, *name = strsep(&rest, " "), *type = strsep(&rest, " ");
    struct err e;
    uint32_t four;
    if (!type)
        return;
    if (strcmp(name, "allow") == 0) {
        if (guard_allow(&h->checker->guard, type, &e) != 0)
            fprintf(stderr, "%s\n", e.text);
        return;
    }
    if (!rest || h->count == RECORDS_MAX)
        return;
    struct record *r = &h->records[h->count++];
    snprintf(r->name, sizeof r->name, "%s", name);
    r->type = strcmp(type, "AAAA") == 0 ? DNS_TYPE_AAAA : DNS_TYPE_A;
    r->fails = strcmp(rest, "fail") == 0;
    if (r->type == DNS_TYPE_AAAA)
        ipv6_parse(slice_of(rest), &r->address);
    else if (ipv4_parse(slice_of(rest), &four))
        r->address = four;
}

static bool hosts_read(struct hosts *h, const char *path)
{
    char line[512];
    FILE *f = fopen(path, "r");
    if (!f)
        return false;
    while (fgets(line, sizeof line, f)) {
        line[strcspn(line, "\n")] = '\0';
        line_read(h, line);
    }
    fclose(f);
    return true;
}

// ---- one domain

static void finished(void *arg)
{
    events_stop(((struct hosts *)arg)->checker->events);
}

static void out_of_patience(void *arg)
{
    struct hosts *h = arg;
    part_web.stop(h->domain, h->domain->state[1]);
    events_stop(h->checker->events);
}

static void show(const struct result *r)
{
    for (size_t i = 0; i < r->tests.count; i++) {
        const struct test *t = &r->tests.at[i];
        printf("%s\t%s\t%s\t%s\t%s\t%s\t%g\n", t->subject, test_name(t->kind),
               verdict_name(t->verdict), t->reason ? t->reason->key : "", t->details[0],
               t->details[1], t->value);
        for (size_t n = 0; getenv("EVIDENCE") && n < t->evidence.count; n++) {
            const struct evidence *ev = &t->evidence.at[n];
            printf("#    %s | %s | %s | %.1f ms\n", ev->asked, ev->whom, ev->answer,
                   ev->took / 1000.0);
        }
    }
    const struct nist_count *n = &r->scores.web;
    printf("nist\t%u\t%u\t%u\t%u\n", n->interfaces, n->with_aaaa, n->reached, n->operational);
}

static void check(struct hosts *h, const char *name, int64_t patience)
{
    struct checker *c = h->checker;
    struct domain d = {.checker = c, .name = name, .parts_left = 1};
    struct err e;
    h->domain = &d;
    d.result.domain = name;
    d.finish = (struct event_task){.run = finished, .arg = h};
    d.patience = (struct event_timer){.due = out_of_patience, .arg = h};
    events_after(c->events, &d.patience, patience);
    if (part_web.start(&d, &d.state[1], &e) != 0 || events_run(c->events, &e) != 0) {
        fprintf(stderr, "%s\n", e.text);
        exit(4);
    }
    events_cancel(c->events, &d.patience);
    events_soon_cancel(c->events, &d.finish);
    if (d.result.failed)
        fprintf(stderr, "the result failed\n");
    show(&d.result);
    part_web.drop(&d, d.state[1]);
    result_done(&d.result);
}

int main(int argc, char **argv)
{
    static const struct gate_limits limits = {8, 128, 0};
    static struct check_options options = {.contact = "https://www.example.org/about"};
    struct checker c = {.options = &options,
                        .repeats = 5,
                        .pages = 20,
                        .timeout = 2000000,
                        .ipv4_here = true,
                        .ipv6_here = true};
    struct hosts *h = calloc(1, sizeof *h);
    struct err e = {0};
    if (argc < 6 || !h)
        return 2;
    c.level = strcmp(argv[3], "connect") == 0 ? LEVEL_CONNECT : LEVEL_WEB;
    c.depth = (unsigned)strtoul(argv[4], NULL, 10);
    h->face = (struct resolver){ask, forget};
    h->checker = &c;
    c.resolver = &h->face;
    if (events_new(&clock_real, &c.events, &e) || guard_load(&c.guard, &e) ||
        gate_new(c.events, &limits, &c.gate, &e) || trust_new(argv[2], &c.trust, &e) ||
        checker_web_open(&c, &e)) {
        fprintf(stderr, "%s\n", e.text);
        return 4;
    }
    if (!hosts_read(h, argv[1]))
        return 3;
    const char *patience = getenv("PATIENCE");
    for (int i = 5; i < argc; i++)
        check(h, argv[i], patience ? strtoll(patience, NULL, 10) : 60000000);
    checker_web_close(&c);
    trust_free(&c.trust);
    gate_free(&c.gate);
    guard_done(&c.guard);
    events_free(&c.events);
    free(h);
    return 0;
}
