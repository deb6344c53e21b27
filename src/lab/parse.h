// SPDX-License-Identifier: Apache-2.0
//
// The texts of the schema that only the reader needs; see lab.h for the others.

#ifndef LAB_PARSE_H
#define LAB_PARSE_H

#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool parse_share(struct slice s, uint64_t *ret_ppm); // "1.5%"
bool parse_rate(struct slice s, uint64_t *ret_bps);  // "10mbit", up to 1000gbit
bool parse_size(struct slice s, uint64_t *ret);      // "64M"; K, M, G
bool parse_mac(struct slice s, uint8_t ret[6]);      // "02:00:00:00:00:01", not a group's
bool parse_name(const char *name, size_t max);       // a-z, 0-9, - within
bool parse_interface(const char *name);
bool parse_sysctl(struct slice s); // "net.ipv6.conf.all.forwarding"
bool parse_path(const char *path); // relative, without "..", plain characters

#endif
