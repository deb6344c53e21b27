// SPDX-License-Identifier: Apache-2.0
//
// The World Bank's population tables in both forms: every value, every fate, every refusal.

#include "../rounds.h"
#include "read/formats.h"
#include "read/observed.h"
#include "support.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a)    (sizeof(a) / sizeof *(a))
#define BAD_INPUT   "refused, bad input: "
#define LONG_HEAD   "Country Name,Country Code,Year,Value\n"
#define KENYA       "Kenya,KEN,2020,51985780\n"
#define KENYA_AT(n) n ": KE 2020 51985780\n"
#define WIDE_HEAD   "\"Country Name\",\"Country Code\",\"Indicator Name\",\"Indicator Code\","
#define PEOPLE      "\"Population, total\",\"SP.POP.TOTL\","

static struct world *world;

struct heard {
    struct buffer text;
    uint64_t values;
};

static int on_value(const struct observed_value *v, void *arg)
{
    struct heard *h = arg;
    char number[REAL_TEXT_MAX];
    struct civil day = date_civil(v->date);
    assert_true(v->value > 0 && isnan(v->low) && isnan(v->high) && isnan(v->samples));
    assert_true(day.month == 1 && day.day == 1 && day.year >= 1900 && day.year < 2200);
    h->values++;
    buffer_format(&h->text, "%llu: %s %d %s\n", (unsigned long long)v->line, v->key, day.year,
                  real_text(v->value, number));
    return 0;
}

static int on_finding(const struct finding *f, void *arg)
{
    struct heard *h = arg;
    assert_int_equal(f->kind, FINDING_REJECTED);
    buffer_format(&h->text, "%llu? %s\n", (unsigned long long)f->line, f->text);
    return 0;
}

static void hear_fates(struct heard *h, const struct fates *f)
{
    buffer_format(&h->text, "lines %llu: used %llu", (unsigned long long)f->lines,
                  (unsigned long long)f->used);
    for (unsigned i = 0; i < IGNORED_COUNT; i++)
        if (f->ignored[i])
            buffer_format(&h->text, ", %s %llu", ignored_name((enum ignored)i),
                          (unsigned long long)f->ignored[i]);
    for (unsigned i = 0; i < REJECTED_COUNT; i++)
        if (f->rejected[i])
            buffer_format(&h->text, ", %s %llu", rejected_name((enum rejected)i),
                          (unsigned long long)f->rejected[i]);
    buffer_text(&h->text, "\n");
    assert_true(f->used + fates_ignored(f) + fates_rejected(f) == f->lines);
}

static int hear(struct heard *h, const void *bytes, size_t length)
{
    struct observed_handler handler = {NULL, on_value, on_finding, h};
    struct observed_result result = {.fates = {.lines = 77}};
    struct source *source;
    struct err e = {0};
    assert_int_equal(source_open_memory("text", bytes, length, NULL, &source, NULL), 0);
    int code = read_observed(source, world, NULL, &handler, &result, &e);
    source_close(&source);
    if (code) {
        buffer_format(&h->text, "refused, %s: %s\n", err_name(code), e.text);
    } else {
        assert_int_equal(result.header.format, FORMAT_POPULATION);
        hear_fates(h, &result.fates);
    }
    assert_true(code == 0 || (result.fates.lines == 77 && e.code == code));
    return code;
}

struct table {
    const char *name, *text, *wanted;
};

static void check(const struct table *tables, size_t count)
{
    unsigned wrong = 0;
    for (size_t i = 0; i < count; i++) {
        struct heard h = {0};
        hear(&h, tables[i].text, strlen(tables[i].text));
        if (strcmp(h.text.at, tables[i].wanted) != 0) {
            print_error("== %s\n-- wanted\n%s-- got\n%s", tables[i].name, tables[i].wanted,
                        h.text.at);
            wrong++;
        }
        buffer_done(&h.text);
    }
    assert_int_equal(wrong, 0);
}

