// SPDX-License-Identifier: Apache-2.0

#include "check/journal.h"

#include "base/buffer.h"
#include "base/json.h"
#include "read/checked.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define SYNC_EVERY 1000 // lines that a loss of power may cost

_Static_assert(JOURNAL_NAME_MAX == CHECKED_NAME_MAX && JOURNAL_OPTIONS_MAX == CHECKED_TEXT_MAX,
               "what is written must be read");
_Static_assert((int)VERDICT_NOT_TESTABLE == (int)CHECKED_NOT_TESTABLE &&
                   (int)STAGE_COMPLETE == (int)CHECKED_COMPLETE,
               "the archive has the same verdicts and stages");

struct journal {
    int file;
    const char *path;
    struct buffer line;
    unsigned unsynced;
    uint64_t done;
    bool ended;
};

void journal_close(struct journal **j)
{
    if (!*j)
        return;
    if ((*j)->file >= 0) {
        fdatasync((*j)->file);
        close((*j)->file); // the lock goes with it
    }
    buffer_done(&(*j)->line);
    free(*j);
    *j = NULL;
}

bool journal_has_ended(const struct journal *j)
{
    return j->ended;
}

uint64_t journal_done(const struct journal *j)
{
    return j->done;
}

// ---- writing

// One write for a line: a kill leaves it whole or, where the system stopped in its midst, without
// an end.
static int write_line(struct journal *j, struct err *e)
{
    const char *at = j->line.at;
    size_t left = j->line.length;
    if (j->line.failed)
        return err_memory(e);
    while (left > 0) {
        ssize_t wrote = write(j->file, at, left);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            return err_system(e, "%s: cannot write", j->path);
        at += wrote;
        left -= (size_t)wrote;
    }
    if (++j->unsynced >= SYNC_EVERY) {
        fdatasync(j->file);
        j->unsynced = 0;
    }
    return 0;
}

static int write_header(struct journal *j, const struct journal_header *h, struct err *e)
{
    struct json json = {.out = &j->line};
    j->line.length = 0;
    json_open(&json, NULL, '{');
    json_integer(&json, "journal", 1);
    json_text(&json, "campaign", h->campaign);
    json_text(&json, "vantage", h->vantage);
    json_text(&json, "list", h->list);
    json_text(&json, "options", h->options);
    json_text(&json, "version", h->version);
    json_integer(&json, "began", h->began);
    json_close(&json);
    buffer_char(&j->line, '\n');
    int code = write_line(j, e);
    fdatasync(j->file);
    return code;
}

// The members before the result; an object that is still open.
static void write_about(struct buffer *out, const struct listed *about)
{
    struct json json = {.out = out};
    char code[8];
    json_open(&json, NULL, '{');
    if (about && about->economy != ECONOMY_NONE)
        json_text(&json, "economy", economy_format(about->economy, code));
    if (about && about->organisation[0])
        json_text(&json, "organisation", about->organisation);
    if (about && about->sector[0])
        json_text(&json, "sector", about->sector);
    if (json.filled[0])
        buffer_char(out, ',');
}

int journal_add(struct journal *j, const struct listed *about, const struct result *r,
                struct err *e)
{
    struct json json = {.out = &j->line};
    j->line.length = 0;
    write_about(&j->line, about);
    buffer_text(&j->line, "\"result\":");
    size_t begin = j->line.length;
    result_write_json(r, &json);
    if (j->line.length - begin > RESULT_JSON_MAX)
        return err_set(e, ERR_LIMIT, "%s: the result of %s has more than %zu bytes", j->path,
                       r->domain, RESULT_JSON_MAX);
    buffer_text(&j->line, "}\n");
    return write_line(j, e);
}

int journal_end(struct journal *j, int64_t at, struct err *e)
{
    struct json json = {.out = &j->line};
    j->line.length = 0;
    json_open(&json, NULL, '{');
    json_integer(&json, "ended", at);
    json_close(&json);
    buffer_char(&j->line, '\n');
    int code = write_line(j, e);
    j->ended = code == 0;
    return code;
}

// ---- going on

struct going_on {
    const struct journal_header *wanted;
    struct journal_header had;
    struct domain_set *done;
    const char *path;
    uint64_t results;
    struct err *e;
};

static int refuse(struct going_on *g, const char *what, const char *had, const char *wanted)
{
    return err_set(g->e, ERR_USAGE,
                   "%s is the journal of another run: its %s is \"%s\", this run's \"%s\"; give "
                   "another file, or the list and options that it was begun with",
                   g->path, what, had, wanted);
}

