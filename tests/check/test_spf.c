// SPDX-License-Identifier: Apache-2.0
//
// SPF: the examples of RFC 7208 (macros 7.4, records of appendix A), its limits, and what is seen
// on the way. A whole test suite and another implementation: spf_suite_test.py.

#include "check/spf.h"
#include "fake_resolver.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct events *events;
static struct fake_resolver fake;

static int set_up(void **state)
{
    (void)state;
    struct err e;
    if (events_new(&clock_real, &events, &e) != 0)
        return -1;
    fake_resolver_init(&fake, events);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fake_resolver_done(&fake);
    events_free(&events);
    return 0;
}

static void done(void *arg)
{
    *(bool *)arg = true;
}

static struct spf_found ask(const char *address, const char *domain)
{
    char sender[300];
    bool is_done = false;
    uint32_t four = 0;
    u128 six = 0;
    bool is_four = ipv4_parse(slice_of(address), &four);
    assert_true(is_four || ipv6_parse(slice_of(address), &six));
    snprintf(sender, sizeof sender, "postmaster@%s", domain);
    struct spf_question q = {.events = events,
                             .resolver = &fake.base,
                             .family = is_four ? FAMILY_IPV4 : FAMILY_IPV6,
                             .address = is_four ? four : six,
                             .domain = domain,
                             .sender = sender,
                             .helo = "helo.example.org",
                             .done = done,
                             .arg = &is_done};
    struct spf_check *c = NULL;
    struct err e;
    assert_int_equal(spf_check_new(&q, &c, &e), 0);
    assert_int_equal(events_run(events, &e), 0);
    assert_true(is_done);
    struct spf_found found = *spf_check_found(c);
    spf_check_free(&c);
    return found;
}

// ---- 7.4

static void macros_expand_as_in_the_rfc(void **state)
{
    (void)state;
    static const char *const four[][2] = {
        {"%{s}", "strong-bad@email.example.com"},
        {"%{o}", "email.example.com"},
        {"%{d}", "email.example.com"},
        {"%{d4}", "email.example.com"},
        {"%{d3}", "email.example.com"},
        {"%{d2}", "example.com"},
        {"%{d1}", "com"},
        {"%{dr}", "com.example.email"},
        {"%{d2r}", "example.email"},
        {"%{l}", "strong-bad"},
        {"%{l-}", "strong.bad"},
        {"%{lr}", "strong-bad"},
        {"%{lr-}", "bad.strong"},
        {"%{l1r-}", "strong"},
        {"%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com"},
        {"%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com"},
        {"%{lr-}.lp.%{ir}.%{v}._spf.%{d2}", "bad.strong.lp.3.2.0.192.in-addr._spf.example.com"},
        {"%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}", "3.2.0.192.in-addr.strong.lp._spf.example.com"},
        {"%{d2}.trusted-domains.example.net", "example.com.trusted-domains.example.net"},
        {"%{p}.%%.%-.%_", "mx.example.org.%.%20. "},
        {"%{S}", "strong-bad%40email.example.com"},
    };
    struct spf_words w = {.family = FAMILY_IPV4,
                          .address = 0xc0000203,
                          .domain = "email.example.com",
                          .sender = "strong-bad@email.example.com",
                          .helo = "helo.example.org",
                          .validated = "mx.example.org"};
    char name[SPF_TARGET_MAX + 1];
    for (size_t i = 0; i < sizeof four / sizeof *four; i++) {
        assert_true(spf_expand(slice_of(four[i][0]), &w, name));
        assert_string_equal(name, four[i][1]);
    }
    w.family = FAMILY_IPV6;
    assert_true(ipv6_parse(slice_of("2001:db8::cb01"), &w.address));
    assert_true(spf_expand(slice_of("%{ir}.%{v}._spf.%{d2}"), &w, name));
    assert_string_equal(name, "1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2."
                              "ip6._spf.example.com");
}

static void long_names_lose_labels_at_the_left(void **state)
{
    (void)state;
    struct spf_words w = {.domain = "example.org", .sender = "a@b", .helo = "", .validated = ""};
    char spec[600] = "", name[SPF_TARGET_MAX + 1];
    for (size_t i = 0; i < 50; i++)
        snprintf(spec + strlen(spec), sizeof spec - strlen(spec), "l%03zu.", i);
    snprintf(spec + strlen(spec), sizeof spec - strlen(spec), "%%{d}");
    assert_true(spf_expand(slice_of(spec), &w, name));
    assert_int_equal(strlen(name), 5 * 48 + 11);
    assert_memory_equal(name, "l002.", 5);
}

// ---- appendix A

