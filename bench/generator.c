// SPDX-License-Identifier: Apache-2.0

#include "generator.h"

#include "daemon/bpf.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#define BURST         64     // frames that go out together, as many as a network card hands over
#define INTERVAL_PART 1024   // of a nanosecond
#define SPARE_US      250000 // the kernel needs some 25 ms until the first frame

// What the program and this process share.
struct state {
    uint64_t begin;    // when the first frame went, in nanoseconds; 0: none has
    uint64_t length;   // of the sending, in nanoseconds
    uint64_t interval; // between two frames, in parts of a nanosecond
    uint64_t sent, frames, bytes, device;
    uint8_t at[FRAMES_MAX][FRAME_ROOM];
};

struct generator {
    int program;
    struct state *state;
};

#define FIELD(name) ((short)offsetof(struct state, name))
#define DROPPED     37 // a place in the program

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static int load(int map)
{
    const struct bpf_insn program[] = {
        COPY(6, 1),
        SHARED(8, map),
        // while it is time
        CALL(BPF_FUNC_ktime_get_ns),
        LOAD(BPF_DW, 1, 8, FIELD(begin)),
        JUMP(5, BPF_JNE, 1, 0, 8),
        COPY(1, 0),
        STORE(BPF_DW, 8, FIELD(begin), 1),
        WITH(BPF_SUB, 0, 1),
        LOAD(BPF_DW, 2, 8, FIELD(length)),
        JUMP_WITH(10, BPF_JGE, 0, 2, DROPPED),
        // and time for the next one
        LOAD(BPF_DW, 2, 8, FIELD(sent)),
        LOAD(BPF_DW, 3, 8, FIELD(interval)),
        WITH(BPF_MUL, 3, 2),
        BY(BPF_DIV, 3, INTERVAL_PART),
        JUMP_WITH(15, BPF_JGT, 3, 0, DROPPED),
        // whose turn it is
        LOAD(BPF_DW, 3, 8, FIELD(frames)),
        COPY(4, 2),
        WITH(BPF_MOD, 4, 3),
        JUMP(19, BPF_JGE, 4, FRAMES_MAX, DROPPED),
        BY(BPF_MUL, 4, FRAME_ROOM),
        COPY(3, 8),
        ADD(3, FIELD(at)),
        WITH(BPF_ADD, 3, 4),
        ADD(2, 1),
        STORE(BPF_DW, 8, FIELD(sent), 2),
        // the page may hold what came of the frame before
        COPY(1, 6),
        SET(2, 0),
        LOAD(BPF_DW, 4, 8, FIELD(bytes)),
        JUMP(29, BPF_JEQ, 4, 0, DROPPED),
        JUMP(30, BPF_JGT, 4, FRAME_ROOM, DROPPED),
        CALL(BPF_FUNC_xdp_store_bytes),
        JUMP(32, BPF_JNE, 0, 0, DROPPED),
        LOAD(BPF_DW, 1, 8, FIELD(device)),
        SET(2, 0),
        CALL(BPF_FUNC_redirect),
        LEAVE,
        SET(0, XDP_DROP),
        LEAVE,
    };
    return bpf_load(BPF_PROG_TYPE_XDP, 0, program, sizeof program / sizeof program[0]);
}

struct generator *generator_new(unsigned device, const struct frame *frames, size_t count)
{
    struct generator *g = calloc(1, sizeof *g);
    void *shared;
    int map = bpf_share(sizeof *g->state, &shared);
    if (!g || map < 0)
        fail("memory shared with the kernel");
    g->program = load(map);
    if (g->program < 0)
        fail("a program in the kernel that sends");
    close(map);
    g->state = shared;
    g->state->device = device;
    g->state->frames = count;
    g->state->bytes = frames->length;
    for (size_t i = 0; i < count; i++)
        memcpy(g->state->at[i], frames[i].bytes, FRAME_ROOM);
    return g;
}

static void wake(int which)
{
    (void)which;
}

// A signal ends the kernel's run, which has no clock of its own.
static void set_alarm(double seconds)
{
    const struct sigaction action = {.sa_handler = wake};
    const long us = (long)(seconds * 1e6) + SPARE_US;
    const struct itimerval when = {.it_value = {us / 1000000, us % 1000000}};
    if (sigaction(SIGALRM, &action, NULL) < 0 || setitimer(ITIMER_REAL, &when, NULL) < 0)
        fail("a timer");
}

unsigned long generator_send(struct generator *g, double rate, double seconds)
{
    struct state *s = g->state;
    union bpf_attr attr = {0};
    s->begin = s->sent = 0;
    s->length = (uint64_t)(seconds * 1e9);
    s->interval = rate > 0 ? (uint64_t)(1e9 * INTERVAL_PART / rate) : 0;
    attr.test.prog_fd = (uint32_t)g->program;
    attr.test.data_in = (uint64_t)(uintptr_t)s->at[0];
    attr.test.data_size_in = (uint32_t)s->bytes;
    attr.test.repeat = INT32_MAX;
    attr.test.batch_size = BURST;
    attr.test.flags = BPF_F_TEST_XDP_LIVE_FRAMES;
    set_alarm(seconds);
    if (syscall(SYS_bpf, BPF_PROG_TEST_RUN, &attr, sizeof attr) < 0 && errno != EINTR)
        fail("a program in the kernel that sends");
    return s->sent;
}
