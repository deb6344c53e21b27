// SPDX-License-Identifier: Apache-2.0
//
// A server that answers whoever comes, and writes down who came over what: a line of JSON each.
// Over TCP it says who the visitor is and then sends back what comes; a UDP packet is answered by
// one that says who sent it, and holds the same behind that; HTTP is answered by a page of one
// line.

#ifndef DAEMON_SINK_H
#define DAEMON_SINK_H

#include "base/buffer.h"
#include "daemon/daemon.h"

#define SINK_PORTS_MAX       32 // of all kinds
#define SINK_ADDRESSES_MAX   16
#define SINK_CONNECTIONS_MAX 256 // more are turned away
#define SINK_IDLE_MS         30000
#define SINK_HEAD_MAX        8192 // bytes of an HTTP request
#define SINK_DATAGRAM_MAX    65536

enum sink_kind { SINK_TCP, SINK_UDP, SINK_HTTP };

struct sink_port {
    enum sink_kind kind;
    uint16_t port;
};

struct sink_options {
    struct sink_port ports[SINK_PORTS_MAX];
    size_t port_count;
    struct prefix addresses[SINK_ADDRESSES_MAX]; // none: all of both families
    size_t address_count;
    const char *answer; // the page of HTTP; NULL: who the visitor is
    const char *log;    // a file; NULL: the speaker
    struct speaker speaker;
};

int sink_run(const struct sink_options *o, struct err *e);

// What the head of an HTTP/1.x request says (RFC 9112, 3); the slices lie in `text`.
struct sink_head {
    struct slice method, target, host; // host: empty where it is not said
};
enum sink_head_state { SINK_HEAD_MORE, SINK_HEAD_WHOLE, SINK_HEAD_WRONG };
enum sink_head_state sink_head_read(struct slice text, struct sink_head *ret);

// A visit, as it is written down.
struct sink_visit {
    enum sink_kind kind;
    enum family family;
    u128 from, to;
    uint16_t from_port, to_port;
    uint64_t octets;
    const struct sink_head *head; // NULL: none
};
void sink_write(const struct sink_visit *v, int64_t unix_milliseconds, struct buffer *out);

#endif
