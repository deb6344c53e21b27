// SPDX-License-Identifier: Apache-2.0
//
// The feed of public services: an entry for each campaign in which something is not as in the one
// before, of all domains or of one.

#include "site/atom.h"
#include "site/feed.h"
#include "site/section.h"
#include "site/terms.h"

#include "check/check.h"
#include "store/services.h"

#include <string.h>

#define FEED_CAMPAIGNS 6   // each is read with the one before it
#define FEED_CHANGES   100 // of one entry; more are behind its link

struct step { // a campaign
    const char *name;
    date day;
    struct measure_tables tables;
    const struct table *changes; // with rows
};

struct services_feed {
    struct visit *visit;
    const char *domain; // "": all
    struct service_campaigns stored;
    struct step steps[FEED_CAMPAIGNS]; // the newest first
    size_t count;
    date newest;
};

// ---- what changed

// The names, the newest first; each may have been run from several places.
static void campaigns_choose(struct services_feed *f)
{
    for (size_t i = f->stored.count; i-- > 0;) {
        const struct service_campaign *c = &f->stored.at[i];
        date day = service_day(c->began);
        struct step *last = f->count ? &f->steps[f->count - 1] : NULL;
        f->newest = day > f->newest ? day : f->newest;
        if (last && strcmp(last->name, c->name) == 0)
            last->day = day < last->day ? day : last->day;
        else if (f->count < FEED_CAMPAIGNS)
            f->steps[f->count++] = (struct step){.name = c->name, .day = day};
        else
            return;
    }
}

static int step_measure(struct services_feed *f, struct step *s, struct err *e)
{
    struct query q;
    query_init(&q);
    int code = query_set(&q, "campaign", s->name, e);
    if (code == 0 && *f->domain)
        code = query_set(&q, "domain", f->domain, e);
    if (code == 0)
        code = visit_measure(f->visit, "services", &q, &s->tables, e);
    const struct table *t = code == 0 ? sections_find(&s->tables, "changes") : NULL;
    s->changes = t && t->row_count > 0 ? t : NULL;
    return code;
}

static int collect(struct services_feed *f, struct err *e)
{
    int code = store_service_campaigns(f->visit->measure.store, &f->stored, e);
    if (code == 0)
        campaigns_choose(f);
    for (size_t i = 0; code == 0 && i < f->count; i++)
        code = step_measure(f, &f->steps[i], e);
    return code;
}

// ---- entries

static const char *cell(const struct page *p, const struct table *t, size_t row, const char *column)
{
    const struct cell *c = table_cell(t, row, table_find_column(t, column));
    return c->kind == CELL_TEXT ? say(p->words, term_label(c->text)) : "";
}

static void write_change(struct page *p, const struct table *t, size_t row)
{
    html_open(&p->h, "li", NULL);
    html_element(&p->h, "bdi", cell(p, t, row, "domain"), "dir", "ltr", NULL);
    html_text(&p->h, " \xC2\xB7 ");
    html_text(&p->h, page_say(p, "{1}: {2}; before: {3}", cell(p, t, row, "item"),
                              cell(p, t, row, "after"), cell(p, t, row, "before"), NULL));
    html_close(&p->h);
}

static void write_changes(struct page *p, const struct table *t)
{
    html_open(&p->h, "ul", NULL);
    for (size_t row = 0; row < t->row_count && row < FEED_CHANGES; row++)
        write_change(p, t, row);
    if (t->row_count > FEED_CHANGES)
        html_element(&p->h, "li",
                     page_say(p, "{1} changes in all; the first {2} are shown.",
                              page_count(p, t->row_count), page_count(p, FEED_CHANGES), NULL),
                     NULL);
    html_close(&p->h);
}

static const char *encoded(struct page *p, const char *before, const char *name)
{
    struct buffer b = {0};
    buffer_text(&b, before);
    url_add(&b, name);
    const char *kept = b.failed ? NULL : arena_text(p->arena, b.at, b.length);
    buffer_done(&b);
    return kept ? kept : "";
}

static const char *entry_address(struct page *p, const struct services_feed *f,
                                 const struct step *s)
{
    if (*f->domain)
        return page_address_of(p, "services", f->domain);
    const char *page = arena_format(p->arena, "%s?campaign=", page_address_of(p, "services", NULL));
    return encoded(p, page ? page : "", s->name);
}

static int write_feed(struct services_feed *f, struct response *ret, struct err *e)
{
    struct visit *v = f->visit;
    struct page p = {.words = v->words, .arena = &v->request->arena};
    const char *subject = arena_format(p.arena, "services%s%s", *f->domain ? "/" : "", f->domain);
    const struct atom_head head = {
        .subject = subject ? subject : "services",
        .title = page_say(&p, "{1}: changes in public services over IPv6",
                          *f->domain ? f->domain : say(p.words, "All domains"), NULL),
        .updated = f->newest};
    atom_begin(&p, v, ret, &head);
    for (size_t i = 0; i < f->count; i++) {
        const struct step *s = &f->steps[i];
        if (!s->changes)
            continue;
        atom_entry(&p, &head,
                   &(struct atom_entry){
                       .name = encoded(&p, "", s->name),
                       .title = page_say(&p, "Changes in the campaign {1}", s->name, NULL),
                       .updated = s->day,
                       .address = entry_address(&p, f, s)});
        write_changes(&p, s->changes);
        atom_entry_end(&p);
    }
    return atom_end(&p, e);
}

static int answer(struct visit *v, struct response *ret, const char *domain, struct err *e)
{
    struct services_feed f = {.visit = v, .domain = domain};
    int code = collect(&f, e);
    if (code == 0)
        code = write_feed(&f, ret, e);
    for (size_t i = 0; i < f.count; i++)
        measure_tables_free(&f.steps[i].tables);
    service_campaigns_free(&f.stored);
    return code;
}

int feed_services(struct visit *v, struct response *ret, struct err *e)
{
    return answer(v, ret, "", e);
}

int feed_service(struct visit *v, struct response *ret, struct err *e)
{
    char domain[CHECK_DOMAIN_MAX + 1];
    struct slice key = {v->rest, strcspn(v->rest, "/")};
    int code = check_domain_name(key, domain, e);
    return code ? code : answer(v, ret, domain, e);
}
