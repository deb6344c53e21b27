// SPDX-License-Identifier: Apache-2.0
//
// The files that a node sees: the machine's, which it cannot change, and its own /run, /tmp, /dev,
// /proc, /etc/hosts and /etc/resolv.conf. They are mounted before the node gets a user namespace of
// its own, so that its root cannot undo it.

#ifndef LAB_MOUNTS_H
#define LAB_MOUNTS_H

#include "base/buffer.h"
#include "base/err.h"
#include "lab/lab.h"

#define NODE_FOLDER "/run/lab" // where a node's own files lie, and where everything in it begins
// This program, and its daemons alone, where a node can neither write nor change them.
#define NODE_PROGRAM "/run/sextant"
#define NODE_DAEMONS "/run/sextant-run"

enum node_program { NODE_PROGRAM_WHOLE, NODE_PROGRAM_DAEMONS, NODE_PROGRAMS };

// A mount namespace with copies of the machine's mounts that nothing can be written through.
int mounts_seal(struct err *e);
// Then what is the node's own. `programs`: these two, opened since.
int mounts_make(const struct lab *lab, size_t node, const struct buffer *hosts,
                const int programs[NODE_PROGRAMS], struct err *e);

// NODE_FOLDER, by no link: the node's root may have put one there, that leads to what the one who
// enters has open. -1 and errno.
int mounts_open_folder(void);
bool mounts_enter_folder(void);

// /sys of the network namespace that this process is in now.
void mounts_show_network(void);

#endif
