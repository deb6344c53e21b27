// SPDX-License-Identifier: Apache-2.0
//
// The kernel cuts a packet of several segments inside another where it knows which header is the
// outer one, and the header of virtio has no word for that. A program of the kernel's own machine
// at the device's entrance says it: it takes the outer header off and puts it on again as such.

#include "daemon/bpf.h"
#include "daemon/daemon.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <net/if.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef TCX_NEXT // of Linux 6.6
#define TCX_NEXT -1
#define TCX_DROP 2
#endif
#define ATTACH_TCX_INGRESS ((enum bpf_attach_type)46)
#define INNER_IS_IPV4      (1 << 7) // BPF_F_ADJ_ROOM_DECAP_L3_IPV4, of Linux 6.4
#define INNER_IS_IPV6      (1 << 8)

#define HEADER (-IPV6_HEADER) // where an outer header is kept on the stack
// Places in the program.
#define LOST   34
#define PASSED 36

static int load(bool six)
{
    const int size = six ? IPV6_HEADER : IPV4_HEADER;
    const struct bpf_insn program[] = {
        COPY(6, 1),
        LOAD(BPF_W, 2, 6, offsetof(struct __sk_buff, gso_size)),
        JUMP(2, BPF_JEQ, 2, 0, PASSED),
        LOAD(BPF_W, 2, 6, offsetof(struct __sk_buff, protocol)),
        JUMP(4, BPF_JNE, 2, __builtin_bswap16(six ? ETH_P_IPV6 : ETH_P_IP), PASSED),
        // the outer header
        COPY(1, 6),
        SET(2, 0),
        COPY(3, 10),
        ADD(3, HEADER),
        SET(4, size),
        CALL(BPF_FUNC_skb_load_bytes),
        JUMP(11, BPF_JNE, 0, 0, PASSED),
        LOAD(BPF_B, 2, 10, HEADER + (six ? 6 : 9)),
        JUMP(13, BPF_JNE, 2, six ? PROTOCOL_IPV4 : PROTOCOL_IPV6, PASSED),
        // off
        COPY(1, 6),
        SET(2, -size),
        SET(3, BPF_ADJ_ROOM_MAC),
        SET(4, BPF_F_ADJ_ROOM_FIXED_GSO | (six ? INNER_IS_IPV4 : INNER_IS_IPV6)),
        CALL(BPF_FUNC_skb_adjust_room),
        JUMP(19, BPF_JNE, 0, 0, LOST),
        // and on
        COPY(1, 6),
        SET(2, size),
        SET(3, BPF_ADJ_ROOM_MAC),
        SET(4, BPF_F_ADJ_ROOM_FIXED_GSO |
                   (six ? BPF_F_ADJ_ROOM_ENCAP_L3_IPV6 : BPF_F_ADJ_ROOM_ENCAP_L3_IPV4)),
        CALL(BPF_FUNC_skb_adjust_room),
        JUMP(25, BPF_JNE, 0, 0, LOST),
        COPY(1, 6),
        SET(2, 0),
        COPY(3, 10),
        ADD(3, HEADER),
        SET(4, size),
        SET(5, 0),
        CALL(BPF_FUNC_skb_store_bytes),
        JUMP(33, BPF_JEQ, 0, 0, PASSED),
        SET(0, TCX_DROP),
        LEAVE,
        SET(0, TCX_NEXT),
        LEAVE,
    };
    return bpf_load(BPF_PROG_TYPE_SCHED_CLS, ATTACH_TCX_INGRESS, program,
                    sizeof program / sizeof program[0]);
}

int tun_nest(const char *name, enum family outer)
{
    union bpf_attr attr = {0};
    int fd = load(outer == FAMILY_IPV6);
    if (fd < 0)
        return -1;
    attr.link_create.prog_fd = (uint32_t)fd;
    attr.link_create.target_ifindex = if_nametoindex(name);
    attr.link_create.attach_type = ATTACH_TCX_INGRESS;
    int link = (int)syscall(SYS_bpf, BPF_LINK_CREATE, &attr, sizeof attr);
    close(fd);
    return link;
}
