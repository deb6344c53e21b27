// SPDX-License-Identifier: Apache-2.0
//
// Visibility against an oracle that holds every delegation against every route, address by address.

#include "measure/visibility.h"
#include "support.h"

#include <math.h>
#include <string.h>

// Half leaves: the /37s of 2001:db8::/32, and as many before and behind it.
#define PLACE       (LEAF_SIZE / 2)
#define PLACES      (LEAVES * 2)
#define ROUTES_MAX  40
#define FEW_PEERS   5
#define ORIGIN_HOME 64500

struct scene {
    struct archive archive;
    struct routed routed;
    struct route routes[ROUTES_MAX];
    size_t count;
    struct lifetime numbers[4];
};

static int compare_routes(const void *a, const void *b)
{
    const struct route *x = a, *y = b;
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    if (x->length != y->length)
        return x->length < y->length ? -1 : 1;
    return (x->origin > y->origin) - (x->origin < y->origin);
}

static bool is_same(const struct route *a, const struct route *b)
{
    return compare_routes(a, b) == 0;
}

static void fill_routes(struct scene *s, uint64_t *random)
{
    s->count = random_below(random, ROUTES_MAX);
    for (size_t i = 0; i < s->count; i++) {
        unsigned order = (unsigned)random_below(random, random_below(random, 5) ? 4 : 7);
        size_t place = random_below(random, PLACES * 3) >> order << order;
        s->routes[i] = (struct route){
            .start = FIRST_ADDRESS - PLACES * PLACE + place * PLACE,
            .origin = ORIGIN_HOME + (uint32_t)random_below(random, 5) - 1,
            .length = (uint8_t)(LEAF_LENGTH + 1 - order),
            .level = (uint8_t)(random_below(random, 4) ? 10 : random_below(random, FEW_PEERS))};
    }
    qsort(s->routes, s->count, sizeof *s->routes, compare_routes);
    size_t kept = 0;
    for (size_t i = 0; i < s->count; i++)
        if (kept == 0 || !is_same(&s->routes[kept - 1], &s->routes[i]))
            s->routes[kept++] = s->routes[i];
    s->count = kept;
}

// AS 64500 in KE, 64501 in FR, 64502 in the EU, which is no economy; 64499 and 64503 nobody's.
static void fill_numbers(struct scene *s)
{
    static const char codes[3][3] = {"KE", "FR", "EU"};
    for (size_t i = 0; i < 3; i++)
        s->numbers[i] = (struct lifetime){.block = {FAMILY_ASN, ORIGIN_HOME + i, 1},
                                          .registry = REGISTRY_RIPENCC,
                                          .economy = economy_of(codes[i][0], codes[i][1])};
    s->numbers[3] = (struct lifetime){.block = {FAMILY_ASN, 4200000000u, 10}};
    assert_int_equal(homes_make(&s->routed.homes, s->numbers, 4, NULL), 0);
    s->routed.numbers = (struct view){.at = s->numbers, .count = 4};
}

// Only what stands, as view_load_standing has it.
static struct scene *make_scene(uint64_t seed, const char *by, const struct world *w)
{
    struct scene *s = calloc(1, sizeof *s);
    uint64_t random = seed * 0x9e3779b97f4a7c15u;
    assert_non_null(s);
    archive_fill(&s->archive, seed, date_of(2007, 12, 10), seed % 2);
    size_t kept = 0;
    for (size_t i = 0; i < s->archive.count; i++)
        if (s->archive.lifetimes[i].last == s->archive.known[s->archive.lifetimes[i].registry])
            s->archive.lifetimes[kept++] = s->archive.lifetimes[i];
    s->archive.count = kept;
    s->routed.blocks = archive_view(&s->archive, w);
    s->routed.day = s->routed.blocks.known_on;
    s->routed.query = query_of((const char *const[]){"by", by, "peers", "5", NULL});
    fill_routes(s, &random);
    fill_numbers(s);
    routing_init(&s->routed.routing, FAMILY_IPV6, FEW_PEERS);
    for (size_t i = 0; i < s->count; i++)
        assert_true(routing_add(&s->routed.routing, &s->routes[i]));
    assert_true(routing_end(&s->routed.routing));
    assert_int_equal(special_load(&s->routed.special, NULL), 0);
    s->routed.snapshot = (struct route_snapshot){
        .kind = ROUTE_ANNOUNCED, .collector = "rrc99", .date = s->routed.day, .peers = 20};
    return s;
}

