// SPDX-License-Identifier: Apache-2.0
//
// Reading what others publish about Internet number resources.
//
// One file per format; bytes come in through a `struct source`, typed records go out through
// callbacks. A reader has no policy and no store, and needs the same memory for a small and a huge
// input. This is all that a program needs which wants the records and nothing else of Sextant:
//
//     static int on_record(const struct record *r, void *arg) { ...; return 0; }
//
//     struct read_handler handler = {.record = on_record, .arg = &mine};
//     struct read_result result;
//     struct source *s;
//     if (source_open(path, NULL, &s, &e) == 0 && read_input(s, NULL, &handler, &result, &e) == 0)
//         ... result.fates says what became of each line ...
//     source_close(&s);
//
// What the registries' files promise, and where they differ from it, is described at the top of
// rir.c. Formats: RIR statistics exchange format 1, 2, 2.3, plain and extended; the NRO's combined
// file; IANA's IPv6 unicast assignments and IPv4 address space (CSV); range tables
// (start,end,economy).

#ifndef READ_READ_H
#define READ_READ_H

#include "base/date.h"
#include "base/err.h"
#include "net/net.h"
#include "read/source.h"
#include "world/world.h"

#include <stdbool.h>
#include <stdint.h>

enum registry {
    REGISTRY_AFRINIC,
    REGISTRY_APNIC,
    REGISTRY_ARIN,
    REGISTRY_LACNIC,
    REGISTRY_RIPENCC,
    REGISTRY_IANA,
    REGISTRY_TABLE, // a range table: nobody's register
    REGISTRY_NRO,   // only as the author of a combined file, never of a record
};
#define REGISTRY_RIR_COUNT 5
#define REGISTRY_COUNT     8

const char *registry_name(enum registry r); // "afrinic", ..., "ripencc", "iana", "table", "nro"
bool registry_parse(struct slice s, enum registry *ret);

enum status {
    STATUS_ALLOCATED,
    STATUS_ASSIGNED,
    STATUS_AVAILABLE,
    STATUS_RESERVED,
    STATUS_OTHER, // the record states something else
};
#define STATUS_COUNT 5

const char *status_name(enum status s);
bool status_parse(struct slice s, enum status *ret);

// A set of statuses as bits.
#define STATUS_BIT(s)    (1u << (s))
#define STATUS_DELEGATED (STATUS_BIT(STATUS_ALLOCATED) | STATUS_BIT(STATUS_ASSIGNED))
#define STATUS_ALL       ((1u << STATUS_COUNT) - 1)

#define HOLDER_MAX 128 // bytes of an opaque-id; the longest published has 36

struct record {
    struct block block;
    enum registry registry;
    enum status status;
    economy economy;
    date date;           // the record's own date; DATE_NONE where none is stated
    struct slice holder; // opaque-id; empty where none is stated; borrowed during the callback
    uint64_t line;
};

// What became of each line. used + the ignored + the rejected = lines, always.
// Where the input is no text in lines its records (MRT) or elements (JSON) stand for them. The
// numbers are kept in archives.
enum ignored {
    IGNORED_BLANK,
    IGNORED_COMMENT,
    IGNORED_HEADER,
    IGNORED_SUMMARY,
    IGNORED_TYPE,
    IGNORED_RECORD,  // of a kind that is not asked for
    IGNORED_ECONOMY, // a group of economies, or none
    IGNORED_VALUE,   // none in it
};
#define IGNORED_COUNT 8

enum rejected {
    REJECTED_LENGTH,   // longer than LINE_MAX_BYTES
    REJECTED_FIELDS,   // too few fields
    REJECTED_REGISTRY, // no registry's name
    REJECTED_ADDRESS,
    REJECTED_VALUE,    // prefix length or count impossible
    REJECTED_BOUNDARY, // IPv6 start has bits beyond its prefix length
    REJECTED_DATE,
    REJECTED_HOLDER, // too long, or not printable
    REJECTED_RANGE,  // end before start, or of another family
    REJECTED_ORIGIN, // no AS number, nor a set of them
    REJECTED_NUMBER, // no number, or one that cannot be
    REJECTED_ECONOMY,
    REJECTED_TWICE,   // the same thing again, with another value
    REJECTED_DAMAGED, // a record's parts do not fit into it
};
#define REJECTED_COUNT 14

#define LINE_MAX_BYTES 4096 // the longest line published has 118

