// SPDX-License-Identifier: Apache-2.0
//
// How the parts of a laboratory are checked after the schema: each function refuses with the line.

#ifndef LAB_READ_H
#define LAB_READ_H

#include "lab/lab.h"

#define LAB_MTU_MIN 68
#define LAB_MTU_MAX 65535

struct reader {
    struct lab *lab;
    const char *bytes;
    size_t length;
    char place[256]; // "nodes/3/services/0": where we are
    struct err *e;
};

// ERR_INPUT with "file:line: " of `key` below the present place.
int read_refuse(struct reader *r, const char *key, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
// Goes into an entry of a list; what it returns leads back.
size_t read_enter(struct reader *r, const char *key, size_t index);
void read_leave(struct reader *r, size_t before);

int read_name(struct reader *r, const char *name);
int read_node(struct reader *r, const char *key, const char *name, size_t *ret);
int read_file_name(struct reader *r, const char *key, const char *name);
int read_files(struct reader *r, struct lab_file *files, size_t count);
int read_interfaces(struct reader *r, size_t node, struct lab_interface *list, size_t count);
int read_routes(struct reader *r, const char *key, size_t node, char **texts, size_t count,
                struct lab_route **ret);
int read_sysctls(struct reader *r, char **texts, size_t count);
int read_within(struct reader *r, const char *text, uint64_t otherwise, uint64_t *ret);

int read_nodes(struct reader *r); // with their services, and what the laboratory needs
int read_work(struct reader *r);  // tasks, solution, variants

// Exactly one probe, well formed; `node` is where it is made.
int read_probe(struct reader *r, size_t node, struct lab_probe *p);

#endif