static void free_scene(struct scene *s)
{
    homes_done(&s->routed.homes);
    special_done(&s->routed.special);
    routing_done(&s->routed.routing);
    free(s);
}

// ---- the oracle

static bool counts(const struct route *r)
{
    return r->level == 0 || r->level >= FEW_PEERS;
}

static bool has(const struct route *r, u128 first, u128 last)
{
    return r->start <= first && prefix_last(FAMILY_IPV6, r->start, r->length) >= last;
}

struct naive {
    uint64_t delegations, announced, exact, covered, inside, holders, announced_holders;
    u128 space, announced_space;
    bool unknown;
};

static struct seen look(const struct scene *s, const struct lifetime *l)
{
    struct range b = block_range(&l->block);
    struct seen seen = {0};
    for (u128 at = b.first; at <= b.last; at += PLACE) {
        bool found = false;
        for (size_t i = 0; i < s->count; i++)
            found |= counts(&s->routes[i]) && has(&s->routes[i], at, at + PLACE - 1);
        seen.space += found ? PLACE : 0;
    }
    for (size_t i = 0; i < s->count; i++) {
        const struct route *r = &s->routes[i];
        if (!counts(r) || !has(r, b.first, b.last))
            continue;
        seen.exact |= r->length == l->block.value;
        seen.covered |= r->length < l->block.value;
    }
    return seen;
}

static bool held_before(const struct scene *s, const struct keys *k, size_t key, size_t row,
                        bool announced)
{
    const struct lifetime *rows = s->archive.lifetimes;
    for (size_t i = 0; i < row; i++)
        if (rows[i].holder == rows[row].holder && rows[i].registry == rows[row].registry &&
            (key == SIZE_MAX ||
             keys_has(k, key, rows[i].registry, rows[i].economy, s->routed.day)) &&
            (!announced || look(s, &rows[i]).space > 0))
            return true;
    return false;
}

static struct naive sum_key(const struct scene *s, const struct keys *k, size_t key)
{
    struct naive n = {0};
    for (size_t i = 0; i < s->archive.count; i++) {
        const struct lifetime *l = &s->archive.lifetimes[i];
        if (key != SIZE_MAX && !keys_has(k, key, l->registry, l->economy, s->routed.day))
            continue;
        struct seen seen = look(s, l);
        n.delegations++;
        n.announced += seen.space > 0;
        n.exact += seen.exact;
        n.covered += seen.covered && !seen.exact;
        n.inside += seen.space > 0 && !seen.covered && !seen.exact;
        n.space += block_count(&l->block);
        n.announced_space += seen.space;
        n.unknown |= l->holder == 0;
        n.holders += l->holder && !held_before(s, k, key, i, false);
        n.announced_holders += l->holder && seen.space > 0 && !held_before(s, k, key, i, true);
    }
    return n;
}

static void check_row(const struct table *t, size_t row, const struct naive *n)
{
    assert_true(count_of(t, row, "delegations") == n->delegations);
    assert_true(count_of(t, row, "announced") == n->announced);
    assert_true(count_of(t, row, "exact") == n->exact);
    assert_true(count_of(t, row, "covered") == n->covered);
    assert_true(count_of(t, row, "inside") == n->inside);
    assert_true(count_of(t, row, "slash64") == n->space);
    assert_true(count_of(t, row, "announced_slash64") == n->announced_space);
    assert_int_equal(is_empty_cell(t, row, "announced_share"), n->delegations == 0);
    bool known = !n->unknown && !is_empty_cell(t, row, "holders");
    if (known) {
        assert_true(count_of(t, row, "holders") == n->holders);
        assert_true(count_of(t, row, "announced_holders") == n->announced_holders);
    } else {
        assert_true(is_empty_cell(t, row, "holders"));
        assert_true(is_empty_cell(t, row, "holders_share"));
    }
}

static size_t find_key(const struct keys *k, const char *text)
{
    char key[KEY_TEXT_MAX];
    for (size_t i = 0; i < k->count; i++)
        if (strcmp(keys_key(k, i, key), text) == 0)
            return i;
    assert_string_equal(text, "total");
    return SIZE_MAX;
}