struct fates {
    uint64_t lines, used;
    uint64_t ignored[IGNORED_COUNT];
    uint64_t rejected[REJECTED_COUNT];
};

const char *ignored_name(enum ignored i);   // "comment"
const char *rejected_name(enum rejected r); // "impossible prefix length or count"
uint64_t fates_ignored(const struct fates *f);
uint64_t fates_rejected(const struct fates *f);

// What is odd about an input that is taken all the same.
enum finding_kind {
    FINDING_REJECTED,  // a line was rejected; `text` says why
    FINDING_SUMMARY,   // a summary line and the body differ
    FINDING_COUNT,     // the version line and the body differ
    FINDING_STATUS,    // unknown status
    FINDING_TYPE,      // unknown type of resource
    FINDING_ECONOMY,   // the country code is not two capital letters
    FINDING_REGISTRY,  // a record names another registry than the file
    FINDING_UNDATED,   // a delegation without a date
    FINDING_NEWLINE,   // the last line has no end
    FINDING_SUPPLIED,  // date or registry was supplied by the user
    FINDING_DUPLICATE, // the same record twice
    FINDING_OVERLAP,   // two records of one registry share addresses
    FINDING_OUTSIDE,   // a record outside the space that IANA gave to its registry
    FINDING_DIP,       // far fewer records than the snapshot before
};
#define FINDING_COUNT_OF_KINDS 14

const char *finding_name(enum finding_kind k); // "summary does not fit"

struct finding {
    enum finding_kind kind;
    uint64_t line;    // 0: the whole file
    const char *text; // one sentence without place; borrowed during the callback
};

// Told by content: kind.h. The numbers are kept in archives.
enum input_format {
    FORMAT_RIR,
    FORMAT_IANA_IPV6,
    FORMAT_IANA_IPV4,
    FORMAT_RANGES,
    FORMAT_POPULATION,
    FORMAT_MRT,
    FORMAT_RIS_WHOIS,
    FORMAT_PFX2AS,
    FORMAT_PREFIX_ORIGIN,
    FORMAT_VRPS_CSV,
    FORMAT_VRPS_JSON,
    FORMAT_AS_NAMES_CSV,
    FORMAT_AS_NAMES_TEXT,
    FORMAT_USERS_PER_AS_CSV,
    FORMAT_USERS_PER_AS_JSON,
    FORMAT_ROOT_ZONE,
    FORMAT_NAME_SERVERS,
    FORMAT_GOOGLE_SCRIPT,
    FORMAT_GOOGLE_COUNTRIES,
    FORMAT_GOOGLE_WEEKS,
    FORMAT_APNIC_ECONOMY,
    FORMAT_INDICATOR,
    FORMAT_FACTBOOK,
    FORMAT_OBSERVED,
    FORMAT_CHECKED,
};
#define FORMAT_COUNT 25
const char *input_format_name(enum input_format f); // "rir-statistics", "iana-ipv6-unicast", ...

#define VERSION_MAX 8

// The file's own statements, known before the first record.
struct read_header {
    enum input_format format;
    enum registry registry;    // whose file it is
    date date;                 // DATE_NONE until the end for IANA's tables: then in read_result
    uint64_t claimed;          // records by the version line; 0 where it says nothing
    char version[VERSION_MAX]; // "2.3"; "" where there is none
};

struct read_handler {
    // Each may be NULL. A code other than 0 ends the reading and is returned.
    int (*header)(const struct read_header *h, void *arg);
    int (*record)(const struct record *r, void *arg);
    int (*finding)(const struct finding *f, void *arg);
    void *arg;
};

struct read_options {
    bool has_registry;
    enum registry registry; // for a file without a version line
    date date;              // for an input that states none; DATE_NONE: not supplied
};

struct read_result {
    struct read_header header; // date: final
    struct fates fates;
    bool extended;     // holders, or available and reserved space, are stated
    unsigned families; // bits (1 << enum family): what the file speaks about
};

// Tells the format by content and reads everything. options may be NULL. Refused whole, ERR_INPUT:
// empty, no version line, cut, two files in one, binary, more lines rejected than used. ERR_LIMIT:
// a bomb. The place ("FILE:LINE: ") begins the sentence.
int read_input(struct source *s, const struct read_options *options,
               const struct read_handler *handler, struct read_result *ret, struct err *e);

#endif
