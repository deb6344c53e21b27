// SPDX-License-Identifier: Apache-2.0
//
// Feeds files to a fuzz target, so that the corpus is part of the ordinary tests:
//
//     replay_rir FILE|FOLDER...
//
// Every file is also given cut at each of its first lengths: a cut input is the commonest bad one.

#include "base/buffer.h"
#include "base/file.h"

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define FILE_BYTES_MAX ((size_t)1 << 20)
#define CUTS_MAX       160 // of one file

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path)
{
    struct buffer bytes = {0};
    struct err e = {0};
    if (file_read(path, FILE_BYTES_MAX, &bytes, &e) != 0) {
        fprintf(stderr, "%s\n", e.text);
        buffer_done(&bytes);
        return 0;
    }
    const uint8_t *data = bytes.at ? (const uint8_t *)bytes.at : (const uint8_t *)"";
    for (size_t cut = 0; cut < bytes.length && cut < CUTS_MAX; cut++)
        LLVMFuzzerTestOneInput(data, cut);
    LLVMFuzzerTestOneInput(data, bytes.length);
    buffer_done(&bytes);
    return 1;
}

static int replay_folder(DIR *folder, const char *path)
{
    int count = 0;
    for (struct dirent *entry; (entry = readdir(folder));) {
        char inside[FILE_PATH_MAX];
        if (entry->d_name[0] != '.' &&
            snprintf(inside, sizeof inside, "%s/%s", path, entry->d_name) < (int)sizeof inside)
            count += replay_file(inside);
    }
    return count;
}

int main(int argc, char **argv)
{
    int count = 0;
    for (int i = 1; i < argc; i++) {
        DIR *folder = opendir(argv[i]);
        count += folder ? replay_folder(folder, argv[i]) : replay_file(argv[i]);
        if (folder)
            closedir(folder);
    }
    printf("%d files replayed\n", count);
    return count > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
