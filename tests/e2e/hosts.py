# SPDX-License-Identifier: Apache-2.0
"""Hosts in network namespaces that talk to each other: what the tests of translators and softwires share.
All sockets of a conversation are the kernel's; what is said is compared byte for byte.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time

from tap import report

SERVE = r"""
import hashlib, socket, threading
def tcp(family, address):
    s = socket.socket(family); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind((address, 7000)); s.listen(5)
    while True:
        threading.Thread(target=answer, args=(s.accept()[0],), daemon=True).start()
def answer(c):
    size = int.from_bytes(c.recv(8, socket.MSG_WAITALL), "big")
    data = bytearray()
    while len(data) < size:
        piece = c.recv(1 << 16)
        if not piece: return
        data += piece
    c.sendall(hashlib.sha256(data).digest() + data); c.close()
def udp(family, address):
    s = socket.socket(family, socket.SOCK_DGRAM); s.bind((address, 7000))
    if family == socket.AF_INET: s.setsockopt(socket.IPPROTO_IP, 10, 0)  # IP_MTU_DISCOVER: may be cut
    else: s.setsockopt(socket.IPPROTO_IPV6, 23, 0)
    while True:
        data, who = s.recvfrom(65536)
        s.sendto(data, who)
import sys
family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
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
elif what == "udp":
    s = socket.socket(family, socket.SOCK_DGRAM); s.settimeout(5); s.connect((address, 7000))
    if family == socket.AF_INET6: s.setsockopt(socket.IPPROTO_IPV6, 23, 0)
    else: s.setsockopt(socket.IPPROTO_IP, 10, 0)
    for size in (0, 1, 7, 512, 1232, 1400, 1452, 1480, 2000, 3001, 5000):
        data = os.urandom(size); s.send(data)
        assert s.recv(65536) == data, f"not the same: {size}"
elif what == "rows":  # that the kernel cuts at once (UDP_SEGMENT, of Linux 4.18)
    s = socket.socket(family, socket.SOCK_DGRAM); s.settimeout(5); s.connect((address, 7000))
    s.setsockopt(17, 103, 700)
    for _ in range(10):
        data = os.urandom(32 * 700 - 300); s.send(data)
        got = [s.recv(65536) for _ in range(32)]
        assert b"".join(got) == data, "not the same"
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


def ip(*words):
    return subprocess.run(["ip", *words], check=True, capture_output=True, text=True).stdout


def may_make_tun():
    try:
        os.close(os.open("/dev/net/tun", os.O_RDWR))
    except OSError:
        return False
    return True


def allowed(tun=False):
    """May this user make network namespaces here, and TUN devices where they are wanted?"""
    if tun and not may_make_tun():
        return False
    name = f"sextant-{os.getpid()}-try"
    if os.geteuid() != 0 or subprocess.run(["ip", "netns", "add", name], capture_output=True, check=False).returncode:
        return False
    ip("netns", "del", name)
    return True


def add(*namespaces):
    for namespace in namespaces:
        ip("netns", "add", namespace)
        ip("-n", namespace, "link", "set", "lo", "up")


def remove(*namespaces):
    for namespace in namespaces:
        subprocess.run(["ip", "netns", "del", namespace], capture_output=True, check=False)


def narrow(mtu, *ends):
    """Sets the MTU of a link, at both ends: a veth pair of different ones swallows what is too big."""
    for namespace, name in zip(ends[::2], ends[1::2]):
        ip("-n", namespace, "link", "set", name, "mtu", str(mtu))


def forget_paths(*namespaces):
    for namespace in namespaces:
        ip("-n", namespace, "-6", "route", "flush", "cache")
        ip("-n", namespace, "route", "flush", "cache")


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
    """Ends a program; returns the rest of what it said."""
    process.terminate()
    said = process.stdout.read()
    process.wait(10)
    process.stdout.close()
    return said


def until(holds, seconds=8.0):
    """Waits for something; returns what it was at the end."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = holds()
        if value:
            return value
        time.sleep(0.02)
    return holds()


def wire(a, a_name, b, b_name):
    ip("link", "add", a_name, "netns", a, "type", "veth", "peer", "name", b_name, "netns", b)
    for namespace, name in ((a, a_name), (b, b_name)):
        ip("-n", namespace, "link", "set", name, "up")


def talk(name, namespace, what, address, *more, wanted=None):
    """A conversation of TALK with the server of SERVE."""
    done = within(namespace, sys.executable, "-c", TALK, what, address, *map(str, more))
    wrong = None
    if done.returncode != 0:
        wrong = (done.stderr or done.stdout)[-400:] or f"status {done.returncode}"
    elif wanted is not None and done.stdout.strip() != wanted:
        wrong = f"got {done.stdout.strip()}, wanted {wanted}"
    report(name, wrong)


def ping(name, namespace, address, *options):
    done = within(namespace, "ping", "-c", "3", "-i", "0.2", "-W", "2", *options, address)
    report(name, None if done.returncode == 0 else done.stdout[-300:] + done.stderr)


def tshark(frames, link, *options):
    """What tshark says of frames of a link type (of pcap); None where it is not installed."""
    if not shutil.which("tshark"):
        return None
    with tempfile.NamedTemporaryFile(suffix=".pcap") as file:
        file.write(bytes.fromhex("d4c3b2a1020004000000000000000000ffff0000") + link.to_bytes(4, "little"))
        for i, f in enumerate(frames):
            file.write(b"".join(n.to_bytes(4, "little") for n in (i, 0, len(f), len(f))) + f)
        file.flush()
        done = subprocess.run(["tshark", "-r", file.name, *options], capture_output=True, text=True, check=False, timeout=60)
    return done.stdout
