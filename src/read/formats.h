// SPDX-License-Identifier: Apache-2.0
//
// What the readers of formats share: the registers behind read_input(), words, and the walk over
// the lines of a text with a fate for each.

#ifndef READ_FORMATS_H
#define READ_FORMATS_H

#include "base/json_read.h"
#include "read/lines.h"
#include "read/read.h"

typedef int input_reader(struct source *s, const struct read_options *options,
                         const struct read_handler *handler, struct read_result *ret,
                         struct err *e);

// Tells the handler, where it listens. Returns the handler's code.
int tell_finding(const struct read_handler *handler, enum finding_kind kind, uint64_t line,
                 const char *format, ...) __attribute__((format(printf, 4, 5)));

// Counts `lines` lines (a quoted field may span several) as rejected and tells why, with the
// offending text.
int reject_lines(const struct read_handler *handler, struct fates *fates, uint64_t line,
                 uint64_t lines, enum rejected why, struct slice what);

// A country code of two letters, small ones made capital; none where it is empty, else ECONOMY_ODD.
economy economy_parse(struct slice s);

// "64496", "AS64496", or as two numbers of 16 bits, "1.10".
bool asn_parse(struct slice s, uint32_t *ret);

// Digits, and perhaps a point and more digits: the same in every locale. At most `max`.
bool number_parse(struct slice s, double max, double *ret);

// Without blanks and one pair of quotes around it.
struct slice slice_unquoted(struct slice s);

// Without the byte order mark that some programs begin a text with.
struct slice text_without_mark(struct slice s);

#define FIELDS_MAX 8

struct fields {
    struct slice at[FIELDS_MAX];
    unsigned count; // FIELDS_MAX: so many or more
};

// A line cut at commas, else at tabs, else at runs of blanks; fields without quotes.
struct fields fields_cut(struct slice line);

// The walk. The reader's own struct begins with it.
struct text_reader {
    struct source *source;
    struct read_handler tell; // the findings alone
    struct fates fates;
    struct err *e;
    const char *comments; // what the first byte of a comment is: "#;"
    const char *wanted;   // for people: "origin, prefix, peers"
    int (*line)(struct text_reader *r, const struct line *l); // gives the line its fate
    int (*comment)(struct text_reader *r, struct slice text); // or NULL
};

// Reads all lines. Refused, ERR_INPUT: binary, empty, the last line has no end (a number that lost
// its last digits is a number), nothing used, more rejected than used.
int text_read(struct text_reader *r, char separator);

int text_reject(struct text_reader *r, const struct line *l, enum rejected why, struct slice what);
int text_ignore(struct text_reader *r, enum ignored why);

// The walk over the elements of a list in JSON: a field is asked for by its path in the element,
// "asn" or "raw.seen".
#define ELEMENT_TEXT_MAX 128

struct element_field {
    const char *path;
    char text[ELEMENT_TEXT_MAX]; // cut where longer
    size_t length;               // 0: not there, null, or empty
};

static inline struct slice element_slice(const struct element_field *f)
{
    return (struct slice){f->text, f->length};
}

int elements_open(struct source *s, struct json_reader **ret, struct err *e);

// A document with one list of objects that count, and perhaps a few facts beside it.
struct document {
    const char *list;          // its name at the top
    struct element_field *top; // by their path in the document; set as they come
    size_t top_count;
    struct element_field *fields; // of an element
    size_t field_count;
    int (*take)(struct text_reader *r, const struct line *element); // gives it its fate
};

// Elements are numbered like lines; what is no object is rejected as damaged. Refused as text_read.
int document_read(struct text_reader *r, const struct document *d);

// The same end for readers of elements instead of lines.
int fates_check(const struct fates *f, const char *name, const char *wanted, struct err *e);

// --date, else what the name of the source says; DATE_NONE.
date date_supplied(const struct read_options *options, const struct source *s);

// Do these first bytes belong to a table of the World Bank? Wanted: what source_peek gives.
bool indicator_probe(const void *bytes, size_t length);

input_reader read_rir;       // rir.c
input_reader read_iana_ipv6; // iana.c
input_reader read_iana_ipv4; // iana.c
input_reader read_ranges;    // ranges.c

#endif
