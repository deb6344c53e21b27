#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A sensor network: a border router, three hosts on one radio, a server behind the router, each in a network namespace
of the test's own. Data of every size there and back, by the kernel's own sockets; frames lost; what is on the
radio, read by tshark where it is installed.

Usage: lowpan_test.py SEXTANT
"""

import ctypes
import os
import re
import socket
import sys

from hosts import SERVE, add, allowed, ip, narrow, remove, started, stop, talk, tshark, until, wire, within
from tap import expect, plan, report


SEXTANT = sys.argv[1]
NAMES = ("air", "border", "one", "two", "three", "far")
AIR, BORDER, ONE, TWO, THREE, FAR = (f"sextant-{os.getpid()}-{n}" for n in NAMES)
PREFIX = "2001:db8:15:4:"
HOST = {ONE: f"{PREFIX}:11", TWO: f"{PREFIX}0:ff:fe00:12", THREE: f"{PREFIX}:13"}
ROUTER = f"{PREFIX}:1"
SERVER = "2001:db8:80::80"
WORDS = {ONE: ["--eui64", "02:00:00:00:00:00:00:11"], TWO: ["--short", "0x12", "--loss", "5%"],
         THREE: ["--eui64", "0200000000000013", "--plain"]}


def build():
    add(AIR, BORDER, ONE, TWO, THREE, FAR)
    ip("-n", AIR, "link", "add", "air", "type", "bridge")
    ip("-n", AIR, "link", "set", "air", "up")
    for i, namespace in enumerate((BORDER, ONE, TWO, THREE)):
        wire(namespace, "radio0", AIR, f"port{i}")
        ip("-n", AIR, "link", "set", f"port{i}", "master", "air")
        within(namespace, "sysctl", "-qw", "net.ipv6.conf.radio0.disable_ipv6=1")
    wire(BORDER, "lan0", FAR, "eth0")
    narrow(1280, BORDER, "lan0", FAR, "eth0")
    for namespace in (BORDER, ONE, TWO, THREE, FAR):
        within(namespace, "sysctl", "-qw", "net.ipv6.auto_flowlabels=0")
    for namespace, name, address in ((BORDER, "lan0", "2001:db8:80::1"), (FAR, "eth0", SERVER)):
        ip("-n", namespace, "address", "add", f"{address}/64", "dev", name, "nodad")
    ip("-n", FAR, "-6", "route", "add", "default", "via", "2001:db8:80::1")
    within(BORDER, "sysctl", "-qw", "net.ipv6.conf.all.forwarding=1", "net.ipv6.icmp.ratelimit=0")


def router(*more):
    return started(BORDER, SEXTANT, "run", "lowpan-router", "--radio", "radio0", "--eui64", "0200000000000001", "--prefix",
                   f"{PREFIX}:/64", *more)


def host(namespace, *more):
    return started(namespace, SEXTANT, "run", "lowpan-host", "--radio", "radio0", *(more or WORDS[namespace]))


def has(namespace, address):
    return f"{address}/128" in within(namespace, "ip", "-6", "address", "show", "dev", "lowpan0").stdout


def ping(namespace, to, *options, count="3", within_seconds="10"):
    """So many answers, one after the other: up to a deadline ping sends on until it has them, and what is too much would
    wait on the radio. Without a deadline it waits for two round trips only, which a frame sent again takes."""
    done = within(namespace, "ping", "-c", count, "-A", "-w", within_seconds, *options, to)
    return f" {count} received" in done.stdout, done.stdout[-300:] + done.stderr


def listen(namespace=AIR, name="air", ethertype=0x809a):
    """All frames of a link, of the air by default, from now on."""
    before = os.open("/proc/self/ns/net", os.O_RDONLY)
    enter(os.open(f"/run/netns/{namespace}", os.O_RDONLY))
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ethertype))
    s.bind((name, ethertype))
    enter(before)
    s.settimeout(0.3)
    return s


def enter(fd):
    if ctypes.CDLL(None, use_errno=True).setns(fd, 0x40000000) != 0:
        raise OSError("setns")
    os.close(fd)


def heard(s):
    frames = []
    try:
        while True:
            frames.append(s.recv(2000))
    except TimeoutError:
        s.close()
    return frames


def of_data(frames):
    return [f[14:] for f in frames if f[14] & 7 == 1]


def reach():
    for namespace, name in ((ONE, "with an extended address"), (TWO, "with a short address, losing frames"),
                            (THREE, "without compression")):
        expect(f"a host {name} has its address", until(lambda n=namespace: has(n, HOST[n]), 25), HOST[namespace])
        for size in ("0", "50", "51", "90", "500", "1232"):
            expect(f"it pings the server with {size} octets", *ping(namespace, SERVER, "-s", size))
        talk(f"a host {name}: UDP of many sizes", namespace, "udp", SERVER)
    talk("TCP there and back", ONE, "tcp", SERVER, 4000)
    expect("host to host, through the router", *ping(ONE, HOST[THREE], "-s", "300"))
    expect("the server reaches a host", *ping(FAR, HOST[TWO]))
    expect("the router's link-local address", *ping(ONE, "fe80::1%lowpan0"))
    done = within(FAR, "ping", "-c", "1", "-W", "3", f"{PREFIX}:77")
    expect("for who is not registered, the router answers", "Address unreachable" in done.stdout, done.stdout)


FLOOD = """import socket, sys, time
def told():
    return sum(int(l.split()[1]) for l in open("/proc/net/snmp6") if l.startswith("Icmp6InDestUnreachs"))
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
before, begun = told(), time.monotonic()
for i in range(1000):
    try: s.sendto(b"", (sys.argv[1], 9))
    except OSError: pass
