// SPDX-License-Identifier: Apache-2.0
//
// The program: one command is parsed and run; its error is printed once, here.

#include "base/buffer.h"
#include "cmd/guide.h"
#include "cmd/invocation.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

// A standard stream that was closed must not become the archive's file descriptor. In its place
// stands one that fails when it is used.
static void hold_standard_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) == -1 &&
            open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
            _exit(4);
}

static void print_error(const struct err *e, int code)
{
    struct buffer line = {0};
    const char *text = e->text[0] ? e->text : err_name(code);
    buffer_text(&line, "sextant: ");
    text_clean(slice_of(text ? text : "unknown error"), &line);
    fprintf(stderr, "%s\n", line.failed ? "sextant: out of memory" : line.at);
    buffer_done(&line);
}

static int print_help(const struct invocation *inv, struct err *e)
{
    struct buffer out = {0};
    if (inv->command)
        help_write_command(inv->command, terminal_columns(), &out);
    else
        help_write_overview(terminal_columns(), &out);
    int code = out.failed ? err_memory(e) : invocation_write(inv, out.at, out.length, e);
    buffer_done(&out);
    return code;
}

static bool asks_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

// "sextant fetch --help", where the command is not complete.
static int print_family(const char *word, bool *ret_done, struct err *e)
{
    struct invocation inv = {0};
    struct buffer out = {0};
    int code = 0;
    *ret_done = help_write_family(word, terminal_columns(), &out);
    if (*ret_done)
        code = out.failed ? err_memory(e) : invocation_write(&inv, out.at, out.length, e);
    buffer_done(&out);
    return code;
}

static int run(int argc, const char *const *argv, struct err *e)
{
    static const char version[] = "sextant " SEXTANT_VERSION "\n";
    struct invocation inv = {0};
    bool done = false;
    if (argc < 2 || asks_help(argv[1]))
        return print_help(&inv, e);
    if (strcmp(argv[1], "--version") == 0)
        return invocation_write(&inv, version, sizeof version - 1, e);
    int code = argc == 3 && asks_help(argv[2]) ? print_family(argv[1], &done, e) : 0;
    if (done)
        return code;
    code = invocation_parse(argc, argv, &inv, e);
    if (code < 0)
        return code;
    if (inv.help) {
        inv.output = NULL;
        code = print_help(&inv, e);
    } else {
        code = inv.command->run(&inv, e);
    }
    invocation_done(&inv);
    return code;
}

int main(int argc, char **argv)
{
    struct err e = {0};
    hold_standard_streams();
    signal(SIGPIPE, SIG_IGN);
    int status = run(argc, (const char *const *)argv, &e);
    if (status >= 0)
        return status;
    if (status == ERR_STOPPED) { // "| head": end as other programs do, without a word
        signal(SIGPIPE, SIG_DFL);
        raise(SIGPIPE);
    }
    print_error(&e, status);
    return err_exit_status(status);
}
