// SPDX-License-Identifier: Apache-2.0
//
// Completion for bash. The script is data and one small function: two case lists, made from the
// table of commands, say which words are possible after a command and after an option.

#include "base/buffer.h"
#include "cmd/guide.h"
#include "cmd/invocation.h"

#include <string.h>

static const char script_head[] = "# bash completion for sextant " SEXTANT_VERSION "\n"
                                  "# Load it with: source <(sextant completion bash)\n"
                                  "\n";

static const char script_tail[] =
    "_sextant() {\n"
    "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
    "    local command=${COMP_WORDS[1]} words\n"
    "    if [[ $cur == = ]]; then\n"
    "        cur=\n"
    "    elif [[ $prev == = && $COMP_CWORD -gt 2 ]]; then\n"
    "        prev=${COMP_WORDS[COMP_CWORD-2]}\n"
    "    fi\n"
    "    COMPREPLY=()\n"
    "    if [[ $COMP_CWORD -eq 1 ]]; then\n"
    "        words=\"$(_sextant_commands) --help --version\"\n"
    "    else\n"
    "        if [[ $COMP_CWORD -gt 2 && -n $(_sextant_options \"$command ${COMP_WORDS[2]}\") ]]; "
    "then\n"
    "            command=\"$command ${COMP_WORDS[2]}\"\n"
    "        fi\n"
    "        words=$(_sextant_values \"$command\" \"$prev\")\n"
    "        if [[ -z $words && $cur == -* ]]; then\n"
    "            words=$(_sextant_options \"$command\")\n"
    "        elif [[ -z $words ]]; then\n"
    "            words=$(_sextant_arguments \"$command\")\n"
    "        fi\n"
    "    fi\n"
    "    if [[ $words == @laboratory ]]; then\n"
    "        compopt -o filenames\n"
    "        words=$(\"${COMP_WORDS[0]}\" lab list --format csv 2>/dev/null | cut -d, -f1 | tail "
    "-n "
    "+2)\n"
    "        mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\"; compgen -d -- \"$cur\")\n"
    "    elif [[ $words == @file ]]; then\n"
    "        compopt -o filenames\n"
    "        mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
    "    elif [[ $words != @text ]]; then\n"
    "        mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
    "    fi\n"
    "}\n"
    "complete -F _sextant sextant\n";

static void open_function(const char *name, const char *subject, struct buffer *out)
{
    buffer_format(out, "%s() {\n    case \"%s\" in\n", name, subject);
}

static void close_function(struct buffer *out)
{
    buffer_text(out, "    esac\n}\n\n");
}

static void add_words(const char *const *words, struct buffer *out)
{
    for (size_t i = 0; words[i]; i++)
        buffer_format(out, "%s%s", i > 0 ? " " : "", words[i]);
}

// The first words of commands, each once; or the second words after `first`.
static void add_command_words(struct slice first, struct buffer *out)
{
    struct slice before = {"", 0};
    for (size_t i = 0; commands[i]; i++) {
        struct slice rest = slice_of(commands[i]->name), word = slice_cut(&rest, ' ');
        if (first.length > 0 && rest.at && word.length == first.length &&
            memcmp(word.at, first.at, first.length) == 0)
            buffer_format(out, "%.*s ", SLICE_ARG(rest));
        if (first.length == 0 &&
            (word.length != before.length || memcmp(word.at, before.at, word.length) != 0))
            buffer_format(out, "%.*s ", SLICE_ARG(word));
        before = word;
    }
}

static bool takes_file(const struct option_spec *o)
{
    return strcmp(o->argument, "FILE") == 0 || strcmp(o->argument, "DIR") == 0;
}

