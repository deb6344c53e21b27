// SPDX-License-Identifier: Apache-2.0
//
// The bits of RFC 6282 that compressing and restoring share.

#ifndef PACKET_IPHC_PARTS_H
#define PACKET_IPHC_PARTS_H

#include "packet/iphc.h"

#define IPHC_TF_SHIFT   3 // of the first octet
#define IPHC_NH         0x04
#define IPHC_HLIM       0x03
#define IPHC_CID        0x80 // of the second
#define IPHC_SAC        0x40
#define IPHC_SAM_SHIFT  4
#define IPHC_M          0x08
#define IPHC_DAC        0x04
#define IPHC_DAM        0x03
#define NHC_EXTENSION   0xe0
#define NHC_EID_SHIFT   1
#define NHC_NH          0x01
#define NHC_UDP         0xf0
#define NHC_UDP_C       0x04
#define NHC_UDP_P       0x03
#define NHC_EID_IPV6    7
#define PROTOCOL_MOBILE 135
#define LINK_LOCAL_64   UINT64_C(0xfe80000000000000)
#define SHORT_IID       UINT64_C(0xfffe000000)
#define UDP_HEADER      8

static const uint8_t iphc_hop_limits[] = {0, 1, 64, 255};
static const uint8_t nhc_protocols[] = {PROTOCOL_HOPOPT, PROTOCOL_ROUTING, PROTOCOL_FRAGMENT,
                                        PROTOCOL_OPTIONS, PROTOCOL_MOBILE};

#endif
