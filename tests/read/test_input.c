// SPDX-License-Identifier: Apache-2.0
//
// What an input is, is told by its content, in whatever container it comes; and what happens when
// there is no memory left, at each place where some is wanted.

#include "read/observed.h"
#include "support.h"

#include <bzlib.h>
#include <lzma.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include <cmocka.h>

#define COUNT(a)  (sizeof(a) / sizeof *(a))
#define IANA_HEAD "Prefix,Designation,Date,WHOIS,RDAP,Status,Note\n"

// ---- memory that ends

static long allocations_left = -1; // negative: no limit

static bool may_allocate(void)
{
    if (allocations_left == 0)
        return false;
    allocations_left -= allocations_left > 0;
    return true;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);

void *__wrap_malloc(size_t size)
{
    return may_allocate() ? __real_malloc(size) : NULL;
}

void *__wrap_calloc(size_t count, size_t size)
{
    return may_allocate() ? __real_calloc(count, size) : NULL;
}

void *__wrap_realloc(void *memory, size_t size)
{
    return may_allocate() ? __real_realloc(memory, size) : NULL;
}

// ---- containers

static void pack_plain(const void *bytes, size_t length, struct buffer *ret)
{
    buffer_add(ret, bytes, length);
}

static void pack_bzip2(const void *bytes, size_t length, struct buffer *ret)
{
    char out[8192];
    unsigned room = sizeof out;
    assert_int_equal(
        BZ2_bzBuffToBuffCompress(out, &room, (char *)(uintptr_t)bytes, (unsigned)length, 1, 0, 0),
        BZ_OK);
    buffer_add(ret, out, room);
}

static void pack_xz(const void *bytes, size_t length, struct buffer *ret)
{
    uint8_t out[8192];
    size_t used = 0;
    assert_int_equal(
        lzma_easy_buffer_encode(0, LZMA_CHECK_CRC32, NULL, bytes, length, out, &used, sizeof out),
        LZMA_OK);
    buffer_add(ret, (char *)out, used);
}

static void pack_zstd(const void *bytes, size_t length, struct buffer *ret)
{
    char out[8192];
    size_t used = ZSTD_compress(out, sizeof out, bytes, length, 1);
    assert_false(ZSTD_isError(used));
    buffer_add(ret, out, used);
}

typedef void packer(const void *bytes, size_t length, struct buffer *ret);
static packer *const packers[] = {pack_plain, pack_gzip, pack_bzip2, pack_xz, pack_zstd};

// ---- formats

static const struct form {
    const char *text;
    enum input_format format;
    uint64_t records;
} forms[] = {
    {"2|apnic|20240105|1||20240104|+1000\napnic|JP|ipv6|2001:db8::|32|19990813|allocated|A\n",
     FORMAT_RIR, 1},
    {"# c\n\n#\n2|nro|20240105|1||20240104|+1000\narin|US|asn|64496|1|19990813|assigned|A\n",
     FORMAT_RIR, 1},
    {IANA_HEAD "2001:db8::/32,APNIC,1999-07-01,,,ALLOCATED,\n", FORMAT_IANA_IPV6, 1},
    {"# c\r\n" IANA_HEAD "192/8,ARIN,1993-05,,,LEGACY,\n", FORMAT_IANA_IPV4, 1},
    {"start,end,economy\n2001:db8::,2001:db8::2,KE\n", FORMAT_RANGES, 2},
    {"\"Start\",\"End\",\"Country\"\n192.0.2.0,192.0.2.9,KE\n", FORMAT_RANGES, 1},
    {"\n# c\n\"192.0.2.0\",\"192.0.2.9\",\"KE\"\n", FORMAT_RANGES, 1},
    {"AS64496,AS64511,KE\n", FORMAT_RANGES, 1},
};

static const struct read_options dated = {.date = 19727}; // 2024-01-05

static void test_formats(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(forms); i++) {
        struct log plain = {0};
        log_read(&plain, forms[i].text, strlen(forms[i].text), &dated);
        assert_int_equal(plain.code, 0);
        assert_int_equal(plain.result.header.format, forms[i].format);
        assert_int_equal(plain.records, forms[i].records);
        for (size_t p = 0; p < COUNT(packers); p++) {
            struct buffer packed = {0};
            struct log log = {0};
            packers[p](forms[i].text, strlen(forms[i].text), &packed);
            log_read(&log, packed.at, packed.length, &dated);
            assert_string_equal(log.text.at, plain.text.at);
            buffer_done(&packed);
            log_done(&log);
        }
        log_done(&plain);
    }
}

static void test_packed_and_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(forms); i++)
        for (size_t p = 1; p < COUNT(packers); p++) {
            struct buffer packed = {0};
            struct log log = {0};
            packers[p](forms[i].text, strlen(forms[i].text), &packed);
            log_read(&log, packed.at, packed.length - 9, &dated);
            assert_int_equal(log.code, ERR_INPUT);
            assert_memory_equal(log.err.text, "text:", 5);
            buffer_done(&packed);
            log_done(&log);
        }
}

