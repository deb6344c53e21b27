// SPDX-License-Identifier: Apache-2.0
//
// What other implementations of 6LoWPAN are held against: reads lines, writes one answer for each.
//
//     context ID PREFIX LENGTH
//     cut SOURCE DESTINATION PACKET     the frames that it becomes; addresses 16 bits or 64, in hex
//     join FRAME                        "PACKET", "waiting", or what is wrong
//     restart                           forgets pieces and contexts

#include "packet/lowpan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX_BYTES 8192

struct codec {
    struct iphc iphc;
    struct lowpan_joiner *joiner;
    struct lowpan_link link;
    uint16_t tag;
    uint8_t sequence;
};

static size_t from_hex(const char *text, uint8_t *at, size_t room)
{
    size_t length = 0;
    unsigned byte;
    char two[3] = {0};
    while (length < room && text[0] && text[1]) {
        memcpy(two, text, 2);
        byte = (unsigned)strtoul(two, NULL, 16);
        at[length++] = (uint8_t)byte;
        text += 2;
    }
    return length;
}

static void print_hex(const uint8_t *at, size_t length)
{
    for (size_t i = 0; i < length; i++)
        printf("%02x", at[i]);
}

static struct wpan_address address_of(const char *text)
{
    uint64_t value = strtoull(text, NULL, 16);
    return strlen(text) == 4 ? wpan_short((uint16_t)value) : wpan_extended(value);
}

static void print_frame(void *arg, const uint8_t *payload, size_t length)
{
    struct codec *c = arg;
    uint8_t frame[WPAN_FRAME_MAX];
    const struct wpan_frame f = {.type = WPAN_DATA,
                                 .sequence = c->sequence++,
                                 .pan = 0xabcd,
                                 .source = c->link.source,
                                 .destination = c->link.destination};
    size_t size = wpan_write(&f, payload, length, frame);
    print_hex(frame, size);
    printf(" ");
}

static void cut(struct codec *c, const char *source, const char *destination, const char *packet)
{
    uint8_t at[LOWPAN_SIZE_MAX + 1];
    size_t length = from_hex(packet, at, sizeof at);
    c->link = (struct lowpan_link){address_of(source), address_of(destination)};
    struct lowpan_way w = {.iphc = &c->iphc, .tag = c->tag, .frame = print_frame, .arg = c};
    if (lowpan_cut(&w, &c->link, at, length) == 0)
        printf("refused");
    c->tag = w.tag;
}

static void join(struct codec *c, const char *hex)
{
    uint8_t at[WPAN_FRAME_MAX + 1];
    struct wpan_frame f;
    struct packet p;
    enum iphc_fault iphc;
    size_t length = from_hex(hex, at, sizeof at);
    enum wpan_fault fault = wpan_read(at, length, &f);
    if (fault != WPAN_FINE) {
        printf("frame fault %d", (int)fault);
        return;
    }
    struct lowpan_link link = {f.source, f.destination};
    enum lowpan_fault what =
        lowpan_join(c->joiner, &c->iphc, &link, at + f.payload, f.end - f.payload, 0, &p, &iphc);
    if (what == LOWPAN_FINE)
        print_hex(p.at, p.length);
    else if (what == LOWPAN_WAITING)
        printf("waiting");
    else
        printf("fault %d, %s", (int)what, iphc_fault_name(iphc));
}

static void restart(struct codec *c)
{
    lowpan_joiner_free(&c->joiner);
    c->joiner = lowpan_joiner_new();
    memset(&c->iphc, 0, sizeof c->iphc);
    if (!c->joiner)
        exit(1);
}

int main(void)
{
    static char line[LINE_MAX_BYTES];
    struct codec c = {.joiner = NULL};
    restart(&c);
    while (fgets(line, sizeof line, stdin)) {
        const char *words[4] = {NULL};
        char *rest = line;
        for (size_t i = 0; i < 4 && rest; i++)
            words[i] = strsep(&rest, " \n");
        if (strcmp(words[0], "cut") == 0 && words[3]) {
            cut(&c, words[1], words[2], words[3]);
        } else if (strcmp(words[0], "join") == 0 && words[1]) {
            join(&c, words[1]);
        } else if (strcmp(words[0], "context") == 0 && words[3]) {
            uint8_t at[16] = {0};
            (void)from_hex(words[2], at, sizeof at);
            c.iphc.contexts[strtoul(words[1], NULL, 10) % IPHC_CONTEXTS] = (struct iphc_context){
                load128(at), (uint8_t)strtoul(words[3], NULL, 10), true, true};
        } else {
            restart(&c);
        }
        printf("\n");
        fflush(stdout);
    }
    lowpan_joiner_free(&c.joiner);
    return 0;
}
