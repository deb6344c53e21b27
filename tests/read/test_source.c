// SPDX-License-Identifier: Apache-2.0
//
// Containers are made by the libraries that wrote the formats down; what comes out is held against
// what went in. A container that was cut or altered gives an error or the very same bytes.

#include "read/source.h"

#include <bzlib.h>
#include <fcntl.h>
#include <lzma.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <cmocka.h>

struct blob {
    uint8_t *at;
    size_t length;
};

static struct blob pack_gzip(const uint8_t *bytes, size_t length)
{
    z_stream z = {0};
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    size_t room = deflateBound(&z, length) + 64;
    struct blob b = {malloc(room), 0};
    z.next_in = (uint8_t *)bytes;
    z.avail_in = (unsigned)length;
    z.next_out = b.at;
    z.avail_out = (unsigned)room;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    b.length = z.total_out;
    deflateEnd(&z);
    return b;
}

static struct blob pack_bzip2(const uint8_t *bytes, size_t length)
{
    unsigned room = (unsigned)length + (unsigned)length / 50 + 1024;
    struct blob b = {malloc(room), 0};
    assert_int_equal(BZ2_bzBuffToBuffCompress((char *)b.at, &room, (char *)(uintptr_t)bytes,
                                              (unsigned)length, 1, 0, 0),
                     BZ_OK);
    b.length = room;
    return b;
}

static struct blob pack_xz(const uint8_t *bytes, size_t length)
{
    size_t room = lzma_stream_buffer_bound(length);
    struct blob b = {malloc(room), 0};
    assert_int_equal(
        lzma_easy_buffer_encode(1, LZMA_CHECK_CRC32, NULL, bytes, length, b.at, &b.length, room),
        LZMA_OK);
    return b;
}

static struct blob pack_zstd(const uint8_t *bytes, size_t length)
{
    size_t room = ZSTD_compressBound(length);
    struct blob b = {malloc(room), 0};
    ZSTD_CCtx *c = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(c, ZSTD_c_checksumFlag, 1);
    b.length = ZSTD_compress2(c, b.at, room, bytes, length);
    assert_false(ZSTD_isError(b.length));
    ZSTD_freeCCtx(c);
    return b;
}

static struct blob pack_plain(const uint8_t *bytes, size_t length)
{
    struct blob b = {malloc(length + 1), length};
    memcpy(b.at, bytes, length);
    return b;
}

static const struct packer {
    const char *name;
    struct blob (*pack)(const uint8_t *bytes, size_t length);
    size_t magic; // bytes that tell it
} packers[] = {{"gzip", pack_gzip, 2},
               {"bzip2", pack_bzip2, 4},
               {"xz", pack_xz, 6},
               {"zstd", pack_zstd, 4},
               {"plain", pack_plain, 0}};
#define CONTAINERS 4 // without plain

static struct blob blob_join(struct blob a, struct blob b)
{
    struct blob both = {malloc(a.length + b.length + 1), a.length + b.length};
    memcpy(both.at, a.at, a.length);
    memcpy(both.at + a.length, b.at, b.length);
    return both;
}

// Lines that repeat and lines that do not, like the files of a registry.
static struct blob text_make(size_t length, unsigned seed)
{
    struct blob b = {malloc(length + 1), 0};
    while (b.length < length) {
        char line[80];
        seed = seed * 1103515245 + 12345;
        int n = snprintf(line, sizeof line, "iana|ZZ|ipv6|2001:db8:%x::|48|%u|assigned\n",
                         seed >> 16, 20000101 + seed % 28);
        size_t take = length - b.length < (size_t)n ? length - b.length : (size_t)n;
        memcpy(b.at + b.length, line, take);
        b.length += take;
    }
    return b;
}

static int read_all(struct source *s, size_t step, struct blob *ret, struct err *e)
{
    size_t room = 1 << 16, n = 1;
    struct blob b = {malloc(room), 0};
    int code = 0;
    while (!code && n > 0) {
        if (room - b.length < step)
            b.at = realloc(b.at, room = 2 * room + step);
        code = source_read(s, b.at + b.length, step, &n, e);
        b.length += code ? 0 : n;
    }
    *ret = b;
    return code;
}

// The bytes of a container in memory; `ret_container` says what it was told to be.
static int unpack(struct blob given, size_t step, const struct source_limits *limits,
                  struct blob *ret, const char **ret_container, struct err *e)
{
    struct source *s = NULL;
    struct source_facts facts;
    int code = source_open_memory("given", given.at, given.length, limits, &s, e);
    *ret = (struct blob){0};
    if (!code)
        code = read_all(s, step, ret, e);
    if (!code)
        code = source_finish(s, &facts, e);
    if (!code) {
        assert_int_equal(facts.bytes_given, given.length);
        assert_int_equal(facts.bytes_read, ret->length);
        *ret_container = facts.container;
    }
    source_close(&s);
    assert_null(s);
    return code;
}

