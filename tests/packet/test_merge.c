// SPDX-License-Identifier: Apache-2.0
//
// What was put together and cut again is what went in, in the order of each flow; a cutter of the
// test's own does what a device does.

#include "packet/merge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SIZE    1600
#define FLOWS   12
#define MANY    4000
#define CLIENT6 ((((u128)0x20010db800010000) << 64) + 5)
#define SERVER6 ((((u128)0x20010db8000f0000) << 64) + 7)
#define CLIENT4 UINT32_C(0xc0000201)
#define SERVER4 UINT32_C(0xc6336402)

struct wire {
    uint8_t bytes[PACKET_HEADROOM + SIZE + PACKET_TAILROOM];
    struct packet p;
};

struct plan {
    enum family family;
    uint8_t protocol, hop_limit, tcp_flags;
    uint16_t port, identification;
    uint32_t sequence;
    size_t payload;
    bool dont_fragment;
    unsigned customer; // whose end an outer packet comes from; 0: there is none
    uint8_t outer_class;
};

static size_t outer_of(const uint8_t *at)
{
    if (at[0] >> 4 == 6)
        return at[6] == PROTOCOL_IPV4 ? IPV6_HEADER : 0;
    return at[9] == PROTOCOL_IPV6 ? IPV4_HEADER : 0;
}

// Each family in the other.
static void put_in(struct packet *p, const struct plan *plan)
{
    const bool six = plan->family == FAMILY_IPV4;
    const struct ip outer = {.family = six ? FAMILY_IPV6 : FAMILY_IPV4,
                             .source = (six ? CLIENT6 : CLIENT4) + plan->customer,
                             .destination = six ? SERVER6 : SERVER4,
                             .traffic_class = plan->outer_class,
                             .hop_limit = 64,
                             .protocol = six ? PROTOCOL_IPV4 : PROTOCOL_IPV6,
                             .dont_fragment = plan->dont_fragment,
                             .identification = plan->identification};
    const size_t length = p->length;
    assert_true(packet_push(p, six ? IPV6_HEADER : IPV4_HEADER));
    if (six)
        ipv6_write(p->at, &outer, length);
    else
        ipv4_write(p->at, &outer, p->length);
}

static void build(struct wire *w, const struct plan *plan, uint8_t fill)
{
    bool six = plan->family == FAMILY_IPV6, tcp = plan->protocol == PROTOCOL_TCP;
    size_t head = tcp ? 32 : 8, length = head + plan->payload;
    struct ip ip = {.family = plan->family,
                    .source = six ? CLIENT6 : CLIENT4,
                    .destination = six ? SERVER6 : SERVER4,
                    .hop_limit = plan->hop_limit,
                    .protocol = plan->protocol,
                    .dont_fragment = plan->dont_fragment,
                    .identification = plan->identification};
    packet_init(&w->p, w->bytes, sizeof w->bytes);
    size_t upper = six ? ipv6_write(w->p.at, &ip, length) : IPV4_HEADER;
    if (!six)
        ipv4_write(w->p.at, &ip, upper + length);
    w->p.length = upper + length;
    uint8_t *at = w->p.at + upper;
    memset(at, 0, head);
    memset(at + head, fill, plan->payload);
    store16(at, plan->port);
    store16(at + 2, 443);
    if (tcp) {
        store32(at + 4, plan->sequence);
        at[12] = 8 << 4;
        at[13] = plan->tcp_flags;
        at[20] = at[21] = 1;
        at[22] = 8;
        at[23] = 10;
    } else {
        store16(at + 4, (uint16_t)length);
    }
    uint32_t sum =
        sum_pseudo(plan->family, ip.source, ip.destination, plan->protocol, (uint32_t)length);
    uint16_t sum16 = (uint16_t)~sum_bytes(at, length, sum_fold(sum));
    store16(at + checksum_offset(plan->protocol), sum16 || tcp ? sum16 : 0xffff);
    if (plan->customer)
        put_in(&w->p, plan);
}

