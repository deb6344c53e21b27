// SPDX-License-Identifier: Apache-2.0

#include "cmd/invocation.h"

#include "base/buffer.h"
#include "base/file.h"
#include "site/words.h"

#include <stdlib.h>
#include <string.h>

struct parser {
    struct invocation *inv;
    const struct option_spec *specs[COMMAND_OPTIONS_MAX];
    size_t spec_count;
    const char **arguments;
    struct err *e;
};

// ---- what is valid at a place

static void add_words(struct buffer *out, const char *const *words)
{
    for (size_t i = 0; words[i]; i++)
        buffer_format(out, "%s%s", i > 0 ? ", " : "", words[i]);
}

// "<what>; did you mean X? Valid: a, b, c"
static int wrong_word(struct err *e, const char *what, const char *word, const char *const *valid)
{
    struct buffer list = {0};
    const char *meant = nearest_word(word, valid);
    add_words(&list, valid);
    const char *words = list.at ? list.at : "nothing";
    int code = meant ? err_set(e, ERR_USAGE, "%s; did you mean %s? Valid: %s", what, meant, words)
                     : err_set(e, ERR_USAGE, "%s; valid: %s", what, words);
    buffer_done(&list);
    return code;
}

// ---- the command

static size_t word_count(const char *name)
{
    size_t count = 1;
    for (; *name; name++)
        count += *name == ' ';
    return count;
}

static bool words_match(const char *name, const char *const *words, size_t count)
{
    struct slice rest = slice_of(name);
    for (size_t i = 0; rest.at; i++)
        if (i >= count || !slice_is(slice_cut(&rest, ' '), words[i]))
            return false;
    return true;
}

#define COMMANDS_MAX 256

static bool has_word(const char *const *list, size_t count, const char *word)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i], word) == 0)
            return true;
    return false;
}

// The words that can follow `first`, or (first NULL) begin a command; ended with NULL, in `arena`.
static const char *const *next_words(const char *first, struct arena *arena)
{
    const char **list = arena_alloc(arena, (COMMANDS_MAX + 1) * sizeof *list);
    size_t count = 0;
    for (size_t i = 0; list && commands[i] && count < COMMANDS_MAX; i++) {
        struct slice rest = slice_of(commands[i]->name);
        struct slice word = slice_cut(&rest, ' ');
        if (first && (!slice_is(word, first) || !rest.at))
            continue;
        const char *copy = first ? arena_text(arena, rest.at, rest.length)
                                 : arena_text(arena, word.at, word.length);
        if (copy && !has_word(list, count, copy))
            list[count++] = copy;
    }
    return list;
}

static int command_unknown(const char *const *words, size_t count, struct err *e)
{
    struct arena arena = {0};
    const char *const *after = next_words(words[0], &arena);
    const char *const *all = next_words(NULL, &arena);
    int code = ERR_MEMORY;
    if (after && after[0] && count > 1) {
        char *what = arena_format(&arena, "%s: no \"%s\" there", words[0], words[1]);
        code = what ? wrong_word(e, what, words[1], after) : err_memory(e);
    } else if (after && after[0]) {
        char *what = arena_format(&arena, "%s needs one more word", words[0]);
        code = what ? wrong_word(e, what, "", after) : err_memory(e);
    } else if (all) {
        char *what = arena_format(&arena, "\"%s\" is no command", words[0]);
        code = what ? wrong_word(e, what, words[0], all) : err_memory(e);
    }
    arena_done(&arena);
    return code;
}

int command_find(const char *const *words, size_t count, const struct command **ret,
                 size_t *ret_used, struct err *e)
{
    const struct command *found = NULL;
    for (size_t i = 0; commands[i]; i++)
        if (words_match(commands[i]->name, words, count) &&
            (!found || word_count(commands[i]->name) > word_count(found->name)))
            found = commands[i];
    if (!found)
        return command_unknown(words, count, e);
    *ret = found;
    *ret_used = word_count(found->name);
    return 0;
}

// ---- options

static int unknown_option(struct parser *p, struct slice name, bool is_letter)
{
    const char *valid[COMMAND_OPTIONS_MAX + 1] = {NULL};
    struct arena arena = {0};
    for (size_t i = 0; i < p->spec_count; i++)
        valid[i] = arena_format(&arena, "--%s", p->specs[i]->name);
    char *given = arena_format(&arena, "%s%.*s", is_letter ? "-" : "--", SLICE_ARG(name));
    char *what =
        given ? arena_format(&arena, "%s: unknown option %s", p->inv->command->name, given) : NULL;
    int code =
        what ? wrong_word(p->e, what, name.length > 1 ? given : "", valid) : err_memory(p->e);
    arena_done(&arena);
    return code;
}