count, still = 0, 0
while (count == 0 or still < 10) and time.monotonic() < begun + 20:
    still = still + 1 if told() - before == count else 0
    count = told() - before
    time.sleep(0.05)
print(count, 100 + 100 * (time.monotonic() - begun))"""


def few_errors():
    """RFC 4443, 2.4 (f): a hundred at once, and as many a second."""
    done = within(FAR, sys.executable, "-c", FLOOD, f"{PREFIX}:78")
    count, most = map(float, done.stdout.split())
    expect("of a thousand packets for nobody few are answered", 0 < count <= most, done.stdout + done.stderr)


def on_the_air():
    """One echo of a compressing host is one frame each way, of 802.15.4's length."""
    s = listen()
    ping(ONE, ROUTER, "-s", "40", count="1")
    frames = of_data(heard(s))
    expect("an echo of 40 octets is one frame each way", len(frames) == 2, [f.hex() for f in frames])
    # 21 octets of header, IPHC 3 (both addresses left out), ICMPv6 8 and 40, check sequence 2.
    expect("of 74 octets", [len(f) for f in frames] == [74, 74], [len(f) for f in frames])
    s = listen()
    ping(THREE, ROUTER, "-s", "40", count="1")
    frames = of_data(heard(s))
    expect("without compression it is 38 octets more", [len(f) for f in frames] == [112, 74], [f.hex() for f in frames])
    s = listen()
    ping(ONE, ROUTER, "-s", "1232", count="1")
    frames = heard(s)
    parts = [f for f in of_data(frames) if f[21] >> 3 in (0x18, 0x1c)]
    expect("1,280 octets are 13 fragments each way", len(parts) == 26, len(parts))
    expect("no frame is longer than 127 octets", max(len(f) - 14 for f in frames) <= 127)
    others(frames)


