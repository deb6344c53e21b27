// SPDX-License-Identifier: Apache-2.0
//
// What a check of a domain found: tests, each with a verdict, the reason for it, and the evidence:
// what was asked of whom, over which family, what came back, and when. Judges (names.c, web.c,
// mail.c) write it; scores, pages, JSON and the archive read it.
//
// A verdict never says more than the evidence: what could not be tried from here is not testable,
// never failed and never passed.

#ifndef CHECK_RESULT_H
#define CHECK_RESULT_H

#include "base/arena.h"
#include "base/array.h"
#include "base/err.h"
#include "base/say.h"
#include "check/endpoint.h"

enum verdict {
    VERDICT_PASS,
    VERDICT_PARTIAL,        // some of what should have it has it
    VERDICT_FAIL,           // it is there and broken
    VERDICT_NONE,           // the service is there, without IPv6
    VERDICT_NOT_APPLICABLE, // no such service, by intention or by nature
    VERDICT_NOT_TESTABLE,   // not from here
};
#define VERDICT_COUNT 6

const char *verdict_name(enum verdict v); // "not-testable"
bool verdict_parse(struct slice s, enum verdict *ret);

enum test_area { AREA_NAMES, AREA_WEB, AREA_MAIL };
#define AREA_COUNT 3

// The tests, in the order in which they are shown. `subject` of a test: a zone, a host, an MX.
#define TESTS(X)                                                                                   \
    X(NAMES_RESOLVES, "names-resolves", AREA_NAMES, say_later("The name is in the DNS"))           \
    X(NAMES_DELEGATION, "names-delegation", AREA_NAMES,                                            \
      say_later("Every zone from the root down has name servers with IPv6"))                       \
    X(NAMES_AAAA, "names-aaaa", AREA_NAMES, say_later("The name servers have IPv6 addresses"))     \
    X(NAMES_GLUE, "names-glue", AREA_NAMES,                                                        \
      say_later("The zone above gives the IPv6 addresses of name servers inside the zone"))        \
    X(NAMES_UDP, "names-udp", AREA_NAMES, say_later("The name servers answer over IPv6 and UDP"))  \
    X(NAMES_TCP, "names-tcp", AREA_NAMES, say_later("The name servers answer over IPv6 and TCP"))  \
    X(NAMES_EDNS, "names-edns", AREA_NAMES, say_later("Large answers arrive over IPv6"))           \
    X(NAMES_SAME, "names-same", AREA_NAMES,                                                        \
      say_later("All name servers give the same answers over both families"))                      \
    X(NAMES_IPV6_ONLY, "names-ipv6-only", AREA_NAMES,                                              \
      say_later("A resolver that has only IPv6 finds the name"))                                   \
    X(NAMES_DNSSEC, "names-dnssec", AREA_NAMES, say_later("The name's DNSSEC signatures hold"))    \
    X(WEB_AAAA, "web-aaaa", AREA_WEB, say_later("The host has an IPv6 address"))                   \
    X(WEB_ADDRESSES, "web-addresses", AREA_WEB,                                                    \
      say_later("Its IPv6 addresses are ones that the public can reach"))                          \
    X(WEB_TCP80, "web-tcp80", AREA_WEB, say_later("Port 80 opens over IPv6"))                      \
    X(WEB_TCP443, "web-tcp443", AREA_WEB, say_later("Port 443 opens over IPv6"))                   \
    X(WEB_TLS, "web-tls", AREA_WEB,                                                                \
      say_later("The certificate over IPv6 is valid, and that of IPv4"))                           \
    X(WEB_HTTP, "web-http", AREA_WEB, say_later("The page comes over IPv6"))                       \
    X(WEB_HTTP2, "web-http2", AREA_WEB, say_later("HTTP/2 over IPv6 as over IPv4"))                \
    X(WEB_SAME, "web-same", AREA_WEB, say_later("The same page over both families"))               \
    X(WEB_RESOURCES, "web-resources", AREA_WEB,                                                    \
      say_later("All that the page loads is there over IPv6"))                                     \
    X(WEB_LINKS, "web-links", AREA_WEB, say_later("The pages that it links to come over IPv6"))    \
    X(WEB_REPEATED, "web-repeated", AREA_WEB,                                                      \
      say_later("Every attempt over IPv6 succeeds, about as fast as over IPv4"))                   \
    X(WEB_MTU, "web-mtu", AREA_WEB, say_later("Large packets pass over IPv6"))                     \
    X(WEB_EYEBALLS, "web-eyeballs", AREA_WEB,                                                      \
      say_later("A browser that prefers IPv6 notices nothing"))                                    \
    X(MAIL_MX, "mail-mx", AREA_MAIL, say_later("The domain takes mail"))                           \
    X(MAIL_AAAA, "mail-aaaa", AREA_MAIL, say_later("The mail servers have IPv6 addresses"))        \
    X(MAIL_ADDRESSES, "mail-addresses", AREA_MAIL,                                                 \
      say_later("Their IPv6 addresses are ones that the public can reach"))                        \
    X(MAIL_GREETING, "mail-greeting", AREA_MAIL, say_later("The mail servers greet over IPv6"))    \
    X(MAIL_STARTTLS, "mail-starttls", AREA_MAIL,                                                   \
      say_later("Encryption over IPv6, with the certificate of IPv4"))                             \
    X(MAIL_PTR, "mail-ptr", AREA_MAIL,                                                             \
      say_later("Their IPv6 addresses have names that lead back"))                                 \
    X(MAIL_SPF, "mail-spf", AREA_MAIL,                                                             \
      say_later("The domain's SPF record allows its servers' IPv6 addresses"))                     \
    X(MAIL_DANE, "mail-dane", AREA_MAIL,                                                           \
      say_later("The certificate over IPv6 is the one that DANE names"))

