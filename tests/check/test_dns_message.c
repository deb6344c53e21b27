// SPDX-License-Identifier: Apache-2.0
//
// Messages of the DNS against octets that dnspython made, names there and back, and what is no
// message.

#include "check/dns_message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

// clang-format off
static const uint8_t question[] = {
    0x12, 0x34, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x03, 0x77, 0x77, 0x77,
    0x07, 0x65, 0x78, 0x61, 0x6d, 0x70, 0x6c, 0x65, 0x03, 0x6f, 0x72, 0x67, 0x00, 0x00, 0x1c, 0x00,
    0x01, 0x00, 0x00, 0x29, 0x04, 0xd0, 0x00, 0x00, 0x80, 0x00, 0x00, 0x00,
};
static const uint8_t question_plain[] = {
    0x00, 0x07, 0x01, 0x10, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x00,
    0x01,
};
static const uint8_t answer[] = {
    0x12, 0x34, 0x84, 0x00, 0x00, 0x01, 0x00, 0x0a, 0x00, 0x04, 0x00, 0x02, 0x03, 0x77, 0x77, 0x77,
    0x07, 0x65, 0x78, 0x61, 0x6d, 0x70, 0x6c, 0x65, 0x03, 0x6f, 0x72, 0x67, 0x00, 0x00, 0x1c, 0x00,
    0x01, 0xc0, 0x0c, 0x00, 0x05, 0x00, 0x01, 0x00, 0x00, 0x01, 0x2c, 0x00, 0x07, 0x04, 0x68, 0x6f,
    0x73, 0x74, 0xc0, 0x10, 0xc0, 0x2d, 0x00, 0x1c, 0x00, 0x01, 0x00, 0x00, 0x00, 0x3c, 0x00, 0x10,
    0x20, 0x01, 0x0d, 0xb8, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01,
    0xc0, 0x2d, 0x00, 0x1c, 0x00, 0x01, 0x00, 0x00, 0x00, 0x3c, 0x00, 0x10, 0x20, 0x01, 0x0d, 0xb8,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0xc0, 0x2d, 0x00, 0x01,
    0x00, 0x01, 0x00, 0x00, 0x00, 0x3c, 0x00, 0x04, 0xc0, 0x00, 0x02, 0x01, 0xc0, 0x10, 0x00, 0x0f,
    0x00, 0x01, 0x00, 0x00, 0x0e, 0x10, 0x00, 0x09, 0x00, 0x0a, 0x04, 0x6d, 0x61, 0x69, 0x6c, 0xc0,
    0x10, 0xc0, 0x10, 0x00, 0x0f, 0x00, 0x01, 0x00, 0x00, 0x0e, 0x10, 0x00, 0x03, 0x00, 0x00, 0x00,
    0xc0, 0x10, 0x00, 0x10, 0x00, 0x01, 0x00, 0x00, 0x0e, 0x10, 0x00, 0x1f, 0x18, 0x76, 0x3d, 0x73,
    0x70, 0x66, 0x31, 0x20, 0x69, 0x70, 0x36, 0x3a, 0x32, 0x30, 0x30, 0x31, 0x3a, 0x64, 0x62, 0x38,
    0x3a, 0x3a, 0x2f, 0x33, 0x32, 0x05, 0x20, 0x2d, 0x61, 0x6c, 0x6c, 0x01, 0x31, 0x01, 0x30, 0x01,
    0x30, 0x01, 0x32, 0x03, 0x69, 0x70, 0x36, 0xc0, 0x10, 0x00, 0x0c, 0x00, 0x01, 0x00, 0x00, 0x0e,
    0x10, 0x00, 0x02, 0xc0, 0x2d, 0x03, 0x73, 0x75, 0x62, 0xc0, 0x10, 0x00, 0x27, 0x00, 0x01, 0x00,
    0x00, 0x0e, 0x10, 0x00, 0x0d, 0x07, 0x65, 0x78, 0x61, 0x6d, 0x70, 0x6c, 0x65, 0x03, 0x6e, 0x65,
    0x74, 0x00, 0x03, 0x5f, 0x32, 0x35, 0x04, 0x5f, 0x74, 0x63, 0x70, 0xc0, 0x8a, 0x00, 0x34, 0x00,
    0x01, 0x00, 0x00, 0x0e, 0x10, 0x00, 0x23, 0x03, 0x01, 0x01, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab,
    0xcd, 0xef, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab,
    0xcd, 0xef, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0xc0, 0x10, 0x00, 0x02, 0x00, 0x01,
    0x00, 0x01, 0x51, 0x80, 0x00, 0x06, 0x03, 0x6e, 0x73, 0x31, 0xc0, 0x10, 0xc0, 0x10, 0x00, 0x02,
    0x00, 0x01, 0x00, 0x01, 0x51, 0x80, 0x00, 0x11, 0x03, 0x6e, 0x73, 0x32, 0x07, 0x65, 0x78, 0x61,
    0x6d, 0x70, 0x6c, 0x65, 0x03, 0x6e, 0x65, 0x74, 0x00, 0xc0, 0x10, 0x00, 0x2b, 0x00, 0x01, 0x00,
    0x01, 0x51, 0x80, 0x00, 0x24, 0x30, 0x39, 0x0d, 0x02, 0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66,
    0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff, 0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66,
    0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff, 0xc0, 0x10, 0x00, 0x06, 0x00, 0x01, 0x00,
    0x00, 0x03, 0x84, 0x00, 0x24, 0xc1, 0x46, 0x0b, 0x68, 0x6f, 0x73, 0x74, 0x2e, 0x6d, 0x61, 0x73,
    0x74, 0x65, 0x72, 0xc0, 0x10, 0x78, 0xa3, 0xf1, 0xdb, 0x00, 0x00, 0x1c, 0x20, 0x00, 0x00, 0x0e,
    0x10, 0x00, 0x12, 0x75, 0x00, 0x00, 0x00, 0x01, 0x2c, 0xc1, 0x46, 0x00, 0x1c, 0x00, 0x01, 0x00,
    0x01, 0x51, 0x80, 0x00, 0x10, 0x20, 0x01, 0x0d, 0xb8, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x53, 0x00, 0x00, 0x29, 0x10, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
};
static const uint8_t bad_version[] = {
    0x12, 0x34, 0x80, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x03, 0x77, 0x77, 0x77,
    0x07, 0x65, 0x78, 0x61, 0x6d, 0x70, 0x6c, 0x65, 0x03, 0x6f, 0x72, 0x67, 0x00, 0x00, 0x1c, 0x00,
    0x01, 0x00, 0x00, 0x29, 0x04, 0xd0, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00,
};
// clang-format on

