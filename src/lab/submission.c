// SPDX-License-Identifier: Apache-2.0

#include "lab/submission.h"

#include "lab/engine.h"
#include "lab/parse.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

// The commands as one text, in the laboratory's arena.
static int read_commands(struct lab *lab, const char *folder, const char *name,
                         struct lab_change *c, struct err *e)
{
    struct buffer text = {0};
    char path[64];
    int fd, code = lab_file_open(folder, name, &fd, e);
    if (code)
        return code;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    code = file_read(path, SUBMISSION_TEXT_MAX, &text, e);
    close(fd);
    if (code == 0)
        c->commands = arena_text(&lab->arena, text.at ? text.at : "", text.length);
    buffer_done(&text);
    return code || c->commands ? code : err_memory(e);
}

static int add_file(struct lab *lab, const char *node, const char *name, struct lab_change *c,
                    struct err *e)
{
    if (c->files_count == SUBMISSION_FILES_MAX)
        return err_set(e, ERR_LIMIT, "%s: more than %d files", node, SUBMISSION_FILES_MAX);
    struct lab_file *f = &c->files[c->files_count++];
    f->name = arena_text(&lab->arena, name, strlen(name));
    f->from = arena_format(&lab->arena, "%s/%s", node, name);
    return f->name && f->from ? 0 : err_memory(e);
}

static int read_node(struct lab *lab, const char *folder, const struct lab_node *n, DIR *inside,
                     struct lab_change *c, struct err *e)
{
    int code = 0;
    c->node = n->name;
    c->node_id = (size_t)(n - lab->nodes);
    c->files = arena_alloc(&lab->arena, SUBMISSION_FILES_MAX * sizeof *c->files);
    if (!c->files)
        return err_memory(e);
    for (struct dirent *entry; code == 0 && (entry = readdir(inside));) {
        char name[300];
        if (entry->d_name[0] == '.')
            continue;
        snprintf(name, sizeof name, "%s/%s", n->name, entry->d_name);
        if (!parse_path(entry->d_name))
            code = err_set(e, ERR_INPUT, "%s: a file with this name is not taken", name);
        else if (strcmp(entry->d_name, "commands") == 0)
            code = read_commands(lab, folder, name, c, e);
        else
            code = add_file(lab, n->name, entry->d_name, c, e);
    }
    return code;
}

static int restart_running(struct lab *lab, const struct run *run, struct lab_change *c,
                           struct err *e)
{
    c->restart = arena_alloc(&lab->arena, (run->service_count + 1) * sizeof *c->restart);
    if (!c->restart)
        return err_memory(e);
    for (size_t i = 0; c->files_count > 0 && i < run->service_count; i++)
        if (run->services[i].node == c->node_id && run->services[i].state == SERVICE_READY)
            c->restart[c->restart_count++] =
                lab_service_find(lab, c->node_id, run->services[i].name)->name;
    return 0;
}

static int apply_node(struct lab *lab, const struct run *run, const char *folder,
                      const struct lab_node *n, struct err *e)
{
    char path[FILE_PATH_MAX + 64];
    struct lab_change c = {0};
    const struct lab_change *const list[] = {&c};
    snprintf(path, sizeof path, "%s/%s", folder, n->name);
    DIR *inside = opendir(path);
    if (!inside)
        return errno == ENOENT ? 0 : err_system(e, "%s", path);
    int code = read_node(lab, folder, n, inside, &c, e);
    closedir(inside);
    if (code == 0)
        code = restart_running(lab, run, &c, e);
    return code ? code : engine_apply(lab, run, folder, list, 1, e);
}

int submission_apply(struct lab *lab, const struct run *run, const char *folder, struct err *e)
{
    int code = 0;
    for (unsigned i = 0; i < lab->nodes_count && code == 0; i++)
        code = apply_node(lab, run, folder, &lab->nodes[i], e);
    return code;
}