static const struct table *named(const struct measure_tables *t, const char *name)
{
    for (size_t i = 0; i < t->count; i++)
        if (strcmp(t->at[i]->name, name) == 0)
            return t->at[i];
    fail_msg("no table %s", name);
    return NULL;
}

static struct keys make_keys(const struct scene *s)
{
    struct keys k = {0};
    economy used[LIFETIMES_MAX];
    for (size_t i = 0; i < s->archive.count; i++)
        used[i] = s->archive.lifetimes[i].economy;
    assert_int_equal(keys_init(&k, s->routed.query.by, "", s->routed.blocks.world, used,
                               s->archive.count, s->routed.blocks.registries, NULL),
                     0);
    return k;
}

static void check_kinds(const struct scene *s, const struct table *t)
{
    struct naive all = sum_key(s, NULL, SIZE_MAX);
    uint64_t want[] = {all.exact, all.covered, all.inside, all.announced, 0, all.delegations};
    want[4] = all.delegations - all.announced;
    for (size_t i = 0; i < 6; i++)
        assert_true(count_of(t, i, "delegations") == want[i]);
    assert_true(count_of(t, 3, "announced_slash64") == all.announced_space);
    assert_true(count_of(t, 5, "slash64") == all.space);
}

// The smallest block around a route; of equal ones the last of the archive's.
static const struct lifetime *cover_of(const struct scene *s, const struct route *r, bool *part)
{
    const struct lifetime *found = NULL;
    u128 last = prefix_last(FAMILY_IPV6, r->start, r->length);
    *part = false;
    for (size_t i = 0; i < s->archive.count; i++) {
        const struct lifetime *l = &s->archive.lifetimes[i];
        struct range b = block_range(&l->block);
        *part |= b.first <= last && r->start <= b.last;
        if (b.first <= r->start && b.last >= last &&
            (!found || l->block.value >= found->block.value))
            found = l;
    }
    return found;
}

static void check_announced(const struct scene *s, const struct measure_tables *t)
{
    uint64_t prefixes[4] = {0}, home = 0, abroad = 0, unknown = 0;
    const struct route *before = NULL;
    for (size_t i = 0; i < s->count; i++) {
        const struct route *r = &s->routes[i];
        if (!counts(r))
            continue;
        bool part;
        const struct lifetime *l = cover_of(s, r, &part);
        bool same = before && before->start == r->start && before->length == r->length;
        bool documentation = r->length >= 32 && r->start >> 96 == FIRST_ADDRESS >> 96;
        before = r;
        prefixes[l ? 0 : part ? 1 : documentation ? 2 : 3] += !same;
        bool known = l && l->economy != economy_of('E', 'U') && l->economy != ECONOMY_NONE;
        economy at = r->origin == ORIGIN_HOME       ? economy_of('K', 'E')
                     : r->origin == ORIGIN_HOME + 1 ? economy_of('F', 'R')
                                                    : ECONOMY_NONE;
        unknown += l && (!known || at == ECONOMY_NONE);
        home += known && at == l->economy;
        abroad += known && at != ECONOMY_NONE && at != l->economy;
    }
    const struct table *announced = named(t, "announced"), *from = named(t, "abroad");
    for (size_t i = 0; i < 4; i++)
        assert_true(count_of(announced, i, "prefixes") == prefixes[i]);
    assert_int_equal(named(t, "bogons")->row_count, prefixes[1] + prefixes[2] + prefixes[3]);
    size_t total = from->row_count - 1;
    assert_true(count_of(from, total, "home") == home);
    assert_true(count_of(from, total, "abroad") == abroad);
    assert_true(count_of(from, total, "unknown") == unknown);
}

