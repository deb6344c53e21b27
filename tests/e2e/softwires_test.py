#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Softwires between real hosts, in network namespaces of the test's own: a customer, the provider's end and
a server in a row, with only one family on the link between the first two.

Usage: softwires_test.py SEXTANT
"""

import os
import re
import sys
import tempfile

from hosts import SERVE, add, allowed, forget_paths, ip, ping, remove, started, stop, talk, wire, within
from tap import plan, report


SEXTANT = sys.argv[1]
HOME, EDGE, FAR = (f"sextant-{os.getpid()}-{n}" for n in ("home", "edge", "far"))
SERVER4, SERVER6 = "198.51.100.2", "2001:db8:f::2"
AFTR = "2001:db8:ffff::1"
NO_PROGRAMS = ("setpriv", "--bounding-set", "-bpf,-sys_admin")
RULE = "2001:db8::/40,192.0.2.0/24,16"


def build():
    add(HOME, EDGE, FAR)
    within(EDGE, "sysctl", "-qw", "net.ipv6.conf.all.forwarding=1", "net.ipv4.ip_forward=1")
    within(HOME, "sysctl", "-qw", "net.ipv6.conf.all.forwarding=1", "net.ipv4.ip_forward=1")
    wire(HOME, "home0", EDGE, "home1")
    wire(FAR, "far0", EDGE, "far1")
    ip("-n", EDGE, "addr", "add", "198.51.100.1/24", "dev", "far1")
    ip("-n", EDGE, "addr", "add", "2001:db8:f::1/64", "dev", "far1", "nodad")
    ip("-n", FAR, "addr", "add", f"{SERVER4}/24", "dev", "far0")
    ip("-n", FAR, "addr", "add", f"{SERVER6}/64", "dev", "far0", "nodad")
    ip("-n", FAR, "route", "add", "default", "via", "198.51.100.1")
    ip("-n", FAR, "route", "add", "default", "via", "2001:db8:f::1")


def six_only():
    for namespace, name, end in ((HOME, "home0", 2), (EDGE, "home1", 1)):
        ip("-n", namespace, "addr", "flush", "scope", "global", "dev", name)
        ip("-n", namespace, "addr", "add", f"2001:db8:1::{end}/64", "dev", name, "nodad")
    ip("-n", HOME, "route", "replace", "default", "via", "2001:db8:1::1")


def four_only():
    for namespace, name, end in ((HOME, "home0", 5), (EDGE, "home1", 1)):
        ip("-n", namespace, "addr", "flush", "scope", "global", "dev", name)
        ip("-n", namespace, "addr", "add", f"203.0.113.{end}/24", "dev", name)


def conversations(name, server):
    ping(f"{name}: ping", HOME, server)
    ping(f"{name}: ping of 1,472 bytes, cut on the way", HOME, server, "-s", "1472", "-M", "dont")
    talk(f"{name}: TCP there and back", HOME, "tcp", server, 3_000_000)
    talk(f"{name}: UDP of all sizes", HOME, "udp", server)
    talk(f"{name}: UDP in rows", HOME, "rows", server)
    talk(f"{name}: a closed port is told", HOME, "refused", server)
    forget_paths(HOME, EDGE, FAR)


def strict(namespace, on):
    """No IPv4 is forwarded, and a source must lie where its packet comes from (RFC 3704, 2.2)."""
    within(namespace, "sysctl", "-qw", f"net.ipv4.ip_forward={0 if on else 1}", f"net.ipv4.conf.all.rp_filter={1 if on else 0}")


def six_in_four():
    customer = ["6in4", "--own4", "203.0.113.5", "--peer4", "203.0.113.1", "--address", "2001:db8:5::1/64", "--route", "::/0",
                "--icmp6", "2001:db8:5::2"]
    provider = ["6in4", "--own4", "203.0.113.1", "--peer4", "203.0.113.5", "--route", "2001:db8:5::/48",
                "--icmp6", "2001:db8:f::1"]
    pair("6in4", customer, provider, SERVER6)
    strict(HOME, True)
    pair("6in4, a strict customer", customer, provider, SERVER6)
    strict(HOME, False)
    bursts(False)
    pair("6in4, each packet cut before the line", customer, provider, SERVER6)
    bursts(True)
    pair("6in4, no program for the kernel", customer, provider, SERVER6, by=NO_PROGRAMS)


def whose_address():
    done = within(HOME, SEXTANT, "run", "6in4", "--own4", "203.0.113.1", "--peer4", "203.0.113.9")
    report("refused: to borrow what is no address of the node",
           None if done.returncode == 2 and "203.0.113.1 is no address of this node" in done.stderr else done.stderr or "taken")


def bursts(on):
    """Whether a device hands over several packets as one to the other end of its line."""
    for namespace, name in ((HOME, "home0"), (EDGE, "home1")):
        ip("-n", namespace, "link", "set", name, "gso_max_size", "65536" if on else "1600")


def pair(name, customer, provider, server, more=None, customers_more=(), by=()):
    """Both ends of one kind; the words behind `sextant run`, which `by` starts."""
    ends = []
    try:
        for namespace, words in ((EDGE, provider), (HOME, [*customer, *customers_more])):
            ends.append(started(namespace, *by, SEXTANT, "run", *words))
        conversations(name, server)
        if more:
            more()
    finally:
        for end in ends:
            stop(end)


GREET = """import socket, sys
s = socket.create_connection((sys.argv[1], int(sys.argv[2])), 5)
s.sendall((3).to_bytes(8, "big") + b"abc"); s.settimeout(5)
got = b""
while len(got) < 35:
    piece = s.recv(100)
    if not piece: break
    got += piece
