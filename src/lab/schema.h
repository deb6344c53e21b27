// SPDX-License-Identifier: Apache-2.0
//
// The keys of a laboratory's YAML file, and where in the file something stands.

#ifndef LAB_SCHEMA_H
#define LAB_SCHEMA_H

#include "base/err.h"
#include "lab/lab.h"

// Loads the document: types, keys and counts are held against the schema, and the parts that are
// read later are zero. ERR_INPUT, ERR_LIMIT, ERR_MEMORY with "path:line: ".
int schema_load(const char *path, const char *bytes, size_t length, struct lab **ret,
                struct err *e);
void schema_free(struct lab **lab);

// The same by any schema; *ret is NULL for a file without anything in it.
struct cyaml_schema_value;
int schema_load_as(const struct cyaml_schema_value *schema, const char *path, const char *bytes,
                   size_t length, void **ret, struct err *e);
void schema_free_as(const struct cyaml_schema_value *schema, void *data);

// The line of "nodes/3/routes/0", or of as much of that as there is; at least 1.
unsigned schema_line(const char *bytes, size_t length, const char *place);

// The words of an enumeration as the file has them.
const char *schema_node_kind(enum lab_node_kind kind);

#endif
