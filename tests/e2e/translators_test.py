#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The translators with real hosts on both sides: three network namespaces of the test's own, with the
kernel's IPv6 host, the translator, and the kernel's IPv4 host in a row. The same conversations are
held through tayga, where it is installed: a test that it fails too says nothing about ours.

Usage: translators_test.py SEXTANT
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time

SEXTANT = sys.argv[1]
SIX, MIDDLE, FOUR = (f"sextant-{os.getpid()}-{n}" for n in ("six", "middle", "four"))
PREFIX = "2001:db8:64::"
SERVER = "198.51.100.2"
SERVER6 = PREFIX + "c633:6402"
number = failed = 0

SERVE = r"""
import hashlib, socket, threading
def tcp(family, address):
    s = socket.socket(family); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind((address, 7000)); s.listen(5)
    while True:
        c, _ = s.accept()
        size = int.from_bytes(c.recv(8, socket.MSG_WAITALL), "big")
        data = bytearray()
        while len(data) < size:
            data += c.recv(1 << 16)
        c.sendall(hashlib.sha256(data).digest() + data); c.close()
def udp(family, address):
    s = socket.socket(family, socket.SOCK_DGRAM); s.bind((address, 7000))
    s.setsockopt(socket.IPPROTO_IP, 10, 0)  # IP_MTU_DISCOVER: may be cut
    while True:
        data, who = s.recvfrom(65536)
        s.sendto(data, who)
import sys
family = socket.AF_INET
threading.Thread(target=tcp, args=(family, sys.argv[1]), daemon=True).start()
print("ready", flush=True)
udp(family, sys.argv[1])
"""

TALK = r"""
import hashlib, os, socket, sys
what, address = sys.argv[1:3]
family = socket.AF_INET6 if ":" in address else socket.AF_INET
if what == "tcp":
    s = socket.create_connection((address, 7000), 10); s.settimeout(20)
    data = os.urandom(int(sys.argv[3]))
    import threading
    threading.Thread(target=lambda: s.sendall(len(data).to_bytes(8, "big") + data)).start()
    got = bytearray()
    while True:
        piece = s.recv(1 << 16)
        if not piece: break
        got += piece
    assert bytes(got[:32]) == hashlib.sha256(data).digest() and bytes(got[32:]) == data, "not the same"
    if family == socket.AF_INET6:
        pass
elif what == "udp":
    s = socket.socket(family, socket.SOCK_DGRAM); s.settimeout(5); s.connect((address, 7000))
    if family == socket.AF_INET6:
        s.setsockopt(socket.IPPROTO_IPV6, 23, 0)
    for size in (0, 1, 7, 512, 1232, 1400, 1452, 1480, 2000, 3001, 5000):
        data = os.urandom(size); s.send(data)
        assert s.recv(65536) == data, f"not the same: {size}"
elif what == "refused":
    s = socket.socket(family, socket.SOCK_DGRAM); s.settimeout(3); s.connect((address, 7999))
    s.send(b"x")
    try:
        s.recv(10); raise SystemExit("answered")
    except ConnectionRefusedError:
        pass
elif what == "expired":
    s = socket.socket(family, socket.SOCK_DGRAM); s.settimeout(3)
    s.setsockopt(socket.IPPROTO_IPV6, 25, 1)  # IPV6_RECVERR
    s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, int(sys.argv[3])); s.connect((address, 7000))
    s.send(b"x")
    import select
    p = select.poll(); p.register(s, select.POLLERR); assert p.poll(3000), "no error"
    data, anc, flags, who = s.recvmsg(100, 500, 0x2000)  # MSG_ERRQUEUE
    extended = anc[0][2]
    print(socket.inet_ntop(socket.AF_INET6, extended[24:40]), extended[5], extended[6])
elif what == "mtu":
    s = socket.socket(family, socket.SOCK_DGRAM); s.connect((address, 7000))
    s.setsockopt(socket.IPPROTO_IPV6, 23, 2)  # IPV6_MTU_DISCOVER: never cut
    for _ in range(4):
        try: s.send(b"x" * (s.getsockopt(socket.IPPROTO_IPV6, 24) - 48))
        except OSError: pass
        import time; time.sleep(0.2)
    print(s.getsockopt(socket.IPPROTO_IPV6, 24))
"""


def report(name, wrong=None, skip=None):
    global number, failed
    number += 1
    failed += wrong is not None
    print(f"{'not ok' if wrong else 'ok'} {number} - {name}" + (f" # SKIP {skip}" if skip else ""), flush=True)
    if wrong:
        print("# " + wrong.replace("\n", "\n# "), flush=True)


def ip(*words):
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True)


def within(namespace, *command, **more):
    return subprocess.run(["ip", "netns", "exec", namespace, *command], capture_output=True, text=True,
                          timeout=60, **more)


def started(namespace, *command):
    process = subprocess.Popen(["ip", "netns", "exec", namespace, *command], stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True)
    line = process.stdout.readline()
    if "ready" not in line:
        process.kill()
        raise RuntimeError(line)
    return process


def stop(process):
    process.terminate()
    process.wait(10)
    process.stdout.close()


def wire(a, a_name, b, b_name):
    ip("link", "add", a_name, "netns", a, "type", "veth", "peer", "name", b_name, "netns", b)
    for namespace, name in ((a, a_name), (b, b_name)):
        ip("-n", namespace, "link", "set", name, "up")


