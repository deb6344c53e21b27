// SPDX-License-Identifier: Apache-2.0
//
// Names of ASes, and users of networks.

#include "kinds.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a)  (sizeof(a) / sizeof *(a))
#define BAD_INPUT "refused, bad input: "
#define X50       "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define X199      X50 X50 X50 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static void test_names(void **state)
{
    (void)state;
    static const struct kinds_sample samples[] = {
        {"CSV",
         "asn,name,country,registry\nAS64496,\"Example \"\"Net\"\", LLC\",KE,afrinic\n64497,B,"
         "jp,jpnic\nAS4200000000,,,\nAS64498,C\n",
         "as-names-csv 2020-04-01\n2: 64496 KE afrinic \"Example \"Net\", LLC\"\n"
         "3: 64497 JP jpnic \"B\"\n4: 4200000000 none  \"\"\n5: 64498 none  \"C\"\n"
         "lines 5: used 4, version line or heading 1\n",
         "names-20200401.csv"},
        {"a long name is cut between characters, a long registry anywhere",
         "asn,name,country,registry\n1," X199 "\xc3\xa9,KE,\"a b\tcdefghijklmnopqrstuvwxyz\"\n",
         "as-names-csv -\n2: 1 KE a?b?cdefghijklm \"" X199 "\"\n"
         "lines 2: used 1, version line or heading 1\n"},
        {"rejected", "asn,name,country\n1,a,KE\nx,b,KE\n2\n3,c,KEN\n",
         "as-names-csv -\n2: 1 KE  \"a\"\n3? line rejected: not an origin: \"x\"\n"
         "4? line rejected: too few fields: \"2\"\n5: 3 ??  \"c\"\n"
         "lines 5: used 2, version line or heading 1, too few fields 1, not an origin 1\n"},
        {"text",
         "64496 EXAMPLE-AS Example Net, KE\n64497 TWO, Three, Ltd., UG\n64498 PLAIN\n"
         "64499 SIX, Seven\n# made\n",
         "as-names-text -\n1: 64496 KE  \"EXAMPLE-AS Example Net\"\n"
         "2: 64497 UG  \"TWO, Three, Ltd.\"\n3: 64498 none  \"PLAIN\"\n"
         "4: 64499 none  \"SIX, Seven\"\nlines 5: used 4, comment 1\n"},
        {"cut", "64496 EXAMPLE-AS Example Net, KE\n64497 TW",
         "as-names-text -\n1: 64496 KE  \"EXAMPLE-AS Example Net\"\n2: 64497 none  "
         "\"TW\"\n" BAD_INPUT "text:2: the last line has no end; wanted a whole file\n"},
    };
    kinds_check(samples, COUNT(samples));
}

static const char json[] =
    "{\"copyright\":\"x\",\"Date\":\"05/09/2025\",\"Window\":\"60\",\"Data\":[\n"
    "{\"rank\":1,\"AS\":64496,\"Description\":\"A, B\",\"CC\":\"KE\",\"Users\":1000,"
    "\"Percent of CC Pop\":1.5,\"Percent of Internet\":0.1,\"Samples\":20},\n"
    "{\"rank\":2,\"AS\":64497,\"Description\":\"C\",\"CC\":\"UG\",\"Users\":12.5}]}\n";

static void test_users(void **state)
{
    (void)state;
    static const struct kinds_sample samples[] = {
        {"CSV",
         "asn,name,cc,users,country_pct,internet_pct,samples\n64496,\"A, B\",KE,1000,1.5,0.1,20\n"
         "64497,C,ug,12.5,1,1,\n",
         "users-per-as-csv 2022-04-20\n2: 64496 KE 1000 of 20\n3: 64497 UG 12.5\n"
         "2022-04-20, lines 3: used 2, version line or heading 1\n",
         "aspop-20220420.csv"},
        {"JSON, which says its day", json,
         "users-per-as-json 2025-09-05\n1: 64496 KE 1000 of 20\n2: 64497 UG 12.5\n"
         "2025-09-05, lines 2: used 2\n",
         "aspop-20220420.json"},
        {"rejected",
         "asn,name,cc,users,country_pct,internet_pct,samples\n1,a,KE,1,1,1,1\n2,a,KE,2,1,1,2\n"
         "3,a,KE,3,1,1,3\n4,a,KE,4,1,1,4\nx,a,KE,1,1,1,1\n5,a,KEN,1,1,1,1\n6,a,KE,-1,1,1,1\n"
         "7,a,KE,1,1,1,1e3\n",
         "users-per-as-csv -\n2: 1 KE 1 of 1\n3: 2 KE 2 of 2\n4: 3 KE 3 of 3\n5: 4 KE 4 of 4\n"
         "6? line rejected: not an origin: \"x\"\n7? line rejected: not an economy: \"KEN\"\n"
         "8? line rejected: not a possible number: \"-1\"\n"
         "9? line rejected: not a possible number: \"1e3\"\n-, lines 9: used 4, "
         "version line or heading 1, not an origin 1, not a possible number 2, not an economy 1\n"},
    };
    kinds_check(samples, COUNT(samples));
}

static void test_altered(void **state)
{
    (void)state;
    kinds_alter(json, sizeof json - 1, 2000, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_names), cmocka_unit_test(test_users),
                                       cmocka_unit_test(test_altered)};
    return cmocka_run_group_tests_name("as_names", tests, NULL, NULL);
}
