// SPDX-License-Identifier: Apache-2.0

#include "base/buffer.h"
#include "base/terminal.h"
#include "cmd/guide.h"
#include "cmd/invocation.h"

#include <string.h>

// Text in roff: no byte of it is taken for a request or an escape.
static void add_roff(struct slice text, struct buffer *out)
{
    bool line_start = true;
    while (text.length > 0) {
        uint32_t c = utf8_next(&text);
        if (line_start && (c == '.' || c == '\''))
            buffer_text(out, "\\&");
        if (c == '\\')
            buffer_text(out, "\\e");
        else if (c == '-')
            buffer_text(out, "\\-");
        else if (c == '~')
            buffer_text(out, "\\(ti");
        else if (c == '^')
            buffer_text(out, "\\(ha");
        else if (c == '\n' || (c >= 0x20 && c < 0x7F))
            buffer_char(out, (char)c);
        else
            buffer_format(out, "\\[u%04X]", (unsigned)c);
        line_start = c == '\n';
    }
}

static void add_text(const char *text, struct buffer *out)
{
    add_roff(slice_of(text), out);
}

// A macro and its one argument, in double quotes.
static void add_macro(const char *macro, const char *text, struct buffer *out)
{
    buffer_format(out, "%s \"", macro);
    for (struct slice rest = slice_of(text); rest.at;) {
        add_roff(slice_cut(&rest, '"'), out);
        buffer_text(out, rest.at ? "\\(dq" : "");
    }
    buffer_text(out, "\"\n");
}

static void add_paragraphs(const char *text, struct buffer *out)
{
    const char *end;
    for (; (end = strstr(text, "\n\n")); text = end + 2) {
        add_roff((struct slice){text, (size_t)(end - text)}, out);
        buffer_text(out, "\n.PP\n");
    }
    add_text(text, out);
    buffer_char(out, '\n');
}

static void add_exit_statuses(struct buffer *out)
{
    add_macro(".SH", "EXIT STATUS", out);
    for (const struct exit_status *s = exit_statuses; s->meaning; s++) {
        buffer_format(out, ".TP\n.B %d\n", s->status);
        add_text(s->meaning, out);
        buffer_text(out, ".\n");
    }
}

static void add_environment(struct buffer *out)
{
    add_macro(".SH", "ENVIRONMENT", out);
    for (const struct environment_spec *s = environment_specs; s->name; s++) {
        buffer_text(out, ".TP\n");
        add_macro(".B", s->name, out);
        add_text(s->meaning, out);
        buffer_char(out, '\n');
    }
}

static void add_command_list(struct buffer *out)
{
    for (unsigned group = 0; group < COMMAND_GROUP_COUNT; group++) {
        bool any = false;
        for (size_t i = 0; commands[i]; i++) {
            if (commands[i]->group != group)
                continue;
            if (!any)
                add_macro(".SS", command_group_title((enum command_group)group), out);
            any = true;
            buffer_text(out, ".TP\n");
            add_macro(".B", commands[i]->name, out);
            add_text(commands[i]->summary, out);
            buffer_text(out, ".\n");
        }
    }
}

// "sextant-fetch-rir"
static void add_page_name(const struct command *c, struct buffer *out)
{
    buffer_text(out, "sextant");
    if (c)
        buffer_char(out, '-');
    for (const char *at = c ? c->name : ""; *at; at++)
        buffer_char(out, *at == ' ' ? '-' : *at);
}

static void add_head(const struct command *c, const char *summary, struct buffer *out)
{
    struct buffer name = {0};
    add_page_name(c, &name);
    const char *text = name.at ? name.at : "";
    buffer_text(out, ".TH \"");
    for (const char *at = text; *at; at++)
        buffer_char(out, *at >= 'a' && *at <= 'z' ? (char)(*at - 'a' + 'A') : *at);
    buffer_text(out, "\" 1 \"\" \"sextant " SEXTANT_VERSION "\" \"Sextant\"\n.SH \"NAME\"\n");
    add_text(text, out);
    buffer_text(out, " \\- ");
    add_text(summary, out);
    buffer_text(out, "\n.SH \"SYNOPSIS\"\n");
    out->failed = out->failed || name.failed;
    buffer_done(&name);
}

static void write_program_page(struct buffer *out)
{
    add_head(NULL, "bearings on the transition to IPv6", out);
    buffer_text(out, ".B sextant\n");
    add_text("COMMAND [OPTIONS] [ARGUMENTS]\n", out);
    add_macro(".SH", "DESCRIPTION", out);
    add_paragraphs(GUIDE_TEXT, out);
    add_macro(".SH", "COMMANDS", out);
    add_text("Each has a page of its own, sextant-COMMAND(1).\n", out);
    add_command_list(out);
    add_exit_statuses(out);
    add_environment(out);
}

static void add_option(const struct option_spec *o, struct buffer *out)
{
    buffer_text(out, ".TP\n");
    if (o->letter)
        buffer_format(out, "\\fB\\-%c\\fR, ", o->letter);
    buffer_text(out, "\\fB\\-\\-");
    add_text(o->name, out);
    buffer_text(out, "\\fR");
    if (o->argument) {
        buffer_text(out, " \\fI");
        add_text(o->argument, out);
        buffer_text(out, "\\fR");
    }
    buffer_char(out, '\n');
    add_text(o->help, out);
    for (size_t i = 0; o->values && o->values[i]; i++) {
        buffer_text(out, i == 0 ? " One of: " : ", ");
        add_text(o->values[i], out);
    }
    buffer_text(out, o->values ? ".\n" : "\n");
}

static void write_command_page(const struct command *c, struct buffer *out)
{
    const struct option_spec *options[COMMAND_OPTIONS_MAX];
    size_t count = command_options(c, options);
    add_head(c, c->summary, out);
    for (size_t i = 0; c->usage[i]; i++) {
        buffer_text(out, i > 0 ? ".br\n.B sextant\n" : ".B sextant\n");
        add_text(c->usage[i], out);
        buffer_char(out, '\n');
    }
    add_macro(".SH", "DESCRIPTION", out);
    add_paragraphs(c->description, out);
    if (c->argument) {
        add_macro(".SH", "ARGUMENTS", out);
        buffer_text(out, ".TP\n");
        add_macro(".I", c->argument, out);
        add_text(c->argument_help, out);
        buffer_char(out, '\n');
    }
    add_macro(".SH", "OPTIONS", out);
    for (size_t i = 0; i < count; i++)
        add_option(options[i], out);
    if (c->examples)
        add_macro(".SH", "EXAMPLES", out);
    for (const struct example *x = c->examples; x && x->line; x++) {
        buffer_text(out, ".TP\n");
        add_macro(".B", x->line, out);
        add_text(x->shows, out);
        buffer_char(out, '\n');
    }
    add_exit_statuses(out);
    buffer_text(out, ".SH \"SEE ALSO\"\n.BR sextant (1)\n");
}

void man_write(const struct command *c, struct buffer *out)
{
    if (c)
        write_command_page(c, out);
    else
        write_program_page(out);
}
