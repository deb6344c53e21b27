// SPDX-License-Identifier: Apache-2.0
//
// MRT records written down so that a person can read them. Hexadecimal digits are bytes, and
//
//     #65536      an AS number of four octets      ~64496   of two
//     ( ... )     its length in one octet, then what is inside
//     [ ... ]     in two octets       { ... }   in four octets
//     < ... >     a BGP message: marker, length, then what is inside
//
// Blanks divide.

#ifndef TESTS_READ_MRT_BYTES_H
#define TESTS_READ_MRT_BYTES_H

#include "base/buffer.h"

void mrt_bytes(const char *text, struct buffer *out);

// 2020-01-01 00:00:00.
#define T "5e0be100 "

// Header of a record, by type; the body follows in braces.
#define V1(subtype)     T "000c 000" #subtype " "
#define V2(subtype)     T "000d 000" #subtype " "
#define BGP4MP(subtype) T "0010 000" #subtype " "
#define ET(subtype)     T "0011 000" #subtype " "

// Three peers: 198.51.100.1 AS64496, 2001:db8::1 AS65536, 198.51.100.2 AS64497.
#define PEERS                                                                                      \
    V2(1)                                                                                          \
    "{ c0000201 [72 76 20] 0003  02 c0000202 c6336401 #64496 "                                     \
    "  03 c0000203 20010db8000000000000000000000001 #65536  00 c0000204 c6336402 ~64497 } "

#define IGP             "40 01 (00) "
#define PATH(ases)      "40 02 (02 " ases ") " // number of ASes, then the ASes
#define NEXT_HOP        "40 03 (cb007101) "
#define DB8             "20 20010db8 " // 2001:db8::/32
#define TEST1           "18 c00002 "   // 192.0.2.0/24
#define ROUTE(peer, at) "000" #peer " " T "[" at "] "

#endif
