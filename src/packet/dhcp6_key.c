// SPDX-License-Identifier: Apache-2.0
//
// Who asks a client to ask again must have the key that the client was given (RFC 8415, 20.4).

#include "packet/dhcp6.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

bool dhcp6_authentic(const uint8_t *at, size_t length, const struct dhcp6 *m,
                     const uint8_t key[DHCP6_KEY_SIZE])
{
    static const uint8_t zeros[DHCP6_KEY_SIZE];
    uint8_t copy[DHCP6_RECEIVED_MAX], digest[EVP_MAX_MD_SIZE];
    unsigned digest_length = 0;
    if (m->key.kind != DHCP6_KEY_DIGEST || length > sizeof copy)
        return false;
    memcpy(copy, at, length);
    memcpy(copy + m->key.at, zeros, sizeof zeros);
    return HMAC(EVP_md5(), key, DHCP6_KEY_SIZE, copy, length, digest, &digest_length) &&
           digest_length == DHCP6_KEY_SIZE &&
           CRYPTO_memcmp(digest, m->key.value, DHCP6_KEY_SIZE) == 0;
}
