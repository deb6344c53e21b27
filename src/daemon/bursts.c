// SPDX-License-Identifier: Apache-2.0
//
// A note lies where the packet's number says, and is of the last packet with that source, length
// and number.

#include "daemon/bursts.h"

#include "daemon/bpf.h"

#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define NOTES  (1 << 14)
#define HEADER (-16) // where the beginning of the IPv4 header is kept on the stack
// Places in it.
#define LENGTH 2
#define NUMBER 4
#define SOURCE 12
#define ALL    (-1) // of the packet is for the socket
// Places in the program.
#define SEVERAL 24
#define TAKEN   26

struct note {
    uint64_t packet; // as packet_of has it
    uint32_t segment, unused;
};

struct bursts {
    struct note notes[NOTES];
};

static int load(int map)
{
    const struct bpf_insn program[] = {
        COPY(6, 1),
        LOAD(BPF_W, 7, 6, offsetof(struct __sk_buff, gso_size)),
        SET(2, 0),
        COPY(3, 10),
        ADD(3, HEADER),
        SET(4, -HEADER),
        CALL(BPF_FUNC_skb_load_bytes),
        JUMP(7, BPF_JNE, 0, 0, TAKEN),
        // which packet
        LOAD(BPF_H, 2, 10, HEADER + NUMBER),
        LOAD(BPF_H, 3, 10, HEADER + LENGTH),
        LOAD(BPF_W, 4, 10, HEADER + SOURCE),
        BY(BPF_LSH, 4, 32),
        BY(BPF_LSH, 3, 16),
        WITH(BPF_OR, 3, 4),
        WITH(BPF_OR, 3, 2),
        // where its note lies
        BY(BPF_AND, 2, NOTES - 1),
        BY(BPF_MUL, 2, sizeof(struct note)),
        SHARED(8, map),
        WITH(BPF_ADD, 8, 2),
        // what is noted, or no longer holds
        JUMP(20, BPF_JNE, 7, 0, SEVERAL),
        LOAD(BPF_DW, 4, 8, offsetof(struct note, packet)),
        JUMP_WITH(22, BPF_JNE, 4, 3, TAKEN),
        SET(3, 0),
        STORE(BPF_W, 8, offsetof(struct note, segment), 7),
        STORE(BPF_DW, 8, offsetof(struct note, packet), 3),
        SET(0, ALL),
        LEAVE,
    };
    return bpf_load(BPF_PROG_TYPE_SOCKET_FILTER, 0, program, sizeof program / sizeof program[0]);
}

static bool attach(int fd, int map)
{
    int program = load(map);
    bool done =
        program >= 0 && setsockopt(fd, SOL_SOCKET, SO_ATTACH_BPF, &program, sizeof program) == 0;
    if (program >= 0)
        close(program);
    return done;
}

struct bursts *bursts_watch(int fd)
{
    void *shared;
    int map = bpf_share(sizeof(struct bursts), &shared);
    if (map < 0)
        return NULL;
    struct bursts *b = shared;
    if (!attach(fd, map))
        bursts_free(&b);
    close(map);
    return b;
}

void bursts_free(struct bursts **b)
{
    if (*b)
        munmap(*b, sizeof **b);
    *b = NULL;
}

static uint64_t packet_of(const uint8_t *header, uint16_t *ret_number)
{
    uint16_t length;
    uint32_t source;
    memcpy(ret_number, header + NUMBER, sizeof *ret_number);
    memcpy(&length, header + LENGTH, sizeof length);
    memcpy(&source, header + SOURCE, sizeof source);
    return (uint64_t)source << 32 | (uint64_t)length << 16 | *ret_number;
}

uint16_t bursts_segment(const struct bursts *b, const uint8_t *header)
{
    uint16_t number;
    const uint64_t packet = packet_of(header, &number);
    const struct note *note = b->notes + (number & (NOTES - 1));
    return note->packet == packet ? (uint16_t)note->segment : 0;
}
