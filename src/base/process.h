// SPDX-License-Identifier: Apache-2.0
//
// Child processes: to start one, to wait for its end, to end it. Each is known by a descriptor
// (pidfd_open(2)), which is readable once it has ended: a number may be another's by then.

#ifndef BASE_PROCESS_H
#define BASE_PROCESS_H

#include "base/buffer.h"
#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

// Ends this process, a forked child, without running what the parent has left for its own end.
_Noreturn void process_end(int status);

// As fork, with flags of clone(2), such as CLONE_NEWPID. *ret_pidfd is for the parent. -1 and
// errno.
pid_t process_clone(uint64_t flags, int *ret_pidfd);

// The same; the child is killed when this process dies. ERR_SYSTEM.
int process_fork(uint64_t flags, pid_t *ret_pid, int *ret_pidfd, struct err *e);

// The same, but the child outlives this process: a session of its own, without a terminal.
int process_detach(uint64_t flags, pid_t *ret_pid, int *ret_pidfd, struct err *e);

// Closes every descriptor from 3 on but these; -1 among them is none.
void process_keep_only(const int *fds, size_t count);

struct process_program {
    const char *path;       // without a slash it is looked for on the path
    const char *const *run; // its arguments, from its name on; ended with NULL
    size_t file_max;        // of each file that it writes; 0: no bound of ours
};

// This process, a forked child, becomes the program, in a session of its own: `out` is for its
// output, it has nothing to read and no descriptor else. Where that fails it says why there and
// ends with status 127 (no such program) or 126.
_Noreturn void process_become(const struct process_program *p, int out);

// Runs a program to its end or to `until` of clock_microseconds; its output is added to *out. What
// it leaves in the background is not waited for. ERR_LATE: the time was over, and it was killed
// with all it had started. ERR_SYSTEM.
int process_run(const struct process_program *p, int64_t until, struct buffer *out, int *ret_status,
                struct err *e);

// The exit status, or 128 and the signal. -1: still running.
int process_reap(int pidfd, bool wait);

void process_kill(int pidfd, int signal);

// Is there a program of this name on the path?
bool process_has_program(const char *name);

#endif
