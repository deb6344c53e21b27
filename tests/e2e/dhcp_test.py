#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""DHCPv4 on an IPv6-mostly link: our server with our client and, where it is installed, with ISC's dhclient, which knows
nothing of ours.

Usage: dhcp_test.py SEXTANT
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

from hosts import add, allowed, ip, remove, started, stop, wire, within
from tap import expect, plan, report

SEXTANT = sys.argv[1]
ROUTER, HOST = (f"sextant-{os.getpid()}-{n}" for n in ("router", "host"))


# Every ARP packet of others, with the kernel's time: WHEN SENDER TARGET.
LISTEN = r"""
import socket, struct
s = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x806)); s.bind(("lan0", 0x806))
s.setsockopt(socket.SOL_SOCKET, 35, 1)  # SO_TIMESTAMPNS
print("ready", flush=True)
while True:
    p, said, _, who = s.recvmsg(100, 100)
    if who[2] == socket.PACKET_OUTGOING: continue
    seconds, nanoseconds = struct.unpack("qq", said[0][2])
    print(seconds + nanoseconds / 1e9, socket.inet_ntoa(p[14:18]), socket.inet_ntoa(p[24:28]), flush=True)
"""
CLAIM = r"""
import socket, struct, sys
own, address = bytes.fromhex("020000000099"), socket.inet_aton(sys.argv[1])
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(("lan0", 0x806))
s.send(b"\xff" * 6 + own + struct.pack("!HHHBBH", 0x806, 1, 0x800, 6, 4, 1) + own + address + bytes(6) + address)
"""


def server(*options):
    return started(ROUTER, SEXTANT, "run", "dhcp4", "--device", "lan0", "--own", "192.0.2.1/24", "--pool", "192.0.2.10-192.0.2.12",
                   "--dns", "192.0.2.53", *options)


def addresses():
    listed = json.loads(ip("-j", "-n", HOST, "-4", "address", "show", "dev", "eth0"))
    return [f"{a['local']}/{a['prefixlen']}" for i in listed for a in i.get("addr_info", []) if "local" in a]


def own():
    process = server("--lease", "600")
    ip("-n", HOST, "address", "add", "192.0.2.99/24", "dev", "eth0", "noprefixroute")  # as dhcpcd leaves it
    client = started(HOST, SEXTANT, "run", "dhcp4-client", "--device", "eth0", "--ipv6-only")
    line = client.stdout.readline()
    expect("a network that is not IPv6-mostly lends an address", line == "lease: 192.0.2.10/24 router 192.0.2.1 600 s\n",
           line)
    expect("the interface has it", addresses() == ["192.0.2.10/24"], addresses())
    expect("and the default route", "via 192.0.2.1" in ip("-n", HOST, "route", "show", "default"))
    expect("it works", within(HOST, "ping", "-c", "1", "-W", "2", "192.0.2.1").returncode == 0)
    stop(client)
    expect("it is given back", not addresses() and "leases: 0" in counted(process))
    stop(process)
    process = server("--ipv6-mostly", "1800")
    client = started(HOST, SEXTANT, "run", "dhcp4-client", "--device", "eth0", "--ipv6-only")
    line = client.stdout.readline()
    expect("who can do without does without", line == "ipv6-only: no IPv4 for 1800 s\n" and not addresses(), line)
    expect("and no address is kept for it", "leases: 0" in counted(process))
    stop(client)
    client = started(HOST, SEXTANT, "run", "dhcp4-client", "--device", "eth0")
    line = client.stdout.readline()
    expect("who cannot gets an address", line.startswith("lease: 192.0.2.10/24"), line)
    stop(client)
    stop(process)
    process = server("--ipv6-mostly", "0")
    client = started(HOST, SEXTANT, "run", "dhcp4-client", "--device", "eth0", "--ipv6-only")
    line = client.stdout.readline()
    expect("at least 300 seconds", line == "ipv6-only: no IPv4 for 300 s\n", line)
    stop(client)
    stop(process)


def other_networks():
    process = server("--ipv6-mostly", "1800")
    client = started(HOST, SEXTANT, "run", "dhcp4-client", "--device", "eth0", "--ipv6-only")
    client.stdout.readline()
    stop(process)
    process = server()
    ip("-n", ROUTER, "link", "set", "lan0", "down")
    time.sleep(2.2)  # the client looks once a second
    ip("-n", ROUTER, "link", "set", "lan0", "up")
    line = client.stdout.readline()
    expect("who comes to another network asks it at once", line.startswith("lease: 192.0.2.10/24"), line)
    stop(client)
    stop(process)
    process = server("--router", "203.0.113.1")
    client = started(HOST, SEXTANT, "run", "dhcp4-client", "--device", "eth0")
    said = client.stdout.readline(), client.stdout.readline()
    expect("a router that cannot be is told", said[0].startswith("useless: cannot route through 203.0.113.1"), said)
    expect("and the address is taken without it", said[1].startswith("lease: 192.0.2.10/24") and addresses(), said)
    stop(client)
    stop(process)


def listened(listener, address=None):
    """The next ARP packet that the host has sent with this sender: when, sender, target."""
    while True:
        words = listener.stdout.readline().split()
        if address in (None, words[1]):
            return float(words[0]), words[1], words[2]


