// SPDX-License-Identifier: Apache-2.0
//
// A thread that unpacks a large source while its reader makes use of what came before.

#ifndef READ_SOURCE_AHEAD_H
#define READ_SOURCE_AHEAD_H

#include "read/source_unpack.h"

struct ahead;

// From now on `u` belongs to the thread, until ahead_stop. NULL where there is none to be had: then
// nothing has changed.
struct ahead *ahead_start(struct unpack *u);
void ahead_stop(struct ahead **a); // accepts NULL

// As unpack_read and unpack_taken.
int ahead_read(struct ahead *a, uint8_t *bytes, size_t size, size_t *ret, struct err *e);
uint64_t ahead_taken(const struct ahead *a);

#endif
