// SPDX-License-Identifier: Apache-2.0
//
// Packet traces in the format of pcap: what stands at the beginning, and before each packet.

#ifndef PACKET_TRACE_H
#define PACKET_TRACE_H

#include <stdint.h>
#include <time.h>

#define TRACE_ETHERNET 1
#define TRACE_IP       101
#define TRACE_PACKET   65600 // octets of one packet at most

struct trace_head {
    uint32_t magic, version;
    uint32_t zone, accuracy;
    uint32_t kept_most, link;
};

struct trace_record {
    uint32_t seconds, microseconds, kept, length;
};

static inline struct trace_head trace_head(uint32_t link)
{
    return (struct trace_head){0xa1b2c3d4, 2 | 4 << 16, 0, 0, TRACE_PACKET, link};
}

// Of a packet that is there now.
static inline struct trace_record trace_record(uint32_t length)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (struct trace_record){(uint32_t)now.tv_sec, (uint32_t)(now.tv_nsec / 1000), length,
                                 length};
}

#endif