def others(frames):
    name = "tshark reads the echo of 1,280 octets"
    said = tshark(frames, 1, "-o", f"6lowpan.context0:{PREFIX}:/64", "-Y", "icmpv6", "-T", "fields", "-e", "ipv6.src", "-e",
                  "ipv6.plen", "-e", "icmpv6.checksum.status")
    if said is None:
        report(name, skip="it is not installed")
        return
    expect(name, said.split() == [HOST[ONE], "1240", "1", ROUTER, "1240", "1"], said)


def duplicate(processes):
    """Two hosts of one short address: the second is refused, the first keeps it."""
    stop(processes.pop(THREE))
    second = host(THREE, "--short", "0x12")
    processes[THREE] = second
    lines = []
    while not lines or "refused" not in lines[-1] and len(lines) < 3:
        lines.append(second.stdout.readline())
    expect("a second host with the same address is refused", f"refused: {HOST[TWO]}, another has it" in lines[-1], lines)
    expect("and does not get it", not has(THREE, HOST[TWO]))


def foreign():
    """From an address that is not registered nothing passes."""
    ip("-n", ONE, "address", "add", f"{PREFIX}:66/128", "dev", "lowpan0", "nodad")
    s = listen(FAR, "eth0", 0x86dd)
    ping(ONE, SERVER, "-I", f"{PREFIX}:66", count="1", within_seconds="2")
    ping(ONE, SERVER, "-I", HOST[ONE], count="1")
    seen = {f[22:38] for f in heard(s)}
    expect("an address that is not registered is not believed",
           socket.inet_pton(socket.AF_INET6, f"{PREFIX}:66") not in seen, seen)
    expect("one that is registered is", socket.inet_pton(socket.AF_INET6, HOST[ONE]) in seen, seen)


def faults(processes):
    """A context of which hosts are told another prefix; a router that has no place."""
    for n in (ONE, THREE, BORDER):
        stop(processes.pop(n))
    processes[BORDER] = router("--context", f"0={PREFIX}:/64", "--fault", "wrong-context")
    processes[ONE] = host(ONE)
    until(lambda: has(ONE, HOST[ONE]), 3)
    got, said = ping(ONE, SERVER, count="1", within_seconds="2")
    expect("with the wrong context nothing comes through", not got, said)
    stop(processes.pop(ONE))
    stop(processes.pop(BORDER))
    processes[BORDER] = router("--fault", "full")
    processes[ONE] = host(ONE)
    lines = [processes[ONE].stdout.readline() for _ in range(2)]
    expect("a full router refuses", "the router has no place" in lines[1], lines)


def check(data):
    """The check sequence of a frame."""
    value = 0
    for octet in data:
        value ^= octet
        for _ in range(8):
            value = value >> 1 ^ 0x8408 if value & 1 else value >> 1
    return value.to_bytes(2, "little")


def last_words(source):
    """A frame of the border router's: the router of this address is none any more."""
    link = bytes.fromhex("01020200000000000001000000000000")
    message = bytes([134, 0, 0, 0, 64, 0, 0, 0, *bytes(8)]) + link
    around = socket.inet_pton(socket.AF_INET6, source) + socket.inet_pton(socket.AF_INET6, "ff02::1")
    total = around + len(message).to_bytes(4, "big") + bytes([0, 0, 0, 58]) + message
    value = sum(int.from_bytes(total[i:i + 2], "big") for i in range(0, len(total), 2))
    while value >> 16:
        value = (value & 0xffff) + (value >> 16)
    message = message[:2] + (value ^ 0xffff).to_bytes(2, "big") + message[4:]
    packet = bytes([0x60, 0, 0, 0]) + len(message).to_bytes(2, "big") + bytes([58, 255]) + around + message
    frame = bytes.fromhex("41c807cdabffff") + bytes.fromhex("0200000000000001")[::-1] + b"\x41" + packet
    return b"\xff" * 6 + bytes.fromhex("020000000001809a") + frame + check(frame)


