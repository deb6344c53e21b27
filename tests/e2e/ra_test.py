#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Router advertisements, as the kernel's IPv6 host takes them, and as another program reads them
(rdisc6, where it is installed). Each wrong advertisement is followed by a right one: a host that
takes neither would prove nothing.

Usage: ra_test.py SEXTANT
"""

import json
import os
import shutil
import subprocess
import sys
import time

from hosts import add, allowed, ip, remove, started, stop, until, within
from tap import expect, plan, report

SEXTANT = sys.argv[1]
ROUTER, HOST = (f"sextant-{os.getpid()}-{n}" for n in ("router", "host"))

# Every advertisement to all: when it came, its flags, its lifetime as a router.
LISTEN = r"""
import socket, struct, time
s = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x86dd)); s.bind(("eth0", 0x86dd))
print("ready", flush=True)
while True:
    p = s.recv(2000)
    if p[6] == 58 and p[40] == 134 and p[24] == 0xff:
        print(time.monotonic(), p[45], *struct.unpack(">H", p[46:48]), flush=True)
"""


def advertise(*options):
    process = subprocess.Popen(["ip", "netns", "exec", ROUTER, SEXTANT, "run", "ra", "--device", "lan0", *options],
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    for wanted in ("ready", "advertised"):
        line = process.stdout.readline()
        if wanted not in line:
            process.kill()
            raise RuntimeError(f"{options}: {line}")
    return process


def build():
    add(ROUTER, HOST)
    for namespace in (ROUTER, HOST):
        within(namespace, "sysctl", "-qw", "net.ipv6.conf.default.accept_dad=0", "net.ipv6.conf.all.accept_dad=0")
    within(HOST, "sysctl", "-qw", "net.ipv6.conf.default.use_tempaddr=0")
    ip("link", "add", "lan0", "netns", ROUTER, "type", "veth", "peer", "name", "eth0", "netns", HOST)
    ip("-n", ROUTER, "link", "set", "lan0", "up")
    ip("-n", HOST, "link", "set", "eth0", "up")


def fresh():
    """The host as it was before it heard anything; it asks at once."""
    ip("-n", HOST, "link", "set", "eth0", "down")
    ip("-n", HOST, "link", "set", "eth0", "up")


def addresses():
    listed = json.loads(ip("-j", "-n", HOST, "-6", "address", "show", "dev", "eth0", "scope", "global"))
    return {a["local"]: a for i in listed if i for a in i.get("addr_info", []) if "local" in a}


def defaults():
    return [r for r in json.loads(ip("-j", "-n", HOST, "-6", "route", "show")) if r["dst"] == "default"]


def of_prefix(prefix):
    return [a for name, a in addresses().items() if name.startswith(prefix)]


def right():
    fresh()
    process = advertise("--prefix", "2001:db8:1::/64", "--deprecated", "2001:db8:2::/64", "--link-mtu", "1400",
                        "--preference", "high", "--hop-limit", "77", "--valid", "7200", "--preferred", "3600",
                        "--route", "2001:db8:f::/48", "--dns", "2001:db8:1::53,2001:db8:1::54", "--search",
                        "example.com,lab.example.org", "--pref64", "64:ff9b::/96")
    expect("a host makes itself an address", until(lambda: of_prefix("2001:db8:1:"), 3), addresses())
    life = of_prefix("2001:db8:1:")[0]
    expect("with the lifetimes that were said", 7190 <= life["valid_life_time"] <= 7200 and
           3590 <= life["preferred_life_time"] <= 3600, life)
    expect("of a deprecated prefix a deprecated one", of_prefix("2001:db8:2:")[0].get("deprecated"), addresses())
    route = defaults()
    expect("a default route through the router's link-local address", len(route) == 1 and
           route[0]["gateway"].startswith("fe80::") and route[0]["pref"] == "high", route)
    expect("the router's hop limit and MTU", "mtu 1400 hoplimit 77" in ip("-n", HOST, "-6", "route", "show", "default"),
           ip("-n", HOST, "-6", "route", "show", "default"))
    if shutil.which("rdisc6"):
        said = " ".join(within(HOST, "rdisc6", "-1", "-w", "2000", "eth0").stdout.split())
        for wanted in ("Router preference : high", "MTU : 1400", "Route : 2001:db8:f::/48",
                       "Recursive DNS server : 2001:db8:1::53", "Recursive DNS server : 2001:db8:1::54",
                       "DNS search list : example.com lab.example.org", "Valid time : 7200"):
            expect(f"rdisc6 reads it: {wanted}", wanted in said, said)
    else:
        report("rdisc6 reads it", skip="it is not installed")
    # The host comes up anew: it asks, and is answered within half a second and the answer's way.
    fresh()
    begun = time.monotonic()
    expect("who asks is answered", until(lambda: of_prefix("2001:db8:1:"), 4), addresses())
    print(f"# after {time.monotonic() - begun:.2f} s", flush=True)
    stop(process)
    expect("it ends as it should", process.returncode == 0)
    expect("after the last word there is no default route", until(lambda: not defaults()), defaults())
    expect("but still an address", of_prefix("2001:db8:1:"))


def ignored(fault):
    fresh()
    process = advertise("--prefix", "2001:db8:1::/64", "--fault", fault, "--no-farewell")
    time.sleep(0.3)
    nothing = not addresses() and not defaults()
    stop(process)
    process = advertise("--prefix", "2001:db8:1::/64", "--no-farewell")
    taken = until(lambda: of_prefix("2001:db8:1:") and defaults(), 3)
    stop(process)
    expect(f"{fault}: not believed, its right twin is", nothing and taken, f"{nothing} {taken} {addresses()}")


def in_part(fault, prefix=None, route=True):
    fresh()
    process = advertise("--prefix", "2001:db8:1::/64", "--fault", fault, "--no-farewell")
    took = until(lambda: bool(defaults()) == route and bool(addresses()) == bool(prefix), 2)
    expect(f"{fault}: taken as far as it goes", took and (not prefix or of_prefix(prefix)),
           f"{addresses()} {defaults()}")
    stop(process)


def wrong():
    for fault in ("bad-length", "short", "checksum", "hop-limit", "code", "global-source"):
        ignored(fault)
    in_part("long-prefix")
    in_part("link-local-prefix")
    in_part("preferred-over-valid")
    in_part("wrong-prefix", "2001:db8:1:bad:")
    in_part("zero-lifetime", "2001:db8:1:", False)
    fresh()
    process = advertise("--prefix", "2001:db8:1::/64", "--fault", "flood", "--no-farewell")
    expect("flood: many routers and addresses", until(lambda: len(defaults()) > 8 and len(addresses()) > 8, 3),
           f"{len(defaults())} {len(addresses())}")
    stop(process)


def paced():
    """Not more often than every three seconds, though a third of the interval is less."""
    listener = started(HOST, sys.executable, "-c", LISTEN)
    process = advertise("--prefix", "2001:db8:1::/64", "--interval", "4", "--preference", "high")
    heard = [listener.stdout.readline().split() for _ in range(3)]
    stop(process)
    heard.append(listener.stdout.readline().split())
    stop(listener)
    times = [float(words[0]) for words in heard[:-1]]
    gaps = [b - a for a, b in zip(times, times[1:])]
    expect("advertisements to all are 3 to 4 seconds apart", len(gaps) == 2 and all(2.95 < g < 4.2 for g in gaps), gaps)
    expect("a preference is told", [w[1:] for w in heard[:-1]] == [["8", "12"]] * 3, heard)
    expect("but not with the last, whose lifetime is 0", heard[-1][1:] == ["0", "0"], heard)


# Asks from no address at all, which is answered to all.
ASK = r"""
import socket, struct
to, ask = socket.inet_pton(socket.AF_INET6, "ff02::2"), bytes([133, 0, 0, 0, 0, 0, 0, 0])
total = sum(struct.unpack("!24H", bytes(16) + to + struct.pack("!II", 8, 58) + ask))
while total >> 16: total = (total & 0xffff) + (total >> 16)
s = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x86dd))
s.sendto(struct.pack("!IHBB", 0x60000000, 8, 58, 255) + bytes(16) + to + ask[:2] + struct.pack("!H", 0xffff ^ total) + ask[4:],
         ("eth0", 0x86dd, 0, 0, bytes.fromhex("333300000002")))