static void random_scenes_agree_with_the_oracle(void **state)
{
    static const char *const partitions[] = {"world",     "registry",   "economy", "region",
                                             "subregion", "itu-region", "group"};
    size_t rows = 0;
    for (uint64_t seed = 1; seed <= 140; seed++) {
        struct scene *s = make_scene(seed, partitions[seed % 7], *state);
        struct measure_tables tables = {0};
        struct err e = {0};
        if (visibility_tables(&s->routed, &tables, &e))
            fail_msg("%s", e.text);
        struct keys k = make_keys(s);
        const struct table *t = named(&tables, "visibility");
        for (size_t row = 0; row < t->row_count; row++) {
            struct naive n = sum_key(s, &k, find_key(&k, text_of(t, row, "key")));
            check_row(t, row, &n);
            rows += n.announced > 0;
        }
        check_kinds(s, named(&tables, "kinds"));
        check_announced(s, &tables);
        keys_done(&k);
        measure_tables_free(&tables);
        free_scene(s);
    }
    assert_in_range(rows, 400, 4000);
}

// ---- which table counts

static void the_newest_table_by_the_day_counts(void **state)
{
    struct route_snapshot at[] = {
        {.kind = ROUTE_ANNOUNCED, .collector = "rrc00", .date = 100, .prefixes = 10},
        {.kind = ROUTE_ANNOUNCED, .collector = "rrc00", .date = 130, .prefixes = 10},
        {.kind = ROUTE_ANNOUNCED, .collector = "rrc01", .date = 130, .prefixes = 20},
        {.kind = ROUTE_ANNOUNCED, .family = FAMILY_IPV4, .collector = "rrc02", .date = 140},
        {.kind = ROUTE_VALIDATED, .collector = "rpki", .date = 150},
    };
    struct route_snapshot_list l = {at, sizeof at / sizeof *at};
    struct query q = query_of(NULL);
    struct route_snapshot found;
    struct err e;
    (void)state;
    assert_int_equal(routed_choose(&l, &q, FAMILY_IPV6, DATE_MAX, &found, &e), 0);
    assert_string_equal(found.collector, "rrc01");
    assert_int_equal(routed_choose(&l, &q, FAMILY_IPV6, 129, &found, &e), 0);
    assert_int_equal(found.date, 100);
    assert_int_equal(routed_choose(&l, &q, FAMILY_IPV6, 99, &found, &e), ERR_NOT_FOUND);
    assert_non_null(strstr(e.text, "1970-04-11"));
    assert_int_equal(routed_choose(&l, &q, FAMILY_IPV6, 130 + ROUTED_GAP_MAX, &found, &e), 0);
    assert_int_equal(routed_choose(&l, &q, FAMILY_IPV6, 131 + ROUTED_GAP_MAX, &found, &e),
                     ERR_NOT_FOUND);
    q = query_of((const char *const[]){"collector", "rrc00", NULL});
    assert_int_equal(routed_choose(&l, &q, FAMILY_IPV6, DATE_MAX, &found, &e), 0);
    assert_string_equal(found.collector, "rrc00");
    q = query_of((const char *const[]){"collector", "rrc77", NULL});
    assert_int_equal(routed_choose(&l, &q, FAMILY_IPV6, DATE_MAX, &found, &e), ERR_NOT_FOUND);
    assert_non_null(strstr(e.text, "rrc00, rrc01"));
}

static uint32_t peers_for(uint32_t full, const char *asked)
{
    struct route_snapshot s = {.peers_full = full};
    struct query q = query_of(asked ? (const char *const[]){"peers", asked, NULL} : NULL);
    uint32_t peers = 0;
    return routed_peers(&q, &s, &peers, NULL) == 0 ? peers : 0;
}

static void a_tenth_of_the_peers_but_at_most_ten(void **state)
{
    (void)state;
    assert_int_equal(peers_for(0, NULL), 1);
    assert_int_equal(peers_for(19, NULL), 1);
    assert_int_equal(peers_for(79, NULL), 7);
    assert_int_equal(peers_for(234, NULL), 10);
    assert_int_equal(peers_for(234, "1"), 1);
    assert_int_equal(peers_for(234, "20"), 20);
    assert_int_equal(peers_for(234, "15"), 0);
}

static int set_up(void **state)
{
    *state = test_world();
    return 0;
}

static int tear_down(void **state)
{
    world_free((struct world **)state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_scenes_agree_with_the_oracle),
        cmocka_unit_test(the_newest_table_by_the_day_counts),
        cmocka_unit_test(a_tenth_of_the_peers_but_at_most_ten),
    };
    return cmocka_run_group_tests_name("visibility", tests, set_up, tear_down);
}
