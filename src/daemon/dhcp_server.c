// SPDX-License-Identifier: Apache-2.0

#include "daemon/dhcp.h"

#include <linux/if_ether.h>

#define EVERYBODY UINT32_MAX

struct running {
    const struct dhcp_server_options *options;
    struct link link;
    struct dhcp_server *server;
};

static void tell(const struct running *r, const struct dhcp *a)
{
    static const char *const words[] = {
        [DHCP_OFFER] = "offer", [DHCP_ACK] = "ack", [DHCP_NAK] = "nak"};
    char text[ADDRESS_TEXT_MAX], mac[MAC_TEXT_MAX];
    speak(&r->options->speaker, "%s %s %s%s", words[a->type], mac_format(a->mac, mac),
          address_format(FAMILY_IPV4, a->yours, text), a->has_v6only ? " ipv6-only" : "");
}

// RFC 2131, 4.1: to the address that the client has, to all, or to the one that it is about to
// have.
static void send_answer(const struct running *r, const struct dhcp *a)
{
    uint8_t packet[DHCP_PACKET_MAX];
    bool known = a->client != 0 && a->type == DHCP_ACK;
    bool alone = known || (!a->broadcast && a->yours != 0);
    uint32_t to = known ? a->client : alone ? a->yours : EVERYBODY;
    size_t length = dhcp_write(a, r->options->config.own, to, packet);
    (void)link_send(&r->link, alone ? a->mac : NULL, packet, length);
}

static int received(void *arg, struct err *e)
{
    struct running *r = arg;
    uint8_t packet[PACKET_HEADROOM + 1500];
    struct dhcp m, a;
    uint32_t source;
    size_t length = 0;
    int code = link_receive(&r->link, packet, sizeof packet, NULL, &length, e);
    if (code || !dhcp_packet_read(packet, length, DHCP_SERVER_PORT, &m, &source) ||
        !dhcp_serve(r->server, &m, clock_milliseconds(), &a))
        return code;
    send_answer(r, &a);
    tell(r, &a);
    return 0;
}

static void say_counts(void *arg)
{
    const struct running *r = arg;
    speak(&r->options->speaker, "leases: %zu", dhcp_server_leases(r->server, clock_milliseconds()));
}

static int serve(struct running *r, struct err *e)
{
    const struct loop loop = {
        .watches = {{r->link.fd, received, r}}, .count = 1, .usr1 = say_counts, .arg = r};
    int code = privileges_drop(e);
    if (code)
        return code;
    speak(&r->options->speaker, "ready: %s", r->options->device);
    return loop_run(&loop, e);
}

int dhcp_server_run(const struct dhcp_server_options *o, struct err *e)
{
    struct running r = {.options = o, .link.fd = -1};
    int code = dhcp_server_new(&o->config, &r.server, e);
    if (!code)
        code = link_open(o->device, ETH_P_IP, &r.link, e);
    if (!code)
        code = serve(&r, e);
    link_close(&r.link);
    dhcp_server_free(&r.server);
    return code;
}
