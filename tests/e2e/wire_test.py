#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The wire between two hosts of the kernel: how late, how lossy, how fast, how wide.

Usage: wire_test.py SEXTANT
"""

import os
import re
import struct
import sys
import tempfile
import time

from hosts import add, allowed, ip, remove, started, stop, within
from tap import expect, plan

SEXTANT = sys.argv[1]
LEFT, MIDDLE, RIGHT = (f"sextant-{os.getpid()}-{n}" for n in ("left", "middle", "right"))
FAR = "2001:db8::2"

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
import hashlib, os, socket, sys, time
data = os.urandom(int(sys.argv[1]))
begun = time.monotonic()
s = socket.create_connection(("2001:db8::2", 7000), 10); s.settimeout(30)
s.sendall(data); s.shutdown(socket.SHUT_WR)
assert s.recv(32, socket.MSG_WAITALL) == hashlib.sha256(data).digest(), "not the same"
print(time.monotonic() - begun)
"""

# Packets of 1,400 and 1,401 octets in VLAN 7; what comes back, with its VLAN, type and MTU.
TAG = r"""
import socket, struct
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3)); s.bind(("eth0", 3)); s.settimeout(3)
s.setsockopt(263, 8, 1)  # PACKET_AUXDATA
own = s.getsockname()[4]
for size in (1400, 1401):
    packet = struct.pack(">IHBB", 6 << 28, size - 40, 17, 9) + socket.inet_pton(socket.AF_INET6, "2001:db8::1") + \
        socket.inet_pton(socket.AF_INET6, "2001:db8::2") + bytes(size - 40)
    s.send(b"\x02" * 6 + own + b"\x81\x00\x00\x07\x86\xdd" + packet)
while True:
    frame, more, _, who = s.recvmsg(3000, 200)
    if who[2] != 4 and frame[12:14] == b"\x86\xdd" and frame[20] == 58 and frame[54] == 2:
        print(struct.unpack_from("IIIHHHH", more[0][2])[5], frame[54], struct.unpack_from(">I", frame, 58)[0])
        break
"""


def wire(*options):
    return started(MIDDLE, SEXTANT, "run", "wire", *options, "one", "two")


def build():
    add(LEFT, MIDDLE, RIGHT)
    for namespace in (LEFT, MIDDLE, RIGHT):
        within(namespace, "sysctl", "-qw", "net.ipv6.conf.default.accept_dad=0", "net.ipv6.conf.all.accept_dad=0")
    within(MIDDLE, "sysctl", "-qw", "net.ipv6.conf.default.disable_ipv6=1")
    for namespace, end, address in ((LEFT, "one", "1"), (RIGHT, "two", "2")):
        ip("link", "add", "eth0", "netns", namespace, "type", "veth", "peer", "name", end, "netns", MIDDLE)
        ip("-n", namespace, "address", "add", f"2001:db8::{address}/64", "dev", "eth0", "nodad")
        ip("-n", namespace, "address", "add", f"192.0.2.{address}/24", "dev", "eth0")
        ip("-n", namespace, "link", "set", "eth0", "up")
        ip("-n", MIDDLE, "link", "set", end, "up")


def ping(*options, to=FAR):
    said = within(LEFT, "ping", "-q", *options, to).stdout
    got = re.search(r"(\d+) received", said)
    times = re.search(r"= ([\d.]+)/([\d.]+)/([\d.]+)", said)
    return int(got.group(1)) if got else 0, [float(t) for t in times.groups()] if times else [0, 0, 0], said


def plain():
    process = wire()
    got, times, said = ping("-c", "50", "-i", "0.01")
    expect("nothing asked: all come, at once", got == 50 and times[0] < 5, said)
    done = within(LEFT, sys.executable, "-c", TALK, "50000000")
    expect("50 MB of TCP, whole", done.returncode == 0, done.stderr)
    if done.returncode == 0:
        print(f"# {400 / float(done.stdout):.0f} Mbit/s", flush=True)
    stop(process)
    expect("without it nothing comes", ping("-c", "1", "-W", "1")[0] == 0)


def late():
    process = wire("--delay", "20ms", "--delay-back", "5ms")
    got, times, said = ping("-c", "20", "-i", "0.02")
    expect("25 ms there and back", got == 20 and 25 <= times[0] < 28, said)
    stop(process)
    process = wire("--delay", "30ms", "--jitter", "20ms", "--one-way", "--seed", "1")
    got, times, said = ping("-c", "100", "-i", "0.01")
    expect("jitter of 20 ms about 30 ms", got == 100 and 10 <= times[0] < 20 and times[2] > 40 and
           times[1] > 24, said)
    stop(process)


def lossy():
    ping("-c", "1")
    process = wire("--loss", "30%", "--one-way", "--seed", "3")
    got, _, said = ping("-c", "300", "-i", "0.002", "-W", "1")
    expect("30 of 100 are lost", 180 <= got <= 240, said)
    counted = re.search(r"from one: (\d+) frames, 0 too big; (\d+) lost", stop(process))
    expect("and counted", counted and int(counted.group(2)) >= 300 - got - 2, counted)
    process = wire("--duplicate", "100%", "--one-way")
    said = ping("-c", "5", "-i", "0.05")[2]
    expect("twice", "duplicates" in said, said)
    stop(process)


def slow():
    process = wire("--rate", "8mbit", "--one-way")
    done = within(LEFT, sys.executable, "-c", TALK, "1000000")
    seconds = float(done.stdout) if done.returncode == 0 else 0
    expect("1 MB at 8 Mbit/s takes its second", 0.9 < seconds < 3, f"{seconds} {done.stderr}")
    stop(process)


