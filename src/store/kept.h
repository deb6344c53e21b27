// SPDX-License-Identifier: Apache-2.0
//
// Lifetimes that stay in memory between questions. Private to src/store.

#ifndef STORE_KEPT_H
#define STORE_KEPT_H

#include "store/store.h"

struct kept;

void kept_free(struct kept **k);

// Answers the part of a scan that is about one registry from memory, reading it in first where
// there is room for it. *ret_done false: there is not, ask the file.
int kept_scan(struct store *s, const struct scan *scan, enum registry r, date newest,
              int (*row)(const struct lifetime *l, void *arg), void *arg, bool *ret_done,
              struct err *e);

// A copy of the list of all snapshots, which is read from the file once.
int kept_snapshots(struct store *s, struct snapshot_list *ret, struct err *e);

// lifetimes.c: every row of one family and registry, from the file.
int scan_file(struct store *s, const struct scan *scan, enum registry r, date newest,
              int (*row)(const struct lifetime *l, void *arg), void *arg, struct err *e);

#endif
