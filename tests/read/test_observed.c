// SPDX-License-Identifier: Apache-2.0
//
// Dated series: everybody's own, Google's, APNIC's, the World Bank's, and the root zone.

#include "kinds.h"

#include "world/world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a)  (sizeof(a) / sizeof *(a))
#define BAD_INPUT "refused, bad input: "
#define OWN       "# name: our-probes\n"
#define OWN_HEAD  "observations our-probes [%] our-probes ()\n"
#define HEADING   "date,economy,value,low,high,samples\n"
#define GOOGLE    "[%] Users that reach Google over IPv6 (Google, IPv6 statistics)\n"
#define SERVERS                                                                                    \
    "[name servers] Name servers of country-code domains with an AAAA in the root zone (DNS root " \
    "zone)\n"

static void test_own(void **state)
{
    (void)state;
    static const struct kinds_sample samples[] = {
        {"everything there can be",
         OWN "# title: Our probes: all\n#source: https://example.com/probes\n#unit: ms\n# "
             "more\n" HEADING
             "2024-01-05,KE,12.5,11.9,113.1,1040\n20240105,UGA,0,,,\n2024-01,WORLD,1e,,,\n"
             "2024-02,404,7,6,,\n2024,world,9.25,,10,3.5\n2023,TZ,,1,2,3\n",
         "observations our-probes [ms] Our probes: all (https://example.com/probes)\n"
         "7: KE 2024-01-05 12.5 from 11.9 to 113.1 of 1040\n8: UG 2024-01-05 0\n"
         "9? line rejected: not a possible number: \"2024-01,WORLD,1e,,,\"\n"
         "10: KE 2024-02-01 7 from 6\n11: WORLD 2024-01-01 9.25 to 10 of 3.5\n"
         "lines 12: used 4, comment 5, version line or heading 1, no value 1, "
         "not a possible number 1\n"},
        {"columns in another order", OWN "date,economy,value,samples,note\n2024,KE,1,77,\"a,b\"\n",
         OWN_HEAD
         "3: KE 2024-01-01 1 of 77\nlines 3: used 1, comment 1, version line or heading 1\n"},
        {"percent are at most 100; intervals hold the value; a day has one value",
         OWN HEADING
         "2024-01-01,KE,100,,,\n2024-01-02,KE,100%,,,\n2024-01-03,KE,1,,,\n2024-01-04,KE,1,,,\n"
         "2024-01-05,KE,100.01,,,\n2024-01-06,KE,5,6,7,\n2024-01-07,KE,5,4,4.5,\n"
         "2024-01-01,ken,7,,,\n",
         OWN_HEAD
         "3: KE 2024-01-01 100\n4: KE 2024-01-02 100\n5: KE 2024-01-03 1\n6: KE 2024-01-04 1\n"
         "7? line rejected: not a possible number: \"2024-01-05,KE,100.01,,,\"\n"
         "8? line rejected: not a possible number: \"2024-01-06,KE,5,6,7,\"\n"
         "9? line rejected: not a possible number: \"2024-01-07,KE,5,4,4.5,\"\n"
         "10? line rejected: the same again: \"2024-01-01,ken,7,,,\"\n"
         "lines 10: used 4, comment 1, version line or heading 1, not a possible number 3, "
         "the same again 1\n"},
        {"days and economies that are none",
         OWN HEADING
         "2024-01-01,KE,1,,,\n2024-01-02,KE,1,,,\n2024-01-03,KE,1,,,\n2024-13-01,KE,1,,,\n"
         "2024-01-01,XX,1,,,\n2024\n",
         OWN_HEAD
         "3: KE 2024-01-01 1\n4: KE 2024-01-02 1\n5: KE 2024-01-03 1\n"
         "6? line rejected: not a date: \"2024-13-01\"\n"
         "7? line rejected: not an economy: \"XX\"\n8? line rejected: too few fields: "
         "\"2024\"\nlines 8: used 3, comment 1, version line or heading 1, too few fields 1, "
         "not a date 1, not an economy 1\n"},
        {"no name", HEADING "2024-01-01,KE,1,,,\n",
         BAD_INPUT "text:1: the series has no name; wanted a line \"# name: ...\" before the "
                   "heading\n"},
        {"a name that is none", "# name: Our Probes\n" HEADING,
         BAD_INPUT "text:1: not a name; wanted small letters, digits and \"-\"\n"},
    };
    kinds_check(samples, COUNT(samples));
}