static struct dns_name name_of(const char *text)
{
    struct dns_name n;
    assert_true(dns_name_parse(slice_of(text), &n));
    return n;
}

static void assert_name(const struct dns_name *n, const char *wanted)
{
    char text[DNS_TEXT_MAX];
    assert_string_equal(dns_name_text(n, text), wanted);
}

static void test_names(void **state)
{
    (void)state;
    struct dns_name n = name_of("WWW.Example.org.");
    assert_name(&n, "www.example.org");
    assert_int_equal(n.length, 17);
    assert_int_equal(dns_name_labels(&n), 3);
    n = name_of(".");
    assert_name(&n, ".");
    assert_int_equal(n.length, 1);
    n = name_of("a\\.b\\032\\\\.test");
    assert_int_equal(n.at[0], 5);
    assert_memory_equal(n.at + 1, "a.b \\", 5);
    assert_name(&n, "a\\.b\\032\\\\.test");
    static const char *const wrong[] = {"", "..", ".a", "a..b", "a\\", "a\\25", "a\\256", "a.b.."};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(dns_name_parse(slice_of(wrong[i]), &n));
}

static void test_name_lengths(void **state)
{
    (void)state;
    struct dns_name n;
    char text[300];
    memset(text, 'a', sizeof text);
    assert_true(dns_name_parse((struct slice){text, 63}, &n));
    assert_false(dns_name_parse((struct slice){text, 64}, &n));
    text[63] = text[127] = text[191] = '.';
    assert_true(dns_name_parse((struct slice){text, 253}, &n)); // 3 * 64 + 62 + 1 = 255 octets
    assert_int_equal(n.length, 255);
    assert_false(dns_name_parse((struct slice){text, 254}, &n));
    char back[DNS_TEXT_MAX];
    assert_int_equal(strlen(dns_name_text(&n, back)), 253);
}

static void test_name_relations(void **state)
{
    (void)state;
    struct dns_name www = name_of("www.example.org"), zone = name_of("example.org"),
                    other = name_of("wexample.org"), root = name_of("."), tail;
    assert_true(dns_name_within(&www, &zone) && dns_name_within(&zone, &zone));
    assert_true(dns_name_within(&www, &root) && dns_name_within(&root, &root));
    assert_false(dns_name_within(&zone, &www) || dns_name_within(&other, &zone) ||
                 dns_name_within(&root, &zone));
    dns_name_tail(&www, 2, &tail);
    assert_true(dns_name_same(&tail, &zone) && dns_name_hash(&tail) == dns_name_hash(&zone));
    dns_name_tail(&www, 0, &tail);
    assert_true(dns_name_same(&tail, &root));
    dns_name_tail(&www, 9, &tail);
    assert_true(dns_name_same(&tail, &www) && dns_name_hash(&tail) != dns_name_hash(&zone));
}