// The checksum left to the device.
static void make_partial(struct packet *p)
{
    struct ip ip;
    size_t outer = outer_of(p->at);
    assert_int_equal(ip_read(p->at + outer, p->length - outer, 0, &ip), IP_FINE);
    store16(p->at + outer + ip.upper + checksum_offset(ip.protocol),
            sum_fold(sum_pseudo(ip.family, ip.source, ip.destination, ip.protocol,
                                (uint32_t)(ip.end - ip.upper))));
    p->partial = true;
}

static void complete(struct packet *p)
{
    struct packet inner = *p;
    struct ip ip;
    packet_pull(&inner, outer_of(p->at));
    assert_int_equal(ip_read(inner.at, inner.length, 0, &ip), IP_FINE);
    checksum_complete(&inner, &ip);
}

struct queue {
    struct {
        uint8_t bytes[SIZE];
        size_t length;
    } packets[FLOWS][MANY];
    size_t in[FLOWS], out[FLOWS];
    size_t sends, count;
    bool numbers[65536], any_number;
};

static size_t flow_of(const uint8_t *at)
{
    at += outer_of(at);
    size_t upper = at[0] >> 4 == 6 ? IPV6_HEADER : IPV4_HEADER;
    return load16(at + upper) % FLOWS;
}

static void came(struct queue *q, const uint8_t *at, size_t length)
{
    size_t flow = flow_of(at);
    assert_true(q->out[flow] < q->in[flow]);
    assert_int_equal(length, q->packets[flow][q->out[flow]].length);
    if (q->any_number) {
        assert_false(q->numbers[load16(at + 4)]);
        q->numbers[load16(at + 4)] = true;
    } else {
        assert_memory_equal(at, q->packets[flow][q->out[flow]].bytes, length);
    }
    q->out[flow]++;
}

static void cut_outer(struct packet *p, size_t outer, size_t number)
{
    struct ip ip;
    if (outer == IPV6_HEADER)
        store16(p->at + 4, (uint16_t)(p->length - outer));
    if (outer != IPV4_HEADER)
        return;
    assert_int_equal(ip_read(p->at, p->length, IP_READ_CUT, &ip), IP_FINE);
    ip.identification += (uint32_t)number;
    ipv4_write(p->at, &ip, p->length);
}

// `ip` is of the inner packet, where there is one; `head` counts the outer header.
static void cut_one(struct queue *q, const struct packet *p, const struct ip *ip, size_t head,
                    size_t from, size_t number)
{
    struct wire w;
    size_t rest = p->length - from, payload = rest < p->segment ? rest : p->segment;
    size_t outer = outer_of(p->at);
    packet_init(&w.p, w.bytes, sizeof w.bytes);
    memcpy(w.p.at, p->at, head);
    memcpy(w.p.at + head, p->at + from, payload);
    w.p.length = head + payload;
    uint8_t *at = w.p.at + outer, *upper = at + ip->upper;
    struct ip one = *ip;
    size_t length = w.p.length - outer - ip->upper;
    one.identification += (uint32_t)number;
    cut_outer(&w.p, outer, number);
    if (ip->family == FAMILY_IPV6)
        store16(at + 4, (uint16_t)length);
    else
        ipv4_write(at, &one, w.p.length - outer);
    if (ip->protocol == PROTOCOL_UDP) {
        store16(upper + 4, (uint16_t)length);
    } else {
        store32(upper + 4, load32(upper + 4) + (uint32_t)(from - head));
        if (from + payload < p->length)
            upper[13] &= (uint8_t)~8;
    }
    make_partial(&w.p);
    complete(&w.p);
    came(q, w.p.at, w.p.length);
}

