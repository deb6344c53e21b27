// SPDX-License-Identifier: Apache-2.0
//
// sextant observe import: signed results from other machines into the archive.

#include "base/text.h"
#include "cmd/command.h"
#include "cmd/observe.h"
#include "store/store.h"

#include <stdio.h>
#include <string.h>

#define KEYS_MAX 64

static const char *const usage[] = {"observe import --from PUBLIC-KEY-FILE[,...] FILE...", NULL};

static const struct option_spec options[] = {
    {"from", 0, "FILE,...", "Public keys; results of others are refused.", NULL},
    {"no-evidence", 0, NULL, "Keep the verdicts alone.", NULL},
    {NULL}};

static const struct example examples[] = {
    {"sextant observe import --from nairobi.key.pub nairobi.observations",
     "What the machine in Nairobi found."},
    {NULL}};

struct taking {
    struct invocation *inv;
    struct observe_key keys[KEYS_MAX];
    size_t key_count;
    struct store *store;
    struct importer *importer;
    struct table *table;
};

static int read_keys(struct taking *t, struct err *e)
{
    const char *from = invocation_option(t->inv, "from");
    if (!from)
        return err_set(e, ERR_USAGE, "--from is wanted: whose results are taken");
    int code = 0;
    for (struct slice rest = slice_of(from); rest.at && !code;) {
        struct slice part = slice_cut(&rest, ',');
        const char *path = arena_text(&t->inv->arena, part.at, part.length);
        if (!path)
            return err_memory(e);
        if (t->key_count == KEYS_MAX)
            return err_set(e, ERR_USAGE, "--from: more than %d keys", KEYS_MAX);
        code = observe_key_read_public(path, &t->keys[t->key_count++], e);
    }
    return code;
}

static void add_row(struct taking *t, const char *path, const char *signer,
                    const struct import_result *r)
{
    static const char *const outcomes[] = {"taken", "known already",
                                           "superseded: a longer journal of it counts"};
    size_t row = table_row(t->table);
    table_set_text(t->table, row, 0, path);
    table_set_text(t->table, row, 1, outcomes[r->outcome]);
    table_set_count(t->table, row, 2, r->values);
    table_set_count(t->table, row, 3, fates_rejected(&r->fates));
    table_set_text(t->table, row, 4, signer);
}

// Nothing of a file is read into the archive before its signature was found right, and what is read
// then must have the same hash.
static int take_file(struct taking *t, const char *path, struct err *e)
{
    char sha256[65], signer[2 * crypto_sign_PUBLICKEYBYTES + 1];
    struct import_options o = {.read = {.date = DATE_NONE}, .signer = signer, .sha256 = sha256};
    struct import_result result = {0};
    struct source *source = NULL;
    size_t key = 0;
    int code = observe_verify(path, t->keys, t->key_count, &key, sha256, e);
    if (code)
        return code;
    hex_text(t->keys[key].public, sizeof t->keys[key].public, signer);
    o.without_evidence = invocation_flag(t->inv, "no-evidence");
    code = source_open(path, NULL, &source, e);
    if (!code)
        code = importer_add(t->importer, source, &o, &result, e);
    source_close(&source);
    if (!code)
        add_row(t, path, signer, &result);
    return code;
}

static int make_table(struct taking *t, struct err *e)
{
    static const struct column columns[] = {
        {"file", "File", COLUMN_TEXT, "", "The file."},
        {"outcome", "Outcome", COLUMN_TEXT, "", "What became of it."},
        {"results", "Results", COLUMN_COUNT, "", "Results that it brought."},
        {"rejected", "Rejected", COLUMN_COUNT, "", "Lines that were none."},
        {"signer", "Signed by", COLUMN_TEXT, "", "The public key."}};
    if (table_new("observations", &t->table))
        return err_memory(e);
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        table_column(t->table, &columns[i]);
    table_title(t->table, "Imported into %s", t->inv->store);
    return 0;
}

static int run_import(struct invocation *inv, struct err *e)
{
    struct taking t = {.inv = inv};
    int code = sodium_init() < 0 ? err_set(e, ERR_SYSTEM, "no random numbers") : read_keys(&t, e);
    if (!code)
        code = store_open(inv->store, STORE_WRITE, &t.store, e);
    if (!code)
        code = importer_new(t.store, &t.importer, e);
    if (!code)
        code = make_table(&t, e);
    for (size_t i = 0; i < inv->argument_count && !code; i++)
        code = take_file(&t, inv->arguments[i], e);
    if (!code)
        code = t.table->failed ? err_memory(e) : invocation_print(inv, &t.table, 1, e);
    if (t.table)
        table_free(&t.table);
    importer_free(&t.importer);
    store_close(&t.store);
    return code;
}

const struct command command_observe_import = {
    .name = "observe import",
    .group = COMMAND_DATA,
    .summary = "Signed results from other machines into the archive",
    .usage = usage,
    .description =
        "Takes files of sextant observe export, each whole or not at all. A file that is not "
        "signed, signed by a key that is not given with --from, or changed since, is refused with "
        "exit status 3. What was taken once is known, and an older export of a campaign does not "
        "take the place of a newer one.\n\n"
        "Places stand side by side in the archive; what they say together of a domain: "
        "doc/services.md.",
    .groups = OPTIONS_STORE | OPTIONS_OUTPUT,
    .options = options,
    .examples = examples,
    .argument = "FILE",
    .argument_help = "what sextant observe export wrote",
    .argument_kind = ARGUMENT_FILE,
    .arguments_min = 1,
    .arguments_max = ARGUMENTS_MANY,
    .run = run_import,
};