static void test_questions(void **state)
{
    (void)state;
    uint8_t bytes[DNS_QUERY_MAX];
    struct dns_name n = name_of("www.example.org"), root = name_of(".");
    struct dns_asked a = {&n, DNS_TYPE_AAAA, 0x1234, 1232, true, false, false};
    assert_int_equal(dns_asked_write(&a, bytes), sizeof question);
    assert_memory_equal(bytes, question, sizeof question);
    a = (struct dns_asked){&root, DNS_TYPE_NS, 7, 0, false, true, true};
    assert_int_equal(dns_asked_write(&a, bytes), sizeof question_plain);
    assert_memory_equal(bytes, question_plain, sizeof question_plain);
}

static void test_answer_head(void **state)
{
    (void)state;
    struct dns_message m;
    struct dns_name n = name_of("www.example.org"), other = name_of("www.example.net");
    struct dns_asked a = {&n, DNS_TYPE_AAAA, 0x1234, 1232, true, false, false};
    assert_true(dns_message_read(answer, sizeof answer, &m));
    assert_true(m.response && m.authoritative && !m.truncated && m.rcode == 0 && m.edns);
    assert_true(m.edns_size == 4096 && m.counts[DNS_ANSWER] == 10 && m.counts[DNS_AUTHORITY] == 4);
    assert_true(dns_message_answers(&m, &a));
    a.id++;
    assert_false(dns_message_answers(&m, &a));
    a.id--;
    a.type = DNS_TYPE_A;
    assert_false(dns_message_answers(&m, &a));
    a.type = DNS_TYPE_AAAA;
    a.name = &other;
    assert_false(dns_message_answers(&m, &a));
    assert_true(dns_message_read(bad_version, sizeof bad_version, &m));
    assert_int_equal(m.rcode, DNS_RCODE_BADVERS);
    assert_string_equal(dns_rcode_name(m.rcode), "BADVERS");
    assert_true(dns_message_read(question, sizeof question, &m));
    a.name = &n;
    assert_false(m.response || dns_message_answers(&m, &a));
}

static void answer_section(struct dns_records *all)
{
    struct dns_record r;
    struct dns_name n, wanted = name_of("www.example.org");
    u128 address = 0;
    uint16_t preference;
    assert_true(dns_record_next(all, &r) && r.type == DNS_TYPE_CNAME && r.ttl == 300);
    assert_true(dns_record_owned_by(&r, &wanted) && dns_record_name(&r, &n));
    assert_name(&n, "host.example.org");
    assert_true(dns_record_next(all, &r) && dns_record_aaaa(&r, &address));
    assert_true((uint64_t)address == 1 && address >> 96 == 0x20010db8);
    assert_false(dns_record_a(&r, &address));
    assert_true(dns_record_next(all, &r) && dns_record_aaaa(&r, &address) &&
                address << 64 >> 64 == 2);
    assert_true(dns_record_next(all, &r) && dns_record_a(&r, &address) && address == 0xc0000201);
    assert_true(dns_record_next(all, &r) && dns_record_mx(&r, &preference, &n) && preference == 10);
    assert_name(&n, "mail.example.org");
    assert_true(dns_record_next(all, &r) && dns_record_mx(&r, &preference, &n) && preference == 0);
    assert_name(&n, ".");
    assert_true(dns_record_next(all, &r) && r.type == DNS_TYPE_TXT);
    struct cursor c = dns_record_data(&r);
    struct slice s;
    assert_true(dns_txt_next(&c, &s) && slice_is(s, "v=spf1 ip6:2001:db8::/32"));
    assert_true(dns_txt_next(&c, &s) && slice_is(s, " -all"));
    assert_false(dns_txt_next(&c, &s) || c.failed);
    assert_true(dns_record_next(all, &r) && r.type == DNS_TYPE_PTR && dns_record_name(&r, &n));
    assert_name(&n, "host.example.org");
    assert_true(dns_record_next(all, &r) && r.type == DNS_TYPE_DNAME && dns_record_name(&r, &n));
    assert_name(&n, "example.net");
    struct dns_tlsa t;
    assert_true(dns_record_next(all, &r) && dns_tlsa_read(dns_record_data(&r), &t));
    assert_true(t.usage == 3 && t.selector == 1 && t.matching == 1 && t.association.left == 32);
    dns_record_owner(&r, &n);
    assert_name(&n, "_25._tcp.mail.example.org");
}

