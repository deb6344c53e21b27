// SPDX-License-Identifier: Apache-2.0
//
// The system calls that a started server needs; the kernel refuses it the others (seccomp). Private
// to src/site.

#ifndef SITE_CALLS_H
#define SITE_CALLS_H

// For this thread and those that it starts; no new privileges must be set. 0, or an errno: ENOSYS
// where the program or the kernel has no seccomp.
//
// What only an intruder would call ends the process: other programs, other connections, tracing.
// What is merely not needed fails with EPERM, and so does memory that can be executed.
int calls_restrict(void);

#endif
