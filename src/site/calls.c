// SPDX-License-Identifier: Apache-2.0

#include "site/calls.h"

#include <errno.h>

#ifdef WITH_SECCOMP
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <sys/mman.h>

// By name: an architecture lacks some of them.
static const char *const needed[] = {
    // files, where Landlock lets it: the archive and the reference tables opened anew
    "access", "close", "faccessat", "faccessat2", "fchmod", "fchown", "fcntl", "fstat", "fstatfs",
    "ftruncate", "getcwd", "getdents64", "lseek", "lstat", "newfstatat", "open", "openat",
    "openat2", "pread64", "pwrite64", "read", "readlink", "readlinkat", "readv", "stat", "statx",
    "write", "writev",
    // connections that came
    "accept", "accept4", "epoll_create1", "epoll_ctl", "epoll_pwait", "epoll_pwait2", "epoll_wait",
    "eventfd2", "getpeername", "getsockname", "getsockopt", "poll", "ppoll", "recvfrom", "recvmsg",
    "sendfile", "sendmsg", "sendto", "setsockopt", "shutdown",
    // memory and threads; mmap, mprotect and clone with conditions
    "brk", "exit", "exit_group", "futex", "get_robust_list", "gettid", "madvise", "membarrier",
    "mremap", "munmap", "rseq", "sched_getaffinity", "sched_yield", "set_robust_list",
    // time, signals, itself
    "clock_getres", "clock_gettime", "clock_nanosleep", "getegid", "geteuid", "getgid", "getpid",
    "getrandom", "getrlimit", "getrusage", "gettimeofday", "getuid", "nanosleep", "prlimit64",
    "restart_syscall", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigtimedwait",
    "sigaltstack", "sysinfo", "tgkill", "time", "uname", NULL};

static const char *const fatal[] = {
    "bind",     "bpf",        "chroot",           "connect",           "delete_module", "execve",
    "execveat", "fork",       "init_module",      "kexec_load",        "keyctl",        "listen",
    "mount",    "pivot_root", "process_vm_readv", "process_vm_writev", "ptrace",        "setns",
    "setuid",   "socket",     "socketpair",       "unshare",           "userfaultfd",   "vfork",
    NULL};

static int add(scmp_filter_ctx filter, uint32_t action, const char *const *names)
{
    int code = 0;
    for (; *names && code == 0; names++) {
        int number = seccomp_syscall_resolve_name(*names);
        if (number >= 0)
            code = seccomp_rule_add(filter, action, number, 0);
    }
    return code;
}

// Memory that is not executable; threads and no processes. The flags of clone3 cannot be seen, and
// without it the C library uses clone.
static int add_conditions(scmp_filter_ctx filter)
{
    struct scmp_arg_cmp plain = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
    struct scmp_arg_cmp thread = SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD);
    int code = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, &plain);
    if (code == 0)
        code = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, &plain);
    if (code == 0)
        code = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1, &thread);
    return code ? code : seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
}

int calls_restrict(void)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    if (!filter)
        return ENOMEM;
    int code = add(filter, SCMP_ACT_ALLOW, needed);
    if (code == 0)
        code = add(filter, SCMP_ACT_KILL_PROCESS, fatal);
    if (code == 0)
        code = add_conditions(filter);
    if (code == 0)
        code = seccomp_load(filter);
    seccomp_release(filter);
    return -code;
}
#else
int calls_restrict(void)
{
    return ENOSYS;
}
#endif
