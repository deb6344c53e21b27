// SPDX-License-Identifier: Apache-2.0
//
// The mail part against servers on the loopback interface that misbehave, with a made-up DNS and a
// clock that runs fast.

#include "check/mail_judge.h"
#include "fake_mail.h"
#include "fake_resolver.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define SIX  "::1"
#define FOUR "127.0.0.1"
#define BACK "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa"

static struct {
    int64_t now;
    struct checker c;
    struct fake_resolver fake;
    struct domain d;
    struct fake_identity good, other;
    char pem[64];
} w;

// A made-up second is some milliseconds: what goes over the loopback interface is quicker.
static int64_t monotonic(void *arg)
{
    (void)arg;
    return w.now;
}

static int64_t wall(void *arg)
{
    (void)arg;
    return 1700000000000 + w.now / 1000;
}

static void pass(void *arg, int64_t timeout)
{
    (void)arg;
    if (timeout == 0)
        return;
    nanosleep(&(struct timespec){.tv_nsec = 500000}, NULL);
    w.now += timeout > 0 && timeout < 25000 ? timeout : 25000;
}

static const struct clock fast = {monotonic, wall, pass, NULL};
static const struct gate_limits limits = {8, 128, 0};

static void over(void *arg)
{
    events_stop(((struct domain *)arg)->checker->events);
}

static int set_up(void **state)
{
    (void)state;
    struct err e;
    memset(&w, 0, sizeof w);
    signal(SIGPIPE, SIG_IGN); // the made-up servers write to whoever has gone
    w.now = 1000000000;
    snprintf(w.pem, sizeof w.pem, "/tmp/test-mail-%d.pem", (int)getpid());
    fake_identity_make(&w.good, "mx.example.org", w.pem);
    fake_identity_make(&w.other, "other.example.org", NULL);
    w.c.timeout = 4000000;
    w.c.ipv4_here = w.c.ipv6_here = true;
    if (events_new(&fast, &w.c.events, &e) != 0 || guard_load(&w.c.guard, &e) != 0 ||
        guard_allow(&w.c.guard, SIX, &e) != 0 || guard_allow(&w.c.guard, "127.0.0.0/8", &e) != 0 ||
        gate_new(w.c.events, &limits, &w.c.gate, &e) != 0 ||
        trust_new(w.pem, &w.c.trust, &e) != 0) {
        fprintf(stderr, "%s\n", e.text);
        return -1;
    }
    fake_resolver_init(&w.fake, w.c.events);
    w.c.resolver = &w.fake.base;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    mail_hosts_free(&w.c.mail);
    fake_resolver_done(&w.fake);
    trust_free(&w.c.trust);
    gate_free(&w.c.gate);
    guard_done(&w.c.guard);
    events_free(&w.c.events);
    fake_identity_done(&w.good);
    fake_identity_done(&w.other);
    unlink(w.pem);
    return 0;
}

// ---- one domain

static void begin(const char *domain, unsigned level, unsigned short port)
{
    struct err e;
    w.c.level = level;
    struct mail_world world = {.events = w.c.events,
                               .resolver = w.c.resolver,
                               .gate = w.c.gate,
                               .guard = &w.c.guard,
                               .context = trust_context(w.c.trust),
                               .level = level,
                               .port = port,
                               .timeout = w.c.timeout};
    if (!w.c.mail)
        assert_int_equal(mail_hosts_new(&world, &w.c.mail, &e), 0);
    w.d = (struct domain){.checker = &w.c, .name = domain, .parts_left = 1};
    w.d.result.domain = domain;
    w.d.finish = (struct event_task){.run = over, .arg = &w.d};
    assert_int_equal(part_mail.start(&w.d, &w.d.state[2], &e), 0);
}

static void end(void)
{
    part_mail.drop(&w.d, w.d.state[2]);
    assert_false(w.d.result.failed);
    result_done(&w.d.result);
}

static void run(const char *domain, unsigned level, unsigned short port)
{
    struct err e;
    begin(domain, level, port);
    assert_int_equal(events_run(w.c.events, &e), 0);
    assert_int_equal(w.d.parts_left, 0);
}

static void expect(enum test_kind k, enum verdict v, const char *reason)
{
    const struct test *t = result_find(&w.d.result, k, NULL);
    assert_non_null(t);
    const char *key = t->reason ? t->reason->key : "";
    if (t->verdict != v || strcmp(key, reason) != 0)
        fail_msg("%s is %s %s (%s; %s), wanted %s %s", test_name(k), verdict_name(t->verdict), key,
                 t->details[0], t->details[1], verdict_name(v), reason);
}