static void test_long(void **state)
{
    (void)state;
    static const struct table tables[] = {
        {"values, groups, quotes, blank lines",
         LONG_HEAD KENYA "World,WLD,2020,7820000000\n\n\"Bahamas, The\",BHS,2020,406471.5\n"
                         "\"A \"\"quoted\"\" one\",UGA,2021, 45853778 \nKosovo,XKX,2020,1790133\n",
         KENYA_AT("2") "5: BS 2020 406471.5\n6: UG 2021 45853778\n"
                       "lines 7: used 3, blank 1, version line or heading 1, no economy 2\n"},
        {"byte order mark, CRLF",
         "\xEF\xBB\xBF"
         "Country Name,Country Code,Year,Value\r\nKenya,KEN,2020,51985780\r\n",
         KENYA_AT("2") "lines 2: used 1, version line or heading 1\n"},
        {"limits", LONG_HEAD "Kenya,KEN,1900,1\nKenya,KEN,2199,100000000000\nKenya,KEN,2000,0.5\n",
         "2: KE 1900 1\n3: KE 2199 100000000000\n4: KE 2000 0.5\n"
         "lines 4: used 3, version line or heading 1\n"},
        {"rejected",
         LONG_HEAD "Kenya,KEN,2001,1\nKenya,KEN,2002,1\nKenya,KEN,2003,1\nKenya,KEN,2004,1\n"
                   "Kenya,KEN,2005,1\nKenya,KEN,2006,1\nKenya,KEN,2007,1\nKenya,KEN,2008,1\n"
                   "Kenya,KEN,2009,1\nKenya,KEN,2010,1\nKenya,KEN,2011,1\nKenya,KEN,2012,1\n"
                   "Kenya,KEN,2020\nKenya,KEN,2020,1,2\nKenya,KE,2020,1\nKenya,ken,2020,1\n"
                   "Kenya,404,2020,1\nKenya,KEN,1899,1\nKenya,KEN,2200,1\nKenya,KEN,20,1\n"
                   "Kenya,KEN,2020,0\nKenya,KEN,2020,-1\nKenya,KEN,2020,1e9\n"
                   "Kenya,KEN,2020,100000000001\nKenya,KEN,2001,1\nKenya,KEN,2020,\n",
         "2: KE 2001 1\n3: KE 2002 1\n4: KE 2003 1\n5: KE 2004 1\n6: KE 2005 1\n7: KE 2006 1\n"
         "8: KE 2007 1\n9: KE 2008 1\n10: KE 2009 1\n11: KE 2010 1\n12: KE 2011 1\n13: KE 2012 1\n"
         "14? too few fields: \"Kenya,KEN,2020\"\n"
         "15? too few fields: \"Kenya,KEN,2020,1,2\"\n"
         "16? not an economy: \"KE\"\n17? not an economy: \"ken\"\n"
         "18? not an economy: \"404\"\n19? not a date: \"1899\"\n"
         "20? not a date: \"2200\"\n21? not a date: \"20\"\n22? not a possible number: \"0\"\n"
         "23? not a possible number: \"-1\"\n24? not a possible number: \"1e9\"\n"
         "25? not a possible number: \"100000000001\"\n26? the same again: "
         "\"Kenya,KEN,2001,1\"\n" BAD_INPUT
         "text: 12 lines used, 13 rejected; wanted the World Bank's table\n"},
        {"one rejected, none stated", LONG_HEAD KENYA "Kenya,KEN,2021,many\nKenya,KEN,2022,\n",
         KENYA_AT("2") "3? not a possible number: \"many\"\n"
                       "lines 4: used 1, version line or heading 1, no value 1, not a possible "
                       "number 1\n"},
    };
    check(tables, COUNT(tables));
}

