// SPDX-License-Identifier: Apache-2.0

#include "lab/capture.h"

#include "packet/trace.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <pcap/pcap.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static bool is_ethernet(int fd, const char *interface)
{
    struct ifreq request = {0};
    snprintf(request.ifr_name, sizeof request.ifr_name, "%s", interface);
    return ioctl(fd, SIOCGIFHWADDR, &request) != 0 ||
           request.ifr_hwaddr.sa_family == ARPHRD_ETHER ||
           request.ifr_hwaddr.sa_family == ARPHRD_LOOPBACK;
}

static int attach(int fd, const char *filter, bool ethernet, struct err *e)
{
    struct bpf_program program;
    pcap_t *p = pcap_open_dead(ethernet ? DLT_EN10MB : DLT_RAW, TRACE_PACKET);
    if (!p)
        return err_memory(e);
    int code = 0;
    if (pcap_compile(p, &program, filter ? filter : "", 1, PCAP_NETMASK_UNKNOWN) != 0) {
        code = err_set(e, ERR_INPUT, "filter \"%s\": %s", filter, pcap_geterr(p));
    } else {
        // The same instructions under another name.
        const struct sock_fprog attached = {.len = (unsigned short)program.bf_len,
                                            .filter = (struct sock_filter *)program.bf_insns};
        if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &attached, sizeof attached) != 0)
            code = err_system(e, "filter \"%s\"", filter ? filter : "");
        pcap_freecode(&program);
    }
    pcap_close(p);
    return code;
}

int capture_open(const char *interface, const char *filter, int *ret, bool *ret_ethernet,
                 struct err *e)
{
    const struct sockaddr_ll at = {.sll_family = AF_PACKET,
                                   .sll_protocol = htons(ETH_P_ALL),
                                   .sll_ifindex = (int)if_nametoindex(interface)};
    if (at.sll_ifindex == 0)
        return err_set(e, ERR_NOT_FOUND, "there is no interface %s", interface);
    int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0), size = 4 << 20;
    if (fd < 0)
        return err_system(e, "cannot capture");
    bool ethernet = is_ethernet(fd, interface);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    int code = attach(fd, filter, ethernet, e);
    if (code == 0 && bind(fd, (const struct sockaddr *)&at, sizeof at) != 0)
        code = err_system(e, "cannot capture at %s", interface);
    if (code) {
        close(fd);
        return code;
    }
    *ret = fd;
    *ret_ethernet = ethernet;
    return 0;
}

unsigned capture_count(int fd)
{
    struct tpacket_stats stats = {0};
    socklen_t size = sizeof stats;
    getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &stats, &size);
    return stats.tp_packets;
}

static bool put(int out, const void *bytes, size_t length)
{
    return write(out, bytes, length) == (ssize_t)length;
}

int capture_write(int fd, bool ethernet, int out, struct err *e)
{
    const struct trace_head head = trace_head(ethernet ? TRACE_ETHERNET : TRACE_IP);
    struct {
        struct trace_record record;
        uint8_t frame[TRACE_PACKET];
    } packet;
    ssize_t n = 0;
    bool ok = put(out, &head, sizeof head);
    while (ok && (n = recv(fd, packet.frame, sizeof packet.frame, 0)) >= 0) {
        packet.record = trace_record((uint32_t)n);
        ok = put(out, &packet, sizeof packet.record + (size_t)n);
    }
    if (ok && errno == EINTR)
        return 0;
    return errno == EPIPE ? 0 : err_system(e, ok ? "cannot capture" : "cannot write");
}
