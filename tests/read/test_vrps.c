// SPDX-License-Identifier: Apache-2.0
//
// Validated ROA payloads as routinator and rpki-client write them.

#include "kinds.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a)  (sizeof(a) / sizeof *(a))
#define BAD_INPUT "refused, bad input: "
#define WANTED    "validated payloads: ASN, IP Prefix, Max Length, Trust Anchor\n"

static void test_csv(void **state)
{
    (void)state;
    static const struct kinds_sample samples[] = {
        {"routinator",
         "ASN,IP Prefix,Max Length,Trust Anchor\nAS64496,192.0.2.0/24,24,apnic\n"
         "AS64497,2001:db8::/32,48,ripe\nAS0,3fff::/20,20,arin\n",
         "vrps-csv -\n2: 192.0.2.0/24-24 64496 apnic\n3: 2001:db8::/32-48 64497 ripe\n"
         "4: 3fff::/20-20 0 arin\n-, lines 4: used 3, version line or heading 1\n"},
        {"rpki-client",
         "ASN,IP Prefix,Max Length,Trust "
         "Anchor,Expires\nAS64496,192.0.2.0/24,28,lacnic,1704412800\n",
         "vrps-csv 2024-01-05\n2: 192.0.2.0/24-28 64496 lacnic\n"
         "2024-01-05, lines 2: used 1, version line or heading 1\n",
         "vrps-20240105.csv"},
        {"quotes, without AS, without a heading", "\"64496\",\"192.0.2.0/24\",\"24\",\"apnic\"\n",
         "vrps-csv 2024-01-05\n1: 192.0.2.0/24-24 64496 apnic\n2024-01-05, lines 1: used 1\n", NULL,
         19727},
        {"a long name, an odd name",
         "ASN,IP Prefix,Max Length,Trust Anchor\n"
         "AS1,192.0.2.0/24,24,https://rpki.example.com/ta\nAS1,192.0.2.0/24,24,a\tb\n",
         "vrps-csv -\n2: 192.0.2.0/24-24 1 https://rpki.ex\n3: 192.0.2.0/24-24 1 a?b\n"
         "-, lines 3: used 2, version line or heading 1\n"},
        {"rejected",
         "ASN,IP Prefix,Max Length,Trust Anchor\nAS1,192.0.2.0/24,24,a\nAS1,192.0.2.0/24"
         ",24,a\nAS1,192.0.2.0/24,24,a\nAS1,192.0.2.0/24,24,a\nASx,192.0.2.0/24,24,a\n"
         "AS1,192.0.2.0/24,23,a\nAS1,192.0.2.0/24,33,a\nAS1,192.0.2.1/24,24,a\n",
         "vrps-csv -\n2: 192.0.2.0/24-24 1 a\n3: 192.0.2.0/24-24 1 a\n4: 192.0.2.0/24-24 1 a\n"
         "5: 192.0.2.0/24-24 1 a\n6? line rejected: not an origin: \"ASx\"\n"
         "7? line rejected: impossible prefix length or count: \"23\"\n"
         "8? line rejected: impossible prefix length or count: \"33\"\n"
         "9? line rejected: not an address or AS number: \"192.0.2.1/24\"\n"
         "-, lines 9: used 4, version line or heading 1, not an address or AS number 1, "
         "impossible prefix length or count 2, not an origin 1\n"},
        {"the archive of the RIPE NCC",
         "URI,ASN,IP Prefix,Max Length,Not Before,Not After\n"
         "rsync://rpki.example.com/a.roa,AS64496,2001:db8::/32,48,2019-01-01 00:00:00,2020-01-01 "
         "00:00:00\nrsync://rpki.example.com/b.roa,AS64497,192.0.2.0/24,,x,y\n",
         "vrps-csv 2019-03-04\n2: 2001:db8::/32-48 64496 \n3: 192.0.2.0/24-24 64497 \n"
         "2019-03-04, lines 3: used 2, version line or heading 1\n",
         "apnic-20190304.csv"},
        {"nothing in it", "ASN,IP Prefix,Max Length,Trust Anchor\n",
         BAD_INPUT "text: 0 lines used, 0 rejected; wanted " WANTED},
    };
    kinds_check(samples, COUNT(samples));
}

static const char json[] =
    "{\n\t\"metadata\": {\n\t\t\"buildtime\": \"2024-01-05T10:06:01Z\", \"vrps\": 3,\n"
    "\t\t\"more\": {\"buildtime\": \"1999-01-01T00:00:00Z\"}\n\t},\n\t\"roas\": [\n"
    "\t\t{ \"asn\": 64496, \"prefix\": \"192.0.2.0/24\", \"maxLength\": 24, \"ta\": \"arin\", "
    "\"expires\": 1704412800 },\n"
    "\t\t{ \"asn\": \"AS64497\", \"prefix\": \"2001:db8::/32\", \"maxLength\": 48, \"ta\": "
    "\"r\\u0069pe\" },\n"
    "\t\t{ \"asn\": 0, \"prefix\": \"3fff::/20\", \"ta\": null, \"source\": [{\"asn\": 7}] }\n"
    "\t],\n\t\"bgpsec_keys\": [ {\"asn\": 9} ]\n}\n";

static void test_json(void **state)
{
    (void)state;
    static const struct kinds_sample samples[] = {
        {"rpki-client", json,
         "vrps-json 2024-01-05\n1: 192.0.2.0/24-24 64496 arin\n2: 2001:db8::/32-48 64497 ripe\n"
         "3: 3fff::/20-20 0 \n2024-01-05, lines 3: used 3\n",
         "vrps-20200101.json"},
        {"routinator; what the document says comes too late for the head",
         "{\"roas\":[{\"asn\":\"AS64496\",\"prefix\":\"192.0.2.0/"
         "24\",\"maxLength\":24,\"ta\":\"x\"}"
         "],\"metadata\":{\"generated\":1704412800,\"generatedTime\":\"2024-01-05T00:00:00Z\"}}",
         "vrps-json 2020-02-29\n1: 192.0.2.0/24-24 64496 x\n2024-01-05, lines 1: used 1\n", NULL,
         18321},
        {"elements that are none",
         "{\"roas\":[{\"asn\":1,\"prefix\":\"192.0.2.0/24\"},7,[{}],{},{\"asn\":1,\"prefix\":"
         "\"192.0.2.0/24\"},{\"asn\":1,\"prefix\":\"192.0.2.0/24\"}]}",
         "vrps-json -\n1: 192.0.2.0/24-24 1 \n2? line rejected: damaged\n3? line rejected: "
         "damaged\n"
         "4? line rejected: not an origin\n5: 192.0.2.0/24-24 1 \n6: 192.0.2.0/24-24 1 \n"
         "-, lines 6: used 3, not an origin 1, damaged 2\n"},
        {"cut", "{\"roas\":[{\"asn\":1,\"prefix\":\"192.0.2.0/24\"},\n{\"asn\"",
         "vrps-json -\n1: 192.0.2.0/24-24 1 \n" BAD_INPUT "text:2: the JSON text is cut\n"},
        {"empty", "{\"roas\":[]}", BAD_INPUT "text: empty; wanted " WANTED},
        {"not a list", "{\"roas\":{\"asn\":1}}", BAD_INPUT "text: empty; wanted " WANTED},
    };
    kinds_check(samples, COUNT(samples));
}

static void test_altered(void **state)
{
    (void)state;
    kinds_alter(json, sizeof json - 1, 3000, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_csv), cmocka_unit_test(test_json),
                                       cmocka_unit_test(test_altered)};
    return cmocka_run_group_tests_name("vrps", tests, NULL, NULL);
}
