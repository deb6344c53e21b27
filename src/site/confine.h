// SPDX-License-Identifier: Apache-2.0
//
// A server gives up what it does not need once everything is open: root, new privileges, the file
// system except the archive and the reference tables, system calls that it never uses.

#ifndef SITE_CONFINE_H
#define SITE_CONFINE_H

#include "base/buffer.h"

// Before threads are started. `store` is the archive, open; `user` is who root becomes (NULL:
// nobody). Writes one line that says what was given up and what could not be.
void confine(const char *store, const char *user, struct buffer *said);

#endif