print(got[32:].decode())"""


def given_psid(home):
    """Example 5 of RFC 7597: the PSID is not in the prefix. And a port of its own leads to a server at home."""
    rule = "2001:db8:12:3400::/56,192.0.2.18/32,0,6,8,0x34"
    inside = started(HOME, sys.executable, "-c", SERVE, "192.0.0.2")
    try:
        pair("MAP-E, PSID apart", ["map-e", "--rule", rule, "--prefix", "2001:db8:12:3400::/56", "--br", AFTR, *home],
             ["map-e", "--rule", rule, "--br", AFTR, "--route", "192.0.2.0/24"], SERVER4,
             lambda: forwarded("192.0.2.18", 1232), ["--forward", "tcp/1232=192.0.0.2:7000"])
    finally:
        stop(inside)
    for port in (80, 1236):
        done = within(HOME, SEXTANT, "run", "map-e", "--rule", rule, "--prefix", "2001:db8:12:3400::/56", "--br", AFTR,
                      "--forward", f"tcp/{port}=192.0.0.2:80")
        report(f"port {port} cannot be forwarded",
               None if done.returncode == 2 and f"port {port} is not among" in done.stderr else done.stderr or "it can")
    for word in ("tcp/0=192.0.2.1:1", "sctp/1232=192.0.2.1:1", "tcp/1232", "tcp/1232=192.0.2.1", "tcp/1232=2001:db8::1:80"):
        done = within(HOME, SEXTANT, "run", "map-e", "--rule", rule, "--prefix", "2001:db8:12:3400::/56", "--br", AFTR,
                      "--forward", word)
        report(f"refused: --forward {word}", None if done.returncode == 2 and word in done.stderr else done.stderr or "taken")


def what_is_missing_is_named():
    for option, words in (("prefix", ["nat64", "--pool", "192.0.2.1"]), ("pool", ["nat64", "--prefix", "64:ff9b::/96"]),
                          ("prefix", ["6rd", "--own4", "192.0.2.1", "--br", "192.0.2.2"]), ("pool", ["aftr", "--own6", AFTR]),
                          ("dmr", ["map-t", "--rule", RULE])):
        done = within(HOME, SEXTANT, "run", *words)
        report(f"{words[0]} misses --{option}", None if done.returncode == 2 and f"--{option} is missing: an IPv" in done.stderr
               else done.stderr or "taken")


def relay_is_no_spoke():
    done = within(EDGE, SEXTANT, "run", "map-e", "--rule", RULE, "--br", AFTR, "--hub-and-spoke")
    report("refused: --hub-and-spoke of a relay",
           None if done.returncode == 2 and "--prefix is missing" in done.stderr else done.stderr or "taken")


def forwarded(address, port):
    done = within(FAR, sys.executable, "-c", GREET, address, str(port))
    report("a forwarded port leads home", None if done.stdout == "abc\n" else done.stderr[-300:] or done.stdout)


def may_nest():
    """Linux 6.6 with the right to give it a program: packets inside others are then written many at once."""
    release = tuple(int(n) for n in re.match(r"(\d+)\.(\d+)", os.uname().release).groups())
    with open("/proc/self/status", encoding="ascii") as status:
        rights = int(re.search(r"^CapEff:\s*(\w+)", status.read(), re.M).group(1), 16)
    with open("/proc/self/uid_map", encoding="ascii") as users:  # a right in a user namespace is none to the kernel
        everybody = users.read().split() == ["0", "0", "4294967295"]
    return release >= (6, 6) and rights >> 39 & 1 and everybody


def nests(aftr):
    kept = [os.readlink(f"/proc/{aftr.pid}/fd/{n}") for n in os.listdir(f"/proc/{aftr.pid}/fd")]
    report("the AFTR's device takes many packets at once", None if any("bpf" in k for k in kept) else str(kept))


def aftr_log(home):
    """Who had which address and port when (RFC 6888, 4); not whom they talked to."""
    aftr = started(EDGE, SEXTANT, "run", "aftr", "--own6", AFTR, "--pool", "192.0.2.1", "--log")
    b4 = started(HOME, SEXTANT, "run", "b4", "--own6", "2001:db8:1::b4", "--aftr", AFTR, *home)
    talk("DS-Lite: UDP, with a log", HOME, "udp", SERVER4)
    if may_nest():
        nests(aftr)
    stop(b4)
    aftr.terminate()
    said = aftr.stdout.read()
    aftr.wait(10)
    aftr.stdout.close()
    wanted = (r"^binding udp 192\.0\.0\.2 \d+ 192\.0\.2\.1 \d+ of 2001:db8:1::b4 "
              r"at 20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
    report("the AFTR says who had which port when", None if re.search(wanted, said, re.M) else said)
    report("and not whom they talked to", None if SERVER4 not in said else said)


def main():
    if not allowed(tun=True):
        print("1..0 # SKIP network namespaces or TUN devices are not allowed here")
        return 0
    servers = []
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as bindings:
        bindings.write("# customer, address, ports\n2001:db8:1::b4 192.0.2.18 6,8,0x34\n")
        bindings.flush()
        try:
            build()
            servers = [started(FAR, sys.executable, "-c", SERVE, a) for a in (SERVER4, SERVER6)]
            four_only()
            whose_address()
            six_in_four()
            six_only()
            home = ["--address", "192.0.0.2/29", "--route", "0.0.0.0/0", "--uplink", "home0"]
            pair("DS-Lite", ["b4", "--own6", "2001:db8:1::b4", "--aftr", AFTR, *home],
                 ["aftr", "--own6", AFTR, "--pool", "192.0.2.1"], SERVER4)
            bursts(False)
            pair("DS-Lite, each packet cut before the line", ["b4", "--own6", "2001:db8:1::b4", "--aftr", AFTR, *home],
                 ["aftr", "--own6", AFTR, "--pool", "192.0.2.1"], SERVER4)
            bursts(True)
            pair("lw4o6", ["lwb4", "--own6", "2001:db8:1::b4", "--aftr", AFTR, "--pool", "192.0.2.18", "--port-set",
                           "6,8,0x34", *home],
                 ["lwaftr", "--own6", AFTR, "--bindings", bindings.name, "--route", "192.0.2.0/24"], SERVER4)
            pair("DS-Lite, shared addresses at home", ["b4", "--own6", "2001:db8:1::b4", "--aftr", AFTR, "--address",
                                                       "100.64.0.2/29", *home[2:]],
                 ["aftr", "--own6", AFTR, "--pool", "192.0.2.1", "--inside", "100.64.0.0/10"], SERVER4)
            ip("-n", EDGE, "route", "add", "2001:db8:12:3400::/56", "via", "2001:db8:1::2")
            delegated = ["--rule", RULE, "--prefix", "2001:db8:12:3400::/56"]
            pair("MAP-E", ["map-e", *delegated, "--br", AFTR, *home[:4]],
                 ["map-e", "--rule", RULE, "--br", AFTR, "--route", "192.0.2.0/24"], SERVER4)
            pair("MAP-E, hub and spoke", ["map-e", *delegated, "--br", AFTR, "--hub-and-spoke", *home[:4]],
                 ["map-e", "--rule", RULE, "--br", AFTR, "--route", "192.0.2.0/24"], SERVER4)
            what_is_missing_is_named()
            relay_is_no_spoke()
            pair("MAP-T", ["map-t", *delegated, "--dmr", "2001:db8:ffff:1::/64", *home[:4]],
                 ["map-t", "--rule", RULE, "--dmr", "2001:db8:ffff:1::/64", "--route", "192.0.2.0/24"], SERVER4)
            ip("-n", HOME, "addr", "add", "192.0.0.2/32", "dev", "lo")
            given_psid(home[:4])
            ip("-n", HOME, "addr", "del", "192.0.0.2/32", "dev", "lo")
            aftr_log(home)
        finally:
            for server in servers:
                stop(server)
            remove(HOME, EDGE, FAR)
    return plan()


if __name__ == "__main__":
    sys.exit(main())
