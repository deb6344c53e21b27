// SPDX-License-Identifier: Apache-2.0
//
// Clients that ask within a node: they run in a process that has already entered its namespaces.

#ifndef LAB_PROBE_H
#define LAB_PROBE_H

#include "base/err.h"
#include "lab/lab.h"

struct http_url {
    char host[256]; // a name or an address without brackets
    unsigned port;
    const char *path; // in the text that was parsed; begins with "/", or is ""
};

bool http_url_parse(const char *url, struct http_url *ret);

// The numbers of the DNS; -1 for a word that is none.
#define DNS_TYPES  "A, AAAA, CNAME, MX, NS, PTR, SOA, SRV, TXT"
#define DNS_RCODES "NOERROR, FORMERR, SERVFAIL, NXDOMAIN, NOTIMP, REFUSED"
int dns_type_parse(const char *word);
int dns_rcode_parse(const char *word);
const char *dns_rcode_word(int code); // NULL: one that we have no word for

#endif
