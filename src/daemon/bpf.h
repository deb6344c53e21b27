// SPDX-License-Identifier: Apache-2.0
//
// How a program of the kernel's own machine (BPF, RFC 9669) is written down: an instruction a line.
// A jump says where it stands and where it goes, both counted from the beginning.

#ifndef DAEMON_BPF_H
#define DAEMON_BPF_H

#include <linux/bpf.h>

#define SET(to, value)                                                                             \
    {                                                                                              \
        .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = (to), .imm = (value)                       \
    }
#define COPY(to, from)                                                                             \
    {                                                                                              \
        .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = (to), .src_reg = (from)                    \
    }
#define ADD(to, value)                                                                             \
    {                                                                                              \
        .code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = (to), .imm = (value)                       \
    }
#define LOAD(size, to, from, place)                                                                \
    {                                                                                              \
        .code = BPF_LDX | (size) | BPF_MEM, .dst_reg = (to), .src_reg = (from), .off = (place)     \
    }
#define JUMP(here, how, what, value, to)                                                           \
    {                                                                                              \
        .code = BPF_JMP | (how) | BPF_K, .dst_reg = (what), .imm = (value), .off = (to) - (here)-1 \
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
