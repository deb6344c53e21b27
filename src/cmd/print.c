// SPDX-License-Identifier: Apache-2.0
//
// The way of results to standard output or a file.

#include "base/file.h"
#include "cmd/invocation.h"
#include "site/table_words.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

unsigned terminal_columns(void)
{
    const char *columns = getenv("COLUMNS");
    struct winsize size;
    uint64_t width = 80;
    if (columns && slice_u64(slice_of(columns), 10000, &width) && width > 0)
        return width < 40 ? 40 : (unsigned)width;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col < 40 ? 40 : size.ws_col;
    return 80;
}

static bool wants_color(const struct invocation *inv)
{
    const char *refused = getenv("NO_COLOR"), *terminal = getenv("TERM");
    return !inv->output && isatty(STDOUT_FILENO) && !(refused && *refused) && terminal &&
           strcmp(terminal, "dumb") != 0;
}

static int write_stdout(const char *bytes, size_t length, struct err *e)
{
    while (length > 0) {
        ssize_t n = write(STDOUT_FILENO, bytes, length);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EPIPE)
            return err_set(e, ERR_STOPPED, "standard output: nobody reads it any more");
        if (n < 0)
            return err_system(e, "standard output");
        bytes += n;
        length -= (size_t)n;
    }
    return 0;
}

int invocation_write(const struct invocation *inv, const char *bytes, size_t length, struct err *e)
{
    if (inv->output)
        return file_publish(inv->output, bytes, length, e);
    return write_stdout(bytes, length, e);
}

// Narrows the list to the table that --table names; one table is left for CSV.
static int choose_table(const struct invocation *inv, struct table *const **tables, size_t *count,
                        struct err *e)
{
    const char *name = invocation_option(inv, "table");
    struct buffer names = {0};
    int code = 0;
    for (size_t i = 0; i < *count; i++)
        buffer_format(&names, "%s%s", i > 0 ? ", " : "", (*tables)[i]->name);
    for (size_t i = 0; name && i < *count; i++)
        if (strcmp((*tables)[i]->name, name) == 0) {
            *tables += i;
            *count = 1;
            name = NULL;
        }
    if (name)
        code = err_set(e, ERR_USAGE, "--table: there is no \"%s\" here; valid: %s", name,
                       names.at ? names.at : "none");
    else if (inv->format == TABLE_CSV && *count > 1)
        code = err_set(e, ERR_USAGE, "a CSV file holds one table; choose it with --table: %s",
                       names.at ? names.at : "none");
    buffer_done(&names);
    return code;
}

static void write_several_json(struct table *const *tables, size_t count, struct buffer *out)
{
    struct json j = {.out = out, .indent = 2};
    json_open(&j, NULL, '{');
    json_open(&j, "tables", '[');
    for (size_t i = 0; i < count; i++)
        table_write_json_value(tables[i], NULL, &j);
    json_close(&j);
    json_close(&j);
    buffer_char(out, '\n');
}

static void write_tables(const struct invocation *inv, const struct table_tongue *tongue,
                         struct table *const *tables, size_t count, struct buffer *out)
{
    struct table_style style = {
        .tongue = tongue, .width = terminal_columns(), .color = wants_color(inv)};
    if (inv->format == TABLE_JSON && count != 1) {
        write_several_json(tables, count, out);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buffer_char(out, '\n');
        if (inv->format == TABLE_TEXT)
            table_write_text(tables[i], &style, out);
        else if (inv->format == TABLE_CSV)
            table_write_csv(tables[i], out);
        else if (inv->format == TABLE_JSON)
            table_write_json(tables[i], out);
        else
            table_write_markdown(tables[i], tongue, out);
    }
}

static int write_sidecar(const struct invocation *inv, const struct table *t, struct err *e)
{
    struct buffer basis = {0};
    char path[FILE_PATH_MAX];
    int length = snprintf(path, sizeof path, "%s.basis.json", inv->output);
    if (length < 0 || (size_t)length >= sizeof path)
        return err_set(e, ERR_USAGE, "%s: path too long", inv->output);
    basis_write_json(t, &basis);
    int code = basis.failed ? err_memory(e) : file_publish(path, basis.at, basis.length, e);
    buffer_done(&basis);
    return code;
}

// Names are part of a table: its basis says in which language they are.
static void state_language(const struct invocation *inv, struct table *const *tables, size_t count)
{
    for (size_t i = 0; i < count && inv->language != LANGUAGE_EN; i++)
        table_basis_parameter(tables[i], "lang", language_code(inv->language));
}

int invocation_words(struct invocation *inv, const struct words **ret, struct err *e)
{
    int code = inv->words ? 0 : words_load(inv->language, &inv->words, e);
    if (code == 0)
        *ret = inv->words;
    return code;
}

// For people in their language; programs read the same words in each.
static int write_said(struct invocation *inv, struct table *const *tables, size_t count,
                      struct buffer *out, struct err *e)
{
    const struct words *words = NULL;
    bool people = inv->format == TABLE_TEXT || inv->format == TABLE_MARKDOWN;
    if (!people || inv->language == LANGUAGE_EN) {
        write_tables(inv, NULL, tables, count, out);
        return 0;
    }
    int code = invocation_words(inv, &words, e);
    if (code)
        return code;
    for (size_t i = 0; i < count; i++)
        table_words(tables[i], words);
    struct table_tongue tongue = table_words_tongue(words);
    write_tables(inv, &tongue, tables, count, out);
    return 0;
}

int invocation_print(struct invocation *inv, struct table *const *tables, size_t count,
                     struct err *e)
{
    struct buffer out = {0};
    int code = choose_table(inv, &tables, &count, e);
    if (code == 0) {
        state_language(inv, tables, count);
        code = write_said(inv, tables, count, &out, e);
    }
    if (code == 0)
        code = out.failed ? err_set(e, ERR_MEMORY, "out of memory, or the table is too large")
                          : invocation_write(inv, out.at, out.length, e);
    if (code == 0 && inv->output && inv->format == TABLE_CSV && count == 1 &&
        !file_is_stream(inv->output))
        code = write_sidecar(inv, tables[0], e);
    buffer_done(&out);
    return code;
}

void invocation_warn(const struct invocation *inv, const char *format, ...)
{
    char text[ERR_TEXT_MAX];
    struct buffer line = {0};
    if (inv->quiet)
        return;
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    buffer_text(&line, "sextant: warning: ");
    text_clean(slice_of(text), &line);
    if (!line.failed)
        fprintf(stderr, "%s\n", line.at);
    buffer_done(&line);
}
