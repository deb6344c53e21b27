// SPDX-License-Identifier: Apache-2.0
//
// Words of HTTP and the DNS, as checks have them.

#include "base/text.h"
#include "lab/probe.h"

#include <arpa/nameser.h>
#include <stdio.h>
#include <string.h>

struct word {
    const char *word;
    int number;
};

static int find_word(const struct word *words, const char *word)
{
    for (; words->word; words++)
        if (slice_is_nocase(slice_of(word), words->word))
            return words->number;
    return -1;
}

int dns_type_parse(const char *word)
{
    static const struct word types[] = {
        {"A", ns_t_a},     {"AAAA", ns_t_aaaa}, {"CNAME", ns_t_cname}, {"MX", ns_t_mx},
        {"NS", ns_t_ns},   {"PTR", ns_t_ptr},   {"SOA", ns_t_soa},     {"SRV", ns_t_srv},
        {"TXT", ns_t_txt}, {NULL, 0},
    };
    return find_word(types, word);
}

static const struct word rcodes[] = {
    {"NOERROR", ns_r_noerror},
    {"FORMERR", ns_r_formerr},
    {"SERVFAIL", ns_r_servfail},
    {"NXDOMAIN", ns_r_nxdomain},
    {"NOTIMP", ns_r_notimpl},
    {"REFUSED", ns_r_refused},
    {NULL, 0},
};

int dns_rcode_parse(const char *word)
{
    return find_word(rcodes, word);
}

const char *dns_rcode_word(int code)
{
    for (const struct word *w = rcodes; w->word; w++)
        if (w->number == code)
            return w->word;
    return NULL;
}

// "[2001:db8::1]", "www.example", each with or without ":port".
static bool url_host(struct slice s, struct http_url *url)
{
    struct slice host = s, port = {0};
    const char *bracket = s.length && s.at[0] == '[' ? memchr(s.at, ']', s.length) : NULL;
    if (bracket) {
        host = (struct slice){s.at + 1, (size_t)(bracket - s.at) - 1};
        port = (struct slice){bracket + 1, s.length - host.length - 2};
        if (port.length > 0 && port.at[0] != ':')
            return false;
    } else {
        const char *colon = memchr(s.at, ':', s.length);
        if (colon) {
            host.length = (size_t)(colon - s.at);
            port = (struct slice){colon, s.length - host.length};
        }
    }
    uint64_t number = 80;
    if (port.length > 0 && !slice_u64((struct slice){port.at + 1, port.length - 1}, 65535, &number))
        return false;
    if (host.length < 1 || host.length >= sizeof url->host || number == 0)
        return false;
    for (size_t i = 0; i < host.length; i++)
        if (host.at[i] <= ' ' || host.at[i] > '~' || strchr("@/[]?#", host.at[i]))
            return false;
    snprintf(url->host, sizeof url->host, "%.*s", SLICE_ARG(host));
    url->port = (unsigned)number;
    return true;
}

bool http_url_parse(const char *text, struct http_url *ret)
{
    static const char scheme[] = "http://";
    struct http_url url = {0};
    if (strncmp(text, scheme, sizeof scheme - 1) != 0)
        return false;
    const char *host = text + sizeof scheme - 1;
    size_t length = strcspn(host, "/");
    url.path = host + length;
    for (const char *p = url.path; *p; p++)
        if (*p <= ' ' || *p > '~')
            return false;
    if (strlen(url.path) > LAB_HTTP_PATH_MAX || !url_host((struct slice){host, length}, &url))
        return false;
    *ret = url;
    return true;
}
