// SPDX-License-Identifier: Apache-2.0
//
// The SHA-256 of a file as it lies there, without unpacking it.

#include "read/source.h"

#include "base/text.h"

#include <openssl/evp.h>
#include <stdio.h>

int source_hash(const char *path, char ret[65], struct err *e)
{
    unsigned char chunk[65536], hash[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    size_t got;
    FILE *file = fopen(path, "rbe");
    if (!file)
        return err_system(e, "%s", path);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool fine = context && EVP_DigestInit_ex(context, EVP_sha256(), NULL);
    while (fine && (got = fread(chunk, 1, sizeof chunk, file)) > 0)
        fine = EVP_DigestUpdate(context, chunk, got) != 0;
    fine = fine && EVP_DigestFinal_ex(context, hash, &length) && length == 32;
    int code = ferror(file) ? err_system(e, "%s", path) : fine ? 0 : err_memory(e);
    EVP_MD_CTX_free(context);
    fclose(file);
    if (!code)
        hex_text(hash, length, ret);
    return code;
}