static void test_names(void **state)
{
    (void)state;
    static const char *const names[] = {"rir-statistics", "iana-ipv6-unicast", "iana-ipv4-space",
                                        "range-table"};
    for (unsigned i = 0; i < COUNT(names); i++)
        assert_string_equal(input_format_name((enum input_format)i), names[i]);
    for (unsigned i = 0; i < REGISTRY_COUNT; i++) {
        enum registry r = REGISTRY_COUNT;
        assert_true(registry_parse(slice_of(registry_name((enum registry)i)), &r));
        assert_int_equal(r, i);
    }
    enum status s = STATUS_COUNT;
    for (unsigned i = 0; i < STATUS_COUNT; i++) {
        assert_true(status_parse(slice_of(status_name((enum status)i)), &s));
        assert_int_equal(s, i);
    }
    assert_false(status_parse(slice_of("allocate"), &s));
    for (unsigned i = 0; i < FINDING_COUNT_OF_KINDS; i++)
        assert_true(strlen(finding_name((enum finding_kind)i)) > 5);
    for (unsigned i = 0; i < REJECTED_COUNT; i++)
        assert_true(strlen(rejected_name((enum rejected)i)) > 5);
    for (unsigned i = 0; i < IGNORED_COUNT; i++)
        assert_true(strlen(ignored_name((enum ignored)i)) > 4);
}

// A comment longer than what is looked at: then it can only be the RIRs' format.
static void test_long_comments(void **state)
{
    (void)state;
    struct buffer text = {0};
    struct log log = {0};
    while (text.length < 3 * SOURCE_PEEK_MAX)
        buffer_text(&text, "# start,end,economy\n");
    buffer_text(&text, forms[0].text);
    log_read(&log, text.at, text.length, NULL);
    assert_int_equal(log.code, 0);
    assert_int_equal(log.records, 1);
    log_done(&log);
    buffer_done(&text);
}

// ---- no memory

static int count_record(const struct record *r, void *arg)
{
    (void)r;
    ++*(uint64_t *)arg;
    return 0;
}

// Reads with so many allocations and no more. The place of the result stays as it was on failure.
static int read_with(long allocations, const struct buffer *bytes, uint64_t *records)
{
    struct read_handler handler = {.record = count_record, .arg = records};
    struct read_result result = {.fates = {.lines = 77}};
    struct source *source = NULL;
    struct err e = {0};
    *records = 0;
    allocations_left = allocations;
    int code = source_open_memory("text", bytes->at, bytes->length, NULL, &source, &e);
    if (!code)
        code = read_input(source, &dated, &handler, &result, &e);
    source_close(&source);
    allocations_left = -1;
    assert_int_equal(code, e.code);
    assert_int_equal(result.fates.lines == 77, code != 0);
    return code;
}

static void test_no_memory(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(forms); i++)
        for (size_t p = 0; p < COUNT(packers); p++) {
            struct buffer packed = {0};
            uint64_t records;
            long n = 0;
            packers[p](forms[i].text, strlen(forms[i].text), &packed);
            while (read_with(n, &packed, &records) == ERR_MEMORY)
                n++;
            assert_int_equal(read_with(n, &packed, &records), 0);
            assert_int_equal(records, forms[i].records);
            assert_true(n >= 2 && n < 100);
            buffer_done(&packed);
        }
}

static int read_people_with(long allocations, const char *text, const struct world *w)
{
    struct observed_handler handler = {0};
    struct observed_result result;
    struct source *source = NULL;
    allocations_left = allocations;
    int code = source_open_memory("text", text, strlen(text), NULL, &source, NULL);
    if (!code)
        code = read_observed(source, w, NULL, &handler, &result, NULL);
    source_close(&source);
    allocations_left = -1;
    return code;
}

static void test_no_memory_for_people(void **state)
{
    (void)state;
    static const char text[] = "Country Name,Country Code,Year,Value\nKenya,KEN,2020,51985780\n";
    struct world *w = NULL;
    long n = 0;
    assert_int_equal(world_load(LANGUAGE_EN, &w, NULL), 0);
    while (read_people_with(n, text, w) == ERR_MEMORY)
        n++;
    assert_int_equal(read_people_with(n, text, w), 0);
    assert_true(n >= 3);
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_formats),   cmocka_unit_test(test_packed_and_cut),
        cmocka_unit_test(test_names),     cmocka_unit_test(test_long_comments),
        cmocka_unit_test(test_no_memory), cmocka_unit_test(test_no_memory_for_people),
    };
    return cmocka_run_group_tests_name("input", tests, NULL, NULL);
}
