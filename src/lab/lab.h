// SPDX-License-Identifier: Apache-2.0
//
// Test-bed laboratories. A laboratory is a folder with a file lab.yaml, which doc/labs.md
// describes: nodes and links, what runs on them, a story, tasks with checks, a reference solution
// and broken variants. This header is the laboratory as it is read; lab/engine.h brings it up in
// network namespaces, lab/check.h judges it.
//
// The file is a stranger's: all counts and lengths are limited, names are plain words, and files
// that it names lie in its own folder. An error names the file, the line, and what was wanted.
// A text that is not given is NULL, a number 0, a list empty.

#ifndef LAB_LAB_H
#define LAB_LAB_H

#include "base/arena.h"
#include "base/err.h"
#include "base/file.h"
#include "net/net.h"
#include "packet/line.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LAB_FILE_MAX       ((size_t)4 << 20) // 1,000 nodes with routes take 400 kB
#define LAB_NODES_MAX      2000              // as many processes and namespaces
#define LAB_LINKS_MAX      4000
#define LAB_ENDS_MAX       512  // of one link: ports of a bridge
#define LAB_INTERFACES_MAX 250  // of one node: the last octet of a made address numbers them
#define LAB_LIST_MAX       1000 // any other list
#define LAB_NAME_MAX       24   // of a node, a link, a service, a check
#define LAB_INTERFACE_MAX  15   // IFNAMSIZ without its NUL
#define LAB_TEXT_MAX       16000
#define LAB_HTTP_PATH_MAX  1024

// An address with the length of its prefix, as an interface has it.
struct lab_address {
    enum family family; // FAMILY_IPV6 or FAMILY_IPV4
    u128 address;
    uint8_t length;
    bool no_dad;
    uint32_t preferred, valid; // seconds; UINT32_MAX: for ever
};

enum lab_route_kind {
    LAB_ROUTE_UNICAST,
    LAB_ROUTE_UNREACHABLE,
    LAB_ROUTE_PROHIBIT,
    LAB_ROUTE_DROP
};

struct lab_route {
    enum lab_route_kind kind;
    enum family family; // of `to`
    u128 to;
    uint8_t length;
    bool has_via, has_source;
    enum family via_family; // may differ from `family` (RFC 8950)
    u128 via, source;
    char interface[LAB_INTERFACE_MAX + 1]; // "" when not given
    uint32_t metric, mtu, table;           // 0 when not given
};

// What a link does to what crosses it in one direction.
struct lab_impairment_text {
    char *delay, *jitter, *loss, *rate, *reorder, *duplicate;
    unsigned mtu;
    struct line_way of; // read from the texts
};

// Where a link meets a node.
struct lab_end {
    size_t node;
    char interface[LAB_INTERFACE_MAX + 1];
    uint8_t mac[6];
    unsigned mtu;
};

struct lab_link {
    char *name, *label;
    char **ends; // "r1:lan0"
    unsigned ends_count;
    struct lab_impairment_text there; // from the first end to the others
    struct lab_impairment_text *back; // the other way; NULL: the same
    struct lab_end *end;              // ends_count of them
};

struct lab_interface {
    char *name, *mac;
    char **addresses, **remove;
    unsigned addresses_count, remove_count;
    unsigned mtu;
    bool down;
    struct lab_address *address, *removed;
};

struct lab_file {
    char *name; // its place in the node's folder, /run/lab
    char *from; // a file of the laboratory
    char *text; // or what it holds
};

// ---- probes: what a check, or the readiness of a service, asks

enum lab_expect {
    LAB_EXPECT_REPLY,       // ping: an answer; tcp: the connection opens; udp: an answer
    LAB_EXPECT_NONE,        // anything but that
    LAB_EXPECT_SILENCE,     // nothing comes back at all
    LAB_EXPECT_REFUSED,     // tcp: a reset; udp and ping: port unreachable
    LAB_EXPECT_NO_ROUTE,    // ICMPv6 1/0, ICMP 3/0
    LAB_EXPECT_PROHIBITED,  // ICMPv6 1/1, ICMP 3/9, 3/10, 3/13
    LAB_EXPECT_UNREACHABLE, // any other destination unreachable
    LAB_EXPECT_TOO_BIG,     // ICMPv6 2, ICMP 3/4
    LAB_EXPECT_EXPIRED,     // time exceeded
    LAB_EXPECT_UNSENT,      // never asked for: it does not leave the node
};

struct lab_ping {
    char *to, *from;
    unsigned size, hop_limit; // 0: 56 octets, 64 hops
    bool whole;               // not to be fragmented
    enum lab_expect expect;
};

