// SPDX-License-Identifier: Apache-2.0

#include "daemon/bpf.h"

#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

int bpf_load(enum bpf_prog_type type, enum bpf_attach_type attach, const struct bpf_insn *program,
             size_t count)
{
    union bpf_attr attr = {.prog_type = type,
                           .expected_attach_type = attach,
                           .insns = (uint64_t)(uintptr_t)program,
                           .insn_cnt = (uint32_t)count,
                           .license = (uint64_t)(uintptr_t) "Apache-2.0"};
    return (int)syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof attr);
}

int bpf_share(size_t size, void **ret_memory)
{
    union bpf_attr attr = {.map_type = BPF_MAP_TYPE_ARRAY,
                           .key_size = sizeof(uint32_t),
                           .value_size = (uint32_t)size,
                           .max_entries = 1,
                           .map_flags = BPF_F_MMAPABLE};
    int fd = (int)syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof attr);
    if (fd < 0)
        return -1;
    *ret_memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (*ret_memory != MAP_FAILED)
        return fd;
    close(fd);
    return -1;
}
