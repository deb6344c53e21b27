// SPDX-License-Identifier: Apache-2.0
//
// A node from the inside: its first process makes its namespaces, waits until the links are there,
// configures them, and becomes lab-node, which reaps what is left behind. It ends with its keeper.

#ifndef LAB_NODE_H
#define LAB_NODE_H

#include "base/buffer.h"
#include "base/err.h"
#include "base/file.h"
#include "lab/lab.h"
#include "lab/mounts.h"

// The paths of lab-node, and of what is shown to a node.
struct node_programs {
    char rest[FILE_PATH_MAX], shown[NODE_PROGRAMS][FILE_PATH_MAX];
};

struct node_start {
    const struct lab *lab;
    size_t id;
    int socket; // to the keeper
    const struct node_programs *programs;
    bool user;                  // in a user namespace of its own
    const struct buffer *hosts; // lines of /etc/hosts for all nodes
};

// What the first process says when its files are there, when its namespaces are made (and their
// users have been mapped), and when it is configured; before each but the first it waits for an
// octet.
struct node_report {
    int code;
    char text[ERR_TEXT_MAX];
};

_Noreturn void node_main(const struct node_start *s);

// Files of a node into /run/lab, of the process's own mount namespace.
int node_write_files(int folder, const struct lab_file *files, size_t count, struct err *e);
// Addresses, routes and settings of the process's own network. `dad`: as the laboratory has it.
struct netlink;
int node_set_interfaces(struct netlink *nl, const struct lab_interface *list, size_t count,
                        bool dad, struct err *e);
int node_set_routes(struct netlink *nl, const struct lab_route *list, char *const *texts,
                    size_t count, bool add, struct err *e);
int node_set_sysctl(const char *setting, struct err *e);
int node_set_sysctls(char *const *list, size_t count, struct err *e);
// Loads a file of the laboratory with nft, instead of the rules that are there.
int node_load_firewall(int folder, const char *file, struct err *e);

// The lines of all nodes for /etc/hosts.
int node_hosts(const struct lab *lab, struct buffer *out, struct err *e);

#endif
