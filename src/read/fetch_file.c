// SPDX-License-Identifier: Apache-2.0
//
// The transfer of one file. In the folder's `.fetch/` lie, for the file NAME: NAME.about, what the
// server said of the file that is held; NAME.part, the bytes of an interrupted transfer, and
// NAME.part.about, of which version of the file they are. Whatever instant a run is killed at, the
// file itself is the old one or the new one.

#include "read/fetch_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define ABOUT_MAX  2048
#define READ_CHUNK ((size_t)64 << 10)

struct about {
    char etag[HTTP_VALUE_MAX], modified[HTTP_VALUE_MAX];
};

struct transfer {
    const struct fetcher *fetcher;
    const char *url;
    struct fetch_item *item;
    char target[FILE_PATH_MAX], about[FILE_PATH_MAX];
    char part[FILE_PATH_MAX], part_about[FILE_PATH_MAX];
    uint64_t from;       // bytes of the part that are kept
    bool again;          // the failure may pass
    int64_t retry_after; // seconds
};

void fetch_wait(unsigned tries, int64_t retry_after)
{
    uint32_t chance = UINT32_MAX / 2;
    if (getrandom(&chance, sizeof chance, GRND_NONBLOCK) < 0)
        chance = UINT32_MAX / 2;
    double seconds = tries < 7 ? 0.5 * (double)(1U << tries) : FETCH_WAIT_MAX;
    seconds *= 0.5 + 0.5 * chance / UINT32_MAX;
    if (retry_after > 0)
        seconds +=
            (double)(retry_after < FETCH_RETRY_AFTER_MAX ? retry_after : FETCH_RETRY_AFTER_MAX);
    struct timespec t = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
    while (nanosleep(&t, &t) && errno == EINTR)
        continue;
}

static void about_line(struct slice line, const char *key, char ret[HTTP_VALUE_MAX])
{
    struct slice value = line, name = slice_cut(&value, ':');
    if (value.at && slice_is(name, key)) {
        value = slice_trim(value);
        snprintf(ret, HTTP_VALUE_MAX, "%.*s", SLICE_ARG(value));
    }
}

static struct about about_read(const char *path)
{
    struct about a = {0};
    struct buffer text = {0};
    if (!file_read(path, ABOUT_MAX, &text, NULL) && text.length > 0) {
        struct slice rest = {text.at, text.length};
        while (rest.at) {
            struct slice line = slice_cut(&rest, '\n');
            about_line(line, "ETag", a.etag);
            about_line(line, "Last-Modified", a.modified);
        }
    }
    buffer_done(&text);
    return a;
}

static int about_write(const char *path, const struct http_answer *answer, struct err *e)
{
    char text[ABOUT_MAX];
    int n = snprintf(text, sizeof text, "ETag: %s\nLast-Modified: %s\n", answer->etag,
                     answer->modified);
    return file_publish(path, text, (size_t)n, e);
}

// What If-Range can hold the part against: a weak ETag does not promise the same bytes.
static const char *about_strong(const struct about *a)
{
    return a->etag[0] && strncmp(a->etag, "W/", 2) != 0 ? a->etag : a->modified;
}

static void part_drop(struct transfer *t)
{
    unlink(t->part);
    unlink(t->part_about);
}

static uint64_t file_size(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
}

static int too_large(struct transfer *t, struct err *e)
{
    part_drop(t);
    return err_set(e, ERR_LIMIT, "%s: larger than %llu bytes", t->url,
                   (unsigned long long)t->fetcher->options->bytes_max);
}

static int body_write(struct transfer *t, struct http *h, int fd, struct err *e)
{
    uint64_t total = t->from;
    char chunk[READ_CHUNK];
    size_t n = 1;
    int code = 0;
    while (!code && n > 0) {
        code = http_read(h, chunk, sizeof chunk, &n, e);
        t->again = code == ERR_NETWORK && !http_client_hopeless(t->fetcher->client);
        if (!code && (total += n) > t->fetcher->options->bytes_max)
            return too_large(t, e);
        if (!code)
            fetch_meter_add(t->fetcher->meter, t->item, n);
        for (size_t done = 0; !code && done < n;) {
            ssize_t written = write(fd, chunk + done, n - done);
            if (written < 0 && errno != EINTR)
                code = err_system(e, "%s", t->part);
            done += written > 0 ? (size_t)written : 0;
        }
    }
    if (!code && fsync(fd))
        code = err_system(e, "%s", t->part);
    return code;
}

static int body_receive(struct transfer *t, struct http *h, struct err *e)
{
    const struct http_answer *answer = http_answer(h);
    if (answer->length > 0 && (uint64_t)answer->length > t->fetcher->options->bytes_max - t->from)
        return too_large(t, e);
    int mode = t->from > 0 ? O_APPEND : O_TRUNC;
    int fd = open(t->part, O_WRONLY | O_CREAT | O_CLOEXEC | mode, 0666);
    if (fd < 0)
        return err_system(e, "%s", t->part);
    int code = t->from > 0 ? 0 : about_write(t->part_about, answer, e);
    if (!code)
        code = body_write(t, h, fd, e);
    if (close(fd) && !code)
        code = err_system(e, "%s", t->part);
    return code;
}

