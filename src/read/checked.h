// SPDX-License-Identifier: Apache-2.0
//
// Results of a campaign: what `sextant check --list` found of many domains, as its journal has it.
// A line of JSON each; the first one says which campaign it is, the others are results. A line
// "ended" tells that the list came to its end, a line "signature" who signed an export.
//
//     {"journal":1,"campaign":"2024-q1","vantage":"nairobi","list":"<SHA-256>","options":"...",
//      "version":"...","began":1704067200000}
//     {"economy":"KE","organisation":"...","sector":"health","result":{"format":1,"domain":...}}
//     {"ended":1704070800000}
//
// The object "result" is what check/result.h writes; it is the last member of its line. The names
// of tests and of reasons are taken as they are, so that an archive holds what a later version
// says.

#ifndef READ_CHECKED_H
#define READ_CHECKED_H

#include "read/read.h"

#define CHECKED_LINE_MAX  (((size_t)1 << 20) + 8192) // a result, and what is known of the domain
#define CHECKED_TESTS_MAX 512                        // of one result
#define CHECKED_NAME_MAX  64                         // of tests, reasons, campaigns
#define CHECKED_TEXT_MAX  256
#define CHECKED_HOST_MAX  256

// As in check/result.h. The numbers are kept in archives.
enum checked_verdict {
    CHECKED_PASS,
    CHECKED_PARTIAL,
    CHECKED_FAIL,
    CHECKED_NONE,
    CHECKED_NOT_APPLICABLE,
    CHECKED_NOT_TESTABLE,
};
#define CHECKED_VERDICTS 6
const char *checked_verdict_name(enum checked_verdict v); // "not-testable"

enum checked_stage {
    CHECKED_UNKNOWN,
    CHECKED_NOTHING,
    CHECKED_NAMED,
    CHECKED_REACHABLE,
    CHECKED_WORKING,
    CHECKED_COMPLETE,
};
#define CHECKED_STAGES 6
const char *checked_stage_name(enum checked_stage s); // "none"

// What a test is about.
enum checked_subject { CHECKED_DOMAIN, CHECKED_WWW, CHECKED_OTHER };
#define CHECKED_SUBJECTS 3

struct checked_test {
    char name[CHECKED_NAME_MAX], reason[CHECKED_NAME_MAX]; // "web-tls", "web-tls-name"; "": none
    enum checked_verdict verdict;
    enum checked_subject subject;
};

struct checked_count {
    unsigned interfaces, with_aaaa, reached, operational;
    bool intended;
};

struct checked_result {
    char domain[CHECKED_HOST_MAX];
    economy economy; // ECONOMY_NONE: not stated
    char organisation[CHECKED_TEXT_MAX], sector[CHECKED_NAME_MAX];
    int64_t began; // milliseconds since 1970-01-01
    uint32_t took; // milliseconds
    unsigned level;
    bool ipv4_here, ipv6_here;
    enum checked_stage stage;
    double internetnl_web, internetnl_mail, china; // NaN: does not apply
    struct checked_count counts[3];                // of dns, web, mail
    const struct checked_test *tests;              // borrowed during the callback, as is `json`
    size_t test_count;
    struct slice json; // the object "result"
    uint64_t line;
};

struct checked_header {
    char campaign[CHECKED_NAME_MAX], vantage[CHECKED_NAME_MAX];
    char list[65], version[CHECKED_NAME_MAX], options[CHECKED_TEXT_MAX];
    int64_t began; // milliseconds
};

struct checked_handler {
    // Each may be NULL. A code other than 0 ends the reading and is returned. *ret_twice: the
    // domain was there before, the line is rejected.
    int (*header)(const struct checked_header *h, void *arg);
    int (*result)(const struct checked_result *r, bool *ret_twice, void *arg);
    int (*finding)(const struct finding *f, void *arg);
    void *arg;
};

struct checked_totals {
    struct checked_header header;
    int64_t ended; // 0: the list has not come to its end
    uint64_t results;
    struct fates fates;
};

// A last line without an end is what a kill left: rejected. A journal without results is one.
// Refused whole, ERR_INPUT: no header, binary, more rejected than used.
int read_checked(struct source *s, const struct checked_handler *handler,
                 struct checked_totals *ret, struct err *e);

// Does a text begin as a journal does?
bool checked_probe(struct slice text);

#endif
