// SPDX-License-Identifier: Apache-2.0
//
// sextant fetch users: figures of users over IPv6 into a folder.

#include "cmd/fetching.h"
#include "read/kind.h"

#include <stdlib.h>
#include <string.h>

#define ECONOMIES_MAX 512 // of one run; there are 249

// The codes as the arena's texts, ended with NULL.
static int add_code(struct invocation *inv, economy code, const char **codes, size_t *count,
                    struct err *e)
{
    char text[8];
    if (*count == ECONOMIES_MAX)
        return err_set(e, ERR_USAGE, "--economy: more than %d economies", ECONOMIES_MAX);
    economy_format(code, text);
    codes[*count] = arena_text(&inv->arena, text, strlen(text));
    return codes[(*count)++] ? 0 : err_memory(e);
}

static int parse_codes(struct invocation *inv, const struct world *w, const char *names,
                       const char **codes, struct err *e)
{
    size_t count = 0;
    int code = 0;
    if (strcmp(names, "all") == 0) {
        for (size_t i = 0; i < world_count(w) && !code; i++)
            code = add_code(inv, world_economy(w, i), codes, &count, e);
        return code;
    }
    for (struct slice rest = slice_of(names); rest.at && !code;) {
        struct slice name = slice_trim(slice_cut(&rest, ','));
        economy found = world_find(w, name);
        code =
            found == ECONOMY_NONE
                ? err_set(e, ERR_USAGE, "--economy: no economy \"%.*s\"; wanted codes such as KE",
                          SLICE_ARG(name))
                : add_code(inv, found, codes, &count, e);
    }
    return code;
}

static int parse_economies(struct invocation *inv, const char *const **ret, struct err *e)
{
    const char *names = invocation_option(inv, "economy");
    struct world *w = NULL;
    const char **codes = arena_alloc(&inv->arena, (ECONOMIES_MAX + 1) * sizeof *codes);
    int code = codes ? world_load(LANGUAGE_EN, &w, e) : err_memory(e);
    if (!code && names)
        code = parse_codes(inv, w, names, codes, e);
    world_free(&w);
    if (!code)
        *ret = codes;
    return code;
}

static int run_fetch_users(struct invocation *inv, struct err *e)
{
    struct fetching what = {.table = "users/servers.csv",
                            .folder = "users",
                            .title = "Figures of users",
                            .publisher = "source",
                            .kinds = 1U << INPUT_OBSERVED | 1U << INPUT_USERS_PER_AS};
    int code = parse_economies(inv, &what.economies, e);
    return code ? code : fetching_run(inv, &what, e);
}

static const char *const usage[] = {"fetch users [OPTIONS]", NULL};

static const struct option_spec options[] = {
    {"source", 0, "NAME,...", "Whose: google, apnic; both by default.", NULL},
    {"economy", 0, "CODE,...",
     "Also APNIC's history of these economies, a file of some megabytes each, or of all.", NULL},
    {"into", 0, "DIR", "The folder for the files; \"users\" beside the archive by default.", NULL},
    {"mirror", 0, "URL", FETCHING_MIRROR, NULL},
    {"retries", 0, "N", FETCHING_RETRIES, NULL},
    {"timeout", 0, "SECONDS", FETCHING_TIMEOUT, NULL},
    {NULL},
};

static const struct example examples[] = {
    {"sextant fetch users", "The figures of Google and APNIC for the world and of today."},
    {"sextant fetch users --source apnic --economy KE,UG,TZ", "The history of three economies."},
    {NULL},
};

const struct command command_fetch_users = {
    .name = "fetch users",
    .group = COMMAND_DATA,
    .summary = "Fetch figures of users",
    .usage = usage,
    .description =
        "Brings what Google and APNIC Labs publish about users into a folder: Google's daily "
        "figures of "
        "the world and its current ones of economies, APNIC's daily figures of the world, with "
        "--economy of economies, and its estimate of the users of each network.\n\n"
        "A file that did not change is not sent again, an interrupted transfer goes on where it "
        "stopped, and what came is read once: its container must be whole, its content what was "
        "asked for. A file appears in the folder whole or not at all.\n\n"
        "The exit status is 4 when a file failed, or when the servers have none of them.",
    .groups = OPTIONS_STORE | OPTIONS_OUTPUT,
    .options = options,
    .examples = examples,
    .run = run_fetch_users,
};
