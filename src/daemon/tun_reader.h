// SPDX-License-Identifier: Apache-2.0
//
// Reads a TUN device by rows of packets.

#ifndef DAEMON_TUN_READER_H
#define DAEMON_TUN_READER_H

#include "daemon/daemon.h"

struct tun_reader;

int tun_reader_new(int fd, struct tun_reader **ret, struct err *e);
void tun_reader_free(struct tun_reader **r);

// The packets that are there, as many as a row takes; they are the reader's until the next call and
// may be changed. *ret_more: there may be others.
int tun_reader_row(struct tun_reader *r, struct packet **ret, size_t *ret_count, bool *ret_more,
                   struct err *e);

#endif
