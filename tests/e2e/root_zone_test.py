#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The name servers of country-code domains out of random root zones, as sextant import counts them and
as they are counted after another program (dnspython) has read the zone.

Usage: root_zone_test.py PATH-OF-SEXTANT
"""

import os
import random
import sqlite3
import subprocess
import sys
import tempfile

try:
    import dns.rdatatype
    import dns.zone
except ImportError:
    print("1..0 # SKIP dnspython is not there")
    sys.exit(0)

SEXTANT = sys.argv[1]
ZONES = 40
COUNTRIES = ["ke", "ug", "tz", "xn--node", "xn--p1ai", "uk", "eu"]
OTHERS = ["net", "example", "xn--11b4c3d"]


def spelled(chance, name):
    """The same name in other letters, or without the final dot: the origin is the root."""
    name = "".join(c.upper() if chance.random() < 0.2 else c for c in name)
    return name if chance.random() < 0.8 else name.rstrip(".")


def record(chance, owner, kind, data):
    ttl, space = str(chance.choice([0, 86400, 172800])), chance.choice([" ", "\t", "  \t"])
    middle = chance.choice([[ttl, "IN"], ["IN"], [ttl], []])
    end = chance.choice(["", "", " ; a comment ( with brackets", "\t"])
    return space.join([owner, *middle, kind, data]) + end


def soa(chance, day):
    serial = f"{day}{chance.randrange(100):02}"
    if chance.random() < 0.5:
        return f". 86400 IN SOA a.root-servers.net. nstld.example.com. {serial} 1800 900 604800 86400"
    return (f". IN SOA a.root-servers.net. nstld.example.com. ( ; begins (\n"
            f"\t\t{serial} ; serial\n\t\t1800 900\n\t\t604800 86400 )")


def make_zone(chance, day):
    hosts = [f"ns{n}.{chance.choice(['example.', ''])}{chance.choice(COUNTRIES + OTHERS)}." for n in range(25)]
    groups = []
    for domain in chance.sample(COUNTRIES + OTHERS, 8):
        servers = [chance.choice(hosts) for _ in range(chance.randint(1, 7))]
        lines = [record(chance, spelled(chance, domain + "."), "NS", spelled(chance, servers[0]))]
        for server in servers[1:]:
            owner = "" if chance.random() < 0.4 else spelled(chance, domain + ".")
            lines.append(record(chance, owner, "NS", spelled(chance, server)))
        if chance.random() < 0.5:
            lines.append(record(chance, spelled(chance, domain + "."), "DS", "1 8 2 " + "AB" * 32))
        groups.append(lines)
    for host in hosts:
        for kind, data in (("A", f"192.0.2.{chance.randrange(256)}"), ("AAAA", f"2001:db8::{chance.randrange(9999)}")):
            if chance.random() < 0.6:
                groups.append([record(chance, spelled(chance, host), kind, data)])
    chance.shuffle(groups)
    return "\n".join(["; made", "$TTL 86400", soa(chance, day), *(line for g in groups for line in g)]) + "\n"


def counted(text):
    """{domain: (with AAAA, with AAAA or without any address, all)}"""
    zone = dns.zone.from_text(text, origin=".", relativize=False, check_origin=False)

    def has(host, kind):
        return zone.get_rdataset(host, kind) is not None

    result = {}
    for name, node in zone.nodes.items():
        domain, servers = name.to_text().rstrip(".").lower(), node.get_rdataset(1, dns.rdatatype.NS)
        if domain in COUNTRIES and servers:
            hosts = {server.target for server in servers}
            six = sum(has(h, dns.rdatatype.AAAA) for h in hosts)
            none = sum(not has(h, dns.rdatatype.AAAA) and not has(h, dns.rdatatype.A) for h in hosts)
            result[domain] = (six, six + none, len(hosts))
    return result


def imported(store, day):
    rows = sqlite3.connect(f"file:{store}?mode=ro", uri=True).execute(
        "SELECT key, value, high, samples FROM observation WHERE date = ?", (day,)).fetchall()
    return {key: (value, high, samples) for key, value, high, samples in rows}


def main():
    chance = random.Random(6)
    print(f"1..{ZONES}")
    with tempfile.TemporaryDirectory() as folder:
        store = os.path.join(folder, "archive.sextant")
        for n in range(ZONES):
            text = make_zone(chance, f"20240{n // 28 + 1}{n % 28 + 1:02}")
            path = os.path.join(folder, "root.zone")
            with open(path, "w", encoding="ascii") as f:
                f.write(text)
            run = subprocess.run([SEXTANT, "import", "--store", store, path], capture_output=True, text=True,
                                 timeout=60, check=False)
            wanted, got = counted(text), imported(store, 19723 + n // 28 * 31 + n % 28)
            good = run.returncode == 0 and wanted == got and len(wanted) > 1
            print("ok" if good else "not ok", n + 1, "zone")
            if not good:
                print("#", run.stderr, wanted, got, text.replace("\n", "\n# "))


main()