static void appendix_a(void)
{
    static const char *const zone[][3] = {
        {"example.com", "10", "mail-a.example.com"},
        {"example.com", "20", "mail-b.example.com"},
    };
    for (size_t i = 0; i < 2; i++) {
        char value[100];
        snprintf(value, sizeof value, "%s %s", zone[i][1], zone[i][2]);
        fake_add(&fake, zone[i][0], DNS_TYPE_MX, value);
    }
    fake_add(&fake, "example.com", DNS_TYPE_A, "192.0.2.10");
    fake_add(&fake, "example.com", DNS_TYPE_A, "192.0.2.11");
    fake_add(&fake, "amy.example.com", DNS_TYPE_A, "192.0.2.65");
    fake_add(&fake, "bob.example.com", DNS_TYPE_A, "192.0.2.66");
    fake_add(&fake, "mail-a.example.com", DNS_TYPE_A, "192.0.2.129");
    fake_add(&fake, "mail-b.example.com", DNS_TYPE_A, "192.0.2.130");
    fake_add(&fake, "example.org", DNS_TYPE_MX, "10 mail-c.example.org");
    fake_add(&fake, "mail-c.example.org", DNS_TYPE_A, "192.0.2.140");
    fake_add(&fake, "10.2.0.192.in-addr.arpa", DNS_TYPE_PTR, "example.com");
    fake_add(&fake, "65.2.0.192.in-addr.arpa", DNS_TYPE_PTR, "amy.example.com");
    fake_add(&fake, "140.2.0.192.in-addr.arpa", DNS_TYPE_PTR, "mail-c.example.org");
    fake_add(&fake, "4.0.0.10.in-addr.arpa", DNS_TYPE_PTR, "bob.example.com");
}

static void expect(const char *record, const char *address, enum spf_result result)
{
    fake_add(&fake, "example.com", DNS_TYPE_TXT, record);
    assert_int_equal(ask(address, "example.com").result, result);
    fake.count--;
    free(fake.records[fake.count].name);
    free(fake.records[fake.count].value);
}

static void records_pass_as_in_appendix_a(void **state)
{
    (void)state;
    appendix_a();
    expect("v=spf1 +all", "203.0.113.7", SPF_PASS);
    expect("v=spf1 a -all", "192.0.2.10", SPF_PASS);
    expect("v=spf1 a -all", "192.0.2.65", SPF_FAIL);
    expect("v=spf1 a:example.org -all", "192.0.2.10", SPF_FAIL);
    expect("v=spf1 mx -all", "192.0.2.129", SPF_PASS);
    expect("v=spf1 mx -all", "192.0.2.140", SPF_FAIL);
    expect("v=spf1 mx:example.org -all", "192.0.2.140", SPF_PASS);
    expect("v=spf1 mx mx:example.org -all", "192.0.2.130", SPF_PASS);
    expect("v=spf1 mx/30 mx:example.org/30 -all", "192.0.2.131", SPF_PASS);
    expect("v=spf1 mx/30 mx:example.org/30 -all", "192.0.2.143", SPF_PASS);
    expect("v=spf1 mx/30 mx:example.org/30 -all", "192.0.2.132", SPF_FAIL);
    expect("v=spf1 ptr -all", "192.0.2.10", SPF_PASS);
    expect("v=spf1 ptr -all", "192.0.2.65", SPF_PASS);
    expect("v=spf1 ptr -all", "192.0.2.140", SPF_FAIL);
    expect("v=spf1 ptr -all", "10.0.0.4", SPF_FAIL); // its name does not lead back
    expect("v=spf1 ip4:192.0.2.128/28 -all", "192.0.2.129", SPF_PASS);
    expect("v=spf1 ip4:192.0.2.128/28 -all", "192.0.2.65", SPF_FAIL);
}

// ---- limits

static void more_than_ten_terms_are_an_error(void **state)
{
    (void)state;
    char record[400] = "v=spf1";
    fake_add(&fake, "x.example.org", DNS_TYPE_A, "192.0.2.200");
    for (int terms = 1; terms <= 11; terms++) {
        char name[40];
        snprintf(record + strlen(record), sizeof record - strlen(record), " a:x.example.org");
        snprintf(name, sizeof name, "n%d.example.com", terms);
        char whole[420];
        snprintf(whole, sizeof whole, "%s -all", record);
        fake_add(&fake, name, DNS_TYPE_TXT, whole);
        struct spf_found f = ask("192.0.2.1", name);
        assert_int_equal(f.result, terms <= 10 ? SPF_FAIL : SPF_PERMERROR);
        assert_int_equal(f.lookups, terms);
    }
}

static void loops_end(void **state)
{
    (void)state;
    fake_add(&fake, "a.example.org", DNS_TYPE_TXT, "v=spf1 include:b.example.org");
    fake_add(&fake, "b.example.org", DNS_TYPE_TXT, "v=spf1 redirect=a.example.org");
    assert_int_equal(ask("192.0.2.1", "a.example.org").result, SPF_PERMERROR);
    assert_true(fake.asked <= 12);
}

