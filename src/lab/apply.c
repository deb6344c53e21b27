// SPDX-License-Identifier: Apache-2.0
//
// Changes of nodes: what a person would type, written down.

#include "base/clock.h"
#include "lab/check.h"
#include "lab/engine.h"
#include "lab/inside.h"
#include "lab/keeper.h"
#include "lab/mounts.h"
#include "lab/netlink.h"
#include "lab/node.h"
#include "lab/process.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct job {
    const struct lab *lab;
    const struct lab_change *change;
    int folder; // the laboratory's
};

static int change_network(const struct job *j, struct netlink *nl, struct err *e)
{
    const struct lab_change *c = j->change;
    int code = node_set_interfaces(nl, c->interfaces, c->interfaces_count, j->lab->dad, e);
    if (code == 0)
        code = node_set_routes(nl, c->removed, c->remove_routes, c->remove_routes_count, false, e);
    if (code == 0)
        code = node_set_routes(nl, c->route, c->routes, c->routes_count, true, e);
    return code ? code : node_set_sysctls(c->sysctls, c->sysctls_count, e);
}

static int change_node(void *arg, struct err *e)
{
    const struct job *j = arg;
    const struct lab_change *c = j->change;
    struct netlink *nl = NULL;
    int code = node_write_files(j->folder, c->files, c->files_count, e);
    if (code == 0)
        code = netlink_open(&nl, e);
    if (code == 0)
        code = change_network(j, nl, e);
    netlink_close(&nl);
    if (code == 0 && c->firewall)
        code = node_load_firewall(j->folder, c->firewall, e);
    return code;
}

#define COMMANDS_US 60000000

static int run_commands(void *arg, struct err *e)
{
    const struct job *j = arg;
    const char *const run[] = {"sh", "-eu", "-c", j->change->commands, NULL};
    struct buffer said = {.limit = 65536};
    int status = 0, code = mounts_enter_folder() ? 0 : err_system(e, NODE_FOLDER);
    if (code == 0)
        code = process_run_in_node(run, clock_microseconds() + COMMANDS_US, &said, &status, e);
    if (code == ERR_LATE)
        err_set(e, code, "its commands are not done after %d s", COMMANDS_US / 1000000);
    struct slice words = {said.at ? said.at : "", said.length < 300 ? said.length : 300};
    while (words.length > 0 && words.at[words.length - 1] == '\n')
        words.length--;
    if (code == 0 && status != 0)
        code = err_set(e, ERR_INPUT, "its commands end with status %d%s%.*s", status,
                       words.length ? ": " : "", SLICE_ARG(words));
    buffer_done(&said);
    return code;
}

// What is there only where another way was taken has nothing to do.
static int ask_services(const struct run *run, const char *verb, const struct lab_change *c,
                        char *const *names, size_t count, struct err *e)
{
    int code = 0;
    for (size_t i = 0; i < count && code == 0; i++) {
        char request[KEEPER_MESSAGE_MAX];
        const struct run_service *s = run_service_find(run, c->node_id, slice_of(names[i]));
        if (s && s->state == SERVICE_LEFT_OUT)
            continue;
        snprintf(request, sizeof request, "%s %s %s", verb, c->node, names[i]);
        code = keeper_ask(run, request, e);
    }
    return code;
}

static int apply_one(const struct run *run, struct job *j, struct err *e)
{
    const struct lab_change *c = j->change;
    int code = inside_run(run, c->node_id, NULL, change_node, j, e);
    if (code == 0)
        code = ask_services(run, "stop", c, c->stop, c->stop_count, e);
    if (code == 0)
        code = ask_services(run, "start", c, c->start, c->start_count, e);
    if (code == 0)
        code = ask_services(run, "restart", c, c->restart, c->restart_count, e);
    if (code == 0 && c->commands)
        code = inside_run(run, c->node_id, &j->lab->nodes[c->node_id], run_commands, j, e);
    return code ? err_prefix(e, "%s", c->node) : 0;
}

int engine_apply(const struct lab *lab, const struct run *run, const char *folder,
                 const struct lab_change *const *list, size_t count, struct err *e)
{
    struct job j = {.lab = lab, .folder = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC)};
    int code = j.folder < 0 ? err_system(e, "%s", folder) : 0;
    for (size_t i = 0; i < count && code == 0; i++) {
        j.change = list[i];
        code = apply_one(run, &j, e);
    }
    if (j.folder >= 0)
        close(j.folder);
    return code;
}

static bool omits(const struct lab_variant *v, const char *step)
{
    for (unsigned i = 0; v && step && i < v->omit_count; i++)
        if (strcmp(v->omit[i], step) == 0)
            return true;
    return false;
}

int engine_changes(struct lab *lab, const struct lab_variant *variant,
                   const struct lab_change *const **ret, size_t *ret_count, struct err *e)
{
    size_t most = lab->solution_count + (variant ? variant->change_count : 0), count = 0;
    const struct lab_change **list = arena_alloc(&lab->arena, (most + 1) * sizeof *list);
    if (!list)
        return err_memory(e);
    for (unsigned i = 0; i < lab->solution_count; i++)
        if (!omits(variant, lab->solution[i].step))
            list[count++] = &lab->solution[i];
    for (unsigned i = 0; variant && i < variant->change_count; i++)
        list[count++] = &variant->change[i];
    *ret = list;
    *ret_count = count;
    return 0;
}
