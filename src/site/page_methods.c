// SPDX-License-Identifier: Apache-2.0
//
// What each figure is: sources, units, formulas, traps; and each column of each table by the
// tables' own descriptions.

#include "measure/holdings.h"
#include "site/pages.h"
#include "site/table_html.h"

#include <stdio.h>

static const struct text {
    const char *id, *heading, *paragraphs[4];
} texts[] = {
    {"source",
     say_later("Source"),
     {say_later("The five regional Internet registries publish, each day, a file of everything "
                "that they have delegated: a block, an economy, a date, a status, and in the "
                "extended files a holder. These files are the only source of the figures on "
                "delegations. Nothing is estimated: where data is missing the cell is empty and "
                "the reason stands under the table."),
      say_later("The economy is the one that the registry states for the holder, which is often "
                "the place of its seat. It does not say where the addresses are used.")}},
    {"delegation",
     say_later("Delegation, holder, space"),
     {say_later("A delegation is a record with the status allocated or assigned. A holder is an "
                "opaque identifier that a registry gives to one organization in the extended "
                "files; the same organization has different ones at different registries."),
      say_later("IPv6 space is counted in /32s, the smallest block that registries commonly give "
                "to a provider: a /29 counts as eight, a /48 as 1/65,536. Sums are exact. A large "
                "block says nothing of its use: compare numbers of delegations and holders "
                "too.")}},
    {"dates",
     say_later("Two dates"),
     {say_later("Each figure has two dates: the date that the record itself states, and the day of "
                "the snapshot that shows it (known on). The registries do not keep history: a "
                "block that was returned or transferred disappears from the past as well. Sextant "
                "keeps every snapshot, so that a figure can be computed as it was known on any "
                "day."),
      say_later("Figures by year therefore count what was delegated in that year and still stands "
                "in the snapshot. Years long past shrink a little with each later snapshot.")}},
    {"growth",
     say_later("Pace and growth"),
     {say_later("Pace is the number of delegations, and their space, with a date in the period. "
                "Growth = 100 (b - a) / a per cent, where a is all at the beginning of the period "
                "and b all at its end. The current period is counted up to the snapshot.")}},
    {"indices",
     say_later("Concentration"),
     {say_later("With shares s in per cent, HHI is the sum of s^2, up to 10,000. The Gini "
                "coefficient is the sum of (2i - n - 1) x, divided by n times the sum of x, with "
                "the amounts x in ascending order and i their place from 1 to n: 0 where all have "
                "the same, near 1 where one has all. Only those who have something are "
                "counted.")}},
    {"groups",
     say_later("Economies and groups"),
     {say_later("Economies are those of ISO 3166-1. Regions are those of the United Nations "
                "Statistics Division (M49) and of the International Telecommunication Union; "
                "least developed countries, landlocked developing countries and small island "
                "developing States are those of the United Nations lists on the day. Groups "
                "overlap and do not add up to the world.")}},
    {"users",
     say_later("Why published shares of users differ"),
     {say_later("Google reports that about half of its users come over IPv6, APNIC about two "
                "fifths of all users. Both are right, of different things. Google counts the "
                "connections of its own users: it does not see those who cannot or do not use it. "
                "APNIC measures users reached by advertisements, in each economy, and weights the "
                "economies by their estimated numbers of Internet users, so that large economies "
                "count as much as they are large."),
      say_later("Capable and preferring are different too: a user can have IPv6 and still come "
                "over IPv4. And delegations are none of these: they show who can begin, not who "
                "has. State the measure, the population and the date whenever a share is "
                "cited.")}},
    {"weights",
     say_later("Users of the world, of regions and of groups"),
     {say_later("Where a source states no figure of its own for the world, a region or a group, it "
                "is that of its economies, weighted by their Internet users: the sum of u x a over "
                "the sum of u. It is empty where the users are not known. The lowest and the "
                "highest figure stand beside each other, and no mean of them is made.")}},
    {"routing",
     say_later("Routing"),
     {say_later("An announcement is a prefix with one origin, as the peers of a collector told it. "
                "It counts when at least 10 of them see it, or a tenth of those with a full table "
                "where that is less. A network is an AS number that originates one. Origins are "
                "validated as in RFC 6811."),
      say_later(
          "A collector sees what its peers tell it. Space can be used without being announced "
          "to all, and be announced without being used; an AS number is no organization.")}},
    {"published-indices",
     say_later("Indices"),
     {say_later(
         "6lab: 0.25 T + 0.75 sqrt(C U), with the share T of transit networks, C of content "
         "and U of users; relative: each term over the world's largest, from 0 to 10. "
         "RIPEness: a star for holding IPv6, one for announcing it. HD-ratio: log(assigned) "
         "/ log(all), RFC 3194. Early-stage index, of this site: 0.3 holders with IPv6 + 0.3 "
         "holders that announce it + 0.2 networks + 0.2 users.")}},
    {"forecasts",
     say_later("Forecasts"),
     {say_later("Six models and their median go on from the history: naive, drift, damped trend, "
                "logistic, Gompertz, Bass. At up to 48 days of the past each is fitted to what was "
                "known then; the errors choose the model and the width of its intervals. Skill = "
                "1 - error / error of the naive forecast.")}},
    {"check",
     say_later("To compute a figure again"),
     {say_later("Each table names its parameters and the SHA-256 of its inputs. A CSV or JSON file "
                "that was taken from here can be checked with the command sextant verify, which "
                "computes it again and says which cells differ."),
      say_later("Dates in tables are written as year, month and day (ISO 8601). Files for machines "
                "have the exact values with a decimal point.")}},
};