static void cut(void *arg, struct packet *p, size_t count)
{
    struct queue *q = arg;
    struct ip ip;
    size_t number = 0, outer = outer_of(p->at);
    const uint8_t *at = p->at + outer;
    q->sends++;
    q->count += count;
    assert_int_equal(ip_read(p->at, p->length, 0, &ip), IP_FINE);
    assert_int_equal(ip.end, p->length);
    if (!p->segment) {
        assert_int_equal(count, 1);
        complete(p);
        came(q, p->at, p->length);
        return;
    }
    assert_true(p->partial);
    assert_int_equal(ip_read(at, p->length - outer, 0, &ip), IP_FINE);
    // The sum that is left in the field is that of the pseudo-header of all.
    assert_int_equal(load16(at + ip.upper + checksum_offset(ip.protocol)),
                     sum_fold(sum_pseudo(ip.family, ip.source, ip.destination, ip.protocol,
                                         (uint32_t)(ip.end - ip.upper))));
    size_t head =
        outer + ip.upper + (ip.protocol == PROTOCOL_UDP ? 8 : (size_t)(at[ip.upper + 12] >> 4) * 4);
    for (size_t from = head; from < p->length; from += p->segment)
        cut_one(q, p, &ip, head, from, number++);
    assert_int_equal(number, count);
}

static struct merge *make(struct queue *q, bool number, uint8_t inside)
{
    struct merge *m = NULL;
    struct err e = {0};
    const struct merge_config c = {
        .udp = true, .inside = inside, .number = number, .send = cut, .arg = q};
    assert_int_equal(merge_new(&c, &m, &e), 0);
    return m;
}

static void give(struct queue *q, struct merge *m, struct wire *w, bool partial)
{
    size_t flow = flow_of(w->p.at), at = q->in[flow]++;
    memcpy(q->packets[flow][at].bytes, w->p.at, w->p.length);
    q->packets[flow][at].length = w->p.length;
    if (partial)
        make_partial(&w->p);
    merge_packet(m, &w->p);
}

static void all_came(struct queue *q)
{
    for (size_t i = 0; i < FLOWS; i++)
        assert_int_equal(q->in[i], q->out[i]);
}

static void what_goes_in_comes_out(uint8_t inside)
{
    struct queue *q = calloc(1, sizeof *q);
    assert_non_null(q);
    struct plan plans[FLOWS];
    struct merge *m = make(q, false, inside);
    srand(8200);
    for (size_t i = 0; i < FLOWS; i++) {
        bool stands_so = (inside == PROTOCOL_IPV4) == (i % 2 == 0), either = i == 4 || i == 7;
        plans[i] = (struct plan){i % 2 ? FAMILY_IPV6 : FAMILY_IPV4,
                                 i % 4 < 2 ? PROTOCOL_TCP : PROTOCOL_UDP,
                                 64,
                                 0x10,
                                 (uint16_t)(FLOWS * 100 + i),
                                 (uint16_t)rand(),
                                 (uint32_t)rand() * 4,
                                 100 * i % 1400 + 1,
                                 i % 3 == 0,
                                 stands_so || either ? (unsigned)(i % 3) : 0,
                                 0};
    }
    for (size_t n = 0; n < MANY; n++) {
        struct wire w;
        size_t flow = (size_t)rand() % (n / 512 + 1);
        struct plan *plan = &plans[flow], odd = *plan;
        int chance = rand() % 64;
        odd.payload = chance == 0 ? odd.payload / 2 : chance == 1 ? odd.payload + 3 : odd.payload;
        odd.hop_limit = chance == 2 ? 3 : 64;
        odd.tcp_flags = chance == 3 ? 0x18 : chance == 4 ? 0x11 : 0x10;
        odd.sequence += chance == 5;
        odd.outer_class = chance == 8 ? 3 : 0;
        build(&w, &odd, (uint8_t)n);
        if (chance == 6) // damaged: it must not be mended
            w.p.at[w.p.length - 1] ^= 0x55;
        give(q, m, &w, chance % 2 && chance > 6);
        plan->sequence += (uint32_t)odd.payload;
        // Of what may not be cut the number says nothing (RFC 6864), and is not looked at.
        plan->identification += chance != 7 || plan->dont_fragment;
        if (rand() % 50 == 0)
            merge_flush(m);
    }
    merge_flush(m);
    all_came(q);
    assert_int_equal(q->count, MANY);
    assert_true(q->sends < MANY / 2);
    merge_free(&m);
    free(q);
}

// Of packets in packets those alone are put together whose families stand so; a flow of others
// comes out as well.
static void test_what_goes_in_comes_out(void **state)
{
    (void)state;
    what_goes_in_comes_out(PROTOCOL_IPV4);
    what_goes_in_comes_out(PROTOCOL_IPV6);
}