static void test_wide(void **state)
{
    (void)state;
    static const struct table tables[] = {
        {"as published",
         "\xEF\xBB\xBF"
         "\"Data Source\",\"World Development Indicators\",\n\n"
         "\"Last Updated Date\",\"2025-01-28\",\n\n" WIDE_HEAD "\"1960\",\"1961\",\"2023\",\n"
         "\"Kenya\",\"KEN\"," PEOPLE "\"7751435\",\"\",\"55339003\",\n"
         "\"Africa Eastern and Southern\",\"AFE\"," PEOPLE "\"130075728\",\"1\",\"2\",\n"
         "\"Not classified\",\"INX\"," PEOPLE "\"\",\"\",\"\",\n"
         "\"Eritrea\",\"ERI\"," PEOPLE "\"\",\"\",\"\",\n",
         "6: KE 1960 7751435\n6: KE 2023 55339003\n"
         "lines 9: used 1, blank 2, version line or heading 3, no economy 2, no value 1\n"},
        {"a row is taken whole or not at all",
         WIDE_HEAD "1960,1961\nKenya,KEN," PEOPLE "1,2\nUganda,UGA," PEOPLE "1,x\n"
                   "Rwanda,RWA," PEOPLE "1\nBurundi,BDI," PEOPLE "3,4\nKenya,KEN," PEOPLE ",5\n",
         "2: KE 1960 1\n2: KE 1961 2\n3? not a possible number: \"x\"\n"
         "4? too few fields: \"Rwanda,RWA," PEOPLE "1\"\n"
         "5: BI 1960 3\n5: BI 1961 4\n6? the same again: \"KEN\"\n" BAD_INPUT
         "text: 2 lines used, 3 rejected; wanted the World Bank's table\n"},
        {"a figure in a column without a year",
         WIDE_HEAD "1960,\nKenya,KEN," PEOPLE "1,\nUganda,UGA," PEOPLE "1,2\n",
         "2: KE 1960 1\n3? not a possible number: \"2\"\n"
         "lines 3: used 1, version line or heading 1, not a possible number 1\n"},
        {"another indicator", WIDE_HEAD "1960\nKenya,KEN,GDP,NY.GDP.MKTP.CD,1\n",
         BAD_INPUT "text:2: another indicator than SP.POP.TOTL (population, total)\n"},
        {"no year", WIDE_HEAD "1960,year\n", BAD_INPUT "text:1: a heading that is no year\n"},
        {"a year twice", WIDE_HEAD "1960,,1961,1960\n",
         BAD_INPUT "text:1: two columns for one year\n"},
    };
    check(tables, COUNT(tables));
}

static void test_refused(void **state)
{
    (void)state;
    static const struct table tables[] = {
        {"empty", "", BAD_INPUT "text: no dated series\n"},
        {"heading only", LONG_HEAD,
         BAD_INPUT "text: 0 lines used, 0 rejected; wanted the World Bank's table\n"},
        {"another heading", "Country Name,Country Code,Value,Year\n",
         BAD_INPUT "text:1: another heading; wanted Year,Value or Indicator Name,Indicator Code "
                   "behind the country's name and code\n"},
        {"no heading", "a\nb\nc\nd\ne\nf\ng\nh\ni\n" LONG_HEAD KENYA,
         BAD_INPUT "text: no dated series\n"},
        {"cut in a number", LONG_HEAD KENYA "Kenya,KEN,2021,530",
         KENYA_AT("2") "3: KE 2021 530\n" BAD_INPUT
                       "text:3: the last line has no end; wanted a whole file\n"},
    };
    check(tables, COUNT(tables));
    static const char nul[] = LONG_HEAD KENYA "Kenya,KEN,\0,1\n";
    struct heard h = {0};
    assert_int_equal(hear(&h, nul, sizeof nul - 1), ERR_INPUT);
    assert_string_equal(h.text.at, BAD_INPUT "text:3: a NUL byte: not a text file\n");
    buffer_done(&h.text);
}

static void test_long_lines(void **state)
{
    (void)state;
    static const size_t lengths[] = {LINE_MAX_BYTES, LINE_MAX_BYTES + 1, 200000};
    for (size_t i = 0; i < COUNT(lengths); i++) {
        struct heard h = {0};
        struct buffer text = {0};
        buffer_text(&text, LONG_HEAD KENYA);
        for (size_t n = strlen(KENYA) - strlen("Kenya\n"); n < lengths[i]; n++)
            buffer_char(&text, i == 0 ? 'x' : ',');
        buffer_text(&text, ",KEN,2021,51985781\n");
        hear(&h, text.at, text.length);
        assert_string_equal(
            h.text.at,
            i == 0 ? KENYA_AT("2") "3: KE 2021 51985781\n"
                                   "lines 3: used 2, version line or heading 1\n"
                   : KENYA_AT("2") "3? line too long\nlines 3: used 1, version line or heading 1, "
                                   "line too long 1\n");
        buffer_done(&text);
        buffer_done(&h.text);
    }
}