"""


def asked_again():
    """Who asks soon after one is answered three seconds after it, and a chance more (RFC 4861, 6.2.6): that all of five
    chances of half a second are small would be one in 300,000."""
    listener = started(HOST, sys.executable, "-c", LISTEN)
    process = advertise("--prefix", "2001:db8:1::/64", "--no-farewell")
    times = [float(listener.stdout.readline().split()[0])]
    for _ in range(5):
        within(HOST, sys.executable, "-c", ASK)
        times.append(float(listener.stdout.readline().split()[0]))
    stop(process)
    stop(listener)
    gaps = [b - a for a, b in zip(times, times[1:])]
    expect("answers to all keep their distance, each by chance", min(gaps) >= 2.98 and max(gaps) > 3.04, gaps)


def contradicted():
    """Two routers of a link that do not agree: each says so, once."""
    process = advertise("--prefix", "2001:db8:1::/64", "--interval", "1", "--link-mtu", "1400")
    other = subprocess.Popen(["ip", "netns", "exec", HOST, SEXTANT, "run", "ra", "--device", "eth0", "--prefix",
                              "2001:db8:1::/64", "--valid", "7200", "--interval", "1", "--link-mtu", "1500"],
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    time.sleep(2.5)
    for name, said in (("one", stop(process)), ("the other", stop(other))):
        told = [line.partition(" says ")[2] for line in said.splitlines() if " says " in line]
        expect(f"{name} says what is contradicted", told == ["otherwise: MTU", "otherwise: lifetimes of a prefix"], said)


def attacked():
    fresh()
    process = advertise("--prefix", "2001:db8:1::/64")
    until(defaults, 3)
    victim = defaults()[0]["gateway"]
    rogue = advertise("--fault", "zero-lifetime", "--source", victim, "--no-farewell")
    expect("a router is talked away in its own name", until(lambda: not defaults(), 3), defaults())
    stop(rogue)
    stop(process)


def refused():
    for words, wanted in ((["--device", "lan9"], "no interface lan9"), ([], "--device"),
                          (["--device", "lan0", "--prefix", "2001:db8::1/64"], "beyond"),
                          (["--device", "lan0", "--pref64", "64:ff9b::/95"], "95 bits"),
                          (["--device", "lan0", "--pref64", "2001:db8::100:0:0:0/96"], "bits 64 to 71"),
                          (["--device", "lan0", "--route", "2001:db8:f::/48,2001:db8:f::/48"], "2001:db8:f::/48 twice"),
                          (["--device", "lan0", "--prefix", "2001:db8:f::/64", "--deprecated", "2001:db8:f::/64"],
                           "in --prefix, too"),
                          (["--device", "lan0", "--prefix", "fe80::/64"], "link-local"),
                          (["--device", "lan0", "--lifetime", "599"], "shorter than --interval"),
                          (["--device", "lan0", "--prefix", "192.0.2.0/24"], "IPv6 only"),
                          (["--device", "lan0", "--search", "a..b"], "is no name"),
                          (["--device", "lan0", "--search", ",".join(["a" * 60 + ".example"] * 16), "--dns",
                            ",".join(f"2001:db8::{i}" for i in range(15)), "--prefix",
                            ",".join(f"2001:db8:{i}::/64" for i in range(1, 9))], "does not fit")):
        done = within(ROUTER, SEXTANT, "run", "ra", *words)
        expect(f"refused: {wanted}", done.returncode in (2, 4) and wanted in done.stderr, done.stderr)


def main():
    if not allowed():
        print("1..0 # SKIP network namespaces are not allowed here")
        return 0
    try:
        build()
        right()
        wrong()
        paced()
        asked_again()
        contradicted()
        attacked()
        refused()
    finally:
        remove(ROUTER, HOST)
    return plan()


if __name__ == "__main__":
    sys.exit(main())