static void test_a_burst_is_one(void **state)
{
    struct queue *q = calloc(1, sizeof *q);
    assert_non_null(q);
    struct merge *m = make(q, true, 0);
    (void)state;
    q->any_number = true;
    for (size_t n = 0; n < 3 * MERGE_COUNT; n++) {
        struct wire w;
        // The numbers of two flows that a translator counts in one.
        struct plan plan = {
            FAMILY_IPV4, PROTOCOL_UDP, 64, 0, (uint16_t)(FLOWS * 100 + n % 2), (uint16_t)n, 0,
            64,          false,        0,  0};
        build(&w, &plan, (uint8_t)n);
        give(q, m, &w, true);
    }
    merge_flush(m);
    all_came(q);
    assert_int_equal(q->sends, 4);
    merge_free(&m);
    free(q);
}

// Customers have the same addresses behind their ends: only the outer source tells them apart.
static void test_inside_others(void **state)
{
    struct queue *q = calloc(1, sizeof *q);
    assert_non_null(q);
    struct merge *m = make(q, false, PROTOCOL_IPV4);
    (void)state;
    for (size_t n = 0; n < MERGE_COUNT; n++)
        for (unsigned customer = 1; customer <= 2; customer++) {
            struct wire w;
            struct plan plan = {FAMILY_IPV4, PROTOCOL_UDP, 64, 0, FLOWS * 100, 0, 0,
                                64,          true,         0,  0};
            plan.customer = customer;
            plan.identification = (uint16_t)n;
            build(&w, &plan, (uint8_t)n);
            size_t place = (customer - 1) * MERGE_COUNT + n;
            memcpy(q->packets[0][place].bytes, w.p.at, w.p.length);
            q->packets[0][place].length = w.p.length;
            q->in[0]++;
            merge_packet(m, &w.p);
        }
    merge_flush(m);
    all_came(q);
    assert_int_equal(q->sends, 2);
    merge_free(&m);
    free(q);
}

static void count_sends(void *arg, struct packet *p, size_t count)
{
    size_t *sums = arg;
    (void)p;
    sums[0]++;
    sums[1] += count;
}

// Many flows at once, a packet of each in turn: most have a place of their own.
static void test_flows_side_by_side(void **state)
{
    struct merge *m = NULL;
    struct err e = {0};
    size_t sums[2] = {0};
    const struct merge_config c = {.udp = true, .send = count_sends, .arg = sums};
    (void)state;
    assert_int_equal(merge_new(&c, &m, &e), 0);
    for (unsigned n = 0; n < 8 * 64; n++) {
        struct wire w;
        const struct plan plan = {
            FAMILY_IPV6, PROTOCOL_UDP, 64, 0, (uint16_t)(40000 + n % 64), 0, 0, 64, true, 0, 0};
        build(&w, &plan, (uint8_t)n);
        merge_packet(m, &w.p);
    }
    merge_flush(m);
    assert_int_equal(sums[1], 8 * 64);
    assert_true(sums[0] < 8 * 64 / 3);
    merge_free(&m);
}

static void test_a_device_that_cannot_cut_udp(void **state)
{
    struct queue *q = calloc(1, sizeof *q);
    assert_non_null(q);
    struct merge *m = NULL;
    struct err e = {0};
    const struct merge_config c = {.send = cut, .arg = q};
    (void)state;
    assert_int_equal(merge_new(&c, &m, &e), 0);
    for (size_t n = 0; n < 10; n++) {
        struct wire w;
        struct plan plan = {FAMILY_IPV6, PROTOCOL_UDP, 64, 0, FLOWS * 100, 0, 0, 64, false, 0, 0};
        build(&w, &plan, (uint8_t)n);
        give(q, m, &w, false);
    }
    all_came(q);
    assert_int_equal(q->sends, 10);
    merge_free(&m);
    free(q);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_goes_in_comes_out),
        cmocka_unit_test(test_a_burst_is_one),
        cmocka_unit_test(test_inside_others),
        cmocka_unit_test(test_flows_side_by_side),
        cmocka_unit_test(test_a_device_that_cannot_cut_udp),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
