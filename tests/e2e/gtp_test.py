#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A mobile network's user plane: two telephones, a base station, a gateway and a server, each in a network namespace
of the test's own. The telephones' addresses are made by the kernel. What is in the tunnels is read by
scapy, where it is installed.

Usage: gtp_test.py SEXTANT
"""

import ctypes
import json
import os
import re
import socket
import struct
import subprocess
import sys

from hosts import add, allowed, ip, remove, started, stop, until, wire, within
from tap import expect, plan, report

SEXTANT = sys.argv[1]
NAMES = ("one", "two", "gnb", "upf", "far")
ONE, TWO, GNB, UPF, FAR = (f"sextant-{os.getpid()}-{n}" for n in NAMES)

SERVE = r"""
import hashlib, socket
s = socket.create_server(("::", 7000), family=socket.AF_INET6)
print("ready", flush=True)
while True:
    c, _ = s.accept()
    got = hashlib.sha256()
    while piece := c.recv(1 << 16):
        got.update(piece)
    c.sendall(got.digest()); c.close()
"""

TALK = r"""
import hashlib, os, socket
data = os.urandom(3000000)
s = socket.create_connection(("2001:db8:6::2", 7000), 10); s.settimeout(30)
s.sendall(data); s.shutdown(socket.SHUT_WR)
assert s.recv(32, socket.MSG_WAITALL) == hashlib.sha256(data).digest(), "not the same"
"""

# Messages of one's own to the gateway, from the base station's address.
ASK = r"""
import socket, sys
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM); s.bind(("2001:db8:3::2", int(sys.argv[2]))); s.settimeout(2)
s.sendto(bytes.fromhex(sys.argv[1]), ("2001:db8:3::1", 2152))
try:
    while True:
        got = s.recv(2000)
        if got[1] != 1 and got[1] != 255: break
    print(got.hex())
except TimeoutError:
    print("nothing")
"""

READ = r"""
import sys
from scapy.contrib.gtp import GTPHeader, GTPPDUSessionContainer
from scapy.layers.inet6 import IPv6, ICMPv6ND_RA, ICMPv6NDOptPrefixInfo
g = GTPHeader(bytes.fromhex(sys.argv[1]))
c = g[GTPPDUSessionContainer]
ra = IPv6(bytes(c.payload))
p = ra[ICMPv6NDOptPrefixInfo]
print(g.teid, g.gtp_type, c.type, c.QFI, ra.src, ra[ICMPv6ND_RA].routerlifetime, p.prefix, p.L, p.A)
"""


def build():
    add(ONE, TWO, GNB, UPF, FAR)
    for namespace in (ONE, TWO, GNB, UPF, FAR):
        within(namespace, "sysctl", "-qw", "net.ipv6.conf.default.accept_dad=0", "net.ipv6.conf.all.accept_dad=0")
    wire(ONE, "radio0", GNB, "radio1")
    wire(TWO, "radio0", GNB, "radio2")
    wire(GNB, "core0", UPF, "core0")
    wire(UPF, "net0", FAR, "eth0")
    for namespace, name, address in ((GNB, "core0", "3::2"), (UPF, "core0", "3::1"), (UPF, "net0", "6::1"),
                                     (FAR, "eth0", "6::2")):
        ip("-n", namespace, "address", "add", f"2001:db8:{address}/64", "dev", name, "nodad")
    ip("-n", FAR, "-6", "route", "add", "default", "via", "2001:db8:6::1")
    within(UPF, "sysctl", "-qw", "net.ipv6.conf.all.forwarding=1")


def address(namespace):
    listed = json.loads(ip("-j", "-n", namespace, "-6", "address", "show", "dev", "pdu0", "scope", "global"))
    found = [a["local"] for i in listed for a in i.get("addr_info", []) if "local" in a]
    return found[0] if found else None


def ping(namespace, to, *options):
    return within(namespace, "ping", "-c", "2", "-i", "0.1", "-W", "2", *options, to)


def telephones():
    expect("the first makes itself an address in its prefix",
           until(lambda: (address(ONE) or "").startswith("2001:db8:100:1:")), address(ONE))
    expect("the second in its own", until(lambda: (address(TWO) or "").startswith("2001:db8:100:2:")), address(TWO))
    route = ip("-n", ONE, "-6", "route", "show", "default")
    expect("with the gateway as router, and its MTU", "via fe80::1 dev pdu0" in route and "mtu 1400" in route, route)
    for name, namespace in (("first", ONE), ("second", TWO)):
        expect(f"the {name} reaches the server", ping(namespace, "2001:db8:6::2").returncode == 0)
        done = within(namespace, sys.executable, "-c", TALK)
        expect(f"the {name}: TCP there and back", done.returncode == 0, done.stderr)
    expect("one telephone reaches the other", ping(ONE, address(TWO)).returncode == 0)
    expect("the server reaches a telephone", ping(FAR, address(ONE)).returncode == 0)
    done = ping(FAR, address(ONE), "-s", "1400", "-M", "do")
    expect("what is too large for the radio is told", "mtu" in done.stdout + done.stderr, done.stdout)


def foreign():
    """From another's address nothing comes through."""
    ip("-n", ONE, "address", "add", "2001:db8:100:2::66/128", "dev", "pdu0", "nodad")
    expect("not with another's address", ping(ONE, "2001:db8:6::2", "-I", "2001:db8:100:2::66").returncode != 0)
    ip("-n", ONE, "address", "del", "2001:db8:100:2::66/128", "dev", "pdu0")


