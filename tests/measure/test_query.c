// SPDX-License-Identifier: Apache-2.0
//
// Parameters: what is taken, what is refused with a sentence, and that a basis rebuilds its query.

#include "support.h"

static void check_refused(const char *name, const char *value, const char *sentence)
{
    struct query q, before;
    struct err e = {0};
    memset(&q, 0, sizeof q);
    query_init(&q);
    memcpy(&before, &q, sizeof q);
    assert_int_equal(query_set(&q, name, value, &e), ERR_USAGE);
    if (!strstr(e.text, sentence))
        fail_msg("\"%s\" does not say \"%s\"", e.text, sentence);
    assert_memory_equal(&q, &before, sizeof q);
}

static void bad_values_are_refused_with_what_is_valid(void **state)
{
    (void)state;
    check_refused("family", "ipv5", "ipv6, ipv4, asn");
    check_refused("by", "country", "economy");
    check_refused("known-on", "2024-13", "2024-01-31");
    check_refused("known-on", "0000", "2024-01-31");
    check_refused("on", "2023-02-29", "a date is wanted");
    check_refused("from", "2024-Q5", "a date is wanted");
    check_refused("to", "", "a date is wanted");
    check_refused("status", "alocated", "allocated");
    check_refused("status", "allocated,", "allocated");
    check_refused("min-length", "129", "0 to 128");
    check_refused("max-length", "/", "0 to 128");
    check_refused("only", "", "keys");
    check_refused("registry", "internic", "ripencc");
    check_refused("registry", "nro", "ripencc");
    check_refused("every", "week", "quarter");
    check_refused("basis", "guess", "observed");
    check_refused("bridge", "-1", "days");
    check_refused("bridge", "36501", "36500");
    check_refused("top", "0", "from 1");
    check_refused("economy", "KEN", "two letters");
    check_refused("colour", "red", "known-on");
    check_refused("colour", "red", "economy");
}

static date known_on(const char *value)
{
    return query_of((const char *const[]){"known-on", value, NULL}).known_on;
}

static date from(const char *value)
{
    return query_of((const char *const[]){"from", value, NULL}).from;
}

static void short_dates_mean_their_first_or_last_day(void **state)
{
    (void)state;
    assert_int_equal(known_on("2024"), date_of(2024, 12, 31));
    assert_int_equal(known_on("2024-02"), date_of(2024, 2, 29));
    assert_int_equal(known_on("2024-Q2"), date_of(2024, 6, 30));
    assert_int_equal(known_on("2024-02-03"), date_of(2024, 2, 3));
    assert_int_equal(from("2024"), date_of(2024, 1, 1));
    assert_int_equal(from("2024-12"), date_of(2024, 12, 1));
    assert_int_equal(from("2024-Q4"), date_of(2024, 10, 1));
}

static void lists_are_sets(void **state)
{
    (void)state;
    struct query q = query_of(
        (const char *const[]){"status", "available, reserved", "registry", "apnic,rir,iana", NULL});
    assert_int_equal(q.statuses, STATUS_BIT(STATUS_AVAILABLE) | STATUS_BIT(STATUS_RESERVED));
    assert_int_equal(q.registries, REGISTRIES_RIR | REGISTRY_BIT(REGISTRY_IANA));
    q = query_of((const char *const[]){"status", "delegated", NULL});
    assert_int_equal(q.statuses, STATUS_DELEGATED);
    q = query_of((const char *const[]){"registry", "iana", NULL});
    assert_int_equal(query_statuses(&q), STATUS_BIT(STATUS_ALLOCATED));
    q = query_of(NULL);
    assert_int_equal(query_statuses(&q), STATUS_DELEGATED);
}

static bool takes(const char *name, const char *length, enum family family, uint64_t value)
{
    struct query q = query_of((const char *const[]){name, length, NULL});
    return query_takes_block(&q, &(struct block){family, 0, value});
}

static void lengths_select_blocks(void **state)
{
    (void)state;
    assert_true(takes("max-length", "32", FAMILY_IPV6, 32));
    assert_false(takes("max-length", "32", FAMILY_IPV6, 33));
    assert_true(takes("min-length", "/33", FAMILY_IPV6, 33));
    assert_false(takes("min-length", "33", FAMILY_IPV6, 32));
    assert_true(takes("max-length", "24", FAMILY_IPV4, 256));
    assert_false(takes("max-length", "24", FAMILY_IPV4, 255));
    assert_true(takes("min-length", "24", FAMILY_IPV4, 256));
    assert_false(takes("min-length", "24", FAMILY_IPV4, 257));
    assert_false(takes("min-length", "48", FAMILY_IPV4, 1));
    assert_true(takes("max-length", "48", FAMILY_IPV4, 1));
    assert_true(takes("max-length", "0", FAMILY_ASN, 1));
}

