// SPDX-License-Identifier: Apache-2.0
//
// SPF questions from a file, for comparison with other implementations. Lines of words, parted by
// tabulators: "record NAME TYPE VALUE", then "ask ADDRESS DOMAIN SENDER HELO"; each answer is a
// line: the result and why. "clear" forgets the records.

#include "check/spf.h"
#include "fake_resolver.h"

#include <stdio.h>
#include <stdlib.h>

static const struct {
    const char *name;
    uint16_t type;
} types[] = {{"A", DNS_TYPE_A},     {"AAAA", DNS_TYPE_AAAA},   {"MX", DNS_TYPE_MX},
             {"TXT", DNS_TYPE_TXT}, {"CNAME", DNS_TYPE_CNAME}, {"PTR", DNS_TYPE_PTR}};

static void done(void *arg)
{
    *(bool *)arg = true;
}

// "\\HH" is an octet.
static size_t unescape(char *text)
{
    char *to = text;
    for (const char *from = text; *from; from++)
        if (from[0] == '\\' && from[1] && from[2]) {
            char hex[3] = {from[1], from[2], '\0'};
            *to++ = (char)strtoul(hex, NULL, 16);
            from += 2;
        } else
            *to++ = *from;
    return (size_t)(to - text);
}

static void record(struct fake_resolver *f, char *word[4])
{
    if (strcmp(word[2], "TXT") == 0 && strcmp(word[3], "!") != 0) {
        fake_add_text(f, word[1], word[3], unescape(word[3]));
        return;
    }
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i].name, word[2]) == 0)
            fake_add(f, word[1], types[i].type, word[3]);
}

static void question(struct fake_resolver *f, struct events *ev, char *word[5])
{
    uint32_t four = 0;
    u128 six = 0;
    bool is_done = false, is_four = ipv4_parse(slice_of(word[1]), &four);
    if (!is_four && !ipv6_parse(slice_of(word[1]), &six))
        exit(2);
    struct spf_question q = {.events = ev,
                             .resolver = &f->base,
                             .family = is_four ? FAMILY_IPV4 : FAMILY_IPV6,
                             .address = is_four ? four : six,
                             .domain = word[2],
                             .sender = word[3],
                             .helo = word[4],
                             .done = done,
                             .arg = &is_done};
    struct spf_check *c = NULL;
    struct err e;
    if (spf_check_new(&q, &c, &e) != 0 || events_run(ev, &e) != 0 || !is_done)
        exit(2);
    const struct spf_found *found = spf_check_found(c);
    printf("%s\t", spf_result_name(found->result));
    for (const char *why = found->why; *why; why++)
        putchar(*why >= ' ' ? *why : '?');
    putchar('\n');
    spf_check_free(&c);
}

int main(void)
{
    static struct fake_resolver f;
    char line[16384];
    struct events *ev = NULL;
    struct err e;
    if (events_new(&clock_real, &ev, &e) != 0)
        return 2;
    fake_resolver_init(&f, ev);
    while (fgets(line, sizeof line, stdin)) {
        char none[] = "", *word[6] = {line, none, none, none, none, none};
        line[strcspn(line, "\n")] = '\0';
        for (size_t i = 1; i < 6; i++) {
            char *tab = strchr(word[i - 1], '\t');
            if (!tab)
                break;
            *tab = '\0';
            word[i] = tab + 1;
        }
        if (strcmp(word[0], "record") == 0)
            record(&f, word);
        else if (strcmp(word[0], "ask") == 0)
            question(&f, ev, word);
        else {
            fake_resolver_done(&f);
            fake_resolver_init(&f, ev);
        }
    }
    fake_resolver_done(&f);
    events_free(&ev);
    return 0;
}
