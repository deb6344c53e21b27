#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The translators with real hosts on both sides: three network namespaces of the test's own, with the
kernel's IPv6 host, the translator, and the kernel's IPv4 host in a row. The same conversations are
held through tayga, where it is installed: a test that it fails too says nothing about ours.

Usage: translators_test.py SEXTANT
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time

from hosts import SERVE, add, allowed, forget_paths, ip, narrow, ping, remove, started, stop, talk, tshark, wire, within
from tap import plan, report


SEXTANT = sys.argv[1]
SIX, MIDDLE, FOUR = (f"sextant-{os.getpid()}-{n}" for n in ("six", "middle", "four"))
PREFIX = "2001:db8:64::"
SERVER = "198.51.100.2"
SERVER6 = PREFIX + "c633:6402"


def build():
    add(SIX, MIDDLE, FOUR)
    within(MIDDLE, "sysctl", "-qw", "net.ipv6.conf.all.forwarding=1", "net.ipv4.ip_forward=1")
    wire(SIX, "six0", MIDDLE, "six1")
    wire(FOUR, "four0", MIDDLE, "four1")
    ip("-n", SIX, "addr", "add", "2001:db8:1::2/64", "dev", "six0", "nodad")
    ip("-n", MIDDLE, "addr", "add", "2001:db8:1::1/64", "dev", "six1", "nodad")
    ip("-n", SIX, "route", "add", "default", "via", "2001:db8:1::1")
    ip("-n", MIDDLE, "addr", "add", "198.51.100.1/24", "dev", "four1")
    ip("-n", FOUR, "addr", "add", f"{SERVER}/24", "dev", "four0")
    ip("-n", FOUR, "route", "add", "default", "via", "198.51.100.1")


def conversations(name):
    ping(f"{name}: ping", SIX, SERVER6)
    ping(f"{name}: ping of 1,400 bytes", SIX, SERVER6, "-s", "1400")
    talk(f"{name}: TCP there and back", SIX, "tcp", SERVER6, 5_000_000)
    talk(f"{name}: UDP of all sizes", SIX, "udp", SERVER6)
    talk(f"{name}: a closed port is told", SIX, "refused", SERVER6)


