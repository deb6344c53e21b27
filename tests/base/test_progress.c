// SPDX-License-Identifier: Apache-2.0
//
// The progress line on a terminal of the test's own, and its silence elsewhere.

#include "base/progress.h"
#include "base/terminal.h"

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static int pseudo_terminal(int *ret_screen)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
    struct winsize size = {.ws_row = 24, .ws_col = 60};
    assert_true(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
    int screen = open(ptsname(master), O_RDWR | O_NOCTTY);
    assert_true(screen >= 0);
    assert_int_equal(ioctl(screen, TIOCSWINSZ, &size), 0);
    *ret_screen = screen;
    return master;
}

static void draw(int screen, bool quiet)
{
    struct progress p;
    struct timespec pause = {.tv_nsec = 120000000};
    int kept = dup(STDERR_FILENO);
    dup2(screen, STDERR_FILENO);
    progress_start(&p, "importing", "bytes", 4000000, quiet);
    for (unsigned i = 0; i < 1000; i++)
        progress_step(&p, 1000000, "first");
    nanosleep(&pause, NULL);
    progress_step(&p, 2000000, "second\x1b[31m and a name that is far too long for the line");
    progress_stop(&p);
    dup2(kept, STDERR_FILENO);
    close(kept);
}

// What arrived on the screen, up to a quarter of a second of silence.
static size_t read_screen(int master, char *bytes, size_t max)
{
    struct pollfd wait = {.fd = master, .events = POLLIN};
    size_t length = 0;
    while (length < max && poll(&wait, 1, 250) == 1) {
        ssize_t n = read(master, bytes + length, max - length);
        if (n <= 0)
            break;
        length += (size_t)n;
    }
    return length;
}

static void test_terminal(void **state)
{
    (void)state;
    static const char quarter[] = "\r\033[Kimporting 1.0 MB of 4.0 MB, 25 %, ";
    static const char half[] = "\r\033[Kimporting 2.0 MB of 4.0 MB, 50 %, ";
    static const char wiped[] = "\r\033[K";
    char seen[65536];
    int screen, master = pseudo_terminal(&screen);
    draw(screen, false);
    size_t length = read_screen(master, seen, sizeof seen - 1);
    seen[length] = '\0';
    assert_int_equal(strncmp(seen, quarter, sizeof quarter - 1), 0);
    const char *last = strstr(seen, half);
    assert_non_null(last);
    struct slice rest = slice_of(last + 4), line = slice_cut(&rest, '\r');
    assert_null(memchr(line.at, '\033', line.length));
    assert_true(slice_width(line) < 60);
    assert_true(slice_is(rest, wiped + 1));
    close(screen);
    close(master);
}

static void test_silence(void **state)
{
    (void)state;
    char seen[64];
    int screen, master = pseudo_terminal(&screen), ends[2];
    draw(screen, true);
    assert_int_equal(read_screen(master, seen, sizeof seen), 0);
    close(screen);
    close(master);
    assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
    draw(ends[1], false);
    assert_true(read(ends[0], seen, sizeof seen) <= 0);
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_terminal),
        cmocka_unit_test(test_silence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