static void test_google(void **state)
{
    (void)state;
    static const struct kinds_sample samples[] = {
        {"countries",
         "country_code,country,google_ipv6\nKE,\"Kenya, all\",12.5\nZZ,?,1\nUG,Uganda,\n",
         "google-countries google " GOOGLE "2: KE 2024-01-05 12.5\n"
         "lines 4: used 1, version line or heading 1, no economy 1, no value 1\n",
         NULL, 19727},
        {"countries without a day", "country_code,country,google_ipv6\nKE,Kenya,12.5\n",
         BAD_INPUT "text: the table states no date; give --date\n"},
        {"weeks",
         "week_starting,weekly_max_percent,weekly_min_percent,source\n2008-09-01,0.75,0.25,x\n"
         "2008-09-08,,0.25,x\n",
         "google-weeks google " GOOGLE "2: WORLD 2008-09-01 0.5 from 0.25 to 0.75\n"
         "lines 3: used 1, version line or heading 1, no value 1\n"},
        {"the script of the world; months are counted from 0",
         "/* a */ var googleIPv6AdoptionData = [\n  [2008, 8, 4, 0.0139, 0.0085],\n"
         "  [2024, 1, 29, 45.5, null],\n  [2024, 2, 1, null, 1],\n  [2024, 12, 1, 1, 1],\n  [1],\n "
         "5,\n];\n",
         "google-script google " GOOGLE "1: WORLD 2008-09-04 0.0139\n2: WORLD 2024-02-29 45.5\n"
         "4? line rejected: not a date: \"2024\"\n5? line rejected: too few fields: \"1\"\n"
         "6? line rejected: damaged\n" BAD_INPUT
         "text: 2 lines used, 3 rejected; wanted a dated series\n"},
        {"the script of the economies",
         "google = {\n  data: [\n[\"KE\", \"Kenya\", 12.5, 3, [1], {\"a\":2}],\n[\"ZZ\", \"?\", "
         "1],\n"
         "[\"UG\", \"Uganda\", 101],\n[\"TZ\", \"Tanzania\", 0.1],\n]};\n",
         "google-script google " GOOGLE "1: KE 2024-01-05 12.5\n"
         "3? line rejected: not a possible number: \"101\"\n4: TZ 2024-01-05 0.1\n"
         "lines 4: used 2, no economy 1, not a possible number 1\n",
         "worldmap-20240105.js"},
        {"economies without a day", "x = {data: [[\"KE\", \"Kenya\", 12.5]]}\n",
         BAD_INPUT "text: the figures state no date; give --date\n"},
    };
    kinds_check(samples, COUNT(samples));
}

#define APNIC                                                                                      \
    "apnic-economy apnic [%] Users that can fetch over IPv6 what an advertisement asks for "       \
    "(APNIC "                                                                                      \
    "Labs, IPv6 measurement)\n"

static const char apnic[] =
    "{\"copyright\":\"x\",\"data\":[{\"date\":\"2024-01-05\",\"cc\":\"KE\",\"raw\":{\"seen\":1040."
    "5,"
    "\"capable\":130,\"capable_pc\":12.5,\"preferred_pc\":11},\"30\":{\"seen\":1,\"capable_pc\":9}}"
    ",\n"
    "{\"30\":{\"seen\":1,\"capable_pc\":9},\"raw\":{\"capable_pc\":\"40\"},\"type\":\"v6region\","
    "\"date\":\"2024-01-06\",\"cc\":\"XA\"},{\"date\":\"2024-01-06\",\"cc\":\"XB\",\"raw\":"
    "{\"capable_pc\":1}},{\"date\":\"2024-01-07\",\"cc\":\"KE\",\"raw\":{}}]}";

static void test_apnic(void **state)
{
    (void)state;
    static const struct kinds_sample samples[] = {
        {"raw figures of days", apnic,
         APNIC "1: KE 2024-01-05 12.5 of 1040.5\n2: WORLD 2024-01-06 40\n"
               "lines 4: used 2, no economy 1, no value 1\n"},
        {"the name tells the economy",
         "{\"data\":[{\"date\":\"2024-01-05\",\"raw\":{\"capable_pc\":1}}]}",
         APNIC "1: UG 2024-01-05 1\nlines 1: used 1\n", "v6economy/UG.json.gz"},
    };
    kinds_check(samples, COUNT(samples));
}

