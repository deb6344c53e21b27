#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A home router against servers that know nothing of it: Kea, and ISC's dhcpd where it is installed. A host behind it
makes its addresses by the kernel's own rules.

Usage: ce_test.py SEXTANT
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from ipaddress import IPv6Address

import hosts
from hosts import ip, until, within
from tap import expect, plan, report

SEXTANT = sys.argv[1]

# Sends a DHCPv6 message and prints what comes back: SOURCE DESTINATION HEX.
ASK = r"""
import socket, sys
index = socket.if_nametoindex("eth0")
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
s.bind((sys.argv[1], 546, 0, index if sys.argv[1].startswith("fe80") else 0)); s.settimeout(1.5)
s.sendto(bytes.fromhex(sys.argv[3]), (sys.argv[2], 547, 0, index))
try: print(s.recv(2000).hex())
except TimeoutError: print("silence")
"""

# What error comes back from beyond, to a packet from this source to a port, 9 where none is said: TYPE CODE FROM, or "silence".
ERROR = r"""
import select, socket, sys
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
s.setsockopt(socket.IPPROTO_IPV6, 25, 1)  # IPV6_RECVERR
s.bind((sys.argv[1], 0)); s.connect((sys.argv[2], int(*sys.argv[3:] or [9]))); s.send(b"x")
p = select.poll(); p.register(s, select.POLLERR)
if not p.poll(1500): print("silence"); raise SystemExit
e = s.recvmsg(100, 500, 0x2000)[1][0][2]  # MSG_ERRQUEUE
print(e[5], e[6], socket.inet_ntop(socket.AF_INET6, e[24:40]))
"""
# A server that may ask again (RFC 8415, 18.3.11, 20.4): says what comes in, and does what a line of stdin says:
# REPLAY TYPE PREFIX|RESOLVER right|other|group, with its key, another, or to all.
RECONFIGURER = r"""
import hmac, os, select, socket, struct, sys
index, key, own = socket.if_nametoindex("cust0"), os.urandom(16), bytes.fromhex("00030001020000000001")
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM); s.bind(("::", 547))
group = socket.inet_pton(socket.AF_INET6, "ff02::1:2")
s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, group + struct.pack("@I", index))
prefixes, resolver, client, home = ["2001:db8:8000::"], "2001:db8:1::53", b"", None
def option(number, value): return struct.pack("!HH", number, len(value)) + value
def options(message):
    found, at = {}, 4
    while at < len(message):
        number, length = struct.unpack("!HH", message[at:at + 4])
        found[number] = message[at + 4:at + 4 + length]
        at += 4 + length
    return found
def lease(p, seconds): return option(26, struct.pack("!IIB", seconds, seconds, 56) + socket.inet_pton(socket.AF_INET6, p))
def authentication(replay, kind, value): return option(11, struct.pack("!BBBQB", 3, 1, 0, replay, kind) + value)
def answer(message, who):
    global client, home
    given, client, home = options(message), options(message)[1], who
    said = bytes([2 if message[0] == 1 else 7]) + message[1:4] + option(1, client) + option(2, own)
    if 25 in given:
        said += option(25, given[25][:4] + struct.pack("!II", 1000, 2000) +
                       b"".join(lease(p, 0) for p in prefixes[:-1]) + lease(prefixes[-1], 4000))
    said += option(23, socket.inet_pton(socket.AF_INET6, resolver))
    if message[0] == 3 and 20 in given: said += option(20, b"") + authentication(1, 1, key)
    s.sendto(said, who)
def reconfigure(replay, kind, how):
    said = bytes([10, 0, 0, 0]) + option(1, client) + option(2, own) + option(19, bytes([kind]))
    digest = hmac.new(os.urandom(16) if how == "other" else key, said + authentication(replay, 2, bytes(16)), "md5").digest()
    s.sendto(said + authentication(replay, 2, digest), ("ff02::1", 546, 0, index) if how == "group" else home)
print("ready", flush=True)
while True:
    for f in select.select([s, 0], [], [])[0]:
        if f is s:
            message, who = s.recvfrom(2000)
            print("heard", message[0], flush=True)
            answer(message, who)
            continue
        words = os.read(0, 64).split()
        if not words: sys.exit()
        kind, what, how = int(words[1]), words[2].decode(), words[3].decode()
        if kind == 11: resolver = what
        elif what not in prefixes: prefixes.append(what)
        reconfigure(int(words[0]), kind, how)
"""
# Waits for datagrams at a port, or packets of protocols; at a line of stdin sends one from there. Says what comes.
WAIT = r"""
import os, select, socket, sys
def opened(n):
    if n > 255:
        s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM); s.bind(("::", n))
        return s
    return socket.socket(socket.AF_INET6, socket.SOCK_RAW, n)
sockets = [opened(int(n)) for n in sys.argv[1:]]
print("ready", flush=True)
while True:
    for s in select.select([0, *sockets], [], [])[0]:
        if s == 0:
            sockets[0].sendto(b"x", (os.read(0, 100).decode().strip(), 9)); print("sent", flush=True)
        else:
            print(s.recv(2000).split(b"|")[0].decode(errors="replace"), flush=True)
"""
SEND = r"""
import socket, sys
source, to, port, text = sys.argv[1:]
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM); s.bind((source, 0)); s.sendto(text.encode(), (to, int(port)))
"""
# A packet of each protocol: of AH's header the rest must be there.
SEND_RAW = r"""
import socket, sys
for n in map(int, sys.argv[2:]):
    s = socket.socket(socket.AF_INET6, socket.SOCK_RAW, n)
    s.sendto(bytes([59, 4]) + f"{n}|".encode() + bytes(30) if n != 51 else bytes([59, 4, 0, 0]) + bytes(20), (sys.argv[1], 0))
"""
# An echo request with a routing header of type 0, and one without.
ECHO_ROUTED = r"""
import socket, struct, sys
source, to = (socket.inet_pton(socket.AF_INET6, a) for a in sys.argv[1:])
s = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_RAW)
echo = struct.pack("!BBHHH", 128, 0, 0, 7, 7)
total = sum(struct.unpack("!20H", source + to + struct.pack("!II", 8, 58))) + sum(struct.unpack("!4H", echo))
while total >> 16: total = (total & 0xffff) + (total >> 16)
echo = echo[:2] + struct.pack("!H", 0xffff ^ total) + echo[4:]
for protocol, header in ((43, bytes([58, 0, 0, 0, 0, 0, 0, 0])), (58, b"")):
    s.sendto(struct.pack("!IHBB", 0x60000000, len(header) + 8, protocol, 64) + source + to + header + echo, (sys.argv[2], 0))
"""
# A connection from a port to one: how long it took, and its error.
CONNECT = r"""
import socket, sys, time
source, port, to, to_port = sys.argv[1:]
s = socket.socket(socket.AF_INET6); s.settimeout(20); s.bind((source, int(port)))
begun = time.monotonic()
print("ready", flush=True)
code = s.connect_ex((to, int(to_port)))
print(f"{time.monotonic() - begun:.1f} {code}", flush=True)
"""
ISP, CE, PC = (f"sextant-{os.getpid()}-{n}" for n in ("isp", "ce", "pc"))


