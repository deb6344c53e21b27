#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Campaigns as their users meet them: journals into the archive, tables that verify, signed exports.

Usage: services_test.py PATH-OF-SEXTANT [UNITTEST-ARGUMENTS]
"""

import contextlib
import csv
import hashlib
import http.client
import io
import json
import os
import random
import socket
import stat
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path
from xml.etree import ElementTree

from example import journal

SEXTANT = os.path.abspath(sys.argv.pop(1))
DAY = 86400000
ATOM, XHTML = "{http://www.w3.org/2005/Atom}", "{http://www.w3.org/1999/xhtml}"
XML = "{http://www.w3.org/XML/1998/namespace}"


# ---- Ed25519ph after RFC 8032, section 5.1, as its equations stand there

P = 2**255 - 19
Q = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P


def add(a, b):
    (x1, y1), (x2, y2) = a, b
    t = D * x1 * x2 * y1 * y2 % P
    return ((x1 * y2 + x2 * y1) * pow(1 + t, -1, P) % P, (y1 * y2 + x1 * x2) * pow(1 - t, -1, P) % P)


def times(n, point):
    total = (0, 1)
    while n:
        if n & 1:
            total = add(total, point)
        point = add(point, point)
        n >>= 1
    return total


def decode(octets):
    y = int.from_bytes(octets, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    assert (x * x - square) % P == 0
    return (P - x if x & 1 != sign else x, y)


BASE = decode((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def verifies(key, signature, message):
    digest = hashlib.sha512(message).digest()
    first, second = signature[:32], int.from_bytes(signature[32:], "little")
    head = b"SigEd25519 no Ed25519 collisions" + bytes([1, 0])
    k = int.from_bytes(hashlib.sha512(head + first + key + digest).digest(), "little") % Q
    return second < Q and times(8 * second, BASE) == add(times(8, decode(first)),
                                                         times(8 * k, decode(key)))


class Services(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name)

    def tearDown(self):
        self.folder.cleanup()

    def run_sextant(self, *words, store="a", status=0):
        done = subprocess.run([SEXTANT, *map(str, words)], capture_output=True, text=True, timeout=120,
                              cwd=self.path, check=False,
                              env={**os.environ, "SEXTANT_STORE": str(self.path / store), "LANG": "C"})
        self.assertEqual(done.returncode, status, done.stderr + done.stdout)
        return done

    def table(self, *words, store="a"):
        text = self.run_sextant("services", *words, "--format", "csv", store=store).stdout
        return list(csv.DictReader(io.StringIO(text)))

    def fill(self):
        for name, vantage, day, seed in (("q1", "here", 19723, 1), ("q1", "there", 19724, 2),
                                         ("q2", "here", 19813, 3)):
            file = self.path / f"{name}-{vantage}"
            file.write_text(journal(name, vantage, day * DAY, seed))
            self.run_sextant("import", file)

    def test_tables_verify(self):
        self.fill()
        files = []
        for table in ("services", "sectors", "tests", "league", "changes", "campaigns"):
            self.run_sextant("services", "--by", "economy", "--table", table, "--format", "csv",
                             "--output", f"{table}.csv")
            files.append(f"{table}.csv")
        self.run_sextant("services", "--domain", "d3.example", "--format", "json", "--output", "d.json")
        self.run_sextant("verify", *files, "d.json")
        text = (self.path / "league.csv").read_text()
        (self.path / "league.csv").write_text(text.replace("d3.example", "d99.example"))
        said = self.run_sextant("verify", "league.csv", status=1).stdout
        self.assertIn("d99.example", said)
        # A campaign that is imported later changes what is newest, and is named as the cause.
        (self.path / "q3").write_text(journal("q3", "here", 19900 * DAY, 4))
        self.run_sextant("import", "q3")
        said = self.run_sextant("verify", "services.csv", status=1).stdout
        self.assertIn("q3 from here", said)

    def test_evidence_sums(self):
        (self.path / "j").write_text(journal("q1", "here", DAY, 1) + "{}\n" + '{"result":{"form')
        self.run_sextant("import", "j")
        text = self.run_sextant("evidence", "--format", "csv").stdout
        row = next(csv.DictReader(io.StringIO(text)))
        self.assertEqual(int(row["lines"]), 44)
        self.assertEqual(int(row["used"]) + int(row["ignored"]) + int(row["rejected"]), 44)
        self.assertEqual(int(row["used"]), 40)

    def test_resumed_journals(self):
        whole = journal("q1", "here", DAY, 1)
        lines = whole.splitlines(keepends=True)
        for count in (11, 31, 21, len(lines)):
            (self.path / "part").write_text("".join(lines[:count]))
            self.run_sextant("import", "part")
        campaign, = self.table("--table", "campaigns")
        self.assertEqual((campaign["domains"], campaign["ended"]), ("40", "1970-01-02"))

    # ---- observe

    def keys(self, name):
        self.run_sextant("observe", "key", name)
        self.assertEqual(stat.S_IMODE((self.path / name).stat().st_mode), 0o600)
        return (self.path / f"{name}.pub").read_text().split()[-1]

    def export(self, file="o"):
        self.run_sextant("observe", "export", "--campaign", "q1", "--vantage", "there", "--key", "k", file)
        return self.path / file

    def test_signature(self):
        self.fill()
        public = self.keys("k")
        octets = self.export().read_bytes()
        self.assertEqual(octets, self.export("again").read_bytes())
        cut = octets[:-1].rindex(b"\n") + 1
        signed = json.loads(octets[cut:])
        self.assertEqual(signed["key"], public)
        message = b"sextant-observations-1\n" + octets[:cut]
        signature = bytes.fromhex(signed["signature"])
        self.assertTrue(verifies(bytes.fromhex(public), signature, message))
        self.assertFalse(verifies(bytes.fromhex(public), signature, message + b"x"))
        # What goes out is what came in, to the last result.
        self.assertEqual([json.loads(x) for x in octets[:cut].splitlines()],
                         [json.loads(x) for x in (self.path / "q1-there").read_text().splitlines()])

    def test_other_archive(self):
        self.fill()
        self.keys("k")
        self.export()
        self.run_sextant("observe", "import", "--from", "k.pub", "o", store="b")
        self.assertIn("known already",
                      self.run_sextant("observe", "import", "--from", "k.pub", "o", store="b").stdout)
        self.assertEqual(len(self.table("--table", "league", store="b")), 40)
        # Beside another place, a domain counts once.
        self.run_sextant("import", "q1-here", store="b")
        row, = self.table("--table", "services", store="b")
        self.assertEqual(row["domains"], "40")
        self.assertEqual({r["places"] for r in self.table("--table", "league", store="b")}, {"2"})
        # What is not signed does not take the place of what is.
        more = journal("q1", "there", 19724 * DAY, 2, 41)
        (self.path / "more").write_text(more)
        self.run_sextant("import", "more", store="b")
        there = [c for c in self.table("--table", "campaigns", store="b") if c["vantage"] == "there"]
        self.assertEqual(there[0]["domains"], "40")

    def refuse(self, octets, says, keys="k.pub"):
        (self.path / "x").write_bytes(octets)
        done = self.run_sextant("observe", "import", "--from", keys, "x", store="b", status=3)
        self.assertIn(says, done.stderr)
        self.run_sextant("services", store="b", status=2)

    def test_refused(self):
        self.fill()
        self.keys("k")
        self.keys("other")
        octets = self.export().read_bytes()
        chance = random.Random(5)
        for _ in range(30):
            at = chance.randrange(len(octets))
            changed = bytearray(octets)
            changed[at] ^= 1 << chance.randrange(7)
            self.refuse(bytes(changed), "sign")
        lines = octets.splitlines(keepends=True)
        self.refuse(b"".join(lines[:3] + lines[4:]), "does not fit")
        self.refuse(b"".join(lines[:-1]), "not signed")
        self.refuse(octets + b"\n", "not signed")
        self.refuse((self.path / "q1-here").read_bytes(), "not signed")
        self.refuse(b"", "not signed")
        self.refuse(octets, "none of --from", "other.pub")

    def test_keys_are_kept(self):
        self.keys("k")
        before = (self.path / "k").read_bytes()
        self.run_sextant("observe", "key", "k", status=2)
        (self.path / "k").unlink()
        self.run_sextant("observe", "key", "k", status=2)  # k.pub is still there
        self.assertFalse((self.path / "k").exists())
        (self.path / "k").write_bytes(before)
        self.run_sextant("observe", "export", "--campaign", "q1", "--key", "k.pub", "o", status=3)

    def test_without_evidence(self):
        (self.path / "j").write_text(journal("q1", "there", DAY, 1))
        self.run_sextant("import", "--no-evidence", "j")
        self.assertEqual(len(self.table("--table", "league")), 40)
        self.keys("k")
        done = self.run_sextant("observe", "export", "--campaign", "q1", "--key", "k", "o", status=2)
        self.assertIn("no evidence", done.stderr)
        self.assertFalse((self.path / "o").exists())

    # ---- feeds of the site

    @contextlib.contextmanager
    def site(self):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        process = subprocess.Popen([SEXTANT, "serve", "--store", self.path / "a", "--user", "root", "--listen", f"127.0.0.1:{port}"],
                                   stderr=subprocess.DEVNULL)
        try:
            yield lambda path: self.page(port, path)
        finally:
            process.terminate()
            process.wait(10)

    @staticmethod
    def page(port, path):
        for _ in range(100):
            try:
                with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as c:
                    c.request("GET", path)
                    r = c.getresponse()
                    return r.status, r.headers["Content-Type"], r.read()
            except ConnectionRefusedError:
                time.sleep(0.05)
        raise RuntimeError("no site")

    def feed(self, get, path, language="en"):
        """RFC 4287, 4.1.1 and 4.1.2: what each feed and entry must have; the titles and lines of the entries by name."""
        status, kind, body = get(path)
        self.assertEqual((status, kind), (200, "application/atom+xml; charset=utf-8"))
        feed, found = ElementTree.fromstring(body), {}
        self.assertEqual((feed.tag, feed.get(f"{XML}lang")), (f"{ATOM}feed", language))
        links = {x.get("rel"): x.get("href") for x in feed.findall(f"{ATOM}link")}
        self.assertTrue(links["self"].endswith(path), links)
        self.assertEqual(get(links["alternate"][links["alternate"].index("/", 8):])[0], 200)
        for element in (feed, *feed.findall(f"{ATOM}entry")):
            for part in ("id", "title", "updated"):
                self.assertEqual(len(element.findall(ATOM + part)), 1, part)
            self.assertRegex(element.findtext(f"{ATOM}updated"), r"^\d{4}-\d\d-\d\dT00:00:00Z$")
            self.assertRegex(element.findtext(f"{ATOM}id"), r"^tag:127\.0\.0\.1,2026:%s/services/" % language)
        self.assertEqual(feed.findtext(f"{ATOM}author/{ATOM}name"), "Sextant")
        for e in feed.findall(f"{ATOM}entry"):
            div = e.find(f"{ATOM}content/{XHTML}div")
            self.assertEqual(div.get("dir"), "rtl" if language == "ar" else "ltr")
            target = e.find(f"{ATOM}link").get("href")
            self.assertEqual(get(target[target.index("/", 8):])[0], 200, target)
            found[e.findtext(f"{ATOM}id").split("/changes/")[1]] = [
                e.findtext(f"{ATOM}title"), e.findtext(f"{ATOM}updated"), ["".join(li.itertext()) for li in div.iter(f"{XHTML}li")]]
        return feed.findtext(f"{ATOM}title"), feed.findtext(f"{ATOM}updated"), found

    def changes(self, campaign, *words):
        return self.table("--table", "changes", "--campaign", campaign, *words)

    def test_feeds(self):
        self.fill()
        odd = "q3 <b>&é/"
        (self.path / "odd").write_text(journal(odd, "here", 19900 * DAY, 5))
        self.run_sextant("import", "odd")
        with self.site() as get:
            title, updated, found = self.feed(get, "/en/services/changes.atom")
            self.assertEqual((title, updated), ("All domains: changes in public services over IPv6", "2024-06-26T00:00:00Z"))
            self.assertEqual(list(found), ["q3%20%3Cb%3E%26%C3%A9/", "q2"])  # the newest first; none before the first
            self.assertEqual([x[:2] for x in found.values()], [[f"Changes in the campaign {odd}", "2024-06-26T00:00:00Z"],
                                                               ["Changes in the campaign q2", "2024-03-31T00:00:00Z"]])
            rows = self.changes("q2")
            self.assertGreater(len(rows), 100)
            lines = found["q2"][2]
            self.assertEqual((len(lines), lines[-1]), (101, f"{len(rows)} changes in all; the first 100 are shown."))
            self.assertEqual([x.split(" ")[0] for x in lines[:100]], [r["domain"] for r in rows[:100]])
            self.assertEqual(len({self.feed(get, f"/{x}/services/changes.atom", x)[0] for x in ("ar", "en", "es", "fr", "ru", "zh")}), 6)
            title, _, found = self.feed(get, "/fr/services/d3.example/changes.atom", "fr")
            self.assertIn("d3.example", title)
            for campaign, entry in found.items():
                self.assertEqual(len(entry[2]), len(self.changes(odd if campaign != "q2" else "q2", "--domain", "d3.example")))
            for page, feed in (("/es/services", "/es/services/changes.atom"), ("/es/services/d3.example", "/es/services/d3.example/changes.atom")):
                self.assertIn(f'rel="alternate" type="application/atom+xml" href="{feed}"', get(page)[2].decode())
            self.assertEqual(get("/en/services/nobody.example/changes.atom")[0], 404)
            self.assertEqual(get("/en/services/a%20b/changes.atom")[0], 400)

    def test_feed_of_nothing(self):
        (self.path / "j").write_text(journal("q1", "here", DAY, 1))
        self.run_sextant("import", "j")
        with self.site() as get:
            self.assertEqual(self.feed(get, "/en/services/changes.atom")[1:], ("1970-01-02T00:00:00Z", {}))

    def test_opt_out(self):
        self.run_sextant("optout", "--add", "Example.org,.example.net")
        said = self.run_sextant("optout", "--format", "csv").stdout
        self.assertIn("example.net,yes,", said)
        self.run_sextant("optout", "--remove", "example.com", status=2)
        (self.path / "list").write_text("example.org\na.example.net\n")
        done = self.run_sextant("check", "--list", "list", "--journal", "j", "--format", "csv")
        self.assertIn("domains that do not want to be asked,2", done.stdout)
        self.assertIn("domains asked,0", done.stdout)
        self.run_sextant("check", "--list", "list", status=2)
        self.run_sextant("check", status=2)


if __name__ == "__main__":
    unittest.main(verbosity=2)