static void add(const char *name, uint16_t type, const char *value)
{
    fake_add(&w.fake, name, type, value);
}

static void usual_names(void)
{
    add("example.org", DNS_TYPE_MX, "10 mx.example.org");
    add("mx.example.org", DNS_TYPE_AAAA, SIX);
    add("mx.example.org", DNS_TYPE_A, FOUR);
    add("example.org", DNS_TYPE_TXT, "v=spf1 mx -all");
    add(BACK, DNS_TYPE_PTR, "mx.example.org");
}

static void servers(enum fake_manner six, const struct fake_identity *six_is, enum fake_manner four,
                    const struct fake_identity *four_is, struct fake_mail *ret[2],
                    unsigned short *port)
{
    *port = 0;
    ret[FAMILY_IPV4] = fake_mail_new(w.c.events, FOUR, port, four, four_is);
    assert_non_null(ret[FAMILY_IPV4]);
    ret[FAMILY_IPV6] = fake_mail_new(w.c.events, SIX, port, six, six_is);
    if (!ret[FAMILY_IPV6]) {
        fake_mail_free(&ret[FAMILY_IPV4]);
        skip(); // no IPv6 on the loopback interface
    }
}

static void servers_free(struct fake_mail *mail[2])
{
    for (int f = 0; f < 2; f++) {
        if (!mail[f])
            continue;
        assert_false(fake_mail_heard_other(mail[f]));
        fake_mail_free(&mail[f]);
    }
}

#define ALL (LEVEL_MAIL | LEVEL_CONNECT | LEVEL_DNSSEC)

static void all_is_well(void **state)
{
    (void)state;
    struct fake_mail *mail[2];
    unsigned short port;
    char tlsa[64];
    servers(FAKE_GREETS, &w.good, FAKE_GREETS, &w.good, mail, &port);
    usual_names();
    snprintf(tlsa, sizeof tlsa, "_%u._tcp.mx.example.org", port);
    add(tlsa, DNS_TYPE_TLSA, w.good.tlsa);
    w.fake.secure = true;
    run("example.org", ALL, port);
    for (enum test_kind k = TEST_MAIL_MX; k <= TEST_MAIL_DANE; k++)
        expect(k, VERDICT_PASS, "");
    struct nist_count n = w.d.result.scores.mail;
    assert_true(n.intended && n.interfaces == 1 && n.with_aaaa == 1 && n.reached == 1 &&
                n.operational == 1);
    for (int f = 0; f < 2; f++) {
        assert_int_equal(fake_mail_visits(mail[f]), 1);
        assert_int_equal(fake_mail_encrypted(mail[f]), 1);
    }
    end();
    servers_free(mail);
}

