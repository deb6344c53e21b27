// SPDX-License-Identifier: Apache-2.0
//
// sextant observe export: a campaign's results from this machine, signed, for another archive.

#include "base/buffer.h"
#include "base/file.h"
#include "base/json.h"
#include "cmd/command.h"
#include "cmd/observe.h"
#include "store/services.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const usage[] = {"observe export --campaign NAME --key FILE [OPTIONS] FILE",
                                    NULL};

static const struct option_spec options[] = {
    {"campaign", 0, "NAME", "Which campaign.", NULL},
    {"vantage", 0, "NAME", "From which place, where the archive has it from several.", NULL},
    {"key", 0, "FILE", "The secret key, as sextant observe key makes it.", NULL},
    {NULL}};

static const struct example examples[] = {
    {"sextant observe export --campaign 2024-q1 --key nairobi.key nairobi.observations",
     "All results of the campaign, with their evidence."},
    {NULL}};

struct exporting {
    struct store *store;
    struct file_draft *draft;
    crypto_sign_state state;
    struct buffer line;
    const struct service_campaign *campaign;
    struct observe_key key;
    struct err *e;
};

// Writes what is in x->line, and takes it into the signature.
static int put_line(struct exporting *x)
{
    buffer_char(&x->line, '\n');
    if (x->line.failed)
        return err_memory(x->e);
    crypto_sign_update(&x->state, (const unsigned char *)x->line.at, x->line.length);
    int code = file_draft_write(x->draft, x->line.at, x->line.length, x->e);
    x->line.length = 0;
    return code;
}

static int put_header(struct exporting *x)
{
    const struct service_campaign *c = x->campaign;
    struct json j = {.out = &x->line};
    json_open(&j, NULL, '{');
    json_integer(&j, "journal", 1);
    json_text(&j, "campaign", c->name);
    json_text(&j, "vantage", c->vantage);
    json_text(&j, "list", c->list);
    json_text(&j, "options", c->options);
    json_text(&j, "version", c->version);
    json_integer(&j, "began", c->began);
    json_close(&j);
    return put_line(x);
}

static int put_result(const struct service_result *r, void *arg)
{
    struct exporting *x = arg;
    struct json j = {.out = &x->line};
    char code[8];
    json_open(&j, NULL, '{');
    if (r->economy != ECONOMY_NONE)
        json_text(&j, "economy", economy_format(r->economy, code));
    if (r->organisation[0])
        json_text(&j, "organisation", r->organisation);
    if (r->sector[0])
        json_text(&j, "sector", r->sector);
    buffer_text(&x->line, j.filled[0] ? ",\"result\":" : "\"result\":");
    int failed = store_service_evidence(x->store, r->domain_id, r->campaign, &x->line, x->e);
    if (failed == ERR_NOT_FOUND)
        return err_set(
            x->e, ERR_NOT_FOUND,
            "the archive has no evidence of %s: its journal was imported without it, and "
            "cannot be exported",
            r->domain);
    buffer_char(&x->line, '}');
    return failed ? failed : put_line(x);
}

static int put_signature(struct exporting *x)
{
    unsigned char signature[crypto_sign_BYTES];
    char hex[2 * sizeof signature + 1], key[2 * crypto_sign_PUBLICKEYBYTES + 1];
    crypto_sign_final_create(&x->state, signature, NULL, x->key.secret);
    buffer_format(&x->line, "{\"signature\":\"%s\",\"key\":\"%s\"}",
                  hex_text(signature, sizeof signature, hex),
                  hex_text(x->key.public, sizeof x->key.public, key));
    return put_line(x);
}

static int put_all(struct exporting *x)
{
    static const char context[] = OBSERVE_CONTEXT;
    struct service_scan scan = {.campaign = x->campaign->id};
    crypto_sign_init(&x->state);
    crypto_sign_update(&x->state, (const unsigned char *)context, sizeof context - 1);
    int code = put_header(x);
    if (!code)
        code = store_service_scan(x->store, &scan, put_result, x, x->e);
    if (!code && x->campaign->ended) {
        buffer_format(&x->line, "{\"ended\":%lld}", (long long)x->campaign->ended);
        code = put_line(x);
    }
    return code ? code : put_signature(x);
}

static int choose(struct invocation *inv, const struct service_campaigns *all,
                  const struct service_campaign **ret, struct err *e)
{
    const char *name = invocation_option(inv, "campaign"), *of = invocation_option(inv, "vantage");
    size_t found = 0;
    for (size_t i = 0; i < all->count; i++)
        if (strcmp(all->at[i].name, name) == 0 && (!of || strcmp(all->at[i].vantage, of) == 0)) {
            *ret = &all->at[i];
            found++;
        }
    if (found == 0)
        return err_set(e, ERR_NOT_FOUND,
                       "no campaign \"%s\"%s%s; sextant services --table campaigns", name,
                       of ? " from " : "", of ? of : "");
    return found == 1 ? 0
                      : err_set(e, ERR_USAGE, "campaign \"%s\" is from %zu places; give --vantage",
                                name, found);
}

static int export_into(struct exporting *x, struct invocation *inv)
{
    struct service_campaigns all = {0};
    int code = store_service_campaigns(x->store, &all, x->e);
    if (!code)
        code = choose(inv, &all, &x->campaign, x->e);
    if (!code)
        code = file_draft_open(inv->arguments[0], &x->draft, x->e);
    if (!code)
        code = put_all(x);
    if (!code)
        code = file_draft_publish(&x->draft, x->e);
    file_draft_drop(&x->draft);
    service_campaigns_free(&all);
    buffer_done(&x->line);
    return code;
}

static int run_export(struct invocation *inv, struct err *e)
{
    struct exporting x = {.e = e};
    const char *key = invocation_option(inv, "key");
    if (!invocation_option(inv, "campaign") || !key)
        return err_set(e, ERR_USAGE, "--campaign and --key are wanted");
    if (sodium_init() < 0)
        return err_set(e, ERR_SYSTEM, "no random numbers");
    int code = observe_key_read_secret(key, &x.key, e);
    if (!code)
        code = store_open(inv->store, STORE_READ, &x.store, e);
    if (!code)
        code = store_read_begin(x.store, e);
    if (!code)
        code = export_into(&x, inv);
    store_close(&x.store);
    sodium_memzero(&x.key, sizeof x.key);
    return code;
}

const struct command command_observe_export = {
    .name = "observe export",
    .group = COMMAND_DATA,
    .summary = "A campaign's results, signed, for another archive",
    .usage = usage,
    .description =
        "Writes the results of a campaign with their evidence into a file, signed with Ed25519. "
        "Whoever has the public key takes them into another archive with sextant observe import. "
        "The same results make the same file.",
    .groups = OPTIONS_STORE,
    .options = options,
    .examples = examples,
    .argument = "FILE",
    .argument_help = "the file to write",
    .argument_kind = ARGUMENT_FILE,
    .arguments_min = 1,
    .arguments_max = 1,
    .run = run_export,
};
