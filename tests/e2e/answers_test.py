#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the archive answers, as a user asks: lifetimes, lookup, snapshots, evidence, changes, economy,
verify. Exit statuses, sentences, and lifetimes against the days they were made from.

Usage: answers_test.py PATH-OF-SEXTANT [UNITTEST-ARGUMENTS]
"""

import csv
import io
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import unittest
from datetime import date, timedelta
from pathlib import Path

SEXTANT = os.path.abspath(sys.argv.pop(1))
HEADER = "registry,economy,family,start,value,date,status,holder,first_seen,last_seen"
REGISTRIES = ("afrinic", "lacnic")


def random_record(chance, registry):
    family = chance.choice(("ipv6", "ipv6", "ipv4", "asn"))
    start, value = {
        "ipv6": lambda: (f"3fff:{chance.randrange(64):x}::", "32"),
        "ipv4": lambda: (f"198.51.100.{chance.randrange(16) * 16}", chance.choice(("16", "5"))),
        "asn": lambda: (str(64496 + chance.randrange(16)), "1"),
    }[family]()
    if start == "3fff:0::":
        start = "3fff::"
    economy = chance.choice(("KE", "BR", "", "EU"))
    day = chance.choice(("2001-02-03", "2011-12-13", ""))
    status = chance.choice(("allocated", "assigned", "reserved"))
    return (registry, economy, family, start, value, day, status, chance.choice(("h1", "h2", "")))


def write_day(registry, day, records):
    lines = [f"2.3|{registry}|{day:%Y%m%d}|{len(records)}|19990101|{day:%Y%m%d}|+0000"]
    for r in sorted(records):
        lines.append("|".join((*r[:5], r[5].replace("-", ""), r[6])) + (f"|{r[7]}" if r[7] else ""))
    return "\n".join(lines) + "\n"


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = Path(self.folder.name)
        self.env = dict(os.environ, SEXTANT_STORE=str(self.path / "archive"), LC_ALL="C.UTF-8",
                        COLUMNS="80", LANG="en")
        self.env.pop("LANGUAGE", None)

    def run_sextant(self, *args):
        return subprocess.run([SEXTANT, *map(str, args)], env=self.env, capture_output=True)

    def ask(self, *args, status=0):
        done = self.run_sextant(*args)
        self.assertEqual(done.returncode, status, done.stderr.decode())
        return done.stdout.decode()

    def refuse(self, *args, status, sentence):
        done = self.run_sextant(*args)
        self.assertEqual(done.returncode, status, done.stderr.decode())
        self.assertIn(sentence, done.stderr.decode())
        self.assertEqual(done.stdout, b"")

    def fill(self, seed=1, days=8):
        """Random days of two registries, of which some are missing; returns what was imported."""
        chance = random.Random(seed)
        states, files = {}, []
        for registry in REGISTRIES:
            held = {random_record(chance, registry) for _ in range(40)}
            for i in range(days):
                day = date(2022, 1, 1) + timedelta(i)
                held = {r for r in sorted(held) if chance.random() > 0.05}
                held |= {random_record(chance, registry) for _ in range(3)}
                held.add((registry, "MU", "ipv6", "2001:db8::", "48", "2010-01-01", "assigned", "k"))
                if i and chance.random() < 0.3:
                    continue
                states[registry, day] = set(held)
                files.append(self.path / f"delegated-{registry}-extended-{day:%Y%m%d}")
                files[-1].write_text(write_day(registry, day, held))
        chance.shuffle(files)
        self.ask("import", "--quiet", *files)
        return states


def runs_of(states):
    """The lifetimes: of each record the runs of a registry's and family's days that show it."""
    found = []
    for registry in REGISTRIES:
        for family in ("ipv6", "ipv4", "asn"):
            days = [d for r, d in sorted(states) if r == registry
                    and any(x[2] == family for x in states[registry, d])]
            for record in {x for d in days for x in states[registry, d] if x[2] == family}:
                first = last = None
                for day in [*days, None]:
                    if day and record in states[registry, day]:
                        first, last = first or day, day
                    elif first:
                        found.append((*record, str(first), str(last)))
                        first = None
    return sorted(found)


class Lifetimes(Case):
    def test_they_are_those_of_the_days(self):
        for seed in range(4):
            with self.subTest(seed=seed):
                self.setUp()
                states = self.fill(seed)
                out = self.ask("lifetimes")
                self.assertEqual(out.splitlines()[0], HEADER)
                rows = [tuple(r) for r in csv.reader(io.StringIO(out))][1:]
                self.assertEqual(sorted(rows), runs_of(states))
                self.assertEqual(out, self.ask("lifetimes"))
                as_json = json.loads(self.ask("lifetimes", "--format", "json"))
                self.assertEqual([tuple(str(r[k] or "") for k in HEADER.split(","))
                                  for r in as_json["rows"]], rows)

    def test_they_are_selected(self):
        self.fill()
        rows = list(csv.DictReader(io.StringIO(self.ask("lifetimes"))))
        some = list(csv.DictReader(io.StringIO(self.ask(
            "lifetimes", "--family", "ipv6", "--registry", "lacnic", "--only", "BR,none",
            "--status", "delegated"))))
        self.assertTrue(some)
        self.assertEqual(some, [r for r in rows if r["family"] == "ipv6"
                                and r["registry"] == "lacnic" and r["economy"] in ("BR", "")
                                and r["status"] in ("allocated", "assigned")])

    def test_a_file_gets_its_basis(self):
        self.fill()
        out = self.path / "l.csv"
        self.ask("lifetimes", "--known-on", "2022-01-03", "--output", out)
        self.assertTrue(out.read_text().startswith(HEADER))
        basis = json.loads((self.path / "l.csv.basis.json").read_text())
        self.assertEqual(basis["parameters"]["known-on"], "2022-01-03")
        self.refuse("lifetimes", "--format", "markdown", status=2, sentence="csv or json")


class Lookup(Case):
    def test_ways_to_ask(self):
        self.fill()
        for what in ("2001:db8::1", "2001:db8::/32", "3fff:1::-3fff:5::", "198.51.100.0/24"):
            self.assertIn("stands", self.ask("lookup", what))
        self.assertIn("covers", self.ask("lookup", "2001:db8::1", "--format", "csv"))
        self.assertIn("No registry", self.ask("lookup", "203.0.113.1", status=1))
        self.refuse("lookup", "2001:db8::/200", status=2, sentence="wanted is one as")
        self.refuse("lookup", status=2, sentence="")

    def test_no_archive(self):
        self.refuse("lookup", "AS64496", status=2, sentence="sextant import")


class Evidence(Case):
    def test_lines_sum(self):
        self.fill()
        page = json.loads(self.ask("evidence", "1", "--format", "json"))
        tables = {t["table"]: t["rows"] for t in page["tables"]}
        *parts, total = tables["lines"]
        self.assertEqual(sum(p["count"] for p in parts), total["count"])
        sha = next(f["value"] for f in tables["input"] if f["fact"] == "sha256")
        self.assertIn(sha, self.ask("evidence", sha[:12]))
        self.assertLessEqual(len(self.ask("evidence", "--format", "csv").splitlines()), 21)

    def test_snapshots(self):
        states = self.fill()
        listed = list(csv.DictReader(io.StringIO(self.ask("snapshots", "--list", "--format", "csv"))))
        for row in listed:
            state = states[row["registry"], date.fromisoformat(row["date"])]
            self.assertEqual(int(row["records"]), sum(r[2] == row["family"] for r in state))
        self.assertEqual({(r["registry"], r["date"]) for r in listed},
                         {(r, str(d)) for r, d in states})


class Verify(Case):
    def test_identical_then_not(self):
        self.fill()
        out = self.path / "t.csv"
        self.ask("changes", "--from", "2022-01-01", "--format", "csv", "--output", out)
        self.ask("economy", "KE", "--lang", "fr", "--format", "json", "--output", self.path / "e.json")
        said = self.ask("verify", out, self.path / "e.json")
        self.assertIn("identical", said)
        self.assertNotIn("differs", said)
        lines = out.read_text().splitlines()
        self.assertIn("3fff", lines[1])
        lines[1] = lines[1].replace("2001-02-03", "2001-02-04").replace(",KE,", ",BR,")
        lines.pop()
        out.write_text("\n".join(lines) + "\n")
        self.assertIn("differs", self.ask("verify", out, status=1))
        out.write_text("\n".join(lines))
        self.refuse("verify", out, status=3, sentence="the last line is cut")
        (self.path / "t.csv.basis.json").unlink()
        self.refuse("verify", out, status=3, sentence="its basis")


class Terminal(unittest.TestCase):
    def test_a_reader_that_goes_away(self):
        with subprocess.Popen([SEXTANT, "help", "--man"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as p:
            p.stdout.close()
            self.assertEqual(p.stderr.read(), b"")
            self.assertEqual(p.wait(), -signal.SIGPIPE)

    def test_help_of_half_a_command(self):
        for words in (["fetch", "--help"], ["fetch", "-h"], ["help", "fetch"]):
            p = subprocess.run([SEXTANT, *words], capture_output=True, text=True)
            self.assertEqual(p.returncode, 0, p.stderr)
            self.assertIn("fetch rir", p.stdout)
        self.assertEqual(subprocess.run([SEXTANT, "fetch"], capture_output=True).returncode, 2)


if __name__ == "__main__":
    unittest.main()