static int check_value(struct parser *p, const struct option_spec *spec, const char *value)
{
    if (!spec->values)
        return 0;
    for (size_t i = 0; spec->values[i]; i++)
        if (strcmp(spec->values[i], value) == 0)
            return 0;
    char *what = arena_format(&p->inv->arena, "--%s: \"%s\" is not possible", spec->name, value);
    return what ? wrong_word(p->e, what, value, spec->values) : err_memory(p->e);
}

static int missing_value(struct parser *p, const struct option_spec *spec)
{
    char *what = arena_format(&p->inv->arena, "--%s needs %s", spec->name, spec->argument);
    if (!what)
        return err_memory(p->e);
    return spec->values ? wrong_word(p->e, what, "", spec->values)
                        : err_set(p->e, ERR_USAGE, "%s. %s", what, spec->help);
}

static int take_option(struct parser *p, const struct option_spec *spec, const char *value)
{
    if (!spec->argument && value)
        return err_set(p->e, ERR_USAGE, "--%s takes no value, but \"%s\" was given", spec->name,
                       value);
    if (spec->argument && !value)
        return missing_value(p, spec);
    int code = spec->argument ? check_value(p, spec, value) : 0;
    if (code == 0)
        p->inv->given[p->inv->given_count++] = (struct option_given){spec, value ? value : ""};
    return code;
}

static const struct option_spec *find_spec(const struct parser *p, struct slice name, char letter)
{
    for (size_t i = 0; i < p->spec_count; i++)
        if (letter ? p->specs[i]->letter == letter : slice_is(name, p->specs[i]->name))
            return p->specs[i];
    return NULL;
}

// "--name", "--name=value", or "--name" and `next`, which is then taken.
static int take_long(struct parser *p, const char *word, const char *next, bool *ret_took_next)
{
    struct slice value = slice_of(word + 2), name = slice_cut(&value, '=');
    const struct option_spec *spec = find_spec(p, name, 0);
    if (!spec)
        return unknown_option(p, name, false);
    *ret_took_next = spec->argument && !value.at && next;
    return take_option(p, spec, *ret_took_next ? next : value.at);
}

// "-q", "-qh", "-oFILE", or "-o" and `next`, which is then taken.
static int take_letters(struct parser *p, const char *word, const char *next, bool *ret_took_next)
{
    for (const char *at = word + 1; *at; at++) {
        const struct option_spec *spec = find_spec(p, (struct slice){at, 1}, *at);
        if (!spec)
            return unknown_option(p, (struct slice){at, 1}, true);
        if (spec->argument) {
            *ret_took_next = !at[1] && next;
            return take_option(p, spec, at[1] ? at + 1 : *ret_took_next ? next : NULL);
        }
        int code = take_option(p, spec, NULL);
        if (code < 0)
            return code;
    }
    return 0;
}

static int take_words(struct parser *p, const char *const *words, size_t count)
{
    const unsigned border = p->inv->command->verbatim;
    bool only_arguments = false, verbatim = false;
    for (size_t i = 0; i < count; i++) {
        const char *word = words[i], *next = i + 1 < count ? words[i + 1] : NULL;
        bool took_next = false;
        int code = 0;
        if (border && !verbatim && p->inv->argument_count == border) {
            verbatim = only_arguments = true;
            if (strcmp(word, "--") == 0)
                continue;
        }
        if (only_arguments || word[0] != '-' || !word[1])
            p->arguments[p->inv->argument_count++] = word;
        else if (strcmp(word, "--") == 0)
            only_arguments = true;
        else if (word[1] == '-')
            code = take_long(p, word, next, &took_next);
        else
            code = take_letters(p, word, next, &took_next);
        if (code < 0)
            return code;
        i += took_next;
    }
    return 0;
}

// ---- a file of options

#define OPTIONS_FILE_BYTES 65536

// "name value", "name", a comment, or nothing. Of what the command line gave (the first `before`)
// nothing is taken.
static int take_line(struct parser *p, struct slice line, size_t before)
{
    struct slice value = slice_trim(line), name = slice_cut(&value, ' ');
    if (name.length == 0 || name.at[0] == '#')
        return 0;
    const struct option_spec *spec = find_spec(p, name, 0);
    if (!spec || strcmp(spec->name, "options") == 0)
        return unknown_option(p, name, false);
    for (size_t i = 0; i < before; i++)
        if (p->inv->given[i].spec == spec)
            return 0;
    value = slice_trim(value);
    const char *copy = value.at ? arena_text(&p->inv->arena, value.at, value.length) : NULL;
    return value.at && !copy ? err_memory(p->e) : take_option(p, spec, copy);
}