#define TEST_ENUM(id, name, area, title) TEST_##id,
enum test_kind { TESTS(TEST_ENUM) TEST_KIND_COUNT };
#undef TEST_ENUM

const char *test_name(enum test_kind k);
const char *test_title(enum test_kind k); // in English, to be translated
enum test_area test_area(enum test_kind k);
bool test_parse(struct slice s, enum test_kind *ret);
const char *area_name(enum test_area a);

// Why a verdict is what it is. Rows of names_reasons.c, web_reasons.c, mail_reasons.c: found by
// key, so that a result that was written long ago can be read. English, to be translated; {1} and
// {2} are replaced by the test's details.
struct reason {
    const char *key;  // "names-lame"; begins with the area
    const char *says; // what is wrong, a sentence
    const char *harm; // why it matters; "" where all is well
    const char *mend; // how to mend it; ""
};

const struct reason *reason_find(const char *key); // NULL: there is none
// All of them, in order; NULL behind the last.
const struct reason *reason_at(size_t i);

struct evidence {
    enum family family; // FAMILY_ASN: of neither
    int64_t at;         // milliseconds since 1970-01-01
    uint32_t took;      // microseconds; 0: not measured
    const char *asked;  // "AAAA www.example.org, UDP", "GET https://www.example.org/"
    const char *whom;   // "[2001:db8::53]:53 ns1.example.org"
    const char *answer; // "NOERROR, 2 records", "no answer in 4 s", "HTTP 200, 5120 bytes"
};

#define EVIDENCE_MAX        64  // of one test; what is beyond is counted
#define EVIDENCE_ANSWER_MAX 300 // bytes of an answer that are kept
#define DETAILS_MAX         2

struct test {
    enum test_kind kind;
    enum verdict verdict;
    const char *subject;
    const struct reason *reason;      // NULL: it passed
    const char *details[DETAILS_MAX]; // of the reason; "" where it has none
    ARRAY(struct evidence) evidence;  // freed by result_done; texts are the arena's
    unsigned evidence_left_out;
    double value, value_low, value_high; // a figure with its interval, as a time ratio; NaN: none
};

// What NIST counts, of one service: interfaces, those with AAAA, reached, operational.
struct nist_count {
    unsigned interfaces, with_aaaa, reached, operational;
    bool intended; // false: the service is absent by intention
    // What internet.nl counts, and nobody is told: of name servers those of which some addresses
    // work, of mail servers those of which some open; mail servers that no MX record names.
    unsigned partly;
    bool implied;
};

enum stage {
    STAGE_UNKNOWN,   // could not be tested
    STAGE_NONE,      // no service of the domain has an IPv6 address
    STAGE_NAMED,     // some have an address
    STAGE_REACHABLE, // and one answers
    STAGE_WORKING,   // every service that has an address works as over IPv4
    STAGE_COMPLETE,  // and nothing that a user needs is left on IPv4 alone
};
#define STAGE_COUNT 6
const char *stage_name(enum stage s); // "working"
bool stage_parse(struct slice s, enum stage *ret);

// Published scores; NaN where one does not apply. score.c says by whose definition.
struct scores {
    double internetnl_web, internetnl_mail; // per cent
    double china;                           // of 100
    struct nist_count dns, web, mail;
    enum stage stage;
};

struct result {
    struct arena arena;
    const char *domain;        // as an A-label, small letters
    const char *vantage;       // a name of the place it was asked from; "" where none was given
    const char *version;       // of the program
    int64_t began;             // milliseconds since 1970-01-01
    uint32_t took;             // milliseconds
    unsigned level;            // what was asked for: LEVEL_... of check.h
    bool ipv4_here, ipv6_here; // what this place has
    ARRAY(struct test) tests;
    struct scores scores;
    bool failed; // out of memory while it was filled
};

void result_done(struct result *r);

// A test that is not judged yet: not testable, without a reason. NULL when out of memory (`failed`
// is set); the other functions accept NULL. Valid until the next one is added.
struct test *result_test(struct result *r, enum test_kind k, const char *subject);
// NULL: there is none. `subject` NULL: the first one of the kind.
struct test *result_find(const struct result *r, enum test_kind k, const char *subject);

// `reason` is a key, or NULL; a key that is not known is a fault of the program (failed). The
// details are cut at 200 bytes; NULL is "".
void test_decide(struct result *r, struct test *t, enum verdict v, const char *reason,
                 const char *detail1, const char *detail2);
// Copies the texts; the answer is cut and made printable.
void test_evidence(struct result *r, struct test *t, const struct evidence *ev);

// One object on one line, versioned ("format": 1); and back. ERR_INPUT, ERR_LIMIT. Unknown tests
// and reasons of a later version are left out when read.
struct json;
void result_write_json(const struct result *r, struct json *j); // base/json.h
#define RESULT_FORMAT   1
#define RESULT_JSON_MAX ((size_t)1 << 20)
int result_read_json(struct slice text, const char *name, struct result *ret, struct err *e);

#endif