struct lab_tcp { // also UDP
    char *to, *from, *send, *answer;
    unsigned port;
    enum lab_expect expect;
};

struct lab_http {
    char *url, *contains, *to; // `to`: the address, instead of the name's
    unsigned status;           // 0: 200
};

struct lab_dns {
    char *server, *name, *type, *rcode; // AAAA, NOERROR when not given
    char **answer;                      // each must be among the answers
    unsigned answer_count;
    bool none; // no answer of this type
};

enum lab_address_state {
    LAB_ADDRESS_ANY,
    LAB_ADDRESS_PREFERRED,
    LAB_ADDRESS_DEPRECATED,
    LAB_ADDRESS_TENTATIVE,
    LAB_ADDRESS_DUPLICATE,
};
enum lab_address_origin {
    LAB_ORIGIN_ANY,
    LAB_ORIGIN_STATIC,
    LAB_ORIGIN_AUTOMATIC,
    LAB_ORIGIN_TEMPORARY
};

struct lab_address_probe {
    char *interface, *in; // an address, or a prefix that holds it
    enum lab_address_state state;
    enum lab_address_origin origin;
    bool none;
};

struct lab_route_probe {
    char *to, *via, *interface; // `to`: a prefix that is in the table, or an address looked up
    bool none;
};

enum lab_neighbour_state {
    LAB_NEIGHBOUR_ANY,
    LAB_NEIGHBOUR_REACHABLE, // or just about to be asked again: stale, delay, probe
    LAB_NEIGHBOUR_FAILED,
    LAB_NEIGHBOUR_PERMANENT,
};

struct lab_neighbour_probe {
    char *address, *interface, *mac;
    enum lab_neighbour_state state;
    bool router, none;
};

struct lab_service_probe {
    char *name;
    bool stopped;
};

struct lab_file_probe {
    char *path, *contains, *lacks;
};

struct lab_sysctl_probe {
    char *name, *is;
};

struct lab_command_probe {
    char **run;
    unsigned run_count;
    char *contains, *lacks;
    unsigned status;
};

struct lab_capture {
    char *at, *filter; // "r1:lan0", an expression of pcap-filter(7)
    unsigned least, most;
    bool none;   // not a single one; or:
    char *lasts; // without another probe: how long to listen
    size_t node; // of `at`
    char interface[LAB_INTERFACE_MAX + 1];
};

// Exactly one of these is given; `capture` may stand beside another one, and counts what
// passes meanwhile.
struct lab_probe {
    struct lab_ping *ping;
    struct lab_tcp *tcp, *udp;
    struct lab_http *http;
    struct lab_dns *dns;
    struct lab_address_probe *address;
    struct lab_route_probe *route;
    struct lab_neighbour_probe *neighbour;
    struct lab_service_probe *service;
    struct lab_file_probe *file;
    struct lab_sysctl_probe *sysctl;
    struct lab_command_probe *command;
    struct lab_capture *capture;
};

// ---- nodes

struct lab_ready {
    struct lab_probe probe;
    char *within;
    uint64_t within_us;
};

struct lab_service {
    char *name, *way;
    char **run, **after; // "listener", or "node/listener"
    unsigned run_count, after_count;
    struct lab_ready *ready;
    bool later; // not started by `up`
    size_t node_id;
};

enum lab_node_kind {
    LAB_HOST,
    LAB_ROUTER,
    LAB_SERVER,
    LAB_SWITCH,
    LAB_CLOUD,
    LAB_SENSOR,
    LAB_PHONE
};

struct lab_node {
    char *name, *label;
    enum lab_node_kind kind;
    int *x, *y; // where it is drawn
    struct lab_interface *interfaces;
    char **routes, **sysctls, **hosts, **resolv, **folders;
    unsigned interfaces_count, routes_count, sysctls_count, hosts_count, resolv_count,
        folders_count;
    char *firewall; // a file of the laboratory for nft
    struct lab_file *files;
    struct lab_service *services;
    unsigned files_count, services_count;
    char *memory;       // "64M"
    unsigned processes; // at most
    struct lab_route *route;
    uint64_t memory_bytes; // 0: no limit
};

// ---- what a person does

// A change of one node: a step of the solution, or a part of a broken variant.
struct lab_change {
    char *step, *node;
    struct lab_interface *interfaces;
    char **routes, **remove_routes, **sysctls;
    unsigned interfaces_count, routes_count, remove_routes_count, sysctls_count;
    char *firewall, *commands; // `commands`: for sh
    struct lab_file *files;
    char **restart, **start, **stop; // services
    unsigned files_count, restart_count, start_count, stop_count;
    struct lab_route *route, *removed;
    size_t node_id;
};

