// SPDX-License-Identifier: Apache-2.0
//
// sextant optout: who does not want to be asked by sextant check, kept in the archive.

#include "check/check.h"
#include "cmd/command.h"
#include "store/services.h"

#include <stdlib.h>

static const char *const usage[] = {"optout [OPTIONS]", NULL};

static const struct option_spec options[] = {
    {"add", 0, "NAME,...",
     "Never ask these again: a domain, or with a dot before it (.example.org) all below it too.",
     NULL},
    {"remove", 0, "NAME,...", "These may be asked again.", NULL},
    {NULL}};

static const struct example examples[] = {
    {"sextant optout --add example.org,.example.net", "One domain, and one with all below it."},
    {"sextant optout", "Who does not want to be asked."},
    {NULL}};

static int change(struct store *s, struct slice name, bool add, struct err *e)
{
    char domain[CHECK_DOMAIN_MAX + 1];
    bool subtree = name.length > 0 && name.at[0] == '.', was = false;
    int code =
        check_domain_name(subtree ? (struct slice){name.at + 1, name.length - 1} : name, domain, e);
    if (code)
        return code;
    if (add)
        return store_opt_out_add(s, domain, subtree, e);
    code = store_opt_out_remove(s, domain, &was, e);
    return code || was
               ? code
               : err_set(e, ERR_NOT_FOUND, "%s is not among those that are not asked", domain);
}

static int change_all(struct invocation *inv, struct store *s, const char *option, bool add,
                      struct err *e)
{
    const char *names = invocation_option(inv, option);
    struct slice rest = names ? slice_of(names) : (struct slice){NULL, 0};
    int code = 0;
    while (rest.at && !code)
        code = change(s, slice_trim(slice_cut(&rest, ',')), add, e);
    return code;
}

static int add_row(const char *name, bool subtree, date added, void *arg)
{
    struct table *t = arg;
    size_t row = table_row(t);
    table_set_text(t, row, 0, name);
    table_set_text(t, row, 1, subtree ? "yes" : "no");
    table_set_date(t, row, 2, added);
    return 0;
}

static int print(struct invocation *inv, struct store *s, struct err *e)
{
    static const struct column columns[] = {
        {"domain", "Domain", COLUMN_TEXT, "", "The domain."},
        {"below", "And all below it", COLUMN_TEXT, "", "Also what lies under it?"},
        {"added", "Since", COLUMN_DATE, "", "The day on which it was added."}};
    struct table *t = NULL;
    if (table_new("opt-out", &t))
        return err_memory(e);
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        table_column(t, &columns[i]);
    table_title(t, "Domains that are never asked");
    int code = store_opt_outs(s, add_row, t, e);
    if (!code)
        code = t->failed ? err_memory(e) : invocation_print(inv, &t, 1, e);
    table_free(&t);
    return code;
}

static int run_optout(struct invocation *inv, struct err *e)
{
    struct store *s = NULL;
    bool writes = invocation_option(inv, "add") || invocation_option(inv, "remove");
    int code = store_open(inv->store, writes ? STORE_WRITE : STORE_READ, &s, e);
    if (!code)
        code = change_all(inv, s, "add", true, e);
    if (!code)
        code = change_all(inv, s, "remove", false, e);
    if (!code)
        code = print(inv, s, e);
    store_close(&s);
    return code;
}

const struct command command_optout = {
    .name = "optout",
    .group = COMMAND_DATA,
    .summary = "Domains that sextant check never asks",
    .usage = usage,
    .description =
        "Keeps in the archive which domains do not want to be asked. sextant check leaves them "
        "out, "
        "from lists and as arguments, and says how many there were. A file of them is given to it "
        "with --opt-out.",
    .groups = OPTIONS_STORE | OPTIONS_OUTPUT,
    .options = options,
    .examples = examples,
    .run = run_optout,
};
