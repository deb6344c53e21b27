// SPDX-License-Identifier: Apache-2.0
//
// The kernel brings up links and addresses after it has answered that it will: until then an
// address cannot be bound to, and an interface is not found running.

#ifndef LAB_SETTLE_H
#define LAB_SETTLE_H

#define SETTLE_MS 2000

// Waits until the network of this process has no tentative address, and no link with a carrier that
// is not running; SETTLE_MS at most.
void settle_network(void);

#endif
