// SPDX-License-Identifier: Apache-2.0

#include "base/buffer.h"
#include "base/terminal.h"
#include "cmd/guide.h"
#include "cmd/invocation.h"

#include <string.h>

#define OPTION_COLUMN 24 // where the explanation of an option begins

const struct exit_status exit_statuses[] = {
    {0, "done"},
    {1, "done, and the answer is no: a check failed, a verification differs"},
    {2, "wrong usage"},
    {3, "bad input: a file or an archive is not what it should be"},
    {4, "the system or the network failed"},
    {0, NULL},
};

const struct environment_spec environment_specs[] = {
    {"SEXTANT_STORE", "The archive, where --store is not given."},
    {"XDG_DATA_HOME", "The folder of the default archive, sextant/archive.sextant; "
                      "~/.local/share where it is not set."},
    {"SEXTANT_DATA", "The folder of the reference tables, where they are not beside the program."},
    {"LC_ALL, LC_MESSAGES, LANG", "The language of names, where --lang is not given."},
    {"COLUMNS", "The width of tables, where it is not that of the terminal."},
    {"NO_COLOR", "Set to anything: no bold headings."},
    {NULL, NULL},
};

const char *command_group_title(enum command_group group)
{
    static const char *const titles[COMMAND_GROUP_COUNT] = {"Data", "Figures", "Evidence",
                                                            "Laboratories", "Help"};
    return titles[group];
}

static void add_title(const char *title, struct buffer *out)
{
    buffer_format(out, "\n%s\n", title);
}

// "  term      explanation", wrapped; the explanation begins in a new line after a long term.
static void add_entry(const char *term, const char *text, unsigned column, unsigned width,
                      struct buffer *out)
{
    unsigned used = 2 + text_width(term);
    buffer_format(out, "  %s", term);
    if (used + 2 > column) {
        buffer_char(out, '\n');
        used = 0;
    }
    buffer_format(out, "%*s", (int)(column - used), "");
    text_wrap(text, width, column, column, out);
}

static void add_paragraphs(const char *text, unsigned width, struct buffer *out)
{
    struct slice rest = slice_of(text);
    while (rest.length > 0) {
        const char *end = memmem(rest.at, rest.length, "\n\n", 2);
        struct buffer paragraph = {0};
        buffer_add(&paragraph, rest.at, end ? (size_t)(end - rest.at) : rest.length);
        buffer_char(out, '\n');
        text_wrap(paragraph.at ? paragraph.at : "", width, 0, 0, out);
        buffer_done(&paragraph);
        rest.length = end ? rest.length - (size_t)(end + 2 - rest.at) : 0;
        rest.at = end ? end + 2 : rest.at;
    }
}

static void add_exit_statuses(unsigned width, struct buffer *out)
{
    add_title("Exit status", out);
    for (const struct exit_status *s = exit_statuses; s->meaning; s++) {
        char number[2] = {(char)('0' + s->status), '\0'};
        add_entry(number, s->meaning, 5, width, out);
    }
}

void help_write_overview(unsigned width, struct buffer *out)
{
    buffer_text(out, "Usage: ");
    text_wrap("sextant COMMAND [OPTIONS] [ARGUMENTS]", width, 7, 15, out);
    add_paragraphs(GUIDE_TEXT, width, out);
    unsigned column = 0;
    for (size_t i = 0; commands[i]; i++) {
        unsigned needed = text_width(commands[i]->name) + 5;
        column = needed > column ? needed : column;
    }
    for (unsigned group = 0; group < COMMAND_GROUP_COUNT; group++) {
        bool any = false;
        for (size_t i = 0; commands[i]; i++) {
            if (commands[i]->group != group)
                continue;
            if (!any)
                add_title(command_group_title((enum command_group)group), out);
            any = true;
            add_entry(commands[i]->name, commands[i]->summary, column, width, out);
        }
    }
    buffer_char(out, '\n');
    text_wrap("\"sextant help COMMAND\" explains a command, with examples; \"sextant --version\" "
              "says which version this is.",
              width, 0, 0, out);
    add_exit_statuses(width, out);
}