// Each manner over IPv6 while IPv4 is well, and over both.
static void every_manner_has_its_verdict(void **state)
{
    (void)state;
    static const struct {
        enum fake_manner six, four;
        enum verdict greeting;
        const char *why;
        enum verdict starttls;
        const char *tls_why;
        unsigned visits;
    } cases[] = {
        {FAKE_MUTE, FAKE_GREETS, VERDICT_FAIL, "mail-no-greeting", VERDICT_NOT_TESTABLE,
         "mail-not-greeted", 2},
        {FAKE_DRIPS, FAKE_GREETS, VERDICT_FAIL, "mail-no-greeting", VERDICT_NOT_TESTABLE,
         "mail-not-greeted", 2},
        {FAKE_CLOSES, FAKE_GREETS, VERDICT_FAIL, "mail-no-greeting", VERDICT_NOT_TESTABLE,
         "mail-not-greeted", 2},
        {FAKE_FOREIGN, FAKE_GREETS, VERDICT_FAIL, "mail-no-greeting", VERDICT_NOT_TESTABLE,
         "mail-not-greeted", 2},
        {FAKE_DENIES, FAKE_GREETS, VERDICT_FAIL, "mail-denied", VERDICT_NOT_TESTABLE,
         "mail-not-greeted", 1},
        {FAKE_DEFERS, FAKE_GREETS, VERDICT_FAIL, "mail-denied", VERDICT_NOT_TESTABLE,
         "mail-not-greeted", 2},
        {FAKE_DEFERS, FAKE_DEFERS, VERDICT_NOT_TESTABLE, "mail-deferred", VERDICT_NOT_TESTABLE,
         "mail-not-greeted", 2},
        {FAKE_DEFERS_ONCE, FAKE_GREETS, VERDICT_PASS, "", VERDICT_PASS, "", 2},
        {FAKE_MUTE, FAKE_MUTE, VERDICT_NOT_TESTABLE, "mail-neither", VERDICT_NOT_TESTABLE,
         "mail-not-greeted", 2},
        {FAKE_DENIES, FAKE_DENIES, VERDICT_NOT_TESTABLE, "mail-neither", VERDICT_NOT_TESTABLE,
         "mail-not-greeted", 1},
        {FAKE_GREETS, FAKE_MUTE, VERDICT_PASS, "", VERDICT_PASS, "", 1},
        {FAKE_NO_TLS, FAKE_GREETS, VERDICT_PASS, "", VERDICT_FAIL, "mail-starttls-ipv4-only", 1},
        {FAKE_NO_TLS, FAKE_NO_TLS, VERDICT_PASS, "", VERDICT_NOT_APPLICABLE, "mail-no-starttls", 1},
        {FAKE_GREETS, FAKE_NO_TLS, VERDICT_PASS, "", VERDICT_PASS, "", 1},
        {FAKE_INJECTS, FAKE_GREETS, VERDICT_PASS, "", VERDICT_FAIL, "mail-starttls-injected", 1},
        {FAKE_BREAKS_TLS, FAKE_GREETS, VERDICT_PASS, "", VERDICT_FAIL, "mail-tls-fails", 2},
        {FAKE_BREAKS_TLS, FAKE_BREAKS_TLS, VERDICT_PASS, "", VERDICT_NOT_TESTABLE,
         "mail-tls-neither", 2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fake_mail *mail[2];
        unsigned short port;
        servers(cases[i].six, &w.good, cases[i].four, &w.good, mail, &port);
        if (i == 0)
            usual_names();
        run("example.org", LEVEL_MAIL, port);
        expect(TEST_MAIL_GREETING, cases[i].greeting, cases[i].why);
        expect(TEST_MAIL_STARTTLS, cases[i].starttls, cases[i].tls_why);
        assert_int_equal(fake_mail_visits(mail[FAMILY_IPV6]), cases[i].visits);
        end();
        servers_free(mail);
        mail_hosts_free(&w.c.mail);
    }
}

static void certificates_are_compared(void **state)
{
    (void)state;
    const struct {
        const struct fake_identity *six, *four;
        enum verdict v;
        const char *why;
    } cases[] = {
        {&w.good, &w.good, VERDICT_PASS, ""},
        {&w.other, &w.other, VERDICT_PASS, ""}, // self-signed is usual for mail
        {&w.other, &w.good, VERDICT_FAIL, "mail-certificate"},
        {&w.good, &w.other, VERDICT_PASS, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fake_mail *mail[2];
        unsigned short port;
        servers(FAKE_GREETS, cases[i].six, FAKE_GREETS, cases[i].four, mail, &port);
        if (i == 0)
            usual_names();
        run("example.org", LEVEL_MAIL, port);
        expect(TEST_MAIL_STARTTLS, cases[i].v, cases[i].why);
        end();
        servers_free(mail);
        mail_hosts_free(&w.c.mail);
    }
    struct fake_identity third;
    struct fake_mail *mail[2];
    unsigned short port;
    fake_identity_make(&third, "third.example.org", NULL);
    servers(FAKE_GREETS, &third, FAKE_GREETS, &w.other, mail, &port);
    run("example.org", LEVEL_MAIL, port);
    expect(TEST_MAIL_STARTTLS, VERDICT_PARTIAL, "mail-certificate-differs");
    end();
    servers_free(mail);
    fake_identity_done(&third);
}

static void dane_is_compared(void **state)
{
    (void)state;
    struct fake_mail *mail[2];
    unsigned short port;
    char tlsa[64];
    servers(FAKE_GREETS, &w.other, FAKE_GREETS, &w.good, mail, &port);
    usual_names();
    snprintf(tlsa, sizeof tlsa, "_%u._tcp.mx.example.org", port);
    add(tlsa, DNS_TYPE_TLSA, w.good.tlsa);
    const struct {
        bool secure, bogus;
        const char *record;
        enum verdict v;
        const char *why;
    } cases[] = {
        {true, false, w.good.tlsa, VERDICT_FAIL, "mail-dane-ipv4-only"},
        {true, false, w.other.tlsa, VERDICT_PASS, ""},
        {true, false, "3 1 1 0000000000000000000000000000000000000000000000000000000000000000",
         VERDICT_FAIL, "mail-dane-differs"},
        {true, false, "1 1 1 0000000000000000000000000000000000000000000000000000000000000000",
         VERDICT_FAIL, "mail-dane-unusable"},
        {true, false, "3 1 1 0000", VERDICT_FAIL, "mail-dane-unusable"},
        {false, false, w.good.tlsa, VERDICT_NOT_APPLICABLE, "mail-dane-insecure"},
        {false, true, w.good.tlsa, VERDICT_FAIL, "mail-dane-bogus"},
        {true, false, "-", VERDICT_NOT_APPLICABLE, "mail-dane-none"},
        {true, false, "!", VERDICT_NOT_TESTABLE, "any-unresolved"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fake_record *r = &w.fake.records[w.fake.count - 1];
        free(r->value);
        r->value = strdup(cases[i].record);
        r->length = strlen(r->value);
        w.fake.secure = cases[i].secure;
        w.fake.bogus = cases[i].bogus;
        run("example.org", ALL, port);
        expect(TEST_MAIL_DANE, cases[i].v, cases[i].why);
        end();
        mail_hosts_free(&w.c.mail);
    }
    servers_free(mail);
}

// Nobody listens over IPv6, or over neither family.
static void ports_that_do_not_open(void **state)
{
    (void)state;
    unsigned short port = 0;
    struct fake_mail *four = fake_mail_new(w.c.events, FOUR, &port, FAKE_GREETS, &w.good);
    usual_names();
    run("example.org", LEVEL_MAIL, port);
    expect(TEST_MAIL_GREETING, VERDICT_FAIL, "mail-refused");
    expect(TEST_MAIL_STARTTLS, VERDICT_NOT_TESTABLE, "mail-not-greeted");
    assert_int_equal(w.d.result.scores.mail.reached, 0);
    end();
    mail_hosts_free(&w.c.mail);
    run("example.org", LEVEL_CONNECT, port);
    expect(TEST_MAIL_GREETING, VERDICT_FAIL, "mail-refused");
    assert_null(result_find(&w.d.result, TEST_MAIL_STARTTLS, NULL));
    end();
    mail_hosts_free(&w.c.mail);
    fake_mail_free(&four);
    run("example.org", LEVEL_MAIL, port);
    expect(TEST_MAIL_GREETING, VERDICT_NOT_TESTABLE, "any-silent");
    end();
}

static void connecting_alone_says_nothing(void **state)
{
    (void)state;
    struct fake_mail *mail[2];
    unsigned short port;
    servers(FAKE_MUTE, NULL, FAKE_MUTE, NULL, mail, &port);
    usual_names();
    run("example.org", LEVEL_CONNECT, port);
    expect(TEST_MAIL_AAAA, VERDICT_PASS, "");
    expect(TEST_MAIL_GREETING, VERDICT_NOT_TESTABLE, "mail-only-opened");
    assert_int_equal(w.d.result.scores.mail.reached, 1);
    assert_int_equal(w.d.result.scores.mail.operational, 0);
    end();
    servers_free(mail);
}

// ---- names

static void exchangers_that_are_none(void **state)
{
    (void)state;
    static const struct {
        const char *domain, *mx;
        enum verdict v;
        const char *why;
        enum verdict aaaa;
        const char *aaaa_why;
    } cases[] = {
        {"null.test", "0 .", VERDICT_NOT_APPLICABLE, "mail-null-mx", VERDICT_NOT_APPLICABLE,
         "mail-null-mx"},
        {"literal.test", "10 192.0.2.1", VERDICT_FAIL, "mail-mx-literal", VERDICT_NOT_APPLICABLE,
         "mail-no-server"},
        {"nowhere.test", "10 nowhere.example.org", VERDICT_FAIL, "mail-mx-nowhere",
         VERDICT_NOT_APPLICABLE, "mail-no-server"},
        {"alias.test", "10 alias.example.org", VERDICT_PARTIAL, "mail-mx-alias", VERDICT_PASS, ""},
        {"broken.test", "!", VERDICT_NOT_TESTABLE, "any-unresolved", VERDICT_NOT_TESTABLE,
         "any-unresolved"},
        {"empty.test", "-", VERDICT_NOT_APPLICABLE, "mail-no-mx", VERDICT_NOT_APPLICABLE,
         "mail-no-mx"},
        {"four.test", "10 four.example.org", VERDICT_PASS, "", VERDICT_NONE, "mail-no-ipv6"},
        {"dark.test", "10 dark.example.org", VERDICT_PASS, "", VERDICT_NOT_TESTABLE,
         "any-unresolved"},
    };
    struct fake_mail *mail[2];
    unsigned short port;
    servers(FAKE_GREETS, &w.good, FAKE_GREETS, &w.good, mail, &port);
    usual_names();
    add("alias.example.org", DNS_TYPE_CNAME, "mx.example.org");
    add("four.example.org", DNS_TYPE_A, FOUR);
    add("dark.example.org", DNS_TYPE_AAAA, "!");
    add("dark.example.org", DNS_TYPE_A, FOUR);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        add(cases[i].domain, DNS_TYPE_MX, cases[i].mx);
        run(cases[i].domain, LEVEL_MAIL, port);
        expect(TEST_MAIL_MX, cases[i].v, cases[i].why);
        expect(TEST_MAIL_AAAA, cases[i].aaaa, cases[i].aaaa_why);
        assert_int_equal(w.d.result.scores.mail.intended, cases[i].v != VERDICT_NOT_APPLICABLE &&
                                                              cases[i].v != VERDICT_NOT_TESTABLE);
        end();
    }
    run("missing.test", LEVEL_MAIL, port);
    expect(TEST_MAIL_MX, VERDICT_NOT_APPLICABLE, "mail-no-name");
    end();
    servers_free(mail);
}

static void a_null_mx_among_others(void **state)
{
    (void)state;
    struct fake_mail *mail[2];
    unsigned short port;
    servers(FAKE_GREETS, &w.good, FAKE_GREETS, &w.good, mail, &port);
    usual_names();
    add("example.org", DNS_TYPE_MX, "0 .");
    run("example.org", LEVEL_MAIL, port);
    expect(TEST_MAIL_MX, VERDICT_PARTIAL, "mail-null-mx-among");
    expect(TEST_MAIL_GREETING, VERDICT_PASS, "");
    end();
    servers_free(mail);
}

// RFC 5321 5.1: without MX the domain's own addresses; whoever listens there or not.
static void the_domain_itself(void **state)
{
    (void)state;
    struct fake_mail *mail[2];
    unsigned short port;
    servers(FAKE_GREETS, &w.good, FAKE_GREETS, &w.good, mail, &port);
    add("itself.test", DNS_TYPE_AAAA, SIX);
    add("itself.test", DNS_TYPE_A, FOUR);
    run("itself.test", LEVEL_MAIL, port);
    expect(TEST_MAIL_MX, VERDICT_PASS, "");
    expect(TEST_MAIL_GREETING, VERDICT_PASS, "");
    expect(TEST_MAIL_PTR, VERDICT_FAIL, "mail-ptr-none");
    expect(TEST_MAIL_SPF, VERDICT_NOT_APPLICABLE, "mail-spf-none");
    end();
    servers_free(mail);
    mail_hosts_free(&w.c.mail);
    run("itself.test", LEVEL_MAIL, port); // refused over both
    for (enum test_kind k = TEST_MAIL_MX; k <= TEST_MAIL_DANE; k++)
        expect(k, VERDICT_NOT_APPLICABLE, "mail-no-service");
    end();
}

static void a_backup_without_ipv6(void **state)
{
    (void)state;
    struct fake_mail *mail[2];
    unsigned short port;
    servers(FAKE_GREETS, &w.good, FAKE_GREETS, &w.good, mail, &port);
    usual_names();
    add("four.example.org", DNS_TYPE_A, FOUR);
    add("example.org", DNS_TYPE_MX, "20 four.example.org");
    add("turned.test", DNS_TYPE_MX, "20 mx.example.org");
    add("turned.test", DNS_TYPE_MX, "10 four.example.org");
    run("example.org", LEVEL_MAIL, port);
    expect(TEST_MAIL_AAAA, VERDICT_PARTIAL, "mail-backup-no-ipv6");
    for (enum test_kind k = TEST_MAIL_ADDRESSES; k <= TEST_MAIL_PTR; k++)
        expect(k, VERDICT_PASS, "");
    assert_int_equal(w.d.result.scores.mail.interfaces, 2);
    assert_int_equal(w.d.result.scores.mail.with_aaaa, 1);
    assert_int_equal(w.d.result.scores.mail.reached, 1);
    assert_int_equal(w.d.result.scores.mail.partly, 0);
    end();
    run("turned.test", LEVEL_MAIL, port);
    expect(TEST_MAIL_AAAA, VERDICT_PARTIAL, "mail-some-no-ipv6");
    end();
    servers_free(mail);
}

static void odd_addresses_are_not_visited(void **state)
{
    (void)state;
    struct fake_mail *mail[2];
    unsigned short port;
    servers(FAKE_GREETS, &w.good, FAKE_GREETS, &w.good, mail, &port);
    w.c.guard.allowed_count = 0;
    usual_names();
    run("example.org", LEVEL_MAIL, port);
    expect(TEST_MAIL_ADDRESSES, VERDICT_FAIL, "mail-odd-address");
    expect(TEST_MAIL_GREETING, VERDICT_NOT_TESTABLE, "any-private");
    assert_int_equal(fake_mail_visits(mail[0]) + fake_mail_visits(mail[1]), 0);
    end();
    servers_free(mail);
}

static void without_ipv6_here(void **state)
{
    (void)state;
    struct fake_mail *mail[2];
    unsigned short port;
    servers(FAKE_GREETS, &w.good, FAKE_GREETS, &w.good, mail, &port);
    w.c.ipv6_here = false;
    usual_names();
    run("example.org", LEVEL_MAIL, port);
    expect(TEST_MAIL_AAAA, VERDICT_PASS, "");
    expect(TEST_MAIL_GREETING, VERDICT_NOT_TESTABLE, "any-no-ipv6-here");
    expect(TEST_MAIL_STARTTLS, VERDICT_NOT_TESTABLE, "any-no-ipv6-here");
    expect(TEST_MAIL_PTR, VERDICT_PASS, ""); // the DNS says it
    expect(TEST_MAIL_SPF, VERDICT_PASS, "");
    assert_int_equal(fake_mail_visits(mail[FAMILY_IPV6]), 0);
    end();
    servers_free(mail);
}

static void names_that_do_not_lead_back(void **state)
{
    (void)state;
    struct fake_mail *mail[2];
    unsigned short port;
    servers(FAKE_GREETS, &w.good, FAKE_GREETS, &w.good, mail, &port);
    usual_names();
    struct fake_record *pointer = &w.fake.records[w.fake.count - 1];
    const struct {
        const char *value;
        enum verdict v;
        const char *why;
    } cases[] = {
        {"astray.example.org", VERDICT_FAIL, "mail-ptr-astray"},
        {"!", VERDICT_NOT_TESTABLE, "mail-ptr-unknown"},
        {"-", VERDICT_FAIL, "mail-ptr-none"},
        {"mx.example.org", VERDICT_PASS, ""},
    };
    add("astray.example.org", DNS_TYPE_AAAA, "2001:db8::1");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        free(pointer->value);
        pointer->value = strdup(cases[i].value);
        pointer->length = strlen(pointer->value);
        run("example.org", LEVEL_MAIL, port);
        expect(TEST_MAIL_PTR, cases[i].v, cases[i].why);
        end();
        mail_hosts_free(&w.c.mail);
    }
    servers_free(mail);
}

static void spf_is_judged(void **state)
{
    (void)state;
    static const struct {
        const char *record;
        enum verdict v;
        const char *why;
    } cases[] = {
        {"v=spf1 mx -all", VERDICT_PASS, ""},
        {"v=spf1 ip4:127.0.0.1 -all", VERDICT_FAIL, "mail-spf-forgets"},
        {"v=spf1 ip4:127.0.0.1 ip6:2001:db8::/32 ~all", VERDICT_FAIL, "mail-spf-forgets"},
        {"v=spf1 ip4:127.0.0.1 ip6:::1 -all", VERDICT_PASS, ""},
        {"v=spf1 ip4:192.0.2.0/24 -all", VERDICT_NONE, "mail-spf-ipv4-only"},
        {"v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 -all", VERDICT_PASS, ""},
        {"v=spf1 -all", VERDICT_NOT_APPLICABLE, "mail-spf-nobody"},
        {"v=spf1 exists:%{i}.example.org -all", VERDICT_NOT_TESTABLE, "mail-spf-depends"},
        {"v=spf1 ip6:2001:db8::/129 -all", VERDICT_FAIL, "mail-spf-broken"},
        {"nothing of the kind", VERDICT_NOT_APPLICABLE, "mail-spf-none"},
        {"!", VERDICT_NOT_TESTABLE, "mail-spf-unknown"},
    };
    struct fake_mail *mail[2];
    unsigned short port;
    servers(FAKE_GREETS, &w.good, FAKE_GREETS, &w.good, mail, &port);
    usual_names();
    struct fake_record *text = &w.fake.records[w.fake.count - 2];
    assert_int_equal(text->type, DNS_TYPE_TXT);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        free(text->value);
        text->value = strdup(cases[i].record);
        text->length = strlen(text->value);
        run("example.org", LEVEL_MAIL, port);
        expect(TEST_MAIL_SPF, cases[i].v, cases[i].why);
        end();
    }
    servers_free(mail);
}