static void test_answer(void **state)
{
    (void)state;
    struct dns_message m;
    assert_true(dns_message_read(answer, sizeof answer, &m));
    struct dns_records all = dns_records_of(&m);
    struct dns_record r;
    struct dns_ds ds;
    struct dns_soa soa;
    answer_section(&all);
    assert_true(dns_record_next(&all, &r) && r.section == DNS_AUTHORITY && r.type == DNS_TYPE_NS);
    assert_true(dns_record_next(&all, &r) && r.type == DNS_TYPE_NS);
    assert_true(dns_record_next(&all, &r) && dns_record_ds(&r, &ds));
    assert_true(ds.key_tag == 12345 && ds.algorithm == 13 && ds.digest_type == 2 &&
                ds.digest.left == 32 && ds.digest.at[1] == 0x11);
    assert_true(dns_record_next(&all, &r) && dns_record_soa(&r, &soa));
    assert_name(&soa.server, "ns1.example.org");
    assert_name(&soa.mailbox, "host\\.master.example.org");
    assert_true(soa.serial == 2024010203 && soa.minimum == 300 && soa.retry == 3600);
    uint8_t plain[DNS_NAME_MAX * 2 + 20];
    assert_int_equal(dns_record_plain(&r, plain, sizeof plain), 17 + 25 + 20);
    assert_memory_equal(plain, "\3ns1\7example\3org", 17);
    assert_int_equal(dns_record_plain(&r, plain, 61), 0);
    assert_true(dns_record_next(&all, &r) && r.section == DNS_ADDITIONAL);
    assert_true(r.type == DNS_TYPE_AAAA);
    assert_false(dns_record_next(&all, &r)); // OPT is passed over
}

// Every cut of a message without the mark of truncation is refused; with it only its head counts.
static void test_cuts(void **state)
{
    (void)state;
    uint8_t bytes[sizeof answer];
    struct dns_message m;
    for (size_t length = 0; length < sizeof answer; length++)
        assert_false(dns_message_read(answer, length, &m));
    memcpy(bytes, answer, sizeof answer);
    bytes[2] |= 2;
    assert_true(dns_message_read(bytes, sizeof bytes, &m) && m.truncated && !m.cut);
    assert_true(dns_message_read(bytes, 100, &m) && m.cut);
    struct dns_records all = dns_records_of(&m);
    struct dns_record r;
    assert_false(dns_record_next(&all, &r));
}

static bool with_owner(const uint8_t *owner, size_t length)
{
    uint8_t bytes[400] = {0x12, 0x34, 0x84, 0, 0, 0, 0, 1};
    static const uint8_t rest[] = {0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 1};
    struct dns_message m;
    memcpy(bytes + 12, owner, length);
    memcpy(bytes + 12 + length, rest, sizeof rest);
    return dns_message_read(bytes, 12 + length + sizeof rest, &m);
}

static void test_pointers(void **state)
{
    (void)state;
    assert_true(with_owner((const uint8_t *)"\1a", 3));
    assert_false(with_owner((const uint8_t *)"\xc0\x0c", 2));    // to itself
    assert_false(with_owner((const uint8_t *)"\1a\xc0\x0c", 4)); // to its own beginning
    assert_false(with_owner((const uint8_t *)"\xc0\x0e", 2));    // forward
    assert_false(with_owner((const uint8_t *)"\x40", 1));        // of no known kind
    assert_true(with_owner((const uint8_t *)"\xc0\x04", 2));     // into the head: root
}

// A pointer may lead to a name of 255 octets, and not to one that would get longer.
static void test_long_by_pointer(void **state)
{
    (void)state;
    uint8_t bytes[700] = {0x12, 0x34, 0x84, 0, 0, 1, 0, 1};
    size_t at = 12;
    for (int i = 0; i < 4; i++) {
        bytes[at] = i < 3 ? 63 : 59;
        memset(bytes + at + 1, 'x', bytes[at]);
        at += 1u + bytes[at];
    }
    at++; // 3 * 64 + 60 + 1 = 253
    static const uint8_t asked[] = {0, 1, 0, 1},
                         rest[] = {0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 1, 2, 3, 4};
    memcpy(bytes + at, asked, 4);
    at += 4;
    struct dns_message m;
    memcpy(bytes + at, "\1a\xc0\x0c", 4);
    memcpy(bytes + at + 4, rest, sizeof rest);
    assert_true(dns_message_read(bytes, at + 4 + sizeof rest, &m));
    memcpy(bytes + at, "\2aa\xc0\x0c", 5);
    memcpy(bytes + at + 5, rest, sizeof rest);
    assert_false(dns_message_read(bytes, at + 5 + sizeof rest, &m));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_name_lengths),
        cmocka_unit_test(test_name_relations),
        cmocka_unit_test(test_questions),
        cmocka_unit_test(test_answer_head),
        cmocka_unit_test(test_answer),
        cmocka_unit_test(test_cuts),
        cmocka_unit_test(test_pointers),
        cmocka_unit_test(test_long_by_pointer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
