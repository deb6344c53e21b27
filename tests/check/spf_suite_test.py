#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""SPF against others: the test suite of openspf.org, and random records against pyspf. Both are of
Debian's python3-spf; where it is not installed, the test is skipped.

Usage: spf_suite_test.py SPF_ASK
"""

import gzip
import ipaddress
import random
import subprocess
import sys
from pathlib import Path

try:
    import spf
    import yaml
except ImportError:
    print("1..0 # SKIP python3-spf or python3-yaml is not there")
    sys.exit(0)

ASK = sys.argv[1]
SUITES = [Path("/usr/share/doc/python3-spf") / name for name in ("rfc7208-tests.yml.gz", "rfc7208-tests.yml")]

def records_of(zone):
    """Lines for spf_ask; as in the suite, an SPF record stands for a TXT where no TXT is named."""
    for name, listed in zone.items():
        has_txt = any(isinstance(r, dict) and "TXT" in r for r in listed)
        named = set()
        for r in listed:
            if r == "TIMEOUT":
                for kind in {"A", "AAAA", "MX", "TXT", "PTR"} - named:
                    yield name, kind, "!"
                continue
            (kind, value), = r.items()
            if kind == "SPF":
                if has_txt:
                    continue
                kind = "TXT"
            if value == "NONE":
                continue
            named.add(kind)
            if value == "TIMEOUT":
                value = "!"
            elif kind == "MX":
                value = f"{value[0]} {value[1]}"
            elif kind == "TXT":
                value = value if isinstance(value, str) else "".join(value)
            yield name, kind, str(value)


def escape(value):
    return "".join(chr(b) if 0x20 <= b < 0x7f and b != 0x5c else f"\\{b:02x}" for b in value.encode())


def ask(blocks):
    """blocks: pairs of records and questions; the answers, in order."""
    lines = []
    for records, questions in blocks:
        lines.append("clear")
        lines += [f"record\t{name}\t{kind}\t{escape(value)}" for name, kind, value in records]
        lines += ["ask\t" + "\t".join(q) for q in questions]
    sent = "".join(line + "\n" for line in lines).encode("utf-8", "surrogateescape")
    done = subprocess.run([ASK], input=sent, stdout=subprocess.PIPE, timeout=120, check=True)
    return [line.split("\t") for line in done.stdout.decode("utf-8", "replace").splitlines()]


def split_sender(test):
    sender, helo = str(test.get("mailfrom", "")), str(test["helo"])
    local, at, domain = sender.rpartition("@")
    domain = domain if sender else helo
    return f"{local or 'postmaster'}@{domain}", domain, helo


def suite(path):
    text = gzip.open(path).read() if path.suffix == ".gz" else path.read_bytes()
    blocks, cases = [], []
    for scenario in yaml.safe_load_all(text):
        questions = []
        for name, test in scenario["tests"].items():
            sender, domain, helo = split_sender(test)
            questions.append((str(test["host"]), domain, sender, helo))
            wanted = test["result"]
            cases.append((name, [wanted] if isinstance(wanted, str) else wanted))
        blocks.append((list(records_of(scenario["zonedata"])), questions))
    return cases, ask(blocks)


# ---- random records against pyspf

def lookup_in(zone):
    def lookup(name, qtype, strict=True, timeout=None, level=0):
        for owner, kind, value in zone:
            if owner != name.lower().rstrip(".") or kind != qtype:
                continue
            if kind == "MX":
                preference, host = value.split()
                value = (int(preference), host)
            elif kind == "TXT":
                value = (value.encode(),)
            elif kind == "AAAA":
                value = ipaddress.IPv6Address(value).packed
            yield (name, kind), value
    return lookup


def random_term(rng, names, owner):
    qualifier = rng.choice(["", "", "", "+", "-", "~", "?"])
    kind = rng.randrange(11)
    name = rng.choice([n for n in names if n != owner])  # pyspf has a rule of its own for oneself
    if kind == 0:
        return f"{qualifier}ip4:192.0.2.{rng.randrange(8)}{rng.choice(['', '/30', '/24', '/33', '/0'])}"
    if kind == 1:
        return f"{qualifier}ip6:2001:db8::{rng.randrange(8):x}{rng.choice(['', '/126', '/64', '/129'])}"
    if kind in (2, 3):
        return f"{qualifier}{rng.choice(['a', 'mx'])}:{name}{rng.choice(['', '', '/30', '//126', '/30//126', '/', '//'])}"
    if kind == 4:
        return f"{qualifier}{rng.choice(['a', 'mx'])}"
    if kind in (5, 6):
        return f"{qualifier}include:{name}"
    if kind == 7:
        return f"{qualifier}exists:{rng.choice(['%{d}', name, '%{ir}.' + name, '%{l}.' + name, '%{d2r}.test', '%(d)'])}"
    if kind == 8:
        return f"redirect={name}"
    if kind == 9:
        return rng.choice(["all", "-all", "~all", "?all", "ptr", "exp=" + name, "x=y", "ip4", "moo", ""])
    return "-all"


def random_block(rng):
    names = [f"{c}.example.test" for c in "abcde"]
    zone = []
    for name in names + ["example.test"]:
        if rng.random() < 0.9:
            terms = " ".join(random_term(rng, names, name) for _ in range(rng.randrange(5)))
            zone.append((name, "TXT", f"v=spf1 {terms}"))
        if rng.random() < 0.1:
            zone.append((name, "TXT", "v=spf1 -all"))
        for _ in range(rng.randrange(3)):
            zone.append((name, "A", f"192.0.2.{rng.randrange(8)}"))
        for _ in range(rng.randrange(3)):
            zone.append((name, "AAAA", f"2001:db8::{rng.randrange(8):x}"))
        for _ in range(rng.randrange(3)):
            zone.append((name, "MX", f"{rng.randrange(20)} {rng.choice(names)}"))
    hosts = [f"192.0.2.{rng.randrange(8)}", f"2001:db8::{rng.randrange(8):x}"]
    return zone, [(h, "a.example.test", "user@a.example.test", "h.example.test") for h in hosts]


def theirs(zone, question):
    host, _, sender, helo = question
    spf.DNSLookup = lookup_in(zone)
    spf.MAX_VOID_LOOKUPS = 1000  # it counts addresses of an "mx" one by one, the RFC counts terms
    q = spf.query(i=host, s=sender, h=helo, strict=True)
    result, _, why = q.check()
    return result, why


def main():
    failed = number = 0

    def tell(fine, what, detail=""):
        nonlocal failed, number
        number += 1
        failed += not fine
        print(("ok" if fine else "not ok"), number, "-", what, detail)

    path = next((p for p in SUITES if p.exists()), None)
    if path:
        cases, answers = suite(path)
        tell(len(answers) == len(cases) > 150, f"every case of the suite is answered: {len(cases)}")
        for (name, wanted), answer in zip(cases, answers):
            if answer[0] not in wanted:
                tell(False, name, f"is {answer}, wanted {wanted}")
        tell(not failed, "the suite of openspf.org holds")
    rng = random.Random(7208)
    blocks = [random_block(rng) for _ in range(1500)]
    answers = ask(blocks)
    questions = [(zone, q) for zone, listed in blocks for q in listed]
    different, seen = 0, {}
    for (zone, q), answer in zip(questions, answers):
        their, why = theirs(zone, q)
        seen[their] = seen.get(their, 0) + 1
        if their != answer[0] and "more than 2 names" not in answer[1]:
            different += 1
            if different <= 5:
                print("#", q, "pyspf:", their, why, "ours:", answer, *zone, sep="\n#   ")
    tell(len(answers) == len(questions) and not different, f"{len(questions)} random questions as pyspf", str(seen))
    tell(len(seen) >= 6, "with results of every kind")
    print(f"1..{number}")
    return 1 if failed else 0


sys.exit(main())