static void test_tables(void **state)
{
    (void)state;
    static const struct kinds_sample samples[] = {
        {"the World Bank",
         "\"Data Source\",\"World Development Indicators\",\n\n"
         "\"Country Name\",\"Country Code\",\"Indicator Name\",\"Indicator "
         "Code\",\"2021\",\"2022\",\n"
         "\"Kenya\",\"KEN\",\"Individuals\",\"IT.NET.USER.ZS\",\"0\",\"40.8\",\n"
         "\"World\",\"WLD\",\"Individuals\",\"IT.NET.USER.ZS\",\"60\",\"63\",\n"
         "\"Uganda\",\"UGA\",\"Individuals\",\"IT.NET.USER.ZS\",\"101\",\"\",\n",
         "indicator-table internet-users [%] Individuals using the Internet, of the population "
         "(World Bank, IT.NET.USER.ZS (ITU))\n4: KE 2021-01-01 0\n4: KE 2022-01-01 40.8\n"
         "6? line rejected: not a possible number: \"101\"\n"
         "lines 6: used 1, blank 1, version line or heading 2, no economy 1, "
         "not a possible number 1\n"},
        {"another indicator",
         "\"Country Name\",\"Country Code\",\"Indicator Name\",\"Indicator Code\","
         "\"2021\"\n\"Kenya\",\"KEN\",\"I\",\"IT.NET.USER.ZS\",\"1\"\n\"Uganda\",\"UGA\",\"I\","
         "\"X\",\"1\"\n",
         "indicator-table internet-users [%] Individuals using the Internet, of the population "
         "(World Bank, IT.NET.USER.ZS (ITU))\n2: KE 2021-01-01 1\n" BAD_INPUT
         "text:3: another indicator than IT.NET.USER.ZS (individuals using the Internet, % of "
         "population)\n"},
        {"a factbook",
         "iso2,gec_file_code,name,internet_users_percent,year,cctld_text\nKE,ke,Kenya,40.8,"
         "2023,.ke\n,kv,Kosovo,89,2018,.xk\nUG,ug,Uganda,,,.ug\n",
         "factbook internet-users-factbook [%] Internet users, of the population (The World "
         "Factbook)\n2: KE 2023-01-01 40.8\n"
         "lines 4: used 1, version line or heading 1, no economy 1, no value 1\n"},
        {"name servers",
         "date,cctld,nameservers,nameservers_with_aaaa_in_root,"
         "nameservers_without_any_address_in_root\n2018-01-29,ke,6,4,1\n2018-01-29,xn--node,2,2,0\n"
         "2018-02-29,ke,6,4,1\n2018-03-29,ke,6,4,3\n2018-03-29,KE,6,4,1\n2018-03-29,ug,1,0,0\n",
         "name-servers cctld-name-servers " SERVERS "2: ke 2018-01-29 4 from 4 to 5 of 6\n"
         "3: xn--node 2018-01-29 2 from 2 to 2 of 2\n4? line rejected: not a date: \"2018-02-29\"\n"
         "5? line rejected: not a possible number: \"2018-03-29,ke,6,4,3\"\n"
         "6? line rejected: not an economy: \"KE\"\n7: ug 2018-03-29 0 from 0 to 0 of 1\n"
         "lines 7: used 3, version line or heading 1, not a date 1, not a possible number 1, "
         "not an economy 1\n"},
    };
    kinds_check(samples, COUNT(samples));
}

#define SOA                                                                                        \
    ".\t86400\tIN\tSOA\ta.root-servers.net. nstld.example. 2024010501 1800 900 604800 86400\n"

static const char zone[] =
    "; made\n" SOA ".\t518400\tIN\tNS\ta.root-servers.net.\n"
    "KE.\t172800\tIN\tNS\tNS1.example.ke.\n\t172800\tIN\tNS\tns2.example.ke.\n"
    "ke. NS ns.example.net.\nke. IN 172800 NS ns.example.net. ; again\n"
    "ke.\t86400\tIN\tDS\t1 8 2 AB\n"
    "net.\t172800\tIN\tNS\tns.example.net.\n"
    "ns.example.net.\t172800\tIN\tA\t192.0.2.1\n"
    "ns1.example.ke.\t172800\tIN\tA\t192.0.2.53\nns1.example.ke.\t172800\tIN\tAAAA\t2001:db8::53\n"
    "uk.\t172800\tIN\tNS\tns.example.org.\n"
    "xn--node.\t172800\tIN\tNS\tns1.example.ke.\n";