bool help_write_family(const char *word, unsigned width, struct buffer *out)
{
    size_t length = strlen(word);
    bool any = false;
    for (size_t i = 0; commands[i]; i++) {
        const char *name = commands[i]->name;
        if (strncmp(name, word, length) != 0 || name[length] != ' ')
            continue;
        if (!any)
            buffer_format(out, "Usage: sextant %s COMMAND\n\n", word);
        any = true;
        add_entry(name, commands[i]->summary, OPTION_COLUMN, width, out);
    }
    if (any)
        buffer_format(out, "\n\"sextant help %s COMMAND\" explains one of them.\n", word);
    return any;
}

static void add_option(const struct option_spec *o, unsigned width, struct buffer *out)
{
    struct buffer term = {0}, text = {0};
    if (o->letter)
        buffer_format(&term, "-%c, ", o->letter);
    buffer_format(&term, "--%s", o->name);
    if (o->argument)
        buffer_format(&term, " %s", o->argument);
    buffer_text(&text, o->help);
    for (size_t i = 0; o->values && o->values[i]; i++)
        buffer_format(&text, "%s%s", i == 0 ? " One of: " : ", ", o->values[i]);
    buffer_text(&text, o->values ? "." : "");
    if (!term.failed && !text.failed)
        add_entry(term.at, text.at, OPTION_COLUMN, width, out);
    out->failed = out->failed || term.failed || text.failed;
    buffer_done(&term);
    buffer_done(&text);
}

void help_write_command(const struct command *c, unsigned width, struct buffer *out)
{
    for (size_t i = 0; c->usage[i]; i++) {
        buffer_text(out, i == 0 ? "Usage: sextant " : "       sextant ");
        text_wrap(c->usage[i], width, 15, 15, out);
    }
    buffer_format(out, "\n%s.\n", c->summary);
    add_paragraphs(c->description, width, out);
    if (c->argument) {
        add_title("Arguments", out);
        add_entry(c->argument, c->argument_help, OPTION_COLUMN, width, out);
    }
    const struct option_spec *options[COMMAND_OPTIONS_MAX];
    size_t count = command_options(c, options);
    add_title("Options", out);
    for (size_t i = 0; i < count; i++)
        add_option(options[i], width, out);
    if (c->examples)
        add_title("Examples", out);
    for (const struct example *x = c->examples; x && x->line; x++) {
        buffer_format(out, "  %s\n      ", x->line);
        text_wrap(x->shows, width, 6, 6, out);
    }
}

// ---- the command

static const struct option_spec options[] = {
    {"man", 0, NULL, "Write the manual page in roff, for man(1).", NULL},
    {NULL},
};

static const struct example examples[] = {
    {"sextant help", "What Sextant is, and all its commands."},
    {"sextant help completion", "One command, with its options and examples."},
    {"sextant help --man | man -l -", "The manual page."},
    {NULL, NULL},
};

static int write_help(const struct invocation *inv, unsigned width, struct buffer *out,
                      struct err *e)
{
    const struct command *c = NULL;
    size_t used = 0, count = inv->argument_count;
    bool man = invocation_flag(inv, "man");
    if (count == 1 && !man && help_write_family(inv->arguments[0], width, out))
        return 0;
    int code = count > 0 ? command_find(inv->arguments, count, &c, &used, e) : 0;
    if (code)
        return code;
    if (used < count)
        return err_set(e, ERR_USAGE, "help: \"%s\" is one word too many", inv->arguments[used]);
    if (man)
        man_write(c, out);
    else if (c)
        help_write_command(c, width, out);
    else
        help_write_overview(width, out);
    return 0;
}

static int run_help(struct invocation *inv, struct err *e)
{
    struct buffer out = {0};
    int code = write_help(inv, terminal_columns(), &out, e);
    if (code == 0)
        code = out.failed ? err_memory(e) : invocation_write(inv, out.at, out.length, e);
    buffer_done(&out);
    return code;
}

const struct command command_help = {
    .name = "help",
    .group = COMMAND_HELP,
    .summary = "Explain Sextant or one of its commands",
    .usage = (const char *const[]){"help [--man] [COMMAND]", NULL},
    .description = "Without an argument: what Sextant is for and which commands it has. With the "
                   "name of a command: what it does, its options and examples. \"sextant COMMAND "
                   "--help\" says the same.\n\n"
                   "Help, manual pages and shell completion are made from one table in the "
                   "program, so they always fit the version that is installed.",
    .options = options,
    .examples = examples,
    .argument = "COMMAND",
    .argument_help = "The command to explain.",
    .argument_kind = ARGUMENT_COMMAND,
    .arguments_max = 2,
    .run = run_help,
};
