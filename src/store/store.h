// SPDX-License-Identifier: Apache-2.0
//
// The archive: what the registries' files said, and when they said it. One SQLite file.
//
// The registries publish a snapshot a day, without history. The archive keeps *lifetimes* instead:
// each distinct record with the first and the last snapshot that shows it, cut where a snapshot in
// between does not show it. A *series* is all snapshots of one registry and one family; a snapshot
// is part of a series when its file speaks about that family at all. Thousands of daily files
// become a few hundred thousand rows, and a question can be asked as of any day: the state on day D
// is that of the newest snapshot not after D.
//
// Beside the registers it keeps routes (routes.h: what is announced, what RPKI validates; names and
// users of networks) and dated series of economies (observations.h).
//
// Comes in: inputs, through struct importer (import.c), one transaction each. Goes out: snapshots,
// lifetimes, inputs and what became of their lines. How the file is laid out: schema.c.

#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "read/read.h"

#include <stdbool.h>
#include <stdint.h>

struct store;

enum store_mode {
    STORE_READ,  // the file must exist
    STORE_WRITE, // made where there is none, with its folders
};

// ERR_NOT_FOUND: no such archive (what to type is said); ERR_STORE: foreign, newer or damaged.
// Writers and readers may have it open at the same time: readers see the state of the last finished
// input, writers wait for each other (at most STORE_BUSY_SECONDS).
#define STORE_BUSY_SECONDS 120
int store_open(const char *path, enum store_mode mode, struct store **ret, struct err *e);
void store_close(struct store **s);

const char *store_path(const struct store *s);

// The newest input's number; 0 for an empty archive. Grows with each import.
int store_revision(struct store *s, int64_t *ret, struct err *e);

// What tells one state of the archive from another.
struct store_state {
    int64_t revision; // as store_revision
    int64_t modified; // when the newest input was imported, seconds since 1970; 0: never
};

int store_state(struct store *s, struct store_state *ret, struct err *e);

// Between these two every question is answered from one state of the archive, whatever is imported
// meanwhile. Ending what was not begun does nothing.
int store_read_begin(struct store *s, struct err *e);
void store_read_end(struct store *s);

// From now on questions end with ERR_LATE once CLOCK_MONOTONIC has reached so many nanoseconds; 0:
// never. Only what the archive reads is stopped, not what is made of it.
int64_t store_clock(void);
void store_set_deadline(struct store *s, int64_t nanoseconds);

// ---- snapshots

struct snapshot {
    enum registry registry;
    enum family family;
    date date;
    int64_t input;
    uint64_t records;   // all statuses
    uint64_t delegated; // allocated and assigned
    bool extended;
    bool suspect; // a dip: far fewer records than before, and back at once or not yet confirmed
};

struct snapshot_list {
    struct snapshot *at; // by family, registry, date
    size_t count;
};

int store_snapshots(struct store *s, struct snapshot_list *ret, struct err *e);

// Only those of one family around a day: enough to tell which snapshots count on it, at the cost of
// a few rows instead of all.
int store_snapshots_around(struct store *s, enum family f, date on, struct snapshot_list *ret,
                           struct err *e);
void snapshot_list_free(struct snapshot_list *l);

// For each registry the snapshot that counts on day `on` for a family: the newest that is not after
// it and not suspect (DATE_MAX: the newest of all). NULL where there is none.
void snapshot_known(const struct snapshot_list *l, enum family f, date on,
                    const struct snapshot *ret[REGISTRY_COUNT]);

// ---- lifetimes

struct lifetime {
    struct block block;
    enum registry registry;
    enum status status;
    economy economy;
    date date;      // the record's own; DATE_NONE
    int64_t holder; // 0: none stated; else see store_holder
    date first;     // the first snapshot of this run that shows the record
    date last;      // the last one; the series' newest while the record stands
    bool open;      // still there in the series' newest snapshot
};

struct scan {
    enum family family;
    unsigned registries; // bits (1 << enum registry)
    unsigned statuses;   // STATUS_BIT(...)
    // NULL: every lifetime. Else only those that stand in the snapshot of that day of their
    // registry; DATE_NONE skips the registry.
    const date *on;               // [REGISTRY_COUNT]
    const struct range *touching; // NULL: everywhere. Else those that share addresses with it
};

// Rows come by registry, status, start; with `touching`, of each registry first the blocks that
// begin before it, then the others, each part in that order. A code other than 0 from `row` ends
// the scan and is returned.
int store_scan(struct store *s, const struct scan *scan,
               int (*row)(const struct lifetime *l, void *arg), void *arg, struct err *e);

// From now on lifetimes that a scan has read stay in memory, at most so many bytes of them, until
// the archive changes: for a program that asks many questions. 0: nothing stays (the beginning).
// Rows are the same either way.
int store_keep(struct store *s, size_t bytes, struct err *e);

// The opaque-id of a holder; "" for 0.
int store_holder(struct store *s, int64_t holder, char ret[HOLDER_MAX + 1], struct err *e);

