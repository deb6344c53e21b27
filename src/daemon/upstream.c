// SPDX-License-Identifier: Apache-2.0

#include "daemon/upstream.h"

#include "base/buffer.h"
#include "base/file.h"
#include "packet/advert.h"

#include <fcntl.h>
#include <linux/if_ether.h>
#include <stdio.h>
#include <unistd.h>

#define FIRST_WAIT  4000    // RTR_SOLICITATION_INTERVAL, milliseconds
#define LONGEST     3600000 // MRT of RFC 7559
#define DELAY_MAX   1000    // MAX_RTR_SOLICITATION_DELAY
#define FORWARDING  '2'     // advertisements count although it forwards
#define SETTING_MAX 16

static void setting_path(const char *device, char at[80])
{
    snprintf(at, 80, "/proc/sys/net/ipv6/conf/%s/accept_ra", device);
}

static bool write_setting(const char *device, char value)
{
    char path[80];
    setting_path(device, path);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t written = write(fd, &value, 1);
    close(fd);
    return written == 1;
}

static char read_setting(const char *device)
{
    char path[80], value = 0;
    struct buffer text = {0};
    setting_path(device, path);
    if (file_read(path, SETTING_MAX, &text, NULL) == 0 && text.length > 0)
        value = text.at[0];
    buffer_done(&text);
    return value;
}

bool upstream_open(const char *device, struct upstream *ret)
{
    char before = read_setting(device);
    bool done = before && write_setting(device, FORWARDING);
    *ret = (struct upstream){.device = device, .before = done ? before : 0};
    return done;
}

void upstream_close(struct upstream *u)
{
    if (u->before)
        (void)write_setting(u->device, u->before);
}

void upstream_again(struct upstream *u, int64_t now)
{
    u->wait = 0;
    u->due = now + (int64_t)(random_seed() % DELAY_MAX);
}

static bool solicit(const char *device)
{
    static const uint8_t all[6] = {0x33, 0x33, 0, 0, 0, 2};
    uint8_t packet[IPV6_HEADER + SOLICIT_HEADER + 8] = {0}, *message = packet + IPV6_HEADER;
    struct link line = {.fd = -1};
    struct err ignored;
    u128 own;
    if (!link_local_address(device, &own) || link_open(device, ETH_P_IPV6, &line, &ignored) != 0)
        return false;
    message[0] = NDP_SOLICIT;
    message[SOLICIT_HEADER] = 1; // source link-layer address
    message[SOLICIT_HEADER + 1] = 1;
    memcpy(message + SOLICIT_HEADER + 2, line.mac, sizeof line.mac);
    size_t length = ndp_finish(packet, own, IPV6_ALL_ROUTERS, SOLICIT_HEADER + 8);
    bool sent = link_send(&line, all, packet, length);
    link_close(&line);
    return sent;
}

void upstream_tick(struct upstream *u, int64_t now, bool found)
{
    if (now < u->due || (found && u->wait > 0) || !solicit(u->device))
        return;
    u->wait = u->wait ? 2 * u->wait : FIRST_WAIT;
    u->wait = u->wait < LONGEST ? u->wait : LONGEST;
    u->due = now + u->wait + (int64_t)(random_seed() % (uint64_t)(u->wait / 5)) - u->wait / 10;
}