static void test_root_zone(void **state)
{
    (void)state;
    static const struct kinds_sample samples[] = {
        {"everything", zone,
         "root-zone cctld-name-servers " SERVERS "4: ke 2024-01-05 1 from 1 to 2 of 3\n"
         "13: uk 2024-01-05 0 from 0 to 1 of 1\n14: xn--node 2024-01-05 1 from 1 to 1 of 1\n"
         "lines 14: used 10, comment 1, record of another kind 3\n",
         "root.zone"},
        {"a record in parentheses",
         "$TTL 86400\n. 86400 IN SOA a. b. (\n ; serial\n 2024010501 ; (\n"
         " 1800 900\n 604800 86400 )\nke. NS ns.example.net.\n",
         "root-zone cctld-name-servers " SERVERS "7: ke 2024-01-05 0 from 0 to 1 of 1\n"
         "lines 7: used 2, comment 1, version line or heading 1, record of another kind 3\n"},
        {"a serial that is no day", ". 86400 IN SOA a. b. 7 1 1 1 1\nke. NS ns.example.net.\n",
         BAD_INPUT "text: the serial is no day; give --date\n"},
        {"a serial that is no day, and the day",
         ". 86400 IN SOA a. b. 7 1 1 1 1\nke. NS ns.example.net.\n",
         "root-zone cctld-name-servers " SERVERS "2: ke 2024-01-05 0 from 0 to 1 of 1\n"
         "lines 2: used 2\n",
         NULL, 19727},
        {"rejected",
         SOA "ke. NS ns.example.net.\nug. NS\nns.example.net. AAAA 192.0.2.1\n"
             "ns.example.net. A 192.0.2.1\n",
         "3? line rejected: damaged: \"ug. NS\"\n"
         "4? line rejected: not an address or AS number: \"192.0.2.1\"\n"
         "root-zone cctld-name-servers " SERVERS "2: ke 2024-01-05 0 from 0 to 0 of 1\n"
         "lines 5: used 3, not an address or AS number 1, damaged 1\n"},
        {"no country in it", SOA "net. NS ns.example.net.\n",
         BAD_INPUT "text: no name server of a country-code domain in it\n"},
    };
    kinds_check(samples, COUNT(samples));
}

static void test_domains(void **state)
{
    (void)state;
    static const struct {
        const char *label, *code;
    } cases[] = {{"ke", "KE"},
                 {"uk", "GB"},
                 {"gb", "GB"},
                 {"eu", "EU"},
                 {"xn--node", "GE"},
                 {"xn--p1ai", "RU"},
                 {"xn--4dbrk0ce", "IL"},
                 {"xn--ygbi2ammx", "PS"},
                 {"ac", "SH"},
                 {"net", NULL},
                 {"", NULL},
                 {"k", NULL},
                 {"KE", NULL},
                 {"xn--nod", NULL},
                 {"xn--nodex", NULL},
                 {"k1", NULL}};
    struct world *world = NULL;
    struct err e;
    assert_int_equal(world_load(LANGUAGE_EN, &world, &e), 0);
    for (size_t i = 0; i < COUNT(cases); i++) {
        economy code = ECONOMY_ODD;
        char text[8];
        assert_int_equal(world_domain(world, slice_of(cases[i].label), &code),
                         cases[i].code != NULL);
        assert_string_equal(economy_format(code, text), cases[i].code ? cases[i].code : "??");
    }
    world_free(&world);
}

static void test_altered(void **state)
{
    (void)state;
    kinds_alter(apnic, sizeof apnic - 1, 1000, 4);
    kinds_alter(zone, sizeof zone - 1, 1000, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_own),       cmocka_unit_test(test_google),
        cmocka_unit_test(test_apnic),     cmocka_unit_test(test_tables),
        cmocka_unit_test(test_root_zone), cmocka_unit_test(test_domains),
        cmocka_unit_test(test_altered),
    };
    return cmocka_run_group_tests_name("observed", tests, NULL, NULL);
}