static void expect_unpacked(struct blob given, size_t step, struct blob wanted, const char *name)
{
    struct blob seen;
    const char *container = NULL;
    struct err e = {0};
    if (unpack(given, step, NULL, &seen, &container, &e))
        fail_msg("%s: %s", name, e.text);
    assert_string_equal(container, name);
    assert_int_equal(seen.length, wanted.length);
    assert_memory_equal(seen.at, wanted.at, wanted.length);
    free(seen.at);
}

static void expect_failure(struct blob given, const struct source_limits *limits, int wanted,
                           const char *words)
{
    struct blob seen;
    const char *container;
    struct err e = {0};
    assert_int_equal(unpack(given, 4096, limits, &seen, &container, &e), wanted);
    assert_int_equal(e.code, wanted);
    assert_non_null(strstr(e.text, "given: "));
    if (!strstr(e.text, words))
        fail_msg("\"%s\" does not say \"%s\"", e.text, words);
    free(seen.at);
}

static void test_each_container_each_size(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 2, 100, 4095, 4096, 4097, 65536, 300000, 1500000};
    static const size_t steps[] = {77, 4096, 65536, 1 << 20};
    for (size_t p = 0; p < sizeof packers / sizeof *packers; p++)
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            struct blob text = text_make(sizes[i], (unsigned)i);
            struct blob given = packers[p].pack(text.at, text.length);
            expect_unpacked(given, steps[(i + p) % 4], text, packers[p].name);
            free(given.at);
            free(text.at);
        }
}

static void test_members_one_after_the_other(void **state)
{
    (void)state;
    struct blob one = text_make(70000, 1), none = {(uint8_t *)"", 0}, two = text_make(3, 2);
    struct blob zeros = {calloc(1, 10000), 10000}, wanted = blob_join(one, two);
    for (size_t p = 0; p < CONTAINERS; p++) {
        struct blob a = packers[p].pack(one.at, one.length), b = packers[p].pack(none.at, 0),
                    c = packers[p].pack(two.at, two.length);
        struct blob ab = blob_join(a, b), abc = blob_join(ab, c), padded = blob_join(abc, zeros);
        expect_unpacked(abc, 999, wanted, packers[p].name);
        expect_unpacked(padded, 4096, wanted, packers[p].name);
        free(a.at), free(b.at), free(c.at), free(ab.at), free(abc.at), free(padded.at);
    }
    free(one.at), free(two.at), free(zeros.at), free(wanted.at);
}

static void test_junk_behind_the_end(void **state)
{
    (void)state;
    struct blob text = text_make(500, 1), zeros = {calloc(1, 100), 100};
    static const char *const junk[] = {"\n", "<html>", "\x1f",
                                       "PK\x03\x04 and more than ten bytes"};
    for (size_t p = 0; p < CONTAINERS; p++)
        for (size_t i = 0; i < sizeof junk / sizeof *junk; i++) {
            struct blob tail = {(uint8_t *)(uintptr_t)junk[i], strlen(junk[i])};
            struct blob a = packers[p].pack(text.at, text.length), b = blob_join(a, tail),
                        c = blob_join(a, zeros), d = blob_join(c, tail);
            expect_failure(b, NULL, ERR_INPUT, "behind the end");
            expect_failure(d, NULL, ERR_INPUT, "behind the end");
            free(a.at), free(b.at), free(c.at), free(d.at);
        }
    free(text.at), free(zeros.at);
}

static void test_cut_at_every_byte(void **state)
{
    (void)state;
    struct blob text = text_make(700, 3);
    for (size_t p = 0; p < CONTAINERS; p++) {
        struct blob whole = packers[p].pack(text.at, text.length);
        for (size_t n = packers[p].magic; n < whole.length; n++) {
            struct blob cut = {malloc(n), n}; // its own block: one byte too far is seen
            memcpy(cut.at, whole.at, n);
            expect_failure(cut, NULL, ERR_INPUT, "cut off");
            free(cut.at);
        }
        free(whole.at);
    }
    free(text.at);
}

static void expect_same_or_failure(struct blob given, struct blob wanted)
{
    struct blob seen;
    const char *container = "";
    struct err e = {0};
    int code = unpack(given, 4096, NULL, &seen, &container, &e);
    if (code) {
        assert_true(code == ERR_INPUT || code == ERR_LIMIT);
    } else if (strcmp(container, "plain") != 0 && seen.length > 0) {
        assert_int_equal(seen.length, wanted.length);
        assert_memory_equal(seen.at, wanted.at, wanted.length);
    }
    free(seen.at);
}