// ---- many domains

static void a_server_is_asked_once_for_all(void **state)
{
    (void)state;
    struct fake_mail *mail[2];
    unsigned short port;
    servers(FAKE_GREETS, &w.good, FAKE_GREETS, &w.good, mail, &port);
    usual_names();
    for (int i = 0; i < 50; i++) {
        char name[40];
        snprintf(name, sizeof name, "customer%d.test", i);
        add(name, DNS_TYPE_MX, "10 mx.example.org");
        run(name, LEVEL_MAIL, port);
        expect(TEST_MAIL_GREETING, VERDICT_PASS, "");
        end();
    }
    assert_int_equal(fake_mail_visits(mail[0]), 1);
    assert_int_equal(fake_mail_visits(mail[1]), 1);
    servers_free(mail);
}

static void the_memory_of_servers_is_bounded(void **state)
{
    (void)state;
    struct err e;
    run("missing.test", LEVEL_CONNECT, 25);
    end();
    for (int i = 0; i < MAIL_HOSTS_MAX + 300; i++) {
        struct mail_wish wish = {.done = over, .arg = &w.d};
        char name[40];
        snprintf(name, sizeof name, "mx%d.test", i);
        assert_int_equal(mail_hosts_want(w.c.mail, &wish, name, &e), 0);
        assert_int_equal(events_run(w.c.events, &e), 0);
        assert_true(wish.host->complete);
        mail_hosts_leave(w.c.mail, &wish);
    }
    unsigned before = w.fake.asked;
    for (int i = 0; i < 2; i++) { // the newest is still there, the oldest is not
        struct mail_wish wish = {.done = over, .arg = &w.d};
        assert_int_equal(mail_hosts_want(w.c.mail, &wish, i ? "mx0.test" : "mx4390.test", &e), 0);
        assert_int_equal(events_run(w.c.events, &e), 0);
        mail_hosts_leave(w.c.mail, &wish);
        assert_int_equal(w.fake.asked - before, i ? 2 : 0);
    }
}

