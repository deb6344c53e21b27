// SPDX-License-Identifier: Apache-2.0
//
// Signed results of a campaign, for another archive: the journal (read/checked.h) and, as its last
// line, who signed all before it.
//
//     {"signature":"<128 hexadecimal digits>","key":"<64>"}
//
// The signature is Ed25519ph (RFC 8032) over the bytes of "sextant-observations-1\n" and of all
// lines before it.

#ifndef CMD_OBSERVE_H
#define CMD_OBSERVE_H

#include "base/err.h"

#include <sodium.h>
#include <stddef.h>

#define OBSERVE_CONTEXT  "sextant-observations-1\n"
#define OBSERVE_LINE_MAX 512 // of the signature's line

struct observe_key {
    unsigned char public[crypto_sign_PUBLICKEYBYTES];
    unsigned char secret[crypto_sign_SECRETKEYBYTES]; // of a key file
};

// Key files: one line, "sextant-secret-key 1 <hex>" or "sextant-public-key 1 <hex>".
int observe_key_write(const char *path, struct err *e); // PATH and PATH.pub; neither may exist
int observe_key_read_secret(const char *path, struct observe_key *ret, struct err *e);
int observe_key_read_public(const char *path, struct observe_key *ret, struct err *e);

// Whose signature a file has, one of `keys`: its number in *ret. sha256 is that of the whole file,
// in hexadecimal. ERR_INPUT: none, not theirs, or wrong.
int observe_verify(const char *path, const struct observe_key *keys, size_t count, size_t *ret,
                   char sha256[65], struct err *e);

#endif
