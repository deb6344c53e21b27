// SPDX-License-Identifier: Apache-2.0
//
// The command line. A command is one file src/cmd/<name>.c that defines one constant
//
//     const struct command command_pace = { .name = "pace", ..., .run = run_pace };
//
// and one line in commands.c. Its description, options, arguments and examples are data: the help,
// the man page and the shell completion are made from them, and the parser obeys them. `run` gets
// an invocation that is already checked: every option is known, every closed value is one of its
// set, the number of arguments fits.
//
//     static int run_pace(struct invocation *inv, struct err *e)
//     {
//         const char *by = invocation_option(inv, "by");    // NULL when not given
//         struct table *t = NULL;
//         int code = ...;
//         if (code == 0)
//             code = invocation_print(inv, &t, 1, e);
//         table_free(&t);
//         return code;
//     }
//
// A command prints results through invocation_print or invocation_write only, and nothing on stderr
// but progress (base/progress.h, with inv->quiet) and findings (invocation_warn). Errors are
// returned; main prints the sentence and ends with err_exit_status(code).

#ifndef CMD_COMMAND_H
#define CMD_COMMAND_H

#include "base/arena.h"
#include "base/date.h"
#include "base/err.h"
#include "base/table.h"
#include "base/table_write.h"
#include "world/world.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct invocation;
struct words;

struct option_spec {
    const char *name;          // "known-on", without the dashes
    char letter;               // 'o' for -o; 0: none
    const char *argument;      // "DATE"; NULL: a flag
    const char *help;          // one or two sentences; the default is said here
    const char *const *values; // closed set, ended with NULL; or NULL: any text
};

// Groups of options that mean the same everywhere; a command names those that it takes.
// Every command takes --help and --quiet.
enum option_group {
    OPTIONS_STORE = 1,   // --store FILE
    OPTIONS_OUTPUT = 2,  // --format, --output FILE, --table NAME, --lang CODE
    OPTIONS_SCOPE = 4,   // --family, --known-on, --on, --status, --min-length, --max-length, --only
    OPTIONS_BY = 8,      // --by
    OPTIONS_PERIOD = 16, // --from, --to
    OPTIONS_FILE = 32,   // --options FILE
};

enum command_group { COMMAND_DATA, COMMAND_FIGURES, COMMAND_EVIDENCE, COMMAND_LAB, COMMAND_HELP };

// What the arguments are; completion offers files or the closed set.
enum argument_kind { ARGUMENT_TEXT, ARGUMENT_FILE, ARGUMENT_COMMAND, ARGUMENT_LABORATORY };

#define ARGUMENTS_MANY 1000000u // more than a command line holds

struct example {
    const char *line;  // "sextant pace --every quarter --from 2020"
    const char *shows; // "The world's pace by quarter since 2020."
};

struct command {
    const char *name; // "pace"; with a subcommand "fetch rir"
    enum command_group group;
    const char *summary;               // one line without a full stop: "New delegations by period"
    const char *const *usage;          // "pace [OPTIONS]", ended with NULL
    const char *description;           // teaches; paragraphs divided by an empty line
    unsigned groups;                   // OPTIONS_STORE | OPTIONS_OUTPUT | ...
    const struct option_spec *options; // its own, ended with {NULL}; or NULL
    const struct example *examples;    // ended with {NULL}
    const char *argument;              // "PATH"; NULL where it takes none
    const char *argument_help;         // what it is
    enum argument_kind argument_kind;
    const char *const *argument_values; // closed set, ended with NULL; or NULL
    unsigned arguments_min, arguments_max;
    unsigned verbatim; // after so many arguments, and a "--", all words are arguments
    bool makes_tun;    // it needs a TUN device
    // The exit status 0 (done) or 1 (done, and the answer is no), or a negative code of err.h.
    int (*run)(struct invocation *inv, struct err *e);
};

// All commands, ended with NULL (commands.c).
extern const struct command *const commands[];

struct invocation {
    const struct command *command;
    const char *const *arguments; // without the command's own words
    size_t argument_count;
    const char *store;        // the archive's path: --store, $SEXTANT_STORE, or the default place
    enum table_format format; // --format, default table
    const char *output;       // --output; NULL: standard output
    enum language language;   // --lang, else of the environment, else English
    bool quiet, help;
    struct arena arena;  // of this run; a command may use it
    struct words *words; // see invocation_words

    struct option_given {
        const struct option_spec *spec;
        const char *value; // "" for a flag
    } * given;             // see invocation_option
    size_t given_count;
};

// The value given last, or NULL. The command must declare the option.
const char *invocation_option(const struct invocation *inv, const char *name);

// Was the flag given?
bool invocation_flag(const struct invocation *inv, const char *name);

// The option as a date ("2024-01-05", "2024-01", "2024-Q1", "2024": the first day of it; with
// `last` the last day) or a number. *ret is untouched when the option is not given. ERR_USAGE names
// option and value.
int invocation_date(const struct invocation *inv, const char *name, bool last, date *ret,
                    struct err *e);
int invocation_number(const struct invocation *inv, const char *name, uint64_t max, uint64_t *ret,
                      struct err *e);

// Writes tables in the chosen format to standard output or, whole or not at all, to --output. CSV
// takes one table (--table chooses) and a CSV file gets FILE.basis.json beside it. ERR_USAGE,
// ERR_SYSTEM.
int invocation_print(struct invocation *inv, struct table *const *tables, size_t count,
                     struct err *e);

// The catalogue of the reader's language, read when it is first wanted; borrowed. ERR_NOT_FOUND,
// ERR_INPUT, ERR_MEMORY.
int invocation_words(struct invocation *inv, const struct words **ret, struct err *e);

// The same for a text that is no table (help, a script).
int invocation_write(const struct invocation *inv, const char *bytes, size_t length, struct err *e);

// A sentence on stderr, "sextant: warning: ...", made safe for a terminal; silent with --quiet.
void invocation_warn(const struct invocation *inv, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
