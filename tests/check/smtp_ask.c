// SPDX-License-Identifier: Apache-2.0
//
// One visit to a real mail server, for tests: ADDRESS PORT HOST AUTHORITIES [TLSA]. One line: what
// became of the greeting, of encryption, whether the certificate is valid, what DANE says.

#include "check/smtp_visit.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const greetings[SMTP_GREETING_COUNT] = {
    "untried", "unasked", "silent",  "unreachable", "refused", "open",
    "mute",    "closed",  "foreign", "deferred",    "denied",  "greeted"};
static const char *const encryptions[SMTP_ENCRYPTION_COUNT] = {
    "untried", "not-offered", "refused", "injected", "failed", "useless", "works"};
static const char *const danes[DANE_VERDICT_COUNT] = {"untried", "matches", "differs", "unusable"};

static void done(void *arg)
{
    (void)arg;
}

// "3 1 1 <hex>"
static bool record_of(const char *text, uint8_t rdata[DANE_DATA_MAX], struct dane *ret)
{
    char *rest = NULL;
    size_t length = 0;
    rdata[length++] = (uint8_t)strtoul(text, &rest, 10);
    rdata[length++] = (uint8_t)strtoul(rest, &rest, 10);
    rdata[length++] = (uint8_t)strtoul(rest, &rest, 10);
    for (rest += *rest == ' '; rest[0] && rest[1] && length < DANE_DATA_MAX; rest += 2) {
        char hex[3] = {rest[0], rest[1], '\0'};
        rdata[length++] = (uint8_t)strtoul(hex, NULL, 16);
    }
    ret->count = 1;
    return dane_record_read(rdata, length, &ret->records[0]);
}

int main(int argc, char **argv)
{
    struct smtp_plan p = {.done = done, .timeout = 3000000};
    struct trust *trust = NULL;
    struct smtp_visit *v = NULL;
    struct dane dane = {.count = 0};
    uint8_t rdata[DANE_DATA_MAX];
    uint32_t four = 0;
    struct err e;
    if (argc < 5)
        return 2;
    signal(SIGPIPE, SIG_DFL); // a visit raises none
    p.at = (struct endpoint){FAMILY_IPV6, (uint16_t)strtoul(argv[2], NULL, 10), 0};
    if (ipv4_parse(slice_of(argv[1]), &four))
        p.at = (struct endpoint){FAMILY_IPV4, p.at.port, four};
    else if (!ipv6_parse(slice_of(argv[1]), &p.at.address))
        return 2;
    if (argc > 5 && !record_of(argv[5], rdata, &dane))
        return 2;
    p.host = argv[3];
    p.dane = &dane;
    if (events_new(&clock_real, &p.events, &e) != 0 || trust_new(argv[4], &trust, &e) != 0)
        return 2;
    p.context = trust_context(trust);
    dane_allow(p.context);
    if (smtp_visit_new(&p, &v, &e) != 0 || events_run(p.events, &e) != 0)
        return 2;
    const struct smtp_report *r = smtp_visit_report(v);
    printf("%s\t%s\t%s\t%s\t%s\t%s\n", greetings[r->seen.greeting], encryptions[r->seen.encryption],
           r->certificate.shown ? r->certificate.valid ? "valid" : r->certificate.why : "none",
           danes[r->dane], r->seen.text, r->why);
    smtp_visit_free(&v);
    trust_free(&trust);
    events_free(&p.events);
    return 0;
}