static void void_lookups_are_an_error(void **state)
{
    (void)state;
    fake_add(&fake, "two.example.org", DNS_TYPE_TXT, "v=spf1 a:x1.test a:x2.test -all");
    fake_add(&fake, "three.example.org", DNS_TYPE_TXT,
             "v=spf1 a:x1.test a:x2.test mx:x3.test -all");
    assert_int_equal(ask("192.0.2.1", "two.example.org").result, SPF_FAIL);
    assert_int_equal(ask("192.0.2.1", "three.example.org").result, SPF_PERMERROR);
    // Servers of an "mx" that have no address of the family are no term that finds nothing.
    fake_add(&fake, "mx.example.org", DNS_TYPE_TXT, "v=spf1 mx -all");
    for (char c = 'a'; c < 'f'; c++) {
        char value[40], name[30];
        snprintf(name, sizeof name, "%c.mx.example.org", c);
        snprintf(value, sizeof value, "10 %s", name);
        fake_add(&fake, "mx.example.org", DNS_TYPE_MX, value);
        fake_add(&fake, name, DNS_TYPE_A, "192.0.2.1");
    }
    assert_int_equal(ask("2001:db8::1", "mx.example.org").result, SPF_FAIL);
    assert_int_equal(ask("192.0.2.1", "mx.example.org").result, SPF_PASS);
}

// ---- what is seen on the way

static void what_covers_a_family_is_counted(void **state)
{
    (void)state;
    fake_add(&fake, "a.example.org", DNS_TYPE_TXT,
             "v=spf1 ip4:192.0.2.0/24 -ip6:2001:db8:1::/48 include:b.example.org -all");
    fake_add(&fake, "b.example.org", DNS_TYPE_TXT,
             "v=spf1 ip6:2001:db8:2::/48 a:c.example.org ~all");
    fake_add(&fake, "c.example.org", DNS_TYPE_AAAA, "2001:db8:3::1");
    struct spf_found f = ask("2001:db8::1", "a.example.org");
    assert_int_equal(f.result, SPF_FAIL);
    assert_int_equal(f.covers[FAMILY_IPV4], 1);
    assert_int_equal(f.covers[FAMILY_IPV6], 2);
    assert_false(f.depends);
    assert_string_equal(f.record,
                        "v=spf1 ip4:192.0.2.0/24 -ip6:2001:db8:1::/48 include:b.example.org -all");
    assert_int_equal(ask("2001:db8:2::1", "a.example.org").result, SPF_PASS);
    assert_int_equal(ask("2001:db8:3::1", "a.example.org").result, SPF_PASS);
    assert_int_equal(ask("::ffff:192.0.2.1", "a.example.org").result, SPF_PASS); // IPv4-mapped
}

static void failures_are_temporary(void **state)
{
    (void)state;
    fake_add(&fake, "a.example.org", DNS_TYPE_TXT, "v=spf1 a:broken.example.org -all");
    fake_add(&fake, "broken.example.org", DNS_TYPE_A, "!");
    struct spf_found f = ask("192.0.2.1", "a.example.org");
    assert_int_equal(f.result, SPF_TEMPERROR);
    assert_string_equal(f.why, "broken.example.org could not be looked up: no server answers");
}

static void a_check_can_be_given_up(void **state)
{
    (void)state;
    struct err e;
    bool is_done = false;
    struct spf_check *c = NULL;
    struct spf_question q = {.events = events,
                             .resolver = &fake.base,
                             .family = FAMILY_IPV4,
                             .domain = "a.example.org",
                             .sender = "x@a.example.org",
                             .helo = "",
                             .done = done,
                             .arg = &is_done};
    assert_int_equal(spf_check_new(&q, &c, &e), 0);
    spf_check_free(&c);
    assert_int_equal(events_run(events, &e), 0);
    assert_false(is_done);
}

static void addresses_have_names(void **state)
{
    (void)state;
    char name[REVERSE_NAME_MAX];
    u128 six;
    assert_true(ipv6_parse(slice_of("2001:db8::567:89ab"), &six)); // RFC 3596 2.5's form
    reverse_name(FAMILY_IPV6, six, name);
    assert_string_equal(name,
                        "b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa");
    reverse_name(FAMILY_IPV4, 0xc0000203, name);
    assert_string_equal(name, "3.2.0.192.in-addr.arpa");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(macros_expand_as_in_the_rfc),
        cmocka_unit_test(long_names_lose_labels_at_the_left),
        cmocka_unit_test_setup_teardown(records_pass_as_in_appendix_a, set_up, tear_down),
        cmocka_unit_test_setup_teardown(more_than_ten_terms_are_an_error, set_up, tear_down),
        cmocka_unit_test_setup_teardown(loops_end, set_up, tear_down),
        cmocka_unit_test_setup_teardown(void_lookups_are_an_error, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_covers_a_family_is_counted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(failures_are_temporary, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_check_can_be_given_up, set_up, tear_down),
        cmocka_unit_test(addresses_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