static void write_texts(struct page *p)
{
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        page_heading(p, "h2", texts[i].id, texts[i].heading);
        for (size_t k = 0; k < 4 && texts[i].paragraphs[k]; k++)
            page_paragraph(p, texts[i].paragraphs[k]);
    }
}

// ---- columns

#define NAMES_MAX 32

struct columns {
    struct page p;
    const char *names[NAMES_MAX]; // of the tables written
    size_t count;
};

static const char *heading_of(const char *name)
{
    static const struct {
        const char *name, *heading;
    } headings[] = {
        {"pace", say_later("Pace")},
        {"geography", say_later("Ranking")},
        {"concentration", say_later("Concentration")},
        {"lorenz", say_later("Lorenz curve")},
        {"holdings", say_later("Resources of an economy")},
        {"ranks", say_later("Place among others")},
        {"holders", say_later("Holders")},
        {"changes", say_later("The changes")},
        {"changes-by-kind", say_later("Changes, by kind")},
        {"changes-ipv6", say_later("Changes in IPv6 records")},
        {"changes-ipv4", say_later("Changes in IPv4 records")},
        {"changes-asn", say_later("Changes in AS number records")},
        {"lookup", say_later("Address")},
    };
    for (size_t i = 0; i < sizeof headings / sizeof *headings; i++)
        if (strcmp(headings[i].name, name) == 0)
            return headings[i].heading;
    return NULL;
}

static bool is_written(const struct columns *c, const char *name)
{
    for (size_t i = 0; i < c->count; i++)
        if (strcmp(c->names[i], name) == 0)
            return true;
    return false;
}

static void write_columns(struct columns *c, const struct table *t)
{
    const char *heading = heading_of(t->name);
    if (!heading || is_written(c, t->name) || c->count == NAMES_MAX)
        return;
    const char *name = arena_text(c->p.arena, t->name, strlen(t->name));
    c->names[c->count++] = name ? name : "";
    page_heading(&c->p, "h3", t->name, heading);
    html_open(&c->p.h, "dl", NULL);
    for (size_t i = 0; i < t->column_count; i++)
        table_html_column(&c->p, &t->columns[i]);
    html_close(&c->p.h);
}

static void take_tables(struct columns *c, struct measure_tables *tables)
{
    for (size_t i = 0; i < tables->count; i++)
        write_columns(c, tables->at[i]);
    measure_tables_free(tables);
}

// An economy that has delegations, for the tables of one.
static economy some_economy(const struct world *w, const struct measure_tables *tables)
{
    const struct table *t = tables->count ? tables->at[0] : NULL;
    size_t key = t ? table_find_column(t, "key") : SIZE_MAX;
    for (size_t row = 0; t && row < t->row_count; row++) {
        const struct cell *cell = table_cell(t, row, key);
        economy e = cell->kind == CELL_TEXT ? world_find(w, slice_of(cell->text)) : ECONOMY_NONE;
        if (e != ECONOMY_NONE)
            return e;
    }
    return ECONOMY_NONE;
}

// What the archive cannot answer has no columns to describe; what takes too long is an error.
static int describe(struct columns *c, const char *name, const struct query *q)
{
    struct measure_tables tables = {0};
    int code = visit_measure(c->p.visit, name, q, &tables, NULL);
    if (code == 0)
        take_tables(c, &tables);
    return code == ERR_LATE ? code : 0;
}

static int describe_lookup(struct columns *c)
{
    struct measure_tables tables = {0};
    struct range example;
    if (!range_parse(slice_of("2001:db8::/32"), &example))
        return 0;
    int code = measure_lookup(&c->p.visit->measure, &example, DATE_MAX, 1, &tables, NULL);
    if (code == 0)
        take_tables(c, &tables);
    return code == ERR_LATE ? code : 0;
}

// One economy is asked about: the columns are the same as for all, at a fraction of the time.
static int write_all_columns(struct columns *c)
{
    struct visit *v = c->p.visit;
    struct measure_tables ranking = {0};
    struct query q;
    char code_text[8];
    query_init(&q);
    q.by = BY_ECONOMY;
    q.top = 1;
    int code = visit_measure(v, "geography", &q, &ranking, NULL);
    q.economy = code ? ECONOMY_NONE : some_economy(v->world, &ranking);
    if (q.economy != ECONOMY_NONE)
        snprintf(q.only, sizeof q.only, "%s", economy_format(q.economy, code_text));
    if (code == ERR_LATE)
        return code;
    code = describe(c, "pace", &q);
    take_tables(c, &ranking);
    q.by = BY_WORLD;
    q.only[0] = '\0';
    if (code == 0)
        code = describe(c, "concentration", &q);
    if (code == 0)
        code = describe(c, "changes", &q);
    if (code == 0 && q.economy != ECONOMY_NONE)
        code = describe(c, "economy", &q);
    return code ? code : describe_lookup(c);
}

int page_methods(struct visit *v, struct response *ret, struct err *e)
{
    struct columns c = {0};
    page_begin(&c.p, v, ret,
               &(struct page_head){.title = say(v->words, "Methods"), .part = "methods"});
    write_texts(&c.p);
    page_heading(&c.p, "h2", "columns", "The columns of the tables");
    int code = write_all_columns(&c);
    return code ? err_set(e, code, "it takes too long; ask for less") : page_end(&c.p, e);
}