// All of them in one go, for outputs that name many: number and opaque-id.
int store_holders(struct store *s, int (*row)(int64_t holder, const char *name, void *arg),
                  void *arg, struct err *e);

// ---- inputs: the evidence

struct input {
    int64_t id;
    char sha256[65];
    const char *source;    // as given
    const char *container; // "gzip"
    enum input_format format;
    int registry;        // enum registry; INPUT_NO_REGISTRY where it is no register
    const char *subject; // the registry's name; of other inputs the collector or series, or ""
    bool extended;
    date date;        // stated by the input (or supplied, see the findings)
    int64_t imported; // seconds since 1970-01-01 UTC
    uint64_t bytes_given, bytes_read;
    struct fates fates;
    bool counts; // false: another input of the same subject and day took its place
};

#define INPUT_NO_REGISTRY (-1)

struct input_finding {
    enum finding_kind kind;
    uint64_t count; // all of this kind; `line` and `text` are of one of them
    uint64_t line;
    const char *text;
};

// Text is borrowed during the callback. By id.
int store_inputs(struct store *s, int (*row)(const struct input *i, void *arg), void *arg,
                 struct err *e);

// The newest `most` (0: all), the newest first; *ret_all is how many there are.
int store_newest_inputs(struct store *s, size_t most, int64_t *ret_all,
                        int (*row)(const struct input *i, void *arg), void *arg, struct err *e);

// The input whose SHA-256 begins with `key`, whose number it is, or whose source ends with it; the
// newest one where several fit a source; ERR_NOT_FOUND, or ERR_USAGE where several hashes fit.
int store_find_input(struct store *s, const char *key, int64_t *ret, struct err *e);
int store_input(struct store *s, int64_t id, int (*row)(const struct input *i, void *arg),
                void *arg, struct err *e);

// Number and hash alone, of all inputs: what a figure over many snapshots needs.
int store_input_hashes(struct store *s, int (*row)(int64_t id, const char *sha256, void *arg),
                       void *arg, struct err *e);

// The first FINDING_KEPT findings of each kind, with the count of all.
#define FINDING_KEPT 20
int store_findings(struct store *s, int64_t input,
                   int (*row)(const struct input_finding *f, void *arg), void *arg, struct err *e);

// ---- population and other yearly series of economies (a view of observations.h)

struct series_value {
    economy economy;
    int year;
    double value;
};

struct series {
    struct series_value *at; // by economy, year
    size_t count;
    char sha256[65]; // of its newest input; "" for an empty series
    char *source;    // of its newest input; NULL for an empty series
};

// An empty series where none was imported.
int store_series(struct store *s, const char *name, struct series *ret, struct err *e);
void series_free(struct series *s);

// The value of the newest year not after `year`. False where there is none; *ret is untouched.
bool series_value(const struct series *s, economy e, int year, double *ret);

// ---- integrity

// Checks the file (SQLite's own check, foreign keys) and what SQLite cannot know: lifetimes inside
// their series, none of one record overlapping, line counts that sum. Each problem is one sentence.
// Returns 0 also when problems were found; their number in *ret.
int store_check(struct store *s, void (*problem)(const char *text, void *arg), void *arg,
                uint64_t *ret, struct err *e);

// ---- importing

struct importer;

enum import_outcome {
    IMPORT_TAKEN,      // a new snapshot, or new values
    IMPORT_KNOWN,      // these bytes are already in the archive
    IMPORT_SUPERSEDED, // kept as evidence; a better input of that subject and day counts
};

struct import_options {
    struct read_options read;
    const char *collector; // of routes; NULL: what the input says
    const char *series;    // of a dated series; NULL: what the input says
    // of results of checks
    const char *signer;    // whose signature was verified, as hexadecimal digits; NULL: nobody's
    const char *sha256;    // the input must have it; NULL: any
    bool without_evidence; // only the verdicts are kept
};

struct import_result {
    enum import_outcome outcome;
    int64_t input;
    enum input_format format;
    date date; // as of the input
    struct fates fates;
    uint64_t findings;       // of all kinds
    uint64_t appeared, gone; // lifetimes begun and ended by this snapshot
    uint64_t values;         // figures, names of a series or of networks that are new
    bool suspect;
};

// The importer keeps the newest state of each series in memory, so that the next day's file costs a
// comparison. Series of files in date order are fast; any order is right.
int importer_new(struct store *s, struct importer **ret, struct err *e);
void importer_free(struct importer **i);

// Tells by its content what the source is (read/kind.h), reads it to its end and stores it: one
// transaction. On failure the archive is as it was. options may be NULL.
int importer_add(struct importer *i, struct source *s, const struct import_options *options,
                 struct import_result *ret, struct err *e);

// Is this file, of that size, in the archive already? *ret_id 0: no. Costs nothing where no input
// has that size, else one pass over the file's bytes. ERR_SYSTEM.
int importer_knows(struct importer *i, const char *path, uint64_t bytes, int64_t *ret_id,
                   struct err *e);

#endif