def narrow():
    process = wire("--mtu", "1400")
    expect("1,400 octets pass", ping("-c", "2", "-i", "0.1", "-s", "1352", "-M", "do")[0] == 2)
    said = ping("-c", "2", "-i", "0.1", "-W", "1", "-s", "1353", "-M", "do")
    expect("1,401 are swallowed", said[0] == 0 and "mtu" not in said[2], said)
    counted = re.search(r"from one: \d+ frames, (\d+) too big", stop(process))
    expect("and counted", counted and int(counted.group(1)) == 2, counted)
    process = wire("--mtu", "1400", "--tell")
    done = within(LEFT, "ping", "-c", "2", "-i", "0.2", "-W", "1", "-s", "1353", "-M", "do", FAR)
    expect("or told, IPv6", "mtu=1400" in done.stdout.replace("mtu = ", "mtu="), done.stdout + done.stderr)
    done = within(LEFT, "ping", "-c", "2", "-i", "0.2", "-W", "1", "-s", "1373", "-M", "do", "192.0.2.2")
    expect("or told, IPv4", "mtu=1400" in done.stdout.replace("mtu = ", "mtu="), done.stdout + done.stderr)
    done = within(LEFT, sys.executable, "-c", TALK, "3000000")
    expect("TCP finds its way through", done.returncode == 0, done.stderr)
    stop(process)


def tagged(folder):
    """Frames of a VLAN keep their tag; what the other end does not take is counted and not traced."""
    path = os.path.join(folder, "vlan.pcap")
    process = wire("--pcap", path, "--mtu", "1400", "--tell")
    done = within(LEFT, sys.executable, "-c", TAG)
    expect("what is too large in a VLAN is told there", done.stdout.split() == ["7", "2", "1400"], done.stdout + done.stderr)
    ip("-n", MIDDLE, "link", "set", "two", "down")
    ping("-c", "2", "-i", "0.1", "-W", "1")
    ip("-n", MIDDLE, "link", "set", "two", "up")
    counted = re.search(r"from one: .* (\d+) not taken", stop(process))
    expect("what an end that is down does not take is counted", counted and int(counted.group(1)) >= 2, counted)
    found = [frame[12:] for _, frame in packets(path)]
    sizes = [len(frame) for frame in found if frame.startswith(b"\x81\x00\x00\x07\x86\xdd\x60")]
    expect("the trace has the tag", sizes == [1406], sizes)
    types = [frame[42] for frame in found if frame[:2] == b"\x86\xdd" and frame[8] == 58]
    expect("and not what did not come out", types.count(128) == 0, types)


def packets(path):
    with open(path, "rb") as f:
        data = f.read()
    magic, major, minor, _, _, _, link = struct.unpack_from("=IHHIIII", data)
    assert (magic, major, minor, link) == (0xa1b2c3d4, 2, 4, 1)
    at, found = 24, []
    while at < len(data):
        seconds, micro, kept, _ = struct.unpack_from("=IIII", data, at)
        found.append((seconds + micro / 1e6, data[at + 16:at + 16 + kept]))
        at += 16 + kept
    return found


def traced(folder):
    path = os.path.join(folder, "wire.pcap")
    process = wire("--pcap", path, "--delay", "10ms")
    begun = time.time()
    ping("-c", "5", "-i", "0.05")
    stop(process)
    found = packets(path)
    types = [frame[54] for _, frame in found if frame[12:14] == b"\x86\xdd" and frame[20] == 58]
    expect("the trace has requests and replies", types.count(128) == 5 and types.count(129) == 5, types)
    expect("at the time when they came out", all(begun - 1 < t < time.time() + 1 for t, _ in found))


def too_narrow_beyond():
    process = wire()
    ip("-n", RIGHT, "link", "set", "eth0", "mtu", "1300")
    said = ping("-c", "2", "-i", "0.1", "-W", "1", "-s", "1400", "-M", "do")
    expect("what the other end never takes is lost", said[0] == 0, said)
    said = ping("-c", "3", "-i", "0.2", "-W", "5")
    expect("and what comes after it passes", said[0] == 3, said)
    stop(process)
    ip("-n", RIGHT, "link", "set", "eth0", "mtu", "1500")


def refused():
    for words, wanted in ((["one", "nine"], "no interface nine"), (["--loss", "120%", "one", "two"], "--loss"),
                          (["--reorder", "10%", "one", "two"], "nothing is delayed"),
                          (["--delay", "soon", "one", "two"], "10ms"), (["--pcap", "/none/x", "one", "two"], "/none/x"),
                          (["one", "one"], "both ends are one"), (["one"], "INTERFACE")):
        done = within(MIDDLE, SEXTANT, "run", "wire", *words)
        expect(f"refused: {' '.join(words)}", done.returncode in (2, 4) and wanted in done.stderr, done.stderr)


def main():
    if not allowed():
        print("1..0 # SKIP network namespaces are not allowed here")
        return 0
    server = None
    try:
        build()
        server = started(RIGHT, sys.executable, "-c", SERVE)
        plain()
        late()
        lossy()
        slow()
        narrow()
        too_narrow_beyond()
        with tempfile.TemporaryDirectory() as folder:
            traced(folder)
            tagged(folder)
        refused()
    finally:
        if server:
            server.kill()
            server.wait()
        remove(LEFT, MIDDLE, RIGHT)
    return plan()


if __name__ == "__main__":
    sys.exit(main())