struct lab_variant {
    char *name, *title, *text;
    char **omit; // steps of the solution
    struct lab_change *change;
    char **fails; // checks that must fail; others may
    unsigned omit_count, change_count, fails_count;
};

enum lab_before { LAB_BEFORE_FAILS, LAB_BEFORE_PASSES, LAB_BEFORE_ANY };

struct lab_check {
    char *name, *title, *node, *within, *twin;
    enum lab_before before; // without the solution
    unsigned *points;       // NULL: 1
    struct lab_probe probe;
    size_t node_id, twin_id; // twin_id: SIZE_MAX without one
    uint64_t within_us;
};

struct lab_task {
    char *name, *title, *text;
    char **steps, **hints;
    unsigned steps_count, hints_count;
    struct lab_check *checks;
    unsigned checks_count;
};

struct lab_need {
    char *feature;
    char **ways; // "kernel:veth", "program:bird", "own:ra"; the first that is there is taken
    unsigned ways_count;
};

struct lab_place;

struct lab {
    char *title, *summary, *story, *teacher;
    char **learn, **authors;
    unsigned learn_count, authors_count;
    uint32_t *rfcs;
    unsigned rfcs_count, minutes;
    bool dad; // addresses are tentative first, as on a real network
    struct lab_need *needs;
    struct lab_node *nodes;
    struct lab_link *links;
    struct lab_task *tasks;
    struct lab_change *solution;
    struct lab_variant *variants;
    unsigned needs_count, nodes_count, links_count, tasks_count, solution_count, variants_count;

    // Not of the file:
    char name[LAB_NAME_MAX + 1];   // that of its folder
    char folder[FILE_PATH_MAX];    // where its files lie
    char path[FILE_PATH_MAX];      // the file as it was named
    char real[FILE_PATH_MAX];      // and where it is
    struct lab_service **services; // of all nodes, in the order in which they start
    size_t service_count;
    struct lab_check **checks; // of all tasks
    size_t check_count;
    struct lab_place *places; // all ends of links, by node and interface
    size_t place_count;
    size_t *by_name; // nodes in the order of their names
    struct arena arena;
};

// One end of a link.
struct lab_place {
    size_t link, end;
};

// "first-hop" of the laboratories that come with the program, or the path of a folder or file.
int lab_find(const char *word, char ret[FILE_PATH_MAX], struct err *e);

// `path` is the YAML file. ERR_INPUT, ERR_LIMIT with "file:line: "; ERR_SYSTEM, ERR_MEMORY.
int lab_read(const char *path, struct lab **ret, struct err *e);
// The same from memory; files that it names are not looked for.
int lab_parse(const char *path, const char *bytes, size_t length, struct lab **ret, struct err *e);
void lab_free(struct lab **lab);

// Indices into their arrays; SIZE_MAX when there is none of that name.
size_t lab_node_find(const struct lab *lab, const char *name);
size_t lab_check_find(const struct lab *lab, const char *name);
struct lab_service *lab_service_find(const struct lab *lab, size_t node, const char *name);
size_t lab_link_find(const struct lab *lab, const char *name);

// The link's end that is this interface; NULL when there is none.
const struct lab_place *lab_place_find(const struct lab *lab, size_t node, const char *interface);

// May a laboratory lie there? The last part of the path is its name.
bool lab_folder_name(const char *path);

// The texts that people read, in order, for catalogues.
void lab_texts(const struct lab *lab, void (*text)(const char *text, void *arg), void *arg);

// Opens a file of the laboratory: below `folder`, through no symbolic link. ERR_INPUT, ERR_SYSTEM.
int lab_file_open(const char *folder, const char *name, int *ret, struct err *e);
// The same below a folder that is open.
int lab_file_open_at(int folder, const char *name, int *ret, struct err *e);

// Texts of the schema, also used for what people type. False: not of that form.
bool lab_address_parse(struct slice s, struct lab_address *ret);
bool lab_route_parse(struct slice s, struct lab_route *ret);
bool lab_prefix_parse(struct slice s, enum family *ret_family, u128 *ret, uint8_t *ret_length);
bool lab_ip_parse(struct slice s, enum family *ret_family, u128 *ret);
bool lab_time_parse(struct slice s, uint64_t *ret_us); // "10ms", "1.5s", "2min"
bool lab_end_parse(struct slice s, struct slice *ret_node, struct slice *ret_interface);

#endif
