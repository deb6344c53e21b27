// SPDX-License-Identifier: Apache-2.0
//
// An archive of a routing table a month for twenty years, made up with a fixed seed: prefixes come,
// go, flap, change their origin, are seen by more or fewer peers. Each table is imported as a RIS
// whois dump; then the archive is asked.
//
//     bench_routes ARCHIVE [ipv6|ipv4] [PREFIXES-AT-THE-END] [MONTHS]

#include "store/routes.h"
#include "base/buffer.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define FIRST_YEAR 2006
#define MONTHS     240
#define COLLECTOR  "bench"

struct prefix {
    u128 start;
    uint32_t origin, second; // second: another origin, 0: none
    uint8_t length;
    uint8_t hidden;  // of 256: the share of peers that do not see it
    bool away, gone; // for this month; for good
};

struct world_of_routes {
    enum family family;
    struct prefix *at;
    size_t count, capacity, standing;
    uint64_t seed;
};

static uint64_t pick(struct world_of_routes *w, uint64_t below)
{
    w->seed = w->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (w->seed >> 24) % below;
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

// ---- the table

static const uint8_t lengths_v6[] = {32, 48, 48, 48, 48, 48, 44, 40,
                                     40, 36, 33, 32, 29, 48, 47, 46};
static const uint8_t lengths_v4[] = {24, 24, 24, 24, 24, 24, 24, 24,
                                     23, 22, 22, 21, 20, 19, 18, 16};

// Where day.sh has the registries' blocks: IPv6 /32s, IPv4 blocks of 1,024.
static u128 registered_block(struct world_of_routes *w)
{
    static const struct {
        uint32_t base6, blocks6, base4, blocks4;
    } registries[] = {{0x2c000000, 9000, 41, 6000},
                      {0x24000000, 60000, 101, 70000},
                      {0x26000000, 75000, 63, 80000},
                      {0x28000000, 50000, 177, 25000},
                      {0x2a000000, 65000, 77, 90000}};
    unsigned r = (unsigned)pick(w, 5);
    if (w->family == FAMILY_IPV6)
        return (u128)(registries[r].base6 + pick(w, registries[r].blocks6)) << 96;
    return (registries[r].base4 << 24) + (uint32_t)(pick(w, registries[r].blocks4) << 10);
}

// Half of the new prefixes lie in the block of one that is there and have its origin; one in a
// hundred lies where nothing is registered.
static void add_prefix(struct world_of_routes *w)
{
    if (w->count == w->capacity) {
        w->capacity = w->capacity ? 2 * w->capacity : 4096;
        w->at = realloc(w->at, w->capacity * sizeof *w->at);
        if (!w->at)
            exit(4);
    }
    bool v6 = w->family == FAMILY_IPV6;
    const struct prefix *parent = w->count && pick(w, 2) ? &w->at[pick(w, w->count)] : NULL;
    unsigned bits = v6 ? 128 : 32, length = (v6 ? lengths_v6 : lengths_v4)[pick(w, 16)];
    unsigned fixed = v6 ? 32 : 22;
    u128 start = parent ? parent->start >> (bits - fixed) << (bits - fixed) : registered_block(w);
    if (!parent && pick(w, 100) == 0)
        start ^= (u128)1 << (bits - 8);
    start |= v6 ? (u128)pick(w, 1u << 16) << 80 : (u128)pick(w, 1u << 10);
    uint32_t origin =
        parent ? parent->origin : (uint32_t)(1 + pick(w, pick(w, 3) ? 65000 : 400000));
    w->at[w->count++] = (struct prefix){.start = start >> (bits - length) << (bits - length),
                                        .origin = origin,
                                        .second = pick(w, 100) == 0 ? origin + 1 : 0,
                                        .length = (uint8_t)length,
                                        .hidden = (uint8_t)(pick(w, 10) == 0 ? pick(w, 256) : 0)};
    w->standing++;
}

// A month: 1.2 % leave for good, 0.8 % are away, 0.3 % change their origin, one in fifty of those
// that not all see is seen by others.
static void pass_month(struct world_of_routes *w, size_t wanted)
{
    for (size_t i = 0; i < w->count; i++) {
        struct prefix *p = &w->at[i];
        if (p->gone)
            continue;
        p->away = pick(w, 1000) < 8;
        if (pick(w, 1000) < 12) {
            p->gone = true;
            w->standing--;
        } else if (pick(w, 1000) < 3) {
            p->origin = (uint32_t)(1 + pick(w, 400000));
        } else if (p->hidden && pick(w, 50) == 0) {
            p->hidden = (uint8_t)pick(w, 256);
        }
    }
    while (w->standing < wanted)
        add_prefix(w);
}

static void write_month(struct world_of_routes *w, unsigned peers, struct buffer *out)
{
    char address[ADDRESS_TEXT_MAX];
    buffer_text(out, "% bench\n");
    for (size_t i = 0; i < w->count; i++) {
        const struct prefix *p = &w->at[i];
        if (p->gone || p->away)
            continue;
        address_format(w->family, p->start, address);
        unsigned seen = peers - peers * p->hidden / 256 - (pick(w, 4) == 0);
        buffer_format(out, "%" PRIu32 "\t%s/%u\t%u\n", p->origin, address, p->length,
                      seen ? seen : 1);
        if (p->second)
            buffer_format(out, "%" PRIu32 "\t%s/%u\t1\n", p->second, address, p->length);
    }
}

// ---- the archive

struct bench {
    struct store *store;
    struct importer *importer;
    struct world_of_routes world;
    double all, slowest, last;
    struct err e;
};

static void stop(const struct bench *b)
{
    fprintf(stderr, "%s\n", b->e.text);
    exit(4);
}

static date month_date(unsigned month)
{
    return date_of((int)(FIRST_YEAR + month / 12), month % 12 + 1, 1);
}

static void import_month(struct bench *b, unsigned month, size_t prefixes, unsigned months)
{
    struct import_options options = {.read = {.date = month_date(month)}, .collector = COLLECTOR};
    struct import_result result;
    struct buffer text = {0};
    struct source *source;
    double share = exp(5.8 * ((double)(month + 1) / months - 1)); // grows 330 times
    pass_month(&b->world, (size_t)((double)prefixes * share));
    write_month(&b->world, 12 + month / 6, &text);
    if (source_open_memory("table", text.at, text.length, NULL, &source, &b->e))
        stop(b);
    double begin = seconds();
    if (importer_add(b->importer, source, &options, &result, &b->e))
        stop(b);
    b->last = seconds() - begin;
    b->all += b->last;
    b->slowest = b->last > b->slowest ? b->last : b->slowest;
    source_close(&source);
    buffer_done(&text);
}

static int count_life(const struct route_life *l, void *arg)
{
    (void)l;
    ++*(uint64_t *)arg;
    return 0;
}

static int compare_times(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

// The median of seven scans.
static double time_scan(struct bench *b, date on, uint64_t *ret_rows)
{
    struct route_scan scan = {ROUTE_ANNOUNCED, b->world.family, COLLECTOR, on};
    double times[7];
    for (unsigned i = 0; i < 7; i++) {
        double begin = seconds();
        *ret_rows = 0;
        if (store_route_scan(b->store, &scan, count_life, ret_rows, &b->e))
            stop(b);
        times[i] = seconds() - begin;
    }
    qsort(times, 7, sizeof *times, compare_times);
    return times[3];
}

static void print_scans(struct bench *b, unsigned months)
{
    uint64_t runs, rows;
    double all = time_scan(b, DATE_NONE, &runs);
    printf("every lifetime            %8.1f ms  %9" PRIu64 " lifetimes  %.1f ns each\n", 1e3 * all,
           runs, 1e9 * all / (double)runs);
    for (unsigned i = 1; i <= 4; i++) {
        date on = month_date(months * i / 4 - 1);
        char day[DATE_TEXT_MAX];
        double one = time_scan(b, on, &rows);
        printf("what stood on %s  %8.1f ms  %9" PRIu64 " routes     %.1f ns a lifetime\n",
               date_format(on, day), 1e3 * one, rows, 1e9 * one / (double)runs);
    }
}

static void print_size(const char *path, unsigned months)
{
    struct stat info;
    if (stat(path, &info) == 0)
        printf("archive                   %8.1f MB for %u months (wanted: under 1,000)\n",
               (double)info.st_size / 1e6, months);
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return 2;
    struct bench b = {.world = {.seed = 42}};
    bool v4 = argc > 2 && strcmp(argv[2], "ipv4") == 0;
    size_t prefixes = argc > 3 ? strtoull(argv[3], NULL, 10) : v4 ? 1000000 : 230000;
    unsigned months = argc > 4 ? (unsigned)strtoul(argv[4], NULL, 10) : MONTHS;
    b.world.family = v4 ? FAMILY_IPV4 : FAMILY_IPV6;
    if (store_open(argv[1], STORE_WRITE, &b.store, &b.e) ||
        importer_new(b.store, &b.importer, &b.e))
        stop(&b);
    for (unsigned month = 0; month < months; month++)
        import_month(&b, month, prefixes, months);
    importer_free(&b.importer);
    store_close(&b.store); // so that all lies in the one file
    if (store_open(argv[1], STORE_READ, &b.store, &b.e))
        stop(&b);
    printf(
        "import of a month         %8.1f ms  on average; the last %.0f ms, the slowest %.0f ms\n",
        1e3 * b.all / months, 1e3 * b.last, 1e3 * b.slowest);
    print_size(argv[1], months);
    print_scans(&b, months);
    store_close(&b.store);
    free(b.world.at);
    return 0;
}
