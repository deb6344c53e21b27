#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The sink on this machine's own addresses: what visitors get, and what is written down.

Usage: sink_test.py SEXTANT
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

from tap import expect, plan, report

SEXTANT = sys.argv[1]


def free_port(kind):
    with socket.socket(socket.AF_INET, kind) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def lines(path, count):
    end = time.monotonic() + 5
    while time.monotonic() < end:
        with open(path, encoding="utf-8") as f:
            found = [json.loads(line) for line in f]
        if len(found) >= count:
            break
        time.sleep(0.02)
    return found


def visit(family, address, tcp, udp, http, log, before):
    own = "ipv6" if family == socket.AF_INET6 else "ipv4"
    with socket.create_connection((address, tcp), 5) as s:
        me = s.getsockname()
        wanted = f"{own} {address} {me[1]} to {address} {tcp}\n".encode()
        greeted = s.recv(len(wanted), socket.MSG_WAITALL)
        s.sendall(b"x" * 100000)
        back = b""
        while len(back) < 100000:
            back += s.recv(65536)
    expect(f"{own}: TCP says who I am, and sends back", greeted == wanted and back == b"x" * 100000, greeted)
    with socket.socket(family, socket.SOCK_DGRAM) as s:
        s.settimeout(5)
        s.connect((address, udp))
        s.send(b"hello")
        me = s.getsockname()
        got = s.recv(1000)
        expect(f"{own}: UDP too", got == f"{own} {address} {me[1]} to {address} {udp}\nhello".encode(), got)
    host = f"[{address}]" if own == "ipv6" else address
    with urllib.request.urlopen(f"http://{host}:{http}/a?b", timeout=5) as answer:
        body = answer.read().decode()
        expect(f"{own}: HTTP", answer.status == 200 and body.startswith(f"{own} {address} "), body)
    found = lines(log, before + 3)[before:]
    expect(f"{own}: all is written down", sorted(v["protocol"] for v in found) == ["http", "tcp", "udp"] and
           all(v["family"] == own and v["from"] == v["to"] == address for v in found), found)
    for v in found:
        wanted = {"tcp": 100000, "udp": 5}.get(v["protocol"])
        expect(f"{own}: {v['protocol']}: its octets and ports", (v["octets"] == wanted if wanted else v["octets"] > 20)
               and v["to_port"] == {"tcp": tcp, "udp": udp, "http": http}[v["protocol"]], v)
        if v["protocol"] == "http":
            expect(f"{own}: http: what was asked", v["method"] == "GET" and v["target"] == "/a?b" and
                   v["host"] == f"{host}:{http}", v)
    return before + 3


def odd(http, log, before):
    for text in (b"nonsense\r\n\r\n", b"GET / HTTP/2.0\n\n"[:6] + b"\r\n", b"A" * 9000):
        with socket.create_connection(("127.0.0.1", http), 5) as s:
            s.sendall(text)
            expect(f"no request: {text[:12]}", s.recv(1000).startswith(b"HTTP/1.1 400 "))
    expect("and written down", len(lines(log, before + 3)) == before + 3)
    with socket.create_connection(("127.0.0.1", http), 5) as s:
        s.sendall(b"GET / HTTP/1.0\r\nHost: \xff\xc3" + 200 * b"\xc3\xa4" + b"\x00\"\r\n\r\n")
        expect("a host that is no text", s.recv(1000).startswith(b"HTTP/1.1 200 "))
    expect("is one all the same", "\n" not in lines(log, before + 4)[-1]["host"])
    crowd = [socket.create_connection(("127.0.0.1", http), 5) for _ in range(600)]
    for s in crowd:
        s.close()
    with urllib.request.urlopen(f"http://127.0.0.1:{http}/", timeout=5) as answer:
        expect("it outlives a crowd", answer.status == 200)


def crowded(tcp):
    """256 are greeted, the others turned away."""
    crowd = [socket.create_connection(("127.0.0.1", tcp), 5) for _ in range(300)]
    greeted = [bool(s.recv(1)) for s in crowd]
    expect("256 visitors and no more", greeted == [True] * 256 + [False] * 44, greeted.count(True))
    for s in crowd:
        s.close()


def slow_reader(tcp):
    """More than fits into any buffer, read back late: all of it."""
    data = os.urandom(1 << 20) * 24
    with socket.create_connection(("127.0.0.1", tcp), 5) as s:
        s.settimeout(20)
        while s.recv(1) != b"\n":
            pass
        sender = threading.Thread(target=lambda: (s.sendall(data), s.shutdown(socket.SHUT_WR)))
        sender.start()
        time.sleep(0.7)
        back = bytearray()
        while piece := s.recv(1 << 16):
            back += piece
        sender.join()
    expect("what is read late comes back whole", back == data, len(back))


def large_body(http):
    """A request whose body nobody wants is answered all the same."""
    request = urllib.request.Request(f"http://127.0.0.1:{http}/", data=bytes(20000000))
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            expect("a large body does not undo the answer", answer.status == 200)
    except OSError as e:
        expect("a large body does not undo the answer", False, e)


def main():
    tcp, udp, http = free_port(socket.SOCK_STREAM), free_port(socket.SOCK_DGRAM), free_port(socket.SOCK_STREAM)
    with tempfile.TemporaryDirectory() as folder:
        log = os.path.join(folder, "visits")
        addresses = ["127.0.0.1"]
        try:
            socket.create_server(("::1", 0), family=socket.AF_INET6).close()
            addresses.append("::1")
        except OSError:
            report("ipv6", skip="this machine has no ::1")
        process = subprocess.Popen([SEXTANT, "run", "sink", "--tcp", str(tcp), "--udp", str(udp), "--http", str(http),
                                    "--address", ",".join(addresses), "--log", log],
                                   stdout=subprocess.PIPE, text=True)
        expect("ready", process.stdout.readline() == "ready: 3 ports\n")
        count = 0
        for address in addresses:
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            count = visit(family, address, tcp, udp, http, log, count)
        odd(http, log, count)
        crowded(tcp)
        slow_reader(tcp)
        large_body(http)
        taken = subprocess.run([SEXTANT, "run", "sink", "--tcp", str(tcp), "--address", "127.0.0.1"],
                               capture_output=True, text=True, check=False)
        expect("a port that is taken", taken.returncode == 4 and f"port {tcp}" in taken.stderr, taken.stderr)
        wrong = subprocess.run([SEXTANT, "run", "sink", "--tcp", "7", "--address", "127.0.0.0/8"],
                               capture_output=True, text=True, check=False)
        expect("a prefix is no address", wrong.returncode == 2 and "--address" in wrong.stderr, wrong.stderr)
        with socket.create_connection(("127.0.0.1", tcp), 5) as s:
            s.sendall(b"abc")
            back = b""
            while not back.endswith(b"abc"):
                back += s.recv(1000)
            process.terminate()
            expect("it ends as it should", process.wait(10) == 0)
        with open(log, encoding="utf-8") as f:
            last = json.loads(f.readlines()[-1])
        expect("and writes down who was still there", last["octets"] == 3 and last["protocol"] == "tcp", last)
        process.stdout.close()
    return plan()


if __name__ == "__main__":
    sys.exit(main())
