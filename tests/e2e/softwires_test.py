#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Softwires between real hosts, in network namespaces of the test's own: a customer, the provider's end and
a server in a row, with only one family on the link between the first two.

Usage: softwires_test.py SEXTANT
"""

import os
import sys
import tempfile

from hosts import SERVE, add, allowed, forget_paths, ip, ping, plan, remove, report, started, stop, talk, wire, within

SEXTANT = sys.argv[1]
HOME, EDGE, FAR = (f"sextant-{os.getpid()}-{n}" for n in ("home", "edge", "far"))
SERVER4, SERVER6 = "198.51.100.2", "2001:db8:f::2"
AFTR = "2001:db8:ffff::1"
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
    talk(f"{name}: a closed port is told", HOME, "refused", server)
    forget_paths(HOME, EDGE, FAR)


def pair(name, customer, provider, server):
    """Both ends of one kind; the words behind `sextant run`."""
    ends = []
    try:
        for namespace, words in ((EDGE, provider), (HOME, customer)):
            ends.append(started(namespace, SEXTANT, "run", *words))
        conversations(name, server)
    finally:
        for end in ends:
            stop(end)


def main():
    if not allowed():
        print("1..0 # SKIP network namespaces are not allowed here")
        return 0
    servers = []
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as bindings:
        bindings.write("# customer, address, ports\n2001:db8:1::b4 192.0.2.18 6,8,0x34\n")
        bindings.flush()
        try:
            build()
            servers = [started(FAR, sys.executable, "-c", SERVE, a) for a in (SERVER4, SERVER6)]
            four_only()
            pair("6in4", ["6in4", "--own4", "203.0.113.5", "--peer4", "203.0.113.1", "--address", "2001:db8:5::1/64",
                          "--route", "::/0", "--icmp6", "2001:db8:5::2"],
                 ["6in4", "--own4", "203.0.113.1", "--peer4", "203.0.113.5", "--route", "2001:db8:5::/48",
                  "--icmp6", "2001:db8:f::1"], SERVER6)
            six_only()
            home = ["--address", "192.0.0.2/29", "--route", "0.0.0.0/0", "--uplink", "home0"]
            pair("DS-Lite", ["b4", "--own6", "2001:db8:1::b4", "--aftr", AFTR, *home],
                 ["aftr", "--own6", AFTR, "--pool", "192.0.2.1"], SERVER4)
            pair("lw4o6", ["lwb4", "--own6", "2001:db8:1::b4", "--aftr", AFTR, "--pool", "192.0.2.18", "--port-set",
                           "6,8,0x34", *home],
                 ["lwaftr", "--own6", AFTR, "--bindings", bindings.name, "--route", "192.0.2.0/24"], SERVER4)
            ip("-n", EDGE, "route", "add", "2001:db8:12:3400::/56", "via", "2001:db8:1::2")
            delegated = ["--rule", RULE, "--prefix", "2001:db8:12:3400::/56"]
            pair("MAP-E", ["map-e", *delegated, "--br", AFTR, *home[:4]],
                 ["map-e", "--rule", RULE, "--br", AFTR, "--route", "192.0.2.0/24"], SERVER4)
            pair("MAP-T", ["map-t", *delegated, "--dmr", "2001:db8:ffff:1::/64", *home[:4]],
                 ["map-t", "--rule", RULE, "--dmr", "2001:db8:ffff:1::/64", "--route", "192.0.2.0/24"], SERVER4)
        finally:
            for server in servers:
                stop(server)
            remove(HOME, EDGE, FAR)
    return plan()


if __name__ == "__main__":
    sys.exit(main())