def resigned(processes):
    """A router that says so is none any more; also where the frame before had the same number."""
    s = listen()
    s.send(last_words("fe80::77"))
    s.send(last_words("fe80::1"))
    s.close()
    lines = [processes[ONE].stdout.readline() for _ in range(4)][2:]
    expect("a router that resigns is left, and looked for", lines == ["router: gone\n", "router: fe80::1\n"], lines)
    expect("and the host is there again", until(lambda: ping(ONE, SERVER, "-I", HOST[ONE], count="1")[0]))


def lost(processes):
    """At 40 % of the frames lost and nothing acknowledged, hardly a large packet comes through: of one in eleven pieces
    0.6 to the power of 11, of eight three or more once in 400,000 runs. With acknowledgements most do."""
    stop(processes.pop(ONE))
    stop(processes.pop(BORDER))
    processes[BORDER] = router("--retries", "0")
    processes[ONE] = host(ONE, "--eui64", "0200000000000011", "--loss", "40%", "--retries", "0")
    until(lambda: has(ONE, HOST[ONE]), 25)
    done = within(FAR, "ping", "-c", "8", "-i", "0.3", "-W", "1", "-s", "1000", HOST[ONE])
    received = re.search(r"(\d+) received", done.stdout)
    expect("with 40 % lost and no acknowledgements hardly any of 1,000 octets come through",
           received and int(received[1]) <= 2, done.stdout[-300:])
    stop(processes.pop(BORDER))
    processes[BORDER] = router("--retries", "7")
    stop(processes.pop(ONE))
    processes[ONE] = host(ONE, "--eui64", "0200000000000011", "--loss", "20%", "--retries", "7")
    until(lambda: has(ONE, HOST[ONE]), 25)
    done = within(FAR, "ping", "-c", "8", "-i", "0.5", "-W", "5", "-s", "1000", HOST[ONE])
    received = re.search(r"(\d+) received", done.stdout)
    expect("with 20 % lost and acknowledgements most do", received and int(received[1]) >= 6, done.stdout[-300:])


def refused():
    for words, wanted in ((["lowpan-host"], "--radio"), (["lowpan-host", "--radio", "none0"], "none0"),
                          (["lowpan-host", "--radio", "radio0", "--eui64", "12"], "16 hexadecimal"),
                          (["lowpan-host", "--radio", "radio0", "--short", "0xfffe"], "0xfffd"),
                          (["lowpan-host", "--radio", "radio0", "--loss", "half"], "1.5%"),
                          (["lowpan-router", "--radio", "radio0"], "--prefix"),
                          (["lowpan-router", "--radio", "radio0", "--prefix", "2001:db8::/63"], "64 bits"),
                          (["lowpan-router", "--radio", "radio0", "--prefix", "2001:db8::/64", "--context", "16=::/64"],
                           "NUMBER=PREFIX"),
                          (["lowpan-router", "--radio", "radio0", "--prefix", "2001:db8::/64", "--context",
                            "1=2001:db8::/64,1=2001:db8::/48"], "twice")):
        done = within(FAR, SEXTANT, "run", *words)
        expect(f"refused: {' '.join(words)}", done.returncode in (2, 3, 4) and wanted in done.stderr, done.stderr)


def main():
    if not allowed(tun=True):
        print("1..0 # SKIP network namespaces or TUN devices are not allowed here")
        return 0
    processes = {}
    try:
        build()
        processes[FAR] = started(FAR, sys.executable, "-c", SERVE, SERVER)
        processes[BORDER] = router("--context", f"0={PREFIX}:/64,1={SERVER}")
        for namespace in (ONE, TWO, THREE):
            processes[namespace] = host(namespace)
        reach()
        few_errors()
        on_the_air()
        foreign()
        resigned(processes)
        duplicate(processes)
        faults(processes)
        lost(processes)
        refused()
    finally:
        for process in processes.values():
            process.kill()
            process.wait()
        remove(AIR, BORDER, ONE, TWO, THREE, FAR)
    return plan()


if __name__ == "__main__":
    sys.exit(main())