static void test_every_bit_flipped(void **state)
{
    (void)state;
    struct blob text = text_make(400, 4);
    for (size_t p = 0; p < CONTAINERS; p++) {
        struct blob whole = packers[p].pack(text.at, text.length);
        for (size_t bit = 0; bit < 8 * whole.length; bit++) {
            whole.at[bit / 8] ^= (uint8_t)(1 << bit % 8);
            expect_same_or_failure(whole, text);
            whole.at[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        expect_unpacked(whole, 4096, text, packers[p].name);
        free(whole.at);
    }
    free(text.at);
}

static void test_bombs(void **state)
{
    (void)state;
    struct blob zeros = {calloc(1, 48 << 20), 48 << 20};
    static const struct source_limits small = {.bytes_max = 1 << 20};
    for (size_t p = 0; p < CONTAINERS; p++) {
        struct blob bomb = packers[p].pack(zeros.at, zeros.length);
        expect_failure(bomb, NULL, ERR_LIMIT, "decompression bomb");
        expect_failure(bomb, &small, ERR_LIMIT, "decompression bomb: more than 1048576 bytes");
        free(bomb.at);
    }
    expect_failure(zeros, &small, ERR_LIMIT, "more than 1048576 bytes");
    free(zeros.at);
}

static void test_peek_takes_nothing(void **state)
{
    (void)state;
    struct blob text = text_make(9000, 5);
    for (size_t p = 0; p < sizeof packers / sizeof *packers; p++) {
        struct blob given = packers[p].pack(text.at, text.length), seen;
        struct source *s = NULL;
        const void *peeked;
        size_t n, got;
        char some[100];
        struct err e = {0};
        assert_int_equal(source_open_memory("given", given.at, given.length, NULL, &s, &e), 0);
        assert_int_equal(source_peek(s, &peeked, &n, &e), 0);
        assert_int_equal(n, SOURCE_PEEK_MAX);
        assert_memory_equal(peeked, text.at, n);
        assert_int_equal(source_read(s, some, sizeof some, &got, &e), 0);
        assert_int_equal(got, sizeof some);
        assert_int_equal(source_peek(s, &peeked, &n, &e), 0);
        assert_int_equal(n, SOURCE_PEEK_MAX);
        assert_memory_equal(peeked, text.at + 100, n);
        assert_int_equal(read_all(s, 1000, &seen, &e), 0);
        assert_int_equal(seen.length, text.length - 100);
        assert_memory_equal(seen.at, text.at + 100, seen.length);
        assert_int_equal(source_peek(s, &peeked, &n, &e), 0);
        assert_int_equal(n, 0);
        source_close(&s);
        free(seen.at), free(given.at);
    }
    free(text.at);
}

static void test_finish_reads_the_rest(void **state)
{
    (void)state;
    struct blob text = text_make(500000, 6), given = pack_gzip(text.at, text.length);
    struct source *s = NULL;
    struct source_facts facts, again;
    const void *peeked;
    size_t n;
    struct err e = {0};
    assert_int_equal(source_open_memory("given", given.at, given.length, NULL, &s, &e), 0);
    assert_int_equal(source_peek(s, &peeked, &n, &e), 0);
    assert_int_equal(source_finish(s, &facts, &e), 0);
    assert_int_equal(facts.bytes_read, text.length);
    assert_int_equal(facts.bytes_given, given.length);
    assert_int_equal(source_finish(s, &again, &e), 0);
    assert_string_equal(facts.sha256, again.sha256);
    source_close(&s);
    free(text.at), free(given.at);
}

static void test_failure_stays(void **state)
{
    (void)state;
    struct blob text = text_make(5000, 7), given = pack_gzip(text.at, text.length), seen;
    struct source *s = NULL;
    struct source_facts facts = {.container = "untouched"};
    struct err e = {0};
    assert_int_equal(source_open_memory("given", given.at, given.length - 1, NULL, &s, &e), 0);
    assert_int_equal(read_all(s, 500, &seen, &e), ERR_INPUT);
    assert_int_equal(source_finish(s, &facts, &e), ERR_INPUT);
    assert_string_equal(facts.container, "untouched");
    source_close(&s);
    free(text.at), free(given.at), free(seen.at);
}

static char folder[64];

static void path_of(char path[256], const char *name)
{
    assert_true(snprintf(path, 256, "%s/%s", folder, name) < 256);
}

static void file_make(const char *name, const char *bytes, size_t length)
{
    char path[256];
    path_of(path, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, length, f), length);
    assert_int_equal(fclose(f), 0);
}

static int folder_make(void **state)
{
    (void)state;
    memcpy(folder, "/tmp/sextant-source-XXXXXX", 27);
    return mkdtemp(folder) ? 0 : -1;
}

static int folder_remove(void **state)
{
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        execlp("rm", "rm", "-rf", folder, (char *)NULL);
        _exit(127);
    }
    return waitpid(child, NULL, 0) == child ? 0 : -1;
}