// The patience for a domain ends at any moment.
static void a_check_can_be_stopped_at_any_time(void **state)
{
    (void)state;
    struct fake_mail *mail[2];
    unsigned short port;
    unsigned late = 0;
    servers(FAKE_MUTE, &w.good, FAKE_GREETS, &w.good, mail, &port);
    usual_names();
    for (int64_t after = 0; after < 90000000; after += after < 200000 ? 5000 : 7000000) {
        struct err e;
        struct event_timer stop = {.due = over, .arg = &w.d};
        begin("example.org", LEVEL_MAIL, port);
        events_after(w.c.events, &stop, after);
        assert_int_equal(events_run(w.c.events, &e), 0);
        events_cancel(w.c.events, &stop);
        if (w.d.parts_left > 0) {
            part_mail.stop(&w.d, w.d.state[2]);
            expect(TEST_MAIL_GREETING, VERDICT_NOT_TESTABLE, "any-no-patience");
            if (after > 1000000) // it does not wait for the greeting
                expect(TEST_MAIL_SPF, VERDICT_PASS, "");
            late++;
        }
        end();
        mail_hosts_free(&w.c.mail);
    }
    assert_true(late > 10);
    servers_free(mail);
}

// ---- facts that are made up

static struct mail_host made_up(struct mail_address seen[2], enum smtp_greeting six,
                                enum smtp_greeting four)
{
    struct mail_host h = {.name = "mx.example.org", .addresses = seen, .count = 2, .known = true};
    for (enum family f = FAMILY_IPV6; f <= FAMILY_IPV4; f++) {
        h.lookups[f] = (struct mail_lookup){.done = true, .status = LOOKUP_FOUND, .count = 1};
        seen[f] = (struct mail_address){.at = {f, 25, 1}, .attempts = MAIL_ATTEMPTS};
        seen[f].settled = true;
        seen[f].pointer = POINTER_BACK;
        seen[f].report.seen.greeting = f == FAMILY_IPV6 ? six : four;
        if (seen[f].report.seen.greeting != SMTP_GREETED)
            continue;
        seen[f].report.seen.encryption = SMTP_TLS_WORKS;
        seen[f].report.certificate.shown = seen[f].report.certificate.valid = true;
    }
    return h;
}

