// SPDX-License-Identifier: Apache-2.0
//
// Frames on a device as fast as the kernel makes them (Linux 5.18): a program of its own machine
// writes each frame into a page that the kernel has at hand, which then goes out of the device. No
// call and no copy of a packet is paid for, so that the box behind the device is what is measured.

#ifndef BENCH_GENERATOR_H
#define BENCH_GENERATOR_H

#include <stddef.h>
#include <stdint.h>

#define FRAME_ROOM 256
#define FRAMES_MAX 256

struct frame {
    uint8_t bytes[FRAME_ROOM];
    size_t length;
};

struct generator;

// The device is one of this process's network namespace, whose peer must take frames (gro on, for
// a veth). Frames are copied, 1 to FRAMES_MAX, all of one length. What fails ends the program with
// a word.
struct generator *generator_new(unsigned device, const struct frame *frames, size_t count);

// One of each after the other for this long, as many a second as `rate` says, or as many as go
// where it is 0. Returns how many went.
unsigned long generator_send(struct generator *g, double rate, double seconds);

#endif
