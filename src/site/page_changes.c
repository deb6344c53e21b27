// SPDX-License-Identifier: Apache-2.0
//
// What changed between two days: sums by kind, and the first of the changes.

#include "site/pages.h"
#include "site/table_html.h"

#define CHANGES_SHOWN 100

static void write_form(struct page *p, const struct query *q, const char *from, const char *to)
{
    static const char *const families[][2] = {
        {"ipv6", "IPv6"}, {"ipv4", "IPv4"}, {"asn", say_later("AS numbers")}};
    page_form(p, "changes");
    page_input(p, "from", "date", say(p->words, "From"), from);
    page_input(p, "to", "date", say(p->words, "To"), to);
    page_select(p, "family", say(p->words, "Family"));
    for (unsigned i = 0; i < FAMILY_COUNT; i++)
        page_option(p, families[i][0], say(p->words, families[i][1]), q->family == (enum family)i);
    page_select_end(p);
    page_input(p, "only", "text", say(p->words, "Only these economies (KE,TZ)"), q->only);
    page_form_end(p, say(p->words, "Show"));
}

static const char *parameter(const struct table *t, const char *name)
{
    for (size_t i = 0; i < t->basis.parameter_count; i++)
        if (strcmp(t->basis.parameter_names[i], name) == 0)
            return t->basis.parameter_values[i];
    return "";
}

static int write_page(struct visit *v, struct response *ret, const struct query *q,
                      const struct measure_tables *tables, struct err *e)
{
    struct page p;
    const struct table *rows = tables->at[0], *sums = tables->at[1];
    const char *feed = page_feed_address(v, "", NULL);
    page_begin(
        &p, v, ret,
        &(struct page_head){.title = say(v->words, "Changes"), .part = "changes", .feed = feed});
    const char *from = parameter(sums, "from"), *to = parameter(sums, "to");
    page_paragraph(&p, "What the registries' records of two days differ in. Each change has one "
                       "kind; the sums count all of them.");
    write_form(&p, q, from, to);
    from = page_iso_date(&p, from);
    to = page_iso_date(&p, to);
    page_heading(&p, "h2", "sums-heading", "Sums by kind");
    table_html(&p, sums,
               &(struct table_view){
                   .id = "sums",
                   .query = "table=changes-by-kind",
                   .caption = page_say(&p, "Changes in the records from {1} to {2}, by kind", from,
                                       to, NULL)});
    page_heading(&p, "h2", "changes-heading", "The changes");
    table_html(
        &p, rows,
        &(struct table_view){
            .id = "changes",
            .rows = 2 * CHANGES_SHOWN,
            .query = "table=changes",
            .caption = page_say(&p,
                                "Changes in the records from {1} to {2}, in order of address; the "
                                "first {3}",
                                from, to, page_count(&p, CHANGES_SHOWN), NULL)});
    page_feed_link(&p, feed);
    return page_end(&p, e);
}

// The archive does not reach back so far, or not to these days.
static int write_nothing(struct visit *v, struct response *ret, const struct query *q,
                         const char *why, struct err *e)
{
    struct page p;
    page_begin(&p, v, ret,
               &(struct page_head){.title = say(v->words, "Changes"), .part = "changes"});
    write_form(&p, q, page_value(&p, "from"), page_value(&p, "to"));
    page_paragraph(&p, "Nothing is known.");
    html_element(&p.h, "p", why ? why : "", "class", "note", "lang", "en", "dir", "ltr", NULL);
    return page_end(&p, e);
}

int page_changes(struct visit *v, struct response *ret, struct err *e)
{
    struct measure_tables tables = {0};
    struct query q;
    query_init(&q);
    q.top = CHANGES_SHOWN;
    int code = visit_query(v, &q, e, "from", "to", "family", "only", NULL);
    if (code == 0)
        code = visit_measure(v, "changes", &q, &tables, e);
    if (code == 0)
        code = write_page(v, ret, &q, &tables, e);
    else if (code == ERR_NOT_FOUND)
        code = write_nothing(v, ret, &q, arena_format(&v->request->arena, "%s", e->text), e);
    measure_tables_free(&tables);
    return code;
}
