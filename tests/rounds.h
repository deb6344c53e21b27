// SPDX-License-Identifier: Apache-2.0
//
// How often a test does what it draws by chance. With AddressSanitizer what a reader allocates
// costs a hundred times as much: there a tenth of the rounds, on inputs that the others begin with.

#ifndef TESTS_ROUNDS_H
#define TESTS_ROUNDS_H

#ifndef __has_feature
#define __has_feature(name) 0
#endif

#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#define ROUNDS_OF(n) ((n) / 10)
#else
#define ROUNDS_OF(n) (n)
#endif

#endif