def ask(message, port=40000):
    return within(GNB, sys.executable, "-c", ASK, message, str(port)).stdout.strip()


def protocol():
    expect("an echo is answered", ask("320100040000000012340000") == "3202000600000000" + "12340000" + "0e00",
           ask("320100040000000012340000"))
    # Errors go to port 2152 and so to the base station, which says so: of tunnel 999, and of extension 0xc0; not of
    # tunnel 0, nor of an extension without a length.
    ask("30ff0004000003e760000000")
    ask("34ff000800000065000000" + "c001000700")
    ask("30ff00040000000060000000")
    ask("34ff000800000065000000" + "c000000700")
    expect("what is no GTP is not answered", ask("5400000400000000") == "nothing")


def tunnel():
    """The first advertisement inside the tunnel, seen on the wire as a base station would."""
    before = os.open("/proc/self/ns/net", os.O_RDONLY)
    enter_network(f"/run/netns/{UPF}")
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))  # also what goes out
    s.bind(("core0", 3))
    use_network(before)
    s.settimeout(5)
    upf = started_upf()
    found = None
    while found is None:
        frame = s.recv(3000)
        if frame[12:14] == b"\x86\xdd" and frame[20] == 17 and struct.unpack(">H", frame[56:58])[0] == 2152 and frame[63] == 255:
            found = frame[62:]
    s.close()
    done = subprocess.run(["/usr/bin/python3", "-c", READ, found.hex()], capture_output=True, text=True, check=False)
    if "No module" in done.stderr:
        report("scapy reads what is in the tunnel", skip="it is not installed")
    else:
        expect("scapy reads what is in the tunnel", done.stdout.split() == "1 255 0 9 fe80::1 9000 2001:db8:100:1:: 0 1"
               .split(), done.stdout + done.stderr)
    return upf


def enter_network(path):
    fd = os.open(path, os.O_RDONLY)
    use_network(fd)


def use_network(fd):
    if ctypes.CDLL(None, use_errno=True).setns(fd, 0x40000000) != 0:
        raise OSError("setns")
    os.close(fd)


def started_upf():
    return started(UPF, SEXTANT, "run", "upf", "--own", "2001:db8:3::1", "--gnb", "2001:db8:3::2", "--session",
                   "2001:db8:100:1::/64=101:1:9,2001:db8:100:2::/64=102:2", "--dns", "2001:db8:6::53")


def refused():
    for words, wanted in ((["ue"], "--radio"), (["ue", "--radio", "none0"], "none0"), (["gnb", "--own", "::1"], "--upf"),
                          (["gnb", "--own", "::1", "--upf", "192.0.2.1"], "family"),
                          (["gnb", "--own", "::1", "--upf", "::2", "--session", "r=1"], "OWN:OTHER"),
                          (["gnb", "--own", "::1", "--upf", "::2", "--session", "a=1:2,b=1:3"], "endpoint 1 is taken"),
                          (["gnb", "--own", "::1", "--upf", "::2", "--session", "a=1:2,a=3:4"], "its interface"),
                          (["upf", "--own", "::1", "--gnb", "::2", "--session",
                            "2001:db8::/64=1:1,2001:db8::/64=2:2"], "its prefix"),
                          (["upf", "--own", "::1", "--gnb", "::2", "--session", "2001:db8::/63=1:1"], "PREFIX/64"),
                          (["upf", "--own", "::1", "--gnb", "::2", "--session", "2001:db8::/64=1:1:64"], "QFI")):
        done = within(GNB, SEXTANT, "run", *words)
        expect(f"refused: {' '.join(words)}", done.returncode in (2, 4) and wanted in done.stderr, done.stderr)


def main():
    if not allowed(tun=True):
        print("1..0 # SKIP network namespaces or TUN devices are not allowed here")
        return 0
    processes = []
    try:
        build()
        processes.append(started(FAR, sys.executable, "-c", SERVE))
        upf = tunnel()
        processes.append(upf)
        gnb = started(GNB, SEXTANT, "run", "gnb", "--own", "2001:db8:3::2", "--upf", "2001:db8:3::1", "--session",
                      "radio1=1:101:9,radio2=2:102")
        processes.append(gnb)
        for namespace in (ONE, TWO):
            processes.append(started(namespace, SEXTANT, "run", "ue", "--radio", "radio0"))
        telephones()
        foreign()
        protocol()
        refused()
        processes[-1].send_signal(10)
        counted = re.match(r"packets: up (\d+), down (\d+), not taken 0$", processes[-1].stdout.readline())
        expect("a telephone says its counters", counted and int(counted[1]) > 100 and int(counted[2]) > 100, counted)
        said = stop(gnb)
        expect("the base station saw the path, and heard of the tunnel that is not there",
               "path: 2001:db8:3::1 answers" in said and said.count("knows no tunnel 999") == 1, said)
        expect("and of no other", said.count("knows no tunnel") == 1, said)
        expect("and of the extension header that is not understood",
               said.count("2001:db8:3::1 does not understand an extension header") == 1, said)
        said = stop(upf)
        counted = re.search(r"of no tunnel (\d+), from others' addresses (\d+), not understood (\d+)", said)
        expect("and the gateway counted", counted and [int(n) > 0 for n in counted.groups()] == [True] * 3, said)
    finally:
        for process in processes:
            process.kill()
            process.wait()
        remove(ONE, TWO, GNB, UPF, FAR)
    return plan()


if __name__ == "__main__":
    sys.exit(main())