static void test_hash_of_a_file(void **state)
{
    (void)state;
    char path[256];
    struct source *s = NULL;
    struct source_facts facts;
    struct err e = {0};
    file_make("abc", "abc", 3);
    path_of(path, "abc");
    assert_int_equal(source_open(path, NULL, &s, &e), 0);
    assert_string_equal(source_name(s), path);
    assert_int_equal(source_finish(s, &facts, &e), 0);
    assert_string_equal(facts.sha256,
                        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    source_close(&s);
}

static void test_large_file(void **state)
{
    (void)state;
    char path[256];
    struct blob text = text_make(3000000, 8);
    for (size_t p = 0; p < sizeof packers / sizeof *packers; p++) {
        struct blob given = packers[p].pack(text.at, text.length), seen;
        struct source *s = NULL;
        struct source_facts facts;
        struct err e = {0};
        file_make("large", (char *)given.at, given.length);
        path_of(path, "large");
        assert_int_equal(source_open(path, NULL, &s, &e), 0);
        assert_int_equal(read_all(s, 100000, &seen, &e), 0);
        assert_int_equal(source_finish(s, &facts, &e), 0);
        assert_int_equal(facts.bytes_given, given.length);
        assert_int_equal(seen.length, text.length);
        assert_memory_equal(seen.at, text.at, text.length);
        source_close(&s);
        free(given.at), free(seen.at);
    }
    free(text.at);
}

// So large that a thread of its own unpacks it: the same text, cut or closed at any place.
static void test_unpacked_ahead(void **state)
{
    (void)state;
    static uint8_t chunk[100000];
    struct blob text = text_make(9000000, 9);
    for (size_t p = 0; p < 3 * (sizeof packers / sizeof *packers); p++) {
        struct blob given = packers[p / 3].pack(text.at, text.length);
        size_t length = p % 3 == 1 ? given.length / 10 * 9 : given.length, sum = 0, got = 1;
        struct source *s = NULL;
        struct source_facts facts;
        struct err e = {0};
        assert_int_equal(source_open_memory("given", given.at, length, NULL, &s, &e), 0);
        int code = 0;
        while (got > 0 && !(p % 3 == 2 && sum > text.length / 2) &&
               (code = source_read(s, chunk, sizeof chunk, &got, &e)) == 0) {
            assert_memory_equal(chunk, (char *)text.at + sum, got);
            sum += got;
        }
        if (p % 3 == 0) {
            assert_int_equal(sum, text.length);
            assert_int_equal(source_finish(s, &facts, &e), 0);
            assert_int_equal(facts.bytes_given, given.length);
        } else if (p % 3 == 1 && p / 3 < CONTAINERS) { // plain text that is cut is text
            assert_int_equal(code, ERR_INPUT);
            assert_non_null(strstr(e.text, "cut off"));
            assert_int_equal(source_read(s, chunk, sizeof chunk, &got, &e), ERR_INPUT);
        }
        source_close(&s);
        free(given.at);
    }
    free(text.at);
}

// A pipe gives what it has: a few bytes now and then, also in the middle of the magic.
static void test_pipe_in_drops(void **state)
{
    (void)state;
    struct blob text = text_make(30000, 9), given = pack_xz(text.at, text.length), seen;
    char path[256];
    path_of(path, "pipe");
    assert_int_equal(mkfifo(path, 0600), 0);
    pid_t child = fork();
    if (child == 0) {
        int fd = open(path, O_WRONLY);
        for (size_t i = 0, n; i < given.length; i += n) {
            n = i < 20 ? 1 : given.length - i < 700 ? given.length - i : 700;
            if (write(fd, given.at + i, n) < 0)
                _exit(1);
            usleep(200);
        }
        _exit(0);
    }
    struct source *s = NULL;
    struct err e = {0};
    assert_int_equal(source_open(path, NULL, &s, &e), 0);
    assert_int_equal(read_all(s, 5000, &seen, &e), 0);
    assert_int_equal(seen.length, text.length);
    assert_memory_equal(seen.at, text.at, text.length);
    source_close(&s);
    assert_int_equal(waitpid(child, NULL, 0), child);
    free(text.at), free(given.at), free(seen.at);
}

static void test_places_that_are_no_files(void **state)
{
    (void)state;
    struct source *s = NULL;
    struct err e = {0};
    assert_int_equal(source_open(folder, NULL, &s, &e), ERR_USAGE);
    assert_non_null(strstr(e.text, "folder"));
    assert_int_equal(source_open("/nowhere/at all", NULL, &s, &e), ERR_SYSTEM);
    assert_non_null(strstr(e.text, "/nowhere/at all: "));
    assert_int_equal(source_open("/nowhere/at all", NULL, &s, NULL), ERR_SYSTEM);
    assert_null(s);
}

static void link_make(const char *to, const char *name)
{
    char path[256];
    path_of(path, name);
    assert_int_equal(symlink(to, path), 0);
}

static void subfolder_make(const char *name)
{
    char path[256];
    path_of(path, name);
    assert_int_equal(mkdir(path, 0700), 0);
}

static void test_list_in_date_order(void **state)
{
    (void)state;
    static const char *const wanted[] = {
        "tree/b/delegated-a-19991231.gz", "tree/a/delegated-b-20240101",
        "tree/20240230-20240102.bz2",     "tree/c/x-20240103-20240230",
        "tree/delegated-a-latest",        "tree/z-2024010112",
    };
    subfolder_make("tree"), subfolder_make("tree/a"), subfolder_make("tree/b");
    subfolder_make("tree/c"), subfolder_make("tree/.hidden");
    for (size_t i = 0; i < 6; i++)
        file_make(wanted[5 - i], "12345", i);
    file_make("tree/.hidden/x", "", 0);
    file_make("tree/.x", "", 0);
    file_make("tree/a/delegated-b-20240101.md5", "", 0);
    file_make("tree/a/delegated-b-20240101.asc", "", 0);
    link_make("..", "tree/a/up");
    link_make("../b", "tree/a/b");
    link_make("../a", "tree/b/a");
    link_make("self", "tree/self");
    link_make("nowhere", "tree/broken");

    char path[256], input[] = "-", url[] = "http://192.0.2.1/x";
    char *places[] = {input, path, url};
    struct source_list list;
    struct err e = {0};
    path_of(path, "tree");
    assert_int_equal(source_list(places, 3, &list, &e), 0);
    assert_int_equal(list.count, 8);
    assert_string_equal(list.places[0], "-");
    assert_string_equal(list.places[7], url);
    for (size_t i = 0; i < 6; i++) {
        const char *name = strrchr(wanted[i], '/'), *seen = strrchr(list.places[i + 1], '/');
        assert_string_equal(seen, name);
        assert_int_equal(list.sizes[i + 1], 5 - i);
    }
    source_list_free(&list);
    assert_null(list.places);
}

static void test_list_limits(void **state)
{
    (void)state;
    char path[256], missing[256];
    char *places[] = {path};
    struct source_list list;
    struct err e = {0};
    path_of(path, "deep");
    for (int i = 0; i < 40; i++) {
        assert_int_equal(mkdir(path, 0700), 0);
        memcpy(path + strlen(path), "/d", 3);
    }
    path_of(path, "deep");
    assert_int_equal(source_list(places, 1, &list, &e), ERR_LIMIT);
    assert_non_null(strstr(e.text, "folders deep"));
    path_of(missing, "missing");
    places[0] = missing;
    assert_int_equal(source_list(places, 1, &list, &e), ERR_SYSTEM);
    assert_non_null(strstr(e.text, missing));
    assert_int_equal(source_list(places, 0, &list, &e), 0);
    assert_int_equal(list.count, 0);
    source_list_free(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_container_each_size),
        cmocka_unit_test(test_members_one_after_the_other),
        cmocka_unit_test(test_junk_behind_the_end),
        cmocka_unit_test(test_cut_at_every_byte),
        cmocka_unit_test(test_every_bit_flipped),
        cmocka_unit_test(test_bombs),
        cmocka_unit_test(test_peek_takes_nothing),
        cmocka_unit_test(test_finish_reads_the_rest),
        cmocka_unit_test(test_failure_stays),
        cmocka_unit_test(test_hash_of_a_file),
        cmocka_unit_test(test_large_file),
        cmocka_unit_test(test_unpacked_ahead),
        cmocka_unit_test(test_pipe_in_drops),
        cmocka_unit_test(test_places_that_are_no_files),
        cmocka_unit_test(test_list_in_date_order),
        cmocka_unit_test(test_list_limits),
    };
    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
