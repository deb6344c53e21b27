// SPDX-License-Identifier: Apache-2.0
//
// sextant lab log: what a service has said.

#include "cmd/laboratory.h"
#include "lab/process.h"

#include <stdio.h>

static const char *const usage[] = {"lab log NODE SERVICE [--lab NAME]", NULL};

static const struct option_spec options[] = {LABORATORY_OPTION, {NULL}};

static const struct example examples[] = {
    {"sextant lab log r1 radvd", "What radvd in r1 has written since it was started last."},
    {NULL}};

static int run_log(struct invocation *inv, struct err *e)
{
    struct laboratory l = {0};
    struct buffer raw = {0}, clean = {0};
    char path[FILE_PATH_MAX + 80];
    int code = laboratory_open(inv, &l, e);
    if (code == 0)
        code = laboratory_service(&l, inv->arguments[0], inv->arguments[1], e);
    if (code == 0) {
        snprintf(path, sizeof path, "%s/log/%s.%s", l.run->folder, inv->arguments[0],
                 inv->arguments[1]);
        code = file_read(path, PROCESS_FILE_MAX, &raw, e);
    }
    struct slice rest = {raw.at ? raw.at : "", raw.length};
    while (code == 0 && rest.at && rest.length > 0) {
        text_clean(slice_cut(&rest, '\n'), &clean);
        buffer_char(&clean, '\n');
    }
    if (code == 0)
        code = clean.failed ? err_memory(e)
                            : invocation_write(inv, clean.at ? clean.at : "", clean.length, e);
    buffer_done(&raw);
    buffer_done(&clean);
    laboratory_close(&l);
    return code;
}

const struct command command_lab_log = {
    .name = "lab log",
    .group = COMMAND_LAB,
    .summary = "What a service has said",
    .usage = usage,
    .description = "Prints what a service has written to its output and its errors since it was "
                   "started last.",
    .options = options,
    .examples = examples,
    .argument = "NODE SERVICE",
    .argument_help = "where, and which",
    .arguments_min = 2,
    .arguments_max = 2,
    .run = run_log,
};
