// SPDX-License-Identifier: Apache-2.0
//
// The results of a class as one page of HTML that needs nothing else, in the reader's language: to
// be read in a browser, printed, sent.

#ifndef CMD_CLASS_PAGE_H
#define CMD_CLASS_PAGE_H

#include "lab/lab.h"
#include "site/words.h"

struct class_student {
    const char *name;  // of the folder
    const char *wrong; // why nothing was checked; NULL when it was
    const char *note;  // what of it nobody looked at; "" when all was
    bool *passed;      // of each check of the laboratory
};

struct class_results {
    const struct lab *lab;
    struct class_student *students;
    size_t count;
};

// All that is read of it is escaped.
void class_page_write(const struct class_results *r, const struct words *words, struct buffer *out);

#endif