static void add_option_values(const struct command *c, struct buffer *out)
{
    const struct option_spec *options[COMMAND_OPTIONS_MAX];
    size_t count = command_options(c, options);
    for (size_t i = 0; i < count; i++) {
        if (!options[i]->argument)
            continue;
        buffer_format(out, "    \"%s --%s\"", c->name, options[i]->name);
        if (options[i]->letter)
            buffer_format(out, " | \"%s -%c\"", c->name, options[i]->letter);
        buffer_text(out, ") echo \"");
        if (options[i]->values)
            add_words(options[i]->values, out);
        else
            buffer_text(out, takes_file(options[i]) ? "@file" : "@text");
        buffer_text(out, "\" ;;\n");
    }
}

static void add_options(const struct command *c, struct buffer *out)
{
    const struct option_spec *options[COMMAND_OPTIONS_MAX];
    size_t count = command_options(c, options);
    buffer_format(out, "    \"%s\") echo \"", c->name);
    for (size_t i = 0; i < count; i++)
        buffer_format(out, "%s--%s", i > 0 ? " " : "", options[i]->name);
    buffer_text(out, "\" ;;\n");
}

static const char *argument_words(enum argument_kind kind)
{
    if (kind == ARGUMENT_LABORATORY)
        return "@laboratory";
    return kind == ARGUMENT_FILE ? "@file" : "@text";
}

static void add_arguments(const struct command *c, struct buffer *out)
{
    buffer_format(out, "    \"%s\") echo \"", c->name);
    if (c->argument_values)
        add_words(c->argument_values, out);
    else if (c->argument_kind == ARGUMENT_COMMAND)
        add_command_words((struct slice){"", 0}, out);
    else
        buffer_text(out, argument_words(c->argument_kind));
    buffer_text(out, "\" ;;\n");
}

// "fetch" alone: its second words.
static void add_subcommands(const struct command *c, struct buffer *out)
{
    struct slice rest = slice_of(c->name), first = slice_cut(&rest, ' ');
    if (!rest.at)
        return;
    buffer_format(out, "    \"%.*s\") echo \"", SLICE_ARG(first));
    add_command_words(first, out);
    buffer_text(out, "\" ;;\n");
}

void completion_write_bash(struct buffer *out)
{
    buffer_text(out, script_head);
    buffer_text(out, "_sextant_commands() {\n    echo \"");
    add_command_words((struct slice){"", 0}, out);
    buffer_text(out, "\"\n}\n\n");
    open_function("_sextant_options", "$1", out);
    for (size_t i = 0; commands[i]; i++)
        add_options(commands[i], out);
    close_function(out);
    open_function("_sextant_values", "$1 $2", out);
    for (size_t i = 0; commands[i]; i++)
        add_option_values(commands[i], out);
    close_function(out);
    open_function("_sextant_arguments", "$1", out);
    for (size_t i = 0; commands[i]; i++) {
        add_arguments(commands[i], out);
        add_subcommands(commands[i], out);
    }
    close_function(out);
    buffer_text(out, script_tail);
}

static int run_completion(struct invocation *inv, struct err *e)
{
    struct buffer out = {0};
    completion_write_bash(&out);
    int code = out.failed ? err_memory(e) : invocation_write(inv, out.at, out.length, e);
    buffer_done(&out);
    return code;
}

static const struct example examples[] = {
    {"source <(sextant completion bash)", "Complete commands and options in this shell."},
    {"sextant completion bash > ~/.local/share/bash-completion/completions/sextant",
     "Complete them in every new shell."},
    {NULL, NULL},
};

const struct command command_completion = {
    .name = "completion",
    .group = COMMAND_HELP,
    .summary = "Write a script that lets the shell complete commands",
    .usage = (const char *const[]){"completion bash", NULL},
    .description =
        "Writes a script for the shell that completes commands, options, the values "
        "that an option can take, and names of files and laboratories, when the tabulator key is "
        "pressed.",
    .examples = examples,
    .argument = "SHELL",
    .argument_help = "The shell: bash.",
    .argument_values = (const char *const[]){"bash", NULL},
    .arguments_min = 1,
    .arguments_max = 1,
    .run = run_completion,
};