static void a_stop_judges_what_was_seen(void **state)
{
    (void)state;
    struct mail_address seen[2];
    struct mail_host h = made_up(seen, SMTP_MUTE, SMTP_GREETED);
    struct mail_facts f = {.level = LEVEL_MAIL, .ipv4_here = true, .ipv6_here = true};
    assert_int_equal(mail_judge_greeting(&f, &h).verdict, VERDICT_FAIL);
    for (enum family family = FAMILY_IPV6; family <= FAMILY_IPV4; family++) {
        seen[family].settled = false; // it may be asked again
        struct mail_state s = mail_judge_greeting(&f, &h);
        assert_int_equal(s.verdict, VERDICT_NOT_TESTABLE);
        assert_string_equal(s.reason, "any-no-patience");
        seen[family].settled = true;
    }
    seen[FAMILY_IPV6].report.seen.greeting = SMTP_DEFERRED;
    assert_int_equal(mail_judge_greeting(&f, &h).verdict, VERDICT_FAIL);
    seen[FAMILY_IPV6].attempts = 1; // once is no proof
    assert_int_equal(mail_judge_greeting(&f, &h).verdict, VERDICT_NOT_TESTABLE);
}

static void a_backup_that_refuses(void **state)
{
    (void)state;
    struct mail_address seen[2][2];
    struct mail_host good = made_up(seen[0], SMTP_GREETED, SMTP_GREETED);
    struct mail_host bad = made_up(seen[1], SMTP_REFUSED, SMTP_GREETED);
    struct mail_facts f = {
        .domain = "example.org",
        .level = LEVEL_MAIL,
        .ipv4_here = true,
        .ipv6_here = true,
        .mx = {.done = true, .status = LOOKUP_FOUND, .count = 2},
        .exchangers = {{10, EXCHANGER_HOST, good.name, &good}, {20, EXCHANGER_HOST, "b", &bad}},
        .count = 2};
    w.d = (struct domain){.checker = &w.c, .name = "example.org"};
    mail_judge(&f, &w.d.result);
    expect(TEST_MAIL_GREETING, VERDICT_PARTIAL, "mail-refused");
    expect(TEST_MAIL_STARTTLS, VERDICT_PASS, "");
    expect(TEST_MAIL_PTR, VERDICT_PASS, "");
    result_done(&w.d.result);
}