// The part is whole: checked, it becomes the file.
static int part_publish(struct transfer *t, struct err *e)
{
    bool verified = false;
    int code = fetch_check(t->fetcher, t->url, t->part, &verified, e);
    if (code == ERR_INPUT || code == ERR_LIMIT)
        part_drop(t);
    if (!code && rename(t->part, t->target))
        code = err_system(e, "%s", t->target);
    // The other order would, after a kill in between, take the old file for the new one.
    if (!code && rename(t->part_about, t->about))
        code = err_system(e, "%s", t->about);
    if (code)
        return code;
    t->item->verified = verified;
    t->item->fate = t->from > 0 ? FETCH_RESUMED : FETCH_FETCHED;
    return 0;
}

static int answer_other(struct transfer *t, long status, struct err *e)
{
    if (status == 404 || status == 410)
        return err_set(e, ERR_NOT_FOUND, "%s: not there", t->url);
    if (status == 416 || status == 206) {
        part_drop(t);
        t->again = true;
    }
    t->again |= status == 408 || status == 425 || status == 429 || (status >= 500 && status != 501);
    return err_set(e, ERR_NETWORK, "%s: the server answered %ld", t->url, status);
}

static int answer_take(struct transfer *t, struct http *h, struct err *e)
{
    const struct http_answer *answer = http_answer(h);
    t->retry_after = answer->retry_after;
    if (answer->status == 304) {
        part_drop(t);
        t->item->fate = FETCH_UNCHANGED;
        return 0;
    }
    if (answer->status != 200 && (answer->status != 206 || answer->from != t->from || !t->from))
        return answer_other(t, answer->status, e);
    if (answer->status == 200)
        t->from = 0;
    return body_receive(t, h, e);
}

static int transfer_try(struct transfer *t, struct err *e)
{
    struct about held = {0}, part = about_read(t->part_about);
    struct http *h = NULL;
    if (file_size(t->target) > 0)
        held = about_read(t->about);
    const char *if_range = about_strong(&part);
    t->from = if_range[0] ? file_size(t->part) : 0;
    t->again = false;
    t->retry_after = 0;
    struct http_request request = {.url = t->url,
                                   .etag = held.etag,
                                   .modified = held.etag[0] ? NULL : held.modified,
                                   .from = t->from,
                                   .if_range = t->from > 0 ? if_range : NULL};
    int code = http_open(t->fetcher->client, &request, &h, e);
    if (code)
        t->again = code == ERR_NETWORK && !http_client_hopeless(t->fetcher->client);
    else
        code = answer_take(t, h, e);
    http_close(&h); // before the client asks for the MD5
    if (!code && t->item->fate == FETCH_OPEN) {
        code = part_publish(t, e);
        t->again = code == ERR_INPUT;
    }
    return code;
}

// The name may have the publisher's folder before it; `.fetch` lies beside the file.
static bool beside(const char *into, const char *name, const char *end, char ret[FILE_PATH_MAX])
{
    const char *slash = strrchr(name, '/'), *last = slash ? slash + 1 : name;
    return snprintf(ret, FILE_PATH_MAX, "%s/%.*s.fetch/%s%s", into, (int)(last - name), name, last,
                    end) < FILE_PATH_MAX;
}

bool fetch_about_path(const char *into, const char *name, char ret[FILE_PATH_MAX])
{
    return beside(into, name, ".about", ret);
}

static bool transfer_paths(struct transfer *t, const char *into, const char *name)
{
    return snprintf(t->target, FILE_PATH_MAX, "%s/%s", into, name) < FILE_PATH_MAX &&
           beside(into, name, ".about", t->about) && beside(into, name, ".part", t->part) &&
           beside(into, name, ".part.about", t->part_about);
}

static int transfer_folder(const struct transfer *t, struct err *e)
{
    char folder[FILE_PATH_MAX];
    memcpy(folder, t->part, sizeof folder);
    *strrchr(folder, '/') = '\0';
    return folder_make(folder, e);
}

int fetch_file(const struct fetcher *f, const char *url, const char *name, struct fetch_item *item,
               struct err *e)
{
    struct transfer t = {.fetcher = f, .url = url, .item = item};
    unsigned refused = 0;
    if (!transfer_paths(&t, f->options->into, name))
        return err_set(e, ERR_USAGE, "%s: path too long", f->options->into);
    int code = transfer_folder(&t, e);
    if (code)
        return code;
    code = transfer_try(&t, e);
    for (unsigned tries = 1; code && t.again && tries <= f->options->retries; tries++) {
        // What came whole and is wrong is asked for once more only.
        if (code == ERR_INPUT && ++refused > 1)
            break;
        fetch_wait(tries, t.retry_after);
        code = transfer_try(&t, e);
    }
    if (code)
        return code;
    item->name = strdup(name);
    item->bytes = file_size(t.target);
    return item->name ? 0 : err_memory(e);
}
