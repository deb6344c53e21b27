// SPDX-License-Identifier: Apache-2.0
//
// The outside of the small network daemons that `sextant run NAME` starts: a TUN device that
// packets come from and go to, its addresses and routes, and a loop until SIGTERM or SIGINT. What
// the daemons do with packets is in src/packet; here is all that touches the system.
//
// A daemon works in the network namespace it was started in, makes its device there, and leaves
// nothing when it ends: the device goes with it. Afterwards it needs no privilege and gives up all.

#ifndef DAEMON_DAEMON_H
#define DAEMON_DAEMON_H

#include "base/clock.h"
#include "base/err.h"
#include "net/net.h"
#include "packet/packet.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct prefix {
    enum family family;
    u128 address;
    unsigned length;
};

// "2001:db8::/32", "192.0.2.0/24"; without a length a single address. Bits beyond the length are
// kept (an interface's address has them). False where it is none; *ret is untouched.
bool prefix_parse(struct slice s, struct prefix *ret);

// ---- the device

#define DEVICE_NAME_MAX 15
#define DEVICE_MTU_MIN  1280
#define DEVICE_MTU_MAX  9000

// ERR_SYSTEM: no such device, or not allowed (what would be needed is said).
int device_up(const char *name, size_t mtu, struct err *e);
int device_address(const char *name, const struct prefix *p, struct err *e);
int device_address_remove(const char *name, const struct prefix *p, struct err *e); // IPv6
int device_route(const char *name, const struct prefix *p, struct err *e);
int device_default4(const char *name, uint32_t router, struct err *e);
// Lets the device send with this address of the node's own as its source.
int device_borrow4(const char *name, uint32_t address, struct err *e);
int device_clear4(const char *name, struct err *e); // of its IPv4 address, and the routes with it
bool device_running(const char *name);              // it is up, and so is the line

// With `offload`, packets of several segments and checksums that are still to be made pass as they
// are (struct packet), so that a bulk transfer costs a fraction. A buffer for tun_read has
// TUN_BUFFER bytes.
#define TUN_BUFFER (PACKET_HEADROOM + PACKET_MAX + PACKET_TAILROOM)
int tun_open(const char *name, size_t mtu, bool offload, int *ret, struct err *e);

// Whether it takes several UDP datagrams as one (Linux 6.2). `offload` as in tun_open.
bool tun_cuts_udp(int fd, bool offload);

// Makes the device take several packets that are inside outer ones of this family, and are of the
// other, as one (Linux 6.6), as long as what is returned is open; -1: it does not.
int tun_nest(const char *name, enum family outer);

// *ret_got false: nothing is there now.
int tun_read(int fd, uint8_t *buffer, struct packet *ret, bool *ret_got, struct err *e);

// The same for one who reads by other means: into `buffer`, from TUN_HEADER bytes before where a
// packet begins, `got` bytes in all. False: no packet.
#define TUN_HEADER 10
bool tun_packet(uint8_t *buffer, size_t got, struct packet *ret);

// A packet that the kernel does not take is lost, as on a link; the counter says so.
bool tun_write(int fd, struct packet *p);

// ---- an interface that is there already

// Packets of one interface and one kind (an ethertype of <linux/if_ether.h>), without the header of
// the link: its address is told, and made, beside the packet.
struct link {
    int fd, index;
    uint16_t ethertype;
    uint8_t mac[6];
};

// ERR_NOT_FOUND: no such interface; ERR_SYSTEM.
int link_open(const char *name, uint16_t ethertype, struct link *ret, struct err *e);
void link_close(struct link *l);

// *ret_length 0: nothing is there now. `from` may be NULL.
int link_receive(const struct link *l, uint8_t *at, size_t room, uint8_t from[6],
                 size_t *ret_length, struct err *e);
// To all where `to` is NULL. What the link does not take is lost.
bool link_send(const struct link *l, const uint8_t to[6], const uint8_t *at, size_t length);

// Its link-local address; false while it has none that is known to be its own (RFC 4862, 5.4).
bool link_local_address(const char *name, u128 *ret);

// IPv4 packets of one protocol for any address of the node, with their header; the kernel has put
// pieces together. Those of several segments say so (struct packet) where the kernel tells.
struct raw;

int raw_open(uint8_t protocol, struct raw **ret, struct err *e);
void raw_close(struct raw **r);
int raw_fd(const struct raw *r);

// As tun_reader_row.
int raw_row(struct raw *r, struct packet **ret, size_t *ret_count, bool *ret_more, struct err *e);

// ---- the loop

uint64_t random_seed(void);

struct watch {
    int fd;
    int (*readable)(void *arg, struct err *e);
    void *arg;
};

#define WATCHES_MAX 40

struct loop {
    struct watch watches[WATCHES_MAX];
    size_t count;
    void (*tick)(void *arg); // once a second; may be NULL
    void (*usr1)(void *arg); // SIGUSR1: say how it stands; may be NULL
    void *arg;
};

// A descriptor that is readable at `due` (clock_microseconds); 0: never. ERR_SYSTEM.
int timer_open(int *ret, struct err *e);
void timer_set(int fd, int64_t due);
void timer_clear(int fd); // once it was readable

// What a daemon tells whoever runs it, a line each; `line` NULL: nobody listens.
struct speaker {
    void (*line)(void *arg, const char *line);
    void *arg;
};
void speak(const struct speaker *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

// From here on those signals wait for loop_run: for a daemon that has something to clear away
// before it comes to that.
void loop_hold(void);

// Until SIGTERM or SIGINT (0), or a handler's error.
int loop_run(const struct loop *l, struct err *e);

// Gives up root and every capability; what is open stays so. ERR_SYSTEM.
int privileges_drop(struct err *e);

#endif
