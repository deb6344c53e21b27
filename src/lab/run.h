// SPDX-License-Identifier: Apache-2.0
//
// Where a running laboratory leaves word of itself: a folder with a lock that its keeper holds, the
// state as lines of text, a socket for requests and the services' output. A folder whose lock is
// free has lost its keeper, and with it all namespaces: it is swept away by whoever comes next.

#ifndef LAB_RUN_H
#define LAB_RUN_H

#include "base/buffer.h"
#include "base/err.h"
#include "base/file.h"
#include "lab/lab.h"

#include <sys/types.h>

#define RUN_NAME_MAX 40 // of an instance: a laboratory's name and a little

enum service_state {
    SERVICE_IDLE,
    SERVICE_STARTING,
    SERVICE_READY,
    SERVICE_ENDED,
    SERVICE_LEFT_OUT
};
const char *service_state_name(enum service_state s);

struct run_service {
    size_t node;
    char name[LAB_NAME_MAX + 1];
    enum service_state state;
    int status; // of one that ended
};

struct run_node {
    char name[LAB_NAME_MAX + 1];
    pid_t init;
};

struct run {
    char name[RUN_NAME_MAX + 1];
    char folder[FILE_PATH_MAX]; // the run folder
    char lab[FILE_PATH_MAX];    // the laboratory's file
    pid_t keeper;
    bool user;      // in a user namespace
    char mode[160]; // how it runs, and why, for people
    char ways[400]; // those that were chosen, separated by commas; empty: none
    struct run_node *nodes;
    struct run_service *services;
    size_t node_count, service_count;
};

// The folder of all: $SEXTANT_RUN, else /run/sextant for root, else below $XDG_RUNTIME_DIR. It is
// made. ERR_SYSTEM.
int run_root(char ret[FILE_PATH_MAX], struct err *e);

// Makes and locks the folder of an instance; *ret_lock is the lock's descriptor. ERR_USAGE: it is
// up already.
int run_claim(const char *name, char ret_folder[FILE_PATH_MAX], int *ret_lock, struct err *e);
void run_remove(const char *folder); // with everything in it

int run_write_state(const struct run *r, struct err *e);
int run_read_state(const char *folder, struct run **ret, struct err *e);
void run_free(struct run **r);

// Names of what is up, in order; those without a keeper are swept away. free() the array.
struct run_names {
    char (*at)[RUN_NAME_MAX + 1];
    size_t count;
};
int run_list(struct run_names *ret, struct err *e);

// `name` NULL: the only one that is up. ERR_NOT_FOUND.
int run_open(const char *name, struct run **ret, struct err *e);

size_t run_node_find(const struct run *r, const char *name); // SIZE_MAX: none
// The service of this name that takes part, else one that was left out. NULL: there is none.
const struct run_service *run_service_find(const struct run *r, size_t node, struct slice name);

#endif
