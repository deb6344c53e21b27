// SPDX-License-Identifier: Apache-2.0
//
// The keeper: one process for each laboratory that is up. It makes nodes and links, starts the
// services in order and watches them, answers requests, and takes everything down with itself.

#ifndef LAB_KEEPER_H
#define LAB_KEEPER_H

#include "lab/lab.h"
#include "lab/node.h"
#include "lab/run.h"

struct keeper_start {
    const struct lab *lab;
    const char *const *ways; // those taken, one for each need
    struct run run;          // name, folder, lab, user and mode are set
    bool all_users;          // its user namespace has all users, not one
    int report;              // a pipe: nothing and its end when all is up, else what is wrong
    int lock;                // the run folder's, to be held
    struct node_programs programs;
    int starter; // a process with whose end it ends; -1: none
};

// In a process of its own, with the rights to make namespaces.
_Noreturn void keeper_main(struct keeper_start *s);

// What is sent to its socket: "start NODE SERVICE", "stop ...", "restart ...". The answer is
// KEEPER_DONE, or what went wrong.
#define KEEPER_MESSAGE_MAX 600
#define KEEPER_DONE        "done"
int keeper_ask(const struct run *r, const char *request, struct err *e);

#endif