static int take_text(struct parser *p, const char *path, struct slice text)
{
    struct invocation *inv = p->inv;
    size_t before = inv->given_count;
    struct option_given *all = arena_alloc(&inv->arena, (before + text.length + 1) * sizeof *all);
    int code = all ? 0 : err_memory(p->e);
    if (code == 0) {
        memcpy(all, inv->given, before * sizeof *all);
        inv->given = all;
    }
    for (unsigned number = 1; code == 0 && text.at; number++) {
        code = take_line(p, slice_cut(&text, '\n'), before);
        if (code == ERR_USAGE)
            err_prefix(p->e, "%s:%u", path, number);
    }
    return code;
}

static int take_file(struct parser *p)
{
    const char *path = invocation_option(p->inv, "options");
    struct buffer text = {0};
    if (!path || invocation_flag(p->inv, "help"))
        return 0;
    int code = file_read(path, OPTIONS_FILE_BYTES, &text, p->e);
    if (code == 0 && text.at && memchr(text.at, 0, text.length))
        code = err_set(p->e, ERR_INPUT, "%s: not a text", path);
    if (code == 0 && text.at)
        code = take_text(p, path, (struct slice){text.at, text.length});
    buffer_done(&text);
    return code;
}

// ---- arguments

static int check_arguments(struct parser *p)
{
    const struct command *c = p->inv->command;
    size_t count = p->inv->argument_count;
    if (count < c->arguments_min)
        return err_set(p->e, ERR_USAGE, "%s needs %s%s: %s", c->name, count > 0 ? "one more " : "",
                       c->argument, c->argument_help);
    if (count > c->arguments_max && c->arguments_max == 0)
        return err_set(p->e, ERR_USAGE, "%s takes no arguments, but \"%s\" was given", c->name,
                       p->arguments[0]);
    if (count > c->arguments_max)
        return err_set(p->e, ERR_USAGE, "%s takes at most %u %s; \"%s\" is one too many", c->name,
                       c->arguments_max, c->argument, p->arguments[c->arguments_max]);
    for (size_t i = 0; c->argument_values && i < count; i++) {
        size_t valid = 0;
        while (c->argument_values[valid] && strcmp(c->argument_values[valid], p->arguments[i]) != 0)
            valid++;
        char *what =
            arena_format(&p->inv->arena, "%s: \"%s\" is not possible", c->name, p->arguments[i]);
        if (!c->argument_values[valid])
            return what ? wrong_word(p->e, what, p->arguments[i], c->argument_values)
                        : err_memory(p->e);
    }
    return 0;
}

// ---- what is common

static enum language environment_language(void)
{
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    enum language language = LANGUAGE_EN;
    for (size_t i = 0; i < 3; i++) {
        const char *value = getenv(names[i]);
        if (value && *value) {
            language_parse(slice_of(value), &language);
            break;
        }
    }
    return language;
}

static int resolve_store(struct invocation *inv, struct err *e)
{
    const char *chosen = invocation_option(inv, "store");
    const char *environment = getenv("SEXTANT_STORE");
    const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
    if (chosen || (environment && *environment)) {
        inv->store = chosen ? chosen : environment;
        return *inv->store ? 0 : err_set(e, ERR_USAGE, "--store needs the name of a file");
    }
    if (data && *data == '/')
        inv->store = arena_format(&inv->arena, "%s/sextant/archive.sextant", data);
    else if (home && *home)
        inv->store = arena_format(&inv->arena, "%s/.local/share/sextant/archive.sextant", home);
    else
        return err_set(e, ERR_USAGE,
                       "no place for the archive: give --store FILE, or set SEXTANT_STORE or HOME");
    return inv->store ? 0 : err_memory(e);
}

static int resolve_common(struct invocation *inv, struct err *e)
{
    const char *language = invocation_option(inv, "lang");
    inv->quiet = invocation_flag(inv, "quiet");
    inv->help = invocation_flag(inv, "help");
    inv->language = environment_language();
    if (language)
        language_parse(slice_of(language), &inv->language);
    if (inv->command->groups & OPTIONS_OUTPUT) {
        const char *format = invocation_option(inv, "format");
        const char *output = invocation_option(inv, "output");
        inv->output = output && strcmp(output, "-") != 0 ? output : NULL;
        if (format)
            table_format_parse(slice_of(format), &inv->format);
    }
    if (inv->help || !(inv->command->groups & OPTIONS_STORE))
        return 0;
    return resolve_store(inv, e);
}

