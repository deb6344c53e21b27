// SPDX-License-Identifier: Apache-2.0
//
// Inside the DNS client: the queue and the retries (dns_client.c), UDP (dns_udp.c), TCP
// (dns_tcp.c).

#ifndef CHECK_DNS_CLIENT_PARTS_H
#define CHECK_DNS_CLIENT_PARTS_H

#include "check/dns_client.h"

#define PORTS       32    // sockets of a family; each batch goes out of one of them
#define PORT_USES   16384 // questions from one port; then it is given back for another
#define BATCH       64
#define ANSWER_ROOM (DNS_SIZE_MAX + 256)
#define FLIGHT_ROWS 16384 // a power of two
#define RANDOM_ROOM 512

enum question_state {
    QUESTION_IDLE,
    QUESTION_QUEUED,
    QUESTION_FLYING,   // over UDP
    QUESTION_STREAM,   // over TCP
    QUESTION_STOPPING, // this attempt failed; the timer says when that takes effect
};

struct client;

struct port {
    struct client *client;
    int fd; // -1: not open
    enum family family;
    unsigned open, uses;
};

struct datagrams; // memory for a batch

struct client {
    struct dns_client face;
    struct events *events;
    struct event_task flush;
    struct dns_question *first, **last;
    struct dns_question *streams_first, **streams_last; // that wait for a connection
    unsigned flying, streams;
    struct port ports[2][PORTS]; // by family
    struct datagrams *datagrams;
    size_t random_left;
    uint16_t random[RANDOM_ROOM];
    struct dns_question *flight[FLIGHT_ROWS];
};

uint16_t client_random(struct client *c);

// The attempt is over without an answer; another one, or the end, comes after a moment. Calls
// nobody back.
void question_failed(struct client *c, struct dns_question *q, enum dns_status status);
void question_end(struct client *c, struct dns_question *q, enum dns_status status,
                  const struct dns_message *m);
struct dns_asked question_asked(const struct dns_question *q);

int udp_new(struct client *c, struct err *e);
void udp_free(struct client *c);
void udp_send(struct client *c, enum family f, struct dns_question *const *batch, unsigned count);
void udp_forget(struct client *c, struct dns_question *q); // it waits no more

void stream_begin(struct client *c, struct dns_question *q);
void stream_forget(struct client *c, struct dns_question *q);

#endif
