// SPDX-License-Identifier: Apache-2.0
//
// Files as a whole: published at once or not at all, read up to a limit; and where Sextant's own
// reference tables lie.

#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/buffer.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

// Writes to a temporary file beside `path`, fsync, rename: a reader sees the old file or the new
// one. ERR_SYSTEM; then the old file is still in place and nothing is left behind. A stream is
// written into, not replaced.
int file_publish(const char *path, const void *bytes, size_t length, struct err *e);

// The same for a file that is written piece by piece. One of the two last calls ends it; both free
// the draft. file_draft_drop accepts NULL.
struct file_draft;
int file_draft_open(const char *path, struct file_draft **ret, struct err *e);
int file_draft_write(struct file_draft *d, const void *bytes, size_t length, struct err *e);
int file_draft_publish(struct file_draft **d, struct err *e);
void file_draft_drop(struct file_draft **d);

// A device, a pipe, a socket: nothing that could be replaced, and nothing to put a file beside.
bool file_is_stream(const char *path);

// The whole file, appended to *out. ERR_LIMIT when longer than `limit`.
int file_read(const char *path, size_t limit, struct buffer *out, struct err *e);
// The same of a file that is open; `path` is for messages.
int file_read_from(int fd, const char *path, size_t limit, struct buffer *out, struct err *e);

// The path of a reference table, "world/economies.csv": in $SEXTANT_DATA, else beside the program
// in its build tree (data/), else where it was installed. ERR_NOT_FOUND names the places looked at.
#define FILE_PATH_MAX 4096
int file_find_data(const char *name, char ret[FILE_PATH_MAX], struct err *e);
// The same for a program that only sextant starts, "lab-node".
int file_find_program(const char *name, char ret[FILE_PATH_MAX], struct err *e);

#endif
