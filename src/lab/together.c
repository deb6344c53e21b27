// SPDX-License-Identifier: Apache-2.0

#include "lab/together.h"

#include "base/process.h"
#include "base/processors.h"

#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>

#define NODES_TOGETHER 200

size_t together_default(const struct lab *lab)
{
    size_t most = NODES_TOGETHER / lab->nodes_count, together = 4 * (size_t)processors();
    together = together > most ? most : together;
    return together > TOGETHER_MAX ? TOGETHER_MAX : together ? together : 1;
}

static int begin(size_t piece, together_fn *fn, void *arg, struct pollfd *ret, struct err *e)
{
    pid_t pid;
    int pidfd;
    int code = process_fork(0, &pid, &pidfd, e);
    if (code == 0 && pid == 0) {
        fn(piece, arg);
        process_end(0);
    }
    if (code == 0)
        *ret = (struct pollfd){.fd = pidfd, .events = POLLIN};
    return code;
}

static size_t bury(struct pollfd *running, size_t count)
{
    size_t left = 0;
    if (poll(running, count, -1) < 0)
        return count;
    for (size_t i = 0; i < count; i++) {
        if (!running[i].revents) {
            running[left++] = running[i];
            continue;
        }
        process_reap(running[i].fd, true);
        close(running[i].fd);
    }
    return left;
}

int together_run(size_t count, size_t most, together_fn *fn, void *arg, struct err *e)
{
    struct pollfd running[TOGETHER_MAX];
    size_t now = 0;
    int code = 0;
    most = most > TOGETHER_MAX ? TOGETHER_MAX : most;
    for (size_t i = 0; i < count && code == 0; i++) {
        while (now >= most)
            now = bury(running, now);
        code = begin(i, fn, arg, &running[now], e);
        now += code == 0;
    }
    while (now > 0)
        now = bury(running, now);
    return code;
}

void *together_memory(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

void together_memory_free(void *memory, size_t size)
{
    if (memory)
        munmap(memory, size);
}
