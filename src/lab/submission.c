// SPDX-License-Identifier: Apache-2.0

#include "lab/submission.h"

#include "lab/engine.h"
#include "lab/parse.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// Editors of other systems end lines with CR LF and begin a file with a mark; sh knows neither.
static void make_plain(struct buffer *text)
{
    static const char mark[] = "\xEF\xBB\xBF";
    size_t from = 0, to = 0;
    if (text->length >= 3 && memcmp(text->at, mark, 3) == 0)
        from = 3;
    for (; from < text->length; from++)
        if (text->at[from] != '\r' || from + 1 == text->length || text->at[from + 1] != '\n')
            text->at[to++] = text->at[from];
    text->length = to;
}

// The commands as one text, in the laboratory's arena.
static int read_commands(struct lab *lab, int folder, const char *name, struct lab_change *c,
                         struct err *e)
{
    struct buffer text = {0};
    int fd, code = lab_file_open_at(folder, name, &fd, e);
    if (code)
        return code;
    code = file_read_from(fd, name, SUBMISSION_TEXT_MAX, &text, e);
    close(fd);
    make_plain(&text);
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

// Hidden files, and the copies that editors leave.
static bool is_left_by_programs(const char *name)
{
    return name[0] == '.' || name[strlen(name) - 1] == '~';
}

static int read_node(struct lab *lab, int folder, const struct lab_node *n, DIR *inside,
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
        if (is_left_by_programs(entry->d_name))
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

// Of the student's own folder only: a link would lead to the teacher's files.
static int open_folder(int at, const char *name, DIR **ret, struct err *e)
{
    int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 && (errno == ELOOP || errno == ENOTDIR))
        return err_set(e, ERR_INPUT, "%s is a symbolic link, or no folder", name);
    *ret = fd < 0 ? NULL : fdopendir(fd);
    if (*ret)
        return 0;
    int code = errno == ENOENT ? ERR_NOT_FOUND : ERR_SYSTEM;
    err_system(e, "%s", name);
    if (fd >= 0)
        close(fd);
    return code;
}

static int apply_node(struct lab *lab, const struct run *run, const char *folder, int root,
                      const struct lab_node *n, struct err *e)
{
    struct lab_change c = {0};
    const struct lab_change *const list[] = {&c};
    DIR *inside;
    int code = open_folder(root, n->name, &inside, e);
    if (code)
        return code;
    code = read_node(lab, root, n, inside, &c, e);
    closedir(inside);
    if (code == 0)
        code = restart_running(lab, run, &c, e);
    return code ? code : engine_apply(lab, run, folder, list, 1, e);
}

#define NOTED_MAX 3

// Folders that no node is called after, such as one too many around all.
static void note_folders(const struct lab *lab, DIR *inside, struct buffer *note)
{
    unsigned noted = 0;
    rewinddir(inside);
    for (struct dirent *entry; (entry = readdir(inside)) && noted < NOTED_MAX;) {
        struct stat st;
        if (is_left_by_programs(entry->d_name) || strcmp(entry->d_name, "__MACOSX") == 0 ||
            lab_node_find(lab, entry->d_name) != SIZE_MAX ||
            fstatat(dirfd(inside), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
            !S_ISDIR(st.st_mode))
            continue;
        buffer_format(note, "%s\"%.60s\"", noted++ ? ", " : "no node is called ", entry->d_name);
    }
}

int submission_apply(struct lab *lab, const struct run *run, const char *folder,
                     struct buffer *note, struct err *e)
{
    DIR *all;
    unsigned found = 0;
    int code = open_folder(AT_FDCWD, folder, &all, e);
    if (code)
        return code;
    for (unsigned i = 0; i < lab->nodes_count && code == 0; i++) {
        code = apply_node(lab, run, folder, dirfd(all), &lab->nodes[i], e);
        found += code == 0;
        code = code == ERR_NOT_FOUND ? 0 : code;
    }
    note_folders(lab, all, note);
    if (code == 0 && found == 0 && note->length == 0)
        buffer_text(note, "nothing was handed in");
    closedir(all);
    return code;
}