def addresses(namespace, device, scope="global"):
    listed = json.loads(within(namespace, "ip", "-j", "-6", "address", "show", "dev", device, "scope", scope).stdout or "[]")
    return {f"{a['local']}/{a['prefixlen']}": a for i in listed for a in i.get("addr_info", []) if "local" in a}


def link_local(namespace, device):
    return next(iter(addresses(namespace, device, "link"))).split("/")[0]


def address_in(namespace, device, prefix):
    return next((a for name, a in addresses(namespace, device).items() if name.startswith(prefix)), None)


def kea_configuration(folder, prefix, rapid=False, valid=400, length=56, excluded=None):
    path = os.path.join(folder, f"kea-{prefix.replace(':', '')}.json")
    with open(path, "w", encoding="ascii") as f:
        json.dump({"Dhcp6": {
            "interfaces-config": {"interfaces": ["cust0"], "service-sockets-max-retries": 9, "service-sockets-retry-wait-time": 500},
            "server-id": {"type": "EN", "enterprise-id": 32473, "identifier": "53657874616E74", "persist": False},
            "lease-database": {"type": "memfile", "persist": False},
            "preferred-lifetime": valid * 3 // 4, "valid-lifetime": valid, "renew-timer": 3, "rebind-timer": 6,
            "option-data": [{"name": "dns-servers", "data": "2001:db8:1::53"}, {"name": "domain-search", "data": "home.example"}],
            "subnet6": [{"subnet": "2001:db8:1::/64", "interface": "cust0", "rapid-commit": rapid,
                         "pools": [{"pool": "2001:db8:1::1000-2001:db8:1::1fff"}],
                         "pd-pools": [{"prefix": prefix, "prefix-len": 48, "delegated-len": length,
                                       **({"excluded-prefix": excluded, "excluded-prefix-len": 64} if excluded else {})}]}],
            "loggers": [{"name": "kea-dhcp6", "severity": "WARN", "output_options": [{"output": "stderr"}]}]}}, f)
    return path


def listening():
    return ":547 " in within(ISP, "ss", "-Hlun").stdout


def kea(folder, *words, **more):
    """Once in some hundred starts it does not listen, which is no fault of a home router."""
    run = ["ip", "netns", "exec", ISP, "kea-dhcp6", "-c", kea_configuration(folder, *words, **more)]
    environment = dict(os.environ, KEA_PIDFILE_DIR=folder, KEA_LOCKFILE_DIR=folder)
    for _ in range(3):
        with tempfile.TemporaryFile("w+", encoding="utf-8") as log:
            process = subprocess.Popen(run, env=environment, stdout=log, stderr=log)
            if until(listening, 10):
                return process
            end(process)
            log.seek(0)
            print("# kea-dhcp6 does not listen:", *log.read().splitlines(), f"status {process.returncode}", sep="\n# ", flush=True)
    raise RuntimeError("kea-dhcp6 does not listen")