static int on_header(const struct checked_header *h, void *arg)
{
    struct going_on *g = arg;
    const struct journal_header *w = g->wanted;
    if (strcmp(h->list, w->list) != 0)
        return refuse(g, "list (SHA-256)", h->list, w->list);
    if (strcmp(h->options, w->options) != 0)
        return refuse(g, "options", h->options, w->options);
    if (strcmp(h->campaign, w->campaign) != 0)
        return refuse(g, "campaign", h->campaign, w->campaign);
    if (strcmp(h->vantage, w->vantage) != 0)
        return refuse(g, "vantage", h->vantage, w->vantage);
    g->had.began = h->began;
    return 0;
}

static int on_result(const struct checked_result *r, bool *ret_twice, void *arg)
{
    struct going_on *g = arg;
    bool new = true;
    int code = domain_set_add(g->done, r->domain, &new, g->e);
    *ret_twice = !new;
    g->results += new;
    return code;
}

// Cuts what a kill left behind the last whole line.
static int cut_tail(int file, const char *path, struct err *e)
{
    char bytes[4096];
    off_t end = lseek(file, 0, SEEK_END), at = end;
    while (at > 0) {
        size_t size = at < (off_t)sizeof bytes ? (size_t)at : sizeof bytes;
        ssize_t got = pread(file, bytes, size, at - (off_t)size);
        if (got != (ssize_t)size)
            return err_system(e, "%s: cannot read", path);
        const char *newline = memrchr(bytes, '\n', size);
        if (newline) {
            at = at - (off_t)size + (newline - bytes) + 1;
            break;
        }
        at -= (off_t)size;
    }
    if (at < end && ftruncate(file, at) != 0)
        return err_system(e, "%s: cannot cut its last line, which has no end", path);
    return 0;
}

static int read_results(struct journal *j, struct going_on *g)
{
    struct checked_handler handler = {on_header, on_result, NULL, g};
    struct checked_totals totals = {0};
    struct source *source = NULL;
    int code = source_open(j->path, NULL, &source, g->e);
    if (!code)
        code = read_checked(source, &handler, &totals, g->e);
    source_close(&source);
    if (code == ERR_INPUT)
        code = g->e->code = ERR_USAGE;
    j->done = g->results;
    j->ended = totals.ended > 0;
    return code;
}

// Was it killed before the first line was whole? Nothing else is thrown away.
static int is_begun(const struct journal *j, bool *ret, struct err *e)
{
    static const char head[] = "{\"journal\":";
    char bytes[4096];
    ssize_t got = pread(j->file, bytes, sizeof bytes, 0);
    if (got < 0)
        return err_system(e, "%s: cannot read", j->path);
    size_t common = (size_t)got < sizeof head - 1 ? (size_t)got : sizeof head - 1;
    *ret = (size_t)got == sizeof bytes || memchr(bytes, '\n', (size_t)got) ||
           memcmp(bytes, head, common) != 0;
    return *ret || ftruncate(j->file, 0) == 0 ? 0 : err_system(e, "%s: cannot write", j->path);
}

static int open_file(struct journal *j, struct err *e)
{
    struct stat info;
    j->file = open(j->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (j->file < 0)
        return err_system(e, "%s: cannot write", j->path);
    if (fstat(j->file, &info) != 0 || !S_ISREG(info.st_mode))
        return err_set(e, ERR_USAGE, "%s: no file; wanted one for the journal", j->path);
    if (flock(j->file, LOCK_EX | LOCK_NB) != 0)
        return err_set(e, ERR_SYSTEM, "%s: another run is writing into it", j->path);
    return 0;
}

static int begin(struct journal *j, struct journal_header *h, struct domain_set *done,
                 struct err *e)
{
    struct err own = {0};
    struct going_on g = {.wanted = h, .done = done, .path = j->path, .e = e ? e : &own};
    bool begun = false;
    int code = open_file(j, g.e);
    if (!code)
        code = is_begun(j, &begun, g.e);
    if (!code && !begun)
        return write_header(j, h, g.e);
    if (!code)
        code = read_results(j, &g);
    if (!code)
        code = cut_tail(j->file, j->path, g.e);
    if (!code)
        h->began = g.had.began;
    return code;
}

int journal_open(const char *path, struct journal_header *h, struct domain_set *done,
                 struct journal **ret, struct err *e)
{
    struct journal *j = calloc(1, sizeof *j);
    if (!j)
        return err_memory(e);
    j->file = -1;
    j->path = path;
    int code = begin(j, h, done, e);
    if (code)
        journal_close(&j);
    else
        *ret = j;
    return code;
}
