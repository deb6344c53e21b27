// SPDX-License-Identifier: Apache-2.0
//
// Programs of the kernel's own machine (BPF, RFC 9669), written down an instruction a line. A jump
// says where it stands and where it goes, both counted from the beginning; SHARED counts twice.

#ifndef DAEMON_BPF_H
#define DAEMON_BPF_H

#include <linux/bpf.h>
#include <stddef.h>

// The program's descriptor; -1: the kernel does not take it, or does not allow it. `attach` is 0
// for a type that has one place alone.
int bpf_load(enum bpf_prog_type type, enum bpf_attach_type attach, const struct bpf_insn *program,
             size_t count);

// Memory that a program and this process share: zeros, mapped (munmap gives it back). Its
// descriptor, which SHARED takes; -1: as above.
int bpf_share(size_t size, void **ret_memory);

#define BY(how, what, value)                                                                       \
    {                                                                                              \
        .code = BPF_ALU64 | (how) | BPF_K, .dst_reg = (what), .imm = (value)                       \
    }
#define WITH(how, to, from)                                                                        \
    {                                                                                              \
        .code = BPF_ALU64 | (how) | BPF_X, .dst_reg = (to), .src_reg = (from)                      \
    }
#define SET(to, value) BY(BPF_MOV, to, value)
#define ADD(to, value) BY(BPF_ADD, to, value)
#define COPY(to, from) WITH(BPF_MOV, to, from)
#define LOAD(size, to, from, place)                                                                \
    {                                                                                              \
        .code = BPF_LDX | (size) | BPF_MEM, .dst_reg = (to), .src_reg = (from), .off = (place)     \
    }
#define STORE(size, to, place, from)                                                               \
    {                                                                                              \
        .code = BPF_STX | (size) | BPF_MEM, .dst_reg = (to), .src_reg = (from), .off = (place)     \
    }
#define SHARED(to, map)                                                                            \
    {.code = BPF_LD | BPF_DW | BPF_IMM,                                                            \
     .dst_reg = (to),                                                                              \
     .src_reg = BPF_PSEUDO_MAP_VALUE,                                                              \
     .imm = (map)},                                                                                \
    {                                                                                              \
        .imm = 0                                                                                   \
    }
#define JUMP(here, how, what, value, to)                                                           \
    {                                                                                              \
        .code = BPF_JMP | (how) | BPF_K, .dst_reg = (what), .imm = (value), .off = (to) - (here)-1 \
    }
#define JUMP_WITH(here, how, what, with, to)                                                       \
    {                                                                                              \
        .code = BPF_JMP | (how) | BPF_X, .dst_reg = (what), .src_reg = (with),                     \
        .off = (to) - (here)-1                                                                     \
    }
#define CALL(function)                                                                             \
    {                                                                                              \
        .code = BPF_JMP | BPF_CALL, .imm = (function)                                              \
    }
#define LEAVE                                                                                      \
    {                                                                                              \
        .code = BPF_JMP | BPF_EXIT                                                                 \
    }

#endif