static int parse_words(struct parser *p, const char *const *words, size_t count)
{
    struct invocation *inv = p->inv;
    p->spec_count = command_options(inv->command, p->specs);
    // A word gives at most as many options as it has letters.
    size_t options_max = 1;
    for (size_t i = 0; i < count; i++)
        options_max += strlen(words[i]);
    p->arguments = arena_alloc(&inv->arena, (count + 1) * sizeof *p->arguments);
    inv->given = arena_alloc(&inv->arena, options_max * sizeof *inv->given);
    if (!p->arguments || !inv->given)
        return err_memory(p->e);
    inv->arguments = p->arguments;
    int code = take_words(p, words, count);
    if (code == 0 && (inv->command->groups & OPTIONS_FILE))
        code = take_file(p);
    if (code == 0)
        code = resolve_common(inv, p->e);
    if (code == 0 && !inv->help)
        code = check_arguments(p);
    return code;
}

int invocation_parse(int argc, const char *const *argv, struct invocation *ret, struct err *e)
{
    struct invocation inv = {.format = TABLE_TEXT};
    struct parser p = {.inv = &inv, .e = e};
    size_t used = 0, count = argc > 1 ? (size_t)argc - 1 : 0;
    if (count > 0 && argv[1][0] == '-')
        return err_set(e, ERR_USAGE, "%s: first comes the command, then its options", argv[1]);
    int code = count > 0 ? command_find(argv + 1, count, &inv.command, &used, e)
                         : err_set(e, ERR_USAGE, "no command given");
    if (code == 0)
        code = parse_words(&p, argv + 1 + used, count - used);
    if (code < 0) {
        invocation_done(&inv);
        return code;
    }
    *ret = inv;
    return 0;
}

void invocation_done(struct invocation *inv)
{
    words_free(&inv->words);
    arena_done(&inv->arena);
    *inv = (struct invocation){0};
}

// ---- for commands

const char *invocation_option(const struct invocation *inv, const char *name)
{
    for (size_t i = inv->given_count; i-- > 0;)
        if (strcmp(inv->given[i].spec->name, name) == 0)
            return inv->given[i].value;
    return NULL;
}

bool invocation_flag(const struct invocation *inv, const char *name)
{
    return invocation_option(inv, name) != NULL;
}

static bool parse_period(struct slice s, enum period *ret_period, date *ret)
{
    uint64_t year, part = 1;
    struct slice rest = s, first = slice_cut(&rest, '-');
    bool quarter = rest.length == 2 && rest.at[0] == 'Q';
    if (first.length != 4 || !slice_u64(first, 9999, &year) || year < 1)
        return false;
    if (quarter)
        rest = (struct slice){rest.at + 1, 1};
    else if (rest.at && rest.length != 2)
        return false;
    if (rest.at && (!slice_u64(rest, quarter ? 4 : 12, &part) || part < 1))
        return false;
    *ret_period = quarter ? PERIOD_QUARTER : rest.at ? PERIOD_MONTH : PERIOD_YEAR;
    *ret = date_of((int)year, quarter ? (unsigned)part * 3 - 2 : (unsigned)part, 1);
    return true;
}

int invocation_date(const struct invocation *inv, const char *name, bool last, date *ret,
                    struct err *e)
{
    const char *value = invocation_option(inv, name);
    enum period period = PERIOD_DAY;
    if (!value || date_parse(slice_of(value), ret))
        return 0;
    if (!parse_period(slice_of(value), &period, ret))
        return err_set(e, ERR_USAGE,
                       "--%s: \"%s\" is no date; write 2024-01-05, 2024-01, 2024-Q1 or 2024", name,
                       value);
    if (last)
        *ret = period_next(period, *ret) - 1;
    return 0;
}

int invocation_number(const struct invocation *inv, const char *name, uint64_t max, uint64_t *ret,
                      struct err *e)
{
    const char *value = invocation_option(inv, name);
    if (!value || slice_u64(slice_of(value), max, ret))
        return 0;
    return err_set(e, ERR_USAGE, "--%s: \"%s\" is no whole number from 0 to %llu", name, value,
                   (unsigned long long)max);
}