def conflicts():
    """RFC 5227: an address is asked for before it is used, and defended once."""
    listener = started(ROUTER, sys.executable, "-c", LISTEN)
    process = server("--lease", "600")
    client = started(HOST, SEXTANT, "run", "dhcp4-client", "--device", "eth0")
    asked = [listened(listener, "0.0.0.0") for _ in range(3)]
    said = [listened(listener, "192.0.2.10") for _ in range(2)]
    gaps = [b[0] - a[0] for a, b in zip(asked, asked[1:] + said)]
    expect("three times it asks whether the address is anybody's", {a[2] for a in asked} == {"192.0.2.10"} and
           all(0.99 <= g for g in gaps[:2]), (asked, gaps))
    expect("waits two seconds for an answer, and says twice that it has it", min(gaps[2:]) >= 1.99 and
           {a[2] for a in said} == {"192.0.2.10"}, (said, gaps))
    stop(client)
    ip("-n", ROUTER, "address", "add", "192.0.2.10/32", "dev", "lan0")
    client = started(HOST, SEXTANT, "run", "dhcp4-client", "--device", "eth0")
    line = client.stdout.readline()
    mac = json.loads(ip("-j", "-n", ROUTER, "link", "show", "lan0"))[0]["address"]
    expect("an address that is another's is declined", line == f"declined: 192.0.2.10 is used by {mac}\n" and not addresses(), line)
    line = client.stdout.readline()
    expect("and the server has another", line.startswith("lease: 192.0.2.11/24"), line)
    ip("-n", ROUTER, "address", "del", "192.0.2.10/32", "dev", "lan0")
    for _ in range(2):
        listened(listener, "192.0.2.11")
    within(ROUTER, sys.executable, "-c", CLAIM, "192.0.2.11")
    expect("it defends what it has", listened(listener, "192.0.2.11")[2] == "192.0.2.11" and addresses() == ["192.0.2.11/24"])
    within(ROUTER, sys.executable, "-c", CLAIM, "192.0.2.11")
    line = client.stdout.readline()
    expect("and gives it up when it is claimed again", line == "declined: 192.0.2.11 is used by 02:00:00:00:00:99\n" and
           not addresses(), line)
    stop(client)
    stop(listener)
    stop(process)


def renewed():
    process = server("--lease", "16")
    client = started(HOST, SEXTANT, "run", "dhcp4-client", "--device", "eth0")
    expect("a short lease", "16 s" in client.stdout.readline())
    line = client.stdout.readline()
    expect("is renewed at its half", line == "renewed: 192.0.2.10/24 router 192.0.2.1 16 s\n", line)
    stop(process)
    line = client.stdout.readline()
    expect("and ends where nobody answers", line == "expired\n" and not addresses(), line)
    stop(client)


def counted(process):
    process.send_signal(10)
    line = process.stdout.readline()
    while "leases" not in line:
        line = process.stdout.readline()
    return line


def dhclient(folder):
    if not shutil.which("dhclient"):
        report("dhclient", skip="it is not installed")
        return
    configuration = os.path.join(folder, "dhclient.conf")
    with open(configuration, "w", encoding="ascii") as f:
        f.write("option v6-only code 108 = unsigned integer 32;\n"
                "request subnet-mask, routers, domain-name-servers, v6-only;\n")
    leases = os.path.join(folder, "leases")
    words = ["dhclient", "-1", "-4", "-sf", "/bin/true", "-lf", leases, "-pf", os.path.join(folder, "pid"), "-d"]
    process = server("--lease", "600")
    client = subprocess.Popen(["ip", "netns", "exec", HOST, *words, "-cf", "/dev/null", "eth0"], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
    text = lease_file(leases)
    for wanted in ("fixed-address 192.0.2.1[0-2];", "option subnet-mask 255.255.255.0;", "option routers 192.0.2.1;",
                   "option domain-name-servers 192.0.2.53;", "option dhcp-lease-time 600;"):
        expect(f"dhclient: {wanted}", re.search(wanted, text), text)
    client.kill()
    client.wait()
    # It takes the option, but not an offer without an address; an address it had it may ask for again.
    stop(process)
    process = server("--ipv6-mostly", "1800")
    client = subprocess.Popen(["ip", "netns", "exec", HOST, *words, "-cf", configuration, "eth0"],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    line = process.stdout.readline()
    expect("dhclient asks for option 108 and is told", "ipv6-only" in line, line)
    client.kill()
    client.wait()
    stop(process)


def lease_file(path):
    end = time.monotonic() + 15
    while time.monotonic() < end:
        if os.path.exists(path):
            with open(path, encoding="ascii") as f:
                text = f.read()
            if "}" in text:
                return text
        time.sleep(0.05)
    return ""


def refused():
    for words, wanted in ((["dhcp4", "--own", "192.0.2.1/24"], "--device"),
                          (["dhcp4", "--device", "lan0", "--pool", "192.0.2.9"], "--own"),
                          (["dhcp4", "--device", "lan0", "--own", "192.0.2.1/24", "--pool", "192.0.2.1"], "own address"),
                          (["dhcp4", "--device", "lan0", "--own", "192.0.2.1/24", "--pool", "198.51.100.7"], "subnet"),
                          (["dhcp4", "--device", "lan9", "--own", "192.0.2.1/24", "--pool", "192.0.2.7"], "lan9"),
                          (["dhcp4-client"], "--device")):
        done = within(ROUTER, SEXTANT, "run", *words)
        expect(f"refused: {' '.join(words)}", done.returncode in (2, 4) and wanted in done.stderr, done.stderr)


def main():
    if not allowed():
        print("1..0 # SKIP network namespaces are not allowed here")
        return 0
    try:
        add(ROUTER, HOST)
        wire(ROUTER, "lan0", HOST, "eth0")
        ip("-n", ROUTER, "address", "add", "192.0.2.1/24", "dev", "lan0")
        own()
        other_networks()
        renewed()
        conflicts()
        with tempfile.TemporaryDirectory() as folder:
            dhclient(folder)
        refused()
    finally:
        remove(ROUTER, HOST)
    return plan()


if __name__ == "__main__":
    sys.exit(main())
