// SPDX-License-Identifier: Apache-2.0
//
// JSON (RFC 8259) from strangers, read as a stream of events: memory is the same for a small and a
// huge document. Numbers and texts come as their characters; what they mean is the caller's affair.
//
//     struct json_reader *r;
//     json_reader_new(fill, source, "vrps.json", &r, e);
//     while (!(code = json_next(r, &event, e)) && event != JSON_EVENT_END)
//         if (event == JSON_EVENT_NAME && slice_is(json_token(r), "roas"))
//             ...
//     json_reader_free(&r);

#ifndef BASE_JSON_READ_H
#define BASE_JSON_READ_H

#include "base/err.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JSON_NESTING_MAX 32    // of objects and arrays; statistics have 4
#define JSON_TOKEN_MAX   16384 // bytes of a text, a name or a number

enum json_event {
    JSON_EVENT_END, // of the document; also ever after
    JSON_EVENT_OBJECT,
    JSON_EVENT_OBJECT_END,
    JSON_EVENT_ARRAY,
    JSON_EVENT_ARRAY_END,
    JSON_EVENT_NAME, // its value comes next
    JSON_EVENT_TEXT,
    JSON_EVENT_NUMBER,
    JSON_EVENT_TRUE,
    JSON_EVENT_FALSE,
    JSON_EVENT_NULL,
};

// Gives up to `size` bytes, none at the end.
typedef int json_fill(void *arg, void *bytes, size_t size, size_t *ret, struct err *e);

struct json_reader;

// `name` begins the messages; borrowed.
int json_reader_new(json_fill *fill, void *arg, const char *name, struct json_reader **ret,
                    struct err *e);
void json_reader_free(struct json_reader **r);

// ERR_INPUT: "name:line: what is wrong"; ERR_LIMIT; what `fill` says.
int json_next(struct json_reader *r, enum json_event *ret, struct err *e);

// The characters of a name, text (without quotes and escapes) or number; until the next event.
struct slice json_token(const struct json_reader *r);
uint64_t json_line(const struct json_reader *r);  // of the last event
unsigned json_depth(const struct json_reader *r); // open objects and arrays

// Behind an event that opens an object or array: its end is read. Behind a name: its value. Behind
// another: nothing.
int json_skip(struct json_reader *r, enum json_event event, struct err *e);

// Before the first event: drops everything before the first array of arrays, for a script that has
// its data in one. A comma before the array's end is then allowed, what follows it is not looked
// at. ERR_INPUT: there is none.
int json_seek_arrays(struct json_reader *r, struct err *e);

#endif