// Every economy and every year that fits: nothing is taken for something else.
static void test_all_places(void **state)
{
    (void)state;
    struct heard h = {0};
    struct buffer text = {0};
    static const char *const codes[] = {"ABW", "AFG", "ZWE", "KEN", "CHN"};
    buffer_text(&text, LONG_HEAD);
    for (size_t c = 0; c < COUNT(codes); c++)
        for (int year = 1900; year < 2200; year++)
            buffer_format(&text, "x,%s,%d,1\n", codes[c], year);
    assert_int_equal(hear(&h, text.at, text.length), 0);
    assert_int_equal(h.values, COUNT(codes) * 300);
    buffer_done(&text);
    buffer_done(&h.text);
}

static void test_probe(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool is;
    } cases[] = {
        {LONG_HEAD, true},
        {"\xEF\xBB\xBF" LONG_HEAD, true},
        {"\"Data Source\",\"World Development "
         "Indicators\",\r\n\r\n\"Last\",\"x\",\r\n\r\n" WIDE_HEAD,
         true},
        {"country name,COUNTRY CODE,Year,Value\r\n", true},
        {"", false},
        {"\n\n\n\n\n\n\n\n\n" LONG_HEAD, false},
        {"2|apnic|20240105|0||20240104|+1000\n", false},
        {"Prefix,Designation,Date,WHOIS,RDAP,Status,Note\n2001:db8::/32,x,,,,,\n", false},
        {"start,end,economy\n192.0.2.0,192.0.2.255,KE\n", false},
        {"Country Name,Country Code", false},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_int_equal(indicator_probe(cases[i].text, strlen(cases[i].text)), cases[i].is);
    char commas[SOURCE_PEEK_MAX];
    memset(commas, ',', sizeof commas);
    assert_false(indicator_probe(commas, sizeof commas));
}

static void test_altered(void **state)
{
    (void)state;
    static const char *const bases[] = {
        LONG_HEAD KENYA "World,WLD,2020,7820000000\n\n\"Bahamas, The\",BHS,2020,406471.5\n"
                        "Uganda,UGA,2021,45853778\nRwanda,RWA,2021,13461888\n",
        "\"Data Source\",\"World Development Indicators\",\n\n" WIDE_HEAD "\"1960\",\"2023\",\n"
        "\"Kenya\",\"KEN\"," PEOPLE "\"7751435\",\"55339003\",\n"
        "\"Arab World\",\"ARB\"," PEOPLE "\"1\",\"2\",\n\"Uganda\",\"UGA\"," PEOPLE
        "\"3\",\"\",\n"};
    struct chance chance = {6};
    struct buffer text = {0};
    const unsigned rounds = ROUNDS_OF(20000);
    unsigned taken = 0;
    for (unsigned round = 0; round < rounds; round++) {
        struct heard h = {0};
        text.length = 0;
        buffer_text(&text, bases[round % 2]);
        chance_alter(&chance, &text);
        indicator_probe(text.at, text.length < SOURCE_PEEK_MAX ? text.length : SOURCE_PEEK_MAX);
        taken += hear(&h, text.at, text.length) == 0;
        buffer_done(&h.text);
    }
    buffer_done(&text);
    assert_true(taken > rounds / 4 && taken < rounds / 20 * 19);
}

static int load(void **state)
{
    (void)state;
    return world_load(LANGUAGE_EN, &world, NULL);
}

static int unload(void **state)
{
    (void)state;
    world_free(&world);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_long),       cmocka_unit_test(test_wide),
        cmocka_unit_test(test_refused),    cmocka_unit_test(test_long_lines),
        cmocka_unit_test(test_all_places), cmocka_unit_test(test_probe),
        cmocka_unit_test(test_altered),
    };
    return cmocka_run_group_tests_name("indicator", tests, load, unload);
}
