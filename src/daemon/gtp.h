// SPDX-License-Identifier: Apache-2.0
//
// The user plane of a mobile network, small: a telephone (UE), whose packets go over a radio link;
// a base station (gNB), which puts them into tunnels of GTP-U; and the gateway (UPF), which takes
// them out, and tells each telephone its /64 by a router advertisement inside the tunnel (TS 23.501
// 5.8.2.2.3, RFC 6459). The radio is an Ethernet link whose frames hold one packet each and have an
// ethertype for experiments. Tunnels are given, not negotiated: there is no control plane.

#ifndef DAEMON_GTP_H
#define DAEMON_GTP_H

#include "daemon/daemon.h"
#include "packet/advert.h"
#include "packet/gtpu.h"

#define GTP_SESSIONS_MAX 32
#define GTP_RADIO        0x88b5 // IEEE 802: local experimental
#define GTP_ECHO_MS      60000  // TS 23.007: not more often

struct gtp_session {
    char radio[DEVICE_NAME_MAX + 1]; // gNB
    u128 prefix;                     // UPF: a /64
    uint32_t own, other;             // tunnel endpoint: in what comes, in what goes
    uint8_t qfi;                     // 1 to 63; 0: without a container
};

struct gtp_options {
    struct prefix own, other; // addresses of both ends, of one family
    struct gtp_session sessions[GTP_SESSIONS_MAX];
    size_t session_count;
    // UPF only:
    const char *device;
    size_t mtu;
    struct advert advert; // without the prefix, which is the session's
    unsigned interval;    // seconds between unsolicited ones
    struct speaker speaker;
};

int gnb_run(const struct gtp_options *o, struct err *e);
int upf_run(const struct gtp_options *o, struct err *e);

struct ue_options {
    const char *device, *radio;
    size_t mtu;
    struct speaker speaker;
};
int ue_run(const struct ue_options *o, struct err *e);

// "NAME=OWN:OTHER[:QFI],..." as an option says it. For a UPF the name is a prefix of 64 bits.
int parse_sessions(const char *option, const char *text, bool upf, struct gtp_session *ret,
                   size_t *ret_count, struct err *e);

#endif