def tayga(folder):
    configuration = os.path.join(folder, "tayga.conf")
    with open(configuration, "w", encoding="ascii") as f:
        f.write(f"tun-device nat64\nipv4-addr 192.0.2.254\nipv6-addr 2001:db8:1:1::1\nprefix {PREFIX}/96\n"
                f"dynamic-pool 192.0.2.0/24\ndata-dir {folder}\n")
    within(MIDDLE, "tayga", "--mktun", "-c", configuration)
    ip("-n", MIDDLE, "link", "set", "nat64", "up")
    ip("-n", MIDDLE, "route", "add", "192.0.2.0/24", "dev", "nat64")
    ip("-n", MIDDLE, "route", "add", f"{PREFIX}/96", "dev", "nat64")
    process = subprocess.Popen(["ip", "netns", "exec", MIDDLE, "tayga", "-d", "-c", configuration],
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    time.sleep(0.5)
    ping("tayga: ping", SIX, SERVER6)
    talk("tayga: TCP there and back", SIX, "tcp", SERVER6, 5_000_000)
    stop(process)
    ip("-n", MIDDLE, "link", "del", "nat64")


def nat64():
    process = started(MIDDLE, SEXTANT, "run", "nat64", "--prefix", PREFIX + "/96", "--pool", "192.0.2.1",
                      "--own", "2001:db8:1::1")
    conversations("nat64")
    # Hop 1 is the router itself, hop 2 the translator.
    talk("nat64: it says that the hop limit was reached", SIX, "expired", SERVER6, 2, wanted="2001:db8:1::1 3 0")
    talk("nat64: the IPv4 router's word comes from within the prefix", SIX, "expired", SERVER6, 3,
         wanted=PREFIX + "c633:6401 3 0")
    narrow(1400, FOUR, "four0", MIDDLE, "four1")
    talk("nat64: the path MTU behind it is learned", SIX, "mtu", SERVER6, wanted="1420")
    talk("nat64: TCP over the narrow link", SIX, "tcp", SERVER6, 2_000_000)
    narrow(1500, FOUR, "four0", MIDDLE, "four1")
    forget_paths(SIX, MIDDLE, FOUR)
    stranger = within(FOUR, "ping", "-c", "1", "-W", "1", "192.0.2.1")
    report("nat64: who was not asked does not come in", "answered" if stranger.returncode == 0 else None)
    return process


HEAR = r"""
import socket, sys
raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP); raw.settimeout(5)
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, int(sys.argv[2])); s.sendto(b"x" * 40, (sys.argv[1], 7000))
packet = raw.recv(2000)
while packet[20] != 11: packet = raw.recv(2000)
print(packet.hex())
"""


def routers_without_ipv4():
    """RFC 6791: one of a few addresses stands for the IPv6 router, whose own stands behind the datagram."""
    heard = [within(SIX, sys.executable, "-c", HEAR, SERVER, "3").stdout.strip() for _ in range(12)]
    sources = {socket.inet_ntoa(bytes.fromhex(h)[12:16]) for h in heard if h}
    report("464XLAT: an IPv6 router answers a traceroute from IPv4 addresses of its own",
           None if 1 < len(sources) and sources <= {"192.0.0.4", "192.0.0.5", "192.0.0.6"} else sources or heard)
    name = "464XLAT: tshark reads which router it was"
    said = tshark([bytes.fromhex(heard[0])], 101, "-V")
    if said is None:
        report(name, skip="it is not installed")
        return
    wanted = ("IP interface upon which datagram arrived, IP Address", "Source: 2001:db8:1::1")
    report(name, None if all(w in said for w in wanted) and "[incorrect" not in said else said)


def clat():
    process = started(SIX, SEXTANT, "run", "siit", "--device", "clat", "--prefix", PREFIX + "/96", "--map",
                      "192.0.0.1=2001:db8:1::46", "--address", "192.0.0.1/29", "--route", "0.0.0.0/0", "--uplink", "six0",
                      "--mtu", "1480", "--routers4", "192.0.0.4-192.0.0.6")
    within(SIX, "sysctl", "-qw", "net.ipv6.conf.all.forwarding=1")
    ping("464XLAT: ping to an IPv4 address", SIX, SERVER)
    talk("464XLAT: TCP of a program that knows only IPv4", SIX, "tcp", SERVER, 2_000_000)
    talk("464XLAT: UDP of all sizes", SIX, "udp", SERVER)
    routers_without_ipv4()
    narrow(1300, SIX, "six0", MIDDLE, "six1")
    talk("464XLAT: TCP over a narrow IPv6 link", SIX, "tcp", SERVER, 2_000_000)
    narrow(1500, SIX, "six0", MIDDLE, "six1")
    forget_paths(SIX, MIDDLE, FOUR)
    stop(process)


def siit():
    process = started(MIDDLE, SEXTANT, "run", "siit", "--prefix", PREFIX + "/96", "--map",
                      "192.0.2.8=2001:db8:1::2", "--own4", "198.51.100.1", "--own6", "2001:db8:1::1", "--route",
                      f"{PREFIX}/96,192.0.2.8")
    ip("-n", MIDDLE, "route", "del", "2001:db8:1::2", "dev", "siit")
    conversations("siit")
    stop(process)


def main():
    if not allowed(tun=True):
        print("1..0 # SKIP network namespaces or TUN devices are not allowed here")
        return 0
    folder = tempfile.mkdtemp(prefix="sextant-translators-")
    server = None
    try:
        build()
        server = started(FOUR, sys.executable, "-c", SERVE, SERVER)
        if shutil.which("tayga"):
            tayga(folder)
        else:
            report("tayga", skip="it is not installed")
        process = nat64()
        clat()
        stop(process)
        siit()
    finally:
        if server:
            stop(server)
        remove(SIX, MIDDLE, FOUR)
        shutil.rmtree(folder)
    return plan()


if __name__ == "__main__":
    sys.exit(main())
