// SPDX-License-Identifier: Apache-2.0
//
// Every table to take away, what the archive holds, and every input with its evidence.

#include "measure/holdings.h"
#include "site/pages.h"
#include "site/table_html.h"

#define INPUTS_SHOWN 100

static const struct {
    const char *name, *query;
} offers[] = {
    {say_later("New IPv6 delegations by year, world"), "pace?"},
    {say_later("New IPv6 delegations by month, world"), "pace?every=month&"},
    {say_later("New IPv6 delegations by year and economy"), "pace?by=economy&"},
    {say_later("New IPv6 delegations by year and registry"), "pace?by=registry&"},
    {say_later("IPv6 space by economy"), "geography?by=economy&"},
    {say_later("IPv6 space by region"), "geography?by=region&"},
    {say_later("IPv6 space by development group"), "geography?by=group&"},
    {say_later("IPv4 space by economy"), "geography?by=economy&family=ipv4&"},
    {say_later("AS numbers by economy"), "geography?by=economy&family=asn&"},
    {say_later("Concentration of IPv6 space"), "concentration?table=concentration&"},
};

static void write_offer(struct page *p, const char *name, const char *query)
{
    static const char *const formats[][2] = {{"csv", "CSV"}, {"json", "JSON"}};
    html_open(&p->h, "li", NULL);
    html_text(&p->h, say(p->words, name));
    html_text(&p->h, ": ");
    for (size_t i = 0; i < 2; i++) {
        const char *to = arena_format(p->arena, "/api/v1/%sformat=%s", query, formats[i][0]);
        html_text(&p->h, i ? ", " : "");
        html_element(&p->h, "a", formats[i][1], "href", to ? to : "#", NULL);
    }
    html_close(&p->h);
}

static void write_offers(struct page *p)
{
    page_heading(p, "h2", "tables", "Tables");
    page_paragraph(p, "Every table of this site can be had as CSV and JSON with its basis in it; "
                      "under each table stand the links. The tables asked for most:");
    html_open(&p->h, "ul", NULL);
    for (size_t i = 0; i < sizeof offers / sizeof *offers; i++)
        write_offer(p, offers[i].name, offers[i].query);
    html_close(&p->h);
}

// The inputs' number is a link to what became of their lines.
static void write_inputs(struct page *p, const struct table *t)
{
    page_heading(p, "h2", "inputs", "Inputs");
    page_paragraph(p, "Each input is registered with its SHA-256, and its lines are accounted for: "
                      "used, ignored for a reason, or rejected for a reason.");
    html_open(&p->h, "ul", "class", "inputs", NULL);
    size_t name = table_find_column(t, "name"), sha256 = table_find_column(t, "sha256");
    size_t dated = table_find_column(t, "date");
    for (size_t row = 0; row < t->row_count; row++) {
        char day[DATE_TEXT_MAX];
        const char *hash = table_cell(t, row, sha256)->text;
        const struct cell *d = table_cell(t, row, dated);
        html_open(&p->h, "li", NULL);
        html_isolated(&p->h, d->kind == CELL_DATE ? date_format(d->date, day) : "");
        html_text(&p->h, " ");
        html_isolated(&p->h, table_cell(t, row, name)->text);
        html_text(&p->h, " ");
        html_open(&p->h, "a", "href", page_address_of(p, "data", hash), NULL);
        html_open(&p->h, "code", NULL);
        html_format(&p->h, "%.16s", hash);
        html_close(&p->h);
        html_close(&p->h);
        html_close(&p->h);
    }
    html_close(&p->h);
}

static int write_data(struct visit *v, struct response *ret, const struct table *series,
                      const struct table *inputs, struct err *e)
{
    struct page p;
    page_begin(&p, v, ret, &(struct page_head){.title = say(v->words, "Data"), .part = "data"});
    write_offers(&p);
    page_heading(&p, "h2", "snapshots", "Snapshots held");
    table_html(
        &p, series,
        &(struct table_view){.id = "series",
                             .caption = say(v->words, "Snapshots of each registry, by family"),
                             .bare = true});
    write_inputs(&p, inputs);
    return page_end(&p, e);
}

static const char *input_caption(const struct page *p, const struct table *t)
{
    static const struct {
        const char *name, *caption;
    } captions[] = {
        {"input", say_later("The input")},
        {"lines", say_later("What became of its lines")},
        {"findings", say_later("Findings")},
        {"contributes", say_later("Snapshots that it contributes")},
    };
    for (size_t i = 0; i < sizeof captions / sizeof *captions; i++)
        if (strcmp(captions[i].name, t->name) == 0)
            return say(p->words, captions[i].caption);
    return t->name;
}

static int write_evidence(struct visit *v, struct response *ret,
                          const struct measure_tables *tables, struct err *e)
{
    struct page p;
    page_begin(&p, v, ret, &(struct page_head){.title = say(v->words, "Evidence"), .part = "data"});
    for (size_t i = 0; i < tables->count; i++)
        if (tables->at[i]->row_count)
            table_html(&p, tables->at[i],
                       &(struct table_view){.id = tables->at[i]->name,
                                            .caption = input_caption(&p, tables->at[i]),
                                            .bare = true});
    return page_end(&p, e);
}

static int show_input(struct visit *v, struct response *ret, struct err *e)
{
    struct measure_tables tables = {0};
    int code = measure_input(&v->measure, v->rest, &tables, e);
    if (code == 0)
        code = write_evidence(v, ret, &tables, e);
    measure_tables_free(&tables);
    return code;
}

int page_data(struct visit *v, struct response *ret, struct err *e)
{
    struct measure_tables series = {0}, inputs = {0};
    if (*v->rest)
        return show_input(v, ret, e);
    int code = measure_holdings(&v->measure, HOLDINGS_SERIES, &series, e);
    if (code == 0)
        code = measure_inputs(&v->measure, INPUTS_SHOWN, &inputs, e);
    if (code == 0)
        code = write_data(v, ret, series.at[0], inputs.at[0], e);
    measure_tables_free(&series);
    measure_tables_free(&inputs);
    return code;
}
