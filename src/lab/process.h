// SPDX-License-Identifier: Apache-2.0
//
// Processes in a node: to enter it, and to run programs there.

#ifndef LAB_PROCESS_H
#define LAB_PROCESS_H

#include "base/buffer.h"
#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

// Puts this process into all namespaces of the node whose first process is `init`; those that are
// forked from now on are in its process namespace. `user`: into its user namespace too.
int process_enter(pid_t init, bool user, struct err *e);
// Its network only: files stay those of the machine.
int process_enter_network(pid_t init, bool user, struct err *e);

// The kernel's keys of who has started this process are not for what it starts in a node.
void process_leave_keys(void);

// Gives the user namespace of a process its users: all, each as itself, or this one as root.
int process_map_users(pid_t pid, bool all, unsigned uid, unsigned gid, struct err *e);

#define PROCESS_FILE_MAX ((size_t)64 << 20) // of each file that a node's program writes: a log

// Starts a program in the node as a child of this process. It gets `out` for its output, no
// descriptor else, and its own session. *ret_pidfd becomes readable when it ends.
struct process_start {
    pid_t init;
    bool user;
    const char *const *run; // ended with NULL; "sextant" is this program
    int out;
    // Called before the node is entered, by a process that the program will be a child of in all
    // that is inherited: control groups. NULL: nothing.
    void (*prepare)(const void *arg);
    void (*settle)(const void *arg); // called in the node, before the program. NULL: nothing
    const void *arg;
};
int process_spawn(const struct process_start *s, pid_t *ret_pid, int *ret_pidfd, struct err *e);

// process_run for a process that is in the node; "sextant" is this program.
int process_run_in_node(const char *const *run, int64_t until, struct buffer *out, int *ret_status,
                        struct err *e);

// A descriptor through a socket between two processes.
bool process_send_descriptor(int socket, int fd);
int process_receive_descriptor(int socket); // -1: none came

#endif