static void a_basis_rebuilds_its_query(void **state)
{
    (void)state;
    static const char *const all[] = {
        "family",     "ipv4",   "by",         "itu-region", "known-on",    "2024-01-05", "on",
        "2023",       "from",   "2001",       "to",         "2022-06",     "status",     "reserved",
        "max-length", "24",     "only",       "cis",        "registry",    "apnic,arin", "every",
        "quarter",    "basis",  "observed",   "bridge",     "0",           "top",        "3",
        "economy",    "ke",     "min-length", "8",          "collector",   "rrc00",      "peers",
        "20",         "series", "google",     "target",     "62.5",        "step",       "month",
        "horizon",    "2035",   "seed",       "7",          "draws",       "99",         "campaign",
        "2026-q1",    "sector", "health",     "domain",     "example.org", NULL};
    struct query q = query_of(all), again;
    struct table *t = NULL;
    assert_int_equal(table_new("test", &t), 0);
    query_describe(&q, q.known_on, t);
    assert_int_equal(t->basis.parameter_count, PARAMETER_COUNT);
    query_init(&again);
    for (size_t i = 0; i < t->basis.parameter_count; i++)
        assert_int_equal(
            query_set(&again, t->basis.parameter_names[i], t->basis.parameter_values[i], NULL), 0);
    assert_int_equal(again.family, q.family);
    assert_int_equal(again.by, q.by);
    assert_int_equal(again.known_on, q.known_on);
    assert_int_equal(again.on, q.on);
    assert_int_equal(again.from, q.from);
    assert_int_equal(again.to, q.to);
    assert_int_equal(again.statuses, q.statuses);
    assert_int_equal(again.registries, q.registries);
    assert_int_equal(again.min_length, q.min_length);
    assert_int_equal(again.max_length, q.max_length);
    assert_string_equal(again.only, q.only);
    assert_int_equal(again.every, q.every);
    assert_int_equal(again.basis, q.basis);
    assert_int_equal(again.bridge, q.bridge);
    assert_int_equal(again.top, q.top);
    assert_int_equal(again.economy, q.economy);
    assert_string_equal(again.collector, "rrc00");
    assert_int_equal(again.peers, 20);
    assert_string_equal(again.series, "google");
    assert_true(again.has_target && again.target == 62.5);
    assert_true(again.has_step && again.step == PERIOD_MONTH);
    assert_int_equal(again.horizon, date_of(2035, 12, 31));
    assert_int_equal(again.seed, 7);
    assert_int_equal(again.draws, 99);
    table_free(&t);
}

static void defaults_are_not_described(void **state)
{
    (void)state;
    struct query q = query_of(NULL);
    struct table *t = NULL;
    assert_int_equal(table_new("test", &t), 0);
    query_describe(&q, DATE_NONE, t);
    assert_int_equal(t->basis.parameter_count, 0);
    table_free(&t);
}

static void measures_are_found_by_name(void **state)
{
    (void)state;
    assert_non_null(measure_find("pace"));
    assert_null(measure_find("pac"));
    for (size_t i = 0; i < measure_count(); i++)
        assert_ptr_equal(measure_find(measure_at(i)->name), measure_at(i));
    assert_null(measure_at(measure_count()));
}

static void check_only(const struct world *w, enum by by, const char *only, const char *sentence)
{
    struct keys k = {0};
    struct err e = {0};
    assert_int_equal(keys_init(&k, by, only, w, NULL, 0, 1, &e), ERR_USAGE);
    if (!strstr(e.text, sentence))
        fail_msg("\"%s\" does not say \"%s\"", e.text, sentence);
    assert_null(k.shown);
}

static void unknown_keys_are_refused_with_the_valid_ones(void **state)
{
    struct world *w = test_world();
    (void)state;
    check_only(w, BY_REGION, "atlantis", "africa, americas, asia, europe, oceania, none");
    check_only(w, BY_GROUP, "ldc,rich", "lldc");
    check_only(w, BY_REGISTRY, "internic", "ripencc");
    check_only(w, BY_WORLD, "KE", "world");
    check_only(w, BY_ECONOMY, "Kenya", "KE, BR");
    world_free(&w);
}

static void economies_have_several_names(void **state)
{
    struct world *w = test_world();
    struct keys k = {0};
    char text[KEY_TEXT_MAX];
    economy used[] = {economy_of('F', 'R'), economy_of('K', 'E'), economy_of('F', 'R')};
    (void)state;
    assert_int_equal(
        keys_init(&k, BY_ECONOMY, "ken, 076 ,none,zz", w, used, 3, REGISTRIES_RIR, NULL), 0);
    static const struct {
        const char *key;
        bool shown;
    } want[] = {{"none", true}, {"BR", true}, {"FR", false}, {"KE", true}, {"ZZ", true}};
    assert_int_equal(k.count, 5);
    for (size_t i = 0; i < 5; i++) {
        assert_string_equal(keys_key(&k, i, text), want[i].key);
        assert_int_equal(k.shown[i], want[i].shown);
    }
    keys_done(&k);
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_values_are_refused_with_what_is_valid),
        cmocka_unit_test(short_dates_mean_their_first_or_last_day),
        cmocka_unit_test(lists_are_sets),
        cmocka_unit_test(lengths_select_blocks),
        cmocka_unit_test(a_basis_rebuilds_its_query),
        cmocka_unit_test(defaults_are_not_described),
        cmocka_unit_test(measures_are_found_by_name),
        cmocka_unit_test(unknown_keys_are_refused_with_the_valid_ones),
        cmocka_unit_test(economies_have_several_names),
    };
    return cmocka_run_group_tests_name("query", tests, NULL, NULL);
}
