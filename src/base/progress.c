// SPDX-License-Identifier: Apache-2.0

#include "base/progress.h"

#include "base/clock.h"
#include "base/terminal.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define SECOND   INT64_C(1000000) // microseconds
#define INTERVAL (SECOND / 10)

static unsigned terminal_width(void)
{
    struct winsize size;
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

static void show(const char *bytes, size_t length)
{
    // A terminal that is gone must not stop the work.
    if (write(STDERR_FILENO, bytes, length) < 0)
        return;
}

void progress_start(struct progress *p, const char *what, const char *unit, uint64_t total,
                    bool quiet)
{
    *p = (struct progress){.shown = !quiet && isatty(STDERR_FILENO),
                           .what = what,
                           .unit = unit,
                           .total = total,
                           .started = clock_microseconds()};
}

// "3 h 05 min", "4 min 10 s", "12 s".
static void add_duration(uint64_t seconds, struct buffer *out)
{
    if (seconds >= 3600)
        buffer_format(out, "%" PRIu64 " h %02u min", seconds / 3600,
                      (unsigned)(seconds % 3600 / 60));
    else if (seconds >= 60)
        buffer_format(out, "%u min %02u s", (unsigned)seconds / 60, (unsigned)seconds % 60);
    else
        buffer_format(out, "%u s", (unsigned)seconds);
}

static void add_amount(double amount, const char *unit, struct buffer *out)
{
    static const char *const bytes[] = {"bytes", "kB", "MB", "GB", "TB"};
    unsigned scale = 0;
    if (strcmp(unit, "bytes") == 0) {
        while (amount >= 1000 && scale < 4) {
            amount /= 1000;
            scale++;
        }
        unit = bytes[scale];
    }
    buffer_format(out, "%.*f %s", scale > 0 ? 1 : 0, amount, unit);
}

static void add_line(const struct progress *p, double seconds, const char *item, struct buffer *out)
{
    double rate = seconds > 0 ? (double)p->done / seconds : 0;
    buffer_format(out, "%s ", p->what);
    add_amount((double)p->done, p->unit, out);
    if (p->total > 0) {
        buffer_text(out, " of ");
        add_amount((double)p->total, p->unit, out);
        buffer_format(out, ", %u %%", (unsigned)(100.0 * (double)p->done / (double)p->total));
    }
    buffer_text(out, ", ");
    add_amount(rate, p->unit, out);
    buffer_text(out, "/s");
    if (p->total > p->done && rate > 0 && seconds > 1) {
        buffer_text(out, ", ");
        add_duration((uint64_t)((double)(p->total - p->done) / rate) + 1, out);
        buffer_text(out, " left");
    }
    if (item) {
        buffer_text(out, "  ");
        text_clean(slice_of(item), out);
    }
}

void progress_step(struct progress *p, uint64_t done, const char *item)
{
    p->done = done;
    int64_t time = p->shown ? clock_microseconds() : 0;
    if (!p->shown || (p->drawn > 0 && time - p->drawn < INTERVAL))
        return;
    p->drawn = time;
    struct buffer line = {0}, screen = {0};
    add_line(p, (double)(time - p->started) / (double)SECOND, item, &line);
    struct slice rest = {line.at, line.length};
    unsigned width = terminal_width();
    struct slice cut = text_line(&rest, width > 1 ? width - 1 : 1);
    buffer_text(&screen, "\r\033[K");
    buffer_add(&screen, cut.at, cut.length);
    if (!screen.failed && !line.failed)
        show(screen.at, screen.length);
    buffer_done(&line);
    buffer_done(&screen);
}

void progress_stop(struct progress *p)
{
    if (p->shown && p->drawn > 0)
        show("\r\033[K", 4);
    p->shown = false;
}
