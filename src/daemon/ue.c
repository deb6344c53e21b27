// SPDX-License-Identifier: Apache-2.0
//
// A telephone: a TUN device, which the kernel takes for a link without neighbours, and the radio.

#include "daemon/gtp.h"

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#define PACKETS_A_TURN 256

struct running {
    const struct ue_options *options;
    int tun;
    struct link radio;
    uint64_t up, down, lost;
    uint8_t buffer[TUN_BUFFER];
};

static int from_tun(void *arg, struct err *e)
{
    struct running *r = arg;
    bool got = true;
    int code = 0;
    for (unsigned i = 0; !code && got && i < PACKETS_A_TURN; i++) {
        struct packet p;
        code = tun_read(r->tun, r->buffer, &p, &got, e);
        if (code || !got)
            break;
        r->up++;
        r->lost += !link_send(&r->radio, NULL, p.at, p.length);
    }
    return code;
}

static int from_radio(void *arg, struct err *e)
{
    struct running *r = arg;
    int code = 0;
    for (unsigned i = 0; !code && i < PACKETS_A_TURN; i++) {
        struct packet p;
        packet_init(&p, r->buffer, sizeof r->buffer);
        code = link_receive(&r->radio, p.at, packet_room(&p), NULL, &p.length, e);
        if (code || p.length == 0)
            break;
        r->down++;
        r->lost += !tun_write(r->tun, &p);
    }
    return code;
}

static void say_counts(void *arg)
{
    const struct running *r = arg;
    speak(&r->options->speaker, "packets: up %" PRIu64 ", down %" PRIu64 ", not taken %" PRIu64,
          r->up, r->down, r->lost);
}

static int serve(struct running *r, struct err *e)
{
    const struct ue_options *o = r->options;
    int code = link_open(o->radio, GTP_RADIO, &r->radio, e);
    if (!code)
        code = tun_open(o->device, o->mtu, false, &r->tun, e);
    if (!code)
        code = privileges_drop(e);
    if (code)
        return code;
    const struct loop loop = {.watches = {{r->tun, from_tun, r}, {r->radio.fd, from_radio, r}},
                              .count = 2,
                              .usr1 = say_counts,
                              .arg = r};
    speak(&o->speaker, "ready: %s", o->device);
    code = loop_run(&loop, e);
    say_counts(r);
    return code;
}

int ue_run(const struct ue_options *o, struct err *e)
{
    struct running *r = calloc(1, sizeof *r);
    if (!r)
        return err_memory(e);
    r->options = o;
    r->tun = r->radio.fd = -1;
    int code = serve(r, e);
    link_close(&r->radio);
    if (r->tun >= 0)
        close(r->tun);
    free(r);
    return code;
}
