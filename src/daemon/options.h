// SPDX-License-Identifier: Apache-2.0
//
// What the daemons' options say, as people write it: lists with commas, prefixes, pools, mappings.

#ifndef DAEMON_OPTIONS_H
#define DAEMON_OPTIONS_H

#include "daemon/daemon.h"
#include "daemon/firewall.h"
#include "packet/map.h"
#include "packet/siit.h"
#include "packet/softwire.h"

// Each calls a wrong word by its option: "--pool: 192.0.2.300 is no IPv4 address". ERR_USAGE.
// NULL or "" as text is an empty list.

#define PREFIXES_MAX 64
int parse_prefixes(const char *option, const char *text, struct prefix *ret, size_t *ret_count,
                   struct err *e);

// Two that have to be there: an IPv6 prefix, and one that IPv4 addresses can be embedded in (RFC
// 6052).
int parse_prefix6(const char *option, const char *text, struct prefix *ret, struct err *e);
int parse_translation_prefix(const char *option, const char *text, struct prefix *ret,
                             struct err *e);

// "192.0.2.1", "192.0.2.0/28", "192.0.2.1-192.0.2.9".
int parse_pool(const char *option, const char *text, uint32_t *ret_first, uint32_t *ret_last,
               struct err *e);

// "192.0.2.1=2001:db8::1,192.0.2.16/28=2001:db8:cccc::/124". `ret` has SIIT_PAIRS_MAX.
int parse_pairs(const char *option, const char *text, struct siit_pair *ret, size_t *ret_count,
                struct err *e);

// "6,8,0x34": offset, length and number of a port set (RFC 7597, 5.1).
int parse_port_set(const char *option, const char *text, struct port_set *ret, struct err *e);

// "2001:db8::/40,192.0.2.0/24,16,6": IPv6 prefix, IPv4 prefix, embedded bits, PSID offset, and
// where the PSID is given apart its length and itself
// ("2001:db8:12:3400::/56,192.0.2.18/32,0,6,8,0x34"); several with blanks between them. `ret` has
// MAP_RULES_MAX.
int parse_rules(const char *option, const char *text, struct map_rule *ret, size_t *ret_count,
                struct err *e);

// "tcp/1232=192.168.1.10:80,udp/1233=192.168.1.10:53". `ret` has SOFTWIRE_FORWARDS_MAX.
int parse_forwards(const char *option, const char *text, struct softwire_forward *ret,
                   size_t *ret_count, struct err *e);

// "tcp/443=2001:db8:1::5,udp/5060=::5,tcp/22". `ret` has FIREWALL_OPEN_MAX.
int parse_open(const char *option, const char *text, struct firewall_open *ret, size_t *ret_count,
               struct err *e);

// The bindings of an lwAFTR, a line each: "2001:db8::1 192.0.2.18 6,8,0x34"; the port set may be
// left out; blank lines and those that begin with # are nothing. *ret is malloc'ed. ERR_INPUT with
// FILE:LINE, ERR_SYSTEM.
int read_bindings(const char *path, struct lw_binding **ret, size_t *ret_count, struct err *e);

#endif
