// SPDX-License-Identifier: Apache-2.0
//
// The socket: connections of HTTP/1.1 become calls of site_answer(). The only file that knows
// libmicrohttpd is server.c.
//
// A few threads, each with its own site, share the listening sockets. SIGTERM and SIGINT end,
// SIGHUP reopens archive and reference tables. A service manager may pass sockets (LISTEN_FDS).

#ifndef SITE_SERVER_H
#define SITE_SERVER_H

#include "site/site.h"

#define SERVER_LISTEN_DEFAULT  "[::1]:8064,127.0.0.1:8064"
#define SERVER_LISTENERS_MAX   8
#define SERVER_CONNECTIONS_MAX 3000 // of all threads: 96 MB when all of them are full
#define SERVER_TOLD_MAX        300  // more, who are answered 503 and no more
#define SERVER_ADDRESS_MAX     200  // of one IPv4 address or IPv6 /64, where no other is given
#define SERVER_ADDRESS_TOLD    20   // more, who are answered 429 and no more
#define SERVER_TIMEOUT_SECONDS 15   // without a byte from the client
#define SERVER_MEMORY_MAX      (32u << 10) // bytes of a connection: its headers must fit
#define SERVER_THREADS_MAX     16

struct server_options {
    const char *listen; // "[::1]:8064,127.0.0.1:8064"
    unsigned threads;   // 0: one for each processor, at most four
    // Connections of one address; 0: any number. This machine's own are not counted, so that a
    // proxy on it can bring everybody.
    unsigned connections_per_address;
    const char *user; // to become, where it is started as root; NULL: nobody
    struct site_options site;
    // Told what happens, one sentence each, from the thread that called; may be NULL.
    void (*say)(const char *sentence, void *arg);
    void *arg;
};

// Returns when a signal ends it. ERR_USAGE, ERR_SYSTEM, and what site_new gives.
int server_run(const struct server_options *options, struct err *e);

// "[::1]:8064" or "127.0.0.1:8064": the socket, bound and listening. ERR_USAGE, ERR_SYSTEM.
int server_listen(struct slice address, int *ret_fd, struct err *e);

#endif