def dhcpd(folder):
    path, leases = os.path.join(folder, "dhcpd.conf"), os.path.join(folder, "leases")
    with open(path, "w", encoding="ascii") as f:
        f.write("default-lease-time 400; preferred-lifetime 300;\noption dhcp6.name-servers 2001:db8:1::53;\n"
                "subnet6 2001:db8:1::/64 { range6 2001:db8:1::2000 2001:db8:1::2fff;\n"
                "prefix6 2001:db8:9000:: 2001:db8:9000:ff00:: /56; }\n")
    with open(leases, "w", encoding="ascii"):
        pass
    process = subprocess.Popen(["ip", "netns", "exec", ISP, "dhcpd", "-6", "-f", "-cf", path, "-lf", leases, "-pf",
                                os.path.join(folder, "pid"), "--no-pid", "cust0"], stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    until(listening, 10)
    return process


def end(process):
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(10)


def ce(*options, lan="lan0=1"):
    return hosts.started(CE, SEXTANT, "run", "ce", "--wan", "wan0", "--lan", lan, "--interval", "4", *options)


def said_until(process, word):
    lines = ""
    while word not in lines:
        line = process.stdout.readline()
        if not line:
            return None, lines
        lines += line
    return lines.splitlines()[-1], lines


def lends(folder):
    server = kea(folder, "2001:db8:8000::")
    process = ce("--state", os.path.join(folder, "state"))
    expect("it says what it got", said_until(process, "delegated: 2001:db8:80")[0])
    expect("an address of the line", until(lambda: address_in(CE, "wan0", "2001:db8:1::1"), 10))
    lan = until(lambda: address_in(CE, "lan0", "2001:db8:8000:"), 10)
    expect("network 1 of the prefix is on the link", lan and lan["prefixlen"] == 64 and lan["local"].endswith("1::1"), lan)
    expect("with the prefix's lifetimes", lan and 290 <= lan["preferred_life_time"] <= 300 and
           390 <= lan["valid_life_time"] <= 400, lan)
    routes = within(CE, "ip", "-6", "route", "show", "type", "unreachable").stdout
    expect("the rest of the prefix is unreachable", "2001:db8:8000:" in routes and "/56" in routes, routes)
    host = until(lambda: address_in(PC, "eth0", "2001:db8:8000:"), 10)
    expect("a host has an address of it", host and host["valid_life_time"] <= 400, host)
    expect("and reaches the provider", until(lambda: within(PC, "ping", "-c", "1", "-W", "1", "2001:db8:ffff::1").returncode == 0, 10))
    done = within(PC, "ping", "-c", "1", "-W", "2", "2001:db8:8000:55::9")
    expect("a packet to the rest comes back at once", "unreachable" in done.stdout and "No route" in done.stdout or
           "Destination unreachable" in done.stdout, done.stdout)
    resolver(folder)
    time.sleep(5)
    process.send_signal(signal.SIGUSR1)
    line = said_until(process, "state:")[0]
    lan = address_in(CE, "lan0", "2001:db8:8000:")
    expect("it is renewed", line and "bound" in line or "renewing" in line and lan["valid_life_time"] >= 395, (line, lan))
    return server, process


def resolver(folder):
    done = within(PC, "rdisc6", "-1", "-w", "3000", "eth0") if shutil.which("rdisc6") else None
    if not done:
        report("resolvers in the advertisement", skip="rdisc6 is not installed")
        return
    for wanted in ("Recursive DNS server     : 2001:db8:1::53", "DNS search list          : home.example",
                   "Router lifetime          :         2700 ", "Route                    : 2001:db8:8000::/56"):
        words = wanted.split()
        expect(f"advertised: {' '.join(words)}", any(line.split()[:len(words)] == words for line in done.stdout.splitlines()),
               done.stdout)
    lifetimes = [int(n) for n in re.findall(r"DNS \w+ lifetime\s*:\s*(\d+)", done.stdout)]
    expect("with what is left of the prefix (RFC 9096)", lifetimes and all(300 < n <= 400 for n in lifetimes), done.stdout)


def informed(folder):
    """Hosts that ask by DHCPv6 (L-8): ISC's client, and messages that a server must not answer (RFC 8415, 16.12)."""
    script, heard = os.path.join(folder, "script"), os.path.join(folder, "heard")
    with open(script, "w", encoding="ascii") as f:
        f.write(f"#!/bin/sh\nenv | grep new_dhcp6 >>{heard}\n")
    os.chmod(script, 0o755)
    if shutil.which("dhclient"):
        within(PC, "timeout", "10", "dhclient", "-6", "-S", "-1", "-d", "-sf", script, "-lf", os.path.join(folder, "pc.leases"),
               "-pf", os.path.join(folder, "pc.pid"), "eth0")
        with open(heard, encoding="ascii") as f:
            said = f.read()
        for wanted in ("new_dhcp6_name_servers=2001:db8:1::53\n", "new_dhcp6_domain_search=home.example"):
            expect(f"ISC's client is told: {wanted.strip()}", wanted in said, said)
    else:
        report("ISC's client is told", skip="dhclient is not installed")
    own = link_local(PC, "eth0")
    host, router = address_in(PC, "eth0", "2001:db8:8000:")["local"], address_in(CE, "lan0", "2001:db8:8000:")["local"]
    group, wants = "ff02::1:2", "000600040017" "0020"
    for name, source, to, message in (
            ("by unicast", own, router, "0b123456" + wants),
            ("from afar", host, group, "0b123456" + wants),
            ("for another server", own, group, "0b123456" + wants + "0002000a00030001020000000001"),
            ("with an IA", own, group, "0b123456" + wants + "0003000c000000010000000000000000"),
            ("for an address", own, group, "01123456" + wants + "0001000a00030001020000000001" "0003000c000000010000000000000000"),
            ("that ends early", own, group, "0b123456000600")):
        said = within(PC, sys.executable, "-c", ASK, source, to, message).stdout.strip()
        expect(f"a question {name} is not answered", said == "silence", said)
    said = within(PC, sys.executable, "-c", ASK, own, group, "0b123456" + wants).stdout.strip()
    got = options(said)
    expect("the reply has a server identifier, and what was asked for", said.startswith("07123456") and sorted(got) == [2, 23, 32] and
           got[23] == "20010db8000100000000000000000053" and int(got[32], 16) == 600, said)


def options(message):
    """Of a DHCPv6 message in hexadecimal digits: by their numbers."""
    found, at = {}, 8
    while at + 8 <= len(message):
        end_at = at + 8 + 2 * int(message[at + 4:at + 8], 16)
        found[int(message[at:at + 4], 16)] = message[at + 8:end_at]
        at = end_at
    return found


def counted(namespace, name):
    words = within(namespace, "cat", "/proc/net/snmp6").stdout.split()
    return int(words[words.index(name) + 1])


def sources():
    """Only what is delegated is forwarded from the links (L-14, S-2), and nothing local goes out or comes in (ULA-4)."""
    ip("-n", PC, "address", "add", "2001:db8:bad::5/64", "dev", "eth0", "nodad")
    ip("-n", PC, "address", "add", "fd00:6578::5/64", "dev", "eth0", "nodad")
    ip("-n", ISP, "-6", "route", "add", "2001:db8:bad::/64", "via", "fe80::c", "dev", "cust0")
    router = address_in(CE, "lan0", "2001:db8:8000:")["local"]
    before = counted(ISP, "Udp6NoPorts")
    for source in ("2001:db8:bad::5", "fd00:6578::5"):
        said = within(PC, sys.executable, "-c", ERROR, source, "2001:db8:ffff::1").stdout.strip()
        expect(f"from {source}: failed source policy, from the router", said == f"1 5 {router}", said)
    expect("and it is not forwarded", counted(ISP, "Udp6NoPorts") == before)
    own = address_in(PC, "eth0", "2001:db8:8000:")["local"]
    said = within(PC, sys.executable, "-c", ERROR, own, "2001:db8:ffff::1").stdout.strip()
    expect("a right source gets through", said == "1 4 2001:db8:ffff::1", said)  # nobody listens to that port there
    said = within(PC, sys.executable, "-c", ERROR, own, "fd00:1::1").stdout.strip()
    expect("to a local address elsewhere there is no way", said == f"1 0 {router}", said)
    said = within(PC, sys.executable, "-c", ERROR, "2001:db8:bad::5", router).stdout.strip()
    expect("the router itself answers any source", not said.startswith("1 5"), said)
    for source in ("fd00:6578:1::1", "2001:db8:8000:77::1"):
        ip("-n", ISP, "address", "add", f"{source}/128", "dev", "lo", "nodad")
        before = counted(PC, "Icmp6InEchos")
        within(ISP, "ping", "-c", "1", "-W", "1", "-I", source, own)
        expect(f"from outside, {source} does not get in", counted(PC, "Icmp6InEchos") == before)
        ip("-n", ISP, "address", "del", f"{source}/128", "dev", "lo")
    for address in ("2001:db8:bad::5/64", "fd00:6578::5/64"):
        ip("-n", PC, "address", "del", address, "dev", "eth0")


def has_default():
    return "default" in within(PC, "ip", "-6", "route", "show", "default").stdout


def provider_line():
    ip("-n", ISP, "address", "add", "2001:db8:1::1/64", "dev", "cust0", "nodad")
    ip("-n", ISP, "address", "add", "fe80::1/64", "dev", "cust0", "nodad")
    for prefix in ("8000", "a000", "b000"):
        ip("-n", ISP, "-6", "route", "add", f"2001:db8:{prefix}::/48", "via", "fe80::c", "dev", "cust0")


def no_default():
    for name, away, back in (
            ("a way out", ["ip", "-6", "route", "del", "default"], ["ip", "-6", "route", "add", "default", "via", "fe80::1", "dev", "wan0"]),
            ("forwarding", ["sysctl", "-qw", "net.ipv6.conf.all.forwarding=0"], ["sysctl", "-qw", "net.ipv6.conf.all.forwarding=1"])):
        within(CE, *away)
        expect(f"without {name} it is no default router (G-4)", until(lambda: not has_default(), 6), within(PC, "ip", "-6", "route").stdout)
        within(CE, *back)
        expect(f"with {name} it is", until(has_default, 6))
    ip("-n", ISP, "link", "set", "cust0", "down")
    expect("nor without a carrier on its line (G-5)", until(lambda: not has_default(), 6), within(CE, "ip", "-6", "route").stdout)
    ip("-n", ISP, "link", "set", "cust0", "up")
    provider_line()
    expect("and when the line is back", until(has_default, 6))


def renumbered(folder, server, process):
    """The provider forgets everything and has other prefixes: the old one is taken back at home (RFC 9096)."""
    end(server)
    server = kea(folder, "2001:db8:a000::")
    line, said = said_until(process, "delegated: 2001:db8:a0")
    expect("another prefix comes", line, said)
    expect("the old one is said to be stale", "stale: 2001:db8:8000:1::/64 lan0" in said, said)
    expect("nor does the link's route stay", "2001:db8:8000:1::/64" not in within(CE, "ip", "-6", "route", "show").stdout)
    expect("and no host uses it for what is new",
           until(lambda: (address_in(PC, "eth0", "2001:db8:8000:") or {}).get("preferred_life_time", 0) == 0, 10),
           addresses(PC, "eth0"))
    old = next(a.split("/")[0] for a in addresses(PC, "eth0") if a.startswith("2001:db8:8000:"))
    said = within(PC, sys.executable, "-c", ERROR, old, "2001:db8:ffff::1").stdout
    expect("who uses it yet is told (L-14)", said.startswith("1 5 "), said)
    fresh = until(lambda: address_in(PC, "eth0", "2001:db8:a000:"), 10)
    expect("hosts have an address of it", fresh)
    return server


def restarted(folder, server, process):
    """Killed, and the provider has others meanwhile: what the file remembers is taken back."""
    process.kill()
    process.wait(10)
    process.stdout.close()
    end(server)
    server = kea(folder, "2001:db8:b000::", rapid=True)
    process = ce("--state", os.path.join(folder, "state"), "--rapid-commit", "--release")
    line, said = said_until(process, "delegated: 2001:db8:b0")
    expect("after a restart: a new prefix, in two messages", line, said)
    expect("the old one is said to be stale", "stale: 2001:db8:a0" in said, said)
    expect("nor is it unreachable, which is another's now",
           "unreachable 2001:db8:a000:" not in within(CE, "ip", "-6", "route").stdout, within(CE, "ip", "-6", "route").stdout)
    expect("and the one before it, which hosts may have missed", "stale: 2001:db8:8000:1::/64 lan0" in said, said)
    old = until(lambda: (address_in(PC, "eth0", "2001:db8:a000:") or {}).get("preferred_life_time", 0) == 0, 10)
    expect("and deprecated on hosts", old, addresses(PC, "eth0"))
    process.terminate()
    said = process.stdout.read()
    process.wait(10)
    process.stdout.close()
    expect("it gives back what was lent", said.rstrip().endswith("released"), said)
    expect("nothing is left on its interfaces", not addresses(CE, "lan0") and
           "2001:db8:b000" not in within(CE, "ip", "-6", "route", "show").stdout, within(CE, "ip", "-6", "route").stdout)
    end(server)


def taken(folder):
    """An address that somebody else on the line has (RFC 8415, 18.2.8)."""
    within(CE, "sysctl", "-qw", "net.ipv6.conf.wan0.accept_dad=1")
    ip("-n", ISP, "address", "add", "2001:db8:1::1000/128", "dev", "cust0", "nodad")
    server, process = kea(folder, "2001:db8:a000::"), ce()
    line, said = said_until(process, "declined:")
    expect("an address that is another's is declined", line and "2001:db8:1::1000/128" in line, said)
    other = until(lambda: address_in(CE, "wan0", "2001:db8:1::1"), 10)
    expect("and another one asked for", other and other["local"] != "2001:db8:1::1000", addresses(CE, "wan0"))
    expect("the prefix stays", address_in(CE, "lan0", "2001:db8:a000:1:"))
    hosts.stop(process)
    end(server)
    within(CE, "sysctl", "-qw", "net.ipv6.conf.wan0.accept_dad=0")
    ip("-n", ISP, "address", "del", "2001:db8:1::1000/128", "dev", "cust0")


def small(folder):
    """Unique local prefixes, too long for one of the links."""
    server, process = kea(folder, "fd53:6578::", length=60), ce(lan="lan0=1,more0=16")
    line, said = said_until(process, "missing:")
    expect("a prefix that is too long for a link is told (WPD-3)", line and "has no network 16 for more0" in line, said)
    expect("the others have theirs", until(lambda: address_in(PC, "eth0", "fd53:6578:"), 10), addresses(PC, "eth0"))
    expect("with local addresses alone it is no default router (ULA-5)", not has_default(), within(PC, "ip", "-6", "route").stdout)
    hosts.stop(process)
    end(server)


def advertised(folder):
    """A line with a router that advertises itself (W-1 to W-3), and a part of the prefix that is the line's (WPD-8)."""
    ip("-n", CE, "-6", "route", "del", "default")
    within(CE, "sysctl", "-qw", "net.ipv6.conf.wan0.accept_ra=1")
    path = os.path.join(folder, "radvd.conf")
    with open(path, "w", encoding="ascii") as f:
        f.write("interface cust0 { AdvSendAdvert on; AdvManagedFlag on; MinRtrAdvInterval 1200; MaxRtrAdvInterval 1800;\n"
                "prefix 2001:db8:a000:ff::/64 { }; };\n")
    radvd = subprocess.Popen(["ip", "netns", "exec", ISP, "radvd", "-n", "-C", path, "-m", "none", "-p", os.path.join(folder, "radvd.pid")],
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(1)
    server, process = kea(folder, "2001:db8:a000::", excluded="2001:db8:a000:ff::"), ce("--no-address", lan="lan0=1,more0=255")
    line, said = said_until(process, "missing:")
    expect("what is excluded is told", "excluded: 2001:db8:a000:ff::/64 wan0" in said, said)
    expect("and is on no link at home", line and "has no network 255 for more0" in line and not address_in(CE, "more0", "2001:db8:a000:ff:"),
           said)
    expect("the line's router is found", until(lambda: "proto ra" in within(CE, "ip", "-6", "route", "show", "default").stdout, 10),
           within(CE, "ip", "-6", "route").stdout)
    expect("and the line has an address of it", until(lambda: address_in(CE, "wan0", "2001:db8:a000:ff:"), 5))
    expect("hosts have a way out", until(has_default, 10))
    routes = within(CE, "ip", "-6", "route", "show", "type", "unreachable").stdout
    expect("the rest is unreachable in eight pieces", routes.count("unreachable 2001:db8:a000:") == 8 and
           "2001:db8:a000:fe::/64" in routes and "2001:db8:a000::/57" in routes, routes)
    host = until(lambda: address_in(PC, "eth0", "2001:db8:a000:1:"), 10)
    for address, wanted in (("2001:db8:a000:fe::1", "1 0"), ("2001:db8:a000:ff::99", "1 3")):
        heard = within(PC, sys.executable, "-c", ERROR, host["local"], address).stdout if host else ""
        expect(f"to {address}: {wanted}", heard.startswith(wanted) or wanted == "1 3" and "silence" in heard, heard)
    hosts.stop(process)
    expect("nothing is left of rules and settings", "lan0" not in within(CE, "ip", "-6", "rule").stdout and
           "wan0" not in within(CE, "ip", "-6", "rule").stdout and
           within(CE, "sysctl", "-n", "net.ipv6.conf.wan0.accept_ra").stdout.strip() == "1" and
           "unreachable" not in within(CE, "ip", "-6", "route").stdout, within(CE, "ip", "-6", "rule").stdout)
    killed(folder, server)
    end(radvd)
    ip("-n", CE, "-6", "route", "add", "default", "via", "fe80::1", "dev", "wan0")


def killed(folder, server):
    """Killed with a part excluded, and another prefix at the next start: eight routes are to go."""
    state = os.path.join(folder, "excluded")
    process = ce("--state", state)
    said_until(process, "assigned: 2001:db8:a0")
    until(lambda: os.path.exists(state), 3)
    process.kill()
    process.wait(10)
    process.stdout.close()
    end(server)
    server, process = kea(folder, "2001:db8:b000::"), ce("--state", state)
    _, said = said_until(process, "delegated: 2001:db8:b0")
    expect("after a restart nothing of another prefix is unreachable",
           until(lambda: "unreachable 2001:db8:a000:" not in within(CE, "ip", "-6", "route").stdout, 3), said)
    hosts.stop(process)
    end(server)


def heard_until(server, kind):
    """The messages that a RECONFIGURER hears, up to one of this type."""
    kinds = []
    while not kinds or kinds[-1] != kind:
        kinds.append(int(server.stdout.readline().split()[1]))
    return kinds


def reconfigured():
    """The provider asks its customers to ask again (RFC 7084, WAA-4). What must not be believed is followed by what must."""
    server = subprocess.Popen(["ip", "netns", "exec", ISP, sys.executable, "-c", RECONFIGURER], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True)
    server.stdout.readline()
    process = ce("--no-address")
    expect("a client that can be asked again is bound", said_until(process, "delegated: 2001:db8:8000::/56")[0])
    heard_until(server, 3)

    def ask(*words):
        os.write(server.stdin.fileno(), f"{' '.join(words)}\n".encode().ljust(64))

    ask("5", "5", "2001:db8:a000::", "other")
    ask("5", "5", "2001:db8:a000::", "group")
    ask("1", "5", "2001:db8:a000::", "right")
    ask("5", "6", "2001:db8:a000::", "right")
    kinds = heard_until(server, 6)
    expect("by another key, to all, of an old time: not believed; else a Rebind is sent", kinds == [6], kinds)
    line, said = said_until(process, "delegated: 2001:db8:a000::/56")
    expect("it says so, and has another prefix at once", line and "reconfigure: rebinding" in said and
           "stale: 2001:db8:8000:1::/64 lan0" in said, said)
    expect("hosts, too", until(lambda: address_in(PC, "eth0", "2001:db8:a000:1:"), 10), addresses(PC, "eth0"))
    ask("6", "5", "2001:db8:b000::", "right")
    kinds = heard_until(server, 5)
    expect("a Renew, where that is asked for", kinds == [5], kinds)
    expect("and what it brings", said_until(process, "delegated: 2001:db8:b000::/56")[0])
    ask("7", "11", "2001:db8:1::54", "right")
    kinds = heard_until(server, 11)
    expect("an Information-request, where that is asked for", kinds == [11], kinds)
    own, wants = link_local(PC, "eth0"), "0b123456" "000600020017"
    expect("hosts hear of another resolver", until(
        lambda: options(within(PC, sys.executable, "-c", ASK, own, "ff02::1:2", wants).stdout.strip()).get(23) ==
        "20010db8000100000000000000000054", 5))
    hosts.stop(process)
    process = ce("--no-address")
    line, said = said_until(process, "delegated: 2001:db8:b000::/56")
    expect("what the server ends is ended, though nobody remembers it (RFC 9096)", line and
           "stale: 2001:db8:a000:1::/64 lan0" in said and "stale: 2001:db8:b000" not in said, said)
    if shutil.which("rdisc6"):
        expect("and advertised so", until(lambda: "2001:db8:a000:1::/64" in within(PC, "rdisc6", "-1", "-w", "3000", "eth0").stdout, 5))
    hosts.stop(process)
    server.stdin.close()
    server.wait(10)
    server.stdout.close()


def nothing_yet():
    """Before a prefix is there, nothing is forwarded (G-3)."""
    process = ce()
    ip("-n", PC, "address", "add", "2001:db8:8000:1::77/64", "dev", "eth0", "nodad")
    router = link_local(CE, "lan0")
    ip("-n", PC, "-6", "route", "add", "default", "via", router, "dev", "eth0")
    said = within(PC, sys.executable, "-c", ERROR, "2001:db8:8000:1::77", "2001:db8:ffff::1").stdout.strip()
    expect("nothing is forwarded before there is a prefix (G-3)", said == f"1 5 {router}", said)
    ip("-n", PC, "-6", "route", "del", "default")
    ip("-n", PC, "address", "del", "2001:db8:8000:1::77/64", "dev", "eth0")
    hosts.stop(process)


def guard():
    return within(CE, "nft", "list", "table", "ip6", "sextant-ce-wan0").stdout


def waits_for(*numbers):
    process = subprocess.Popen(["ip", "netns", "exec", PC, sys.executable, "-c", WAIT, *numbers], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, text=True)
    process.stdout.readline()
    return process


def pinhole(own):
    """What has sent out of a port may be answered there by others too (REC-11)."""
    waiting = waits_for("7001")
    within(ISP, sys.executable, "-c", SEND, "2001:db8:ffff::1", own, "7001", "before")
    os.write(waiting.stdin.fileno(), b"2001:db8:ffff::1\n")
    said = [waiting.stdout.readline().strip()]
    within(ISP, sys.executable, "-c", SEND, "2001:db8:1::1", own, "7001", "after")
    said.append(waiting.stdout.readline().strip())
    expect("a port is open once it has sent something, to anybody", said == ["sent", "after"], said)
    waiting.kill()
    waiting.communicate()


def protocols(own):
    waiting = waits_for("47", "50", "51", "139")
    within(ISP, sys.executable, "-c", SEND_RAW, own, "47", "50", "51", "139")
    said = [waiting.stdout.readline()[2:].strip() for _ in range(3)]
    expect("IPsec and HIP come in, no other tunnel does (REC-21, REC-22, REC-26)", said[0] == "50" and said[2] == "139" and
           not said[1].strip("\0"), said)
    waiting.kill()
    waiting.communicate()


def connections(own):
    """Who asks in vain is told, but not before both ends could have asked (REC-34)."""
    asks = hosts.started(ISP, sys.executable, "-c", CONNECT, "2001:db8:ffff::1", "5001", own, "5002")
    expect("a connection that both ends ask for waits for the other", until(lambda: "5001" in guard(), 5), guard())
    said = within(PC, sys.executable, "-c", CONNECT, own, "5002", "2001:db8:ffff::1", "5001").stdout.split()
    heard = asks.stdout.read().split()
    asks.wait(10)
    expect("and is made", said[2:] == ["0"] and heard[1:] == ["0"], (said, heard))
    asks.stdout.close()
    listens = hosts.started(PC, sys.executable, "-c", hosts.SERVE, own)
    said = within(ISP, sys.executable, "-c", CONNECT, "2001:db8:ffff::1", "0", own, "7000").stdout.split()
    expect("one that nobody inside asks for is prohibited, after six seconds", said[2] == "13" and float(said[1]) >= 6, said)
    hosts.stop(listens)
    listens = hosts.started(ISP, sys.executable, "-c", hosts.SERVE, "2001:db8:ffff::1")
    hosts.talk("a connection from inside is let through", PC, "tcp", "2001:db8:ffff::1", 100000)
    hosts.stop(listens)


def opened(own):
    """Ports of --open: the host itself says that nobody listens there."""
    for port, wanted in (("7101", f"1 4 {own}"), ("7102", f"1 4 {own}"), ("7103", f"1 4 {own}"), ("7104", "silence"), ("7105", "silence")):
        said = within(ISP, sys.executable, "-c", ERROR, "2001:db8:ffff::1", own, port).stdout.strip()
        expect(f"UDP to port {port}: {wanted}", said == wanted, said)
    said = within(ISP, sys.executable, "-c", CONNECT, "2001:db8:ffff::1", "0", own, "7105").stdout.split()
    expect("a connection to an open port comes to the host, which refuses it", said[2:] == ["111"], said)


def guarded(folder):
    """The simple security of RFC 6092."""
    if not shutil.which("nft"):
        report("a firewall", skip="nft is not installed")
        return
    identifier = int(IPv6Address(link_local(PC, "eth0"))) % 2**64
    host, there = IPv6Address(identifier), IPv6Address("2001:db8:8000:1::") + identifier
    ports = f"udp/7101, udp/7102={host}, udp/7103={there}, udp/7104=::5, tcp/7105={host}"
    server, process = kea(folder, "2001:db8:8000::"), ce("--firewall", "--open", ports)
    said_until(process, "assigned: 2001:db8:8000:1::")
    own = until(lambda: address_in(PC, "eth0", "2001:db8:8000:1:") if has_default() else None, 10)["local"]
    said = within(ISP, sys.executable, "-c", ERROR, "2001:db8:ffff::1", own).stdout.strip()
    expect("what nobody inside has asked for is dropped", said == "silence", said)
    said = within(ISP, sys.executable, "-c", ERROR, "2001:db8:ffff::1", own, "500").stdout.strip()
    expect("but for a key exchange (REC-24)", said == f"1 4 {own}", said)
    opened(own)
    said = within(PC, sys.executable, "-c", ERROR, own, "2001:db8:ffff::1").stdout.strip()
    expect("an error about what was sent comes in (REC-18)", said == "1 4 2001:db8:ffff::1", said)
    expect("so does an echo request", within(ISP, "ping", "-c", "1", "-W", "2", "-I", "2001:db8:ffff::1", own).returncode == 0)
    before = counted(PC, "Icmp6InEchos")
    ip("-n", ISP, "address", "add", "2001:10::5/128", "dev", "lo", "nodad")
    within(ISP, "ping", "-c", "1", "-W", "1", "-I", "2001:10::5", own)
    ip("-n", ISP, "address", "del", "2001:10::5/128", "dev", "lo")
    within(ISP, sys.executable, "-c", ECHO_ROUTED, "2001:db8:ffff::1", own)
    until(lambda: counted(PC, "Icmp6InEchos") > before, 3)
    expect("no address that is none, no routing header of type 0 (REC-3, REC-4)", counted(PC, "Icmp6InEchos") == before + 1,
           counted(PC, "Icmp6InEchos") - before)
    line = address_in(CE, "wan0", "2001:db8:1::1")["local"]
    said = within(ISP, sys.executable, "-c", ERROR, "2001:db8:1::1", line).stdout.strip()
    expect("the router offers nothing to the line (REC-50)", said == f"1 1 {line}", said)
    pinhole(own)
    protocols(own)
    connections(own)
    process.kill()
    process.wait(10)
    process.stdout.close()
    expect("who kills it does not open the home", "jump in" in guard())
    process = ce("--firewall")
    process.terminate()  # as soon as it is ready
    said = process.stdout.read()
    process.wait(10)
    process.stdout.close()
    expect("ended as soon as it is ready, it ends in order", process.returncode == 0 and not guard(), said)
    process = ce("--firewall")
    expect("the next one has the rules once", guard().count("jump in") == 1, guard())
    hosts.stop(process)
    end(server)
    expect("and takes them away", not guard(), guard())


def isc(folder):
    if not shutil.which("dhcpd"):
        report("ISC dhcpd", skip="it is not installed")
        return
    server, process = dhcpd(folder), ce()
    expect("ISC dhcpd delegates", said_until(process, "delegated: 2001:db8:90")[0])
    hosts.stop(process)
    end(server)


def bound(process):
    """What it says until it is bound."""
    said = ""
    while "state: bound" not in said:
        process.send_signal(signal.SIGUSR1)
        said += said_until(process, "state:")[1]
        time.sleep(0.05)
    return said


def sent_from(source, to):
    return within(PC, sys.executable, "-c", ERROR, source, to).stdout.strip()


def local(folder):
    """A unique local prefix of the home's own (RFC 7084, ULA-1 to ULA-5), before the provider is there and after."""
    state = os.path.join(folder, "ula")
    process = ce("--ula", "make", "--state", state, lan="lan0=1,more0=2")
    made = address_in(CE, "lan0", "fd")
    host = until(lambda: address_in(PC, "eth0", "fd"), 10)
    expect("without a provider the home has addresses", host and made and made["local"].endswith(":1::1"), addresses(PC, "eth0"))
    prefix = made["local"][:-len("1::1")] + ":"
    expect("it is no default router with them (ULA-5)", not has_default(), within(PC, "ip", "-6", "route").stdout)
    said = within(PC, "rdisc6", "-1", "-w", "3000", "eth0").stdout if shutil.which("rdisc6") else f": {prefix}/48"
    expect("but has the way to all of them (L-3)", f": {prefix}/48" in said, said)
    own, router = host["local"], made["local"]
    server = kea(folder, "2001:db8:8000::")
    said_until(process, "assigned: 2001:db8:8000:2::")
    until(has_default, 10)
    said = sent_from(own, "2001:db8:ffff::1")
    expect("from it nothing goes out (ULA-4)", said == f"1 5 {address_in(CE, 'lan0', '2001:db8:8000:')['local']}", said)
    said = sent_from(own, f"{prefix[:-1]}3::9")
    expect("the rest of it is unreachable", said.startswith("1 0 "), said)
    between = address_in(CE, "more0", "2001:db8:8000:2:")["local"]
    said = sent_from(own, between)
    expect("it is of use throughout the home", said == f"1 4 {between}", said)
    ip("-n", ISP, "-6", "route", "add", prefix + "/48", "via", "fe80::c", "dev", "cust0")
    before = counted(PC, "Icmp6InEchos")
    within(ISP, "ping", "-c", "1", "-W", "1", "-I", "2001:db8:ffff::1", own)
    expect("to it nothing comes in", counted(PC, "Icmp6InEchos") == before)
    reached = address_in(PC, "eth0", "2001:db8:8000:1:")["local"]
    ip("-n", ISP, "address", "add", f"{prefix[:-1]}9::9/128", "dev", "lo", "nodad")
    within(ISP, "ping", "-c", "1", "-W", "1", "-I", f"{prefix[:-1]}9::9", reached)
    expect("nor from it", counted(PC, "Icmp6InEchos") == before)
    ip("-n", ISP, "address", "del", f"{prefix[:-1]}9::9/128", "dev", "lo")
    ip("-n", ISP, "-6", "route", "del", prefix + "/48")
    process.kill()
    process.wait(10)
    process.stdout.close()
    process = ce("--ula", "make", "--state", state, lan="lan0=1,more0=2")
    expect("the next start has the same (ULA-2)", address_in(CE, "lan0", "fd")["local"] == router, addresses(CE, "lan0"))
    said = bound(process)
    expect("and takes nothing back", "stale" not in said, said)
    hosts.stop(process)
    process = ce("--ula", "fd12:3456:789a::/48", "--state", state)
    said = bound(process)
    expect("another may be chosen (ULA-3), and the old one is taken back", address_in(CE, "lan0", "fd12:3456:789a:1::1") and
           f"stale: {prefix[:-1]}1::/64 lan0" in said, said)
    expect("on hosts, too", until(lambda: (address_in(PC, "eth0", prefix[:-1]) or {}).get("preferred_life_time", 0) == 0 and
                                  address_in(PC, "eth0", "fd12:3456:789a:1:"), 10), addresses(PC, "eth0"))
    hosts.stop(process)
    expect("nothing is left of it", "fd12" not in within(CE, "ip", "-6", "rule").stdout + within(CE, "ip", "-6", "route").stdout,
           within(CE, "ip", "-6", "route").stdout)
    end(server)


def refused():
    for words, wanted in ((["--lan", "lan0"], "--wan"), (["--wan", "wan0"], "--lan"), (["--wan", "wan0", "--lan", "wan0"], "line"),
                          (["--wan", "wan0", "--lan", "lan0,lan0"], "already"), (["--wan", "wan0", "--lan", "lan0=x"], "lan0=x"),
                          (["--wan", "wan0", "--lan", "lan0", "--hint", "65"], "hint"),
                          (["--wan", "wan0", "--lan", "lan0=1", "--hint", "61"], "at most 60"),
                          (["--wan", "wan0", "--lan", 'more"0', "--firewall"], "cannot name the interface \"more\"0\""),
                          (["--wan", "wan0", "--lan", "lan0", "--open", "tcp/80"], "--firewall"),
                          (["--wan", "wan0", "--lan", "lan0", "--firewall", "--open", "tcp/80,sctp/80"], "\"sctp/80\" is no port at home"),
                          (["--wan", "wan0", "--lan", "lan0", "--firewall", "--open", "tcp/80=::"], "tcp/PORT=ADDRESS"),
                          (["--wan", "wan0", "--lan", "lan0", "--ula", "make"], "--state"),
                          (["--wan", "wan0", "--lan", "lan0", "--ula", "2001:db8::/48"], "fd12:3456"),
                          (["--wan", "wan0", "--lan", "lan0", "--ula", "fd12:3456:789a::1/48"], "fd12:3456"),
                          (["--wan", "none0", "--lan", "lan0"], "none0"), (["--wan", "wan0", "--lan", "none0"], "none0")):
        done = within(CE, SEXTANT, "run", "ce", *words)
        expect(f"refused: {' '.join(words)}", done.returncode in (2, 4) and wanted in done.stderr, done.stderr)


def unloaded(folder):
    """Without its firewall nothing starts: an nft that does not end, that finds something wrong, that is not there."""
    nft, path = os.path.join(folder, "nft"), os.environ["PATH"]
    for does, where, wanted in (("exec sleep 1000", f"{folder}:{path}", "nft is not done after 10 s"),
                               ("echo Error: wrong >&2; echo more >&2; exit 1", f"{folder}:{path}", "nft says: Error: wrong\n"),
                               (None, folder, "no program nft\n")):
        if does:
            with open(nft, "w", encoding="ascii") as f:
                f.write(f"#!/bin/sh\n{does}\n")
            os.chmod(nft, 0o755)
        else:
            os.unlink(nft)
        done = within(CE, "env", f"PATH={where}", SEXTANT, "run", "ce", "--wan", "wan0", "--lan", "lan0", "--firewall")
        expect(f"the firewall is not loaded: {wanted.strip()}", done.returncode == 4 and "the firewall is not loaded" in done.stderr and
               wanted in done.stderr and "ready" not in done.stdout, done.stdout + done.stderr)


def topology():
    hosts.add(ISP, CE, PC)
    for namespace in (ISP, CE, PC):
        within(namespace, "sysctl", "-qw", "net.ipv6.conf.all.accept_dad=0", "net.ipv6.conf.default.accept_dad=0")
    for namespace in (ISP, CE):
        within(namespace, "sysctl", "-qw", "net.ipv6.conf.all.forwarding=1")
    hosts.wire(ISP, "cust0", CE, "wan0")
    hosts.wire(CE, "lan0", PC, "eth0")
    hosts.wire(CE, "more0", CE, "more1")
    ip("-n", ISP, "address", "add", "2001:db8:ffff::1/128", "dev", "lo", "nodad")
    ip("-n", CE, "address", "add", "fe80::c/64", "dev", "wan0", "nodad")
    ip("-n", CE, "-6", "route", "add", "default", "via", "fe80::1", "dev", "wan0")
    provider_line()


def main():
    if not hosts.allowed() or not shutil.which("kea-dhcp6"):
        print("1..0 # SKIP network namespaces are not allowed here, or kea-dhcp6 is not installed")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        try:
            topology()
            refused()
            unloaded(folder)
            nothing_yet()
            reconfigured()
            server, process = lends(folder)
            informed(folder)
            sources()
            no_default()
            server = renumbered(folder, server, process)
            restarted(folder, server, process)
            taken(folder)
            small(folder)
            if shutil.which("radvd"):
                advertised(folder)
            else:
                report("a line that advertises", skip="radvd is not installed")
            isc(folder)
            guarded(folder)
            local(folder)
        finally:
            for namespace in (ISP, CE, PC):
                for pid in within(namespace, "true") and subprocess.run(["ip", "netns", "pids", namespace], capture_output=True,
                                                                        text=True, check=False).stdout.split():
                    os.kill(int(pid), signal.SIGKILL)
            hosts.remove(ISP, CE, PC)
    return plan()


if __name__ == "__main__":
    sys.exit(main())