def build():
    for namespace in (SIX, MIDDLE, FOUR):
        ip("netns", "add", namespace)
        ip("-n", namespace, "link", "set", "lo", "up")
    within(MIDDLE, "sysctl", "-qw", "net.ipv6.conf.all.forwarding=1", "net.ipv4.ip_forward=1")
    wire(SIX, "six0", MIDDLE, "six1")
    wire(FOUR, "four0", MIDDLE, "four1")
    ip("-n", SIX, "addr", "add", "2001:db8:1::2/64", "dev", "six0", "nodad")
    ip("-n", MIDDLE, "addr", "add", "2001:db8:1::1/64", "dev", "six1", "nodad")
    ip("-n", SIX, "route", "add", "default", "via", "2001:db8:1::1")
    ip("-n", MIDDLE, "addr", "add", "198.51.100.1/24", "dev", "four1")
    ip("-n", FOUR, "addr", "add", f"{SERVER}/24", "dev", "four0")
    ip("-n", FOUR, "route", "add", "default", "via", "198.51.100.1")


def remove():
    for namespace in (SIX, MIDDLE, FOUR):
        subprocess.run(["ip", "netns", "del", namespace], capture_output=True, check=False)


def talk(name, what, address, *more, namespace=SIX, wanted=None):
    done = within(namespace, sys.executable, "-c", TALK, what, address, *map(str, more))
    wrong = None
    if done.returncode != 0:
        wrong = (done.stderr or done.stdout)[-400:] or f"status {done.returncode}"
    elif wanted is not None and done.stdout.strip() != wanted:
        wrong = f"got {done.stdout.strip()}, wanted {wanted}"
    report(name, wrong)


def conversations(name):
    pinged = within(SIX, "ping", "-c", "3", "-i", "0.2", "-W", "2", SERVER6)
    report(f"{name}: ping", None if pinged.returncode == 0 else pinged.stdout[-300:] + pinged.stderr)
    large = within(SIX, "ping", "-c", "2", "-i", "0.2", "-W", "2", "-s", "1400", SERVER6)
    report(f"{name}: ping of 1,400 bytes", None if large.returncode == 0 else large.stdout[-300:])
    talk(f"{name}: TCP there and back", "tcp", SERVER6, 5_000_000)
    talk(f"{name}: UDP of all sizes", "udp", SERVER6)
    talk(f"{name}: a closed port is told", "refused", SERVER6)


def forget_paths():
    for namespace in (SIX, MIDDLE, FOUR):
        ip("-n", namespace, "-6", "route", "flush", "cache")
        ip("-n", namespace, "route", "flush", "cache")


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
    pinged = within(SIX, "ping", "-c", "3", "-i", "0.2", "-W", "2", SERVER6)
    report("tayga: ping", None if pinged.returncode == 0 else pinged.stdout[-300:])
    talk("tayga: TCP there and back", "tcp", SERVER6, 5_000_000)
    stop(process)
    ip("-n", MIDDLE, "link", "del", "nat64")


def nat64():
    process = started(MIDDLE, SEXTANT, "run", "nat64", "--prefix", PREFIX + "/96", "--pool", "192.0.2.1",
                      "--own", "2001:db8:1::1")
    conversations("nat64")
    # Hop 1 is the router itself, hop 2 the translator.
    talk("nat64: it says that the hop limit was reached", "expired", SERVER6, 2, wanted="2001:db8:1::1 3 0")
    talk("nat64: the IPv4 router's word comes from within the prefix", "expired", SERVER6, 3,
         wanted=PREFIX + "c633:6401 3 0")
    ip("-n", MIDDLE, "link", "set", "four1", "mtu", "1400")
    talk("nat64: the path MTU behind it is learned", "mtu", SERVER6, wanted="1420")
    talk("nat64: TCP over the narrow link", "tcp", SERVER6, 2_000_000)
    ip("-n", MIDDLE, "link", "set", "four1", "mtu", "1500")
    forget_paths()
    stranger = within(FOUR, "ping", "-c", "1", "-W", "1", "192.0.2.1")
    report("nat64: who was not asked does not come in", "answered" if stranger.returncode == 0 else None)
    return process


def clat():
    process = started(SIX, SEXTANT, "run", "siit", "--device", "clat", "--prefix", PREFIX + "/96", "--map",
                      "192.0.0.1=2001:db8:1::46", "--address", "192.0.0.1/29", "--route", "0.0.0.0/0", "--uplink", "six0",
                      "--mtu", "1480")
    within(SIX, "sysctl", "-qw", "net.ipv6.conf.all.forwarding=1")
    pinged = within(SIX, "ping", "-c", "2", "-i", "0.2", "-W", "2", SERVER)
    report("464XLAT: ping to an IPv4 address", None if pinged.returncode == 0 else pinged.stdout[-300:])
    talk("464XLAT: TCP of a program that knows only IPv4", "tcp", SERVER, 2_000_000)
    talk("464XLAT: UDP of all sizes", "udp", SERVER)
    ip("-n", MIDDLE, "link", "set", "six1", "mtu", "1300")
    talk("464XLAT: TCP over a narrow IPv6 link", "tcp", SERVER, 2_000_000)
    ip("-n", MIDDLE, "link", "set", "six1", "mtu", "1500")
    forget_paths()
    stop(process)


def siit():
    process = started(MIDDLE, SEXTANT, "run", "siit", "--prefix", PREFIX + "/96", "--map",
                      "192.0.2.8=2001:db8:1::2", "--own4", "198.51.100.1", "--own6", "2001:db8:1::1", "--route",
                      f"{PREFIX}/96,192.0.2.8")
    ip("-n", MIDDLE, "route", "del", "2001:db8:1::2", "dev", "siit")
    conversations("siit")
    stop(process)


def main():
    if os.geteuid() != 0 or subprocess.run(["ip", "netns", "add", SIX], capture_output=True, check=False).returncode:
        print("1..0 # SKIP network namespaces are not allowed here")
        return 0
    ip("netns", "del", SIX)
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
        remove()
        shutil.rmtree(folder)
    print(f"1..{number}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