static void more_addresses_than_are_tried(void **state)
{
    (void)state;
    struct mail_address seen[2];
    struct mail_host h = made_up(seen, SMTP_GREETED, SMTP_GREETED);
    struct result r = {0};
    struct test *t = result_test(&r, TEST_MAIL_GREETING, h.name);
    h.left_out = 3;
    mail_evidence_visits(&r, t, &h);
    assert_int_equal(t->evidence.count, 3);
    assert_string_equal(t->evidence.at[2].answer, "3 more addresses are not tried");
    result_done(&r);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(all_is_well),
        TEST(every_manner_has_its_verdict),
        TEST(certificates_are_compared),
        TEST(dane_is_compared),
        TEST(ports_that_do_not_open),
        TEST(connecting_alone_says_nothing),
        TEST(exchangers_that_are_none),
        TEST(a_null_mx_among_others),
        TEST(the_domain_itself),
        TEST(a_backup_without_ipv6),
        TEST(odd_addresses_are_not_visited),
        TEST(without_ipv6_here),
        TEST(names_that_do_not_lead_back),
        TEST(spf_is_judged),
        TEST(a_server_is_asked_once_for_all),
        TEST(the_memory_of_servers_is_bounded),
        TEST(a_check_can_be_stopped_at_any_time),
        TEST(a_stop_judges_what_was_seen),
        TEST(a_backup_that_refuses),
        TEST(more_addresses_than_are_tried),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
